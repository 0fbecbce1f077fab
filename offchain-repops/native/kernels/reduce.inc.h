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

// Lane i of the result is the sum of the lanes of v[i], by halves: lane j + lane j + w for w = W/2 ... 1.
template <int w = W / 2>
inline F sum_each(F* v) {
  constexpr auto lanes = std::make_integer_sequence<int, W>();
  for (int i = 0; i < w; i++) {
    v[i] = every_other<w, 0>(v[i], v[i + w], lanes) + every_other<w, 1>(v[i], v[i + w], lanes);
  }
  if constexpr (w > 1) return sum_each<w / 2>(v);
  return v[0];
}

// The 32 lanes of one segment's sum in vectors of W.
struct SegmentLanes {
  F lanes[kSumLanes / W] = {};

  inline void add(const float* x) {
    for (int i = 0; i < kSumLanes / W; i++) lanes[i] += load(x + i * W);
  }
  // n < 32; adding +0 to the other lanes changes nothing, since no lane is ever -0.
  inline void add_first(const float* x, int64_t n) {
    for (int i = 0; i < kSumLanes / W && n > 0; i++, x += W, n -= W) lanes[i] += n < W ? load_first(x, n) : load(x);
  }
  // The halves down to W lanes.
  inline F halves() {
    for (int w = kSumLanes / W / 2; w > 0; w /= 2) {
      for (int i = 0; i < w; i++) lanes[i] += lanes[i + w];
    }
    return lanes[0];
  }
};

// Sums of segments, in order, W at a time.
class SegmentSums {
 public:
  explicit SegmentSums(float* out) : out_(out) {}
  inline void push(F halves) {
    waiting_[count_++] = halves;
    if (count_ < W) return;
    store(out_, sum_each(waiting_));
    out_ += W;
    count_ = 0;
  }
  inline void finish() {
    if (count_ == 0) return;
    for (int i = count_; i < W; i++) waiting_[i] = F{};
    store_first(out_, sum_each(waiting_), count_);
  }

 private:
  float* out_;
  int count_ = 0;
  F waiting_[W];
};

inline int64_t segments_of(int64_t n) { return (n + kSegment - 1) / kSegment; }

// The segments of each row, row after row.
inline void segment_sums(const float* x, int64_t pitch, int64_t rows, int64_t columns, float* sums) {
  SegmentSums out(sums);
  for (int64_t r = 0; r < rows; r++, x += pitch) {
    int64_t c = 0;
    for (; c + kSegment <= columns; c += kSegment) {
      SegmentLanes segment;
      for (int64_t i = 0; i < kSegment; i += kSumLanes) segment.add(x + c + i);
      out.push(segment.halves());
    }
    if (c == columns) continue;
    SegmentLanes segment;
    for (; c + kSumLanes <= columns; c += kSumLanes) segment.add(x + c);
    segment.add_first(x + c, columns - c);
    out.push(segment.halves());
  }
  out.finish();
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

inline float max_floats(const float* x, int64_t n) {
  const F least = splat_bits(kInfinity | kSign);
  F most[4] = {least, least, least, least};
  int64_t i = 0;
#if defined(__SSE2__)
  // The machine's own maximum forgets NaNs and the sign of zero: NaNs are watched for beside it, and the sign is looked
  // for again in the rare case that the maximum is 0.
  M nan{};
  for (; i + 4 * W <= n; i += 4 * W) {
    for (int k = 0; k < 4; k += 2) {
      const F a = load(x + i + k * W), b = load(x + i + (k + 1) * W);
      most[k] = greater(a, most[k]);
      most[k + 1] = greater(b, most[k + 1]);
      nan = nan | either_nan(a, b);
    }
  }
  if (any(nan)) return splat_bits(kNaN)[0];
#else
  for (; i + 4 * W <= n; i += 4 * W) {
    for (int k = 0; k < 4; k++) most[k] = maximum(load(x + i + k * W), most[k]);
  }
#endif
  F m = maximum(maximum(most[0], most[1]), maximum(most[2], most[3]));
  const int64_t in_fours = i;
  for (; i + W <= n; i += W) m = maximum(m, load(x + i));
  if (i < n) m = maximum(m, select(lt(iota(), splat(int32_t(n - i))), load_first(x + i, n - i), least));
  float result = m[0];
  for (int k = 1; k < W; k++) result = maximum(result, m[k]);
#if defined(__SSE2__)
  if (result == 0) {
    M positive{};
    for (int64_t k = 0; k < in_fours; k += W) positive = positive | eq((I)load(x + k), I{});
    if (any(positive)) result = 0;
  }
#endif
  (void)in_fours;
  return result;
}

}  // namespace repops::REPOPS_ISA
