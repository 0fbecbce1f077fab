const LOG2E = '0x3fb8aa3bu'
const LN2 = '0x3f317218u'
const MINUS_LN2 = '0xbf317218u'
const REST = '0xb102e308u'
const MINUS_REST = '0x3102e308u'
const MAGIC = '0x4b400000u'
const ONE = '0x3f800000u'
const TWO = '0x40000000u'
const NAN = '0x7fc00000u'
const INFINITY = '0x7f800000u'

/** Writes poly(z; c_n, …, c_0) of docs/spec/repops.md, section 3, into a new variable. */
export type Polynomial = (p: string, z: string, coefficients: readonly string[]) => string

/** p = c_n, then p = fma(p, z, c_i) for the others, written out. */
export const writtenOut: Polynomial = (p, z, coefficients) => {
  const [first, ...others] = coefficients.map((bits) => `0x${bits}u`)
  return `let ${p} = ${others.reduce((sum, c) => `f_fma(${sum}, ${z}, ${c})`, first)};`
}

/**
 * The same as a loop that no compiler can unroll (the last word of the context is 0): compilers write every call of
 * f_fma out, and in integers that takes them long.
 */
export const looped: Polynomial = (p, z, coefficients) => {
  const [first, ...others] = coefficients.map((bits) => `0x${bits}u`)
  return `var ${p} = ${first};
    var ${p}_terms = array<u32, ${others.length}>(${others.join(', ')});
    for (var i = 0u; i < ${others.length}u + context.w; i++) { ${p} = f_fma(${p}, ${z}, ${p}_terms[i]); }`
}

/** The sequences of docs/spec/repops.md, section 3, one rounding a call. */
export const transcendentalFunctions = (chain: Polynomial): string => `
fn f_exp(x: u32) -> u32 {
  if (is_nan(x)) { return ${NAN}; }
  if (f_le(0x42b20000u, x)) { return ${INFINITY}; }
  if (f_le(x, 0xc2d00000u)) { return 0u; }
  let n = f_sub(f_fma(x, ${LOG2E}, ${MAGIC}), ${MAGIC});
  return exp_reduced(f_fma(n, ${MINUS_REST}, f_fma(n, ${MINUS_LN2}, x)), n);
}

fn exp_reduced(r: u32, n: u32) -> u32 {
  ${chain('p', 'r', ['3ab563a7', '3c091ef0', '3d2aac2c', '3e2aaa46', '3efffffe', '3f800000', '3f800000'])}
  let whole = i32(f_to_int(n));
  let half = whole >> 1u;
  return f_mul(f_mul(p, power_of_two(half)), power_of_two(whole - half));
}

fn power_of_two(n: i32) -> u32 { // −126 <= n <= 127
  return u32(n + 127) << 23u;
}

fn split_exponent(x: u32) -> vec2u { // significand in [√½, √2) and exponent, of 0 < x < ∞
  let tiny = x < 0x00800000u;
  let scaled = select(x, int_to_f(x) - (126u << 23u), tiny); // a subnormal is its bits · 2^−149
  let k = i32(scaled - 0x3f3504f3u);
  return vec2u((u32(k) & 0x007fffffu) + 0x3f3504f3u, u32((k >> 23u) - select(0, 23, tiny)));
}

fn f_log(x: u32) -> u32 {
  if ((x << 1u) == 0u) { return 0xff800000u; }
  if (is_nan(x) || (x >> 31u) == 1u) { return ${NAN}; }
  if (x == ${INFINITY}) { return x; }
  let parts = split_exponent(x);
  let f = f_sub(parts.x, ${ONE});
  let s = f_div(f, f_add(${TWO}, f));
  let z = f_mul(s, s);
  ${chain('p', 'z', ['3e98f09b', '3eccaf69', '3f2aaabd'])}
  let e = int_to_f(parts.y);
  let t = f_fma(s ^ 0x80000000u, f_fma(z ^ 0x80000000u, p, f), f);
  return f_fma(e, ${LN2}, t);
}

fn copy_sign(size: u32, x: u32) -> u32 {
  return (size & 0x7fffffffu) | (x & 0x80000000u);
}

fn f_tanh(x: u32) -> u32 {
  if (is_nan(x)) { return ${NAN}; }
  let t = x & 0x7fffffffu;
  if (t < 0x3f19999au) {
    let z = f_mul(t, t);
    ${chain('p', 'z', ['bbc14213', '3caa61a6', 'bd5c4d59', '3e0884df', 'beaaaa9f'])}
    return copy_sign(f_fma(f_mul(t, z), p, t), x);
  }
  let above = f_add(f_exp(f_add(t, t)), ${ONE});
  return copy_sign(f_sub(${ONE}, f_div(${TWO}, above)), x);
}

fn f_erf(x: u32) -> u32 {
  if (is_nan(x)) { return ${NAN}; }
  let t = x & 0x7fffffffu;
  if (t < 0x3f6d9168u) {
    let z = f_mul(t, t);
    ${chain('p', 'z', ['38a79e47', 'ba5302c6', '3baa250a', 'bcdc008d', '3de716b2', 'bec093a0', '3e0375d4'])}
    return copy_sign(f_fma(t, p, t), x);
  }
  if (t >= 0x40800000u) { return copy_sign(${ONE}, x); }
  ${chain('p', 't', ['394c8ad0', 'bb46e135', '3cb5cda0', 'bdd4b4e7', 'bf2323ae', 'bf905619', 'b9596a9b'])}
  return copy_sign(f_sub(${ONE}, f_exp(p)), x);
}

fn two_over_pi(word: u32) -> u32 { // the bits of 2/π after one word of zeros
  switch word {
    case 1u: { return 0xa2f9836eu; }
    case 2u: { return 0x4e441529u; }
    case 3u: { return 0xfc2757d1u; }
    case 4u: { return 0xf534ddc0u; }
    case 5u: { return 0xdb629599u; }
    case 6u: { return 0x3c439041u; }
    case 7u: { return 0xfe5163abu; }
    default: { return 0u; }
  }
}

fn two_over_pi_at(bit: u32) -> u32 { // 32 bits from the given one on
  let offset = bit & 31u;
  let word = two_over_pi(bit >> 5u);
  if (offset == 0u) { return word; }
  return (word << offset) | (two_over_pi((bit >> 5u) + 1u) >> (32u - offset));
}

fn sin_turned(t: u32, turn: u32) -> u32 { // sin(t + turn · π/2) of a finite t >= +0
  var quadrant = turn;
  var r = t;
  var rest = 0u;
  if (t > 0x3f490fdbu) {
    let e = t >> 23u;
    let m = significand(t);
    let middle = two_over_pi_at(e - 88u);
    let carried = m * middle;
    let low = carried + high_product(m, two_over_pi_at(e - 56u));
    let high = m * two_over_pi_at(e - 120u) + high_product(m, middle) + u32(low < carried);
    quadrant += (high + 0x20000000u) >> 30u;
    // The fraction of a quadrant, signed, of 64 bits; its size, to 32 significant bits, times π/2.
    let f = vec2u(low << 2u, (high << 2u) | (low >> 30u));
    let negative = (f.y >> 31u) == 1u;
    let size = select(f, vec2u(~f.x + 1u, ~f.y + u32(f.x == 0u)), negative);
    let zeros = countLeadingZeros(size.y);
    let top = select((size.y << zeros) | (size.x >> (32u - zeros)), size.y, zeros == 0u);
    let angle = high_product(top, 0xc90fdaa2u);
    let whole = unsigned_to_f(angle, 0u);
    let difference = int_to_f(angle - rounded_integer(whole));
    let unit = power_of_two(-31 - i32(zeros));
    let sign = select(0u, 0x80000000u, negative);
    r = f_mul(whole, unit) ^ sign;
    rest = f_mul(difference, unit) ^ sign;
  }
  let z = f_mul(r, r);
  var y = 0u;
  if ((quadrant & 1u) == 0u) {
    ${chain('p', 'z', ['363e1627', 'b9502caa', '3c0888ba', 'be2aaaab'])}
    y = f_add(f_fma(f_mul(r, z), p, rest), r);
  } else {
    ${chain('p', 'z', ['37ccf406', 'bab60614', '3d2aaaa5', 'bf000000', '3f800000'])}
    y = p;
  }
  return y ^ ((quadrant & 2u) << 30u);
}

fn rounded_integer(whole: u32) -> u32 { // modulo 2^32, of an f32 that is an integer of at least 2^24
  return significand(whole) << ((whole >> 23u) - 150u);
}

fn f_sin(x: u32) -> u32 {
  let t = x & 0x7fffffffu;
  if (t >= ${INFINITY}) { return ${NAN}; }
  return sin_turned(t, 0u) ^ (x & 0x80000000u);
}

fn f_cos(x: u32) -> u32 {
  let t = x & 0x7fffffffu;
  if (t >= ${INFINITY}) { return ${NAN}; }
  return sin_turned(t, 1u);
}

fn is_integer(b: u32) -> bool { // of a finite b, not 0
  let e = i32((b >> 23u) & 0xffu) - 127;
  if (e < 0) { return false; }
  return e >= 23 || (b & (0x007fffffu >> u32(e))) == 0u;
}

fn is_odd(b: u32) -> bool { // of a finite b, not 0
  let e = i32((b >> 23u) & 0xffu) - 127;
  if (e < 0 || e > 23 || !is_integer(b)) { return false; }
  return ((significand(b) >> u32(23 - e)) & 1u) == 1u;
}

fn f_pow(a: u32, b: u32) -> u32 {
  if ((b << 1u) == 0u || a == ${ONE}) { return ${ONE}; }
  if (is_nan(a) || is_nan(b)) { return ${NAN}; }
  let t = a & 0x7fffffffu;
  let below = (b >> 31u) == 1u;
  let b_infinite = (b & 0x7fffffffu) == ${INFINITY};
  let negative = (a >> 31u) == 1u;
  let sign = select(0u, 0x80000000u, negative && !b_infinite && is_odd(b));
  if (t == 0u || t == ${INFINITY}) { return sign | select(0u, ${INFINITY}, (t == 0u) == below); }
  if (b_infinite) {
    if (t == ${ONE}) { return ${ONE}; }
    return select(0u, ${INFINITY}, (t < ${ONE}) == below);
  }
  if (negative && !is_integer(b)) { return ${NAN}; }
  return sign | pow_positive(t, b);
}

fn pow_positive(a: u32, b: u32) -> u32 { // 0 < a < ∞, b finite and not 0
  let parts = split_exponent(a);
  let m = parts.x;
  let e = int_to_f(parts.y);
  let m1 = f_sub(m, ${ONE});
  let d = f_add(m1, m1);
  let g = f_add(m, ${ONE});
  let g_rest = f_sub(m, f_sub(g, ${ONE}));
  let u = f_div(d, g);
  let minus_u = u ^ 0x80000000u;
  let u_rest = f_div(f_fma(minus_u, g_rest, f_fma(minus_u, g, d)), g);
  let z = f_mul(u, u);
  let z_rest = f_fma(u, f_add(u_rest, u_rest), f_fma(u, u, z ^ 0x80000000u));
  ${chain('p', 'z', ['39f1858f', '3b121c30', '3c4ccd3e', 'b1816c4b'])}
  let v = f_mul(z, 0x3daaaaabu);
  let v_rest = f_fma(z, p, f_fma(z_rest, 0x3daaaaabu, f_fma(z, 0x3daaaaabu, v ^ 0x80000000u)));
  let h = f_fma(u, v, u);
  let h_tail = f_fma(u, v_rest, f_fma(u, v, f_sub(u, h)));
  let h_rest = f_add(f_fma(u_rest, v, h_tail), u_rest);
  let l = f_fma(e, ${LN2}, h);
  let l_rest = f_fma(e, ${REST}, f_add(f_sub(h, f_fma(e, ${MINUS_LN2}, l)), h_rest));
  let y = f_mul(b, l);
  if (f_le(0x42b20000u, y)) { return ${INFINITY}; }
  if (f_le(y, 0xc2d00000u)) { return 0u; }
  let y_rest = f_fma(b, l_rest, f_fma(b, l, y ^ 0x80000000u));
  let n = f_sub(f_fma(y, ${LOG2E}, ${MAGIC}), ${MAGIC});
  return exp_reduced(f_add(f_fma(n, ${MINUS_LN2}, y), f_fma(n, ${MINUS_REST}, y_rest)), n);
}
`
