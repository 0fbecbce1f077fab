import { aiTokenAbi, delphiAbi } from '@lockstep/deployments'
import { shareId } from '@lockstep/deployments/protocol'
import { type Indexer, startIndexer } from '@lockstep/indexer'
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { type Address, createPublicClient, http, parseEther, type PublicClient } from 'viem'
import { newMarket, spend, traderOf } from '../../keepers/src/testing/markets.ts'
import { type Actor, TestNetwork } from '../../keepers/src/testing/network.ts'
import type { StubContest } from '../../keepers/src/testing/stub-contest.ts'
import { type PageConfig, startPage } from '../server/index.ts'
import { openBrowser, view, type View } from './browser.ts'
import { type TestWallet, testWallet } from './wallet.ts'

/** Whose wallet is in the browser. */
export const USER: Actor = 'submitter'
/** For all that a stage needs to start, on a busy machine. */
export const START_MS = 240_000
/** For one wait, on a busy machine. */
export const NEWS = { timeout: 20_000 }

const CHAIN = 31337

/** The page over a devnet and its indexer, a market of three outcomes, and a browser with a wallet: nothing is a stand-in. */
export class TradingStage {
  readonly network: TestNetwork
  readonly chain: PublicClient
  readonly contracts: PageConfig['contracts']
  readonly user: Address
  readonly privateKey: `0x${string}`
  readonly wallet: TestWallet
  readonly market: bigint
  readonly contest: StubContest
  /** Last second of trading. */
  readonly closesAt: number
  readonly #browser: Browser
  readonly #url: string
  readonly #stopping: readonly (() => Promise<unknown>)[]

  private constructor(
    network: TestNetwork,
    market: { id: bigint; contest: StubContest; closesAt: number },
    browser: Browser,
    url: string,
    stopping: readonly (() => Promise<unknown>)[],
  ) {
    const { rpcUrl, deployment } = network.devnet
    this.network = network
    this.chain = createPublicClient({ transport: http(rpcUrl) })
    this.contracts = deployment.contracts
    this.user = network.address(USER)
    this.privateKey = network.privateKey(USER)
    this.wallet = testWallet({
      ...{ rpcUrl, chainId: CHAIN, name: 'Test wallet' },
      privateKey: this.privateKey,
    })
    this.market = market.id
    this.contest = market.contest
    this.closesAt = market.closesAt
    this.#browser = browser
    this.#url = url
    this.#stopping = stopping
  }

  /** Of the market: who made it, and who owns its entrants. */
  static async start({
    creator = 'other',
    owners = [],
    explorer,
  }: {
    creator?: Actor
    owners?: readonly Actor[]
    /** Of the page: a block explorer. */
    explorer?: string
  } = {}): Promise<TradingStage> {
    const [network, browser] = await Promise.all([TestNetwork.start(), openBrowser()])
    const { rpcUrl, deployment, deploymentFile } = network.devnet
    const home = mkdtempSync(join(tmpdir(), 'lockstep-trade-'))
    const making = newMarket(network, traderOf(network, creator), {
      ...{ entrants: 3, b: '100' },
      owners: owners.map((owner) => network.address(owner)),
    })
    const indexer: Indexer = await startIndexer({
      ...{ rpcUrl, deploymentFile, home, pollingInterval: 250 },
    })
    const { contracts } = deployment
    const graphqlUrl = `${indexer.url}/graphql`
    const page = await startPage({
      config: {
        ...{ chainId: CHAIN, rpcUrl, graphqlUrl, contracts, artifacts: [] },
        ...(explorer === undefined ? {} : { explorer }),
      },
    })
    return new TradingStage(network, await making, browser, page.url, [
      () => page.stop(),
      () => indexer.stop(),
      () => browser.close(),
      () => network.stop(),
      () => rm(home, { recursive: true, force: true }),
    ])
  }

  async stop(): Promise<void> {
    for (const stop of this.#stopping) await stop()
  }

  /** Opens the market's page, with the wallet in it. */
  async open(theme: 'light' | 'dark' = 'light'): Promise<View> {
    const opened = await view(this.#browser, `${this.#url}#/markets/${this.market}`, {
      theme,
      prepare: (page) => this.wallet.install(page),
    })
    await opened.page.getByRole('button', { name: 'Connect a wallet' }).waitFor(NEWS)
    return opened
  }

  async openConnected(theme: 'light' | 'dark' = 'light'): Promise<View> {
    const opened = await this.open(theme)
    await connect(opened.page)
    return opened
  }

  /** $AI wei that the user has. */
  balance(): Promise<bigint> {
    const { token } = this.contracts
    const of = { abi: aiTokenAbi, address: token, functionName: 'balanceOf' } as const
    return this.chain.readContract({ ...of, args: [this.user] })
  }

  /** Shares that the user has of an outcome; 1e-9. */
  sharesOf(outcome: bigint): Promise<bigint> {
    const of = {
      abi: delphiAbi,
      address: this.contracts.delphi,
      functionName: 'balanceOf',
    } as const
    return this.chain.readContract({ ...of, args: [this.user, shareId(this.market, outcome)] })
  }

  /** How many transactions the user has sent. */
  sent(): Promise<number> {
    return this.chain.getTransactionCount({ address: this.user })
  }

  /** The market as the contract has it. */
  stored() {
    const of = { abi: delphiAbi, address: this.contracts.delphi, functionName: 'marketOf' } as const
    return this.chain.readContract({ ...of, args: [this.market] })
  }

  /** Somebody else buys an outcome for so much $AI. */
  spend(outcome: number, amount: string): Promise<bigint> {
    return spend(traderOf(this.network, 'other'), this.market, outcome, amount)
  }

  /** From now on blocks come by `mine` only. */
  async hold(): Promise<void> {
    const { rpc } = this.network.devnet
    await rpc.call('evm_setAutomine', false)
    await rpc.call('evm_setIntervalMining', 0)
  }

  async mine(): Promise<void> {
    await this.network.devnet.rpc.call('evm_mine')
  }

  /** A block for every transaction and every second again. */
  async release(): Promise<void> {
    const { rpc } = this.network.devnet
    await rpc.call('evm_setAutomine', true)
    await rpc.call('evm_setIntervalMining', 1)
  }
}

/** Connects the wallet of a page that has one. */
export async function connect(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Connect a wallet' }).click()
  await page.getByRole('button', { name: 'Test wallet' }).click()
  await page.getByRole('button', { name: 'Disconnect' }).waitFor()
}

/** The value beside a name in the panel. */
const fact = (page: Page, name: string): Locator =>
  page
    .locator('.panel dl.facts > div', { has: page.getByText(name, { exact: true }) })
    .locator('dd')

/** The amount beside a name in the panel: all digits of it, in 1e-18. */
export const amount = async (page: Page, name: string): Promise<bigint> =>
  parseEther((await fact(page, name).innerText()).replace(/[^\d.]/g, ''))

/** The user's transactions that have come so far. */
export const stage = (page: Page, name: string): Locator =>
  page.locator(`.pending li[data-stage=${name}]`)

export const putAway = (page: Page): Promise<void> =>
  page.getByRole('button', { name: 'Put away' }).click()
