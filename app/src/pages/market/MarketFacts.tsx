import { AI, percentOfBps } from '../../format/number.ts'
import { absolute } from '../../format/time.ts'
import { Facts } from '../../ui/Facts.tsx'
import { AccountLink, ContestLink, SeriesLink } from '../../ui/links.tsx'
import { Address } from '../../ui/onChain.tsx'
import { Table } from '../../ui/Table.tsx'
import { Ago, Ai, Bps, Hex, None, Shares } from '../../ui/values.tsx'
import type { MarketData } from './query.ts'

const NO_HASH = `0x${'0'.repeat(64)}`

/** What fixes a market, and whose its fees are. */
export function MarketFacts({ market }: { market: MarketData }) {
  const { contest, series, resolvedAt } = market
  return (
    <>
      <Facts
        of={[
          ['Id', <Hex of={market.id} />],
          [
            'Settles from',
            contest === null ? <Address id={market.source} /> : <ContestLink id={contest.id} />,
          ],
          ['Series', series === null ? undefined : <SeriesLink id={series.id} />],
          ['Created by', <AccountLink id={market.creator.id} />],
          ['Created', <Ago at={market.createdAt} />],
          ['Trading ends', absolute(market.closesAt)],
          ['Void unless decided by', absolute(market.voidsAt)],
          ['Resolved', resolvedAt === null ? undefined : <Ago at={resolvedAt} />],
          ['Liquidity b', <Ai of={market.b} />],
          ['Subsidy', <Ai of={market.subsidy} />],
          ['Volume', <Ai of={market.volume} />],
          ['Complete sets', <Shares of={market.sets} />],
          ['Fees until now', <Ai of={market.fees} />],
          ['Redeemed', market.status === 'OPEN' ? undefined : <Ai of={market.redeemed} />],
          ['Rules', <ContentHash of={market.rules} />],
          ['Metadata', <ContentHash of={market.metadata} />],
        ]}
      />
      <Fees market={market} />
    </>
  )
}

const ContentHash = ({ of }: { of: string }) =>
  of === NO_HASH ? <span className="faint">none</span> : <Hex of={of} />

function Fees({
  market: { feeBps, creatorBps, modelBps, protocolBps, creator },
}: {
  market: MarketData
}) {
  const rows = [
    { who: 'The market’s creator', part: creatorBps, to: <AccountLink id={creator.id} /> },
    { who: 'The owner of the traded entrant', part: modelBps, to: <None /> },
    { who: 'The protocol’s treasury', part: protocolBps, to: <None /> },
    { who: 'Liquidity', part: 10_000 - creatorBps - modelBps - protocolBps, to: <None /> },
  ]
  return (
    <>
      <h3>Fee: {percentOfBps(feeBps)} of every trade</h3>
      <Table
        caption="Who gets the fee"
        isCaptionHidden
        rows={rows}
        id={({ who }) => who}
        columns={[
          { head: 'Who', cell: ({ who }) => who },
          { head: 'Part of the fee', number: true, cell: ({ part }) => <Bps of={part} /> },
          {
            head: `Of a trade of 100 ${AI}`,
            number: true,
            wide: true,
            cell: ({ part }) => <Ai of={BigInt(feeBps) * BigInt(part) * 10n ** 12n} places={4} />,
          },
          { head: 'Address', wide: true, cell: ({ to }) => to },
        ]}
      />
    </>
  )
}
