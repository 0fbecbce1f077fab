import { createPublicClient, defineChain, http, type Chain, type PublicClient } from 'viem'
import type { Config } from '../config/config.ts'

/** The configured chain, as viem and wallets describe one. */
export const chainOf = ({ chainId, rpcUrl }: Config): Chain =>
  defineChain({
    id: chainId,
    name: chainId === 31337 ? 'Local devnet' : `Chain ${chainId}`,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [rpcUrl] } },
  })

let known: { config: Config; client: PublicClient } | undefined

/** The page's one client of the configured RPC. */
export function clientOf(config: Config): PublicClient {
  if (known?.config !== config) {
    const transport = http(config.rpcUrl, { timeout: 10_000, retryCount: 1 })
    known = { config, client: createPublicClient({ chain: chainOf(config), transport }) }
  }
  return known.client
}
