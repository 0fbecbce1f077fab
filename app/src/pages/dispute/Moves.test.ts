import { expect, test } from 'vitest'
import { linesOf } from './Moves.tsx'
import type { DisputeData } from './query.ts'

const at = (block: number, logIndex: number) => ({
  ...{ block: String(block), logIndex, timestamp: block, gas: '1', transaction: '0x01' as const },
})
const move = (index: number, name: string, block: number, logIndex: number) => ({
  ...{ id: `m${index}`, index, name, phase: 'STEPS', side: 'SOLVER', sender: '0x02' },
  ...{ position: [], row: null, leaf: null, partials: null, ...at(block, logIndex) },
})
const answer = (kind: string, index: string, block: number, logIndex: number) => ({
  ...{ id: kind, kind, index, root: '0x03', answeredAt: block, ...at(block, logIndex) },
})

test('moves and answers of one block are in the order of their logs', () => {
  const moves = [
    move(0, 'challenge', 10, 0),
    move(1, 'pickStep', 10, 4),
    move(2, 'openNode', 10, 11),
    move(3, 'reveal', 9_000_000_000, 0),
  ]
  const answers = [
    answer('GRAPH', '37', 10, 9),
    answer('STEPS', '3', 10, 2),
    answer('STEPS', '4', 10, 3),
  ]
  const dispute = {
    ...{ interval: '3', step: '37', moveCount: 4, status: 'LIVE', moves: { nodes: moves } },
    claim: { answers: { nodes: answers } },
  } as unknown as DisputeData
  expect(linesOf(dispute).map(({ name }) => name)).toEqual([
    ...['challenge', 'commitSteps', 'pickStep', 'commitGraph', 'openNode', 'reveal'],
  ])
})
