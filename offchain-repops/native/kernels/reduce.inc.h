// R_sum and R_max of docs/spec/repops.md, section 2.1, over the rows of a tile.
#pragma once

#include <cmath>
#include <utility>

#include "../engine/task.h"
#include "isa.h"

namespace repops::REPOPS_ISA {

constexpr int kSumLanes = 32;  // of R_sum

// Blocks of w lanes, in turn from a and from b: every other block of theirs, from the first or (odd) the second on.
template <int w, int odd, int... lane>
inline F every_other(F a, F b, std::integer_sequence<int, lane...>) {
  return __builtin_shufflevector(a, b, (lane / (2 * w) * 2 * w + lane % w + odd * w + (lane / w % 2) * W)...);
}

// Lane i to the lane whose number has the bits of i in reverse.
template <int... lane>
inline F reverse_bits(F x, std::integer_sequence<int, lane...>) {
  const auto reversed = [](int i) constexpr {
    int r = 0;
    for (int bit = 1; bit < W; bit *= 2) r = r * 2 + (i & bit ? 1 : 0);
    return r;
  };
  return __builtin_shufflevector(x, x, reversed(lane)...);
}

// Each of the next W / w vectors combined by halves to w lanes: lane j with lane j + half.
template <int w, class Next, class Combine>
inline F halve_next(Next& next, const Combine& combine) {
  if constexpr (w == W) {
    return next();
  } else {
    constexpr auto lanes = std::make_integer_sequence<int, W>();
    const F a = halve_next<2 * w>(next, combine), b = halve_next<2 * w>(next, combine);
    return combine(every_other<w, 0>(a, b, lanes), every_other<w, 1>(a, b, lanes));
  }
}

// Lane i of the result is the i-th of the next W vectors, all of its lanes combined.
template <class Next, class Combine>
inline F combine_next(Next& next, const Combine& combine) {
  return reverse_bits(halve_next<1>(next, combine), std::make_integer_sequence<int, W>());
}

inline int64_t segments_of(int64_t n) { return (n + kSegment - 1) / kSegment; }

// The lanes of a segment's sum in a vector of W: the lanes j and j + W, ... already combined. Of a whole segment it may
// be -0 where it should be +0.
struct SegmentLanes {
  static constexpr int kVectors = kSumLanes / W;
  F lanes[kVectors];

  inline F combined() {
    for (int w = kVectors / 2; w > 0; w /= 2) {
      for (int i = 0; i < w; i++) lanes[i] += lanes[i + w];
    }
    return lanes[0];
  }
};
inline F whole_segment(const float* x) {
  SegmentLanes s;
  for (int i = 0; i < SegmentLanes::kVectors; i++) s.lanes[i] = load(x + i * W);
  for (int64_t k = kSumLanes; k < kSegment; k += kSumLanes) {
    for (int i = 0; i < SegmentLanes::kVectors; i++) s.lanes[i] += load(x + k + i * W);
  }
  return s.combined();
}
// Adding +0 to the lanes that have nothing more changes nothing, since no lane is ever -0.
__attribute__((noinline)) inline F part_of_segment(const float* x, int64_t n) {
  SegmentLanes s{};
  for (; n >= kSumLanes; n -= kSumLanes, x += kSumLanes) {
    for (int i = 0; i < SegmentLanes::kVectors; i++) s.lanes[i] += load(x + i * W);
  }
  if (n > 0) {
#pragma GCC unroll 8
    for (int i = 0; i < SegmentLanes::kVectors; i++) {  // of constant length, so that the lanes stay in registers
      const int64_t rest = n - i * W;
      if (rest > 0) s.lanes[i] += rest < W ? load_first(x + i * W, rest) : load(x + i * W);
    }
  }
  return s.combined();
}

// The segments of each row, row after row.
inline void segment_sums(const float* x, int64_t pitch, int64_t rows, int64_t columns, float* sums) {
  int64_t at = 0, left = rows * segments_of(columns);
  const auto next = [&] {
    if (left == 0) return F{};
    left--;
    const float* from = x + at;
    const int64_t rest = columns - at;
    if (rest > kSegment) {
      at += kSegment;
      return whole_segment(from);
    }
    at = 0;
    x += pitch;
    return rest == kSegment ? whole_segment(from) : part_of_segment(from, rest);
  };
  while (left > 0) {
    const int64_t n = left;
    const F each = combine_next(next, [](F a, F b) { return a + b; }) + F{};  // -0 becomes the +0 that lanes start from
    if (n >= W) store(sums, each);
    else store_first(sums, each, n);
    sums += W;
  }
}

inline float canonical(float x) {
  if (x == x) return x;
  float nan;
  std::memcpy(&nan, &kNaN, 4);
  return nan;
}

// Values combined in groups of 16, those in groups of 16, and so on, as they come.
struct GroupedSum {
  static constexpr int kLevels = 6;
  float sum[kLevels];
  int64_t count[kLevels];  // values that the level has seen

  inline void start() {
    for (int level = 0; level < kLevels; level++) count[level] = 0;
  }
  inline void push(float value, int level = 0) {
    for (;; level++) {
      sum[level] = count[level] % kGroup == 0 ? value : sum[level] + value;
      if (++count[level] % kGroup != 0) return;
      value = sum[level];
    }
  }
  // After at least one value. A level that has seen one value holds the result.
  inline float finish() {
    int level = 0;
    while (count[level] > 1) {
      if (count[level] % kGroup != 0) push(sum[level], level + 1);
      level++;
    }
    return canonical(sum[level]);
  }
};

// Sums of the rows of a tile whose rows are whole; `sums` has room for their segments.
inline void sum_rows(const float* x, int64_t pitch, int64_t rows, int64_t columns, float* sums, float* out) {
  segment_sums(x, pitch, rows, columns, sums);
  const int64_t segments = segments_of(columns);
  if (segments <= kGroup) {
    for (int64_t r = 0; r < rows; r++, sums += segments) {
      float sum = sums[0];
      for (int64_t s = 1; s < segments; s++) sum += sums[s];
      out[r] = canonical(sum);
    }
    return;
  }
  GroupedSum groups;
  for (int64_t r = 0; r < rows; r++, sums += segments) {
    groups.start();
    for (int64_t s = 0; s < segments; s++) groups.push(sums[s]);
    out[r] = groups.finish();
  }
}

inline int32_t sum_words(const int32_t* x, int64_t n) {
  U sum{};
  int64_t i = 0;
  for (; i + W <= n; i += W) sum += (U)load(x + i);
  if (i < n) sum += (U)load_first(x + i, n - i);
  uint32_t total = 0;
  for (int k = 0; k < W; k++) total += sum[k];
  return int32_t(total);
}

inline int32_t max_words(const int32_t* x, int64_t n) {
  I most = splat(INT32_MIN);
  int64_t i = 0;
  for (; i + W <= n; i += W) most = maximum(most, load(x + i));
  int32_t result = INT32_MIN;
  for (int k = 0; k < W; k++) result = most[k] > result ? most[k] : result;
  for (; i < n; i++) result = x[i] > result ? x[i] : result;
  return result;
}

inline float maximum(float a, float b) {
  if (a != a || b != b) return canonical(a + b);
  if (a == b) return std::signbit(a) ? b : a;
  return a > b ? a : b;
}

// Maximum but, on x86, for the sign of zero; NaN where there is one.
inline F max_lanes(const float* x, int64_t n) {
  const F least = splat_bits(kInfinity | kSign);
  F most[4] = {least, least, least, least};
  M nan{};
  int64_t i = 0;
  for (; i + 4 * W <= n; i += 4 * W) {
    for (int k = 0; k < 4; k += 2) {
      const F a = load(x + i + k * W), b = load(x + i + (k + 1) * W);
      most[k] = greater(a, most[k]);
      most[k + 1] = greater(b, most[k + 1]);
      if (kGreaterForgets) nan = nan | either_nan(a, b);
    }
  }
  for (; i < n; i += W) {
    F a = n - i < W ? load_first(x + i, n - i) : load(x + i);
    if (n - i < W) a = select(lt(iota(), splat(int32_t(n - i))), a, least);
    most[0] = greater(a, most[0]);
    if (kGreaterForgets) nan = nan | is_nan(a);
  }
  if (kGreaterForgets && any(nan)) return splat_bits(kNaN);
  return greater(greater(most[0], most[1]), greater(most[2], most[3]));
}

inline bool has_positive_zero(const float* x, int64_t n) {
  M found{};
  int64_t i = 0;
  for (; i + W <= n; i += W) found = found | eq((I)load(x + i), I{});
  if (any(found)) return true;
  for (; i < n; i++) {
    if (x[i] == 0 && !std::signbit(x[i])) return true;
  }
  return false;
}

// Maxima of the rows of a tile.
inline void max_rows(const float* x, int64_t pitch, int64_t rows, int64_t columns, float* out) {
  int64_t left = rows;
  while (left > 0) {
    const float* const first = x;
    const int64_t n = left < W ? left : W;
    const auto next = [&] {
      if (left == 0) return splat_bits(kInfinity | kSign);
      left--;
      const float* row = x;
      x += pitch;
      return max_lanes(row, columns);
    };
    const F each = canonical(combine_next(next, [](F a, F b) { return greater(a, b); }));
    if (n == W) store(out, each);
    else store_first(out, each, n);
    if (kGreaterForgets && any(eq(each, F{}))) {  // rare
      for (int64_t r = 0; r < n; r++) {
        if (out[r] == 0) out[r] = has_positive_zero(first + r * pitch, columns) ? 0.0f : -0.0f;
      }
    }
    out += n;
  }
}

}  // namespace repops::REPOPS_ISA
