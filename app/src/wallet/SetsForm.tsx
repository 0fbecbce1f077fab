import { useState } from 'react'
import { AI, ai, exact, SHARES, WEI } from '../format/number.ts'
import { Facts } from '../ui/Facts.tsx'
import { Ai, Exactly, None, Shares } from '../ui/values.tsx'
import { AmountField } from './AmountField.tsx'
import { Choice } from './Choice.tsx'
import { draftSets, setsBack, type SetsOrder, setsOf } from './draftSets.ts'
import { OrderForm } from './OrderForm.tsx'
import type { ChainMarket } from './readMarket.ts'
import { refusalOf } from './refusal.ts'
import { sendSets } from './send.ts'
import { useSending } from './useSending.ts'

/** Makes complete sets, a share of every outcome for 1 $AI, and gives them back. */
export function SetsForm({
  market,
  state,
  isReady,
  isStale,
  canMake,
}: {
  market: string
  state: ChainMarket
  /** Whether a wallet is connected, to this chain. */
  isReady: boolean
  /** Whether the newest state could not be read. */
  isStale: boolean
  /** They are made while others buy, and given back until the market is resolved. */
  canMake: boolean
}) {
  const [chosen, choose] = useState<SetsOrder['functionName']>('mintSets')
  const [text, setText] = useState('')
  const sending = useSending(market)
  const functionName = canMake ? chosen : 'burnSets'
  const isMaking = functionName === 'mintSets'
  const drafted = draftSets(state, functionName, text)
  const order = typeof drafted === 'object' ? drafted : undefined
  const refusal =
    typeof drafted === 'string' ? drafted : order && refusalOf(state, isMaking ? order.amount : 0n)
  const has = setsOf(state)
  const most = setsBack(state)
  const send = async () => {
    if (order === undefined) return
    const sets = `${exact(order.sets, SHARES)} complete sets for ${ai(order.amount)}`
    const what = isMaking ? `Make ${sets}` : `Give back ${sets}`
    if (await sending.run((by) => sendSets(by, order, what))) setText('')
  }
  return (
    <OrderForm
      sending={sending}
      canSend={isReady && !isStale && order !== undefined && refusal === undefined}
      send={send}
      label={isMaking ? 'Make sets' : 'Give sets back'}
      takes={order && isMaking ? <Ai of={order.amount} places={4} /> : null}
    >
      <p className="hint">
        A complete set is a share of every outcome: exactly one of them pays 1 {AI}, so a set costs
        and brings exactly that, without a fee, and no price moves. An outcome that is listed later
        is in no set that was made before. Make sets to sell the outcomes that you do not believe
        in.
      </p>
      {canMake ? (
        <Choice
          legend="Make them or give them back"
          isLegendHidden
          name="sets"
          value={chosen}
          of={[
            ['mintSets', 'Make'],
            ['burnSets', 'Give back'],
          ]}
          choose={choose}
        />
      ) : null}
      <AmountField
        label="Sets"
        text={text}
        change={(typed) => {
          setText(typed)
          sending.clear()
        }}
        problem={refusal}
      >
        {most !== undefined && most > 0n && !isMaking ? (
          <p className="hint">
            You can give back <Shares of={most} places={9} /> of every outcome.{' '}
            <button
              type="button"
              onClick={() => {
                setText(exact(most, SHARES).replace(/\s/g, ''))
              }}
            >
              All of them
            </button>
          </p>
        ) : null}
      </AmountField>
      <Facts
        of={[
          [
            isMaking ? 'You pay' : 'You receive',
            order ? <Exactly of={order.amount} decimals={WEI} unit={AI} /> : <None />,
          ],
          [
            isMaking ? 'You get, of each outcome' : 'You give, of each outcome',
            order ? <Exactly of={order.sets} decimals={SHARES} unit="shares" /> : <None />,
          ],
          ['Outcomes', String(state.quantities.length)],
          ['Complete sets that you have', has === undefined ? <None /> : <Shares of={has} />],
          ['In circulation', <Shares of={state.sets} />],
        ]}
      />
    </OrderForm>
  )
}
