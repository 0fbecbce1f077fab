import { aiTokenAbi, delphiAbi } from '@lockstep/deployments'
import { DEVNET_ACCOUNTS } from '@lockstep/deployments/devnet'
import { type Indexer, startIndexer } from '@lockstep/indexer'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import {
  createPublicClient,
  createWalletClient,
  encodeFunctionData,
  formatEther,
  http,
  parseAbi,
  parseEther,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { newMarket, pass, spend, traderOf } from '../../keepers/src/testing/markets.ts'
import { TestNetwork } from '../../keepers/src/testing/network.ts'
import type { StubContest } from '../../keepers/src/testing/stub-contest.ts'
import { startPage } from '../server/index.ts'
import { openBrowser, view, type View } from '../testing/browser.ts'
import { type TestWallet, testWallet } from '../testing/wallet.ts'

const CHAIN = 31337
const USER = DEVNET_ACCOUNTS[7]
const NEWS = { timeout: 20_000 }

let network: TestNetwork
let indexer: Indexer
let browser: Browser
let home: string
let page: Awaited<ReturnType<typeof startPage>>
let market: { id: bigint; contest: StubContest; closesAt: number }
let wallet: TestWallet
const stopping: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  ;[network, browser] = await Promise.all([TestNetwork.start(), openBrowser()])
  stopping.push(
    () => network.stop(),
    () => browser.close(),
  )
  const { rpcUrl, deployment, deploymentFile } = network.devnet
  home = mkdtempSync(join(tmpdir(), 'lockstep-trade-'))
  const trader = traderOf(network, 'other')
  const made = newMarket(network, trader, { entrants: 3, b: '100' })
  indexer = await startIndexer({ rpcUrl, deploymentFile, home, pollingInterval: 250 })
  stopping.unshift(() => indexer.stop())
  page = await startPage({
    config: {
      chainId: CHAIN,
      rpcUrl,
      graphqlUrl: `${indexer.url}/graphql`,
      contracts: deployment.contracts,
      artifacts: [],
    },
  })
  stopping.unshift(() => page.stop())
  market = await made
  const { privateKey } = USER
  wallet = testWallet({ rpcUrl, privateKey, chainId: CHAIN, name: 'Test wallet' })
})
afterAll(async () => {
  for (const stop of stopping) await stop()
  rmSync(home, { recursive: true, force: true })
})

afterEach(async () => {
  await network.devnet.rpc.call('evm_setAutomine', true)
  await network.devnet.rpc.call('evm_setIntervalMining', 1)
})

const chain = () => createPublicClient({ transport: http(network.devnet.rpcUrl) })
const balance = () =>
  chain().readContract({
    abi: aiTokenAbi,
    address: network.devnet.deployment.contracts.token,
    functionName: 'balanceOf',
    args: [USER.address],
  })
const sharesOf = (outcome: bigint) =>
  chain().readContract({
    abi: delphiAbi,
    address: network.devnet.deployment.contracts.delphi,
    functionName: 'balanceOf',
    args: [USER.address, (market.id << 16n) | outcome],
  })

async function openMarket(theme: 'light' | 'dark' = 'light'): Promise<View> {
  const opened = await view(browser, `${page.url}#/markets/${market.id}`, {
    theme,
    prepare: (one) => wallet.install(one),
  })
  await opened.page.getByRole('button', { name: 'Connect a wallet' }).waitFor(NEWS)
  return opened
}

async function connect(one: Page): Promise<void> {
  await one.getByRole('button', { name: 'Connect a wallet' }).click()
  await one.getByRole('button', { name: 'Test wallet' }).click()
  await one.getByRole('button', { name: 'Disconnect' }).waitFor()
}

const fact = (one: Page, name: string) =>
  one.locator('.panel dl.facts > div', { has: one.getByText(name, { exact: true }) }).locator('dd')
const amount = async (one: Page, name: string): Promise<bigint> =>
  parseEther((await fact(one, name).innerText()).replace(/[^\d.]/g, ''))
const stage = (one: Page, name: string) => one.locator(`.pending li[data-stage=${name}]`)

test('a purchase: connected, quoted, signed, mined, indexed; to the wei what was quoted', async () => {
  const { page: one, errors, findings, screenshot, close } = await openMarket()
  // Without a wallet everything can be read and quoted.
  await one.locator('.trade select').selectOption('1')
  await one.getByLabel('Budget, $AI').fill('25')
  const quoted = await amount(one, 'You pay')
  expect(await one.getByRole('button', { name: 'Buy' }).isDisabled()).toBe(true)
  await connect(one)
  expect(wallet.asked).toContain('eth_requestAccounts')

  const before = await balance()
  await screenshot('trade-quote')
  await one.getByRole('button', { name: 'Buy' }).click()
  await stage(one, 'done').waitFor(NEWS)
  expect(wallet.asked.filter((name) => name.startsWith('eth_sign'))).toEqual([
    'eth_signTypedData_v4',
  ])
  expect(before - (await balance())).toBe(quoted)
  expect(quoted).toBeGreaterThan(parseEther('24.999'))
  const shares = await sharesOf(1n)
  expect(shares).toBeGreaterThan(0n)
  // No permission is left over.
  const { token, delphi } = network.devnet.deployment.contracts
  const allowance = await chain().readContract({
    abi: aiTokenAbi,
    address: token,
    functionName: 'allowance',
    args: [USER.address, delphi],
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
  await one.getByRole('button', { name: 'Put away' }).click()
  expect(await stage(one, 'done').count()).toBe(0)

  // And it sells, by shares, for at least what was told.
  await one.getByLabel('Sell').check()
  await one.getByLabel('give (shares)').check()
  await one.getByRole('button', { name: 'All of them' }).click()
  const receive = await amount(one, 'You receive')
  const middle = await balance()
  await one.getByRole('button', { name: 'Sell' }).click()
  await stage(one, 'done').waitFor(NEWS)
  expect((await balance()) - middle).toBe(receive)
  expect(await sharesOf(1n)).toBe(0n)
  expect(errors).toEqual([])
  await close()
})

test('what is declined or cannot be is said before anything is lost', async () => {
  const { page: one, screenshot, close } = await openMarket()
  const buy = one.getByRole('button', { name: 'Buy' })
  wallet.declines.add('eth_requestAccounts')
  await one.getByRole('button', { name: 'Connect a wallet' }).click()
  await one.getByRole('button', { name: 'Test wallet' }).click()
  await one.getByText('You declined it in the wallet.').waitFor()
  wallet.declines.clear()
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
  const sent = await chain().getTransactionCount({ address: USER.address })
  for (const method of ['eth_signTypedData_v4', 'eth_sendTransaction']) {
    wallet.declines.add(method)
    await buy.click()
    await one.getByText('You declined it in the wallet. Nothing was sent.').waitFor()
    wallet.declines.clear()
    await one.getByLabel('Shares', { exact: true }).fill('10.5')
  }
  expect(await chain().getTransactionCount({ address: USER.address })).toBe(sent)

  // On another chain, until it is switched.
  await wallet.moveTo(one, 1)
  await one.getByText('The wallet is on chain 1, this page on chain 31337.').waitFor()
  expect(await buy.isDisabled()).toBe(true)
  await screenshot('trade-wrong-chain')
  await one.getByRole('button', { name: 'Switch the wallet to chain 31337' }).click()
  await one.getByText('The wallet is on chain 1').waitFor({ state: 'detached' })
  expect(wallet.chainId()).toBe(CHAIN)
  expect(await buy.isDisabled()).toBe(false)
  await close()
})

test('a wallet that signs no typed data approves; a price that moved is refused in plain words', async () => {
  const { page: one, close } = await openMarket()
  await connect(one)
  wallet.lacks.add('eth_signTypedData_v4')
  await one.getByLabel('Budget, $AI').fill('5')
  await one.getByRole('button', { name: 'Buy' }).click()
  await stage(one, 'done').nth(1).waitFor(NEWS)
  expect(await one.locator('.pending li').allInnerTexts()).toEqual([
    expect.stringMatching(/Buy [\d.]+ shares of outcome \d for about (5|4\.9+) \$AI/),
    expect.stringContaining('Permission for the contract to take $AI'),
  ])
  wallet.lacks.clear()

  // No slippage is allowed, and somebody else buys while the user looks at the wallet.
  await one.locator('.settings summary').click()
  await one.getByLabel('Slippage limit, %').fill('0')
  await one.getByLabel('get (shares)').check()
  await one.getByLabel('Shares', { exact: true }).fill('10')
  const outcome = Number(await one.locator('.trade select').inputValue())
  const sent = await chain().getTransactionCount({ address: USER.address })
  wallet.before.set('eth_signTypedData_v4', () =>
    spend(traderOf(network, 'other'), market.id, outcome, '10'),
  )
  await one.getByRole('button', { name: 'Buy' }).click()
  await one.getByText('The price moved by more than your slippage limit').waitFor(NEWS)
  wallet.before.clear()
  expect(await chain().getTransactionCount({ address: USER.address })).toBe(sent)
  await close()
})

test('a transaction is remembered over a reload, and one that is replaced is told', async () => {
  const { rpc, rpcUrl } = network.devnet
  const { page: one, screenshot, close } = await openMarket()
  await connect(one)
  await one.getByLabel('Budget, $AI').fill('3')
  await rpc.call('evm_setAutomine', false)
  await rpc.call('evm_setIntervalMining', 0)
  const shares = await sharesOf(0n)
  await one.locator('.trade select').selectOption('0')
  await one.getByRole('button', { name: 'Buy' }).click()
  await stage(one, 'sent').waitFor(NEWS)
  await one.reload()
  await one.getByRole('button', { name: 'Disconnect' }).waitFor(NEWS)
  await stage(one, 'sent').waitFor()
  await screenshot('trade-pending')
  await rpc.call('evm_mine')
  await stage(one, 'done').waitFor(NEWS)
  expect(await sharesOf(0n)).toBeGreaterThan(shares)
  await one.getByRole('button', { name: 'Put away' }).click()

  // Its user cancels the next one in the wallet.
  await one.locator('.trade select').selectOption('0')
  await one.getByLabel('Budget, $AI').fill('4')
  await one.getByRole('button', { name: 'Buy' }).click()
  await stage(one, 'sent').waitFor(NEWS)
  const account = privateKeyToAccount(USER.privateKey)
  const client = createWalletClient({ account, transport: http(rpcUrl) })
  await client.sendTransaction({
    chain: null,
    to: USER.address,
    nonce: await chain().getTransactionCount({ address: USER.address }),
    gas: 21_000n,
    maxFeePerGas: 10n ** 12n,
    maxPriorityFeePerGas: 10n ** 11n,
  })
  await rpc.call('evm_mine')
  await stage(one, 'replaced').waitFor(NEWS)
  await close()
})

test('liquidity: quoted, signed, mined to the wei, with the shares that come with it', async () => {
  const { page: one, errors, findings, screenshot, close } = await openMarket()
  await connect(one)
  await one.getByLabel('Add liquidity').check()
  const { delphi } = network.devnet.deployment.contracts
  const read = { abi: delphiAbi, address: delphi } as const
  const stored = () =>
    chain().readContract({ ...read, functionName: 'marketOf', args: [market.id] })
  const held = () => Promise.all([0n, 1n, 2n, 0xffffn].map(sharesOf))
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
  const [money, shares, { b, liquidityShares }] = await Promise.all([balance(), held(), stored()])
  await screenshot('trade-liquidity')
  expect(await findings()).toEqual([])
  await one.getByRole('button', { name: 'Add liquidity' }).click()
  await stage(one, 'done').waitFor(NEWS)
  expect(money - (await balance())).toBe(quoted)
  expect((await stored()).b - b).toBe(parseEther('40'))
  const gained = (await held()).map((now, i) => now - shares[i])
  expect(gained[3]).toBe((liquidityShares * parseEther('40')) / b)
  // Somebody bought outcomes 0 and 1 before: those are dearer than outcome 2, and shares of them come along.
  expect(gained.slice(0, 3).filter((of) => of > 0n).length).toBeGreaterThan(0)
  expect(gained.slice(0, 3)).toContain(0n)
  const table = one.getByRole('region', { name: /^Providers of liquidity/ })
  await table.locator('tbody tr').nth(1).waitFor(NEWS)
  expect(errors).toEqual([])
  await close()
})

test('one that is dropped, speeded up, or refused when it is mined says so', async () => {
  const { rpc, rpcUrl } = network.devnet
  const { page: one, screenshot, close } = await openMarket()
  await connect(one)
  await rpc.call('evm_setAutomine', false)
  await rpc.call('evm_setIntervalMining', 0)
  await one.locator('.trade select').selectOption('2')
  const buy = async (budget: string) => {
    await one.getByLabel('Budget, $AI').fill(budget)
    await one.getByRole('button', { name: 'Buy' }).click()
    await stage(one, 'sent').waitFor(NEWS)
    return one.locator('.pending li[data-stage=sent] code').first().getAttribute('title')
  }
  const putAway = () => one.getByRole('button', { name: 'Put away' }).click()

  // The node forgets it.
  const dropped = await buy('2')
  await rpc.call('anvil_dropTransaction', dropped)
  await stage(one, 'lost').waitFor(NEWS)
  await one.getByText('it was dropped before it was mined, and nothing of it happened').waitFor()
  await screenshot('trade-lost')
  await putAway()

  // The wallet sends the same once more with a higher fee.
  const slow = await buy('3')
  const { input, nonce, to } = await chain().getTransaction({ hash: slow as `0x${string}` })
  const account = privateKeyToAccount(USER.privateKey)
  const faster = await createWalletClient({ account, transport: http(rpcUrl) }).sendTransaction({
    ...{ chain: null, to: to!, data: input, nonce, gas: 2_000_000n },
    ...{ maxFeePerGas: 10n ** 12n, maxPriorityFeePerGas: 10n ** 11n },
  })
  await rpc.call('evm_mine')
  await stage(one, 'done').waitFor(NEWS)
  expect(await stage(one, 'done').locator('code').getAttribute('title')).toBe(faster)
  await putAway()

  // Somebody else is mined before it, and the price with that is beyond the limit.
  await buy('4')
  const rival = privateKeyToAccount(network.privateKey('other'))
  const hasty = createWalletClient({ account: rival, transport: http(rpcUrl) })
  const { token, delphi } = network.devnet.deployment.contracts
  const fees = { chain: null, maxFeePerGas: 10n ** 12n, maxPriorityFeePerGas: 10n ** 11n } as const
  const spent = parseEther('60')
  await hasty.writeContract({
    ...{ ...fees, abi: aiTokenAbi, address: token, functionName: 'approve' },
    args: [delphi, spent],
  })
  const { timestamp } = await chain().getBlock()
  await hasty.writeContract({
    ...{ ...fees, abi: delphiAbi, address: delphi, functionName: 'buyFor', gas: 1_000_000n },
    args: [market.id, 2n, spent, 0n, timestamp + 600n],
  })
  await rpc.call('evm_mine')
  await stage(one, 'failed').waitFor(NEWS)
  expect(await stage(one, 'failed').innerText()).toMatch(/It was mined in block \d+ but refused/)
  await putAway()
  await close()
})

test('a halted market sells and says that nothing else can be done', async () => {
  const { rpc } = network.devnet
  const { delphi } = network.devnet.deployment.contracts
  const owner = await chain().readContract({
    ...{
      abi: parseAbi(['function owner() view returns (address)']),
      address: delphi,
      functionName: 'owner',
    },
  })
  const halt = async (isHalted: boolean) => {
    const of = { abi: delphiAbi, functionName: 'setHalted', args: [market.id, isHalted] } as const
    await rpc.call('anvil_impersonateAccount', owner)
    await rpc.call('anvil_setBalance', owner, '0xde0b6b3a7640000')
    await rpc.call('eth_sendTransaction', { from: owner, to: delphi, data: encodeFunctionData(of) })
    await rpc.call('anvil_stopImpersonatingAccount', owner)
  }
  const { page: one, screenshot, close } = await openMarket()
  await connect(one)
  await halt(true)
  await one.getByText('Governance has halted this market').waitFor(NEWS)
  expect(await one.getByLabel('Add liquidity').count()).toBe(0)
  await one.getByLabel('Budget, $AI').fill('1')
  expect(await one.getByRole('button', { name: 'Buy' }).isDisabled()).toBe(true)
  await screenshot('trade-halted')
  await one.getByLabel('Sell').check()
  await one.locator('.trade select').selectOption('0')
  await one.getByLabel('give (shares)').check()
  await one.getByLabel('Shares', { exact: true }).fill('0.5')
  await one.getByRole('button', { name: 'Sell' }).click()
  await stage(one, 'done').waitFor(NEWS)
  await halt(false)
  await one.getByText('Governance has halted this market').waitFor({ state: 'detached' })
  await close()
})

test('a resolved market pays by the button', async () => {
  const { page: one, screenshot, close } = await openMarket('dark')
  await connect(one)
  const shares = await sharesOf(0n)
  expect(shares).toBeGreaterThan(0n)
  await pass(network, market.closesAt - Number((await chain().getBlock()).timestamp) + 5)
  await one.getByText('Trading has ended.').waitFor(NEWS)
  const resolve = one.getByRole('button', { name: 'Have it resolved' })
  await resolve.click()
  await one.getByText('The contest has no verdict yet.').waitFor(NEWS)
  await market.contest.says({ verdict: 2, winners: [0] })
  await resolve.click()
  const redeem = one.getByRole('button', { name: 'Redeem' })
  await redeem.waitFor(NEWS)
  const due = await amount(one, 'They are paid')
  expect(due).toBe(((shares * 10n ** 9n) / 10n ** 12n) * 10n ** 12n)
  const { delphi } = network.devnet.deployment.contracts
  const liquidity = await chain().readContract({
    ...{ abi: delphiAbi, address: delphi, functionName: 'liquidityPayoutOf' },
    args: [market.id, await sharesOf(0xffffn)],
  })
  expect(liquidity).toBeGreaterThan(0n)
  const before = await balance()
  await redeem.click()
  await one.locator('.pending li', { hasText: 'Redeem for' }).and(stage(one, 'done')).waitFor(NEWS)
  expect((await balance()) - before).toBe(shares * 10n ** 9n + liquidity)
  await one
    .getByText('You have nothing in this market to redeem, or it was redeemed already.')
    .waitFor()
  expect(await redeem.isDisabled()).toBe(true)
  await one.locator('.heading .status', { hasText: 'settled' }).waitFor(NEWS)
  expect(await one.getByText(/outcome 0 won, a share of it pays 1 \$AI/).count()).toBeGreaterThan(0)
  await screenshot('trade-redeemed-dark')
  await close()
})
