// A devnet with the real contracts, everything of it indexed. What the running server answers, and what the tables hold
// beyond that, against what the contracts say.
import { isDeepStrictEqual } from 'node:util'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { delphiAbi } from '@lockstep/deployments'
import { parseEther } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestNetwork } from '../keepers/src/testing/network.ts'
import { graphql } from './src/api/graphql.ts'
import { readEntities } from './src/api/sdl/entities.ts'
import { readSdl } from './src/api/sdl/file.ts'
import { type Indexer, startIndexer } from './start.ts'
import { type Played, playDevnet } from './testing/devnet/play.ts'
import { pageDocuments } from './testing/documents.ts'
import { queriesOf } from './testing/queries.ts'
import { dumpOf, reached, type Rows } from './testing/run.ts'
import { BY_HAND, variablesOf, WALKS } from './testing/truth/questions.ts'
import { Truth } from './testing/truth/truth.ts'

let network: TestNetwork
let played: Played
let indexer: Indexer
let truth: Truth
/** When the server's clock began to go on from the newest block. */
let seen: Span

beforeAll(async () => {
  network = await TestNetwork.start()
  played = await playDevnet(network)
  // No block comes any more: whatever is asked, all are asked of the same one.
  await network.devnet.rpc.call('evm_setIntervalMining', 0)
  indexer = await startIndexer({
    rpcUrl: network.devnet.rpcUrl,
    deploymentFile: network.devnet.deploymentFile,
    home: join(network.folder, 'indexer'),
    pollingInterval: 200,
  })
  truth = await Truth.read(network, played)
  await reached(indexer, Number(truth.story.head.number), 120)
  // It does when it is first asked for the time.
  seen = (await timed(() => ask('{ jobs(first: 1) { nodes { clock { secondsLeft } } } }'))).span
}, 900_000)

afterAll(async () => {
  await indexer.stop()
  await network.stop()
})

type Variables = Readonly<Record<string, unknown>>

/** The seconds before and after something, by this machine's clock, which the server goes by. */
interface Span {
  readonly first: number
  readonly last: number
}
async function timed<T>(act: () => Promise<T>): Promise<{ result: T; span: Span }> {
  const seconds = (): number => Math.floor(Date.now() / 1000)
  const first = seconds()
  const result = await act()
  return { result, span: { first, last: seconds() } }
}

async function ask(query: string, variables: Variables = {}): Promise<unknown> {
  const response = await fetch(`${indexer.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  })
  const { data, errors } = (await response.json()) as { data: unknown; errors?: unknown }
  expect(errors).toBeUndefined()
  return data
}

/** The answer with the ids of rows in the place of cursors, which the server alone can read. */
const named = (answer: unknown): unknown =>
  JSON.parse(JSON.stringify(answer), (key, value: unknown) =>
    /^(cursor|startCursor|endCursor)$/.test(key) && typeof value === 'string'
      ? (JSON.parse(Buffer.from(value, 'base64url').toString()) as string[])[3]
      : value,
  ) as unknown

/** The whole answer is the right one, at one of the seconds in which it can have been made: mostly there is just one. */
async function isRight(query: string, variables: Variables = {}): Promise<void> {
  const { result, span } = await timed(() => ask(query, variables))
  const answer = named(result)
  const { timestamp } = truth.story.head
  const last = span.last - seen.first
  for (let passed = Math.max(0, span.first - seen.last); ; passed++) {
    const right = await truth.at(timestamp + passed, query, variables)
    if (passed < last && !isDeepStrictEqual(answer, right)) continue
    expect(answer).toEqual(right)
    return
  }
}

describe('whole answers', () => {
  const documents = pageDocuments()

  test.each([...documents.keys()])('to what the page asks: %s', async (name) => {
    const { chainId } = network.devnet.deployment
    const asked = variablesOf(truth.objects, chainId)[name]
    expect(asked.length).toBeGreaterThan(0)
    for (const variables of asked) await isRight(documents.get(name)!, variables)
  })

  test.each(BY_HAND)('to questions by hand: %s', async (query) => isRight(query))

  test('to what goes by the clock, seconds later', async () => {
    const query = '{ jobs(first: 50) { nodes { id clock { waitsFor until secondsLeft } } } }'
    const { timestamp } = truth.story.head
    expect(await truth.at(timestamp + 3, query)).not.toEqual(await truth.at(timestamp, query))
    await setTimeout((seen.last + 3) * 1000 - Date.now())
    await isRight(query)
  })

  const sdl = readSdl()
  const schema = graphql.buildSchema(sdl)
  test.each(readEntities(graphql.parse(sdl)))(
    'to every field, order and comparison of $many',
    async (entity) => {
      for (const query of queriesOf(schema, entity, 20)) await isRight(query)
    },
  )

  test.each(WALKS)('to %s, page by page to either end', async (list) => {
    const page = 'first: $first, after: $after, last: $last, before: $before'
    const query = `query ($first: Int, $after: String, $last: Int, $before: String) {
      list: ${list.replace('PAGE', page)} { totalCount edges { cursor node { id } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`
    const { timestamp } = truth.story.head
    for (const [size, from, next, end] of [
      [{ first: 2 }, 'after', 'hasNextPage', 'endCursor'],
      [{ last: 2 }, 'before', 'hasPreviousPage', 'startCursor'],
    ] as const) {
      let cursor: string | null = null
      for (let pages = 1; ; pages++) {
        const answer = (await ask(query, { ...size, [from]: cursor })) as Page
        const before = cursor && (named({ cursor }) as { cursor: string }).cursor
        const right = await truth.at(timestamp, query, { ...size, [from]: before })
        expect(named(answer)).toEqual(right)
        const { totalCount, pageInfo } = answer.list
        cursor = pageInfo[end]
        if (pageInfo[next]) continue
        expect(pages).toBe(Math.ceil(totalCount / 2))
        expect(pages).toBeGreaterThan(1)
        break
      }
    }
  })
})

interface Page {
  readonly list: {
    readonly totalCount: number
    readonly pageInfo: Readonly<Record<'hasNextPage' | 'hasPreviousPage', boolean>> &
      Readonly<Record<'startCursor' | 'endCursor', string>>
  }
}

describe('what was played is told', () => {
  test('a job from its posting to its payment', async () => {
    const answer = await ask(
      `query ($id: ID!) { job(id: $id) { status reward paid fee attempts { nodes { outcome } }
        claim { status disputeCount } lifeline { nodes { contract name } } } }`,
      { id: String(played.paid) },
    )
    const life = [
      ['jobRegistry', 'JobPosted'],
      ['jobRegistry', 'JobTaken'],
      ['vault', 'Locked'],
      ['verde', 'ClaimMade'],
      ['jobRegistry', 'JobClaimed'],
      ['jobRegistry', 'JobSettled'],
      ['vault', 'Unlocked'],
    ]
    expect(answer).toEqual({
      job: {
        ...{ status: 'SETTLED', reward: ether('100'), paid: ether('97.5'), fee: ether('2.5') },
        attempts: { nodes: [{ outcome: 'SETTLED' }] },
        claim: { status: 'UPHELD', disputeCount: 0 },
        lifeline: { nodes: life.map(([contract, name]) => ({ contract, name })) },
      },
    })
  })

  test('a dispute over a part of a reduction, one through another contract, and a transaction of two', async () => {
    const dispute = `{ status decidedBy segment operator claimed { bits decimal } right { bits decimal } gas }`
    const answer = await ask(
      `query ($partial: ID!, $relayed: ID!, $one: ID!, $other: ID!) { partial: dispute(id: $partial) ${dispute}
        relayed: dispute(id: $relayed) { status operator right { bits } }
        one: dispute(id: $one) { gas } other: dispute(id: $other) { gas } }`,
      {
        ...{ partial: String(played.partial), relayed: String(played.relayed) },
        ...{ one: String(played.twins[0]), other: String(played.twins[1]) },
      },
    )
    expect(answer).toEqual({
      partial: {
        ...{ status: 'WON', decidedBy: 'provePartial', segment: '269', operator: 'ReduceMax' },
        // The largest of all values, and what the solver's part of it has.
        right: { bits: '0x44800000', decimal: '1024' },
        claimed: { bits: '0x44000000', decimal: '512' },
        gas: expect.any(String) as string,
      },
      relayed: { status: 'WON', operator: null, right: null },
      one: { gas: String(played.twinGas) },
      other: { gas: String(played.twinGas) },
    })
  })

  test('a contest that was decided, markets that were settled and void, an exit that a slash ended', async () => {
    const answer = await ask(
      `query ($contest: ID!, $settled: ID!) { contest(id: $contest) { verdict winners
          entrants { nodes { total isWinner escrowReturned } } }
        evaluations { nodes { status score } } models(orderBy: wins) { nodes { wins } }
        settled: market(id: $settled) { status winners } markets(where: { status: VOID }) { totalCount }
        exits(orderBy: era) { nodes { era isVoid } } slashes { totalCount } }`,
      { contest: String(played.contest), settled: String(played.settled) },
    )
    const reported = { status: 'REPORTED', score: -7 }
    expect(answer).toMatchObject({
      contest: {
        ...{ verdict: 'DECIDED', winners: [1] },
        entrants: {
          nodes: [
            { total: '-7', isWinner: false, escrowReturned: '0' },
            { total: '1000', isWinner: true, escrowReturned: '0' },
            { total: null, isWinner: false, escrowReturned: ether('3') },
          ],
        },
      },
      evaluations: { nodes: [reported, { ...reported, score: 1000 }] },
      models: { nodes: [{ wins: 0 }, { wins: 1 }] },
      settled: { status: 'SETTLED', winners: [1, 2] },
      markets: { totalCount: 1 },
      slashes: { totalCount: 4 },
    })
    expect((answer as { exits: { nodes: unknown[] } }).exits.nodes).toHaveLength(2)
  })
})

// The last ones: they end the server.
describe('tables hold', () => {
  let rows: Rows
  beforeAll(async () => {
    await indexer.stop()
    rows = await dumpOf(join(network.folder, 'indexer'), indexer.schema)
  })

  test('what a void market pays is made of', async () => {
    const ask = async <T>(name: string, ...args: unknown[]) =>
      truth.story.view<T>(delphiAbi, network.contracts.delphi, name, args)
    for (const { market_id: market, number, weighted, since } of rows.get('outcome')!) {
      const held = await ask<{ since: number; weighted: bigint }>('outcomeOf', market, number)
      expect([since, String(weighted)]).toEqual([held.since, String(held.weighted)])
    }
    const { timestamp } = truth.story.head
    const sum = (sets: bigint, weighted: bigint, since: number): bigint =>
      sets * BigInt(timestamp - since) + weighted
    for (const { id, sets, sets_weighted: weighted, sets_since: since } of rows.get('market')!) {
      const held = await ask<Record<'sets' | 'setsWeighted', bigint> & { setsSince: number }>(
        'marketOf',
        id,
      )
      const [told, said] = [sets, weighted].map((one) => BigInt(one as string))
      expect(sum(told, said, Number(since))).toBe(sum(held.sets, held.setsWeighted, held.setsSince))
    }
  })
})

const ether = (amount: string): string => String(parseEther(amount))
