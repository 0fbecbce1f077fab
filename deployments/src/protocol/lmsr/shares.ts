import { formatUnits, parseUnits } from 'viem'

/** Decimals of an outcome's shares: the unit is 1e-9 share (docs/spec/delphi.md, section 1.1). */
export const SHARE_DECIMALS = 9

/** 12.5 shares as units of 1e-9. */
export const parseShares = (text: string): bigint => parseUnits(text, SHARE_DECIMALS)

/** Units of 1e-9 share as a decimal number. */
export const formatShares = (shares: bigint): string => formatUnits(shares, SHARE_DECIMALS)
