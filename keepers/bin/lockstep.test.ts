import { spawnSync } from 'node:child_process'
import { statSync, utimesSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))
const LOCKSTEP = path('lockstep.mjs')
const INPUTS = path('../../cache/lockstep/keepers.src.cli.inputs.json')

function lockstep(args: readonly string[], flags: readonly string[] = []) {
  const options = { encoding: 'utf8', timeout: 60_000 } as const
  return spawnSync(process.execPath, [...flags, LOCKSTEP, ...args], options)
}

test('help is out before anyone waits for it', () => {
  lockstep(['--version']) // makes the bundle if there is none
  const report =
    'process.on("exit", () => process.stderr.write(JSON.stringify(process.cpuUsage())))'
  const { stdout, stderr } = lockstep(['--help'], ['--import', `data:text/javascript,${report}`])
  expect(stdout).toContain('Usage: lockstep')
  // Time of the processor, not of the clock: tests share the machine.
  const { user, system } = JSON.parse(stderr) as { user: number; system: number }
  expect((user + system) / 1e6).toBeLessThan(0.7)
})

test('a source that changes is seen at the next start', () => {
  lockstep(['--version'])
  const before = statSync(INPUTS).mtimeMs
  expect(lockstep(['--version']).stdout).toBe('0.1.0\n')
  expect(statSync(INPUTS).mtimeMs).toBe(before)

  const source = path('../src/errors.ts')
  const { atime, mtime } = statSync(source)
  utimesSync(source, atime, new Date(mtime.getTime() + 1000))
  try {
    expect(lockstep(['--version']).stdout).toBe('0.1.0\n')
    expect(statSync(INPUTS).mtimeMs).toBeGreaterThan(before)
  } finally {
    utimesSync(source, atime, mtime)
  }
})

test('a reader that goes away is no error', () => {
  const { stderr } = spawnSync('sh', ['-c', `"${process.execPath}" "${LOCKSTEP}" --help | true`], {
    encoding: 'utf8',
  })
  expect(stderr).toBe('')
})

test('what is wrong has its status and one line', () => {
  const { status, stdout, stderr } = lockstep(['frobnicate'])
  expect([status, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(/^error: [^\n]+ \[bad-usage\]\n$/)
})

test('the native engine is found from the bundle', () => {
  const { status, stdout } = lockstep(['conformance', 'native-scalar', '--json'])
  expect(status).toBe(0)
  const { backends } = JSON.parse(stdout) as { backends: { unavailable?: string }[] }
  expect(backends[0].unavailable).toBeUndefined()
})

test('conformance proves every operator of every backend that is here', () => {
  const { status, stdout } = lockstep(['conformance', '--json'])
  expect(status).toBe(0)
  const { backends } = JSON.parse(stdout) as {
    backends: {
      backend: string
      unavailable?: string
      operators?: { failure?: string }[]
      programs?: unknown[]
    }[]
  }
  const proved = backends.filter(({ operators }) => operators !== undefined)
  expect(proved.map(({ backend }) => backend)).toEqual(
    expect.arrayContaining(['native-scalar', 'reference']),
  )
  for (const { operators = [], programs } of proved) {
    expect(operators.length).toBeGreaterThan(50)
    expect(programs).toHaveLength(3)
  }
  for (const { unavailable } of backends.filter((row) => !proved.includes(row)))
    expect(unavailable).toMatch(/\w/)

  // One that this processor cannot run: asked for by name, the answer is no.
  const other = process.arch === 'x64' ? 'native-neon' : 'native-avx2'
  const alone = lockstep(['conformance', other])
  expect([alone.status, alone.stdout]).toEqual([6, expect.stringContaining('not here: ')])
  expect(lockstep(['conformance', 'abacus']).stderr).toContain('there is no backend "abacus"')
})
