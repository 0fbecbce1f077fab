import { WITH_PARENT } from '@lockstep/deployments/with-parent'
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { readSettings } from './config/settings.ts'
import { IndexerError } from './errors.ts'
import { chainName, tablesName } from './identity.ts'
import { chainIdOf, checkChain, checkFolder, checkPostgres, freePort } from './preflight.ts'

export interface IndexerOptions {
  /** Of a node of the deployment's chain. */
  readonly rpcUrl: string
  /** Or the chain's id, for its entry in deployments/, which it is if nothing is said. */
  readonly deploymentFile?: string
  /** Of 127.0.0.1; default any free one. */
  readonly port?: number
  /** Folder for the files of PGlite; default .lockstep/indexer/<chain id>. */
  readonly home?: string
  /** PostgreSQL instead. */
  readonly databaseUrl?: string
  /** Milliseconds between looks for a new block; default 500. */
  readonly pollingInterval?: number
  /** Ends it, also while it starts. */
  readonly signal?: AbortSignal
  /** Sees every line of the indexer's log. */
  readonly log?: (line: LogLine) => void
}

export interface LogLine {
  readonly level: string
  readonly msg: string
  readonly [field: string]: unknown
}

export interface Indexer {
  /** Base of its addresses; GraphQL is at /graphql. */
  readonly url: string
  /** PostgreSQL's schema of the tables. */
  readonly schema: string
  /** Of its process. */
  readonly pid: number
  /** The exit code, once its process has ended, by `stop` or by itself. */
  readonly ended: Promise<number | null>
  /** Ends the process and waits until it is gone. */
  stop(): Promise<void>
}

const FOLDER = dirname(fileURLToPath(import.meta.url))
const REQUIRE = createRequire(import.meta.url)
// The package exports neither its program nor its folder.
export const PONDER = REQUIRE.resolve
  .paths('ponder')!
  .map((folder) => join(folder, 'ponder', 'dist', 'esm', 'bin', 'ponder.js'))
  .find(existsSync)!
const PRELOADS = [
  WITH_PARENT,
  ...['unlocks-tables', 'writes-nothing'].map((one) => new URL(`bin/${one}.mjs`, import.meta.url)),
].flatMap((file) => ['--import', String(file)])
/** Most of what the backfill makes is garbage at once: with Node's usual 16 MiB for the young, it is copied often. */
const YOUNG = '--max-semi-space-size=128'
const START_SECONDS = 120
const SILENCE = 'it said nothing'

/**
 * Starts the indexer as a process of its own, and waits until its GraphQL answers; it may have read little of the
 * chain by then (`meta.isSynced`). It ends with `stop`, or with this process, even one that is killed.
 * Throws an IndexerError that says what to do, or a DeploymentError for the deployment.
 */
export async function startIndexer(options: IndexerOptions): Promise<Indexer> {
  const { rpcUrl, deploymentFile, databaseUrl, pollingInterval, signal, log } = options
  const said = {
    ...process.env,
    LOCKSTEP_DEPLOYMENT: deploymentFile ?? String(await chainIdOf(rpcUrl)),
    LOCKSTEP_RPC: rpcUrl,
    ...(pollingInterval === undefined ? {} : { LOCKSTEP_POLL_MS: String(pollingInterval) }),
  }
  const { deployment } = readSettings(said)
  const chain = chainName(deployment, await checkChain(rpcUrl, deployment))
  const base = resolve(options.home ?? join('.lockstep', 'indexer', String(deployment.chainId)))
  const home = join(base, chain)
  if (databaseUrl === undefined) checkFolder(home)
  else await checkPostgres(databaseUrl)
  const port = await freePort(options.port ?? 0)
  signal?.throwIfAborted()

  const schema = tablesName(chain)
  const command = [
    ...[YOUNG, ...PRELOADS, PONDER, 'start', '--root', FOLDER, '--log-format', 'json'],
    ...['--hostname', '127.0.0.1', '--port', String(port), '--schema', schema],
  ]
  const child = spawn(process.execPath, command, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      ...said,
      PONDER_TELEMETRY_DISABLED: '1',
      LOCKSTEP_INDEXER_HOME: home,
      DATABASE_URL: databaseUrl ?? '',
      DATABASE_PRIVATE_URL: '',
      PORT: String(port),
    },
  })
  const ended = new Promise<number | null>((done) => child.once('exit', done))
  child.stdin.on('error', () => undefined) // it ended first
  const stop = async (): Promise<void> => {
    child.stdin.end()
    await ended
  }
  signal?.addEventListener('abort', () => void stop(), { once: true })

  let complaint = SILENCE
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (text) => {
      const line = parse(text)
      // The last that says why: how it then ended is of no use.
      const isComplaint = line.level === 'error' || line.level === 'fatal'
      if (isComplaint && (line.error !== undefined || complaint === SILENCE)) complaint = say(line)
      log?.(line)
    })
  }
  const url = `http://127.0.0.1:${port}`
  const isGone = (): boolean => child.exitCode !== null || child.signalCode !== null
  const deadline = Date.now() + START_SECONDS * 1000
  while (!(await answers(url))) {
    if (isGone() || Date.now() > deadline) {
      const why = isGone()
        ? `the indexer ended: ${complaint}`
        : `the indexer does not answer after ${START_SECONDS} seconds: ${complaint}`
      await stop()
      signal?.throwIfAborted()
      throw new IndexerError('failed', why)
    }
    await new Promise((next) => setTimeout(next, 50))
  }
  return { url, schema, pid: child.pid!, ended, stop }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ __typename }' }),
      signal: AbortSignal.timeout(2_000),
    })
    return response.ok
  } catch {
    return false
  }
}

/** Of Ponder's log. */
const LEVELS: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
}

function parse(text: string): LogLine {
  try {
    const line = JSON.parse(text) as Partial<LogLine>
    if (typeof line.msg === 'string') {
      return { ...line, level: LEVELS[Number(line.level)] ?? 'info', msg: line.msg }
    }
  } catch {
    // Not of the log: whatever the runtime says.
  }
  return { level: 'info', msg: text }
}

function say({ msg, error }: LogLine): string {
  const why = (error as { message?: string } | undefined)?.message
  return why === undefined ? msg : `${msg}: ${why.split('\n')[0]}`
}
