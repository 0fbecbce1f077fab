import { judgeAbi } from '@lockstep/deployments/abis'
import { isAddressEqual, zeroAddress } from 'viem'
import { useChainRead } from '../data/useChainRead.ts'
import { AI, ai, WEI } from '../format/number.ts'
import { Facts } from '../ui/Facts.tsx'
import { AccountLink } from '../ui/links.tsx'
import { Ai, Exactly, None } from '../ui/values.tsx'
import { draftListing } from './draftListing.ts'
import { OrderForm } from './OrderForm.tsx'
import type { Pending } from './pending.ts'
import type { ChainMarket } from './readMarket.ts'
import { refusalOf } from './refusal.ts'
import { sendListing } from './send.ts'
import { TradeSettings } from './TradeSettings.tsx'
import { isUnderway } from './underway.ts'
import { useSending } from './useSending.ts'
import { useSettings } from './useSettings.ts'

/** Lists the contest's next entrant as an outcome; says so where there is none any more. */
export function ListingForm({
  market,
  state,
  entrants,
  isReady,
  isStale,
  pending,
}: {
  market: string
  state: ChainMarket
  /** How many the contest has. */
  entrants: bigint
  /** Whether a wallet is connected, to this chain. */
  isReady: boolean
  /** Whether the newest state, or how many entrants there are now, could not be read. */
  isStale: boolean
  /** What the account has sent to this market. */
  pending: readonly Pending[]
}) {
  const [settings, setSettings] = useSettings()
  const sending = useSending(market)
  const drafted = draftListing(state, entrants, settings)
  const order = typeof drafted === 'object' ? drafted : undefined
  const refusal = typeof drafted === 'string' ? drafted : refusalOf(state, drafted.maxCost)
  const isBusy = isUnderway(pending, ['list'], state.block)
  const send = async () => {
    if (order === undefined) return
    const what = `List the next entrant, outcome ${order.outcome} when it was sent, for about ${ai(order.cost)}`
    await sending.run((by) => sendListing(by, order, settings.deadlineMinutes, what))
  }
  return (
    <OrderForm
      sending={sending}
      canSend={isReady && !isStale && order !== undefined && refusal === undefined && !isBusy}
      send={send}
      label={order ? `List outcome ${order.outcome}` : 'List an outcome'}
      takes={order ? <Ai of={order.maxCost} places={4} /> : null}
      note={
        <p className="faint small">
          Quoted from block {String(state.block)}: what the contract would charge in the next one if
          nobody trades before.
        </p>
      }
    >
      <p className="hint">
        A contest may have entrants that are no outcomes of its market yet. Anybody may list the
        next one, for what it adds to what the market can lose. That buys no shares of it: it begins
        as if it had been there and nobody had bought it. Should somebody else list it before yours
        is mined, yours lists the one after it, or is refused.
      </p>
      <Facts
        of={[
          ['Outcomes now', String(state.quantities.length)],
          ['Entrants of the contest', <span className="foreign">{String(entrants)}</span>],
          ['Next entrant', order ? `Entrant ${order.outcome}` : <None />],
          ['Its owner', order ? <Owner state={state} entrant={order.outcome} /> : <None />],
          ['You pay', order ? <Exactly of={order.cost} decimals={WEI} unit={AI} /> : <None />],
          ['At most you pay', order ? <Ai of={order.maxCost} places={4} /> : <None />],
        ]}
      />
      <p className={order ? 'problem line' : 'line'} role="status">
        {refusal ?? ''}
      </p>
      <TradeSettings settings={settings} set={setSettings} />
    </OrderForm>
  )
}

/** Who owns an entrant, where the contest names somebody. */
function Owner({ state: { source, contest }, entrant }: { state: ChainMarket; entrant: number }) {
  const { data: owner } = useChainRead(['owner', source, String(contest), entrant], (client) =>
    client.readContract({
      ...{ abi: judgeAbi, address: source, functionName: 'ownerOf' },
      args: [contest, BigInt(entrant)],
    }),
  )
  if (owner === undefined || isAddressEqual(owner, zeroAddress)) return <None />
  return <AccountLink id={owner.toLowerCase()} />
}
