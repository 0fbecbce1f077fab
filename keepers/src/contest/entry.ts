import {
  type Hash,
  MODEL,
  type Program,
  readSafetensors,
  SafetensorsError,
  type Tensor,
} from '@lockstep/repops'
import type { Contest } from '../chain/contests.ts'
import { type Job, readJob, readJobUri } from '../chain/jobs.ts'
import { fail } from '../errors.ts'
import { readBounded } from '../files/read-bounded.ts'
import { fetchTensor } from '../store/tensors.ts'
import { decodeFetched, fetchProgram } from '../trace/work.ts'
import { programRootOf, type Workshop } from '../trace/workshop.ts'
import type { Provenance } from './commitments.ts'
import { evaluatorOf } from './enter.ts'
import { ENTRY } from './evaluator.ts'
import { openFinalState } from './final-state.ts'
import type { Office } from './office.ts'

/** Something to be entered, and the job that made it, if one did. */
export interface Entry {
  readonly tensor: Tensor
  readonly provenance: Provenance | undefined
}

/** What an entry must be: constant 0 of the evaluator's program. */
type Wanted = Program['constants'][number]

/**
 * What `model` names: a safetensors file (its tensor `model` or `entry`, or its only one), the root of a tensor in the
 * store, or the number of a settled job whose final state MODEL it is.
 */
export async function readEntry(
  office: Office,
  contest: Contest,
  model: string,
  options: { readonly maxArtifactMib: number; readonly workshop: () => Promise<Workshop> },
): Promise<Entry> {
  const { number } = await office.contracts.chain.head()
  const wanted = (await evaluatorOf(office, contest, number)).program.constants[ENTRY]
  if (/^\d{1,30}$/.test(model))
    return entryOfJob({ ...office, workshop: await options.workshop() }, BigInt(model), wanted)
  const { type, count } = wanted
  const tensor = /^0x[0-9a-f]{64}$/.test(model)
    ? await fetchTensor(office.mirror, model as Hash, type, count, 'the entry')
    : readTensor(await readBounded(model, options.maxArtifactMib), model, ENTRY_NAMES)
  return { tensor, provenance: undefined }
}

const ENTRY_NAMES = [MODEL, 'entry']

/** A tensor of a safetensors file: the one with one of the names, or the only one. */
export function readTensor(bytes: Uint8Array, path: string, names: readonly string[]): Tensor {
  try {
    const { tensors } = readSafetensors(bytes)
    const named = names.map((name) => tensors.get(name)).find((found) => found !== undefined)
    const found = named ?? (tensors.size === 1 ? [...tensors.values()][0] : undefined)
    if (found !== undefined) return found.tensor
    throw new SafetensorsError(
      `it has ${tensors.size} tensors (${[...tensors.keys()].slice(0, 5).join(', ')}, …), none called ${names.join(' or ')}`,
    )
  } catch (cause) {
    if (!(cause instanceof SafetensorsError)) throw cause
    throw fail.badArtifact(
      { what: cause.message, where: path, advice: 'correct the file; nothing was sent' },
      { cause },
    )
  }
}

/** The model that a settled job trained. */
async function entryOfJob(
  office: Office & { readonly workshop: Workshop },
  id: bigint,
  wanted: Wanted,
): Promise<Entry> {
  const { contracts } = office
  const job = await readJob(contracts, id)
  if (job.status !== 'settled') {
    throw fail.negative({
      what: job.status === 'none' ? 'there is no such job' : `the job is ${job.status}`,
      where: `job ${id}`,
      advice: 'what it computed can be entered once it is settled',
    })
  }
  const program = await programOf(office, job)
  const state = stateOf(program, wanted, id)
  const place = { index: state, states: program.states.length, ...wanted, name: 'the model' }
  const { tensor, list, root } = await openFinalState(office, job, place)
  // Shows to whoever asks that it is the job's.
  office.mirror.folder.putTrusted({ kind: 'lists', root }, list)
  const { chain, jobRegistry } = contracts
  return { tensor, provenance: { chainId: chain.id, jobRegistry, job: id, state } }
}

async function programOf(
  { contracts, workshop }: Office & { readonly workshop: Workshop },
  job: Job,
): Promise<Program> {
  const computation = await workshop.computation(job.computation)
  const { number } = await contracts.chain.head()
  const uri = await readJobUri(contracts, job.id, number)
  const mirror = workshop.mirrorFor(uri, job.computation)
  const root = programRootOf(computation)
  const { encoded } = await fetchProgram(mirror, root, computation)
  return decodeFetched(encoded, root)
}

/** The state called MODEL, or the only one that is of the entry's type and size. */
function stateOf({ states }: Program, { type, count }: Wanted, job: bigint): number {
  const fits = (i: number) => states[i].type === type && states[i].count === count
  const fitting = states.map((_, i) => i).filter(fits)
  const named = fitting.find((i) => states[i].name === MODEL)
  if (named !== undefined) return named
  if (fitting.length === 1) return fitting[0]
  throw fail.badArtifact({
    what: `it has ${fitting.length} states of ${count} elements of ${type}, which the contest wants, none called ${MODEL}`,
    where: `job ${job}`,
    advice: 'train with a state that holds the whole model (flat: true), or enter a file',
  })
}
