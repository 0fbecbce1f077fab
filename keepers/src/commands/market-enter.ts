import { quoteListing, quoteListings, withSlippage } from '@lockstep/deployments/protocol'
import type { Command } from 'commander'
import { type Address, formatEther, isAddressEqual, parseEther } from 'viem'
import { readContestWord, readOwners } from '../chain/contest-word.ts'
import { type Market, marketName, readMarket } from '../chain/markets.ts'
import { checkBalance } from '../chain/stake.ts'
import { headSince, listOutcome, type Patience, type Trader } from '../chain/trading.ts'
import type { SettingName, Values } from '../config/settings.ts'
import type { Office } from '../contest/office.ts'
import { fail } from '../errors.ts'
import { addCommand, type Done } from './command.ts'
import { enterModel } from './contest.ts'
import { checkTrading } from './market-order.ts'
import { patienceOf, TRADING, withTrader } from './market-trade.ts'
import { ACTING, limitsOf, openSecrets } from './office.ts'
import { openMirror } from './open.ts'

const LISTING = ['slippage', 'deadlineSeconds', 'maxCost'] as const satisfies SettingName[]

/** `lockstep market enter` and `extend`: new outcomes. */
export function addMarketEnter(market: Command, done: Done, signal: AbortSignal): void {
  addCommand(
    market,
    {
      name: 'enter <id>',
      examples: [
        'lockstep market enter 0x3fa2c1 --model model.safetensors',
        'lockstep market enter 0x3fa2c1 --model 1 --max-cost 20   # lists what others entered, too',
      ],
      description: "enter a model in a market's contest, and list it as an outcome",
      settings: [...ACTING, ...LISTING, ...(['entry', 'owner', 'hideProvenance'] as const)],
      run: (values, _, text) =>
        withTrader(values, text!, async (trader, one, time, log) => {
          checkTrading(one, time, false)
          const { contracts, sender } = trader
          const { source, contest } = one.terms
          if (!isAddressEqual(source, contracts.judge)) {
            throw fail.refused({
              what: `its contest is of ${source}, not of the Judge`,
              where: `market ${marketName(one.id)}`,
              advice: 'enter there in its way; then lockstep market extend lists what is new',
            })
          }
          const maxCost = await mostForEntering(trader, one, values)
          const office: Office = {
            ...{ contracts, sender, log, limits: limitsOf(values) },
            ...{ mirror: openMirror(values, log), secrets: openSecrets(values.home) },
          }
          const { json, lines } = await enterModel(office, values, contest)
          const { entrant } = json
          const listed = await listUpTo(trader, one.id, entrant + 1, maxCost, patienceOf(values))
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
      examples: ['lockstep market extend 0x3fa2c1'],
      description:
        'list all entrants of the contest that are no outcomes yet, and pay for what that adds',
      settings: [...TRADING, 'maxCost'],
      run: (values, _, text) =>
        withTrader(values, text!, async (trader, one, time) => {
          checkTrading(one, time, false)
          const { entrants } = await readContestWord(trader.contracts, one.terms)
          const have = one.quantities.length
          const count = Math.max(0, (entrants ?? have) - have)
          const maxCost = await mostFor(trader, one, count, values)
          const patience = patienceOf(values)
          const listed = await listUpTo(trader, one.id, have + count, maxCost, patience)
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

/**
 * The most that listing all entrants of a contest and one more may cost, before anything is paid. Those of others are
 * paid for only by who says how much that may be.
 */
async function mostForEntering(
  trader: Trader,
  market: Market,
  values: Values<(typeof LISTING)[number] | 'owner'>,
): Promise<bigint> {
  const { contracts, sender } = trader
  const have = market.quantities.length
  const { entrants = have } = await readContestWord(contracts, market.terms)
  const owners = (await readOwners(contracts, market.terms, entrants)).slice(have)
  const isOwn = (owner: Address | undefined) =>
    owner !== undefined &&
    [sender.address, values.owner ?? sender.address].some((own) => isAddressEqual(own, owner))
  const count = Math.max(have, entrants) + 1 - have
  const others = owners.filter((owner) => !isOwn(owner)).length
  if (others > 0 && values.maxCost === undefined) {
    const cost = formatEther(quoteListings(market, count))
    throw fail.refused({
      what: `${others} entrant(s) of others are no outcomes yet and have to be listed before: ${count} outcomes for ${cost} $AI together`,
      where: `market ${marketName(market.id)}`,
      advice: 'nothing was sent; --max-cost <$AI> says how much may be paid for all of them',
    })
  }
  return mostFor(trader, market, count, values)
}

/** The most that listing so many outcomes may cost, as long as what it is quoted at is within that and can be paid. */
async function mostFor(
  { contracts, sender }: Trader,
  market: Market,
  count: number,
  { maxCost, slippage }: Values<(typeof LISTING)[number]>,
): Promise<bigint> {
  const quoted = quoteListings(market, count)
  const most = maxCost === undefined ? withSlippage(quoted, slippage) : parseEther(maxCost)
  if (quoted > most) throw tooDear(market.id, count, quoted, most)
  await checkBalance(contracts, sender.address, quoted, `paid for ${count} outcome(s)`)
  return most
}

const tooDear = (market: bigint, count: number, cost: bigint, most: bigint) =>
  fail.refused({
    what: `listing ${count} outcome(s) costs ${formatEther(cost)} $AI, ${formatEther(most)} may be paid`,
    where: `market ${marketName(market)}`,
    advice: 'raise --max-cost: lockstep market extend lists what is left',
  })

/**
 * Lists outcomes, which is possible in the order of the entrants only, until there are so many, for `maxCost` together
 * at most.
 */
async function listUpTo(
  trader: Trader,
  market: bigint,
  outcomes: number,
  maxCost: bigint,
  patience: Patience,
): Promise<Listed[]> {
  const listed: Listed[] = []
  let left = maxCost
  for (;;) {
    const { number } = await headSince(trader)
    const now = await readMarket(trader.contracts, market, number)
    if (now.quantities.length >= outcomes) return listed
    const cost = quoteListing(now)
    if (cost > left) throw tooDear(market, 1, cost, left)
    const most = withSlippage(cost, patience.slippageBps)
    const next = await listOutcome(trader, market, most < left ? most : left, patience)
    listed.push(next)
    left -= next.cost
  }
}

function describe(listed: readonly Listed[]) {
  return {
    listed: listed.map(({ outcome }) => outcome),
    listingCost: formatEther(listed.reduce((sum, { cost }) => sum + cost, 0n)),
  }
}
