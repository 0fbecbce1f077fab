import { aiTokenAbi, delphiAbi } from '@lockstep/deployments'
import { createWalletClient, http, parseEther } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { NEWS, putAway, stage, START_MS, TradingStage } from '../testing/trading.ts'

let trading: TradingStage
beforeAll(async () => {
  trading = await TradingStage.start()
}, START_MS)
afterAll(() => trading.stop())
afterEach(() => trading.release())

test('a transaction is remembered over a reload, and one that is replaced is told', async () => {
  const { rpcUrl } = trading.network.devnet
  const { page: one, screenshot, close } = await trading.openConnected()
  await one.getByLabel('Budget, $AI').fill('3')
  await trading.hold()
  const shares = await trading.sharesOf(0n)
  await one.locator('.trade select').selectOption('0')
  await one.getByRole('button', { name: 'Buy' }).click()
  await stage(one, 'sent').waitFor(NEWS)
  await one.reload()
  await one.getByRole('button', { name: 'Disconnect' }).waitFor(NEWS)
  await stage(one, 'sent').waitFor()
  await screenshot('trade-pending')
  await trading.mine()
  await stage(one, 'done').waitFor(NEWS)
  expect(await trading.sharesOf(0n)).toBeGreaterThan(shares)
  await putAway(one)

  // Its user cancels the next one in the wallet.
  await one.locator('.trade select').selectOption('0')
  await one.getByLabel('Budget, $AI').fill('4')
  await one.getByRole('button', { name: 'Buy' }).click()
  await stage(one, 'sent').waitFor(NEWS)
  const account = privateKeyToAccount(trading.privateKey)
  const client = createWalletClient({ account, transport: http(rpcUrl) })
  await client.sendTransaction({
    chain: null,
    to: trading.user,
    nonce: await trading.sent(),
    gas: 21_000n,
    maxFeePerGas: 10n ** 12n,
    maxPriorityFeePerGas: 10n ** 11n,
  })
  await trading.mine()
  await stage(one, 'replaced').waitFor(NEWS)
  await close()
})

test('one that is dropped, speeded up, or refused when it is mined says so', async () => {
  const { rpc, rpcUrl } = trading.network.devnet
  const { page: one, screenshot, close } = await trading.openConnected()
  await trading.hold()
  await one.locator('.trade select').selectOption('2')
  const buy = async (budget: string) => {
    await one.getByLabel('Budget, $AI').fill(budget)
    await one.getByRole('button', { name: 'Buy' }).click()
    await stage(one, 'sent').waitFor(NEWS)
    return one.locator('.pending li[data-stage=sent] code').first().getAttribute('title')
  }

  // The node forgets it.
  const dropped = await buy('2')
  await rpc.call('anvil_dropTransaction', dropped)
  await stage(one, 'lost').waitFor(NEWS)
  await one.getByText('it was dropped before it was mined, and nothing of it happened').waitFor()
  await screenshot('trade-lost')
  await putAway(one)

  // The wallet sends the same once more with a higher fee.
  const slow = await buy('3')
  const { input, nonce, to } = await trading.chain.getTransaction({ hash: slow as `0x${string}` })
  const account = privateKeyToAccount(trading.privateKey)
  const faster = await createWalletClient({ account, transport: http(rpcUrl) }).sendTransaction({
    ...{ chain: null, to: to!, data: input, nonce, gas: 2_000_000n },
    ...{ maxFeePerGas: 10n ** 12n, maxPriorityFeePerGas: 10n ** 11n },
  })
  await trading.mine()
  await stage(one, 'done').waitFor(NEWS)
  expect(await stage(one, 'done').locator('code').getAttribute('title')).toBe(faster)
  await putAway(one)

  // Somebody else is mined before it, and the price with that is beyond the limit.
  await buy('4')
  const rival = privateKeyToAccount(trading.network.privateKey('other'))
  const hasty = createWalletClient({ account: rival, transport: http(rpcUrl) })
  const { token, delphi } = trading.contracts
  const fees = { chain: null, maxFeePerGas: 10n ** 12n, maxPriorityFeePerGas: 10n ** 11n } as const
  const spent = parseEther('60')
  await hasty.writeContract({
    ...{ ...fees, abi: aiTokenAbi, address: token, functionName: 'approve' },
    args: [delphi, spent],
  })
  const { timestamp } = await trading.chain.getBlock()
  await hasty.writeContract({
    ...{ ...fees, abi: delphiAbi, address: delphi, functionName: 'buyFor', gas: 1_000_000n },
    args: [trading.market, 2n, spent, 0n, timestamp + 600n],
  })
  await trading.mine()
  await stage(one, 'failed').waitFor(NEWS)
  expect(await stage(one, 'failed').innerText()).toMatch(/It was mined in block \d+ but refused/)
  await putAway(one)
  await close()
})
