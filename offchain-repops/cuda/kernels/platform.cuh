// What every kernel needs: words, divisions by invariants, the canonical NaN. Arithmetic on floats is written with
// the intrinsics that name their rounding (__fadd_rn, __fmaf_rn, ...), never with operators, so that no compiler may
// contract or flush: docs/spec/repops.md, section 1. Every parameter of a kernel is a struct of 8-byte fields.
#pragma once

#ifdef REPOPS_HOST
#include "../stub/device.h"
#else
#include <cstdint>
#endif

using Word = uint32_t;

constexpr int64_t kSegment = 256;  // elements of a reduction's segment, and of a leaf
constexpr int64_t kGroup = 16;     // values that one round of combining replaces by one
constexpr int kWarp = 32;
constexpr unsigned kAllLanes = 0xffffffffu;
constexpr Word kNaN = 0x7fc00000u;
constexpr Word kSign = 0x80000000u;

__device__ __forceinline__ float f32(Word bits) { return __uint_as_float(bits); }
__device__ __forceinline__ Word bits(float x) { return __float_as_uint(x); }
__device__ __forceinline__ Word canonical(float x) { return x != x ? kNaN : bits(x); }

// Divides by a number known when the launch is made: src/backends/cuda/parameters.ts computes `magic` and `shift` so that
// the quotient of every n < 2^31 is n * magic >> shift (Granlund and Montgomery, "Division by invariant integers
// using multiplication", 1994).
struct Divider {
  int64_t divisor;
  uint32_t magic, shift;  // for divisors below 2^31
};

__device__ __forceinline__ int64_t divide(int64_t n, const Divider& by) {
  if (((uint64_t)(n | by.divisor) >> 31) != 0) return n / by.divisor;
  return (int64_t)((uint64_t)(uint32_t)n * by.magic >> by.shift);
}

// Index of this thread among all of the launch, and their number.
__device__ __forceinline__ int64_t thread_index() { return (int64_t)blockIdx.x * blockDim.x + threadIdx.x; }
__device__ __forceinline__ int64_t thread_count() { return (int64_t)gridDim.x * blockDim.x; }

// Shared memory whose size the launch says.
#ifndef REPOPS_HOST
#define DYNAMIC_SHARED(type, name)                       \
  extern __shared__ __align__(16) unsigned char raw_[]; \
  type* const name = (type*)raw_
#endif
