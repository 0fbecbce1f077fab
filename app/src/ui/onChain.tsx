import type { ReactNode } from 'react'
import { useConfig } from '../config/useConfig.ts'
import { whole } from '../format/number.ts'
import { Hex } from './values.tsx'

// What the chain's block explorer has a page for; where none is configured, digits to be copied.

/** Where a block explorer shows something (EIP-3091). */
function useExplorer(kind: 'tx' | 'address' | 'block', id: string): string | undefined {
  const { explorer } = useConfig()
  return explorer === undefined ? undefined : `${explorer}/${kind}/${encodeURIComponent(id)}`
}

/** A transaction by its hash. */
export const Transaction = ({ id }: { id: string }) => <Hex of={id} away={useExplorer('tx', id)} />

/** An address that has no page here; accounts have (links.tsx). */
export const Address = ({ id }: { id: string }) => <Hex of={id} away={useExplorer('address', id)} />

/** All digits of an address. */
export const WholeAddress = ({ id }: { id: string }) => (
  <Away to={useExplorer('address', id)}>
    <code className="foreign">{id}</code>
  </Away>
)

/** A block by its number. */
export const Block = ({ of }: { of: number | string }) => (
  <Away to={useExplorer('block', String(of))}>
    <span className="number">{whole(of)}</span>
  </Away>
)

const Away = ({ to, children }: { to: string | undefined; children: ReactNode }) =>
  to === undefined ? (
    children
  ) : (
    <a href={to} rel="noopener noreferrer" target="_blank">
      {children}
    </a>
  )
