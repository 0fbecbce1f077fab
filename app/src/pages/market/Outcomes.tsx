import { AI, percent } from '../../format/number.ts'
import { AccountLink, ModelLink } from '../../ui/links.tsx'
import { Table } from '../../ui/Table.tsx'
import { Ai, Count, None, Shares, Status } from '../../ui/values.tsx'
import type { MarketData, OutcomeData } from './query.ts'

/** Outcomes shown at first, and at most: a market has no more. */
export const FEW = 10
export const ALL = 256

/** The outcomes, the most probable first; a button shows those beyond the first ten. */
export function Outcomes({
  market,
  chosen,
  choose,
  isWhole,
  showAll,
}: {
  market: MarketData
  chosen: number
  choose: (outcome: number) => void
  isWhole: boolean
  showAll: () => void
}) {
  const { outcomes, outcomeCount, status } = market
  const rest = outcomeCount - outcomes.nodes.length
  const share = outcomes.nodes.reduce((sum, { probability }) => sum + probability, 0)
  return (
    <>
      <div className={isWhole && outcomeCount > FEW ? 'outcomes long' : 'outcomes'}>
        <Table
          caption={captionOf(market)}
          rows={outcomes.nodes}
          id={({ id }) => id}
          columns={[
            {
              head: 'Outcome',
              cell: (outcome) => (
                <button
                  type="button"
                  className="choice"
                  aria-pressed={outcome.number === chosen}
                  onClick={() => {
                    choose(outcome.number)
                  }}
                >
                  Outcome {outcome.number}
                </button>
              ),
            },
            {
              head: status === 'OPEN' ? 'Probability' : 'A share pays',
              cell: (outcome) => <Likely of={outcome} status={status} />,
            },
            {
              head: 'Price',
              number: true,
              wide: true,
              cell: ({ price }) => <Ai of={price} places={4} />,
            },
            { head: 'Entrant', wide: true, cell: (outcome) => <Entrant of={outcome} /> },
            {
              head: 'Sold',
              number: true,
              wide: true,
              cell: ({ quantity }) => <Shares of={quantity} />,
            },
            {
              head: 'Trades',
              number: true,
              wide: true,
              cell: ({ tradeCount }) => <Count of={tradeCount} />,
            },
          ]}
        />
      </div>
      {rest > 0 ? (
        <p className="more">
          <button type="button" onClick={showAll}>
            Show {rest} more
          </button>{' '}
          <span className="faint">together {percent(Math.max(0, 1 - share))}</span>
        </p>
      ) : null}
    </>
  )
}

function captionOf({ status, outcomeCount, winners }: MarketData): string {
  const count = `${outcomeCount} outcomes, the most probable first`
  if (status === 'OPEN') return count
  if (status === 'VOID')
    return `${outcomeCount} outcomes. The market is void: every share is paid its outcome’s average price`
  const won = winners.map((number) => `outcome ${number}`).join(', ')
  return winners.length === 1
    ? `${outcomeCount} outcomes; ${won} won, a share of it pays 1 ${AI}`
    : `${outcomeCount} outcomes; ${won} won and divide 1 ${AI} a share`
}

function Likely({ of, status }: { of: OutcomeData; status: string }) {
  const { probability, price, isWinner } = of
  return (
    <span className="likely">
      <svg className="likely-bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
        <rect width={100} height={8} className="track" />
        <rect width={Math.max(0, Math.min(100, probability * 100))} height={8} className="bar" />
      </svg>
      {status === 'OPEN' ? (
        <span className="number">{percent(probability)}</span>
      ) : (
        <Ai of={price} places={4} />
      )}
      {isWinner ? <Status of="WINNER" /> : null}
    </span>
  )
}

function Entrant({ of: { entrant } }: { of: OutcomeData }) {
  if (entrant === null) return <None />
  return entrant.model === null ? (
    <AccountLink id={entrant.owner.id} />
  ) : (
    <ModelLink id={entrant.model.id} />
  )
}
