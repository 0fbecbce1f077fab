import type { Address } from 'viem'
import type { Chain } from './connect.ts'
import type { History } from './history.ts'

/** A chain and where the protocol lives on it. */
export interface Contracts {
  readonly chain: Chain
  readonly verde: Address
  readonly verdeParameters: Address
  readonly jobRegistry: Address
  readonly stakeVaultFactory: Address
  readonly token: Address
  readonly judge: Address
  readonly delphi: Address
  /** The block before which none of the contracts existed. */
  readonly fromBlock: bigint
  readonly history: History
}
