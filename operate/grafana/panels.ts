/** One line of a graph, or one figure. */
export interface Query {
  /** PromQL; `{}` stands for the selector of its row, so that an expression serves wherever it is shown. */
  readonly expr: string
  /** Name of the series, with `{{label}}` for the value of a label. */
  readonly legend: string
}

/** What Grafana calls a unit: https://grafana.com/docs/grafana/latest/panels-visualizations/configure-standard-options */
export type Unit =
  | 'short'
  | 'none'
  | 's'
  | 'ms'
  | 'bytes'
  | 'percentunit'
  | 'ops'
  | 'reqps'
  | 'dateTimeFromNow'
  | 'bool_yes_no'
  | 'suffix:Eth'
  | 'suffix:$AI'
  | 'suffix:gas'

export interface Panel {
  readonly title: string
  /** What it shows and when it is wrong, for whoever sees it for the first time. */
  readonly description: string
  readonly unit: Unit
  readonly queries: readonly Query[]
  /** A graph over time, or the newest figures. */
  readonly kind?: 'timeseries' | 'stat'
  /** Figures from which on it turns orange and red; `below`: towards zero. */
  readonly limits?: { readonly warn: number; readonly bad: number; readonly below?: boolean }
}

export interface Row {
  readonly title: string
  /** Matchers of every series of the row. */
  readonly selector: string
  readonly panels: readonly Panel[]
}

const BY_ROLE = '{{role}} {{instance}}'

const graph = (
  title: string,
  unit: Unit,
  description: string,
  expr: string,
  legend = BY_ROLE,
  ...more: readonly (readonly [expr: string, legend: string])[]
): Panel => ({
  title,
  unit,
  description,
  queries: [{ expr, legend }, ...more.map(([expr, legend]) => ({ expr, legend }))],
})

const keeper = (role: string) => `role="${role}", instance=~"$instance"`

const transactions = graph(
  'Transactions',
  'short',
  'Transactions by how they ended. A refused one is planned anew from the chain; a superseded one means that another process sends with the same key.',
  'sum by (move, outcome) (increase(lockstep_transactions_total{}[$__rate_interval]))',
  '{{move}} {{outcome}}',
)
const ownDeadline: Panel = {
  ...graph(
    'Left for own moves',
    's',
    'Time until the first move that this keeper owes is too late. Nothing is shown while nothing is due. At zero the dispute is lost.',
    'lockstep_own_deadline_seconds{} - time()',
  ),
  limits: { warn: 7200, bad: 1800, below: true },
}
const disputes = graph(
  'Open disputes',
  'short',
  'Disputes of this keeper that are not decided, by whose move is due; none: queued behind others.',
  'sum by (turn) (lockstep_disputes_open{})',
  '{{turn}}',
)
const decided = graph(
  'Disputes decided',
  'short',
  'How disputes ended for this keeper since its start. One lost costs the bond of a challenger, the stake of a solver.',
  'sum by (outcome) (lockstep_disputes_decided_total{})',
  '{{outcome}}',
)
const claims = (what: string) =>
  graph('Open claims', 'short', what, 'lockstep_claims_open{}', '{{instance}}')
const steps = graph(
  'Steps of programs',
  'ops',
  'Steps that are run in a second: for jobs, for checks and for answers in disputes.',
  'rate(lockstep_program_steps_total{}[$__rate_interval])',
  '{{instance}}',
)
const requests = graph(
  'Requests for artifacts',
  'reqps',
  'Answers of --serve-port by status; 503 says that too many ask at once.',
  'sum by (status) (rate(lockstep_http_requests_total{}[$__rate_interval]))',
  '{{status}}',
)
const lostDevices: Panel = {
  ...graph(
    'Devices lost',
    'short',
    'GPUs that are gone since the start; the processor does their work until a restart.',
    'sum by (instance, backend) (lockstep_devices_lost_total{})',
    '{{backend}} {{instance}}',
  ),
  limits: { warn: 1, bad: 1 },
}

const overview: Row = {
  title: 'Overview',
  selector: 'instance=~"$instance"',
  panels: [
    {
      ...graph(
        'Processes down',
        'short',
        'Targets that do not answer, of the roles and of the indexer.',
        'count(up{job=~"lockstep.*"} == 0) or vector(0)',
        'down',
      ),
      kind: 'stat',
      limits: { warn: 1, bad: 1 },
    },
    {
      ...graph(
        'Ready',
        'bool_yes_no',
        'Whether the last look of a role at the chain ended well (/ready).',
        'lockstep_ready{}',
      ),
      kind: 'stat',
      limits: { warn: 0.5, bad: 0.5, below: true },
    },
    {
      ...graph(
        'Age of the head',
        's',
        'Time since the newest block that a role has seen. It grows while the chain halts, the endpoint is behind, or the role hangs.',
        'time() - lockstep_head_time_seconds{}',
      ),
      limits: { warn: 60, bad: 120 },
    },
    ownDeadline,
    {
      ...graph(
        'Ether',
        'suffix:Eth',
        'Ether of the account that signs, read once a minute.',
        'lockstep_balance_ether{}',
      ),
    },
    graph(
      'Ether spent in a day',
      'suffix:Eth',
      'Fees of mined transactions in the last 24 hours: gas, and on an OP Stack chain the data on L1.',
      'sum by (role, kind) (increase(lockstep_fees_ether_total{}[1d]))',
      '{{role}} {{kind}}',
    ),
    graph(
      'Gas by move',
      'suffix:gas',
      'Gas that mined transactions used, by move.',
      'sum by (move) (increase(lockstep_gas_total{}[$__rate_interval]))',
      '{{move}}',
    ),
    transactions,
    {
      ...graph(
        'Age of the open transaction',
        's',
        'How long the transaction that is being sent has been under way; every 45 s it is replaced at a higher fee.',
        'time() - lockstep_transaction_open_since_seconds{}',
      ),
      limits: { warn: 120, bad: 300 },
    },
    graph(
      'Replacements',
      'short',
      'Transactions that were sent again at a higher fee: many mean that fees are above what is offered.',
      'increase(lockstep_replacements_total{}[$__rate_interval])',
    ),
    graph(
      'Failures by code',
      'ops',
      'What went wrong in looks at the chain, by the code of the error. The log has the line to each.',
      'sum by (role, code) (rate(lockstep_tick_failures_total{}[$__rate_interval]))',
      '{{role}} {{code}}',
    ),
    graph(
      'Looks at the chain',
      'ops',
      'How often each role looks; none for minutes means that it hangs.',
      'rate(lockstep_ticks_total{}[$__rate_interval])',
    ),
    graph(
      'Head block',
      'none',
      'Newest block that each role has seen; they should lie on one line.',
      'lockstep_head_block{}',
    ),
    graph(
      'Heads that went back',
      'short',
      'Looks that found an older head than the one before: a reorganisation, or an endpoint that fell behind.',
      'increase(lockstep_head_regressions_total{}[$__rate_interval])',
    ),
    {
      ...graph(
        'Disk left',
        'percentunit',
        'Part of the disk of the home that is free. Runs keep a state at every checkpoint.',
        'lockstep_home_free_bytes{} / lockstep_home_disk_bytes{}',
      ),
      limits: { warn: 0.15, bad: 0.05, below: true },
    },
    graph('Memory', 'bytes', 'Resident memory of each process.', 'process_resident_memory_bytes{}'),
    graph(
      'Processors',
      'short',
      'Processors that each process keeps busy.',
      'rate(process_cpu_seconds_total{}[$__rate_interval])',
    ),
    graph(
      'Event loop, 99th percentile',
      's',
      'How late the event loop is. Above 50 ms a kernel or a plan holds it up, and moves wait.',
      'nodejs_eventloop_lag_p99_seconds{}',
    ),
  ],
}

const roles: readonly Row[] = [
  {
    title: 'Solver',
    selector: keeper('solver'),
    panels: [
      graph(
        'Jobs',
        'short',
        'Jobs that are taken and not yet claimed, and own claims that are not decided.',
        'lockstep_jobs_running{}',
        'running {{instance}}',
        ['lockstep_claims_open{}', 'claimed {{instance}}'],
      ),
      steps,
      graph(
        'Stake',
        'suffix:$AI',
        'What is in the vault, and what of it no lock holds. A job is taken only if what is free covers its stake.',
        'lockstep_stake_ai{}',
        'all {{instance}}',
        ['lockstep_stake_free_ai{}', 'free {{instance}}'],
      ),
      graph(
        'Claims decided',
        'short',
        'Own claims since the start: upheld and paid, or void and slashed.',
        'sum by (outcome) (lockstep_claims_decided_total{})',
        '{{outcome}}',
      ),
      disputes,
      ownDeadline,
      decided,
      lostDevices,
      requests,
    ],
  },
  {
    title: 'Challenger',
    selector: keeper('challenger'),
    panels: [
      claims('Claims that are watched and not over.'),
      graph(
        'Claims checked',
        'short',
        'Claims that were run again since the start, by what came out.',
        'sum by (verdict) (lockstep_claims_checked_total{})',
        '{{verdict}}',
      ),
      graph(
        'Claims out of reach',
        'short',
        'Claims whose window ended unchecked, and claims that this machine is too slow for. Any is one too many.',
        'lockstep_claims_missed_total{}',
        'missed {{instance}}',
        ['sum by (what) (lockstep_claims_too_slow_total{})', 'too slow: {{what}}'],
      ),
      steps,
      disputes,
      ownDeadline,
      decided,
      lostDevices,
    ],
  },
  {
    title: 'Defender',
    selector: keeper('defender'),
    panels: [
      claims('Claims that name this account as their delegate and are not decided.'),
      {
        ...graph(
          'Claims undefended',
          'short',
          'Claims that disagree with the own run, so nobody answers for them: one of the two machines is wrong.',
          'lockstep_claims_undefended_total{}',
          '{{instance}}',
        ),
        limits: { warn: 1, bad: 1 },
      },
      steps,
      disputes,
      ownDeadline,
      decided,
    ],
  },
  {
    title: 'Evaluator',
    selector: keeper('evaluator'),
    panels: [
      graph(
        'Contests',
        'short',
        'Contests that are watched and not over.',
        'lockstep_contests{}',
        '{{instance}}',
      ),
      graph(
        'Evaluations without a score',
        'short',
        'Evaluations that were paid for and whose score cannot be opened in their result.',
        'lockstep_evaluations_unreportable_total{}',
        '{{instance}}',
      ),
      transactions,
    ],
  },
  {
    title: 'Attester',
    selector: keeper('attest'),
    panels: [
      {
        ...graph(
          'Serving',
          'bool_yes_no',
          'Whether artifacts are served and requests are answered.',
          'lockstep_ready{}',
          '{{instance}}',
        ),
        kind: 'stat',
        limits: { warn: 0.5, bad: 0.5, below: true },
      },
      requests,
    ],
  },
  {
    title: 'Market maker',
    selector: keeper('market-maker'),
    panels: [
      graph(
        'Worst loss',
        'suffix:$AI',
        'What would be lost if the worst happened in every market, and what may be lost at most. At the limit it only sells.',
        'lockstep_market_worst_loss_ai{}',
        'worst {{instance}}',
        ['lockstep_market_max_loss_ai{}', 'limit {{instance}}'],
      ),
      graph(
        'Trades',
        'short',
        'Trades that this account made, by side.',
        'sum by (side) (increase(lockstep_market_trades_total{}[$__rate_interval]))',
        '{{side}}',
      ),
      transactions,
    ],
  },
  {
    title: 'Market keeper',
    selector: keeper('market-keeper'),
    panels: [
      graph(
        'Markets settled',
        'short',
        'Markets that this keeper settled or voided since its start.',
        'lockstep_markets_resolved_total{}',
        '{{instance}}',
      ),
      graph(
        'Steps of series',
        'short',
        'Steps that it took of perpetual series, since its start.',
        'sum by (step) (lockstep_series_steps_total{})',
        '{{step}}',
      ),
      graph(
        'Redeemed',
        'suffix:$AI',
        '$AI that markets paid to this account, for positions and as fees.',
        'sum by (for) (lockstep_market_redeemed_ai_total{})',
        '{{for}}',
      ),
      transactions,
    ],
  },
]

const indexer: Row = {
  title: 'Indexer',
  selector: 'instance=~"$instance"',
  panels: [
    {
      ...graph(
        'Behind the chain',
        's',
        'Time since the newest block that is in the tables. It grows while the chain halts, the endpoint is behind or indexing hangs.',
        'time() - ponder_sync_block_timestamp{}',
        '{{chain}}',
      ),
      limits: { warn: 60, bad: 300 },
    },
    graph(
      'Block',
      'none',
      'Newest block that is synced. It goes back where a reorganisation is rolled back.',
      'ponder_sync_block{}',
      '{{chain}}',
    ),
    {
      ...graph(
        'Live',
        'bool_yes_no',
        'No: it still reads what lies in the past.',
        'ponder_sync_is_realtime{}',
        '{{chain}}',
      ),
      kind: 'stat',
    },
    graph(
      'History read',
      'percentunit',
      'Part of the past that is indexed, in time of the chain.',
      '(ponder_historical_cached_indexing_seconds{} + ponder_historical_completed_indexing_seconds{}) / ponder_historical_total_indexing_seconds{}',
      '{{chain}}',
    ),
    graph(
      'Events',
      'ops',
      'Events that become rows in a second, by event.',
      'sum by (event) (rate(ponder_indexing_completed_events{}[$__rate_interval]))',
      '{{event}}',
    ),
    graph(
      'From block to row, 95th percentile',
      'ms',
      'Time from receiving a block to having it in the tables, and from its making to receiving it.',
      'histogram_quantile(0.95, sum by (le) (rate(ponder_realtime_latency_bucket{}[$__rate_interval])))',
      'processing',
      [
        'histogram_quantile(0.95, sum by (le) (rate(ponder_realtime_block_arrival_latency_bucket{}[$__rate_interval])))',
        'arrival',
      ],
    ),
    graph(
      'Queries',
      'reqps',
      'Requests of GraphQL and the rest of its server, by path and status.',
      'sum by (path, status) (rate(ponder_http_server_request_duration_ms_count{}[$__rate_interval]))',
      '{{path}} {{status}}',
    ),
    graph(
      'Answer time, 95th percentile',
      'ms',
      'How long answers of its server take, by path.',
      'histogram_quantile(0.95, sum by (le, path) (rate(ponder_http_server_request_duration_ms_bucket{}[$__rate_interval])))',
      '{{path}}',
    ),
    graph(
      'RPC time, 95th percentile',
      'ms',
      'How long the endpoint takes, by method.',
      'histogram_quantile(0.95, sum by (le, method) (rate(ponder_rpc_request_duration_bucket{}[$__rate_interval])))',
      '{{method}}',
    ),
    graph(
      'RPC errors',
      'ops',
      'Requests that the endpoint failed, by method; they are tried again.',
      'sum by (method) (rate(ponder_rpc_request_error_total{}[$__rate_interval]))',
      '{{method}}',
    ),
    graph(
      'Database errors',
      'ops',
      'Operations on the database that failed.',
      'sum by (method) (rate(ponder_database_method_error_total{}[$__rate_interval]))',
      '{{method}}',
    ),
  ],
}

/** The rows of the dashboard, from above. */
export const rows: readonly Row[] = [overview, ...roles, indexer]
