import { encodeProgram, type Evaluator, type Hash, type Program, ZERO_HASH } from '@lockstep/repops'
import type { EvaluatorTerms } from '../chain/contests.ts'
import { fail } from '../errors.ts'
import { storeOrder } from '../roles/submitter.ts'
import type { FolderStore } from '../store/folder.ts'
import type { Mirror } from '../store/mirror.ts'
import { fetchTensor, storeTensor } from '../store/tensors.ts'
import { type Computation, fetchStart } from '../trace/work.ts'
import { programRootOf } from '../trace/workshop.ts'
import { evaluatorId } from './commitments.ts'

/** An entry's and a test set's place among the constants of an evaluator's program. */
export const ENTRY = 0
export const TEST_SET = 1
const WEIGHTS = 2

/** Puts an evaluator's artifacts into a store and returns what is registered of it. */
export function storeEvaluator(
  evaluator: Evaluator,
  rubric: Hash,
  store: FolderStore,
): EvaluatorTerms {
  const { program, initialState, weights, steps, interval, seed, scoreState } = evaluator
  const order = { encoded: encodeProgram(program), initialState, constants: [] }
  const { computation } = storeOrder({ ...order, steps, interval, seed }, store)
  return {
    nodesRoot: computation.nodesRoot,
    statesRoot: computation.statesRoot,
    constantEntriesRoot: computation.constantEntriesRoot,
    initialStateRoot: computation.initialStateRoot,
    weightsRoot: weights === undefined ? ZERO_HASH : storeTensor(weights, store),
    rubric,
    nodes: computation.nodes,
    states: computation.states,
    steps,
    interval,
    seed,
    scoreState,
  }
}

/** An evaluator of which everything that does not change from one evaluation to the next is in the store, and checked. */
export interface FetchedEvaluator {
  readonly terms: EvaluatorTerms
  readonly program: Program
}

/** What may be fetched and kept of an evaluator. */
export interface EvaluatorLimits {
  readonly maxJobBytes: number
  readonly maxJobNodes: number
}

/**
 * Fetches an evaluator's program, initial state and weights. Throws unless the program is well-formed and they fit it,
 * and unless its constants and its score state are what Judge takes (docs/spec/judge.md, section 1).
 */
export async function fetchEvaluator(
  mirror: Mirror,
  terms: EvaluatorTerms,
  { maxJobBytes, maxJobNodes }: EvaluatorLimits,
): Promise<FetchedEvaluator> {
  const where = `evaluator ${evaluatorId(terms)}`
  if (terms.nodes > maxJobNodes) {
    throw fail.tooLarge({
      what: `the program has ${terms.nodes} nodes, at most ${maxJobNodes} are allowed`,
      where,
      advice: 'raise --max-job-nodes if this machine may spend the time',
    })
  }
  // Bounds of Verde (docs/spec/verde.md, section 2): nothing can be ordered of an evaluator beyond them.
  const { steps, interval } = terms
  if (steps < 1 || steps >= 2 ** 31 || interval < 1 || interval > 2 ** 16) {
    throw fail.malformed({
      what: `${steps} steps with a checkpoint every ${interval} are no computation`,
      where,
      advice: 'no evaluation can be ordered of it; do not use it',
    })
  }
  const hasWeights = terms.weightsRoot !== ZERO_HASH
  const computation: Computation = {
    ...terms,
    constants: hasWeights ? WEIGHTS + 1 : WEIGHTS,
    constantsRoot: ZERO_HASH,
  }
  const root = programRootOf(computation)
  const { program } = await fetchStart(mirror, where, root, computation, maxJobBytes)
  const score = program.states[terms.scoreState]
  if (score.type !== 'i32' || score.count !== 1) {
    throw fail.malformed({
      what: `its score, state ${terms.scoreState}, has ${score.count} elements of ${score.type}, not one of i32`,
      where,
      advice: 'no result of it can be reported; do not use it',
    })
  }
  if (hasWeights) {
    const { type, count } = program.constants[WEIGHTS]
    await fetchTensor(mirror, terms.weightsRoot, type, count, "the evaluator's weights")
  }
  return { terms, program }
}
