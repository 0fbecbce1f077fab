import { join } from 'node:path'
import { type Deployment, loadDeployment, withoutSecrets } from '@lockstep/deployments'
import { IndexerError } from '../errors.ts'

/** Environment that `ponder.config.ts` reads. `indexer/start.ts` sets what it is told. */
export interface Settings {
  readonly deployment: Deployment
  readonly rpcUrl: string
  /** Milliseconds between looks for a new block. */
  readonly pollingInterval: number
  /** Requests a second to the endpoint, at first. */
  readonly rpcRate: number
  /** Where PGlite keeps its files, unless there is a PostgreSQL. */
  readonly home: string
  readonly databaseUrl?: string
}

/**
 * LOCKSTEP_DEPLOYMENT: file of a deployment, or a chain's id. LOCKSTEP_RPC: its endpoint.
 * LOCKSTEP_INDEXER_HOME: folder for PGlite, else .lockstep/indexer/<chain>. DATABASE_URL: PostgreSQL instead.
 * LOCKSTEP_POLL_MS: milliseconds between looks for a new block, 500 if not said. LOCKSTEP_RPC_RATE: requests a second
 * to the endpoint at first, if not said 4,000 on this machine and 400 elsewhere; a node that says that it is too much is
 * asked less. What is empty is not said.
 * Throws an IndexerError `badSettings` that says which one is wrong, or a DeploymentError for the deployment.
 */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const { LOCKSTEP_DEPLOYMENT, LOCKSTEP_INDEXER_HOME, DATABASE_URL } = environment
  const rpcUrl = readEndpoint(environment.LOCKSTEP_RPC)
  if (!LOCKSTEP_DEPLOYMENT) {
    throw bad('LOCKSTEP_DEPLOYMENT is not set: name the file of a deployment or a chain id')
  }
  const usualRate = isLoopback(rpcUrl) ? 4_000 : 400
  const rpcRate = readNumber(environment, 'LOCKSTEP_RPC_RATE', usualRate, 100_000)
  const pollingInterval = readNumber(environment, 'LOCKSTEP_POLL_MS', 500, 3_600_000)
  const deployment = loadDeployment(LOCKSTEP_DEPLOYMENT)
  return {
    deployment,
    rpcUrl,
    pollingInterval,
    rpcRate,
    home: LOCKSTEP_INDEXER_HOME || join('.lockstep', 'indexer', String(deployment.chainId)),
    ...(DATABASE_URL ? { databaseUrl: DATABASE_URL } : {}),
  }
}

function readEndpoint(url: string | undefined): string {
  if (!url) throw bad('LOCKSTEP_RPC is not set: name the endpoint of a node')
  if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : '')) {
    throw bad(`LOCKSTEP_RPC is ${withoutSecrets(url)}: it wants an http or https URL`)
  }
  return url
}

function readNumber(
  environment: NodeJS.ProcessEnv,
  name: 'LOCKSTEP_POLL_MS' | 'LOCKSTEP_RPC_RATE',
  otherwise: number,
  most: number,
): number {
  const text = environment[name]
  if (!text) return otherwise
  const value = Number(text)
  if (value >= 1 && value <= most) return value
  throw bad(`${name} is ${JSON.stringify(text)}: it wants a number from 1 to ${most}`)
}

const bad = (message: string): IndexerError => new IndexerError('badSettings', message)

const isLoopback = (url: string): boolean =>
  ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname)
