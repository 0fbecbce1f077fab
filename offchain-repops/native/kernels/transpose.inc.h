#pragma once

#include <utility>

#include "parallel.inc.h"

namespace repops::REPOPS_ISA::data {

// Of a and b in blocks of S lanes: the odd blocks of a change places with the even ones of b.
template <int S, class V, int... L>
inline void exchange(V& a, V& b, std::integer_sequence<int, L...>) {
  constexpr int lanes = sizeof...(L);
  const V even = __builtin_shufflevector(a, b, ((L & S) == 0 ? L : lanes + L - S)...);
  b = __builtin_shufflevector(a, b, ((L & S) == 0 ? L + S : lanes + L)...);
  a = even;
}

// Transposes a tile of as many vectors as they have lanes, S = 1.
template <int S, class V, int N>
inline void exchange_all(V (&rows)[N]) {
  if constexpr (S < N) {
    for (int i = 0; i < N; i++) {
      if ((i & S) == 0) exchange<S>(rows[i], rows[i + S], std::make_integer_sequence<int, N>());
    }
    exchange_all<2 * S>(rows);
  }
}

inline void transpose_tile(const Word* x, int64_t x_stride, Word* out, int64_t out_stride) {
  U rows[W];
  for (int i = 0; i < W; i++) std::memcpy(&rows[i], x + i * x_stride, sizeof(U));
  exchange_all<1>(rows);
  for (int i = 0; i < W; i++) std::memcpy(out + i * out_stride, &rows[i], sizeof(U));
}

// out[c, r] = x[r, c] for r < rows, c < columns; strides are the words from row to row.
inline void transpose(const Word* x, int64_t x_stride, Word* out, int64_t out_stride, int64_t rows, int64_t columns) {
  constexpr int64_t kBlock = 64;  // few enough rows on either side for the first level of address translation
  for (int64_t r0 = 0; r0 < rows; r0 += kBlock) {
    const int64_t r1 = least(rows, r0 + kBlock), tiles_r1 = r1 - (r1 - r0) % W;
    for (int64_t c0 = 0; c0 < columns; c0 += kBlock) {
      const int64_t c1 = least(columns, c0 + kBlock), tiles_c1 = c1 - (c1 - c0) % W;
      for (int64_t c = c0; c < tiles_c1; c += W) {
        for (int64_t r = r0; r < tiles_r1; r += W) {
          transpose_tile(x + r * x_stride + c, x_stride, out + c * out_stride + r, out_stride);
        }
        for (int64_t i = c; i < c + W; i++) {
          for (int64_t r = tiles_r1; r < r1; r++) out[i * out_stride + r] = x[r * x_stride + i];
        }
      }
      for (int64_t c = tiles_c1; c < c1; c++) {
        for (int64_t r = r0; r < r1; r++) out[c * out_stride + r] = x[r * x_stride + c];
      }
    }
  }
}

}  // namespace repops::REPOPS_ISA::data
