import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const FOLDER = fileURLToPath(new URL('../../../.lockstep/bench/peer/', import.meta.url))

/** The least that a Ponder app of the same events can do: a row for each, and a row that each changes. */
const FILES: Readonly<Record<string, string>> = {
  'ponder.config.ts': `
import { createConfig } from 'ponder'
import { ABIS } from '../../../indexer/config/contracts.ts'
import { readSettings } from '../../../indexer/config/settings.ts'
const { deployment, rpcUrl, home, databaseUrl } = readSettings(process.env)
const contracts = Object.fromEntries(
  Object.entries(ABIS).flatMap(([name, abi]) => {
    const address = deployment.contracts[name]
    return address === undefined ? [] : [[name, { chain: 'chain', abi, address, startBlock: 0 }]]
  }),
)
export default createConfig({
  database: databaseUrl ? { kind: 'postgres', connectionString: databaseUrl } : { kind: 'pglite', directory: home },
  chains: { chain: { id: deployment.chainId, rpc: Array.from({ length: 40 }, () => rpcUrl), pollingInterval: 100 } },
  contracts,
})`,
  'ponder.schema.ts': `
import { onchainTable } from 'ponder'
export const event = onchainTable('event', (t) => ({ id: t.text().primaryKey(), name: t.text(), block: t.bigint() }))
export const sender = onchainTable('sender', (t) => ({ id: t.hex().primaryKey(), events: t.integer().notNull() }))`,
  'src/index.ts': `
import { ponder } from 'ponder:registry'
import { event as events, sender } from 'ponder:schema'
import { ABIS } from '../../../../indexer/config/contracts.ts'
for (const [contract, abi] of Object.entries(ABIS)) {
  if (contract === 'vault') continue
  for (const item of abi) {
    if (item.type !== 'event') continue
    ponder.on(contract + ':' + item.name, async ({ event, context: { db } }) => {
      await db.insert(events).values({ id: event.id, name: item.name, block: event.block.number })
      await db.insert(sender).values({ id: event.transaction.from, events: 1 })
        .onConflictDoUpdate((row) => ({ events: row.events + 1 }))
    })
  }
}`,
  'src/api/index.ts': `
import { Hono } from 'hono'
export default new Hono()`,
}

/** Starts it; ends with \`stop\`. Vaults' events, of addresses that come with the chain, are left out. */
export function startPeer(
  ponder: string,
  port: number,
  environment: Readonly<Record<string, string>>,
  log: (line: { msg: string }) => void,
): { stop(): Promise<void> } {
  rmSync(FOLDER, { recursive: true, force: true })
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(FOLDER, name)), { recursive: true })
    writeFileSync(join(FOLDER, name), text)
  }
  const args = ['start', '--root', FOLDER, '--log-format', 'json', '--schema', 'peer']
  const child: ChildProcess = spawn(
    process.execPath,
    [ponder, ...args, '--hostname', '127.0.0.1', '--port', String(port)],
    {
      env: { ...process.env, PONDER_TELEMETRY_DISABLED: '1', DATABASE_URL: '', ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  createInterface({ input: child.stdout! }).on('line', (line) => {
    try {
      log(JSON.parse(line) as { msg: string })
    } catch {
      // Not of the log.
    }
  })
  const ended = new Promise((done) => child.once('exit', done))
  return {
    stop: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}
