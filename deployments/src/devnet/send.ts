import { setTimeout as sleep } from 'node:timers/promises'
import type { Address } from '../address.ts'
import { DeploymentError } from '../errors.ts'
import type { Rpc } from '../rpc.ts'

const PATIENCE_SECONDS = 30

/** Sends a transaction from an account that the devnet unlocks and waits until it is mined. */
export async function send(rpc: Rpc, from: Address, to: Address, data: string): Promise<void> {
  const hash = await rpc.call('eth_sendTransaction', { from, to, data })
  for (let waitedMs = 0; waitedMs < PATIENCE_SECONDS * 1000; waitedMs += 20) {
    const receipt = await rpc.call('eth_getTransactionReceipt', hash)
    if (receipt !== null) {
      if ((receipt as { status: string }).status === '0x1') return
      throw new DeploymentError('badRpc', `${to} refused ${data.slice(0, 10)} from ${from}`)
    }
    await sleep(20)
  }
  throw new DeploymentError(
    'badRpc',
    `${String(hash)} is not mined after ${PATIENCE_SECONDS} seconds`,
  )
}
