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

test('an intent stands once it is sent, and no longer where it was refused', async () => {
  const to = payee()
  const sender = open(1)
  expect(await sender.stands('x')).toBe(false)
  await sender.send('x', pay(to))
  expect([await sender.stands('x'), await open(1).stands('x')]).toEqual([true, true])
  const reverting = { move: 'pay', to: payee(), data: '0x', valueWei: 10n ** 30n } as const
  await expect(sender.send('y', reverting)).rejects.toThrow()
  expect(await sender.stands('y')).toBe(false)
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
  expect(entry.outcome).toBe('done')
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

describe('what is refused ends with its reason and keeps nothing waiting', () => {
  const REVERTS = '0x00000000000000000000000000000000dead0001'
  const refuse = (message: string, code = -32000) => ({ error: { code, message } })
  const entry = (intent: string) => new Journal(path()).get(intent)
  const paid = (to: `0x${string}`) => control.test.getBalance({ address: to })
  const nonceOf = (sender: Sender) => control.test.getTransactionCount({ address: sender.address })

  /** A node that refuses transactions as long as `refusal` says so; `take`: but passes them on all the same. */
  async function startRefusing(refusal: (raw: unknown) => string | undefined, take = false) {
    const judge = (method: string, params: readonly unknown[]) => {
      if (method !== 'eth_sendRawTransaction') return undefined
      const message = refusal(params[0])
      return message === undefined ? undefined : refuse(message)
    }
    const liar = take
      ? await startLiar(chain.url, judge)
      : await startLiar(chain.url, () => undefined, judge)
    closing.push(liar.stop)
    return liar
  }

  test('by simulation', async () => {
    const to = payee()
    await control.test.setCode({ address: REVERTS, bytecode: '0x5f5ffd' })
    const sender = open(1)
    const refused = sender.send('x', { ...pay(REVERTS) })
    const behind = sender.send('y', pay(to))
    await expect(refused).rejects.toThrow(/revert/)
    await behind
    expect(await paid(to)).toBe(1n)
    expect(entry('x')).toBeUndefined()
  })

  test('by the contract, and it may be asked for again', async () => {
    const to = payee()
    const target = '0x00000000000000000000000000000000dead0002'
    await control.test.setCode({ address: target, bytecode: '0x00' })
    await control.test.setAutomine(false)
    const sender = open(1)
    const reverted = expect(sender.send('x', pay(target))).rejects.toMatchObject({
      code: 'transaction-reverted',
    })
    const behind = sender.send('y', pay(to))
    await expect.poll(() => entry('x')).toBeDefined()
    await control.test.setCode({ address: target, bytecode: '0x5f5ffd' })
    await control.test.setAutomine(true)
    await control.test.mine({ blocks: 1 })
    await reverted
    await behind
    expect(entry('x')).toMatchObject({ outcome: 'refused' })
    expect(entry('x')?.reason).toMatch(/^reverted in 0x/)
    await control.test.setCode({ address: target, bytecode: '0x00' })
    await sender.send('x', pay(target))
    expect(await paid(target)).toBe(1n)
  })

  test.each([
    'exceeds block gas limit',
    'tx fee (1.20 ether) exceeds the configured cap (1.00 ether)',
    'txpool is full',
    'invalid sender',
  ])('by the node: %s', async (message) => {
    const [x, y] = [payee(), payee()]
    let isRefusing = true
    const node = await startRefusing(() => (isRefusing ? message : undefined))
    const sender = open(1, {}, node.url)
    const before = await nonceOf(sender)
    await expect(sender.send('x', pay(x))).rejects.toMatchObject({
      code: 'transaction-not-sent',
      exit: 7,
      message: expect.stringContaining(message) as string,
    })
    expect(entry('x')).toMatchObject({ outcome: 'refused', reason: message, nonce: before })
    isRefusing = false
    // The next one takes the nonce; a process that starts later knows all of it.
    await sender.send('y', pay(y))
    expect(entry('y')).toMatchObject({ outcome: 'done', nonce: before })
    await open(1, {}, node.url).send('x', pay(x))
    expect([await paid(x), await paid(y)]).toEqual([1n, 1n])
    expect(await nonceOf(sender)).toBe(before + 2)
  })

  test('in an earlier process, before the work of this one', async () => {
    const [x, y] = [payee(), payee()]
    let drop = true
    const node = await startLiar(
      chain.url,
      () => undefined,
      (method) => {
        if (method !== 'eth_sendRawTransaction') return undefined
        if (drop) throw new Error('drop')
        return refuse('exceeds block gas limit')
      },
    )
    closing.push(node.stop)
    await expect(open(1, {}, node.url).send('x', pay(x))).rejects.toThrow()
    expect(entry('x')?.outcome).toBe('open')
    drop = false
    await open(1, {}, node.url).recover()
    expect(entry('x')?.outcome).toBe('refused')
    await open(1).send('y', pay(y))
    expect([await paid(x), await paid(y)]).toEqual([0n, 1n])
  })

  test('by a node that takes it all the same, and it is still executed once', async () => {
    const [x, y] = [payee(), payee()]
    const lies = ['exceeds block gas limit']
    const node = await startRefusing(() => lies.pop(), true)
    const sender = open(1, {}, node.url)
    const before = await nonceOf(sender)
    // Mined at once, before it is looked up; or it waits, and the next one competes for its nonce.
    await sender.send('x', pay(x))
    await control.test.setAutomine(false)
    lies.push('exceeds block gas limit')
    const waiting = sender.send('y', pay(y))
    await expect.poll(() => entry('y')).toBeDefined()
    await control.test.setAutomine(true)
    await control.test.mine({ blocks: 1 })
    await waiting
    expect([await paid(x), await paid(y)]).toEqual([1n, 1n])
    expect(await nonceOf(sender)).toBe(before + 2)
  })

  test('by a node that hides that it has taken it: one of the two is mined, then the other', async () => {
    const [x, y] = [payee(), payee()]
    let isLying = true
    const node = await startLiar(chain.url, (method) => {
      if (!isLying) return undefined
      if (method === 'eth_sendRawTransaction') return refuse('exceeds block gas limit')
      if (method === 'eth_getTransactionByHash') return { result: null }
      return undefined
    })
    closing.push(node.stop)
    await control.test.setAutomine(false)
    const sender = open(1, { bumpAfterSeconds: 0.2 }, node.url)
    const before = await nonceOf(sender)
    await expect(sender.send('x', pay(x))).rejects.toMatchObject({ code: 'transaction-not-sent' })
    isLying = false
    const second = sender.send('y', pay(y)).catch(() => sender.send('y', pay(y)))
    await expect.poll(() => entry('y')?.nonce).toBe(before)
    await control.test.setAutomine(true)
    await control.test.mine({ blocks: 1 })
    await second
    await sender.send('x', pay(x))
    expect([await paid(x), await paid(y)]).toEqual([1n, 1n])
    expect(await nonceOf(sender)).toBe(before + 2)
  })

  test('for a fee below what the node wants: the fee is raised, up to the limit', async () => {
    const [x, y] = [payee(), payee()]
    let refusals = 3
    const node = await startRefusing(() =>
      refusals-- > 0 ? 'transaction underpriced: gas tip cap 1, minimum needed 9' : undefined,
    )
    const sender = open(1, {}, node.url)
    await sender.send('x', pay(x))
    expect(entry('x')).toMatchObject({ outcome: 'done' })
    expect(entry('x')?.sendings).toHaveLength(4)
    refusals = 100
    await expect(sender.send('y', pay(y))).rejects.toMatchObject({ code: 'transaction-not-sent' })
    expect(entry('y')).toMatchObject({
      outcome: 'refused',
      reason: expect.stringContaining('underpriced') as string,
    })
    refusals = 0
    await sender.send('z', pay(y))
    expect([await paid(x), await paid(y)]).toEqual([1n, 1n])
  })

  test('for a fee above the limit of this keeper: nothing is sent until it falls', async () => {
    const to = payee()
    const sender = open(1, { maxFeePerGasWei: parseGwei('4') })
    await control.test.setNextBlockBaseFeePerGas({ baseFeePerGas: parseGwei('5') })
    await control.test.mine({ blocks: 1 })
    await expect(sender.send('x', pay(to))).rejects.toThrow(/gas costs 5 gwei, the limit is 4 gwei/)
    expect(entry('x')).toBeUndefined()
    await control.test.setNextBlockBaseFeePerGas({ baseFeePerGas: parseGwei('1') })
    await control.test.mine({ blocks: 1 })
    await sender.send('x', pay(to))
    expect(await paid(to)).toBe(1n)
  })

  test('for want of ether that went between the look and the sending', async () => {
    const [x, y] = [payee(), payee()]
    const node = await startLiar(chain.url, (method) =>
      method === 'eth_getBalance' ? { result: '0xde0b6b3a7640000' } : undefined,
    )
    closing.push(node.stop)
    const sender = open(5, {}, node.url)
    await control.test.setBalance({ address: sender.address, value: parseGwei('30000') })
    // Simulated at a fee of nothing, it would go through.
    await expect(sender.send('x', pay(x))).rejects.toMatchObject({
      code: 'too-little-funds',
      exit: 5,
    })
    expect(entry('x')).toMatchObject({ outcome: 'refused' })
    expect(entry('x')?.reason).toMatch(/insufficient funds/i)
    await control.test.setBalance({ address: sender.address, value: parseEther('1') })
    await sender.send('y', pay(y))
    await sender.send('x', pay(x))
    expect([await paid(x), await paid(y)]).toEqual([1n, 1n])
  })

  test('because its nonce was used just before it came', async () => {
    const [x, y, elsewhere] = [payee(), payee(), payee()]
    let rival = true
    const node = await startLiar(
      chain.url,
      () => undefined,
      async (method) => {
        if (method === 'eth_sendRawTransaction' && rival) {
          rival = false
          await control.wallet(4).sendTransaction({ to: elsewhere, value: 1n, chain: null })
        }
        return undefined
      },
    )
    closing.push(node.stop)
    const sender = open(4, {}, node.url)
    await expect(sender.send('x', pay(x))).rejects.toMatchObject({ code: 'nonce-taken' })
    expect(entry('x')).toMatchObject({ outcome: 'superseded' })
    expect(entry('x')?.reason).toMatch(/nonce \d+ was used by another transaction/)
    await sender.send('y', pay(y))
    await sender.send('x', pay(x))
    expect([await paid(x), await paid(y), await paid(elsewhere)]).toEqual([1n, 1n, 1n])
  })

  test('as of a nonce too low that it is not', async () => {
    const [x, y] = [payee(), payee()]
    let refusals = 1
    const node = await startRefusing(() => (refusals-- > 0 ? 'nonce too low' : undefined))
    const sender = open(1, {}, node.url)
    await expect(sender.send('x', pay(x))).rejects.toMatchObject({ code: 'transaction-not-sent' })
    await sender.send('y', pay(y))
    await sender.send('x', pay(x))
    expect([await paid(x), await paid(y)]).toEqual([1n, 1n])
  })
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

test('what was planned while another intent was open is not begun: it has to be planned anew', async () => {
  const [x, y] = [payee(), payee()]
  const paid = () => Promise.all([x, y].map((address) => control.test.getBalance({ address })))
  let drops = 1
  const node = await startLiar(
    chain.url,
    () => undefined,
    (method) => {
      if (method === 'eth_sendRawTransaction' && drops-- > 0) throw new Error('drop')
      return undefined
    },
  )
  closing.push(node.stop)
  const sender = open(1, {}, node.url)
  await expect(sender.send('x', pay(x))).rejects.toThrow()
  expect(new Journal(path()).get('x')?.outcome).toBe('open')
  await expect(sender.send('y', pay(y))).rejects.toMatchObject({
    code: 'transaction-not-sent',
    message: expect.stringContaining('x was open') as string,
  })
  expect(new Journal(path()).get('x')?.outcome).toBe('done')
  expect(new Journal(path()).get('y')).toBeUndefined()
  expect(await paid()).toEqual([1n, 0n])
  await sender.send('y', pay(y))
  expect(await paid()).toEqual([1n, 1n])
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
