/** Operators that round nothing, and so need integers only; the f32 ones on bit patterns. */
export const EXACT_FUNCTIONS = `
fn ordered(a: u32) -> u32 { // bit patterns in the order of the numbers, −0 before +0; no NaN
  return select(a | 0x80000000u, ~a, (a >> 31u) == 1u);
}

fn f_neg(a: u32) -> u32 {
  return canonical(a ^ 0x80000000u);
}

fn f_abs(a: u32) -> u32 {
  return canonical(a & 0x7fffffffu);
}

fn f_sub(a: u32, b: u32) -> u32 {
  return f_add(a, b ^ 0x80000000u);
}

fn f_min(a: u32, b: u32) -> u32 {
  return select(select(b, a, ordered(a) < ordered(b)), 0x7fc00000u, is_nan(a) || is_nan(b));
}

fn f_max(a: u32, b: u32) -> u32 {
  return select(select(b, a, ordered(a) > ordered(b)), 0x7fc00000u, is_nan(a) || is_nan(b));
}

fn both_zero(a: u32, b: u32) -> bool {
  return ((a | b) << 1u) == 0u;
}

fn f_eq(a: u32, b: u32) -> bool {
  return !is_nan(a) && !is_nan(b) && (a == b || both_zero(a, b));
}

fn f_lt(a: u32, b: u32) -> bool {
  return !is_nan(a) && !is_nan(b) && !both_zero(a, b) && ordered(a) < ordered(b);
}

fn f_le(a: u32, b: u32) -> bool {
  return !is_nan(a) && !is_nan(b) && (both_zero(a, b) || ordered(a) <= ordered(b));
}

fn f_floor(a: u32) -> u32 {
  let e = i32((a >> 23u) & 0xffu) - 127;
  if (e >= 23) { return canonical(a); }
  if ((a << 1u) == 0u) { return a; }
  // No select: Mesa 25 takes one of 0 and the bits of −1.0 for floats, and gives −0 for 0.
  if (e < 0) { return (0u - (a >> 31u)) & 0xbf800000u; }
  let fraction = 0x007fffffu >> u32(e);
  return (a + select(0u, fraction, (a >> 31u) == 1u)) & ~fraction;
}

fn f_round(a: u32) -> u32 {
  let e = i32((a >> 23u) & 0xffu) - 127;
  if (e >= 23) { return canonical(a); }
  let sign = a & 0x80000000u;
  if (e < 0) { return sign | select(0u, 0x3f800000u, (a & 0x7fffffffu) > 0x3f000000u); }
  let fraction = 0x007fffffu >> u32(e);
  let odd = u32((significand(a) & (fraction + 1u)) != 0u);
  return (a + (fraction >> 1u) + odd) & ~fraction;
}

fn f_to_int(a: u32) -> u32 {
  if (is_nan(a)) { return 0u; }
  let e = i32((a >> 23u) & 0xffu) - 127;
  let negative = (a >> 31u) == 1u;
  if (e < 0) { return 0u; }
  if (e > 30) { return select(0x7fffffffu, 0x80000000u, negative); }
  let m = significand(a);
  let size = select(m >> u32(max(23 - e, 0)), m << u32(max(e - 23, 0)), e > 23);
  return select(size, ~size + 1u, negative);
}

fn unsigned_to_f(size: u32, sign: u32) -> u32 {
  if (size == 0u) { return 0u; }
  let shift = countLeadingZeros(size);
  let s = size << shift;
  return rounded(sign, 158 - i32(shift), (s >> 1u) | (s & 1u));
}

fn int_to_f(a: u32) -> u32 {
  let negative = (a >> 31u) == 1u;
  return unsigned_to_f(select(a, ~a + 1u, negative), a & 0x80000000u);
}

fn i_div(a: u32, b: u32) -> u32 {
  if (b == 0u) { return 0u; }
  let x = select(a, ~a + 1u, (a >> 31u) == 1u);
  let y = select(b, ~b + 1u, (b >> 31u) == 1u);
  let q = x / y;
  return select(q, ~q + 1u, ((a ^ b) >> 31u) == 1u);
}

fn i_rem(a: u32, b: u32) -> u32 {
  return select(a - b * i_div(a, b), 0u, b == 0u);
}

fn high_product(a: u32, b: u32) -> u32 { // ⌊a·b / 2^32⌋
  let low = (a & 0xffffu) * (b & 0xffffu);
  let middle = (a >> 16u) * (b & 0xffffu) + (low >> 16u);
  let other = (a & 0xffffu) * (b >> 16u) + (middle & 0xffffu);
  return (a >> 16u) * (b >> 16u) + (middle >> 16u) + (other >> 16u);
}
`
