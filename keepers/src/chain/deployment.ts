import { type Deployment, DeploymentError, loadDeployment } from '@lockstep/deployments'
import { fail } from '../errors.ts'
import type { Chain } from './connect.ts'
import type { Contracts } from './contracts.ts'

/** The protocol's contracts on a chain, from `file` or from deployments/, after making sure that they are there. */
export async function findContracts(chain: Chain, file: string | undefined): Promise<Contracts> {
  const { contracts, chainId, startBlock } = load(chain, file)
  if (chainId !== chain.id) {
    throw fail.wrongChain({
      what: `the endpoint serves chain ${chain.id}, the deployment is of chain ${chainId}`,
      where: file ?? `deployments/${chainId}.json`,
      advice: 'check --rpc and --deployment',
    })
  }
  const { verde, jobRegistry, stakeVaultFactory, token } = contracts
  for (const [name, address] of Object.entries({ verde, jobRegistry, stakeVaultFactory, token })) {
    const code = await chain.client.getCode({ address })
    if (code === undefined || code === '0x') {
      throw fail.notDeployed({
        what: `there is no contract at the address of ${name}`,
        where: `${address} on chain ${chain.id}`,
        advice: 'check --rpc and --deployment, or deploy',
      })
    }
  }
  return { chain, verde, jobRegistry, stakeVaultFactory, token, fromBlock: startBlock }
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
