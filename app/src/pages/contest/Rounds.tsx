import { absolute } from '../../format/time.ts'
import { Table } from '../../ui/Table.tsx'
import { Hex } from '../../ui/values.tsx'
import type { ContestData } from './query.ts'

/** The rounds of a contest: when each is, and its test set once that is shown. */
export function Rounds({ contest }: { contest: ContestData }) {
  return (
    <Table
      caption="Rounds and their test sets"
      isCaptionHidden
      rows={contest.rounds.nodes}
      id={({ id }) => id}
      columns={[
        { head: 'Round', number: true, cell: ({ number }) => number },
        { head: 'Opens', cell: ({ opensAt }) => absolute(opensAt) },
        { head: 'Ordered until', cell: ({ orderBy }) => absolute(orderBy) },
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
      ]}
    />
  )
}
