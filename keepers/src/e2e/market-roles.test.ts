import { pricesOf } from '@lockstep/deployments/protocol'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pino from 'pino'
import { formatEther, parseEther, toFunctionSelector } from 'viem'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { connect } from '../chain/connect.ts'
import { findContracts } from '../chain/deployment.ts'
import { readOwnFees } from '../chain/fees.ts'
import { readHolding, readPaid } from '../chain/holdings.ts'
import { Journal } from '../chain/journal.ts'
import { marketName, readMarket, readPosition } from '../chain/markets.ts'
import { Sender } from '../chain/sender.ts'
import { worstLoss } from '../delphi/exposure.ts'
import { MarketKeeper } from '../roles/market-keeper.ts'
import { MarketMaker, type MakerTerms } from '../roles/market-maker.ts'
import { startLiar } from '../testing/chain.ts'
import { lockstep } from '../testing/command-line.ts'
import { newMarket, pass, spend, traderOf, unload } from '../testing/markets.ts'
import { type Actor, TestNetwork } from '../testing/network.ts'
import { parseOpenMetrics } from '../testing/open-metrics.ts'
import { LockstepProcess } from '../testing/processes.ts'

let network: TestNetwork
let files = 0
const closing: (() => unknown)[] = []

beforeAll(async () => {
  network = await TestNetwork.start()
}, 900_000)

afterAll(async () => {
  for (const close of closing) await close()
  await network.stop()
})

const head = () => network.contracts.chain.head()

/** A file with what is believed of markets. */
function believe(beliefs: Record<string, readonly number[]>, path?: string): string {
  const file = path ?? join(network.folder, `beliefs-${files++}.json`)
  writeFileSync(file, JSON.stringify(beliefs))
  return file
}

function maker(
  actor: Actor,
  beliefs: string,
  terms: Partial<MakerTerms> = {},
  changes = {},
): MarketMaker {
  return new MarketMaker(
    { ...traderOf(network, actor), ...changes },
    {
      maxLoss: parseEther('20'),
      maxTrade: parseEther('10'),
      minEdge: parseEther('0.01'),
      slippageBps: 100,
      deadlineSeconds: 600,
      sellBackSeconds: 0,
      markets: undefined,
      scoreNoise: undefined,
      beliefs,
      ...terms,
    },
  )
}

/** Looks until it has nothing more to do; returns how many trades that were. */
async function work(role: MarketMaker): Promise<number> {
  for (let trades = 0; ; trades++) if (!(await role.tick(await head()))) return trades
}

/** What an actor sees and sends through another endpoint. */
async function through(url: string, actor: Actor) {
  const contracts = await findContracts(await connect(url), network.devnet.deploymentFile)
  const { account, log } = traderOf(network, actor)
  const journal = new Journal(join(network.folder, `through-${files++}.jsonl`))
  closing.push(() => {
    journal.close()
  })
  const options = {
    confirmations: 1,
    maxFeePerGasWei: 10n ** 12n,
    bumpAfterSeconds: 30,
    pollSeconds: 0.02,
  }
  const { client, id } = contracts.chain
  return { contracts, sender: new Sender(client, id, account, journal, options, log) }
}

const sent = (actor: Actor) =>
  network.contracts.chain.client.getTransactionCount({ address: network.address(actor) })

async function loss(actor: Actor, id: bigint): Promise<bigint> {
  const now = await head()
  const paid = await readPaid(network.contracts, network.address(actor), now.number)
  const market = await readMarket(network.contracts, id, now.number)
  const own = paid.get(id) ?? 0n
  return worstLoss(await readHolding(network.contracts, market, network.address(actor), own, now))
}

/** A log, and what is warned of in it. */
function listening() {
  const lines: { level: number; msg: string }[] = []
  const write = (line: string) => void lines.push(JSON.parse(line) as (typeof lines)[number])
  return {
    log: pino({ level: 'info' }, { write }),
    warnings: () => lines.filter(({ level }) => level === 40),
  }
}

describe('a market maker', () => {
  test('says once which markets its beliefs speak of that are not there', async () => {
    const { id } = await newMarket(network, traderOf(network, 'other'))
    const short = marketName(id).slice(0, 12)
    const { log, warnings } = listening()
    const role = maker('submitter', believe({ [short]: [0.9, 0.1] }), {}, { log })
    expect(await work(role)).toBe(0)
    expect(await work(role)).toBe(0)
    expect(warnings()).toEqual([
      expect.objectContaining({
        market: marketName(BigInt(short)),
        msg: expect.stringContaining('it takes its whole id') as string,
      }),
    ])
  })

  test('trades towards its beliefs until the limit, and another process goes on where it was', async () => {
    const { id } = await newMarket(network, traderOf(network, 'other'))
    const beliefs = believe({ [marketName(id)]: [0.95, 0.05] })
    expect(await work(maker('solver', beliefs))).toBeGreaterThan(1)
    const reached = await loss('solver', id)
    expect(reached).toBeLessThanOrEqual(parseEther('20'))
    expect(reached).toBeGreaterThan(parseEther('19'))
    // A new process with nothing in its memory finds the limit used up.
    const before = await sent('solver')
    expect(await work(maker('solver', beliefs))).toBe(0)
    expect(await sent('solver')).toBe(before)
    // One that may lose less than that says so, once, with both figures.
    const { log, warnings } = listening()
    const narrow = maker('solver', beliefs, { maxLoss: parseEther('15') }, { log })
    expect(await work(narrow)).toBe(0)
    expect(await work(narrow)).toBe(0)
    expect(warnings()).toEqual([
      expect.objectContaining({
        ...{ worstLoss: formatEther(reached), atMost: '15' },
        msg: expect.stringContaining('the limit is reached') as string,
      }),
    ])
    // The file changes: what it held is sold again.
    const wide = maker('solver', beliefs)
    believe({ [marketName(id)]: [0.3, 0.7] }, beliefs)
    expect(await work(wide)).toBeGreaterThan(0)
    const market = await readMarket(network.contracts, id, (await head()).number)
    const [price] = pricesOf(market)
    expect(Number(price) / 1e18).toBeLessThan(0.5)
    expect(await loss('solver', id)).toBeLessThanOrEqual(parseEther('20'))
  })

  test('is bounded over all its markets together, and loses no more when all of them go wrong', async () => {
    const other = traderOf(network, 'other')
    const made = [
      await newMarket(network, other, { seconds: 3_000n }),
      await newMarket(network, other, { entrants: 4, seconds: 3_000n }),
      await newMarket(network, other, { entrants: 3, seconds: 3_000n }),
    ]
    const beliefs = believe({
      [marketName(made[0].id)]: [0.9, 0.1],
      [marketName(made[1].id)]: [0.1, 0.6, 0.2, 0.1],
      [marketName(made[2].id)]: [0.05, 0.05, 0.9],
    })
    const before = await network.balanceAi('cheat')
    const role = maker('cheat', beliefs, { maxLoss: parseEther('30') })
    await work(role)
    const paid = await readPaid(network.contracts, network.address('cheat'), (await head()).number)
    const spent = made.reduce((sum, { id }) => sum + (paid.get(id) ?? 0n), 0n)
    expect(before - (await network.balanceAi('cheat'))).toBe(spent)
    expect(spent).toBeGreaterThan(parseEther('28'))
    await pass(network, 3_100)
    for (const { contest } of made) await contest.says({ verdict: 2, winners: [0] })
    await made[0].contest.says({ verdict: 2, winners: [1] })
    const keeper = new MarketKeeper(traderOf(network, 'cheat'), {
      markets: made.map(({ id }) => id),
      series: [],
      minFees: 1n,
    })
    expect(await keeper.tick(await head())).toBe(false)
    const lost = before - (await network.balanceAi('cheat'))
    expect(lost).toBeLessThanOrEqual(parseEther('30'))
    expect(lost).toBeGreaterThan(parseEther('20'))
    // What is lost stays lost: the limit does not begin anew.
    const next = await newMarket(network, other)
    believe({ [marketName(next.id)]: [0.9, 0.1] }, beliefs)
    await work(maker('cheat', beliefs, { maxLoss: parseEther('30') }))
    expect((await loss('cheat', next.id)) + lost).toBeLessThanOrEqual(parseEther('30'))
  })

  test('whose quote is overtaken by another trade gives way, and keeps its limit', async () => {
    const { id } = await newMarket(network, traderOf(network, 'other'))
    let overtaken = 0
    // Between the quote and the trade somebody buys the same outcome.
    const { url, stop } = await startLiar(
      network.devnet.rpcUrl,
      () => undefined,
      async (method) => {
        if (/estimateGas|fillTransaction/.test(method) && overtaken++ === 0) {
          await spend(traderOf(network, 'submitter'), id, 0, '90')
        }
        return undefined
      },
    )
    closing.push(stop)
    const { contracts, sender } = await through(url, 'challenger')
    const beliefs = believe({ [marketName(id)]: [0.7, 0.3] })
    const role = maker('challenger', beliefs, {}, { contracts, sender })
    const traded = await role.tick(await contracts.chain.head())
    expect(overtaken).toBeGreaterThan(0)
    expect(traded).toBe(false)
    expect(await loss('challenger', id)).toBe(0n)
    await work(role)
    const after = await loss('challenger', id)
    expect(after).toBeLessThanOrEqual(parseEther('20'))
    // Above the belief now: what it can do is buy the other outcome.
    const now = await head()
    const { shares } = await readPosition(
      network.contracts,
      id,
      2,
      network.address('challenger'),
      now.number,
    )
    expect(shares[0]).toBe(0n)
  })

  test('trades nothing on a node that lags behind its last trade, and keeps its limit', async () => {
    const { id } = await newMarket(network, traderOf(network, 'other'))
    let lag: object | undefined
    const { url, stop } = await startLiar(network.devnet.rpcUrl, (method, params) =>
      method === 'eth_getBlockByNumber' && params[0] === 'latest' && lag !== undefined
        ? { result: lag }
        : undefined,
    )
    closing.push(stop)
    const { contracts, sender } = await through(url, 'defender')
    const beliefs = believe({ [marketName(id)]: [0.95, 0.05] })
    const terms = { maxLoss: parseEther('20'), maxTrade: parseEther('100') }
    const role = maker('defender', beliefs, terms, { contracts, sender })
    const before = await head()
    const block = await network.devnet.rpc.call(
      'eth_getBlockByNumber',
      `0x${before.number.toString(16)}`,
      false,
    )
    expect(await role.tick(await contracts.chain.head())).toBe(true)
    expect(await loss('defender', id)).toBeGreaterThan(parseEther('19'))
    lag = block as object
    const count = await sent('defender')
    for (let look = 0; look < 3; look++) {
      const stale = await contracts.chain.head()
      expect(stale.number).toBe(before.number)
      expect(await role.tick(stale)).toBe(true) // there may be more to do
    }
    expect(await sent('defender')).toBe(count)
    expect(await loss('defender', id)).toBeLessThanOrEqual(parseEther('20'))
    lag = undefined
    // What the slippage left of the limit is used up now.
    for (let looks = 0; await role.tick(await contracts.chain.head()); looks++)
      expect(looks).toBeLessThan(20)
    expect(await loss('defender', id)).toBeLessThanOrEqual(parseEther('20'))
  })

  test('trades in other markets where the history of one, in which it has nothing, is wrong', async () => {
    const other = traderOf(network, 'other')
    const [bad, good] = [await newMarket(network, other), await newMarket(network, other)]
    await spend(traderOf(network, 'submitter'), bad.id, 0, '10')
    const { url, stop } = await startLiar(network.devnet.rpcUrl, (method, _, truth) => {
      if (method !== 'eth_getLogs') return undefined
      const isOfBad = ({ topics, data }: { topics: string[]; data: string }) =>
        topics.length === 4 && BigInt(topics[1]) === bad.id && data.length > 2
      return {
        result: (truth as { topics: string[]; data: string }[]).filter((log) => !isOfBad(log)),
      }
    })
    closing.push(stop)
    const { contracts, sender } = await through(url, 'submitter')
    const beliefs = believe({ [marketName(bad.id)]: [0.1, 0.9], [marketName(good.id)]: [0.9, 0.1] })
    const role = maker('cheat', beliefs, { maxLoss: parseEther('100') }, { contracts })
    expect(await work(role)).toBeGreaterThan(0)
    const paid = await readPaid(network.contracts, network.address('cheat'), (await head()).number)
    expect(paid.get(good.id)).toBeGreaterThan(0n)
    expect(paid.get(bad.id)).toBeUndefined()
    // Who has something there trades nowhere.
    const holder = maker(
      'submitter',
      beliefs,
      { maxLoss: parseEther('1000') },
      { contracts, sender },
    )
    await expect(holder.tick(await contracts.chain.head())).rejects.toThrow(/keeps events back/)
  })

  test('trades nothing on an endpoint that keeps trades back', async () => {
    const { id } = await newMarket(network, traderOf(network, 'other'))
    await spend(traderOf(network, 'defender'), id, 0, '10')
    const { delphi } = network.contracts
    const { url, stop } = await startLiar(network.devnet.rpcUrl, (method, params, truth) => {
      if (method !== 'eth_getLogs') return undefined
      const { address } = params[0] as { address: string[] }
      return [address].flat().length === 1 &&
        [address].flat()[0].toLowerCase() === delphi.toLowerCase()
        ? { result: (truth as unknown[]).slice(0, -1) }
        : undefined
    })
    closing.push(stop)
    const contracts = await findContracts(await connect(url), network.devnet.deploymentFile)
    const beliefs = believe({ [marketName(id)]: [0.9, 0.1] })
    const role = maker('defender', beliefs, {}, { contracts })
    await expect(role.tick(await contracts.chain.head())).rejects.toThrow(/keeps events back/)
  })

  test('sells everything before trading ends, if it is told to', async () => {
    const { id } = await newMarket(network, traderOf(network, 'other'), { seconds: 2_000n })
    const beliefs = believe({ [marketName(id)]: [0.8, 0.2] })
    const role = maker('submitter', beliefs, { sellBackSeconds: 900, maxLoss: parseEther('500') })
    expect(await work(role)).toBeGreaterThan(0)
    await pass(network, 1_200)
    await work(role)
    const { shares } = await readPosition(
      network.contracts,
      id,
      2,
      network.address('submitter'),
      (await head()).number,
    )
    expect(shares).toEqual([0n, 0n])
  })

  test('trades nothing on beliefs that cannot be read', async () => {
    const file = join(network.folder, 'broken.json')
    writeFileSync(file, '{"0x12": [0.9, 0.9]}')
    await expect(maker('solver', file).tick(await head())).rejects.toThrow(/add up to 1\.8/)
  })
})

describe('a market keeper', () => {
  test('settles what is due, redeems what is its own, and then does nothing more', async () => {
    const other = traderOf(network, 'other')
    const owners = [network.address('defender'), network.address('other')]
    const early = await newMarket(network, other, { owners, seconds: 1_000n, feeBps: 500 })
    const late = await newMarket(network, other, { owners, seconds: 9_000n, feeBps: 500 })
    const defender = traderOf(network, 'defender')
    for (const { id } of [early, late]) await spend(defender, id, 0, '50')
    const shares = await spend(other, early.id, 1, '20')
    await unload(other, early.id, 1, shares / 2n)
    const terms = { markets: [early.id, late.id], series: [], minFees: parseEther('0.3') }
    const keeper = new MarketKeeper(defender, terms)
    // Of fees that are worth it, what the owner of the entrant gets: 20 % of 2.5 $AI in each market.
    const before = await network.balanceAi('defender')
    expect(await keeper.tick(await head())).toBe(true)
    const collected = (await network.balanceAi('defender')) - before
    expect(Number(collected) / 1e18).toBeGreaterThan(0.85)
    expect(Number(collected) / 1e18).toBeLessThan(1.05)
    const quiet = await sent('defender')
    await keeper.tick(await head())
    expect(await sent('defender')).toBe(quiet)
    // Due, but not decided: it waits.
    await pass(network, 1_001)
    await keeper.tick(await head())
    expect(await sent('defender')).toBe(quiet)
    await early.contest.says({ verdict: 2, winners: [0] })
    await keeper.tick(await head())
    const status = async (id: bigint) =>
      (await readMarket(network.contracts, id, (await head()).number)).status
    expect([await status(early.id), await status(late.id)]).toEqual(['settled', 'open'])
    const own = await readPosition(
      network.contracts,
      early.id,
      2,
      defender.account.address,
      (await head()).number,
    )
    expect(own.shares).toEqual([0n, 0n])
    expect(await network.balanceAi('defender')).toBeGreaterThan(before + parseEther('40'))
    // The creator's keeper finds it settled, and takes liquidity and fees.
    const creator = await network.balanceAi('other')
    await new MarketKeeper(other, { ...terms, markets: [early.id] }).tick(await head())
    expect((await network.balanceAi('other')) - creator).toBeGreaterThan(parseEther('30'))
  })

  test('looks unasked only after what settles from the Judge and what it has a part of', async () => {
    const other = traderOf(network, 'other')
    const [own, foreign] = [
      await newMarket(network, other, { seconds: 500n }),
      await newMarket(network, other, { seconds: 500n }),
    ]
    await spend(traderOf(network, 'challenger'), own.id, 0, '5')
    await pass(network, 501)
    for (const { contest } of [own, foreign]) await contest.says({ verdict: 2, winners: [0] })
    const keeper = new MarketKeeper(traderOf(network, 'challenger'), {
      markets: undefined,
      series: [],
      minFees: 1n,
    })
    await keeper.tick(await head())
    const { number } = await head()
    expect((await readMarket(network.contracts, own.id, number)).status).toBe('settled')
    expect((await readMarket(network.contracts, foreign.id, number)).status).toBe('open')
  })

  test('tries what failed more and more rarely', async () => {
    const { id, contest } = await newMarket(network, traderOf(network, 'other'), { seconds: 500n })
    await pass(network, 501)
    await contest.says({ verdict: 2, winners: [0] })
    const trader = traderOf(network, 'cheat')
    const send = vi.spyOn(trader.sender, 'send').mockRejectedValue(new Error('burnt its gas'))
    try {
      const keeper = new MarketKeeper(trader, { markets: [id], series: [], minFees: 1n })
      for (let look = 0; look < 12; look++) expect(await keeper.tick(await head())).toBe(true)
      expect(send.mock.calls.length).toBe(3)
    } finally {
      send.mockRestore()
    }
  })

  test('takes only Delphi’s word for it whose a part is, and that none is due', async () => {
    const owners = [network.address('defender'), network.address('other')]
    const { id, contest } = await newMarket(network, traderOf(network, 'other'), { owners })
    await spend(traderOf(network, 'submitter'), id, 0, '50')
    let isBusy = false
    const collect = toFunctionSelector('collectModelFees(uint256,uint256)').slice(2)
    const { url, stop } = await startLiar(network.devnet.rpcUrl, (method, params) =>
      isBusy && method === 'eth_call' && (params[0] as { data: string }).data.includes(collect)
        ? { error: { code: -32603, message: 'the node is busy' } }
        : undefined,
    )
    closing.push(stop)
    const { contracts } = await through(url, 'defender')
    const market = await readMarket(contracts, id, (await contracts.chain.head()).number)
    const fees = (actor: Actor) => readOwnFees(contracts, market, network.address(actor))
    expect(await fees('defender')).toEqual([[{ outcome: 0 }]])
    expect(await fees('other')).toEqual([['creator']])
    expect(
      await readOwnFees(contracts, market, network.address('other'), parseEther('50')),
    ).toEqual([])
    // A contest that burns all gas names nobody, as the contract takes it.
    const { rpc } = network.devnet
    const { client } = contracts.chain
    const code = await client.getCode({ address: contest.address })
    await rpc.call('anvil_setCode', contest.address, '0xfe')
    expect(await fees('defender')).toEqual([])
    expect(await fees('other')).toEqual([['creator', { outcome: 0 }]])
    await rpc.call('anvil_setCode', contest.address, code)
    isBusy = true
    await expect(fees('defender')).rejects.toThrow(/busy|aggregate3/)
  })
})

describe('the command line', () => {
  const environment = (actor: Actor) => ({
    LOCKSTEP_RPC: network.devnet.rpcUrl,
    LOCKSTEP_DEPLOYMENT: network.devnet.deploymentFile,
    LOCKSTEP_HOME: join(network.folder, `cli-${files++}`),
    LOCKSTEP_PRIVATE_KEY: network.privateKey(actor),
  })

  test.each([
    [['market-keeper', '--schedule', 'soon'], 'not a schedule'],
    [['market-keeper', '--min-fees', '-1'], 'it wants an amount'],
    [['market-maker', '--max-loss', '5'], 'nothing to believe in'],
    [['market-maker', '--beliefs', 'none.json'], '--max-loss'],
    [['market-maker', '--max-loss', '5', '--score-noise', '0'], 'a number from'],
  ])('%j is refused', async (args, message) => {
    const { exit, err } = await lockstep(args, environment('defender'))
    expect([exit, err]).toEqual([2, expect.stringContaining(message)])
  })

  test('a market keeper settles on its schedule, and a market maker stops when nothing is left', async () => {
    const { id, contest } = await newMarket(network, traderOf(network, 'other'), { seconds: 60n })
    const beliefs = believe({ [marketName(id)]: [0.9, 0.1] })
    const flags = ['--beliefs', beliefs, '--max-loss', '300', '--max-trade', '300']
    const role = ['market-maker', ...flags, '--once', '--poll-seconds', '0.05', '--json']
    const maker = await lockstep(role, environment('challenger'))
    expect(maker).toMatchObject({ exit: 0, out: '{"stopped":true}\n' })
    const shares = async () => {
      const { number } = await head()
      const own = await readPosition(
        network.contracts,
        id,
        2,
        network.address('challenger'),
        number,
      )
      return own.shares[0]
    }
    expect(await shares()).toBeGreaterThan(0n)
    const args = ['market-keeper', '--schedule', '* * * * * *', '--markets', marketName(id)]
    const keeper = new LockstepProcess([...args, '--metrics-port', '0'], environment('challenger'))
    const { url } = await keeper.line(({ msg }) => msg === 'metrics')
    await pass(network, 61)
    await contest.says({ verdict: 2, winners: [0] })
    await keeper.line(({ msg }) => msg === 'resolved')
    await keeper.line(({ msg }) => msg === 'collected')
    const samples = parseOpenMetrics(await (await fetch(url as string)).text())
    const resolved = samples.find(({ name }) => name === 'lockstep_markets_resolved_total')
    expect(resolved?.value).toBe(1)
    expect(await keeper.stop()).toBe(0)
    expect(await shares()).toBe(0n)
  })
})
