// R_sum and R_max of docs/spec/repops.md, section 2.1, over the rows of a tile.
#pragma once

#include <cmath>
#include <type_traits>
#include <utility>

#include "../engine/task.h"
#include "isa.h"

namespace repops::REPOPS_ISA {

constexpr int kSumLanes = 32;  // of R_sum

// Halving two vectors at once: each lane of the result is a lane of a or b (from W on), whose number has the bit w clear,
// combined with the one w further on. Which lanes come where is up to what one instruction can gather.
template <int w>
constexpr int halving_source(int lane) {
  if (w == 1) return lane / 4 * 4 + lane % 2 * 2 + lane / 2 % 2 * W;
  if (w == 4 && W == 16) return lane / 4 % 2 * 8 + lane % 4 + lane / 8 * W;
  return lane / (2 * w) * 2 * w + lane % w + lane / w % 2 * W;
}
template <int w, int odd, int... lane>
inline F halves(F a, F b, std::integer_sequence<int, lane...>) {
  return __builtin_shufflevector(a, b, (halving_source<w>(lane) + odd * w)...);
}

// Each of the W / w vectors from v on combined by halves to w lanes.
template <int w, class Combine>
inline F halve(const F* v, const Combine& combine) {
  if constexpr (w == W) {
    return *v;
  } else {
    constexpr auto lanes = std::make_integer_sequence<int, W>();
    const F a = halve<2 * w>(v, combine), b = halve<2 * w>(v + W / w / 2, combine);
    return combine(halves<w, 0>(a, b, lanes), halves<w, 1>(a, b, lanes));
  }
}

// Whose lane it is after all halvings down to w lanes.
template <int w>
constexpr int halved_vector(int lane) {
  if constexpr (w == W) {
    return 0;
  } else {
    const int source = halving_source<w>(lane);
    return halved_vector<2 * w>(source % W) + (source < W ? 0 : W / w / 2);
  }
}
constexpr int lane_of_vector(int vector) {
  int lane = 0;
  while (halved_vector<1>(lane) != vector) lane++;
  return lane;
}
template <int... vector>
inline F in_order(F x, std::integer_sequence<int, vector...>) {
  return __builtin_shufflevector(x, x, lane_of_vector(vector)...);
}

// Lane i of the result is v[i], all of its lanes combined: lane j with lane j + W/2, and so on by halves.
template <class Combine>
inline F combine_each(const F* v, const Combine& combine) {
  return in_order(halve<1>(v, combine), std::make_integer_sequence<int, W>());
}

template <int from, class V, int... lane>
inline auto lanes_from(V v, std::integer_sequence<int, lane...>) {
  return __builtin_shufflevector(v, v, (lane + from) % int(sizeof(V) / sizeof(float))...);
}

// All lanes of v combined, in the same order. Of four lanes one instruction is as good as narrower ones.
template <class V, class Combine>
inline float combine_lanes(V v, const Combine& combine) {
  constexpr int lanes = sizeof(V) / sizeof(float);
  if constexpr (lanes > 4) {
    constexpr auto half = std::make_integer_sequence<int, lanes / 2>();
    return combine_lanes(combine(lanes_from<0>(v, half), lanes_from<lanes / 2>(v, half)), combine);
  } else {
    constexpr auto all = std::make_integer_sequence<int, lanes>();
    v = combine(v, lanes_from<2>(v, all));
    v = combine(v, lanes_from<1>(v, all));
    return v[0];
  }
}

struct AddLanes {
  template <class V>
  inline V operator()(V a, V b) const { return a + b; }
};
struct GreaterLanes {
  template <class V>
  inline V operator()(V a, V b) const {
    if constexpr (std::is_same_v<V, F>) return greater(a, b);
    else return a > b ? a : b;  // x86's instruction for narrower vectors
  }
};

// out[r] = all lanes of lanes(row r) combined. W rows together share the shuffles.
template <class Combine, class Lanes>
inline void combine_rows(const float* x, int64_t pitch, int64_t rows, float* out, const Combine& combine,
                         const Lanes& lanes) {
  F row[W];
  for (; rows >= W; rows -= W, out += W) {
    for (int i = 0; i < W; i++, x += pitch) row[i] = lanes(x);
    store(out, combine_each(row, combine));
  }
  for (; rows > 0; rows--, x += pitch) *out++ = combine_lanes(lanes(x), combine);
}

inline int64_t segments_of(int64_t n) { return (n + kSegment - 1) / kSegment; }

// Lanes of the sum of a segment in a vector of W: the lanes j and j + W, ... already combined. The segment has
// groups * 32 + rest elements. It starts from its first elements, not from +0, so that it may give -0 where +0 is right:
// +0 is added at the end of a sum, once. The lanes that have nothing more get +0, which else changes nothing.
template <int groups>
inline F segment_lanes(const float* x, int64_t rest) {
  constexpr int vectors = kSumLanes / W;
  F lanes[vectors];
  if constexpr (groups == 0) {
    for (int i = 0; i < vectors; i++) lanes[i] = load_some(x + i * W, rest - i * W);
  } else {
    for (int i = 0; i < vectors; i++) lanes[i] = load(x + i * W);
#pragma GCC unroll 8
    for (int g = 1; g < groups; g++) {
      for (int i = 0; i < vectors; i++) lanes[i] += load(x + g * kSumLanes + i * W);
    }
    if (rest > 0) {
      for (int i = 0; i < vectors; i++) lanes[i] += load_some(x + groups * kSumLanes + i * W, rest - i * W);
    }
  }
  for (int w = vectors / 2; w > 0; w /= 2) {
    for (int i = 0; i < w; i++) lanes[i] += lanes[i + w];
  }
  return lanes[0];
}
inline float whole_segment(const float* x) { return combine_lanes(segment_lanes<kSegment / kSumLanes>(x, 0), AddLanes()); }

// Sums of rows of at most one segment; -0 stands for +0.
template <int groups>
void sum_short_rows(const float* x, int64_t pitch, int64_t rows, int64_t rest, float* out) {
  combine_rows(x, pitch, rows, out, AddLanes(), [rest](const float* row) { return segment_lanes<groups>(row, rest); });
}
inline void sum_short_rows(const float* x, int64_t pitch, int64_t rows, int64_t columns, float* out) {
  constexpr void (*of[])(const float*, int64_t, int64_t, int64_t, float*) = {
      sum_short_rows<0>, sum_short_rows<1>, sum_short_rows<2>, sum_short_rows<3>, sum_short_rows<4>,
      sum_short_rows<5>, sum_short_rows<6>, sum_short_rows<7>, sum_short_rows<8>};
  of[columns / kSumLanes](x, pitch, rows, columns % kSumLanes, out);
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
    return canonical(sum[level] + 0.0f);
  }
};

// Calls each(sum) for each segment of a row; -0 stands for +0.
template <class Each>
inline void for_segments(const float* x, int64_t columns, const Each& each) {
  for (; columns >= kSegment; columns -= kSegment, x += kSegment) each(whole_segment(x));
  if (columns == 0) return;
  float sum;
  sum_short_rows(x, 0, 1, columns, &sum);
  each(sum);
}

// Sums of whole rows.
inline void sum_rows(const float* x, int64_t pitch, int64_t rows, int64_t columns, float* out) {
  if (columns <= kSegment) {
    sum_short_rows(x, pitch, rows, columns, out);
    for (int64_t r = 0; r < rows; r++) out[r] = canonical(out[r] + 0.0f);
  } else if (columns <= kGroup * kSegment) {
    for (int64_t r = 0; r < rows; r++, x += pitch) {
      float sum = whole_segment(x);
      for_segments(x + kSegment, columns - kSegment, [&](float segment) { sum += segment; });
      out[r] = canonical(sum + 0.0f);
    }
  } else {
    GroupedSum groups;
    for (int64_t r = 0; r < rows; r++, x += pitch) {
      groups.start();
      for_segments(x, columns, [&](float segment) { groups.push(segment); });
      out[r] = groups.finish();
    }
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

__attribute__((noinline)) inline bool has_nan(const float* x, int64_t n) {
  M found{};
  for (; n >= W; n -= W, x += W) found = found | is_nan(load(x));
  return any(found | is_nan(load_some(x, n)));
}

// Maximum but, on x86, for the sign of zero; NaN where there is one.
inline F max_lanes(const float* x, int64_t n) {
  const F least = splat_bits(kInfinity | kSign);
  F most[4] = {least, least, least, least};
  F sum[4] = {};  // a NaN where there is one; infinities of both signs also make one
  const float* row = x;
  const int64_t length = n;
  for (; n >= 4 * W; n -= 4 * W, x += 4 * W) {
    const F a = load(x), b = load(x + W), c = load(x + 2 * W), d = load(x + 3 * W);
    most[0] = greater(a, most[0]);
    most[1] = greater(b, most[1]);
    most[2] = greater(c, most[2]);
    most[3] = greater(d, most[3]);
    if (kGreaterForgets) {
      sum[0] += a;
      sum[1] += b;
      sum[2] += c;
      sum[3] += d;
    }
  }
  for (; n >= W; n -= W, x += W) {
    const F a = load(x);
    most[0] = greater(a, most[0]);
    if (kGreaterForgets) sum[0] += a;
  }
  if (n > 0) {
    const F a = select(lt(iota(), splat(int32_t(n))), load_first(x, n), least);
    most[1] = greater(a, most[1]);
    if (kGreaterForgets) sum[1] += load_first(x, n);
  }
  if (kGreaterForgets && any(is_nan((sum[0] + sum[1]) + (sum[2] + sum[3]))) && has_nan(row, length)) return splat_bits(kNaN);
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
  combine_rows(x, pitch, rows, out, GreaterLanes(), [columns](const float* row) { return max_lanes(row, columns); });
  for (int64_t r = 0; r < rows; r++) {
    out[r] = canonical(out[r]);
    if (kGreaterForgets && out[r] == 0) out[r] = has_positive_zero(x + r * pitch, columns) ? 0.0f : -0.0f;  // rare
  }
}

}  // namespace repops::REPOPS_ISA
