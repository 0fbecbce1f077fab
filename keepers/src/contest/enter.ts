import { type Hash, type Tensor, ZERO_HASH } from '@lockstep/repops'
import type { Address } from 'viem'
import { contestName, type Contest, readContest, readEvaluator } from '../chain/contests.ts'
import { checkBalance } from '../chain/stake.ts'
import { fail } from '../errors.ts'
import { jobStore } from '../store/job-store.ts'
import { provenanceList, type Provenance } from './commitments.ts'
import { ENTRY, type FetchedEvaluator, fetchEvaluator } from './evaluator.ts'
import { eventOf, judge } from './moves.ts'
import type { Office } from './office.ts'

// For everything of an evaluator.
const FETCH_SECONDS = 60

/** An entry to a contest. */
export interface EntryOrder {
  readonly contest: bigint
  readonly tensor: Tensor
  /** Owns what it earns; this account by default. */
  readonly owner?: Address
  /** Where it comes from, for everybody to read. */
  readonly provenance?: Provenance | undefined
}

/**
 * Enters a tensor, after making sure that the contest's evaluator takes it. What opens the commitment is in the secrets
 * before anything is sent. The same entry of the same owner is entered once, however often it is asked for.
 */
export async function enterContest(
  office: Office,
  { contest: id, tensor, owner = office.sender.address, provenance }: EntryOrder,
): Promise<{ entrant: number; commitment: Hash; root: Hash }> {
  const { contracts, sender, mirror, log } = office
  const { number, time } = await contracts.chain.head()
  const contest = await readContest(contracts, id, number)
  const { commitment, root } = await prepare(office, contest, tensor, owner, number)
  const known = contest.entrants.find((entrant) => entrant.commitment === commitment)
  if (known !== undefined) return { entrant: known.index, commitment, root }
  checkOpen(contest, time)
  const list = provenance && provenanceList(provenance)
  if (list !== undefined) mirror.folder.putTrusted({ kind: 'lists', root: list.root }, list.bytes)
  await checkBalance(contracts, sender.address, contest.entryFee, 'paid for an entry')
  const args = [id, owner, commitment, list?.root ?? ZERO_HASH] as const
  const receipt = await judge(office, 'enter', commitment, args, contest.entryFee)
  const entrant = Number(eventOf(office, receipt, 'Entered').entrant)
  log.info({ contest: contestName(id), entrant, owner }, 'entered')
  return { entrant, commitment, root }
}

/** Makes sure that the tensor fits, then keeps it and what hides it. */
async function prepare(
  office: Office,
  contest: Contest,
  tensor: Tensor,
  owner: Address,
  to: bigint,
): Promise<{ commitment: Hash; root: Hash }> {
  const { program } = await evaluatorOf(office, contest, to)
  const { type, count } = program.constants[ENTRY]
  if (tensor.type === type && tensor.count === count)
    return office.secrets.keepEntry(contest.id, owner, tensor)
  throw fail.badArtifact({
    what: `the entry has ${tensor.count} elements of ${tensor.type}, the evaluator takes ${count} of ${type}`,
    where: `contest ${contestName(contest.id)}`,
    advice: 'enter what its evaluator reads; nothing was sent',
  })
}

/** Throws where nobody can enter any more. */
export function checkOpen(
  { id, entriesClose, entrants, maxEntrants }: Contest,
  time: bigint,
): void {
  const where = `contest ${contestName(id)}`
  if (time > BigInt(entriesClose))
    throw fail.tooLate({
      what: `entries closed in second ${entriesClose}, it is ${time}`,
      where,
      advice: 'nothing was sent',
    })
  if (entrants.length >= maxEntrants)
    throw fail.refused({
      what: `it has its ${maxEntrants} entrants`,
      where,
      advice: 'nothing was sent',
    })
}

/** A contest's evaluator, from this keeper's places or from where the contest says its artifacts are. */
export async function evaluatorOf(
  { contracts, mirror, limits }: Pick<Office, 'contracts' | 'mirror' | 'limits'>,
  { evaluator, uri }: Pick<Contest, 'evaluator' | 'uri'>,
  to: bigint,
): Promise<FetchedEvaluator> {
  const terms = await readEvaluator(contracts, evaluator, to)
  const store = jobStore(uri, contracts.chain.id)
  const places = mirror.with(store === undefined ? [] : [store]).within(FETCH_SECONDS)
  return fetchEvaluator(places, terms, limits)
}
