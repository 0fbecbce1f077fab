import { rmSync } from 'node:fs'
import { type Deployment, devnetFile } from '../deployment.ts'
import { deploy } from '../deploy.ts'
import type { Rpc } from '../rpc.ts'
import { DEVNET_ACCOUNTS, DEVNET_DEPLOYER, DEVNET_TREASURY } from './accounts.ts'
import { startAnvil } from './anvil.ts'
import { setPredeploys } from './predeploys.ts'
import { send } from './send.ts'

export { startAnvil }

export {
  DEVNET_ACCOUNTS,
  DEVNET_DEPLOYER,
  DEVNET_TREASURY,
  type DevnetAccount,
} from './accounts.ts'

export interface DevnetOptions {
  /**
   * `osaka` (default): the opcode build, the L1 data fee reported by GasPriceOracle. `optimism`: anvil's OP Stack
   * mode with the portable build, the L1 data fee charged and deposit transactions accepted.
   */
  readonly kind?: 'osaka' | 'optimism'
  /** Of 127.0.0.1; default any free one. */
  readonly port?: number
  /** A block is made with every transaction, and one every so many seconds; 0 for none. Default 1. */
  readonly blockSeconds?: number
  /** Parameters; default script/input/31337.json. */
  readonly input?: string
  /** Sees every step that takes a while. */
  readonly onProgress?: (step: string) => void
  /** Ends the start: it throws the signal's reason. A chain that has started ends with `stop`. */
  readonly signal?: AbortSignal
}

export interface Devnet {
  readonly rpcUrl: string
  readonly rpc: Rpc
  readonly deployment: Deployment
  /** The file that `deployment` was read from; gone after `stop`. */
  readonly deploymentFile: string
  /** Ends the chain and waits until it is gone. */
  stop(): Promise<void>
}

export const DEVNET_CHAIN_ID = 31_337

/** What each account but the treasury gets, in $AI wei. */
const GRANT = 1_000_000n * 10n ** 18n

/**
 * Starts a chain with the OP Stack predeploys and the protocol on it, and gives every account of DEVNET_ACCOUNTS
 * ether and $AI. It ends with `stop`, or with this process, even one that is killed.
 */
export async function startDevnet(options: DevnetOptions = {}): Promise<Devnet> {
  const { kind = 'osaka', blockSeconds = 1, onProgress = () => undefined, signal } = options
  signal?.throwIfAborted()
  onProgress('starting the chain')
  const anvil = await startAnvil(
    [
      ...(kind === 'optimism' ? ['--optimism'] : ['--hardfork', 'osaka']),
      ...['--chain-id', String(DEVNET_CHAIN_ID)],
      ...(blockSeconds > 0 ? ['--block-time', String(blockSeconds), '--mixed-mining'] : []),
    ],
    options.port,
  )
  const file = devnetFile(anvil.rpc.url)
  const stop = async (): Promise<void> => {
    await anvil.stop()
    rmSync(file, { force: true })
  }
  try {
    await setPredeploys(anvil.rpc)
    onProgress('compiling and deploying the contracts (the first time takes minutes)')
    rmSync(file, { force: true }) // of an earlier chain on the same port
    const deployment = await deploy({
      rpcUrl: anvil.rpc.url,
      by: { unlocked: DEVNET_ACCOUNTS[DEVNET_DEPLOYER].address },
      output: file,
      signal,
      ...(options.input === undefined ? {} : { input: options.input }),
    })
    await grant(anvil.rpc, deployment)
    return { rpcUrl: anvil.rpc.url, rpc: anvil.rpc, deployment, deploymentFile: file, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function grant(rpc: Rpc, { contracts }: Deployment): Promise<void> {
  const from = DEVNET_ACCOUNTS[DEVNET_DEPLOYER].address
  for (const [index, { address }] of DEVNET_ACCOUNTS.entries()) {
    if (index === DEVNET_DEPLOYER || index === DEVNET_TREASURY) continue
    const to = address.slice(2).toLowerCase().padStart(64, '0')
    const amount = GRANT.toString(16).padStart(64, '0')
    await send(rpc, from, contracts.token, `0xa9059cbb${to}${amount}`) // transfer(address,uint256)
  }
}
