import { withoutSecrets } from '@lockstep/deployments'
import { createPublicClient, formatEther, http, type PublicClient } from 'viem'
import type { PrivateKeyAccount } from 'viem/accounts'
import { connect } from '../chain/connect.ts'
import type { Contracts } from '../chain/contracts.ts'
import { findContracts } from '../chain/deployment.ts'
import { readVault } from '../chain/jobs.ts'
import { readStake } from '../chain/stake.ts'
import { checkKey, isKeyGiven, readKey } from '../config/key.ts'
import type { Values } from '../config/settings.ts'
import { LockstepError, oneLine } from '../errors.ts'
import { exchange } from '../files/download.ts'
import { span } from '../text.ts'
import { type Check, failed, type Finding, messageOf, ok, skipped, warning } from './check.ts'

const SAMPLES = 3
// A keeper asks a few dozen things at every look.
const SLOW_MS = 500
// Blocks come every 2 s on an OP Stack chain.
const MOST_SKEW_SECONDS = 30
// What a claim and the moves of a dispute about it take, rounded up.
const USUAL_GAS = 5_000_000n

type Network = Values<
  | 'rpc'
  | 'witnessRpc'
  | 'deployment'
  | 'home'
  | 'role'
  | 'keyFile'
  | 'keyPassphraseFile'
  | 'vault'
  | 'peers'
  | 'indexer'
  | 'timeoutSeconds'
>

/**
 * Checks of what the keeper talks to. The account is read before, since somebody may have to be asked for a passphrase.
 */
export async function networkChecks(values: Network): Promise<Check[]> {
  const { rpc, timeoutSeconds } = values
  const transport = http(rpc, { timeout: 1000 * timeoutSeconds, retryCount: 0 })
  const client = createPublicClient({ transport, cacheTime: 0 })
  const account = await readKey(values, process.env).catch((error: unknown) => {
    if (error instanceof LockstepError) return error
    throw error
  })
  const isGiven = isKeyGiven(values, process.env)
  // Three checks need them, one says what is wrong with them.
  const contracts = connect(rpc, values.witnessRpc).then((chain) =>
    findContracts(chain, values.deployment),
  )
  contracts.catch(() => undefined)
  const withContracts = async (
    look: (contracts: Contracts, account: PrivateKeyAccount) => Promise<Finding>,
  ): Promise<Finding> => {
    if (account instanceof LockstepError) return skipped('there is no account')
    const found = await contracts.catch(() => undefined)
    return found === undefined ? skipped('the contracts cannot be read') : look(found, account)
  }
  return [
    { name: 'RPC', run: () => checkRpc(client, rpc) },
    { name: 'contracts', run: async () => describeContracts(await contracts) },
    { name: 'clock', run: () => checkClock(client) },
    { name: 'account', run: () => Promise.resolve(checkAccount(account, isGiven)) },
    { name: 'gas', run: () => withContracts((of, { address }) => checkGas(of, address)) },
    { name: 'stake', run: () => withContracts((of, who) => checkStake(of, who, values)) },
    { name: 'indexer', run: () => checkIndexer(values) },
    ...values.peers.map((peer) => ({ name: `peer ${peer}`, run: () => checkPeer(peer, values) })),
  ]
}

async function checkRpc(client: PublicClient, rpc: string): Promise<Finding> {
  const shown = withoutSecrets(rpc)
  const times: number[] = []
  try {
    for (let i = 0; i < SAMPLES; i++) {
      const started = performance.now()
      await client.getChainId()
      times.push(performance.now() - started)
    }
  } catch (error) {
    return failed(`${shown}: ${messageOf(error)}`, 'check --rpc and that the node runs')
  }
  const ms = times.sort((a, b) => a - b)[SAMPLES >> 1]
  const found = `${shown} answers in ${ms.toFixed(ms < 10 ? 1 : 0)} ms`
  return ms > SLOW_MS
    ? warning(found, 'use an endpoint that is nearer: clocks of disputes run')
    : ok(found)
}

function describeContracts({ chain, verde }: Contracts): Finding {
  return ok(`chain ${chain.id}, Verde at ${verde}; they have code and name each other`)
}

async function checkClock(client: PublicClient): Promise<Finding> {
  const head = await client.getBlock({ blockTag: 'latest' }).catch(() => undefined)
  if (head === undefined) return skipped('the chain cannot be read')
  const ahead = Number(head.timestamp) - Math.floor(Date.now() / 1000)
  const found = `block ${head.number} is ${describeSkew(ahead)}`
  if (Math.abs(ahead) <= MOST_SKEW_SECONDS) return ok(found)
  return warning(
    found,
    ahead > 0
      ? "set this machine's clock (NTP); a devnet's time may have been moved ahead"
      : "set this machine's clock (NTP), or use an endpoint that follows the chain: its newest block is old",
  )
}

export function describeSkew(ahead: number): string {
  if (Math.abs(ahead) <= 1) return 'of this second'
  return `${span(Math.abs(ahead))} ${ahead > 0 ? "ahead of this machine's clock" : 'old by it'}`
}

function checkAccount(account: PrivateKeyAccount | LockstepError, isGiven: boolean): Finding {
  if (!(account instanceof LockstepError)) return ok(account.address)
  const found = `${account.what} (${account.where})`
  return isGiven
    ? failed(found, account.advice)
    : warning(found, `${account.advice}; what only reads needs none`)
}

async function checkGas({ chain }: Contracts, address: `0x${string}`): Promise<Finding> {
  const [wei, price] = await Promise.all([
    chain.client.getBalance({ address }),
    chain.client.getGasPrice(),
  ])
  const needed = 2n * price * USUAL_GAS
  const found = `${formatEther(wei)} ether`
  if (wei === 0n) return failed(found, `send ether to ${address}`)
  if (wei >= needed) return ok(found)
  return warning(
    found,
    `a claim and a dispute may take ${formatEther(needed)} ether at twice today's price: send more to ${address}`,
  )
}

async function checkStake(
  contracts: Contracts,
  account: PrivateKeyAccount,
  values: Network,
): Promise<Finding> {
  checkKey(account, values, contracts.chain.id)
  const vault = await readVault(contracts, account.address, values.vault)
  const needsOne = values.role === 'solver'
  if (vault === undefined) {
    return needsOne
      ? warning('no staking vault', 'solvers need one: lockstep stake --amount <$AI>')
      : ok(`no staking vault; a ${values.role} needs none`)
  }
  const { lockedAssets, freeAssets } = await readStake(contracts, vault.address)
  const found = `vault ${vault.address}: ${formatEther(freeAssets)} $AI free, ${formatEther(lockedAssets)} locked`
  return freeAssets > 0n || !needsOne
    ? ok(found)
    : warning(found, 'nothing is free for another job: lockstep stake --amount <$AI>')
}

async function checkIndexer({ indexer, timeoutSeconds }: Network): Promise<Finding> {
  if (indexer === undefined) return ok('none is named (--indexer)')
  const started = performance.now()
  try {
    const { status, body } = await exchange(indexer, {
      json: '{"query":"{ __typename }"}',
      limitBytes: 65_536,
      timeoutSeconds,
    })
    const answer = JSON.parse(new TextDecoder().decode(body)) as { data?: unknown }
    if (status !== 200 || answer.data === undefined) throw new Error(`status ${status}`)
    return ok(`${indexer} answers in ${(performance.now() - started).toFixed(0)} ms`)
  } catch (error) {
    return failed(`${indexer}: ${oneLine(error)}`, 'check --indexer and that the indexer runs')
  }
}

/** A peer that does not answer keeps nobody from working: there are others, and the chain. */
async function checkPeer(peer: string, { timeoutSeconds }: Network): Promise<Finding> {
  try {
    await exchange(peer, { limitBytes: 65_536, timeoutSeconds })
    return ok('answers')
  } catch (error) {
    return warning(oneLine(error), 'it is not there now; artifacts come from others or not at all')
  }
}
