import type { WalletClient, Account, Chain, Transport } from 'viem'
import { createConfig, http, injected } from 'wagmi'
import {
  connect,
  disconnect,
  getConnection,
  getConnectors,
  getWalletClient,
  reconnect,
  switchChain,
  watchConnection,
  watchConnectors,
} from 'wagmi/actions'
import type { Config } from '../config/config.ts'
import { chainOf } from '../data/chain.ts'
import { brief } from './explain.ts'
import { type Offer, rememberConnected, session, wasConnected } from './session.ts'

// Loaded only for whoever wants a wallet: the connectors, and what they tell, go into the session.

type Wagmi = ReturnType<typeof configure>

function configure(config: Config) {
  const chain = chainOf(config)
  return createConfig({
    chains: [chain],
    transports: { [chain.id]: http(config.rpcUrl) },
    // Wallets that announce themselves (EIP-6963), and the one behind window.ethereum for those that do not.
    connectors: [injected()],
    multiInjectedProviderDiscovery: true,
  })
}

let begun: Promise<Wagmi> | undefined

/** Looks for wallets; connects again to the one that was connected. */
export function begin(config: Config): Promise<Wagmi> {
  begun ??= start(config)
  return begun
}

async function start(config: Config): Promise<Wagmi> {
  const wagmi = configure(config)
  watchConnectors(wagmi, {
    onChange: () => {
      show(wagmi)
    },
  })
  watchConnection(wagmi, {
    onChange: () => {
      show(wagmi)
    },
  })
  if (wasConnected()) await reconnect(wagmi)
  show(wagmi)
  return wagmi
}

function show(wagmi: Wagmi): void {
  const is = getConnection(wagmi)
  const before = session.state()
  if (is.status === 'connected') {
    const { address, chainId, connector } = is
    session.set({ kind: 'connected', address, chainId, name: connector.name, problem: undefined })
    rememberConnected(true)
    return
  }
  if (is.status === 'reconnecting') return
  const { asking, problem } =
    before.kind === 'choosing' ? before : { asking: undefined, problem: undefined }
  session.set({ kind: 'choosing', offers: offersOf(wagmi), asking, problem })
}

/** Wallets by the names they announce; the one behind window.ethereum only where it is not one of them. */
function offersOf(wagmi: Wagmi): Offer[] {
  const all = getConnectors(wagmi)
  const announced = all.filter(({ id }) => id !== 'injected')
  const offered =
    announced.length > 0 ? announced : 'ethereum' in window ? all : ([] as typeof announced)
  return offered.map(({ uid, name, icon }) => ({
    id: uid,
    name: name === 'Injected' ? 'Browser wallet' : name.slice(0, 40),
    icon: icon?.startsWith('data:image/') === true ? icon : undefined,
  }))
}

const opened = (): Promise<Wagmi> => {
  if (begun === undefined) throw new Error('wallets were not looked for yet')
  return begun
}

/** Asks a wallet for an account. */
export async function choose(id: string): Promise<void> {
  const wagmi = await opened()
  const connector = getConnectors(wagmi).find(({ uid }) => uid === id)
  if (connector === undefined) return
  const offers = offersOf(wagmi)
  session.set({ kind: 'choosing', offers, asking: id, problem: undefined })
  try {
    await connect(wagmi, { connector })
    show(wagmi)
  } catch (error) {
    const problem = brief(error)
    session.set({ kind: 'choosing', offers: offersOf(wagmi), asking: undefined, problem })
  }
}

export async function leave(): Promise<void> {
  const wagmi = await opened()
  rememberConnected(false)
  await disconnect(wagmi)
  show(wagmi)
}

/** Asks the wallet to go to the page's chain; it is told about that chain if it does not know it. */
export async function switchToChain({ chainId }: Pick<Config, 'chainId'>): Promise<void> {
  const wagmi = await opened()
  try {
    await switchChain(wagmi, { chainId })
    show(wagmi)
  } catch (error) {
    const now = session.state()
    if (now.kind === 'connected') session.set({ ...now, problem: brief(error) })
  }
}

/** The connected wallet, on the page's chain; throws if it is on another. */
export async function walletClient({
  chainId,
}: Pick<Config, 'chainId'>): Promise<WalletClient<Transport, Chain, Account>> {
  return getWalletClient(await opened(), { chainId })
}
