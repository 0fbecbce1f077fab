import type { Corruption, Evaluator } from '@lockstep/repops'

/** The last score bit that a cheat can flip to make a score better: the highest, but for the sign, that is not set. */
export function liftingBit(score: number): number {
  for (let bit = 30; bit >= 0; bit--) if (((score >> bit) & 1) === 0) return bit
  throw new RangeError(`no bit makes the score ${score} better`)
}

/** The lie of a solver that reports a better score: one bit of the score itself, flipped in the last step. */
export function scoreLie({ program, scoreState, steps }: Evaluator, score: number): Corruption {
  const node = program.states[scoreState].next
  if (node === undefined) throw new RangeError('the score is never written')
  return { step: steps - 1, node, element: 0, bit: liftingBit(score) }
}
