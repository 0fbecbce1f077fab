import { delphiAbi, jobRegistryAbi, judgeAbi, stakeVaultAbi, verdeAbi } from '@lockstep/deployments'
import { createPublicClient, createTestClient, http, parseEventLogs, type PublicClient } from 'viem'
import type { PageConfig } from '../server/index.ts'

const ABI = [
  ...verdeAbi.filter((item) => item.type === 'event'),
  ...jobRegistryAbi.filter((item) => item.type === 'event'),
  ...stakeVaultAbi.filter((item) => item.type === 'event'),
  ...judgeAbi.filter((item) => item.type === 'event'),
  ...delphiAbi.filter((item) => item.type === 'event'),
] as const

/** What is found on a devnet without the indexer, and the hand on its blocks. */
export class Blocks {
  readonly client: PublicClient
  readonly #node: ReturnType<typeof newNode>

  constructor({ rpcUrl }: Pick<PageConfig, 'rpcUrl'>) {
    this.client = createPublicClient({ transport: http(rpcUrl) })
    this.#node = newNode(rpcUrl)
  }

  /** From now on what is sent waits, and the chain's time stands. */
  async hold(): Promise<void> {
    await this.#node.setAutomine(false)
    await this.#node.setIntervalMining({ interval: 0 })
  }

  /** Takes in what waits; whether there was anything. */
  async mine(): Promise<boolean> {
    const { pending } = await this.#node.getTxpoolStatus()
    if (pending === 0) return false
    await this.#node.mine({ blocks: 1 })
    return true
  }

  /** A block every second again; what waited is in the first. */
  async release(): Promise<void> {
    await this.#node.setIntervalMining({ interval: 1 })
  }

  /** Every event of the protocol's jobs, claims, disputes, vaults, contests and markets, in order. */
  async events() {
    const logs = await this.client.getLogs({ fromBlock: 0n })
    return parseEventLogs({ abi: ABI, logs })
  }
}

const newNode = (rpcUrl: string) => createTestClient({ mode: 'anvil', transport: http(rpcUrl) })
