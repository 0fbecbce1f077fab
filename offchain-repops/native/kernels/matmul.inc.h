// out[b, m, n] = the R_dot over k of x[b, m, k] * y[b, n, k] (docs/spec/repops.md, section 2.1).
//
// Tiles of out (matmul_tile.inc.h) run over a whole group of 16 segments at a time, so that sums leave the registers
// once a segment and the first cache once a group. K is never padded: fma(0, 0, -0) is +0.
#pragma once

#include "../engine/pool.h"
#include "../engine/task.h"
#include "matmul_blocked.inc.h"
#include "matmul_streamed.inc.h"

namespace repops::REPOPS_ISA {
namespace product {

inline int64_t count_of(const std::vector<int64_t>& extents) {
  int64_t count = 1;
  for (const int64_t extent : extents) count *= extent;
  return count;
}

// Words from the first batch element to element `index`.
inline int64_t offset_of(const std::vector<int64_t>& extents, const std::vector<int64_t>& strides, int64_t index) {
  int64_t offset = 0;
  for (size_t axis = extents.size(); axis-- > 0; index /= extents[axis]) {
    offset += index % extents[axis] * strides[axis];
  }
  return offset;
}

// Which of the distinct matrices y, in the order of the batch, element `index` of the batch reads.
inline int64_t distinct_y(const MatMul& m, int64_t index, int64_t* count) {
  int64_t number = 0;
  *count = 1;
  for (size_t axis = m.batch.size(); axis-- > 0; index /= m.batch[axis]) {
    if (m.y_strides.batch[axis] == 0) continue;
    number += index % m.batch[axis] * *count;
    *count *= m.batch[axis];
  }
  return number;
}

inline int64_t words_of_packed(const MatMul& m) { return ceil_div(m.N, kPanel) * kPanel * m.K; }

inline Product product_of(const MatMul& m, int64_t index) {
  int64_t count;
  Product p{
      .M = m.M,
      .N = m.N,
      .K = m.K,
      .x = {m.x + offset_of(m.batch, m.x_strides.batch, index), m.x_strides.row, m.x_strides.column},
      .y = {m.y + offset_of(m.batch, m.y_strides.batch, index), m.y_strides.row, m.y_strides.column},
      .out = m.out + offset_of(m.batch, m.out_strides.batch, index),
      .out_row_stride = m.out_strides.row,
      .out_column_stride = m.out_strides.column,
      .panels = m.packed_y == nullptr ? nullptr : m.packed_y + distinct_y(m, index, &count) * words_of_packed(m),
  };
  // fma(x, y, sum) is fma(y, x, sum). Rows of out that lie as columns should, or columns too few for a panel, are
  // better the other way round.
  const bool turned = p.out_column_stride != 1 && p.out_row_stride == 1 && p.M > 1;
  const bool narrow = 2 * p.N <= kPanel && p.M > p.N;
  if (p.panels == nullptr && (turned || narrow)) {
    std::swap(p.M, p.N);
    std::swap(p.x, p.y);
    std::swap(p.out_row_stride, p.out_column_stride);
  }
  return p;
}

inline bool streams(const Product& p) {
  return p.M <= kFewRows || p.M * p.N * p.K <= kSmall || p.K > kDepth * kGroup;
}

}  // namespace product

inline int64_t packed_words(const MatMul& m) {
  if (2 * m.N <= product::kPanel) return 0;
  int64_t count;
  product::distinct_y(m, 0, &count);
  return count * product::words_of_packed(m);
}

inline void pack(const MatMul& m, float* packed, Pool& pool) {
  using namespace product;
  const int64_t batch = count_of(m.batch), panels = ceil_div(m.N, kPanel);
  const auto part = [&](int64_t part, int) {
    const int64_t index = part / panels, panel = part % panels;
    int64_t count;
    const Matrix y{m.y + offset_of(m.batch, m.y_strides.batch, index), m.y_strides.row, m.y_strides.column};
    pack_panel(y.from(panel * kPanel, 0), least(kPanel, m.N - panel * kPanel), m.K,
               packed + distinct_y(m, index, &count) * words_of_packed(m) + panel * kPanel * m.K);
  };
  // Elements of the batch that share a matrix would write it twice.
  for (int64_t index = 0, next = 0; index < batch; index++) {
    int64_t count;
    if (distinct_y(m, index, &count) != next) continue;
    pool.run(panels, [&](int64_t panel, int thread) { part(index * panels + panel, thread); });
    next++;
  }
}

inline void matmul(const MatMul& m, Pool& pool) {
  using namespace product;
  const int64_t batch = count_of(m.batch);
  const int threads = pool.threads();
  const Product first = product_of(m, 0);  // all are alike
  if (streams(first)) {
    const int64_t units = batch * first.all_panels();
    const int64_t worth = ceil_div(units * kPanel * first.M * first.K, kSmall);
    const int64_t parts = least(units, worth == 1 ? 1 : least(ceil_div(worth, threads), 16) * threads);
    const int64_t words = Streamed::words(first);
    float* scratch = static_cast<float*>(pool.scratch(0, threads * words * sizeof(float)));
    pool.run(parts, [&](int64_t part, int thread) {
      const int64_t end = (part + 1) * units / parts;
      for (int64_t unit = part * units / parts; unit < end;) {
        const int64_t index = unit / first.all_panels(), panel = unit % first.all_panels();
        const int64_t end_panel = least(first.all_panels(), panel + end - unit);
        const Product p = product_of(m, index);
        Streamed{p}.run(panel, end_panel, scratch + thread * words);
        unit += end_panel - panel;
      }
    });
    return;
  }
  if (batch > 1 && (batch >= 4 * threads || batch % threads == 0)) {
    const Blocked like{first, 1, kYWords};
    const int64_t words = like.words_of_panels() + like.words_of_thread();
    float* scratch = static_cast<float*>(pool.scratch(0, threads * words * sizeof(float)));
    pool.run(batch, [&](int64_t index, int thread) {
      const Product p = product_of(m, index);
      float* own = scratch + thread * words;
      const auto alone = [](int64_t parts, const auto& part) {
        for (int64_t i = 0; i < parts; i++) part(i, 0);
      };
      Blocked{p, 1, kYWords}.run(alone, own, own + like.words_of_panels());
    });
    return;
  }
  const int64_t y_words = kYWords * least(threads, 4);
  const Blocked like{first, threads, y_words};
  const int64_t words = like.words_of_panels() + threads * like.words_of_thread();
  float* scratch = static_cast<float*>(pool.scratch(0, words * sizeof(float)));
  for (int64_t index = 0; index < batch; index++) {
    const Product p = product_of(m, index);
    const auto shared = [&](int64_t parts, const auto& part) { pool.run(parts, std::ref(part)); };
    Blocked{p, threads, y_words}.run(shared, scratch, scratch + like.words_of_panels());
  }
}

}  // namespace repops::REPOPS_ISA
