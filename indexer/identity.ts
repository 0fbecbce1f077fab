import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Deployment } from '@lockstep/deployments'
import type { Hash } from 'viem'

/** What tables are made by: schema, settings and handlers, and what the handlers compute with. */
const SOURCES = [
  new URL('./schema/', import.meta.url),
  new URL('./config/', import.meta.url),
  new URL('./src/', import.meta.url),
  new URL('../deployments/src/abis/', import.meta.url),
  new URL('../deployments/src/protocol/', import.meta.url),
]
const LEFT_OUT = /\.test\.ts$|\/testing\/|\/src\/api\//

/** Names a chain: a devnet that is started again has the id of the one before, and other blocks. */
export const chainName = ({ chainId, contracts }: Deployment, firstBlock: Hash): string =>
  digest([String(chainId), JSON.stringify(contracts), firstBlock])

/** Names what the code makes of it: other code begins other tables, and reads no old ones. */
export const tablesName = (chain: string): string =>
  `lockstep_${digest([chain, ...SOURCES.flatMap(contents)])}`

function contents(folder: URL): string[] {
  const path = fileURLToPath(folder)
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !LEFT_OUT.test(`${path}/${name}`))
    .sort()
    .map((name) => `${name}\n${readFileSync(`${path}/${name}`, 'utf8')}`)
}

const digest = (parts: readonly string[]): string =>
  createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 12)
