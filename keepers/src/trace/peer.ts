import type { Hash } from '@lockstep/repops'
import { keccak, LEAF_BYTES } from '@lockstep/repops'
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

  async row(checkpointRoot: Hash, place: Place, node: NodeAt): Promise<Hash[] | undefined> {
    const url = `${this.base}/traces/${checkpointRoot}/${placePath(place)}/row/${node.height}/${node.index}`
    const bytes = await download(url, 32 * 2 ** ROW_LEVELS)
    if (bytes === undefined || bytes.length % 32 !== 0) return undefined
    return Array.from(
      { length: bytes.length / 32 },
      (_, i): Hash => `0x${Buffer.from(bytes.subarray(32 * i, 32 * i + 32)).toString('hex')}`,
    )
  }

  /** The real bytes of a leaf whose hash is known; undefined if the peer has none or has others. */
  async leaf(
    checkpointRoot: Hash,
    place: Place,
    index: number,
    hash: Hash,
    length: number,
  ): Promise<Uint8Array | undefined> {
    const url = `${this.base}/traces/${checkpointRoot}/${placePath(place)}/leaf/${index}`
    const bytes = await download(url, LEAF_BYTES)
    return bytes !== undefined && bytes.length === length && leafHash(bytes) === hash
      ? bytes
      : undefined
  }
}

/** Hash of a tensor's leaf from its real bytes. */
export function leafHash(bytes: Uint8Array): Hash {
  const padded = new Uint8Array(LEAF_BYTES)
  padded.set(bytes)
  return keccak(padded)
}
