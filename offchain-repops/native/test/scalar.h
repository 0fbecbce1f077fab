// One element of every element-wise operator and the reductions, as plainly as docs/spec/repops.md says it: what the
// kernels are compared with.
#pragma once

extern "C" {
#include "../../exhaustive/sequences.h"
}
#undef F

#include <climits>
#include <vector>

#include "../engine/task.h"

namespace repops::plain {

inline uint32_t word(float x) { return x == x ? bits(x) : 0x7fc00000; }  // of a result of arithmetic
inline uint32_t word(bool x) { return x ? 1 : 0; }

inline float minimum(float a, float b) {
  if (a != a || b != b) return nan_();
  if (a == b) return bits(a) >> 31 ? a : b;
  return a < b ? a : b;
}
inline float maximum(float a, float b) {
  if (a != a || b != b) return nan_();
  if (a == b) return bits(a) >> 31 ? b : a;
  return a > b ? a : b;
}

inline uint32_t element(Op op, Type type, uint32_t x, uint32_t y, uint32_t z) {
  const float a = unbits(x), b = unbits(y), c = unbits(z);
  const int64_t i = int32_t(x), j = int32_t(y);
  const uint32_t shift = y & 31;
  if (type == kF32) {
    switch (op) {
      case kAdd: return word(a + b);
      case kSub: return word(a - b);
      case kMul: return word(a * b);
      case kDiv: return word(a / b);
      case kSqrt: return word(sqrtf(a));
      case kFma: return word(fmaf(a, b, c));
      case kNeg: return a == a ? x ^ 0x80000000 : 0x7fc00000;
      case kAbs: return a == a ? x & 0x7fffffff : 0x7fc00000;
      case kMin: return word(minimum(a, b));
      case kMax: return word(maximum(a, b));
      case kFloor: return word(floorf(a));
      case kRound: return word(nearbyintf(a));
      case kExp: return word(seq_exp(a));
      case kLog: return word(seq_log(a));
      case kTanh: return word(seq_tanh(a));
      case kErf: return word(seq_erf(a));
      case kSin: return word(seq_sin(a));
      case kCos: return word(seq_cos(a));
      case kPow: return word(seq_pow(a, b));
      case kEq: return word(a == b);
      case kLt: return word(a < b);
      case kLe: return word(a <= b);
      case kWhere: return x != 0 ? y : z;
      case kF2I: return a != a ? 0 : uint32_t(a >= 0x1p31f ? INT_MAX : a < -0x1p31f ? INT_MIN : int32_t(a));
      case kBits: return x;
      default: abort();
    }
  }
  switch (op) {
    case kAdd: return x + y;
    case kSub: return x - y;
    case kMul: return x * y;
    case kDiv: return j == 0 ? 0 : uint32_t(i / j);
    case kRem: return j == 0 ? 0 : uint32_t(i % j);
    case kMin: return uint32_t(i < j ? i : j);
    case kMax: return uint32_t(i > j ? i : j);
    case kAnd: return x & y;
    case kOr: return x | y;
    case kXor: return x ^ y;
    case kShl: return x << shift;
    case kShr: return x >> shift;
    case kSar: return uint32_t(int32_t(x) >> shift);
    case kEq: return word(i == j);
    case kLt: return word(i < j);
    case kLe: return word(i <= j);
    case kWhere: return x != 0 ? y : z;
    case kI2F: return bits(float(int32_t(x)));
    case kUnbits: return x;
    default: abort();
  }
}

// R_sum and R_max of n words `step` apart.
inline uint32_t reduction(Op op, Type type, const uint32_t* x, int64_t n, int64_t step) {
  if (op == kReduceMax || type == kI32) {
    uint32_t result = op == kReduceSum ? 0 : type == kI32 ? 0x80000000 : 0xff800000;
    const Op combine = op == kReduceSum ? kAdd : kMax;
    for (int64_t k = 0; k < n; k++) result = element(combine, type, result, x[k * step], 0);
    return result;
  }
  std::vector<float> values;
  for (int64_t from = 0; from < n; from += kSegment) {
    float lanes[32] = {};
    for (int64_t k = from; k < n && k < from + kSegment; k++) lanes[k % 32] += unbits(x[k * step]);
    for (int w = 16; w > 0; w /= 2) {
      for (int j = 0; j < w; j++) lanes[j] += lanes[j + w];
    }
    values.push_back(lanes[0]);
  }
  while (values.size() > 1) {
    std::vector<float> next;
    for (size_t k = 0; k < values.size(); k++) {
      if (k % kGroup == 0) next.push_back(values[k]);
      else next.back() += values[k];
    }
    values = next;
  }
  return word(values[0]);
}

}  // namespace repops::plain
