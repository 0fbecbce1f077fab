#include "storage.h"

#include <algorithm>
#include <cstdlib>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace repops {
namespace {

constexpr size_t kAlignment = 64;
constexpr size_t kHugePage = size_t{2} << 20;
constexpr size_t kFirstBlock = size_t{256} << 10;
constexpr size_t kLastBlock = size_t{32} << 20;

size_t rounded(size_t bytes, size_t to) { return (bytes + to - 1) / to * to; }

}  // namespace

void* allocate_pages(size_t& bytes) {
  if (bytes > SIZE_MAX - kHugePage) return nullptr;
  const bool large = bytes >= kHugePage;
  const size_t alignment = large ? kHugePage : kAlignment;
  bytes = rounded(std::max<size_t>(bytes, 1), alignment);
  void* const memory = std::aligned_alloc(alignment, bytes);
#if defined(__linux__)
  if (memory != nullptr && large) madvise(memory, bytes, MADV_HUGEPAGE);
#endif
  return memory;
}

Word* Storage::take(int64_t words) {
  if (static_cast<uint64_t>(words) > (SIZE_MAX - kAlignment) / sizeof(Word)) return nullptr;
  // No words have a place, too.
  const size_t bytes = rounded(std::max<size_t>(static_cast<size_t>(words) * sizeof(Word), 1), kAlignment);
  if (bytes > left_) {
    // Blocks grow, so that sessions of little take little.
    size_t size = std::max(bytes, std::clamp(total_, kFirstBlock, kLastBlock));
    char* const block = static_cast<char*>(allocate_pages(size));
    if (block == nullptr) return nullptr;
    blocks_.push_back(block);
    total_ += size;
    if (size - bytes <= left_) return reinterpret_cast<Word*>(block);
    next_ = block;
    left_ = size;
  }
  Word* const taken = reinterpret_cast<Word*>(next_);
  next_ += bytes;
  left_ -= bytes;
  return taken;
}

void Storage::clear() {
  for (void* block : blocks_) std::free(block);
  blocks_.clear();
  total_ = 0;
  next_ = nullptr;
  left_ = 0;
}

}  // namespace repops
