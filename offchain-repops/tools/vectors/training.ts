import { readFileSync } from 'node:fs'
import { reference } from '../../src/backends/reference/index.ts'
import { constantsRoot, stateRoot } from '../../src/commit/tensor.ts'
import type { Hash } from '../../src/commit/hash.ts'
import { Execution } from '../../src/execute/Execution.ts'
import { StepReplay } from '../../src/execute/StepReplay.ts'
import { transformerJob } from '../../src/models/transformer.ts'
import { commitProgram, encodeProgram } from '../../src/program/program.ts'

const STEPS = 3

/** Everything a few steps of the demonstration commit to: any changed bit of any operator changes it. */
export async function trainingVectors(): Promise<object> {
  const text = readFileSync(new URL('../../data/licences.txt', import.meta.url))
  const job = transformerJob({ text, steps: STEPS, interval: 1, seed: 0x0123456789abcdefn })
  const { program, constants, initialState, seed } = job
  const graphRoots: Hash[] = []
  const stateRoots = [stateRoot(initialState)]
  const execution = new Execution(program, reference, { state: initialState, constants, seed })
  for (let step = 0; step < STEPS; step++) {
    const before = await execution.state()
    const replay = await StepReplay.create(job, { backend: reference }, step, before)
    graphRoots.push(replay.graph.root)
    await execution.advance()
    stateRoots.push(await execution.stateRoot())
  }
  return {
    programRoot: commitProgram(encodeProgram(program)).root,
    constantsRoot: constantsRoot(constants),
    stateRoots,
    graphRoots,
  }
}
