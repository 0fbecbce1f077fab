import {
  decodeState,
  type Hash,
  LEAF_BYTES,
  LOSS_HISTORY,
  programRoot,
  readProgramFile,
  unpackHashes,
} from '@lockstep/repops/commitments'
import { ArtifactError, fetchArtifact } from './fetchArtifact.ts'

/** What a program's root is made of, as Verde stores it. */
type Computation = Parameters<typeof programRoot>[0] &
  Readonly<Record<'nodesRoot' | 'statesRoot' | 'constantEntriesRoot', Hash>>

/** The loss after each step, as claimed. */
export interface Loss {
  readonly values: Float32Array
  /** Root of the tensor that holds it, an entry of the final state. */
  readonly tensorRoot: string
  readonly place: number
}

/**
 * The losses of a training run: the state called `loss` of the final state that was claimed. Program, list of tensors
 * and tensor are fetched from the stores and checked against their roots. Undefined: the program keeps no such state.
 */
export async function readLoss(
  { computation, finalStateRoot }: { computation: Computation; finalStateRoot: string },
  bases: readonly string[],
  signal: AbortSignal,
): Promise<Loss | undefined> {
  const { nodesRoot, statesRoot, constantEntriesRoot } = computation
  const program = programRoot(computation, [nodesRoot, statesRoot, constantEntriesRoot])
  const encoded = readProgramFile(await fetchArtifact(bases, 'programs', program, signal))
  const place = encoded.names.states.indexOf(LOSS_HISTORY)
  if (place < 0) return undefined
  const { type, count } = decodeState(encoded.states[place], place, encoded.nodes.length)
  if (type !== 'f32') return undefined
  const list = unpackHashes(await fetchArtifact(bases, 'lists', finalStateRoot, signal))
  const tensorRoot = list.at(place)
  if (list.length !== encoded.states.length || tensorRoot === undefined) {
    throw new ArtifactError(
      `the final state has ${list.length} tensors, the program ${encoded.states.length}`,
    )
  }
  const leaves = await fetchArtifact(bases, 'tensors', tensorRoot, signal)
  if (leaves.length !== Math.ceil((4 * count) / LEAF_BYTES) * LEAF_BYTES)
    throw new ArtifactError(`the tensor has ${leaves.length} bytes, not those of ${count} numbers`)
  const view = new DataView(leaves.buffer, leaves.byteOffset, leaves.length)
  const values = Float32Array.from({ length: count }, (_, i) => view.getFloat32(4 * i, true))
  return { values, tensorRoot, place }
}
