import { useState } from 'react'
import { exact, SHARES, AI } from '../format/number.ts'
import { Ai, Shares } from '../ui/values.tsx'
import { AmountField } from './AmountField.tsx'
import { Choice } from './Choice.tsx'
import { type Draft, type Order, quoteDraft } from './draft.ts'
import { OrderForm } from './OrderForm.tsx'
import { QuoteFacts } from './QuoteFacts.tsx'
import type { ChainMarket } from './readMarket.ts'
import { refusalOf } from './refusal.ts'
import { sendTrade } from './send.ts'
import { TradeSettings } from './TradeSettings.tsx'
import { useSending } from './useSending.ts'
import { useSettings } from './useSettings.ts'

/** Buys and sells: what is typed is quoted at once, against the chain's newest state. */
export function TradeForm({
  market,
  state,
  outcome,
  outcomeCount,
  choose,
  isReady,
  isStale,
}: {
  market: string
  state: ChainMarket
  outcome: number
  outcomeCount: number
  choose: (outcome: number) => void
  /** Whether a wallet is connected, to this chain. */
  isReady: boolean
  /** Whether the newest state could not be read. */
  isStale: boolean
}) {
  const [side, setSide] = useState<Draft['side']>(state.isHalted ? 'sell' : 'buy')
  const [by, setBy] = useState<Draft['by']>('amount')
  const [text, setText] = useState('')
  const [settings, setSettings] = useSettings()
  const sending = useSending(market)
  const { order, problem } = quoteDraft(state, { side, by, outcome, text }, settings)
  const isHalted = side === 'buy' && state.isHalted
  const refusal = problem ?? (order && !isHalted ? refusalOf(state, order.takes) : undefined)
  const has = state.own?.shares[outcome] ?? 0n
  const send = async () => {
    if (order === undefined) return
    const what = inWords(order)
    const isSent = await sending.run((by_) => sendTrade(by_, order, settings.deadlineMinutes, what))
    if (isSent) setText('')
  }
  return (
    <OrderForm
      sending={sending}
      canSend={isReady && !isStale && order !== undefined && refusal === undefined && !isHalted}
      send={send}
      label={side === 'buy' ? 'Buy' : 'Sell'}
      takes={order ? <Ai of={order.takes} places={4} /> : null}
      note={
        <p className="faint small">
          Quoted from block {String(state.block)}: what the contract would charge in the next one if
          nobody else trades before.
        </p>
      }
    >
      <Choice
        legend="Side"
        isLegendHidden
        name="side"
        value={side}
        of={[
          ['buy', 'Buy'],
          ['sell', 'Sell'],
        ]}
        choose={setSide}
      />
      <label>
        Outcome
        <select
          value={outcome}
          onChange={(event) => {
            choose(Number(event.target.value))
          }}
        >
          {Array.from({ length: outcomeCount }, (_, i) => (
            <option key={i} value={i}>
              Outcome {i}
            </option>
          ))}
        </select>
      </label>
      <Choice
        legend="Say what you"
        name="by"
        value={by}
        of={[
          ['amount', side === 'buy' ? `spend (${AI})` : `receive (${AI})`],
          ['shares', side === 'buy' ? 'get (shares)' : 'give (shares)'],
        ]}
        choose={setBy}
      />
      <AmountField
        label={by === 'shares' ? 'Shares' : side === 'buy' ? `Budget, ${AI}` : `Amount, ${AI}`}
        text={text}
        change={(typed) => {
          setText(typed)
          sending.clear()
        }}
        problem={refusal}
      >
        {side === 'sell' && state.own !== undefined ? (
          <p className="hint">
            You have <Shares of={has} places={9} /> of this outcome.{' '}
            {has > 0n ? (
              <button
                type="button"
                onClick={() => {
                  setBy('shares')
                  setText(exact(has, SHARES).replace(/\s/g, ''))
                }}
              >
                All of them
              </button>
            ) : null}
          </p>
        ) : null}
      </AmountField>
      <QuoteFacts side={side} order={order} />
      <TradeSettings settings={settings} set={setSettings} />
    </OrderForm>
  )
}

function inWords({ quote: { side, shares, amount, outcome } }: Order): string {
  const verb = side === 'buy' ? 'Buy' : 'Sell'
  return `${verb} ${exact(shares, SHARES)} shares of outcome ${outcome} for about ${exact(amount / 10n ** 14n, 4)} ${AI}`
}
