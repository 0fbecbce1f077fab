import type { Build } from './deployment.ts'
import { DeploymentError } from './errors.ts'
import type { Rpc } from './rpc.ts'
import { withoutSecrets } from './withoutSecrets.ts'

/** Deploys to the address that salt and code give: https://github.com/Arachnid/deterministic-deployment-proxy */
const CREATE2_DEPLOYER = '0x4e59b44847b379578588920cA78FbF26c0B4956C'

/** Init code that returns 255, computed by opcodes that not every chain has. */
const PROBES = {
  // CLZ(1) (EIP-7939)
  clz: '0x60011e5f5260205ff3',
  // PUSH0 (EIP-3855), TSTORE/TLOAD (EIP-1153), MCOPY (EIP-5656)
  cancun: '0x60ff5f5d5f5c5f5260205f60205e60206020f3',
} as const

const EXPECTED = `0x${'ff'.padStart(64, '0')}`

export interface ChainProbe {
  readonly chainId: number
  readonly build: Build
}

/**
 * Finds out which build a chain can run, by running a few bytes of code in eth_call.
 * Throws a DeploymentError `unfitChain` that says what is missing.
 */
export async function probeChain(rpc: Rpc): Promise<ChainProbe> {
  const chainId = Number(await rpc.call('eth_chainId'))
  const code = await rpc.call('eth_getCode', CREATE2_DEPLOYER, 'latest')
  const missing = [
    ...(code === '0x' ? [`the CREATE2 deployer at ${CREATE2_DEPLOYER}`] : []),
    ...((await runs(rpc, PROBES.cancun)) ? [] : ['the opcodes PUSH0, TLOAD, TSTORE and MCOPY']),
  ]
  if (missing.length > 0) {
    throw new DeploymentError(
      'unfitChain',
      `chain ${chainId} at ${withoutSecrets(rpc.url)} cannot run the contracts: it lacks ${missing.join(' and ')}`,
    )
  }
  return { chainId, build: (await runs(rpc, PROBES.clz)) ? 'opcode' : 'portable' }
}

async function runs(rpc: Rpc, initCode: string): Promise<boolean> {
  try {
    return (await rpc.call('eth_call', { data: initCode }, 'latest')) === EXPECTED
  } catch (error) {
    // An unknown opcode is an error of the call; an endpoint that is gone fails the next one.
    if (error instanceof DeploymentError) return false
    throw error
  }
}
