import { createContext, useContext, useEffect, useState, useSyncExternalStore } from 'react'
import { type HeadState, type HeadWatch, timeOf } from './head.ts'

export const HeadContext = createContext<HeadWatch | null>(null)

/** The indexer's head and how it is heard of. */
export function useHead(): HeadState {
  const watch = useContext(HeadContext)
  if (watch === null) throw new Error('useHead outside of HeadContext')
  return useSyncExternalStore(watch.subscribe, watch.state)
}

/** Milliseconds since 1970, renewed every second. */
export function useTick(): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => {
      setNow(Date.now())
    }, 1000)
    return () => {
      clearInterval(timer)
    }
  }, [])
  return now
}

/**
 * The chain's time in unix seconds, renewed every second: that of the newest block and what passed since. Clocks of
 * disputes and markets run by it, not by this computer's.
 */
export function useChainNow(): number {
  const { head } = useHead()
  const now = useTick()
  return head === undefined ? Math.floor(now / 1000) : timeOf(head, now)
}
