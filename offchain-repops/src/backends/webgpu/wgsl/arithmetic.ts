/**
 * The five operations that round, on bit patterns and in integers alone: WGSL defines every bit of u32 and i32, and
 * promises none of f32 (no rounding mode, subnormals may be flushed, fma may be rounded twice). A finite number is
 * significand · 2^(exponent − 150). Selections instead of branches: compilers write every call out, and lanes of a
 * processor go both ways.
 */
export const INTEGER_ARITHMETIC = `
fn jam(x: u32, n: u32) -> u32 { // x >> n, the lowest bit set where a bit is lost; x < 2^31 unless n < 32
  let m = min(n, 31u);
  return (x >> m) | u32((x & ((1u << m) - 1u)) != 0u);
}

fn jam_wide(x: vec2u, n: u32) -> vec2u { // the same for x.y · 2^32 + x.x, x.y < 2^31
  let far = n > 31u;
  let m = min(select(n, n - 32u, far), 31u);
  let lost = select(x.x, x.y, far) & ((1u << m) - 1u);
  let sticky = u32((lost | select(0u, x.x, far)) != 0u);
  let low = select((x.x >> m) | ((x.y << 1u) << (31u - m)), x.y >> m, far);
  return vec2u(low | sticky, select(x.y >> m, 0u, far));
}

fn significand(a: u32) -> u32 {
  return (a & 0x007fffffu) | (u32((a & 0x7f800000u) != 0u) << 23u);
}

fn exponent(a: u32) -> i32 {
  return i32(max((a >> 23u) & 0xffu, 1u));
}

fn is_nan(a: u32) -> bool {
  return (a & 0x7fffffffu) > 0x7f800000u;
}

fn is_infinite(a: u32) -> bool {
  return (a & 0x7fffffffu) == 0x7f800000u;
}

fn canonical(a: u32) -> u32 {
  return select(a, 0x7fc00000u, is_nan(a));
}

fn rounded(sign: u32, e: i32, s: u32) -> u32 { // ±s · 2^(e − 157); 2^30 <= s < 2^31, its lowest bit sticky
  let x = jam(s, u32(max(1 - e, 0)));
  let field = u32(max(e, 1) - 1) << 23u;
  let finite = field + ((x + 0x3fu + ((x >> 7u) & 1u)) >> 7u);
  return sign | select(finite, 0x7f800000u, e >= 255);
}

fn product(a: u32, b: u32) -> vec2u { // of two numbers of 24 bits: 24 high ones in y, 24 low ones in x
  let a1 = a >> 12u;
  let a0 = a & 0xfffu;
  let b1 = b >> 12u;
  let b0 = b & 0xfffu;
  let low = a0 * b0;
  let middle = a1 * b0 + a0 * b1 + (low >> 12u);
  return vec2u(((middle & 0xfffu) << 12u) | (low & 0xfffu), a1 * b1 + (middle >> 12u));
}

fn f_add(a: u32, b: u32) -> u32 {
  let swap = (a & 0x7fffffffu) < (b & 0x7fffffffu);
  let larger = select(a, b, swap);
  let smaller = select(b, a, swap);
  let e = exponent(larger);
  let opposite = ((a ^ b) >> 31u) == 1u;
  let x = significand(larger) << 6u;
  let y = jam(significand(smaller) << 6u, u32(e - exponent(smaller)));
  let s = select(x + y, x - y, opposite);
  let shift = countLeadingZeros(s | 1u) - 1u;
  let sum = rounded(larger & 0x80000000u, e + 1 - i32(shift), s << shift);
  let finite = select(sum, a & b & 0x80000000u, s == 0u);
  let nan = is_nan(larger) || (is_infinite(smaller) && opposite);
  return select(select(finite, larger, is_infinite(larger)), 0x7fc00000u, nan);
}

fn f_mul(a: u32, b: u32) -> u32 {
  let sign = (a ^ b) & 0x80000000u;
  let x = significand(a);
  let y = significand(b);
  let xs = countLeadingZeros(x | 1u) - 8u;
  let ys = countLeadingZeros(y | 1u) - 8u;
  let p = product(x << xs, y << ys);
  let s = (p.y << 8u) | (p.x >> 16u) | u32((p.x << 16u) != 0u);
  let carry = s >> 31u;
  let e = exponent(a) + exponent(b) - i32(xs + ys) - 127 + i32(carry);
  let zero = x == 0u || y == 0u;
  let infinite = max(a & 0x7fffffffu, b & 0x7fffffffu) >= 0x7f800000u;
  let finite = select(rounded(sign, e, jam(s, carry)), sign, zero);
  let nan = is_nan(a) || is_nan(b) || (infinite && zero);
  return select(select(finite, sign | 0x7f800000u, infinite), 0x7fc00000u, nan);
}

fn f_fma(a: u32, b: u32, c: u32) -> u32 {
  let sign = (a ^ b) & 0x80000000u;
  let x = significand(a);
  let y = significand(b);
  let z = significand(c);
  let xs = countLeadingZeros(x | 1u) - 8u;
  let ys = countLeadingZeros(y | 1u) - 8u;
  // Both in 64 bits · 2^(exponent − 187): the product, its highest bit 60 or 61, and c, at most bit 60.
  let q = product(x << xs, y << ys);
  let p = vec2u(q.x << 14u, (q.y << 6u) | (q.x >> 18u));
  let r = vec2u(0u, z << 5u);
  let ep = exponent(a) + exponent(b) - i32(xs + ys) - 127;
  let ec = exponent(c);
  let above = ep >= ec;
  let large = select(r, p, above);
  let small = jam_wide(select(p, r, above), u32(abs(ep - ec)));
  let subtract = ((a ^ b ^ c) >> 31u) == 1u;
  let t = select(small, vec2u(~small.x + 1u, ~small.y + u32(small.x == 0u)), subtract);
  let sum = vec2u(large.x + t.x, 0u);
  let total = vec2u(sum.x, large.y + t.y + u32(sum.x < t.x));
  let negative = (total.y >> 31u) == 1u;
  let size = select(total, vec2u(~total.x + 1u, ~total.y + u32(total.x == 0u)), negative);
  // Shifted so that the highest bit is bit 62; first by 31 where all of the upper word is zero.
  let low = size.y == 0u;
  let upper = select(size.y, size.x >> 1u, low);
  let lower = select(size.x, size.x << 31u, low);
  let shift = countLeadingZeros(upper | 1u) - 1u;
  let s = (upper << shift) | ((lower >> 1u) >> (31u - shift)) | u32((lower << shift) != 0u);
  let e = max(ep, ec) + 2 - i32(shift) - select(0, 31, low);
  let exact_zero = (size.x | size.y) == 0u;
  let large_sign = select(c & 0x80000000u, sign, above);
  let sum_sign = large_sign ^ (u32(negative) << 31u);
  let finite = select(rounded(sum_sign, e, s), 0u, exact_zero);
  let nothing = x == 0u || y == 0u;
  let number = select(finite, select(c, sign & c, z == 0u), nothing);
  let infinite = max(a & 0x7fffffffu, b & 0x7fffffffu) >= 0x7f800000u;
  let result = select(select(number, c, is_infinite(c)), sign | 0x7f800000u, infinite);
  let nan = is_nan(a) || is_nan(b) || is_nan(c) || (infinite && (nothing || (is_infinite(c) && subtract)));
  return select(result, 0x7fc00000u, nan);
}

fn f_div(a: u32, b: u32) -> u32 {
  let sign = (a ^ b) & 0x80000000u;
  let x = significand(a);
  let y = significand(b);
  let xs = countLeadingZeros(x | 1u) - 8u;
  let ys = countLeadingZeros(y | 1u) - 8u;
  let divisor = max(y << ys, 1u);
  let less = u32((x << xs) < divisor);
  var rest = (x << (xs + less)) - divisor;
  var quotient = 1u;
  for (var digit = 0u; digit < 4u; digit++) { // 8, 8, 8 and 6 bits
    let bits = select(8u, 6u, digit == 3u);
    let next = (rest << bits) / divisor;
    rest = (rest << bits) - next * divisor;
    quotient = (quotient << bits) | next;
  }
  let e = exponent(a) - i32(xs) - exponent(b) + i32(ys) + 127 - i32(less);
  let finite = rounded(sign, e, quotient | u32(rest != 0u));
  let zero = select(finite, sign, x == 0u || is_infinite(b));
  let result = select(zero, sign | 0x7f800000u, is_infinite(a) || y == 0u);
  let undefined_ratio = (is_infinite(a) && is_infinite(b)) || (x == 0u && y == 0u);
  return select(result, 0x7fc00000u, is_nan(a) || is_nan(b) || undefined_ratio);
}

fn f_sqrt(a: u32) -> u32 {
  let m = significand(a);
  let shift = countLeadingZeros(m | 1u) - 8u;
  let e = exponent(a) - i32(shift) - 150;
  // The root of m · 2^e = x · 2^20 · 2^(e − 28 or e − 27, whichever is even), two bits at a time.
  let odd = u32(e & 1);
  var x = m << (shift + 8u - odd);
  var root = 0u;
  var rest = 0u;
  for (var i = 0u; i < 26u; i++) {
    rest = (rest << 2u) | (x >> 30u);
    x <<= 2u;
    let trial = (root << 2u) | 1u;
    let fits = rest >= trial;
    rest -= select(0u, trial, fits);
    root = (root << 1u) | u32(fits);
  }
  let finite = rounded(0u, ((e - 28 + i32(odd)) >> 1u) + 152, (root << 5u) | u32(rest != 0u));
  let same = m == 0u || a == 0x7f800000u;
  let nan = is_nan(a) || (a > 0x80000000u);
  return select(select(finite, a, same), 0x7fc00000u, nan);
}
`

/** The operations that round, by the names of the device's own: these may or may not round as the spec says. */
export const HARDWARE = {
  add: 'fn h_add(a: f32, b: f32) -> f32 { return a + b; }',
  mul: 'fn h_mul(a: f32, b: f32) -> f32 { return a * b; }',
  fma: 'fn h_fma(a: f32, b: f32, c: f32) -> f32 { return fma(a, b, c); }',
  div: 'fn h_div(a: f32, b: f32) -> f32 { return a / b; }',
  sqrt: 'fn h_sqrt(a: f32) -> f32 { return sqrt(a); }',
} as const

export type Operation = keyof typeof HARDWARE
export type Hardware = Readonly<Record<Operation, string>>

export const OPERATIONS = ['add', 'mul', 'fma', 'div', 'sqrt'] as const satisfies Operation[]

export const ARITY = { add: 2, mul: 2, fma: 3, div: 2, sqrt: 1 } as const

/**
 * An operation on bit patterns by the device's floats. What it returns has passed through a selection of integers, so
 * no compiler makes one operation of two.
 */
export function floatFunction(operation: Operation, name = `f_${operation}`): string {
  const names = ['a', 'b', 'c'].slice(0, ARITY[operation])
  const operands = names.map((operand) => `bitcast<f32>(${operand})`).join(', ')
  return `fn ${name}(${names.map((operand) => `${operand}: u32`).join(', ')}) -> u32 {
  return canonical(bitcast<u32>(h_${operation}(${operands})));
}`
}
