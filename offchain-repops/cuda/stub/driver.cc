// The calls of the CUDA driver that src/backends/cuda/driver.ts makes, on host memory: launches run the kernels of
// kernels.cc before they return, graphs record and repeat them. Only what those calls may rely on is here, and more is refused
// than a driver would: unknown kernels, memory that was not taken, launches beyond the limits.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kernels.h"
#include "run.h"

namespace {

enum Result : int {
  kSuccess = 0,
  kInvalidValue = 1,
  kOutOfMemory = 2,
  kNotInitialised = 3,
  kNoDevice = 100,
  kInvalidImage = 200,
  kInvalidContext = 201,
  kInvalidHandle = 400,
  kNotFound = 500,
  kNotReady = 600,
  kIllegalAddress = 700,
  kLaunchFailed = 719,
  kCaptureInvalid = 901,
};

constexpr size_t kGuard = 256;  // bytes before and after each allocation that nobody may write
constexpr unsigned char kGuardByte = 0xc3;
constexpr size_t kSharedLimit = 99 * 1024, kSharedDefault = 48 * 1024;

struct Function {
  std::string name;
  gpu::Kernel kernel;
  size_t shared_limit = kSharedDefault;
};

using Work = std::function<Result()>;

struct Graph {
  std::vector<Work> work;
};

struct Driver {
  bool initialised = false;
  bool context = false;
  size_t memory = size_t(1) << 30, used = 0;
  int processors = 4;
  Result lost = kSuccess;           // every call fails with it from then on, as after a fault on a device
  std::map<uintptr_t, size_t> allocations;
  std::map<std::string, std::unique_ptr<Function>> functions;
  std::string image;
  std::unique_ptr<Graph> capturing;
  int queries_until_ready = 0;
  std::string fail_call;
  int fail_after = 0;
  Result fail_with = kSuccess;
  std::map<std::string, int> calls;
} driver;

Result enter(const char* call) {
  driver.calls[call]++;
  if (driver.lost != kSuccess) return driver.lost;
  if (driver.fail_call == call && driver.fail_after-- == 0) {
    const Result with = driver.fail_with;
    if (with >= 700 || with == 214) driver.lost = with;
    return with;
  }
  return driver.initialised ? kSuccess : kNotInitialised;
}

#define ENTER(call)                          \
  do {                                       \
    const Result entered = enter(call);      \
    if (entered != kSuccess) return entered; \
  } while (0)

bool guards_hold(uintptr_t at, size_t bytes) {
  const auto* before = (const unsigned char*)(at - kGuard);
  const auto* after = (const unsigned char*)(at + bytes);
  for (size_t i = 0; i < kGuard; i++)
    if (before[i] != kGuardByte || after[i] != kGuardByte) return false;
  return true;
}

// Whether all of a range lies in one allocation.
bool taken(uintptr_t at, size_t bytes) {
  auto next = driver.allocations.upper_bound(at);
  if (next == driver.allocations.begin()) return false;
  const auto& [start, size] = *--next;
  return at + bytes <= start + size;
}

Result submit(Work work) {
  if (driver.capturing) {
    driver.capturing->work.push_back(std::move(work));
    return kSuccess;
  }
  driver.queries_until_ready = 2;
  const Result result = work();
  if (result >= 700) driver.lost = result;
  return result;
}

}  // namespace

extern "C" {

// For tests: the call numbered `after` (from 0) of that name fails with `code`; 700 and above lose the device.
void stubFail(const char* call, int after, int code) {
  driver.fail_call = call;
  driver.fail_after = after;
  driver.fail_with = (Result)code;
}
// A device of that size; forgets faults and counts.
void stubReset(uint64_t memory, int processors) {
  driver.memory = memory;
  driver.processors = processors;
  driver.lost = kSuccess;
  driver.fail_call.clear();
  driver.capturing.reset();
  driver.calls.clear();
}
int stubCalls(const char* call) { return driver.calls[call]; }
uint64_t stubUsed() { return driver.used; }

int cuInit(unsigned) {
  driver.initialised = true;
  return enter("cuInit");
}
int cuDriverGetVersion(int* version) {
  *version = 12000;
  return kSuccess;
}
int cuDeviceGetCount(int* count) {
  *count = 1;
  ENTER("cuDeviceGetCount");
  return kSuccess;
}
int cuDeviceGet(int* device, int ordinal) {
  ENTER("cuDeviceGet");
  *device = ordinal;
  return ordinal == 0 ? kSuccess : kInvalidValue;
}
int cuDeviceGetName(char* name, int length, int) {
  ENTER("cuDeviceGetName");
  std::strncpy(name, "kernels on the host", (size_t)length);
  return kSuccess;
}
int cuDeviceGetAttribute(int* value, int attribute, int) {
  ENTER("cuDeviceGetAttribute");
  switch (attribute) {
    case 16: *value = driver.processors; return kSuccess;          // multiprocessors
    case 75: *value = 9; return kSuccess;                          // compute capability, major
    case 76: *value = 0; return kSuccess;                          // minor
    case 97: *value = (int)kSharedLimit; return kSuccess;          // shared memory of a block, at most
  }
  return kInvalidValue;
}
int cuDevicePrimaryCtxRetain(void** context, int) {
  ENTER("cuDevicePrimaryCtxRetain");
  *context = &driver;
  return kSuccess;
}
int cuDevicePrimaryCtxRelease_v2(int) {
  driver.context = false;
  return kSuccess;
}
int cuCtxSetCurrent(void* context) {
  ENTER("cuCtxSetCurrent");
  driver.context = context == &driver;
  return kSuccess;
}
int cuMemGetInfo_v2(size_t* free, size_t* total) {
  ENTER("cuMemGetInfo_v2");
  *free = driver.memory > driver.used ? driver.memory - driver.used : 0;
  *total = driver.memory;
  return driver.context ? kSuccess : kInvalidContext;
}
int cuMemAlloc_v2(uint64_t* at, size_t bytes) {
  ENTER("cuMemAlloc_v2");
  if (bytes == 0) return kInvalidValue;
  if (driver.used + bytes > driver.memory) return kOutOfMemory;
  const size_t rounded = (bytes + 255) / 256 * 256;
  auto* memory = (unsigned char*)std::aligned_alloc(256, rounded + 2 * kGuard);
  if (memory == nullptr) return kOutOfMemory;
  std::memset(memory, kGuardByte, rounded + 2 * kGuard);
  std::memset(memory + kGuard, 0xa5, bytes);
  *at = (uintptr_t)memory + kGuard;
  driver.allocations[*at] = bytes;
  driver.used += bytes;
  return kSuccess;
}
int cuMemFree_v2(uint64_t at) {
  driver.calls["cuMemFree_v2"]++;
  const auto found = driver.allocations.find(at);
  if (found == driver.allocations.end()) return kInvalidValue;
  const bool held = guards_hold(at, found->second);
  driver.used -= found->second;
  driver.allocations.erase(found);
  std::free((void*)(at - kGuard));
  return held ? kSuccess : kIllegalAddress;
}
int cuMemAllocHost_v2(void** at, size_t bytes) {
  ENTER("cuMemAllocHost_v2");
  *at = std::malloc(bytes);
  return *at == nullptr ? kOutOfMemory : kSuccess;
}
int cuMemFreeHost(void* at) {
  std::free(at);
  return kSuccess;
}
int cuMemcpyHtoDAsync_v2(uint64_t to, const void* from, size_t bytes, void*) {
  ENTER("cuMemcpyHtoDAsync_v2");
  if (!taken(to, bytes) || driver.capturing) return kInvalidValue;
  return submit([=] {
    std::memcpy((void*)to, from, bytes);
    return kSuccess;
  });
}
int cuMemcpyDtoHAsync_v2(void* to, uint64_t from, size_t bytes, void*) {
  ENTER("cuMemcpyDtoHAsync_v2");
  if (!taken(from, bytes) || driver.capturing) return kInvalidValue;
  return submit([=] {
    std::memcpy(to, (const void*)from, bytes);
    return kSuccess;
  });
}
int cuMemcpyDtoDAsync_v2(uint64_t to, uint64_t from, size_t bytes, void*) {
  ENTER("cuMemcpyDtoDAsync_v2");
  if (!taken(to, bytes) || !taken(from, bytes)) return kInvalidValue;
  return submit([=] {
    std::memcpy((void*)to, (const void*)from, bytes);
    return kSuccess;
  });
}
int cuModuleLoadData(void** module, const void* image) {
  ENTER("cuModuleLoadData");
  driver.image = (const char*)image;
  if (driver.image.find("\n.version ") == std::string::npos) return kInvalidImage;
  *module = &driver.image;
  return driver.context ? kSuccess : kInvalidContext;
}
int cuModuleUnload(void*) { return kSuccess; }
int cuModuleGetFunction(void** function, void* module, const char* name) {
  ENTER("cuModuleGetFunction");
  if (module != &driver.image) return kInvalidHandle;
  const auto kernel = gpu::kernels().find(name);
  if (kernel == gpu::kernels().end() || driver.image.find(std::string(".entry ") + name + "(") == std::string::npos)
    return kNotFound;
  auto& slot = driver.functions[name];
  if (!slot) slot.reset(new Function{name, kernel->second});
  *function = slot.get();
  return kSuccess;
}
int cuFuncSetAttribute(void* function, int attribute, int value) {
  ENTER("cuFuncSetAttribute");
  if (attribute != 8 || value < 0 || (size_t)value > kSharedLimit) return kInvalidValue;
  ((Function*)function)->shared_limit = (size_t)value;
  return kSuccess;
}
int cuStreamCreate(void** stream, unsigned) {
  ENTER("cuStreamCreate");
  static int only;
  *stream = &only;
  return driver.context ? kSuccess : kInvalidContext;
}
int cuStreamDestroy_v2(void*) { return kSuccess; }
int cuStreamQuery(void*) {
  ENTER("cuStreamQuery");
  if (driver.queries_until_ready > 0) {
    driver.queries_until_ready--;
    return kNotReady;
  }
  return kSuccess;
}
int cuLaunchKernel(void* handle, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y,
                   unsigned block_z, unsigned shared, void*, void** parameters, void** extra) {
  ENTER("cuLaunchKernel");
  const auto* function = (const Function*)handle;
  if (grid_x == 0 || grid_y != 1 || grid_z != 1 || block_x == 0 || block_x > 1024 || block_y != 1 || block_z != 1 ||
      block_x % 32 != 0 || shared > function->shared_limit || extra != nullptr)
    return kInvalidValue;
  driver.calls[function->name]++;
  std::vector<unsigned char> copy(function->kernel.parameter_bytes);
  std::memcpy(copy.data(), parameters[0], copy.size());
  return submit([=] {
    const bool ended = gpu::run([&] { function->kernel.thread(copy.data()); }, grid_x, block_x, shared);
    return ended ? kSuccess : kLaunchFailed;
  });
}
int cuStreamBeginCapture_v2(void*, int) {
  ENTER("cuStreamBeginCapture_v2");
  if (driver.capturing) return kCaptureInvalid;
  driver.capturing = std::make_unique<Graph>();
  return kSuccess;
}
int cuStreamEndCapture(void*, void** graph) {
  ENTER("cuStreamEndCapture");
  *graph = driver.capturing.release();
  return *graph == nullptr ? kCaptureInvalid : kSuccess;
}
int cuGraphInstantiateWithFlags(void** executable, void* graph, unsigned long long) {
  ENTER("cuGraphInstantiateWithFlags");
  *executable = new Graph(*(Graph*)graph);
  return kSuccess;
}
int cuGraphLaunch(void* executable, void*) {
  ENTER("cuGraphLaunch");
  return submit([=] {
    for (const Work& work : ((Graph*)executable)->work) {
      const Result result = work();
      if (result != kSuccess) return result;
    }
    return kSuccess;
  });
}
int cuGraphDestroy(void* graph) {
  delete (Graph*)graph;
  return kSuccess;
}
int cuGraphExecDestroy(void* graph) {
  delete (Graph*)graph;
  return kSuccess;
}
int cuGetErrorName(int code, const char** name) {
  switch (code) {
    case kOutOfMemory: *name = "CUDA_ERROR_OUT_OF_MEMORY"; return kSuccess;
    case kNoDevice: *name = "CUDA_ERROR_NO_DEVICE"; return kSuccess;
    case kInvalidImage: *name = "CUDA_ERROR_INVALID_IMAGE"; return kSuccess;
    case kIllegalAddress: *name = "CUDA_ERROR_ILLEGAL_ADDRESS"; return kSuccess;
    case kLaunchFailed: *name = "CUDA_ERROR_LAUNCH_FAILED"; return kSuccess;
  }
  *name = nullptr;
  return kInvalidValue;
}

}  // extern "C"
