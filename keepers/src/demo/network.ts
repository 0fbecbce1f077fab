import { delphiAbi, jobRegistryAbi, judgeAbi, verdeAbi } from '@lockstep/deployments'
import type { Deployment } from '@lockstep/deployments'
import {
  type Address,
  createPublicClient,
  decodeFunctionData,
  type Hash,
  http,
  parseEventLogs,
  type PublicClient,
} from 'viem'

/** A transaction that touched the protocol, with what it did. */
export interface Happening {
  readonly hash: Hash
  readonly from: Address
  readonly gas: bigint
  /** The call, where it went to Verde itself. */
  readonly call: ReturnType<typeof decodeVerde>
  readonly events: readonly ProtocolEvent[]
}

const eventAbi = [
  ...verdeAbi.filter((item) => item.type === 'event'),
  ...jobRegistryAbi.filter((item) => item.type === 'event'),
  ...judgeAbi.filter((item) => item.type === 'event'),
  ...delphiAbi.filter((item) => item.type === 'event'),
] as const
export type ProtocolEvent = ReturnType<typeof parseEventLogs<typeof eventAbi>>[number]

/** Reads what happens to jobs, claims, disputes, contests and markets, transaction by transaction and in order. */
export class Network {
  readonly client: PublicClient
  readonly #deployment: Deployment
  #next: bigint

  constructor(rpcUrl: string, deployment: Deployment) {
    this.client = createPublicClient({ transport: http(rpcUrl), pollingInterval: 200 })
    this.#deployment = deployment
    this.#next = deployment.startBlock
  }

  /** Everything since the last call. */
  async happenings(): Promise<Happening[]> {
    const to = await this.client.getBlockNumber({ cacheTime: 0 })
    if (to < this.#next) return []
    const { jobRegistry, verde, judge, delphi } = this.#deployment.contracts
    const logs = await this.client.getLogs({
      address: [jobRegistry, verde, judge, delphi],
      fromBlock: this.#next,
      toBlock: to,
    })
    this.#next = to + 1n
    const byTransaction = new Map<Hash, ProtocolEvent[]>()
    for (const event of parseEventLogs({ abi: eventAbi, logs })) {
      const events = byTransaction.get(event.transactionHash) ?? []
      byTransaction.set(event.transactionHash, [...events, event])
    }
    const happenings: Happening[] = []
    for (const [hash, events] of byTransaction) {
      const [receipt, transaction] = await Promise.all([
        this.client.getTransactionReceipt({ hash }),
        this.client.getTransaction({ hash }),
      ])
      const toVerde = transaction.to?.toLowerCase() === verde.toLowerCase()
      happenings.push({
        hash,
        from: transaction.from,
        gas: receipt.gasUsed,
        call: toVerde ? decodeVerde(transaction.input) : undefined,
        events,
      })
    }
    return happenings
  }

  /** Unix time of the newest block. */
  async time(): Promise<bigint> {
    return (await this.client.getBlock({ blockTag: 'latest' })).timestamp
  }
}

function decodeVerde(data: `0x${string}`) {
  try {
    return decodeFunctionData({ abi: verdeAbi, data })
  } catch {
    return undefined // an $AI or ether transfer, say
  }
}
