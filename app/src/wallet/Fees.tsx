import type { FeesDue, FeesOf } from '@lockstep/deployments/protocol'
import type { Address } from 'viem'
import { useChainRead } from '../data/useChainRead.ts'
import { ai } from '../format/number.ts'
import { Facts } from '../ui/Facts.tsx'
import { Ai } from '../ui/values.tsx'
import type { Pending } from './pending.ts'
import { type OwnFees, readFees } from './readFees.ts'
import { sendCollection } from './send.ts'
import { Steps } from './Steps.tsx'
import { isUnderway } from './underway.ts'
import { useSending } from './useSending.ts'

const CALLS = ['collectCreatorFees', 'collectProtocolFees', 'collectModelFees'] as const

/** The account's parts of a market's fees, and the button that collects them; nothing where it is known that none are due. */
export function Fees({
  market,
  account,
  isReady,
  pending,
}: {
  market: string
  account: Address
  isReady: boolean
  /** What the account has sent to this market. */
  pending: readonly Pending[]
}) {
  const sending = useSending(market)
  const { data, problem } = useChainRead(['fees', market, account], (client, config) =>
    readFees(client, config, BigInt(market), account),
  )
  const { due = [], block = 0n } = data ?? {}
  if (due.length === 0 && problem === undefined) return null
  const [next = []] = due
  return (
    <section className="trade" aria-label="Your part of the fees">
      <h3>Your part of the fees</h3>
      {due.length === 0 ? null : (
        <>
          <PartsDue due={due} />
          <button
            type="button"
            disabled={
              !isReady ||
              problem !== undefined ||
              sending.step !== undefined ||
              isUnderway(pending, CALLS, block)
            }
            onClick={() => {
              const what = `Collect ${ai(sumOf(next))} of fees`
              void sending.run((by) => sendCollection(by, due, what))
            }}
          >
            Collect
          </button>
        </>
      )}
      {problem === undefined ? null : (
        <p className="problem" role="status">
          What is due now cannot be read: <span className="foreign">{problem}</span>. It is asked
          again.
        </p>
      )}
      <Steps sending={sending} />
    </section>
  )
}

/** What is due, and how much of it one transaction collects where that is not all. */
export function PartsDue({ due }: Pick<OwnFees, 'due'>) {
  const parts = due.flat()
  const [next = []] = due
  return (
    <>
      <Facts of={parts.map(({ of, amount }) => [titleOf(of), <Ai of={amount} places={6} />])} />
      {next.length === parts.length ? null : (
        <p className="hint">
          One transaction collects {next.length} of these {parts.length} parts,{' '}
          <Ai of={sumOf(next)} places={6} />. Collect the others after that.
        </p>
      )}
    </>
  )
}

const sumOf = (parts: readonly FeesDue[]): bigint =>
  parts.reduce((total, { amount }) => total + amount, 0n)

function titleOf(of: FeesOf): string {
  if (of === 'creator') return 'The creator’s part of every trade'
  if (of === 'protocol') return 'The protocol’s part of every trade'
  return `The model’s part of trades of outcome ${of.outcome}`
}
