import type { ReactNode } from 'react'

/** One of a few, all of which are seen. */
export function Choice<V extends string>({
  legend,
  isLegendHidden = false,
  name,
  value,
  of,
  choose,
}: {
  legend: string
  /** Where the choices say for themselves what is chosen. */
  isLegendHidden?: boolean
  name: string
  value: V
  of: readonly (readonly [V, ReactNode])[]
  choose: (value: V) => void
}) {
  return (
    <fieldset className="choices">
      <legend className={isLegendHidden ? 'sr-only' : ''}>{legend}</legend>
      {of.map(([one, text]) => (
        <label key={one}>
          <input
            type="radio"
            name={name}
            checked={value === one}
            onChange={() => {
              choose(one)
            }}
          />
          {text}
        </label>
      ))}
    </fieldset>
  )
}
