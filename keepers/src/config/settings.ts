import { BACKEND_NAMES } from '@lockstep/repops'
import { z } from 'zod'

const hexAddress = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/, 'wants an address (0x and 40 hex digits)')
  .transform((text) => text as `0x${string}`)
const url = z.url({ protocol: /^https?$/, error: 'wants an http or https URL' })
const count = (least: number, most: number) =>
  z.coerce.number(`wants a number`).int('wants a whole number').min(least).max(most)
const port = count(0, 65535)
// Constants of StakeVault.sol and JobRegistry.sol: what is beyond them would revert, after the $AI was approved.
const MAX_COMMISSION_BPS = 9000
const MAX_SECONDS = 365 * 86_400
// More than two training steps of GPT-2 small. Fetching, planning and compiling one long chain of small nodes of this length
// on the fastest backend of the processor holds up the event loop for less than 50 ms (trace/planner.test.ts). Kernels of the
// reference compute in that thread, and may hold it up for longer.
export const MAX_JOB_NODES = 10_000
/** An amount with decimals, such as 12.5, in units of 10^18. */
const amount = z.string().regex(/^\d{1,30}(\.\d{1,18})?$/, 'wants an amount such as 1000 or 12.5')
const urlList = z
  .union([z.string().transform((text) => text.split(',').filter(Boolean)), z.array(z.string())])
  .pipe(z.array(url))
const addressList = z
  .union([z.string().transform((text) => text.split(',').filter(Boolean)), z.array(z.string())])
  .pipe(z.array(hexAddress))
const ids = z
  .union([z.string().transform((text) => text.split(',').filter(Boolean)), z.array(z.any())])
  .pipe(z.array(z.coerce.bigint('wants whole numbers').refine((id) => id >= 0n)))

/** Values by name, such as batch=1,length=8. */
const pairs = z
  .union([
    z.string().transform((text) =>
      Object.fromEntries(
        text
          .split(',')
          .filter(Boolean)
          .map((pair) => [
            pair.slice(0, pair.lastIndexOf('=')),
            pair.slice(pair.lastIndexOf('=') + 1),
          ]),
      ),
    ),
    z.record(z.string(), z.any()),
  ])
  .refine((found) => !('' in found), 'wants name=value')

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
    url.optional(),
  ),
  deployment: setting(
    '--deployment <file>',
    "addresses of the contracts (default: the chain's entry in deployments/)",
    z.string().optional(),
  ),
  home: setting(
    '--home <folder>',
    'journal, work and artifacts of this keeper',
    z.string(),
    '.lockstep',
  ),
  keyFile: setting(
    '--key-file <file>',
    'file with the private key (or set LOCKSTEP_PRIVATE_KEY)',
    z.string().optional(),
  ),
  logLevel: setting(
    '--log-level <level>',
    'trace, debug, info, warn, error or silent',
    z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']),
    'info',
  ),
  pollSeconds: setting(
    '--poll-seconds <n>',
    'pause between two looks at the chain',
    z.coerce.number('wants a number').min(0.05).max(3600),
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
    z.coerce.number('wants a number').positive().max(1_000_000),
    200,
  ),
  metricsPort: setting(
    '--metrics-port <port>',
    'OpenMetrics on 127.0.0.1 (0: any free port; none if left out)',
    port.optional(),
  ),
  servePort: setting(
    '--serve-port <port>',
    'share artifacts, and traces of the claims answered for, over HTTP (0: any free port; none if left out)',
    port.optional(),
  ),
  serveHost: setting(
    '--serve-host <address>',
    'address that --serve-port listens on',
    z.string(),
    '127.0.0.1',
  ),
  peers: setting(
    '--peer <url,…>',
    'HTTP stores to fetch artifacts and trace rows from; everything is verified',
    urlList,
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
    z.coerce.number('wants a number').min(0).max(36_500),
    30,
  ),
  backend: setting(
    '--backend <name>',
    `kernels that run the program: ${BACKEND_NAMES.join(', ')}`,
    z
      .string()
      .refine(
        (name) => BACKEND_NAMES.includes(name),
        `it must be one of ${BACKEND_NAMES.join(', ')}`,
      ),
    'auto',
  ),
  threads: setting(
    '--threads <n>',
    'threads that share a kernel (default: as many as the process may use)',
    count(1, 256).optional(),
  ),
  vault: setting(
    '--vault <address>',
    'staking vault (of a solver: the one that backs the work)',
    hexAddress.optional(),
  ),
  delegate: setting(
    '--delegate <address>',
    'account that may answer and act beside this one',
    hexAddress.optional(),
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
  jobs: setting('--jobs <id,…>', 'only these jobs', ids.optional()),
  claims: setting('--claims <id,…>', 'only these claims', ids.optional()),
  contests: setting(
    '--contests <id,…|all>',
    'only these contests, or all (default: those that this account opened or entered, or this home has secrets of)',
    z.literal('all').or(ids).optional(),
  ),
  openers: setting(
    '--openers <address,…>',
    'only contests that these accounts opened',
    addressList.optional(),
  ),
  owner: setting(
    '--owner <address>',
    'account that owns the entry and what it earns (default: this one)',
    hexAddress.optional(),
  ),
  hideProvenance: setting(
    '--hide-provenance',
    'do not tell which job the entry comes from',
    z.stringbool().or(z.boolean()),
    false,
  ),
  entry: setting(
    '--model <file|root|job>',
    'what is entered: a safetensors file, the root of a tensor in the store, or a settled job that trained it',
    z.string('name a file, a root or a job'),
  ),
  submitters: setting(
    '--submitters <address,…>',
    'only jobs of these accounts',
    addressList.optional(),
  ),
  once: setting(
    '--once',
    'stop when there is nothing left to do',
    z.stringbool().or(z.boolean()),
    false,
  ),
  amount: setting('--amount <amount>', 'how much $AI', amount),
  commissionBps: setting(
    '--commission-bps <n>',
    "operator's part of the vault's income, in basis points, if a vault is created",
    count(0, MAX_COMMISSION_BPS),
    1000,
  ),
  program: setting('--program <file>', 'program file', z.string().optional()),
  state: setting('--state <file>', 'initial state, safetensors', z.string().optional()),
  constants: setting('--constants <file>', 'constants, safetensors', z.string().optional()),
  model: setting(
    '--model <name>',
    'build a program by name instead: transformer',
    z.string().optional(),
  ),
  modelOptions: setting('--model-options <key=value,…>', 'options of the model', z.string(), ''),
  text: setting('--text <file>', 'text that the transformer trains on', z.string().optional()),
  account: setting('--account <address>', 'also show what this account has', hexAddress.optional()),
  steps: setting('--steps <n>', 'how often the program runs', count(1, 2 ** 31 - 1)),
  interval: setting('--interval <n>', 'steps between checkpoints', count(1, 2 ** 16), 16),
  seed: setting(
    '--seed <n>',
    'seed of the random numbers that the program uses',
    z.coerce.bigint('wants a whole number').refine((n) => n >= 0n && n < 2n ** 64n, 'below 2^64'),
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
    z.string().optional(),
  ),
  out: setting('--out <file>', 'write the receipt to this file', z.string().optional()),
  wait: setting(
    '--wait',
    'wait until the job is settled or has failed',
    z.stringbool().or(z.boolean()),
    false,
  ),
  dims: setting(
    '--dim <name=length,…>',
    'lengths of the dimensions that the model leaves open',
    pairs.pipe(
      z.record(z.string(), z.coerce.number('wants a number').int('wants a whole number').min(1)),
    ),
    '',
  ),
  inputFiles: setting(
    '--input <name=file,…>',
    'inputs from safetensors files; others are random, by --seed',
    pairs.pipe(z.record(z.string(), z.string())),
    '',
  ),
  runs: setting('--runs <n>', 'how often both run for their times', count(1, 10_000), 3),
  maxUlp: setting(
    '--max-ulp <n>',
    'the answer is no where an output is further apart, in units of the last place',
    z.coerce.number('wants a number').min(0).optional(),
  ),
  maxAbs: setting(
    '--max-abs <x>',
    'the answer is no where an output is further apart',
    z.coerce.number('wants a number').min(0).optional(),
  ),
  cheat: setting(
    '--cheat <step=…,node=…,element=…,bit=…>',
    'flip one bit of one result (devnets only: shows how a cheat is caught)',
    z.string().optional(),
  ),
  withhold: setting(
    '--withhold <how>',
    'data: share no trace; late: answer at the last moment; silent: answer nothing (devnets only)',
    z.enum(['data', 'late', 'silent']).optional(),
  ),
} as const

export interface Setting<S extends z.ZodType = z.ZodType> {
  readonly flag: string
  readonly help: string
  readonly schema: S
  readonly fallback: unknown
}

export type SettingName = keyof typeof settings
export type Values<N extends SettingName> = { [K in N]: z.output<(typeof settings)[K]['schema']> }

function setting<S extends z.ZodType>(
  flag: string,
  help: string,
  schema: S,
  fallback?: z.input<S>,
): Setting<S> {
  return { flag, help, schema, fallback }
}
