import { useState } from 'react'
import { ai, exact, SHARES, WEI } from '../format/number.ts'
import { Facts } from '../ui/Facts.tsx'
import { Ai, Exactly, None, Part, Shares } from '../ui/values.tsx'
import { AmountField } from './AmountField.tsx'
import { draftLiquidity, type LiquidityOrder } from './draftLiquidity.ts'
import { OrderForm } from './OrderForm.tsx'
import type { ChainMarket } from './readMarket.ts'
import { refusalOf } from './refusal.ts'
import { sendLiquidity } from './send.ts'
import { TradeSettings } from './TradeSettings.tsx'
import { useSending } from './useSending.ts'
import { useSettings } from './useSettings.ts'

/** Adds liquidity: what is typed is quoted at once, against the chain's newest state. */
export function LiquidityForm({
  market,
  state,
  isReady,
  isStale,
}: {
  market: string
  state: ChainMarket
  /** Whether a wallet is connected, to this chain. */
  isReady: boolean
  /** Whether the newest state could not be read. */
  isStale: boolean
}) {
  const [text, setText] = useState('')
  const [settings, setSettings] = useSettings()
  const sending = useSending(market)
  const drafted = draftLiquidity(state, text, settings)
  const order = typeof drafted === 'object' ? drafted : undefined
  const refusal = typeof drafted === 'string' ? drafted : order && refusalOf(state, order.maxCost)
  const send = async () => {
    if (order === undefined) return
    const what = `Add ${exact(order.b - state.curve.b, WEI)} of liquidity for about ${ai(order.quote.cost)}`
    const isSent = await sending.run((by) =>
      sendLiquidity(by, order, settings.deadlineMinutes, what),
    )
    if (isSent) setText('')
  }
  return (
    <OrderForm
      sending={sending}
      canSend={isReady && !isStale && order !== undefined && refusal === undefined}
      send={send}
      label="Add liquidity"
      takes={order ? <Ai of={order.maxCost} places={4} /> : null}
      note={
        <p className="faint small">
          Quoted from block {String(state.block)}: what the contract would charge in the next one if
          nobody trades before.
        </p>
      }
    >
      <p className="hint">
        More liquidity moves prices less for every trade. It earns its part of the fees, and loses
        to those who know better; what is left of it is paid when the market is resolved, not
        before. Prices stay as they are: shares of the dearer outcomes come with it.
      </p>
      <AmountField
        label="Liquidity to add, $AI"
        text={text}
        change={(typed) => {
          setText(typed)
          sending.clear()
        }}
        problem={refusal}
      />
      <LiquidityFacts state={state} order={order} />
      <TradeSettings settings={settings} set={setSettings} />
    </OrderForm>
  )
}

/** What adding liquidity would do. The lines are there without a quote too, so that nothing moves when it comes. */
function LiquidityFacts({
  state,
  order,
}: {
  state: ChainMarket
  order: LiquidityOrder | undefined
}) {
  const quote = order?.quote
  return (
    <Facts
      of={[
        ['Liquidity b now', <Exactly of={state.curve.b} decimals={WEI} unit="$AI" />],
        ['Afterwards', order ? <Exactly of={order.b} decimals={WEI} unit="$AI" /> : <None />],
        ['You pay', quote ? <Exactly of={quote.cost} decimals={WEI} unit="$AI" /> : <None />],
        ['At most you pay', order ? <Ai of={order.maxCost} places={4} /> : <None />],
        [
          'Liquidity shares',
          quote ? (
            <>
              <Exactly of={quote.liquidityShares} decimals={WEI} unit="shares" />,{' '}
              <Part
                of={(state.own?.liquidity ?? 0n) + quote.liquidityShares}
                all={state.liquidityShares + quote.liquidityShares}
              />{' '}
              of all with what you have
            </>
          ) : (
            <None />
          ),
        ],
        ['Outcome shares with it', quote ? <Given shares={quote.shares} /> : <None />],
      ]}
    />
  )
}

const FEW = 4

/** The shares of outcomes that come with liquidity: none of the cheapest one. */
function Given({ shares }: { shares: readonly bigint[] }) {
  const given = shares.flatMap((of, outcome) => (of > 0n ? [{ of, outcome }] : []))
  if (given.length === 0) return <>none: all prices are equal</>
  const item = ({ of, outcome }: (typeof given)[number]) => (
    <li key={outcome} title={exact(of, SHARES)}>
      Outcome {outcome}: <Shares of={of} places={4} />
    </li>
  )
  return (
    <>
      <ul className="plain">{given.slice(0, FEW).map(item)}</ul>
      {given.length > FEW ? (
        <details>
          <summary>{given.length - FEW} more</summary>
          <ul className="plain">{given.slice(FEW).map(item)}</ul>
        </details>
      ) : null}
    </>
  )
}
