import { AI, percentOfBps, SHARES, WEI } from '../format/number.ts'
import { Facts } from '../ui/Facts.tsx'
import { Ai, Exactly, None, Shares } from '../ui/values.tsx'
import type { Draft, Order } from './draft.ts'

/** What a trade would do. The lines are there without a quote too, so that nothing moves when it comes. */
export function QuoteFacts({ side, order }: { side: Draft['side']; order: Order | undefined }) {
  const quote = order?.quote
  const isBuy = side === 'buy'
  const average =
    quote === undefined ? undefined : (quote.amount * 10n ** BigInt(SHARES)) / quote.shares
  return (
    <Facts
      of={[
        [
          'Shares',
          quote ? <Exactly of={quote.shares} decimals={SHARES} unit="shares" /> : <None />,
        ],
        [
          isBuy ? 'You pay' : 'You receive',
          quote ? <Exactly of={quote.amount} decimals={WEI} unit={AI} /> : <None />,
        ],
        ['Fee in it', quote ? <Ai of={quote.fee} places={4} /> : <None />],
        [
          'Average price, fee included',
          average === undefined ? <None /> : <Ai of={average} places={4} />,
        ],
        ['Price now', quote ? <Ai of={quote.priceBefore} places={4} /> : <None />],
        ['Price after', quote ? <Ai of={quote.priceAfter} places={4} /> : <None />],
        ['Worse than the price now by', quote ? worse(quote.slippageBps) : <None />],
        [limitName(side, order), order ? <Limit of={order} /> : <None />],
      ]}
    />
  )
}

/** A price of less than 1e-18 $AI is 0, and nothing is a part of that. */
const worse = (bps: number): string =>
  Number.isFinite(bps) ? percentOfBps(Math.round(bps)) : 'no figure: the price now is nearly 0'

function limitName(side: Draft['side'], order: Order | undefined): string {
  const name = order?.functionName
  if (name === 'buyFor') return 'At least you get'
  if (name === 'sellFor') return 'At most you give'
  return side === 'buy' ? 'At most you pay' : 'At least you receive'
}

const Limit = ({ of: { functionName, limit } }: { of: Order }) =>
  functionName === 'buyFor' || functionName === 'sellFor' ? (
    <Shares of={limit} places={4} />
  ) : (
    <Ai of={limit} places={4} />
  )
