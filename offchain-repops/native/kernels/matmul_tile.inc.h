// The innermost part of the matrix product: a few rows of x times a panel of y, all sums of the tile in registers.
#pragma once

#include "isa.h"

// Loops over a tile's registers are written out: an array of vectors lies in registers only if every index is known.
#if defined(__clang__)
#define REPOPS_UNROLL _Pragma("clang loop unroll(full)")
#else
#define REPOPS_UNROLL _Pragma("GCC unroll 32")
#endif

namespace repops::REPOPS_ISA::product {

// A tile of kTileRows times kTileVectors sums, the vectors of y and the broadcast element of x fill the registers.
#if defined(__AVX512F__)
constexpr int kTileRows = 14, kTileVectors = 2;
#elif defined(__AVX2__)
constexpr int kTileRows = 6, kTileVectors = 2;
#elif defined(__ARM_NEON)
constexpr int kTileRows = 8, kTileVectors = 3;
#else
constexpr int kTileRows = 4, kTileVectors = 2;
#endif
constexpr int kPanel = kTileVectors * W;  // columns of out, rows of y

// How the rows of x lie under a tile.
enum Layout {
  kRows,     // element (m, k) at m * stride + k
  kColumns,  // element (m, k) at m + k * stride
};

constexpr int64_t kLineRows = 16;  // rows of which Ahead brings a line each before it goes on to their next lines

// What is read soon is brought into the second cache meanwhile: with value k of a tile the line at
// `from` + k mod kLineRows * stride + k div kLineRows * step.
struct Ahead {
  const float* from;  // null for nothing
  int64_t stride, step;

  void fetch(int64_t k) const { __builtin_prefetch(from + k % kLineRows * stride + k / kLineRows * step, 0, 2); }
};

struct Tile {
  const float* x;
  int64_t x_stride;
  const float* y;  // row n of the panel and k at n + k * y_stride
  int64_t y_stride;
  int64_t K;
  float* sums;  // [rows][kPanel]: the chain of the segments before these, and then of these too
  bool first;   // there are none before
  // Where the sums go in place of `sums` when they are whole, every NaN made canonical; null when they are not whole.
  float* out;
  int64_t out_stride;
  Ahead ahead;
};

// Tiles of few rows are as fast as y can be read, and fetch nothing else.
template <int R>
constexpr bool kFetches = 2 * R > kTileRows;

template <int R, int V, Layout layout>
inline void add_segment(const Tile& t, int64_t start, int64_t end, F (&sum)[R][V]) {
  REPOPS_UNROLL for (int r = 0; r < R; r++) {
    REPOPS_UNROLL for (int v = 0; v < V; v++) sum[r][v] = F{};
  }
  const float* y = t.y + start * t.y_stride;
  if constexpr (layout == kColumns) {
    const float* x = t.x + start * t.x_stride;
    for (int64_t k = start; k < end; k++) {
      if constexpr (kFetches<R>) t.ahead.fetch(k);
      F column[V];
      REPOPS_UNROLL for (int v = 0; v < V; v++) column[v] = load(y + v * W);
#if defined(__ARM_NEON)
      // Four rows of x a load, each element of which is an operand of fma.
      float32x4_t rows[(R + 3) / 4];
      REPOPS_UNROLL for (int r = 0; r < R / 4; r++) rows[r] = vld1q_f32(x + 4 * r);
      if constexpr (R % 4 != 0) {
        float rest[4] = {};
        std::memcpy(rest, x + R / 4 * 4, R % 4 * 4);
        rows[R / 4] = vld1q_f32(rest);
      }
      REPOPS_UNROLL for (int r = 0; r < R; r++) {
        const F row = (F)vdupq_n_f32(rows[r / 4][r % 4]);
        REPOPS_UNROLL for (int v = 0; v < V; v++) sum[r][v] = fma(row, column[v], sum[r][v]);
      }
#else
      REPOPS_UNROLL for (int r = 0; r < R; r++) {
        const F row = splat(x[r]);
        REPOPS_UNROLL for (int v = 0; v < V; v++) sum[r][v] = fma(row, column[v], sum[r][v]);
      }
#endif
      x += t.x_stride;
      y += t.y_stride;
    }
  } else {
    // Three rows to a pointer: the stride times 0, 1 and 2 is what an address can hold.
    const float* x[(R + 2) / 3];
    REPOPS_UNROLL for (int i = 0; i < (R + 2) / 3; i++) x[i] = t.x + 3 * i * t.x_stride + start;
    for (int64_t k = start; k < end; k++) {
      if constexpr (kFetches<R>) t.ahead.fetch(k);
      F column[V];
      REPOPS_UNROLL for (int v = 0; v < V; v++) column[v] = load(y + v * W);
      REPOPS_UNROLL for (int r = 0; r < R; r++) {
        const F row = splat(x[r / 3][r % 3 * t.x_stride]);
        REPOPS_UNROLL for (int v = 0; v < V; v++) sum[r][v] = fma(row, column[v], sum[r][v]);
      }
      REPOPS_UNROLL for (int i = 0; i < (R + 2) / 3; i++) x[i]++;
      y += t.y_stride;
    }
  }
}

// Rows of a panel's width that are written when a tile is done.
template <int R>
inline void prefetch_written(const float* rows, int64_t stride) {
  constexpr int64_t kLine = 64 / sizeof(float);
  for (int r = 0; r < R; r++) {
    for (int n = 0; n < kPanel; n += kLine) __builtin_prefetch(rows + r * stride + n, 1);
  }
}

template <int R, Layout layout>
void multiply_tile(const Tile& tile) {
  constexpr int V = kTileVectors;
  Tile t = tile;
  // What lies in the first cache costs nothing to fetch again; a question would, each time.
  if (t.ahead.from == nullptr) t.ahead.from = reinterpret_cast<const float*>(&t);
  if (kFetches<R> && !t.first) prefetch_written<R>(t.sums, kPanel);
  if (kFetches<R> && t.out != nullptr) prefetch_written<R>(t.out, t.out_stride);
  bool first = t.first;
  for (int64_t start = 0; start < t.K; start += kSegment) {
    const int64_t end = start + kSegment < t.K ? start + kSegment : t.K;
    F sum[R][V];
    add_segment<R, V, layout>(t, start, end, sum);
    if (!first) {
      REPOPS_UNROLL for (int r = 0; r < R; r++) {
        REPOPS_UNROLL for (int v = 0; v < V; v++) sum[r][v] = load(t.sums + r * kPanel + v * W) + sum[r][v];
      }
    }
    if (end == t.K && t.out != nullptr) {
      REPOPS_UNROLL for (int r = 0; r < R; r++) {
        REPOPS_UNROLL for (int v = 0; v < V; v++) store(t.out + r * t.out_stride + v * W, canonical(sum[r][v]));
      }
    } else {
      REPOPS_UNROLL for (int r = 0; r < R; r++) {
        REPOPS_UNROLL for (int v = 0; v < V; v++) store(t.sums + r * kPanel + v * W, sum[r][v]);
      }
    }
    first = false;
  }
}

}  // namespace repops::REPOPS_ISA::product
