import { useConfig } from '../config/useConfig.ts'
import { Address } from '../ui/onChain.tsx'
import { Ai } from '../ui/values.tsx'
import { openWallets, type WalletState } from './session.ts'

/** Connects a wallet; once one is, says which account it is and what it has. */
export function WalletBox({
  wallet,
  balance,
}: {
  wallet: WalletState
  balance: bigint | undefined
}) {
  const config = useConfig()
  const open = () => {
    openWallets(config).catch(() => undefined)
  }
  if (wallet.kind === 'none' || wallet.kind === 'loading') {
    return (
      <div className="wallet">
        <button type="button" onClick={open} disabled={wallet.kind === 'loading'}>
          {wallet.kind === 'loading' ? 'Looking for wallets …' : 'Connect a wallet'}
        </button>
        <span className="faint">Nothing is sent without it.</span>
      </div>
    )
  }
  if (wallet.kind === 'choosing') return <Choice of={wallet} />
  const isElsewhere = wallet.chainId !== config.chainId
  return (
    <div className="wallet">
      <span>
        <bdi>{wallet.name}</bdi>: <Address id={wallet.address} />
        {balance === undefined || isElsewhere ? null : (
          <>
            {' '}
            with <Ai of={balance} />
          </>
        )}
      </span>
      <button
        type="button"
        onClick={() => {
          void openWallets(config).then(({ leave }) => leave())
        }}
      >
        Disconnect
      </button>
      {isElsewhere ? (
        <p className="problem" role="alert">
          The wallet is on chain {wallet.chainId}, this page on chain {config.chainId}.{' '}
          <button
            type="button"
            onClick={() => {
              void openWallets(config).then(({ switchToChain }) => switchToChain(config))
            }}
          >
            Switch the wallet to chain {config.chainId}
          </button>
        </p>
      ) : null}
      {wallet.problem === undefined ? null : (
        <p className="problem foreign" role="alert">
          {wallet.problem}
        </p>
      )}
    </div>
  )
}

function Choice({
  of: { offers, asking, problem },
}: {
  of: Extract<WalletState, { kind: 'choosing' }>
}) {
  const config = useConfig()
  return (
    <div className="wallet" role="group" aria-label="Wallets">
      {offers.map(({ id, name, icon }) => (
        <button
          key={id}
          type="button"
          disabled={asking !== undefined}
          onClick={() => {
            void openWallets(config).then(({ choose }) => choose(id))
          }}
        >
          {icon === undefined ? null : <img src={icon} alt="" width={18} height={18} />}{' '}
          <bdi>{name}</bdi>
          {asking === id ? ' … look at the wallet' : ''}
        </button>
      ))}
      {offers.length === 0 ? (
        <p>
          This browser offers no wallet. Install one as an extension and load the page again; to
          read, none is needed.
        </p>
      ) : null}
      {problem === undefined ? null : (
        <p className="problem foreign" role="alert">
          {problem}
        </p>
      )}
    </div>
  )
}
