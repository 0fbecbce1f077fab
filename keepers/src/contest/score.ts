import type { Hash } from '@lockstep/repops'
import { type Contest, readEvaluator } from '../chain/contests.ts'
import type { Contracts } from '../chain/contracts.ts'
import type { Job } from '../chain/jobs.ts'
import type { Workshop } from '../trace/workshop.ts'
import { openFinalState } from './final-state.ts'

/** A score as `report` takes it. */
export interface Score {
  readonly score: number
  readonly proof: readonly Hash[]
}

/** What a settled evaluation says, with the proof out of the job's final state; throws as `openFinalState` does. */
export async function scoreOf(
  keeper: { contracts: Contracts; workshop: Workshop },
  { evaluator }: Contest,
  job: Job,
): Promise<Score> {
  const { number } = await keeper.contracts.chain.head()
  const { scoreState: index, states } = await readEvaluator(keeper.contracts, evaluator, number)
  const place = { index, states, type: 'i32', count: 1, name: 'the score' } as const
  const { tensor, proof } = await openFinalState(keeper, job, place)
  return { score: tensor.words[0], proof }
}
