import { jobRegistryAbi, stakeVaultAbi } from '@lockstep/deployments'
import { DEVNET_ACCOUNTS } from '@lockstep/deployments/devnet'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Address, formatEther, parseEther } from 'viem'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { ai, whole } from '../src/format/number.ts'
import type { View } from '../testing/browser.ts'
import {
  agrees,
  fact,
  faults,
  life,
  lossOn,
  PATIENCE_MS,
  says,
  type Scalar,
  shown,
  status,
  watch,
  type Watching,
} from '../testing/watching.ts'

// The whole demo in its smallest form, watched by somebody who never reloads a page.

const amount = z.string().regex(/^\d+(\.\d+)?$/)
const shape = z.strictObject({
  jobs: z.array(
    z.strictObject({
      id: z.int(),
      solver: z.string().regex(/^0x[0-9a-fA-F]{40}$/),
      status: z.literal('settled'),
      lossFirst: z.number(),
      lossLast: z.number(),
      paid: amount,
    }),
  ),
  disputes: z.array(
    z.strictObject({
      job: z.int(),
      winner: z.literal('challenger'),
      slashed: amount,
      challengerReward: amount,
      transactions: z.int(),
      gas: z.int(),
      path: z.strictObject({
        checkpoint: z.int(),
        step: z.int(),
        node: z.int(),
        operator: z.string(),
        element: z.int(),
        segment: z.int(),
      }),
    }),
  ),
  seconds: z.number(),
})

// In a gradient of a weight, a product over 256 rows.
const LIE = { step: 1, node: 312, element: 129, bit: 15 }
const flags = Object.entries(LIE)
  .map(([name, value]) => `${name}=${value}`)
  .join(',')
const [HONEST, LIAR] = [1, 2].map((i) => DEVNET_ACCOUNTS[i].address.toLowerCase())
/** What happens to a job until its claim can be disputed. */
const LIFE = ['job posted', 'job taken', 'locked', 'claim made', 'job claimed']

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

let run: Watching['run']
let url: string
let config: Watching['config']
let blocks: Watching['blocks']
let open: Watching['open']
let close: Watching['close']
/** What lies open all the time, and where somebody reads on. */
let overview: View
let operators: View
let reader: View

beforeAll(async () => {
  const size = ['--seed', '3', '--steps', '2', '--interval', '2']
  ;({ run, url, config, blocks, open, close } = await watch('demo', [...size, '--cheat', flags]))
  // The cheat has not begun: from here on a block comes when the page has shown the one before.
  void run.told(/^Job 2: /).then(() => blocks.hold())
  ;[overview, operators, reader] = await Promise.all(
    ['/', '/operators?by=slashes', '/jobs/2'].map(open),
  )
})
beforeEach(({ onTestFailed }) => {
  // The tests after it would wait for what it never tells.
  onTestFailed(() => {
    run.stop()
  })
})
afterAll(async () => {
  await close()
})

const inWei = (text: string): string => ai(parseEther(text))

/** Operators as the leaderboard has them. */
const ranked = (): Promise<{ operator: string | null; bond: string; slashed: string }[]> =>
  operators.page.locator('tbody tr').evaluateAll((rows) =>
    rows.map((row) => {
      const cells = [...row.querySelectorAll('td')].map((cell) => cell.innerText)
      const operator = row.querySelector('a')?.getAttribute('title') ?? null
      return { operator, bond: cells[1], slashed: cells[6] }
    }),
  )

test('an honest job: its life, its loss, its checkpoints, its payment', async () => {
  const job = await open('/jobs/1')
  const { page, screenshot, close } = job
  // How long the solver takes is the machine's affair; how long the page then takes is not.
  const [, paid, fee] = await run.told(/^job 1 settled: (\S+) \$AI paid .*, fee (\S+) \$AI$/)
  await status(page, 'settled')
  await agrees(page)
  expect(await life(page)).toEqual([...LIFE, 'job settled', 'unlocked'])
  await says(page, 'Steps', '2')
  await says(page, 'Checkpoints', '2') // the first and the last state
  await says(page, 'Paid to the solver’s vault', inWei(paid))
  await says(page, 'Fee of the protocol', inWei(fee))
  await says(page, 'In escrow', '0 $AI')
  const losses = (await lossOn(page)).map(Number)
  expect(losses[1]).toBeLessThan(losses[0])
  await screenshot('demo-job')
  expect(faults(job)).toEqual([])
  await close()
})

/** How many transactions the one dispute has had, and what they cost. */
async function dispute(): Promise<{ count: number; gas: bigint; isOver: boolean }> {
  const parts = ['Challenged', 'Moved', 'StepsCommitted', 'GraphCommitted', 'DisputeDecided']
  const events = (await blocks.events()).filter(({ eventName }) => parts.includes(eventName))
  const hashes = [...new Set(events.map(({ transactionHash }) => transactionHash))]
  const receipts = await Promise.all(
    hashes.map((hash) => blocks.client.getTransactionReceipt({ hash })),
  )
  return {
    count: hashes.length,
    gas: receipts.reduce((sum, { gasUsed }) => sum + gasUsed, 0n),
    isOver: events.some(({ eventName }) => eventName === 'DisputeDecided'),
  }
}

function float(bits: number): number {
  const bytes = new DataView(new ArrayBuffer(4))
  bytes.setUint32(0, bits)
  return bytes.getFloat32(0)
}

test('a dispute is walked down before the reader’s eyes, transaction by transaction', async ({
  signal,
}) => {
  const { page, screenshot } = reader
  await run.told(/^Job 2: /)
  const seen: Awaited<ReturnType<typeof shown>>[] = []
  for (let before = 0; ; ) {
    do await sleep(50, undefined, { signal })
    while (!(await blocks.mine()))
    const { count, gas, isOver } = await dispute()
    if (count === before) continue
    before = count
    // This page was opened before there was such a job, and leads on to the dispute.
    if (count === 1)
      await page
        .getByRole('link', { name: /^Dispute / })
        .first()
        .click()
    await says(page, 'Transactions', String(count))
    await says(page, 'Gas so far', whole(gas))
    if (count === 1) {
      await says(overview.page, 'Disputes active', '1')
      await says(overview.page, 'Slashed', '0 $AI')
      expect((await ranked()).map(({ slashed }) => slashed)).toEqual(['0 $AI', '0 $AI'])
      const clock = page.getByRole('timer')
      const time = await clock.innerText()
      expect(time).toMatch(/^00:0\d:\d\d$/)
      await expect.poll(() => clock.innerText(), { timeout: PATIENCE_MS }).not.toBe(time)
    }
    await agrees(page) // on whose turn it is, and until when
    seen.push(await shown(reader.page))
    if (isOver) break
    if (count === 3) await screenshot('demo-dispute-walked')
  }
  // What was decided comes whole: never won, and nothing slashed.
  expect(await fact(page, 'Slashed').innerText()).toBe('5\u202f000 $AI')
  await status(page, 'won')
  await screenshot('demo-dispute-decided')

  const walks = seen.map(({ walk }) => walk)
  const end = walks.at(-1)!
  const { step, node, element, bit } = LIE
  expect([...new Set(walks)]).toEqual([
    '0 – – – –',
    `0 ${step} – – –`,
    `0 ${step} ${node} ${element} –`,
    end,
  ])
  expect(end).toMatch(new RegExp(`^0 ${step} ${node} ${element} [01]$`))
  expect(await page.locator('.walk .level > code').innerText()).toBe('MatMul')

  // First the element has a claimed value, then a segment of it has both.
  const opened = seen.find(({ claimed }) => claimed !== undefined)!
  const part = seen.at(-1)!
  expect(opened.right).toBeUndefined()
  expect(part.claimed!.hex).not.toBe(part.right!.hex)
  for (const { hex, decimal } of [opened.claimed!, part.claimed!, part.right!]) {
    expect(hex).toMatch(/^0x[0-9a-f]{8}$/)
    expect(Math.fround(Number(decimal))).toBe(float(Number(hex)))
  }
  const [, told] = await run.told(/openNodeElement .*: (0x\w{8}) = \S+ claimed/)
  expect(opened.claimed!.hex).toBe(told)
  // The other segment is honest: with it the claimed part makes the lie, the right one what the lie is about.
  const bits = Number(opened.claimed!.hex)
  const rest = (sum: number, { hex }: Scalar) => Math.fround(float(sum) - float(Number(hex)))
  expect(rest((bits ^ (1 << bit)) >>> 0, part.right!)).toBe(rest(bits, part.claimed!))
  expect(faults(reader)).toEqual([])
})

test('the slash is on every page, and the honest solver is paid', async () => {
  const { page, screenshot } = reader
  await says(overview.page, 'Slashed', '5\u202f000 $AI')
  await says(overview.page, 'Claims shown wrong', '1')
  await expect
    .poll(ranked, { timeout: PATIENCE_MS })
    .toMatchObject([{ operator: LIAR, slashed: '5\u202f000 $AI' }, { operator: HONEST }])
  await operators.screenshot('demo-operators')

  await page.getByRole('link', { name: 'Job 2' }).first().click()
  await blocks.release()
  await run.told(/^job 2 settled:/)
  await status(page, 'settled')
  await agrees(page)
  expect(await life(page)).toEqual([
    ...LIFE,
    ...['challenged', 'admitted', 'steps committed', 'moved', 'graph committed', 'moved'],
    ...['partials committed', 'moved', 'dispute decided', 'bond returned', 'slashed'],
    ...['claim voided', 'reward paid', 'job reopened'],
    ...LIFE.slice(1),
    ...['job settled', 'unlocked'],
  ])
  await page.getByRole('row', { name: /voided/ }).waitFor()
  await screenshot('demo-job-disputed')
  expect(faults(reader)).toEqual([])
})

const ended = async () => shape.parse(JSON.parse((await run.told(/^\{.*\}$/))[0]))

test('the demo tells in the end one object of the promised shape', async () => {
  const { jobs, disputes, seconds } = await ended()
  expect(jobs.map(({ id }) => id)).toEqual([1, 2])
  for (const { lossFirst, lossLast, paid } of jobs) {
    expect(lossLast).toBeLessThan(lossFirst)
    expect(Number(paid)).toBeGreaterThan(0)
  }
  // The honest solver has done both in the end.
  expect(jobs[1].solver).toBe(jobs[0].solver)
  expect(disputes).toHaveLength(1)
  const [{ job, slashed, challengerReward, transactions, gas, path }] = disputes
  expect(job).toBe(2)
  expect(Number(challengerReward)).toBeGreaterThan(0)
  expect(Number(challengerReward)).toBeLessThan(Number(slashed))
  expect(transactions).toBeGreaterThan(2)
  expect(transactions).toBeLessThanOrEqual(8)
  expect(gas).toBeGreaterThan(100_000)
  expect(gas).toBeLessThan(1_000_000)
  const { step, node, element } = LIE
  expect(path).toMatchObject({ checkpoint: 0, step, node, element, operator: 'MatMul' })
  expect(seconds).toBeGreaterThan(1)
})

test('what the pages say then is what it told, and what the chain has', async () => {
  const { jobs, disputes } = await ended()
  const [{ slashed, challengerReward, transactions, gas, path }] = disputes
  const events = await blocks.events()
  const sum = (amounts: bigint[]): bigint => amounts.reduce((a, b) => a + b, 0n)
  const paid = events.flatMap((one) => (one.eventName === 'JobSettled' ? one.args.paid : []))
  const taken = events.flatMap((one) => (one.eventName === 'Slashed' ? one : []))
  expect(paid.map((one) => formatEther(one))).toEqual(jobs.map((job) => job.paid))
  expect(formatEther(sum(taken.map(({ args }) => args.amount)))).toBe(slashed)
  const cost = await dispute()
  expect([cost.count, cost.gas]).toEqual([transactions, BigInt(gas)])

  const network: [string, string][] = [
    ['Jobs posted', '2'],
    ['Jobs settled', '2'],
    ['Paid to solvers', ai(sum(paid))],
    ['In escrow', '0 $AI'],
    ['Disputes', '1'],
    ['Gas of disputes', whole(gas)],
    ['Slashed', inWei(slashed)],
    ['Operators', '2'],
  ]
  for (const [name, value] of network) await says(overview.page, name, value)
  await overview.screenshot('demo-overview')
  // By slashes: the liar is first.
  const bondOf = async (vault: Address) =>
    ai(
      await blocks.client.readContract({
        abi: stakeVaultAbi,
        address: vault,
        functionName: 'selfBond',
      }),
    )
  const vaults = events.flatMap((one) => (one.eventName === 'Rewarded' ? one.address : []))
  await expect.poll(ranked, { timeout: PATIENCE_MS }).toEqual([
    { operator: LIAR, bond: await bondOf(taken[0].address), slashed: inWei(slashed) },
    { operator: HONEST, bond: await bondOf(vaults[0]), slashed: '0 $AI' },
  ])
  expect(jobs[0].solver.toLowerCase()).toBe(HONEST)

  const { page } = reader
  const [, job] = jobs
  await says(page, 'Paid to the solver’s vault', inWei(job.paid))
  expect(await lossOn(page)).toEqual([job.lossFirst.toPrecision(4), job.lossLast.toPrecision(4)])
  const { status: state } = await blocks.client.readContract({
    abi: jobRegistryAbi,
    address: config.contracts.jobRegistry,
    functionName: 'jobs',
    args: [2n],
  })
  expect(state).toBe(4)
  await page
    .getByRole('link', { name: /^Dispute / })
    .first()
    .click()
  await status(page, 'won')
  await says(page, 'Gas so far', whole(gas))
  await says(page, 'Transactions', String(transactions))
  await says(page, 'Slashed', inWei(slashed))
  await says(page, 'Reward', inWei(challengerReward))
  const { checkpoint, step, node, element, segment } = path
  expect((await shown(reader.page)).walk).toBe([checkpoint, step, node, element, segment].join(' '))
  for (const one of [overview, operators, reader]) expect(faults(one)).toEqual([])
})

test('it told each thing as it happened, and once; interrupted, it takes everything down', async () => {
  run.stop()
  const { code, lines, errors } = await run.ended
  expect({ code, errors }).toEqual({ code: 0, errors: '' })
  const told = lines.slice(0, -1)
  const count = (part: string) => told.filter((line) => line.includes(part)).length
  const parts = [
    'job 1 settled:',
    `the lie: --cheat ${flags}`,
    'the claim about job 2 is wrong',
    'the challenger wins the dispute',
    'slashed 5000 $AI:',
    'job 2 is open again',
    'job 2 taken by the cheating solver',
    'job 2 taken by the honest solver',
    'job 2 settled:',
  ]
  expect(parts.map((part) => [part, count(part)])).toEqual(parts.map((part) => [part, 1]))
  for (const address of [url, config.graphqlUrl, config.rpcUrl, ...config.artifacts])
    await expect(fetch(address), address).rejects.toThrow()
})
