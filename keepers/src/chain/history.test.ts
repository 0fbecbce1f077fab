import { jobRegistryAbi, verdeAbi } from '@lockstep/deployments'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type AbiEvent,
  type Address,
  concat,
  createPublicClient,
  encodeAbiParameters,
  encodeEventTopics,
  getAbiItem,
  http,
  zeroHash,
} from 'viem'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { controlChain, startBareChain, startLiar } from '../testing/chain.ts'
import { History, PROTOCOL_EVENTS } from './history.ts'

// Emits its calldata: three topics, then data.
const EMITTER = '0x606036038060605f376040356020355f35606036035fa300'
const REGISTRY: Address = '0x00000000000000000000000000000000000e0001'
const VERDE: Address = '0x00000000000000000000000000000000000e0002'

let chain: Awaited<ReturnType<typeof startBareChain>>
let control: ReturnType<typeof controlChain>
let folder: string
const closing: (() => unknown)[] = []

// A chain each: anvil makes blocks the slower the more it has.
beforeEach(async () => {
  chain = await startBareChain()
  control = controlChain(chain.url)
  await setCode()
  folder = mkdtempSync(join(tmpdir(), 'lockstep-history-'))
})
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
  await chain.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function setCode(): Promise<void> {
  for (const address of [REGISTRY, VERDE])
    await control.test.setCode({ address, bytecode: EMITTER })
}

async function emit(to: Address, item: AbiEvent, args: readonly unknown[]): Promise<bigint> {
  const named = Object.fromEntries(item.inputs.map(({ name }, i) => [name!, args[i]]))
  const topics = encodeEventTopics({ abi: [item], eventName: item.name, args: named })
  const plain = item.inputs
    .map((input, i) => ({ input, value: args[i] }))
    .filter(({ input }) => !input.indexed)
  const body = encodeAbiParameters(
    plain.map(({ input }) => input),
    plain.map(({ value }) => value),
  )
  const data = concat([...(topics as `0x${string}`[]), body])
  const hash = await control.wallet(0).sendTransaction({ to, data, chain: null })
  return (await control.test.waitForTransactionReceipt({ hash, pollingInterval: 10 })).blockNumber
}

const claimed = (job: bigint, claim: bigint) =>
  emit(REGISTRY, getAbiItem({ abi: jobRegistryAbi, name: 'JobClaimed' }) as AbiEvent, [
    job,
    1,
    claim,
    zeroHash,
  ])
const committed = (claim: bigint, interval: number) =>
  emit(VERDE, getAbiItem({ abi: verdeAbi, name: 'StepsCommitted' }) as AbiEvent, [
    claim,
    interval,
    zeroHash,
    7,
  ])
const mine = (blocks: number) => control.test.mine({ blocks })
const head = () => control.test.getBlockNumber({ cacheTime: 0 })

/** A history of an endpoint that notes which ranges it is asked for, and refuses some. */
async function open(
  from: bigint,
  refuse: (first: bigint, last: bigint) => { code: number; message: string } | undefined = () =>
    undefined,
) {
  const ranges: [bigint, bigint][] = []
  const proxy = await startLiar(
    chain.url,
    () => undefined,
    (method, params) => {
      if (method !== 'eth_getLogs') return undefined
      const { fromBlock, toBlock } = params[0] as { fromBlock: string; toBlock: string }
      const range: [bigint, bigint] = [BigInt(fromBlock), BigInt(toBlock)]
      const error = refuse(...range)
      if (error !== undefined) return { error }
      ranges.push(range)
      return undefined
    },
  )
  closing.push(proxy.stop)
  const client = createPublicClient({ transport: http(proxy.url, { retryCount: 0 }), cacheTime: 0 })
  const history = new History(
    client,
    [REGISTRY, VERDE],
    from,
    join(folder, 'history.json'),
    PROTOCOL_EVENTS,
  )
  const jobs = async (to?: bigint) =>
    (await history.events('JobClaimed', {}, to ?? (await head()))).map(({ args }) => args.job)
  return { history, ranges, jobs }
}

test('events are found by kind, arguments and block', async () => {
  const from = (await head()) + 1n
  const first = await claimed(1n, 11n)
  await claimed(2n, 12n)
  await committed(11n, 3)
  const { history, jobs } = await open(from)
  expect(await jobs()).toEqual([1n, 2n])
  expect(await jobs(first)).toEqual([1n])
  const to = await head()
  const found = await history.events('JobClaimed', { claim: 12n }, to)
  expect(found.map(({ args, blockNumber }) => [args.job, blockNumber])).toEqual([[2n, first + 1n]])
  expect(await history.events('StepsCommitted', { claim: 11n, interval: 3 }, to)).toHaveLength(1)
  expect(await history.events('StepsCommitted', { claim: 11n, interval: 4 }, to)).toEqual([])
  expect(await history.events('JobClaimed', { job: 1n }, from - 1n)).toEqual([])
})

test('a process that starts later reads only what is new', async () => {
  const from = (await head()) + 1n
  await claimed(1n, 11n)
  await mine(300)
  const first = await open(from)
  expect(await first.jobs()).toEqual([1n])
  expect(first.ranges).toEqual([[from, await head()]])

  await claimed(2n, 12n)
  await mine(10)
  const second = await open(from)
  expect(await second.jobs()).toEqual([1n, 2n])
  expect(second.ranges).toHaveLength(1)
  expect(second.ranges[0][0]).toBeGreaterThan(from + 250n)

  // And one that goes on asks for a few blocks each time.
  await claimed(3n, 13n)
  expect(await second.jobs()).toEqual([1n, 2n, 3n])
  expect(second.ranges[1][1] - second.ranges[1][0]).toBeLessThan(100n)
  expect(readdirSync(folder)).toEqual(['history.json'])
})

test('a copy of fewer contracts or kinds of events is read anew', async () => {
  const from = (await head()) + 1n
  await claimed(1n, 11n)
  await mine(300)
  await (await open(from)).jobs()
  const path = join(folder, 'history.json')
  const { of, ...stored } = JSON.parse(readFileSync(path, 'utf8')) as { of: string }
  writeFileSync(path, JSON.stringify({ ...stored, of: of.replace(' MarketCreated', '') }))
  const later = await open(from)
  expect(await later.jobs()).toEqual([1n])
  expect(later.ranges[0][0]).toBe(from)
})

test('it is written down now and then, not with every block', async () => {
  const from = (await head()) + 1n
  await claimed(1n, 11n)
  await mine(100)
  const { jobs } = await open(from)
  await jobs()
  const { mtimeMs, ino } = statSync(join(folder, 'history.json'))
  await mine(500)
  await jobs()
  expect(statSync(join(folder, 'history.json'))).toMatchObject({ mtimeMs, ino })
})

test.each(['', '{"anchors": 7}', '[]', '{"anchors":[],"logs":[{"address":"0x"}]}'])(
  'a file that cannot be read is as good as none: %j',
  async (text) => {
    const from = (await head()) + 1n
    await claimed(1n, 11n)
    writeFileSync(join(folder, 'history.json'), text)
    expect(await (await open(from)).jobs()).toEqual([1n])
  },
)

describe('a reorganisation', () => {
  const reorg = async (depth: number): Promise<void> => {
    await control.test.request({ method: 'anvil_reorg' as never, params: [depth, []] as never })
    await setCode() // which the chain that is gone had
  }

  test('of a few blocks is seen with the next block', async () => {
    const from = (await head()) + 1n
    await mine(200)
    await claimed(1n, 11n)
    const { jobs } = await open(from)
    expect(await jobs()).toEqual([1n])
    await reorg(1)
    await claimed(2n, 12n)
    expect(await jobs()).toEqual([2n])
  })

  test('below what was written down takes the copy back, in this process and the next', async () => {
    const from = (await head()) + 1n
    await claimed(1n, 11n)
    await mine(120)
    await claimed(2n, 12n)
    await mine(100)
    const first = await open(from)
    expect(await first.jobs()).toEqual([1n, 2n])
    await mine(100)
    await first.jobs()
    await reorg(250)
    await claimed(3n, 13n)
    expect(await (await open(from)).jobs()).toEqual([1n, 3n])
    expect(await first.jobs()).toEqual([1n, 3n])
  })

  test('of everything means reading everything again', async () => {
    const from = (await head()) + 1n
    await claimed(1n, 11n)
    await mine(150)
    const first = await open(from)
    expect(await first.jobs()).toEqual([1n])
    await reorg(151)
    await claimed(2n, 12n)
    const second = await open(from)
    expect(await second.jobs()).toEqual([2n])
    expect(second.ranges[0][0]).toBe(from)
  })
})

describe('an endpoint that refuses', () => {
  test.each([
    ['block range too large, maximum is 50', -32602],
    ['query returned more than 10000 results', -32005],
    ['query timeout exceeded', -32000],
    ['eth_getLogs is limited to a 50 blocks range', -32600],
  ])('large ranges is asked for small ones: %s', async (message, code) => {
    const from = (await head()) + 1n
    for (let job = 1n; job <= 3n; job++) {
      await claimed(job, job)
      await mine(150)
    }
    const { ranges, jobs } = await open(from, (first, last) =>
      last - first >= 50n ? { code, message } : undefined,
    )
    expect(await jobs()).toEqual([1n, 2n, 3n])
    // Every block once, in order.
    expect(ranges[0][0]).toBe(from)
    for (let i = 1; i < ranges.length; i++) expect(ranges[i][0]).toBe(ranges[i - 1][1] + 1n)
    expect(ranges.at(-1)![1]).toBe(await head())
    expect(ranges.length).toBeLessThan(40)
  })

  test('dense blocks only is asked for large ranges behind them', async () => {
    const from = (await head()) + 1n
    await mine(600)
    const { ranges, jobs } = await open(from, (first, last) =>
      first < from + 20n && last - first >= 4n ? { code: -32005, message: 'too many' } : undefined,
    )
    await jobs()
    expect(ranges.length).toBeLessThan(100)
    expect(ranges.some(([first, last]) => last - first > 40n)).toBe(true)
  })

  test('everything is an error, and nothing is forgotten', async () => {
    const from = (await head()) + 1n
    await claimed(1n, 11n)
    let isDown = true
    const { jobs } = await open(from, () => (isDown ? { code: -32000, message: 'no' } : undefined))
    await expect(jobs()).rejects.toThrow()
    isDown = false
    expect(await jobs()).toEqual([1n])
  })

  test('to be reached is not asked again and again', async () => {
    const client = createPublicClient({ transport: http('http://127.0.0.1:1', { retryCount: 0 }) })
    const history = new History(client, [REGISTRY, VERDE], 0n, undefined, PROTOCOL_EVENTS)
    const started = performance.now()
    await expect(history.events('JobClaimed', {}, 10_000n)).rejects.toThrow()
    expect(performance.now() - started).toBeLessThan(2000)
  })
})

test.each([
  ['another contract', { address: `0x${'ab'.repeat(20)}` }],
  ['another block', { blockNumber: '0xfffffff' }],
])('an event of %s is found out', async (_, change) => {
  const from = (await head()) + 1n
  await claimed(1n, 11n)
  const liar = await startLiar(chain.url, (method, __, truth) =>
    method === 'eth_getLogs'
      ? { result: (truth as object[]).map((log) => ({ ...log, ...change })) }
      : undefined,
  )
  closing.push(liar.stop)
  const client = createPublicClient({ transport: http(liar.url, { retryCount: 0 }) })
  const history = new History(client, [REGISTRY, VERDE], from, undefined, PROTOCOL_EVENTS)
  await expect(history.events('JobClaimed', {}, await head())).rejects.toMatchObject({
    code: 'chain-contradicts-itself',
    exit: 3,
  })
})
