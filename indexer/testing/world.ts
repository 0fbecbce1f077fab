import { CONTRACTS, type Deployment } from '@lockstep/deployments'
import { Random } from '@lockstep/deployments/testing'
import {
  type Abi,
  type AbiEvent,
  type Address,
  encodeAbiParameters,
  encodeEventTopics,
  type Hash,
  type Hex,
  keccak256,
  numberToHex,
  toHex,
  zeroAddress,
} from 'viem'
import { ABIS } from '../config/contracts.ts'
import type { Emitted, Transaction } from './chain.ts'

export type Contract = keyof typeof ABIS

const addressOf = (name: string): Address =>
  numberToHex(BigInt(keccak256(toHex(name))) >> 96n, { size: 20 })

/** A deployment that no chain has. */
export const FAKE_DEPLOYMENT: Deployment = {
  chainId: 31_999,
  startBlock: 0n,
  build: 'opcode',
  contracts: Object.fromEntries(
    CONTRACTS.map((name) => [name, addressOf(`lockstep ${name}`)]),
  ) as Deployment['contracts'],
  parameters: {},
}

const EVENTS = new Map<string, AbiEvent>(
  Object.entries(ABIS).flatMap(([contract, abi]) =>
    (abi as Abi).flatMap((item) =>
      item.type === 'event' ? [[`${contract}:${item.name}`, item] as const] : [],
    ),
  ),
)

/** Writes transactions: what the contracts would emit, in their order. */
export class Writer {
  readonly random: Random
  /** Of the block that is written. */
  now: number
  transactions: Transaction[] = []
  #logs: Emitted[] = []
  #isOpen = false
  #serial: number

  constructor(random: Random, now: number, serial: number) {
    this.random = random
    this.now = now
    this.#serial = serial
  }

  get serial(): number {
    return this.#serial
  }

  /** A hash that nothing else has. */
  fresh(): Hash {
    return keccak256(numberToHex(++this.#serial, { size: 8 }))
  }

  emit(contract: Contract, name: string, args: Record<string, unknown>, address?: Address): void {
    const item = EVENTS.get(`${contract}:${name}`)!
    const topics = encodeEventTopics({ abi: [item], eventName: name, args }) as Hex[]
    const rest = item.inputs.filter((input) => input.indexed !== true)
    this.#logs.push({
      address: address ?? FAKE_DEPLOYMENT.contracts[contract as keyof Deployment['contracts']],
      topics,
      data: encodeAbiParameters(
        rest,
        rest.map((input) => args[input.name!]),
      ),
    })
  }

  /** $AI changes hands. */
  pay(from: Address, to: Address, value: bigint): void {
    this.emit('token', 'Transfer', { from, to, value })
  }

  /** Several acts in one transaction, through a contract that calls others. */
  together(from: Address, acts: () => void): void {
    this.#isOpen = true
    acts()
    this.#isOpen = false
    if (this.#logs.length > 0) this.send(from, RELAY)
  }

  /** Ends the transaction. */
  send(from: Address, to: Address, input: Hex = '0x'): void {
    if (this.#isOpen) return
    const gas = BigInt(50_000 + this.random.below(900_000))
    this.transactions.push({ from, to, input, gas, logs: this.#logs })
    this.#logs = []
  }
}

const RELAY = addressOf('a relay')
export const account = (i: number): Address => addressOf(`account ${i}`)
export const ACCOUNTS = 64
export const AI = 10n ** 18n
export { zeroAddress }

export const pick = <T>(random: Random, list: readonly T[]): T | undefined =>
  list.length === 0 ? undefined : list[random.below(list.length)]
