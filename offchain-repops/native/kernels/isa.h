// Vectors of the instruction set that this translation unit is compiled for, over the compilers' vector extension: the
// operators + - * / and comparisons on F and I are those of their lanes. Nothing here may contract a*b+c
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

inline F load(const float* p) { F v; std::memcpy(&v, p, sizeof v); return v; }
inline void store(float* p, F v) { std::memcpy(p, &v, sizeof v); }
inline I load(const int32_t* p) { I v; std::memcpy(&v, p, sizeof v); return v; }
inline void store(int32_t* p, I v) { std::memcpy(p, &v, sizeof v); }
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

// a*b + c with one rounding, from float64: the product is exact there, and the sum is rounded to odd before it is
// rounded to f32 (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums", 2008).
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

inline F fma(F a, F b, F c) {
#if defined(__AVX512F__)
  return (F)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif defined(__AVX2__)
  return (F)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#elif defined(__ARM_NEON)
  return (F)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
#else
  F r;
  for (int i = 0; i < W; i++) r[i] = fma_by_double(a[i], b[i], c[i]);
  return r;
#endif
}

}  // namespace repops::REPOPS_ISA
