import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Address, isAddress } from './address.ts'
import { DeploymentError } from './errors.ts'

/** How count-leading-zeros is compiled: by the opcode of EIP-7939, or for chains without it. */
export const BUILDS = ['opcode', 'portable'] as const
export type Build = (typeof BUILDS)[number]

/** Every contract of the protocol, as script/Deploy.s.sol names it. */
export const CONTRACTS = [
  'token',
  'stakeVaultFactory',
  'elementwise',
  'referee',
  'verdeParameters',
  'verde',
  'jobRegistry',
  'judge',
  'delphi',
  'perpetual',
  'basket',
] as const
export type ContractName = (typeof CONTRACTS)[number]

/** Where the protocol lives on one chain. */
export interface Deployment {
  readonly chainId: number
  /** No contract existed before this block; nothing needs to be read below it. */
  readonly startBlock: bigint
  readonly build: Build
  readonly contracts: Readonly<Record<ContractName, Address>>
  /** The input that the contracts were deployed with (script/input/<chainId>.json). */
  readonly parameters: Readonly<Record<string, unknown>>
}

/** The file in which script/Deploy.s.sol records a chain. */
export const deploymentFile = (chainId: number): string =>
  fileURLToPath(new URL(`../${chainId}.json`, import.meta.url))

/** The file in which `npm run devnet` records its chain while that runs, by the URL of its RPC endpoint. */
export function devnetFile(rpcUrl: string): string {
  const { port } = new URL(rpcUrl)
  return fileURLToPath(new URL(`../../.lockstep/devnet/${port || 80}.json`, import.meta.url))
}

/**
 * The deployment on a chain, by its id (a string of digits is one too), or out of a file, by its path.
 * Throws a DeploymentError: `unknownChain` if there is no such file, `badDeployment` if it is not one.
 */
export function loadDeployment(chainIdOrPath: number | string): Deployment {
  const isId = typeof chainIdOrPath === 'number' || /^\d+$/.test(chainIdOrPath)
  const path = isId ? deploymentFile(Number(chainIdOrPath)) : chainIdOrPath
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    const what = isId
      ? `no deployment on chain ${chainIdOrPath} is known`
      : 'the deployment cannot be read'
    throw new DeploymentError(
      'unknownChain',
      `${what}: ${path} does not exist; deploy there (npm run deploy) or name another file`,
      { cause },
    )
  }
  const deployment = parseDeployment(text, path)
  if (isId && deployment.chainId !== Number(chainIdOrPath)) {
    throw bad(path, `it is of chain ${deployment.chainId}`)
  }
  return deployment
}

/** Checks the text of a deployment file; `where` names it in errors. */
export function parseDeployment(text: string, where: string): Deployment {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw bad(where, 'it is not JSON', cause)
  }
  const { chainId, startBlock, build, contracts, parameters } = record(json, where, 'the file')
  if (!isWhole(chainId) || chainId === 0) throw bad(where, 'chainId is not a positive integer')
  if (!isWhole(startBlock)) throw bad(where, 'startBlock is not a block number')
  const knownBuild = BUILDS.find((known) => known === build)
  if (knownBuild === undefined) throw bad(where, `build is not one of ${BUILDS.join(', ')}`)
  const addresses = record(contracts, where, 'contracts')
  const checked = CONTRACTS.map((name): [ContractName, Address] => {
    const address = addresses[name]
    if (!isAddress(address)) throw bad(where, `contracts.${name} is not an address`)
    return [name, address]
  })
  return {
    chainId,
    startBlock: BigInt(startBlock),
    build: knownBuild,
    contracts: Object.fromEntries(checked) as Record<ContractName, Address>,
    parameters: record(parameters, where, 'parameters'),
  }
}

function record(value: unknown, where: string, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw bad(where, `${what} is not an object`)
  }
  return value as Record<string, unknown>
}

const isWhole = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0

const bad = (where: string, why: string, cause?: unknown): DeploymentError =>
  new DeploymentError('badDeployment', `${where} is not a deployment: ${why}; deploy again`, {
    cause,
  })
