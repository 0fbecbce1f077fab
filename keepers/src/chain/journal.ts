import { closeSync, existsSync, ftruncateSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Hash, Hex } from 'viem'
import { z } from 'zod'
import { fail } from '../errors.ts'
import { appendDurable } from '../files/atomic.ts'

const hex = z
  .string()
  .regex(/^0x[0-9a-f]*$/)
  .transform((text) => text as Hex)
const wei = z.string().regex(/^\d+$/).transform(BigInt)

const line = z.discriminatedUnion('type', [
  /** Written before the transaction leaves: what was meant, and the exact bytes that were signed. */
  z.object({
    type: z.literal('send'),
    intent: z.string(),
    nonce: z.int().min(0),
    hash: hex,
    raw: hex,
    maxFeePerGas: wei,
    maxPriorityFeePerGas: wei,
  }),
  /** A transaction of the intent is on the chain. */
  z.object({ type: z.literal('mined'), intent: z.string(), hash: hex, success: z.boolean() }),
  /** The node did not take the transaction: its nonce is free for another intent. */
  z.object({ type: z.literal('refused'), intent: z.string(), reason: z.string() }),
  /** The nonce was used by another transaction: the intent was not executed. */
  z.object({ type: z.literal('superseded'), intent: z.string(), reason: z.string() }),
])

export type JournalLine = z.output<typeof line>

/** A signed transaction of an intent; later ones replace earlier ones at the same nonce. */
export interface Sending {
  readonly hash: Hash
  readonly raw: Hex
  readonly maxFeePerGas: bigint
  readonly maxPriorityFeePerGas: bigint
}

/** An intent and everything that was ever signed for it. All sendings share the nonce: one at most is mined. */
export interface Entry {
  readonly intent: string
  readonly nonce: number
  readonly sendings: Sending[]
  /** `refused`: by the contract, then there is a minedHash, or by the node. */
  outcome: 'open' | 'done' | 'refused' | 'superseded'
  /** Why it is refused or superseded. */
  reason: string | undefined
  minedHash: Hash | undefined
}

/** Whether the entry's transaction is, or may be, the one that uses its nonce. */
const usesNonce = ({ outcome, minedHash }: Entry): boolean =>
  outcome === 'open' || minedHash !== undefined

/**
 * The durable memory of one key on one chain: an append-only file, one JSON object a line, flushed to disk
 * before the act that the line describes. After a kill the file says exactly which transactions may be out.
 */
export class Journal {
  readonly path: string
  readonly #file: number
  readonly #entries = new Map<string, Entry>()

  constructor(path: string) {
    this.path = path
    mkdirSync(dirname(path), { recursive: true })
    const whole = existsSync(path) ? this.#load(readFileSync(path)) : 0
    this.#file = openSync(path, 'a')
    // A last line without its end was cut off by a kill, so what it describes was not done.
    ftruncateSync(this.#file, whole)
  }

  get(intent: string): Entry | undefined {
    return this.#entries.get(intent)
  }

  /** Intents whose outcome is not known, in the order of their nonces. */
  open(): Entry[] {
    return this.#inOrder(({ outcome }) => outcome === 'open')
  }

  /** Those whose transactions use the nonces from `from` up to but not including `to`, in their order. */
  between(from: number, to: number): Entry[] {
    return this.#inOrder((entry) => entry.nonce >= from && entry.nonce < to && usesNonce(entry))
  }

  #inOrder(wanted: (entry: Entry) => boolean): Entry[] {
    return [...this.#entries.values()].filter(wanted).sort((a, b) => a.nonce - b.nonce)
  }

  /**
   * The nonce for a new transaction, where the chain has used those below `latest` and knows of transactions
   * below `pending`. One that was signed with and refused comes first: a node that took that transaction after
   * all can then have only one of the two mined, and nothing waits behind a gap.
   */
  nextNonce(latest: number, pending: number): number {
    const free = new Set<number>()
    let next = pending
    for (const { nonce } of this.#inOrder((entry) => entry.nonce >= latest)) free.add(nonce)
    for (const { nonce } of this.#inOrder(usesNonce)) {
      free.delete(nonce)
      next = Math.max(next, nonce + 1)
    }
    for (const nonce of free) return nonce
    return next
  }

  write(entry: JournalLine): void {
    const text = JSON.stringify(entry, (_, value: unknown) =>
      typeof value === 'bigint' ? value.toString() : value,
    )
    appendDurable(this.#file, `${text}\n`, this.path)
    this.#apply(entry)
  }

  close(): void {
    closeSync(this.#file)
  }

  #load(bytes: Buffer): number {
    const whole = bytes.lastIndexOf(0x0a) + 1
    const lines = bytes.subarray(0, whole).toString('utf8').split('\n').slice(0, -1)
    lines.forEach((text, i) => {
      try {
        this.#apply(line.parse(JSON.parse(text)))
      } catch (cause) {
        throw fail.badJournal(
          {
            what: 'the journal of sent transactions is damaged',
            where: `${this.path}, line ${i + 1}`,
            advice: 'restore it, or move it away once no transaction of this key is pending',
          },
          { cause },
        )
      }
    })
    return whole
  }

  #apply(entry: JournalLine): void {
    const known = this.#entries.get(entry.intent)
    if (entry.type === 'send') {
      const { intent, nonce, hash, raw, maxFeePerGas, maxPriorityFeePerGas } = entry
      const sending = { hash, raw, maxFeePerGas, maxPriorityFeePerGas }
      if (known === undefined) {
        const entry: Entry = {
          intent,
          nonce,
          sendings: [sending],
          outcome: 'open',
          reason: undefined,
          minedHash: undefined,
        }
        this.#entries.set(intent, entry)
      } else if (known.nonce === nonce) {
        known.sendings.push(sending)
        this.#end(known, 'open')
      } else {
        throw new Error(`intent ${intent} was sent at nonce ${known.nonce} before`)
      }
      return
    }
    if (known === undefined) throw new Error(`intent ${entry.intent} was never sent`)
    if (entry.type === 'mined') {
      if (entry.success) this.#end(known, 'done')
      else this.#end(known, 'refused', `reverted in ${entry.hash}`)
      known.minedHash = entry.hash
    } else {
      this.#end(known, entry.type, entry.reason)
    }
  }

  #end(entry: Entry, outcome: Entry['outcome'], reason?: string): void {
    entry.outcome = outcome
    entry.reason = reason
    entry.minedHash = undefined
  }
}
