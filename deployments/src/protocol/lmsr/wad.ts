// e^x and ln x in 1e-18, bit for bit the FixedPointMathLib of solady 0.1.26 (expWad, lnWad), which the contracts use:
// Remco Bloemen's rational approximations, https://2π.com/22/exp-ln. A bigint's >> rounds down, as SAR does.

export const WAD = 10n ** 18n

const LN_2 = 54916777467707473351141471128n // 2^96 ln 2
const EXP_ZERO = -41446531673892822313n // at and below, e^x is less than half a unit
const EXP_OVERFLOW = 135305999368893231589n
const EXP_SCALE = 3822833074963236453042738258902158003155416615667n
const LN_SCALE = 1677202110996718588342820967067443963516166n
const LN_2_SCALED = 16597577552685614221487285958193947469193820559219878177908093499208371n
const LN_BASE = 600920179829731861736702779321621459595472258049074101567377883020018308n

/** e^x, x and result in 1e-18. Throws where `expWad` reverts: from about 135.3 on. */
export function expWad(exponent: bigint): bigint {
  if (exponent <= EXP_ZERO) return 0n
  if (exponent >= EXP_OVERFLOW) {
    throw new RangeError(
      `expWad: e^(${exponent} / 1e18) does not fit; the exponent must be below 135.3e18`,
    )
  }
  let x = (exponent << 78n) / 5n ** 18n
  const k = ((x << 96n) / LN_2 + (1n << 95n)) >> 96n
  x -= k * LN_2

  let y = x + 1346386616545796478920950773328n
  y = ((y * x) >> 96n) + 57155421227552351082224309758442n
  let p = y + x - 94201549194550492254356042504812n
  p = ((p * y) >> 96n) + 28719021644029726153956944680412240n
  p = p * x + (4385272521454847904659076985693276n << 96n)

  let q = x - 2855989394907223263936484059900n
  q = ((q * x) >> 96n) + 50020603652535783019961831881945n
  q = ((q * x) >> 96n) - 533845033583426703283633433725380n
  q = ((q * x) >> 96n) + 3604857256930695427073651918091429n
  q = ((q * x) >> 96n) - 14423608567350463180887372962807573n
  q = ((q * x) >> 96n) + 26449188498355588339934803723976023n

  return ((p / q) * EXP_SCALE) >> (195n - k)
}

/** ln x, x and result in 1e-18. Throws where `lnWad` reverts: at zero and below. */
export function lnWad(argument: bigint): bigint {
  if (argument <= 0n) throw new RangeError(`lnWad: ${argument} has no logarithm`)
  const zeros = 256n - BigInt(argument.toString(2).length)
  const x = (argument << zeros) >> 159n // in [1, 2) · 2^96

  let p = 3273285459638523848632254066296n + x
  p = ((p * x) >> 96n) + 24828157081833163892658089445524n
  p = ((p * x) >> 96n) + 43456485725739037958740375743393n
  p = ((p * x) >> 96n) - 11111509109440967052023855526967n
  p = ((p * x) >> 96n) - 45023709667254063763336534515857n
  p = ((p * x) >> 96n) - 14706773417378608786704636184526n
  p = p * x - (795164235651350426258249787498n << 96n)

  let q = 5573035233440673466300451813936n + x
  q = ((x * q) >> 96n) + 71694874799317883764090561454958n
  q = ((x * q) >> 96n) + 283447036172924575727196451306956n
  q = ((x * q) >> 96n) + 401686690394027663651624208769553n
  q = ((x * q) >> 96n) + 204048457590392012362485061816622n
  q = ((x * q) >> 96n) + 31853899698501571402653359427138n
  q = ((x * q) >> 96n) + 909429971244387300277376558375n

  return (LN_SCALE * (p / q) + LN_2_SCALED * (159n - zeros) + LN_BASE) >> 174n
}
