import { graphql } from '../data/graphql.ts'
import { useAnswer } from '../data/useAnswer.ts'
import { abbreviate } from '../format/hex.ts'
import { ContestLink } from '../ui/links.tsx'
import { Answered, Page, Section } from '../ui/Page.tsx'
import { Pager, usePaging } from '../ui/Pager.tsx'
import { Table } from '../ui/Table.tsx'
import { Ago, Status } from '../ui/values.tsx'
import { EvaluatorFacts } from './contest/EvaluatorFacts.tsx'
import { EvaluatorFields } from './contest/query.ts'
import { NotFound } from './NotFound.tsx'

const SIZE = 20

const EvaluatorQuery = graphql(
  `
    query Evaluator($id: ID!, $first: Int!, $after: String) {
      evaluator(id: $id) {
        ...EvaluatorFields
        contests(first: $first, after: $after, orderBy: openedAt, orderDirection: desc) {
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
            openedAt
          }
        }
      }
    }
  `,
  [EvaluatorFields],
)

/** A program that scores entries, and the contests that use it. */
export default function Evaluator({ id }: { id: string }) {
  const paging = usePaging(id)
  const answer = useAnswer(
    EvaluatorQuery,
    { id, first: SIZE, after: paging.after },
    { keepPrevious: true },
  )
  if (answer.data?.evaluator === null)
    return <NotFound what={`There is no evaluator ${id.slice(0, 80)}.`} />
  return (
    <Page title={`Evaluator ${abbreviate(id)}`}>
      <Answered answer={answer} height={700}>
        {({ evaluator }) =>
          evaluator === null ? null : (
            <>
              <EvaluatorFacts of={evaluator} />
              <Section title="Contests">
                <Table
                  caption={`Contests that it scores, the newest first: ${evaluator.contests.totalCount} in all`}
                  rows={evaluator.contests.nodes}
                  id={({ id: contest }) => contest}
                  none="No contest uses it yet."
                  columns={[
                    { head: 'Contest', cell: (contest) => <ContestLink id={contest.id} /> },
                    { head: 'Verdict', cell: ({ verdict }) => <Status of={verdict} /> },
                    { head: 'Entrants', number: true, cell: ({ entrantCount }) => entrantCount },
                    { head: 'Rounds', number: true, cell: ({ roundCount }) => roundCount },
                    {
                      head: 'Opened',
                      number: true,
                      wide: true,
                      cell: ({ openedAt }) => <Ago at={openedAt} />,
                    },
                  ]}
                />
                <Pager
                  paging={paging}
                  size={SIZE}
                  total={evaluator.contests.totalCount}
                  info={evaluator.contests.pageInfo}
                />
              </Section>
            </>
          )
        }
      </Answered>
    </Page>
  )
}
