import {
  type Deployment,
  DeploymentError,
  deploymentFile,
  delphiAbi,
  devnetFile,
  jobRegistryAbi,
  judgeAbi,
  loadDeployment,
  perpetualAbi,
} from '@lockstep/deployments'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { AbiEvent, Address } from 'viem'
import { isDevnet } from '../config/devnet.ts'
import { fail } from '../errors.ts'
import { type Chain, isUnreachable } from './connect.ts'
import type { Contracts } from './contracts.ts'
import { History, PROTOCOL_EVENTS, TRADING_EVENTS } from './history.ts'

/** The contracts that keepers talk to. */
const USED = [
  ...(['verde', 'verdeParameters', 'jobRegistry', 'stakeVaultFactory', 'token'] as const),
  ...(['judge', 'delphi', 'perpetual'] as const),
] as const
type Used = Readonly<Record<(typeof USED)[number], Address>>

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
  const used = Object.fromEntries(USED.map((name) => [name, contracts[name]])) as Used
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
  await checkWiring(chain, used)
  /** A history in a file that is named after one of the contracts: others with the same id are others. */
  const historyOf = <E extends readonly AbiEvent[]>(
    of: readonly Address[],
    by: Address,
    kinds: E,
  ) => {
    const name = `${chain.id}-${chain.genesis.slice(2, 10)}-${by.toLowerCase()}.json`
    const path = home === undefined ? undefined : join(home, 'history', name)
    return new History(chain.client, of, startBlock, path, kinds)
  }
  const { jobRegistry, verde, judge, delphi, perpetual } = used
  const history = historyOf([jobRegistry, verde, judge, delphi, perpetual], verde, PROTOCOL_EVENTS)
  const trades = historyOf([delphi], delphi, TRADING_EVENTS)
  return { chain, ...used, fromBlock: startBlock, history, trades }
}

/** Which contract names which other one, and by what getter. */
const WIRING = [
  ['jobRegistry', jobRegistryAbi, 'verde', 'verde'],
  ['jobRegistry', jobRegistryAbi, 'factory', 'stakeVaultFactory'],
  ['jobRegistry', jobRegistryAbi, 'token', 'token'],
  ['judge', judgeAbi, 'jobs', 'jobRegistry'],
  ['judge', judgeAbi, 'token', 'token'],
  ['delphi', delphiAbi, 'token', 'token'],
  ['perpetual', perpetualAbi, 'delphi', 'delphi'],
  ['perpetual', perpetualAbi, 'judge', 'judge'],
] as const

/** Makes sure that the contracts belong together: they name each other. */
async function checkWiring(
  { client, id }: Chain,
  contracts: Readonly<Record<(typeof WIRING)[number][0 | 3], Address>>,
): Promise<void> {
  for (const [asked, abi, functionName, named] of WIRING) {
    const address = contracts[asked]
    const found = await client
      .readContract({
        abi: abi as typeof jobRegistryAbi,
        address,
        functionName: functionName as 'token',
      })
      .catch((cause: unknown) => {
        if (isUnreachable(cause)) throw cause
        return undefined
      })
    if (found?.toLowerCase() === contracts[named].toLowerCase()) continue
    throw fail.notDeployed({
      what: `${asked}'s ${functionName} is ${found ?? 'not to be had'}, the deployment's ${named} is ${contracts[named]}`,
      where: `${address} on chain ${id}`,
      advice: 'check --rpc and --deployment',
    })
  }
}

/** Out of `file`, else of the chain's entry in deployments/; of a devnet of this checkout, of the file that it keeps. */
function load(chain: Chain, file: string | undefined): Deployment {
  const rpc = (chain.client.transport as { url?: string }).url
  const local = isDevnet(chain.id) && rpc !== undefined ? devnetFile(rpc) : undefined
  const isLocal = local !== undefined && !existsSync(deploymentFile(chain.id)) && existsSync(local)
  try {
    return loadDeployment(file ?? (isLocal ? local : chain.id))
  } catch (cause) {
    if (!(cause instanceof DeploymentError)) throw cause
    throw fail.notDeployed(
      {
        what: cause.message,
        where: `chain ${chain.id}`,
        advice:
          local === undefined
            ? 'give --deployment'
            : `npm run devnet and lockstep up keep it in ${local} while they run; give --deployment where it is elsewhere`,
      },
      { cause },
    )
  }
}
