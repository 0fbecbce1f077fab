import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { aarch64, compileEngine, missingTools, runProgram, thisMachine } from './program.ts'
import { record } from './record.ts'

// npm run test:engine for this machine, npm run test:aarch64 under an emulator: proves every instruction set of a
// processor without Node in between, on a recording of the committed vectors and on random kernels.

const ROUNDS = '200'

const target = process.argv[2] === 'aarch64' ? aarch64 : thisMachine
const missing = missingTools(target)
if (missing !== undefined) {
  console.error(missing)
  process.exitCode = 1
} else {
  const folder = mkdtempSync(join(tmpdir(), 'repops-prove-'))
  try {
    const recording = join(folder, 'recording')
    writeFileSync(recording, (await record()).bytes)
    const compile = compileEngine(target, folder)
    runProgram(target, compile('native/test/replay.cc'), recording)
    runProgram(target, compile('native/test/data_test.cc'), ROUNDS)
    runProgram(target, compile('native/test/rows_test.cc'), ROUNDS)
    runProgram(target, compile('native/test/matmul_test.cc'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}
