import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import { testServer } from '../testing/server.ts'

// Random jobs with many ties and nulls, and what lists of them should be by the plainest code.

interface Job {
  readonly id: bigint
  readonly status: string
  readonly submitterId: string
  readonly reward: bigint
  readonly takenAt: number | null
  readonly uri: string
  readonly isCancelling: boolean
  readonly claimId: bigint | null
}

let seed = 20_261_121
const random = (below: number): number => {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff
  return Math.floor((seed / 0x80000000) * below)
}
const pick = <T>(from: readonly T[]): T => from[random(from.length)]

const address = (n: number): string => `0x${String(n).padStart(40, '0')}`
const STATUS = ['OPEN', 'TAKEN', 'SETTLED']
const URIS = ['', "it's", 'a%b_c', '%', 'Ünïcode 漢字 \u{1f600}', '<script>', 'A\\b', 'a"b']
const balances = [5n, 10n ** 60n, 7n]

const jobs: Job[] = Array.from({ length: 300 }, (_, i) => ({
  // Beyond 64 bits, and not in the order of their digits as text.
  id: i % 3 === 0 ? 10n ** 40n + BigInt(i) : BigInt(i),
  status: pick(STATUS),
  submitterId: address(random(3)),
  reward: pick([0n, 5n, 10n ** 77n]),
  takenAt: random(3) === 0 ? null : 2 ** 31 + random(4),
  uri: pick(URIS),
  isCancelling: random(2) === 0,
  claimId: random(2) === 0 ? null : BigInt(random(5)),
}))

interface Lists {
  readonly jobs: {
    readonly totalCount: number
    readonly pageInfo: {
      readonly hasNextPage: boolean
      readonly hasPreviousPage: boolean
      readonly startCursor: string | null
      readonly endCursor: string | null
    }
    readonly edges: readonly { readonly cursor: string; readonly node: { readonly id: string } }[]
    readonly nodes: readonly { readonly id: string }[]
  }
}

let database: TestDatabase
let server: ReturnType<typeof testServer<Lists>>
beforeAll(async () => {
  database = await testDatabase()
  await database.setHead(1, 1_000)
  await database.insert('job', jobs as unknown as Record<string, unknown>[])
  await database.insert(
    'account',
    balances.map((balance, i) => ({ id: address(i), balance })),
  )
  server = testServer<Lists>(database)
})
afterAll(() => database.close())

type Value = Job[keyof Job]
/** In small letters, those of A to Z only. */
const lower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
const compare = (a: Value, b: Value): number => (a === b ? 0 : a! < b! ? -1 : 1)

/** What comes first in an order; null last in either direction. */
const inOrder =
  (by: keyof Job, direction: string) =>
  (a: Job, b: Job): number => {
    const sign = direction === 'asc' ? 1 : -1
    if ((a[by] === null) !== (b[by] === null)) return a[by] === null ? 1 : -1
    return sign * compare(a[by], b[by]) || sign * compare(a.id, b.id)
  }

const ORDERS: [string, keyof Job][] = [
  ['id', 'id'],
  ['reward', 'reward'],
  ['takenAt', 'takenAt'],
  ['status', 'status'],
  ['submitter', 'submitterId'],
  ['claim', 'claimId'],
  ['isCancelling', 'isCancelling'],
]

const PAGE = `query ($first: Int, $after: String, $last: Int, $before: String, $where: JobFilter, $orderBy: JobOrder, $orderDirection: OrderDirection) {
  jobs(first: $first, after: $after, last: $last, before: $before, where: $where, orderBy: $orderBy, orderDirection: $orderDirection) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node { id } }
    nodes { id }
  }
}`

const ALL = `query ($where: JobFilter) { jobs(first: 1000, where: $where) { totalCount nodes { id } } }`

describe('pages', () => {
  const cases = ORDERS.flatMap(([name, by]) =>
    ['asc', 'desc'].map((direction) => ({ name, by, direction })),
  )
  it.each(cases)(
    'go through $name $direction, forwards and backwards',
    async ({ name, by, direction }) => {
      const expected = [...jobs].sort(inOrder(by, direction)).map(({ id }) => String(id))
      const order = { orderBy: name, orderDirection: direction }
      const size = 30 + random(60)

      const forwards: string[] = []
      for (let after: string | null = null; ; ) {
        const { jobs: page } = await server.read(PAGE, { ...order, first: size, after })
        expect(page.totalCount).toBe(jobs.length)
        expect(page.pageInfo.hasPreviousPage).toBe(after !== null)
        expect(page.nodes).toEqual(page.edges.map(({ node }) => node))
        expect(page.pageInfo.endCursor).toBe(page.edges.at(-1)?.cursor)
        forwards.push(...page.nodes.map(({ id }) => id))
        expect(page.pageInfo.hasNextPage).toBe(forwards.length < jobs.length)
        if (!page.pageInfo.hasNextPage) break
        after = page.pageInfo.endCursor
      }
      expect(forwards).toEqual(expected)

      const backwards: string[] = []
      for (let before: string | null = null; ; ) {
        const { jobs: page } = await server.read(PAGE, { ...order, last: size, before })
        backwards.unshift(...page.nodes.map(({ id }) => id))
        if (!page.pageInfo.hasPreviousPage) break
        before = page.pageInfo.startCursor
      }
      expect(backwards).toEqual(expected)
    },
  )

  it('lie between two cursors', async () => {
    const all = await server.read(PAGE, { first: 100, orderBy: 'takenAt' })
    const [from, to] = [all.jobs.edges[20], all.jobs.edges[40]]
    const { jobs: page } = await server.read(PAGE, {
      orderBy: 'takenAt',
      after: from.cursor,
      before: to.cursor,
    })
    expect(page.nodes).toEqual(all.jobs.nodes.slice(21, 40))
  })

  it('are 50 long if not said, and empty if wanted', async () => {
    expect((await server.read('{ jobs { nodes { id } } }')).jobs.nodes).toHaveLength(50)
    const { jobs: none } = await server.read(PAGE, { first: 0 })
    expect(none.nodes).toEqual([])
    expect(none.pageInfo).toEqual({
      hasNextPage: true,
      hasPreviousPage: false,
      startCursor: null,
      endCursor: null,
    })
  })

  it('send no statement that skips rows', () => {
    expect(database.statements.splice(0).filter((text) => /offset/i.test(text))).toEqual([])
  })
})

type Test = (job: Job) => boolean
interface RandomFilter {
  readonly filter: Record<string, unknown>
  readonly test: Test
}

/** A random filter and what it means. */
function randomFilter(depth: number): RandomFilter {
  if (depth > 0 && random(2) === 0) {
    const parts = Array.from({ length: random(4) }, () => randomFilter(depth - 1))
    const filter = parts.map((part) => part.filter)
    return random(2) === 0
      ? { filter: { and: filter }, test: (job) => parts.every(({ test }) => test(job)) }
      : { filter: { or: filter }, test: (job) => parts.some(({ test }) => test(job)) }
  }
  if (random(8) === 0) {
    const balance = pick(balances)
    return {
      filter: { submitter_: { balance_gte: String(balance) } },
      test: ({ submitterId }) => balances[Number(submitterId)] >= balance,
    }
  }
  const [key, by] = pick<[string, keyof Job]>([...ORDERS, ['uri', 'uri']])
  const isText = by === 'uri'
  const isOrdered = by === 'id' || by === 'reward' || by === 'takenAt'
  const operators = [
    '',
    '_not',
    ...(by === 'isCancelling' ? [] : ['_in', '_not_in']),
    ...(isOrdered ? ['_gt', '_gte', '_lt', '_lte'] : []),
    ...(isText ? ['_contains', '_contains_nocase', '_starts_with'] : []),
  ]
  const operator = pick(operators)
  const plain = (value: Value): unknown => (typeof value === 'bigint' ? String(value) : value)
  const sample = (): Value => pick(jobs)[by]
  if (operator.endsWith('in')) {
    const values = Array.from({ length: random(4) }, sample).filter((value) => value !== null)
    const test: Test = (job) => values.includes(job[by] as never)
    return {
      filter: { [key + operator]: values.map(plain) },
      test: operator === '_in' ? test : (job) => !test(job),
    }
  }
  const value =
    operator === '' || operator === '_not'
      ? sample()
      : pick(jobs.filter((job) => job[by] !== null))[by]
  const known =
    (test: (own: never) => boolean): Test =>
    (job) =>
      job[by] !== null && test(job[by] as never)
  const text = isText ? (value as string).slice(0, random(3)) : ''
  const tests: Record<string, Test> = {
    '': (job) => job[by] === value,
    _not: (job) => job[by] !== value,
    _gt: known((own) => compare(own, value) > 0),
    _gte: known((own) => compare(own, value) >= 0),
    _lt: known((own) => compare(own, value) < 0),
    _lte: known((own) => compare(own, value) <= 0),
    _contains: known((own: string) => own.includes(text)),
    _contains_nocase: known((own: string) => lower(own).includes(lower(text))),
    _starts_with: known((own: string) => own.startsWith(text)),
  }
  const isPart = operator.includes('contains') || operator.includes('starts')
  return { filter: { [key + operator]: isPart ? text : plain(value) }, test: tests[operator] }
}

describe('filters', () => {
  it('find what plain code finds', async () => {
    for (let i = 0; i < 120; i++) {
      const { filter, test } = randomFilter(2)
      const expected = jobs.filter(test).sort(inOrder('id', 'asc'))
      const { jobs: page } = await server.read(ALL, { where: filter })
      expect(page.nodes, JSON.stringify(filter)).toEqual(
        expected.map(({ id }) => ({ id: String(id) })),
      )
      expect(page.totalCount, JSON.stringify(filter)).toBe(expected.length)
    }
  })

  it('take text as it is', async () => {
    const hostile = [
      'üN',
      'ÜN',
      "'; DROP TABLE job; --",
      '\\',
      '%',
      '_',
      '$1',
      '\u{d800}',
      '"',
      '\n',
    ]
    for (const text of hostile) {
      for (const key of [
        'uri',
        'uri_not',
        'uri_contains',
        'uri_contains_nocase',
        'uri_starts_with',
      ]) {
        const { jobs: page } = await server.read(ALL, { where: { [key]: text } })
        const matches: Record<string, (uri: string) => boolean> = {
          uri: (uri) => uri === text,
          uri_not: (uri) => uri !== text,
          uri_contains: (uri) => uri.includes(text),
          uri_contains_nocase: (uri) => lower(uri).includes(lower(text)),
          uri_starts_with: (uri) => uri.startsWith(text),
        }
        expect(page.totalCount, `${key} ${text}`).toBe(
          jobs.filter(({ uri }) => matches[key](uri)).length,
        )
      }
    }
    const { errors } = await server.ask(PAGE, { where: { uri: 'a\0b' } })
    expect(errors?.[0].extensions.code).toBe('BAD_INPUT')
  })

  it('refuse what cannot be meant', async () => {
    const refused: [object, string, string][] = [
      [{ id: 'twelve' }, 'BAD_INPUT', '"twelve" is no id here'],
      [{ submitter: '0x1' }, 'BAD_INPUT', '"0x1" is no id here'],
      [{ reward_gt: null }, 'BAD_INPUT', 'reward_gt is null'],
      [{ and: null }, 'BAD_INPUT', 'and is null'],
      [{ submitter_: null }, 'BAD_INPUT', 'submitter_ is null'],
      [{ id_in: Array.from({ length: 1_001 }, String) }, 'TOO_MUCH', '1001 values'],
      [
        { or: Array.from({ length: 101 }, () => ({ id: '1' })) },
        'TOO_MUCH',
        'more than 100 conditions',
      ],
    ]
    for (const [where, code, message] of refused) {
      const { errors } = await server.ask(PAGE, { where })
      expect(errors?.[0].message).toContain(message)
      expect(errors?.[0].extensions).toMatchObject({ code, advice: expect.any(String) as unknown })
    }
  })
})

describe('cursors', () => {
  it('are good for their own list and order only', async () => {
    const { jobs: page } = await server.read(PAGE, { first: 1, orderBy: 'reward' })
    const cursor = page.pageInfo.endCursor
    const forged = (parts: unknown): string =>
      Buffer.from(JSON.stringify(parts)).toString('base64url')
    const refused: [string, string][] = [
      ['{ jobs(after: "rubbish") { totalCount nodes { id } } }', 'none of this server'],
      [`{ jobs(after: "${cursor}") { nodes { id } } }`, 'for orderBy: reward, not for orderBy: id'],
      [`{ claims(after: "${cursor}") { nodes { id } } }`, 'one of jobs, not of claims'],
      [
        `{ jobs(orderBy: reward, after: "${forged(['jobs', 'reward', 'x', '1'])}") { nodes { id } } }`,
        'it was changed',
      ],
      [
        `{ jobs(orderBy: reward, after: "${forged(['jobs', 'reward', null, '1'])}") { nodes { id } } }`,
        'it was changed',
      ],
      [
        `{ jobs(after: "${forged(['jobs', 'id', '1', "1' OR true"])}") { nodes { id } } }`,
        'it was changed',
      ],
      [`{ jobs(after: "${forged([1, 2, 3, 4])}") { nodes { id } } }`, 'none of this server'],
      [`{ jobs(after: "${forged({})}") { nodes { id } } }`, 'none of this server'],
    ]
    for (const [query, message] of refused) {
      const { errors } = await server.ask(query)
      expect(errors?.[0].message).toContain(message)
      expect(errors?.[0].extensions).toMatchObject({
        code: 'BAD_INPUT',
        advice: expect.stringContaining('cursor') as unknown,
      })
    }
  })

  it.each(['first: -1', 'first: 1001', 'last: 1001', 'first: 1, last: 1'])(
    'want a page that there is: %s',
    async (given) => {
      const { errors } = await server.ask(`{ jobs(${given}) { nodes { id } } }`)
      expect(errors?.[0].extensions.code).toMatch(/BAD_INPUT|TOO_MUCH/)
      expect(errors?.[0].extensions.advice).toBeTruthy()
    },
  )
})
