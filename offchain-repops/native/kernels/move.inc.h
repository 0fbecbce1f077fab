// Move: out[o] = x at the quotients v_j / divisor_j, v_j = offset_j + Σ coefficient · o_axis, or the fill bits.
#pragma once

#include "../engine/task.h"
#include "parallel.inc.h"
#include "transpose.inc.h"

namespace repops::REPOPS_ISA::data {

constexpr int kMostAxes = 8;
constexpr int64_t kFar = int64_t{1} << 48;  // every |v_j| of a form is smaller

// The map with axes joined where that changes nothing, of the input first and then of the output.
struct MoveMap {
  struct Axis {  // of the input
    int64_t size, stride, offset, divisor;
    int64_t slopes[kMostAxes];  // change of v along each axis of the output
    bool inside;                // for every output element
  };
  Axis axes[kMostAxes];
  int axis_count = 0;
  int64_t dims[kMostAxes], strides[kMostAxes];  // of the output
  int rank = 0;

  explicit MoveMap(const Move& task) {
    rank = static_cast<int>(task.out_dims.size());
    for (int a = 0; a < rank; a++) dims[a] = task.out_dims[a];
    if (rank == 0) dims[rank++] = 1;
    for (int j = static_cast<int>(task.in_dims.size()) - 1; j >= 0; j--) {
      Axis axis = {task.in_dims[j], 1, task.axes[j].offset, task.axes[j].divisor, {}, false};
      for (const Move::Term& term : task.axes[j].terms) {
        if (dims[term.axis] > 1) axis.slopes[term.axis] = term.coefficient;
      }
      const Range v = range(axis);
      axis.inside = axis.divisor == 1 && v.low >= 0 && v.high < axis.size;
      prepend(axis);
    }
    join_output_axes();
    int64_t stride = 1;
    for (int a = rank - 1; a >= 0; a--) {
      strides[a] = stride;
      stride *= dims[a];
    }
    stride = 1;
    for (int j = axis_count - 1; j >= 0; j--) {
      axes[j].stride = stride;
      stride *= axes[j].size;
    }
  }

  // Where every element is a copy of one of x: the first one's place, and the change along each axis of the output.
  bool is_strided() const { return axis_count == 0 || (axis_count == 1 && axes[0].inside && axes[0].divisor == 1); }
  int64_t offset() const { return axis_count == 0 ? 0 : axes[0].offset; }
  int64_t slope(int axis) const { return axis_count == 0 ? 0 : axes[0].slopes[axis]; }

 private:
  struct Range {
    int64_t low, high;
  };

  Range range(const Axis& axis) const {
    Range v = {axis.offset, axis.offset};
    for (int a = 0; a < rank; a++) (axis.slopes[a] < 0 ? v.low : v.high) += axis.slopes[a] * (dims[a] - 1);
    return v;
  }

  // An axis that is always inside is joined with the one before it: v = v_j · size + v_(j+1) is inside where v_j is.
  void prepend(const Axis& axis) {
    const Range v = range(axis);
    if (axis_count > 0 && axes[0].inside && axis.divisor == 1 && most(-v.low, v.high) < kFar / axes[0].size) {
      Axis& next = axes[0];
      next.offset += axis.offset * next.size;
      for (int a = 0; a < rank; a++) next.slopes[a] += axis.slopes[a] * next.size;
      next.size *= axis.size;
      next.inside = axis.inside;
      return;
    }
    for (int j = axis_count++; j > 0; j--) axes[j] = axes[j - 1];
    axes[0] = axis;
  }

  void join_output_axes() {
    int kept = 0;
    for (int a = 0; a < rank; a++) {
      if (dims[a] == 1) continue;
      if (kept > 0 && continues(kept - 1, a)) {
        dims[kept - 1] *= dims[a];
        for (int j = 0; j < axis_count; j++) axes[j].slopes[kept - 1] = axes[j].slopes[a];
        continue;
      }
      dims[kept] = dims[a];
      for (int j = 0; j < axis_count; j++) axes[j].slopes[kept] = axes[j].slopes[a];
      kept++;
    }
    rank = kept > 0 ? kept : 1;  // a single element: dims[0] is 1 then
  }

  bool continues(int before, int axis) const {
    for (int j = 0; j < axis_count; j++) {
      if (axes[j].slopes[before] != axes[j].slopes[axis] * dims[axis]) return false;
    }
    return true;
  }
};

// Batches of plain transpositions: the last output axis runs across rows of x, `along` along them.
inline void move_transposed(const MoveMap& map, int along, const Word* x, Word* out, Pool& pool) {
  const int last = map.rank - 1;
  const int64_t columns = map.dims[along];
  const int64_t chunk = least(columns, most(64, items_of_grain(map.dims[last]) / 64 * 64));
  const int64_t chunks = parts_of(columns, chunk);
  int64_t batches = 1;
  for (int a = 0; a < last; a++) batches *= a == along ? 1 : map.dims[a];
  for_runs(pool, batches * chunks, items_of_grain(chunk * map.dims[last]), [&](int64_t from, int64_t to, int) {
    for (int64_t item = from; item < to; item++) {
      const int64_t first = item % chunks * chunk;
      int64_t rest = item / chunks, source = map.offset() + first * map.slope(along), target = first * map.strides[along];
      for (int a = last - 1; a >= 0; a--) {
        if (a == along) continue;
        source += rest % map.dims[a] * map.slope(a);
        target += rest % map.dims[a] * map.strides[a];
        rest /= map.dims[a];
      }
      transpose(x + source, map.slope(last), out + target, map.strides[along], map.dims[last],
                least(chunk, columns - first));
    }
  });
}

inline int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }  // b > 0

// The i of from ≤ i < to, i = from + k·step, at which a row is inside x.
struct Inside {
  int64_t from, to, step;

  void clip(const MoveMap::Axis& axis, int64_t v, int64_t slope) {
    // 0 ≤ v + slope·i ≤ limit
    const int64_t limit = axis.size <= kFar / axis.divisor ? (axis.size - 1) * axis.divisor : kFar;
    if (slope > 0) {
      from = most(from, slope == 1 ? -v : floor_div(slope - 1 - v, slope));
      to = least(to, (slope == 1 ? limit - v : floor_div(limit - v, slope)) + 1);
    } else if (slope < 0) {
      from = most(from, floor_div(v - limit - slope - 1, -slope));
      to = least(to, floor_div(v, -slope) + 1);
    } else if (v < 0 || v > limit) {
      to = from;
    }
  }

  // Keeps those at which v + slope·i is divisible; they come at equal distances.
  void divide(int64_t divisor, int64_t v, int64_t slope) {
    if (slope == 0) {
      if (v % divisor != 0) to = from;
      return;
    }
    while (from < to && (v + slope * from) % divisor != 0) from += step;
    const int64_t before = step;
    int64_t next = from + step;
    while (next < to && (v + slope * next) % divisor != 0) next += before;
    step = next - from;
  }
};

// One run of outputs along `axis`: fill, elements of x at equal distances, fill.
inline void move_run(const MoveMap& map, int axis, const int64_t* v, int64_t from, int64_t to, Word fill, const Word* x,
                     Word* out) {
  const int64_t out_stride = map.strides[axis];
  Inside inside = {from, to, 1};
  for (int j = 0; j < map.axis_count; j++) {
    if (!map.axes[j].inside) inside.clip(map.axes[j], v[j], map.axes[j].slopes[axis]);
  }
  for (int j = 0; j < map.axis_count; j++) {
    if (map.axes[j].divisor != 1) inside.divide(map.axes[j].divisor, v[j], map.axes[j].slopes[axis]);
  }
  const auto fill_run = [&](int64_t first, int64_t end) {
    if (out_stride == 1 && first < end) fill_words(out + first, fill, end - first);
    else for (int64_t i = first; i < end; i++) out[i * out_stride] = fill;
  };
  if (inside.from >= inside.to) return fill_run(from, to);
  if (inside.step == 1) {
    fill_run(from, inside.from);
    fill_run(inside.to, to);
  } else {
    fill_run(from, to);
  }
  int64_t source = 0, x_stride = 0;
  for (int j = 0; j < map.axis_count; j++) {
    const MoveMap::Axis& a = map.axes[j];
    source += (v[j] + a.slopes[axis] * inside.from) / a.divisor * a.stride;
    x_stride += a.slopes[axis] * inside.step / a.divisor * a.stride;
  }
  const int64_t count = (inside.to - inside.from + inside.step - 1) / inside.step;
  Word* target = out + inside.from * out_stride;
  const int64_t target_stride = inside.step * out_stride;
  if (target_stride == 1 && x_stride == 1) copy_words(target, x + source, count);
  else if (target_stride == 1 && x_stride == 0) fill_words(target, x[source], count);
  else for (int64_t i = 0; i < count; i++) target[i * target_stride] = x[source + i * x_stride];
}

// Any map, run after run along one axis: the last, or the longest where the last is too short to be worth the setting up.
inline void move_runs(const MoveMap& map, Word fill, const Word* x, Word* out, Pool& pool) {
  constexpr int64_t kShort = 16;
  constexpr int64_t kStridedRun = 2048;  // elements whose cache lines stay until the neighbouring runs fill them
  int axis = map.rank - 1;
  for (int a = 0; a < map.rank && map.dims[map.rank - 1] < kShort; a++) {
    if (map.dims[a] > map.dims[axis]) axis = a;
  }
  const int64_t length = map.dims[axis];
  const int64_t chunk = least(length, axis == map.rank - 1 ? kGrain : kStridedRun);
  int64_t runs = 1;
  for (int a = 0; a < map.rank; a++) runs *= a == axis ? 1 : map.dims[a];
  const int64_t items = parts_of(length, chunk) * runs;
  for_runs(pool, items, items_of_grain(chunk), [&](int64_t from_item, int64_t to_item, int) {
    int64_t position[kMostAxes] = {}, v[kMostAxes], at = 0;
    for (int j = 0; j < map.axis_count; j++) v[j] = map.axes[j].offset;
    const auto go = [&](int a, int64_t steps) {
      position[a] += steps;
      at += steps * map.strides[a];
      for (int j = 0; j < map.axis_count; j++) v[j] += steps * map.axes[j].slopes[a];
    };
    int64_t rest = from_item % runs;
    for (int a = map.rank - 1; a >= 0; a--) {
      if (a == axis) continue;
      go(a, rest % map.dims[a]);
      rest /= map.dims[a];
    }
    for (int64_t item = from_item; item < to_item; item++) {
      const int64_t first = item / runs * chunk;
      move_run(map, axis, v, first, least(length, first + chunk), fill, x, out + at);
      for (int a = map.rank - 1; a >= 0; a--) {
        if (a == axis) continue;
        if (position[a] + 1 < map.dims[a]) {
          go(a, 1);
          break;
        }
        go(a, -position[a]);
      }
    }
  });
}

inline void move(const Move& task, Pool& pool) {
  const MoveMap map(task);
  const int last = map.rank - 1;
  if (map.is_strided() && map.slope(last) > 1 && map.dims[last] >= 4) {
    for (int a = 0; a < last; a++) {
      if (map.slope(a) == 1 && map.dims[a] >= 4) return move_transposed(map, a, task.x, task.out, pool);
    }
  }
  move_runs(map, task.fill, task.x, task.out, pool);
}

}  // namespace repops::REPOPS_ISA::data

namespace repops::REPOPS_ISA { using data::move; }
