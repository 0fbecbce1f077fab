import { Tensor, writeSafetensors } from '@lockstep/repops'
import { Random } from '@lockstep/repops/testing'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEther } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readContest } from '../chain/contests.ts'
import { readHolding, readPaid, readStandings } from '../chain/holdings.ts'
import { readMarket, readPosition } from '../chain/markets.ts'
import { readJob } from '../chain/jobs.ts'
import { askPreparation } from '../contest/attestation.ts'
import { enterContest } from '../contest/enter.ts'
import { openContest } from '../contest/open.ts'
import { MarketKeeper } from '../roles/market-keeper.ts'
import { MarketMaker } from '../roles/market-maker.ts'
import { lockstep } from '../testing/command-line.ts'
import {
  DAY,
  evaluatorRole,
  HOUR,
  hourlyContest,
  officeOf,
  passTo,
  scoreOnReference,
  serveStore,
  startAttester,
  tinyModel,
  tinyPerplexity,
} from '../testing/contests.ts'
import { traderOf } from '../testing/markets.ts'
import { type Actor, TestNetwork } from '../testing/network.ts'

let network: TestNetwork
const closing: (() => unknown)[] = []

beforeAll(async () => {
  network = await TestNetwork.start()
}, 900_000)

afterAll(async () => {
  for (const close of closing) await close()
  await network.stop()
})

const head = () => network.contracts.chain.head()

async function run(actor: Actor, ...args: string[]): Promise<Record<string, unknown>> {
  const { exit, out } = await attempt(actor, ...args)
  expect([exit, out]).toEqual([0, out])
  return JSON.parse(out) as Record<string, unknown>
}

function attempt(actor: Actor, ...args: string[]): ReturnType<typeof lockstep> {
  const env = {
    LOCKSTEP_RPC: network.devnet.rpcUrl,
    LOCKSTEP_DEPLOYMENT: network.devnet.deploymentFile,
    LOCKSTEP_HOME: mkdtempSync(join(network.folder, `${actor}-`)),
    LOCKSTEP_PRIVATE_KEY: network.privateKey(actor),
    LOCKSTEP_POLL_SECONDS: '0.05',
    LOCKSTEP_BACKEND: 'reference',
  }
  return lockstep([...args, '--json'], env)
}

const testSet = (seed: number): Tensor => {
  const random = new Random(seed)
  return new Tensor(
    'i32',
    Int32Array.from({ length: 2 * 2 * 6 }, () => random.below(12)),
  )
}

test('a model enters an open market, and the scores of the first round move its price', async () => {
  const opener = officeOf(network, 'submitter')
  const owner = officeOf(network, 'other')
  const { contracts } = network
  const attester = await startAttester(network, 'defender', officeOf(network, 'defender'))
  closing.push(attester.close)
  const place = { attester: network.address('defender'), uri: attester.uri }
  const order = await hourlyContest(network, place, [testSet(7), testSet(8)])
  const now = Number((await head()).time)
  const [first, second] = order.rounds
  const rounds = [first, { ...second, opensAt: now + 30 * DAY, orderBy: now + 30 * DAY + HOUR }]
  const { id: contest } = await openContest(opener, { ...order, rounds })
  const store = await serveStore(opener.mirror.folder)
  closing.push(store.close)
  await askPreparation(attester.uri, contracts.chain.id, { contest, from: store.url })
  const models = [1n, 2n, 3n].map((seed) => tinyModel(seed))
  for (const model of models.slice(0, 2)) await enterContest(owner, { contest, tensor: model })

  const args = ['--contest', String(contest), '--liquidity', '100']
  const created = await run('solver', 'market', 'create', ...args)
  expect(created).toMatchObject({ outcomes: 2, closesAt: now + 30 * DAY - 1 })
  const id = created['market'] as string
  const market = async () => readMarket(contracts, BigInt(id), (await head()).number)
  const canGrow = async () => {
    const paid = await readPaid(contracts, network.address('solver'), (await head()).number)
    expect(paid.get(BigInt(id))).toBe(parseEther(created['subsidy'] as string))
    return (
      await readHolding(contracts, await market(), network.address('solver'), 0n, await head())
    ).canGrow
  }
  expect(await canGrow()).toBe(true)

  // What the attester serves is all that entering needs.
  const file = join(network.folder, 'model.safetensors')
  const { count } = models[2]
  writeFileSync(file, writeSafetensors([['model', { shape: [count], tensor: models[2] }]]))
  const entered = await run('other', 'market', 'enter', id, '--model', file, '--peer', attester.uri)
  expect(entered).toMatchObject({ entrant: 2, outcome: 2, listed: [2] })
  expect(Number(entered['listingCost'])).toBeGreaterThan(0)
  expect(await run('other', 'market', 'extend', id)).toMatchObject({ listed: [], listingCost: '0' })
  const shown = await run('other', 'market', 'show', id)
  expect(shown).toMatchObject({ unlisted: 0, contestSays: 'pending' })
  const mine = network.address('other')
  expect((shown['outcomes'] as { owner: string }[]).map(({ owner }) => owner)).toEqual([
    mine,
    mine,
    mine,
  ])

  // Somebody else enters: whoever comes next would pay for that outcome too, and is asked before paying anything.
  await enterContest(officeOf(network, 'challenger'), { contest, tensor: tinyModel(4n) })
  const before = await network.balanceAi('other')
  const refused = await attempt('other', 'market', 'enter', id, '--model', file)
  expect([refused.exit, refused.out]).toEqual([
    2,
    expect.stringContaining('1 entrant(s) of others'),
  ])
  expect(await network.balanceAi('other')).toBe(before)
  expect(await run('defender', 'market', 'extend', id)).toMatchObject({ listed: [3] })

  await passTo(network, order.entriesClose + 1)
  expect(await canGrow()).toBe(false)
  const believer = (noise: number) =>
    new MarketMaker(traderOf(network, 'challenger'), {
      ...{ maxLoss: parseEther('30'), maxTrade: parseEther('30'), minEdge: parseEther('0.01') },
      ...{ slippageBps: 100, deadlineSeconds: 600, sellBackSeconds: 0, markets: [BigInt(id)] },
      ...{ beliefs: undefined, scoreNoise: noise },
    })
  expect(await believer(1e5).tick(await head())).toBe(false) // there are no scores yet

  // The first round is played: its scores are what a job computed and nobody could refute.
  const role = async (office: typeof opener, actor: 'submitter' | 'other') => {
    const keeper = network.keeper(actor)
    const { url, close } = await serveStore(keeper.workshop.mirror.folder)
    closing.push(close)
    return evaluatorRole(office, keeper, { uri: url, contests: [contest] })
  }
  const [opens, enters] = [await role(opener, 'submitter'), await role(owner, 'other')]
  const read = async () => readContest(contracts, contest, (await head()).number)
  await network.play([opens.tick, enters.tick], async () =>
    (await read()).entrants.slice(0, 2).every(({ root }) => root),
  )
  await passTo(network, first.opensAt)
  await network.play([opens.tick, enters.tick], async () => (await read()).evaluations.length === 2)
  const jobs = (await read()).evaluations.map(({ job }) => job)
  const solver = network.solver(network.keeper('solver'), { jobs, parallelJobs: 2 })
  await network.play([solver.tick], async () =>
    (await Promise.all(jobs.map((job) => readJob(contracts, job)))).every(
      ({ status }) => status === 'claimed',
    ),
  )
  await network.passDeadlines()
  await network.play([solver.tick, opens.tick], async () =>
    (await read()).entrants.slice(0, 2).every(({ scored }) => scored === 1),
  )

  const scores = await Promise.all(
    models.slice(0, 2).map((model) => scoreOnReference(tinyPerplexity, model, testSet(7))),
  )
  const found = await readStandings(contracts, (await market()).terms, 3)
  expect(found).toEqual({
    rounds: 2,
    standings: [...scores, 0].map((score, i) => ({ scored: i < 2 ? 1 : 0, total: BigInt(score) })),
  })
  const better = scores[0] > scores[1] ? 0 : 1
  const maker = believer(Math.abs(scores[0] - scores[1]) / 2)
  for (let looks = 0; looks < 10 && (await maker.tick(await head())); looks++);
  const { shares } = await readPosition(
    contracts,
    BigInt(id),
    3,
    network.address('challenger'),
    (await head()).number,
  )
  expect(shares[better]).toBeGreaterThan(0n)
  expect(shares[1 - better] + shares[2]).toBe(0n)

  // The second test set is never shown, so nobody wins: every share is paid its average price.
  const { terms } = await market()
  await passTo(network, Math.max(terms.voidsAt, (await read()).decidedBy) + 1)
  const keeper = new MarketKeeper(traderOf(network, 'challenger'), {
    markets: [BigInt(id)],
    series: [],
    minFees: 1n,
  })
  await keeper.tick(await head())
  expect((await market()).status).toBe('void')
  const left = await readPosition(
    contracts,
    BigInt(id),
    3,
    network.address('challenger'),
    (await head()).number,
  )
  expect(left.shares).toEqual([0n, 0n, 0n])
}, 120_000)
