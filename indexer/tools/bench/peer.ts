import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../preflight.ts'
import { type LogLine, PONDER } from '../../start.ts'
import { headOf } from '../../testing/run.ts'
import { FAKE_DEPLOYMENT } from '../../testing/world.ts'
import type { Note, World } from './bench.ts'
import type { Database } from './databases.ts'
import { BackfillWatch, eventsOf, type Rates } from './rates.ts'

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
  chains: { chain: { id: deployment.chainId, rpc: Array.from({ length: 200 }, () => rpcUrl), pollingInterval: 100 } },
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

/** Its rates: how fast any app on Ponder can be here. Vaults' events, of addresses that come with the chain, are left out. */
export async function measurePeer(world: World, database: Database, note: Note): Promise<Rates> {
  const first = await rateOf(world, database)
  await database.query('peer', 'drop schema peer cascade')
  const again = await rateOf(world, database)
  note('least Ponder app, chain not read yet', first, 'events/s')
  note('least Ponder app, chain read before', again, 'events/s')
  return { first, again }
}

async function rateOf({ chain, node, bench }: World, database: Database): Promise<number> {
  const watch = new BackfillWatch()
  const port = await freePort(0)
  const { home, databaseUrl } = database.options('peer')
  const peer = startPeer(
    port,
    {
      LOCKSTEP_DEPLOYMENT: bench.deploymentFile,
      LOCKSTEP_RPC: node.url,
      LOCKSTEP_INDEXER_HOME: home,
      ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
    },
    watch.see,
  )
  try {
    const url = `http://127.0.0.1:${port}`
    while ((await headOf({ url })) < chain.head.number)
      await new Promise((next) => setTimeout(next, 20))
    const vaults = chain.blocks
      .flatMap(({ transactions }) => transactions.flatMap(({ logs }) => logs))
      .filter(({ address }) => !Object.values(FAKE_DEPLOYMENT.contracts).includes(address)).length
    return watch.rate({ chain }) * (1 - vaults / eventsOf(chain.blocks))
  } finally {
    await peer.stop()
  }
}

function startPeer(
  port: number,
  environment: Readonly<Record<string, string>>,
  log: (line: LogLine) => void,
): { stop(): Promise<void> } {
  rmSync(FOLDER, { recursive: true, force: true })
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(FOLDER, name)), { recursive: true })
    writeFileSync(join(FOLDER, name), text)
  }
  const args = ['start', '--root', FOLDER, '--log-format', 'json', '--schema', 'peer']
  const child: ChildProcess = spawn(
    process.execPath,
    [PONDER, ...args, '--hostname', '127.0.0.1', '--port', String(port)],
    {
      env: { ...process.env, PONDER_TELEMETRY_DISABLED: '1', DATABASE_URL: '', ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  createInterface({ input: child.stdout! }).on('line', (line) => {
    try {
      log(JSON.parse(line) as LogLine)
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
