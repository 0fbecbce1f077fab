import { merkleRoot, unpackHashes } from '@lockstep/repops/commitments'

/** Base addresses that may have an artifact, tried in order. */
export type Stores = readonly string[]

/** What a `provenance` root stands for (docs/spec/judge.md, section 5). */
export interface Origin {
  readonly chainId: bigint
  /** Address of the job registry. */
  readonly registry: string
  readonly job: bigint
  /** Index among the states of the job. */
  readonly state: number
}

const WORDS = 4
const WORD_BYTES = 32
/** More than 30,000 states. */
const MOST_BYTES = 1 << 20

/** Fetches and checks where an entry says it comes from. Throws with what each store answered. */
export async function fetchOrigin(
  root: string,
  stores: Stores,
  signal: AbortSignal,
): Promise<Origin> {
  const words = await fetchList(root, stores, WORDS * WORD_BYTES, signal)
  if (words.length !== WORDS) throw new Error(`the list has ${words.length} words, not ${WORDS}`)
  const [chainId, registry, job, state] = words.map((word) => BigInt(word))
  if (registry >> 160n !== 0n || state > BigInt(Number.MAX_SAFE_INTEGER))
    throw new Error('the list is no chain, registry, job and state')
  return {
    chainId,
    registry: `0x${registry.toString(16).padStart(40, '0')}`,
    job,
    state: Number(state),
  }
}

/** The tensor roots of a state, by the root of it. */
export const fetchStates = (
  root: string,
  stores: Stores,
  signal: AbortSignal,
): Promise<readonly string[]> => fetchList(root, stores, MOST_BYTES, signal)

async function fetchList(
  root: string,
  stores: Stores,
  most: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const problems: string[] = []
  for (const base of stores) {
    try {
      const bytes = await fetchBytes(`${base.replace(/\/+$/, '')}/lists/${root}`, most, signal)
      if (bytes.length === 0 || bytes.length % WORD_BYTES !== 0)
        throw new Error(`${bytes.length} bytes are no list`)
      const actual = merkleRoot(bytes)
      if (actual !== root) throw new Error(`what it sends has the root ${actual}`)
      return unpackHashes(bytes)
    } catch (error) {
      if (signal.aborted) throw error
      problems.push(`${base}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  throw new Error(problems.length === 0 ? 'no store is known' : problems.join('; '))
}

const PATIENCE_MS = 5000

async function fetchBytes(url: string, most: number, signal: AbortSignal): Promise<Uint8Array> {
  const protocol = URL.canParse(url) ? new URL(url).protocol : ''
  if (protocol !== 'http:' && protocol !== 'https:') throw new Error('not an http address')
  const response = await fetch(url, {
    credentials: 'omit',
    referrerPolicy: 'no-referrer',
    signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
  })
  if (!response.ok || response.body === null) throw new Error(`it answers ${response.status}`)
  const parts: Uint8Array[] = []
  let length = 0
  const reader = response.body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    length += value.length
    if (length > most) {
      await reader.cancel()
      throw new Error(`it sends more than ${most} bytes`)
    }
    parts.push(value)
  }
  const bytes = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
