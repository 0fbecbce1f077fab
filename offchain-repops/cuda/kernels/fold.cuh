// How the results of segments become one: docs/spec/repops.md, section 2.1.
#pragma once
#include "scalars.cuh"

enum Combine : int64_t { kSumF32, kSumI32, kMaxF32, kMaxI32 };

// A NaN among the sums stays one; which one is settled at the end.
__device__ __forceinline__ Word combine(Combine kind, Word a, Word b) {
  switch (kind) {
    case kSumF32: return bits(__fadd_rn(f32(a), f32(b)));
    case kSumI32: return a + b;
    case kMaxF32: return max_f32(a, b);
    default: return max_i32(a, b);
  }
}

// Whatever is combined with it stays as it is; lanes begin with it.
__device__ __forceinline__ Word neutral(Combine kind) {
  return kind == kMaxF32 ? 0xff800000u : kind == kMaxI32 ? 0x80000000u : 0;
}

__device__ __forceinline__ Word finished(Combine kind, Word value) {
  return kind == kSumF32 ? canonical(f32(value)) : value;
}

// Rounds of groups of 16 over values that arrive one by one: sums[l] is the unfinished group of round l, after
// count / 16^l values of that round. Five rounds are enough for 65,536 segments (2^24 elements).
struct Fold {
  static constexpr int kRounds = 5;
  Combine kind;
  Word sums[kRounds];
  int64_t count;

  __device__ __forceinline__ explicit Fold(Combine kind) : kind(kind), count(0) {}

  __device__ __forceinline__ void push(Word value) {
    int64_t position = count++;
    bool open = true;
#pragma unroll
    for (int round = 0; round < kRounds; round++) {
      if (open) {
        sums[round] = position % kGroup == 0 ? value : combine(kind, sums[round], value);
        value = sums[round];
        open = position % kGroup == kGroup - 1;  // the group is whole: its sum is a value of the next round
        position /= kGroup;
      }
    }
  }

  // At least one value has been pushed. An unfinished group goes up as it is, to follow the groups before it.
  __device__ __forceinline__ Word total() const {
    Word value = 0;
    bool carried = false;
    int64_t left = count;
#pragma unroll
    for (int round = 0; round < kRounds; round++) {
      if (left % kGroup != 0) {
        value = carried ? combine(kind, sums[round], value) : sums[round];
        carried = true;
      }
      left /= kGroup;
    }
    return finished(kind, value);
  }
};

// Values that lie `stride` words apart.
__device__ __forceinline__ Word fold(Combine kind, const Word* values, int64_t count, int64_t stride) {
  Fold fold(kind);
  for (int64_t i = 0; i < count; i++) fold.push(values[i * stride]);
  return fold.total();
}
