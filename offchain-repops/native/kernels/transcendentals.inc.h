// The sequences of docs/spec/repops.md, section 3, on vectors. Results are right but for the bits of a NaN.
#pragma once

#include "isa.h"

namespace repops::REPOPS_ISA {

// p = p*z + c for each of the bit patterns c; the first is where p starts.
template <class... C>
inline F poly(F z, uint32_t first, C... others) {
  F p = splat_bits(first);
  ((p = fma(p, z, splat_bits(others))), ...);
  return p;
}

constexpr uint32_t kLog2E = 0x3fb8aa3b, kLn2 = 0x3f317218, kRest = 0xb102e308, kMagic = 0x4b400000;
constexpr uint32_t kSqrtHalf = 0x3f3504f3;

// p * 2^n, rounded once; n is an integer.
inline F scale(F p, F n) {
#if defined(__AVX512F__)
  return (F)_mm512_maskz_scalef_ps(kAll, (__m512)p, (__m512)n);
#else
  const I k = (I)((U)(n + splat_bits(kMagic)) - kMagic), half = k >> 1;
  return p * (F)(((U)half + 127) << 23) * (F)(((U)(k - half) + 127) << 23);
#endif
}

inline F exp_reduced(F r, F n) {
  F p = poly(r, 0x3ab563a7, 0x3c091ef0, 0x3d2aac2c, 0x3e2aaa46, 0x3efffffe);
  p = fma(p, r, splat(1.0f));
  p = fma(p, r, splat(1.0f));
  return scale(p, n);
}

// Beyond -104 and 89 the sequence itself gives what it gives there: +0 and +infinity.
inline F exp_clamp(F x) {
#if defined(__SSE2__)
  return greater(splat(-104.0f), lesser(splat(89.0f), x));  // a NaN stays
#else
  return maximum(splat(-104.0f), minimum(splat(89.0f), x));
#endif
}

inline F exp(F x) {
  x = exp_clamp(x);
  const F n = fma(x, splat_bits(kLog2E), splat_bits(kMagic)) - splat_bits(kMagic);
  const F r = fma(n, splat_bits(kRest ^ kSign), fma(n, splat_bits(kLn2 ^ kSign), x));
  return exp_reduced(r, n);
}

// x = m * 2^e with m in [sqrt(1/2), sqrt(2)), for 0 < x < infinity.
inline F split(F x, F& e) {
  const M subnormal = lt((I)x, splat(0x00800000));
  const I k = (I)((U)select(subnormal, x * 0x1p23f, x) - kSqrtHalf);
  e = to_float((k >> 23) + select(subnormal, splat(-23), I{}));
  return (F)((k & 0x007fffff) + int32_t(kSqrtHalf));
}

inline F log(F x) {
  F e;
  const F f = split(x, e) - 1.0f;
  const F s = f / (f + 2.0f);
  const F z = s * s;
  const F p = poly(z, 0x3e98f09b, 0x3eccaf69, 0x3f2aaabd);
  const F y = fma(e, splat_bits(kLn2), fma(neg(s), fma(neg(z), p, f), f));
  // Of the patterns, those of 0 < x < infinity are 1 ... kInfinity - 1.
  const M ordinary = lt(I{}, (I)x) & lt((I)x, splat(int32_t(kInfinity)));
  const F zero = splat_bits(kInfinity | kSign);
  const F other = select(eq(x, F{}), zero, select(lt(x, F{}), splat_bits(kNaN), x));
  return select(ordinary, y, other);
}

inline F tanh(F x) {
  const F t = abs(x);
  const F z = t * t;
  const F small = fma(t * z, poly(z, 0xbbc14213, 0x3caa61a6, 0xbd5c4d59, 0x3e0884df, 0xbeaaaa9f), t);
  const F large = 1.0f - 2.0f / (exp(t + t) + 1.0f);
  const F y = select(lt(t, splat_bits(0x3f19999a)), small, large);
  return (F)((I)y | sign(x));
}

inline F erf(F x) {
  const F t = abs(x);
  const F p = poly(t * t, 0x38a79e47, 0xba5302c6, 0x3baa250a, 0xbcdc008d, 0x3de716b2, 0xbec093a0, 0x3e0375d4);
  const F q = poly(t, 0x394c8ad0, 0xbb46e135, 0x3cb5cda0, 0xbdd4b4e7, 0xbf2323ae, 0xbf905619, 0xb9596a9b);
  const F large = select(le(splat(4.0f), t), 1.0f, 1.0f - exp(q));
  const F y = select(lt(t, splat_bits(0x3f6d9168)), fma(t, p, t), large);
  return (F)((I)y | sign(x));
}

constexpr uint32_t kTwoOverPi[8] = {0,          0xa2f9836e, 0x4e441529, 0xfc2757d1,
                                    0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab};

inline U two_over_pi(U index) {
#if defined(__AVX512F__)
  const __m512i words = _mm512_castsi256_si512(_mm256_loadu_si256((const __m256i*)kTwoOverPi));
  return (U)_mm512_maskz_permutexvar_epi32(kAll, (__m512i)index, words);
#elif defined(__AVX2__)
  return (U)_mm256_permutevar8x32_epi32(_mm256_loadu_si256((const __m256i*)kTwoOverPi), (__m256i)index);
#else
  return U{kTwoOverPi[index[0]], kTwoOverPi[index[1]], kTwoOverPi[index[2]], kTwoOverPi[index[3]]};
#endif
}

// The words of a * 2^n, for 0 <= n < 32 and words a, b: the upper one of two.
inline U shift_pair(U a, U b, U n) { return (a << n) | ((b >> 1) >> (31 - n)); }

// pi/4 < t < infinity: r + rest in [-pi/4, pi/4], and the quadrant. 64-bit numbers are pairs of words.
inline void reduce_angle(F t, F& r, F& rest, I& quadrant) {
  const U e = (U)maximum((I)((U)t >> 23) - 120, I{});
  const U m = ((U)t & 0x007fffff) | 0x00800000;
  const U word = e >> 5, bit = e & 31;
  const U w[4] = {two_over_pi(word), two_over_pi(word + 1), two_over_pi(word + 2), two_over_pi(word + 3)};
  const U w1 = shift_pair(w[1], w[2], bit), carried = high_product(m, shift_pair(w[2], w[3], bit));
  const U p_low = m * w1 + carried;
  const U carry = (U)truth(lt((I)(p_low ^ kSign), (I)(carried ^ kSign)));
  const U p_high = m * shift_pair(w[0], w[1], bit) + high_product(m, w1) + carry;
  quadrant = (I)((p_high + (1u << 29)) >> 30);
  const U f_high = shift_pair(p_high, p_low, U{} + 2), f_low = p_low << 2;
  const U flip = (U)((I)f_high >> 31);  // all ones where f < 0
  const U low = (f_low ^ flip) - flip;
  const U high = (f_high ^ flip) + (flip & (U)truth(eq((I)f_low, I{})));
  // Leading zeros, from the exponent of a float; without the second bit the conversion cannot round up to a power.
  const U zeros = 158 - (((U)to_float((I)(high & ~(high >> 1))) >> 23) & 0xff);
  const U c = high_product(shift_pair(high, low, zeros), U{} + 0xc90fdaa2);
  const M large = lt((I)c, I{});
  const F half = to_float((I)((c >> 1) | (c & 1)));  // its last bit stands for what follows
  const F whole = select(large, half + half, to_float((I)c));
  const F unit = (F)(((96 - zeros) << 23) | (flip & kSign));
  r = whole * unit;
  rest = to_float((I)(c - ((U)truncate(whole * 0.5f) << 1))) * unit;
}

// Sine (turn = 0) or cosine (turn = 1).
inline F sine(F x, int32_t turn) {
  const F t = abs(x);
  F r = t, rest{};
  I quadrant{};
  const M large = lt(splat_bits(0x3f490fdb), t);
  if (any(large)) {
    F far, far_rest;
    I far_quadrant;
    reduce_angle(t, far, far_rest, far_quadrant);
    r = select(large, far, t);
    rest = select(large, far_rest, F{});
    quadrant = select(large, far_quadrant, I{});
  }
  quadrant = quadrant + turn;
  const F z = r * r;
  const F s = fma(r * z, poly(z, 0x363e1627, 0xb9502caa, 0x3c0888ba, 0xbe2aaaab), rest) + r;
  const F c = fma(poly(z, 0x37ccf406, 0xbab60614, 0x3d2aaaa5, 0xbf000000), z, splat(1.0f));
  const F y = select(eq(quadrant & 1, I{}), s, c);
  const I flip = ((quadrant & 2) << 30) ^ (turn == 0 ? sign(x) : I{});
  return select(lt(t, splat_bits(kInfinity)), (F)((I)y ^ flip), splat_bits(kNaN));
}
inline F sin(F x) { return sine(x, 0); }
inline F cos(F x) { return sine(x, 1); }

inline F pow_positive(F a, F b) {
  F e;
  const F m = split(a, e);
  const F d = (m - 1.0f) + (m - 1.0f);
  const F g = m + 1.0f, g_rest = m - (g - 1.0f);
  const F u = d / g;
  const F u_rest = fma(neg(u), g_rest, fma(neg(u), g, d)) / g;
  const F z = u * u;
  const F z_rest = fma(u, u_rest + u_rest, fma(u, u, neg(z)));
  const F p = poly(z, 0x39f1858f, 0x3b121c30, 0x3c4ccd3e, 0xb1816c4b);
  const F twelfth = splat_bits(0x3daaaaab);
  const F v = z * twelfth;
  const F v_rest = fma(z, p, fma(z_rest, twelfth, fma(z, twelfth, neg(v))));
  const F h = fma(u, v, u);
  F h_rest = fma(u, v, u - h);
  h_rest = fma(u, v_rest, h_rest);
  h_rest = fma(u_rest, v, h_rest) + u_rest;
  const F l = fma(e, splat_bits(kLn2), h);
  F l_rest = (h - fma(e, splat_bits(kLn2 ^ kSign), l)) + h_rest;
  l_rest = fma(e, splat_bits(kRest), l_rest);
  const F y = b * l;
  const F y_rest = fma(b, l_rest, fma(b, l, neg(y)));
  const F n = fma(y, splat_bits(kLog2E), splat_bits(kMagic)) - splat_bits(kMagic);
  const F r = fma(n, splat_bits(kLn2 ^ kSign), y) + fma(n, splat_bits(kRest ^ kSign), y_rest);
  const F result = select(le(splat(89.0f), y), splat_bits(kInfinity), exp_reduced(r, n));
  return select(le(y, splat(-104.0f)), F{}, result);
}

// What pow gives where a is not in (0, infinity) or b is 0 or not finite; `size` = pow_positive(|a|, b).
inline float pow_special(float a, float b, float size) {
  uint32_t a_bits, b_bits, size_bits;
  std::memcpy(&a_bits, &a, 4);
  std::memcpy(&b_bits, &b, 4);
  std::memcpy(&size_bits, &size, 4);
  const uint32_t t = a_bits & ~kSign, n = b_bits & ~kSign;
  const bool grows = b_bits >> 31 == 0;
  bool whole = true, odd = false;  // b
  if (n < 0x3f800000) {
    whole = false;
  } else if (n < 0x4b800000) {
    const uint32_t shift = 150 - (n >> 23), significand = (n & 0x007fffff) | 0x00800000;
    whole = (significand & ((1u << shift) - 1)) == 0;
    odd = whole && (significand >> shift & 1) != 0;
  }
  uint32_t result;
  if (n == 0 || a_bits == 0x3f800000) result = 0x3f800000;
  else if (t > kInfinity || n > kInfinity) result = kNaN;
  else if (t == 0 || t == kInfinity) result = ((t != 0) == grows ? kInfinity : 0) | (odd ? a_bits & kSign : 0);
  else if (n == kInfinity) result = t == 0x3f800000 ? t : (t > 0x3f800000) == grows ? kInfinity : 0;
  else if (!whole) result = kNaN;
  else result = size_bits ^ (odd ? kSign : 0);
  float y;
  std::memcpy(&y, &result, 4);
  return y;
}

inline F pow(F a, F b) {
  F y = pow_positive(abs(a), b);
  const I n = (I)abs(b);
  const M ordinary = lt(I{}, (I)a) & lt((I)a, splat(int32_t(kInfinity))) & ~eq(a, splat(1.0f)) & lt(I{}, n) &
                     lt(n, splat(int32_t(kInfinity)));
  const M special = ~ordinary;
  if (any(special)) {
    for (int i = 0; i < W; i++) {
      if (lane(special, i)) y[i] = pow_special(a[i], b[i], y[i]);
    }
  }
  return y;
}

}  // namespace repops::REPOPS_ISA
