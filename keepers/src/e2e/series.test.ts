import { judgeAbi, perpetualAbi } from '@lockstep/deployments'
import { encodeAbiParameters, getAbiItem, keccak256, parseEther, toHex, zeroHash } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readMarket } from '../chain/markets.ts'
import { readSeries, type SeriesTerms } from '../chain/series.ts'
import { approve, transact } from '../chain/transact.ts'
import { MarketKeeper } from '../roles/market-keeper.ts'
import { pass, spend, traderOf } from '../testing/markets.ts'
import { type Actor, TestNetwork } from '../testing/network.ts'

let network: TestNetwork
let serial = 0

beforeAll(async () => {
  network = await TestNetwork.start()
}, 900_000)

afterAll(() => network.stop())

const head = () => network.contracts.chain.head()
const hash = (text: string) => keccak256(toHex(text))

const EVALUATOR = {
  ...{ nodesRoot: zeroHash, statesRoot: zeroHash, constantEntriesRoot: zeroHash },
  ...{ initialStateRoot: zeroHash, weightsRoot: zeroHash, rubric: zeroHash },
  ...{ nodes: 0, states: 1, steps: 0, interval: 0, seed: 0n, scoreState: 0 },
}

async function onJudge(actor: Actor, functionName: 'registerEvaluator' | 'enter', args: unknown) {
  const { judge: address } = network.contracts
  const call = { abi: judgeAbi, address, functionName, args } as never
  await transact(network.sender(actor), `${functionName}:${serial++}`, call)
}

async function onPerpetual(
  actor: Actor,
  functionName: 'create' | 'commitTestSets' | 'requestDeposit',
  args: unknown,
) {
  const { perpetual: address } = network.contracts
  const call = { abi: perpetualAbi, address, functionName, args } as never
  await transact(network.sender(actor), `${functionName}:${serial++}`, call)
}

const perpetual = () => ({ abi: perpetualAbi, address: network.contracts.perpetual }) as const
const seriesOf = (id: bigint) =>
  network.contracts.chain.client.readContract({
    ...perpetual(),
    functionName: 'seriesOf',
    args: [id],
  })
const epochOf = (id: bigint, epoch: bigint) =>
  network.contracts.chain.client.readContract({
    ...perpetual(),
    functionName: 'epochOf',
    args: [id, epoch],
  })

/** Two entrants of whom nothing will be revealed. */
async function enterTwo(contest: bigint): Promise<void> {
  await approve(
    network.contracts,
    network.sender('submitter'),
    `fee:${contest}`,
    network.contracts.judge,
    parseEther('2'),
  )
  for (const entrant of ['solver', 'cheat'] as const) {
    const commitment = hash(`${contest} ${entrant}`)
    await onJudge('submitter', 'enter', [contest, network.address(entrant), commitment, zeroHash])
  }
}

test('a series goes from epoch to epoch, its liquidity from market to market', async () => {
  await onJudge('other', 'registerEvaluator', [EVALUATOR])
  const { inputs } = getAbiItem({ abi: judgeAbi, name: 'registerEvaluator' })
  const begin = Number((await head()).time) + 20
  const terms: SeriesTerms = {
    evaluator: keccak256(encodeAbiParameters(inputs, [EVALUATOR])),
    ...{ rules: zeroHash, metadata: zeroHash, attester: network.address('other') },
    ...{ startsAt: begin, minEntrants: 2, maxEntrants: 8, rounds: 1, epochSeconds: 1_800 },
    ...{ entrySeconds: 600, roundSeconds: 600, orderSeconds: 600, solveSeconds: 600 },
    ...{ workSeconds: 60, riskBps: 5_000, feeBps: 300, creatorBps: 4_000, modelBps: 1_000 },
    ...{ reward: parseEther('1'), stake: parseEther('10'), uri: '' },
  }
  await onPerpetual('other', 'create', [terms, zeroHash])
  const [{ id, curator }] = await readSeries(network.contracts, (await head()).number)
  expect(curator).toBe(network.address('other'))
  for (const epoch of [0n, 1n])
    await onPerpetual('other', 'commitTestSets', [id, epoch, [hash(`test set ${epoch}`)]])
  const assets = parseEther('1000')
  const defender = network.sender('defender')
  await approve(network.contracts, defender, 'deposit', network.contracts.perpetual, assets)
  await onPerpetual('defender', 'requestDeposit', [id, assets])

  const all = { markets: undefined, series: undefined, minFees: parseEther('1') }
  const keeper = new MarketKeeper(traderOf(network, 'defender'), all)
  const look = async () => keeper.tick(await head())
  // What was asked for is done, and given to who asked.
  await look()
  expect(await seriesOf(id)).toMatchObject({ assets, queuedAssets: 0n, opened: 0 })
  const shares = await network.contracts.chain.client.readContract({
    ...perpetual(),
    functionName: 'balanceOf',
    args: [network.address('defender'), id],
  })
  expect(shares).toBeGreaterThan(0n)

  await pass(network, begin - Number((await head()).time) + 5)
  await look()
  expect((await seriesOf(id)).opened).toBe(1)
  await enterTwo((await epochOf(id, 0n)).contest)
  await look()
  expect((await seriesOf(id)).live).toBe(1)
  const { market } = await epochOf(id, 0n)
  await spend(traderOf(network, 'submitter'), market, 0, '60')
  const before = await network.balanceAi('other')
  await new MarketKeeper(traderOf(network, 'other'), { ...all, minFees: parseEther('0.5') }).tick(
    await head(),
  )
  const earned = (await network.balanceAi('other')) - before
  expect(Number(earned) / 1e18).toBeCloseTo(0.4 * 1.75, 1) // 40 % of 3 % of what was spent

  await pass(network, begin + 1_810 - Number((await head()).time))
  await look()
  expect((await seriesOf(id)).opened).toBe(2)
  await enterTwo((await epochOf(id, 1n)).contest)
  await look()
  expect((await seriesOf(id)).live).toBe(1) // the market before has not ended
  const sent = await network.contracts.chain.client.getTransactionCount({
    address: network.address('defender'),
  })
  await look()
  expect(
    await network.contracts.chain.client.getTransactionCount({
      address: network.address('defender'),
    }),
  ).toBe(sent)

  // Nothing was revealed, so the first contest is void: its liquidity comes back and goes into the next market.
  await pass(network, begin + 2_410 - Number((await head()).time))
  await look()
  expect((await readMarket(network.contracts, market, (await head()).number)).status).toBe('void')
  await look()
  expect((await seriesOf(id)).live).toBe(2)
  expect((await epochOf(id, 1n)).market).not.toBe(0n)
}, 120_000)
