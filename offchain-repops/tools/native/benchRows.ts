import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileEngine, missingTools, runProgram, thisMachine } from './program.ts'

// npm run bench:rows: element-wise operators, reductions and what is fused of them, on every instruction set of this
// machine.

const missing = missingTools(thisMachine)
if (missing !== undefined) {
  console.error(missing)
  process.exitCode = 1
} else {
  const folder = mkdtempSync(join(tmpdir(), 'repops-bench-'))
  try {
    const compile = compileEngine(thisMachine, folder)
    const program = compile('native/bench/rows.cc', 'native/bench/any_order.cc')
    runProgram(thisMachine, program, ...process.argv.slice(2))
  } finally {
    rmSync(folder, { recursive: true })
  }
}
