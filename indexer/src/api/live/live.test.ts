import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import { type Answer, testServer } from '../testing/server.ts'
import { ChainClock } from './clock.ts'
import { type Mark, firstDifference } from './tail.ts'

interface Told {
  readonly head: { readonly block: { readonly number: string } }
  readonly job: { readonly clock: object; readonly lifeline: { readonly nodes: object[] } }
  readonly dispute: { readonly turn: object }
  readonly disputes: object
  readonly market: { readonly isTrading: boolean; readonly tradeCount: number }
  readonly events: { readonly id: string; readonly transaction: string }
}

let database: TestDatabase
let server: ReturnType<typeof testServer<Told>>
let wall = 1_000
let block = 1
const stops: AbortController[] = []

beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.close())

const begin = async (): Promise<void> => {
  await database.empty()
  wall = 1_000
  block = 1
  await database.setHead(block, wall)
  server = testServer<Told>(database, {
    clock: new ChainClock(() => wall),
    limits: { subscriptions: 3 },
    interval: 20,
  })
}
const end = (): void => {
  for (const stop of stops.splice(0)) stop.abort()
}

/** A block: what it writes, then the head that tells of it. */
async function mine(write: () => Promise<unknown> = () => Promise.resolve()): Promise<void> {
  await write()
  wall += 2
  await database.setHead((block += 1), wall)
}

const eventId = (at: number, index: number): string =>
  `${String(at).padStart(10, '0')}-${String(index).padStart(6, '0')}`
const addEvent = (at: number, index: number, more: object = {}): Promise<void> =>
  database.insert('event', [{ id: eventId(at, index), name: 'Made', block: at, ...more }])

function open(query: string): { next: () => Promise<Answer<Told> | undefined>; stop: () => void } {
  const stop = new AbortController()
  stops.push(stop)
  const stream = server.subscribe(query, stop.signal)
  return {
    next: async () => (await stream.next()).value as Answer<Told> | undefined,
    stop: () => {
      stop.abort()
    },
  }
}

const JOB = { id: 7, status: 'OPEN', deadline: 5_000, workSeconds: 100 }

describe('subscription', () => {
  beforeEach(begin)
  afterEach(end)

  it('head tells of every block', async () => {
    const heads = open('subscription { head { block { number timestamp } isSynced } }')
    expect((await heads.next())?.data.head).toEqual({
      block: { number: '1', timestamp: 1_000 },
      isSynced: true,
    })
    const next = heads.next()
    await mine()
    expect((await next)?.data.head.block.number).toBe('2')
  })

  it('job tells of what changes it, and ends with it', async () => {
    await database.insert('job', [JOB])
    const jobs = open(
      'subscription { job(id: "7") { status clock { waitsFor } lifeline { nodes { id } } } }',
    )
    expect((await jobs.next())?.data.job).toEqual({
      status: 'OPEN',
      clock: { waitsFor: 'SOLVER' },
      lifeline: { nodes: [] },
    })
    // Blocks without anything of the job are not told of.
    await mine()
    await mine()
    const next = jobs.next()
    await mine(() => addEvent(4, 1, { jobId: 7 }))
    expect((await next)?.data.job.lifeline.nodes).toEqual([{ id: eventId(4, 1) }])
    const last = jobs.next()
    await mine(() => database.client.exec(`UPDATE job SET status = 'EXPIRED'`))
    expect((await last)?.data.job).toMatchObject({ status: 'EXPIRED', clock: null })
    // A reorganisation may still take that back, and it does.
    const undone = jobs.next()
    await mine(() => database.client.exec(`UPDATE job SET status = 'OPEN'`))
    expect((await undone)?.data.job).toMatchObject({
      status: 'OPEN',
      clock: { waitsFor: 'SOLVER' },
    })
    const again = jobs.next()
    await mine(async () => {
      await database.client.exec(`UPDATE job SET status = 'EXPIRED'`)
      await addEvent(7, 0, { jobId: 7 })
    })
    expect((await again)?.data.job).toMatchObject({ status: 'EXPIRED' })
    const end = jobs.next()
    await database.finalize(6)
    expect(await Promise.race([end, new Promise((done) => setTimeout(done, 100, 'open'))])).toBe(
      'open',
    )
    await database.finalize(7)
    expect(await end).toBeUndefined()
  })

  it('job tells that a time is over without a block', async () => {
    await database.insert('job', [{ ...JOB, deadline: 1_000 }])
    const jobs = open('subscription { job(id: "7") { clock { waitsFor secondsLeft } } }')
    expect((await jobs.next())?.data.job.clock).toEqual({ waitsFor: 'SOLVER', secondsLeft: 0 })
    const next = jobs.next()
    wall = 1_001
    expect((await next)?.data.job.clock).toEqual({ waitsFor: 'TRANSACTION', secondsLeft: null })
  })

  it('job says that it is gone', async () => {
    await database.insert('job', [JOB])
    const jobs = open('subscription { job(id: "7") { status } }')
    await jobs.next()
    const next = jobs.next()
    await mine(() => database.client.exec('DELETE FROM job'))
    expect((await next)?.errors?.[0]).toMatchObject({
      message: 'Job 7 is gone: the chain was reorganised.',
      extensions: { code: 'REORGANISED', advice: expect.any(String) as unknown },
    })
    expect(await jobs.next()).toBeUndefined()
  })

  it('job says that there is none', async () => {
    const { errors } = (await open('subscription { job(id: "8") { status } }').next())!
    expect(errors?.[0].extensions.code).toBe('NOT_FOUND')
  })

  it('market ends when it is resolved', async () => {
    await database.insert('market', [{ id: 1, status: 'OPEN', closesAt: 2_000, b: 10n ** 18n }])
    const markets = open('subscription { market(id: "1") { status isTrading tradeCount } }')
    expect((await markets.next())?.data.market.isTrading).toBe(true)
    const next = markets.next()
    await mine(() => database.client.exec('UPDATE market SET trade_count = 1'))
    expect((await next)?.data.market.tradeCount).toBe(1)
    const last = markets.next()
    await mine(() => database.client.exec(`UPDATE market SET status = 'VOID'`))
    expect((await last)?.data.market).toMatchObject({ status: 'VOID', isTrading: false })
    expect(await markets.next()).toBeUndefined()
  })

  it('dispute and disputes tell of answers and moves', async () => {
    await database.insert('verdeParametersVersion', [{ id: 1, extension: 10, heavyExtension: 60 }])
    await database.insert('claim', [{ id: 3, parametersId: 1 }])
    await database.insert('dispute', [
      {
        id: 9,
        claimId: 3,
        status: 'LIVE',
        phase: 'STEPS',
        demandTree: 'none',
        interval: 4,
        admittedAt: 990,
        solverLeft: 30,
        challengerLeft: 30,
      },
    ])
    const one = open('subscription { dispute(id: "9") { status turn { side deadline } } }')
    const all = open('subscription { disputes { id moveCount } }')
    expect((await one.next())?.data.dispute.turn).toEqual({ side: 'SOLVER', deadline: 1_050 })
    const [next, any] = [one.next(), all.next()]
    await new Promise((resolve) => setTimeout(resolve, 60))
    await mine(async () => {
      await database.insert('answer', [{ id: '3-steps-4', claimId: 3, answeredAt: 1_002 }])
      await addEvent(2, 0, { claimId: 3 })
    })
    expect((await next)?.data.dispute.turn).toEqual({ side: 'CHALLENGER', deadline: 1_062 })
    await mine(async () => {
      await database.client.exec(`UPDATE dispute SET move_count = 5`)
      await addEvent(3, 0, { claimId: 3, disputeId: 9 })
    })
    expect((await any)?.data.disputes).toEqual({ id: '9', moveCount: 5 })
  })

  it('events come in order, each once, to a slow reader too', async () => {
    await addEvent(1, 0)
    const events = open('subscription { events { id } }')
    const ids: string[] = []
    const first = events.next()
    await new Promise((resolve) => setTimeout(resolve, 60))
    const expected: string[] = []
    for (let at = 2; at < 6; at++) {
      await mine(async () => {
        for (let index = 0; index < 60; index++) {
          await addEvent(at, index)
          expected.push(eventId(at, index))
        }
      })
      await new Promise((resolve) => setTimeout(resolve, 30))
    }
    ids.push((await first)!.data.events.id)
    while (ids.length < expected.length) ids.push((await events.next())!.data.events.id)
    expect(ids).toEqual(expected)
  })

  it('events are those of one job, market or contract', async () => {
    const events = open('subscription { events(job: "7", contract: "verde") { id job { id } } }')
    const next = events.next()
    await new Promise((resolve) => setTimeout(resolve, 60))
    await mine(async () => {
      await addEvent(2, 0, { jobId: 8, contract: 'verde' })
      await addEvent(2, 1, { jobId: 7, contract: 'jobRegistry' })
      await addEvent(2, 2, { jobId: 7, contract: 'verde' })
    })
    expect((await next)?.data.events).toEqual({ id: eventId(2, 2), job: { id: '7' } })
  })

  it('events say which are void after a reorganisation, and tell those that follow', async () => {
    const events = open('subscription { events { id transaction } }')
    const next = events.next()
    await new Promise((resolve) => setTimeout(resolve, 60))
    await mine(async () => {
      await addEvent(2, 0, { transaction: '0x0a' })
      await addEvent(2, 1, { transaction: '0x0b' })
      await addEvent(2, 2, { transaction: '0x0c' })
    })
    expect((await next)?.data.events.transaction).toBe('0x0a')
    expect((await events.next())?.data.events.transaction).toBe('0x0b')
    expect((await events.next())?.data.events.transaction).toBe('0x0c')
    const gone = events.next()
    await database.client.exec(`UPDATE event SET transaction = '0x0d' WHERE id = '${eventId(2, 1)}';
      DELETE FROM event WHERE id = '${eventId(2, 2)}'`)
    await mine(() => addEvent(3, 0, { transaction: '0x0e' }))
    expect((await gone)?.errors?.[0].extensions).toMatchObject({
      code: 'REORGANISED',
      from: eventId(2, 1),
    })
    expect((await events.next())?.data.events.transaction).toBe('0x0d')
    expect((await events.next())?.data.events.transaction).toBe('0x0e')
  })

  it('is refused when there are too many, and makes room when it ends', async () => {
    const query = 'subscription { head { version } }'
    const first = Array.from({ length: 3 }, () => open(query))
    for (const one of first) expect((await one.next())?.data).toBeTruthy()
    expect((await open(query).next())?.errors?.[0].extensions).toMatchObject({
      code: 'TOO_MUCH',
      limit: 'subscriptions',
    })
    const waiting = first[0].next().catch(() => undefined)
    first[0].stop()
    await waiting
    await expect
      .poll(async () => (await open(query).next())?.errors === undefined, { interval: 20 })
      .toBe(true)
  })

  it('is looked for once for all, and not at all without any', async () => {
    const all = Array.from({ length: 3 }, () => open('subscription { head { version } }'))
    for (const one of all) await one.next()
    database.statements.length = 0
    for (const one of all) void one.next().catch(() => undefined)
    await new Promise((resolve) => setTimeout(resolve, 110))
    expect(database.statements.length).toBeLessThanOrEqual(5)
    for (const one of all) one.stop()
    await new Promise((resolve) => setTimeout(resolve, 60))
    database.statements.length = 0
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(database.statements).toEqual([])
  })
})

describe('first difference', () => {
  const marks = (text: string): Mark[] =>
    text
      .split(' ')
      .filter(Boolean)
      .map((word) => ({ id: word[0], digest: word }))
  it.each([
    ['a b c', 'a b c d', undefined],
    ['', 'a b', undefined],
    ['a b c', 'a b', 'c'],
    ['a b c', '', 'a'],
    ['a b c', 'a x1 y', 'b'],
    ['a c d', 'a b c d', 'b'],
    ['b c d', 'b c1 d', 'c'],
    // The look is four long: what slid out of it says nothing.
    ['a b c d', 'b c d e', undefined],
    ['a b c d', 'c1 d e f', 'c'],
    ['c d e f', 'a b c d', 'e'],
  ])('of %s and %s is %s', (before, after, expected) => {
    expect(firstDifference(marks(before), marks(after), 4)).toBe(expected)
  })
})

describe('time on the chain', () => {
  it('is the wall clock, or the time of a chain that is ahead and goes on', () => {
    let now = 100
    const clock = new ChainClock(() => now)
    expect(clock.now({ timestamp: 90 })).toBe(100)
    expect(clock.age({ timestamp: 90 })).toBe(10)
    expect(clock.now({ timestamp: 500 })).toBe(500)
    expect(clock.age({ timestamp: 500 })).toBe(0)
    now = 130
    expect(clock.now({ timestamp: 500 })).toBe(530)
    expect(clock.now({ timestamp: 600 })).toBe(600)
  })
})
