import { graphql } from '../data/graphql.ts'
import { useAnswer } from '../data/useAnswer.ts'
import { words } from '../format/hex.ts'
import { Choices, useChoice } from '../ui/Choices.tsx'
import { AccountLink, DisputeLink, JobLink } from '../ui/links.tsx'
import { Answered, Page } from '../ui/Page.tsx'
import { Pager, usePaging } from '../ui/Pager.tsx'
import { Table } from '../ui/Table.tsx'
import { Ago, Count, None, Status } from '../ui/values.tsx'

const DisputesQuery = graphql(`
  query Disputes($first: Int!, $after: String, $where: DisputeFilter) {
    disputes(first: $first, after: $after, where: $where, orderBy: openedAt, orderDirection: desc) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        status
        phase
        operator
        gas
        moveCount
        openedAt
        challenger {
          id
        }
        job {
          id
        }
      }
    }
  }
`)

const STATUSES = ['LIVE', 'QUEUED', 'WON', 'LOST', 'CLOSED'] as const
const SIZE = 50

/** All disputes, the newest first, in pages; by status if one is chosen. */
export default function Disputes() {
  const status = useChoice('status', STATUSES)
  const paging = usePaging(status ?? '')
  const where = status === undefined ? null : { status }
  const variables = { first: SIZE, after: paging.after, where }
  const answer = useAnswer(DisputesQuery, variables, { keepPrevious: true })
  return (
    <Page title="Disputes">
      <Choices
        label="Disputes by status"
        path="/disputes"
        field="status"
        choices={STATUSES}
        chosen={status}
      />
      <Answered answer={answer} height={1900}>
        {({ disputes: { nodes, totalCount, pageInfo } }) => (
          <>
            <Table
              caption={`Disputes, the newest first: ${totalCount} in all. Won and lost are the challenger’s.`}
              rows={nodes}
              id={({ id }) => id}
              none={status === undefined ? 'No claim has been disputed yet.' : 'None.'}
              columns={[
                { head: 'Dispute', cell: ({ id }) => <DisputeLink id={id} /> },
                { head: 'Status', cell: (dispute) => <Status of={dispute.status} /> },
                { head: 'Phase', wide: true, cell: ({ phase }) => words(phase) },
                { head: 'Job', cell: ({ job }) => (job ? <JobLink id={job.id} /> : <None />) },
                {
                  head: 'Challenger',
                  wide: true,
                  cell: ({ challenger }) => <AccountLink id={challenger.id} />,
                },
                { head: 'Operator in doubt', wide: true, cell: (one) => one.operator ?? <None /> },
                { head: 'Moves', number: true, wide: true, cell: (one) => one.moveCount },
                { head: 'Gas', number: true, wide: true, cell: ({ gas }) => <Count of={gas} /> },
                { head: 'Opened', number: true, cell: ({ openedAt }) => <Ago at={openedAt} /> },
              ]}
            />
            <Pager paging={paging} size={SIZE} total={totalCount} info={pageInfo} />
          </>
        )}
      </Answered>
    </Page>
  )
}
