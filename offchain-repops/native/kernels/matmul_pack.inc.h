// Operands of the matrix product in the order in which its tiles read them.
#pragma once

#include <utility>

#include "matmul_tile.inc.h"

namespace repops::REPOPS_ISA::product {

// A matrix of words: element (row, column) at row * row_stride + column * column_stride.
struct Matrix {
  const float* data;
  int64_t row_stride, column_stride;

  Matrix from(int64_t row, int64_t column) const {
    return {data + row * row_stride + column * column_stride, row_stride, column_stride};
  }
};

template <typename Index, int... J>
inline F shuffle(F a, F b, Index index, std::integer_sequence<int, J...>) {
  return __builtin_shufflevector(a, b, decltype(index)::of(J)...);
}

// Lanes of 4 floats: pairs of the lower or the upper halves of each, and the even or the odd of all lanes of a and b.
template <int half> struct Interleave {
  static constexpr int of(int j) { return j / 4 * 4 + half * 2 + j % 4 / 2 + j % 2 * W; }
};
template <int half> struct Pairs {
  static constexpr int of(int j) { return j / 4 * 4 + half * 2 + j % 2 + j % 4 / 2 * W; }
};
template <int odd> struct OfLanes {
  static constexpr int of(int j) { return (j / 4 * 2 + odd) * 4 + j % 4; }
};
template <typename Index>
inline F shuffle(F a, F b) {
  return shuffle(a, b, Index{}, std::make_integer_sequence<int, W>{});
}

// In place: row r, column k becomes row k, column r.
inline void transpose(F (&rows)[W]) {
  F t[W];
  REPOPS_UNROLL for (int g = 0; g < W; g += 4) {
    const F a = rows[g], b = rows[g + 1], c = rows[g + 2], d = rows[g + 3];
    const F low01 = shuffle<Interleave<0>>(a, b), low23 = shuffle<Interleave<0>>(c, d);
    const F high01 = shuffle<Interleave<1>>(a, b), high23 = shuffle<Interleave<1>>(c, d);
    t[g] = shuffle<Pairs<0>>(low01, low23);
    t[g + 1] = shuffle<Pairs<1>>(low01, low23);
    t[g + 2] = shuffle<Pairs<0>>(high01, high23);
    t[g + 3] = shuffle<Pairs<1>>(high01, high23);
  }
  if constexpr (W == 4) {
    REPOPS_UNROLL for (int c = 0; c < W; c++) rows[c] = t[c];
  } else if constexpr (W == 8) {
    REPOPS_UNROLL for (int c = 0; c < 4; c++) {
      rows[c] = shuffle<OfLanes<0>>(t[c], t[4 + c]);
      rows[4 + c] = shuffle<OfLanes<1>>(t[c], t[4 + c]);
    }
  } else {
    REPOPS_UNROLL for (int c = 0; c < 4; c++) {
      const F even0 = shuffle<OfLanes<0>>(t[c], t[4 + c]), even1 = shuffle<OfLanes<0>>(t[8 + c], t[12 + c]);
      const F odd0 = shuffle<OfLanes<1>>(t[c], t[4 + c]), odd1 = shuffle<OfLanes<1>>(t[8 + c], t[12 + c]);
      rows[c] = shuffle<OfLanes<0>>(even0, even1);
      rows[4 + c] = shuffle<OfLanes<0>>(odd0, odd1);
      rows[8 + c] = shuffle<OfLanes<1>>(even0, even1);
      rows[12 + c] = shuffle<OfLanes<1>>(odd0, odd1);
    }
  }
}

// `count` <= kPanel rows of y, values 0 to K - 1, as [K][kPanel]; rows that do not exist are zeros.
inline void pack_panel(const Matrix& y, int64_t count, int64_t K, float* panel) {
  if (y.row_stride == 1 && count == kPanel) {
    for (int64_t k = 0; k < K; k++) {
      std::memcpy(panel + k * kPanel, y.data + k * y.column_stride, kPanel * sizeof(float));
    }
    return;
  }
  int64_t done = 0;
  if (y.column_stride == 1) {
    done = K / W * W;
    // Only as many rows at a time as a transposition takes: the processor follows few of them ahead.
    for (int v = 0; v < kTileVectors; v++) {
      const int64_t some = count - v * W;
      for (int64_t k = 0; k < done; k += W) {
        const float* from = y.data + v * W * y.row_stride + k;
        F rows[W];
        if (some >= W) {
          REPOPS_UNROLL for (int r = 0; r < W; r++) rows[r] = load(from + r * y.row_stride);
        } else {
          for (int r = 0; r < W; r++) rows[r] = r < some ? load(from + r * y.row_stride) : F{};
        }
        transpose(rows);
        REPOPS_UNROLL for (int r = 0; r < W; r++) store(panel + (k + r) * kPanel + v * W, rows[r]);
      }
    }
  }
  for (int64_t k = done; k < K; k++) {
    const float* from = y.data + k * y.column_stride;
    float* to = panel + k * kPanel;
    for (int64_t n = 0; n < count; n++) to[n] = from[n * y.row_stride];
    for (int64_t n = count; n < kPanel; n++) to[n] = 0;
  }
}

// Rows cut into tiles of nearly equal height: a tile of one or two rows would wait for its own sums.
struct Cut {
  int64_t rows;

  int64_t tiles() const { return (rows + kTileRows - 1) / kTileRows; }
  int64_t start(int64_t tile) const { return tile * rows / tiles(); }
  int64_t height(int64_t tile) const { return start(tile + 1) - start(tile); }
};

// Rows of x as tiles can read them: in their place, or copied.
struct XRows {
  const float* data;
  Layout layout;
  int64_t stride;       // Tile::x_stride
  int64_t row_words;    // between rows
  int64_t tile_words;   // between tiles, on top of that

  // Values of tile `tile` from `k` on.
  const float* at(const Cut& cut, int64_t tile, int64_t k) const {
    return data + cut.start(tile) * row_words + tile * tile_words + k * (layout == kRows ? 1 : stride);
  }
};

// Words from one copied row of K values to the next: an odd number of cache lines, so that rows fall on all sets.
inline int64_t row_words(int64_t K) {
  constexpr int64_t kLine = 64 / sizeof(float);
  return ((K + kLine - 1) / kLine | 1) * kLine;
}

// Words of `copy` below.
inline int64_t x_rows_words(int64_t rows, int64_t K) { return Cut{rows}.tiles() * kTileRows * row_words(K); }

// Rows whose lines fall on one or two sets of the first cache evict each other before their next values are read.
inline bool crowded(int64_t row_stride, int64_t rows) { return rows > 4 && row_stride * sizeof(float) % 2048 == 0; }

inline XRows x_rows(const Matrix& x, int64_t rows, int64_t K, float* copy) {
  if (x.column_stride == 1 && !crowded(x.row_stride, rows)) return {x.data, kRows, x.row_stride, x.row_stride, 0};
  if (x.row_stride == 1 && x.column_stride != 1) {
    if (K <= 64) return {x.data, kColumns, x.column_stride, 1, 0};
    const Cut cut{rows};
    constexpr int64_t kSteps = 16;  // values of k for each tile in turn: neighbours in x are read together
    for (int64_t start = 0; start < K; start += kSteps) {
      const int64_t end = K - start < kSteps ? K : start + kSteps;
      for (int64_t tile = 0; tile < cut.tiles(); tile++) {
        const float* from = x.data + cut.start(tile);
        float* to = copy + tile * kTileRows * K;
        // A tile may take a row of the next one along; the last has none behind it.
        if (tile + 1 < cut.tiles()) {
          for (int64_t k = start; k < end; k++) {
            std::memcpy(to + k * kTileRows, from + k * x.column_stride, kTileRows * sizeof(float));
          }
        } else {
          for (int64_t k = start; k < end; k++) {
            for (int64_t r = 0; r < cut.height(tile); r++) to[k * kTileRows + r] = from[k * x.column_stride + r];
          }
        }
      }
    }
    return {copy, kColumns, kTileRows, 0, kTileRows * K};
  }
  const int64_t stride = row_words(K);
  for (int64_t m = 0; m < rows; m++) {
    const float* from = x.data + m * x.row_stride;
    if (x.column_stride == 1) {
      std::memcpy(copy + m * stride, from, K * sizeof(float));
    } else {
      for (int64_t k = 0; k < K; k++) copy[m * stride + k] = from[k * x.column_stride];
    }
  }
  return {copy, kRows, stride, stride, 0};
}

}  // namespace repops::REPOPS_ISA::product
