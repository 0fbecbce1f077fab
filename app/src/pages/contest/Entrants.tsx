import { useState } from 'react'
import { RUBRICS } from '../../format/rubric.ts'
import { AccountLink, ModelLink } from '../../ui/links.tsx'
import { Score } from '../../ui/Score.tsx'
import { Table } from '../../ui/Table.tsx'
import { Ago, Ai, Hex, None, Status } from '../../ui/values.tsx'
import type { ContestData } from './query.ts'

const FEW = 20

type Entrant = ContestData['entrants']['nodes'][number]

/** As a contest ranks them: who has more scores, then the larger sum of them, which may be below zero. */
const byRank = (a: Entrant, b: Entrant): number =>
  b.scored - a.scored || Number(BigInt(b.total ?? 0) - BigInt(a.total ?? 0)) || a.number - b.number

/** Who entered, those in front first; a button shows those beyond the first twenty. */
export function Entrants({ contest }: { contest: ContestData }) {
  const [isWhole, setWhole] = useState(false)
  const { entrants, entrantCount, roundCount } = contest
  const { rubric } = contest.evaluator
  const ranked = entrants.nodes.toSorted(byRank)
  const shown = isWhole ? ranked : ranked.slice(0, FEW)
  const rest = entrantCount - shown.length
  return (
    <>
      <Table
        caption={`${entrantCount} of at most ${contest.maxEntrants} entrants, those in front first`}
        rows={shown}
        id={({ id }) => id}
        none="Nobody has entered yet."
        columns={[
          { head: 'Entrant', cell: ({ number }) => number },
          { head: 'Owner', wide: true, cell: ({ owner }) => <AccountLink id={owner.id} /> },
          {
            head: 'Model',
            cell: ({ model, commitment }) =>
              model === null ? (
                <span className="faint">
                  hidden <Hex of={commitment} />
                </span>
              ) : (
                <ModelLink id={model.id} />
              ),
          },
          {
            head: 'Scored',
            number: true,
            wide: true,
            cell: ({ scored }) => `${scored} of ${roundCount}`,
          },
          {
            head: RUBRICS[rubric]?.name === 'perplexity' ? 'Over its rounds' : 'Total',
            number: true,
            cell: ({ scored, total }) =>
              total === null ? <None /> : <Score of={total} rubric={rubric} rounds={scored} />,
          },
          {
            head: 'Result',
            cell: ({ isWinner }) => (isWinner ? <Status of="WINNER" /> : <None />),
          },
          {
            head: 'Shown and attested',
            number: true,
            wide: true,
            cell: ({ revealedAt }) => <Ago at={revealedAt} />,
          },
          {
            head: 'Escrow returned',
            number: true,
            wide: true,
            cell: ({ escrowReturned }) => <Ai of={escrowReturned} />,
          },
          {
            head: 'Entered',
            number: true,
            wide: true,
            cell: ({ enteredAt }) => <Ago at={enteredAt} />,
          },
        ]}
      />
      {rest > 0 && !isWhole ? (
        <p className="more">
          <button
            type="button"
            onClick={() => {
              setWhole(true)
            }}
          >
            Show {rest} more
          </button>
        </p>
      ) : null}
    </>
  )
}
