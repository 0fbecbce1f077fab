import type { Address, Hash, Hex } from 'viem'

/** A transaction that was sent from here. It is kept beyond a reload until its user has seen how it ended. */
export interface Pending {
  readonly hash: Hash
  readonly from: Address
  readonly to: Address
  readonly data: Hex
  /** What it does, in words. */
  readonly what: string
  readonly market: string
  /** Milliseconds since 1970. */
  readonly sentAt: number
  /** Newest block when it was sent. */
  readonly sentBlock: number
  /** The account's number of the transaction, once a node told it. */
  readonly nonce?: number
  readonly stage: Stage
  /** Block that it is in. */
  readonly block?: number
  /** Why it failed. */
  readonly problem?: string
}

/**
 * `sent`: waits for a block. `lost`: the node does not know it and its number is free: it was dropped, or has not got
 * there. `mined`: the index has not read its block yet. `done`: it has. `failed`: it reverted. `replaced`: another
 * transaction took its number.
 */
export type Stage = 'sent' | 'lost' | 'mined' | 'done' | 'failed' | 'replaced'

const MOST = 20
const keyOf = (chainId: number): string => `lockstep:pending:${chainId}`

const listeners = new Set<() => void>()
let known: { key: string; text: string; list: readonly Pending[] } | undefined

/** The transactions of a chain that were sent from here, the newest first; the same list while none changed. */
export function pendingOf(chainId: number): readonly Pending[] {
  const key = keyOf(chainId)
  const text = read(key) ?? (known?.key === key ? known.text : '[]')
  if (known?.key !== key || known.text !== text) known = { key, text, list: parse(text) }
  return known.list
}

export function subscribePending(listener: () => void): () => void {
  listeners.add(listener)
  // Another tab of the page may have sent something.
  window.addEventListener('storage', listener)
  return () => {
    listeners.delete(listener)
    window.removeEventListener('storage', listener)
  }
}

export function addPending(chainId: number, one: Pending): void {
  write(chainId, [one, ...pendingOf(chainId).filter(({ hash }) => hash !== one.hash)])
}

export function changePending(chainId: number, hash: Hash, change: Partial<Pending>): void {
  write(
    chainId,
    pendingOf(chainId).map((one) => (one.hash === hash ? { ...one, ...change } : one)),
  )
}

export function forgetPending(chainId: number, hash: Hash): void {
  write(
    chainId,
    pendingOf(chainId).filter((one) => one.hash !== hash),
  )
}

function write(chainId: number, list: readonly Pending[]): void {
  const key = keyOf(chainId)
  const kept = list.slice(0, MOST)
  const text = JSON.stringify(kept)
  known = { key, text, list: kept }
  try {
    localStorage.setItem(key, text)
  } catch {
    // It is remembered until the page is closed.
  }
  for (const listener of listeners) listener()
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

function parse(text: string): readonly Pending[] {
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) ? (list as Pending[]) : []
  } catch {
    return []
  }
}
