// a*b + c with one rounding, also where the machine has no such instruction.
#pragma once

#include "isa.h"

namespace repops::REPOPS_ISA {

// From float64: the product is exact there, and the sum is rounded to odd before it is rounded to f32 (Boldo and
// Melquiond, "Emulation of FMA and correctly rounded sums", 2008).
inline float fma_by_double(float a, float b, float c) {
  const double product = double(a) * double(b), addend = c;
  double sum = product + addend;
  const double back = sum - product;
  const double error = (product - (sum - back)) + (addend - back);  // two-sum: exact
  if (error != 0 && sum - sum == 0) {
    int64_t bits;
    std::memcpy(&bits, &sum, 8);
    if ((bits & 1) == 0) {
      bits += (error > 0) == (sum > 0) ? 1 : -1;  // away from zero, or toward it
      std::memcpy(&sum, &bits, 8);
    }
  }
  return float(sum);
}

inline float fma(float a, float b, float c) {
#if defined(__FMA__) || defined(__ARM_NEON)
  return __builtin_fmaf(a, b, c);
#else
  return fma_by_double(a, b, c);
#endif
}

#if defined(__AVX512F__)
inline F fma(F a, F b, F c) { return (F)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c); }
#elif defined(__AVX2__)
inline F fma(F a, F b, F c) { return (F)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c); }
#elif defined(__ARM_NEON)
inline F fma(F a, F b, F c) { return (F)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b); }
#else

typedef double D __attribute__((vector_size(16)));
typedef int64_t L __attribute__((vector_size(16)));

#if defined(__wasm_simd128__)
inline D low_half(F x) { return (D)wasm_f64x2_promote_low_f32x4((v128_t)x); }
inline D high_half(F x) { return low_half((F)wasm_i32x4_shuffle((v128_t)x, (v128_t)x, 2, 3, 2, 3)); }
inline F join(D low, D high) {
  return (F)wasm_i32x4_shuffle(wasm_f32x4_demote_f64x2_zero((v128_t)low), wasm_f32x4_demote_f64x2_zero((v128_t)high),
                               0, 1, 4, 5);
}
inline I low_words(D low, D high) { return (I)wasm_i32x4_shuffle((v128_t)low, (v128_t)high, 0, 2, 4, 6); }
inline I high_words(D low, D high) { return (I)wasm_i32x4_shuffle((v128_t)low, (v128_t)high, 1, 3, 5, 7); }
#elif defined(__SSE2__)
inline D low_half(F x) { return (D)_mm_cvtps_pd((__m128)x); }
inline D high_half(F x) { return (D)_mm_cvtps_pd(_mm_movehl_ps((__m128)x, (__m128)x)); }
inline F join(D low, D high) { return (F)_mm_movelh_ps(_mm_cvtpd_ps((__m128d)low), _mm_cvtpd_ps((__m128d)high)); }
inline I low_words(D low, D high) { return (I)_mm_shuffle_ps((__m128)low, (__m128)high, _MM_SHUFFLE(2, 0, 2, 0)); }
inline I high_words(D low, D high) { return (I)_mm_shuffle_ps((__m128)low, (__m128)high, _MM_SHUFFLE(3, 1, 3, 1)); }
#else
inline D low_half(F x) { return D{x[0], x[1]}; }
inline D high_half(F x) { return D{x[2], x[3]}; }
inline F join(D low, D high) { return F{float(low[0]), float(low[1]), float(high[0]), float(high[1])}; }
inline int64_t bits_of(double x) { int64_t b; std::memcpy(&b, &x, 8); return b; }
inline I low_words(D low, D high) {
  return I{int32_t(bits_of(low[0])), int32_t(bits_of(low[1])), int32_t(bits_of(high[0])), int32_t(bits_of(high[1]))};
}
inline I high_words(D low, D high) {
  return I{int32_t(bits_of(low[0]) >> 32), int32_t(bits_of(low[1]) >> 32), int32_t(bits_of(high[0]) >> 32),
           int32_t(bits_of(high[1]) >> 32)};
}
#endif

// `sum` = product + addend rounded to odd, as in fma_by_double.
inline D to_odd(D product, D addend, D sum) {
  const D back = sum - product;
  const D error = (product - (sum - back)) + (addend - back);
  const L bits = (L)sum;
  const L same = (L)(error > 0.0) ^ ~(L)(sum > 0.0);
  const L wanted = (L)(error != 0.0) & (L)(sum - sum == 0.0) & ((bits & 1) - 1);
  return (D)(bits + (((same & 2) - 1) & wanted));
}

__attribute__((noinline, cold)) inline F fma_to_odd(F a, F b, F c) {
  const D p = low_half(a) * low_half(b), q = high_half(a) * high_half(b), r = low_half(c), s = high_half(c);
  return join(to_odd(p, r, p + r), to_odd(q, s, q + s));
}

// Inlined by force: a call would have every constant of a polynomial spilled.
__attribute__((always_inline)) inline F fma(F a, F b, F c) {
  const D low = low_half(a) * low_half(b) + low_half(c), high = high_half(a) * high_half(b) + high_half(c);
  // Rounding twice can differ from rounding once only where the sum is the midpoint of two f32: of the 29 bits that a
  // normal f32 drops, only the first is set. Subnormals drop more; midpoints of theirs end in 28 zeros at least.
  const I last = low_words(low, high), size = high_words(low, high) & int32_t(~kSign);
  const M tiny = lt(size, splat(0x38100000)) & lt(I{}, size) & eq(last << 4, I{});
  if (__builtin_expect(any(tiny | eq(last << 3, splat(INT32_MIN))), 0)) return fma_to_odd(a, b, c);
  return join(low, high);
}
#endif

}  // namespace repops::REPOPS_ISA
