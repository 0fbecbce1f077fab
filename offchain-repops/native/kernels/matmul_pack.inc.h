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

// Rows of x as tiles can read them: in their place, or where `copy_tile` brings them.
struct XRows {
  const float* data;
  Layout layout;
  int64_t stride;       // Tile::x_stride
  int64_t row_words;    // between rows
  int64_t tile_words;   // between tiles, on top of that
  float* copy;          // data, or null for rows in their place

  int64_t offset(const Cut& cut, int64_t tile, int64_t k) const {
    return cut.start(tile) * row_words + tile * tile_words + k * (layout == kRows ? 1 : stride);
  }
  // Values of tile `tile` from `k` on.
  const float* at(const Cut& cut, int64_t tile, int64_t k) const { return data + offset(cut, tile, k); }
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

inline XRows place_rows(const Matrix& x, int64_t rows, int64_t K, float* copy) {
  if (x.column_stride == 1 && !crowded(x.row_stride, rows)) {
    return {x.data, kRows, x.row_stride, x.row_stride, 0, nullptr};
  }
  if (x.row_stride == 1 && x.column_stride != 1) {
    if (K <= 64) return {x.data, kColumns, x.column_stride, 1, 0, nullptr};
    return {copy, kColumns, kTileRows, 0, kTileRows * K, copy};
  }
  const int64_t stride = row_words(K);
  return {copy, kRows, stride, stride, 0, copy};
}

// Brings values start to end - 1 of the rows of a tile where they are read, if they do not lie there.
inline void copy_tile(const XRows& to, const Matrix& x, const Cut& cut, int64_t tile, int64_t start, int64_t end) {
  if (to.copy == nullptr) return;
  float* out = to.copy + to.offset(cut, tile, start);
  const Matrix from = x.from(cut.start(tile), start);
  const int64_t rows = cut.height(tile), K = end - start;
  if (to.layout == kColumns) {
    // A tile may take a row of the next one along; the last has none behind it.
    if (tile + 1 < cut.tiles()) {
      for (int64_t k = 0; k < K; k++) {
        std::memcpy(out + k * kTileRows, from.data + k * from.column_stride, kTileRows * sizeof(float));
      }
    } else {
      for (int64_t k = 0; k < K; k++) {
        for (int64_t r = 0; r < rows; r++) out[k * kTileRows + r] = from.data[k * from.column_stride + r];
      }
    }
  } else if (from.column_stride == 1) {
    for (int64_t r = 0; r < rows; r++) {
      std::memcpy(out + r * to.row_words, from.data + r * from.row_stride, K * sizeof(float));
    }
  } else {
    for (int64_t r = 0; r < rows; r++) {
      const float* row = from.data + r * from.row_stride;
      for (int64_t k = 0; k < K; k++) out[r * to.row_words + k] = row[k * from.column_stride];
    }
  }
}

// All tiles at once.
inline XRows x_rows(const Matrix& x, int64_t rows, int64_t K, float* copy) {
  const XRows placed = place_rows(x, rows, K, copy);
  const Cut cut{rows};
  const int64_t step = placed.layout == kColumns ? 16 : K;  // a few values for each tile: neighbours are read together
  for (int64_t start = 0; placed.copy != nullptr && start < K; start += step) {
    for (int64_t tile = 0; tile < cut.tiles(); tile++) {
      copy_tile(placed, x, cut, tile, start, K - start < step ? K : start + step);
    }
  }
  return placed;
}

// The first kLineRows rows of `next`, or a line of each of its columns where these lie end to end, as many as a tile
// has values of k.
inline Ahead ahead_of(const Matrix& next) {
  constexpr int64_t kLine = 64 / sizeof(float);
  if (next.column_stride == 1) return {next.data, next.row_stride, kLine};
  if (next.row_stride == 1) return {next.data, next.column_stride, kLineRows * next.column_stride};
  return {};
}

}  // namespace repops::REPOPS_ISA::product
