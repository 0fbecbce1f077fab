import { Link, useSearch } from 'wouter'
import { graphql } from '../data/graphql.ts'
import { useAnswer } from '../data/useAnswer.ts'
import { OperatorLink } from '../ui/links.tsx'
import { Answered, Page } from '../ui/Page.tsx'
import { Pager, usePaging } from '../ui/Pager.tsx'
import { Table } from '../ui/Table.tsx'
import { Ago, Ai, Bps, Count } from '../ui/values.tsx'

const OperatorsQuery = graphql(`
  query Operators($first: Int!, $after: String, $orderBy: OperatorOrder!) {
    operators(first: $first, after: $after, orderBy: $orderBy, orderDirection: desc) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        jobsSettled
        jobsAbandoned
        claimsVoided
        disputesDefended
        stepsSettled
        earned
        slashed
        reliabilityBps
        active
        lastActiveAt
        vault {
          id
          selfBond
          delegated
          free
        }
      }
    }
  }
`)

const ORDERS = [
  ['stepsSettled', 'work'],
  ['earned', 'earnings'],
  ['jobsSettled', 'jobs'],
  ['slashed', 'slashes'],
  ['lastActiveAt', 'activity'],
] as const
const SIZE = 50

/** Who works, ranked by what they did. */
export default function Operators() {
  const wanted = new URLSearchParams(useSearch()).get('by')
  const [orderBy] = ORDERS.find(([, name]) => name === wanted) ?? ORDERS[0]
  const paging = usePaging(orderBy)
  const answer = useAnswer(
    OperatorsQuery,
    { first: SIZE, after: paging.after, orderBy },
    { keepPrevious: true },
  )
  return (
    <Page title="Operators">
      <nav className="filters" aria-label="Operators by">
        {ORDERS.map(([field, name]) => (
          <Link
            key={field}
            href={`/operators?by=${name}`}
            aria-current={field === orderBy ? 'page' : undefined}
          >
            {name}
          </Link>
        ))}
      </nav>
      <Answered answer={answer} height={1900}>
        {({ operators: { nodes, totalCount, pageInfo } }) => (
          <>
            <Table
              caption={`Operators: ${totalCount} in all. Reliability: settled jobs of all that came to an end.`}
              rows={nodes}
              id={({ id }) => id}
              none="Nobody operates a vault yet."
              columns={[
                { head: 'Operator', cell: ({ id }) => <OperatorLink id={id} /> },
                { head: 'Own bond', number: true, cell: ({ vault }) => <Ai of={vault.selfBond} /> },
                {
                  head: 'Delegated',
                  number: true,
                  wide: true,
                  cell: ({ vault }) => <Ai of={vault.delegated} />,
                },
                {
                  head: 'Steps settled',
                  number: true,
                  cell: ({ stepsSettled }) => <Count of={stepsSettled} />,
                },
                {
                  head: 'Jobs settled',
                  number: true,
                  wide: true,
                  cell: ({ jobsSettled }) => <Count of={jobsSettled} />,
                },
                {
                  head: 'Earned',
                  number: true,
                  wide: true,
                  cell: ({ earned }) => <Ai of={earned} />,
                },
                { head: 'Slashed', number: true, cell: ({ slashed }) => <Ai of={slashed} /> },
                {
                  head: 'Claims voided',
                  number: true,
                  wide: true,
                  cell: ({ claimsVoided }) => claimsVoided,
                },
                {
                  head: 'Reliability',
                  number: true,
                  cell: ({ reliabilityBps }) => <Bps of={reliabilityBps} />,
                },
                {
                  head: 'Last active',
                  number: true,
                  wide: true,
                  cell: ({ lastActiveAt }) => <Ago at={lastActiveAt} />,
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
