import { DeploymentError } from '@lockstep/deployments'
import { DEVNET_ACCOUNTS, type Devnet, startDevnet } from '@lockstep/deployments/devnet'
import { mkdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { freePort, type Player, Stage } from '../demo/stage.ts'
import { fail } from '../errors.ts'
import { holdLock } from '../files/lock.ts'
import { type Service, startServices, type ServicePorts } from './services.ts'

const PLAYERS = {
  solver: { name: 'solver', account: 1 },
  challenger: { name: 'challenger', account: 2 },
} as const satisfies Record<string, Player>
/** Whose account a person may use: nobody of the network sends with it. */
const YOURS = 3
const STAKE = '20000'

export interface LocalNetworkOptions {
  /** Everything that the network keeps is in its folder `up`, which begins empty. */
  readonly home: string
  readonly rpcPort: number
  readonly ports: ServicePorts
  readonly tell: (line: string) => void
  readonly signal: AbortSignal
}

/** Where everything of the network is. */
export interface Links {
  readonly rpc: string
  readonly chain: number
  readonly deployment: string
  readonly solver: string
  /** An account with ether and $AI; its key is public. */
  readonly account: { readonly address: string; readonly privateKey: string }
  readonly folder: string
  readonly services: Readonly<Record<string, string>>
}

/**
 * Runs a whole network on this machine until the signal comes: a chain with the protocol, a solver, a challenger, and what
 * shows them. `ready` is told once all of it is there. Whatever happens, all of it has ended behind this.
 */
export async function runLocalNetwork(
  options: LocalNetworkOptions,
  ready: (links: Links) => void,
): Promise<void> {
  const folder = resolve(options.home, 'up')
  const release = holdLock(join(resolve(options.home), 'up.lock'), 'this home for a network')
  try {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    const devnet = await startChain(options)
    try {
      await runOn(devnet, folder, options, ready)
    } finally {
      await devnet.stop()
    }
  } finally {
    release()
  }
}

async function startChain({ rpcPort, tell }: LocalNetworkOptions): Promise<Devnet> {
  const onProgress = (step: string): void => {
    tell(`chain: ${step}`)
  }
  try {
    return await startDevnet({ port: rpcPort, onProgress })
  } catch (cause) {
    if (!(cause instanceof DeploymentError)) throw cause
    throw fail.notStarted(
      {
        what: cause.message,
        where: `port ${rpcPort}`,
        advice: 'npm run setup installs what it needs; --rpc-port names another port',
      },
      { cause },
    )
  }
}

async function runOn(
  devnet: Devnet,
  folder: string,
  { ports, tell, signal }: LocalNetworkOptions,
  ready: (links: Links) => void,
): Promise<void> {
  const services = new Map<string, Service>()
  const stage = new Stage<keyof typeof PLAYERS>({
    devnet,
    folder,
    players: PLAYERS,
    challenger: 'challenger',
    tell,
    signal,
  })
  try {
    const port = await freePort()
    const solver = `http://127.0.0.1:${port}`
    await stage.start('solver', ['stake', '--amount', STAKE]).result()
    stage.start('challenger', ['challenger', '--peer', solver])
    await stage.startServing('solver', ['solver', '--serve-port', String(port)])
    const { rpcUrl, deployment, deploymentFile } = devnet
    const artifacts = [solver]
    const network = { rpcUrl, deployment, deploymentFile, folder, artifacts, tell, signal }
    await startServices(network, ports, services)
    ready({
      rpc: rpcUrl,
      chain: deployment.chainId,
      deployment: deploymentFile,
      solver,
      account: DEVNET_ACCOUNTS[YOURS],
      folder,
      services: Object.fromEntries([...services].map(([name, { url }]) => [name, url])),
    })
    await stage.until(() => signal.aborted)
  } catch (error) {
    // Until it is stopped it does not end by itself: this is how it ends.
    if (!signal.aborted) throw error
  } finally {
    await Promise.all([stage.stop(), ...[...services.values()].map((service) => service.stop())])
  }
}
