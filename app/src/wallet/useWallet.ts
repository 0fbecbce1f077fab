import { useEffect, useSyncExternalStore } from 'react'
import { useConfig } from '../config/useConfig.ts'
import { openWallets, session, wasConnected, type WalletState } from './session.ts'

/** The user's wallet; one that was connected when the page was last open is connected again. */
export function useWallet(): WalletState {
  const config = useConfig()
  const state = useSyncExternalStore(session.subscribe, session.state)
  useEffect(() => {
    if (session.state().kind === 'none' && wasConnected())
      openWallets(config).catch(() => undefined)
  }, [config])
  return state
}
