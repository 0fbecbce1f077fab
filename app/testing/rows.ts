import type { Row, Rows } from './store.ts'

/** Canned rows of a small network: what the browser tests read. Times count from NOW. */
export const NOW = 1_800_000_000

const word = (digit: number): string => `0x${digit.toString(16).padStart(2, '0').repeat(32)}`
const address = (digit: number): string => `0x${digit.toString(16).padStart(2, '0').repeat(20)}`
const ai = (whole: number): string => String(BigInt(whole) * 10n ** 18n)

export const SUBMITTER = address(0x51)
export const OPERATOR = address(0x52)
export const CHALLENGER = address(0x53)
const VAULT = address(0x54)
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
  uri: 'file:///var/lib/artifacts',
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

const parameters: Row = {
  id: '1',
  window: 3600,
  solverBudget: 86_400,
  challengerBudget: 43_200,
  extension: 600,
  heavyExtension: 3600,
  liveLimit: 4,
  challengerBps: 2500,
  burnBps: 5000,
  bondWei: String(10n ** 16n),
  costs: ai(5),
  treasury: address(0x7e),
  setAt: NOW - 90_000,
}

const claim: Row = {
  id: CLAIM,
  job: '2',
  attempt: '2-1',
  computation: computation.id,
  checkpointRoot: word(0xd1),
  finalStateRoot: word(0xd2),
  solver: OPERATOR,
  delegate: null,
  vault: VAULT,
  lock: `${VAULT}-1`,
  parameters: '1',
  madeAt: NOW - 600,
  windowEnd: NOW + 3000,
  disputeCount: 1,
  disputesActive: 1,
  disputesLost: 0,
  isVoid: false,
  voidedAt: null,
  voidedBy: null,
  slashed: '0',
  toChallenger: '0',
  burned: '0',
  toTreasury: '0',
  reserved: '0',
  transaction: word(0xd3),
  status: 'PENDING',
}

const vault: Row = {
  id: VAULT,
  operator: OPERATOR,
  commissionBps: 500,
  nextCommissionBps: null,
  nextCommissionFrom: null,
  selfBond: ai(4000),
  selfBondHeldUntil: null,
  delegated: ai(1000),
  leaving: ai(50),
  shares: ai(1000),
  locked: ai(1000),
  slashed: ai(10),
  rewards: ai(97),
  commission: ai(4),
  commissionCollected: '0',
  delegators: 1,
  isClosed: false,
  createdAt: NOW - 90_000,
  free: ai(4000),
}

const operator: Row = {
  id: OPERATOR,
  vault: VAULT,
  jobsTaken: 2,
  jobsSettled: 1,
  jobsAbandoned: 0,
  claimsVoided: 0,
  disputesDefended: 0,
  stepsSettled: '200',
  earned: ai(97),
  slashed: ai(10),
  since: NOW - 90_000,
  lastActiveAt: NOW - 600,
  reliabilityBps: 9950,
  active: 1,
}

const lock: Row = {
  id: `${VAULT}-1`,
  vault: VAULT,
  lockId: word(0xe1),
  locker: address(0x07),
  amount: ai(1000),
  remaining: ai(1000),
  slashed: '0',
  lockedAt: NOW - 1200,
  endedAt: null,
  attempt: '2-1',
}

const attempt: Row = {
  id: '2-1',
  job: '2',
  number: 1,
  operator: OPERATOR,
  vault: VAULT,
  lock: lock.id,
  outcome: 'CLAIMED',
  claim: CLAIM,
  penalty: '0',
  takenAt: NOW - 1200,
  dueAt: NOW + 2400,
  claimedAt: NOW - 600,
  endedAt: null,
}

const position = [1, 2, 3, 4, 5, 6, 7].map(word)
const move = (index: number, name: string, side: string, phase: string): Row => ({
  id: `${DISPUTE}-${index}`,
  dispute: DISPUTE,
  index,
  name,
  side,
  sender: CHALLENGER,
  phase,
  position,
  row: name === 'reveal' ? [word(1), word(2)] : null,
  leaf: null,
  partials: null,
  gas: String(100_000 + index),
  block: String(1200 + index),
  logIndex: 1,
  timestamp: NOW - 500 + index * 30,
  transaction: word(0xa0 + index),
})
const moves = [
  move(0, 'challenge', 'CHALLENGER', 'STEPS'),
  move(1, 'pickStep', 'CHALLENGER', 'GRAPH'),
  move(2, 'openNode', 'CHALLENGER', 'ELEMENT'),
]

const walked = (levels: readonly (readonly [string, string | null, string | null, number])[]) =>
  levels.map(([level, index, of, by]) => ({
    level,
    index,
    of,
    label: level === 'OPERATOR' && index !== null ? 'MatMul' : null,
    move: index === null ? null : moves[by],
  }))

/** A live dispute that has come down to the operator. */
export const liveDispute: Row = {
  id: DISPUTE,
  claim: CLAIM,
  job: '2',
  place: 0,
  status: 'LIVE',
  challenger: CHALLENGER,
  phase: 'ELEMENT',
  interval: '3',
  step: '37',
  node: 411,
  operator: 'MatMul',
  element: null,
  segment: null,
  claimedBits: null,
  rightBits: null,
  isInt32: false,
  openedAt: NOW - 500,
  admittedAt: NOW - 500,
  decidedAt: null,
  decidedBy: null,
  moveCount: 3,
  gas: '300003',
  bondWei: String(10n ** 16n),
  bondReturnedWei: '0',
  bondToSolverWei: '0',
  bondBurnedWei: '0',
  reward: '0',
  costs: '0',
  turnStart: NOW - 440,
  solverLeft: 80_000,
  challengerLeft: 43_000,
  claimed: null,
  right: null,
  turn: {
    side: 'CHALLENGER',
    start: NOW - 440,
    deadline: NOW - 440 + 43_000,
    secondsLeft: 42_560,
    solverLeft: 80_000,
    challengerLeft: 43_000,
  },
  walk: walked([
    ['CHECKPOINT', '3', '20', 0],
    ['STEP', '37', '200', 1],
    ['OPERATOR', '411', '812', 2],
    ['ELEMENT', null, null, 0],
    ['SEGMENT', null, null, 0],
  ]),
}

/** The same dispute, won: 0.1 was claimed with the lowest bit flipped. */
export const wonDispute: Row = {
  ...liveDispute,
  status: 'WON',
  phase: 'PROOF',
  element: '1023',
  segment: '2',
  decidedAt: NOW - 10,
  decidedBy: 'provePartial',
  claimed: { bits: '0x3dcccccc', decimal: '0.099999994' },
  right: { bits: '0x3dcccccd', decimal: '0.1' },
  turn: null,
  reward: ai(250),
  walk: walked([
    ['CHECKPOINT', '3', '20', 0],
    ['STEP', '37', '200', 1],
    ['OPERATOR', '411', '812', 2],
    ['ELEMENT', '1023', '4096', 2],
    ['SEGMENT', '2', '3', 2],
  ]),
}

const events: Row[] = ['JobPosted', 'JobTaken', 'JobClaimed'].map((name, i) => ({
  id: `${1000 + i}`,
  contract: 'jobRegistry',
  address: address(0x07),
  name,
  args: { job: '2', attempt: i },
  block: String(1190 + i),
  timestamp: NOW - 1300 + 100 * i,
  transaction: word(0xb0 + i),
  logIndex: i,
  sender: SUBMITTER,
  job: '2',
  claim: null,
  dispute: null,
  vault: null,
  contest: null,
  market: null,
  series: null,
}))

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
    job(2, {
      status: 'CLAIMED',
      operator: OPERATOR,
      vault: VAULT,
      attemptCount: 1,
      claim: CLAIM,
      finalStateRoot: claim['finalStateRoot'],
      lifeline: events.map(({ id }) => id),
      clock: { waitsFor: 'DISPUTE', until: null, secondsLeft: null },
    }),
    job(3, { status: 'OPEN' }),
  ],
  Claim: [claim],
  Answer: [
    {
      id: `${CLAIM}-steps-3`,
      claim: CLAIM,
      kind: 'STEPS',
      index: '3',
      root: word(0xd7),
      answeredAt: NOW - 480,
      gas: '51234',
      block: '1201',
      logIndex: 0,
      transaction: word(0xd8),
    },
  ],
  VerdeParameters: [parameters],
  Dispute: [liveDispute],
  Move: moves,
  Event: events,
  Operator: [operator],
  Vault: [vault],
  Attempt: [attempt],
  Lock: [lock],
  Delegation: [
    {
      id: `${VAULT}-${SUBMITTER}`,
      vault: VAULT,
      owner: SUBMITTER,
      shares: ai(1000),
      deposited: ai(990),
      assets: ai(1000),
    },
  ],
  Slash: [
    {
      id: '1',
      vault: VAULT,
      operator: OPERATOR,
      lock: lock.id,
      claim: CLAIM,
      to: address(0x06),
      amount: ai(10),
      fromSelfBond: ai(10),
      fromDelegated: '0',
      fromLeaving: '0',
      timestamp: NOW - 50_000,
      transaction: word(0xe2),
    },
  ],
  Exit: [
    {
      id: `${VAULT}-${SUBMITTER}-0`,
      vault: VAULT,
      controller: SUBMITTER,
      requestId: '0',
      shares: ai(50),
      withdrawnShares: '0',
      withdrawn: '0',
      requestedAt: NOW - 5000,
      isVoid: false,
    },
  ],
}

/** So many open jobs. */
export const manyJobs = (count: number): Rows => ({
  ...small,
  Job: Array.from({ length: count }, (_, i) => job(i + 1)),
})
