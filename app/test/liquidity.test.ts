import { delphiAbi } from '@lockstep/deployments'
import { LIQUIDITY } from '@lockstep/deployments/protocol'
import { parseEther } from 'viem'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { pass } from '../../keepers/src/testing/markets.ts'
import { amount, NEWS, stage, START_MS, TradingStage } from '../testing/trading.ts'

let trading: TradingStage
beforeAll(async () => {
  trading = await TradingStage.start()
  await trading.spend(0, '30')
  await trading.spend(1, '20')
}, START_MS)
afterAll(() => trading.stop())
afterEach(() => trading.release())

test('liquidity: quoted, signed, mined to the wei, with the shares that come with it', async () => {
  const { page: one, errors, findings, screenshot, close } = await trading.openConnected()
  await one.getByLabel('Add liquidity').check()
  const held = () => Promise.all([0n, 1n, 2n, LIQUIDITY].map((of) => trading.sharesOf(of)))
  for (const [text, problem] of [
    ['1e9', 'That is no number.'],
    ['999999999', 'That is more liquidity than a market can have'],
    ['9000000', /^This takes up to [\d.\s]+ \$AI, and the account has/],
  ] as const) {
    await one.getByLabel('Liquidity to add, $AI').fill(text)
    await one.getByText(problem).waitFor()
    expect(await one.getByRole('button', { name: 'Add liquidity' }).isDisabled()).toBe(true)
  }
  await one.getByLabel('Liquidity to add, $AI').fill('40')
  const quoted = await amount(one, 'You pay')
  const [money, shares, { b, liquidityShares }] = await Promise.all([
    trading.balance(),
    held(),
    trading.stored(),
  ])
  await screenshot('trade-liquidity')
  expect(await findings()).toEqual([])
  await one.getByRole('button', { name: 'Add liquidity' }).click()
  await stage(one, 'done').waitFor(NEWS)
  expect(money - (await trading.balance())).toBe(quoted)
  expect((await trading.stored()).b - b).toBe(parseEther('40'))
  const gained = (await held()).map((now, i) => now - shares[i])
  expect(gained[3]).toBe((liquidityShares * parseEther('40')) / b)
  // Shares of the outcomes come along that are dearer than outcome 2.
  expect(gained[0]).toBeGreaterThan(gained[1])
  expect(gained[1]).toBeGreaterThan(0n)
  expect(gained[2]).toBe(0n)
  const table = one.getByRole('region', { name: /^Providers of liquidity/ })
  await table.locator('tbody tr').nth(1).waitFor(NEWS)
  expect(errors).toEqual([])
  await close()
})

test('a resolved market pays by the button', async () => {
  const { page: one, screenshot, close } = await trading.openConnected('dark')
  const shares = await trading.sharesOf(0n)
  expect(shares).toBeGreaterThan(0n)
  await pass(
    trading.network,
    trading.closesAt - Number((await trading.chain.getBlock()).timestamp) + 5,
  )
  await one.getByText('Trading has ended.').waitFor(NEWS)
  const resolve = one.getByRole('button', { name: 'Have it resolved' })
  await resolve.click()
  await one.getByText('The contest has no verdict yet.').waitFor(NEWS)
  await trading.contest.says({ verdict: 2, winners: [0] })
  await resolve.click()
  const redeem = one.getByRole('button', { name: 'Redeem' })
  await redeem.waitFor(NEWS)
  const due = await amount(one, 'They are paid')
  expect(due).toBe(((shares * 10n ** 9n) / 10n ** 12n) * 10n ** 12n)
  const { delphi } = trading.contracts
  const liquidity = await trading.chain.readContract({
    ...{ abi: delphiAbi, address: delphi, functionName: 'liquidityPayoutOf' },
    args: [trading.market, await trading.sharesOf(LIQUIDITY)],
  })
  expect(liquidity).toBeGreaterThan(0n)
  const before = await trading.balance()
  await trading.hold()
  await redeem.click()
  await stage(one, 'sent').waitFor(NEWS)
  await one.locator('.trade .steps p').waitFor({ state: 'detached', ...NEWS })
  expect(await redeem.isDisabled()).toBe(true)
  await trading.release()
  await one.locator('.pending li', { hasText: 'Redeem for' }).and(stage(one, 'done')).waitFor(NEWS)
  expect((await trading.balance()) - before).toBe(shares * 10n ** 9n + liquidity)
  await one
    .getByText('You have nothing in this market to redeem, or it was redeemed already.')
    .waitFor()
  expect(await redeem.isDisabled()).toBe(true)
  await one.locator('.heading .status', { hasText: 'settled' }).waitFor(NEWS)
  expect(await one.getByText(/outcome 0 won, a share of it pays 1 \$AI/).count()).toBeGreaterThan(0)
  await screenshot('trade-redeemed-dark')
  await close()
})
