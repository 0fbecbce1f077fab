import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Deployment } from '@lockstep/deployments'
import type { Hash } from 'viem'

/** What tables are made by: schema, settings and handlers, and what the handlers compute with. */
const SOURCES = [
  ...['indexer/ponder.config.ts', 'indexer/ponder.schema.ts'],
  ...['indexer/schema', 'indexer/config', 'indexer/src'],
  ...['deployments/src/abis', 'deployments/src/protocol', 'offchain-repops/src'],
]
const LEFT_OUT = /\.test\.ts$|\/testing\/|\/src\/api\//
const ROOT = fileURLToPath(new URL('../', import.meta.url))

/** Names a chain: a devnet that is started again has the id of the one before, and other blocks. */
export const chainName = ({ chainId, contracts }: Deployment, firstBlock: Hash): string =>
  digest([String(chainId), JSON.stringify(contracts), firstBlock])

/** Names what the code in a checkout makes of it: other code begins other tables, and reads no old ones. */
export const tablesName = (chain: string, root = ROOT): string =>
  `lockstep_${digest([chain, ...SOURCES.flatMap((source) => contents(root, source))])}`

/** Of a file, or of all in a folder. */
function contents(root: string, source: string): string[] {
  const path = join(root, source)
  const names = statSync(path).isFile()
    ? [source]
    : readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => `${source}/${name}`)
  return names
    .filter((name) => name.endsWith('.ts') && !LEFT_OUT.test(name))
    .sort()
    .map((name) => `${name}\n${readFileSync(join(root, name), 'utf8')}`)
}

const digest = (parts: readonly string[]): string =>
  createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 12)
