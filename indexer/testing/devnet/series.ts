// A series of a devnet over two epochs, the first of which is void, and a basket of what its markets trade.
import { basketAbi, delphiAbi, judgeAbi, perpetualAbi } from '@lockstep/deployments'
import {
  encodeAbiParameters,
  getAbiItem,
  type Hex,
  keccak256,
  parseEther,
  toHex,
  zeroHash,
} from 'viem'
import { pass } from '../../../keepers/src/testing/markets.ts'
import type { TestNetwork } from '../../../keepers/src/testing/network.ts'
import { Account } from './account.ts'

export interface Leg {
  readonly market: bigint
  readonly outcome: bigint
  readonly weight: bigint
}

export interface Pools {
  readonly series: bigint
  readonly legs: readonly Leg[]
}

const LATE = 2n ** 39n
const hash = (text: string): Hex => keccak256(toHex(text))

/** `between`: called when the first epoch is over. `other`: an open market for the basket. */
export async function playPools(
  network: TestNetwork,
  other: bigint,
  between: () => Promise<void>,
): Promise<Pools> {
  const { contracts, devnet } = network
  const { judge, perpetual, delphi, basket, chain } = {
    ...contracts,
    basket: devnet.deployment.contracts.basket,
  }
  const [lender, curator] = [new Account(devnet, 7), new Account(devnet, 8)]
  const now = async () => Number((await chain.head()).time)
  for (const spender of [judge, perpetual, delphi, basket]) {
    await curator.approve(spender)
    await lender.approve(spender)
  }

  const evaluator = {
    ...{ nodesRoot: zeroHash, statesRoot: zeroHash, constantEntriesRoot: zeroHash },
    ...{ initialStateRoot: zeroHash, weightsRoot: zeroHash, rubric: zeroHash },
    ...{ nodes: 0, states: 1, steps: 0, interval: 0, seed: 0n, scoreState: 0 },
  }
  await curator.call(judgeAbi, judge, 'registerEvaluator', [evaluator])
  const { inputs } = getAbiItem({ abi: judgeAbi, name: 'registerEvaluator' })
  const begin = (await now()) + 20
  const terms = {
    evaluator: keccak256(encodeAbiParameters(inputs, [evaluator])),
    ...{ rules: hash('rules'), metadata: zeroHash, attester: curator.address },
    ...{ startsAt: begin, minEntrants: 2, maxEntrants: 8, rounds: 1, epochSeconds: 1_800 },
    ...{ entrySeconds: 600, roundSeconds: 600, orderSeconds: 600, solveSeconds: 600 },
    ...{ workSeconds: 60, riskBps: 5_000, feeBps: 300, creatorBps: 4_000, modelBps: 1_000 },
    ...{ reward: parseEther('1'), stake: parseEther('10'), uri: 'http://127.0.0.1:9000' },
  }
  await curator.call(perpetualAbi, perpetual, 'create', [terms, zeroHash])
  const series = BigInt(
    keccak256(
      encodeAbiParameters(
        [{ type: 'address' }, ...getAbiItem({ abi: perpetualAbi, name: 'create' }).inputs],
        [curator.address, terms, zeroHash],
      ),
    ),
  )
  const onPerpetual = async (by: Account, name: string, ...args: unknown[]) =>
    by.call(perpetualAbi, perpetual, name as 'settle', [series, ...args] as never)
  for (const epoch of [0n, 1n]) {
    await onPerpetual(curator, 'commitTestSets', epoch, [hash(`test set ${epoch}`)])
  }
  await onPerpetual(lender, 'requestDeposit', parseEther('1000'))
  await onPerpetual(curator, 'settle')
  await onPerpetual(curator, 'claim', lender.address)

  const epochOf = async (epoch: bigint) =>
    chain.client.readContract({
      ...{ abi: perpetualAbi, address: perpetual, functionName: 'epochOf' },
      args: [series, epoch],
    })
  const enter = async (epoch: bigint, name: string, owner: 'solver' | 'cheat') => {
    const { contest } = await epochOf(epoch)
    const entry = [contest, network.address(owner), hash(name), zeroHash] as const
    await curator.call(judgeAbi, judge, 'enter', entry)
  }
  await pass(network, begin + 5 - (await now()))
  await onPerpetual(curator, 'openContest', terms)
  await enter(0n, 'a', 'solver')
  await enter(0n, 'b', 'cheat')
  await onPerpetual(curator, 'openMarket', terms)
  const first = (await epochOf(0n)).market
  await curator.call(delphiAbi, delphi, 'buyFor', [first, 0n, parseEther('60'), 0n, LATE])
  await curator.call(delphiAbi, delphi, 'buyFor', [first, 1n, parseEther('9'), 0n, LATE])

  await pass(network, begin + 1_805 - (await now()))
  await between()
  await onPerpetual(curator, 'openContest', terms)
  await onPerpetual(curator, 'carry', 0n, 0n)
  await enter(1n, 'c', 'cheat')
  await onPerpetual(lender, 'requestWithdrawal', 10n ** 23n)
  // Nothing was revealed, so the first contest is void: its liquidity comes back and goes into the next market.
  await pass(network, begin + 2_410 - (await now()))
  await onPerpetual(curator, 'settle')
  await onPerpetual(curator, 'openMarket', terms)
  await onPerpetual(curator, 'payCurator', 0n)
  await curator.call(delphiAbi, delphi, 'setOperator', [perpetual, true])
  await onPerpetual(curator, 'rollPosition', 0n, 0n, 0n, curator.address, 0n, LATE)

  const { market } = await epochOf(1n)
  const legs = [
    { market, outcome: 1n, weight: 2n },
    { market: other, outcome: 0n, weight: 1n },
  ].sort((a, b) => (a.market < b.market ? -1 : 1))
  const shares = 5_000_000_000n
  await lender.call(basketAbi, basket, 'buy', [legs, shares, parseEther('100'), LATE])
  await lender.call(basketAbi, basket, 'burn', [legs, shares])
  await lender.call(delphiAbi, delphi, 'setOperator', [basket, true])
  await lender.call(basketAbi, basket, 'mint', [legs, shares - 1n])
  await lender.call(basketAbi, basket, 'sell', [legs, 1_000_000_000n, 0n, LATE])
  await onPerpetual(curator, 'windUp')
  return { series, legs }
}
