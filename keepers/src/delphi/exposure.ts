import { lmsr } from '@lockstep/deployments/protocol'

/** What an account has put into a market and has of it. Amounts are $AI wei, shares 1e-9. */
export interface Holding {
  readonly market: bigint
  /** All that it paid, fees included, less all that it received. */
  readonly paid: bigint
  /** Of each outcome. */
  readonly shares: readonly bigint[]
  /** Whether outcomes can still be listed, of which it will have no share. */
  readonly canGrow: boolean
  /** What 1e-9 share of each outcome pays, in 1e-9 wei, once that is decided. */
  readonly pays?: readonly bigint[]
}

/**
 * The least that the shares can pay, whatever wins, and if the market is void (docs/spec/delphi.md, section 3.2). Where
 * k outcomes tie each pays ⌊1e9 / k⌋, and a refund rounds every outcome down, so complete sets can pay less than 1 each
 * by 255e-9 and a wei an outcome. An outcome that is listed later and wins pays nothing to whoever has all others.
 */
export function leastPayoff({ shares, canGrow, pays }: Omit<Holding, 'market' | 'paid'>): bigint {
  if (pays !== undefined) {
    return shares.reduce((sum, own, i) => sum + (own * pays[i]) / lmsr.WEI_PER_SHARE, 0n)
  }
  if (canGrow) return 0n
  const sets = shares.reduce((least, own) => (own < least ? own : least))
  const least =
    sets * (lmsr.WEI_PER_SHARE - BigInt(lmsr.MAX_OUTCOMES - 1)) - BigInt(lmsr.MAX_OUTCOMES)
  return least > 0n ? least : 0n
}

/** What is lost of a market if the worst happens; negative: what is gained for sure. */
export const worstLoss = (holding: Holding): bigint => holding.paid - leastPayoff(holding)

/** What is lost of all of them if the worst happens in each. */
export const worstLossOfAll = (holdings: readonly Holding[]): bigint =>
  holdings.reduce((sum, holding) => sum + worstLoss(holding), 0n)
