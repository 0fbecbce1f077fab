#pragma once

#include <utility>

#include "parallel.inc.h"

namespace repops::REPOPS_ISA::data {

// In each 128 bits: words (pairs of words) of a and b in turn, those of the lower or (upper) of the upper half.
template <int words, int upper, int... L>
inline U interleave(U a, U b, std::integer_sequence<int, L...>) {
  return __builtin_shufflevector(a, b, (L / 4 * 4 + upper * 2 + (words == 1 ? L % 4 / 2 + L % 2 * W : L % 2 + L % 4 / 2 * W))...);
}
// Of a and b in blocks of S lanes: the odd blocks of a change places with the even ones of b.
template <int S, class V, int... L>
inline void exchange(V& a, V& b, std::integer_sequence<int, L...>) {
  constexpr int lanes = sizeof...(L);
  const V even = __builtin_shufflevector(a, b, ((L & S) == 0 ? L : lanes + L - S)...);
  b = __builtin_shufflevector(a, b, ((L & S) == 0 ? L + S : lanes + L)...);
  a = even;
}

// Transposes blocks of S in a tile of as many vectors as they have lanes.
template <int S, class V, int N>
inline void exchange_all(V (&rows)[N]) {
  if constexpr (S < N) {
#pragma GCC unroll 16
    for (int i = 0; i < N; i++) {
      if ((i & S) == 0) exchange<S>(rows[i], rows[i + S], std::make_integer_sequence<int, N>());
    }
    exchange_all<2 * S>(rows);
  }
}

// A tile of as many vectors as they have lanes: squares of four words first, one instruction a vector and step.
inline void transpose_tile(const Word* x, int64_t x_stride, Word* out, int64_t out_stride) {
  constexpr auto lanes = std::make_integer_sequence<int, W>();
  U rows[W];
#pragma GCC unroll 16
  for (int i = 0; i < W; i += 4) {
    const U a = load(x + i * x_stride), b = load(x + (i + 1) * x_stride), c = load(x + (i + 2) * x_stride),
            d = load(x + (i + 3) * x_stride);
    const U ab = interleave<1, 0>(a, b, lanes), cd = interleave<1, 0>(c, d, lanes);
    const U ab_upper = interleave<1, 1>(a, b, lanes), cd_upper = interleave<1, 1>(c, d, lanes);
    rows[i] = interleave<2, 0>(ab, cd, lanes);
    rows[i + 1] = interleave<2, 1>(ab, cd, lanes);
    rows[i + 2] = interleave<2, 0>(ab_upper, cd_upper, lanes);
    rows[i + 3] = interleave<2, 1>(ab_upper, cd_upper, lanes);
  }
  exchange_all<4>(rows);
#pragma GCC unroll 16
  for (int i = 0; i < W; i++) store(out + i * out_stride, rows[i]);
}

// Where the rows of either side lie a power of two apart, their lines share few places of the caches: each line is read
// once and written once, whole. A square of a line's words is put together in memory of its own where vectors are
// shorter than lines.
constexpr int64_t kLine = 16;  // words

inline void transpose_square(const Word* x, int64_t x_stride, Word* out, int64_t out_stride) {
  if constexpr (W == kLine) {
    transpose_tile(x, x_stride, out, out_stride);
  } else {
    alignas(64) Word square[kLine * kLine];
    for (int64_t r = 0; r < kLine; r += W) {
      for (int64_t c = 0; c < kLine; c += W) transpose_tile(x + r * x_stride + c, x_stride, square + c * kLine + r, kLine);
    }
    for (int64_t c = 0; c < kLine; c++) {
      for (int64_t r = 0; r < kLine; r += W) store(out + c * out_stride + r, load(square + c * kLine + r));
    }
  }
}

// out[c, r] = x[r, c] for r < rows, c < columns; strides are the words from row to row.
inline void transpose(const Word* x, int64_t x_stride, Word* out, int64_t out_stride, int64_t rows, int64_t columns) {
  constexpr int64_t kBlock = 64;  // few enough rows on either side for the first level of address translation
  for (int64_t r0 = 0; r0 < rows; r0 += kBlock) {
    const int64_t r1 = least(rows, r0 + kBlock), squares_r1 = r1 - (r1 - r0) % kLine;
    for (int64_t c0 = 0; c0 < columns; c0 += kBlock) {
      const int64_t c1 = least(columns, c0 + kBlock), squares_c1 = c1 - (c1 - c0) % kLine;
      for (int64_t c = c0; c < squares_c1; c += kLine) {
        for (int64_t r = r0; r < squares_r1; r += kLine) {
          transpose_square(x + r * x_stride + c, x_stride, out + c * out_stride + r, out_stride);
        }
        for (int64_t i = c; i < c + kLine; i++) {
          for (int64_t r = squares_r1; r < r1; r++) out[i * out_stride + r] = x[r * x_stride + i];
        }
      }
      for (int64_t c = squares_c1; c < c1; c++) {
        for (int64_t r = r0; r < r1; r++) out[c * out_stride + r] = x[r * x_stride + c];
      }
    }
  }
}

}  // namespace repops::REPOPS_ISA::data
