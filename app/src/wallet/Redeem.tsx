import { ai } from '../format/number.ts'
import { absolute } from '../format/time.ts'
import { Facts } from '../ui/Facts.tsx'
import { Ai, LiquidityShares } from '../ui/values.tsx'
import type { Pending } from './pending.ts'
import type { ChainMarket, Own } from './readMarket.ts'
import { sendRedemption, sendResolution } from './send.ts'
import { Steps } from './Steps.tsx'
import { isUnderway } from './underway.ts'
import { useSending } from './useSending.ts'

const CALLS = ['resolve', 'redeemMany', 'redeemLiquidity'] as const

/** What is left to do once trading has ended: have the market resolved, and be paid. */
export function Redeem({
  market,
  state,
  isReady,
  pending,
}: {
  market: string
  state: ChainMarket
  isReady: boolean
  /** What the account has sent to this market. */
  pending: readonly Pending[]
}) {
  const sending = useSending(market)
  const { status, own, voidsAt, block } = state
  const isBusy = sending.step !== undefined || isUnderway(pending, CALLS, block)
  if (status === 'open') {
    return (
      <div className="trade">
        <p>
          Trading has ended. The market waits for its contest; if that has no verdict by{' '}
          {absolute(voidsAt)}, the market is void and pays average prices.
        </p>
        <button
          type="button"
          disabled={!isReady || isBusy}
          onClick={() => {
            void sending.run((by) => sendResolution(by, 'Resolve the market'))
          }}
        >
          Have it resolved
        </button>
        <Steps sending={sending} />
      </div>
    )
  }
  const shares = own?.payouts.reduce((sum, one) => sum + one, 0n) ?? 0n
  const paid = shares + (own?.liquidityPayout ?? 0n)
  const outcomes = own?.shares.flatMap((of, i) => (of > 0n ? [i] : [])) ?? []
  return (
    <div className="trade">
      <p>
        {status === 'settled'
          ? 'The market is settled: shares of what won are paid, and liquidity what is left.'
          : 'The market is void: every share is paid its outcome’s average price, and liquidity what is left.'}
      </p>
      {own === undefined ? (
        <p className="faint">Connect a wallet to see what it is owed.</p>
      ) : (
        <>
          <Facts
            of={[
              ['Outcomes of which you have shares', String(outcomes.length)],
              ['They are paid', <Ai of={shares} places={6} />],
              ['Liquidity shares', <LiquidityShares of={own.liquidity} />],
              ['Liquidity is paid', <Ai of={own.liquidityPayout} places={6} />],
            ]}
          />
          {paid > 0n ? null : <p>{nothingOf(own)}</p>}
        </>
      )}
      <button
        type="button"
        className="primary"
        disabled={!isReady || isBusy || paid === 0n}
        onClick={() => {
          const redeemed = {
            outcomes: shares > 0n ? outcomes : [],
            isProvider: (own?.liquidityPayout ?? 0n) > 0n,
          }
          void sending.run((by) => sendRedemption(by, redeemed, `Redeem for ${ai(paid)}`))
        }}
      >
        Redeem
      </button>
      <Steps sending={sending} />
    </div>
  )
}

/** Why an account is paid nothing. */
function nothingOf({ shares, liquidity }: Own): string {
  if (shares.some((of) => of > 0n))
    return 'Your shares are of outcomes that lost: they are paid nothing.'
  if (liquidity > 0n)
    return 'Holders are owed all that the market has: nothing is left for liquidity.'
  return 'You have nothing in this market to redeem, or it was redeemed already.'
}
