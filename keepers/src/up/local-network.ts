import { DeploymentError } from '@lockstep/deployments'
import { DEVNET_ACCOUNTS, type Devnet, startDevnet } from '@lockstep/deployments/devnet'
import { resolve } from 'node:path'
import { isUnreachable } from '../chain/connect.ts'
import { statusText } from '../demo/role.ts'
import { freePort, type Player, Stage } from '../demo/stage.ts'
import { fail, oneLine } from '../errors.ts'
import { holdEmptyFolder } from './empty-folder.ts'
import { checkPorts } from './ports.ts'
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
  /** Whether the chain's clock is left alone. */
  readonly realTime: boolean
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
 * shows them. `ready` is told once all of it is there. Whatever happens, all of it has ended behind this, and where this
 * process is killed it ends by itself.
 */
export async function runLocalNetwork(
  options: LocalNetworkOptions,
  ready: (links: Links) => void,
): Promise<void> {
  const { home, rpcPort, ports, tell, signal } = options
  const folder = resolve(home, 'up')
  const release = holdEmptyFolder(folder, tell)
  const stands = { isReady: false }
  try {
    await checkPorts({
      '--rpc-port': rpcPort,
      '--indexer-port': ports.indexer,
      '--page-port': ports.page,
    })
    const devnet = await startChain(options)
    try {
      await runOn(devnet, folder, options, (links) => {
        stands.isReady = true
        ready(links)
      })
    } finally {
      await devnet.stop()
    }
  } catch (error) {
    if (!signal.aborted) throw error
    // Until it is stopped it does not end by itself: this is how it ends, unless it never was there.
    if (stands.isReady) {
      tell('the network has ended')
      return
    }
    throw fail.stopped({
      what: 'stopped before all of the network was there',
      where: folder,
      advice: 'lockstep up starts it anew',
    })
  } finally {
    release()
  }
}

async function startChain({ rpcPort, tell, signal }: LocalNetworkOptions): Promise<Devnet> {
  const onProgress = (step: string): void => {
    tell(`chain: ${step}`)
  }
  try {
    return await startDevnet({ port: rpcPort, onProgress, signal })
  } catch (cause) {
    if (!(cause instanceof DeploymentError)) throw cause
    const text =
      cause.code === 'anvilFailed'
        ? { where: `--rpc-port ${rpcPort}`, advice: 'npm run setup installs the chain' }
        : { where: 'forge', advice: 'npm run setup installs the compiler of the contracts' }
    throw fail.notStarted({ what: oneLine(cause), ...text }, { cause })
  }
}

async function runOn(
  devnet: Devnet,
  folder: string,
  { ports, realTime, tell, signal }: LocalNetworkOptions,
  ready: (links: Links) => void,
): Promise<void> {
  const services = new Map<string, Service>()
  // What is still being started ends with what has failed.
  const failed = new AbortController()
  const ending = AbortSignal.any([signal, failed.signal])
  const stage = new Stage<keyof typeof PLAYERS>({
    devnet,
    folder,
    players: PLAYERS,
    challenger: 'challenger',
    realTime,
    tell,
    signal: ending,
  })
  const { rpcUrl, deployment, deploymentFile } = devnet
  const port = await freePort()
  const solver = `http://127.0.0.1:${port}`
  const startRoles = async (): Promise<void> => {
    stage.start('challenger', ['challenger', '--peer', solver])
    await stage.start('solver', ['stake', '--amount', STAKE]).result()
    await stage.startServing('solver', ['solver', '--serve-port', String(port)])
  }
  const network = { rpcUrl, deployment, deploymentFile, folder, artifacts: [solver], tell }
  const starting = [startRoles(), startServices({ ...network, signal: ending }, ports, services)]
  try {
    await Promise.race([Promise.all(starting), aborted(signal)])
    signal.throwIfAborted()
    for (const [name, { ended }] of services) {
      void ended?.then((status) => {
        if (!ending.aborted)
          tell(
            `the ${name} has ended with ${statusText(status)}, the rest goes on: ${folder}/${name}.jsonl`,
          )
      })
    }
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
  } catch (cause) {
    if (!isUnreachable(cause)) throw cause
    throw fail.unreachable(
      {
        what: 'the chain of the network has ended, or does not answer',
        where: rpcUrl,
        advice: 'start the network again',
      },
      { cause },
    )
  } finally {
    failed.abort()
    await stage.stop()
    await Promise.allSettled(starting)
    await Promise.all([...services.values()].map((service) => service.stop()))
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => {
      resolve()
    })
  })
