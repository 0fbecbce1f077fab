/**
 * A number of 32 bits in decimal: as a whole number with a sign, or as the floating-point number in as few digits as tell
 * it from its neighbours. `bits` is four bytes, the most significant first.
 */
export function decimalOf(bits: string, isInt32: boolean): string {
  const word = Number(BigInt(bits))
  return isInt32 ? String(word | 0) : floatText(word)
}

function floatText(word: number): string {
  const sign = word >>> 31 ? '-' : ''
  const exponent = (word >>> 23) & 0xff
  const fraction = word & 0x7fffff
  if (exponent === 0xff) return fraction ? 'NaN' : `${sign}Infinity`
  if (exponent === 0 && fraction === 0) return `${sign}0`

  // The number is m / 2^s or m · 2^s; what rounds to it reaches from `low` to `high`, all in quarters of its last bit:
  // below a power of two the neighbour is twice as near. Ties go to the even one.
  const m = BigInt(exponent === 0 ? fraction : fraction | 0x800000)
  const power = Math.max(exponent, 1) - 150 - 2
  const low = 4n * m - (fraction === 0 && exponent > 1 ? 1n : 2n)
  const high = 4n * m + 2n
  const isEven = m % 2n === 0n
  const scale = power < 0 ? 1n : 2n ** BigInt(power)
  const unit = power < 0 ? 2n ** BigInt(-power) : 1n
  const value = 4n * m * scale

  // From the largest power of ten down: the first multiple of one that lies within, the nearest if there are two.
  for (let ten = 39; ; ten--) {
    const step = ten < 0 ? 1n : 10n ** BigInt(ten)
    const times = ten < 0 ? 10n ** BigInt(-ten) : 1n
    // Multiples of step / times, compared with numbers over `unit`.
    const width = step * unit
    const floor = (value * times) / width
    const inside = [floor, floor + 1n].filter((multiple) => {
      const at = multiple * width
      const [from, to] = [low * scale * times, high * scale * times]
      return isEven ? from <= at && at <= to : from < at && at < to
    })
    if (inside.length === 0) continue
    const distance = (multiple: bigint): bigint => {
      const away = multiple * width - value * times
      return away < 0n ? -away : away
    }
    const nearest = inside.reduce((a, b) => (distance(b) < distance(a) ? b : a))
    return sign + String(Number(`${nearest}e${ten}`))
  }
}
