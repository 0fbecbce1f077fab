import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { merkleRoot } from '@lockstep/repops/commitments'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { answering } from '../testing/contracts.ts'
import {
  CONTEST,
  HOSTILE,
  manyMarkets,
  market,
  MARKET,
  marketRows,
  MODEL,
  outcome,
  prices,
  SERIES,
  wideMarket,
} from '../testing/marketRows.ts'
import { RUBRICS as SHIPPED, rubricHash } from '../../keepers/src/contest/terms.ts'
import { RUBRICS } from '../src/format/rubric.ts'
import { CLAIM, NOW } from '../testing/rows.ts'
import { ADDRESSES, setStage, type Stage } from '../testing/stage.ts'
import type { Row, Rows } from '../testing/store.ts'

let stage: Stage
let store: Server
const lists = new Map<string, Uint8Array>()
const AI = 10n ** 18n
const [UPHELD, VOID] = [2, 3]
// What the contracts say.
const onChain = { claimStatus: UPHELD, finalStateRoot: '' }

beforeAll(async () => {
  store = createServer((request, response) => {
    const bytes = lists.get(request.url!)
    response.setHeader('access-control-allow-origin', '*')
    response.writeHead(bytes === undefined ? 404 : 200).end(bytes)
  })
  await new Promise<void>((resolve) => store.listen(0, '127.0.0.1', resolve))
  const artifacts = [`http://127.0.0.1:${(store.address() as AddressInfo).port}`]
  // Job 1 is settled with a claim.
  const answer = answering({
    jobs: () => ({ status: 4, claim: BigInt(CLAIM), reward: 100n * AI, stake: 1000n * AI }),
    statusOf: () => onChain.claimStatus,
    claimOf: () => ({ finalStateRoot: onChain.finalStateRoot }),
    computationOf: () => ({}),
  })
  stage = await setStage(marketRows, { artifacts, answer })
})
afterAll(async () => {
  store.close()
  await stage.close()
})
beforeEach(() => {
  stage.indexer.set(marketRows)
  stage.indexer.prices = prices as never
})

const fact = (page: Page, name: string) =>
  page.locator('dl.facts > div', { has: page.getByText(name, { exact: true }) }).locator('dd')
const cells = (page: Page, caption: RegExp) =>
  page.getByRole('region', { name: caption }).locator('tbody tr')
const firstOf = async (page: Page, caption: RegExp) => {
  await cells(page, caption).first().waitFor()
  return texts(page, caption)
}
const texts = async (page: Page, caption: RegExp) =>
  (await cells(page, caption).allInnerTexts()).map((row) => row.split(/\s*\t\s*|\n/).join(' | '))

test('a thousand markets are listed in pages, with state, leader and volume', async () => {
  stage.indexer.set(manyMarkets(1000))
  const { page, errors, close } = await stage.open('/markets')
  await page.getByText('1–50 of 1000').waitFor()
  const first = page.locator('tbody tr').first()
  expect(await first.innerText()).toMatch(/Market 1999\s+trading\s+Outcome 0: 60.1 %/)
  expect(await first.innerText()).toContain('25.5 $AI')
  await page.getByRole('link', { name: 'settled' }).click()
  await page.getByText('1–50 of 100', { exact: true }).waitFor()
  expect(errors).toEqual([])
  await close()
})

test('a market shows prices, trades, positions and fees exactly', async () => {
  const { page, errors, shift, findings, screenshot, close } = await stage.open(
    `/markets/${MARKET}`,
  )
  await cells(page, /^3 outcomes/)
    .first()
    .waitFor()
  const shown = await texts(page, /^3 outcomes/)
  expect(shown.map((row) => row.replace(/ \| /g, ' '))).toEqual([
    expect.stringMatching(/^Outcome 0 60\.1 % 0\.601 \$AI 0xa1a1…a1a1 601 shares 1$/),
    expect.stringMatching(/^Outcome 1 29\.9 % 0\.299 \$AI 0x5252…5252 299 shares 1$/),
    expect.stringMatching(/^Outcome 2 10\.0 % 0\.1 \$AI – 100 shares 1$/),
  ])
  expect(await fact(page, 'Volume').innerText()).toBe('25.5 $AI')
  expect(await fact(page, 'Metadata').innerText()).toBe('none')
  expect((await texts(page, /^Who gets the fee/)).map((row) => row.replace(/ \| /g, ' '))).toEqual([
    expect.stringMatching(/^The market’s creator 30 % 0\.3 \$AI 0x5151/),
    expect.stringMatching(/^The owner of the traded entrant 20 % 0\.2 \$AI/),
    expect.stringMatching(/^The protocol’s treasury 10 % 0\.1 \$AI/),
    expect.stringMatching(/^Liquidity 40 % 0\.4 \$AI/),
  ])
  const [trade] = await texts(page, /^Trades/)
  expect(trade).toMatch(/1 min ago.*buy.*0.*20\.5 shares.*12\.75 \$AI.*0\.12 \$AI.*0\.601 \$AI/)
  expect(trade).toMatch(/0x5252…5252 \| 0x[\da-f]{4}…[\da-f]{4}$/)
  const [position] = await texts(page, /^Positions/)
  expect(position).toMatch(/20\.5 shares.*25\.5 \$AI.*12\.75 \$AI.*12\.32 \$AI.*−0\.43 \$AI/)
  // The stand-in for a node knows no contracts: that is said, and nothing can be sent.
  await page.getByText('The chain does not answer').waitFor()
  expect(await page.getByRole('button', { name: 'Buy' }).count()).toBe(0)
  expect(errors.filter((text) => !text.includes('favicon'))).toEqual([])
  expect(await findings()).toEqual([])
  expect(await shift()).toBeLessThan(0.05)
  await screenshot('market')
  await close()
})

test('the price chart reads out by keyboard and pointer, and is a table', async () => {
  const { page, badLabels, close } = await stage.open(`/markets/${MARKET}`, { width: 360 })
  const plot = page.getByRole('group', { name: /^Probability by price/ })
  await plot.focus()
  expect(await badLabels()).toEqual([])
  await page.keyboard.press('End')
  expect(await page.locator('.read-out').innerText()).toMatch(/Outcome 0 60\.1 %/)
  await page.keyboard.press('Home')
  expect(await page.locator('.read-out').innerText()).toMatch(/Outcome 0 33\.4 %[^]*Outcome 1 –/)
  await page.keyboard.press('ArrowRight')
  expect(await page.locator('.read-out').innerText()).toMatch(
    /Outcome 0 42\.3 %[^]*Outcome 1 20\.0 %/,
  )
  const box = (await plot.boundingBox())!
  await page.mouse.move(box.x + box.width - 20, box.y + 50)
  expect(await page.locator('.read-out').innerText()).toMatch(/Outcome 0 60\.1 %/)
  // Folded away until it is asked for, which is the browser's matter.
  const rows = page.locator('figure.chart details tbody tr')
  expect(await rows.count()).toBe(4)
  expect(await rows.nth(1).textContent()).toMatch(/42\.3 %20\.0 %/)
  await close()
})

test('prices change on the page when the market does', async () => {
  const { page, close } = await stage.open(`/markets/${MARKET}`)
  await page.getByText('60.1 %').first().waitFor()
  stage.indexer.set({
    ...marketRows,
    Outcome: [outcome(MARKET, 0, 400), outcome(MARKET, 1, 500), outcome(MARKET, 2, 100)],
  })
  await page.getByText('50.0 %').first().waitFor()
  expect((await texts(page, /^3 outcomes/))[0]).toContain('Outcome 1')
  await close()
})

test.each([
  [
    'SETTLED',
    { status: 'SETTLED', winners: [1], resolvedAt: NOW },
    /outcome 1 won, a share of it pays 1 \$AI/,
  ],
  [
    'tied',
    { status: 'SETTLED', winners: [0, 1], resolvedAt: NOW },
    /outcome 0, outcome 1 won and divide 1 \$AI/,
  ],
  [
    'VOID',
    { status: 'VOID', resolvedAt: NOW },
    /void: every share is paid its outcome’s average price/,
  ],
  ['waiting', { closesAt: NOW - 10 }, /3 outcomes, the most probable first/],
  ['halted', { isHalted: true }, /3 outcomes, the most probable first/],
])('a market that is %s says so', async (name, over: Partial<Row>, caption) => {
  stage.indexer.set({ ...marketRows, Market: [market(MARKET, over)] })
  const { page, close } = await stage.open(`/markets/${MARKET}`)
  await page.getByText(caption).first().waitFor()
  const status = {
    SETTLED: 'settled',
    tied: 'settled',
    VOID: 'void',
    waiting: 'waiting',
    halted: 'buying halted',
  }
  expect(await page.locator('.heading .status').innerText()).toBe(status[name as 'VOID'])
  await close()
})

test('256 outcomes: the first ten, all on demand, on a phone too', async () => {
  stage.indexer.set(wideMarket())
  const { page, overflow, screenshot, close } = await stage.open(`/markets/${MARKET}`, {
    width: 390,
    theme: 'dark',
  })
  await cells(page, /^256 outcomes/)
    .first()
    .waitFor()
  expect(await cells(page, /^256 outcomes/).count()).toBe(10)
  expect((await texts(page, /^256 outcomes/))[0]).toMatch(/Outcome 200.*20\.4 %/)
  await page.getByRole('button', { name: 'Show 246 more' }).click()
  await page.getByRole('button', { name: 'Outcome 137' }).waitFor()
  expect(await cells(page, /^256 outcomes/).count()).toBe(256)
  expect(await overflow()).toBe(0)
  await screenshot('market-256-phone-dark')
  await close()
})

test('a contest shows entrants, rounds, scores with their jobs, and what it waits for', async () => {
  const { page, errors, findings, screenshot, close } = await stage.open(`/contests/${CONTEST}`)
  await page.getByText('Evaluations of round 0 can be ordered for').waitFor()
  const [first, second] = await texts(page, /^2 of at most 4 entrants/)
  expect(first).toMatch(/0.*0x5151.*0xa1a1.*1 of 2.*−2\u202f301\u202f585/)
  expect(second).toMatch(/1.*0x5252.*hidden.*0 of 2/)
  expect((await texts(page, /^Evaluations/))[0]).toMatch(
    /0.*0.*−2\u202f301\u202f585.*reported.*Job 1.*settled/,
  )
  expect((await texts(page, /^Rounds/))[0]).toMatch(/0xcaca/)
  // Whatever a contest calls itself is text.
  expect(await fact(page, 'Artifacts at').innerText()).toBe(HOSTILE)
  expect(await page.evaluate(() => 'lockstepHit' in window)).toBe(false)
  expect(errors).toEqual([])
  expect(await findings()).toEqual([])
  await screenshot('contest')
  await close()
})

test('scores of a perplexity are told as one, with their disputes and the evaluator’s other contests', async () => {
  expect(Object.values(RUBRICS).map((known) => known!.text)).toEqual([
    ...new Set(Object.values(SHIPPED)),
  ])
  for (const [hash, known] of Object.entries(RUBRICS)) expect(rubricHash(known!.text)).toBe(hash)
  const [evaluator] = marketRows.Evaluator!
  const [evaluation] = marketRows.Evaluation!
  stage.indexer.set({
    ...marketRows,
    Evaluator: [{ ...evaluator, rubric: rubricHash(SHIPPED.perplexity) }],
    Evaluation: [{ ...evaluation, job: '2' }],
  })
  const { page, errors, findings, overflow, screenshot, close } = await stage.open(
    `/contests/${CONTEST}`,
  )
  // e^2.301585
  const [evaluated] = await firstOf(page, /^Evaluations/)
  expect(evaluated).toMatch(/9\.990 perplexity.*Job 2.*claimed.*Dispute 8711…5440.*live.*0x5252/)
  expect((await texts(page, /^2 of at most 4 entrants/))[0]).toContain('9.990 perplexity')
  await page.getByText('so the lower the perplexity').waitFor()
  await screenshot('contest-perplexity')
  await page.getByRole('link', { name: /^0xf0f0/ }).click()
  await page.getByRole('heading', { name: /^Evaluator 0xf0f0/ }).waitFor()
  expect((await firstOf(page, /^Contests that it scores/))[0]).toMatch(/^Contest .*pending.*2.*2/)
  expect(await findings()).toEqual([])
  expect(await overflow()).toBe(0)
  await page.goto(`${stage.url}#/evaluators/0x12`)
  await page.getByText('There is no evaluator 0x12.').waitFor()
  expect(errors).toEqual([])
  await page.goto(`${stage.url}#/models/${MODEL}`)
  expect((await firstOf(page, /^Entries in contests/))[0]).toContain('9.990 perplexity (Job 2)')
  await close()
})

test('lists of contests, models and series; a series with its epochs', async () => {
  const { page, errors, close } = await stage.open('/contests')
  await page
    .getByRole('link', { name: /^Contest / })
    .first()
    .waitFor()
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Models' }).click()
  await page.getByRole('link', { name: /^0xa1a1/ }).waitFor()
  await page.goto(`${stage.url}#/series/${SERIES}`)
  await page.getByText('Epoch 0 runs').waitFor()
  expect(await fact(page, 'risk bps').innerText()).toBe('1000')
  expect(await page.evaluate(() => 'lockstepHit' in window)).toBe(false)
  expect(errors).toEqual([])
  await close()
})

const hex = (value: bigint): string => value.toString(16).padStart(64, '0')
const bytesOf = (...words: bigint[]): Uint8Array =>
  Uint8Array.from(Buffer.from(words.map(hex).join(''), 'hex'))

/** Rows in which the model says that it is a state of job 1, whose states are these. */
function provenanceRows(words: Uint8Array, states: Uint8Array): Rows {
  const provenance = merkleRoot(words)
  const finalStateRoot = merkleRoot(states)
  return {
    ...marketRows,
    Model: [{ ...marketRows.Model![0], provenance }],
    Job: marketRows.Job!.map((job) => (job.id === '1' ? { ...job, claim: CLAIM } : job)),
    Claim: [{ ...marketRows.Claim![0], status: 'UPHELD', finalStateRoot }],
  }
}

test('provenance is fetched, checked against its root, and told', async () => {
  const registry = BigInt(ADDRESSES.jobRegistry)
  const words = bytesOf(31337n, registry, 1n, 1n)
  const states = bytesOf(5n, BigInt(MODEL), 6n)
  stage.indexer.set(provenanceRows(words, states))
  onChain.finalStateRoot = merkleRoot(states)
  const { page, screenshot, close } = await stage.open(`/models/${MODEL}`)
  // Nothing serves it yet.
  await page.getByText('Told, but not to be had').waitFor()
  lists.set(`/lists/${merkleRoot(words)}`, words)
  await page.reload()
  await page.getByText('state 1 of the result').waitFor()
  expect(await page.getByRole('link', { name: 'Job 1' }).first().getAttribute('href')).toBe(
    '#/jobs/1',
  )
  await page.getByText('Not checked: the states').waitFor()
  lists.set(`/lists/${merkleRoot(states)}`, states)
  await page.reload()
  await page.getByText('is this model, bit for bit').waitFor()
  await page.getByText('The chain says the same').waitFor()
  await screenshot('model')

  // The index still holds for upheld what the chain has voided.
  onChain.claimStatus = VOID
  stage.indexer.set(provenanceRows(words, states))
  await page.getByText('What was claimed for the job is void').waitFor()
  expect(await page.getByText('bit for bit').count()).toBe(0)
  onChain.claimStatus = UPHELD
  // And it may name states that were never claimed.
  stage.indexer.set(provenanceRows(words, bytesOf(5n, 7n)))
  await page.getByText(`Final state: ${merkleRoot(states)} on the chain`).waitFor()
  await page.getByText('is this model, bit for bit').waitFor()

  // Another state than it says.
  const wrong = bytesOf(31337n, registry, 1n, 2n)
  lists.set(`/lists/${merkleRoot(wrong)}`, wrong)
  stage.indexer.set(provenanceRows(wrong, states))
  await page.getByText('Not true: state 2').waitFor()

  // A store that sends something else under the root.
  lists.set(`/lists/${merkleRoot(words)}`, wrong)
  await page.reload()
  await page.getByText('Not true: state 2').waitFor()
  stage.indexer.set(provenanceRows(words, states))
  await page.getByText('Told, but not to be had').waitFor()
  await page.getByText('serves other bytes, whose root is').waitFor()

  stage.indexer.set({ ...marketRows, Model: [{ ...marketRows.Model![0], provenance: null }] })
  await page.getByText('Not told').waitFor()
  await close()
})
