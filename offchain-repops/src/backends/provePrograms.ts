import { type Hash } from '../commit/hash.ts'
import { Execution } from '../execute/Execution.ts'
import type { Job } from '../execute/Job.ts'
import type { DecoderConfig } from '../models/decoder.ts'
import { generationJob } from '../models/generation.ts'
import { gpt2, randomTrainingJob, randomWeights } from '../models/gpt2.ts'
import type { Backend } from './backend.ts'
import { isDeviceLost } from './isDeviceLost.ts'

// Odd sizes, rows longer than a segment and shorter than a vector, and between them every kind of kernel.
const GPT = gpt2({ vocabulary: 531, context: 19, width: 36, layers: 1, heads: 3 })
const LLAMA: DecoderConfig = {
  vocabulary: 41,
  context: 12,
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

/** Small jobs with everything that backends fuse: single nodes do not show a wrong fusion. */
export const PROVING_JOBS: Readonly<Record<string, () => Job>> = {
  'GPT-2, trained': () => randomTrainingJob({ config: GPT, batch: 2, length: 19, seed: 11n }, 2, 1),
  'Llama, trained': () =>
    randomTrainingJob({ config: LLAMA, batch: 3, length: 7, seed: 11n }, 2, 1),
  'Llama, sampled from': () =>
    generationJob({
      config: LLAMA,
      weights: randomWeights(LLAMA, 6n),
      prompts: [[1, 2, 3], [4]],
      newTokens: 6,
      sampling: { temperature: 0.8, topK: 8 },
      seed: 7n,
    }),
}

/** The state root after a job's last step, by the name of the job. */
export type ProgramVectors = Readonly<Record<string, Hash>>

export interface ProgramConformance {
  readonly program: string
  /** How its state differs, or what it throws; undefined where it is proved. */
  readonly failure: string | undefined
}

/**
 * Runs the proving jobs, fused where the backend fuses, and compares their final states. Operators that the backend has
 * not proved must not reach it: give what `provenBackend` returns.
 */
export async function provePrograms(
  backend: Backend,
  vectors: ProgramVectors,
): Promise<ProgramConformance[]> {
  const rows: ProgramConformance[] = []
  for (const [program, make] of Object.entries(PROVING_JOBS)) {
    let failure: string | undefined
    try {
      const root = await finalRoot(make(), backend)
      const wanted = vectors[program]
      if (root !== wanted) failure = `the state root after the last step is ${root}, not ${wanted}`
    } catch (error) {
      if (isDeviceLost(error)) throw error
      failure = error instanceof Error ? error.message : String(error)
    }
    rows.push({ program, failure })
  }
  return rows
}

/** The state root after the last step of a job. */
export async function finalRoot(job: Job, backend: Backend): Promise<Hash> {
  const { program, initialState: state, constants, seed, steps } = job
  const execution = new Execution(program, backend, { state, constants, seed })
  try {
    while (execution.step < steps) await execution.advance()
    return await execution.stateRoot()
  } finally {
    await execution.close()
  }
}
