#pragma once

#include <cstdint>

namespace repops {

// One loop for each of what training computes row by row or element by element; nothing waits in memory that a register
// can hold. Sums are of any order, NaNs have any bits.
struct AnyOrder {
  void (*sums)(const float* x, int64_t rows, int64_t n, float* out);
  void (*maxima)(const float* x, int64_t rows, int64_t n, float* out);
  void (*softmax)(const float* x, int64_t rows, int64_t n, float* out);
  void (*layer_norm)(const float* x, const float* gamma, const float* beta, float epsilon, int64_t rows, int64_t n,
                     float* out);
  void (*gelu)(const float* x, const float* bias, const float* constants, int64_t rows, int64_t n, float* out);
  // Log-probability of each row's maximum left out: the shifted scores, the logarithm of their sum, and the gradient.
  void (*cross_entropy)(const float* x, const int32_t* target, int64_t rows, int64_t n, float scale, float* shifted,
                        float* logarithm, float* gradient);
  void (*adam)(float* w, const float* g, float* m, float* v, const float* constants, int64_t n);
};

}  // namespace repops
