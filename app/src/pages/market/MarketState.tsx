import { useChainNow } from '../../data/useHead.ts'
import { Status } from '../../ui/values.tsx'

interface Stands {
  readonly status: string
  readonly isHalted: boolean
  readonly closesAt: number
}

type Standing = 'TRADING' | 'BUYING_HALTED' | 'WAITING' | 'SETTLED' | 'VOID'

/** Where a market stands at a time of the chain. */
function standingOf({ status, isHalted, closesAt }: Stands, now: number): Standing {
  if (status === 'SETTLED' || status === 'VOID') return status
  if (now > closesAt) return 'WAITING'
  return isHalted ? 'BUYING_HALTED' : 'TRADING'
}

/** Whether a market trades, waits for its contest, or how it was resolved. */
export function MarketState({ of }: { of: Stands }) {
  const standing = standingOf(of, useChainNow())
  return <Status of={standing} tone={TONES[standing]} />
}

const TONES = {
  TRADING: 'good',
  BUYING_HALTED: 'busy',
  WAITING: 'busy',
  SETTLED: 'calm',
  VOID: 'bad',
} as const
