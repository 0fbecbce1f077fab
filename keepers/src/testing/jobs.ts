import { encodeProgram, type Job } from '@lockstep/repops'
import { type Random, randomProgram } from '@lockstep/repops/testing'
import type { Order } from '../roles/submitter.ts'

/** A random program with a random length of run and of interval. */
export function randomJob(random: Random): Job {
  const { program, initialState, constants, seed } = randomProgram(random)
  return {
    program,
    initialState,
    constants,
    seed,
    steps: random.between(1, 7),
    interval: random.between(1, 4),
  }
}

export function asOrder({ program, ...rest }: Job): Order {
  return { encoded: encodeProgram(program), ...rest }
}
