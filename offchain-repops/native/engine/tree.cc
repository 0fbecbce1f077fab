#include "tree.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

namespace repops {
namespace {

constexpr int kMostHeight = 64;
constexpr int kChunkHeight = 7;
constexpr int64_t kChunk = int64_t{1} << kChunkHeight;  // leaves of a part: 128 KiB, whose hashes stay in the cache

// Roots of subtrees of absent leaves, by height.
struct ZeroSubtrees {
  uint8_t hash[kMostHeight][kHashBytes] = {};

  explicit ZeroSubtrees(const Kernels& kernels) {
    for (int height = 1; height < kMostHeight; height++) {
      uint8_t pair[2 * kHashBytes];
      std::memcpy(pair, hash[height - 1], kHashBytes);
      std::memcpy(pair + kHashBytes, hash[height - 1], kHashBytes);
      kernels.keccak(pair, sizeof pair, 1, hash[height]);
    }
  }
};

const uint8_t* zero_subtree(const Kernels& kernels, int height) {
  static const ZeroSubtrees zeros(kernels);  // the same for every instruction set
  return zeros.hash[height];
}

int64_t leaf_count(int64_t words) { return (words + kSegment - 1) / kSegment; }

void hash_leaves(const Kernels& kernels, const Word* words, int64_t count, uint8_t* hashes) {
  const int64_t whole = count / kSegment, rest = count % kSegment;
  kernels.keccak(reinterpret_cast<const uint8_t*>(words), kLeafBytes, whole, hashes);
  if (rest == 0) return;
  Word last[kSegment] = {};
  std::memcpy(last, words + whole * kSegment, static_cast<size_t>(rest) * sizeof(Word));
  kernels.keccak(reinterpret_cast<const uint8_t*>(last), kLeafBytes, 1, hashes + whole * kHashBytes);
}

// Replaces a row of hashes at height `from` by the rows above it until that at height `to`, which is one hash. Both
// rows have room for a hash more than there are; returns the one that holds the result.
uint8_t* climb(const Kernels& kernels, uint8_t* row, uint8_t* other, int64_t count, int from, int to) {
  for (int height = from; height < to; height++) {
    if (count % 2 != 0) std::memcpy(row + count++ * kHashBytes, zero_subtree(kernels, height), kHashBytes);
    count /= 2;
    kernels.keccak(row, 2 * kHashBytes, count, other);
    std::swap(row, other);
  }
  return row;
}

int depth_of(int64_t leaves) {
  int depth = 0;
  while ((int64_t{1} << depth) < leaves) depth++;
  return depth;
}

}  // namespace

void leaf_hashes(const Kernels& kernels, Pool& pool, const Word* words, int64_t count, uint8_t* hashes) {
  constexpr int64_t span = kChunk * kSegment;
  pool.run((count + span - 1) / span, [&](int64_t part, int) {
    const int64_t from = part * span, length = count - from < span ? count - from : span;
    hash_leaves(kernels, words + from, length, hashes + part * kChunk * kHashBytes);
  });
}

TensorRoot::TensorRoot(const Word* words, int64_t count)
    : words_(words),
      count_(count),
      parts_((leaf_count(count) + kChunk - 1) / kChunk),
      tops_(static_cast<size_t>(parts_ + 1) * kHashBytes) {}

void TensorRoot::do_part(const Kernels& kernels, int64_t part) {
  constexpr int64_t span = kChunk * kSegment;
  const int64_t from = part * span, length = count_ - from < span ? count_ - from : span;
  uint8_t rows[2][(kChunk + 1) * kHashBytes];
  hash_leaves(kernels, words_ + from, length, rows[0]);
  const int height = std::min(depth_of(leaf_count(count_)), kChunkHeight);
  const uint8_t* top = climb(kernels, rows[0], rows[1], leaf_count(length), 0, height);
  std::memcpy(tops_.data() + part * kHashBytes, top, kHashBytes);
}

void TensorRoot::finish(const Kernels& kernels, uint8_t* root) {
  const int depth = depth_of(leaf_count(count_));
  std::vector<uint8_t> other(tops_.size());
  const int height = std::min(depth, kChunkHeight);
  std::memcpy(root, climb(kernels, tops_.data(), other.data(), parts_, height, depth), kHashBytes);
}

}  // namespace repops
