import type { ReactNode } from 'react'
import { Link, useSearch } from 'wouter'
import { words } from '../format/hex.ts'

/** What the address asks for (`?status=OPEN`), if it is one of the choices that there are. */
export function useChoice<C extends string>(field: string, choices: readonly C[]): C | undefined {
  const wanted = new URLSearchParams(useSearch()).get(field)
  return choices.find((known) => known === wanted)
}

/** Links that narrow a list to one value of a field; `children` stand behind them. */
export function Choices<C extends string>({
  label,
  path,
  field,
  choices,
  chosen,
  children,
}: {
  readonly label: string
  readonly path: string
  readonly field: string
  readonly choices: readonly C[]
  readonly chosen: C | undefined
  readonly children?: ReactNode
}) {
  return (
    <nav className="filters" aria-label={label}>
      <Link href={path} aria-current={chosen === undefined ? 'page' : undefined}>
        all
      </Link>
      {choices.map((one) => (
        <Link
          key={one}
          href={`${path}?${field}=${one}`}
          aria-current={chosen === one ? 'page' : undefined}
        >
          {words(one)}
        </Link>
      ))}
      {children}
    </nav>
  )
}
