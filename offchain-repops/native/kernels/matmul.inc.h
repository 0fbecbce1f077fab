// out[b, m, n] = the R_dot over k of x[b, m, k] * y[b, n, k] (docs/spec/repops.md, section 2.1).
//
// Tiles of out (matmul_tile.inc.h) run over a whole group of 16 segments at a time, so that sums leave the registers
// once a segment and the first cache once a group. K is never padded: fma(0, 0, -0) is +0.
#pragma once

#include <array>

#include "../engine/pool.h"
#include "../engine/task.h"
#include "matmul_pack.inc.h"

namespace repops::REPOPS_ISA {
namespace product {

constexpr int64_t kDepth = kSegment * kGroup;  // values of k that one sum of a tile covers
constexpr int64_t kChunk = 1024;                // of these, go through with a block of x
constexpr int64_t kFewRows = 64 / kTileRows * kTileRows;
constexpr int64_t kSmall = int64_t{1} << 19;   // multiplications that are not worth two threads, or another packing
constexpr int64_t kXWords = int64_t{1} << 17;  // of x that stay in the second cache
constexpr int64_t kYWords = int64_t{1} << 21;  // of y that stay in the third

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
    for (int64_t n = 0; n < columns; n++) {
      float sum = sums[r * kPanel + n];
      if (how == Put::kAdd) sum = out[n * p.out_column_stride] + sum;
      if (sum != sum) sum = __builtin_nanf("");  // 0x7fc00000
      out[n * p.out_column_stride] = sum;
    }
  }
}

// The sums of group `group` lie in levels[0]; each level above holds the chain over at most 16 values of the one below.
inline void fold(float* levels, int64_t size, int64_t group, int64_t groups) {
  const bool last = group == groups - 1;
  for (int64_t span = 1; span < groups; span *= kGroup, levels += size) {
    float* above = levels + size;
    if (group % kGroup == 0) {
      std::memcpy(above, levels, size * sizeof(float));
    } else {
      for (int64_t i = 0; i < size; i++) above[i] = above[i] + levels[i];
    }
    if (group % kGroup != kGroup - 1 && !last) return;
    group /= kGroup;
  }
}

// Few rows at a time: y is read once for all of them and, where it is not packed, packed a segment at a time into the
// first cache.
struct Streamed {
  const Product& p;

  static int64_t levels(const Product& p) {
    int64_t count = 1;
    for (int64_t groups = p.groups(); groups > 1; groups = ceil_div(groups, kGroup)) count++;
    return count;
  }
  static int64_t words(const Product& p) {
    const int64_t rows = least(p.M, kFewRows);
    return kSegment * kPanel + levels(p) * kFewRows * kPanel + x_rows_words(rows, p.depth());
  }

  void run(int64_t first_panel, int64_t end_panel, float* scratch) const {
    float* segment = scratch;
    float* sums = segment + kSegment * kPanel;
    float* copy = sums + levels(p) * kFewRows * kPanel;
    const int64_t groups = p.groups();
    for (int64_t row = 0; row < p.M; row += kFewRows) {
      const int64_t rows = least(kFewRows, p.M - row);
      XRows x{};
      if (groups == 1) x = x_rows(p.x.from(row, 0), rows, p.K, copy);
      for (int64_t panel = first_panel; panel < end_panel; panel++) {
        const bool direct = groups == 1 && p.direct(panel);
        for (int64_t group = 0; group < groups; group++) {
          const int64_t k = group * kDepth, depth = least(kDepth, p.K - k);
          if (groups > 1) x = x_rows(p.x.from(row, k), rows, depth, copy);
          multiply_group(x, row, rows, panel, k, depth, segment, sums, direct);
          fold(sums, rows * kPanel, group, groups);
        }
        if (!direct) put(p, row, rows, panel, sums + (levels(p) - 1) * rows * kPanel, Put::kStore);
      }
    }
  }

 private:
  void multiply_group(const XRows& x, int64_t row, int64_t rows, int64_t panel, int64_t k, int64_t depth, float* segment,
                      float* sums, bool direct) const {
    const Matrix y = p.y.from(panel * kPanel, k);
    const bool in_place = p.panels == nullptr && y.row_stride == 1 && p.columns(panel) == kPanel;
    const Cut cut{rows};
    const int64_t step = p.panels != nullptr || in_place ? depth : kSegment;
    for (int64_t start = 0; start < depth; start += step) {
      const int64_t count = least(step, depth - start);
      const float* from = segment;
      if (p.panels != nullptr) {
        from = p.panels + (panel * p.K + k) * kPanel;
      } else if (in_place) {
        from = y.data;
      } else {
        pack_panel(y.from(0, start), p.columns(panel), count, segment);
      }
      const bool whole = direct && start + count == depth;
      for (int64_t tile = 0; tile < cut.tiles(); tile++) {
        const int64_t m = cut.start(tile);
        kTiles[x.layout][cut.height(tile) - 1]({
            .x = x.at(cut, tile, start),
            .x_stride = x.stride,
            .y = from,
            .y_stride = in_place ? y.column_stride : kPanel,
            .K = count,
            .sums = sums + m * kPanel,
            .first = start == 0,
            .out = whole ? p.at(row + m, panel) : nullptr,
            .out_stride = p.out_row_stride,
        });
      }
    }
  }
};

// Many rows: as many panels of y as stay in the third cache are packed, then blocks of x that stay in the second cache
// are multiplied with them. Sums of several groups are added in out, so K <= 65536.
struct Blocked {
  const Product& p;
  int threads;
  int64_t y_words;  // at most

  int64_t panels_at_once() const {
    const int64_t fit = y_words / (kPanel * p.depth());
    return least(p.all_panels(), fit > 1 ? fit : 1);
  }
  int64_t chunk() const { return least(p.K, kChunk); }
  int64_t tiles_in_block() const {
    const int64_t all = Cut{p.M}.tiles(), fit = kXWords / (kTileRows * chunk());
    return ceil_div(all, ceil_div(all, fit > 1 ? fit : 1));
  }
  int64_t words_of_panels() const { return p.panels != nullptr ? 0 : panels_at_once() * kPanel * p.depth(); }
  int64_t words_of_copy() const { return x_rows_words(tiles_in_block() * kTileRows, chunk()); }
  int64_t words_of_sums() const {
    return tiles_in_block() * kTileRows * kPanel * (p.K > kChunk ? panels_at_once() : 1);
  }
  int64_t words_of_thread() const { return words_of_copy() + words_of_sums(); }

  // run(parts, part) as Pool::run.
  template <typename Run>
  void run(const Run& run, float* packed, float* memory) const {
    const int64_t blocks = ceil_div(p.M, tiles_in_block() * kTileRows);
    for (int64_t first = 0; first < p.all_panels(); first += panels_at_once()) {
      const int64_t count = least(panels_at_once(), p.all_panels() - first);
      int64_t splits = 1;
      while (threads > 1 && blocks * splits < 4 * threads && splits * 4 < count) splits++;
      while (blocks * splits % threads != 0 && splits * 4 < count) splits++;
      for (int64_t k = 0; k < p.K; k += kDepth) {
        const int64_t depth = least(kDepth, p.K - k);
        Panels y{packed, depth * kPanel};
        if (p.panels != nullptr) {
          y = {p.panels + (first * p.K + k) * kPanel, p.K * kPanel};
        } else {
          pack(run, first, count, k, depth, packed);
        }
        run(blocks * splits, [&](int64_t part, int thread) {
          const int64_t block = part / splits, split = part % splits;
          const int64_t row = block * p.M / blocks, end_row = (block + 1) * p.M / blocks;
          multiply_block(row, end_row - row, first, split * count / splits, (split + 1) * count / splits, k, depth, y,
                         memory + thread * words_of_thread());
        });
      }
    }
  }

 private:
  struct Panels {
    const float* data;
    int64_t words;  // from panel to panel
  };

  template <typename Run>
  void pack(const Run& run, int64_t first, int64_t count, int64_t k, int64_t depth, float* packed) const {
    // In the order in which y lies: along its columns a few values of k for each panel, along its rows panel by panel.
    const bool across = p.y.row_stride == 1;
    const int64_t step = across ? 16 : depth;
    const int64_t steps = ceil_div(depth, step), all = across ? steps : count, parts = least(all, 4 * threads);
    run(parts, [&](int64_t part, int) {
      const int64_t begin = part * all / parts, end = (part + 1) * all / parts;
      for (int64_t s = across ? begin : 0; s < (across ? end : 1); s++) {
        for (int64_t i = across ? 0 : begin; i < (across ? count : end); i++) {
          pack_panel(p.y.from((first + i) * kPanel, k + s * step), p.columns(first + i), least(step, depth - s * step),
                     packed + (i * depth + s * step) * kPanel);
        }
      }
    });
  }

  // Rows of out times panels first + begin to first + end of y, over one group.
  void multiply_block(int64_t row, int64_t rows, int64_t first, int64_t begin, int64_t end, int64_t k, int64_t depth,
                      const Panels& y, float* memory) const {
    const Cut cut{rows};
    float* all_sums = memory + words_of_copy();
    for (int64_t start = 0; start < depth; start += kChunk) {
      const int64_t count = least(kChunk, depth - start);
      const XRows x = x_rows(p.x.from(row, k + start), rows, count, memory);
      const auto multiply = [&](int64_t tile, int64_t i) {
        const int64_t m = row + cut.start(tile), height = cut.height(tile), panel = first + i;
        const bool last = start + count == depth, direct = p.groups() == 1 && p.direct(panel);
        float* sums = all_sums + (depth > kChunk ? (i - begin) * rows + cut.start(tile) : 0) * kPanel;
        kTiles[x.layout][height - 1]({
            .x = x.at(cut, tile, 0),
            .x_stride = x.stride,
            .y = y.data + i * y.words + start * kPanel,
            .y_stride = kPanel,
            .K = count,
            .sums = sums,
            .first = start == 0,
            .out = last && direct ? p.at(m, panel) : nullptr,
            .out_stride = p.out_row_stride,
        });
        if (last && !direct) put(p, m, height, panel, sums, k == 0 ? Put::kStore : Put::kAdd);
      };
      // Panels that all stay in the second cache are run through for each tile, so that rows of out are written from
      // end to end; else the block of x is, for each panel.
      if ((end - begin) * kPanel * count <= kXWords) {
        for (int64_t tile = 0; tile < cut.tiles(); tile++) {
          for (int64_t i = begin; i < end; i++) multiply(tile, i);
        }
      } else {
        for (int64_t i = begin; i < end; i++) {
          for (int64_t tile = 0; tile < cut.tiles(); tile++) multiply(tile, i);
        }
      }
    }
  }
};

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
    const int64_t parts = least(least(units, worth), 16 * threads);
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
