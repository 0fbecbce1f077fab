#pragma once

#include "../engine/task.h"
#include "parallel.inc.h"

namespace repops::REPOPS_ISA::data {

// Inputs [O, n_k, I] → out [O, Σ n_k, I]: an output row is a run of each input's.
inline void concat(const Concat& task, Pool& pool) {
  const int64_t inputs = static_cast<int64_t>(task.inputs.size());
  int64_t row = 0;
  for (int64_t k = 0; k < inputs; k++) row += task.sizes[k] * task.I;
  for_runs(pool, task.O * row, kGrain, [&](int64_t from, int64_t to, int) {
    int64_t o = from / row, start = o * row;  // `start`: where in the output the run of input k begins
    for (int64_t k = 0; from < to; k = k + 1 < inputs ? k + 1 : (o++, 0)) {
      const int64_t length = task.sizes[k] * task.I;
      const int64_t end = least(to, start + length);
      if (from < end) {
        copy_words(task.out + from, task.inputs[k] + o * length + (from - start), end - from);
        from = end;
      }
      start += length;
    }
  });
}

}  // namespace repops::REPOPS_ISA::data

namespace repops::REPOPS_ISA { using data::concat; }
