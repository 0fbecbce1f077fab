import type { Command } from 'commander'
import { formatEther } from 'viem'
import { readContestWord } from '../chain/contest-word.ts'
import { marketName, readMarket } from '../chain/markets.ts'
import { listOutcome, type Patience, type Trader } from '../chain/trading.ts'
import type { Office } from '../contest/office.ts'
import { quoteListing, withSlippage } from '../delphi/quote.ts'
import { fail } from '../errors.ts'
import { addCommand, type Result } from './command.ts'
import { enterModel } from './contest.ts'
import { checkTrading } from './market-order.ts'
import { patienceOf, TRADING, withTrader } from './market-trade.ts'
import { ACTING, limitsOf, openSecrets } from './office.ts'
import { openMirror } from './open.ts'

/** `lockstep market enter` and `extend`: new outcomes. */
export function addMarketEnter(
  market: Command,
  done: (result: Result, json: boolean) => void,
  signal: AbortSignal,
): void {
  addCommand(
    market,
    {
      name: 'enter <id>',
      description: "enter a model in a market's contest, and list it as an outcome",
      settings: [...ACTING, 'slippage', 'deadlineSeconds', 'entry', 'owner', 'hideProvenance'],
      run: (values, _, text) =>
        withTrader(values, 'market enter', text!, async (trader, one, time, log) => {
          checkTrading(one, time, false)
          const { contracts, sender } = trader
          const { source, contest } = one.terms
          if (source.toLowerCase() !== contracts.judge.toLowerCase()) {
            throw fail.refused({
              what: `its contest is of ${source}, not of the Judge`,
              where: `market ${marketName(one.id)}`,
              advice: 'enter there in its way; then lockstep market extend lists what is new',
            })
          }
          const office: Office = {
            ...{ contracts, sender, log, limits: limitsOf(values) },
            ...{ mirror: openMirror(values, log), secrets: openSecrets(values.home) },
          }
          const { json, lines } = await enterModel(office, values, contest)
          const { entrant } = json
          const listed = await listUpTo(trader, one.id, entrant + 1, patienceOf(values))
          return {
            json: { market: marketName(one.id), ...json, outcome: entrant, ...describe(listed) },
            lines: [...lines, `outcome ${entrant} of market ${marketName(one.id)}`],
          }
        }),
    },
    done,
    signal,
  )
  addCommand(
    market,
    {
      name: 'extend <id>',
      description:
        'list all entrants of the contest that are no outcomes yet, and pay for what that adds',
      settings: TRADING,
      run: (values, _, text) =>
        withTrader(values, 'market extend', text!, async (trader, one, time) => {
          checkTrading(one, time, false)
          const { entrants } = await readContestWord(trader.contracts, one.terms)
          const have = one.quantities.length
          const listed = await listUpTo(trader, one.id, entrants ?? have, patienceOf(values))
          const json = { market: marketName(one.id), ...describe(listed) }
          return {
            json,
            lines: [
              listed.length === 0
                ? `all ${have} entrants are outcomes`
                : `outcomes ${json.listed.join(', ')} listed for ${json.listingCost} $AI`,
            ],
          }
        }),
    },
    done,
    signal,
  )
}

interface Listed {
  readonly outcome: number
  readonly cost: bigint
}

/** Lists outcomes, which is possible in the order of the entrants only, until there are so many. */
async function listUpTo(
  trader: Trader,
  market: bigint,
  outcomes: number,
  patience: Patience,
): Promise<Listed[]> {
  const listed: Listed[] = []
  for (;;) {
    const { number } = await trader.contracts.chain.head()
    const now = await readMarket(trader.contracts, market, number)
    if (now.quantities.length >= outcomes) return listed
    const maxCost = withSlippage(quoteListing(now), patience.slippageBps)
    listed.push(await listOutcome(trader, market, maxCost, patience))
  }
}

function describe(listed: readonly Listed[]) {
  return {
    listed: listed.map(({ outcome }) => outcome),
    listingCost: formatEther(listed.reduce((sum, { cost }) => sum + cost, 0n)),
  }
}
