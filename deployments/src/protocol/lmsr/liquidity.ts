import * as lmsr from './lmsr.ts'
import type { Pricing } from './quote.ts'
import { WAD } from './wad.ts'

/** What a market holds beside its curve, and whose a fee is. Amounts are $AI wei, parts basis points. */
export interface Holdings extends Pricing {
  readonly creatorBps: number
  readonly modelBps: number
  readonly protocolBps: number
  /** What the market holds. */
  readonly pot: bigint
  /** Complete sets that were made and not taken back, 1e-9 share of each outcome. */
  readonly sets: bigint
  /** What was collected of the fees. */
  readonly feesPaid: bigint
  /** What later liquidity paid for a part of the fees until then. */
  readonly boughtIn: bigint
  /** Liquidity shares that there are, of 18 decimals. */
  readonly liquidityShares: bigint
}

const ALL = 10_000n

/** All fees of an open market until now (docs/spec/delphi.md, section 2.2). */
export function feesOf({ curve, pot, sets, feesPaid, boughtIn }: Holdings): bigint {
  const worth = floor(curve.b * (lmsr.potential(curve) + 3n), WAD) + 1n
  const fees = pot + feesPaid - worth - sets * lmsr.WEI_PER_SHARE - boughtIn
  return fees > 0n ? fees : 0n
}

/** What raising the liquidity to `b` costs now, and what comes of it: shares of each outcome, and liquidity shares. */
export interface LiquidityQuote {
  readonly cost: bigint
  readonly shares: readonly bigint[]
  readonly liquidityShares: bigint
}

/** Quotes the raising of a market's liquidity to `b` (section 2.3). */
export function quoteLiquidity(holdings: Holdings, b: bigint): LiquidityQuote {
  const { curve, quantities, creatorBps, modelBps, protocolBps, boughtIn } = holdings
  const shares = lmsr.joined(curve, b, quantities)
  const next = lmsr.gather(
    b,
    quantities.map((quantity, i) => quantity + shares[i]),
  )
  const part = ALL - BigInt(creatorBps + modelBps + protocolBps)
  const earned = (feesOf(holdings) * part) / ALL + boughtIn
  const growth = b - curve.b
  const joining = -floor(-earned * growth, curve.b)
  const liquidityShares = (holdings.liquidityShares * growth) / curve.b
  return { cost: lmsr.charge(curve, next) + joining, shares, liquidityShares }
}

const floor = (x: bigint, y: bigint): bigint => x / y - (x % y < 0n ? 1n : 0n)
