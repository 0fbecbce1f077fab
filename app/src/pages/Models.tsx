import { graphql } from '../data/graphql.ts'
import { useAnswer } from '../data/useAnswer.ts'
import { AccountLink, ModelLink } from '../ui/links.tsx'
import { Answered, Page } from '../ui/Page.tsx'
import { Pager, usePaging } from '../ui/Pager.tsx'
import { Table } from '../ui/Table.tsx'
import { Ago, Count } from '../ui/values.tsx'

const ModelsQuery = graphql(`
  query Models($first: Int!, $after: String) {
    models(first: $first, after: $after, orderBy: wins, orderDirection: desc) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        provenance
        firstRevealedAt
        entryCount
        wins
        owner {
          id
        }
      }
    }
  }
`)

const SIZE = 50

/** Models that were entered in contests and revealed, those that won most first. */
export default function Models() {
  const paging = usePaging('')
  const answer = useAnswer(
    ModelsQuery,
    { first: SIZE, after: paging.after },
    { keepPrevious: true },
  )
  return (
    <Page title="Models">
      <Answered answer={answer} height={1900}>
        {({ models: { nodes, totalCount, pageInfo } }) => (
          <>
            <Table
              caption={`Models, those that won most first: ${totalCount} in all`}
              rows={nodes}
              id={({ id }) => id}
              none="No model has been revealed yet. Models are shown once their entry in a contest is revealed."
              columns={[
                { head: 'Model', cell: ({ id }) => <ModelLink id={id} /> },
                { head: 'Wins', number: true, cell: ({ wins }) => <Count of={wins} /> },
                {
                  head: 'Entries',
                  number: true,
                  cell: ({ entryCount }) => <Count of={entryCount} />,
                },
                { head: 'Owner', wide: true, cell: ({ owner }) => <AccountLink id={owner.id} /> },
                {
                  head: 'Provenance',
                  wide: true,
                  cell: ({ provenance }) =>
                    provenance === null ? <span className="faint">not told</span> : 'told',
                },
                {
                  head: 'First revealed',
                  number: true,
                  cell: ({ firstRevealedAt }) => <Ago at={firstRevealedAt} />,
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
