import { CONTRACTS } from '@lockstep/deployments'
import type { Browser } from 'playwright-core'
import { type PageConfig, startPage } from '../server/index.ts'
import { openBrowser, view, type View, type ViewOptions } from './browser.ts'
import { type StandIn, standIn } from './indexer.ts'
import { NOW } from './rows.ts'
import { standInRpc } from './rpc.ts'
import type { Rows } from './store.ts'

/** Any addresses: number i of the contracts has the byte i twenty times. */
export const ADDRESSES = Object.fromEntries(
  CONTRACTS.map((name, i) => [name, `0x${(i + 1).toString(16).padStart(2, '0').repeat(20)}`]),
) as PageConfig['contracts']

/** The page over stand-ins for GraphQL and the chain, in one browser. */
export interface Stage {
  readonly browser: Browser
  readonly indexer: StandIn
  readonly rpc: Awaited<ReturnType<typeof standInRpc>>
  readonly url: string
  /** Opens a path of the page, such as `/jobs`. */
  readonly open: (path: string, options?: ViewOptions) => Promise<View>
  readonly close: () => Promise<void>
}

export async function setStage(
  rows: Rows,
  options: {
    artifacts?: readonly string[]
    answer?: (method: string, params: unknown) => unknown
  } = {},
): Promise<Stage> {
  const [browser, indexer, rpc] = await Promise.all([
    openBrowser(),
    standIn(rows),
    standInRpc(options),
  ])
  indexer.timestamp = NOW
  const config = {
    chainId: 31337,
    rpcUrl: rpc.url,
    graphqlUrl: indexer.url,
    contracts: ADDRESSES,
    artifacts: options.artifacts ?? [],
  }
  const page = await startPage({ config })
  return {
    browser,
    indexer,
    rpc,
    url: page.url,
    open: (path, how) => view(browser, `${page.url}#${path}`, how),
    close: async () => {
      await browser.close()
      await Promise.all([page.stop(), indexer.close(), rpc.close()])
    },
  }
}
