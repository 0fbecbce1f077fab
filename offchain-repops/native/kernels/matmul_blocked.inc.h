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
        } else if (threads == 1 && !few(count, depth)) {
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

  // Rows of out times panels first + begin to first + end of y, over one group. Rows of x are copied, and panels that
  // are yet to be packed go to `to_pack`, when they are first needed; what is needed next is on its way meanwhile.
  void multiply_block(int64_t row, int64_t rows, int64_t first, int64_t begin, int64_t end, int64_t k, int64_t depth,
                      const Panels& y, float* to_pack, float* memory) const {
    const Cut cut{rows};
    float* all_sums = memory + words_of_copy();
    // Panels that all stay in the second cache are run through for each tile, so that rows of out are written from end
    // to end; else the block of x is, for each panel.
    const bool by_panel = to_pack != nullptr || !few(end - begin, depth);
    for (int64_t start = 0; start < depth; start += kChunk) {
      const int64_t count = least(kChunk, depth - start);
      const Matrix from = p.x.from(row, k + start);
      const XRows x = place_rows(from, rows, count, memory);
      const auto ahead = [&](int64_t tile, int64_t i) -> Ahead {
        const int64_t left = cut.tiles() - 1 - tile, line = left * kLineRows;
        if (by_panel && i + 1 < end && line < kPanel) {
          if (to_pack != nullptr) return ahead_of(p.y.from((first + i + 1) * kPanel + line, k + start));
          return ahead_of({y.data + (i + 1) * y.words + start * kPanel + line, 1, kPanel});
        }
        if (i == begin && left > 0) {
          // Of columns the first rows are on the lines of the tile before.
          const int64_t next = x.layout == kRows ? cut.start(tile + 1) : cut.start(tile + 2) - 1;
          return ahead_of(from.from(next, 0));
        }
        return {};
      };
      const auto multiply = [&](int64_t tile, int64_t i) {
        const int64_t m = row + cut.start(tile), height = cut.height(tile), panel = first + i;
        const bool last = start + count == depth, direct = p.groups() == 1 && p.direct(panel);
        float* sums = all_sums + (depth > kChunk ? (i - begin) * rows + cut.start(tile) : 0) * kPanel;
        if (i == begin) copy_tile(x, from, cut, tile, 0, count);
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
            .ahead = ahead(tile, i),
        });
        if (last && !direct) put(p, m, height, panel, sums, k == 0 ? Put::kStore : Put::kAdd);
      };
      if (!by_panel) {
        for (int64_t tile = 0; tile < cut.tiles(); tile++) {
          for (int64_t i = begin; i < end; i++) multiply(tile, i);
        }
      } else {
        for (int64_t i = begin; i < end; i++) {
          if (to_pack != nullptr) {
            pack_panel(p.y.from((first + i) * kPanel, k + start), p.columns(first + i), count,
                       to_pack + i * y.words + start * kPanel);
          }
          for (int64_t tile = 0; tile < cut.tiles(); tile++) multiply(tile, i);
        }
      }
    }
  }
};

}  // namespace repops::REPOPS_ISA::product
