// The kernels themselves, compiled for the host. The library's headers come first: they use names that device.h defines.
#include "kernels.h"

#include "../kernels/kernels.cu"
#include "../kernels/list.h"

namespace gpu {

const std::map<std::string, Kernel>& kernels() {
  static const std::map<std::string, Kernel> all = {
#define ENTRY(name, Parameters) \
  {#name, {sizeof(Parameters), [](const void* parameters) { name(*(const Parameters*)parameters); }}},
      REPOPS_KERNELS(ENTRY)
#undef ENTRY
  };
  return all;
}

}  // namespace gpu
