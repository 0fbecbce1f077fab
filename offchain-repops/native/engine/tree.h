// Trees of docs/spec/repops.md, section 5.
#pragma once

#include <vector>

#include "../kernels/table.h"

namespace repops {

constexpr int64_t kLeafBytes = kSegment * static_cast<int64_t>(sizeof(Word));
constexpr int64_t kHashBytes = 32;

// Hashes of the leaves of `count` words, end to end; the last leaf ends in zero bytes.
void leaf_hashes(const Kernels& kernels, Pool& pool, const Word* words, int64_t count, uint8_t* hashes);

// The root over the leaves of `count` ≥ 1 words while it is made: its parts in any order, by any threads, then the end.
// A part is a subtree whose leaves stay in the cache. The words stay as they are until the last part is done.
class TensorRoot {
 public:
  TensorRoot(const Word* words, int64_t count);

  int64_t parts() const { return parts_; }
  void do_part(const Kernels& kernels, int64_t part);

  // After all parts.
  void finish(const Kernels& kernels, uint8_t* root);

 private:
  const Word* words_;
  int64_t count_;
  int64_t parts_;
  std::vector<uint8_t> tops_;  // of the parts, and room for one more
};

}  // namespace repops
