// What tests of memory and threads end with when something is wrong.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace repops {

#define CHECK(holds) \
  if (!(holds)) std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #holds), std::abort()

}  // namespace repops
