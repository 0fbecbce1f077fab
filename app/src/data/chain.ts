import { createPublicClient, defineChain, http, type Chain } from 'viem'
import type { Config } from '../config/config.ts'

/** The configured chain, as viem and wallets describe one. */
export const chainOf = ({ chainId, rpcUrl }: Config): Chain =>
  defineChain({
    id: chainId,
    name: chainId === 31337 ? 'Local devnet' : `Chain ${chainId}`,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [rpcUrl] } },
  })

const connect = (config: Config) =>
  createPublicClient({
    chain: chainOf(config),
    transport: http(config.rpcUrl, { timeout: 10_000, retryCount: 1 }),
    // A contract that anybody wrote, such as a market's contest, must not have the page ask others (ERC-3668).
    ccipRead: false,
  })

/** What reads the chain: as inferred, since to compare it with viem's PublicClient takes the compiler seconds. */
export type ChainClient = ReturnType<typeof connect>

let known: { config: Config; client: ChainClient } | undefined

/** The page's one client of the configured RPC. */
export function clientOf(config: Config): ChainClient {
  if (known?.config !== config) known = { config, client: connect(config) }
  return known.client
}
