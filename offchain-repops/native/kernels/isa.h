// Vectors of the instruction set that this translation unit is compiled for, over the compilers' vector extension: the
// operators + - * / & | ^ ~ on F, I and U are those of their lanes. Nothing here may contract a*b+c
// (-ffp-contract=off); fma is written where it is meant.
#pragma once

#include <cstdint>
#include <cstring>

#if defined(__AVX512F__) || defined(__AVX2__)
#include <immintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#elif defined(__wasm_simd128__)
#include <wasm_simd128.h>
#elif defined(__SSE2__)
#include <emmintrin.h>
#endif

// Set by the build: avx512, avx2, neon, wasm, scalar. Everything in kernels/*.inc.h lies in this namespace.
#ifndef REPOPS_ISA
#error "compile with -DREPOPS_ISA=name"
#endif

namespace repops::REPOPS_ISA {

#if defined(__AVX512F__)
constexpr int W = 16;
#elif defined(__AVX2__)
constexpr int W = 8;
#else
constexpr int W = 4;
#endif

typedef float F __attribute__((vector_size(4 * W)));
typedef int32_t I __attribute__((vector_size(4 * W)));
typedef uint32_t U __attribute__((vector_size(4 * W)));

// One truth value a lane; & | ^ and ~ work on it.
#if defined(__AVX512F__)
typedef __mmask16 M;
constexpr M kAll = 0xffff;  // g++ 12 warns of what it leaves undefined in the intrinsics without a mask
#else
typedef I M;
#endif

inline F load(const float* p) { F v; std::memcpy(&v, p, sizeof v); return v; }
inline void store(float* p, F v) { std::memcpy(p, &v, sizeof v); }
inline I load(const int32_t* p) { I v; std::memcpy(&v, p, sizeof v); return v; }
inline void store(int32_t* p, I v) { std::memcpy(p, &v, sizeof v); }
inline U load(const uint32_t* p) { U v; std::memcpy(&v, p, sizeof v); return v; }
inline void store(uint32_t* p, U v) { std::memcpy(p, &v, sizeof v); }

// The first n < W lanes; the others are 0, and nothing beyond them is read or written.
#if defined(__AVX512F__)
inline I load_first(const int32_t* p, int64_t n) { return (I)_mm512_maskz_loadu_epi32((1u << n) - 1, p); }
inline void store_first(int32_t* p, I v, int64_t n) { _mm512_mask_storeu_epi32(p, (1u << n) - 1, (__m512i)v); }
#elif defined(__AVX2__)
inline __m256i first(int64_t n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(int(n)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
inline I load_first(const int32_t* p, int64_t n) { return (I)_mm256_maskload_epi32(p, first(n)); }
inline void store_first(int32_t* p, I v, int64_t n) { _mm256_maskstore_epi32(p, first(n), (__m256i)v); }
#else
inline I load_first(const int32_t* p, int64_t n) {
  int32_t lanes[W] = {};
  for (int64_t i = 0; i < n; i++) lanes[i] = p[i];
  return load(lanes);
}
inline void store_first(int32_t* p, I v, int64_t n) {
  for (int64_t i = 0; i < n; i++) p[i] = v[i];
}
#endif
// The same for any n: none where it is 0 or less, all where it is W or more.
#if defined(__AVX512F__)
inline I load_some(const int32_t* p, int64_t n) {
  return (I)_mm512_maskz_loadu_epi32(__mmask16(_bzhi_u32(0xffff, n > 0 ? uint32_t(n < W ? n : W) : 0)), p);
}
#elif defined(__AVX2__)
inline I load_some(const int32_t* p, int64_t n) { return load_first(p, n); }
#else
inline I load_some(const int32_t* p, int64_t n) { return n >= W ? load(p) : n > 0 ? load_first(p, n) : I{}; }
#endif
inline F load_some(const float* p, int64_t n) { return (F)load_some(reinterpret_cast<const int32_t*>(p), n); }
inline F load_first(const float* p, int64_t n) { return (F)load_first(reinterpret_cast<const int32_t*>(p), n); }
inline void store_first(float* p, F v, int64_t n) { store_first(reinterpret_cast<int32_t*>(p), (I)v, n); }

inline I splat(int32_t x) { return I{} + x; }
inline F splat(float x) {
#if defined(__AVX512F__)
  return (F)_mm512_set1_ps(x);
#elif defined(__AVX2__)
  return (F)_mm256_set1_ps(x);
#elif defined(__ARM_NEON)
  return (F)vdupq_n_f32(x);
#elif defined(__wasm_simd128__)
  return (F)wasm_f32x4_splat(x);
#else
  return F{x, x, x, x};
#endif
}
inline I iota() {
  I v;
  for (int i = 0; i < W; i++) v[i] = i;
  return v;
}
inline F splat_bits(uint32_t bits) { return (F)splat(int32_t(bits)); }

#if defined(__AVX512F__)
inline M lt(F a, F b) { return _mm512_cmp_ps_mask((__m512)a, (__m512)b, _CMP_LT_OQ); }
inline M le(F a, F b) { return _mm512_cmp_ps_mask((__m512)a, (__m512)b, _CMP_LE_OQ); }
inline M eq(F a, F b) { return _mm512_cmp_ps_mask((__m512)a, (__m512)b, _CMP_EQ_OQ); }
inline M either_nan(F a, F b) { return _mm512_cmp_ps_mask((__m512)a, (__m512)b, _CMP_UNORD_Q); }
inline M lt(I a, I b) { return _mm512_cmplt_epi32_mask((__m512i)a, (__m512i)b); }
inline M le(I a, I b) { return _mm512_cmple_epi32_mask((__m512i)a, (__m512i)b); }
inline M eq(I a, I b) { return _mm512_cmpeq_epi32_mask((__m512i)a, (__m512i)b); }
inline I select(M m, I a, I b) { return (I)_mm512_mask_blend_epi32(m, (__m512i)b, (__m512i)a); }
inline F select(M m, F a, F b) { return (F)_mm512_mask_blend_ps(m, (__m512)b, (__m512)a); }
inline bool any(M m) { return m != 0; }
inline I truth(M m) { return (I)_mm512_maskz_set1_epi32(m, 1); }
inline bool lane(M m, int i) { return m >> i & 1; }
#else
inline M lt(F a, F b) { return (M)(a < b); }
inline M le(F a, F b) { return (M)(a <= b); }
inline M eq(F a, F b) { return (M)(a == b); }
#if defined(__AVX2__)
inline M either_nan(F a, F b) { return (M)_mm256_cmp_ps((__m256)a, (__m256)b, _CMP_UNORD_Q); }
#elif defined(__SSE2__)
inline M either_nan(F a, F b) { return (M)_mm_cmpunord_ps((__m128)a, (__m128)b); }
#else
inline M either_nan(F a, F b) { return (M)(a != a) | (M)(b != b); }
#endif
inline M lt(I a, I b) { return (M)(a < b); }
inline M le(I a, I b) { return (M)(a <= b); }
inline M eq(I a, I b) { return (M)(a == b); }
inline I select(M m, I a, I b) {
#if defined(__AVX2__)
  return (I)_mm256_blendv_epi8((__m256i)b, (__m256i)a, (__m256i)m);
#elif defined(__ARM_NEON)
  return (I)vbslq_s32((uint32x4_t)m, (int32x4_t)a, (int32x4_t)b);
#elif defined(__wasm_simd128__)
  return (I)wasm_v128_bitselect((v128_t)a, (v128_t)b, (v128_t)m);
#else
  return (m & a) | (~m & b);
#endif
}
#if defined(__AVX2__)
inline F select(M m, F a, F b) { return (F)_mm256_blendv_ps((__m256)b, (__m256)a, (__m256)m); }
#else
inline F select(M m, F a, F b) { return (F)select(m, (I)a, (I)b); }
#endif
inline bool any(M m) {
#if defined(__AVX2__)
  return _mm256_movemask_ps((__m256)m) != 0;
#elif defined(__ARM_NEON)
  return vmaxvq_u32((uint32x4_t)m) != 0;
#elif defined(__wasm_simd128__)
  return wasm_v128_any_true((v128_t)m);
#elif defined(__SSE2__)
  return _mm_movemask_ps((__m128)m) != 0;
#else
  return m[0] | m[1] | m[2] | m[3];
#endif
}
inline I truth(M m) { return m & 1; }
inline bool lane(M m, int i) { return m[i] != 0; }
#endif
inline F select(M m, float a, F b) { return select(m, splat(a), b); }
inline M is_nan(F x) { return either_nan(x, x); }

constexpr uint32_t kNaN = 0x7fc00000;
constexpr uint32_t kSign = 0x80000000;
constexpr uint32_t kInfinity = 0x7f800000;

// The one NaN that arithmetic writes (docs/spec/repops.md, section 1).
inline F canonical(F x) { return select(is_nan(x), splat_bits(kNaN), x); }
inline F abs(F x) { return (F)((I)x & int32_t(~kSign)); }
inline F neg(F x) { return (F)((I)x ^ int32_t(kSign)); }
inline I sign(F x) { return (I)x & int32_t(kSign); }

inline F sqrt(F x) {
#if defined(__AVX512F__)
  return (F)_mm512_maskz_sqrt_ps(kAll, (__m512)x);
#elif defined(__AVX2__)
  return (F)_mm256_sqrt_ps((__m256)x);
#elif defined(__ARM_NEON)
  return (F)vsqrtq_f32((float32x4_t)x);
#elif defined(__wasm_simd128__)
  return (F)wasm_f32x4_sqrt((v128_t)x);
#elif defined(__SSE2__)
  return (F)_mm_sqrt_ps((__m128)x);
#else
  return F{__builtin_sqrtf(x[0]), __builtin_sqrtf(x[1]), __builtin_sqrtf(x[2]), __builtin_sqrtf(x[3])};
#endif
}

// To the nearest integer, ties to even, and toward -infinity; both keep the sign of zero.
inline F round_even(F x) {
#if defined(__AVX512F__)
  return (F)_mm512_maskz_roundscale_ps(kAll, (__m512)x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
#elif defined(__AVX2__)
  return (F)_mm256_round_ps((__m256)x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
#elif defined(__ARM_NEON)
  return (F)vrndnq_f32((float32x4_t)x);
#elif defined(__wasm_simd128__)
  return (F)wasm_f32x4_nearest((v128_t)x);
#else
  const F t = abs(x), whole = splat(0x1p23f);
  return (F)((I)select(lt(t, whole), (t + whole) - whole, t) | sign(x));
#endif
}
inline F floor(F x) {
#if defined(__AVX512F__)
  return (F)_mm512_maskz_roundscale_ps(kAll, (__m512)x, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
#elif defined(__AVX2__)
  return (F)_mm256_round_ps((__m256)x, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
#elif defined(__ARM_NEON)
  return (F)vrndmq_f32((float32x4_t)x);
#elif defined(__wasm_simd128__)
  return (F)wasm_f32x4_floor((v128_t)x);
#else
  const F r = round_even(x);
  return select(lt(x, r), r - 1.0f, r);
#endif
}

// IEEE-754-2019 minimum and maximum but for the bits of a NaN.
#if defined(__ARM_NEON)
inline F minimum(F a, F b) { return (F)vminq_f32((float32x4_t)a, (float32x4_t)b); }
inline F maximum(F a, F b) { return (F)vmaxq_f32((float32x4_t)a, (float32x4_t)b); }
inline F greater(F a, F b) { return maximum(a, b); }
constexpr bool kGreaterForgets = false;
#elif defined(__wasm_simd128__)
inline F minimum(F a, F b) { return (F)wasm_f32x4_min((v128_t)a, (v128_t)b); }
inline F maximum(F a, F b) { return (F)wasm_f32x4_max((v128_t)a, (v128_t)b); }
inline F greater(F a, F b) { return maximum(a, b); }
constexpr bool kGreaterForgets = false;
#else
// x86's instruction returns its second operand where the two are equal (zeros of both signs) or one is a NaN.
constexpr bool kGreaterForgets = true;
#if defined(__AVX512F__)
inline F lesser(F a, F b) { return (F)_mm512_maskz_min_ps(kAll, (__m512)a, (__m512)b); }
inline F greater(F a, F b) { return (F)_mm512_maskz_max_ps(kAll, (__m512)a, (__m512)b); }
#elif defined(__AVX2__)
inline F lesser(F a, F b) { return (F)_mm256_min_ps((__m256)a, (__m256)b); }
inline F greater(F a, F b) { return (F)_mm256_max_ps((__m256)a, (__m256)b); }
#elif defined(__SSE2__)
inline F lesser(F a, F b) { return (F)_mm_min_ps((__m128)a, (__m128)b); }
inline F greater(F a, F b) { return (F)_mm_max_ps((__m128)a, (__m128)b); }
#else
inline F lesser(F a, F b) { return select(lt(a, b), a, b); }
inline F greater(F a, F b) { return select(lt(b, a), a, b); }
#endif
inline F minimum(F a, F b) {
  return select(either_nan(a, b), splat_bits(kNaN), (F)((I)lesser(a, b) | (I)lesser(b, a)));
}
inline F maximum(F a, F b) {
  return select(either_nan(a, b), splat_bits(kNaN), (F)((I)greater(a, b) & (I)greater(b, a)));
}
#endif
inline I minimum(I a, I b) { return select(lt(a, b), a, b); }
inline I maximum(I a, I b) { return select(lt(b, a), a, b); }

// Toward zero, saturated; a NaN gives 0.
inline I truncate(F x) {
#if defined(__ARM_NEON)
  return (I)vcvtq_s32_f32((float32x4_t)x);
#elif defined(__wasm_simd128__)
  return (I)wasm_i32x4_trunc_sat_f32x4((v128_t)x);
#elif defined(__SSE2__)
#if defined(__AVX512F__)
  const I whole = (I)_mm512_maskz_cvttps_epi32(kAll, (__m512)x);
#elif defined(__AVX2__)
  const I whole = (I)_mm256_cvttps_epi32((__m256)x);
#else
  const I whole = (I)_mm_cvttps_epi32((__m128)x);
#endif
  // What does not fit has become -2^31.
  return select(is_nan(x), I{}, select(le(splat(0x1p31f), x), splat(INT32_MAX), whole));
#else
  I r;
  for (int i = 0; i < W; i++) {
    r[i] = x[i] >= 0x1p31f ? INT32_MAX : x[i] <= -0x1p31f ? INT32_MIN : x[i] == x[i] ? int32_t(x[i]) : 0;
  }
  return r;
#endif
}
// The upper words of the products of two words.
inline U high_product(U a, U b) {
#if defined(__AVX512F__)
  const __m512i x = (__m512i)a, y = (__m512i)b;
  const __m512i even = _mm512_maskz_srli_epi64(0xff, _mm512_maskz_mul_epu32(0xff, x, y), 32);
  const __m512i x_odd = _mm512_maskz_srli_epi64(0xff, x, 32), y_odd = _mm512_maskz_srli_epi64(0xff, y, 32);
  return (U)_mm512_mask_blend_epi32(0xaaaa, even, _mm512_maskz_mul_epu32(0xff, x_odd, y_odd));
#elif defined(__AVX2__)
  const __m256i x = (__m256i)a, y = (__m256i)b;
  const __m256i even = _mm256_srli_epi64(_mm256_mul_epu32(x, y), 32);
  const __m256i odd = _mm256_mul_epu32(_mm256_srli_epi64(x, 32), _mm256_srli_epi64(y, 32));
  return (U)_mm256_blend_epi32(even, odd, 0xaa);
#elif defined(__ARM_NEON)
  const uint32x4_t x = (uint32x4_t)a, y = (uint32x4_t)b;
  return (U)vuzp2q_u32(vreinterpretq_u32_u64(vmull_u32(vget_low_u32(x), vget_low_u32(y))),
                       vreinterpretq_u32_u64(vmull_high_u32(x, y)));
#elif defined(__wasm_simd128__)
  return (U)wasm_i32x4_shuffle(wasm_u64x2_extmul_low_u32x4((v128_t)a, (v128_t)b),
                               wasm_u64x2_extmul_high_u32x4((v128_t)a, (v128_t)b), 1, 3, 5, 7);
#else
  U r;
  for (int i = 0; i < W; i++) r[i] = uint32_t(uint64_t(a[i]) * b[i] >> 32);
  return r;
#endif
}

inline F to_float(I x) { return __builtin_convertvector(x, F); }

}  // namespace repops::REPOPS_ISA

#include "fma.h"
