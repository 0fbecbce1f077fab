import { withoutSecrets } from '@lockstep/deployments'
import {
  type Address,
  BaseError,
  createPublicClient,
  type Hash,
  http,
  HttpRequestError,
  type PublicClient,
  TimeoutError,
} from 'viem'
import { fail, LockstepError, oneLine } from '../errors.ts'

/** The contracts that keepers talk to. */
export interface Addresses {
  readonly verde: Address
  readonly jobRegistry: Address
  readonly stakeVaultFactory: Address
  readonly token: Address
}

export interface Head {
  readonly number: bigint
  readonly hash: Hash
  /** Unix seconds; the only clock that disputes know. */
  readonly time: bigint
}

/** A chain that was found to be the expected one. */
export interface Chain {
  readonly client: PublicClient
  readonly id: number
  /** Hash of block 0: two devnets with one id are two chains. */
  readonly genesis: Hash
  /** The latest block, after checking it against the witness if there is one. */
  head(): Promise<Head>
}

/** Connects to `rpc` and makes sure that it answers, is consistent, and agrees with `witnessRpc`. */
export async function connect(rpc: string, witnessRpc?: string): Promise<Chain> {
  const client = open(rpc)
  const [id, genesis] = await identify(client, rpc)
  let witness: PublicClient | undefined
  if (witnessRpc !== undefined) {
    witness = open(witnessRpc)
    const [witnessId, witnessGenesis] = await identify(witness, witnessRpc)
    if (witnessId !== id || witnessGenesis !== genesis) {
      throw fail.wrongChain({
        what: `chain ${id} (genesis ${genesis}) and chain ${witnessId} (genesis ${witnessGenesis})`,
        where: `${withoutSecrets(rpc)} and ${withoutSecrets(witnessRpc)}`,
        advice: 'both endpoints must serve the same chain',
      })
    }
  }
  let highest = 0n
  return {
    client,
    id,
    genesis,
    async head() {
      const block = await client.getBlock({ blockTag: 'latest' })
      // The types promise a mined block; the endpoint may not keep the promise.
      const { number, hash } = block as { number: bigint | null; hash: Hash | null }
      if (number === null || hash === null || number + MAX_STEP_BACK < highest) {
        throw fail.lyingRpc({
          what: `the endpoint went back from block ${highest} to ${number}`,
          where: withoutSecrets(rpc),
          advice: 'use an endpoint that is in step with the chain',
        })
      }
      if (number > highest) highest = number
      if (witness !== undefined) await compare(client, witness, number, rpc)
      return { number, hash, time: block.timestamp }
    },
  }
}

// Load-balanced endpoints differ by a few blocks; a real step back beyond this is a reorg nobody should act on.
const MAX_STEP_BACK = 64n

function open(rpc: string): PublicClient {
  return createPublicClient({
    transport: http(rpc, { timeout: 20_000, retryCount: 2, retryDelay: 200 }),
    cacheTime: 0,
  })
}

async function identify(client: PublicClient, rpc: string): Promise<[id: number, genesis: Hash]> {
  try {
    const [id, block] = await Promise.all([
      client.getChainId(),
      client.getBlock({ blockNumber: 0n }),
    ])
    if (!Number.isSafeInteger(id) || id < 1 || !/^0x[0-9a-f]{64}$/.test(block.hash)) {
      throw new Error('the answers make no sense')
    }
    return [id, block.hash]
  } catch (cause) {
    throw chainError(cause, rpc)
  }
}

async function compare(a: PublicClient, b: PublicClient, head: bigint, rpc: string): Promise<void> {
  const other = await b.getBlockNumber({ cacheTime: 0 })
  const blockNumber = head < other ? head : other
  const [here, there] = await Promise.all([
    a.getBlock({ blockNumber }),
    b.getBlock({ blockNumber }),
  ])
  if (here.hash !== there.hash) {
    throw fail.lyingRpc({
      what: `block ${blockNumber} is ${here.hash} here and ${there.hash} at the witness`,
      where: withoutSecrets(rpc),
      advice: 'nothing is decided until both agree; check which of the two is right',
    })
  }
}

/** Whether a failure is one of the network rather than an answer. */
export function isUnreachable(error: unknown): boolean {
  return (
    error instanceof BaseError &&
    error.walk((inner) => inner instanceof HttpRequestError || inner instanceof TimeoutError) !==
      null
  )
}

/** Any failure of the network or of an endpoint as the one-line error that it is. */
export function chainError(error: unknown, rpc: string): LockstepError {
  if (error instanceof LockstepError) return error
  const what = error instanceof BaseError ? error.shortMessage : oneLine(error)
  return isUnreachable(error)
    ? fail.unreachable(
        {
          what: `the chain cannot be reached: ${what}`,
          where: withoutSecrets(rpc),
          advice: 'check --rpc and that the node runs',
        },
        { cause: error },
      )
    : fail.lyingRpc(
        {
          what: `the endpoint gave an answer that cannot be used: ${what}`,
          where: withoutSecrets(rpc),
          advice: 'use another --rpc',
        },
        { cause: error },
      )
}
