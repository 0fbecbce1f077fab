import { useChainNow } from '../../data/useHead.ts'
import { duration } from '../../format/time.ts'
import { Countdown } from '../../ui/values.tsx'
import type { DisputeData } from './query.ts'

/** Whose turn it is, what is left of it, and both budgets. Its height is the same whoever's turn it is. */
export function Clocks({ dispute }: { dispute: DisputeData }) {
  const { turn, claim, status, decidedBy } = dispute
  const { solverBudget, challengerBudget } = claim.parameters
  const now = useChainNow()
  const used = turn === null ? 0 : Math.max(0, now - turn.start)
  const left = (side: 'SOLVER' | 'CHALLENGER', atTurn: number): number =>
    Math.max(0, atTurn - (turn?.side === side ? used : 0))
  return (
    <div className="clocks">
      <p className="turn">
        {turn !== null ? (
          <>
            <strong>{turn.side === 'SOLVER' ? 'The solver' : 'The challenger'}</strong> moves next,
            within <Countdown until={turn.deadline} />
            {turn.deadline < now ? ': its time is over, anyone may end the dispute' : ''}
          </>
        ) : status === 'QUEUED' ? (
          'Both clocks stand until it is admitted.'
        ) : (
          <>
            {status === 'WON'
              ? 'The challenger won'
              : status === 'LOST'
                ? 'The challenger lost'
                : 'It was closed: the claim fell by an earlier dispute'}
            {decidedBy === null ? '' : `, by ${decidedBy}`}.
          </>
        )}
      </p>
      <Budget
        name="Solver’s budget"
        left={left('SOLVER', turn?.solverLeft ?? dispute.solverLeft)}
        of={solverBudget}
        isRunning={turn?.side === 'SOLVER'}
      />
      <Budget
        name="Challenger’s budget"
        left={left('CHALLENGER', turn?.challengerLeft ?? dispute.challengerLeft)}
        of={challengerBudget}
        isRunning={turn?.side === 'CHALLENGER'}
      />
    </div>
  )
}

function Budget({
  name,
  left,
  of,
  isRunning,
}: {
  name: string
  left: number
  of: number
  isRunning: boolean
}) {
  return (
    <div className={isRunning ? 'budget running' : 'budget'}>
      <span>{name}</span>
      <meter min={0} max={Math.max(1, of)} value={left} aria-label={name} />
      <span className="number">
        {duration(left)} of {duration(of)}
      </span>
    </div>
  )
}
