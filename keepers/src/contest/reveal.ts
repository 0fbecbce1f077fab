import type { Hash } from '@lockstep/repops'
import type { Hex } from 'viem'
import { contestName, type Contest } from '../chain/contests.ts'
import { fail, LockstepError } from '../errors.ts'
import { askAttestation } from './attestation.ts'
import { type Commitment, dueReveals } from './due.ts'
import { ENTRY } from './evaluator.ts'
import { judge } from './moves.ts'
import type { Office } from './office.ts'
import type { Secret } from './secrets.ts'

/** A commitment that was due, and what came of it. */
export interface Revealed extends Commitment {
  readonly root: Hash
  /** Why it could not be shown. */
  readonly problem: string | undefined
}

/** Shows everything of a contest that this keeper can and that is due; one that fails does not stop the others. */
export async function revealDue(
  office: Office,
  contest: Contest,
  time: number,
  from?: string,
): Promise<Revealed[]> {
  const held = office.secrets.commitments(contest.id)
  const found: Revealed[] = []
  for (const { of } of dueReveals({ contest, time, held })) {
    const { root } = secretOf(office, contest, of)
    let problem: string | undefined
    try {
      await reveal(office, contest, of, await attestationFor(office, contest, of, from))
    } catch (error) {
      if (!(error instanceof LockstepError)) throw error
      problem = error.message
    }
    found.push({ ...of, root, problem })
  }
  return found
}

/** Has a commitment's tensor attested, which others can fetch from this keeper's store from then on. */
export async function attestationFor(
  { contracts, secrets, mirror }: Office,
  contest: Contest,
  of: Commitment,
  from?: string,
): Promise<Hex> {
  const secret = secretOf({ secrets }, contest, of)
  await secrets.publish(contest.id, secret, mirror.folder)
  const { root, salt } = secret
  const place = from === undefined ? {} : { from }
  const request = { contest: contest.id, ...of, root, salt, ...place }
  return askAttestation(contest.uri, contracts.chain.id, request)
}

/** Shows what a commitment stands for. */
export async function reveal(
  office: Office,
  contest: Contest,
  of: Commitment,
  attestation: Hex,
): Promise<void> {
  const { root, salt } = secretOf(office, contest, of)
  const functionName = of.constant === ENTRY ? 'revealEntry' : 'revealTestSet'
  const args = [contest.id, BigInt(of.index), root, salt, attestation] as const
  await judge(office, functionName, String(of.index), args)
  office.log.info({ contest: contestName(contest.id), ...of, root }, 'revealed')
}

/** What opens a commitment; throws where this keeper cannot. */
function secretOf(
  { secrets }: Pick<Office, 'secrets'>,
  contest: Contest,
  { constant, index }: Commitment,
): Secret {
  const commitment = commitmentOf(contest, { constant, index })
  const secret = commitment && secrets.find(contest.id, commitment)
  if (secret !== undefined) return secret
  const name = constant === ENTRY ? 'entrant' : 'round'
  throw fail.notFound({
    what: commitment === undefined ? `there is no such ${name}` : 'this home cannot open it',
    where: `contest ${contestName(contest.id)}, ${name} ${index}, ${secrets.folderOf(contest.id)}`,
    advice: 'reveal it from the --home that it was committed to in',
  })
}

/** What an entrant or a round committed to. */
export function commitmentOf(
  { entrants, rounds }: Contest,
  { constant, index }: Commitment,
): Hash | undefined {
  return (constant === ENTRY ? entrants : rounds).at(index)?.commitment
}
