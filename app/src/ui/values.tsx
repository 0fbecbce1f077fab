import { type ReactNode, useEffect, useRef, useState } from 'react'
import { Link } from 'wouter'
import { useChainNow } from '../data/useHead.ts'
import { abbreviate, asLink, words } from '../format/hex.ts'
import { AI, exact, percent, percentOfBps, SHARES, short, WEI, whole } from '../format/number.ts'
import { absolute, clock, relative } from '../format/time.ts'

interface AmountProps {
  readonly of: bigint | string
  /** Decimals shown at most, for values of one and more. */
  readonly places?: number
}

function Units({
  value,
  decimals,
  unit,
  places,
}: {
  value: bigint | string
  decimals: number
  unit: string
  places: number | undefined
}) {
  return (
    <span className="number" title={`${exact(value, decimals)} ${unit}`}>
      {short(value, decimals, places)} <span className="unit">{unit}</span>
    </span>
  )
}

/** $AI out of wei; all digits in the title. */
export const Ai = ({ of, places }: AmountProps) => (
  <Units value={of} decimals={WEI} unit={AI} places={places} />
)

/** Ether out of wei. */
export const Ether = ({ of, places = 4 }: AmountProps) => (
  <Units value={of} decimals={WEI} unit="ETH" places={places} />
)

/** Shares of an outcome, out of 1e-9 shares. */
export const Shares = ({ of, places }: AmountProps) => (
  <Units value={of} decimals={SHARES} unit="shares" places={places} />
)

/** All digits: what decides about money is not cut off. */
export const Exactly = ({ of, decimals, unit }: { of: bigint; decimals: number; unit: string }) => (
  <span className="exact">
    {exact(of, decimals)} <span className="unit">{unit}</span>
  </span>
)

/** A part of an amount as a percentage. */
export const Part = ({ of, all }: { of: bigint | string; all: bigint | string }) => (
  <span className="number">
    {BigInt(all) === 0n ? '–' : percent(Number((BigInt(of) * 1_000_000n) / BigInt(all)) / 1e6)}
  </span>
)

/** A market's liquidity shares: 18 decimals. */
export const LiquidityShares = ({ of, places }: AmountProps) => (
  <Units value={of} decimals={WEI} unit="shares" places={places} />
)

/** Shares of a vault: 3 decimals more than $AI (DECIMALS_OFFSET of StakeVault.sol). */
export const VaultShares = ({ of, places }: AmountProps) => (
  <Units value={of} decimals={WEI + 3} unit="shares" places={places} />
)

/** A whole number with its digits in groups. */
export const Count = ({ of, unit }: { of: bigint | number | string; unit?: string }) => (
  <span className="number">
    {whole(of)}
    {unit === undefined ? null : <span className="unit"> {unit}</span>}
  </span>
)

export const Bps = ({ of }: { of: number | null }) => (
  <span className="number">{of === null ? '–' : percentOfBps(of)}</span>
)

/** Nothing, said so that tables stay readable. */
export const None = () => <span className="faint">–</span>

/** A time as distance from now, renewed every second; the absolute one in the title. */
export function Ago({ at }: { at: number | null }) {
  const now = useChainNow()
  if (at === null) return <None />
  return (
    <time className="number" dateTime={new Date(at * 1000).toISOString()} title={absolute(at)}>
      {relative(at, now)}
    </time>
  )
}

/** What is left until a time, as a clock; says so when it is over. */
export function Countdown({ until }: { until: number }) {
  const left = until - useChainNow()
  return (
    <time
      className={left < 60 ? 'clock urgent' : 'clock'}
      dateTime={new Date(until * 1000).toISOString()}
      title={absolute(until)}
      role="timer"
    >
      {clock(left)}
    </time>
  )
}

/** Long hexadecimal or decimal digits, cut in the middle, with a button that copies all of them. */
export function Hex({
  of,
  to,
  away,
  head,
  tail,
}: {
  of: string
  /** A page of ours. */
  to?: string
  /** A page of others. */
  away?: string | undefined
  head?: number
  tail?: number
}) {
  const text = abbreviate(of, head, tail)
  const isLong = of.length > 20
  return (
    <span className="hex">
      {away !== undefined ? (
        <a href={away} title={of} rel="noopener noreferrer" target="_blank">
          <code>{text}</code>
        </a>
      ) : to === undefined ? (
        <code title={of}>{text}</code>
      ) : (
        <Link href={to} title={of}>
          <code>{text}</code>
        </Link>
      )}
      {isLong ? <Copy text={of} /> : null}
    </span>
  )
}

function Copy({ text }: { text: string }) {
  const [isDone, setDone] = useState(false)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(
    () => () => {
      clearTimeout(timer.current)
    },
    [],
  )
  const copy = () => {
    const show = () => {
      setDone(true)
      clearTimeout(timer.current)
      timer.current = setTimeout(() => {
        setDone(false)
      }, 1500)
    }
    navigator.clipboard.writeText(text).then(show, () => undefined)
  }
  return (
    <button type="button" className="copy" onClick={copy} aria-label={`Copy ${abbreviate(text)}`}>
      <svg viewBox="0 0 12 12" aria-hidden="true">
        {isDone ? <path d="M2 6.5 5 9.5 10 3" /> : <path d="M4 4V1.5h6.5V8H8M1.5 4H8v6.5H1.5z" />}
      </svg>
      <span className="sr-only" role="status">
        {isDone ? 'Copied' : ''}
      </span>
    </button>
  )
}

type Tone = 'good' | 'bad' | 'busy' | 'calm'

const TONES: Readonly<Partial<Record<string, Tone>>> = {
  ...{ SETTLED: 'good', UPHELD: 'good', DECIDED: 'good', REPORTED: 'good', WINNER: 'good' },
  ...{ VOID: 'bad', VOIDED: 'bad', WON: 'bad', ABANDONED: 'bad', EXPIRED: 'bad', DROPPED: 'bad' },
  ...{ LIVE: 'busy', TAKEN: 'busy', CLAIMED: 'busy', WORKING: 'busy', PENDING: 'busy' },
  ...{ QUEUED: 'busy', ORDERED: 'busy' },
}

/** A status by its word; its tone is only a help. */
export function Status({ of, tone }: { of: string; tone?: Tone }) {
  return <span className={`status ${tone ?? TONES[of] ?? 'calm'}`}>{words(of)}</span>
}

/** A text from the chain: as it is, and a link only where it is an http address. */
export function Foreign({ text }: { text: string }): ReactNode {
  const href = asLink(text)
  const shown = text.length > 200 ? `${text.slice(0, 200)}…` : text
  if (text === '') return <None />
  return href === undefined ? (
    <bdi className="foreign">{shown}</bdi>
  ) : (
    <a className="foreign" href={href} rel="noopener noreferrer nofollow" target="_blank">
      <bdi>{shown}</bdi>
    </a>
  )
}
