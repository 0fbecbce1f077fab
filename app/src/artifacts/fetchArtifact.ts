import {
  committing,
  inSlices,
  LEAF_BYTES,
  leafHashes,
  merkleRoot,
  readProgramFile,
} from '@lockstep/repops/commitments'
import { download } from './download.ts'

type Kind = 'programs' | 'lists' | 'tensors'

/** An artifact could not be had, or was not what its root says; the message is for people. */
export class ArtifactError extends Error {
  override readonly name = 'ArtifactError'
}

/** More than this is not fetched for a picture. */
const MOST_BYTES = 16 << 20

/**
 * The bytes at a root, from the first store that has them. Stores are not trusted: every byte is checked against the
 * root by the commitments of RepOps. An artifact of more than `most` bytes is not read.
 */
export async function fetchArtifact(
  bases: readonly string[],
  kind: Kind,
  root: string,
  signal: AbortSignal,
  most = MOST_BYTES,
): Promise<Uint8Array> {
  if (!/^0x[0-9a-f]{64}$/.test(root)) throw new ArtifactError(`${root} is no root`)
  const problems: string[] = []
  for (const base of bases) {
    try {
      const bytes = await download(`${base.replace(/\/+$/, '')}/${kind}/${root}`, most, signal)
      const actual = await rootOf(kind, bytes)
      if (actual === root) return bytes
      problems.push(`${base} serves other bytes, whose root is ${actual}`)
    } catch (error) {
      if (signal.aborted) throw error
      problems.push(`${base}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  const why = problems.length === 0 ? 'no store is known' : problems.join('; ')
  throw new ArtifactError(`${kind.slice(0, -1)} ${root.slice(0, 10)}… was not found (${why})`)
}

async function rootOf(kind: Kind, bytes: Uint8Array): Promise<string> {
  if (kind === 'programs') return (await inSlices(committing(readProgramFile(bytes)))).root
  const unit = kind === 'lists' ? 32 : LEAF_BYTES
  if (bytes.length === 0 || bytes.length % unit !== 0)
    throw new Error(`${bytes.length} bytes are no multiple of ${unit}`)
  return merkleRoot(kind === 'lists' ? bytes : leafHashes(bytes))
}
