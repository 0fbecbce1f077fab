import { useSyncExternalStore } from 'react'
import { useQueryClient, type QueryClient } from '@tanstack/react-query'
import { timeOf } from '../data/head.ts'
import { useHead, useTick } from '../data/useHead.ts'
import { duration } from '../format/time.ts'
import { Block } from '../ui/onChain.tsx'

/** The line below the header: how new everything is that the page shows. It always has the same height. */
export function Freshness() {
  const { head, link, problem } = useHead()
  const now = useTick()
  const stale = useStale()
  if (link === 'down' || stale !== undefined) {
    const at = Math.min(stale?.at ?? Infinity, link === 'down' ? (head?.at ?? Infinity) : Infinity)
    const age = at === Infinity ? 'Nothing known yet' : `As of ${duration((now - at) / 1000)} ago`
    return (
      <p className="freshness stale" role="status" aria-live="polite">
        <span aria-hidden="true">●</span> {age}; reconnecting
        <span className="why"> ({problem ?? stale?.problem})</span>
      </p>
    )
  }
  if (head === undefined) return <p className="freshness">Connecting …</p>
  const { block, isSynced, chainId } = head.meta
  const age = timeOf(head, now) - block.timestamp
  return (
    <p className={`freshness ${link}`}>
      <span aria-hidden="true">●</span> <span className="wide">Chain {chainId} · </span>block{' '}
      <Block of={block.number} /> · <span className="number">{duration(age)}</span> old
      <ClockAhead by={timeOf(head, now) - Math.floor(now / 1000)} />
      {isSynced ? '' : ' · still reading the past'}
      {link === 'live' ? '' : ' · asking every few seconds'}
    </p>
  )
}

/** Seconds between two clocks that nobody has to be told of. */
const NEAR = 120

/**
 * How far the chain's clock is from the reader's, if it is far: that of a local network is moved where nobody wants to
 * wait, and then what happened just now may be told as hours ago.
 */
function ClockAhead({ by }: { by: number }) {
  if (Math.abs(by) < NEAR) return null
  return (
    <>
      {' '}
      ·{' '}
      <span title="Ages and times on this page are by the chain’s clock, and count what it has skipped.">
        clock {duration(Math.abs(by))} {by > 0 ? 'ahead' : 'behind'}
        <span className="wide">{by > 0 ? ' of yours' : ' yours'}</span>
      </span>
    </>
  )
}

interface Stale {
  /** When the oldest answer on the screen was given that could not be renewed. */
  readonly at: number
  readonly problem: string
}

/** The oldest answer that is shown although asking for a newer one failed; undefined if all is well. */
function useStale(): Stale | undefined {
  const queries = useQueryClient()
  const text = useSyncExternalStore(
    (listener) => queries.getQueryCache().subscribe(listener),
    () => staleText(queries),
  )
  return text === '' ? undefined : (JSON.parse(text) as Stale)
}

/** As text, so that it is equal while nothing changed. */
function staleText(queries: QueryClient): string {
  let oldest: Stale | undefined
  for (const query of queries.getQueryCache().findAll({ queryKey: ['graphql'], type: 'active' })) {
    const { status, dataUpdatedAt, error, data } = query.state
    if (status !== 'error' || data === undefined) continue
    if (oldest === undefined || dataUpdatedAt < oldest.at)
      oldest = { at: dataUpdatedAt, problem: error?.message ?? '' }
  }
  return oldest === undefined ? '' : JSON.stringify(oldest)
}
