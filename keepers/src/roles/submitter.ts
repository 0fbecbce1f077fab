import { aiTokenAbi, jobRegistryAbi } from '@lockstep/deployments'
import {
  commitProgram,
  type EncodedProgram,
  type Hash,
  packHashes,
  type Tensor,
  rootOfList,
  writeProgramFile,
} from '@lockstep/repops'
import { formatEther, parseEventLogs } from 'viem'
import type { Contracts } from '../chain/contracts.ts'
import { type Job, readJob } from '../chain/jobs.ts'
import type { Sender } from '../chain/sender.ts'
import { transactPaying } from '../chain/transact.ts'
import { fail } from '../errors.ts'
import type { FolderStore } from '../store/folder.ts'
import { storeTensor } from '../store/tensors.ts'
import type { Computation } from '../trace/work.ts'

/** What is to be computed. */
export interface Order {
  readonly encoded: EncodedProgram
  readonly initialState: readonly Tensor[]
  readonly constants: readonly Tensor[]
  readonly steps: number
  readonly interval: number
  readonly seed: bigint
}

/** Terms of the job: `Terms` of IJobRegistry.sol, with the deadline as seconds from now. */
export interface Offer {
  readonly reward: bigint
  readonly stake: bigint
  readonly workSeconds: number
  readonly openSeconds: number
  readonly uri: string
}

/** Puts an order's artifacts into a store and returns the computation that they make up. */
export function storeOrder(
  order: Order,
  store: FolderStore,
): { programRoot: Hash; computation: Computation } {
  const { encoded } = order
  const commitment = commitProgram(encoded)
  store.putTrusted({ kind: 'programs', root: commitment.root }, writeProgramFile(encoded))
  const initialStateRoot = storeTensors(order.initialState, store)
  const constantsRoot = storeTensors(order.constants, store)
  const computation: Computation = {
    nodesRoot: commitment.nodes.root,
    statesRoot: commitment.states.root,
    constantEntriesRoot: commitment.constants?.root ?? rootOfList([]),
    initialStateRoot,
    constantsRoot,
    nodes: encoded.nodes.length,
    states: encoded.states.length,
    constants: encoded.constants.length,
    steps: order.steps,
    interval: order.interval,
    seed: order.seed,
  }
  return { programRoot: commitment.root, computation }
}

/** Stores tensors and the list of their roots; the root of the list, zero for an empty one. */
export function storeTensors(tensors: readonly Tensor[], store: FolderStore): Hash {
  const roots = tensors.map((tensor) => storeTensor(tensor, store))
  const root = rootOfList(roots)
  if (roots.length > 0) store.putTrusted({ kind: 'lists', root }, packHashes(roots))
  return root
}

/**
 * Posts a job with its reward in escrow and returns its id. The same order with the same terms and `intent` is
 * posted once, however often it is asked for.
 */
export async function postJob(
  contracts: Contracts,
  sender: Sender,
  computation: Computation,
  offer: Offer,
  intent: string,
): Promise<bigint> {
  const { client } = contracts.chain
  const token = { abi: aiTokenAbi, address: contracts.token } as const
  const balance = await client.readContract({
    ...token,
    functionName: 'balanceOf',
    args: [sender.address],
  })
  if (balance < offer.reward) {
    throw fail.funds({
      what: `${formatEther(balance)} $AI, the reward is ${formatEther(offer.reward)}`,
      where: `account ${sender.address}`,
      advice: 'offer less or get more',
    })
  }
  const { time } = await contracts.chain.head()
  const { openSeconds, ...terms } = offer
  const receipt = await transactPaying(contracts, sender, `post:${intent}`, offer.reward, {
    abi: jobRegistryAbi,
    address: contracts.jobRegistry,
    functionName: 'post',
    args: [computation, { ...terms, deadline: Number(time) + openSeconds }],
  })
  const logs = parseEventLogs({ abi: jobRegistryAbi, eventName: 'JobPosted', logs: receipt.logs })
  const posted = logs.find(
    ({ address }) => address.toLowerCase() === contracts.jobRegistry.toLowerCase(),
  )
  if (posted === undefined) {
    throw fail.lyingRpc({
      what: 'the receipt of the job does not hold its event',
      where: `transaction ${receipt.transactionHash}`,
      advice: 'use another --rpc',
    })
  }
  return posted.args.job
}

/** Whether nothing more happens to a job. */
export function isFinal({ status }: Pick<Job, 'status'>): boolean {
  return status === 'settled' || status === 'cancelled' || status === 'expired'
}

/** Waits until a job is settled or has failed, or the signal comes; `onChange` sees each new state. */
export async function awaitJob(
  contracts: Contracts,
  id: bigint,
  pollSeconds: number,
  signal: AbortSignal,
  onChange: (job: Job) => void = () => {},
): Promise<Job> {
  for (let last = ''; ; ) {
    const job = await readJob(contracts, id)
    const state = `${job.status} ${job.attempt}`
    if (state !== last) onChange(job)
    last = state
    if (isFinal(job) || signal.aborted) return job
    await new Promise((resolve) => setTimeout(resolve, pollSeconds * 1000))
  }
}
