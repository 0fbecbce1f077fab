import { type ReactNode, useId } from 'react'

/** Where an amount is typed, and the line that says what stands against it, which is there without one too. */
export function AmountField({
  label,
  text,
  change,
  problem,
  children,
}: {
  label: string
  text: string
  change: (text: string) => void
  problem: string | undefined
  /** Between the two. */
  children?: ReactNode
}) {
  const problemId = useId()
  return (
    <>
      <label>
        {label}
        <input
          value={text}
          inputMode="decimal"
          autoComplete="off"
          placeholder="0"
          maxLength={40}
          aria-invalid={problem !== undefined}
          aria-describedby={problemId}
          onChange={(event) => {
            change(event.target.value)
          }}
        />
      </label>
      {children}
      <p id={problemId} className="problem line" role="status">
        {problem ?? ''}
      </p>
    </>
  )
}
