import { useAnswer } from '../../data/useAnswer.ts'
import { AccountLink } from '../../ui/links.tsx'
import { Transaction } from '../../ui/onChain.tsx'
import { Answered } from '../../ui/Page.tsx'
import { Pager, usePaging } from '../../ui/Pager.tsx'
import { Table } from '../../ui/Table.tsx'
import { Ago, Ai, Shares, Status } from '../../ui/values.tsx'
import { TradesQuery } from './query.ts'

const SIZE = 20

/** The trades of a market, the newest first. */
export function Trades({ market }: { market: string }) {
  const paging = usePaging(market)
  const answer = useAnswer(
    TradesQuery,
    { id: market, first: SIZE, after: paging.after },
    { keepPrevious: true },
  )
  return (
    <Answered answer={answer} height={800}>
      {({ trades: { nodes, totalCount, pageInfo } }) => (
        <>
          <Table
            caption={`Trades, the newest first: ${totalCount} in all`}
            rows={nodes}
            id={({ id }) => id}
            none="Nobody has traded yet."
            columns={[
              { head: 'When', cell: ({ timestamp }) => <Ago at={timestamp} /> },
              {
                head: 'Side',
                cell: ({ side }) => <Status of={side} tone={side === 'BUY' ? 'good' : 'bad'} />,
              },
              { head: 'Outcome', cell: ({ outcome }) => outcome.number },
              { head: 'Shares', number: true, cell: ({ shares }) => <Shares of={shares} /> },
              { head: 'Amount', number: true, cell: ({ amount }) => <Ai of={amount} /> },
              { head: 'Fee', number: true, wide: true, cell: ({ fee }) => <Ai of={fee} /> },
              {
                head: 'Price after',
                number: true,
                wide: true,
                cell: ({ priceAfter }) => <Ai of={priceAfter} places={4} />,
              },
              { head: 'Trader', wide: true, cell: ({ trader }) => <AccountLink id={trader.id} /> },
              {
                head: 'Transaction',
                wide: true,
                cell: ({ transaction }) => <Transaction id={transaction} />,
              },
            ]}
          />
          <Pager paging={paging} size={SIZE} total={totalCount} info={pageInfo} />
        </>
      )}
    </Answered>
  )
}
