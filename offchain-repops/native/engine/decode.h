// Tasks as the host sends them (src/backends/engine/encode.ts): numbers, every one an exact integer.
#pragma once

#include "task.h"

namespace repops {

// A slot's words in the memory of a session.
struct Slot {
  Word* data;
  int64_t count;
};

struct Task {
  Kernel kernel;
  bool commit;
  Slot output;  // of a task that commits
};

// kind, commit, inputs, slot for each, outputs, slot for each, then the fields of the kernel in the order of task.h, a
// list as its length and its elements. Returns null, or what is wrong with the numbers.
const char* decode_task(const double* numbers, int64_t length, const std::vector<Slot>& slots, Task& task);

}  // namespace repops
