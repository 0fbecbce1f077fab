import { delphiAbi } from '@lockstep/deployments/abis'
import {
  type Address,
  createPublicClient,
  custom,
  decodeFunctionData,
  encodeAbiParameters,
  encodeErrorResult,
  encodeFunctionResult,
  type Hex,
  multicall3Abi,
  zeroAddress,
} from 'viem'
import { beforeEach, expect, test } from 'vitest'
import type { Config } from '../config/config.ts'
import type { ChainClient } from '../data/chain.ts'
import { readFees } from './readFees.ts'

const addressOf = (digit: string): Address => `0x${digit.repeat(40)}`
const [CREATOR, TREASURY, OWNER, DELPHI] = ['1', '2', '3', '9'].map(addressOf)
const ABI = delphiAbi
const MARKET = 7n

/** A node with a market of three outcomes, of which the first two were traded. */
const node = {
  block: 1n,
  blocksAsked: [] as unknown[],
  /** What the contest says of each outcome, or why it cannot be asked. */
  owners: [] as readonly Address[] | Error,
  amounts: {} as Readonly<Record<string, bigint>>,
}
beforeEach(() => {
  Object.assign(node, { block: 1n, blocksAsked: [] })
  node.owners = [OWNER, zeroAddress]
  node.amounts = { collectCreatorFees: 30n, collectProtocolFees: 10n, collectModelFees: 20n }
})

const request = ({ method, params }: { method: string; params?: unknown }): Promise<unknown> =>
  Promise.resolve().then(() => {
    if (method === 'eth_blockNumber') return `0x${node.block.toString(16)}`
    if (method !== 'eth_call') throw new Error(`${method} is not asked for`)
    const [{ to, data }, block] = params as [{ to?: string; data: Hex }, unknown]
    node.blocksAsked.push(block)
    return to === undefined ? contest() : delphi(data)
  })

function contest(): Hex {
  const { owners } = node
  if (owners instanceof Error) throw owners
  const result = owners.map((owner) => ({
    success: true,
    returnData: encodeAbiParameters([{ type: 'address' }], [owner]),
  }))
  return encodeFunctionResult({ abi: multicall3Abi, functionName: 'aggregate3', result })
}

function delphi(data: Hex): Hex {
  const { functionName, args } = decodeFunctionData({ abi: ABI, data })
  const answer = (result: unknown): Hex =>
    encodeFunctionResult({ abi: ABI, functionName, result } as never)
  switch (functionName) {
    case 'marketOf':
      return answer(STORED)
    case 'protocol':
      return answer([TREASURY, 1000])
    case 'outcomeOf':
      return answer({ quantity: 0n, fees: args[1] < 2n ? 9n : 0n, since: 0, weighted: 0n })
    case 'multicall':
      return answer(args[0].map(delphi))
    default: {
      const amount = node.amounts[functionName]
      if (amount > 0n) return answer(amount)
      throw Object.assign(new Error('execution reverted'), {
        code: 3,
        data: encodeErrorResult({ abi: ABI, errorName: 'Delphi_NothingToPay', args: [MARKET] }),
      })
    }
  }
}
const STORED = {
  ...{ status: 1, outcomes: 3, isHalted: false, creator: CREATOR, source: addressOf('a') },
  ...{ contest: 5n, b: 10n ** 18n, offset: 0, sum: 0n, pot: 0n, sets: 0n, feeBps: 100 },
  ...{ creatorBps: 0, modelBps: 0, protocolBps: 0, opensAt: 1, closesAt: 2, voidsAt: 3 },
  ...{ winner: 0, winners: 0, tied: 0n, liquidity: 0n, liquidityShares: 0n, boughtIn: 0n },
  ...{ fees: 0n, creatorPaid: 0n, protocolPaid: 0n, modelsPaid: 0n },
  ...{ setsSince: 0, setsWeighted: 0n, voidTop: 0n, voidScale: 0n },
}

const client = createPublicClient({ transport: custom({ request }, { retryCount: 0 }) })
const read = (account: Address) =>
  readFees(
    client as unknown as ChainClient,
    { contracts: { delphi: DELPHI } as Config['contracts'] },
    MARKET,
    account,
  )

test('each is told its own part; what is named nobody’s is the creator’s', async () => {
  const parts = async (account: Address) => (await read(account)).due
  expect(await parts(OWNER)).toEqual([{ of: { outcome: 0 }, amount: 20n }])
  expect(await parts(TREASURY)).toEqual([{ of: 'protocol', amount: 10n }])
  expect(await parts(CREATOR)).toEqual([
    { of: 'creator', amount: 30n },
    { of: { outcome: 1 }, amount: 20n },
  ])
  node.amounts = { ...node.amounts, collectCreatorFees: 0n }
  expect(await parts(CREATOR)).toEqual([{ of: { outcome: 1 }, amount: 20n }])
  expect(await parts(DELPHI)).toEqual([])
})

test('a contest that cannot be asked costs nobody but the owners of models, and is told', async () => {
  node.owners = new Error('too many requests')
  expect(await read(CREATOR)).toEqual({
    block: 1n,
    due: [{ of: 'creator', amount: 30n }],
    modelsProblem: expect.any(String) as string,
  })
  expect((await read(TREASURY)).due).toEqual([{ of: 'protocol', amount: 10n }])
  expect(await read(OWNER)).toMatchObject({ due: [], modelsProblem: expect.any(String) as string })
})

test('every reading is of the newest block', async () => {
  await read(CREATOR)
  node.block = 2n
  node.blocksAsked.length = 0
  expect((await read(CREATOR)).block).toBe(2n)
  expect(new Set(node.blocksAsked)).toEqual(new Set(['0x2']))
})
