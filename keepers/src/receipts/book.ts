import { existsSync, readFileSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { LocalAccount } from 'viem'
import type { Claim } from '../chain/claims.ts'
import type { Contracts } from '../chain/contracts.ts'
import { LockstepError } from '../errors.ts'
import { writeAtomic } from '../files/atomic.ts'
import type { Trace } from '../trace/trace.ts'
import { readReceipt, type Receipt, receiptText } from './receipt.ts'
import { type ReceiptOf, writeReceipt } from './write.ts'

const NAME = /^\d{1,78}-\d{1,10}\.json$/

/** Receipts by name, as they are served. */
export interface ReceiptFiles {
  /** The file of a receipt, which the caller closes; undefined if there is none of that name. */
  open(name: string): Promise<{ readonly file: FileHandle; readonly size: number } | undefined>
}

/** The receipts of a keeper's claims, signed by its account: `<folder>/<job>-<attempt>.json`. */
export class ReceiptBook implements ReceiptFiles {
  readonly #folder: string
  readonly #contracts: Contracts
  readonly #account: LocalAccount
  /** Claims by the path of their receipts, as far as these were looked at. */
  readonly #written = new Map<string, bigint>()

  constructor(folder: string, contracts: Contracts, account: LocalAccount) {
    this.#folder = folder
    this.#contracts = contracts
    this.#account = account
  }

  /** Whether the receipt of this very claim is there. One of the same name may be of a chain that is gone. */
  has(job: bigint, attempt: number, { id }: Pick<Claim, 'id'>): boolean {
    const path = this.path(job, attempt)
    if (this.#written.get(path) === id) return true
    if (!existsSync(path)) return false
    try {
      const { claim, chain } = readReceipt(readFileSync(path, 'utf8'), path)
      if (claim !== id || chain.genesis !== this.#contracts.chain.genesis) return false
    } catch (error) {
      if (error instanceof LockstepError) return false // damaged: it is written anew
      throw error
    }
    this.#written.set(path, id)
    return true
  }

  path(job: bigint, attempt: number): string {
    return join(this.#folder, `${job}-${attempt}.json`)
  }

  /** Writes the receipt of a claim from the complete run that it was made of. */
  async keep(of: ReceiptOf, trace: Trace): Promise<Receipt> {
    const receipt = await writeReceipt(this.#contracts, of, trace, this.#account)
    const path = this.path(of.job, of.attempt)
    writeAtomic(path, receiptText(receipt))
    this.#written.set(path, of.claim.id)
    return receipt
  }

  async open(
    name: string,
  ): Promise<{ readonly file: FileHandle; readonly size: number } | undefined> {
    if (!NAME.test(name)) return undefined
    try {
      const file = await open(join(this.#folder, name), 'r')
      return { file, size: (await file.stat()).size }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }
}
