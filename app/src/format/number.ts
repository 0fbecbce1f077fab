const GROUP = '\u202f' // narrow no-break space: one reading in every language

/** 1234567 as "1 234 567". */
export function whole(value: bigint | number | string): string {
  const text = BigInt(value).toString()
  const digits = text.replace('-', '')
  const grouped = digits.replace(/\B(?=(\d{3})+$)/g, GROUP)
  return text.startsWith('-') ? `−${grouped}` : grouped
}

/** All digits of an amount of 10^-decimals units, without trailing zeros. */
export function exact(value: bigint | string, decimals: number): string {
  const units = BigInt(value)
  const sign = units < 0n ? '−' : ''
  const digits = (units < 0n ? -units : units).toString().padStart(decimals + 1, '0')
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '')
  const integer = whole(digits.slice(0, digits.length - decimals))
  return `${sign}${integer}${fraction === '' ? '' : `.${fraction}`}`
}

/**
 * An amount for reading: cut off (never rounded up) after `places` decimals, or after the third digit that counts if
 * it is smaller than that. `exact` has the rest.
 */
export function short(value: bigint | string, decimals: number, places = 2): string {
  const units = BigInt(value)
  if (units === 0n) return '0'
  const size = units < 0n ? -units : units
  const keep =
    size >= 10n ** BigInt(decimals - Math.min(places, decimals))
      ? Math.min(places, decimals)
      : Math.min(decimals, decimals - size.toString().length + 3)
  const step = 10n ** BigInt(decimals - keep)
  const text = exact((size / step) * step, decimals)
  return units < 0n ? `−${text}` : text
}

/** Wei of $AI or ether: 18 decimals. */
export const WEI = 18
/** What the token is called behind an amount: its symbol. */
export const AI = '$AI'
/** All digits of an amount of $AI wei, with the unit. */
export const ai = (value: bigint | string): string => `${exact(value, WEI)} ${AI}`
/** Shares of outcomes: 9 decimals. */
export const SHARES = 9

/** Ten-thousandths as a percentage. */
export const percentOfBps = (bps: number): string => `${exact(BigInt(bps), 2)} %`

/** A part of one as a percentage with so many decimals; never "100.0 %" for less than all, nor "0.0 %" for something. */
export function percent(part: number, places = 1): string {
  const least = 10 ** -places
  const value = part * 100
  if (value > 0 && value < least) return `< ${least.toFixed(places)} %`
  if (value < 100 && value > 100 - least) return `> ${(100 - least).toFixed(places)} %`
  return `${value.toFixed(places)} %`
}
