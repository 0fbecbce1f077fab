import { delphiAbi } from '@lockstep/deployments'
import { type Address, parseEther, zeroAddress } from 'viem'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { listOutcome } from '../../keepers/src/chain/trading.ts'
import { pass, traderOf } from '../../keepers/src/testing/markets.ts'
import { amount, NEWS, putAway, stage, START_MS, TradingStage } from '../testing/trading.ts'

let trading: TradingStage
let other: Address
beforeAll(async () => {
  trading = await TradingStage.start()
  other = trading.network.address('other')
  await trading.spend(0, '30')
}, START_MS)
afterAll(() => trading.stop())
afterEach(async () => {
  const { declines, before } = trading.wallet
  for (const moods of [declines, before]) moods.clear()
  await trading.release()
})

const tab = (page: Page) => page.getByLabel('List an outcome')
const list = (page: Page, outcome: number) =>
  page.getByRole('button', { name: `List outcome ${outcome}` })
const outcomes = async (): Promise<number> => (await trading.stored()).outcomes

/** Somebody else lists the next entrant. */
const listed = () =>
  listOutcome(traderOf(trading.network, 'other'), trading.market, parseEther('100'), {
    ...{ slippageBps: 0, deadlineSeconds: 600 },
  })

test('who enters after the market was made is listed: quoted, signed, mined to the wei, and traded', async () => {
  const { page: one, errors, findings, overflow, screenshot, close } = await trading.openConnected()
  await one.getByLabel('Budget, $AI').fill('1')
  await amount(one, 'You pay')
  expect(await tab(one).count()).toBe(0)

  await trading.contest.says({ entrants: 5, owners: [zeroAddress, other, other, other] })
  await tab(one).check(NEWS)
  await list(one, 3).waitFor()
  const panel = one.locator('.panel')
  await panel.getByText('Entrant 3', { exact: true }).waitFor()
  const owner = panel.locator('dd a')
  expect(await owner.getAttribute('href')).toContain(other.toLowerCase())
  await screenshot('trade-list')
  expect(await findings()).toEqual([])
  for (const width of [360, 1280]) {
    await one.setViewportSize({ width, height: 800 })
    expect(await panel.evaluate((it) => it.scrollWidth - it.clientWidth)).toBe(0)
    await expect.poll(overflow).toBe(0)
    if (width === 360) await screenshot('trade-list-360')
  }

  const sent = await trading.sent()
  trading.wallet.declines.add('eth_signTypedData_v4')
  await list(one, 3).click()
  await one.getByText('You declined it in the wallet. Nothing was sent.').waitFor()
  trading.wallet.declines.clear()
  expect(await trading.sent()).toBe(sent)

  const quoted = await amount(one, 'You pay')
  const [money, { pot }] = await Promise.all([trading.balance(), trading.stored()])
  trading.wallet.asked.length = 0
  await trading.hold()
  await list(one, 3).click()
  await stage(one, 'sent').waitFor(NEWS)
  // Another click would list the one after it.
  await one.locator('.trade .steps p').waitFor({ state: 'detached', ...NEWS })
  expect(await list(one, 3).isDisabled()).toBe(true)
  await trading.release()
  await stage(one, 'done').waitFor(NEWS)
  expect(await one.locator('.pending li').innerText()).toMatch(
    /List the next entrant, outcome 3 when it was sent, for about [\d.\s]+ \$AI/,
  )
  expect(trading.wallet.asked.filter((name) => name.startsWith('eth_sign'))).toEqual([
    'eth_signTypedData_v4',
  ])
  expect(money - (await trading.balance())).toBe(quoted)
  const after = await trading.stored()
  expect([after.outcomes, after.pot - pot]).toEqual([4, quoted])
  const [{ args }] = await trading.chain.getContractEvents({
    ...{ abi: delphiAbi, address: trading.contracts.delphi, eventName: 'OutcomeListed' },
    ...{ fromBlock: 0n, strict: true },
  })
  expect(args).toEqual({
    ...{ market: trading.market, outcome: 3n, payer: trading.user, cost: quoted },
  })
  await putAway(one)

  // The last one; there is nothing behind it.
  await list(one, 4).click()
  await stage(one, 'done').waitFor(NEWS)
  await putAway(one)
  await one.getByText('All entrants of the contest are outcomes.').waitFor(NEWS)
  const table = one.getByRole('region', { name: /^5 outcomes/ })
  await table.locator('tbody tr', { hasText: 'Outcome 3' }).waitFor(NEWS)
  await one.getByLabel('Trade', { exact: true }).check()
  expect(await tab(one).count()).toBe(0)
  await one.locator('.trade select').selectOption('3')
  await one.getByLabel('Budget, $AI').fill('2')
  await one.getByRole('button', { name: 'Buy' }).click()
  await stage(one, 'done').waitFor(NEWS)
  expect(await trading.sharesOf(3n)).toBeGreaterThan(0n)
  expect(errors).toEqual([])
  await close()
})

test('what somebody else lists first is neither listed again nor taken for another', async () => {
  const { page: one, findings, screenshot, close } = await trading.openConnected()
  const { before } = trading.wallet
  await trading.contest.says({ entrants: 6 })
  await tab(one).check(NEWS)
  const sent = await trading.sent()
  before.set('eth_signTypedData_v4', listed)
  await list(one, 5).click()
  const refused = one.getByRole('alert')
  await refused
    .getByText('All entrants of the contest are outcomes: somebody else has listed the last one.')
    .waitFor(NEWS)
  before.clear()
  await one.getByText('All entrants of the contest are outcomes.').waitFor(NEWS)
  expect(await one.getByRole('button', { name: 'List an outcome' }).isDisabled()).toBe(true)
  expect(await findings()).toEqual([])
  await screenshot('trade-list-refused')

  // Where another one is behind it, that is not what was agreed to.
  await trading.contest.says({ entrants: 8 })
  before.set('eth_signTypedData_v4', listed)
  await list(one, 6).click(NEWS)
  await refused.getByText('Somebody else has listed outcome 6. Nothing was sent').waitFor(NEWS)
  before.clear()
  expect([await trading.sent(), await outcomes()]).toEqual([sent, 7])

  // While the wallet asks to confirm it, it cannot be held back any more, but the contract refuses it.
  before.set('eth_sendTransaction', listed)
  await list(one, 7).click(NEWS)
  await stage(one, 'failed')
    .getByText(/but refused: All entrants of the contest are outcomes/)
    .waitFor(NEWS)
  expect([await trading.sent(), await outcomes()]).toEqual([sent + 1, 8])
  await close()
})

test('a contest that cannot be asked costs the listing only', async () => {
  const { rpc } = trading.network.devnet
  const { address } = trading.contest
  const code = await trading.chain.getCode({ address })
  const { page: one, errors, findings, overflow, screenshot, close } = await trading.openConnected()
  // Burns all gas, whatever it is asked.
  await rpc.call('anvil_setCode', address, '0xfe')
  const problem = one.getByText('How many entrants the contest has cannot be read')
  await problem.waitFor(NEWS)
  await one.reload()
  await problem.waitFor(NEWS)
  expect(await tab(one).count()).toBe(0)
  await one.setViewportSize({ width: 360, height: 800 })
  await expect.poll(overflow).toBe(0)
  expect(await findings()).toEqual([])
  await one.getByLabel('Budget, $AI').fill('1')
  await one.getByRole('button', { name: 'Buy' }).click(NEWS)
  await stage(one, 'done').waitFor(NEWS)

  await rpc.call('anvil_setCode', address, code)
  // More than there can be.
  await trading.contest.says({ entrants: 1e70 })
  await tab(one).check(NEWS)
  await list(one, 8).waitFor()
  expect(await problem.count()).toBe(0)
  await expect.poll(overflow).toBe(0)
  await screenshot('trade-list-many-360')
  expect(errors).toEqual([])
  await close()
})

test('nothing is listed once trading has ended', async () => {
  const { page: one, close } = await trading.openConnected()
  await tab(one).check(NEWS)
  await list(one, 8).waitFor()
  const { timestamp } = await trading.chain.getBlock()
  await pass(trading.network, trading.closesAt - Number(timestamp) + 5)
  await one.getByText('Trading has ended.').waitFor(NEWS)
  expect([await tab(one).count(), await list(one, 8).count()]).toEqual([0, 0])
  await close()
})
