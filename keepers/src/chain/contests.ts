import { judgeAbi } from '@lockstep/deployments'
import { type Hash, ZERO_HASH } from '@lockstep/repops'
import type {
  Address,
  ContractFunctionArgs,
  ContractFunctionName,
  ReadContractReturnType,
} from 'viem'
import { fail } from '../errors.ts'
import type { Contracts } from './contracts.ts'
import { findId } from './find-id.ts'
import type { KeptEvent } from './history.ts'
import { readMany } from './many.ts'

/** `Verdict` of IContest.sol, in its order. */
export const VERDICTS = ['pending', 'held', 'decided', 'void'] as const
export type Verdict = (typeof VERDICTS)[number]

/** A registered evaluator: `Evaluator` of IJudge.sol. */
export type EvaluatorTerms = KeptEvent<'EvaluatorRegistered'>['args']['terms']

/** What a contest was opened with: `ContestTerms` of IJudge.sol, with who opened it. */
export type ContestTerms = KeptEvent<'ContestOpened'>['args']['terms']

/** A test set and when it is used; unix seconds. */
export interface Round {
  readonly index: number
  readonly commitment: Hash
  /** Undefined until it is revealed. */
  readonly root: Hash | undefined
  readonly opensAt: number
  /** Last second of the reveal. */
  readonly revealBy: number
  readonly orderBy: number
}

export interface Entrant {
  readonly index: number
  readonly owner: Address
  /** $AI wei. */
  readonly escrow: bigint
  readonly commitment: Hash
  readonly provenance: Hash | undefined
  /** Undefined until it is revealed. */
  readonly root: Hash | undefined
  /** Rounds with a score. */
  readonly scored: number
  /** Sum of the scores so far. */
  readonly total: bigint
}

/** An evaluation that was ordered. */
export interface Evaluation {
  readonly entrant: number
  readonly round: number
  readonly job: bigint
  /** Whether it was neither reported nor dropped. */
  readonly isPending: boolean
}

/** A contest as the contract shows it now. Amounts are $AI wei, times unix seconds. */
export interface Contest {
  readonly id: bigint
  readonly opener: Address
  readonly evaluator: Hash
  readonly attester: Address
  /** Where all artifacts can be fetched. */
  readonly uri: string
  readonly maxEntrants: number
  readonly entriesClose: number
  readonly workSeconds: number
  readonly solveSeconds: number
  readonly reward: bigint
  readonly stake: bigint
  /** What concluding it would say. */
  readonly verdict: Verdict
  readonly isConcluded: boolean
  /** Entrants that won; none unless it is decided. */
  readonly winners: readonly number[]
  readonly secretUntil: number
  readonly decidedBy: number
  readonly heldUntil: number
  /** What an entrant pays. */
  readonly entryFee: bigint
  readonly rounds: readonly Round[]
  readonly entrants: readonly Entrant[]
  readonly evaluations: readonly Evaluation[]
}

/** Ids of all contests, in the order in which they were opened, up to block `to`. */
export async function readContestIds({ history }: Contracts, to: bigint): Promise<bigint[]> {
  return (await history.events('ContestOpened', {}, to)).map(({ args }) => args.contest)
}

/** The contest that a person means: its id, or the beginning of it in hex, which no other contest has. */
export async function findContest(contracts: Contracts, text: string, to: bigint): Promise<bigint> {
  return findId(await readContestIds(contracts, to), text, { kind: 'contest', name: contestName })
}

/** Who opened a contest, and on what terms; both never change. */
export async function readContestTerms(
  { history }: Contracts,
  contest: bigint,
  to: bigint,
): Promise<{ opener: Address; terms: ContestTerms }> {
  const opened = (await history.events('ContestOpened', { contest }, to)).at(0)
  if (opened === undefined) {
    throw fail.notFound({
      what: 'there is no such contest',
      where: `contest ${contestName(contest)}`,
      advice: 'lockstep contest list shows the latest',
    })
  }
  return opened.args
}

/** A registered evaluator. */
export async function readEvaluator(
  { history }: Contracts,
  evaluator: Hash,
  to: bigint,
): Promise<EvaluatorTerms> {
  const registered = (await history.events('EvaluatorRegistered', { evaluator }, to)).at(0)
  if (registered !== undefined) return registered.args.terms
  throw fail.notFound({
    what: 'there is no such evaluator',
    where: `evaluator ${evaluator}`,
    advice: 'lockstep contest open registers one that is described by its terms',
  })
}

/** A contest with all of its rounds, entrants and evaluations: its terms and jobs from the history, the rest by views. */
export async function readContest(
  contracts: Contracts,
  contest: bigint,
  to: bigint,
): Promise<Contest> {
  const { history } = contracts
  const { opener, terms } = await readContestTerms(contracts, contest, to)
  const rounds = await readRounds(contracts, contest, terms)
  const [stored, [verdict, winners], entrants, ordered] = await Promise.all([
    view(contracts, 'contests', [[contest]]).then(([first]) => first),
    view(contracts, 'verdictOf', [[contest]]).then(([first]) => first),
    readEntrants(contracts, contest, to),
    history.events('EvaluationOrdered', { contest }, to),
  ])
  const decidedBy = terms.rounds[terms.rounds.length - 1].orderBy + terms.solveSeconds
  return {
    ...terms,
    id: contest,
    opener,
    verdict: VERDICTS[verdict],
    isConcluded: VERDICTS[stored.verdict] !== 'pending',
    winners: entrants.map(({ index }) => index).filter((index) => isIn(winners, index)),
    secretUntil: terms.rounds[terms.rounds.length - 1].opensAt - 1,
    decidedBy,
    heldUntil: decidedBy + JUDGE_HOLD_SECONDS + 2 * terms.workSeconds,
    entryFee: terms.reward * BigInt(terms.rounds.length),
    rounds: rounds.map(({ round }) => round),
    entrants,
    evaluations: ordered.map(({ args }) => ({
      entrant: Number(args.entrant),
      round: Number(args.round),
      job: args.job,
      isPending: isIn(rounds[Number(args.round)].pending, Number(args.entrant)),
    })),
  }
}

/** `HOLD_SECONDS` of Judge.sol. */
export const JUDGE_HOLD_SECONDS = 30 * 86_400

async function readRounds(
  contracts: Contracts,
  contest: bigint,
  terms: ContestTerms,
): Promise<{ round: Round; pending: bigint }[]> {
  const args = terms.rounds.map((_, index) => [contest, BigInt(index)] as const)
  const states = await view(contracts, 'roundOf', args)
  return states.map(({ testSet, root, opensAt, orderBy, pending }, index) => ({
    pending,
    round: {
      index,
      commitment: testSet,
      root: orUndefined(root),
      opensAt,
      revealBy: Math.floor((opensAt + orderBy) / 2),
      orderBy,
    },
  }))
}

async function readEntrants(contracts: Contracts, contest: bigint, to: bigint): Promise<Entrant[]> {
  const entered = await contracts.history.events('Entered', { contest }, to)
  const states = await view(
    contracts,
    'entrantOf',
    entered.map(({ args }) => [contest, args.entrant] as const),
  )
  return states.map(({ owner, escrow, commitment, root, scored, total }, i) => ({
    index: Number(entered[i].args.entrant),
    owner,
    escrow,
    commitment,
    provenance: orUndefined(entered[i].args.provenance),
    root: orUndefined(root),
    scored,
    total,
  }))
}

/** A contest's id as people read it. */
export const contestName = (contest: bigint): Hash => `0x${contest.toString(16).padStart(64, '0')}`

/** One view of Judge for many arguments: a contest has up to 256 entrants. */
function view<N extends ContractFunctionName<typeof judgeAbi, 'view'>>(
  { chain, judge }: Contracts,
  functionName: N,
  argsOfEach: readonly ContractFunctionArgs<typeof judgeAbi, 'view', N>[],
): Promise<ReadContractReturnType<typeof judgeAbi, N>[]> {
  return readMany(chain, { abi: judgeAbi, address: judge, functionName }, argsOfEach)
}

const orUndefined = (root: Hash): Hash | undefined => (root === ZERO_HASH ? undefined : root)
const isIn = (set: bigint, index: number): boolean => ((set >> BigInt(index)) & 1n) === 1n
