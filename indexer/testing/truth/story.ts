import type { Abi, Address, ContractEventArgsFromTopics, ContractEventName, Hash, Hex } from 'viem'
import { decodeEventLog } from 'viem'
import {
  aiTokenAbi,
  basketAbi,
  type ContractName,
  delphiAbi,
  jobRegistryAbi,
  judgeAbi,
  perpetualAbi,
  refereeAbi,
  stakeVaultAbi,
  stakeVaultFactoryAbi,
  verdeAbi,
  verdeParametersAbi,
} from '@lockstep/deployments'
import type { TestNetwork } from '../../../keepers/src/testing/network.ts'

/** All contracts of a deployment and the vaults: one that the indexer forgets is read here all the same. */
const ABIS = {
  token: aiTokenAbi,
  stakeVaultFactory: stakeVaultFactoryAbi,
  vault: stakeVaultAbi,
  elementwise: [], // the referee's other half: nothing is asked of it
  referee: refereeAbi,
  verdeParameters: verdeParametersAbi,
  verde: verdeAbi,
  jobRegistry: jobRegistryAbi,
  judge: judgeAbi,
  delphi: delphiAbi,
  perpetual: perpetualAbi,
  basket: basketAbi,
} as const satisfies Readonly<Record<ContractName | 'vault', Abi>>

type Contract = keyof typeof ABIS

/** An event with all that its node tells of it. Hexadecimal is in lower case. */
export interface Happened<Args = unknown> {
  readonly contract: Contract
  readonly address: Address
  readonly name: string
  readonly args: Args
  readonly block: bigint
  readonly timestamp: number
  readonly logIndex: number
  readonly transaction: Hash
  readonly sender: Address
  readonly to: Address | null
  readonly input: Hex
  /** Of its transaction. */
  readonly gas: bigint
}

type ArgsOf<
  C extends Contract,
  N extends ContractEventName<(typeof ABIS)[C]>,
> = ContractEventArgsFromTopics<(typeof ABIS)[C], N>

/** All that happened on a devnet and what its contracts say, from its node by viem: no code of the indexer is in it. */
export class Story {
  readonly network: TestNetwork
  readonly events: readonly Happened[]
  readonly head: { readonly number: bigint; readonly timestamp: number }

  private constructor(network: TestNetwork, events: readonly Happened[], head: Story['head']) {
    this.network = network
    this.events = events
    this.head = head
  }

  static async read(network: TestNetwork): Promise<Story> {
    const { client } = network.contracts.chain
    const { contracts } = network.devnet.deployment
    const latest = await client.getBlock()
    const made = await client.getContractEvents({
      ...{ abi: stakeVaultFactoryAbi, address: contracts.stakeVaultFactory },
      ...{ eventName: 'VaultCreated', fromBlock: 0n, strict: true },
    })
    const names = new Map<string, Contract>(made.map(({ args }) => [low(args.vault), 'vault']))
    for (const name of Object.keys(ABIS) as Contract[]) {
      if (name !== 'vault') names.set(low(contracts[name]), name)
    }
    const logs = await client.getLogs({
      address: [...names.keys()] as Address[],
      fromBlock: 0n,
      toBlock: latest.number,
    })
    const times = new Map<bigint, Promise<{ timestamp: bigint }>>()
    const paid = new Map<
      Hash,
      Promise<{ gas: bigint; input: Hex; to: Address | null; from: Address }>
    >()
    const events = logs.map(async (log): Promise<Happened> => {
      const { blockNumber, transactionHash: hash, topics, data } = log
      const contract = names.get(low(log.address))!
      const event = decodeEventLog({ abi: ABIS[contract] as Abi, topics, data })
      if (!times.has(blockNumber)) times.set(blockNumber, client.getBlock({ blockNumber }))
      if (!paid.has(hash)) {
        paid.set(
          hash,
          Promise.all([
            client.getTransactionReceipt({ hash }),
            client.getTransaction({ hash }),
          ]).then(([{ gasUsed }, { input, to, from }]) => ({ gas: gasUsed, input, to, from })),
        )
      }
      const [{ timestamp }, transaction] = await Promise.all([
        times.get(blockNumber)!,
        paid.get(hash)!,
      ])
      const { from: sender, ...rest } = transaction
      return lower({
        ...{ contract, address: log.address, name: event.eventName!, args: event.args ?? {} },
        ...{ block: blockNumber, timestamp: Number(timestamp), logIndex: log.logIndex },
        ...{ transaction: hash, sender, ...rest },
      })
    })
    const head = { number: latest.number, timestamp: Number(latest.timestamp) }
    return new Story(network, await Promise.all(events), head)
  }

  /** Events of a contract by name, in the order of the chain. */
  of<C extends Contract, N extends ContractEventName<(typeof ABIS)[C]>>(
    contract: C,
    name: N,
  ): Happened<ArgsOf<C, N>>[] {
    return this.events.filter(
      (event): event is Happened<ArgsOf<C, N>> =>
        event.contract === contract && event.name === name,
    )
  }

  /** What a contract says, now or after a block. */
  async view<T>(abi: Abi, address: string, name: string, args: readonly unknown[], block?: bigint) {
    const { client } = this.network.contracts.chain
    return lower(
      await client.readContract({
        ...{ abi, address: address as Address, functionName: name, args },
        ...(block === undefined ? {} : { blockNumber: block }),
      }),
    ) as T
  }
}

export const low = (text: string): string => text.toLowerCase()

function lower<T>(value: T): T {
  if (typeof value === 'string') return (/^0x[\da-f]*$/i.test(value) ? low(value) : value) as T
  if (Array.isArray(value)) return value.map(lower) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, lower(one)])) as T
}

/** Id of an event. */
export const eventId = ({ block, logIndex }: Pick<Happened, 'block' | 'logIndex'>): string =>
  `${String(block).padStart(10, '0')}-${String(logIndex).padStart(6, '0')}`

export const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((a, b) => a + b, 0n)
export const count = <T>(list: readonly T[], is: (one: T) => boolean): number =>
  list.filter(is).length
