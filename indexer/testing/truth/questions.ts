import type { Objects } from './answers.ts'

type Variables = Readonly<Record<string, unknown>>

/** With which variables each document of the page is asked: of every object that there is, page by page of the lists. */
export function variablesOf(
  objects: Objects,
  chainId: number,
): Readonly<Record<string, readonly Variables[]>> {
  const ids = (type: string, name = 'id', more: Variables = {}): Variables[] =>
    objects[type].map(({ id }) => ({ [name]: String(id), ...more }))
  const some = (type: string, at = 0): string => String(objects[type][at].id)
  const pages = [{ first: 50 }, { first: 2 }]
  const where = (...filters: readonly object[]): Variables[] =>
    filters.map((filter) => ({ first: 3, where: filter }))
  return {
    Meta: [{}],
    Overview: [{ network: String(chainId) }],
    Job: ids('Job'),
    Origin: ids('Job', 'job'),
    Jobs: [
      ...pages,
      ...where(
        { status: 'OPEN' },
        { status_in: ['CLAIMED', 'SETTLED'], attemptCount_gt: 0 },
        { submitter: objects.Job[0].submitter },
        { operator: objects.Job[0].operator, or: [{ paid: null }, { paid_gt: '1' }] },
        { computation_: { steps_gte: '5' }, claim_: { isVoid: true } },
        { operator: null },
      ),
    ],
    Claim: ids('Claim'),
    Dispute: ids('Dispute'),
    Disputes: [
      ...pages,
      ...where(
        { status: 'WON' },
        { challenger: objects.Dispute[0].challenger, gas_gt: '1000000' },
        { claim_: { job_: { status: 'CLAIMED' } }, operator: null },
        { operator_contains_nocase: 'REDUCE' },
      ),
    ],
    Operator: ids('Operator'),
    Operators: ['earned', 'slashed', 'jobsSettled', 'claimsVoided', 'since'].map((orderBy) => ({
      first: 2,
      orderBy,
    })),
    Account: ids('Account'),
    Market: ids('Market', 'id', { outcomes: 20 }),
    Markets: [
      ...pages,
      ...where(
        { status: 'OPEN', isHalted: false },
        { contest: null },
        { series_: { isWoundUp: true } },
      ),
    ],
    Trades: ids('Market', 'id', { first: 4 }),
    Prices: objects.Market.flatMap(({ id, createdAt }) => [
      { id: String(id) },
      { id: String(id), from: Number(createdAt) + 1, outcomes: [1, 0] },
    ]),
    Positions: [
      ...objects.Market.map(({ id }) => ({ where: { market: String(id) }, first: 20 })),
      { where: { owner: some('Account', 1), shares_gt: '0' }, first: 3 },
      { where: { outcome_: { number_lt: 2 }, owner_: { trades_gt: 0 } }, first: 20 },
    ],
    Providers: ids('Market', 'market', { first: 5 }),
    Contest: ids('Contest'),
    Contests: [...pages, ...where({ verdict: 'VOID' }, { entrantCount_gt: 5 })],
    Evaluator: ids('Evaluator', 'id', { first: 1 }),
    Evaluations: ids('Contest', 'contest', { first: 5 }),
    Model: ids('Model'),
    Models: pages,
    OneSeries: ids('Series'),
    SeriesList: pages,
    Search: [
      ...[some('Job'), some('Dispute'), some('Market'), some('Series'), 'nothing', 'abcdef'],
      ...[some('Operator').toUpperCase().replace('0X', ''), some('Vault').slice(0, 9)],
      String(objects.Event[30].transaction).slice(0, 12),
    ].map((text) => ({ text })),
  }
}

/** Questions that the page does not ask: what is computed and goes by the clock, relations over several objects, pages within pages. */
export const BY_HAND: readonly string[] = [
  `{ jobs(first: 50) { nodes { id clock { waitsFor until secondsLeft } } }
     claims(first: 50) { nodes { id status } }
     markets(first: 50) { nodes { id isTrading secondsLeft outcomes { nodes { price probability } } } } }`,
  `{ disputes(where: { status: LIVE }) { nodes { id
       turn { side start deadline secondsLeft solverLeft challengerLeft } } } }`,
  `{ operators(orderBy: jobsTaken, orderDirection: desc) { totalCount nodes { id reliabilityBps active
       attempts(first: 1, where: { outcome_not: ABANDONED }, orderBy: takenAt, orderDirection: desc) {
         totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { id outcome } } }
       vault { free isClosed delegations(orderBy: shares) { nodes { assets owner { id balance operator { id } } } }
         exits { nodes { isVoid era } } } } } }`,
  `{ meta { chainId contracts isSynced version ageSeconds block { number timestamp } }
     networks { totalCount nodes { id jobsPosted jobsActive jobsSettled escrowed paid fees stepsSettled claims
       claimsVoided disputes disputesActive disputesWon disputesLost disputeGas operators staked locked slashed burned
       rewards contests models markets trades volume supply events updatedAt } } }`,
  `{ events(first: 30, where: { contract: "verde", dispute_: { status: WON } }, orderBy: timestamp, orderDirection: desc) {
       totalCount nodes { id name args job { id lifeline(first: 3) { totalCount nodes { id name } } } } } }`,
  `{ accounts(first: 5, orderBy: volume, orderDirection: desc) { nodes { id volume trades
       positions(first: 2, orderBy: paid, orderDirection: desc) { totalCount nodes { id value profit } }
       jobs(first: 1) { totalCount } } } }`,
  `{ seriesList(first: 2) { nodes { id terms epochs(first: 3) { nodes { number subsidy returned
       contest { id entrants(first: 4) { nodes { number owner { id } model { id } } } }
       market { id trades(first: 5) { nodes { side amount priceBefore priceAfter } } } } } } }
     baskets { nodes { id legs supply madeAt } } }`,
]

/** Lists that are walked page by page, by fields with equal values and without any. */
export const WALKS: readonly string[] = [
  'jobs(PAGE, orderBy: reward, orderDirection: desc, where: { attemptCount_gt: 0 })',
  'jobs(PAGE, orderBy: paid)',
  'disputes(PAGE, orderBy: admittedAt, orderDirection: desc)',
  'entrants(PAGE, orderBy: total, orderDirection: desc)',
  'operators(PAGE)',
  'positions(PAGE, orderBy: paid, where: { market_: { status_not: OPEN } })',
  'trades(PAGE, orderBy: timestamp, orderDirection: desc, where: { side: BUY })',
  'events(PAGE, orderBy: timestamp, where: { contract: "judge" })',
]
