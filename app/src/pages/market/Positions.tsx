import { useAnswer } from '../../data/useAnswer.ts'
import { AccountLink } from '../../ui/links.tsx'
import { Answered } from '../../ui/Page.tsx'
import { Pager, usePaging } from '../../ui/Pager.tsx'
import { type Column, Table } from '../../ui/Table.tsx'
import { Ai, Shares } from '../../ui/values.tsx'
import { PositionsQuery } from './query.ts'
import type { ResultOf } from '../../data/graphql.ts'

const SIZE = 20

type PositionData = ResultOf<typeof PositionsQuery>['positions']['nodes'][number]

/** What every list of positions shows of one. */
export const POSITION_COLUMNS: readonly Column<PositionData>[] = [
  { head: 'Outcome', cell: ({ outcome }) => outcome.number },
  { head: 'Shares', number: true, cell: ({ shares }) => <Shares of={shares} /> },
  { head: 'Paid', number: true, wide: true, cell: ({ paid }) => <Ai of={paid} /> },
  {
    head: 'Received',
    number: true,
    wide: true,
    cell: ({ received, redeemed }) => <Ai of={BigInt(received) + BigInt(redeemed)} />,
  },
  { head: 'Worth', number: true, cell: ({ value }) => <Ai of={value} /> },
  { head: 'Profit', number: true, cell: ({ profit }) => <Profit of={profit} /> },
]

/** Who has shares of a market, the largest positions first. */
export function Positions({ market }: { market: string }) {
  const paging = usePaging(market)
  const answer = useAnswer(
    PositionsQuery,
    { where: { market }, first: SIZE, after: paging.after },
    { keepPrevious: true },
  )
  return (
    <Answered answer={answer} height={800}>
      {({ positions: { nodes, totalCount, pageInfo } }) => (
        <>
          <Table
            caption={`Positions, the most shares first: ${totalCount} in all`}
            rows={nodes}
            id={({ id }) => id}
            none="Nobody has shares of this market."
            columns={[
              { head: 'Owner', cell: ({ owner }) => <AccountLink id={owner.id} /> },
              ...POSITION_COLUMNS,
            ]}
          />
          <Pager paging={paging} size={SIZE} total={totalCount} info={pageInfo} />
        </>
      )}
    </Answered>
  )
}

export const Profit = ({ of }: { of: bigint | string }) => (
  <span className={BigInt(of) < 0n ? 'loss' : 'gain'}>
    <Ai of={of} />
  </span>
)
