import {
  type Deployment,
  DeploymentError,
  jobRegistryAbi,
  loadDeployment,
} from '@lockstep/deployments'
import { join } from 'node:path'
import type { Address } from 'viem'
import { fail } from '../errors.ts'
import { type Chain, isUnreachable } from './connect.ts'
import type { Contracts } from './contracts.ts'
import { History } from './history.ts'

/**
 * The protocol's contracts on a chain, from `file` or from deployments/, after making sure that they are there.
 * Under `home`, what was read of their history outlives the process.
 */
export async function findContracts(
  chain: Chain,
  file: string | undefined,
  home?: string,
): Promise<Contracts> {
  const { contracts, chainId, startBlock } = load(chain, file)
  if (chainId !== chain.id) {
    throw fail.wrongChain({
      what: `the endpoint serves chain ${chain.id}, the deployment is of chain ${chainId}`,
      where: file ?? `deployments/${chainId}.json`,
      advice: 'check --rpc and --deployment',
    })
  }
  const { verde, verdeParameters, jobRegistry, stakeVaultFactory, token } = contracts
  const used = { verde, verdeParameters, jobRegistry, stakeVaultFactory, token }
  for (const [name, address] of Object.entries(used)) {
    const code = await chain.client.getCode({ address })
    if (code === undefined || code === '0x') {
      throw fail.notDeployed({
        what: `there is no contract at the address of ${name}`,
        where: `${address} on chain ${chain.id}`,
        advice: 'check --rpc and --deployment, or deploy',
      })
    }
  }
  await checkWiring(chain, { verde, stakeVaultFactory, token, jobRegistry })
  const name = `${chain.id}-${chain.genesis.slice(2, 10)}-${verde.toLowerCase()}.json`
  const path = home === undefined ? undefined : join(home, 'history', name)
  const history = new History(chain.client, [jobRegistry, verde], startBlock, path)
  return { chain, ...used, fromBlock: startBlock, history }
}

/** Makes sure that the contracts belong together: the registry names the others. */
async function checkWiring(
  { client, id }: Chain,
  {
    jobRegistry,
    ...named
  }: Record<'verde' | 'stakeVaultFactory' | 'token' | 'jobRegistry', Address>,
): Promise<void> {
  const registry = { abi: jobRegistryAbi, address: jobRegistry } as const
  const getters = { verde: 'verde', stakeVaultFactory: 'factory', token: 'token' } as const
  for (const name of ['verde', 'stakeVaultFactory', 'token'] as const) {
    const functionName = getters[name]
    const found = await client
      .readContract({ ...registry, functionName })
      .catch((cause: unknown) => {
        if (isUnreachable(cause)) throw cause
        return undefined
      })
    if (found?.toLowerCase() === named[name].toLowerCase()) continue
    throw fail.notDeployed({
      what: `the job registry's ${name} is ${found ?? 'not to be had'}, the deployment's ${named[name]}`,
      where: `${jobRegistry} on chain ${id}`,
      advice: 'check --rpc and --deployment',
    })
  }
}

function load(chain: Chain, file: string | undefined): Deployment {
  try {
    return loadDeployment(file ?? chain.id)
  } catch (cause) {
    if (!(cause instanceof DeploymentError)) throw cause
    throw fail.notDeployed(
      { what: cause.message, where: `chain ${chain.id}`, advice: 'give --deployment' },
      { cause },
    )
  }
}
