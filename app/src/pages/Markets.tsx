import { Link } from 'wouter'
import { graphql } from '../data/graphql.ts'
import { useAnswer } from '../data/useAnswer.ts'
import { percent } from '../format/number.ts'
import '../theme/market.css'
import { Choices, useChoice } from '../ui/Choices.tsx'
import { MarketLink } from '../ui/links.tsx'
import { Answered, Page } from '../ui/Page.tsx'
import { Pager, usePaging } from '../ui/Pager.tsx'
import { Table } from '../ui/Table.tsx'
import { Ai, Count, Countdown, None } from '../ui/values.tsx'
import { MarketState } from './market/MarketState.tsx'

const MarketsQuery = graphql(`
  query Markets($first: Int!, $after: String, $where: MarketFilter) {
    markets(first: $first, after: $after, where: $where, orderBy: createdAt, orderDirection: desc) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        status
        isHalted
        closesAt
        outcomeCount
        tradeCount
        volume
        outcomes(first: 1, orderBy: quantity, orderDirection: desc) {
          nodes {
            number
            probability
          }
        }
      }
    }
  }
`)

const STATUSES = ['OPEN', 'SETTLED', 'VOID'] as const
const SIZE = 50

/** All markets, the newest first, in pages; by status if one is chosen. */
export default function Markets() {
  const status = useChoice('status', STATUSES)
  const paging = usePaging(status ?? '')
  const where = status === undefined ? null : { status }
  const answer = useAnswer(
    MarketsQuery,
    { first: SIZE, after: paging.after, where },
    { keepPrevious: true },
  )
  return (
    <Page title="Markets">
      <Choices
        label="Markets by status"
        path="/markets"
        field="status"
        choices={STATUSES}
        chosen={status}
      >
        <Link href="/series">series</Link>
      </Choices>
      <Answered answer={answer} height={1900}>
        {({ markets: { nodes, totalCount, pageInfo } }) => (
          <>
            <Table
              caption={`Markets, the newest first: ${totalCount} in all`}
              rows={nodes}
              id={({ id }) => id}
              none={
                status === undefined ? 'No market has been made yet.' : 'No market has this status.'
              }
              columns={[
                { head: 'Market', cell: ({ id }) => <MarketLink id={id} /> },
                { head: 'State', cell: (market) => <MarketState of={market} /> },
                {
                  head: 'In front',
                  number: true,
                  cell: ({ status: is, outcomes: { nodes: first } }) =>
                    first.length === 0 || is === 'VOID' ? (
                      <None />
                    ) : (
                      <>
                        Outcome {first[0].number}:{' '}
                        <span className="number">{percent(first[0].probability)}</span>
                      </>
                    ),
                },
                {
                  head: 'Outcomes',
                  number: true,
                  wide: true,
                  cell: ({ outcomeCount }) => outcomeCount,
                },
                {
                  head: 'Trades',
                  number: true,
                  wide: true,
                  cell: ({ tradeCount }) => <Count of={tradeCount} />,
                },
                {
                  head: 'Volume',
                  number: true,
                  wide: true,
                  cell: ({ volume }) => <Ai of={volume} />,
                },
                {
                  head: 'Closes in',
                  number: true,
                  cell: ({ status: is, closesAt }) =>
                    is === 'OPEN' ? <Countdown until={closesAt} /> : <None />,
                },
              ]}
            />
            <Pager paging={paging} size={SIZE} total={totalCount} info={pageInfo} />
          </>
        )}
      </Answered>
    </Page>
  )
}
