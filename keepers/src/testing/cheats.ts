import {
  type Corruption,
  Execution,
  type Job,
  outputOf,
  reference,
  stateRoot,
} from '@lockstep/repops'
import { Random } from '@lockstep/repops/testing'
import { randomJob } from './jobs.ts'

/** A random job with a cheat in it that matters. */
export function cheatedJob(
  seed: number,
  lengths: Partial<Job> = {},
): { job: Job; corruption: Corruption } {
  for (const random = new Random(seed); ; ) {
    const job = { ...randomJob(random), ...lengths }
    const corruption = randomCheat(random, job)
    if (corruption !== undefined) return { job, corruption }
  }
}

/** A random bit of a random element of a random node in a random step, such that the result is wrong. */
export function randomCheat(random: Random, job: Job): Corruption | undefined {
  const honest = finalRoot(job)
  for (let attempt = 0; attempt < 300; attempt++) {
    const node = random.below(job.program.nodes.length)
    const corruption = {
      step: random.below(job.steps),
      node,
      element: random.below(outputOf(job.program.nodes[node]).count),
      bit: random.below(32),
    }
    if (finalRoot(job, corruption) !== honest) return corruption
  }
  return undefined
}

function finalRoot(
  { program, initialState, constants, seed, steps }: Job,
  corruption?: Corruption,
): string {
  const execution = new Execution(program, reference, {
    state: initialState,
    constants,
    seed,
    corruption,
  })
  while (execution.step < steps) execution.advance()
  return stateRoot(execution.state)
}
