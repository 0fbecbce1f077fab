import { type ReactNode, useState } from 'react'
import { createConfig, http, injected, WagmiProvider } from 'wagmi'
import { useConfig } from '../config/useConfig.ts'
import { chainOf } from '../data/chain.ts'

/**
 * Lets what is below it use a browser wallet by the hooks of wagmi. Import it, and whatever uses those hooks, lazily:
 * nobody who only reads needs to load any of it.
 */
export default function WithWallet({ children }: { children: ReactNode }) {
  const config = useConfig()
  const [wagmi] = useState(() => {
    const chain = chainOf(config)
    return createConfig({
      chains: [chain],
      // Wallets that announce themselves (EIP-6963), and the one in window.ethereum.
      connectors: [injected()],
      transports: { [chain.id]: http(config.rpcUrl) },
    })
  })
  return <WagmiProvider config={wagmi}>{children}</WagmiProvider>
}
