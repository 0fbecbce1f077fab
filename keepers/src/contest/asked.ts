import { type Hash, ZERO_HASH } from '@lockstep/repops'
import type { Head } from '../chain/connect.ts'
import { contestName, type ContestTerms, readContestTerms } from '../chain/contests.ts'
import type { Contracts } from '../chain/contracts.ts'
import { fail } from '../errors.ts'
import type { AttestationRequest } from './attestation.ts'
import { entryCommitment, testSetCommitment } from './commitments.ts'
import { ENTRY } from './evaluator.ts'

/** What of a contest an attestation is about: all of it is the same as long as the chain is. */
export interface Asked {
  readonly evaluator: Hash
  /** Of an entry. */
  readonly provenance: Hash | undefined
}

/** Contests whose attester is `account`, opened by one of `openers` if there are any. */
export interface Attested {
  readonly account: string
  readonly openers: readonly string[] | undefined
}

/** The terms of a contest, from what of the chain was read; throws where it is not attested. */
export async function attestedTerms(
  contracts: Contracts,
  contest: bigint,
  to: bigint,
  { account, openers }: Attested,
): Promise<ContestTerms> {
  const { opener, terms } = await readContestTerms(contracts, contest, to)
  const isOurs =
    same(terms.attester, account) &&
    (openers === undefined || openers.some((one) => same(one, opener)))
  if (isOurs) return terms
  throw fail.refused({
    what: `contest ${contestName(contest)} is not one that ${account} attests`,
    where: `its attester is ${terms.attester}, its opener ${opener}`,
    advice: "ask the contest's attester",
  })
}

/**
 * What a request is about, from what of the chain was read; throws unless it is for something that was committed to,
 * and that may be known by now.
 */
export async function checkAsked(
  contracts: Contracts,
  { contest, constant, index, root, salt }: AttestationRequest,
  { number, time }: Head,
  attested: Attested,
): Promise<Asked> {
  const terms = await attestedTerms(contracts, contest, number, attested)
  const name = constant === ENTRY ? 'entrant' : 'round'
  const where = `contest ${contestName(contest)}, ${name} ${index}`
  const at = { contest, entrant: BigInt(index) }
  const entered = await contracts.history.events('Entered', at, number)
  const of = constant === ENTRY ? entered.at(0)?.args : terms.rounds.at(index)
  if (of === undefined)
    throw fail.notFound({ what: `there is no such ${name}`, where, advice: 'check the number' })
  const [committed, expected, from] =
    'commitment' in of
      ? [of.commitment, entryCommitment(of.owner, root, salt), terms.entriesClose + 1]
      : [of.testSet, testSetCommitment(root, salt), of.opensAt]
  if (committed !== expected)
    throw fail.badArtifact({
      what: 'root and salt are not those that were committed to',
      where,
      advice: 'send what the commitment was made of',
    })
  if (time < BigInt(from))
    throw fail.tooEarly({
      what: `it may be known from second ${from} on, it is ${time}`,
      where,
      advice: 'ask again then',
    })
  const told = 'commitment' in of && of.provenance !== ZERO_HASH ? of.provenance : undefined
  return { evaluator: terms.evaluator, provenance: told }
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()
