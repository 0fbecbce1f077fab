// Contests of the fake world.
import { type Address, type Hash, zeroHash } from 'viem'
import { type Computation, type Job, post } from './work.ts'
import { account, ACCOUNTS, AI, FAKE_DEPLOYMENT, pick, type Writer } from './world.ts'

export interface Contest {
  readonly id: bigint
  readonly rounds: number
  readonly closes: number
  readonly entrants: { owner: Address; root?: Hash; scored: number; total: bigint }[]
  readonly pending: { entrant: number; round: number; job: Job }[]
  isOver: boolean
}

const { contracts } = FAKE_DEPLOYMENT

/** `after`: what else happens in its transaction. */
export function openContest(w: Writer, contests: Contest[], after = (): void => undefined): void {
  const [opener, evaluator] = [account(w.random.below(ACCOUNTS)), w.fresh()]
  const rounds = 1 + w.random.below(3)
  const id = BigInt(w.fresh())
  const [nodes, states, steps, interval] = [4_000_000_000, 2, 1, 1]
  w.emit('judge', 'EvaluatorRegistered', {
    evaluator,
    terms: {
      nodesRoot: w.fresh(),
      statesRoot: w.fresh(),
      constantEntriesRoot: w.fresh(),
      initialStateRoot: w.fresh(),
      weightsRoot: zeroHash,
      rubric: w.fresh(),
      ...{ nodes, states, steps, interval, seed: 0n, scoreState: 0 },
    },
  })
  const closes = w.now + 300
  const terms = {
    evaluator,
    attester: opener,
    maxEntrants: 256,
    entriesClose: closes,
    workSeconds: 3_600,
    solveSeconds: 3_600,
    reward: AI,
    stake: AI,
    uri: 'http://127.0.0.1:9000',
    rounds: Array.from({ length: rounds }, (_, i) => ({
      testSet: w.fresh(),
      opensAt: closes + 60 * (i + 1),
      orderBy: closes + 60 * (i + 2),
    })),
  }
  w.emit('judge', 'ContestOpened', { contest: id, opener, evaluator, terms })
  contests.push({ id, rounds, closes, entrants: [], pending: [], isOver: false })
  after()
  w.send(opener, contracts.judge)
}

export function enter(w: Writer, contests: readonly Contest[]): void {
  const contest = pick(w.random, contests.slice(-10))
  if (contest === undefined || w.now > contest.closes || contest.entrants.length > 60) return
  const owner = account(w.random.below(ACCOUNTS))
  const about = { contest: contest.id, entrant: BigInt(contest.entrants.length), owner }
  const provenance = w.random.below(2) === 0 ? zeroHash : w.fresh()
  w.emit('judge', 'Entered', { ...about, commitment: w.fresh(), provenance })
  w.pay(owner, contracts.judge, AI * BigInt(contest.rounds))
  w.send(owner, contracts.judge)
  contest.entrants.push({ owner, scored: 0, total: 0n })
}

/** The next thing that happens in a contest after its entries closed. */
export function judge(
  w: Writer,
  contests: readonly Contest[],
  jobs: Job[],
  computations: Computation[],
): void {
  const contest = contests.find(({ isOver, closes }) => !isOver && w.now > closes)
  if (contest === undefined) return
  const by = account(w.random.below(ACCOUNTS))
  const { id, entrants, pending } = contest
  const hidden = entrants.findIndex(({ root }) => root === undefined)
  if (hidden >= 0) {
    entrants[hidden].root = w.fresh()
    const about = { contest: id, entrant: BigInt(hidden), root: entrants[hidden].root }
    w.emit('judge', 'EntryRevealed', about)
    w.send(by, contracts.judge)
    return
  }
  const report = pending.shift()
  if (report !== undefined) {
    const about = { contest: id, entrant: BigInt(report.entrant), round: BigInt(report.round) }
    const score = w.random.word() | 0
    if (w.random.below(8) === 0) w.emit('judge', 'EvaluationDropped', about)
    else {
      w.emit('judge', 'EvaluationReported', { ...about, score })
      entrants[report.entrant].scored++
      entrants[report.entrant].total += BigInt(score)
    }
    w.send(by, contracts.judge)
    return
  }
  const entrant = entrants.findIndex(({ scored }) => scored === 0)
  if (entrant >= 0 && w.random.below(4) !== 0) {
    const job = post(w, jobs, computations)
    const about = { contest: id, entrant: BigInt(entrant), round: 0n, job: job.id }
    // Ordered once: what was dropped stays without a score here.
    entrants[entrant].scored = -1_000
    w.emit('judge', 'EvaluationOrdered', about)
    w.send(by, contracts.judge)
    pending.push({ entrant, round: 0, job })
    return
  }
  contest.isOver = true
  const winners = entrants.length === 0 ? 0n : 1n << BigInt(w.random.below(entrants.length))
  w.emit('judge', 'Concluded', { contest: id, verdict: winners === 0n ? 3 : 2, winners })
  w.send(by, contracts.judge)
}
