import type { Hash } from '@lockstep/repops'
import { keccak, LEAF_BYTES, unpackHashes } from '@lockstep/repops'
import { download } from '../files/download.ts'
import { type NodeAt, type Place, placePath, ROW_LEVELS } from './place.ts'

/**
 * The solver's own service (`store/server.ts`), seen from a challenger. Nothing it says is believed: rows are
 * checked by the tree that learns them, leaves here. It is only asked to save the demand on chain.
 */
export class TracePeer {
  readonly base: string

  constructor(base: string) {
    this.base = base.replace(/\/+$/, '')
  }

  async row(
    checkpointRoot: Hash,
    place: Place,
    node: NodeAt,
    timeoutSeconds?: number,
  ): Promise<Hash[] | undefined> {
    const path = `${placePath(place)}/row/${node.height}/${node.index}`
    const url = `${this.base}/traces/${checkpointRoot}/${path}`
    const bytes = await download(url, 32 * 2 ** ROW_LEVELS, timeoutSeconds)
    if (bytes === undefined) return undefined
    if (bytes.length % 32 !== 0)
      throw new WrongAnswerError(`${path} has ${bytes.length} bytes, which are no hashes`)
    return unpackHashes(bytes)
  }

  /** The real bytes of a leaf whose hash and length are known; throws a WrongAnswerError if the peer has others. */
  async leaf(
    checkpointRoot: Hash,
    place: Place,
    index: number,
    hash: Hash,
    length: number,
    timeoutSeconds?: number,
  ): Promise<Uint8Array | undefined> {
    const path = `${placePath(place)}/leaf/${index}`
    const url = `${this.base}/traces/${checkpointRoot}/${path}`
    const bytes = await download(url, LEAF_BYTES, timeoutSeconds)
    if (bytes === undefined) return undefined
    if (bytes.length !== length)
      throw new WrongAnswerError(`${path} has ${bytes.length} bytes, ${length} are real`)
    const actual = leafHash(bytes)
    if (actual !== hash) throw new WrongAnswerError(`${path} hashes to ${actual}, not ${hash}`)
    return bytes
  }
}

/** A peer answered with something else than it was asked for. */
export class WrongAnswerError extends Error {
  override readonly name = 'WrongAnswerError'
}

/** Hash of a tensor's leaf from its real bytes. */
export function leafHash(bytes: Uint8Array): Hash {
  return keccak(padLeaf(bytes))
}

/** A leaf as it is hashed: zeros behind the real bytes. */
export function padLeaf(bytes: Uint8Array): Uint8Array {
  if (bytes.length > LEAF_BYTES) throw new WrongAnswerError(`a leaf of ${bytes.length} bytes`)
  const padded = new Uint8Array(LEAF_BYTES)
  padded.set(bytes)
  return padded
}
