import { RUBRICS } from '../../format/rubric.ts'
import { Facts } from '../../ui/Facts.tsx'
import { EvaluatorLink } from '../../ui/links.tsx'
import { Ago, Count, Hex } from '../../ui/values.tsx'
import type { EvaluatorData } from './query.ts'

const NO_HASH = `0x${'0'.repeat(64)}`

/** The program that scores entries. */
export function EvaluatorFacts({ of }: { of: EvaluatorData }) {
  const known = RUBRICS[of.rubric]
  return (
    <>
      <p>
        {known === undefined ? (
          <>
            A score is whatever its rubric <Hex of={of.rubric} /> says, a document with that hash;
            the higher the better.
          </>
        ) : (
          <>
            A score is this: “{known.text}” (rubric <Hex of={of.rubric} />
            ). The higher the better
            {known.name === 'perplexity' ? ', so the lower the perplexity' : ''}.
          </>
        )}
      </p>
      <Facts
        of={[
          ['Evaluator', <EvaluatorLink id={of.id} />],
          ['Program’s nodes', <Hex of={of.nodesRoot} />],
          ['Its states', <Hex of={of.statesRoot} />],
          ['Its constants', <Hex of={of.constantEntriesRoot} />],
          ['Initial state', <Hex of={of.initialStateRoot} />],
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
    </>
  )
}
