import { setTimeout as sleep } from 'node:timers/promises'
import type { Address } from '../address.ts'
import { DeploymentError } from '../errors.ts'
import type { Rpc } from '../rpc.ts'

const PATIENCE_SECONDS = 30

/** What of a receipt is read here; quantities are hexadecimal. */
export interface Receipt {
  readonly status: string
  readonly gasUsed: string
  readonly effectiveGasPrice: string
}

/** Sends a transaction from an account that the devnet unlocks and waits until it is mined. */
export async function send(rpc: Rpc, from: Address, to: Address, data: string): Promise<void> {
  const hash = await rpc.call('eth_sendTransaction', { from, to, data })
  const { status } = await minedReceipt(rpc, hash)
  if (status !== '0x1')
    throw new DeploymentError('badRpc', `${to} refused ${data.slice(0, 10)} from ${from}`)
}

/** The receipt of a transaction that was sent. A devnet answers the sender before it has mined. */
export async function minedReceipt(rpc: Rpc, hash: unknown): Promise<Receipt> {
  for (let waitedMs = 0; waitedMs < PATIENCE_SECONDS * 1000; waitedMs += 20) {
    const receipt = await rpc.call('eth_getTransactionReceipt', hash)
    if (receipt !== null) return receipt as Receipt
    await sleep(20)
  }
  throw new DeploymentError(
    'badRpc',
    `${String(hash)} is not mined after ${PATIENCE_SECONDS} seconds`,
  )
}
