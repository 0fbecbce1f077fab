import { formatEther } from 'viem'
import {
  type Contest,
  contestName,
  type Entrant,
  readEvaluator,
  type Round,
} from '../chain/contests.ts'
import type { Contracts } from '../chain/contracts.ts'
import { type EvaluationJob, readEvaluationJobs } from '../chain/evaluation-jobs.ts'
import { type Origin, originOf } from '../contest/origin.ts'
import { RUBRICS, rubricHash } from '../contest/terms.ts'
import { jobStore } from '../store/job-store.ts'
import type { Mirror } from '../store/mirror.ts'
import { when } from '../text.ts'

// For what is told of all entries' origins.
const FETCH_SECONDS = 5

type Shown = Awaited<ReturnType<typeof describeContest>>

/** A contest as `contest show --json` shows it; amounts in $AI, times in unix seconds. */
export async function describeContest(contracts: Contracts, mirror: Mirror, contest: Contest) {
  const { id, opener, evaluator, attester, uri, verdict, winners, isConcluded } = contest
  const { entriesClose, secretUntil, decidedBy, heldUntil, maxEntrants } = contest
  const jobs = await readEvaluationJobs(contracts, contest)
  const { rubric } = await readEvaluator(
    contracts,
    evaluator,
    (await contracts.chain.head()).number,
  )
  const isPerplexity = rubric === rubricHash(RUBRICS.perplexity)
  const store = jobStore(uri, contracts.chain.id)
  const places = mirror.with(store === undefined ? [] : [store]).within(FETCH_SECONDS)
  const origins = await Promise.all(
    contest.entrants.map((entrant) => originOf(contracts, places, entrant)),
  )
  return {
    contest: contestName(id),
    ...{ verdict, winners, isConcluded, opener, evaluator, attester, uri },
    ...{ maxEntrants, entriesClose, secretUntil, decidedBy, heldUntil },
    entryFee: formatEther(contest.entryFee),
    reward: formatEther(contest.reward),
    stake: formatEther(contest.stake),
    workSeconds: contest.workSeconds,
    solveSeconds: contest.solveSeconds,
    rounds: contest.rounds.map(describeRound),
    entrants: contest.entrants.map((entrant, i) =>
      describeEntrant(contest, entrant, { origin: origins[i], jobs, isPerplexity }),
    ),
  }
}

const describeRound = ({ index, commitment, root, opensAt, revealBy, orderBy }: Round) => ({
  round: index,
  commitment,
  ...(root === undefined ? {} : { root }),
  ...{ opensAt, revealBy, orderBy },
})

function describeEntrant(
  { evaluations }: Contest,
  { index, owner, commitment, root, provenance, scored, total, escrow }: Entrant,
  beside: {
    readonly origin: Origin | undefined
    readonly jobs: readonly EvaluationJob[]
    readonly isPerplexity: boolean
  },
) {
  const { origin, jobs, isPerplexity } = beside
  const statusOf = new Map(jobs.map(({ job }) => [job.id, job.status]))
  return {
    entrant: index,
    ...{ owner, commitment },
    ...(root === undefined ? {} : { root }),
    ...(provenance === undefined ? {} : { provenance }),
    ...(origin === undefined ? {} : { trainedBy: origin }),
    ...{ scored, total: Number(total), escrow: formatEther(escrow) },
    ...(isPerplexity && scored > 0 ? { perplexity: perplexityOf(Number(total), scored) } : {}),
    evaluations: evaluations
      .filter(({ entrant }) => entrant === index)
      .map(({ round, job, isPending }) => ({
        ...{ round, job },
        status: isPending ? (statusOf.get(job) ?? 'unknown') : 'over',
      })),
  }
}

/** Over all rounds so far; a score is -1000000 ln(perplexity) of one. */
const perplexityOf = (total: number, scored: number): number => Math.exp(-total / scored / 1e6)

/** The same for people. */
export function contestLines(shown: Shown, now: number): string[] {
  const { verdict, winners, rounds, entrants, entriesClose, maxEntrants } = shown
  const won = verdict === 'decided' ? `, won by ${winners.join(', ')}` : ''
  return [
    `contest ${shown.contest}  ${verdict}${won}`,
    `  evaluator ${shown.evaluator}, attester ${shown.attester} at ${shown.uri}`,
    `  ${entrants.length} of ${maxEntrants} entrants, entry fee ${shown.entryFee} $AI, entries close at ${when(entriesClose, now)}, decided by ${when(shown.decidedBy, now)}`,
    ...rounds.map(
      ({ round, root, opensAt, revealBy, orderBy }) =>
        `  round ${round}  test set ${root ?? `to be revealed by ${when(revealBy, now)}`}, opens at ${when(opensAt, now)}, orders until ${when(orderBy, now)}`,
    ),
    ...entrants.flatMap((entrant) => [
      `  entrant ${entrant.entrant}  ${entrant.owner}  ${entrant.root ?? 'not revealed'}${entrant.trainedBy === undefined ? '' : `, by ${originText(entrant.trainedBy)}`}, ${entrant.scored} of ${rounds.length} scores, total ${entrant.total}${entrant.perplexity === undefined ? '' : ` (perplexity ${entrant.perplexity.toFixed(3)})`}, ${entrant.escrow} $AI in escrow`,
      ...entrant.evaluations.map(
        ({ round, job, status }) => `    round ${round}: job ${job}, ${status}`,
      ),
    ]),
  ]
}

function originText({ job, isProven }: Origin): string {
  if (isProven === undefined) return `job ${job} as it says`
  return isProven ? `job ${job}` : `another than job ${job}, which it claims`
}
