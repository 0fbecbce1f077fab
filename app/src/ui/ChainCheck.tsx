import type { ReactNode } from 'react'
import type { Answer } from '../data/useAnswer.ts'
import { useTick } from '../data/useHead.ts'
import { duration } from '../format/time.ts'

/** Something that was read from the index and from the chain. */
export interface Compared {
  readonly what: string
  readonly indexed: string
  readonly onChain: string
}

/**
 * Says whether the chain says the same as the index, and where not. One line of fixed height while all is well, so that
 * nothing moves when the chain answers.
 */
export function ChainCheck<Result>({
  answer,
  compare,
}: {
  answer: Answer<Result>
  compare: (onChain: Result) => readonly Compared[]
}): ReactNode {
  const now = useTick()
  const { data, problem, at } = answer
  if (data === undefined) {
    return (
      <p className="chain-check">
        {problem === undefined
          ? 'Reading the chain …'
          : `The chain cannot be read: ${problem.replace(/\.+$/, '')}.`}
      </p>
    )
  }
  const differing = compare(data).filter(({ indexed, onChain }) => indexed !== onChain)
  const age =
    problem === undefined ? '' : `, ${duration((now - at) / 1000)} ago; it does not answer now`
  if (differing.length === 0) {
    return (
      <p className="chain-check good">
        <span aria-hidden="true">✓</span> The chain says the same{age}.
      </p>
    )
  }
  return (
    <div className="chain-check bad" role="status">
      <p>The chain says otherwise{age}. It is right; the index may be behind:</p>
      <ul>
        {differing.map(({ what, indexed, onChain }) => (
          <li key={what}>
            {what}: <strong>{onChain}</strong> on the chain, {indexed} here
          </li>
        ))}
      </ul>
    </div>
  )
}
