import type { ReactNode } from 'react'
import { Steps } from './Steps.tsx'
import type { SendingState } from './useSending.ts'

/** A form that sends one order at a time, by its button or by Enter, and shows how far that is. */
export function OrderForm({
  sending,
  canSend,
  send,
  label,
  takes,
  children,
  note,
}: {
  sending: SendingState
  /** Whether there is an order that nothing stands against. */
  canSend: boolean
  send: () => Promise<void>
  /** Of the button. */
  label: string
  /** The most that is taken from the account; null if nothing is. */
  takes: ReactNode
  children: ReactNode
  /** Below all of it. */
  note?: ReactNode
}) {
  return (
    <form
      className="trade"
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
    >
      {children}
      <button type="submit" className="primary" disabled={!canSend || sending.step !== undefined}>
        {label}
      </button>
      <Steps sending={sending} takes={takes} />
      {note}
    </form>
  )
}
