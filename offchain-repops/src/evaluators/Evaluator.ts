import type { Job } from '../execute/Job.ts'
import type { Program } from '../program/types.ts'
import type { Tensor } from '../tensor.ts'

/**
 * A program that makes one number of an entry and a test set (docs/spec/judge.md). Constant 0 is the entry, constant 1
 * the test set, constant 2, if there is one, the evaluator's own weights.
 */
export interface Evaluator {
  readonly program: Program
  readonly initialState: readonly Tensor[]
  readonly weights?: Tensor
  readonly steps: number
  /** Steps between checkpoints. */
  readonly interval: number
  readonly seed: bigint
  /** The state that is the score after the last step: one i32, the higher the better. */
  readonly scoreState: number
}

/** What scores an entry on a test set. Throws where one of them is not what the program takes. */
export function evaluationJob(
  { program, initialState, weights, steps, interval, seed }: Evaluator,
  entry: Tensor,
  testSet: Tensor,
): Job {
  const constants = [entry, testSet, ...(weights === undefined ? [] : [weights])]
  program.constants.forEach(({ name, type, count }, i) => {
    const { type: givenType, count: given } = constants[i]
    if (givenType !== type || given !== count)
      throw new RangeError(
        `the ${name} has ${given} elements of ${givenType}, the evaluator takes ${count} of ${type}`,
      )
  })
  return { program, initialState, constants, steps, interval, seed }
}
