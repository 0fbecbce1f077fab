import { BACKEND_NAMES } from '@lockstep/repops'
import { count, file, folder, list, number, oneOf, optional, text, url } from './kinds.ts'
import { group, setting } from './setting.ts'

const port = optional(count(0, 65535))
// More than two training steps of GPT-2 small. Fetching, planning and compiling one long chain of small nodes of this length
// on the fastest backend of the processor holds up the event loop for less than 50 ms (trace/planner.test.ts). Kernels of the
// reference compute in that thread, and may hold it up for longer.
export const MAX_JOB_NODES = 10_000

/** Settings that many commands share, under the headings that they have in help. */
export const sharedSettings = {
  ...group('Chain:', {
    rpc: setting('--rpc <url>', 'JSON-RPC endpoint of the chain', url, 'http://127.0.0.1:8545'),
    witnessRpc: setting(
      '--witness-rpc <url>',
      'second endpoint that must agree on the chain before anything is decided',
      optional(url),
    ),
    deployment: setting(
      '--deployment <file>',
      "addresses of the contracts (default: the chain's entry in deployments/; of a devnet of this checkout, its file in .lockstep/devnet/)",
      optional(file),
    ),
  }),
  ...group('Account and transactions:', {
    keyFile: setting(
      '--key-file <file>',
      'private key, in hex or as an encrypted keystore (or set LOCKSTEP_PRIVATE_KEY)',
      optional(file),
    ),
    keyPassphraseFile: setting(
      '--key-passphrase-file <file>',
      'what opens an encrypted key file (or set LOCKSTEP_KEY_PASSPHRASE; asked for on a terminal)',
      optional(file),
    ),
    confirmations: setting(
      '--confirmations <blocks>',
      'blocks on top of a transaction before it counts, its own included',
      count(1, 1000),
      1,
    ),
    maxFeeGwei: setting(
      '--max-fee-gwei <gwei>',
      'never pay more than this for a unit of gas',
      number(1e-9, 1_000_000),
      200,
    ),
    pollSeconds: setting(
      '--poll-seconds <seconds>',
      'pause between two looks at the chain',
      number(0.05, 3600),
      2,
    ),
  }),
  ...group('Work and artifacts:', {
    home: setting(
      '--home <folder>',
      'journal, work and artifacts of this keeper; its config.json is read if there is one',
      folder,
      '.lockstep',
    ),
    peers: setting(
      '--peer <url,…>',
      'HTTP stores to fetch artifacts and trace rows from; everything is verified',
      list(url, 'URLs'),
      [],
    ),
    backend: setting(
      '--backend <name>',
      'kernels that run the program',
      oneOf(BACKEND_NAMES),
      'auto',
    ),
    threads: setting(
      '--threads <threads>',
      'threads that share a kernel (default: as many as the process may use)',
      optional(count(1, 256)),
    ),
    maxArtifactMib: setting(
      '--max-artifact-mib <MiB>',
      'refuse single artifacts larger than this',
      count(1, 1 << 20),
      4096,
    ),
    maxJobMib: setting(
      '--max-job-mib <MiB>',
      'refuse jobs that take more than this: states, constants and outputs of one step on disk, or a step in memory',
      count(1, 1 << 20),
      16_384,
    ),
    maxJobNodes: setting(
      '--max-job-nodes <nodes>',
      'refuse jobs whose program has more nodes than this',
      count(1, 2 ** 31 - 1),
      MAX_JOB_NODES,
    ),
  }),
  ...group('Serving and logs:', {
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
    metricsPort: setting(
      '--metrics-port <port>',
      'OpenMetrics, /health and /ready (0: any free port; none if left out)',
      port,
    ),
    metricsHost: setting(
      '--metrics-host <address>',
      'address that --metrics-port listens on',
      text('an address of this machine, such as 127.0.0.1'),
      '127.0.0.1',
    ),
    logLevel: setting(
      '--log-level <level>',
      'the least that is logged, on standard error',
      oneOf(['trace', 'debug', 'info', 'warn', 'error', 'silent']),
      'info',
    ),
  }),
} as const
