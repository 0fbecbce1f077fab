import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'

const native = fileURLToPath(new URL('../../native', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'repops-pool-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

// With a sanitizer, and with sessions: npm run test:sanitizers.
test('pools and storage hold under use that no program makes on purpose', () => {
  const program = join(folder, 'pool_test')
  const sources = ['test/pool_test.cc', 'engine/thread_pool.cc', 'engine/storage.cc']
  const flags = ['-std=c++20', '-O1', '-pthread', '-o', program]
  execFileSync(process.env['CXX'] ?? 'g++', [...flags, ...sources], { cwd: native })
  expect(execFileSync(program, ['10'], { encoding: 'utf8' })).toBe(
    '10 rounds of pools and storage\n',
  )
})
