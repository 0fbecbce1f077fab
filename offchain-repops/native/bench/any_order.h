#pragma once

#include <cstdint>

namespace repops {

struct AnyOrder {
  void (*sums)(const float* x, int64_t rows, int64_t n, float* out);
  void (*softmax)(const float* x, int64_t rows, int64_t n, float* out);
};

}  // namespace repops
