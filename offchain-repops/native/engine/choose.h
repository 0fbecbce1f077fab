#pragma once

#include "../kernels/table.h"

namespace repops {

// The kernels of an instruction set by name, or the fastest that this processor runs for an empty name. Null where it
// is not built in or the processor lacks it.
const Kernels* choose_kernels(const char* name);

// Names of those that run here, fastest first; a list that ends with null.
const char* const* runnable_kernels();

}  // namespace repops
