import { aiTokenAbi, delphiAbi } from '@lockstep/deployments/abis'
import {
  type Address,
  createPublicClient,
  custom,
  decodeDeployData,
  decodeFunctionData,
  deploylessCallViaBytecodeBytecode as bytecode,
  encodeErrorResult,
  encodeFunctionResult,
  type Hex,
  multicall3Abi,
  parseAbi,
} from 'viem'
import { beforeEach, expect, test } from 'vitest'
import type { Config } from '../config/config.ts'
import type { ChainClient } from '../data/chain.ts'
import { readFees } from './readFees.ts'

const addressOf = (digit: string): Address => `0x${digit.repeat(40)}`
const [CREATOR, TREASURY, OWNER, TOKEN, DELPHI] = ['1', '2', '3', '8', '9'].map(addressOf)
const MARKET = 7n
const TRADED = 40n

/** A node with a market of one outcome more than were traded. */
const node = {
  block: 1n,
  asked: [] as { readonly block: unknown; readonly data: Hex }[],
  /** Who is paid for an outcome, where that is not the creator. */
  owners: {} as Readonly<Record<string, Address>>,
  amounts: {} as Readonly<Record<string, bigint>>,
  /** What all models together are paid at most. */
  forModels: 0n,
  /** What is reverted with where a model's part is collected. */
  refusal: undefined as Hex | undefined,
}
beforeEach(() => {
  Object.assign(node, { block: 1n, asked: [], refusal: undefined, owners: { 0: OWNER } })
  node.forModels = 10_000n
  node.amounts = { collectCreatorFees: 30n, collectProtocolFees: 10n, collectModelFees: 20n }
})

const request = ({ method, params }: { method: string; params?: unknown }): Promise<unknown> =>
  Promise.resolve().then(() => {
    if (method === 'eth_blockNumber') return `0x${node.block.toString(16)}`
    if (method !== 'eth_call') throw new Error(`${method} is not asked for`)
    const [{ to, data }, block] = params as [{ to?: string; data: Hex }, unknown]
    node.asked.push({ block, data })
    return to === undefined ? aggregate(data) : delphi(data)
  })

/** One call after the other, with what those before it have paid. */
function aggregate(deployed: Hex): Hex {
  const abi = parseAbi(['constructor(bytes, bytes)'])
  const [, calldata] = decodeDeployData({ abi, bytecode, data: deployed }).args as [Hex, Hex]
  const { functionName, args } = decodeFunctionData({ abi: multicall3Abi, data: calldata })
  if (functionName !== 'aggregate3') throw new Error(`${functionName} is not asked for`)
  const paid = new Map<string, bigint>()
  let left = node.forModels
  const result = args[0].map(({ target, callData }) => {
    if (target === DELPHI) return collect(callData)
    const { args } = decodeFunctionData({ abi: aiTokenAbi, data: callData })
    const had = paid.get(String(args[0]).toLowerCase()) ?? 0n
    return done(encodeFunctionResult({ abi: aiTokenAbi, functionName: 'balanceOf', result: had }))
  })
  return encodeFunctionResult({ abi: multicall3Abi, functionName: 'aggregate3', result })

  function collect(data: Hex) {
    const { functionName, args } = decodeFunctionData({ abi: delphiAbi, data })
    const isModels = functionName === 'collectModelFees'
    const due = node.amounts[functionName]
    const amount = isModels && due > left ? left : due
    if (isModels) left -= amount
    if (isModels && node.refusal !== undefined) return { success: false, returnData: node.refusal }
    if (amount === 0n) return { success: false, returnData: refusalOf('Delphi_NothingToPay') }
    const whose = { collectCreatorFees: CREATOR, collectProtocolFees: TREASURY } as const
    const to = isModels
      ? (node.owners[String(args[1])] ?? CREATOR)
      : whose[functionName as keyof typeof whose]
    paid.set(to, (paid.get(to) ?? 0n) + amount)
    return done(encodeFunctionResult({ abi: delphiAbi, functionName, result: amount } as never))
  }
}
const done = (returnData: Hex) => ({ success: true, returnData })
const refusalOf = (errorName: 'Delphi_NothingToPay' | 'Delphi_TooLittleGas'): Hex =>
  encodeErrorResult({ abi: delphiAbi, errorName, args: [MARKET] })

function delphi(data: Hex): Hex {
  const { functionName, args } = decodeFunctionData({ abi: delphiAbi, data })
  const answer = (result: unknown): Hex =>
    encodeFunctionResult({ abi: delphiAbi, functionName, result } as never)
  switch (functionName) {
    case 'marketOf':
      return answer(STORED)
    case 'outcomeOf':
      return answer({ quantity: 0n, fees: args[1] < TRADED ? 9n : 0n, since: 0, weighted: 0n })
    case 'multicall':
      return answer(args[0].map(delphi))
    default:
      throw new Error(`${functionName} is not asked for`)
  }
}
const STORED = {
  ...{ status: 1, outcomes: Number(TRADED) + 1, isHalted: false, creator: CREATOR },
  ...{ source: addressOf('a'), contest: 5n, b: 10n ** 18n, offset: 0, sum: 0n, pot: 0n },
  ...{ sets: 0n, feeBps: 100, creatorBps: 0, modelBps: 0, protocolBps: 0 },
  ...{ opensAt: 1, closesAt: 2, voidsAt: 3 },
  ...{ winner: 0, winners: 0, tied: 0n, liquidity: 0n, liquidityShares: 0n, boughtIn: 0n },
  ...{ fees: 0n, creatorPaid: 0n, protocolPaid: 0n, modelsPaid: 0n },
  ...{ setsSince: 0, setsWeighted: 0n, voidTop: 0n, voidScale: 0n },
}

const client = createPublicClient({ transport: custom({ request }, { retryCount: 0 }) })
const read = (account: Address) =>
  readFees(
    client as unknown as ChainClient,
    { contracts: { delphi: DELPHI, token: TOKEN } as Config['contracts'] },
    MARKET,
    account,
  )

test('each is told its own parts, those of all outcomes that were traded', async () => {
  const parts = async (account: Address) => (await read(account)).due.flat()
  expect(await parts(OWNER)).toEqual([{ of: { outcome: 0 }, amount: 20n }])
  expect(await parts(TREASURY)).toEqual([{ of: 'protocol', amount: 10n }])
  const models = Array.from({ length: Number(TRADED) - 1 }, (_, i) => ({
    ...{ of: { outcome: i + 1 }, amount: 20n },
  }))
  expect(await parts(CREATOR)).toEqual([{ of: 'creator', amount: 30n }, ...models])
  node.amounts = { ...node.amounts, collectCreatorFees: 0n }
  expect(await parts(CREATOR)).toEqual(models)
  node.amounts = { collectCreatorFees: 0n, collectProtocolFees: 0n, collectModelFees: 0n }
  expect(await parts(CREATOR)).toEqual([])
  expect(await parts(DELPHI)).toEqual([])
})

test('a part is told as it is paid by itself', async () => {
  node.owners = { 3: OWNER }
  node.forModels = 4n * 20n - 1n
  expect((await read(OWNER)).due).toEqual([[{ of: { outcome: 3 }, amount: 20n }]])
})

test('a group is what was tried at once: no part of it is paid nothing where it is sent', async () => {
  const sizes = async () => (await read(CREATOR)).due.map((group) => group.length)
  // The creator's part and those of 39 models.
  expect(await sizes()).toEqual([32, 8])
  // Of 31 models one after the other the last is paid nothing: the next is not collected in its place.
  node.forModels = 30n * 20n
  expect(await sizes()).toEqual([31, 8])
})

test('what could not be tried is not told as nothing', async () => {
  node.refusal = refusalOf('Delphi_TooLittleGas')
  await expect(read(OWNER)).rejects.toThrow('Delphi_TooLittleGas')
  node.refusal = refusalOf('Delphi_NothingToPay')
  expect((await read(OWNER)).due).toEqual([])
})

test('what is asked at once is no more than a node takes, and all of it of the newest block', async () => {
  await read(CREATOR)
  node.block = 2n
  node.asked.length = 0
  expect((await read(CREATOR)).block).toBe(2n)
  expect(new Set(node.asked.map(({ block }) => block))).toEqual(new Set(['0x2']))
  // Code of a new contract has at most so many bytes (EIP-3860), and this goes as such.
  for (const { data } of node.asked) expect((data.length - 2) / 2).toBeLessThan(49_152)
})
