import { graphql, type ResultOf } from '../data/graphql.ts'
import { useAnswer } from '../data/useAnswer.ts'
import { useChainNow } from '../data/useHead.ts'
import { abbreviate, words } from '../format/hex.ts'
import { absolute, duration } from '../format/time.ts'
import { Facts } from '../ui/Facts.tsx'
import { AccountLink, ContestLink, EvaluatorLink, MarketLink } from '../ui/links.tsx'
import { Answered, Notice, Page, Section } from '../ui/Page.tsx'
import { Table } from '../ui/Table.tsx'
import { Ago, Ai, Count, Countdown, None, Status } from '../ui/values.tsx'

const SeriesQuery = graphql(`
  query OneSeries($id: ID!) {
    series(id: $id) {
      id
      startsAt
      epochSeconds
      terms
      shares
      epochCount
      curatorPaid
      isWoundUp
      createdAt
      curator {
        id
      }
      evaluator {
        id
      }
      epochs(first: 100, orderBy: number, orderDirection: desc) {
        totalCount
        nodes {
          id
          number
          subsidy
          returned
          openedAt
          contest {
            id
            verdict
          }
          market {
            id
            status
          }
        }
      }
    }
  }
`)

type SeriesData = NonNullable<ResultOf<typeof SeriesQuery>['series']>

/** A series: its terms, the epoch that runs, and every epoch with its contest and market. */
export default function Series({ id }: { id: string }) {
  const answer = useAnswer(SeriesQuery, { id })
  return (
    <Page title={`Series ${abbreviate(id)}`}>
      <Answered answer={answer} height={1200}>
        {({ series }) =>
          series === null ? (
            <Notice>
              <p>
                The indexer knows no series <span className="foreign">{id.slice(0, 100)}</span>.
              </p>
            </Notice>
          ) : (
            <Whole series={series} />
          )
        }
      </Answered>
    </Page>
  )
}

function Whole({ series }: { series: SeriesData }) {
  const { evaluator, epochs } = series
  return (
    <>
      <Epoch series={series} />
      <Facts
        of={[
          ['Curator', <AccountLink id={series.curator.id} />],
          ['Paid to the curator', <Ai of={series.curatorPaid} />],
          ['Evaluator', evaluator === null ? <None /> : <EvaluatorLink id={evaluator.id} />],
          ['Starts', absolute(series.startsAt)],
          ['An epoch takes', duration(series.epochSeconds)],
          ['Units of the pool', <Count of={series.shares} />],
          ['Made', <Ago at={series.createdAt} />],
        ]}
      />
      <Section title="Terms">
        <Terms of={series.terms} />
      </Section>
      <Section title="Epochs">
        <Table
          caption={`Epochs, the newest first: ${epochs.totalCount} in all`}
          rows={epochs.nodes}
          id={({ id }) => id}
          none="No epoch has been opened yet."
          columns={[
            { head: 'Epoch', cell: ({ number }) => number },
            {
              head: 'Contest',
              cell: ({ contest }) =>
                contest === null ? (
                  <None />
                ) : (
                  <>
                    <ContestLink id={contest.id} /> <Status of={contest.verdict} />
                  </>
                ),
            },
            {
              head: 'Market',
              cell: ({ market }) =>
                market === null ? (
                  <None />
                ) : (
                  <>
                    <MarketLink id={market.id} /> <Status of={market.status} />
                  </>
                ),
            },
            { head: 'Put in', number: true, cell: ({ subsidy }) => <Ai of={subsidy} /> },
            {
              head: 'Came back',
              number: true,
              cell: ({ returned }) => (returned === null ? <None /> : <Ai of={returned} />),
            },
            {
              head: 'Opened',
              number: true,
              wide: true,
              cell: ({ openedAt }) => <Ago at={openedAt} />,
            },
          ]}
        />
      </Section>
    </>
  )
}

/** The epoch that runs by the chain's clock. */
function Epoch({ series: { startsAt, epochSeconds, isWoundUp } }: { series: SeriesData }) {
  const now = useChainNow()
  if (isWoundUp)
    return <Notice>It is wound up: there is no contest, market or deposit any more.</Notice>
  if (now < startsAt)
    return (
      <Notice>
        The first epoch begins in <Countdown until={startsAt} />.
      </Notice>
    )
  const number = Math.floor((now - startsAt) / epochSeconds)
  return (
    <Notice>
      Epoch {number} runs; the next begins in{' '}
      <Countdown until={startsAt + (number + 1) * epochSeconds} />.
    </Notice>
  )
}

/** Terms as the curator set them, whatever they are. */
function Terms({ of }: { of: unknown }) {
  const entries = typeof of === 'object' && of !== null ? Object.entries(of) : []
  return (
    <Facts
      of={entries.map(
        ([name, value]) =>
          [
            words(name),
            <bdi className="foreign">
              {typeof value === 'object' ? JSON.stringify(value) : String(value)}
            </bdi>,
          ] as const,
      )}
    />
  )
}
