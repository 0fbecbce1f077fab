import type { Address } from 'viem'
import type { Chain } from './connect.ts'
import type { History, TRADING_EVENTS } from './history.ts'

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
  readonly perpetual: Address
  /** The block before which none of the contracts existed. */
  readonly fromBlock: bigint
  readonly history: History
  /** What happened on markets: it grows with every trade, so it is apart. */
  readonly trades: History<typeof TRADING_EVENTS>
}
