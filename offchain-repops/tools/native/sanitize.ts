import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileEngine, missingTools, runProgram, thisMachine } from './program.ts'
import { record } from './record.ts'

// npm run test:sanitizers -w offchain-repops: the engine compiled with a sanitizer, on every instruction set of this
// machine. Threads: pools and sessions side by side. Addresses: the same, then what test:engine runs, for a word that is
// read or written where none belongs to anybody. Takes some minutes.

const SANITIZERS = ['thread', 'address,undefined']
/** Debugging information of that much says which line; more than -O1 hides calls. */
const FLAGS = ['-O1', '-g1']

const missing = missingTools(thisMachine)
if (missing !== undefined) {
  console.error(missing)
  process.exitCode = 1
} else {
  for (const sanitizer of SANITIZERS) {
    const folder = mkdtempSync(join(tmpdir(), 'repops-sanitize-'))
    try {
      console.log(`-fsanitize=${sanitizer}`)
      const flags = [...FLAGS, `-fsanitize=${sanitizer}`, '-fno-sanitize-recover=all']
      const target = { ...thisMachine, flags }
      const compile = compileEngine(target, folder)
      const run = (source: string, ...options: string[]): void => {
        runProgram(target, compile(`native/test/${source}.cc`), ...options)
      }
      run('pool_test', '100')
      run('sessions_test', '8')
      if (sanitizer === 'thread') continue
      const recording = join(folder, 'recording')
      writeFileSync(recording, (await record()).bytes)
      run('replay', recording)
      run('data_test', '50')
      run('rows_test', '100')
      run('matmul_test')
    } finally {
      rmSync(folder, { recursive: true })
    }
  }
}
