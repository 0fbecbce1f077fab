import { lazy, Suspense, useState } from 'react'
import { answerKey, useAnswer } from '../data/useAnswer.ts'
import { useLive } from '../data/useLive.ts'
import { abbreviate } from '../format/hex.ts'
import '../theme/market.css'
import { Answered, Notice, Page, Section } from '../ui/Page.tsx'
import { MarketFacts } from './market/MarketFacts.tsx'
import { MarketState } from './market/MarketState.tsx'
import { Outcomes, FEW, ALL } from './market/Outcomes.tsx'
import { OwnPosition } from './market/OwnPosition.tsx'
import { Positions } from './market/Positions.tsx'
import { Prices } from './market/Prices.tsx'
import { type MarketData, MarketQuery, MarketSubscription } from './market/query.ts'
import { Providers } from './market/Providers.tsx'
import { Trades } from './market/Trades.tsx'

// The chain's client and the arithmetic of quotes; the wallet's own code comes when somebody wants a wallet.
const TradePanel = lazy(() => import('../wallet/TradePanel.tsx'))

/** A market: its prices, who trades it and how it ends; and a panel to trade it. */
export default function Market({ id }: { id: string }) {
  const [isWhole, setWhole] = useState(false)
  const variables = { id, outcomes: isWhole ? ALL : FEW }
  const answer = useAnswer(MarketQuery, variables, { keepPrevious: true })
  useLive(MarketSubscription, variables, ({ market }, queries) => {
    queries.setQueryData(answerKey(MarketQuery, variables), { market })
  })
  const market = answer.data?.market
  return (
    <Page
      title={`Market ${abbreviate(id)}`}
      aside={market ? <MarketState of={market} /> : undefined}
    >
      <Answered answer={answer} height={2400}>
        {({ market: found }) =>
          found === null ? (
            <Notice>
              <p>
                The indexer knows no market <span className="foreign">{id.slice(0, 100)}</span>. If
                it was just made, it appears here within seconds.
              </p>
            </Notice>
          ) : (
            <Whole
              market={found}
              isWhole={isWhole}
              showAll={() => {
                setWhole(true)
              }}
            />
          )
        }
      </Answered>
    </Page>
  )
}

function Whole({
  market,
  isWhole,
  showAll,
}: {
  market: MarketData
  isWhole: boolean
  showAll: () => void
}) {
  // The one in front when the page was opened: it must not change under somebody who trades it.
  const [outcome, setOutcome] = useState(() => market.outcomes.nodes.at(0)?.number ?? 0)
  return (
    <>
      <div className={market.status === 'OPEN' ? 'trading open' : 'trading'}>
        <div>
          <Section title="Outcomes">
            <Outcomes
              market={market}
              chosen={outcome}
              choose={setOutcome}
              isWhole={isWhole}
              showAll={showAll}
            />
          </Section>
          <Section title="Prices">
            <Prices market={market} chosen={outcome} />
          </Section>
        </div>
        <div>
          <Section title={market.status === 'OPEN' ? 'Trade' : 'Redeem'}>
            <Suspense fallback={<div className="panel" />}>
              <TradePanel
                market={market.id}
                outcome={outcome}
                outcomeCount={market.outcomeCount}
                choose={setOutcome}
              />
            </Suspense>
          </Section>
        </div>
      </div>
      <OwnPosition market={market.id} />
      <Section title="Terms">
        <MarketFacts market={market} />
      </Section>
      <Section title="Liquidity">
        <Providers market={market} />
      </Section>
      <Section title="Trades">
        <Trades market={market.id} />
      </Section>
      <Section title="Positions">
        <Positions market={market.id} />
      </Section>
    </>
  )
}
