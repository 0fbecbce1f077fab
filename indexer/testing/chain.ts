import type { Deployment } from '@lockstep/deployments'
import {
  type Address,
  concat,
  type Hash,
  type Hex,
  keccak256,
  numberToHex,
  padHex,
  toHex,
} from 'viem'

/** A log before it lies in a block. */
export interface Emitted {
  readonly address: Address
  readonly topics: readonly Hex[]
  readonly data: Hex
}

export interface Transaction {
  readonly from: Address
  readonly to: Address
  readonly input: Hex
  readonly gas: bigint
  readonly logs: readonly Emitted[]
}

export interface Block {
  readonly number: number
  readonly hash: Hash
  readonly parentHash: Hash
  readonly timestamp: number
  readonly transactions: readonly (Transaction & { readonly hash: Hash })[]
}

/**
 * Blocks in memory. A block's hash is that of its number, its parent and its salt, so another salt is a fork. Block 0
 * is empty, and its number is the deployment's first.
 */
export class FakeChain {
  readonly blocks: Block[] = []
  readonly deployment: Deployment
  readonly #byHash = new Map<Hash, Block>()

  constructor(deployment: Deployment) {
    this.deployment = deployment
    this.append([], 1_700_000_000, 0)
  }

  get head(): Block {
    return this.blocks[this.blocks.length - 1]
  }

  append(transactions: readonly Transaction[], timestamp: number, salt: number): Block {
    const number = this.blocks.length
    const parentHash = number === 0 ? padHex('0x', { size: 32 }) : this.head.hash
    const hash = keccak256(
      concat([parentHash, numberToHex(number, { size: 8 }), numberToHex(salt, { size: 8 })]),
    )
    const block = {
      number,
      hash,
      parentHash,
      timestamp,
      transactions: transactions.map((transaction, i) => ({
        ...transaction,
        hash: keccak256(concat([hash, numberToHex(i, { size: 4 })])),
      })),
    }
    this.blocks.push(block)
    this.#byHash.set(hash, block)
    return block
  }

  /** Takes back the newest blocks. Who knows their hashes gets no answer any more. */
  drop(count: number): void {
    for (const block of this.blocks.splice(this.blocks.length - count)) {
      this.#byHash.delete(block.hash)
    }
  }

  byHash(hash: Hash): Block | undefined {
    return this.#byHash.get(hash)
  }
}

/** Blocks, logs and receipts as nodes write them. */
export function renderBlock(block: Block, isWhole: boolean): Record<string, unknown> {
  return {
    ...EMPTY_HEADER,
    number: toHex(block.number),
    hash: block.hash,
    parentHash: block.parentHash,
    timestamp: toHex(block.timestamp),
    // All blocks may have logs: a reader has to look.
    logsBloom: block.transactions.length === 0 ? `0x${'00'.repeat(256)}` : `0x${'ff'.repeat(256)}`,
    transactions: block.transactions.map(({ hash, from, to, input, gas }, i) =>
      isWhole
        ? {
            ...EMPTY_TRANSACTION,
            hash,
            from,
            to,
            input,
            gas: toHex(gas),
            nonce: toHex(i),
            blockHash: block.hash,
            blockNumber: toHex(block.number),
            transactionIndex: toHex(i),
          }
        : hash,
    ),
  }
}

export function renderLogs(block: Block): Record<string, unknown>[] {
  let logIndex = 0
  return block.transactions.flatMap(({ hash, logs }, i) =>
    logs.map(({ address, topics, data }) => ({
      address,
      topics,
      data,
      blockHash: block.hash,
      blockNumber: toHex(block.number),
      transactionHash: hash,
      transactionIndex: toHex(i),
      logIndex: toHex(logIndex++),
      removed: false,
    })),
  )
}

export function renderReceipts(block: Block): Record<string, unknown>[] {
  const logs = renderLogs(block)
  return block.transactions.map(({ hash, from, to, gas }, i) => ({
    transactionHash: hash,
    transactionIndex: toHex(i),
    blockHash: block.hash,
    blockNumber: toHex(block.number),
    from,
    to,
    cumulativeGasUsed: toHex(gas),
    gasUsed: toHex(gas),
    effectiveGasPrice: '0x1',
    contractAddress: null,
    logs: logs.filter((log) => log.transactionHash === hash),
    logsBloom: `0x${'ff'.repeat(256)}`,
    status: '0x1',
    type: '0x2',
  }))
}

const WORD = `0x${'00'.repeat(32)}`
const EMPTY_HEADER = {
  nonce: '0x0000000000000000',
  sha3Uncles: WORD,
  transactionsRoot: WORD,
  stateRoot: WORD,
  receiptsRoot: WORD,
  miner: `0x${'00'.repeat(20)}`,
  difficulty: '0x0',
  totalDifficulty: '0x0',
  extraData: '0x',
  size: '0x400',
  gasLimit: '0x1c9c380',
  gasUsed: '0x5208',
  baseFeePerGas: '0x1',
  mixHash: WORD,
  uncles: [],
}
const EMPTY_TRANSACTION = {
  type: '0x2',
  chainId: '0x7a69',
  value: '0x0',
  gasPrice: '0x1',
  maxFeePerGas: '0x1',
  maxPriorityFeePerGas: '0x1',
  accessList: [],
  r: WORD,
  s: WORD,
  v: '0x0',
  yParity: '0x0',
}
