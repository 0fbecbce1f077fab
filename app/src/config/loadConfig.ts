import { type Config, ConfigError, parseConfig } from './config.ts'

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
