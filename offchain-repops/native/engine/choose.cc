#include "choose.h"

#include <cstring>

namespace repops {

#if defined(__x86_64__)
namespace avx512 { extern const Kernels kernels; }
namespace avx2 { extern const Kernels kernels; }
#elif defined(__aarch64__)
namespace neon { extern const Kernels kernels; }
#endif
namespace scalar { extern const Kernels kernels; }

namespace {

struct Candidate {
  const Kernels* kernels;
  bool runs;
};

const Candidate* candidates() {
  static const Candidate list[] = {
#if defined(__x86_64__)
      {&avx512::kernels, __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                             __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                             __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2")},
      {&avx2::kernels,
       __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2")},
#elif defined(__aarch64__)
      {&neon::kernels, true},
#endif
      {&scalar::kernels, true},
      {nullptr, false},
  };
  return list;
}

}  // namespace

const Kernels* choose_kernels(const char* name) {
  for (const Candidate* it = candidates(); it->kernels != nullptr; it++) {
    if (it->runs && (*name == 0 || std::strcmp(name, it->kernels->name) == 0)) return it->kernels;
  }
  return nullptr;
}

const char* const* runnable_kernels() {
  static const char* names[8] = {};
  int count = 0;
  for (const Candidate* it = candidates(); it->kernels != nullptr; it++) {
    if (it->runs) names[count++] = it->kernels->name;
  }
  names[count] = nullptr;
  return names;
}

}  // namespace repops
