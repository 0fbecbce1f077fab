import { aiTokenAbi, delphiAbi } from '@lockstep/deployments'
import { encodeFunctionData, formatEther, parseAbi, parseEther } from 'viem'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import {
  amount,
  connect,
  NEWS,
  putAway,
  stage,
  START_MS,
  TradingStage,
} from '../testing/trading.ts'

let trading: TradingStage
beforeAll(async () => {
  trading = await TradingStage.start()
}, START_MS)
afterAll(() => trading.stop())
afterEach(() => {
  const { declines, lacks, before } = trading.wallet
  for (const moods of [declines, lacks, before]) moods.clear()
})

test('a purchase: connected, quoted, signed, mined, indexed; to the wei what was quoted', async () => {
  const { page: one, errors, findings, screenshot, close } = await trading.open()
  // Without a wallet everything can be read and quoted.
  await one.locator('.trade select').selectOption('1')
  await one.getByLabel('Budget, $AI').fill('25')
  const quoted = await amount(one, 'You pay')
  expect(await one.getByRole('button', { name: 'Buy' }).isDisabled()).toBe(true)
  await connect(one)
  expect(trading.wallet.asked).toContain('eth_requestAccounts')

  const before = await trading.balance()
  await screenshot('trade-quote')
  await one.getByRole('button', { name: 'Buy' }).click()
  await stage(one, 'done').waitFor(NEWS)
  expect(trading.wallet.asked.filter((name) => name.startsWith('eth_sign'))).toEqual([
    'eth_signTypedData_v4',
  ])
  expect(before - (await trading.balance())).toBe(quoted)
  expect(quoted).toBeGreaterThan(parseEther('24.999'))
  const shares = await trading.sharesOf(1n)
  expect(shares).toBeGreaterThan(0n)
  // No permission is left over.
  const { token, delphi } = trading.contracts
  const allowance = await trading.chain.readContract({
    abi: aiTokenAbi,
    address: token,
    functionName: 'allowance',
    args: [trading.user, delphi],
  })
  expect(allowance).toBeLessThan(10n ** 9n)

  // The indexer tells what came of it.
  const own = one.locator('section', { has: one.getByRole('heading', { name: 'Your position' }) })
  await own.locator('tbody tr', { hasText: ' $AI' }).waitFor(NEWS)
  const row = await own.locator('tbody tr').innerText()
  expect(row).toContain(formatEther(quoted).slice(0, 5))
  const leader = one
    .getByRole('region', { name: /^3 outcomes/ })
    .locator('tbody tr')
    .first()
  expect(await leader.innerText()).toMatch(/Outcome 1\s+(3[89]|4\d)\.\d %/)
  await one
    .getByRole('region', { name: /^Trades/ })
    .locator('tbody tr', { hasText: 'buy' })
    .waitFor(NEWS)
  expect(await findings()).toEqual([])
  await screenshot('trade-done')
  await putAway(one)
  expect(await stage(one, 'done').count()).toBe(0)

  // And it sells, by shares, for at least what was told.
  await one.getByLabel('Sell').check()
  await one.getByLabel('give (shares)').check()
  await one.getByRole('button', { name: 'All of them' }).click()
  const receive = await amount(one, 'You receive')
  const middle = await trading.balance()
  await one.getByRole('button', { name: 'Sell' }).click()
  await stage(one, 'done').waitFor(NEWS)
  expect((await trading.balance()) - middle).toBe(receive)
  expect(await trading.sharesOf(1n)).toBe(0n)
  // Its fees are others', and nothing is said to be this account's.
  expect(await one.getByRole('region', { name: 'Your part of the fees' }).count()).toBe(0)
  expect(errors).toEqual([])
  await close()
})

test('what is declined or cannot be is said before anything is lost', async () => {
  const { page: one, screenshot, close } = await trading.open()
  const buy = one.getByRole('button', { name: 'Buy' })
  trading.wallet.declines.add('eth_requestAccounts')
  await one.getByRole('button', { name: 'Connect a wallet' }).click()
  await one.getByRole('button', { name: 'Test wallet' }).click()
  await one.getByText('You declined it in the wallet.').waitFor()
  trading.wallet.declines.clear()
  await one.getByRole('button', { name: 'Test wallet' }).click()
  await one.getByRole('button', { name: 'Disconnect' }).waitFor()

  // More than there is.
  await one.getByLabel('Budget, $AI').fill('99000000')
  await one.getByText(/^This takes up to 99.000.000 \$AI, and the account has/).waitFor()
  expect(await buy.isDisabled()).toBe(true)
  for (const [text, problem] of [
    ['1e9', 'That is no number.'],
    ['0.0000000000000000001', 'At most 18 decimals are possible.'],
    ['0.000000000000000001', 'That does not pay for a single share.'],
  ]) {
    await one.getByLabel('Budget, $AI').fill(text)
    await one.getByText(problem).waitFor()
    expect(await buy.isDisabled()).toBe(true)
  }
  await one.getByLabel('get (shares)').check()
  await one.getByLabel('Shares', { exact: true }).fill('999999999')
  await one.getByText('more than the market’s curve can hold').waitFor()

  // Declined in the wallet: the signature, then the transaction.
  await one.getByLabel('Shares', { exact: true }).fill('10')
  const sent = await trading.sent()
  for (const method of ['eth_signTypedData_v4', 'eth_sendTransaction']) {
    trading.wallet.declines.add(method)
    await buy.click()
    await one.getByText('You declined it in the wallet. Nothing was sent.').waitFor()
    trading.wallet.declines.clear()
    await one.getByLabel('Shares', { exact: true }).fill('10.5')
  }
  expect(await trading.sent()).toBe(sent)

  // On another chain, until it is switched.
  await trading.wallet.moveTo(one, 1)
  await one.getByText('The wallet is on chain 1, this page on chain 31337.').waitFor()
  expect(await buy.isDisabled()).toBe(true)
  await screenshot('trade-wrong-chain')
  await one.getByRole('button', { name: 'Switch the wallet to chain 31337' }).click()
  await one.getByText('The wallet is on chain 1').waitFor({ state: 'detached' })
  expect(trading.wallet.chainId()).toBe(31337)
  expect(await buy.isDisabled()).toBe(false)
  await close()
})

test('a wallet that signs no typed data approves; a price that moved is refused in plain words', async () => {
  const { page: one, close } = await trading.openConnected()
  trading.wallet.lacks.add('eth_signTypedData_v4')
  await one.getByLabel('Budget, $AI').fill('5')
  await one.getByRole('button', { name: 'Buy' }).click()
  await stage(one, 'done').nth(1).waitFor(NEWS)
  expect(await one.locator('.pending li').allInnerTexts()).toEqual([
    expect.stringMatching(/Buy [\d.]+ shares of outcome \d for about (5|4\.9+) \$AI/),
    expect.stringContaining('Permission for the contract to take $AI'),
  ])
  trading.wallet.lacks.clear()

  // No slippage is allowed, and somebody else buys while the user looks at the wallet.
  await one.locator('.settings summary').click()
  await one.getByLabel('Slippage limit, %').fill('0')
  await one.getByLabel('get (shares)').check()
  await one.getByLabel('Shares', { exact: true }).fill('10')
  const outcome = Number(await one.locator('.trade select').inputValue())
  const sent = await trading.sent()
  trading.wallet.before.set('eth_signTypedData_v4', () => trading.spend(outcome, '10'))
  await one.getByRole('button', { name: 'Buy' }).click()
  await one.getByText('The price moved by more than your slippage limit').waitFor(NEWS)
  trading.wallet.before.clear()
  expect(await trading.sent()).toBe(sent)
  await close()
})

test('a halted market sells and takes sets back, and says that nothing else can be done', async () => {
  const { rpc } = trading.network.devnet
  const { delphi } = trading.contracts
  const owner = await trading.chain.readContract({
    ...{
      abi: parseAbi(['function owner() view returns (address)']),
      address: delphi,
      functionName: 'owner',
    },
  })
  const halt = async (isHalted: boolean) => {
    const of = {
      abi: delphiAbi,
      functionName: 'setHalted',
      args: [trading.market, isHalted],
    } as const
    await rpc.call('anvil_impersonateAccount', owner)
    await rpc.call('anvil_setBalance', owner, '0xde0b6b3a7640000')
    await rpc.call('eth_sendTransaction', { from: owner, to: delphi, data: encodeFunctionData(of) })
    await rpc.call('anvil_stopImpersonatingAccount', owner)
  }
  const { page: one, screenshot, close } = await trading.openConnected()
  await one.locator('.trade select').selectOption('0')
  await one.getByLabel('Budget, $AI').fill('1')
  await one.getByRole('button', { name: 'Buy' }).click()
  await stage(one, 'done').waitFor(NEWS)
  await putAway(one)
  await one.getByLabel('Complete sets').check()
  await one.getByLabel('Sets', { exact: true }).fill('2')
  await one.getByRole('button', { name: 'Make sets' }).click()
  await stage(one, 'done').waitFor(NEWS)
  await putAway(one)
  await one.getByLabel('Trade', { exact: true }).check()

  await halt(true)
  await one.getByText('Governance has halted this market').waitFor(NEWS)
  expect(await one.getByLabel('Add liquidity').count()).toBe(0)
  await one.getByLabel('Budget, $AI').fill('1')
  expect(await one.getByRole('button', { name: 'Buy' }).isDisabled()).toBe(true)
  await screenshot('trade-halted')
  await one.getByLabel('Sell').check()
  await one.getByLabel('give (shares)').check()
  await one.getByLabel('Shares', { exact: true }).fill('0.5')
  await one.getByRole('button', { name: 'Sell' }).click()
  await stage(one, 'done').waitFor(NEWS)
  await putAway(one)
  await one.getByLabel('Complete sets').check()
  const back = one.getByRole('button', { name: 'Give sets back' })
  await back.waitFor()
  expect(await one.getByLabel('Make').count()).toBe(0)
  expect(await one.getByRole('button', { name: 'Make sets' }).count()).toBe(0)
  await one.getByLabel('Sets', { exact: true }).fill('1')
  const before = await trading.balance()
  await back.click()
  await stage(one, 'done').waitFor(NEWS)
  expect((await trading.balance()) - before).toBe(parseEther('1'))
  await halt(false)
  await one.getByText('Governance has halted this market').waitFor({ state: 'detached' })
  await close()
})
