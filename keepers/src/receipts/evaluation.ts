import type { Contracts } from '../chain/contracts.ts'
import type { Trace } from '../trace/trace.ts'
import type { Evaluation } from './receipt.ts'

/**
 * What a job evaluates, if the judge ordered it, with the score of a complete run; undefined for other jobs, and where
 * the evaluator's score state is none, so that it has no result (docs/spec/judge.md, section 1).
 */
export async function readEvaluation(
  { chain, history, judge }: Contracts,
  job: bigint,
  trace: Trace,
): Promise<Evaluation | undefined> {
  const head = await chain.client.getBlockNumber({ cacheTime: 0 })
  const ordered = (await history.events('EvaluationOrdered', { job }, head)).at(0)?.args
  if (ordered === undefined) return undefined
  const { contest, entrant, round } = ordered
  const scoreState = await readScoreState({ history }, contest, head)
  if (scoreState === undefined) return undefined
  const score = await scoreOf(trace, scoreState)
  if (score === undefined) return undefined
  return { judge, contest, entrant: Number(entrant), round: Number(round), scoreState, score }
}

/** The state that holds the scores of a contest, as its evaluator was registered; undefined where there is none. */
export async function readScoreState(
  { history }: Pick<Contracts, 'history'>,
  contest: bigint,
  to: bigint,
): Promise<number | undefined> {
  const opened = (await history.events('ContestOpened', { contest }, to)).at(0)?.args
  if (opened === undefined) return undefined
  const { evaluator } = opened
  return (await history.events('EvaluatorRegistered', { evaluator }, to)).at(0)?.args.terms
    .scoreState
}

/** Element 0 of a state of one i32 after a complete run. */
export async function scoreOf(trace: Trace, scoreState: number): Promise<number | undefined> {
  const state = trace.job.program.states.at(scoreState)
  if (state?.type !== 'i32' || state.count !== 1) return undefined
  return (await trace.finalTensor(scoreState)).words[0]
}
