import { AccountLink } from '../../ui/links.tsx'
import { Table } from '../../ui/Table.tsx'
import { Ago, Hex } from '../../ui/values.tsx'
import type { ContestData } from './query.ts'

/** The rounds of a contest: when each is, and its test set once that is shown. */
export function Rounds({ contest }: { contest: ContestData }) {
  return (
    <>
      <Table
        caption="Rounds and their test sets"
        isCaptionHidden
        rows={contest.rounds.nodes}
        id={({ id }) => id}
        columns={[
          { head: 'Round', cell: ({ number }) => number },
          { head: 'Opens', cell: ({ opensAt }) => <Ago at={opensAt} /> },
          { head: 'Ordered until', wide: true, cell: ({ orderBy }) => <Ago at={orderBy} /> },
          {
            head: 'Test set',
            cell: ({ root, testSet }) =>
              root === null ? (
                <span className="faint">
                  hidden <Hex of={testSet} />
                </span>
              ) : (
                <Hex of={root} />
              ),
          },
          {
            head: 'Shown and attested',
            wide: true,
            cell: ({ revealedAt }) => <Ago at={revealedAt} />,
          },
        ]}
      />
      <p className="faint small">
        Entries and test sets are shown with a signature of the contest’s attester, who serves them,
        so every score can be disputed: <AccountLink id={contest.attester} />
      </p>
    </>
  )
}
