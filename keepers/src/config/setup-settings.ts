import { count, flag, number, oneOf, optional, url } from './kinds.ts'
import { setting } from './setting.ts'

/** Roles that a keeper can be set up for. */
export const KEEPER_ROLES = [
  'solver',
  'challenger',
  'defender',
  'evaluator',
  'attest',
  'market-maker',
  'market-keeper',
] as const

const port = count(0, 65535)

/** Settings of what sets up, checks and runs a network. */
export const setupSettings = {
  role: setting('--role <name>', 'what the keeper is to do', oneOf(KEEPER_ROLES), 'solver'),
  yes: setting('--yes', 'ask nothing: flags, environment and defaults say all', flag, false),
  unencrypted: setting(
    '--unencrypted',
    'write the key as plain hex, readable by this account only, without a passphrase',
    flag,
    false,
  ),
  indexer: setting('--indexer <url>', "GraphQL endpoint of the network's indexer", optional(url)),
  timeoutSeconds: setting(
    '--timeout-seconds <seconds>',
    'how long one check may take',
    number(0.1, 600),
    10,
  ),
  rpcPort: setting('--rpc-port <port>', 'port of the chain (0: any free one)', port, 8545),
  indexerPort: setting(
    '--indexer-port <port>',
    'port of the indexer (0: any free one)',
    port,
    42069,
  ),
  pagePort: setting('--page-port <port>', 'port of the page (0: any free one)', port, 8080),
  realTime: setting(
    '--real-time',
    "leave the chain's clock alone: challenge windows last as long as they say",
    flag,
    false,
  ),
} as const
