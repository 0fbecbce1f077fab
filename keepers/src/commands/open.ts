import type { Corruption } from '@lockstep/repops'
import { join } from 'node:path'
import { type LocalAccount, parseGwei } from 'viem'
import { connect } from '../chain/connect.ts'
import type { Contracts } from '../chain/contracts.ts'
import { findContracts } from '../chain/deployment.ts'
import { Journal } from '../chain/journal.ts'
import { Sender } from '../chain/sender.ts'
import { checkKey, readKey } from '../config/key.ts'
import type { SettingName, Values } from '../config/settings.ts'
import { oneLine } from '../errors.ts'
import { holdLock } from '../files/lock.ts'
import { createLog, type Log } from '../log.ts'
import { Metrics } from '../metrics.ts'
import { serveMetrics } from '../metrics-server.ts'
import { ReceiptBook } from '../receipts/book.ts'
import type { Keeper } from '../roles/keeper.ts'
import { SharedTraces } from '../roles/shared-traces.ts'
import { FolderStore } from '../store/folder.ts'
import { HttpStore } from '../store/http.ts'
import { Mirror } from '../store/mirror.ts'
import { Workshop } from '../trace/workshop.ts'
import { openEngine } from './backend.ts'

/** Settings of everything that reads the chain. */
export const READING = [
  'rpc',
  'witnessRpc',
  'deployment',
  'logLevel',
] as const satisfies SettingName[]
/** Settings of everything that works with artifacts. */
export const WORKING = [
  'home',
  'peers',
  'maxArtifactMib',
  'backend',
  'threads',
] as const satisfies SettingName[]
/** Settings of everything that sends transactions. */
export const SENDING = [
  'keyFile',
  'keyPassphraseFile',
  'confirmations',
  'maxFeeGwei',
  'pollSeconds',
] as const satisfies SettingName[]
/** Settings of a role: all of these, and its own. */
export const ROLE = [
  ...READING,
  ...WORKING,
  ...SENDING,
  'maxJobMib',
  'maxJobNodes',
  'metricsPort',
  'metricsHost',
  'once',
] as const

// A transaction that waits longer than this is replaced at a higher fee.
const BUMP_AFTER_SECONDS = 45

export async function openContracts(
  values: Values<'rpc' | 'witnessRpc' | 'deployment' | 'home'>,
): Promise<Contracts> {
  const { rpc, witnessRpc, deployment, home } = values
  return findContracts(await connect(rpc, witnessRpc), deployment, home)
}

export function openMirror(
  values: Pick<Values<'home' | 'peers' | 'maxArtifactMib'>, 'home' | 'peers' | 'maxArtifactMib'>,
  log: Log,
): Mirror {
  const folder = new FolderStore(join(values.home, 'store'))
  const peers = values.peers.map((peer) => new HttpStore(peer))
  return new Mirror(folder, peers, values.maxArtifactMib * 2 ** 20, log)
}

/** The account of this process and the one queue that its transactions go through. */
export function openSender(
  values: Values<(typeof SENDING)[number] | 'home'>,
  contracts: Contracts,
  account: LocalAccount,
  log: Log,
  metrics?: Metrics,
): { sender: Sender; account: LocalAccount; close: () => void } {
  const { chain } = contracts
  checkKey(account, values, chain.id)
  // A devnet that starts anew has the same id and other blocks: what was sent on the old one says nothing there.
  const name = `${chain.id}-${chain.genesis.slice(2, 10)}-${account.address.toLowerCase()}`
  const path = join(values.home, 'journal', `${name}.jsonl`)
  const release = holdLock(`${path}.lock`)
  const journal = new Journal(path)
  const options = {
    confirmations: values.confirmations,
    maxFeePerGasWei: parseGwei(String(values.maxFeeGwei)),
    bumpAfterSeconds: BUMP_AFTER_SECONDS,
    pollSeconds: Math.min(values.pollSeconds, 1),
  }
  const sender = new Sender(chain.client, chain.id, account, journal, options, log, metrics)
  const close = () => {
    journal.close()
    release()
  }
  return { sender, account, close }
}

/** The contracts, and the account that sends to them. A wrong key is said before the chain is asked for anything. */
export async function openChain(
  values: Values<(typeof SENDING)[number] | 'rpc' | 'witnessRpc' | 'deployment' | 'home'>,
  log: Log,
  metrics?: Metrics,
  account?: LocalAccount,
): Promise<{ contracts: Contracts } & ReturnType<typeof openSender>> {
  const signer = account ?? (await readKey(values, process.env))
  const contracts = await openContracts(values)
  return { contracts, ...openSender(values, contracts, signer, log, metrics) }
}

/** Everything a role works with. */
export async function openKeeper(
  role: string,
  values: Values<(typeof ROLE)[number]>,
  corruption?: Corruption,
): Promise<{ keeper: Keeper; account: LocalAccount; close: () => Promise<void> }> {
  const log = createLog(values.logLevel, role)
  const metrics = new Metrics(role)
  // What is wrong here is said whether the chain can be reached or not.
  const signer = await readKey(values, process.env)
  const engine = await openEngine(values, log, metrics)
  const { contracts, sender, account, close } = await openChain(values, log, metrics, signer).catch(
    async (error: unknown) => {
      await engine.close().catch(() => undefined)
      throw error
    },
  )
  let workshop: Workshop | undefined
  /** Rejects never: what the command has come to stands. */
  const closeAll = async (): Promise<void> => {
    try {
      await workshop?.close() // a run computes on the engine
      await engine.close()
    } catch (error) {
      log.warn({ backend: engine.name, problem: oneLine(error) }, 'the backend did not close')
    } finally {
      close()
    }
  }
  try {
    const mirror = openMirror(values, log)
    workshop = new Workshop({
      folder: join(values.home, 'work'),
      contracts,
      mirror,
      engine,
      maxJobBytes: values.maxJobMib * 2 ** 20,
      maxJobNodes: values.maxJobNodes,
      user: account.address,
      corruption,
      log,
      metrics,
    })
    await serveMetrics(metrics, values, log)
    log.info({ account: account.address, chain: contracts.chain.id }, `${role} started`)
    await sender.recover()
    const shared = new SharedTraces(contracts)
    const receipts = new ReceiptBook(join(values.home, 'receipts'), contracts, account)
    return {
      keeper: { contracts, sender, workshop, shared, receipts, log, metrics },
      account,
      close: closeAll,
    }
  } catch (error) {
    await closeAll()
    throw error
  }
}
