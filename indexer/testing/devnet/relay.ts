import type { Devnet } from '@lockstep/deployments/devnet'
import { type Address, concat, type Hex, numberToHex, pad, size, toHex } from 'viem'
import type { Sender } from '../../../keepers/src/chain/sender.ts'

// Calls the address in storage 0 with each part of its calldata, at the value in storage 1. A part is 32 bytes with its
// length, then so many bytes; the first refusal is its own.
//   PUSH0
//   1: JUMPDEST CALLDATASIZE DUP2 LT ISZERO PUSH1 45 JUMPI
//   DUP1 CALLDATALOAD SWAP1 PUSH1 32 ADD  DUP2 DUP2 PUSH0 CALLDATACOPY
//   PUSH0 PUSH0 DUP4 PUSH0 PUSH1 1 SLOAD PUSH0 SLOAD GAS CALL PUSH1 40 JUMPI
//   RETURNDATASIZE PUSH0 PUSH0 RETURNDATACOPY RETURNDATASIZE PUSH0 REVERT
//   40: JUMPDEST ADD PUSH1 1 JUMP  45: JUMPDEST STOP
const CODE: Hex = concat([
  '0x5f5b36811015602d57',
  '0x80359060200181815f37',
  '0x5f5f835f6001545f545af1602857',
  '0x3d5f5f3e3d5ffd',
  '0x5b016001565b00',
])

/** A contract that passes calls on, several in one transaction: what a keeper may have between itself and Verde. */
export class Relay {
  readonly address: Address
  readonly target: Address
  readonly #devnet: Devnet

  private constructor(devnet: Devnet, address: Address, target: Address) {
    this.#devnet = devnet
    this.address = address
    this.target = target
  }

  static async place(devnet: Devnet, target: Address, index = 0): Promise<Relay> {
    const relay = new Relay(devnet, pad(toHex(0x4e1a1 + index), { size: 20 }), target)
    await devnet.rpc.call('anvil_setCode', relay.address, CODE)
    await devnet.rpc.call('anvil_setBalance', relay.address, toHex(10n ** 20n))
    await relay.#store(0, BigInt(target))
    return relay
  }

  /** Wei that it sends with each call. */
  async pays(valueWei: bigint): Promise<void> {
    await this.#store(1, valueWei)
  }

  /** Calldata for these calls, in their order. */
  data(...calls: readonly Hex[]): Hex {
    return concat(calls.flatMap((call) => [numberToHex(size(call), { size: 32 }), call]))
  }

  /** A sender whose calls of the target that carry no ether go through this contract. */
  through(sender: Sender): Sender {
    return new Proxy(sender, {
      get: (own, key) => {
        if (key === 'send') {
          return (intent: string, call: Parameters<Sender['send']>[1]) => {
            const isOurs = call.to === this.target && (call.valueWei ?? 0n) === 0n
            return own.send(
              intent,
              isOurs ? { ...call, to: this.address, data: this.data(call.data) } : call,
            )
          }
        }
        const value: unknown = Reflect.get(own, key, own)
        return typeof value === 'function' ? (value.bind(own) as unknown) : value
      },
    })
  }

  async #store(slot: number, value: bigint): Promise<void> {
    const words = [slot, value].map((word) => toHex(word, { size: 32 }))
    await this.#devnet.rpc.call('anvil_setStorageAt', this.address, ...words)
  }
}
