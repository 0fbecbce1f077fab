#pragma once

#include "../engine/task.h"
#include "parallel.inc.h"

namespace repops::REPOPS_ISA::data {

inline void copy(const Copy& task, Pool& pool) {
  for_runs(pool, task.count, kGrain, [&](int64_t from, int64_t to, int) {
    copy_words(task.out + from, task.x + from, to - from);
  });
}

}  // namespace repops::REPOPS_ISA::data

namespace repops::REPOPS_ISA { using data::copy; }
