import {
  BACKEND_NAMES,
  type BackendEntry,
  BACKENDS,
  committedPrograms,
  committedVectors,
  type Conformance,
  isDeviceLost,
  openBackendByName,
  type ProgramConformance,
  proveBackend,
  provenBackend,
  provePrograms,
  reference,
} from '@lockstep/repops'
import type { Command } from 'commander'
import { ExitCode, fail, oneLine } from '../errors.ts'
import { createCommandLog } from '../log.ts'
import { createProgress, type Progress } from '../progress.ts'
import { addCommand, type Done } from './command.ts'

/** What one backend showed on this machine. */
type Row =
  | { readonly backend: string; readonly about: string; readonly unavailable: string }
  | {
      readonly backend: string
      readonly about: string
      readonly operators: readonly Conformance[]
      readonly programs: readonly ProgramConformance[]
      readonly seconds: number
    }

/** `lockstep conformance`: proves every operator of every backend on this machine. */
export function addConformance(parent: Command, done: Done, signal: AbortSignal): void {
  addCommand(
    parent,
    {
      name: 'conformance [backend]',
      examples: ['lockstep conformance', 'lockstep conformance wasm --json'],
      argument: { values: BACKEND_NAMES },
      description: 'prove every operator of every backend, or of one, on the committed vectors',
      settings: ['threads', 'logLevel'],
      defaults: { logLevel: 'warn' },
      run: async ({ threads, logLevel }, _, name) => {
        const entries = await chosen(name, threads)
        const log = createCommandLog(logLevel)
        const progress = createProgress('backends', entries.length, { log })
        const rows = await proveAll(entries, threads, progress).finally(() => {
          progress.stop()
        })
        const wrong = rows.some(
          (row) =>
            'operators' in row &&
            [...row.operators, ...row.programs].some(({ failure }) => failure !== undefined),
        )
        const missing = name !== undefined && rows.some((row) => 'unavailable' in row)
        return {
          json: { backends: rows },
          lines: [...rows.map(summary), '', ...table(rows), ...failures(rows)],
          ...(wrong || missing ? { exit: ExitCode.negative } : {}),
        }
      },
    },
    done,
    signal,
  )
}

/** What each backend shows, one after the other. */
async function proveAll(
  entries: readonly BackendEntry[],
  threads: number | undefined,
  progress: Progress,
): Promise<Row[]> {
  const vectors = committedVectors()
  const rows: Row[] = []
  for (const entry of entries) {
    progress.update(rows.length, entry.name)
    const base = { backend: entry.name, about: entry.about }
    const opened = await openBackendByName(entry.name, { threads }).catch(oneLine)
    if (typeof opened === 'string') {
      rows.push({ ...base, unavailable: opened })
      continue
    }
    const started = process.hrtime.bigint()
    try {
      const operators = await proveBackend(opened, vectors)
      const programs = await provePrograms(
        provenBackend(opened, operators, reference),
        committedPrograms(),
      )
      const seconds = Number(process.hrtime.bigint() - started) / 1e9
      rows.push({ ...base, operators, programs, seconds })
    } catch (error) {
      if (!isDeviceLost(error)) throw error
      rows.push({ ...base, unavailable: oneLine(error) })
    } finally {
      await opened.close()
    }
  }
  return rows
}

/** All backends, or the one of that name; of `auto` and `native`, the one that they stand for on this machine. */
async function chosen(name: string | undefined, threads: number | undefined) {
  if (name === undefined) return BACKENDS
  const refuse = (what: string) =>
    fail.badSetting({
      what,
      where: 'conformance [backend]',
      advice: `known: ${BACKEND_NAMES.join(', ')}`,
    })
  if (!BACKEND_NAMES.includes(name)) throw refuse(`there is no backend ${JSON.stringify(name)}`)
  const known = BACKENDS.filter((entry) => entry.name === name)
  if (known.length > 0) return known
  const opened = await openBackendByName(name, { threads }).catch((error: unknown) => {
    throw refuse(oneLine(error))
  })
  await opened.close()
  return BACKENDS.filter((entry) => entry.name === opened.name)
}

function summary(row: Row): string {
  const name = row.backend.padEnd(14)
  if ('unavailable' in row) return `${name} not here: ${row.unavailable}`
  const proved = row.operators.filter(({ failure }) => failure === undefined).length
  const cases = row.operators.reduce((sum, operator) => sum + operator.cases, 0)
  const programs = row.programs.filter(({ failure }) => failure === undefined).length
  return `${name} ${proved} of ${row.operators.length} operators proved on ${cases} vectors, ${programs} of ${row.programs.length} programs, ${row.seconds.toFixed(1)} s (${row.about})`
}

/** Operators down, backends across: the vectors that were proved, or what went wrong. */
function table(rows: readonly Row[]): string[] {
  const columns = rows.flatMap((row) => ('operators' in row ? [row] : []))
  const first = columns.at(0)
  if (first === undefined) return []
  const widths = columns.map(({ backend }) => backend.length + 2)
  const cells = (label: string, texts: readonly string[]): string =>
    `${label.padEnd(16)}${texts.map((text, i) => text.padStart(widths[i])).join('')}`
  return [
    cells(
      'operator',
      columns.map(({ backend }) => backend),
    ),
    ...first.operators.map(({ op, type }) =>
      cells(
        `${op} ${type}`,
        columns.map(({ operators }) => {
          const found = operators.find((other) => other.op === op && other.type === type)
          if (found === undefined) return 'no vector'
          return found.failure === undefined ? String(found.cases) : 'REFUSED'
        }),
      ),
    ),
  ]
}

function failures(rows: readonly Row[]): string[] {
  return rows.flatMap((row) =>
    'operators' in row
      ? [
          ...row.operators.map(({ op, type, failure }) => [`${op} ${type}`, failure]),
          ...row.programs.map(({ program, failure }) => [program, failure]),
        ].flatMap(([what, failure]) =>
          failure === undefined ? [] : [`${row.backend}: ${what ?? ''} refused: ${failure}`],
        )
      : [],
  )
}
