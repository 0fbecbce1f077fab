import { Execution } from '../execute/Execution.ts'
import type { Job } from '../execute/Job.ts'
import type { DecoderConfig } from '../models/decoder.ts'
import { gpt2, randomTrainingJob } from '../models/gpt2.ts'
import { Tensor } from '../tensor.ts'
import type { Backend } from './backend.ts'
import { reference } from './reference/index.ts'

const STEPS = 2

// Odd sizes, rows longer than a segment and shorter than a vector, and between them every kind of kernel.
const LLAMA: DecoderConfig = {
  vocabulary: 41,
  context: 9,
  width: 24,
  layers: 1,
  heads: 4,
  keyHeads: 2,
  inner: 37,
  norm: 'rms',
  epsilon: 1e-5,
  mlp: 'swiglu',
  biases: false,
  rotaryBase: 10_000,
  tied: false,
}
const GPT = gpt2({ vocabulary: 531, context: 19, width: 36, layers: 1, heads: 3 })

/**
 * Proves that a backend's tasks of several nodes have the bits of their nodes: trains small models on it, fused, and
 * on the reference, node by node. Returns what differs; undefined if nothing does. Operators that it has not proved
 * must not reach it: give what `provenBackend` returns.
 */
export async function fusionFailure(backend: Backend): Promise<string | undefined> {
  for (const [name, config, batch, length] of [
    ['GPT-2', GPT, 2, 19],
    ['Llama', LLAMA, 3, 7],
  ] as const) {
    const job = randomTrainingJob({ config, batch, length, seed: 11n }, STEPS, 1)
    const expected = await stateAfter(job, reference)
    try {
      const actual = await stateAfter(job, backend)
      const wrong = expected.findIndex(({ words }, i) =>
        words.some((word, e) => word !== actual[i].words[e]),
      )
      if (wrong >= 0) return `a small ${name} is trained wrongly: ${job.program.states[wrong].name}`
    } catch (error) {
      return `a small ${name} is not trained: ${error instanceof Error ? error.message : String(error)}`
    }
  }
  return undefined
}

async function stateAfter(job: Job, backend: Backend): Promise<Tensor[]> {
  const { program, initialState: state, constants, seed } = job
  const execution = new Execution(program, backend, { state, constants, seed })
  try {
    while (execution.step < STEPS) await execution.advance()
    return await execution.state()
  } finally {
    await execution.close()
  }
}
