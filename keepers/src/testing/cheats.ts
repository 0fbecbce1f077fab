import {
  type Corruption,
  Execution,
  type Hash,
  type Job,
  outputOf,
  reference,
} from '@lockstep/repops'
import { Random } from '@lockstep/repops/testing'
import { randomJob } from './jobs.ts'

/** A random job with a cheat in it that matters. */
export async function cheatedJob(
  seed: number,
  lengths: Partial<Job> = {},
): Promise<{ job: Job; corruption: Corruption }> {
  for (const random = new Random(seed); ; ) {
    const job = { ...randomJob(random), ...lengths }
    const corruption = await randomCheat(random, job)
    if (corruption !== undefined) return { job, corruption }
  }
}

/** A random bit of a random element of a random node in a random step, such that the result is wrong. */
export async function randomCheat(random: Random, job: Job): Promise<Corruption | undefined> {
  const honest = await finalRoot(job)
  for (let attempt = 0; attempt < 300; attempt++) {
    const node = random.below(job.program.nodes.length)
    const corruption = {
      step: random.below(job.steps),
      node,
      element: random.below(outputOf(job.program.nodes[node]).count),
      bit: random.below(32),
    }
    if ((await finalRoot(job, corruption)) !== honest) return corruption
  }
  return undefined
}

async function finalRoot(
  { program, initialState, constants, seed, steps }: Job,
  corruption?: Corruption,
): Promise<Hash> {
  const execution = new Execution(program, reference, {
    state: initialState,
    constants,
    seed,
    corruption,
  })
  while (execution.step < steps) await execution.advance()
  const root = await execution.stateRoot()
  await execution.close()
  return root
}
