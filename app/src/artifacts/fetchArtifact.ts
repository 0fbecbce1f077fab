import { inSlices, LEAF_BYTES, leafHashes, merkleRoot } from '@lockstep/repops/commitments'
import { committing, readProgramFile } from '@lockstep/repops/commitments'

export type Kind = 'programs' | 'lists' | 'tensors'

/** An artifact could not be had, or was not what its root says; the message is for people. */
export class ArtifactError extends Error {
  override readonly name = 'ArtifactError'
}

/** More than this is not fetched for a picture. */
const MOST_BYTES = 16 << 20
const PATIENCE_MS = 10_000

/**
 * The bytes at a root, from the first store that has them. Stores are not trusted: every byte is checked against the
 * root by the commitments of RepOps.
 */
export async function fetchArtifact(
  bases: readonly string[],
  kind: Kind,
  root: string,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (!/^0x[0-9a-f]{64}$/.test(root)) throw new ArtifactError(`${root} is no root`)
  const problems: string[] = []
  for (const base of bases) {
    try {
      const bytes = await download(`${base}/${kind}/${root}`, signal)
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

async function download(url: string, signal: AbortSignal): Promise<Uint8Array> {
  const response = await fetch(url, {
    credentials: 'omit',
    referrerPolicy: 'no-referrer',
    signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
  })
  if (!response.ok || response.body === null) throw new Error(`it answers ${response.status}`)
  const chunks: Uint8Array[] = []
  let size = 0
  const reader = response.body.getReader()
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    size += piece.value.length
    if (size > MOST_BYTES) {
      await reader.cancel()
      throw new Error(`it is larger than ${MOST_BYTES >> 20} MiB`)
    }
    chunks.push(piece.value)
  }
  const bytes = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

async function rootOf(kind: Kind, bytes: Uint8Array): Promise<string> {
  if (kind === 'programs') return (await inSlices(committing(readProgramFile(bytes)))).root
  const unit = kind === 'lists' ? 32 : LEAF_BYTES
  if (bytes.length === 0 || bytes.length % unit !== 0)
    throw new Error(`${bytes.length} bytes are no multiple of ${unit}`)
  return merkleRoot(kind === 'lists' ? bytes : leafHashes(bytes))
}
