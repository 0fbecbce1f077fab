import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { createProgram } from '../keepers/src/cli.ts'
import { ExitCode, fail } from '../keepers/src/errors.ts'
import { dashboard } from './grafana/dashboard.ts'
import { rows } from './grafana/panels.ts'
import {
  type Exported,
  exportedByIndexer,
  exportedByRoles,
  TARGET_LABELS,
} from './testing/exported.ts'
import { headingsOf } from './testing/headings.ts'
import { parsePromql } from './testing/promql.ts'

const root = join(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly for?: string
  readonly labels: Record<string, string>
  readonly annotations: Record<string, string>
}
interface Scrape {
  readonly job_name: string
  readonly static_configs: { readonly targets: string[]; readonly labels: { role: string } }[]
}

const { groups } = parse(read('operate/prometheus/alerts.yml')) as {
  groups: { name: string; rules: Rule[] }[]
}
const alerts = groups.flatMap(({ rules }) => rules)
const { scrape_configs: jobs, rule_files: ruleFiles } = parse(
  read('operate/prometheus/prometheus.yml'),
) as { scrape_configs: Scrape[]; rule_files: string[] }
const panels = rows.flatMap(({ title: row, selector, panels }) =>
  panels.map((panel) => ({ ...panel, row, selector })),
)
/** An expression as Prometheus gets it. */
const filledIn = (expr: string, selector: string) =>
  expr.replaceAll('{}', `{${selector}}`).replaceAll('$__rate_interval', '1m')

let exported: Exported
beforeAll(async () => {
  // Both have those of prom-client itself, with the same labels.
  exported = new Map([...(await exportedByIndexer()), ...exportedByRoles()])
})

const ROLES = jobs.flatMap((job) => job.static_configs.map(({ labels }) => labels.role))
const CODES = Object.values(fail).map((kind) => kind({ what: '', where: '', advice: '' }).code)
const lockstep = createProgram(() => undefined, new AbortController().signal)
/** Values that a label can have, where a misspelled one would match nothing without a word. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  role: ROLES,
  job: jobs.map(({ job_name: name }) => name),
  code: CODES,
  outcome: ['done', 'refused', 'superseded', 'won', 'lost', 'closed', 'upheld', 'void'],
}

/** Throws where an expression names what nobody exports; returns the labels that come out of it. */
function check(expr: string): ReadonlySet<string> {
  const { selectors, groupings, isAggregate } = parsePromql(expr)
  expect(selectors).not.toEqual([])
  const all = new Set<string>()
  for (const { metric, matchers } of selectors) {
    const labels = exported.get(metric)
    if (labels === undefined) throw new Error(`nobody exports ${metric}: ${expr}`)
    for (const label of labels) all.add(label)
    for (const { label, value } of matchers) {
      if (!labels.has(label)) throw new Error(`${metric} has no label ${label}: ${expr}`)
      const known = VALUES[label] as readonly string[] | undefined
      const fits = known?.some((one) => new RegExp(`^(?:${value})$`).test(one)) ?? true
      if (!fits) throw new Error(`no ${label} is ${value}: ${expr}`)
    }
  }
  for (const label of groupings) {
    if (!all.has(label)) throw new Error(`nothing in it has the label ${label}: ${expr}`)
  }
  return isAggregate ? new Set(groupings) : all
}

describe('the dashboard', () => {
  test('is what its source says (npx vitest run operate -u writes it)', async () => {
    const json = `${JSON.stringify(dashboard(), null, 2)}\n`
    await expect(json).toMatchFileSnapshot('grafana/lockstep.json')
  })

  test.each(panels)('$row: $title', ({ description, queries, selector }) => {
    expect(description).toMatch(/^[A-Z$].{30,}\.$/)
    for (const { expr, legend } of queries) {
      const labels = check(filledIn(expr, selector))
      for (const [, label] of legend.matchAll(/{{(\w+)}}/g)) expect([...labels]).toContain(label)
    }
  })

  test('shows every metric of ours', () => {
    const shown = new Set(
      panels.flatMap(({ queries, selector }) =>
        queries.flatMap(({ expr }) =>
          parsePromql(filledIn(expr, selector)).selectors.map(({ metric }) => metric),
        ),
      ),
    )
    const ours = [...exported.keys()].filter((name) => name.startsWith('lockstep_'))
    expect(ours.filter((name) => !shown.has(name))).toEqual([])
    expect(ours.length).toBeGreaterThan(30)
  })

  test('places no panel on another', () => {
    const { panels } = dashboard() as { panels: Placed[] }
    for (const placed of [panels, ...panels.map(({ panels: inside = [] }) => inside)]) {
      const cells = placed.flatMap(({ gridPos: { x, y, w, h } }) =>
        Array.from({ length: w * h }, (_, i) => `${x + (i % w)} ${y + Math.floor(i / w)}`),
      )
      expect(new Set(cells).size).toBe(cells.length)
    }
  })
})

interface Placed {
  readonly gridPos: {
    readonly x: number
    readonly y: number
    readonly w: number
    readonly h: number
  }
  readonly panels?: readonly Placed[]
}

describe('an alert', () => {
  test.each(alerts)('$alert', ({ expr, labels, annotations, for: pending }) => {
    const out = check(expr)
    expect(labels['severity']).toMatch(/^(critical|warning|info)$/)
    expect(pending ?? '0m').toMatch(/^\d+[smh]$/)
    const { summary, runbook_url: runbook, description = '' } = annotations
    expect(summary).toMatch(/^\S.{10,}[^.]$/)
    for (const [, label] of `${summary} ${description}`.matchAll(/\$labels\.(\w+)/g))
      expect([...out]).toContain(label)
    const [file, heading] = runbook.split('#')
    expect(headingsOf(read(file))).toContain(heading)
  })

  test('has a name of its own', () => {
    const names = alerts.map(({ alert }) => alert)
    expect(new Set(names).size).toBe(names.length)
    expect(names.every((name) => /^Lockstep[A-Z]\w+$/.test(name))).toBe(true)
  })
})

test('what is scraped is there: commands of lockstep and the indexer, each once', () => {
  const commands = lockstep.commands.map((command) => command.name())
  expect(ROLES.filter((role) => role !== 'indexer' && !commands.includes(role))).toEqual([])
  const targets = jobs.flatMap((job) => job.static_configs.flatMap(({ targets }) => targets))
  expect(new Set(targets).size).toBe(targets.length)
  expect(TARGET_LABELS).toContain('role')
  for (const file of ruleFiles)
    expect(existsSync(join(root, 'operate/prometheus', file))).toBe(true)
})

/** Throws where the command line would refuse these words, or takes no such flag; `<what>` stands for a word. */
function checkCommand(line: string): void {
  let command = lockstep
  let words: string[] = line.replaceAll(/<[^>]*>/g, '…').match(/'[^']*'|\S+/g) ?? []
  for (;;) {
    const inner = command.commands.find((one) => one.name() === words[0])
    if (inner === undefined) break
    command = inner
    words = words.slice(1)
  }
  if (['--help', '--version'].includes(words[0])) return
  if (command === lockstep) throw new Error(`no command of lockstep: ${line}`)
  const { operands, unknown } = command.parseOptions(words)
  expect({ line, unknown }).toEqual({ line, unknown: [] })
  if (command.registeredArguments.some(({ variadic }) => variadic)) return
  expect(operands.length).toBeLessThanOrEqual(command.registeredArguments.length)
}

describe('a page', () => {
  const runbooks = readdirSync(join(root, 'docs/operate'))
  const guides = readdirSync(join(root, 'docs/guides'))
  const pages = [
    ...['README.md', 'CONTRIBUTING.md', 'indexer/README.md'],
    ...runbooks.map((page) => `docs/operate/${page}`),
    ...guides.map((page) => `docs/guides/${page}`),
  ]

  test.each(pages)('%s: every command is one, every link leads somewhere', (page) => {
    const text = read(page)
    const folder = join(root, dirname(page))
    // What `writes` follows is the name of a test.
    const scripts = /npm run ([a-z][\w:-]*)\b(?! writes)(?: -w ([\w-]+))?/g
    for (const [, script, of = '.'] of text.matchAll(scripts)) {
      const known = JSON.parse(read(`${of}/package.json`)) as { scripts: object }
      expect(Object.keys(known.scripts), of).toContain(script)
    }
    const shell = [...text.matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm)].map(([, code]) => code)
    const inText = [...text.matchAll(/`(lockstep [^`…]+)`/g)].map(([, code]) => code)
    for (const line of [
      ...shell
        .join('')
        .replaceAll(/\\\n\s*| #.*/g, '')
        .split('\n'),
      ...inText,
    ]) {
      for (const [, command] of line.matchAll(
        /(?:^|[;&|] *|sudo (?:-u lockstep )?|npx )lockstep (?!<)((?:<[^>]*>|[^#|&;)<>])+)/g,
      ))
        checkCommand(command.trim())
    }
    for (const [, target] of text.matchAll(/\]\(([^)]+)\)/g)) {
      if (target.startsWith('https://')) continue
      const [file, heading] = target.split('#')
      const path = file === '' ? join(root, page) : join(folder, file)
      expect(existsSync(path), target).toBe(true)
      if (heading) expect(headingsOf(readFileSync(path, 'utf8')), target).toContain(heading)
    }
  })

  test('is there for every role to operate', () => {
    const names: Readonly<Record<string, string>> = { attest: 'attester' }
    for (const role of ROLES) expect(runbooks).toContain(`${names[role] ?? role}.md`)
  })
})

test('the unit starts every role with flags that it has', () => {
  const unit = read('operate/systemd/lockstep@.service')
  const start = /^ExecStart=\/usr\/bin\/node keepers\/bin\/lockstep\.mjs (.+)$/m.exec(unit)![1]
  for (const role of ROLES.filter((one) => one !== 'indexer'))
    checkCommand(start.replaceAll('%i', role))
  const prevented = /^RestartPreventExitStatus=(.+)$/m.exec(unit)![1].split(' ').map(Number)
  const { usage, artifact, funds, busy } = ExitCode
  expect(prevented).toEqual([usage, artifact, funds, busy])
})

test.each(['lockstep@.service', 'lockstep-indexer.service'])(
  '%s may not write to the code',
  (unit) => {
    const lines = read(`operate/systemd/${unit}`).split('\n')
    expect(lines).toContain('ProtectSystem=strict')
    expect(lines.filter((line) => line.startsWith('ReadWritePaths'))).toEqual([])
  },
)

describe('containers', () => {
  interface Service {
    readonly command?: string[]
    readonly environment?: Record<string, string>
    readonly image: string
    readonly read_only?: boolean
    readonly volumes?: string[]
  }
  const { services } = parse(read('operate/compose.yaml'), { merge: true }) as {
    services: Record<string, Service>
  }

  test('ours may not write to the code, and find the contracts by their chain', () => {
    const ours = Object.values(services).filter(({ image }) => image === 'lockstep')
    expect(ours.length).toBe(2)
    for (const service of ours) {
      expect(service.read_only).toBe(true)
      expect(service.environment!['LOCKSTEP_DEPLOYMENT']).toBe('${LOCKSTEP_DEPLOYMENT:-}')
    }
    expect(read('operate/Dockerfile')).not.toMatch(/chown (?!=)|--chown/)
  })

  test('what the image copies is there, and not left out of the build', () => {
    const copied = [...read('operate/Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)]
    const kept = read('operate/Dockerfile.dockerignore').matchAll(/^!(.+)$/gm)
    const folders = [...kept].map(([, path]) => path)
    for (const path of copied.flatMap(([, paths]) => paths.split(' '))) {
      expect(existsSync(join(root, path)), path).toBe(true)
      expect(folders).toContain(path.split('/')[0])
    }
    expect(copied.length).toBeGreaterThan(5)
  })

  test('what the compose file starts and mounts is there', () => {
    for (const { image, command = [], volumes = [] } of Object.values(services)) {
      if (image === 'lockstep' && command.length > 0) checkCommand(command.join(' '))
      for (const [path] of volumes.map((volume) => volume.split(':')))
        if (path.startsWith('.')) expect(existsSync(join(root, 'operate', path)), path).toBe(true)
      expect(image).toMatch(/^lockstep$|:\S*\d/)
    }
  })

  test('Grafana finds its data and the dashboard', () => {
    const folder = 'operate/grafana/provisioning'
    const { datasources } = parse(read(`${folder}/datasources/prometheus.yml`)) as {
      datasources: { type: string }[]
    }
    const { providers } = parse(read(`${folder}/dashboards/lockstep.yml`)) as {
      providers: { options: { path: string } }[]
    }
    expect(datasources.map(({ type }) => type)).toEqual(['prometheus'])
    const mounted = services['grafana'].volumes!.map((volume) => volume.split(':')[1])
    expect(mounted).toContain(`${providers[0].options.path}/lockstep.json`)
  })
})
