import { delphiAbi } from '@lockstep/deployments'
import type { Locator } from 'playwright-core'
import { getAbiItem, parseEther, toFunctionSelector } from 'viem'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { pass } from '../../keepers/src/testing/markets.ts'
import { amount, NEWS, putAway, stage, START_MS, TradingStage } from '../testing/trading.ts'

let trading: TradingStage
beforeAll(async () => {
  trading = await TradingStage.start({ creator: 'submitter', owners: ['other', 'submitter'] })
}, START_MS)
afterAll(() => trading.stop())
afterEach(() => trading.release())

/** What the page asks a node. */
interface Asked {
  readonly id: number
  readonly method: string
  readonly params: unknown
}

const SHARE = 10n ** 9n
/** What is told as due, part by part, to the wei. */
async function dues(fees: Locator): Promise<bigint[]> {
  const amounts = fees.locator('dd .number')
  const told = await amounts.evaluateAll((all) => all.map((one) => one.getAttribute('title') ?? ''))
  return told.map((text) => parseEther(text.replace(/[^\d.]/g, '')))
}
const held = () => Promise.all([0n, 1n, 2n].map((of) => trading.sharesOf(of)))

test('complete sets: a share of every outcome for 1 $AI, there and back, to the wei', async () => {
  const { page: one, errors, findings, screenshot, close } = await trading.openConnected()
  await one.getByLabel('Complete sets').check()
  const make = one.getByRole('button', { name: 'Make sets' })
  for (const [text, problem] of [
    ['1e9', 'That is no number.'],
    ['0.0000000001', 'At most 9 decimals are possible.'],
    ['999999999', 'That is more than the market’s curve can hold.'],
    ['3000000', /^This takes up to [\d.\s]+ \$AI, and the account has/],
  ] as const) {
    await one.getByLabel('Sets', { exact: true }).fill(text)
    await one.getByText(problem).waitFor()
    expect(await make.isDisabled()).toBe(true)
  }
  await one.getByLabel('Sets', { exact: true }).fill('12.5')
  expect(await amount(one, 'You pay')).toBe(parseEther('12.5'))
  await screenshot('trade-sets')
  expect(await findings()).toEqual([])
  const [money, { pot }] = await Promise.all([trading.balance(), trading.stored()])
  await make.click()
  await stage(one, 'done').waitFor(NEWS)
  expect(money - (await trading.balance())).toBe(parseEther('12.5'))
  const all = (25n * SHARE) / 2n
  expect(await held()).toEqual([all, all, all])
  const made = await trading.stored()
  expect([made.sets, made.pot - pot]).toEqual([all, parseEther('12.5')])
  await putAway(one)
  // It made the market, but sets cost no fee.
  const fees = one.getByRole('region', { name: 'Your part of the fees' })
  expect(await fees.count()).toBe(0)

  // One outcome is sold: of those that are left there are fewer complete sets.
  await one.getByLabel('Trade', { exact: true }).check()
  await one.getByLabel('Sell').check()
  await one.locator('.trade select').selectOption('2')
  await one.getByLabel('give (shares)').check()
  await one.getByLabel('Shares', { exact: true }).fill('2.5')
  await one.getByRole('button', { name: 'Sell' }).click()
  await stage(one, 'done').waitFor(NEWS)
  await fees.waitFor(NEWS)
  await putAway(one)
  await one.getByLabel('Complete sets').check()
  await one.getByLabel('Give back').check()
  const back = one.getByRole('button', { name: 'Give sets back' })
  await one.getByLabel('Sets', { exact: true }).fill('10.000000001')
  await one.getByText('You have 10 complete sets, not 10.000000001.').waitFor()
  expect(await back.isDisabled()).toBe(true)
  await one.getByLabel('Sets', { exact: true }).fill('4')
  expect(await amount(one, 'You receive')).toBe(parseEther('4'))
  const before = await trading.balance()
  trading.wallet.asked.length = 0
  await back.click()
  await stage(one, 'done').waitFor(NEWS)
  // Nothing is taken, so nothing is signed for it.
  expect(trading.wallet.asked.filter((name) => name.startsWith('eth_sign'))).toEqual([])
  expect((await trading.balance()) - before).toBe(parseEther('4'))
  expect(await held()).toEqual([all - 4n * SHARE, all - 4n * SHARE, 6n * SHARE])
  expect((await trading.stored()).sets).toBe(all - 4n * SHARE)
  expect(errors).toEqual([])
  await close()
})

test('who bought every outcome has sets that nobody made: those are sold', async () => {
  const { page: one, close } = await trading.openConnected()
  for (const outcome of ['0', '1', '2']) {
    await one.locator('.trade select').selectOption(outcome)
    await one.getByLabel('get (shares)').check()
    await one.getByLabel('Shares', { exact: true }).fill('3')
    await one.getByRole('button', { name: 'Buy' }).click()
    await stage(one, 'done').waitFor(NEWS)
    await putAway(one)
  }
  await one.getByLabel('Complete sets').check()
  await one.getByLabel('Give back').check()
  await one.getByLabel('Sets', { exact: true }).fill('9')
  await one.getByText('Only 8.5 sets were made and not given back').waitFor()
  await one.getByRole('button', { name: 'All of them' }).click()
  expect(await amount(one, 'You receive')).toBe(parseEther('8.5'))
  await close()
})

test('the creator and the owner of a model collect their parts of the fees', async () => {
  const { page: one, errors, findings, overflow, screenshot, close } = await trading.open()
  const fees = one.getByRole('region', { name: 'Your part of the fees' })
  await trading.spend(1, '50')
  await trading.spend(0, '40')
  await one.getByRole('button', { name: 'Connect a wallet' }).click()
  await one.getByRole('button', { name: 'Test wallet' }).click()
  await fees.waitFor(NEWS)
  // Outcome 0 is another's, outcome 2 nobody's: its part is the creator's.
  const names = await fees.locator('dt').allInnerTexts()
  expect(names).toEqual([
    'The creator’s part of every trade',
    'The model’s part of trades of outcome 1',
    'The model’s part of trades of outcome 2',
  ])
  const [whole, model, orphan] = await dues(fees)
  // 1 % of what was traded; 30 % of it the creator's, 20 % the traded model's.
  const traded = (whole * 10_000n) / 3_000n
  expect(traded).toBeGreaterThan(parseEther('0.9'))
  expect(model).toBeGreaterThan(parseEther('0.099'))
  expect(orphan).toBeGreaterThan(0n)
  await screenshot('trade-fees')
  expect(await findings()).toEqual([])
  for (const width of [360, 1280]) {
    await one.setViewportSize({ width, height: 800 })
    const panel = one.locator('.panel')
    expect(await panel.evaluate((it) => it.scrollWidth - it.clientWidth)).toBe(0)
    expect(await overflow()).toBe(0)
    if (width === 360) await screenshot('trade-fees-360')
  }
  const before = await trading.balance()
  const collect = fees.getByRole('button', { name: 'Collect' })
  await trading.hold()
  await collect.click()
  await stage(one, 'sent').waitFor(NEWS)
  // Until it is mined they are still due, but not collected once more.
  await fees.locator('.steps p').waitFor({ state: 'detached', ...NEWS })
  expect(await collect.isDisabled()).toBe(true)
  await trading.release()
  await stage(one, 'done').waitFor(NEWS)
  expect((await trading.balance()) - before).toBe(whole + model + orphan)
  const { creatorPaid, modelsPaid } = await trading.stored()
  expect([creatorPaid, modelsPaid]).toEqual([whole, model + orphan])
  await fees.waitFor({ state: 'detached', ...NEWS })
  expect(errors).toEqual([])
  await close()
})

test('fees that cannot be read are not told as none', async () => {
  await trading.spend(1, '20')
  const { page: one, close } = await trading.openConnected()
  const fees = one.getByRole('region', { name: 'Your part of the fees' })
  await fees.getByText('The model’s part of trades of outcome 1').waitFor(NEWS)
  const collect = fees.getByRole('button', { name: 'Collect' })
  expect(await collect.isDisabled()).toBe(false)
  const refused = toFunctionSelector(getAbiItem({ abi: delphiAbi, name: 'collectCreatorFees' }))
  const rpc = new URL(trading.network.devnet.rpcUrl)
  const isRpc = ({ host }: URL): boolean => host === rpc.host
  await one.route(isRpc, async (route) => {
    const { id, method, params } = route.request().postDataJSON() as Asked
    const isRefused = method === 'eth_call' && JSON.stringify(params).includes(refused.slice(2))
    const json = { jsonrpc: '2.0', id, error: { code: -32005, message: 'too many requests' } }
    const headers = { 'access-control-allow-origin': '*' }
    await (isRefused ? route.fulfill({ json, headers }) : route.fallback())
  })
  await fees.getByText('What is due now cannot be read').waitFor(NEWS)
  expect(await collect.isDisabled()).toBe(true)
  await one.reload()
  await fees.getByText('What is due now cannot be read').waitFor(NEWS)
  expect(await collect.count()).toBe(0)
  await close()
})

test('a contest that burns all gas names nobody, so the models’ parts are the creator’s, as they are paid', async () => {
  const { rpc } = trading.network.devnet
  const { address } = trading.contest
  const code = await trading.chain.getCode({ address })
  const { page: one, errors, close } = await trading.openConnected()
  const fees = one.getByRole('region', { name: 'Your part of the fees' })
  await fees.getByText('The model’s part of trades of outcome 1').waitFor(NEWS)
  expect(await fees.getByText('The model’s part of trades of outcome 0').count()).toBe(0)
  await rpc.call('anvil_setCode', address, '0xfe')
  await fees.getByText('The model’s part of trades of outcome 0').waitFor(NEWS)
  const told = await dues(fees)
  const before = await trading.balance()
  await fees.getByRole('button', { name: 'Collect' }).click()
  await stage(one, 'done').waitFor(NEWS)
  expect((await trading.balance()) - before).toBe(told.reduce((sum, of) => sum + of, 0n))
  await fees.waitFor({ state: 'detached', ...NEWS })
  await rpc.call('anvil_setCode', address, code)
  expect(errors).toEqual([])
  await close()
})

test('sets are given back after trading has ended, until the market is resolved', async () => {
  const { page: one, close } = await trading.openConnected()
  const { timestamp } = await trading.chain.getBlock()
  await pass(trading.network, trading.closesAt - Number(timestamp) + 5)
  await one.getByText('Trading has ended.').waitFor(NEWS)
  expect(await one.getByLabel('Make').count()).toBe(0)
  await one.getByLabel('Sets', { exact: true }).fill('1')
  const before = await trading.balance()
  await one.getByRole('button', { name: 'Give sets back' }).click()
  await stage(one, 'done').waitFor(NEWS)
  expect((await trading.balance()) - before).toBe(parseEther('1'))
  await putAway(one)
  await one.getByLabel('Sets', { exact: true }).fill('8')
  await one.getByText(/^Only 7.5 sets .* the other shares are redeemed when/).waitFor()
  await one.getByRole('button', { name: 'All of them' }).click()
  await one.getByRole('button', { name: 'Give sets back' }).click()
  await stage(one, 'done').waitFor(NEWS)
  // What is left of every outcome was bought: it is not given back.
  await one.getByLabel('Sets', { exact: true }).waitFor({ state: 'detached', ...NEWS })
  for (const of of await held()) expect(of).toBeGreaterThan(0n)

  await trading.contest.says({ verdict: 2, winners: [0] })
  await one.getByRole('button', { name: 'Have it resolved' }).click()
  await one.getByRole('button', { name: 'Redeem' }).waitFor(NEWS)
  expect(await one.getByLabel('Sets', { exact: true }).count()).toBe(0)
  await close()
})
