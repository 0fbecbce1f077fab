import { useAnswer } from '../../data/useAnswer.ts'
import { Facts } from '../../ui/Facts.tsx'
import { Answered, Section } from '../../ui/Page.tsx'
import { Table } from '../../ui/Table.tsx'
import { Ai } from '../../ui/values.tsx'
import { useWallet } from '../../wallet/useWallet.ts'
import { POSITION_COLUMNS, Profit } from './Positions.tsx'
import { PositionsQuery } from './query.ts'

/** What the connected account has of a market; nothing where none is connected. */
export function OwnPosition({ market }: { market: string }) {
  const wallet = useWallet()
  return wallet.kind === 'connected' ? (
    <Section title="Your position">
      <Own market={market} owner={wallet.address.toLowerCase()} />
    </Section>
  ) : null
}

function Own({ market, owner }: { market: string; owner: string }) {
  const answer = useAnswer(PositionsQuery, { where: { market, owner }, first: 256, after: null })
  return (
    <Answered answer={answer} height={180}>
      {({ positions: { nodes } }) => {
        const sum = (key: 'value' | 'profit') =>
          nodes.reduce((total, one) => total + BigInt(one[key]), 0n)
        return (
          <div className="own">
            <Facts
              of={[
                ['Worth', <Ai of={sum('value')} />],
                ['Profit until now', <Profit of={sum('profit')} />],
              ]}
            />
            <Table
              caption="What you have of each outcome"
              isCaptionHidden
              rows={nodes}
              id={({ id }) => id}
              none="You have no shares of this market, as far as the indexer has read."
              columns={POSITION_COLUMNS}
            />
          </div>
        )
      }}
    </Answered>
  )
}
