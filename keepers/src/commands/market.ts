import type { Command } from 'commander'
import { addGroup, type Done } from './command.ts'
import { addMarketCreate } from './market-create.ts'
import { addMarketEnter } from './market-enter.ts'
import { addMarketEnd } from './market-end.ts'
import { addMarketReading } from './market-read.ts'
import { addMarketTrading } from './market-trade.ts'

/** `lockstep market …`: markets on who wins a contest. */
export function addMarket(parent: Command, done: Done, signal: AbortSignal): void {
  const market = addGroup(parent, 'market', 'create, trade and redeem markets on contests', done)
  addMarketCreate(market, done, signal)
  addMarketReading(market, done, signal)
  addMarketTrading(market, done, signal)
  addMarketEnter(market, done, signal)
  addMarketEnd(market, done, signal)
}
