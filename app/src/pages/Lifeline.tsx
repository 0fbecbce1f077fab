import { words } from '../format/hex.ts'
import { DisputeLink } from '../ui/links.tsx'
import { Transaction } from '../ui/onChain.tsx'
import { Ago } from '../ui/values.tsx'

interface LifeEvent {
  readonly id: string
  readonly contract: string
  readonly name: string
  readonly args: unknown
  readonly timestamp: number
  readonly transaction: string
  readonly dispute?: { readonly id: string } | null
}

/** Events in order, each with its transaction and, folded away, what it says. */
export function Lifeline({ events }: { events: readonly LifeEvent[] }) {
  if (events.length === 0) return <p className="faint">Nothing has happened yet.</p>
  return (
    <ol className="lifeline">
      {events.map(({ id, contract, name, args, timestamp, transaction, dispute }) => (
        <li key={id}>
          <details>
            <summary>
              <strong>{words(name)}</strong> <span className="faint">{words(contract)}</span>{' '}
              <Ago at={timestamp} />
            </summary>
            <pre tabIndex={0}>{JSON.stringify(args, null, 2)}</pre>
          </details>
          <span className="where">
            transaction <Transaction id={transaction} />
            {dispute ? (
              <>
                {' · '}
                <DisputeLink id={dispute.id} />
              </>
            ) : null}
          </span>
        </li>
      ))}
    </ol>
  )
}
