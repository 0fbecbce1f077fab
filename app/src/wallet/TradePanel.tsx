import { judgeAbi } from '@lockstep/deployments/abis'
import { useState } from 'react'
import { useConfig } from '../config/useConfig.ts'
import { useChainRead } from '../data/useChainRead.ts'
import { Notice, Skeleton } from '../ui/Page.tsx'
import { Choice } from './Choice.tsx'
import { whyNotListed } from './draftListing.ts'
import { setsBack } from './draftSets.ts'
import { Fees } from './Fees.tsx'
import { LiquidityForm } from './LiquidityForm.tsx'
import { ListingForm } from './ListingForm.tsx'
import { PendingList } from './PendingList.tsx'
import { type ChainMarket, isTrading, readMarket } from './readMarket.ts'
import { Redeem } from './Redeem.tsx'
import { SetsForm } from './SetsForm.tsx'
import { TradeForm } from './TradeForm.tsx'
import { usePending } from './usePending.ts'
import { useWallet } from './useWallet.ts'
import { WalletBox } from './WalletBox.tsx'

const WHAT = [
  ['trade', 'Trade'],
  ['liquidity', 'Add liquidity'],
  ['sets', 'Complete sets'],
  ['list', 'List an outcome'],
] as const
type What = (typeof WHAT)[number][0]

/** Trades a market, or redeems what it pays. Everything in it is read from the chain. */
export default function TradePanel({
  market,
  outcome,
  outcomeCount,
  choose,
}: {
  market: string
  outcome: number
  outcomeCount: number
  choose: (outcome: number) => void
}) {
  const [chosen, setChosen] = useState<What>('trade')
  const { chainId } = useConfig()
  const wallet = useWallet()
  const account = wallet.kind === 'connected' ? wallet.address : undefined
  // What was typed stays when a wallet comes; what the account before it had does not.
  const read = useChainRead(
    ['market', market, account ?? null],
    (client, config) => readMarket(client, config, BigInt(market), account),
    { keepPrevious: true },
  )
  const { list, problem } = usePending()
  const state = read.data && {
    ...read.data,
    own: read.data.own?.address === account ? read.data.own : undefined,
  }
  const own = list.filter(
    (one) =>
      one.market === market &&
      (account === undefined || one.from.toLowerCase() === account.toLowerCase()),
  )
  // The contest may be any contract: what it does when it is asked concerns the listing only.
  const entrants = useChainRead(
    ['entrants', state?.source ?? null, String(state?.contest)],
    (client) => {
      const { source, contest } = state as ChainMarket
      const of = { abi: judgeAbi, address: source, functionName: 'entrantsOf' } as const
      return client.readContract({ ...of, args: [contest] })
    },
    { enabled: state !== undefined && isTrading(state) },
  )
  const canBe: Readonly<Record<What, boolean>> = {
    trade: true,
    // It cannot be added while the market is halted.
    liquidity: state?.isHalted !== true,
    sets: true,
    // Whoever is at it sees how it ends, also when there is nothing left to list.
    list:
      state !== undefined &&
      entrants.data !== undefined &&
      (chosen === 'list' || whyNotListed(state, entrants.data) === undefined),
  }
  const what = canBe[chosen] ? chosen : 'trade'
  const ready = account !== undefined && wallet.kind === 'connected' && wallet.chainId === chainId
  return (
    <div className="panel">
      <WalletBox wallet={wallet} balance={state?.own?.balance} />
      {read.problem === undefined ? null : (
        <Notice tone="bad">
          <p>
            The chain does not answer: <span className="foreign">{read.problem}</span>. Nothing can
            be quoted or sent until it does; it is asked again.
          </p>
        </Notice>
      )}
      {state === undefined ? (
        read.problem === undefined ? (
          <Skeleton height={380} />
        ) : null
      ) : state.status === 'none' ? (
        <Notice tone="bad">
          <p>
            The contract knows no such market: the indexer and the RPC of this page do not show the
            same chain.
          </p>
        </Notice>
      ) : isTrading(state) ? (
        <>
          {state.isHalted ? (
            <Notice tone="bad">
              <p>
                Governance has halted this market: nothing can be bought, no liquidity added, no
                sets made and no outcome listed. Selling and giving back sets is possible now, and
                redeeming once it is resolved.
              </p>
            </Notice>
          ) : null}
          <Choice
            legend="What to do"
            isLegendHidden
            name="what"
            value={what}
            of={WHAT.filter(([name]) => canBe[name])}
            choose={setChosen}
          />
          {what === 'trade' ? (
            <TradeForm
              market={market}
              state={state}
              outcome={outcome}
              outcomeCount={Math.max(outcomeCount, state.quantities.length)}
              choose={choose}
              isReady={ready}
              isStale={read.problem !== undefined}
            />
          ) : what === 'liquidity' ? (
            <LiquidityForm
              market={market}
              state={state}
              isReady={ready}
              isStale={read.problem !== undefined}
            />
          ) : what === 'list' ? (
            <ListingForm
              market={market}
              state={state}
              entrants={entrants.data ?? 0n}
              isReady={ready}
              isStale={read.problem !== undefined || entrants.problem !== undefined}
              pending={own}
            />
          ) : (
            <SetsForm
              market={market}
              state={state}
              isReady={ready}
              isStale={read.problem !== undefined}
              canMake={!state.isHalted}
            />
          )}
          {entrants.problem === undefined ? null : (
            <p className="problem" role="status">
              How many entrants the contest has cannot be read:{' '}
              <span className="foreign">{entrants.problem}</span>. It is asked again; nothing but
              the listing of outcomes depends on it.
            </p>
          )}
        </>
      ) : (
        <>
          <Redeem market={market} state={state} isReady={ready} pending={own} />
          {state.status === 'open' && (setsBack(state) ?? 0n) > 0n ? (
            <SetsForm
              market={market}
              state={state}
              isReady={ready}
              isStale={read.problem !== undefined}
              canMake={false}
            />
          ) : null}
        </>
      )}
      {account === undefined || state === undefined || state.status === 'none' ? null : (
        <Fees market={market} account={account} isReady={ready} pending={own} />
      )}
      <PendingList list={own} problem={problem} />
    </div>
  )
}
