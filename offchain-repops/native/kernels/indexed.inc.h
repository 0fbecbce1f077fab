#pragma once

#include "../engine/task.h"
#include "parallel.inc.h"
#include "transpose.inc.h"

namespace repops::REPOPS_ISA::data {

constexpr Word kNanBits = 0x7fc00000;

// x [B,V,R], index [B,Q] → out [B,Q,R]: copies rows; a row out of range is NaN or 0.
inline void gather(const Indexed& task, Pool& pool) {
  const int64_t V = task.V, R = task.R, Q = task.Q;
  const Word missing = task.type == kF32 ? kNanBits : 0;
  for_runs(pool, task.B * Q, items_of_grain(R), [&](int64_t from, int64_t to, int) {
    int64_t b = from / Q, end = (b + 1) * Q;
    for (int64_t row = from; row < to; row++) {
      if (row == end) b++, end += Q;
      const int64_t v = task.index[row];
      if (v < 0 || v >= V) fill_words(task.out + row * R, missing, R);
      else copy_words(task.out + row * R, task.x + (b * V + v) * R, R);
    }
  });
}

// The positions 0 … Q−1 whose index is in [0, V), by index and then in order. Returns how many there are; `order` and
// `other` hold Q each, `other` ends as rubbish.
inline int64_t sort_by_index(const int32_t* index, int64_t Q, int64_t V, uint32_t*& order, uint32_t*& other) {
  int64_t count = 0;
  for (int64_t q = 0; q < Q; q++) {
    if (index[q] >= 0 && index[q] < V) order[count++] = static_cast<uint32_t>(q);
  }
  if (count <= 32) {
    for (int64_t i = 1; i < count; i++) {
      const uint32_t q = order[i];
      int64_t j = i;
      for (; j > 0 && index[order[j - 1]] > index[q]; j--) order[j] = order[j - 1];
      order[j] = q;
    }
    return count;
  }
  const int64_t highest = least(V, int64_t{1} << 31) - 1;
  for (int shift = 0; (highest >> shift) > 0; shift += 8) {  // stable, one byte after the other
    int64_t starts[257] = {};
    for (int64_t i = 0; i < count; i++) starts[((index[order[i]] >> shift) & 255) + 1]++;
    for (int byte = 0; byte < 256; byte++) starts[byte + 1] += starts[byte];
    for (int64_t i = 0; i < count; i++) other[starts[(index[order[i]] >> shift) & 255]++] = order[i];
    uint32_t* const sorted = other;
    other = order;
    order = sorted;
  }
  return count;
}

// Sum by R_scatter of the values of ascending positions. Segments and groups without a match are +0, and no sum that
// began at +0 is −0, so adding them would change nothing.
template <class T>
class ScatterSum {
 public:
  void add(uint32_t q, const T& value) {
    uint32_t before = last_ / kSegment, now = q / kSegment;
    for (int level = 0; before != now; level++, before /= kGroup, now /= kGroup) {
      sums_[level + 1] += sums_[level];
      sums_[level] = T{};
    }
    last_ = q;
    sums_[0] += value;
  }

  T total() const {
    T sum = sums_[0];
    for (int level = 1; level < kLevels; level++) sum += sums_[level];
    return sum;
  }

 private:
  static constexpr int kLevels = 8;  // 2^32 positions: 2^24 segments, six rounds of groups, and the last sum
  T sums_[kLevels] = {};
  uint32_t last_ = 0;
};

// One output row after the other of those that have matches; value(q) is read and store(v, sum) called.
template <class T, class Value, class Store>
inline void scatter_rows(const int32_t* index, const uint32_t* order, int64_t count, const Value& value,
                         const Store& store) {
  for (int64_t i = 0; i < count;) {
    const int32_t v = index[order[i]];
    if (i + 1 == count || index[order[i + 1]] != v) {
      store(v, value(order[i]) + T{});
      i++;
      continue;
    }
    ScatterSum<T> sum;
    for (; i < count && index[order[i]] == v; i++) sum.add(order[i], value(order[i]));
    store(v, sum.total());
  }
}

// index [B,Q], x [B,R,Q] → out [B,V,R]. A part is a batch and a range of r. It sorts the positions by index, so that
// it touches matches only; 16 columns at once are turned to rows of a cache line first, because x has q last and out r.
inline void scatter_add(const Indexed& task, Pool& pool) {
  constexpr int64_t kColumns = 16;
  constexpr int64_t kMostTurned = 65536;  // positions: 4 MiB of rows
  typedef float Line __attribute__((vector_size(4 * kColumns)));
  const int64_t V = task.V, R = task.R, Q = task.Q;
  const int64_t blocks = parts_of(R, kColumns);
  const int64_t ranges = pool.threads() == 1 ? 1 : least(blocks, parts_of(2 * pool.threads(), task.B));
  const int64_t columns = parts_of(blocks, ranges) * kColumns;
  const bool turns = Q <= kMostTurned && R >= kColumns / 2;
  const int64_t cost = most(1, V * least(R, columns) + Q * (4 + least(R, columns)));
  for_runs(pool, task.B * parts_of(R, columns), most(1, kGrain / cost), [&](int64_t from, int64_t to, int thread) {
    const size_t order_bytes = static_cast<size_t>(parts_of(Q, 16)) * 64;
    char* const memory = static_cast<char*>(
        pool.scratch(thread, 2 * order_bytes + (turns ? static_cast<size_t>(Q) * sizeof(Line) : 0)));
    for (int64_t part = from; part < to; part++) {
      const int64_t b = part / parts_of(R, columns), first = part % parts_of(R, columns) * columns;
      const int64_t last = least(R, first + columns);
      const int32_t* const index = task.index + b * Q;
      const float* const x = reinterpret_cast<const float*>(task.x) + b * R * Q;
      float* const out = reinterpret_cast<float*>(task.out) + b * V * R;
      uint32_t* order = reinterpret_cast<uint32_t*>(memory);
      uint32_t* other = reinterpret_cast<uint32_t*>(memory + order_bytes);
      const int64_t count = sort_by_index(index, Q, V, order, other);
      if (last - first == R) std::memset(out, 0, static_cast<size_t>(V * R) * sizeof(float));
      else for (int64_t v = 0; v < V; v++) fill_words(reinterpret_cast<Word*>(out + v * R + first), 0, last - first);
      if (!turns) {
        for (int64_t r = first; r < last; r++) {
          scatter_rows<float>(
              index, order, count, [&](uint32_t q) { return x[r * Q + q]; },
              [&](int32_t v, float sum) { out[v * R + r] = sum == sum ? sum : __builtin_nanf(""); });
        }
        continue;
      }
      Line* const lines = reinterpret_cast<Line*>(memory + 2 * order_bytes);
      for (int64_t r = first; r < last; r += kColumns) {
        const int64_t width = least(kColumns, last - r);
        transpose(reinterpret_cast<const Word*>(x + r * Q), Q, reinterpret_cast<Word*>(lines), kColumns, width, Q);
        scatter_rows<Line>(
            index, order, count, [&](uint32_t q) { return lines[q]; },
            [&](int32_t v, const Line& sum) {
              Line canonical;
              for (int i = 0; i < kColumns; i++) canonical[i] = sum[i] == sum[i] ? sum[i] : __builtin_nanf("");
              std::memcpy(out + v * R + r, &canonical, static_cast<size_t>(width) * sizeof(float));
            });
      }
    }
  });
}

inline void indexed(const Indexed& task, Pool& pool) {
  if (task.op == kGather) gather(task, pool);
  else scatter_add(task, pool);
}

}  // namespace repops::REPOPS_ISA::data

namespace repops::REPOPS_ISA { using data::indexed; }
