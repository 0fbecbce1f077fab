// One matrix product, and its tiles' way into its output.
#pragma once

#include <array>

#include "../engine/task.h"
#include "matmul_pack.inc.h"

namespace repops::REPOPS_ISA::product {

constexpr int64_t kDepth = kSegment * kGroup;  // values of k that one sum of a tile covers
constexpr int64_t kChunk = 1024;  // of these, so many at a time for a block of x
constexpr int64_t kFewRows = 64 / kTileRows * kTileRows;
constexpr int64_t kSmall = int64_t{1} << 19;   // multiplications that are not worth two threads, or another packing
constexpr int64_t kXWords = int64_t{1} << 16;  // of x that stay in the second cache beside a panel and what comes next
constexpr int64_t kYWords = int64_t{3} << 20;  // of y that stay in the third

inline int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }
inline int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

struct Product {
  int64_t M, N, K;
  Matrix x, y;
  float* out;
  int64_t out_row_stride, out_column_stride;
  const float* panels;  // all of y by pack_panel, panel after panel; or null

  int64_t depth() const { return least(K, kDepth); }
  int64_t groups() const { return ceil_div(K, kDepth); }
  int64_t all_panels() const { return ceil_div(N, kPanel); }
  int64_t columns(int64_t panel) const { return least(kPanel, N - panel * kPanel); }
  float* at(int64_t row, int64_t panel) const {
    return out + row * out_row_stride + panel * kPanel * out_column_stride;
  }
  // Whether tiles can write the columns of this panel themselves.
  bool direct(int64_t panel) const { return out_column_stride == 1 && columns(panel) == kPanel; }
};

template <Layout layout, int... R>
constexpr std::array<void (*)(const Tile&), kTileRows> tiles(std::integer_sequence<int, R...>) {
  return {multiply_tile<R + 1, layout>...};
}
constexpr std::array<void (*)(const Tile&), kTileRows> kTiles[2] = {
    tiles<kRows>(std::make_integer_sequence<int, kTileRows>{}),
    tiles<kColumns>(std::make_integer_sequence<int, kTileRows>{}),
};

enum class Put { kStore, kAdd };

// Sums [rows][kPanel] to out, or onto out.
inline void put(const Product& p, int64_t row, int64_t rows, int64_t panel, const float* sums, Put how) {
  const int64_t columns = p.columns(panel);
  for (int64_t r = 0; r < rows; r++) {
    float* out = p.at(row + r, panel);
    int64_t n = 0;
    for (; p.out_column_stride == 1 && n + W <= columns; n += W) {
      const F sum = load(sums + r * kPanel + n);
      store(out + n, canonical(how == Put::kAdd ? load(out + n) + sum : sum));
    }
    for (; n < columns; n++) {
      float sum = sums[r * kPanel + n];
      if (how == Put::kAdd) sum = out[n * p.out_column_stride] + sum;
      if (sum != sum) sum = __builtin_nanf("");  // 0x7fc00000
      out[n * p.out_column_stride] = sum;
    }
  }
}

}  // namespace repops::REPOPS_ISA::product
