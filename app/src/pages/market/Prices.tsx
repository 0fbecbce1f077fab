import { useState } from 'react'
import { useAnswer } from '../../data/useAnswer.ts'
import { useHead } from '../../data/useHead.ts'
import { percent } from '../../format/number.ts'
import { absolute } from '../../format/time.ts'
import { LineChart } from '../../ui/LineChart.tsx'
import { Answered } from '../../ui/Page.tsx'
import { type MarketData, PricesQuery } from './query.ts'

const SPANS = [
  ['all', undefined],
  ['week', 7 * 86_400],
  ['day', 86_400],
  ['hour', 3600],
] as const
type Span = (typeof SPANS)[number][0]

/** Prices over time: of the outcomes with the largest ones now, and of the chosen one. */
export function Prices({ market, chosen }: { market: MarketData; chosen: number }) {
  const [span, setSpan] = useState<Span>('all')
  const { head } = useHead()
  const length = SPANS.find(([name]) => name === span)?.[1]
  const now = head?.meta.block.timestamp
  // By the minute, so that not every second asks another question.
  const from =
    length === undefined || now === undefined ? null : Math.floor((now - length) / 60) * 60
  const top = market.outcomes.nodes.slice(0, 8).map(({ number }) => number)
  const outcomes = top.includes(chosen) ? top : [...top.slice(0, 7), chosen]
  const answer = useAnswer(
    PricesQuery,
    { id: market.id, from, outcomes: [...outcomes].sort((a, b) => a - b) },
    { keepPrevious: true },
  )
  return (
    <>
      <div className="filters" role="group" aria-label="Span of time">
        {SPANS.map(([name]) => (
          <button
            key={name}
            type="button"
            aria-pressed={span === name}
            onClick={() => {
              setSpan(name)
            }}
          >
            {name}
          </button>
        ))}
      </div>
      <Answered answer={answer} height={340}>
        {({ market: found }) => {
          const prices = found?.prices ?? { outcomes: [], points: [] }
          return prices.points.length === 0 ? (
            <p className="faint">No price is known for this span of time.</p>
          ) : (
            <LineChart
              title="Probability by price"
              x={{ name: 'Time', text: timeText(prices), isTime: true }}
              y={{ name: 'Probability', text: (part) => percent(part) }}
              yDomain={[0, axisEnd(prices)]}
              series={prices.outcomes.map((number, i) => ({
                name: `Outcome ${number}`,
                isStep: true,
                points: prices.points.flatMap(({ timestamp, prices: row }) => {
                  const price = row.at(i) ?? null
                  return price === null ? [] : [[timestamp, Number(price) / 1e18] as const]
                }),
              }))}
            />
          )
        }}
      </Answered>
    </>
  )
}

/** Times as exactly as they differ: to the second within minutes, with the day beyond one. */
function timeText({ points }: { points: readonly { timestamp: number }[] }) {
  const span = (points.at(-1)?.timestamp ?? 0) - (points.at(0)?.timestamp ?? 0)
  const [from, to] = span < 600 ? [11, 19] : span < 86_400 ? [11, 16] : [5, 16]
  return (at: number) => absolute(Math.round(at)).slice(from, to)
}

/** The end of the axis: all of one, unless nothing comes near it. */
function axisEnd({
  points,
}: {
  points: readonly { prices: readonly (string | null)[] }[]
}): number {
  const most = Math.max(0, ...points.flatMap(({ prices }) => prices.map((p) => Number(p) / 1e18)))
  return [0.02, 0.05, 0.1, 0.2, 0.5].find((end) => most <= end * 0.95) ?? 1
}
