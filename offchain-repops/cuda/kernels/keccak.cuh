// keccak-256 of leaves and of the rows of a tree above them: docs/spec/repops.md, section 5. One thread for each hash.
#pragma once
#include "platform.cuh"

constexpr int kLanesOfRate = 17;  // 136 bytes
constexpr int kHashLanes = 4;

__constant__ const uint64_t kRoundConstants[24] = {
    0x0000000000000001ull, 0x0000000000008082ull, 0x800000000000808aull, 0x8000000080008000ull, 0x000000000000808bull,
    0x0000000080000001ull, 0x8000000080008081ull, 0x8000000000008009ull, 0x000000000000008aull, 0x0000000000000088ull,
    0x0000000080008009ull, 0x000000008000000aull, 0x000000008000808bull, 0x800000000000008bull, 0x8000000000008089ull,
    0x8000000000008003ull, 0x8000000000008002ull, 0x8000000000000080ull, 0x000000000000800aull, 0x800000008000000aull,
    0x8000000080008081ull, 0x8000000000008080ull, 0x0000000080000001ull, 0x8000000080008008ull};

__device__ __forceinline__ uint64_t rotate(uint64_t x, int by) { return by == 0 ? x : x << by | x >> (64 - by); }

// The permutation of 1,600 bits; state[x + 5 y].
__device__ __forceinline__ void keccak_f(uint64_t (&a)[25]) {
  // The lane at each step of rho and pi, and its rotation.
  constexpr int kTo[24] = {10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1};
  constexpr int kBy[24] = {1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44};
#pragma unroll 1
  for (int round = 0; round < 24; round++) {
    uint64_t c[5];
#pragma unroll
    for (int x = 0; x < 5; x++) c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
#pragma unroll
    for (int x = 0; x < 5; x++) {
      const uint64_t d = c[(x + 4) % 5] ^ rotate(c[(x + 1) % 5], 1);
#pragma unroll
      for (int y = 0; y < 25; y += 5) a[x + y] ^= d;
    }
    uint64_t moving = a[1];
#pragma unroll
    for (int i = 0; i < 24; i++) {
      const uint64_t next = a[kTo[i]];
      a[kTo[i]] = rotate(moving, kBy[i]);
      moving = next;
    }
#pragma unroll
    for (int y = 0; y < 25; y += 5) {
      uint64_t row[5];
#pragma unroll
      for (int x = 0; x < 5; x++) row[x] = a[x + y];
#pragma unroll
      for (int x = 0; x < 5; x++) a[x + y] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
    }
    a[0] ^= kRoundConstants[round];
  }
}

struct LeavesParameters {
  const Word* x;
  uint64_t* hashes;
  int64_t count;  // words; zeros follow in the last leaf
};

extern "C" __global__ void __launch_bounds__(128) repops_leaves(LeavesParameters p) {
  constexpr int kLanes = kSegment / 2;  // 64-bit words of a leaf
  for (int64_t leaf = thread_index(); leaf * kSegment < p.count; leaf += thread_count()) {
    const Word* const x = p.x + leaf * kSegment;
    const int64_t left = p.count - leaf * kSegment;
    uint64_t state[25];
#pragma unroll
    for (int i = 0; i < 25; i++) state[i] = 0;
    for (int from = 0; from <= kLanes; from += kLanesOfRate) {  // 7 whole blocks of 17 lanes, and 9 lanes with the padding
#pragma unroll
      for (int i = 0; i < kLanesOfRate; i++) {
        const int at = from + i;
        if (at >= kLanes) continue;
        const uint64_t low = 2 * at < left ? x[2 * at] : 0, high = 2 * at + 1 < left ? x[2 * at + 1] : 0;
        state[i] ^= high << 32 | low;
      }
      if (from + kLanesOfRate > kLanes) {
        state[kLanes % kLanesOfRate] ^= 1;
        state[kLanesOfRate - 1] ^= 0x8000000000000000ull;
      }
      keccak_f(state);
    }
#pragma unroll
    for (int i = 0; i < kHashLanes; i++) p.hashes[leaf * kHashLanes + i] = state[i];
  }
}

__device__ __forceinline__ void hash_pair(const uint64_t* left, const uint64_t* right, uint64_t* to) {
  uint64_t state[25];
#pragma unroll
  for (int i = 0; i < 25; i++) state[i] = 0;
#pragma unroll
  for (int i = 0; i < kHashLanes; i++) {
    state[i] = left[i];
    state[kHashLanes + i] = right[i];
  }
  state[2 * kHashLanes] = 1;
  state[kLanesOfRate - 1] = 0x8000000000000000ull;
  keccak_f(state);
#pragma unroll
  for (int i = 0; i < kHashLanes; i++) to[i] = state[i];
}

struct TreeParameters {
  const uint64_t* row;    // hashes of the row at `height`
  uint64_t* above;
  int64_t count, height;
  const uint64_t* zeros;  // roots of absent subtrees, by height
};

extern "C" __global__ void __launch_bounds__(128) repops_tree_row(TreeParameters p) {
  for (int64_t pair = thread_index(); 2 * pair < p.count; pair += thread_count()) {
    const uint64_t* const left = p.row + 2 * pair * kHashLanes;
    const uint64_t* const right = 2 * pair + 1 < p.count ? left + kHashLanes : p.zeros + p.height * kHashLanes;
    hash_pair(left, right, p.above + pair * kHashLanes);
  }
}

constexpr int kTopRow = 256;

// The rest of a tree, from a row of at most kTopRow hashes to the root, by one block.
extern "C" __global__ void __launch_bounds__(kTopRow / 2) repops_tree_top(TreeParameters p) {
  __shared__ uint64_t row[kTopRow * kHashLanes];
  for (int64_t i = threadIdx.x; i < p.count * kHashLanes; i += blockDim.x) row[i] = p.row[i];
  __syncthreads();
  int64_t count = p.count;
  for (int64_t height = p.height; count > 1; height++) {
    const int pair = threadIdx.x;
    const bool works = 2 * pair < count;
    uint64_t hash[kHashLanes];
    if (works) {
      const uint64_t* const left = row + 2 * pair * kHashLanes;
      hash_pair(left, 2 * pair + 1 < count ? left + kHashLanes : p.zeros + height * kHashLanes, hash);
    }
    __syncthreads();
    if (works)
      for (int i = 0; i < kHashLanes; i++) row[pair * kHashLanes + i] = hash[i];
    __syncthreads();
    count = (count + 1) / 2;
  }
  if (threadIdx.x < kHashLanes) p.above[threadIdx.x] = row[threadIdx.x];
}
