import type { ReactNode } from 'react'
import { useConfig } from '../config/useConfig.ts'
import { Block, Transaction } from '../ui/onChain.tsx'
import { Status } from '../ui/values.tsx'
import { forgetPending, type Pending } from './pending.ts'

const TONES = {
  sent: 'busy',
  lost: 'bad',
  mined: 'busy',
  done: 'good',
  failed: 'bad',
  replaced: 'bad',
} as const

function told({ stage, block = 0, problem }: Pending): ReactNode {
  switch (stage) {
    case 'sent':
      return 'Sent; waits for a block. It is remembered when this page is closed.'
    case 'lost':
      return 'The node does not know it: it was dropped before it was mined, and nothing of it happened. If your wallet still shows it, send it on or cancel it there; if not, put it away here and send it anew. Past its deadline it cannot be done any more.'
    case 'mined':
      return (
        <>
          Mined in block <Block of={block} />. The lists on this page have not got there yet; quotes
          have.
        </>
      )
    case 'done':
      return (
        <>
          Done, in block <Block of={block} />.
        </>
      )
    case 'failed':
      return (
        <>
          It was mined in block <Block of={block} /> but refused: {problem}
        </>
      )
    case 'replaced':
      return problem
  }
}

/** What was sent from here and how it fares, until it is put away. */
export function PendingList({
  list,
  problem,
}: {
  list: readonly Pending[]
  problem: string | undefined
}) {
  const { chainId } = useConfig()
  if (list.length === 0) return null
  return (
    <section className="pending" aria-label="Your transactions" aria-live="polite">
      <h3>Your transactions</h3>
      <ul>
        {list.map((one) => (
          <li key={one.hash} data-stage={one.stage}>
            <Status of={one.stage} tone={TONES[one.stage]} /> {one.what}{' '}
            <Transaction id={one.hash} />
            <p className="foreign">{told(one)}</p>
            {one.stage === 'sent' || one.stage === 'mined' ? null : (
              <button
                type="button"
                onClick={() => {
                  forgetPending(chainId, one.hash)
                }}
              >
                Put away
              </button>
            )}
          </li>
        ))}
      </ul>
      {problem === undefined ? null : (
        <p className="problem foreign" role="status">
          The chain does not answer: {problem}. It is asked again.
        </p>
      )}
    </section>
  )
}
