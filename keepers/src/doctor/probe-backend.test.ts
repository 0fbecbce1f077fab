import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { processTree, stillThere } from '../testing/process-tree.ts'
import { LockstepProcess } from '../testing/processes.ts'
import { probeBackend } from './probe-backend.ts'

let folder: string
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'lockstep-probe-'))))
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

let programs = 0
/** What stands in for a process with a driver. */
function standIn(code: string): string {
  const path = join(folder, `${programs++}.mjs`)
  writeFileSync(path, code)
  return path
}

test('a backend that opens, and one that is not there', async () => {
  expect(await probeBackend('wasm', 60)).toEqual({ opens: true })
  const absent = process.arch === 'x64' ? 'native-neon' : 'native-avx2'
  expect(await probeBackend(absent, 60)).toEqual({
    opens: false,
    problem: expect.stringMatching(/./) as string,
  })
})

test('one that hangs and heeds no signal is given up in time, and gone', async () => {
  const program = standIn(`process.on('SIGTERM', () => {}); for (;;);`)
  const started = performance.now()
  const probed = probeBackend('cuda', 0.7, program)
  const children = processTree(process.pid).filter(({ command }) => command.includes(program))
  expect(children).toHaveLength(1)
  expect(await probed).toEqual({ opens: false, hangs: true })
  expect(performance.now() - started).toBeLessThan(3_000)
  expect(await stillThere(children, 5)).toEqual([])
})

test.each([
  ['a crash', 'process.abort()', /ended with SIGABRT/],
  ['an end', `console.error('no such device'); process.exit(3)`, /status 3: no such device$/],
  ['silence', '', /ended with status 0$/],
])('%s is told', async (_, code, problem) => {
  expect(await probeBackend('cuda', 30, standIn(code))).toEqual({
    opens: false,
    problem: expect.stringMatching(problem) as string,
  })
})

test('doctor says which driver hangs, and all the rest', async () => {
  const source = join(folder, 'hang.cpp')
  writeFileSync(
    source,
    '#include <unistd.h>\n__attribute__((constructor)) static void hang() { for (;;) pause(); }\n',
  )
  const library = join(folder, 'libcuda.so.1')
  const compiler = process.env['CXX'] ?? 'g++'
  execFileSync(compiler, ['-shared', '-fPIC', '-o', library, source])
  const args = ['--json', '--timeout-seconds', '2', '--rpc', 'http://127.0.0.1:1', '--home', folder]
  const doctor = new LockstepProcess(['doctor', '--backend', 'cuda', ...args], {
    LD_LIBRARY_PATH: folder,
  })
  expect(await doctor.ended).toBe(6)
  const { checks } = JSON.parse(doctor.stdout) as { checks: { name: string }[] }
  expect(checks.find(({ name }) => name === 'GPU, cuda')).toEqual({
    name: 'GPU, cuda',
    verdict: 'failed',
    found: 'its driver does not answer within 1.8 s',
    advice: expect.stringContaining('--backend') as string,
  })
  expect(checks.find(({ name }) => name === 'node')).toMatchObject({ verdict: 'ok' })
})
