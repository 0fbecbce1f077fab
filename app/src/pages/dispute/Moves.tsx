import { words } from '../../format/hex.ts'
import { Transaction } from '../../ui/onChain.tsx'
import { Table } from '../../ui/Table.tsx'
import { AccountLink } from '../../ui/links.tsx'
import { Ago, Count } from '../../ui/values.tsx'
import type { DisputeData } from './query.ts'

interface Line {
  readonly id: string
  readonly name: string
  readonly side: string
  readonly sender: string | null
  readonly shown: string
  readonly gas: string
  readonly block: string
  readonly logIndex: number
  readonly timestamp: number
  readonly transaction: string
}

const OUTCOMES: Readonly<Partial<Record<DisputeData['status'], string>>> = {
  WON: 'the challenger won',
  LOST: 'the challenger lost',
}

/** Every transaction of the dispute in order, the claim's answers that it waited for among them. */
export function linesOf({ moves, claim, interval, step, moveCount, status }: DisputeData): Line[] {
  const decided = OUTCOMES[status]
  const made = moves.nodes.map((move) => ({
    ...move,
    side: words(move.side),
    shown: `${move.index + 1 === moveCount && decided !== undefined ? decided : words(move.phase)}${shownBy(move)}`,
  }))
  const answers = claim.answers.nodes
    .filter(({ kind, index }) => index === (kind === 'STEPS' ? interval : step))
    .map((answer) => ({
      id: answer.id,
      name: answer.kind === 'STEPS' ? 'commitSteps' : 'commitGraph',
      side: 'solver',
      sender: null,
      shown: `root ${answer.root.slice(0, 10)}…, for every dispute of the claim`,
      gas: answer.gas,
      block: answer.block,
      logIndex: answer.logIndex,
      timestamp: answer.answeredAt,
      transaction: answer.transaction,
    }))
  return [...made, ...answers].sort(
    (a, b) => Number(a.block) - Number(b.block) || a.logIndex - b.logIndex,
  )
}

function shownBy({ row, leaf, partials }: DisputeData['moves']['nodes'][number]): string {
  if (row) return `, ${row.length} hashes shown`
  if (leaf) return `, ${leaf.length / 2 - 1} bytes shown`
  if (partials) return `, ${(partials.length / 2 - 1) / 4} partial sums shown`
  return ''
}

export function Moves({ dispute }: { dispute: DisputeData }) {
  return (
    <Table
      caption="Every move with its transaction, in order"
      rows={linesOf(dispute)}
      id={({ id }) => id}
      columns={[
        { head: 'Move', cell: ({ name }) => words(name) },
        { head: 'By', cell: ({ side }) => side },
        { head: 'Then', wide: true, cell: ({ shown }) => shown },
        { head: 'Transaction', cell: ({ transaction }) => <Transaction id={transaction} /> },
        {
          head: 'Sender',
          wide: true,
          cell: ({ sender }) => (sender === null ? '–' : <AccountLink id={sender} />),
        },
        { head: 'Gas', number: true, cell: ({ gas }) => <Count of={gas} /> },
        { head: 'Time', number: true, cell: ({ timestamp }) => <Ago at={timestamp} /> },
      ]}
    />
  )
}
