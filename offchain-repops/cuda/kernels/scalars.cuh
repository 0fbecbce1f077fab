// The element-wise operators that are not transcendental, word for word: docs/spec/repops.md, section 2.
#pragma once
#include "platform.cuh"

__device__ __forceinline__ Word add_f32(Word a, Word b) { return canonical(__fadd_rn(f32(a), f32(b))); }
__device__ __forceinline__ Word sub_f32(Word a, Word b) { return canonical(__fsub_rn(f32(a), f32(b))); }
__device__ __forceinline__ Word mul_f32(Word a, Word b) { return canonical(__fmul_rn(f32(a), f32(b))); }
__device__ __forceinline__ Word div_f32(Word a, Word b) { return canonical(__fdiv_rn(f32(a), f32(b))); }
__device__ __forceinline__ Word sqrt_f32(Word a) { return canonical(__fsqrt_rn(f32(a))); }
__device__ __forceinline__ Word fma_f32(Word a, Word b, Word c) {
  return canonical(__fmaf_rn(f32(a), f32(b), f32(c)));
}

__device__ __forceinline__ bool is_nan(Word a) { return (a & ~kSign) > 0x7f800000u; }
__device__ __forceinline__ Word neg_f32(Word a) { return is_nan(a) ? kNaN : a ^ kSign; }
__device__ __forceinline__ Word abs_f32(Word a) { return is_nan(a) ? kNaN : a & ~kSign; }

// IEEE-754-2019 minimum and maximum: a NaN wins, -0 < +0. Equal operands differ at most in the sign of zero.
__device__ __forceinline__ Word min_f32(Word a, Word b) {
  const float x = f32(a), y = f32(b);
  if (x != x || y != y) return kNaN;
  return x == y ? a | b : x < y ? a : b;
}
__device__ __forceinline__ Word max_f32(Word a, Word b) {
  const float x = f32(a), y = f32(b);
  if (x != x || y != y) return kNaN;
  return x == y ? a & b : x > y ? a : b;
}

__device__ __forceinline__ Word floor_f32(Word a) { return canonical(floorf(f32(a))); }
__device__ __forceinline__ Word round_f32(Word a) { return canonical(rintf(f32(a))); }

__device__ __forceinline__ Word div_i32(Word a, Word b) {
  if (b == 0) return 0;
  if (b == 0xffffffffu) return 0u - a;  // MIN / -1 = MIN
  return (Word)((int32_t)a / (int32_t)b);
}
__device__ __forceinline__ Word rem_i32(Word a, Word b) {
  if (b == 0 || b == 0xffffffffu) return 0;
  return (Word)((int32_t)a % (int32_t)b);
}
__device__ __forceinline__ Word min_i32(Word a, Word b) { return (int32_t)a < (int32_t)b ? a : b; }
__device__ __forceinline__ Word max_i32(Word a, Word b) { return (int32_t)a > (int32_t)b ? a : b; }
__device__ __forceinline__ Word sar_i32(Word a, Word b) { return (Word)((int32_t)a >> (b & 31)); }

__device__ __forceinline__ Word f32_to_i32(Word a) {
  const float x = f32(a);
  if (x != x) return 0;
  if (x >= 2147483648.0f) return 0x7fffffffu;
  if (x < -2147483648.0f) return 0x80000000u;
  return (Word)(int32_t)x;
}
__device__ __forceinline__ Word i32_to_f32(Word a) { return bits(__int2float_rn((int32_t)a)); }
