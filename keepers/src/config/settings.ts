import { BACKEND_NAMES } from '@lockstep/repops'
import { z } from 'zod'
import {
  address,
  amount,
  count,
  digits,
  flag,
  id,
  kind,
  list,
  number,
  oneOf,
  optional,
  pairs,
  text,
  url,
} from './kinds.ts'
import { marketSettings } from './market-settings.ts'
import { setting } from './setting.ts'

const file = optional(text('the path of a file'))
const port = optional(count(0, 65535))
// Constants of StakeVault.sol and JobRegistry.sol: what is beyond them would revert, after the $AI was approved.
const MAX_COMMISSION_BPS = 9000
const MAX_SECONDS = 365 * 86_400
// More than two training steps of GPT-2 small. Fetching, planning and compiling one long chain of small nodes of this length
// on the fastest backend of the processor holds up the event loop for less than 50 ms (trace/planner.test.ts). Kernels of the
// reference compute in that thread, and may hold it up for longer.
export const MAX_JOB_NODES = 10_000
const urls = list(url, 'URLs')
const addresses = optional(list(address, 'addresses'))
const idList = list(id, 'ids')
const ids = optional(idList)
const contestIds = list(
  kind(
    'the id of a contest, in hex or decimal digits',
    z
      .string()
      .regex(/^(0x[0-9a-fA-F]{1,64}|\d{1,78})$/)
      .transform(BigInt),
  ),
  'ids',
)

/**
 * Every setting of every command, once: its flag, its help, its schema. The environment variable is
 * LOCKSTEP_ and the flag's name in capitals with underscores; in the JSON file it is the key below.
 * Flags come before the environment, the environment before the file.
 */
export const settings = {
  rpc: setting('--rpc <url>', 'JSON-RPC endpoint of the chain', url, 'http://127.0.0.1:8545'),
  witnessRpc: setting(
    '--witness-rpc <url>',
    'second endpoint that must agree on the chain before anything is decided',
    optional(url),
  ),
  deployment: setting(
    '--deployment <file>',
    "addresses of the contracts (default: the chain's entry in deployments/)",
    file,
  ),
  home: setting(
    '--home <folder>',
    'journal, work and artifacts of this keeper',
    text('the path of a folder'),
    '.lockstep',
  ),
  keyFile: setting(
    '--key-file <file>',
    'file with the private key (or set LOCKSTEP_PRIVATE_KEY)',
    file,
  ),
  logLevel: setting(
    '--log-level <level>',
    'trace, debug, info, warn, error or silent',
    oneOf(['trace', 'debug', 'info', 'warn', 'error', 'silent']),
    'info',
  ),
  pollSeconds: setting(
    '--poll-seconds <n>',
    'pause between two looks at the chain',
    number(0.05, 3600),
    2,
  ),
  confirmations: setting(
    '--confirmations <n>',
    'blocks on top of a transaction before it counts, its own included',
    count(1, 1000),
    1,
  ),
  maxFeeGwei: setting(
    '--max-fee-gwei <n>',
    'never pay more than this for a unit of gas',
    number(1e-9, 1_000_000),
    200,
  ),
  metricsPort: setting(
    '--metrics-port <port>',
    'OpenMetrics on 127.0.0.1 (0: any free port; none if left out)',
    port,
  ),
  servePort: setting(
    '--serve-port <port>',
    'share artifacts, and traces of the claims answered for, over HTTP (0: any free port; none if left out)',
    port,
  ),
  serveHost: setting(
    '--serve-host <address>',
    'address that --serve-port listens on',
    text('an address of this machine, such as 127.0.0.1'),
    '127.0.0.1',
  ),
  peers: setting(
    '--peer <url,…>',
    'HTTP stores to fetch artifacts and trace rows from; everything is verified',
    urls,
    [],
  ),
  maxArtifactMib: setting(
    '--max-artifact-mib <n>',
    'refuse single artifacts larger than this',
    count(1, 1 << 20),
    4096,
  ),
  maxJobMib: setting(
    '--max-job-mib <n>',
    'refuse jobs that take more than this: states, constants and outputs of one step on disk, or a step in memory',
    count(1, 1 << 20),
    16_384,
  ),
  maxJobNodes: setting(
    '--max-job-nodes <n>',
    'refuse jobs whose program has more nodes than this',
    count(1, 2 ** 31 - 1),
    MAX_JOB_NODES,
  ),
  keepDays: setting(
    '--keep-days <n>',
    'how long the files of own settled jobs stay for those who fetch the results',
    number(0, 36_500),
    30,
  ),
  backend: setting(
    '--backend <name>',
    `kernels that run the program: ${BACKEND_NAMES.join(', ')}`,
    oneOf(BACKEND_NAMES),
    'auto',
  ),
  threads: setting(
    '--threads <n>',
    'threads that share a kernel (default: as many as the process may use)',
    optional(count(1, 256)),
  ),
  vault: setting(
    '--vault <address>',
    'staking vault (of a solver: the one that backs the work)',
    optional(address),
  ),
  delegate: setting(
    '--delegate <address>',
    'account that may answer and act beside this one',
    optional(address),
  ),
  minReward: setting(
    '--min-reward <amount>',
    'take only jobs that pay at least this, in $AI',
    amount,
    '0',
  ),
  maxSteps: setting(
    '--max-steps <n>',
    'take only jobs of at most this many steps',
    count(1, 2 ** 31 - 1),
    2 ** 31 - 1,
  ),
  parallelJobs: setting(
    '--parallel-jobs <n>',
    'run at most this many jobs at the same time; more than one only if all of them fit their times',
    count(1, 1000),
    1,
  ),
  jobs: setting('--jobs <id,…>', 'only these jobs', ids),
  claims: setting('--claims <id,…>', 'only these claims', ids),
  contests: setting(
    '--contests <id,…|all>',
    'only these contests, or all (default: those that this account opened, and its own entries of which this home has secrets)',
    optional(kind(`all, or ${contestIds.wants}`, z.literal('all').or(contestIds.schema))),
  ),
  openers: setting('--openers <address,…>', 'only contests that these accounts opened', addresses),
  owner: setting(
    '--owner <address>',
    'account that owns the entry and what it earns (default: this one)',
    optional(address),
  ),
  hideProvenance: setting(
    '--hide-provenance',
    'do not tell which job the entry comes from',
    flag,
    false,
  ),
  entry: setting(
    '--model <file|root|job>',
    'what is entered: a safetensors file, the root of a tensor in the store, or a settled job that trained it',
    text('a file, a root or the number of a job'),
  ),
  submitters: setting('--submitters <address,…>', 'only jobs of these accounts', addresses),
  once: setting('--once', 'stop when there is nothing left to do', flag, false),
  amount: setting('--amount <amount>', 'how much $AI', amount),
  commissionBps: setting(
    '--commission-bps <n>',
    "operator's part of the vault's income, in basis points, if a vault is created",
    count(0, MAX_COMMISSION_BPS),
    1000,
  ),
  program: setting('--program <file>', 'program file', file),
  state: setting('--state <file>', 'initial state, safetensors', file),
  constants: setting('--constants <file>', 'constants, safetensors', file),
  model: setting(
    '--model <name>',
    'build a program by name instead: transformer, or judge, the judge of texts that ships',
    optional(oneOf(['transformer', 'judge'])),
  ),
  modelOptions: setting(
    '--model-options <key=value,…>',
    'options of the model',
    text('options such as layers=2,width=64'),
    '',
  ),
  text: setting('--text <file>', 'text that the model trains on', file),
  account: setting('--account <address>', 'also show what this account has', optional(address)),
  steps: setting('--steps <n>', 'how often the program runs', count(1, 2 ** 31 - 1)),
  interval: setting('--interval <n>', 'steps between checkpoints', count(1, 2 ** 16), 16),
  seed: setting(
    '--seed <n>',
    'seed of the random numbers that the program uses',
    kind(
      'a whole number below 2^64',
      z
        .union([z.bigint(), z.int(), z.string().regex(/^\d{1,20}$/)])
        .transform(BigInt)
        .pipe(
          z
            .bigint()
            .min(0n)
            .max(2n ** 64n - 1n),
        ),
    ),
    0n,
  ),
  reward: setting('--reward <amount>', 'what the job pays, in $AI', amount),
  stake: setting('--stake <amount>', 'stake that a solver must lock, in $AI', amount),
  workSeconds: setting(
    '--work-seconds <n>',
    'time from taking the job to the claim',
    count(1, MAX_SECONDS),
    3600,
  ),
  openSeconds: setting(
    '--open-seconds <n>',
    'time in which the job can be taken',
    count(1, MAX_SECONDS),
    86_400,
  ),
  uri: setting(
    '--uri <url>',
    'where others can fetch the artifacts (default: --serve-port)',
    optional(text('the URL of a store')),
  ),
  out: setting('--out <file>', 'write the receipt to this file', file),
  wait: setting('--wait', 'wait until the job is settled or has failed', flag, false),
  dims: setting(
    '--dim <name=length,…>',
    'lengths of the dimensions that the model leaves open',
    kind(
      'names with whole numbers from 1, such as batch=1,length=128',
      pairs.pipe(z.record(z.string(), digits.pipe(z.number().int().min(1)))),
    ),
    '',
  ),
  inputFiles: setting(
    '--input <name=file,…>',
    'inputs from safetensors files; others are random, by --seed',
    kind(
      'names of inputs with files, such as x=x.safetensors',
      pairs.pipe(z.record(z.string(), z.string())),
    ),
    '',
  ),
  runs: setting('--runs <n>', 'how often both run for their times', count(1, 10_000), 3),
  maxUlp: setting(
    '--max-ulp <n>',
    'the answer is no where an output is further apart, in units of the last place',
    optional(number(0)),
  ),
  maxAbs: setting(
    '--max-abs <x>',
    'the answer is no where an output is further apart',
    optional(number(0)),
  ),
  cheat: setting(
    '--cheat <step=…,node=…,element=…,bit=…>',
    'flip one bit of one result (devnets only: shows how a cheat is caught)',
    optional(text('step=…,node=…,element=…,bit=… with whole numbers')),
  ),
  withhold: setting(
    '--withhold <how>',
    'data: share no trace; late: answer at the last moment; silent: answer nothing (devnets only)',
    optional(oneOf(['data', 'late', 'silent'])),
  ),
  ...marketSettings,
} as const

export type SettingName = keyof typeof settings
export type Values<N extends SettingName> = { [K in N]: z.output<(typeof settings)[K]['schema']> }
