import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileEngine, missingTools, runProgram, thisMachine } from './program.ts'

// npm run bench:data: hashing and the kernels that move data; npm run bench:rows: element-wise operators, reductions and
// what is fused of them. On every instruction set of this machine.

const SOURCES: Readonly<Record<string, readonly [string, ...string[]]>> = {
  data: ['native/bench/data.cc'],
  rows: ['native/bench/rows.cc', 'native/bench/any_order.cc'],
}

const [name = '', ...args] = process.argv.slice(2)
const problem = Object.hasOwn(SOURCES, name)
  ? missingTools(thisMachine)
  : `no bench is called ${JSON.stringify(name)}; there are: ${Object.keys(SOURCES).join(', ')}`
if (problem !== undefined) {
  console.error(problem)
  process.exitCode = 1
} else {
  const folder = mkdtempSync(join(tmpdir(), 'repops-bench-'))
  try {
    const program = compileEngine(thisMachine, folder)(...SOURCES[name])
    runProgram(thisMachine, program, ...args)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
