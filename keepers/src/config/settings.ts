import { z } from 'zod'
import {
  address,
  amount,
  count,
  digits,
  file as filePath,
  flag,
  id,
  kind,
  list,
  number,
  oneOf,
  optional,
  pairs,
  text,
} from './kinds.ts'
import { marketSettings } from './market-settings.ts'
import { setting } from './setting.ts'
import { setupSettings } from './setup-settings.ts'
import { sharedSettings } from './shared-settings.ts'

const file = optional(filePath)
// Constants of StakeVault.sol and JobRegistry.sol: what is beyond them would revert, after the $AI was approved.
const MAX_COMMISSION_BPS = 9000
const MAX_SECONDS = 365 * 86_400
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
  ...sharedSettings,
  keepDays: setting(
    '--keep-days <days>',
    'how long the files of own settled jobs stay for those who fetch the results',
    number(0, 36_500),
    30,
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
    '--min-reward <$AI>',
    'take only jobs that pay at least this, in $AI',
    amount,
    '0',
  ),
  maxSteps: setting(
    '--max-steps <steps>',
    'take only jobs of at most this many steps',
    count(1, 2 ** 31 - 1),
    2 ** 31 - 1,
  ),
  parallelJobs: setting(
    '--parallel-jobs <jobs>',
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
  amount: setting('--amount <$AI>', 'how much $AI is moved', amount),
  commissionBps: setting(
    '--commission-bps <bps>',
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
  steps: setting('--steps <steps>', 'how often the program runs', count(1, 2 ** 31 - 1)),
  interval: setting('--interval <steps>', 'steps between checkpoints', count(1, 2 ** 16), 16),
  seed: setting(
    '--seed <number>',
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
  reward: setting('--reward <$AI>', 'what the job pays, in $AI', amount),
  stake: setting('--stake <$AI>', 'stake that a solver must lock, in $AI', amount),
  workSeconds: setting(
    '--work-seconds <seconds>',
    'time from taking the job to the claim',
    count(1, MAX_SECONDS),
    3600,
  ),
  openSeconds: setting(
    '--open-seconds <seconds>',
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
  runs: setting('--runs <runs>', 'how often both run for their times', count(1, 10_000), 3),
  maxUlp: setting(
    '--max-ulp <ULP>',
    'the answer is no where an output is further apart, in units of the last place',
    optional(number(0)),
  ),
  maxAbs: setting(
    '--max-abs <difference>',
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
  ...setupSettings,
} as const

export type SettingName = keyof typeof settings
export type Values<N extends SettingName> = { [K in N]: z.output<(typeof settings)[K]['schema']> }
