// Trees of docs/spec/repops.md, section 5.
#pragma once

#include "../kernels/table.h"

namespace repops {

constexpr int64_t kLeafBytes = kSegment * static_cast<int64_t>(sizeof(Word));
constexpr int64_t kHashBytes = 32;

// Hashes of the leaves of `count` words, end to end; the last leaf ends in zero bytes.
void leaf_hashes(const Kernels& kernels, Pool& pool, const Word* words, int64_t count, uint8_t* hashes);

// The root over the leaves of `count` ≥ 1 words.
void tensor_root(const Kernels& kernels, Pool& pool, const Word* words, int64_t count, uint8_t* root);

}  // namespace repops
