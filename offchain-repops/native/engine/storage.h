// Memory for tensors, in pages as large as the system has: matrices walk across pages.
#pragma once

#include <cstddef>
#include <vector>

#include "task.h"

namespace repops {

// At least `bytes` bytes, 64-byte aligned, to be given to std::free; `bytes` becomes how many there are. Null where
// there is no memory.
void* allocate_pages(size_t& bytes);

// Words that are given back together. Tensors too small for a large page share one.
class Storage {
 public:
  Storage() = default;
  ~Storage() { clear(); }
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;

  // 64-byte aligned, with anything in them. Null where there is no memory for them, on 32-bit hosts because they have
  // no address.
  Word* take(int64_t words);

  void clear();

 private:
  std::vector<void*> blocks_;
  size_t total_ = 0;      // bytes of all blocks
  char* next_ = nullptr;  // what is left of one of them
  size_t left_ = 0;
};

}  // namespace repops
