import { mkdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { type Address } from './address.ts'
import { type Deployment, deploymentFile, loadDeployment } from './deployment.ts'
import { forge } from './forge.ts'
import { REPOSITORY } from './foundry.ts'
import { probeChain } from './probe.ts'
import { connectRpc } from './rpc.ts'

export interface DeployOptions {
  readonly rpcUrl: string
  /** Who pays: a private key, or an account that the node itself unlocks. */
  readonly by: { readonly privateKey: `0x${string}` } | { readonly unlocked: Address }
  /** Parameters; default script/input/<chainId>.json. */
  readonly input?: string
  /** Where the addresses are recorded, inside the repository; default deployments/<chainId>.json. */
  readonly output?: string
  /** Ends it. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Deploys what is not on the chain yet, in the build that the chain can run, by script/Deploy.s.sol.
 * Throws a DeploymentError that says what the chain lacks or what forge refused.
 */
export async function deploy(options: DeployOptions): Promise<Deployment> {
  const { rpcUrl, by, input, output, signal } = options
  const { chainId, build } = await probeChain(connectRpc(rpcUrl))
  const file = resolve(output ?? deploymentFile(chainId))
  mkdirSync(dirname(file), { recursive: true })
  // The key goes through the environment: arguments are visible to every user of the machine.
  const payer = 'privateKey' in by ? [] : ['--unlocked', '--sender', by.unlocked]
  await forge(
    ['script', 'script/Deploy.s.sol', '--rpc-url', rpcUrl, '--broadcast', '--slow', ...payer],
    {
      FOUNDRY_PROFILE: build === 'opcode' ? 'default' : 'portable',
      LOCKSTEP_BUILD: build,
      LOCKSTEP_INPUT: resolve(input ?? join(REPOSITORY, 'script', 'input', `${chainId}.json`)),
      LOCKSTEP_OUTPUT: file,
      ...('privateKey' in by ? { LOCKSTEP_PRIVATE_KEY: by.privateKey } : {}),
    },
    signal,
  )
  return loadDeployment(file)
}
