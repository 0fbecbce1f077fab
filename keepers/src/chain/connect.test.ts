import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { controlChain, startBareChain, startLiar } from '../testing/chain.ts'
import { chainError, connect } from './connect.ts'
import { findContracts } from './deployment.ts'

let chain: Awaited<ReturnType<typeof startBareChain>>
let other: Awaited<ReturnType<typeof startBareChain>>
const closing: (() => unknown)[] = []

beforeAll(async () => {
  chain = await startBareChain()
  other = await startBareChain(['--chain-id', '901', '--timestamp', '1700000000'])
})
afterAll(async () => {
  await chain.stop()
  await other.stop()
})
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('a chain is known by its id and its first block', async () => {
  const one = await connect(chain.url)
  expect(one.id).toBe(31337)
  expect((await connect(other.url)).genesis).not.toBe(one.genesis)
  const head = await one.head()
  expect(head.number).toBeGreaterThanOrEqual(0n)
})

describe('an endpoint that cannot be used is one line', () => {
  test.each([
    ['nobody listens', () => Promise.resolve('http://127.0.0.1:1'), 'chain-unreachable'],
    ['a web page', () => listen((_, response) => response.end('<html>')), 'chain-'],
    [
      'a server error',
      () => listen((_, response) => response.writeHead(500).end()),
      'chain-unreachable',
    ],
    [
      'an empty object',
      () => listen((_, response) => response.end('{}')),
      'chain-contradicts-itself',
    ],
    [
      'a number where an object should be',
      () => listen((_, response) => response.end('{"jsonrpc":"2.0","id":1,"result":7}')),
      'chain-contradicts-itself',
    ],
  ])('%s', async (_, start, code) => {
    const place = await start()
    const url = `${place}/v2/secret`
    const error = await connect(url).catch((thrown: unknown) => chainError(thrown, url))
    expect(error).toMatchObject({ exit: 3 })
    expect((error as { code: string }).code).toContain(code)
    expect((error as Error).message).toContain(`${place}/…`)
    expect((error as Error).message).not.toMatch(/secret|\n/)
  })
})

describe('an endpoint that lies', () => {
  test('about the chain is found out by the witness at once', async () => {
    await expect(connect(chain.url, other.url)).rejects.toMatchObject({
      code: 'wrong-chain',
      exit: 3,
    })
  })

  test('about a block is found out by the witness before anything is decided', async () => {
    await controlChain(chain.url).test.mine({ blocks: 3 })
    let lie = false
    const liar = await startLiar(chain.url, (method, params, truth) =>
      lie && method === 'eth_getBlockByNumber' && params[0] !== '0x0'
        ? { result: { ...(truth as object), hash: `0x${'11'.repeat(32)}` } }
        : undefined,
    )
    closing.push(liar.stop)
    const connected = await connect(liar.url, chain.url)
    expect((await connected.head()).number).toBeGreaterThanOrEqual(3n)
    lie = true
    await expect(connected.head()).rejects.toMatchObject({ code: 'chain-contradicts-itself' })
  })

  test('by going back in time is noticed', async () => {
    await controlChain(chain.url).test.mine({ blocks: 200 })
    const past: { block?: unknown } = {}
    const liar = await startLiar(chain.url, (method, params, truth) => {
      if (method !== 'eth_getBlockByNumber' || params[0] !== 'latest') return undefined
      return { result: past.block ?? truth }
    })
    closing.push(liar.stop)
    const connected = await connect(liar.url)
    await connected.head()
    const early = await fetch(chain.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'eth_getBlockByNumber',
        params: ['0x5', false],
      }),
    })
    past.block = ((await early.json()) as { result: unknown }).result
    await expect(connected.head()).rejects.toThrow(/went back from block \d+ to 5/)
  })
})

test('a chain without the contracts is refused', async () => {
  const connected = await connect(other.url)
  await expect(findContracts(connected, undefined)).rejects.toMatchObject({
    code: 'not-deployed',
    exit: 3,
  })
})
