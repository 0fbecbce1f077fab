// Element-wise operators and reductions along the last axis, as planned by rows_plan.cc.
#pragma once

#include <algorithm>

#include "../engine/pool.h"
#include "elementwise.inc.h"
#include "programs.inc.h"
#include "reduce.inc.h"
#include "rows_plan.h"

namespace repops::REPOPS_ISA {

// One thread's run of a plan over some of its blocks and chunks.
class RowsRun {
 public:
  RowsRun(const RowsPlan& plan, void* scratch) : plan_(plan) {
    base_ = static_cast<int32_t**>(scratch);
    words_ = reinterpret_cast<int32_t*>(static_cast<char*>(scratch) + pointer_bytes(plan));
  }

  static size_t scratch_bytes(const RowsPlan& plan) {
    return pointer_bytes(plan) + size_t(plan.scratch_words) * sizeof(Word);
  }

  // Rows of one block: all columns, or those of one chunk.
  void block(int64_t index) {
    if (!enter(index)) return;
    for (const RowsPlan::Phase& phase : plan_.phases) {
      for (int64_t c = 0; c < plan_.chunks; c++) chunk(phase, c);
      for (const RowsPlan::Step& s : phase.per_row) per_row(s);
    }
  }
  void block_chunk(int64_t index, int64_t c) {
    if (!enter(index)) return;
    for (const RowsPlan::Phase& phase : plan_.phases) {
      chunk(phase, c);
      for (const RowsPlan::Step& s : phase.per_row) per_row(s);
    }
  }

 private:
  static size_t pointer_bytes(const RowsPlan& plan) { return (plan.places.size() * sizeof(int32_t*) + 63) / 64 * 64; }

  // Goes to the rows of a block; false where they hold already what would be stored.
  bool enter(int64_t index) {
    for (size_t i = 0; i < plan_.places.size(); i++) {
      const RowsPlan::Place& p = plan_.places[i];
      base_[i] = p.data != nullptr ? p.data : words_ + p.offset;
    }
    rows_ = plan_.outer.empty() ? 1 : std::min(plan_.block, plan_.outer.back());
    for (size_t a = plan_.outer.size(); a-- > 0 && index > 0;) {
      const bool last = a + 1 == plan_.outer.size();
      const int64_t extent = last ? (plan_.outer[a] + plan_.block - 1) / plan_.block : plan_.outer[a];
      int64_t at = index % extent;
      index /= extent;
      if (last) {
        at *= plan_.block;
        rows_ = std::min(plan_.block, plan_.outer[a] - at);
      }
      for (size_t i = 0; i < plan_.places.size(); i++) {
        const RowsPlan::Place& p = plan_.places[i];
        if (p.data != nullptr) base_[i] += at * p.strides[a];
      }
    }
    if (plan_.changes >= 0 && !changes()) return false;
    for (const RowsPlan::Step& s : plan_.before) per_row(s);
    return true;
  }

  bool changes() const {
    const int32_t* word = base_[plan_.changes];
    const int64_t pitch = plan_.places[size_t(plan_.changes)].pitch;
    for (int64_t r = 0; r < rows_; r++) {
      if (word[r * pitch] != 0) return true;
    }
    return false;
  }

  void per_row(const RowsPlan::Step& s) {
    Tile t;
    t.rows = 1;
    t.columns = rows_;
    for (int32_t k = 0; k < s.operands; k++) {
      const RowsPlan::Place& p = plan_.places[size_t(s.in[k])];
      t.in[k] = {base_[s.in[k]], 0, p.pitch == 1};
      if (p.pitch > 1) {  // a copy that gathers
        t.rows = rows_;
        t.columns = 1;
        t.in[k].pitch = p.pitch;
      }
    }
    t.out = base_[s.out];
    t.pitch = 1;
    kElementwise.of[s.op][s.type][s.canonical](t);
  }

  int32_t* at(int32_t place, int64_t column) const {
    return base_[place] + (plan_.places[size_t(place)].whole_rows ? column : 0);
  }

  void chunk(const RowsPlan::Phase& phase, int64_t index) {
    const int64_t from = index * plan_.chunk, columns = std::min(plan_.chunk, plan_.length - from);
    if (phase.program >= 0) program(phase, from, columns);
    for (const RowsPlan::Step& s : phase.columns) {
      if (s.kind == RowsPlan::Step::kReduce) {
        reduce(s, from, columns);
        continue;
      }
      Tile t;
      t.rows = s.flat ? 1 : rows_;
      t.columns = s.flat ? rows_ * columns : columns;
      for (int32_t k = 0; k < s.operands; k++) {
        const RowsPlan::Place& p = plan_.places[size_t(s.in[k])];
        t.in[k] = {at(s.in[k], from), p.pitch, p.vector};
      }
      t.out = at(s.out, from);
      t.pitch = plan_.places[size_t(s.out)].pitch;
      if (s.first != 0) kPairs.of[s.first][s.op][s.position][s.canonical](t);
      else kElementwise.of[s.op][s.type][s.canonical](t);
    }
  }

  void program(const RowsPlan::Phase& phase, int64_t from, int64_t columns) {
    ProgramTile t;
    t.rows = rows_;
    t.columns = columns;
    for (size_t k = 0; k < phase.in.size(); k++) {
      const RowsPlan::Place& p = plan_.places[size_t(phase.in[k])];
      t.in[k] = {at(phase.in[k], from), p.pitch, p.vector};
    }
    for (size_t s = 0; s < phase.out.size(); s++) {
      const RowsPlan::Place& p = plan_.places[size_t(phase.out[s])];
      t.out[s] = {p.vector ? at(phase.out[s], from) : base_[phase.out[s]], p.pitch,
                  reinterpret_cast<GroupedSum*>(words_ + phase.so_far[s])};
    }
    t.first = from == 0;
    t.last = from + columns == plan_.length;
    kPrograms.of[phase.program](t);
  }

  void reduce(const RowsPlan::Step& s, int64_t from, int64_t columns) {
    const int32_t* x = at(s.in[0], from);
    const int64_t pitch = plan_.places[size_t(s.in[0])].pitch;
    int32_t* out = base_[s.out];
    if (s.op == kReduceSum && s.type == kF32) {
      sum(s, reinterpret_cast<const float*>(x), pitch, from, columns, reinterpret_cast<float*>(out));
      return;
    }
    if (s.op == kReduceMax && s.type == kF32 && plan_.chunk == plan_.length) {
      max_rows(reinterpret_cast<const float*>(x), pitch, rows_, columns, reinterpret_cast<float*>(out));
      return;
    }
    // In chunks the value so far waits in scratch memory: the place of the result may be that of a later input.
    const bool first = from == 0, last = from + columns == plan_.length;
    int32_t* so_far = words_ + s.so_far;
    for (int64_t r = 0; r < rows_; r++, x += pitch) {
      int32_t y;
      if (s.type == kI32) {
        y = s.op == kReduceSum ? sum_words(x, columns) : max_words(x, columns);
        if (!first) y = s.op == kReduceSum ? int32_t(uint32_t(*so_far) + uint32_t(y)) : std::max(*so_far, y);
      } else {
        float most, before;
        max_rows(reinterpret_cast<const float*>(x), 0, 1, columns, &most);
        std::memcpy(&before, so_far, 4);
        if (!first) most = maximum(before, most);
        std::memcpy(&y, &most, 4);
      }
      (last ? out[r] : *so_far) = y;
    }
  }

  void sum(const RowsPlan::Step& s, const float* x, int64_t pitch, int64_t from, int64_t columns, float* out) {
    if (plan_.chunk == plan_.length) {
      sum_rows(x, pitch, rows_, columns, out);
      return;
    }
    // One row, chunk by chunk.
    GroupedSum& groups = *reinterpret_cast<GroupedSum*>(words_ + s.so_far);
    if (from == 0) groups.start();
    for_segments(x, columns, [&](float segment) { groups.push(segment); });
    if (from + columns == plan_.length) *out = groups.finish();
  }

  const RowsPlan& plan_;
  int32_t** base_;   // of each place, for the rows of the block
  int32_t* words_;   // scratch memory
  int64_t rows_ = 0;
};

inline void run_units(const RowsPlan& plan, void* scratch, int64_t from, int64_t to) {
  RowsRun run(plan, scratch);
  for (int64_t unit = from; unit < to; unit++) {
    if (plan.cut_columns) run.block_chunk(unit / plan.chunks, unit % plan.chunks);
    else run.block(unit);
  }
}

inline void run_steps(const RowsPlan& plan, Pool& pool) {
  const size_t scratch = RowsRun::scratch_bytes(plan);
  if (plan.units <= plan.least_units || pool.threads() == 1) {
    return run_units(plan, pool.scratch(0, scratch), 0, plan.units);
  }
  const int64_t most_parts = 8 * pool.threads();  // more than threads, which are never equally fast
  const int64_t size = std::max(plan.least_units, (plan.units + most_parts - 1) / most_parts);
  pool.run((plan.units + size - 1) / size, [&](int64_t part, int thread) {
    run_units(plan, pool.scratch(thread, scratch), part * size, std::min(plan.units, (part + 1) * size));
  });
}

// Nothing but jumps: the sum of a row takes some nanoseconds.
inline void rows(const RowsPlan& plan, Pool& pool) {
  const RowsPlan::Reduction& only = plan.only;
  if (only.x == nullptr || plan.units > plan.least_units) return run_steps(plan, pool);
  return (only.op == kReduceSum ? sum_rows : max_rows)(only.x, only.pitch, only.rows, plan.length, only.out);
}

}  // namespace repops::REPOPS_ISA
