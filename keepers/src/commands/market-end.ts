import type { Command } from 'commander'
import { formatEther } from 'viem'
import { readOwnFees } from '../chain/fees.ts'
import { readContestWord, whyNotYet } from '../chain/contest-word.ts'
import { findMarket, type Market, marketName, readMarket, readPosition } from '../chain/markets.ts'
import { headSince, redeem, settle } from '../chain/trading.ts'
import { fail } from '../errors.ts'
import { createCommandLog } from '../log.ts'
import { addCommand, type Done, type Result } from './command.ts'
import { phaseOf } from './market-text.ts'
import { withTrader } from './market-trade.ts'
import { openChain, READING, SENDING } from './open.ts'

/** `lockstep market settle` and `redeem`. */
export function addMarketEnd(market: Command, done: Done, signal: AbortSignal): void {
  addCommand(
    market,
    {
      name: 'settle <id>',
      examples: ['lockstep market settle 0x3fa2c1'],
      description: 'settle or void a market whose time has come; anyone can',
      settings: [...READING, ...SENDING, 'home'],
      run: async (values, _, text) => {
        const log = createCommandLog(values.logLevel)
        const { contracts, sender, close } = await openChain(values, log)
        try {
          await sender.recover()
          const before = await contracts.chain.head()
          const id = await findMarket(contracts, text!, before.number)
          const one = await readMarket(contracts, id, before.number)
          if (one.status === 'open') {
            const why = whyNotYet(one, await readContestWord(contracts, one.terms), before.time)
            if (why !== undefined) throw notYet(one, why)
            await settle({ contracts, sender }, id)
          }
          const { number } = await headSince({ contracts, sender })
          return describeEnd(await readMarket(contracts, id, number))
        } finally {
          close()
        }
      },
    },
    done,
    signal,
  )
  addCommand(
    market,
    {
      name: 'redeem <id>',
      examples: ['lockstep market redeem 0x3fa2c1 --fees'],
      description:
        "take what this account's shares and liquidity of a resolved market are paid, in one transaction",
      settings: [...READING, ...SENDING, 'home', 'slippage', 'deadlineSeconds', 'withFees'],
      run: (values, _, text) =>
        withTrader(values, text!, async (trader, one, time) => {
          const { contracts, sender } = trader
          const { number } = await contracts.chain.head()
          const outcomes = one.quantities.length
          const due = values.withFees ? await readOwnFees(contracts, one, sender.address) : []
          const [fees = []] = due
          const hasMoreFees = due.length > 1
          const word = await readContestWord(contracts, one.terms)
          const why = one.status === 'open' ? whyNotYet(one, word, time) : undefined
          if (why !== undefined && fees.length === 0) throw notYet(one, why)
          const own = await readPosition(contracts, one.id, outcomes, sender.address, number)
          // Of a market that goes on only fees are paid.
          const position = why === undefined ? own : { shares: [], liquidity: 0n }
          const paid = await redeem(trader, one.id, position, fees)
          if (paid === undefined) {
            throw fail.notFound({
              what: 'there is nothing to redeem',
              where: `account ${sender.address}, market ${marketName(one.id)}`,
              advice: values.withFees
                ? 'it was redeemed, or this account never had a part of it'
                : '--fees collects the creator’s and the owners’ parts of the fees',
            })
          }
          const json = {
            market: marketName(one.id),
            account: sender.address,
            shares: formatEther(paid.outcomes),
            liquidity: formatEther(paid.liquidity),
            fees: formatEther(paid.fees),
            hasMoreFees,
            transaction: paid.transaction,
          }
          return {
            json,
            lines: [
              `redeemed ${json.shares} $AI for shares, ${json.liquidity} for liquidity, ${json.fees} of fees`,
              ...(hasMoreFees
                ? ['more of the fees is due than one transaction collects: run it again']
                : []),
            ],
          }
        }),
    },
    done,
    signal,
  )
}

const notYet = (market: Market, why: string) =>
  fail.tooEarly({
    what: `it cannot be resolved yet: ${why}`,
    where: `market ${marketName(market.id)}`,
    advice: 'ask again then',
  })

function describeEnd(market: Market): Result {
  const phase = phaseOf(market, 0n)
  const json = {
    market: marketName(market.id),
    phase,
    winners: market.winners,
    liquidity: formatEther(market.liquidity),
    ...(market.status === 'void'
      ? { refunds: market.refunds.map((refund) => formatEther(refund)) }
      : {}),
  }
  const how =
    phase === 'settled'
      ? `outcome ${market.winners.join(', ')} won`
      : 'void: every share is refunded its outcome’s average price'
  return { json, lines: [`market ${json.market.slice(0, 12)}: ${how}`] }
}
