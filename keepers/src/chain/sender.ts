import {
  type Address,
  type Hex,
  keccak256,
  type LocalAccount,
  parseTransaction,
  type PublicClient,
  type TransactionReceipt,
  TransactionReceiptNotFoundError,
} from 'viem'
import { fail, LockstepError, oneLine } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import type { Entry, Journal, Sending } from './journal.ts'
import { l1FeeWei } from './l1-fee.ts'

/** A transaction to be: `move` names it in logs and metrics. */
export interface Call {
  readonly move: string
  readonly to: Address
  readonly data: Hex
  readonly valueWei?: bigint
}

export interface SenderOptions {
  readonly confirmations: number
  readonly maxFeePerGasWei: bigint
  /** How long a transaction may wait before it is replaced at a higher fee. */
  readonly bumpAfterSeconds: number
  readonly pollSeconds: number
  /** Told every point at which a kill would hurt most; tests kill the process there. */
  readonly at?: (point: 'signed' | 'journaled' | 'sent' | 'mined' | 'noted') => void
}

// A replacement must raise both fees by 10 % on every client in use; a quarter leaves room for rounding.
const BUMP_PERCENT = 125n
// Simulated gas can grow by the state that changes before inclusion; unused gas is not paid for.
const GAS_PERCENT = 125n

/**
 * Sends the transactions of one key, one at a time. The same intent is never executed twice: it keeps its nonce
 * and its signed bytes in the journal, written before the first byte leaves. The order is simulate, sign,
 * journal, send, receipt; the caller then reads the chain again.
 */
export class Sender {
  readonly address: Address
  readonly #client: PublicClient
  readonly #chainId: number
  readonly #account: LocalAccount
  readonly #journal: Journal
  readonly #options: SenderOptions
  readonly #log: Log
  readonly #metrics: Metrics | undefined
  #tail: Promise<unknown> = Promise.resolve()

  constructor(
    client: PublicClient,
    chainId: number,
    account: LocalAccount,
    journal: Journal,
    options: SenderOptions,
    log: Log,
    metrics?: Metrics,
  ) {
    this.address = account.address
    this.#client = client
    this.#chainId = chainId
    this.#account = account
    this.#journal = journal
    this.#options = options
    this.#log = log
    this.#metrics = metrics
  }

  /**
   * Executes `call` for `intent` unless it was before; returns the receipt either way. `intent` must name
   * everything that makes the act what it is (the dispute and the hash of its position, say). An intent whose
   * transaction reverted or was lost may be asked for again: it then goes out under a new number, after a
   * new simulation.
   */
  send(intent: string, call: Call): Promise<TransactionReceipt> {
    return this.#enqueue(async () => {
      await this.#settleOpen()
      const name = this.#attempt(intent)
      const known = this.#journal.get(name)
      if (known !== undefined) return this.#follow(known, call.move)
      return this.#start(name, call)
    })
  }

  /** Brings what an earlier process left open to its end. Call once after a start. */
  recover(): Promise<void> {
    return this.#enqueue(() => this.#settleOpen())
  }

  #enqueue<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(task)
    this.#tail = result.catch(() => {})
    return result
  }

  async #settleOpen(): Promise<void> {
    for (const entry of this.#journal.open()) {
      this.#log.info({ intent: entry.intent, nonce: entry.nonce }, 'taking up an open transaction')
      try {
        await this.#follow(entry, entry.intent.split(':', 1)[0])
      } catch (error) {
        // Reverted or lost is an outcome too; whoever needs the act derives it from the chain again.
        if (this.#journal.get(entry.intent)!.outcome === 'open') throw error
      }
    }
  }

  /** The intent's name, numbered past transactions that reverted or were lost. */
  #attempt(intent: string): string {
    for (let n = 1; ; n++) {
      const name = n === 1 ? intent : `${intent}#${n}`
      const outcome = this.#journal.get(name)?.outcome
      if (outcome !== 'reverted' && outcome !== 'lost') return name
    }
  }

  async #start(intent: string, call: Call): Promise<TransactionReceipt> {
    const request = {
      account: this.#account,
      to: call.to,
      data: call.data,
      value: call.valueWei ?? 0n,
    }
    const gas = ((await this.#client.estimateGas(request)) * GAS_PERCENT) / 100n
    const fees = await this.#fees()
    await this.#checkFunds(request.value + gas * fees.maxFeePerGas)
    const nonce = Math.max(
      await this.#client.getTransactionCount({ address: this.address, blockTag: 'pending' }),
      this.#journal.nextNonce(),
    )
    const sending = await this.#sign({ ...call, nonce, gas, ...fees })
    this.#options.at?.('signed')
    this.#journal.write({ type: 'send', intent, nonce, ...sending })
    this.#options.at?.('journaled')
    const entry = this.#journal.get(intent)!
    await this.#broadcast(entry)
    this.#options.at?.('sent')
    return this.#follow(entry, call.move)
  }

  /** Waits until one of the entry's transactions is mined deep enough, re-sending and replacing on the way. */
  async #follow(entry: Entry, move: string): Promise<TransactionReceipt> {
    let patience = Date.now() + this.#options.bumpAfterSeconds * 1000
    for (let round = 0; ; round++) {
      const receipt = await this.#receipt(entry)
      if (receipt !== undefined) {
        this.#options.at?.('mined')
        if (!(await this.#isDeep(receipt))) {
          await this.#pause()
          continue
        }
        return this.#conclude(entry, receipt, move)
      }
      if (await this.#isLost(entry)) {
        this.#journal.write({ type: 'lost', intent: entry.intent })
        throw fail.nonceTaken({
          what: `nonce ${entry.nonce} was used by a transaction that this keeper did not send`,
          where: `account ${this.address}, ${entry.intent}`,
          advice: 'give every keeper a key of its own',
        })
      }
      if (round === 0) {
        await this.#refill(entry)
        await this.#broadcast(entry)
      } else if (Date.now() > patience) {
        await this.#refill(entry)
        await this.#replace(entry)
        patience = Date.now() + this.#options.bumpAfterSeconds * 1000
      }
      await this.#pause()
    }
  }

  #conclude(entry: Entry, receipt: TransactionReceipt, move: string): TransactionReceipt {
    const success = receipt.status === 'success'
    const isNew = entry.outcome === 'open'
    // After a reorganisation the same transaction can end differently.
    if (entry.outcome !== (success ? 'success' : 'reverted')) {
      this.#journal.write({
        type: 'mined',
        intent: entry.intent,
        hash: receipt.transactionHash,
        success,
      })
      this.#options.at?.('noted')
    }
    if (isNew) {
      this.#metrics?.transactions.inc({ move, outcome: receipt.status })
      this.#metrics?.gas.inc({ move }, Number(receipt.gasUsed))
      void this.#report(entry, receipt, move)
    }
    if (success) return receipt
    throw fail.reverted({
      what: `${move} reverted`,
      where: `transaction ${receipt.transactionHash}`,
      advice: 'the chain moved on in between; the next look decides again',
    })
  }

  async #report(entry: Entry, receipt: TransactionReceipt, move: string): Promise<void> {
    const { raw } = entry.sendings.find(({ hash }) => hash === receipt.transactionHash)!
    const dataFeeWei = await l1FeeWei(this.#client, raw).catch(() => undefined)
    this.#log.info(
      {
        move,
        hash: receipt.transactionHash,
        nonce: entry.nonce,
        block: receipt.blockNumber.toString(),
        gas: receipt.gasUsed.toString(),
        feeWei: (receipt.gasUsed * receipt.effectiveGasPrice).toString(),
        ...(dataFeeWei === undefined ? {} : { l1FeeWei: dataFeeWei.toString() }),
        status: receipt.status,
      },
      'transaction mined',
    )
  }

  async #receipt(entry: Entry): Promise<TransactionReceipt | undefined> {
    for (const { hash } of entry.sendings) {
      try {
        const receipt = await this.#client.getTransactionReceipt({ hash })
        if (receipt.transactionHash !== hash || !sameAddress(receipt.from, this.address)) {
          throw fail.lyingRpc({
            what: 'the endpoint answered with the receipt of another transaction',
            where: `transaction ${hash}`,
            advice: 'use another --rpc',
          })
        }
        return receipt
      } catch (error) {
        if (!(error instanceof TransactionReceiptNotFoundError)) throw error
      }
    }
    return undefined
  }

  async #isDeep(receipt: TransactionReceipt): Promise<boolean> {
    const head = await this.#client.getBlockNumber({ cacheTime: 0 })
    return head - receipt.blockNumber + 1n >= BigInt(this.#options.confirmations)
  }

  /** Whether the nonce is used up though none of the entry's transactions has a receipt. */
  async #isLost(entry: Entry): Promise<boolean> {
    const used = async () =>
      (await this.#client.getTransactionCount({ address: this.address, blockTag: 'latest' })) >
      entry.nonce
    if (!(await used())) return false
    // Count and receipts may come from nodes that are a block apart, so one look is not enough.
    for (let look = 0; look < 3; look++) {
      await this.#pause()
      if ((await this.#receipt(entry)) !== undefined || !(await used())) return false
    }
    return true
  }

  /** Sends again what a reorganisation took off the chain below the entry, whose nonce waits for theirs. */
  async #refill({ nonce }: Entry): Promise<void> {
    const used = await this.#client.getTransactionCount({
      address: this.address,
      blockTag: 'latest',
    })
    for (const below of this.#journal.between(used, nonce)) {
      this.#log.warn({ intent: below.intent, nonce: below.nonce }, 'sending again after a reorg')
      await this.#broadcast(below)
    }
  }

  async #broadcast(entry: Entry): Promise<void> {
    const { raw, hash } = entry.sendings.at(-1)!
    try {
      await this.#client.sendRawTransaction({ serializedTransaction: raw })
    } catch (error) {
      const text = oneLine(error).toLowerCase()
      // Sent before (by the process that was killed, or mined meanwhile): the receipt decides.
      if (/already known|already imported|known transaction|nonce too low|already mined/.test(text))
        return
      if (/underpriced/.test(text)) return // an earlier sending of this entry waits; the bump follows
      if (/insufficient funds/.test(text)) {
        throw fail.funds({
          what: 'too little ether for a signed transaction',
          where: `account ${this.address}, transaction ${hash}`,
          advice: 'send it ether; the transaction goes out again by itself',
        })
      }
      if (error instanceof LockstepError) throw error
      throw fail.notSent(
        {
          what: `the endpoint refused a transaction: ${text}`,
          where: hash,
          advice: 'it is tried again',
        },
        { cause: error },
      )
    }
  }

  async #replace(entry: Entry): Promise<void> {
    const last = entry.sendings.at(-1)!
    const raise = (wei: bigint) => (wei * BUMP_PERCENT) / 100n + 1n
    const market = await this.#fees()
    const fees = {
      maxFeePerGas: max(raise(last.maxFeePerGas), market.maxFeePerGas),
      maxPriorityFeePerGas: max(raise(last.maxPriorityFeePerGas), market.maxPriorityFeePerGas),
    }
    if (fees.maxFeePerGas > this.#options.maxFeePerGasWei) {
      await this.#broadcast(entry)
      this.#log.warn({ intent: entry.intent }, 'waiting: a replacement would exceed --max-fee-gwei')
      return
    }
    const { to, data, value, gas, nonce } = parseTransaction(last.raw)
    const sending = await this.#sign({
      to: to!,
      data: data ?? '0x',
      valueWei: value ?? 0n,
      nonce: nonce ?? entry.nonce,
      gas: gas!,
      ...fees,
    })
    this.#journal.write({ type: 'send', intent: entry.intent, nonce: entry.nonce, ...sending })
    this.#metrics?.replacements.inc()
    this.#log.warn({ intent: entry.intent, nonce: entry.nonce }, 'replaced at a higher fee')
    await this.#broadcast(entry)
  }

  async #sign(tx: {
    to: Address
    data: Hex
    valueWei?: bigint
    nonce: number
    gas: bigint
    maxFeePerGas: bigint
    maxPriorityFeePerGas: bigint
  }): Promise<Sending> {
    const { to, data, nonce, gas, maxFeePerGas, maxPriorityFeePerGas } = tx
    const raw = await this.#account.signTransaction({
      type: 'eip1559',
      chainId: this.#chainId,
      to,
      data,
      value: tx.valueWei ?? 0n,
      nonce,
      gas,
      maxFeePerGas,
      maxPriorityFeePerGas,
    })
    return { hash: keccak256(raw), raw, maxFeePerGas, maxPriorityFeePerGas }
  }

  async #fees(): Promise<{ maxFeePerGas: bigint; maxPriorityFeePerGas: bigint }> {
    const ceiling = this.#options.maxFeePerGasWei
    const market = await this.#client.estimateFeesPerGas()
    return {
      maxFeePerGas: min(market.maxFeePerGas, ceiling),
      maxPriorityFeePerGas: min(market.maxPriorityFeePerGas, ceiling),
    }
  }

  async #checkFunds(neededWei: bigint): Promise<void> {
    const balanceWei = await this.#client.getBalance({ address: this.address })
    this.#metrics?.balance.set(Number(balanceWei) / 1e18)
    if (balanceWei < neededWei) {
      throw fail.funds({
        what: `too little ether: ${balanceWei} wei, ${neededWei} wei needed`,
        where: `account ${this.address}`,
        advice: 'send it ether',
      })
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, this.#options.pollSeconds * 1000))
  }
}

const max = (a: bigint, b: bigint) => (a > b ? a : b)
const min = (a: bigint, b: bigint) => (a < b ? a : b)
const sameAddress = (a: string, b: string) => a.toLowerCase() === b.toLowerCase()
