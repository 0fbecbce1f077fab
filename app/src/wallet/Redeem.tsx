import { ai } from '../format/number.ts'
import { absolute } from '../format/time.ts'
import { Facts } from '../ui/Facts.tsx'
import { Ai } from '../ui/values.tsx'
import type { ChainMarket } from './readMarket.ts'
import { sendRedemption, sendResolution } from './send.ts'
import { Steps } from './Steps.tsx'
import { useSending } from './useSending.ts'

/** What is left to do once trading has ended: have the market resolved, and be paid. */
export function Redeem({
  market,
  state,
  isReady,
}: {
  market: string
  state: ChainMarket
  isReady: boolean
}) {
  const sending = useSending(market)
  const { status, own, voidsAt } = state
  const isBusy = sending.step !== undefined
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
  const paid = own?.payouts.reduce((sum, one) => sum + one, 0n) ?? 0n
  const outcomes = own?.shares.flatMap((shares, i) => (shares > 0n ? [i] : [])) ?? []
  return (
    <div className="trade">
      <p>
        {status === 'settled'
          ? 'The market is settled: shares of what won are paid.'
          : 'The market is void: every share is paid its outcome’s average price.'}
      </p>
      {own === undefined ? (
        <p className="faint">Connect a wallet to see what it is owed.</p>
      ) : (
        <Facts
          of={[
            ['Outcomes of which you have shares', String(outcomes.length)],
            ['They are paid', <Ai of={paid} places={6} />],
          ]}
        />
      )}
      <button
        type="button"
        className="primary"
        disabled={!isReady || isBusy || paid === 0n}
        onClick={() => {
          const what = `Redeem shares for ${ai(paid)}`
          void sending.run((by) => sendRedemption(by, outcomes, what))
        }}
      >
        Redeem
      </button>
      <Steps sending={sending} />
    </div>
  )
}
