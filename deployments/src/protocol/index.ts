export { type Answered, type Turn, turnOf } from './clock.ts'
export { collecting, type FeesDue, type FeesOf, ownFees } from './fees.ts'
export { Book } from './lmsr/book.ts'
export { feesOf, type Holdings, type LiquidityQuote, quoteLiquidity } from './lmsr/liquidity.ts'
export * as lmsr from './lmsr/lmsr.ts'
export { LmsrError } from './lmsr/lmsr.ts'
export {
  lessSlippage,
  type Pricing,
  pricesOf,
  type Quote,
  quoteBuy,
  quoteBuyFor,
  quoteListing,
  quoteListings,
  quoteSell,
  quoteSellFor,
  withSlippage,
} from './lmsr/quote.ts'
export { formatShares, parseShares, SHARE_DECIMALS } from './lmsr/shares.ts'
export { expWad, WAD } from './lmsr/wad.ts'
export { MOVES } from './moves.ts'
export {
  type PackedPosition,
  type Phase,
  PHASES,
  type Position,
  type TreeName,
  TREES,
  unpackPosition,
} from './position.ts'
export { LIQUIDITY, shareId, shareOf } from './shareId.ts'
export {
  CLAIM_STATUSES,
  type ClaimStatus,
  DISPUTE_STATUSES,
  type DisputeStatus,
  JOB_STATUSES,
  type JobStatus,
  MARKET_STATUSES,
  type MarketStatus,
} from './statuses.ts'
