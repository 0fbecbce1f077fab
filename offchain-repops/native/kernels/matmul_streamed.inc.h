// Matrix products of few rows.
#pragma once

#include "matmul_product.inc.h"

namespace repops::REPOPS_ISA::product {

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
  void multiply_group(const XRows& x, int64_t row, int64_t rows, int64_t panel, int64_t k, int64_t depth,
                      float* segment, float* sums, bool direct) const {
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
            .ahead = {},
        });
      }
    }
  }
};

}  // namespace repops::REPOPS_ISA::product
