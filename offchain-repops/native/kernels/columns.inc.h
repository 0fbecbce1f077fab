// ReduceSum and ReduceMax over the middle axis of [O, K, I], with the bits of a reduction along the last.
#pragma once

#include <algorithm>

#include "../engine/pool.h"
#include "reduce.inc.h"

namespace repops::REPOPS_ISA {

constexpr int kColumnVectors = 8;                     // vectors of columns summed together: some lines of each row
constexpr int64_t kColumnBlock = kColumnVectors * W;  // columns

struct ColumnSum {
  F v[kColumnVectors] = {};
};

// Up to kColumnBlock neighbouring columns of a matrix; fewer where `all` is false.
template <bool all>
struct ColumnReader {
  const float* x;
  int64_t pitch, columns;

  inline void add(int64_t row, ColumnSum& s) const {
    const float* at = x + row * pitch;
    for (int i = 0; i < kColumnVectors; i++) {
      const int64_t n = columns - i * W;
      if (all || n >= W) s.v[i] += load(at + i * W);
      else if (n > 0) s.v[i] += load_first(at + i * W, n);
    }
  }
};

// A lane of the sum of rows from ... to - 1, one segment, after all halvings but those to fewer than `width` lanes.
template <int width, bool all>
inline ColumnSum halved(const ColumnReader<all>& x, int64_t from, int64_t to) {
  ColumnSum a;
  if constexpr (width == kSumLanes) {
    for (int64_t k = from; k < to; k += kSumLanes) x.add(k, a);
  } else {
    a = halved<2 * width>(x, from, to);
    const ColumnSum b = halved<2 * width>(x, from + width, to);
    for (int i = 0; i < kColumnVectors; i++) a.v[i] += b.v[i];
  }
  return a;
}

// R_sum of K rows. Values are combined in groups as they come, as GroupedSum does.
template <bool all>
inline ColumnSum sum_columns(const ColumnReader<all>& x, int64_t K) {
  ColumnSum level[GroupedSum::kLevels];
  int64_t count[GroupedSum::kLevels] = {};
  const auto push = [&](ColumnSum value, int to) {
    for (;; to++) {
      const bool first = count[to]++ % kGroup == 0;
      for (int i = 0; i < kColumnVectors; i++) level[to].v[i] = first ? value.v[i] : level[to].v[i] + value.v[i];
      if (count[to] % kGroup != 0) return;
      value = level[to];
    }
  };
  for (int64_t k = 0; k < K; k += kSegment) push(halved<1>(x, k, std::min(k + kSegment, K)), 0);
  int top = 0;
  for (; count[top] > 1; top++) {
    if (count[top] % kGroup != 0) push(level[top], top + 1);
  }
  for (F& v : level[top].v) v = canonical(v);
  return level[top];
}

template <bool all>
inline void sum_block(const Columns& c, const float* x, int64_t n, float* out) {
  const ColumnSum s = sum_columns(ColumnReader<all>{x, c.I, n}, c.K);
  for (int i = 0; i < kColumnVectors && n > 0; i++, out += W, n -= W) {
    if (n >= W) store(out, s.v[i]);
    else store_first(out, s.v[i], n);
  }
}

template <bool sum, class V>
inline V combine(V a, V b) {
  if constexpr (sum) return (V)((U)a + (U)b);
  else return maximum(a, b);
}

// A reduction whose order does not matter, of n <= kColumnBlock columns.
template <bool sum, class V, class Element>
inline void reduce_columns(const Element* x, int64_t pitch, int64_t K, V start, int64_t n, Element* out) {
  V most[kColumnVectors];
  const int64_t vectors = n / W;
  for (V& v : most) v = start;
  V rest = start;
  for (int64_t k = 0; k < K; k++, x += pitch) {
    for (int64_t i = 0; i < vectors; i++) most[i] = combine<sum>(most[i], load(x + i * W));
    if (n % W != 0) rest = combine<sum>(rest, load_first(x + vectors * W, n % W));
  }
  for (int64_t i = 0; i < vectors; i++) store(out + i * W, most[i]);
  if (n % W != 0) store_first(out + vectors * W, rest, n % W);
}

inline void columns_block(const Columns& c, int64_t o, int64_t i, int64_t n) {
  const int64_t at = o * c.K * c.I + i, to = o * c.I + i;
  const float* x = reinterpret_cast<const float*>(c.x) + at;
  float* out = reinterpret_cast<float*>(c.out) + to;
  const int32_t* words = reinterpret_cast<const int32_t*>(c.x) + at;
  int32_t* out_words = reinterpret_cast<int32_t*>(c.out) + to;
  if (c.type == kI32) {
    if (c.op == kReduceSum) reduce_columns<true>(words, c.I, c.K, I{}, n, out_words);
    else reduce_columns<false>(words, c.I, c.K, splat(INT32_MIN), n, out_words);
  } else if (c.op == kReduceMax) {
    reduce_columns<false>(x, c.I, c.K, splat_bits(kInfinity | kSign), n, out);
    for (int64_t k = 0; k < n; k++) out[k] = canonical(out[k]);
  } else if (n == kColumnBlock) {
    sum_block<true>(c, x, n, out);
  } else {
    sum_block<false>(c, x, n, out);
  }
}

inline void columns(const Columns& c, Pool& pool) {
  const int64_t blocks = (c.I + kColumnBlock - 1) / kColumnBlock;
  const int64_t least = std::max<int64_t>(1, 65536 / (c.K * std::min(c.I, kColumnBlock)));
  const int64_t units = c.O * blocks, most_parts = pool.threads() == 1 ? 1 : 8 * pool.threads();
  const int64_t size = std::max(least, (units + most_parts - 1) / most_parts);
  pool.run((units + size - 1) / size, [&](int64_t part, int) {
    for (int64_t unit = part * size; unit < std::min(units, (part + 1) * size); unit++) {
      const int64_t i = unit % blocks * kColumnBlock;
      columns_block(c, unit / blocks, i, std::min(kColumnBlock, c.I - i));
    }
  });
}

}  // namespace repops::REPOPS_ISA
