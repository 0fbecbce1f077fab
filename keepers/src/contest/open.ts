import { judgeAbi } from '@lockstep/deployments'
import { type Evaluator, type Hash, type Tensor, tensorRoot } from '@lockstep/repops'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Address } from 'viem'
import { contestName, type ContestTerms, readEvaluator } from '../chain/contests.ts'
import { fail } from '../errors.ts'
import { writeAtomic } from '../files/atomic.ts'
import { contestId, evaluatorId, testSetCommitment } from './commitments.ts'
import { storeEvaluator } from './evaluator.ts'
import { eventOf, judge } from './moves.ts'
import type { Office } from './office.ts'
import { randomSalt } from './secrets.ts'

/** What a contest is opened with. Amounts are $AI wei, times unix seconds. */
export interface ContestOrder {
  /** One to be registered if it is not yet, with the content hash of what its score means; or one that is registered. */
  readonly evaluator:
    | { readonly evaluator: Evaluator; readonly rubric: Hash }
    | { readonly id: Hash }
  readonly attester: Address
  readonly maxEntrants: number
  readonly entriesClose: number
  readonly workSeconds: number
  readonly solveSeconds: number
  readonly reward: bigint
  readonly stake: bigint
  /** Where the attester serves artifacts. */
  readonly uri: string
  readonly rounds: readonly {
    readonly testSet: Tensor
    readonly opensAt: number
    readonly orderBy: number
  }[]
}

/**
 * Opens a contest, after registering its evaluator if that is new. The test sets and what hides them are in the secrets
 * before anything is sent. `intent` names this opening: one that was killed is brought to its end by the next call of
 * the same intent, on the terms of the first; without it each call opens another contest.
 */
export async function openContest(
  office: Office,
  order: ContestOrder,
  intent?: string,
): Promise<{ id: bigint; evaluator: Hash }> {
  const { contracts, sender, log } = office
  const evaluator = await register(office, order)
  const notes = intent === undefined ? undefined : join(office.secrets.folder, 'openings', intent)
  const noted = notes === undefined ? undefined : await takeUp(office, notes, evaluator)
  const { terms, salt } = noted ?? plan(office, order, evaluator, notes)
  const id = contestId(sender.address, terms, salt)
  if (notes !== undefined && noted?.isOpened === true) {
    rmSync(notes, { force: true })
    return { id, evaluator }
  }
  const receipt = await judge({ contracts, sender }, 'open', contestName(id), [terms, salt])
  const opened = eventOf(office, receipt, 'ContestOpened')
  if (opened.contest !== id) {
    throw fail.lyingRpc({
      what: `the contest that was opened is ${contestName(opened.contest)}, not ${contestName(id)}`,
      where: `transaction ${receipt.transactionHash}`,
      advice: 'use another --rpc',
    })
  }
  if (notes !== undefined) rmSync(notes, { force: true })
  log.info({ contest: contestName(id), evaluator }, 'contest opened')
  return { id, evaluator }
}

/** The id of the order's evaluator, registered and its artifacts stored. */
async function register(office: Office, { evaluator }: ContestOrder): Promise<Hash> {
  const { contracts, mirror } = office
  if ('id' in evaluator) {
    const { number } = await contracts.chain.head()
    await readEvaluator(contracts, evaluator.id, number)
    return evaluator.id
  }
  const terms = storeEvaluator(evaluator.evaluator, evaluator.rubric, mirror.folder)
  const id = evaluatorId(terms)
  const isKnown = await contracts.chain.client.readContract({
    abi: judgeAbi,
    address: contracts.judge,
    functionName: 'isEvaluator',
    args: [id],
  })
  if (!isKnown) await judge(office, 'registerEvaluator', id, [terms])
  return id
}

interface Opening {
  readonly terms: ContestTerms
  readonly salt: Hash
}

/** Chooses the salts and keeps all that is secret; `notes`: where the plan is noted. */
function plan(
  { secrets, sender }: Office,
  order: ContestOrder,
  evaluator: Hash,
  notes: string | undefined,
): Opening {
  const { rounds, attester, maxEntrants, entriesClose, workSeconds, solveSeconds } = order
  const { reward, stake, uri } = order
  const sets = rounds.map(({ testSet }) => ({
    testSet,
    root: tensorRoot(testSet),
    salt: randomSalt(),
  }))
  const salt = randomSalt()
  const terms: ContestTerms = {
    ...{ evaluator, attester, maxEntrants, entriesClose, workSeconds, solveSeconds },
    ...{ reward, stake, uri },
    rounds: rounds.map(({ opensAt, orderBy }, i) => ({
      testSet: testSetCommitment(sets[i].root, sets[i].salt),
      opensAt,
      orderBy,
    })),
  }
  const id = contestId(sender.address, terms, salt)
  for (const { testSet, root, salt: hides } of sets) secrets.keepTestSet(id, testSet, root, hides)
  if (notes !== undefined) writeAtomic(notes, toJson({ terms, salt }), 0o600)
  return { terms, salt }
}

/** What an earlier call of this intent planned and did not bring to its end, if that is done or still possible. */
async function takeUp(
  { contracts, sender, log }: Office,
  notes: string,
  evaluator: Hash,
): Promise<(Opening & { isOpened: boolean }) | undefined> {
  if (!existsSync(notes)) return undefined
  const noted = fromJson(readFileSync(notes, 'utf8'))
  if (noted.terms.evaluator !== evaluator) return undefined
  const { number, time } = await contracts.chain.head()
  const contest = contestId(sender.address, noted.terms, noted.salt)
  const opened = await contracts.history.events('ContestOpened', { contest }, number)
  const isOpened = opened.length > 0
  if (!isOpened && BigInt(noted.terms.entriesClose) < time) return undefined
  log.info({ block: String(number) }, 'taking up an opening that was not brought to its end')
  return { ...noted, isOpened }
}

const toJson = (opening: Opening): string =>
  JSON.stringify(opening, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))

const fromJson = (text: string): Opening =>
  JSON.parse(text, (_, value: unknown) =>
    typeof value === 'string' && /^\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value,
  ) as Opening
