import {
  committing,
  decoding,
  type EncodedProgram,
  type Hash,
  inSlices,
  type Job,
  outputOf,
  type Program,
  type ProgramCommitment,
  ProgramError,
  readProgramFile,
  type Tensor,
  unpackHashes,
  ZERO_HASH,
} from '@lockstep/repops'
import { fail } from '../errors.ts'
import type { Mirror } from '../store/mirror.ts'
import { fetchTensor, paddedBytes } from '../store/tensors.ts'

/** A registered computation as the chain gives it: `Computation` of IVerde.sol. */
export interface Computation {
  readonly nodesRoot: Hash
  readonly statesRoot: Hash
  readonly constantEntriesRoot: Hash
  readonly initialStateRoot: Hash
  readonly constantsRoot: Hash
  readonly nodes: number
  readonly states: number
  readonly constants: number
  readonly steps: number
  readonly interval: number
  readonly seed: bigint
}

/** A computation of which there is the program and no tensor yet, checked against its roots. */
export interface Outline {
  readonly id: Hash
  readonly computation: Computation
  readonly encoded: EncodedProgram
  readonly commitment: ProgramCommitment
  readonly job: Omit<Job, 'initialState' | 'constants'>
}

/** A computation with everything that is needed to run it, all of it checked against its roots. */
export interface Work extends Outline {
  readonly job: Job
}

/** The entries of a program as committed, malformed ones included. */
export async function fetchProgram(
  mirror: Mirror,
  programRoot: Hash,
  computation: Computation,
): Promise<{ encoded: EncodedProgram; commitment: ProgramCommitment }> {
  const encoded = readProgramFile(await mirror.fetch('programs', programRoot))
  const commitment = await inSlices(committing(encoded))
  const same =
    commitment.nodes.root === computation.nodesRoot &&
    commitment.states.root === computation.statesRoot &&
    (commitment.constants?.root ?? ZERO_HASH) === computation.constantEntriesRoot &&
    encoded.nodes.length === computation.nodes &&
    encoded.states.length === computation.states &&
    encoded.constants.length === computation.constants
  if (!same) {
    throw fail.badArtifact({
      what: `program ${programRoot} is not the one that the computation registers`,
      where: 'its nodes, states or constants root or count',
      advice: 'do not take this job',
    })
  }
  return { encoded, commitment }
}

/**
 * Fetches a computation's program, initial state and constants and checks all of it. Refuses a job that would take
 * more than `maxBytes` before anything is fetched of what its program only implies.
 */
export async function fetchWork(
  mirror: Mirror,
  id: Hash,
  programRoot: Hash,
  computation: Computation,
  maxBytes = Infinity,
): Promise<Work> {
  const outline = await fetchOutline(mirror, id, programRoot, computation, maxBytes)
  const { program } = outline.job
  const initialState = await fetchInitialState(mirror, computation, program)
  const constants =
    program.constants.length === 0
      ? []
      : await fetchTensors(mirror, computation.constantsRoot, program.constants, 'constant')
  return { ...outline, job: { ...outline.job, initialState, constants } }
}

/** The part of `fetchWork` that takes no tensor. */
export async function fetchOutline(
  mirror: Mirror,
  id: Hash,
  programRoot: Hash,
  computation: Computation,
  maxBytes = Infinity,
): Promise<Outline> {
  const where = `computation ${id}`
  const fetched = await fetchFitting(mirror, where, programRoot, computation, maxBytes)
  const { program, encoded, commitment } = fetched
  const { steps, interval, seed } = computation
  return { id, computation, encoded, commitment, job: { program, steps, interval, seed } }
}

/** The part of `fetchWork` that does not depend on the constants; `where` names the computation in errors. */
export async function fetchStart(
  mirror: Mirror,
  where: string,
  programRoot: Hash,
  computation: Computation,
  maxBytes = Infinity,
): Promise<Pick<Job, 'program' | 'initialState'>> {
  const { program } = await fetchFitting(mirror, where, programRoot, computation, maxBytes)
  return { program, initialState: await fetchInitialState(mirror, computation, program) }
}

/** A program, unless what it implies takes more than `maxBytes`. */
async function fetchFitting(
  mirror: Mirror,
  where: string,
  programRoot: Hash,
  computation: Computation,
  maxBytes: number,
): Promise<Pick<Work, 'encoded' | 'commitment'> & Pick<Job, 'program'>> {
  const { encoded, commitment } = await fetchProgram(mirror, programRoot, computation)
  const program = await decodeFetched(encoded, programRoot)
  const bytes = jobBytes(program)
  if (bytes > maxBytes) {
    throw fail.tooLarge({
      what: `the job takes ${Math.ceil(bytes / 2 ** 20)} MiB, at most ${Math.floor(maxBytes / 2 ** 20)} are allowed`,
      where: `${where}, its states, constants and outputs of one step`,
      advice: 'raise --max-job-mib if this machine has the memory and the disk',
    })
  }
  return { encoded, commitment, program }
}

const fetchInitialState = (
  mirror: Mirror,
  { initialStateRoot }: Computation,
  { states }: Program,
): Promise<Tensor[]> => fetchTensors(mirror, initialStateRoot, states, 'state')

/** States and constants, in whole leaves as they are stored, and all outputs of a step, which a replay holds. */
export function jobBytes(program: Program): number {
  const stored = [...program.states, ...program.constants]
  const outputs = program.nodes.reduce((sum, node) => sum + 4 * outputOf(node).count, 0)
  return stored.reduce((sum, { count }) => sum + paddedBytes(count), outputs)
}

/** A fetched program; `root` names it in errors. */
export async function decodeFetched(encoded: EncodedProgram, root: Hash): Promise<Program> {
  try {
    return await inSlices(decoding(encoded))
  } catch (cause) {
    if (!(cause instanceof ProgramError)) throw cause
    throw fail.malformed(
      {
        what: cause.message,
        where: `program ${root}`,
        advice: 'correct the program; do not take this job',
      },
      { cause },
    )
  }
}

/** The tensors of a list artifact, one per entry, each of exactly the entry's size. */
export async function fetchTensors(
  mirror: Mirror,
  listRoot: Hash,
  entries: Program['constants'],
  what: 'state' | 'constant',
): Promise<Tensor[]> {
  const roots = unpackHashes(await mirror.fetchList(listRoot, entries.length))
  const tensors: Tensor[] = []
  for (const [i, entry] of entries.entries()) {
    const name = `${what} ${i} (${entry.name})`
    tensors.push(await fetchTensor(mirror, roots[i], entry.type, entry.count, name))
  }
  return tensors
}
