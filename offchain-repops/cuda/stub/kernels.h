#pragma once

#include <cstddef>
#include <map>
#include <string>

namespace gpu {

struct Kernel {
  size_t parameter_bytes;
  void (*thread)(const void* parameters);
};

const std::map<std::string, Kernel>& kernels();

}  // namespace gpu
