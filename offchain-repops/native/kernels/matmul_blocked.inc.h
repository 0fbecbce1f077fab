// Matrix products of many rows.
#pragma once

#include "matmul_product.inc.h"

namespace repops::REPOPS_ISA::product {

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
        const auto multiply = [&](int64_t part, int thread, float* to_pack) {
          const int64_t block = part / splits, split = part % splits;
          const int64_t row = block * p.M / blocks, end_row = (block + 1) * p.M / blocks;
          multiply_block(row, end_row - row, first, split * count / splits, (split + 1) * count / splits, k, depth, y,
                         to_pack, memory + thread * words_of_thread());
        };
        int64_t done = 0;
        if (p.panels != nullptr) {
          y = {p.panels + (first * p.K + k) * kPanel, p.K * kPanel};
        } else if (threads == 1 && p.y.column_stride == 1 && !few(count, depth)) {
          run(1, [&](int64_t part, int thread) { multiply(part, thread, packed); });
          done = 1;
        } else {
          pack(run, first, count, k, depth, packed);
        }
        run(blocks * splits - done, [&](int64_t part, int thread) { multiply(done + part, thread, nullptr); });
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

  // Whether panels stay in the second cache, all of them.
  static bool few(int64_t panels, int64_t depth) { return panels * kPanel * least(depth, kChunk) <= kXWords; }

  // Starts to bring part `part` of `parts` of the rows of a panel nearer.
  void prefetch(int64_t panel, int64_t k, int64_t depth, int64_t part, int64_t parts) const {
    const int64_t rows = p.columns(panel);
    for (int64_t r = part * rows / parts; r < (part + 1) * rows / parts; r++) {
      const float* row = p.y.from(panel * kPanel + r, k).data;
      for (int64_t i = 0; i < depth; i += 16) __builtin_prefetch(row + i, 0, 2);
    }
  }

  // Rows of out times panels first + begin to first + end of y, over one group. Panels that are yet to be packed go to
  // `to_pack`; while one is multiplied, the rows of the next are on their way.
  void multiply_block(int64_t row, int64_t rows, int64_t first, int64_t begin, int64_t end, int64_t k, int64_t depth,
                      const Panels& y, float* to_pack, float* memory) const {
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
      if (to_pack == nullptr && few(end - begin, depth)) {
        for (int64_t tile = 0; tile < cut.tiles(); tile++) {
          for (int64_t i = begin; i < end; i++) multiply(tile, i);
        }
      } else {
        for (int64_t i = begin; i < end; i++) {
          if (to_pack != nullptr) {
            pack_panel(p.y.from((first + i) * kPanel, k + start), p.columns(first + i), count,
                       to_pack + i * y.words + start * kPanel);
          }
          for (int64_t tile = 0; tile < cut.tiles(); tile++) {
            if (to_pack != nullptr && i + 1 < end) prefetch(first + i + 1, k + start, count, tile, cut.tiles());
            multiply(tile, i);
          }
        }
      }
    }
  }
};

}  // namespace repops::REPOPS_ISA::product
