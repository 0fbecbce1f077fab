import { type Deployment, DeploymentError, loadDeployment } from '@lockstep/deployments'
import { join } from 'node:path'
import { fail } from '../errors.ts'
import type { Chain } from './connect.ts'
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
  const name = `${chain.id}-${chain.genesis.slice(2, 10)}-${verde.toLowerCase()}.json`
  const path = home === undefined ? undefined : join(home, 'history', name)
  const history = new History(chain.client, [jobRegistry, verde], startBlock, path)
  return { chain, ...used, fromBlock: startBlock, history }
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
