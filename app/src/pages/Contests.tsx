import { graphql } from '../data/graphql.ts'
import { useAnswer } from '../data/useAnswer.ts'
import { Choices, useChoice } from '../ui/Choices.tsx'
import { AccountLink, ContestLink } from '../ui/links.tsx'
import { Answered, Page } from '../ui/Page.tsx'
import { Pager, usePaging } from '../ui/Pager.tsx'
import { Table } from '../ui/Table.tsx'
import { Ago, Ai, Status } from '../ui/values.tsx'

const ContestsQuery = graphql(`
  query Contests($first: Int!, $after: String, $where: ContestFilter) {
    contests(first: $first, after: $after, where: $where, orderBy: openedAt, orderDirection: desc) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        verdict
        entrantCount
        roundCount
        reward
        openedAt
        entriesClose
        opener {
          id
        }
      }
    }
  }
`)

const VERDICTS = ['PENDING', 'DECIDED', 'VOID'] as const
const SIZE = 50

/** All contests, the newest first, in pages; by verdict if one is chosen. */
export default function Contests() {
  const verdict = useChoice('verdict', VERDICTS)
  const paging = usePaging(verdict ?? '')
  const where = verdict === undefined ? null : { verdict }
  const answer = useAnswer(
    ContestsQuery,
    { first: SIZE, after: paging.after, where },
    { keepPrevious: true },
  )
  return (
    <Page title="Contests">
      <Choices
        label="Contests by verdict"
        path="/contests"
        field="verdict"
        choices={VERDICTS}
        chosen={verdict}
      />
      <Answered answer={answer} height={1900}>
        {({ contests: { nodes, totalCount, pageInfo } }) => (
          <>
            <Table
              caption={`Contests, the newest first: ${totalCount} in all`}
              rows={nodes}
              id={({ id }) => id}
              none={
                verdict === undefined
                  ? 'No contest has been opened yet.'
                  : 'No contest has this verdict.'
              }
              columns={[
                { head: 'Contest', cell: ({ id }) => <ContestLink id={id} /> },
                { head: 'Verdict', cell: (contest) => <Status of={contest.verdict} /> },
                {
                  head: 'Entrants',
                  number: true,
                  wide: true,
                  cell: ({ entrantCount }) => entrantCount,
                },
                { head: 'Rounds', number: true, wide: true, cell: ({ roundCount }) => roundCount },
                {
                  head: 'Reward of an evaluation',
                  number: true,
                  wide: true,
                  cell: ({ reward }) => <Ai of={reward} />,
                },
                {
                  head: 'Entries close',
                  number: true,
                  cell: ({ entriesClose }) => <Ago at={entriesClose} />,
                },
                {
                  head: 'Opened by',
                  wide: true,
                  cell: ({ opener }) => <AccountLink id={opener.id} />,
                },
                {
                  head: 'Opened',
                  number: true,
                  wide: true,
                  cell: ({ openedAt }) => <Ago at={openedAt} />,
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
