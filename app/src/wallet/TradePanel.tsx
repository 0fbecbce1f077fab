import { useState } from 'react'
import { useConfig } from '../config/useConfig.ts'
import { useChainRead } from '../data/useChainRead.ts'
import { Notice, Skeleton } from '../ui/Page.tsx'
import { Choice } from './Choice.tsx'
import { LiquidityForm } from './LiquidityForm.tsx'
import { PendingList } from './PendingList.tsx'
import { readMarket } from './readMarket.ts'
import { Redeem } from './Redeem.tsx'
import { TradeForm } from './TradeForm.tsx'
import { usePending } from './usePending.ts'
import { useWallet } from './useWallet.ts'
import { WalletBox } from './WalletBox.tsx'

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
  const [what, setWhat] = useState<'trade' | 'liquidity'>('trade')
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
      ) : state.status === 'open' && state.time <= state.closesAt ? (
        <>
          {state.isHalted ? (
            <Notice tone="bad">
              <p>
                Governance has halted this market: nothing can be bought and no liquidity added.
                Selling is possible now, and redeeming once it is resolved.
              </p>
            </Notice>
          ) : null}
          {state.isHalted ? null : (
            <Choice
              legend="What to do"
              name="what"
              value={what}
              of={[
                ['trade', 'Trade'],
                ['liquidity', 'Add liquidity'],
              ]}
              choose={setWhat}
            />
          )}
          {what === 'trade' || state.isHalted ? (
            <TradeForm
              market={market}
              state={state}
              outcome={outcome}
              outcomeCount={Math.max(outcomeCount, state.quantities.length)}
              choose={choose}
              isReady={ready}
              isStale={read.problem !== undefined}
            />
          ) : (
            <LiquidityForm
              market={market}
              state={state}
              isReady={ready}
              isStale={read.problem !== undefined}
            />
          )}
        </>
      ) : (
        <Redeem market={market} state={state} isReady={ready} />
      )}
      <PendingList list={own} problem={problem} />
    </div>
  )
}
