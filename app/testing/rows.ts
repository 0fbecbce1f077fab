import type { Row, Rows } from './store.ts'

/** Canned rows of a small network: what the browser tests read. Times count from NOW. */
export const NOW = 1_800_000_000

const word = (digit: number): string => `0x${digit.toString(16).padStart(2, '0').repeat(32)}`
const address = (digit: number): string => `0x${digit.toString(16).padStart(2, '0').repeat(20)}`
const ai = (whole: number): string => String(BigInt(whole) * 10n ** 18n)

export const SUBMITTER = address(0x51)
export const OPERATOR = address(0x52)
export const CHALLENGER = address(0x53)
export const VAULT = address(0x54)
export const CLAIM = '20282409603651670423947251286015'
export const DISPUTE = String(BigInt(CLAIM) << 32n)

const network: Row = {
  id: '31337',
  jobsPosted: 3,
  jobsActive: 1,
  jobsSettled: 1,
  escrowed: ai(200),
  paid: ai(97),
  fees: ai(3),
  stepsSettled: '200',
  claims: 2,
  claimsVoided: 1,
  disputes: 1,
  disputesActive: 1,
  disputesWon: 0,
  disputesLost: 0,
  disputeGas: '1234567',
  operators: 1,
  staked: ai(5000),
  locked: ai(1000),
  slashed: '0',
  burned: '0',
  rewards: ai(97),
  contests: 1,
  models: 2,
  markets: 1,
  trades: 2,
  volume: ai(25),
  supply: ai(1_000_000_000),
  events: 64,
  updatedAt: NOW - 4,
}

const computation: Row = {
  id: word(0xc0),
  program: word(0xc1),
  nodesRoot: word(0xc2),
  statesRoot: word(0xc3),
  constantEntriesRoot: word(0xc4),
  initialStateRoot: word(0xc5),
  constantsRoot: word(0xc6),
  nodes: 812,
  states: 41,
  constants: 1,
  steps: '200',
  interval: 10,
  seed: '7',
  checkpoints: '21',
}

/** A job's row; `over` changes fields of it. */
export const job = (id: number, over: Partial<Row> = {}): Row => ({
  id: String(id),
  status: 'OPEN',
  submitter: SUBMITTER,
  computation: computation.id,
  reward: ai(100),
  stake: ai(1000),
  workSeconds: 3600,
  deadline: NOW + 86_400,
  uri: 'http://127.0.0.1:1/store',
  feeBps: 300,
  penaltyBps: 1000,
  attemptCount: 0,
  isCancelling: false,
  operator: null,
  vault: null,
  takenAt: null,
  claim: null,
  finalStateRoot: null,
  paid: null,
  fee: null,
  evaluation: null,
  postedAt: NOW - 3600 + id,
  endedAt: null,
  transaction: word(0x10 + (id % 200)),
  clock: { waitsFor: 'SOLVER', until: NOW + 86_400, secondsLeft: 86_400 },
  lifeline: [],
  ...over,
})

const account = (id: string, over: Partial<Row> = {}): Row => ({
  id,
  balance: ai(400),
  jobsPosted: 0,
  spent: '0',
  disputes: 0,
  disputeRewards: '0',
  trades: 0,
  volume: '0',
  firstSeenAt: NOW - 86_400,
  operator: null,
  ...over,
})

/** A network on which nothing has happened. */
export const empty: Rows = {}

/** One of everything. */
export const small: Rows = {
  Network: [network],
  NetworkDay: [0, 1, 2].map((back) => ({
    id: String(20_833 - back),
    startsAt: (20_833 - back) * 86_400,
    jobsPosted: 3 - back,
    jobsSettled: 1,
    paid: ai(97),
    disputes: 1,
    slashed: '0',
    trades: 2 * back,
    volume: ai(25),
  })),
  Account: [
    account(SUBMITTER, { jobsPosted: 3, spent: ai(300) }),
    account(OPERATOR, { operator: OPERATOR }),
    account(CHALLENGER, { disputes: 1 }),
  ],
  Computation: [computation],
  Job: [
    job(1, { status: 'SETTLED', operator: OPERATOR, vault: VAULT, paid: ai(97), attemptCount: 1 }),
    job(2, { status: 'CLAIMED', operator: OPERATOR, vault: VAULT, attemptCount: 1 }),
    job(3, { status: 'OPEN' }),
  ],
}

/** So many open jobs. */
export const manyJobs = (count: number): Rows => ({
  ...small,
  Job: Array.from({ length: count }, (_, i) => job(i + 1)),
})
