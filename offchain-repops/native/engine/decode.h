// Tasks as the host sends them (src/backends/engine/encode.ts): numbers, every one an exact integer.
#pragma once

#include <memory>

#include "task.h"

namespace repops {

struct RowsPlan;  // kernels/table.h

// A slot's words in the memory of a session.
struct Slot {
  Word* data;
  int64_t count;
  bool constant;  // changes by Session::write only
};

struct Task {
  Kernel kernel;
  std::shared_ptr<const RowsPlan> rows_plan;  // of a Rows
  bool commit;
  std::vector<Slot> outputs;  // the first is what a task commits
  int64_t constant_y = 0;  // words of a product's right operand where that is constant
};

// kind, commit, inputs, slot for each, outputs, slot for each, then the fields of the kernel in the order of task.h, a
// list as its length and its elements. Returns null, or what is wrong with the numbers.
const char* decode_task(const double* numbers, int64_t length, const std::vector<Slot>& slots, Task& task);

}  // namespace repops
