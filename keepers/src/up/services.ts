import type { Deployment } from '@lockstep/deployments'

/** A process beside the chain that people or programs read from. */
export interface Service {
  readonly url: string
  stop(): Promise<void>
}

/** What a service is started for. */
export interface ServedNetwork {
  readonly rpcUrl: string
  readonly deployment: Deployment
  readonly deploymentFile: string
  /** Where it may keep what it needs; its own. */
  readonly folder: string
}

export interface ServicePorts {
  readonly indexer: number
  readonly page: number
}

interface Starter {
  /** What people call it. */
  readonly name: string
  readonly start: (
    network: ServedNetwork,
    ports: ServicePorts,
    others: ReadonlyMap<string, Service>,
  ) => Promise<Service>
}

/** What shows the network, each after those that it reads from. */
const STARTERS: readonly Starter[] = []

/**
 * Starts what shows a local network. Each is in `services` as soon as it has started, so that it is stopped if the next
 * one fails.
 */
export async function startServices(
  network: ServedNetwork,
  ports: ServicePorts,
  services: Map<string, Service>,
): Promise<void> {
  for (const { name, start } of STARTERS) services.set(name, await start(network, ports, services))
}
