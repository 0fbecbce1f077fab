import { delphiAbi } from '@lockstep/deployments'
import {
  type Abi,
  type AbiFunction,
  encodeFunctionResult,
  type Hex,
  toFunctionSelector,
  zeroAddress,
} from 'viem'
import { expect, test } from 'vitest'
import type { Contracts } from './contracts.ts'
import { readMarkets } from './markets.ts'

// What a node allows a request, and what the dearest of views takes of it.
const GAS_CAP = 10_000_000
const GAS_OF_REFUND = 3_300

const selectorOf = (name: string): Hex =>
  toFunctionSelector(
    (delphiAbi as Abi).find((item): item is AbiFunction => 'name' in item && item.name === name)!,
  )

/** Delphi as a node shows it that runs out of gas where too much is asked at once: markets of so many outcomes. */
function node(status: number, outcomes: number): { contracts: Contracts; refunds: () => number } {
  let asked = 0
  const encode = (functionName: string, result: unknown) =>
    encodeFunctionResult({ abi: delphiAbi, functionName, result } as never)
  const REFUNDS = selectorOf('refundsOf')
  const answers = new Map<string, Hex>([
    [selectorOf('marketOf'), encode('marketOf', { ...STORED, status, outcomes })],
    [selectorOf('outcomeOf'), encode('outcomeOf', OUTCOME)],
    [REFUNDS, encode('refundsOf', new Array(outcomes).fill(1n))],
  ])
  const simulateContract = ({ args: [calls] }: { args: [Hex[]] }) => {
    const refunds = calls.filter((data) => data.startsWith(REFUNDS)).length
    asked += refunds
    if (refunds * outcomes * GAS_OF_REFUND > GAS_CAP) throw new Error('out of gas')
    return Promise.resolve({ result: calls.map((data) => answers.get(data.slice(0, 10))!) })
  }
  const events = () =>
    Promise.resolve(IDS.map((market) => ({ args: { market, terms: { closesAt: 9 } } })))
  const contracts = { chain: { client: { simulateContract } }, history: { events } }
  return { contracts: contracts as unknown as Contracts, refunds: () => asked }
}

const IDS = Array.from({ length: 20 }, (_, i) => BigInt(i + 1))
const OUTCOME = { quantity: 0n, fees: 0n, since: 0, weighted: 0n }
const STORED = {
  ...{
    b: 10n ** 18n,
    feeBps: 100,
    opensAt: 1,
    closesAt: 9,
    isHalted: false,
    winner: 0,
    winners: 0,
  },
  ...{ offset: 0, pot: 0n, sum: 0n, source: zeroAddress, voidsAt: 9, creatorBps: 0, modelBps: 0 },
  ...{ protocolBps: 0, contest: 1n, liquidityShares: 0n, liquidity: 0n, sets: 0n },
  ...{ creator: zeroAddress, fees: 0n, boughtIn: 0n, creatorPaid: 0n, setsSince: 0 },
  ...{ protocolPaid: 0n, modelsPaid: 0n, voidTop: 0n, setsWeighted: 0n, voidScale: 0n, tied: 0n },
}

test('twenty markets of 256 outcomes are read without what they would refund', async () => {
  const { contracts, refunds } = node(1, 256)
  const markets = await readMarkets(contracts, IDS, 1n)
  expect(markets.map(({ id, refunds: found }) => [id, found])).toEqual(IDS.map((id) => [id, []]))
  expect(refunds()).toBe(0)
})

test('of void markets refunds are asked for as many outcomes as a node has gas for', async () => {
  const { contracts, refunds } = node(3, 256)
  const markets = await readMarkets(contracts, IDS, 1n)
  expect(markets.every(({ refunds: found }) => found.length === 256)).toBe(true)
  expect(refunds()).toBe(IDS.length)
})
