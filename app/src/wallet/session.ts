import type { Address } from 'viem'
import type { Config } from '../config/config.ts'

/** A wallet that the browser offers. */
export interface Offer {
  readonly id: string
  /** As it names itself. */
  readonly name: string
  readonly icon: string | undefined
}

/** What is known of the user's wallet. */
export type WalletState =
  | { readonly kind: 'none' }
  | { readonly kind: 'loading' }
  | {
      readonly kind: 'choosing'
      readonly offers: readonly Offer[]
      /** The one that was asked and has not answered yet. */
      readonly asking: string | undefined
      readonly problem: string | undefined
    }
  | {
      readonly kind: 'connected'
      readonly address: Address
      readonly chainId: number
      readonly name: string
      readonly problem: string | undefined
    }

type Wagmi = typeof import('./wagmi.ts')

const REMEMBERED = 'lockstep:wallet'

let state: WalletState = { kind: 'none' }
let code: Promise<Wagmi> | undefined
const listeners = new Set<() => void>()

/** The session as a store, for `useSyncExternalStore`. */
export const session = {
  state: (): WalletState => state,
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  },
  set: (next: WalletState): void => {
    state = next
    for (const listener of listeners) listener()
  },
}

/** Loads the code that talks to wallets, once, and shows those there are. */
export async function openWallets(config: Config): Promise<Wagmi> {
  if (code === undefined) {
    session.set({ kind: 'loading' })
    code = import('./wagmi.ts')
    code.catch(() => {
      code = undefined
      session.set({ kind: 'none' })
    })
  }
  const wagmi = await code
  await wagmi.begin(config)
  return wagmi
}

/** Whether a wallet was connected when the page was last open. */
export function wasConnected(): boolean {
  try {
    return localStorage.getItem(REMEMBERED) !== null
  } catch {
    return false
  }
}

export function rememberConnected(is: boolean): void {
  try {
    if (is) localStorage.setItem(REMEMBERED, '1')
    else localStorage.removeItem(REMEMBERED)
  } catch {
    // Without a storage it is asked for again.
  }
}
