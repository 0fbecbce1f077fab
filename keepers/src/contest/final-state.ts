import { type DType, type Hash, MerkleTree, type Tensor } from '@lockstep/repops'
import { readClaim } from '../chain/claims.ts'
import type { Contracts } from '../chain/contracts.ts'
import { type Job, readJobUri } from '../chain/jobs.ts'
import { fail, LockstepError } from '../errors.ts'
import type { Mirror } from '../store/mirror.ts'
import { fetchTensor } from '../store/tensors.ts'
import type { Workshop } from '../trace/workshop.ts'

/** A state of a program. */
export interface StatePlace {
  readonly index: number
  /** How many states the program has. */
  readonly states: number
  readonly type: DType
  readonly count: number
  /** For errors. */
  readonly name: string
}

/** A state of a settled job's final state, with the siblings that open it there. */
export interface OpenedState {
  readonly tensor: Tensor
  /** Roots of all states, as a store keeps them, and their root. */
  readonly list: Uint8Array
  readonly root: Hash
  readonly proof: readonly Hash[]
}

/**
 * Opens a state of what a settled job computed: from whoever serves it, or else by running the job here. Throws a
 * `negative` where this machine's run ends in another state than the claim, which nobody challenged. Whatever else it
 * throws another peer may mend.
 */
export async function openFinalState(
  { contracts, workshop }: { contracts: Contracts; workshop: Workshop },
  job: Job,
  place: StatePlace,
): Promise<OpenedState> {
  const { finalStateRoot: root } = await readClaim(contracts, job.claim)
  const { number } = await contracts.chain.head()
  const uri = await readJobUri(contracts, job.id, number)
  const mirror = workshop.mirrorFor(uri, job.computation)
  try {
    return await open(mirror, root, place)
  } catch (error) {
    if (!(error instanceof LockstepError) || error.code === 'disk-full') throw error
  }
  const { checkpoints } = await workshop.complete(job.computation, uri)
  const own = checkpoints.leaf(checkpoints.count - 1)
  if (own === root) return open(mirror, root, place)
  throw fail.negative({
    what: `the claim that was paid for ends in state ${root}, the run here in ${own}`,
    where: `job ${job.id}`,
    advice: 'its result cannot be opened; whoever has it can serve it',
  })
}

async function open(
  mirror: Mirror,
  root: Hash,
  { index, states, type, count, name }: StatePlace,
): Promise<OpenedState> {
  const list = await mirror.fetchList(root, states)
  const tree = new MerkleTree(list)
  const tensor = await fetchTensor(mirror, tree.leaf(index), type, count, name)
  return { tensor, list, root, proof: tree.open(index) }
}
