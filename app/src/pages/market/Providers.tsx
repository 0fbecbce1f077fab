import { useAnswer } from '../../data/useAnswer.ts'
import { AccountLink } from '../../ui/links.tsx'
import { Answered } from '../../ui/Page.tsx'
import { Pager, usePaging } from '../../ui/Pager.tsx'
import { Table } from '../../ui/Table.tsx'
import { Ago, Ai, LiquidityShares, Part } from '../../ui/values.tsx'
import { type MarketData, ProvidersQuery } from './query.ts'

const SIZE = 20

/** Who provides a market's liquidity, those with most of it first. */
export function Providers({ market }: { market: MarketData }) {
  const paging = usePaging(market.id)
  const answer = useAnswer(
    ProvidersQuery,
    { market: market.id, first: SIZE, after: paging.after },
    { keepPrevious: true },
  )
  return (
    <Answered answer={answer} height={160}>
      {({ liquidityPositions: { nodes, totalCount, pageInfo } }) => (
        <>
          <Table
            caption={`Providers of liquidity, those with most first: ${totalCount} in all`}
            rows={nodes}
            id={({ id }) => id}
            none="Nobody provides liquidity: all of it was redeemed, or the indexer has not got to the market’s creation."
            columns={[
              { head: 'Provider', cell: ({ owner }) => <AccountLink id={owner.id} /> },
              {
                head: 'Part',
                number: true,
                cell: ({ shares }) => <Part of={shares} all={market.liquidityShares} />,
              },
              {
                head: 'Liquidity shares',
                number: true,
                wide: true,
                cell: ({ shares }) => <LiquidityShares of={shares} />,
              },
              { head: 'Paid', number: true, cell: ({ paid }) => <Ai of={paid} /> },
              {
                head: 'Redeemed',
                number: true,
                wide: true,
                cell: ({ redeemed }) => <Ai of={redeemed} />,
              },
              {
                head: 'Changed',
                number: true,
                wide: true,
                cell: ({ updatedAt }) => <Ago at={updatedAt} />,
              },
            ]}
          />
          <Pager paging={paging} size={SIZE} total={totalCount} info={pageInfo} />
        </>
      )}
    </Answered>
  )
}
