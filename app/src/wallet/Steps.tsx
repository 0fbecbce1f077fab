import type { ReactNode } from 'react'
import type { SendingState } from './useSending.ts'

/** What is going on, or what went wrong and what to do; its room is always there. */
export function Steps({
  sending: { step, problem },
  takes,
}: {
  sending: SendingState
  /** What the contract may take, if anything. */
  takes?: ReactNode
}) {
  const text: Readonly<Record<NonNullable<typeof step>, ReactNode>> = {
    permit: (
      <>
        Your wallet asks for a signature: it lets the contract take up to {takes}, once and for this
        alone. Signing costs nothing.
      </>
    ),
    approve: (
      <>
        Your wallet asks for a transaction that lets the contract take up to {takes}. What it is for
        comes after it.
      </>
    ),
    approving: 'That permission is being mined; then what it is for is sent.',
    checking: 'It is tried out on the chain …',
    confirm: 'Your wallet asks to confirm it.',
  }
  return (
    <div className="steps">
      {step === undefined ? null : <p role="status">{text[step]}</p>}
      {problem === undefined ? null : (
        <p className={problem.isChoice === true ? '' : 'problem'} role="alert">
          <span className="foreign">{problem.what}</span> {problem.todo}
        </p>
      )}
    </div>
  )
}
