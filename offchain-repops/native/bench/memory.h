// Words on 64 bytes, those of four huge pages or more on huge pages: a session puts smaller ones there too
// (engine/storage.cc).
#pragma once

#include <cstdint>
#include <cstdlib>

#include "../engine/task.h"

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace repops {

class Memory {
 public:
  explicit Memory(int64_t words) {
    constexpr size_t kHugePage = size_t{2} << 20;
    size_t bytes = size_t(words) * sizeof(Word);
    const size_t alignment = bytes >= 4 * kHugePage ? kHugePage : 64;
    bytes = (bytes + alignment - 1) / alignment * alignment;
    data = static_cast<float*>(std::aligned_alloc(alignment, bytes));
    if (data == nullptr) std::abort();
#if defined(__linux__)
    if (alignment == kHugePage) madvise(data, bytes, MADV_HUGEPAGE);
#endif
  }
  ~Memory() { std::free(data); }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  Word* words() const { return reinterpret_cast<Word*>(data); }

  float* data;
};

}  // namespace repops
