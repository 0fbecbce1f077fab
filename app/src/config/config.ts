import type { Address, ContractName } from '@lockstep/deployments'

/** What the page is told at start, by the file `config.json` next to it. */
export interface Config {
  readonly chainId: number
  readonly rpcUrl: string
  readonly graphqlUrl: string
  /** Addresses by name, as `deployments/` has them. */
  readonly contracts: Readonly<Record<ContractName, Address>>
  /** Base addresses of stores from which artifacts can be read (`<base>/tensors/<root>`). */
  readonly artifacts: readonly string[]
  /** Base address of a block explorer, whose addresses are as EIP-3091 says: `<base>/tx/<hash>`. */
  readonly explorer: string | undefined
}

/** `config.json` is missing or wrong; the message says what to do. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

const NAMES = [
  ...['token', 'stakeVaultFactory', 'elementwise', 'referee', 'verdeParameters', 'verde'],
  ...['jobRegistry', 'judge', 'delphi', 'perpetual', 'basket'],
] as readonly ContractName[]

/**
 * Checks what `config.json` holds. Addresses may be relative to the page (`base`), but not the explorer's: it is
 * another's. `named` tells where whoever reads an error finds an address.
 */
export function parseConfig(
  json: unknown,
  base: string,
  named = (field: string): string => `${field} in config.json`,
): Config {
  const object = asObject(json, 'config.json')
  const { chainId } = object
  if (!Number.isSafeInteger(chainId) || Number(chainId) < 1)
    throw new ConfigError(`chainId in config.json must be a positive whole number`)
  const artifacts = object['artifacts'] ?? []
  if (!Array.isArray(artifacts)) throw new ConfigError('artifacts in config.json must be a list')
  const { explorer } = object
  const addresses = asObject(object['contracts'], 'contracts in config.json')
  const contracts = NAMES.map((name) => {
    const address = addresses[name]
    if (typeof address !== 'string' || !/^0x[0-9a-fA-F]{40}$/.test(address))
      throw new ConfigError(`contracts.${name} in config.json must be an address`)
    return [name, address.toLowerCase()]
  })
  return {
    chainId: Number(chainId),
    rpcUrl: asUrl(object['rpcUrl'], named('rpcUrl'), base),
    graphqlUrl: asUrl(object['graphqlUrl'], named('graphqlUrl'), base),
    contracts: Object.fromEntries(contracts) as Config['contracts'],
    artifacts: artifacts.map((url, i) => asBase(url, named(`artifacts[${i}]`), base)),
    explorer: explorer === undefined ? undefined : asBase(explorer, named('explorer')),
  }
}

function asObject(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ConfigError(`${what} must be an object`)
  return value as Record<string, unknown>
}

/** An address to which a path is added. */
const asBase = (value: unknown, what: string, base?: string): string =>
  asUrl(value, what, base).replace(/\/+$/, '')

function asUrl(value: unknown, what: string, base?: string): string {
  const url = typeof value === 'string' && URL.canParse(value, base) ? new URL(value, base) : null
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    throw new ConfigError(`${what} must be an address with http or https`)
  return url.href
}
