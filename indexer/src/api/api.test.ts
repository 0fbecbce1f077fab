import { Book, lmsr, WAD } from '@lockstep/deployments/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pageDocuments } from '../../testing/documents.ts'
import type { Database } from './data/database.ts'
import { ChainClock } from './live/clock.ts'
import { type TestDatabase, testDatabase } from './testing/database.ts'
import { testServer } from './testing/server.ts'

const NOW = 10_000
const a = (n: number): string => `0x${n.toString(16).padStart(40, '0')}`
const h = (n: number): string => `0x${n.toString(16).padStart(64, '0')}`
const HOSTILE = `<script>alert('1')</script>"; drop table job; -- \\ \u{1f600} %_$1`

let database: TestDatabase
let server: ReturnType<typeof testServer<unknown>>

/** A market whose curve moved, and what its outcomes cost. */
const book = new Book(10n ** 20n, 256)
book.buy(3, 40n * 10n ** 9n)
book.buy(200, 15n * 10n ** 9n)
const curve = { b: book.curve.b, offset: book.curve.offset, sum: book.curve.sum }
const price = (outcome: number): bigint => lmsr.price(book.curve, book.quantities[outcome])

beforeAll(async () => {
  database = await testDatabase()
  await database.setHead(500, NOW)
  await database.insert('account', [
    { id: a(1), balance: 2n ** 255n, firstSeenAt: 1 },
    { id: a(2), balance: 5n, firstSeenAt: 2 },
  ])
  await database.insert('operator', [
    { id: a(1), vaultId: a(9), jobsSettled: 2, claimsVoided: 1, since: 3 },
    { id: a(2), vaultId: a(8) },
  ])
  await database.insert('vault', [
    {
      id: a(9),
      operatorId: a(1),
      selfBond: 30n,
      delegated: 100n,
      locked: 25n,
      shares: 50_000n,
      createdAt: 4,
    },
    { id: a(8), operatorId: a(2), selfBond: 30n, delegated: 10n, locked: 50n },
  ])
  await database.insert('delegation', [{ id: 'd', vaultId: a(9), ownerId: a(2), shares: 1_000n }])
  await database.insert('computation', [{ id: h(1), steps: 10n, interval: 4, nodes: 77 }])
  await database.insert('verdeParametersVersion', [{ id: 1, extension: 60, heavyExtension: 600 }])
  await database.insert(
    'job',
    [
      { status: 'OPEN', deadline: NOW },
      { status: 'OPEN', deadline: NOW - 1 },
      { status: 'TAKEN', takenAt: NOW - 10, workSeconds: 15 },
      { status: 'CLAIMED', claimId: 1 },
      { status: 'CLAIMED', claimId: 2 },
      { status: 'CLAIMED', claimId: 3 },
      { status: 'CLAIMED', claimId: 4 },
      { status: 'SETTLED', claimId: 4 },
    ].map((job, i) => ({
      ...job,
      id: i,
      submitterId: a(1 + (i % 2)),
      computationId: h(1),
      uri: HOSTILE,
      postedAt: i,
    })),
  )
  await database.insert(
    'claim',
    [
      { id: 1, windowEnd: NOW },
      { id: 2, windowEnd: NOW - 1 },
      { id: 3, windowEnd: NOW - 1, disputesActive: 1 },
      { id: 4, windowEnd: NOW, isVoid: true },
    ].map((claim) => ({
      ...claim,
      computationId: h(1),
      parametersId: 1,
      jobId: claim.id + 2,
      vaultId: a(9),
    })),
  )
  await database.insert('dispute', [
    {
      id: 2n ** 32n * 3n,
      claimId: 3,
      jobId: 5,
      status: 'LIVE',
      phase: 'PROOF',
      demandTree: 'none',
      admittedAt: NOW - 100,
      turnStart: NOW - 30,
      solverLeft: 5,
      challengerLeft: 40,
      interval: 1,
      step: 6,
      node: 12,
      operator: 'MatMul',
      element: 9,
      elementCount: 64,
      segment: 0,
      segmentCount: 2,
      claimedBits: '0x3dcccccd',
      isInt32: false,
      nodeMoveId: 'm1',
    },
    {
      id: 2n ** 32n * 3n + 1n,
      claimId: 3,
      jobId: 5,
      status: 'WON',
      claimedBits: '0xffffffff',
      rightBits: '0x00000007',
      isInt32: true,
    },
  ])
  await database.insert('move', [
    { id: 'm1', disputeId: 2n ** 32n * 3n, name: 'openNode', row: ['0xaa'], position: [h(1)] },
  ])
  await database.insert('attempt', [
    { id: '1-1', jobId: 1, operatorId: a(1), outcome: 'WORKING' },
    { id: '2-1', jobId: 2, operatorId: a(1), outcome: 'CLAIMED' },
    { id: '3-1', jobId: 3, operatorId: a(1), outcome: 'SETTLED' },
  ])
  await database.insert('market', [
    { id: 1, status: 'OPEN', outcomeCount: 256, closesAt: NOW + 5, createdAt: 100, ...curve },
    { id: 2, status: 'OPEN', outcomeCount: 2, closesAt: NOW - 1, ...curve },
    { id: 3, status: 'VOID', outcomeCount: 2, closesAt: NOW + 5, ...curve },
    { id: 4, status: 'OPEN', outcomeCount: 2, closesAt: NOW, isHalted: true, ...curve },
  ])
  await database.insert('outcome', [
    ...book.quantities.map((quantity, number) => ({
      id: `1-${number}`,
      marketId: 1,
      number,
      quantity,
    })),
    { id: '3-0', marketId: 3, number: 0, quantity: 5n, payout: 25n * 10n ** 16n },
  ])
  await database.insert('position', [
    {
      id: 'p',
      marketId: 1,
      outcomeId: '1-3',
      ownerId: a(2),
      shares: 7n * 10n ** 9n,
      paid: 10n ** 18n,
      received: 3n,
      redeemed: 2n,
    },
    { id: 'q', marketId: 3, outcomeId: '3-0', ownerId: a(2), shares: 4n * 10n ** 9n },
  ])
  const start = lmsr.open(10n ** 20n, 256)
  await database.insert('pricePoint', [
    ...[0, 3, 200].map((outcome) => ({
      id: `0000000100-${outcome}`,
      marketId: 1,
      outcome,
      timestamp: 100,
      block: 5,
      quantity: 0n,
      ...start,
    })),
    {
      id: '0000000200-3',
      marketId: 1,
      outcome: 3,
      timestamp: 200,
      block: 6,
      quantity: 40n * 10n ** 9n,
      ...curve,
    },
    {
      id: '0000000300-200',
      marketId: 1,
      outcome: 200,
      timestamp: 300,
      block: 7,
      quantity: 15n * 10n ** 9n,
      ...curve,
    },
  ])
  await database.insert('event', [
    {
      id: '0000000001-000000',
      contract: 'jobRegistry',
      name: 'JobPosted',
      jobId: 5,
      transaction: h(0xabcdef),
      timestamp: 50,
      args: { uri: HOSTILE },
    },
    {
      id: '0000000001-000001',
      contract: 'token',
      name: 'Transfer',
      transaction: h(0xabcdef),
      timestamp: 50,
    },
    {
      id: '0000000002-000000',
      contract: 'verde',
      name: 'Opened',
      jobId: 5,
      claimId: 3,
      transaction: h(0xff),
      timestamp: 60,
    },
  ])
  server = testServer<unknown>(database, { clock: new ChainClock(() => NOW) })
})
afterAll(() => database.close())

describe('computed fields', () => {
  it('of jobs say what is waited for', async () => {
    expect(
      await server.read('{ jobs { nodes { clock { waitsFor until secondsLeft } } } }'),
    ).toEqual({
      jobs: {
        nodes: [
          { clock: { waitsFor: 'SOLVER', until: NOW, secondsLeft: 0 } },
          { clock: { waitsFor: 'TRANSACTION', until: null, secondsLeft: null } },
          { clock: { waitsFor: 'CLAIM', until: NOW + 5, secondsLeft: 5 } },
          { clock: { waitsFor: 'WINDOW', until: NOW, secondsLeft: 0 } },
          { clock: { waitsFor: 'TRANSACTION', until: null, secondsLeft: null } },
          { clock: { waitsFor: 'DISPUTE', until: null, secondsLeft: null } },
          { clock: { waitsFor: 'TRANSACTION', until: null, secondsLeft: null } },
          { clock: null },
        ],
      },
    })
  })

  it('of claims, computations, vaults, operators and delegations', async () => {
    expect(
      await server.read(`{
        claims { nodes { status } }
        computation(id: "${h(1)}") { checkpoints jobs(first: 1) { totalCount } }
        vaults(orderBy: delegated) { nodes { free } }
        operators { nodes { reliabilityBps active } }
        delegation(id: "d") { assets }
        accounts { nodes { balance operator { jobsSettled } } }
        job(id: "5") { uri lifeline { totalCount nodes { name args } } }
      }`),
    ).toEqual({
      claims: { nodes: ['PENDING', 'UPHELD', 'PENDING', 'VOID'].map((status) => ({ status })) },
      computation: { checkpoints: '4', jobs: { totalCount: 8 } },
      vaults: { nodes: [{ free: '0' }, { free: '35' }] },
      operators: {
        nodes: [
          { reliabilityBps: 6_666, active: 2 },
          { reliabilityBps: null, active: 0 },
        ],
      },
      // 1,000 · (100 + 1) / (50,000 + 1,000), rounded down.
      delegation: { assets: '1' },
      accounts: {
        nodes: [
          { balance: String(2n ** 255n), operator: { jobsSettled: 2 } },
          { balance: '5', operator: { jobsSettled: 0 } },
        ],
      },
      job: {
        uri: HOSTILE,
        lifeline: {
          totalCount: 2,
          nodes: [
            { name: 'JobPosted', args: { uri: HOSTILE } },
            { name: 'Opened', args: {} },
          ],
        },
      },
    })
  })

  it('of disputes walk down to the scalar', async () => {
    expect(
      await server.read(`{ disputes { nodes {
        turn { side start deadline secondsLeft solverLeft challengerLeft }
        claimed { bits decimal } right { decimal } walk { level index of label move { name row } }
      } } }`),
    ).toEqual({
      disputes: {
        nodes: [
          {
            turn: {
              side: 'CHALLENGER',
              start: NOW - 30,
              deadline: NOW + 30,
              secondsLeft: 30,
              solverLeft: 5,
              challengerLeft: 40,
            },
            claimed: { bits: '0x3dcccccd', decimal: '0.1' },
            right: null,
            walk: [
              { level: 'CHECKPOINT', index: '1', of: '3', label: null, move: null },
              { level: 'STEP', index: '6', of: '10', label: null, move: null },
              {
                level: 'OPERATOR',
                index: '12',
                of: '77',
                label: 'MatMul',
                move: { name: 'openNode', row: ['0xaa'] },
              },
              { level: 'ELEMENT', index: '9', of: '64', label: null, move: null },
              { level: 'SEGMENT', index: '0', of: '2', label: null, move: null },
            ],
          },
          {
            turn: null,
            claimed: { bits: '0xffffffff', decimal: '-1' },
            right: { decimal: '7' },
            walk: ['CHECKPOINT', 'STEP', 'OPERATOR', 'ELEMENT', 'SEGMENT'].map((level) => ({
              level,
              index: null,
              of: { CHECKPOINT: '3', STEP: '10', OPERATOR: '77' }[level] ?? null,
              label: null,
              move: null,
            })),
          },
        ],
      },
    })
  })

  it('of a market with 256 outcomes are the curve, to the unit', async () => {
    const { market } = (await server.read(`{ market(id: "1") {
      isTrading secondsLeft outcomes(first: 256) { nodes { number price probability } } } }`)) as {
      market: {
        isTrading: boolean
        secondsLeft: number
        outcomes: { nodes: { number: number; price: string; probability: number }[] }
      }
    }
    expect(market).toMatchObject({ isTrading: true, secondsLeft: 5 })
    const { nodes } = market.outcomes
    expect(nodes.slice(0, 2).map(({ number }) => number)).toEqual([3, 200])
    expect(nodes).toHaveLength(256)
    for (const { number, price: told, probability } of nodes) {
      expect(BigInt(told)).toBe(price(number))
      expect(probability).toBe(Number(price(number)) / Number(WAD))
    }
  })

  it('of markets and positions', async () => {
    const value = 7n * price(3)
    expect(
      await server.read(
        '{ markets { nodes { isTrading secondsLeft } } outcome(id: "3-0") { price probability } positions { nodes { value profit } } }',
      ),
    ).toEqual({
      markets: {
        nodes: [
          { isTrading: true, secondsLeft: 5 },
          { isTrading: false, secondsLeft: 0 },
          { isTrading: false, secondsLeft: 0 },
          { isTrading: false, secondsLeft: 0 },
        ],
      },
      outcome: { price: String(25n * 10n ** 16n), probability: 0.25 },
      positions: {
        nodes: [
          { value: String(value), profit: String(value + 5n - 10n ** 18n) },
          { value: String(10n ** 18n), profit: String(10n ** 18n) },
        ],
      },
    })
  })

  it('of prices over time are the last of each part', async () => {
    const even = String(lmsr.price(lmsr.open(10n ** 20n, 256), 0n))
    const moved = (quantity: bigint): string => String(lmsr.price(book.curve, quantity))
    const asked = 'outcomes points { timestamp block prices }'
    expect(
      await server.read(`{ market(id: "1") {
        all: prices(outcomes: [3, 200, 7]) { ${asked} }
        coarse: prices(from: 100, to: 300, points: 1, outcomes: [3]) { ${asked} }
        late: prices(from: 250, to: 299, outcomes: [3]) { ${asked} }
        none: prices(from: 1, to: 99, outcomes: [3]) { ${asked} }
        best: prices(points: 3) { outcomes }
      } }`),
    ).toEqual({
      market: {
        all: {
          outcomes: [3, 200, 7],
          points: [
            { timestamp: 100, block: '5', prices: [even, even, null] },
            { timestamp: 200, block: '6', prices: [moved(40n * 10n ** 9n), moved(0n), null] },
            {
              timestamp: 300,
              block: '7',
              prices: [moved(40n * 10n ** 9n), moved(15n * 10n ** 9n), null],
            },
          ],
        },
        coarse: {
          outcomes: [3],
          points: [{ timestamp: 300, block: '7', prices: [moved(40n * 10n ** 9n)] }],
        },
        late: {
          outcomes: [3],
          points: [{ timestamp: 250, block: '6', prices: [moved(40n * 10n ** 9n)] }],
        },
        none: { outcomes: [3], points: [] },
        best: { outcomes: [3, 200, 0, 1, 2, 4, 5, 6] },
      },
    })
    const refused = await server.ask('{ market(id: "1") { prices(points: 501) { outcomes } } }')
    expect(refused.errors?.[0].extensions.code).toBe('BAD_INPUT')
    const unknown = await server.ask('{ market(id: "1") { prices(outcomes: [256]) { outcomes } } }')
    expect(unknown.errors?.[0].message).toContain('no outcome 256')
  })

  it.each([
    ['1', ['Job 1', 'Claim 1', 'Market 1']],
    [a(9), [`Vault ${a(9)}`]],
    [
      '0x000000',
      [
        `Event 0000000002-000000`,
        `Event 0000000001-000000`,
        `Vault ${a(9)}`,
        `Operator ${a(1)}`,
        `Account ${a(2)}`,
        `Account ${a(1)}`,
        `Operator ${a(2)}`,
        `Vault ${a(8)}`,
      ],
    ],
    [h(0xabcdef).toUpperCase().replace('0X', '0x'), ['Event 0000000001-000000']],
    ['0x12345', []],
    [HOSTILE.replaceAll('"', ''), []],
    ['9'.repeat(79), []],
  ])('of a search for %s', async (text, expected) => {
    const { search } = (await server.read(
      'query ($text: String!) { search(text: $text) { __typename ... on Job { id } ... on Claim { id } ... on Market { id } ... on Vault { id } ... on Account { id } ... on Operator { id } ... on Event { id } } }',
      { text },
    )) as { search: { __typename: string; id: string }[] }
    expect(search.map(({ __typename, id }) => `${__typename} ${id}`).sort()).toEqual(
      [...expected].sort(),
    )
  })
})

describe('statements', () => {
  it('are one for each list and relation, however many objects there are', async () => {
    const ask = async (first: number): Promise<string[]> => {
      database.statements.length = 0
      await server.read(
        `query ($first: Int) { jobs(first: $first) { totalCount nodes {
          submitter { balance jobs(first: 2) { totalCount nodes { id computation { nodes } } } }
          claim { vault { id } disputes { nodes { walk { index } turn { side } } } }
          attempts { nodes { operator { active vault { free } } } }
          clock { until } } } }`,
        { first },
      )
      return [...database.statements]
    }
    const [one, all] = [await ask(4), await ask(8)]
    expect(all.length).toBeLessThanOrEqual(one.length + 2)
    expect(all.length).toBeLessThanOrEqual(16)
  })

  it('are none for an id that a row names', async () => {
    database.statements.length = 0
    await server.read('{ jobs { nodes { submitter { id } } } }')
    expect(database.statements).toHaveLength(1)
  })
})

describe('limits', () => {
  const deep =
    '{ jobs { nodes { claim { job { claim { job { claim { job { claim { job { claim { job { id } } } } } } } } } } } } }'
  it.each([
    ['depth', deep, 'is 13; it can be 12 at most'],
    [
      'cost',
      '{ jobs(first: 1000) { nodes { attempts { nodes { id } } } } }',
      'is 51000; it can be 20000 at most',
    ],
    [
      'cost',
      'query ($n: Int = 1000) { jobs(first: $n) { edges { node { claims(first: 30) { totalCount } } } } }',
      'is 131000',
    ],
    [
      'cost',
      '{ markets(first: 200) { nodes { trades(first: 0) { totalCount } } } }',
      'is 20200; it can be 20000 at most',
    ],
    ['cost', '{ markets(first: 200) { nodes { prices(points: 60) { outcomes } } } }', 'is 22200'],
    [
      'cost',
      '{ search(text: "1") { ... on Account { jobs(first: 1000) { nodes { attempts(first: 1) { nodes { id } } } } } } }',
      'is 20010',
    ],
    [
      'introspection',
      `{ __type(name: "Query") { ...f0 } } ${[0, 1, 2].map((i) => `fragment f${i} on __Type { fields { type { ofType { ...f${i + 1} } } } }`).join(' ')} fragment f3 on __Type { name }`,
      'is 3; it can be 2 at most',
    ],
    [
      'cost',
      '{ ...x } fragment x on Query { jobs(first: 1000) { ...y ...y } } fragment y on JobConnection { nodes { ...z } } fragment z on Job { moreClaims: claims(first: 11) { nodes { id } } }',
      'is 23000',
    ],
    [
      'aliases',
      `{ ${Array.from({ length: 31 }, (_, i) => `j${i}: job(id: "1") { id }`).join(' ')} }`,
      'is 31; it can be 30',
    ],
    ['tokens', `{ ${'meta { chainId } '.repeat(600)} }`, 'more than 2000 words'],
  ])('of %s are told', async (limit, query, message) => {
    database.statements.length = 0
    const { errors, data } = await server.ask(query)
    expect(data).toBeUndefined()
    expect(errors?.[0].message).toContain(message)
    expect(errors?.[0].extensions).toMatchObject({ code: 'TOO_MUCH', limit })
    expect(errors?.[0].extensions.advice).toBeTruthy()
    expect(database.statements).toEqual([])
  })

  it('stand a bomb of fragments', async () => {
    const bomb = Array.from(
      { length: 150 },
      (_, i) => `fragment f${i} on Job { ...f${i + 1} ...f${i + 1} }`,
    )
    const query = `{ job(id: "1") { ...f0 } } ${bomb.join(' ')} fragment f150 on Job { id }`
    expect(await server.read(query)).toEqual({ job: { id: '1' } })
  })

  it('let introspection through', async () => {
    const { getIntrospectionQuery } = await import('graphql')
    const { data, errors } = await server.ask(getIntrospectionQuery())
    expect(errors).toBeUndefined()
    expect(data).toHaveProperty('__schema')
  })

  it('of the body and of batches', async () => {
    const large = await server.request(
      JSON.stringify({ query: `{ meta { chainId } } #${'x'.repeat(100_000)}` }),
    )
    expect(large.status).toBe(413)
    expect(await large.json()).toMatchObject({ errors: [{ extensions: { code: 'TOO_MUCH' } }] })
    const batch = await server.request(JSON.stringify([{ query: '{ meta { chainId } }' }]))
    expect(batch.status).toBe(400)
  })

  it('of time', async () => {
    const slow: Database = {
      execute: () =>
        new Promise((resolve) =>
          setTimeout(() => {
            resolve({ rows: [] })
          }, 1_000),
        ),
    }
    const { status, errors } = await testServer(slow, { limits: { timeout: 30 } }).ask(
      '{ jobs { nodes { id } } }',
    )
    expect(status).toBe(504)
    expect(errors?.[0].extensions).toMatchObject({ code: 'TIMEOUT' })
  })
})

describe('errors', () => {
  it('name what was meant', async () => {
    const { errors } = await server.ask('{ job(id: "1") { rewards } }')
    expect(errors?.[0].message).toBe(
      'Cannot query field "rewards" on type "Job". Did you mean "reward"?',
    )
    expect(errors?.[0].extensions.code).toBe('GRAPHQL_VALIDATION_FAILED')
  })

  it.each([
    ['{ jobs(where: {reward: "1.5"}) { nodes { id } } }', /BigInt/],
    ['{ jobs(where: {transaction: "0xf"}) { nodes { id } } }', /Bytes/],
    ['{ jobs(where: {postedAt: "soon"}) { nodes { id } } }', /Timestamp/],
    ['{ job(id: "abc") { id } }', /no id/],
  ])('refuse %s', async (query, message) => {
    const { errors } = await server.ask(query)
    expect(errors?.[0].message).toMatch(message)
    expect(errors?.[0].extensions.code).toMatch(/BAD_INPUT|GRAPHQL_VALIDATION_FAILED/)
  })

  it.each([
    ['query ($n: Int) { jobs(first: $n) { totalCount } }', { n: 'many' }, 'non-integer value'],
    ['query ($n: Int) { jobs(first: $n) { totalCount } }', { n: -1 }, 'first is -1'],
    ['query ($id: ID!) { job(id: $id) { id } }', {}, 'was not provided'],
    ['query ($w: JobFilter) { jobs(where: $w) { totalCount } }', { w: { prize: 1 } }, 'prize'],
    ['mutation { pay }', {}, 'mutation'],
  ])('refuse %s with %o', async (query, variables, message) => {
    const { errors, status } = await server.ask(query, variables)
    expect(status).toBe(200)
    expect(errors?.[0].message).toContain(message)
    expect(errors?.[0].extensions).toMatchObject({
      code: 'BAD_INPUT',
      advice: expect.any(String) as unknown,
    })
  })

  it.each([
    ['{ jobs(first: 99999999999) { totalCount } }', {}, 'GRAPHQL_VALIDATION_FAILED'],
    ['query ($n: Int) { jobs(first: $n) { totalCount } }', { n: 99999999999 }, 'TOO_MUCH'],
    ['{ jobs( }', {}, 'GRAPHQL_PARSE_FAILED'],
    ['query A { __typename } query B { __typename }', {}, 'OPERATION_RESOLUTION_FAILURE'],
  ])('have a code: %s with %o', async (query, variables, code) => {
    const { errors } = await server.ask(query, variables)
    expect(errors?.[0].extensions.code).toBe(code)
  })

  it.each([
    [{ accept: 'application/json' }, 'subscription { head { version } }', 406],
    [{ 'content-type': 'text/plain' }, '{ __typename }', 415],
  ])('say which form is wanted: %o', async (headers, query, status) => {
    const response = await server.request(JSON.stringify({ query }), headers)
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_INPUT' } }] })
  })

  it.each([
    [
      Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
      503,
      'UNAVAILABLE',
    ],
    [
      Object.assign(new Error('the database system is shutting down'), { code: '57P03' }),
      503,
      'UNAVAILABLE',
    ],
    [new Error('Connection terminated unexpectedly'), 503, 'UNAVAILABLE'],
    [
      Object.assign(new Error('canceling statement due to statement timeout'), { code: '57014' }),
      504,
      'TIMEOUT',
    ],
  ])('say that the database is away: %s', async (error, expected, code) => {
    const broken: Database = { execute: () => Promise.reject(error) }
    const { status, errors } = await testServer(broken).ask('{ jobs { nodes { id } } }')
    expect(status).toBe(expected)
    expect(errors?.[0].extensions).toMatchObject({ code })
    expect(errors?.[0].extensions.advice).toBeTruthy()
  })

  it('tell nobody what a fault of the server was', async () => {
    const logged = console.error
    console.error = () => undefined
    const broken: Database = { execute: () => Promise.reject(new Error('secret')) }
    const { status, errors } = await testServer(broken).ask('{ jobs { nodes { id } } }')
    console.error = logged
    expect(status).toBe(500)
    expect(JSON.stringify(errors)).not.toContain('secret')
    expect(errors?.[0].extensions.code).toBe('INTERNAL_SERVER_ERROR')
  })
})

describe('what the explorer asks', () => {
  const numbered = { id: '1', job: '1', contest: '1', market: '1', network: '31337', text: a(1) }
  const paged = { first: 25, outcomes: 16, orderBy: 'earned', where: {} }
  const keys: Record<string, string> = {
    Account: a(2),
    Operator: a(2),
    Model: h(1),
    Evaluator: h(1),
  }

  it.each([...pageDocuments()])('%s is answered, in few statements', async (name, query) => {
    database.statements.length = 0
    const { data, errors } = await server.ask(query, {
      ...numbered,
      ...paged,
      ...(name in keys ? { id: keys[name] } : {}),
    })
    expect(errors).toBeUndefined()
    expect(data).toBeDefined()
    expect(database.statements.length).toBeLessThanOrEqual(20)
  })
})

describe('HTTP', () => {
  it('answers in the order of the query, whatever is found first', async () => {
    const answer = await server.request('{"query":"{ jobs { totalCount } __typename }"}')
    expect(await answer.text()).toBe('{"data":{"jobs":{"totalCount":8},"__typename":"Query"}}')
  })

  it('greets, lets every page read, and needs nothing from elsewhere', async () => {
    const greeting = await server.app.request('/')
    expect(await greeting.text()).toContain('GraphQL is at /graphql')
    const preflight = await server.app.request('/graphql', {
      method: 'OPTIONS',
      headers: { origin: 'https://a.example', 'access-control-request-method': 'POST' },
    })
    expect(preflight.status).toBe(204)
    const answer = await server.request('{"query":"{ meta { chainId } }"}', {
      origin: 'https://a.example',
    })
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    const get = await server.app.request('/graphql?query={meta{chainId version contracts}}')
    expect(await get.json()).toEqual({
      data: { meta: { chainId: 31337, version: '1.0.0', contracts: { token: a(1) } } },
    })
    const page = await server.app.request('/graphql', { headers: { accept: 'text/html' } })
    expect(await page.text()).not.toContain('<script')
  })
})
