import { unpackHashes } from '@lockstep/repops/commitments'
import { fetchArtifact } from '../../artifacts/fetchArtifact.ts'

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

const fetchList = async (
  root: string,
  stores: Stores,
  most: number,
  signal: AbortSignal,
): Promise<readonly string[]> =>
  unpackHashes(await fetchArtifact(stores, 'lists', root, signal, most))
