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
}

/** `config.json` is missing or wrong; the message says what to do. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

const NAMES = [
  ...['token', 'stakeVaultFactory', 'elementwise', 'referee', 'verdeParameters', 'verde'],
  ...['jobRegistry', 'judge', 'delphi', 'perpetual', 'basket'],
] as readonly ContractName[]

/** Checks what `config.json` holds. Addresses may be relative to the page (`base`). */
export function parseConfig(json: unknown, base: string): Config {
  const object = asObject(json, 'config.json')
  const { chainId } = object
  if (!Number.isSafeInteger(chainId) || Number(chainId) < 1)
    throw new ConfigError(`chainId in config.json must be a positive whole number`)
  const artifacts = object['artifacts'] ?? []
  if (!Array.isArray(artifacts)) throw new ConfigError('artifacts in config.json must be a list')
  const addresses = asObject(object['contracts'], 'contracts in config.json')
  const contracts = NAMES.map((name) => {
    const address = addresses[name]
    if (typeof address !== 'string' || !/^0x[0-9a-fA-F]{40}$/.test(address))
      throw new ConfigError(`contracts.${name} in config.json must be an address`)
    return [name, address.toLowerCase()]
  })
  return {
    chainId: Number(chainId),
    rpcUrl: asUrl(object['rpcUrl'], 'rpcUrl', base),
    graphqlUrl: asUrl(object['graphqlUrl'], 'graphqlUrl', base),
    contracts: Object.fromEntries(contracts) as Config['contracts'],
    artifacts: artifacts.map((url, i) => asUrl(url, `artifacts[${i}]`, base).replace(/\/+$/, '')),
  }
}

/** Fetches and checks `config.json`. */
export async function loadConfig(): Promise<Config> {
  const url = new URL('./config.json', document.baseURI)
  let json: unknown
  try {
    const response = await fetch(url, { credentials: 'same-origin' })
    if (!response.ok) throw new Error(`the server answers ${response.status}`)
    json = await response.json()
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new ConfigError(`${url.href} cannot be read: ${why}`, { cause })
  }
  return parseConfig(json, document.baseURI)
}

function asObject(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ConfigError(`${what} must be an object`)
  return value as Record<string, unknown>
}

function asUrl(value: unknown, what: string, base: string): string {
  const url = typeof value === 'string' && URL.canParse(value, base) ? new URL(value, base) : null
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    throw new ConfigError(`${what} in config.json must be an address with http or https`)
  return url.href
}
