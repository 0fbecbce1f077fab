import { graphql } from '../data/graphql.ts'
import { useAnswer } from '../data/useAnswer.ts'
import { Choices, useChoice } from '../ui/Choices.tsx'
import { AccountLink, JobLink, OperatorLink } from '../ui/links.tsx'
import { Answered, Page } from '../ui/Page.tsx'
import { Pager, usePaging } from '../ui/Pager.tsx'
import { Table } from '../ui/Table.tsx'
import { Ago, Ai, Count, None, Status } from '../ui/values.tsx'

const JobsQuery = graphql(`
  query Jobs($first: Int!, $after: String, $where: JobFilter) {
    jobs(first: $first, after: $after, where: $where, orderBy: postedAt, orderDirection: desc) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        status
        reward
        postedAt
        attemptCount
        computation {
          id
          steps
        }
        submitter {
          id
        }
        operator {
          id
        }
      }
    }
  }
`)

const STATUSES = ['OPEN', 'TAKEN', 'CLAIMED', 'SETTLED', 'CANCELLED', 'EXPIRED'] as const
const SIZE = 50

/** All jobs, the newest first, in pages; by status if one is chosen. */
export default function Jobs() {
  const status = useChoice('status', STATUSES)
  const paging = usePaging(status ?? '')
  const where = status === undefined ? null : { status }
  const answer = useAnswer(
    JobsQuery,
    { first: SIZE, after: paging.after, where },
    { keepPrevious: true },
  )
  return (
    <Page title="Jobs">
      <Choices
        label="Jobs by status"
        path="/jobs"
        field="status"
        choices={STATUSES}
        chosen={status}
      />
      <Answered answer={answer} height={1900}>
        {({ jobs: { nodes, totalCount, pageInfo } }) => (
          <>
            <Table
              caption={`Jobs, the newest first: ${totalCount} in all`}
              rows={nodes}
              id={({ id }) => id}
              none={
                status === undefined ? 'No job has been posted yet.' : 'No job has this status.'
              }
              columns={[
                { head: 'Job', cell: ({ id }) => <JobLink id={id} /> },
                { head: 'Status', cell: (job) => <Status of={job.status} /> },
                { head: 'Reward', number: true, cell: ({ reward }) => <Ai of={reward} /> },
                {
                  head: 'Steps',
                  number: true,
                  cell: ({ computation }) => <Count of={computation.steps} />,
                },
                {
                  head: 'Submitter',
                  wide: true,
                  cell: ({ submitter }) => <AccountLink id={submitter.id} />,
                },
                {
                  head: 'Operator',
                  wide: true,
                  cell: ({ operator }) =>
                    operator === null ? <None /> : <OperatorLink id={operator.id} />,
                },
                { head: 'Attempts', number: true, wide: true, cell: (job) => job.attemptCount },
                { head: 'Posted', number: true, cell: ({ postedAt }) => <Ago at={postedAt} /> },
              ]}
            />
            <Pager paging={paging} size={SIZE} total={totalCount} info={pageInfo} />
          </>
        )}
      </Answered>
    </Page>
  )
}
