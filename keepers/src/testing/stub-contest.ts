import type { Devnet } from '@lockstep/deployments/devnet'
import { type Address, pad, toFunctionSelector, toHex } from 'viem'

// Answers every call with two words of its storage: at k and at k + 2^40, with k the selector plus the second argument.
//   PUSH0 CALLDATALOAD PUSH1 224 SHR PUSH1 36 CALLDATALOAD ADD
//   DUP1 SLOAD PUSH0 MSTORE PUSH6 2^40 ADD SLOAD PUSH1 32 MSTORE PUSH1 64 PUSH0 RETURN
const CODE = '0x5f3560e01c6024350180545f52650100000000000154602052' + '60405ff3'

const SECOND = 1n << 40n
const SIGNATURES = {
  entrantsOf: 'entrantsOf(uint256)',
  secretUntil: 'secretUntil(uint256)',
  decidedBy: 'decidedBy(uint256)',
  verdictOf: 'verdictOf(uint256)',
  conclude: 'conclude(uint256)',
  ownerOf: 'ownerOf(uint256,uint256)',
} as const

/** A contest that says what a test writes into it, whatever its number. */
export class StubContest {
  readonly address: Address
  readonly #devnet: Devnet

  private constructor(devnet: Devnet, address: Address) {
    this.#devnet = devnet
    this.address = address
  }

  static async place(devnet: Devnet, index = 0): Promise<StubContest> {
    const address = pad(toHex(0xc0ffee00 + index), { size: 20 })
    await devnet.rpc.call('anvil_setCode', address, CODE)
    return new StubContest(devnet, address)
  }

  async says(what: {
    entrants?: number
    secretUntil?: bigint
    decidedBy?: bigint
    /** Pending, Held, Decided or Void, as in IContest.sol. */
    verdict?: 0 | 1 | 2 | 3
    winners?: readonly number[]
    owners?: readonly Address[]
  }): Promise<void> {
    const { entrants, secretUntil, decidedBy, verdict, winners, owners } = what
    if (entrants !== undefined) await this.#set('entrantsOf', BigInt(entrants))
    if (secretUntil !== undefined) await this.#set('secretUntil', secretUntil)
    if (decidedBy !== undefined) await this.#set('decidedBy', decidedBy)
    for (const name of ['verdictOf', 'conclude'] as const) {
      if (verdict !== undefined) await this.#set(name, BigInt(verdict))
      const bits = winners?.reduce((set, bit) => set | (1n << BigInt(bit)), 0n)
      if (bits !== undefined) await this.#set(name, bits, SECOND)
    }
    for (const [i, owner] of (owners ?? []).entries()) {
      await this.#set('ownerOf', BigInt(owner), BigInt(i))
    }
  }

  async #set(name: keyof typeof SIGNATURES, value: bigint, offset = 0n): Promise<void> {
    const key = BigInt(toFunctionSelector(SIGNATURES[name])) + offset
    const word = (number: bigint) => toHex(number, { size: 32 })
    await this.#devnet.rpc.call('anvil_setStorageAt', this.address, word(key), word(value))
  }
}
