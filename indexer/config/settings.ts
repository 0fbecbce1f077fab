import { join } from 'node:path'
import { type Deployment, loadDeployment } from '@lockstep/deployments'

/** Environment that `ponder.config.ts` reads. `indexer/start.ts` sets all of it. */
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
 * asked less.
 */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const {
    LOCKSTEP_DEPLOYMENT,
    LOCKSTEP_RPC,
    LOCKSTEP_INDEXER_HOME,
    DATABASE_URL,
    LOCKSTEP_POLL_MS,
    LOCKSTEP_RPC_RATE,
  } = environment
  if (!LOCKSTEP_DEPLOYMENT)
    throw new Error('LOCKSTEP_DEPLOYMENT is not set: name the file of a deployment or a chain id')
  if (!LOCKSTEP_RPC) throw new Error('LOCKSTEP_RPC is not set: name the endpoint of a node')
  const deployment = loadDeployment(
    /^\d+$/.test(LOCKSTEP_DEPLOYMENT) ? Number(LOCKSTEP_DEPLOYMENT) : LOCKSTEP_DEPLOYMENT,
  )
  return {
    deployment,
    rpcUrl: LOCKSTEP_RPC,
    pollingInterval: Number(LOCKSTEP_POLL_MS ?? 500),
    rpcRate: Number(LOCKSTEP_RPC_RATE ?? (isLoopback(LOCKSTEP_RPC) ? 4_000 : 400)),
    home: LOCKSTEP_INDEXER_HOME ?? join('.lockstep', 'indexer', String(deployment.chainId)),
    ...(DATABASE_URL ? { databaseUrl: DATABASE_URL } : {}),
  }
}

const isLoopback = (url: string): boolean =>
  ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname)
