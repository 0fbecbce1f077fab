import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createPublicClient, http, parseEther, parseGwei } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { publicKeyOf } from '../config/key.ts'
import { createLog } from '../log.ts'
import { controlChain, startBareChain, startLiar } from '../testing/chain.ts'
import { Journal } from './journal.ts'
import { Sender, type SenderOptions } from './sender.ts'

let chain: Awaited<ReturnType<typeof startBareChain>>
let control: ReturnType<typeof controlChain>
let folder: string
const closing: (() => unknown)[] = []

beforeAll(async () => {
  chain = await startBareChain()
  control = controlChain(chain.url)
})
afterAll(() => chain.stop())
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-sender-'))
})
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
  rmSync(folder, { recursive: true, force: true })
  await control.test.setAutomine(true)
})

const account = (index: number) => privateKeyToAccount(publicKeyOf(index))
// Every test pays to an address of its own, so that its balance counts the payments.
let serial = 0
const payee = () => `0x${(++serial).toString(16).padStart(40, 'a')}` as const
const pay = (to: `0x${string}`) => ({ move: 'pay', to, data: '0x', valueWei: 1n }) as const
const path = () => join(folder, 'journal.jsonl')

function open(index: number, options: Partial<SenderOptions> = {}, url = chain.url): Sender {
  const journal = new Journal(path())
  closing.push(() => {
    journal.close()
  })
  return new Sender(
    createPublicClient({ transport: http(url, { retryCount: 0 }), cacheTime: 0 }),
    31337,
    account(index),
    journal,
    {
      confirmations: 1,
      maxFeePerGasWei: parseGwei('500'),
      bumpAfterSeconds: 60,
      pollSeconds: 0.02,
      ...options,
    },
    createLog('silent', 'test'),
  )
}

test('an intent is executed once, however often it is asked for', async () => {
  const to = payee()
  const sender = open(1)
  const receipts = await Promise.all([1, 2, 3].map(() => sender.send('x', pay(to))))
  expect(new Set(receipts.map(({ transactionHash }) => transactionHash)).size).toBe(1)
  expect(await control.test.getBalance({ address: to })).toBe(1n)
  // A process that starts later knows it from the journal.
  expect((await open(1).send('x', pay(to))).transactionHash).toBe(receipts[0].transactionHash)
  expect(await control.test.getBalance({ address: to })).toBe(1n)
})

test('different intents go out in order, one nonce after the other', async () => {
  const to = payee()
  const sender = open(1)
  const before = await control.test.getTransactionCount({ address: sender.address })
  const receipts = await Promise.all(['a', 'b', 'c'].map((intent) => sender.send(intent, pay(to))))
  const transactions = await Promise.all(
    receipts.map(({ transactionHash: hash }) => control.test.getTransaction({ hash })),
  )
  expect(transactions.map(({ nonce }) => nonce)).toEqual([before, before + 1, before + 2])
})

describe('killed with -9 at any point, the next process finishes the job once', () => {
  const script = fileURLToPath(new URL('../testing/send-and-die.mts', import.meta.url))
  /** Runs a process to its end; returns the signal that ended it. */
  const run = (options: object): Promise<string | null> =>
    new Promise((resolve) => {
      const child = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(options)], {
        stdio: ['ignore', 'ignore', 'inherit'],
      })
      child.once('close', (_, signal) => {
        resolve(signal)
      })
    })

  test.each(['signed', 'journaled', 'sent', 'mined', 'noted'])('%s', async (point) => {
    const to = payee()
    const options = {
      url: chain.url,
      journal: path(),
      key: publicKeyOf(2),
      intent: `kill ${point}`,
      to,
    }
    const before = await control.test.getTransactionCount({ address: account(2).address })
    expect(await run({ ...options, point })).toBe('SIGKILL')
    const next = open(2)
    await next.recover()
    await next.send(options.intent, pay(to))
    expect(await control.test.getBalance({ address: to })).toBe(1n)
    const count = await control.test.getTransactionCount({ address: account(2).address })
    expect(count - before).toBe(1)
  })
})

test('a transaction that waits is replaced at the same nonce with a higher fee', async () => {
  const to = payee()
  await control.test.setAutomine(false)
  const sending = open(3, { bumpAfterSeconds: 0.2 }).send('slow', pay(to))
  await expect
    .poll(() => new Journal(path()).get('slow')?.sendings.length, { timeout: 10_000 })
    .toBeGreaterThan(2)
  await control.test.setAutomine(true)
  await control.test.mine({ blocks: 1 })
  const receipt = await sending
  const entry = new Journal(path()).get('slow')!
  expect(entry.outcome).toBe('success')
  expect(entry.sendings.map(({ hash }) => hash)).toContain(receipt.transactionHash)
  const fees = entry.sendings.map(({ maxFeePerGas }) => maxFeePerGas)
  for (let i = 1; i < fees.length; i++)
    expect(fees[i] * 100n).toBeGreaterThanOrEqual(fees[i - 1] * 110n)
  expect(await control.test.getBalance({ address: to })).toBe(1n)
})

test('the fee never exceeds the limit', async () => {
  await control.test.setAutomine(false)
  const sending = open(3, { bumpAfterSeconds: 0.1, maxFeePerGasWei: parseGwei('4') }).send(
    'dear',
    pay(payee()),
  )
  await new Promise((resolve) => setTimeout(resolve, 1500))
  for (const { maxFeePerGas } of new Journal(path()).get('dear')!.sendings) {
    expect(maxFeePerGas).toBeLessThanOrEqual(parseGwei('4'))
  }
  await control.test.setAutomine(true)
  await control.test.mine({ blocks: 1 })
  await sending
})

test('a nonce that somebody else used is reported, and the intent goes out anew', async () => {
  const [to, elsewhere] = [payee(), payee()]
  await control.test.setAutomine(false)
  const sender = open(4)
  const sending = sender.send('x', pay(to))
  const outcome = expect(sending).rejects.toMatchObject({ code: 'nonce-taken', exit: 7 })
  await expect.poll(() => new Journal(path()).get('x')?.nonce).toBeDefined()
  const { nonce } = new Journal(path()).get('x')!
  await control.wallet(4).sendTransaction({
    to: elsewhere,
    value: 1n,
    nonce,
    maxFeePerGas: parseGwei('900'),
    maxPriorityFeePerGas: parseGwei('900'),
    chain: null,
  })
  await control.test.setAutomine(true)
  await control.test.mine({ blocks: 1 })
  await outcome
  expect(await control.test.getBalance({ address: to })).toBe(0n)
  await sender.send('x', pay(to))
  expect(await control.test.getBalance({ address: to })).toBe(1n)
})

test('an account without ether is told so, and nothing is sent or spoiled', async () => {
  const poor = account(5)
  await control.test.setBalance({ address: poor.address, value: 1n })
  const sender = open(5)
  const to = payee()
  await expect(sender.send('x', pay(to))).rejects.toThrow()
  expect(new Journal(path()).get('x')).toBeUndefined()
  await control.test.setBalance({ address: poor.address, value: parseEther('1') })
  await sender.send('x', pay(to))
  expect(await control.test.getBalance({ address: to })).toBe(1n)
})

test('a block that is reorganised away does not make the intent forgotten or doubled', async () => {
  const to = payee()
  const sender = open(6)
  await sender.send('x', pay(to))
  await control.test.request({ method: 'anvil_reorg' as never, params: [1, []] as never })
  expect(await control.test.getBalance({ address: to })).toBe(0n)
  await sender.send('x', pay(to))
  expect(await control.test.getBalance({ address: to })).toBe(1n)
})

test('a later intent does not wait behind nonces that a reorganisation has freed', async () => {
  const to = payee()
  const sender = open(9)
  await sender.send('x', pay(to))
  await sender.send('y', pay(to))
  await control.test.request({ method: 'anvil_reorg' as never, params: [2, []] as never })
  expect(await control.test.getBalance({ address: to })).toBe(0n)
  await sender.send('z', pay(to))
  expect(await control.test.getBalance({ address: to })).toBe(3n)
})

test("another transaction's receipt is noticed", async () => {
  const to = payee()
  const other = await open(7).send('other', pay(payee()))
  const liar = await startLiar(chain.url, (method, _, truth) =>
    method === 'eth_getTransactionReceipt' && truth !== null
      ? { result: { ...(truth as object), transactionHash: other.transactionHash } }
      : undefined,
  )
  closing.push(liar.stop)
  await expect(open(7, {}, liar.url).send('x', pay(to))).rejects.toMatchObject({
    code: 'chain-contradicts-itself',
    exit: 3,
  })
})

test('an endpoint that drops connections right after taking a transaction does no harm', async () => {
  const to = payee()
  let drops = 3
  const liar = await startLiar(chain.url, (method) => {
    if (method === 'eth_sendRawTransaction' && drops-- > 0) throw new Error('drop')
    return undefined
  })
  closing.push(liar.stop)
  const sender = open(8, {}, liar.url)
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      await sender.send('x', pay(to))
      break
    } catch {
      // The next attempt takes up what the journal holds.
    }
  }
  expect(await control.test.getBalance({ address: to })).toBe(1n)
})
