import { NOW, OPERATOR, small, SUBMITTER } from './rows.ts'
import type { Row, Rows } from './store.ts'

const word = (digit: number): string => `0x${digit.toString(16).padStart(2, '0').repeat(32)}`
const ai = (thousandths: number): string => String(BigInt(thousandths) * 10n ** 15n)

export const MARKET = String(7n << 200n)
export const CONTEST = String((9n << 248n) + 5n)
export const SERIES = '77'
export const MODEL = word(0xa1)
/** Names of contests and stores are anybody's text. */
export const HOSTILE =
  '"><img src=x onerror="window.lockstepHit=1"><script>window.lockstepHit=1</script>\u202e'

/** A market's row; `over` changes fields of it. */
export const market = (id: string, over: Partial<Row> = {}): Row => ({
  id,
  creator: SUBMITTER,
  contest: CONTEST,
  source: word(0x0a).slice(0, 42),
  b: ai(100_000),
  offset: -32,
  sum: '1',
  outcomeCount: 3,
  status: 'OPEN',
  isHalted: false,
  closesAt: NOW + 7200,
  voidsAt: NOW + 86_400,
  feeBps: 100,
  creatorBps: 3000,
  modelBps: 2000,
  protocolBps: 1000,
  rules: word(0xb1),
  metadata: word(0),
  subsidy: ai(109_862),
  sets: '0',
  liquidityShares: ai(100_000),
  tradeCount: 2,
  volume: ai(25_500),
  fees: ai(255),
  redeemed: '0',
  winners: [],
  series: null,
  createdAt: NOW - 3600,
  lastTradeAt: NOW - 60,
  resolvedAt: null,
  transaction: word(0xb2),
  isTrading: true,
  secondsLeft: 7200,
  ...over,
})

/** An outcome's row; parts are thousandths. */
export const outcome = (
  of: string,
  number: number,
  part: number,
  over: Partial<Row> = {},
): Row => ({
  id: `${of}-${number}`,
  market: of,
  number,
  entrant: number < 2 ? `${CONTEST}-${number}` : null,
  quantity: String(part * 1_000_000_000),
  volume: ai(12_000),
  tradeCount: 1,
  isWinner: false,
  shareId: String(number),
  price: ai(part),
  probability: part / 1000,
  ...over,
})

const entrant = (number: number, over: Partial<Row> = {}): Row => ({
  id: `${CONTEST}-${number}`,
  contest: CONTEST,
  number,
  owner: number === 0 ? SUBMITTER : OPERATOR,
  commitment: word(0xd0 + number),
  provenance: null,
  model: null,
  scored: 0,
  total: null,
  isWinner: false,
  escrowReturned: '0',
  enteredAt: NOW - 3000,
  revealedAt: null,
  transaction: word(0xd8),
  ...over,
})

const trade = (number: number, side: 'BUY' | 'SELL'): Row => ({
  id: `000${number}`,
  market: MARKET,
  outcome: `${MARKET}-0`,
  trader: OPERATOR,
  side,
  shares: '20500000000',
  amount: ai(12_750),
  fee: ai(127),
  priceBefore: ai(500),
  priceAfter: ai(601),
  block: '1200',
  timestamp: NOW - 180 + 60 * number,
  transaction: word(0xe0 + number),
})

const contest: Row = {
  id: CONTEST,
  opener: SUBMITTER,
  evaluator: word(0xf0),
  attester: OPERATOR,
  maxEntrants: 4,
  entriesClose: NOW - 600,
  workSeconds: 3600,
  solveSeconds: 7200,
  reward: ai(50_000),
  stake: ai(1_000_000),
  uri: HOSTILE,
  roundCount: 2,
  entrantCount: 2,
  verdict: 'PENDING',
  winners: [],
  series: SERIES,
  openedAt: NOW - 7200,
  concludedAt: null,
  transaction: word(0xf1),
}

/** A market with trades on a contest with scores, one job of which is disputed. */
export const marketRows: Rows = {
  ...small,
  Market: [market(MARKET)],
  Outcome: [outcome(MARKET, 0, 601), outcome(MARKET, 1, 299), outcome(MARKET, 2, 100)],
  Trade: [trade(1, 'SELL'), trade(2, 'BUY')],
  Position: [
    {
      id: `${MARKET}-0-${OPERATOR}`,
      market: MARKET,
      outcome: `${MARKET}-0`,
      owner: OPERATOR,
      shares: '20500000000',
      bought: '41000000000',
      sold: '20500000000',
      paid: ai(25_500),
      received: ai(12_750),
      redeemed: '0',
      updatedAt: NOW - 60,
      value: ai(12_320),
      profit: `-${ai(430)}`,
    },
  ],
  Contest: [contest],
  Evaluator: [
    {
      id: word(0xf0),
      nodesRoot: word(0xf2),
      statesRoot: word(0xf3),
      constantEntriesRoot: word(0xf4),
      initialStateRoot: word(0xf5),
      weightsRoot: word(0),
      rubric: word(0xf6),
      nodes: 120,
      states: 3,
      steps: '4',
      interval: 1,
      seed: '0',
      scoreState: 0,
      registeredAt: NOW - 90_000,
      contestCount: 1,
    },
  ],
  Round: [0, 1].map((number) => ({
    id: `${CONTEST}-${number}`,
    contest: CONTEST,
    number,
    testSet: word(0xc8 + number),
    root: number === 0 ? word(0xca) : null,
    opensAt: NOW - 300 + 3600 * number,
    orderBy: NOW + 1200 + 3600 * number,
    revealedAt: number === 0 ? NOW - 200 : null,
  })),
  Entrant: [
    entrant(0, {
      model: MODEL,
      provenance: word(0xa2),
      revealedAt: NOW - 500,
      scored: 1,
      total: '-2301585',
    }),
    entrant(1),
  ],
  Evaluation: [
    {
      id: `${CONTEST}-0-0`,
      contest: CONTEST,
      entrant: `${CONTEST}-0`,
      round: `${CONTEST}-0`,
      job: '1',
      status: 'REPORTED',
      score: -2_301_585,
      reportBy: null,
      orderedAt: NOW - 250,
      endedAt: NOW - 100,
    },
  ],
  Model: [
    {
      id: MODEL,
      owner: SUBMITTER,
      provenance: word(0xa2),
      firstRevealedAt: NOW - 500,
      entryCount: 1,
      wins: 0,
    },
  ],
  Series: [
    {
      id: SERIES,
      curator: SUBMITTER,
      evaluator: word(0xf0),
      startsAt: NOW - 7200,
      epochSeconds: 86_400,
      terms: { riskBps: 1000, uri: HOSTILE },
      shares: '123456789',
      epochCount: 1,
      curatorPaid: ai(3000),
      isWoundUp: false,
      createdAt: NOW - 9000,
      transaction: word(0xf7),
    },
  ],
  Epoch: [
    {
      id: `${SERIES}-0`,
      series: SERIES,
      number: 0,
      contest: CONTEST,
      market: MARKET,
      subsidy: ai(109_862),
      returned: null,
      openedAt: NOW - 7200,
    },
  ],
}

/** A market with as many outcomes as there can be: outcome 200 leads with a fifth. */
export function wideMarket(outcomes = 256): Rows {
  return {
    ...marketRows,
    Market: [market(MARKET, { outcomeCount: outcomes, contest: null })],
    Outcome: Array.from({ length: outcomes }, (_, i) =>
      outcome(MARKET, i, i === 200 ? 204 : 3, { quantity: String(i === 200 ? 1e9 : i) }),
    ),
  }
}

/** So many markets. */
export const manyMarkets = (count: number): Rows => ({
  ...marketRows,
  Market: Array.from({ length: count }, (_, i) =>
    market(String(1000 + i), {
      createdAt: NOW - 10_000 + i,
      status: i % 10 === 0 ? 'SETTLED' : 'OPEN',
    }),
  ),
  Outcome: Array.from({ length: count }, (_, i) => outcome(String(1000 + i), 0, 601)),
})

/** Prices of a market at four times; the second outcome was listed later. */
export const prices = (_: Row, { outcomes = [0, 1] }: { outcomes?: readonly number[] }) => ({
  outcomes,
  points: [0, 1, 2, 3].map((i) => ({
    timestamp: NOW - 3600 + 1200 * i,
    block: String(1000 + i),
    prices: outcomes.map((number) =>
      number === 1 && i === 0 ? null : ai(number === 0 ? 334 + 89 * i : 200),
    ),
  })),
})
