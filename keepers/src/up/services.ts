import type { Deployment } from '@lockstep/deployments'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { fail, LockstepError, oneLine } from '../errors.ts'

/** A process beside the chain that people or programs read from. */
export interface Service {
  readonly url: string
  /** The exit status of a process of its own, once that has ended. */
  readonly ended?: Promise<number | null>
  stop(): Promise<void>
}

/** What a service is started for. */
export interface ServedNetwork {
  readonly rpcUrl: string
  readonly deployment: Deployment
  readonly deploymentFile: string
  /** Where it may keep what it needs. */
  readonly folder: string
  /** URLs of stores that have the artifacts of jobs. */
  readonly artifacts: readonly string[]
  readonly tell: (line: string) => void
  readonly signal: AbortSignal
}

export interface ServicePorts {
  readonly indexer: number
  readonly page: number
}

/** What shows the network, each behind those that it reads from. */
const NAMES = ['indexer', 'page'] as const satisfies (keyof ServicePorts)[]

/**
 * Starts what shows a local network. Each is in `services` as soon as it has started, so that it is stopped if the next
 * one fails.
 */
export async function startServices(
  network: ServedNetwork,
  ports: ServicePorts,
  services: Map<string, Service>,
): Promise<void> {
  for (const name of NAMES) {
    network.tell(`${name}: starting`)
    try {
      services.set(name, await start[name](network, ports[name], services))
    } catch (cause) {
      if (network.signal.aborted || cause instanceof LockstepError) throw cause
      throw fail.notStarted(
        {
          what: `the ${name} did not start: ${oneLine(cause)}`,
          where: network.folder,
          advice: 'its log is there, if it has said anything',
        },
        { cause },
      )
    }
  }
}

type Start = (
  network: ServedNetwork,
  port: number,
  others: ReadonlyMap<string, Service>,
) => Promise<Service>

const start: Readonly<Record<(typeof NAMES)[number], Start>> = {
  async indexer({ rpcUrl, deploymentFile, folder, signal }, port) {
    const { startIndexer } = await import('@lockstep/indexer')
    const lines = createWriteStream(join(folder, 'indexer.jsonl'))
    const log = (line: object): void => {
      lines.write(`${JSON.stringify(line)}\n`)
    }
    const home = join(folder, 'indexer')
    return startIndexer({ rpcUrl, deploymentFile, port, home, signal, log })
  },
  async page({ rpcUrl, deployment, artifacts, signal }, port, others) {
    const { startPage } = await import('@lockstep/app')
    const { chainId, contracts } = deployment
    const graphqlUrl = `${others.get('indexer')!.url}/graphql`
    return startPage({
      config: { chainId, rpcUrl, graphqlUrl, contracts, artifacts },
      port,
      signal,
    })
  },
}
