import { Facts } from '../../ui/Facts.tsx'
import { Ago, Count, Hex } from '../../ui/values.tsx'
import type { ContestData } from './query.ts'

const NO_HASH = `0x${'0'.repeat(64)}`

/** The program that scores entries. */
export function EvaluatorFacts({ of }: { of: ContestData['evaluator'] }) {
  return (
    <Facts
      of={[
        ['Evaluator', <Hex of={of.id} />],
        ['Rubric', <Hex of={of.rubric} />],
        ['Program’s nodes', <Hex of={of.nodesRoot} />],
        ['Own weights', of.weightsRoot === NO_HASH ? 'none' : <Hex of={of.weightsRoot} />],
        ['Operators a step', <Count of={of.nodes} />],
        ['States', <Count of={of.states} />],
        ['Score is state', String(of.scoreState)],
        ['Steps', <Count of={of.steps} />],
        ['Steps between checkpoints', <Count of={of.interval} />],
        ['Seed', <Count of={of.seed} />],
        ['Used by contests', <Count of={of.contestCount} />],
        ['Registered', <Ago at={of.registeredAt} />],
      ]}
    />
  )
}
