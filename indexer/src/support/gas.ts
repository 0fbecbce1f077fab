import { type dispute, network } from 'ponder:schema'
import type { Hex } from 'viem'
import type { Db, Happening } from './fold.ts'

type Dispute = typeof dispute.$inferSelect

/** An event with what its transaction cost. */
export interface Priced extends Happening {
  readonly transactionReceipt: { readonly gasUsed: bigint }
}

/** Gas of a dispute after a move, and after an answer that it found given: of every transaction once. */
export function gasAfter(
  before: { readonly gas: bigint; readonly gasOf?: Hex },
  { transaction: { hash }, transactionReceipt: { gasUsed } }: Priced,
  found: { readonly gas: bigint; readonly transaction: Hex } | null = null,
): Pick<Dispute, 'gas' | 'gasOf'> {
  const own = before.gasOf === hash ? 0n : gasUsed
  const ofAnswer = found === null || found.transaction === hash ? 0n : found.gas
  return { gas: before.gas + own + ofAnswer, gasOf: hash }
}

/** What a move adds to the gas of all disputes: nothing where its transaction made a move before. */
export async function gasOnce(
  db: Db,
  id: number,
  { transaction, transactionReceipt }: Priced,
): Promise<bigint> {
  const { disputeGasOf } = (await db.find(network, { id }))!
  if (disputeGasOf === transaction.hash) return 0n
  await db.update(network, { id }).set({ disputeGasOf: transaction.hash })
  return transactionReceipt.gasUsed
}
