import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { aarch64, compileProgram, missingTools, runProgram, thisMachine } from './program.ts'
import { record } from './record.ts'

// npm run test:aarch64, or `tsx tools/native/replay.ts` for this machine: proves every instruction set of a processor,
// without Node in between, on a recording of the committed vectors.

const target = process.argv[2] === 'aarch64' ? aarch64 : thisMachine
const missing = missingTools(target)
if (missing !== undefined) {
  console.error(missing)
  process.exitCode = 1
} else {
  const folder = mkdtempSync(join(tmpdir(), 'repops-replay-'))
  try {
    const recording = join(folder, 'recording')
    writeFileSync(recording, (await record()).bytes)
    const program = join(folder, 'replay')
    compileProgram(target, 'native/test/replay.cc', program)
    runProgram(target, program, recording)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
