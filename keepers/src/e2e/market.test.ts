import { delphiAbi } from '@lockstep/deployments'
import { LIQUIDITY, quoteListings, shareId } from '@lockstep/deployments/protocol'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Address, formatEther, parseEther, parseUnits } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readMarket } from '../chain/markets.ts'
import { startLiar } from '../testing/chain.ts'
import { lockstep } from '../testing/command-line.ts'
import { type Actor, TestNetwork } from '../testing/network.ts'
import { StubContest } from '../testing/stub-contest.ts'

let network: TestNetwork
let contests = 0
const homes = new Map<Actor, string>()

beforeAll(async () => {
  network = await TestNetwork.start()
}, 900_000)

afterAll(() => network.stop())

const environment = (actor: Actor): Record<string, string> => {
  const home = homes.get(actor) ?? mkdtempSync(join(network.folder, `${actor}-`))
  homes.set(actor, home)
  return {
    LOCKSTEP_RPC: network.devnet.rpcUrl,
    LOCKSTEP_DEPLOYMENT: network.devnet.deploymentFile,
    LOCKSTEP_HOME: home,
    LOCKSTEP_PRIVATE_KEY: network.privateKey(actor),
    LOCKSTEP_POLL_SECONDS: '0.05',
  }
}

type Answer = Record<string, unknown> & { error?: { code: string; message: string } }

/** What a command answers, parsed; it must end with status 0 unless `exit` says otherwise. */
async function run(actor: Actor, args: readonly string[], exit = 0): Promise<Answer> {
  const result = await lockstep([...args, '--json'], environment(actor))
  const answer = JSON.parse(result.out) as Answer
  expect([result.exit, answer.error?.message]).toEqual([exit, answer.error?.message])
  return answer
}

const now = async () => (await network.contracts.chain.head()).time

async function pass(seconds: number): Promise<void> {
  await network.devnet.rpc.call('evm_increaseTime', seconds)
  await network.devnet.rpc.call('evm_mine')
}

/** A market of `other` on a contest of its own. */
async function market(
  options: { entrants?: number; owners?: readonly Address[]; flags?: readonly string[] } = {},
): Promise<{ id: string; contest: StubContest; closesAt: bigint }> {
  const contest = await StubContest.place(network.devnet, contests++)
  const closesAt = (await now()) + 5_000n
  const { entrants = 3, owners = [], flags = [] } = options
  await contest.says({ entrants, secretUntil: closesAt, decidedBy: closesAt + 1_000n, owners })
  const args = ['market', 'create', '--contest', '7', '--source', contest.address]
  const created = await run('other', [...args, '--liquidity', '100', ...flags])
  return { id: created['market'] as string, contest, closesAt }
}

const balanceOf = (actor: Actor, id: bigint) =>
  network.contracts.chain.client.readContract({
    abi: delphiAbi,
    address: network.contracts.delphi,
    functionName: 'balanceOf',
    args: [network.address(actor), id],
  })

describe('create', () => {
  test('takes its times from the contest, and keeps rules and metadata under their hashes', async () => {
    const rules = join(network.folder, 'rules.md')
    writeFileSync(rules, 'Whoever answers best wins.\n')
    const contest = await StubContest.place(network.devnet, contests++)
    const secretUntil = (await now()) + 4_000n
    await contest.says({ entrants: 4, secretUntil, decidedBy: secretUntil + 500n })
    const args = ['market', 'create', '--contest', '0x11', '--source', contest.address]
    const before = await network.balanceAi('other')
    const created = await run('other', [...args, '--subsidy', '50', '--rules', rules])
    expect(created).toMatchObject({
      outcomes: 4,
      closesAt: Number(secretUntil),
      voidsAt: Number(secretUntil) + 500,
      rules: expect.stringMatching(/^0x[0-9a-f]{64}$/) as string,
      metadata: `0x${'0'.repeat(64)}`,
    })
    const stored = join(environment('other')['LOCKSTEP_HOME'], 'store', 'documents')
    expect(readFileSync(join(stored, created['rules'] as string), 'utf8')).toContain('best wins')
    const paid = before - (await network.balanceAi('other'))
    expect(formatEther(paid)).toBe(created['subsidy'])
    expect(paid).toBeLessThanOrEqual(parseEther('50'))
    expect(paid).toBeGreaterThan(parseEther('49.9999999999'))
    const twin = await run('other', [...args, '--subsidy', '50', '--rules', rules])
    expect(twin['market']).not.toBe(created['market'])
  })

  test.each([
    ['no contest', () => ['--source', network.contracts.token, '--liquidity', '5'], 6, 'not-found'],
    ['an entrant only', async () => entrants(1), 6, 'too-early'],
    ['no liquidity', async () => (await entrants(2)).slice(0, 2), 2, 'bad-setting'],
    ['both', async () => [...(await entrants(2)), '--subsidy', '1'], 2, 'bad-setting'],
    ['too little', async () => [...(await entrants(2)), '--liquidity', '0.5'], 2, 'bad-setting'],
    ['closing in the past', async () => [...(await entrants(2)), '--closes-at', '9'], 2, 'refused'],
    ['void too early', async () => [...(await entrants(2)), '--voids-at', '9'], 2, 'refused'],
    ['parts above all', async () => [...(await entrants(2)), '--model-bps', '9999'], 2, 'refused'],
    [
      'a subsidy beyond the balance',
      async () => [...(await entrants(2)), '--liquidity', '9e9'],
      2,
      'bad-setting',
    ],
    [
      'too little $AI',
      async () => [...(await entrants(2)), '--liquidity', '100000000'],
      5,
      'too-little-funds',
    ],
    [
      'no rules file',
      async () => [...(await entrants(2)), '--rules', '/none'],
      4,
      'artifact-missing',
    ],
  ])('refuses %s', async (_, flags, exit, code) => {
    const answer = await run(
      'other',
      ['market', 'create', '--contest', '1', ...(await flags())],
      exit,
    )
    expect(answer.error?.code).toBe(code)
  })

  async function entrants(count: number): Promise<string[]> {
    const contest = await StubContest.place(network.devnet, contests++)
    const secretUntil = (await now()) + 4_000n
    await contest.says({ entrants: count, secretUntil, decidedBy: secretUntil })
    return ['--source', contest.address, '--liquidity', '5']
  }
})

describe('trading', () => {
  test('a purchase costs what was quoted, and a sale brings it', async () => {
    const { id } = await market()
    const short = id.slice(0, 12)
    const quote = await run('submitter', [
      'market',
      'quote',
      short,
      '--outcome',
      '1',
      '--shares',
      '40',
    ])
    const before = await network.balanceAi('submitter')
    const bought = await run('submitter', [
      'market',
      'buy',
      short,
      '--outcome',
      '1',
      '--shares',
      '40',
    ])
    expect(bought).toMatchObject({
      market: id,
      shares: '40',
      cost: quote['cost'],
      fee: quote['fee'],
    })
    expect(before - (await network.balanceAi('submitter'))).toBe(
      parseEther(quote['cost'] as string),
    )
    const shown = (await run('other', ['market', 'show', id])) as unknown as {
      outcomes: { price: string }[]
    }
    expect(shown.outcomes[1].price).toBe(quote['priceAfter'])
    const back = await run('submitter', [
      'market',
      'quote',
      id,
      '--outcome',
      '1',
      '--shares',
      '40',
      '--sell',
    ])
    const sold = await run('submitter', ['market', 'sell', id, '--outcome', '1', '--shares', '40'])
    expect(sold['proceeds']).toBe(back['proceeds'])
    expect(await balanceOf('submitter', shareId(BigInt(id), 1))).toBe(0n)
  })

  test('nothing may be taken beyond what a trade costs', async () => {
    const { id } = await market()
    const args = ['--outcome', '0', '--budget', '25', '--slippage', '0']
    const bought = await run('submitter', ['market', 'buy', id, ...args])
    expect(parseEther(bought['cost'] as string)).toBeLessThanOrEqual(parseEther('25'))
    expect(parseEther(bought['cost'] as string)).toBeGreaterThan(parseEther('24.99999'))
    const { chain, token, delphi } = network.contracts
    const allowance = await chain.client.readContract({
      abi: (await import('@lockstep/deployments')).aiTokenAbi,
      address: token,
      functionName: 'allowance',
      args: [network.address('submitter'), delphi],
    })
    expect(allowance).toBeLessThan(parseEther('0.00001'))
    const half = await run('submitter', ['market', 'sell', id, '--outcome', '0', '--budget', '10'])
    expect(parseEther(half['proceeds'] as string)).toBeGreaterThanOrEqual(parseEther('10'))
  })

  test('an outcome can be named by its owner', async () => {
    const owners = [network.address('solver'), network.address('cheat'), network.address('cheat')]
    const { id } = await market({ owners })
    const quote = (owner: Address, exit = 0) =>
      run('submitter', ['market', 'quote', id, '--outcome', owner, '--budget', '1'], exit)
    expect((await quote(owners[0]))['outcome']).toBe(0)
    expect((await quote(owners[1], 6)).error?.message).toContain('outcomes 1, 2 are owned by')
    expect((await quote(network.address('other'), 6)).error?.message).toContain('no outcome')
  })

  test.each([
    [['--outcome', '3', '--shares', '1'], 6, 'there is no outcome 3'],
    [['--outcome', '1'], 2, 'there is no amount'],
    [['--outcome', '1', '--shares', '1', '--budget', '1'], 2, 'there are two amounts'],
    [['--outcome', '1', '--shares', '0'], 2, 'LMSR_NoShares'],
    [['--outcome', '1', '--shares', '9999999'], 2, 'LMSR_QuantityOutOfRange'],
    [['--outcome', '1', '--shares', '0.0000000001'], 2, 'nine decimals'],
    [['--outcome', 'one', '--shares', '1'], 2, 'wants the number of an outcome, or an address'],
    [['--outcome', '1', '--budget', '1000', '--sell'], 2, 'no number of shares'],
  ])('a quote of %j is refused', async (flags, exit, message) => {
    const { id } = await shared()
    const answer = await run('submitter', ['market', 'quote', id, ...flags], exit)
    expect(answer.error?.message).toContain(message)
  })

  let known: Awaited<ReturnType<typeof market>> | undefined
  const shared = async () => (known ??= await market())

  test('what is not owned is not sold', async () => {
    const { id } = await shared()
    const answer = await run(
      'submitter',
      ['market', 'sell', id, '--outcome', '0', '--shares', '5'],
      5,
    )
    expect(answer.error?.message).toContain('0 shares of outcome 0, 5 are to be sold')
  })

  test('a market is named by its beginning, if no other begins so', async () => {
    const { id } = await shared()
    expect((await run('other', ['market', 'show', id.slice(0, 14)]))['market']).toBe(id)
    expect((await run('other', ['market', 'show', String(BigInt(id))]))['market']).toBe(id)
    for (const name of [`${id}0`, '0x', '123'])
      expect((await run('other', ['market', 'show', name], 6)).error?.code).toBe('not-found')
    for (const name of ['0xzz', 'seven'])
      expect((await run('other', ['market', 'show', name], 2)).error?.code).toBe('bad-setting')
  })

  test('liquidity is added at unchanged prices, for what was quoted', async () => {
    const { id } = await market()
    await run('submitter', ['market', 'buy', id, '--outcome', '2', '--budget', '30'])
    const before = await readMarket(
      network.contracts,
      BigInt(id),
      (await network.contracts.chain.head()).number,
    )
    const asked = ['market', 'liquidity', 'quote', id, '--liquidity', '150', '--slippage', '0']
    const quoted = await run('other', asked)
    const told = (await lockstep(asked, environment('other'))).out
    expect(told).toContain(`raising b from 100 to 150 $AI costs ${String(quoted['cost'])} $AI`)
    const paid = await network.balanceAi('solver')
    const added = await run('solver', [
      'market',
      'liquidity',
      'add',
      id,
      '--liquidity',
      '150',
      '--slippage',
      '0',
    ])
    expect(paid - (await network.balanceAi('solver'))).toBe(parseEther(added['cost'] as string))
    const after = await readMarket(
      network.contracts,
      BigInt(id),
      (await network.contracts.chain.head()).number,
    )
    expect(after.curve.b).toBe(parseEther('150'))
    const own = await balanceOf('solver', shareId(BigInt(id), LIQUIDITY))
    expect(formatEther(own)).toBe(added['liquidityShares'])
    expect(own * 3n).toBe(after.liquidityShares)
    expect(before.feesPaid).toBe(0n)
    expect(added).toMatchObject({ cost: quoted['cost'], outcomeShares: quoted['outcomeShares'] })
    for (const [outcome, shares] of (quoted['outcomeShares'] as string[]).entries()) {
      const held = await balanceOf('solver', shareId(BigInt(id), outcome))
      expect(parseUnits(shares, 9)).toBe(held)
      // Whatever was dearest before comes with it.
      expect(held > 0n).toBe(outcome === 2)
      if (held > 0n) expect(told).toContain(`${shares} of outcome ${outcome}`)
    }
    expect(
      (await run('solver', ['market', 'liquidity', 'add', id, '--liquidity', '150'], 2)).error
        ?.message,
    ).toContain('LMSR_LiquidityOutOfRange')
  })
})

describe('what a run that was killed had sent is not done again unasked', () => {
  /** Runs a command that loses the chain once its transaction is sent; it is mined all the same. */
  async function killed(actor: Actor, args: readonly string[]): Promise<void> {
    let isSent = false
    const { url, stop } = await startLiar(network.devnet.rpcUrl, (method) => {
      isSent ||= method === 'eth_sendRawTransaction'
      if (isSent && method === 'eth_getTransactionReceipt') throw new Error('cut')
      return undefined
    })
    const { exit } = await lockstep(args, { ...environment(actor), LOCKSTEP_RPC: url })
    stop()
    expect([exit, isSent]).toEqual([3, true])
  }

  async function refusesOnce(actor: Actor, args: readonly string[]): Promise<void> {
    const { error } = await run(actor, args, 7)
    expect(error?.message).toMatch(/was sent by an earlier run and is mined .* run it again/)
  }

  test('buy and sell', async () => {
    const { id } = await market()
    const own = () => balanceOf('challenger', shareId(BigInt(id), 1))
    const share = 10n ** 9n
    const trade = (side: string) => [...['market', side, id, '--outcome', '1', '--shares', '20']]
    await killed('challenger', trade('buy'))
    await refusesOnce('challenger', trade('buy'))
    expect(await own()).toBe(20n * share)
    await run('challenger', trade('buy'))
    expect(await own()).toBe(40n * share)
    await killed('challenger', trade('sell'))
    await refusesOnce('challenger', trade('sell'))
    expect(await own()).toBe(20n * share)
    // Another trade is none of its business.
    await killed('challenger', trade('buy'))
    await run('challenger', trade('sell'))
    expect(await own()).toBe(20n * share)
  })

  test('create', async () => {
    const contest = await StubContest.place(network.devnet, contests++)
    const secretUntil = (await now()) + 4_000n
    await contest.says({ entrants: 2, secretUntil, decidedBy: secretUntil })
    const args = ['market', 'create', '--contest', '7', '--source', contest.address]
    const create = [...args, '--liquidity', '10']
    const before = await network.balanceAi('challenger')
    await killed('challenger', create)
    await refusesOnce('challenger', create)
    const once = before - (await network.balanceAi('challenger'))
    await run('challenger', create)
    expect(before - (await network.balanceAi('challenger'))).toBe(2n * once)
    expect(once).toBeGreaterThan(0n)
  })
})

test('entrants are listed for no more than is allowed, quoted before anything is paid', async () => {
  const { id, contest } = await market({ entrants: 2 })
  await contest.says({ entrants: 5 })
  const { contracts } = network
  const one = await readMarket(contracts, BigInt(id), (await contracts.chain.head()).number)
  const quoted = quoteListings(one, 3)
  const extend = (most: bigint, exit = 0) =>
    run('solver', ['market', 'extend', id, '--max-cost', formatEther(most)], exit)
  const { error } = await extend(quoted - 1n, 2)
  expect(error?.message).toContain(`listing 3 outcome(s) costs ${formatEther(quoted)} $AI`)
  const before = await network.balanceAi('solver')
  expect(await extend(quoted)).toMatchObject({
    listed: [2, 3, 4],
    listingCost: formatEther(quoted),
  })
  expect(before - (await network.balanceAi('solver'))).toBe(quoted)
})

test('the history has every price, and each is what the contract said then', async () => {
  const { id } = await market({ entrants: 4 })
  const market_ = BigInt(id)
  const { chain, delphi } = network.contracts
  const said: string[][] = []
  const flags = [
    ['buy', '--outcome', '0', '--budget', '60'],
    ['buy', '--outcome', '3', '--shares', '12.345'],
    ['sell', '--outcome', '0', '--shares', '7'],
    ['liquidity', 'add', '--liquidity', '200'],
    ['buy', '--outcome', '1', '--shares', '500'],
  ]
  for (const [command, ...rest] of flags) {
    const words = command === 'liquidity' ? ['liquidity', rest.shift()!] : [command]
    await run('submitter', ['market', ...words, id, ...rest])
    const prices = await chain.client.readContract({
      abi: delphiAbi,
      address: delphi,
      functionName: 'pricesOf',
      args: [market_],
    })
    said.push(prices.map((price) => formatEther(price)))
  }
  const shown = (await run('other', ['market', 'show', id, '--history'])) as unknown as {
    history: { what: string; prices: string[]; time: number }[]
    volume: string
  }
  expect(shown.history.map(({ prices }) => prices)).toEqual(said)
  expect(shown.history.map(({ what }) => what)).toEqual([
    ...['bought', 'bought', 'sold', 'added liquidity', 'bought'],
  ])
  const times = shown.history.map(({ time }) => time)
  expect([...times].sort((a, b) => a - b)).toEqual(times)
  const listed = (await run('other', ['market', 'list'])) as unknown as {
    markets: { market: string; volume: string }[]
  }
  expect(listed.markets.find((one) => one.market === id)?.volume).toBe(shown.volume)
})

describe('the end', () => {
  test('a market is settled when its contest has decided, and pays its winners and its liquidity', async () => {
    const owners = [network.address('solver'), network.address('cheat'), network.address('cheat')]
    const { id, contest } = await market({ owners, flags: ['--fee-bps', '200'] })
    await run('submitter', ['market', 'buy', id, '--outcome', '0', '--shares', '10'])
    await run('submitter', ['market', 'buy', id, '--outcome', '1', '--shares', '20'])
    const early = await run('submitter', ['market', 'settle', id], 6)
    expect(early.error?.message).toMatch(/it trades until second \d+, for 1 h/)
    expect((await run('submitter', ['market', 'redeem', id], 6)).error?.message).toContain('trades')
    const modelFees = await run('solver', ['market', 'redeem', id, '--fees'])
    expect(Number(modelFees['fees'])).toBeGreaterThan(0)
    await pass(5_001)
    expect(
      (await run('submitter', ['market', 'buy', id, '--outcome', '1', '--shares', '1'], 6)).error
        ?.message,
    ).toContain('trading ended')
    const pending = await run('submitter', ['market', 'settle', id], 6)
    expect(pending.error?.message).toMatch(
      /has not decided; it is void after second \d+, in 16 min/,
    )
    await contest.says({ verdict: 1 })
    const held = await run('submitter', ['market', 'settle', id], 6)
    expect(held.error?.message).toContain('waits for a result')
    await contest.says({ verdict: 2, winners: [1] })
    expect(await run('submitter', ['market', 'settle', id])).toMatchObject({
      phase: 'settled',
      winners: [1],
    })
    expect(await run('solver', ['market', 'settle', id])).toMatchObject({ winners: [1] })
    expect(await run('submitter', ['market', 'redeem', id])).toMatchObject({
      shares: '20',
      liquidity: '0',
      fees: '0',
    })
    expect((await run('submitter', ['market', 'redeem', id], 6)).error?.code).toBe('not-found')
    const creator = await run('other', ['market', 'redeem', id, '--fees'])
    expect(Number(creator['liquidity'])).toBeGreaterThan(0)
    expect(Number(creator['fees'])).toBeGreaterThan(0)
    const shown = (await run('other', ['market', 'list', '--all'])) as unknown as {
      markets: { market: string; phase: string }[]
    }
    expect(shown.markets.find((one) => one.market === id)?.phase).toBe('settled')
  })

  test('a contest that never decides voids it, and every share is refunded', async () => {
    const { id } = await market()
    await run('submitter', ['market', 'buy', id, '--outcome', '2', '--shares', '50'])
    await pass(6_001)
    expect(await run('solver', ['market', 'settle', id])).toMatchObject({ phase: 'void' })
    const redeemed = await run('submitter', ['market', 'redeem', id])
    expect(Number(redeemed['shares'])).toBeGreaterThan(16)
    expect(Number(redeemed['shares'])).toBeLessThan(25)
  })
})
