const NUMBER_BITS = 16n

/** The number of a market's liquidity shares, among those of its outcomes (docs/spec/delphi.md, section 2.1). */
export const LIQUIDITY = (1n << NUMBER_BITS) - 1n

/** ERC-6909 id of the shares of an outcome, or of `LIQUIDITY`. */
export const shareId = (market: bigint, number: bigint | number): bigint =>
  (market << NUMBER_BITS) | BigInt(number)

/** What shares of an ERC-6909 id are of. */
export const shareOf = (id: bigint): { readonly market: bigint; readonly number: bigint } => ({
  market: id >> NUMBER_BITS,
  number: id & LIQUIDITY,
})
