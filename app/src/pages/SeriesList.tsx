import { graphql } from '../data/graphql.ts'
import { useAnswer } from '../data/useAnswer.ts'
import { duration } from '../format/time.ts'
import { AccountLink, SeriesLink } from '../ui/links.tsx'
import { Answered, Page } from '../ui/Page.tsx'
import { Pager, usePaging } from '../ui/Pager.tsx'
import { Table } from '../ui/Table.tsx'
import { Ago, Count, Status } from '../ui/values.tsx'

const SeriesListQuery = graphql(`
  query SeriesList($first: Int!, $after: String) {
    seriesList(first: $first, after: $after, orderBy: createdAt, orderDirection: desc) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        epochSeconds
        epochCount
        isWoundUp
        createdAt
        curator {
          id
        }
      }
    }
  }
`)

const SIZE = 50

/** All series of markets, the newest first. */
export default function SeriesList() {
  const paging = usePaging('')
  const answer = useAnswer(
    SeriesListQuery,
    { first: SIZE, after: paging.after },
    { keepPrevious: true },
  )
  return (
    <Page title="Series of markets">
      <Answered answer={answer} height={1000}>
        {({ seriesList: { nodes, totalCount, pageInfo } }) => (
          <>
            <Table
              caption={`Series, the newest first: ${totalCount} in all`}
              rows={nodes}
              id={({ id }) => id}
              none="No series has been made yet."
              columns={[
                { head: 'Series', cell: ({ id }) => <SeriesLink id={id} /> },
                {
                  head: 'State',
                  cell: ({ isWoundUp }) =>
                    isWoundUp ? (
                      <Status of="WOUND_UP" tone="bad" />
                    ) : (
                      <Status of="GOING_ON" tone="good" />
                    ),
                },
                {
                  head: 'Epochs',
                  number: true,
                  cell: ({ epochCount }) => <Count of={epochCount} />,
                },
                {
                  head: 'Length of one',
                  number: true,
                  cell: ({ epochSeconds }) => duration(epochSeconds),
                },
                {
                  head: 'Curator',
                  wide: true,
                  cell: ({ curator }) => <AccountLink id={curator.id} />,
                },
                {
                  head: 'Made',
                  number: true,
                  wide: true,
                  cell: ({ createdAt }) => <Ago at={createdAt} />,
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
