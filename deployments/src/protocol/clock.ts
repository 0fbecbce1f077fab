import type { Position } from './position.ts'

/** Whose turn it is in a live dispute. Times are unix seconds, durations seconds. */
export interface Turn {
  /** Whether the solver owes the next move; if not, the challenger does. */
  readonly solver: boolean
  readonly start: number
  /** Last second in which the move is in time. */
  readonly deadline: number
  /** What each side has left of its budget when the turn begins. */
  readonly solverLeft: number
  readonly challengerLeft: number
}

/** What decides a turn beside the position. */
export interface Answered {
  /** When the dispute was admitted: the beginning of its first turn. */
  readonly admittedAt: number
  /** When the claim got the answer that Steps or Graph waits for; 0 if it has none. */
  readonly answeredAt: number
  /** Nobody's turn is shorter. */
  readonly extension: number
  /** The same where a move needs recomputation. */
  readonly heavyExtension: number
}

/** The turn in progress: `Clock.turn` of src/verde/Clock.sol, which says why (docs/spec/verde.md, section 4). */
export function turnOf(
  position: Pick<
    Position,
    'phase' | 'tree' | 'open' | 'turnStart' | 'solverLeft' | 'challengerLeft'
  >,
  { admittedAt, answeredAt, extension, heavyExtension }: Answered,
): Turn {
  const { phase, tree, open, challengerLeft } = position
  let { solverLeft } = position
  let start = position.turnStart === 0 ? admittedAt : position.turnStart
  let floor = extension
  let solver = open || phase === 'partials'
  if ((phase === 'steps' || phase === 'graph') && tree === 'none') {
    floor = heavyExtension
    if (answeredAt === 0 || answeredAt > start + Math.max(solverLeft, floor)) {
      solver = true
    } else if (answeredAt > start) {
      solverLeft = Math.max(0, solverLeft - (answeredAt - start))
      start = answeredAt
    }
  }
  const deadline = start + Math.max(solver ? solverLeft : challengerLeft, floor)
  return { solver, start, deadline, solverLeft, challengerLeft }
}
