import {
  type Address,
  BaseError,
  formatGwei,
  type Hash,
  type Hex,
  isAddressEqual,
  keccak256,
  type LocalAccount,
  parseTransaction,
  type PublicClient,
  RpcRequestError,
  TransactionNotFoundError,
  type TransactionReceipt,
  TransactionReceiptNotFoundError,
} from 'viem'
import { fail, type LockstepError, oneLine } from '../errors.ts'
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

/** What an earlier process had begun to send, and is mined. */
export interface Executed {
  readonly intent: string
  readonly to: Address
  readonly data: Hex
  readonly transaction: Hash
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
// Enough for the seven-fold fee; after that the node wants something else.
const MOST_SENDINGS = 10
// EIP-1474: "Request exceeds defined limit", which says nothing about the transaction.
const LIMIT_EXCEEDED = -32005
// Simulated gas can grow by the state that changes before inclusion; unused gas is not paid for.
const GAS_PERCENT = 125n
const BALANCE_MS = 60_000

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
  #minedAt = 0n
  #balanceNotedMs = -Infinity

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
   * The latest block in which a transaction of this sender's was seen. Whoever plans its next one on an older block,
   * which a node that lags behind may still show as the latest, plans without what it has just done.
   */
  get minedAt(): bigint {
    return this.#minedAt
  }

  /**
   * Executes `call` for `intent` unless it was before; returns the receipt either way. `intent` must name
   * everything that makes the act what it is (the dispute and the hash of its position, say). Every intent ends
   * as done, refused (by simulation, node or contract: it throws why) or superseded (its nonce was used by
   * another transaction), and none keeps the next one waiting. One that is refused or superseded may be asked
   * for again: it then goes out under a new number, after a new simulation. A new intent is not begun where others
   * were still open when it was planned: they are brought to their end, and it throws.
   */
  send(intent: string, call: Call): Promise<TransactionReceipt> {
    return this.#enqueue(async () => {
      const settled = await this.#settleOpen()
      const { name, entry } = await this.#latest(intent)
      if (entry !== undefined) return this.#follow(entry, call.move)
      this.#checkOutdated(intent, settled)
      return this.#start(name, call)
    })
  }

  /** Counts the ether of the account, once a minute at most. */
  async noteBalance(): Promise<void> {
    if (this.#metrics === undefined) return
    if (performance.now() - this.#balanceNotedMs < BALANCE_MS) return
    await this.#balance()
    this.#balanceNotedMs = performance.now()
  }

  async #balance(): Promise<bigint> {
    const balanceWei = await this.#client.getBalance({ address: this.address })
    this.#metrics?.balance.set(Number(balanceWei) / 1e18)
    return balanceWei
  }

  /** Whether an intent was begun and came to nothing else: asked for again, it sends nothing new. */
  async stands(intent: string): Promise<boolean> {
    return (await this.#latest(intent)).entry !== undefined
  }

  /** The attempt that stands for an intent, or else the name of its next one. */
  async #latest(intent: string): Promise<{ name: string; entry: Entry | undefined }> {
    for (let attempt = 1; ; attempt++) {
      const name = attempt === 1 ? intent : `${intent}#${attempt}`
      const entry = this.#journal.get(name)
      if (entry === undefined || (await this.#isAlive(entry))) return { name, entry }
    }
  }

  /** A call was planned before other intents had come to their end, so nobody knows whether it is still meant. */
  #checkOutdated(intent: string, settled: readonly string[]): void {
    const other = settled.find((name) => name.split('#', 1)[0] !== intent)
    if (other === undefined) return
    throw fail.notSent({
      what: `${other} was open when this was planned, and has come to its end`,
      where: `account ${this.address}, ${intent}`,
      advice: 'nothing was sent; the next look at the chain decides again',
    })
  }

  /** Brings what an earlier process left open to its end; returns what of it was executed. Call once after a start. */
  recover(): Promise<Executed[]> {
    return this.#enqueue(async () => {
      const entries = (await this.#settleOpen()).map((intent) => this.#journal.get(intent)!)
      const last = this.#journal.between(0, Number.MAX_SAFE_INTEGER).at(-1)
      if (last !== undefined) await this.#receipt(last) // where it is mined is known from now on
      return entries.flatMap(({ intent, outcome, minedHash, sendings }) => {
        const { to, data } = parseTransaction(sendings[0].raw)
        const isDone = outcome === 'done' && minedHash !== undefined
        return isDone ? [{ intent, to: to!, data: data ?? '0x', transaction: minedHash }] : []
      })
    })
  }

  #enqueue<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(task)
    this.#tail = result.catch(() => {})
    return result
  }

  /** Returns the intents that were open. */
  async #settleOpen(): Promise<string[]> {
    const open = this.#journal.open()
    for (const entry of open) {
      this.#log.info({ intent: entry.intent, nonce: entry.nonce }, 'taking up an open transaction')
      try {
        await this.#follow(entry, entry.intent.split(':', 1)[0])
      } catch (error) {
        // Refused or superseded is an outcome too; whoever needs the act derives it from the chain again.
        if (this.#journal.get(entry.intent)!.outcome === 'open') throw error
      }
    }
    return open.map(({ intent }) => intent)
  }

  /** Whether the entry stands for its intent: no further attempt may be made then. */
  async #isAlive(entry: Entry): Promise<boolean> {
    if (entry.outcome === 'done' || entry.outcome === 'open') return true
    const receipt = await this.#receipt(entry)
    // A node can refuse a transaction that it took, and a reorganisation can take off one that reverted.
    return receipt === undefined ? entry.minedHash !== undefined : receipt.status === 'success'
  }

  async #start(intent: string, call: Call): Promise<TransactionReceipt> {
    let sending: Sending & { nonce: number }
    try {
      sending = await this.#prepare(call)
    } catch (error) {
      this.#metrics?.transactions.inc({ move: call.move, outcome: 'refused' })
      throw error
    }
    this.#options.at?.('signed')
    this.#journal.write({ type: 'send', intent, ...sending })
    this.#options.at?.('journaled')
    return this.#follow(this.#journal.get(intent)!, call.move)
  }

  /** Simulates and signs. Nothing is written down before that has worked, so a failure leaves nothing behind. */
  async #prepare(call: Call): Promise<Sending & { nonce: number }> {
    const request = {
      account: this.#account,
      to: call.to,
      data: call.data,
      value: call.valueWei ?? 0n,
    }
    const gas = ((await this.#client.estimateGas(request)) * GAS_PERCENT) / 100n
    const fees = await this.#fees()
    await this.#checkFunds(request.value + gas * fees.maxFeePerGas)
    const { address } = this
    const [latest, pending] = await Promise.all([
      this.#client.getTransactionCount({ address, blockTag: 'latest' }),
      this.#client.getTransactionCount({ address, blockTag: 'pending' }),
    ])
    const nonce = this.#journal.nextNonce(latest, pending)
    return { nonce, ...(await this.#sign({ ...call, nonce, gas, ...fees })) }
  }

  /** Brings an entry to its end, and shows since when it is under way. */
  async #follow(entry: Entry, move: string): Promise<TransactionReceipt> {
    this.#metrics?.openTransaction.set(Date.now() / 1000)
    try {
      return await this.#mined(entry, move)
    } finally {
      this.#metrics?.openTransaction.remove()
    }
  }

  /** Waits until one of the entry's transactions is mined deep enough, re-sending and replacing on the way. */
  async #mined(entry: Entry, move: string): Promise<TransactionReceipt> {
    const { bumpAfterSeconds } = this.#options
    let due = 0 // it goes out at once: a process that was killed may not have come to it
    for (;;) {
      const receipt = await this.#receipt(entry)
      if (receipt !== undefined) {
        this.#options.at?.('mined')
        if (await this.#isDeep(receipt)) return this.#conclude(entry, receipt, move)
      } else if (await this.#isSuperseded(entry)) {
        throw this.#supersede(entry, move)
      } else if (Date.now() >= due) {
        await this.#refill(entry)
        const reason = due === 0 ? await this.#broadcast(entry) : await this.#replace(entry)
        this.#options.at?.('sent')
        due = Date.now() + bumpAfterSeconds * 1000
        // A node that refuses to replace a transaction still has the one before, and one that is mined is known.
        if (reason !== undefined && !(await this.#isKnown(entry))) {
          if (!this.#canRaise(entry, reason)) throw await this.#refuse(entry, move, reason)
          due = 1
          continue
        }
      }
      await this.#pause()
    }
  }

  /** Whether a higher fee could change the node's mind. */
  #canRaise({ sendings }: Entry, reason: string): boolean {
    const feeWei = raise(sendings.at(-1)!.maxFeePerGas)
    const isAboutFees = /underpriced|fee too low|base fee/i.test(reason)
    return isAboutFees && sendings.length < MOST_SENDINGS && feeWei <= this.#options.maxFeePerGasWei
  }

  #supersede(entry: Entry, move: string): LockstepError {
    const reason = `nonce ${entry.nonce} was used by another transaction`
    this.#journal.write({ type: 'superseded', intent: entry.intent, reason })
    this.#metrics?.transactions.inc({ move, outcome: 'superseded' })
    return fail.nonceTaken({
      what: reason,
      where: `account ${this.address}, ${entry.intent}`,
      advice: 'give every keeper a key of its own',
    })
  }

  /** Ends an entry that the node does not take; the nonce goes to whoever comes next. */
  async #refuse(entry: Entry, move: string, reason: string): Promise<LockstepError> {
    // It may have been refused because another transaction has just used the nonce.
    if (await this.#isSuperseded(entry)) return this.#supersede(entry, move)
    this.#journal.write({ type: 'refused', intent: entry.intent, reason })
    this.#metrics?.transactions.inc({ move, outcome: 'refused' })
    const where = `account ${this.address}, ${entry.intent}`
    return /insufficient funds/i.test(reason)
      ? fail.funds({ what: `too little ether: ${reason}`, where, advice: 'send it ether' })
      : fail.notSent({
          what: `the node refused ${move}: ${reason}`,
          where,
          advice: 'nothing was sent; the next look at the chain decides again',
        })
  }

  #conclude(entry: Entry, receipt: TransactionReceipt, move: string): TransactionReceipt {
    const success = receipt.status === 'success'
    const isNew = entry.minedHash === undefined
    // After a reorganisation the same transaction can end differently.
    if (isNew || entry.outcome !== (success ? 'done' : 'refused')) {
      this.#journal.write({
        type: 'mined',
        intent: entry.intent,
        hash: receipt.transactionHash,
        success,
      })
      this.#options.at?.('noted')
    }
    if (isNew) {
      this.#metrics?.transactions.inc({ move, outcome: success ? 'done' : 'refused' })
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
    const { transactionHash: hash } = receipt
    const dataFeeWei = await this.#client
      .getTransaction({ hash })
      .then((transaction) => l1FeeWei(this.#client, transaction, receipt))
      .catch(() => undefined)
    const feeWei = receipt.gasUsed * receipt.effectiveGasPrice
    this.#metrics?.fees.inc({ kind: 'gas' }, Number(feeWei) / 1e18)
    if (dataFeeWei !== undefined) {
      this.#metrics?.fees.inc({ kind: 'l1_data' }, Number(dataFeeWei) / 1e18)
    }
    this.#log.info(
      {
        move,
        hash,
        nonce: entry.nonce,
        block: receipt.blockNumber.toString(),
        gas: receipt.gasUsed.toString(),
        feeWei: feeWei.toString(),
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
        if (receipt.transactionHash !== hash || !isAddressEqual(receipt.from, this.address)) {
          throw fail.lyingRpc({
            what: 'the endpoint answered with the receipt of another transaction',
            where: `transaction ${hash}`,
            advice: 'use another --rpc',
          })
        }
        if (receipt.blockNumber > this.#minedAt) this.#minedAt = receipt.blockNumber
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
  async #isSuperseded(entry: Entry): Promise<boolean> {
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

  /** Sends the entry's newest transaction; returns why the node refuses it, if it does. */
  async #broadcast(entry: Entry): Promise<string | undefined> {
    try {
      const serializedTransaction = entry.sendings.at(-1)!.raw
      await this.#client.sendRawTransaction({ serializedTransaction })
      return undefined
    } catch (error) {
      const answer =
        error instanceof BaseError && error.walk((inner) => inner instanceof RpcRequestError)
      // No answer, or none now: whether the transaction went out will show.
      if (!(answer instanceof RpcRequestError) || answer.code === LIMIT_EXCEEDED) throw error
      return oneLine(answer.details)
    }
  }

  /** Whether the node has one of the entry's transactions, mined or waiting. */
  async #isKnown(entry: Entry): Promise<boolean> {
    for (const { hash } of entry.sendings) {
      try {
        await this.#client.getTransaction({ hash })
        return true
      } catch (error) {
        if (!(error instanceof TransactionNotFoundError)) throw error
      }
    }
    return false
  }

  /** Sends the entry anew at a higher fee, or as it was if that would exceed the limit. */
  async #replace(entry: Entry): Promise<string | undefined> {
    const last = entry.sendings.at(-1)!
    const market = await this.#fees()
    const fees = {
      maxFeePerGas: max(raise(last.maxFeePerGas), market.maxFeePerGas),
      maxPriorityFeePerGas: max(raise(last.maxPriorityFeePerGas), market.maxPriorityFeePerGas),
    }
    if (fees.maxFeePerGas > this.#options.maxFeePerGasWei) {
      this.#log.warn({ intent: entry.intent }, 'waiting: a replacement would exceed --max-fee-gwei')
      return this.#broadcast(entry)
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
    return this.#broadcast(entry)
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
    const [market, { baseFeePerGas }] = await Promise.all([
      this.#client.estimateFeesPerGas(),
      this.#client.getBlock({ blockTag: 'latest' }),
    ])
    if (baseFeePerGas !== null && baseFeePerGas > ceiling) {
      throw fail.notSent({
        what: `gas costs ${formatGwei(baseFeePerGas)} gwei, the limit is ${formatGwei(ceiling)} gwei`,
        where: `account ${this.address}`,
        advice: 'wait, or raise --max-fee-gwei',
      })
    }
    return {
      maxFeePerGas: min(market.maxFeePerGas, ceiling),
      maxPriorityFeePerGas: min(market.maxPriorityFeePerGas, ceiling),
    }
  }

  async #checkFunds(neededWei: bigint): Promise<void> {
    const balanceWei = await this.#balance()
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

const raise = (wei: bigint) => (wei * BUMP_PERCENT) / 100n + 1n
const max = (a: bigint, b: bigint) => (a > b ? a : b)
const min = (a: bigint, b: bigint) => (a < b ? a : b)
