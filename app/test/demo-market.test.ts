import { delphiAbi } from '@lockstep/deployments'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { formatEther, parseEther } from 'viem'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { ai, exact, SHARES, whole } from '../src/format/number.ts'
import { Blocks } from '../testing/blocks.ts'
import type { View } from '../testing/browser.ts'
import {
  agrees,
  faults,
  life,
  lossOn,
  PATIENCE_MS,
  says,
  shown,
  status,
  watch,
  type Watching,
} from '../testing/watching.ts'

// The market demo in its smallest form, watched by somebody who never reloads a page.

const amount = z.string().regex(/^-?\d+(\.\d+)?$/)
const shape = z.looseObject({
  entrants: z.array(
    z.looseObject({ name: z.string(), scores: z.array(z.int()), total: z.int(), won: z.boolean() }),
  ),
  traders: z.array(z.strictObject({ name: z.string(), paid: amount, redeemed: amount })),
  disputes: z.array(z.looseObject({ job: z.int(), winner: z.literal('challenger') })),
})

vi.setConfig({ testTimeout: 300_000, hookTimeout: 240_000 })

let folder: string
let run: Watching['run']
let url: string
let config: Watching['config']
let blocks: Watching['blocks']
let open: Watching['open']
let close: Watching['close']
/** Opened before there is anything on it: the lists, from which somebody reads on. */
let ofMarket: View
let ofContest: View

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-demo-market-'))
  const plot = join(folder, 'prices.svg')
  const args = ['--steps', '4', '--plot', plot]
  ;({ run, url, config, blocks, open, close } = await watch('demo-market', args))
  ;[ofMarket, ofContest] = await Promise.all(['/markets', '/contests'].map(open))
})
beforeEach(({ onTestFailed }) => {
  // The tests after it would wait for what it never tells.
  onTestFailed(() => {
    run.stop()
  })
})
afterAll(async () => {
  await close()
  rmSync(folder, { recursive: true, force: true })
})

type ChainEvent = Awaited<ReturnType<Blocks['events']>>[number]
/** What the chain tells of one kind, in order. */
const events = async <N extends ChainEvent['eventName']>(name: N) =>
  (await blocks.events()).filter(
    (one): one is Extract<ChainEvent, { eventName: N }> => one.eventName === name,
  )

/** Cells of a table's rows: the whole values that stand in titles, or the text. */
const cells = (page: Page, caption: RegExp): Promise<string[][]> =>
  page
    .getByRole('region', { name: caption })
    .locator('tbody tr')
    .evaluateAll((rows) =>
      rows.map((row) =>
        [...row.querySelectorAll('td')].map(
          (cell) => cell.querySelector('[title]')?.getAttribute('title') ?? cell.innerText.trim(),
        ),
      ),
    )
const rowsOf = (page: Page, caption: RegExp): Promise<string[]> =>
  page.getByRole('region', { name: caption }).locator('tbody tr').allInnerTexts()
const poll = <T>(read: () => Promise<T>) => expect.poll(read, { timeout: PATIENCE_MS })

/** Side, outcome, shares, amount and trader of every trade, the newest first: on the page, and on the chain. */
const tradesShown = async ({ page }: View): Promise<string[][]> =>
  (await cells(page, /^Trades/)).map((row) => [...row.slice(1, 5), row[7]])
const trades = async (): Promise<string[][]> =>
  (await events('Traded'))
    .reverse()
    .map(({ args: { trader, outcome, shares, cost } }) => [
      shares > 0n ? 'buy' : 'sell',
      String(outcome),
      `${exact(shares > 0n ? shares : -shares, SHARES)} shares`,
      ai(cost > 0n ? cost : -cost),
      trader.toLowerCase(),
    ])

/** The price of every outcome, in order: on the page, and on the chain. */
const pricesShown = async ({ page }: View): Promise<string[]> => {
  const rows = await cells(page, /^3 outcomes/)
  return rows.toSorted(([a], [b]) => a.localeCompare(b)).map((row) => row[2])
}
async function prices(): Promise<string[]> {
  const [{ args }] = await events('MarketCreated')
  const found = await blocks.client.readContract({
    ...{ abi: delphiAbi, address: config.contracts.delphi, functionName: 'pricesOf' },
    args: [args.market],
  })
  return found.map(ai)
}

/** Entrant, round and score of every evaluation that has one: on the page, and on the chain. */
const scoresShown = async ({ page }: View): Promise<string[]> =>
  (await cells(page, /^Evaluations/))
    .filter(([, , score]) => score.startsWith('Score'))
    .map((row) => row.slice(0, 3).join(' '))
    .sort()
const scores = async (): Promise<string[]> =>
  (await events('EvaluationReported'))
    .map(({ args: { entrant, round, score } }) => `${entrant} ${round} Score ${whole(score)}`)
    .sort()

test('the market appears where somebody looks for it, and its trades and prices as they come', async () => {
  await run.told(/creates a market of 3 outcomes/)
  const { page, screenshot } = ofMarket
  await page.getByRole('link', { name: /^Market / }).click()
  await status(page, 'trading')
  await run.told(/^Round 1:/)
  await poll(() => tradesShown(ofMarket)).toEqual(await trades())
  expect(await tradesShown(ofMarket)).toHaveLength(3)
  await poll(() => pricesShown(ofMarket)).toEqual(await prices())
  await screenshot('demo-market-bought')
  expect(faults(ofMarket)).toEqual([])
})

test('the contest appears, with its models once they are revealed and the scores of the first round', async () => {
  const { page, screenshot } = ofContest
  await page.getByRole('link', { name: /^Contest / }).click()
  await run.told(/^The market has seen the first scores/)
  const revealed = await events('EntryRevealed')
  expect(revealed).toHaveLength(3)
  await poll(async () => (await cells(page, /^3 of at most/)).map((row) => row[2]).sort()).toEqual(
    revealed.map(({ args }) => args.root).sort(),
  )
  const reported = await scores()
  expect(reported.filter((text) => text.split(' ')[1] === '0')).toHaveLength(3)
  await poll(() => scoresShown(ofContest)).toEqual(expect.arrayContaining(reported))
  await screenshot('demo-market-scored')
  expect(faults(ofContest)).toEqual([])
})

test('the market follows the scores, to the last trade', async () => {
  await run.told(/^Round 2: /)
  const told = await trades()
  expect(told.filter(([side]) => side === 'sell').length).toBeGreaterThan(0)
  await poll(() => tradesShown(ofMarket)).toEqual(told)
  await poll(() => pricesShown(ofMarket)).toEqual(await prices())
  await status(ofMarket.page, 'waiting')
  await ofMarket.screenshot('demo-market-traded')
})

test('a wrong score is disputed down to one bit, and voided', async () => {
  const [, name, ...place] = await run.told(
    /the lie about (\S+)'s model: --cheat step=(\d+),node=(\d+),element=(\d+),bit=(\d+)$/,
  )
  const [step, node, element, bit] = place.map(Number)
  await run.told(/the challenger wins the dispute/)
  const [{ args: challenged }] = await events('Challenged')
  const dispute = await open(`/disputes/${challenged.dispute}`)
  const { page, screenshot } = dispute
  await status(page, 'won')
  await agrees(page)
  const { walk, claimed, right } = await shown(page)
  const checkpoint = walk.split(' ')[0]
  expect(walk).toMatch(new RegExp(`^${checkpoint} ${step} ${node} ${element} `))
  expect((Number(claimed!.hex) ^ Number(right!.hex)) >>> 0).toBe(2 ** bit)
  expect(Number(claimed!.decimal)).toBeGreaterThan(Number(right!.decimal))
  await screenshot('demo-market-dispute')

  // The right value is the score that is reported in the end.
  await run.told(/^the contest is decided/)
  const [{ args: voided }] = await events('ClaimVoided')
  expect(voided.claim).toBe(challenged.claim)
  const jobs = await events('EvaluationOrdered')
  await page.getByRole('link', { name: /^Job / }).first().click()
  await status(page, 'settled')
  await agrees(page)
  expect(await life(page)).toEqual(
    expect.arrayContaining([
      'challenged',
      'slashed',
      'claim voided',
      'job reopened',
      'job settled',
    ]),
  )
  const id = /Job (\d+)/.exec(await page.getByRole('heading', { level: 1 }).innerText())![1]
  const { args: order } = jobs.find(({ args: { job } }) => String(job) === id)!
  const reports = await events('EvaluationReported')
  const { args: report } = reports.find(
    ({ args: { entrant, round } }) => entrant === order.entrant && round === order.round,
  )!
  expect([report.round, whole(report.score)]).toEqual([1n, whole(right!.decimal.replace('−', '-'))])
  const { entrants } = await ended()
  expect(entrants.find((one) => one.name === name)!.scores[1]).toBe(report.score)
  await page.goto(`${url}#/claims/${voided.claim}`)
  await status(page, 'void')
  await screenshot('demo-market-claim')
  expect(faults(dispute)).toEqual([])
  await dispute.close()
})

const ended = async () => shape.parse(JSON.parse((await run.told(/^\{.*\}$/))[0]))

test('the contest is decided on the page as it was told, and as the chain has it', async () => {
  const { entrants, disputes } = await ended()
  expect(disputes).toHaveLength(1)
  const owners = (await events('Entered')).map(({ args: { owner } }) => owner.toLowerCase())
  const [{ args: concluded }] = await events('Concluded')
  const { page, screenshot } = ofContest
  await status(page, 'decided')
  await poll(() => scoresShown(ofContest)).toEqual(await scores())
  expect(await scores()).toHaveLength(6)
  // The evaluation whose first claim was voided still names the dispute.
  const [{ args: challenged }] = await events('Challenged')
  const disputed = (await rowsOf(page, /^Evaluations/)).filter((row) => row.includes('Dispute'))
  expect(disputed).toEqual([expect.stringContaining(`Job ${disputes[0].job}`)])
  expect(disputed[0]).toContain('won')
  const link = page.getByRole('link', { name: /^Dispute / })
  expect(await link.getAttribute('title')).toBe(String(challenged.dispute))
  // Both rounds of each, the best first.
  const ranked = await cells(page, /^3 of at most/)
  const best = entrants.toSorted((a, b) => b.total - a.total)
  expect(ranked.map((row) => [row[3], row[4], row[5]])).toEqual(
    best.map(({ total, won }) => [
      '2 of 2',
      `Sum of 2 scores ${whole(total)}`,
      won ? 'winner' : '–',
    ]),
  )
  for (const [entrant, owner] of ranked) {
    expect(owner).toBe(owners[Number(entrant)])
    const isWinner = ((concluded.winners >> BigInt(entrant)) & 1n) === 1n
    expect(isWinner).toBe(ranked[0][0] === entrant)
  }
  await page.getByText(`Won by entrant ${ranked[0][0]}.`).waitFor()
  await screenshot('demo-market-decided')
  expect(faults(ofContest)).toEqual([])
})

test('the market is settled on the page, and everybody paid what was told', async () => {
  const { traders } = await ended()
  const { page, screenshot } = ofMarket
  await status(page, 'settled')
  const [{ args: settled }] = await events('MarketSettled')
  const winner = Math.log2(Number(settled.winners))
  await page.getByText(`outcome ${winner} won, a share of it pays 1 $AI`).first().waitFor()
  const redeemed = await events('Redeemed')
  const sum = (amounts: bigint[]): bigint => amounts.reduce((a, b) => a + b, 0n)
  await says(
    page,
    'Redeemed',
    ai(sum(redeemed.map(({ args }) => args.paid))).replace(/(\.\d\d)\d+/, '$1'),
  )

  // Of every trader, over its positions: what it was paid, less what it had paid.
  const gained = async (): Promise<Map<string, bigint>> => {
    const sums = new Map<string, bigint>()
    for (const [owner, , , , , , profit] of await cells(page, /^Positions/)) {
      const value = parseEther(profit.replace('−', '-').replace(/[^-\d.]/g, ''))
      sums.set(owner, (sums.get(owner) ?? 0n) + value)
    }
    return sums
  }
  const told = traders
    .map(({ paid, redeemed: due }) => formatEther(parseEther(due) - parseEther(paid)))
    .sort()
  await poll(async () =>
    [...(await gained()).values()].map((of) => formatEther(of)).sort(),
  ).toEqual(told)
  for (const trader of (await gained()).keys()) {
    const paid = sum(
      redeemed.flatMap(({ args }) => (args.owner.toLowerCase() === trader ? [args.paid] : [])),
    )
    expect(traders.map((one) => one.redeemed)).toContain(formatEther(paid))
  }
  await poll(() => pricesShown(ofMarket)).toEqual(
    [0, 1, 2].map((outcome) => (outcome === winner ? '1 $AI' : '0 $AI')),
  )
  await screenshot('demo-market-settled')
  expect(faults(ofMarket)).toEqual([])
})

test('every model leads to the job that made it, and to its loss', async () => {
  for (const { args } of await events('EntryRevealed')) {
    const model = await open(`/models/${args.root}`)
    const { page, close } = model
    await page.getByText('of the job’s final state is this model, bit for bit').waitFor()
    await page
      .getByRole('link', { name: /^Job [123]$/ })
      .first()
      .click()
    await status(page, 'settled')
    const losses = (await lossOn(page)).map(Number)
    expect(losses.at(-1)).toBeLessThanOrEqual(losses[0])
    if (args.entrant === 0n) await model.screenshot('demo-market-model')
    expect(faults(model)).toEqual([])
    await close()
  }
})

test('interrupted, it takes everything down', async () => {
  run.stop()
  const { code, errors } = await run.ended
  expect({ code, errors }).toEqual({ code: 0, errors: '' })
  for (const address of [url, config.graphqlUrl, config.rpcUrl, ...config.artifacts])
    await expect(fetch(address), address).rejects.toThrow()
})
