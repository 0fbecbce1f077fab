// ScatterAdd: index [B, Q], g [B, R, Q] -> [B, V, R], the matches of each v added in the order of q. No atomics on floats: the
// places q are sorted by their index first, stably, so that the matches of a v are a run of places in order.
#pragma once
#include "fold.cuh"

constexpr int kSortThreads = 256;
constexpr int kDigits = 256;

struct SortParameters {
  const int32_t* index;  // [B, Q]
  Word* places;          // [2][B, Q]: sorted places end in the first half
  Word* runs;            // [B, V, 2]: where the run of v begins and ends
  int64_t B, V, Q;
  int64_t passes;        // an even number, of eight bits each, that cover V
};

// Indices outside of [0, V) are sorted behind all others.
__device__ __forceinline__ Word sort_key(const SortParameters& p, int64_t batch, Word place) {
  const int64_t v = p.index[batch * p.Q + place];
  return v >= 0 && v < p.V ? (Word)v : 0xffffffffu;
}

// One block for each of B: sorting by least significant digits, each pass stable.
extern "C" __global__ void __launch_bounds__(kSortThreads) repops_scatter_sort(SortParameters p) {
  __shared__ Word bins[kDigits];                                  // where the next place of a digit goes
  __shared__ Word counts[kSortThreads / kWarp][kDigits];          // of a digit among the places of each warp
  const int warp = threadIdx.x / kWarp, lane = threadIdx.x % kWarp;
  for (int64_t batch = blockIdx.x; batch < p.B; batch += gridDim.x) {
    Word* from = p.places + batch * p.Q;
    Word* to = p.places + (p.B + batch) * p.Q;
    for (int64_t pass = 0; pass < p.passes; pass++) {
      const int shift = (int)pass * 8;
      bins[threadIdx.x] = 0;
      __syncthreads();
      for (int64_t q = threadIdx.x; q < p.Q; q += kSortThreads) {
        const Word place = pass == 0 ? (Word)q : from[q];
        atomicAdd(&bins[sort_key(p, batch, place) >> shift & 0xff], 1u);
      }
      __syncthreads();
      if (threadIdx.x == 0) {
        Word before = 0;
        for (int digit = 0; digit < kDigits; digit++) {
          const Word count = bins[digit];
          bins[digit] = before;
          before += count;
        }
      }
      __syncthreads();
      for (int64_t q0 = 0; q0 < p.Q; q0 += kSortThreads) {
        const int64_t q = q0 + threadIdx.x;
        const bool here = q < p.Q;
        const Word place = !here ? 0 : pass == 0 ? (Word)q : from[q];
        const Word digit = here ? sort_key(p, batch, place) >> shift & 0xff : kDigits;
        for (int w = 0; w < kSortThreads / kWarp; w++) counts[w][threadIdx.x] = 0;
        __syncthreads();
        const unsigned same = __match_any_sync(kAllLanes, digit);  // lanes with this digit
        const Word rank = __popc(same & ((1u << lane) - 1));
        if (here && rank == 0) counts[warp][digit] = __popc(same);
        __syncthreads();
        if (here) {
          Word at = bins[digit] + rank;
          for (int w = 0; w < warp; w++) at += counts[w][digit];
          to[at] = place;
        }
        __syncthreads();
        Word all = 0;
        for (int w = 0; w < kSortThreads / kWarp; w++) all += counts[w][threadIdx.x];
        bins[threadIdx.x] += all;
        __syncthreads();
      }
      Word* const swapped = from;
      from = to;
      to = swapped;
    }
    for (int64_t v = threadIdx.x; v < 2 * p.V; v += kSortThreads) p.runs[batch * 2 * p.V + v] = 0;
    __syncthreads();
    for (int64_t q = threadIdx.x; q < p.Q; q += kSortThreads) {
      const Word key = sort_key(p, batch, from[q]);
      if (key == 0xffffffffu) continue;
      Word* const run = p.runs + (batch * p.V + key) * 2;
      if (q == 0 || sort_key(p, batch, from[q - 1]) != key) run[0] = (Word)q;
      if (q == p.Q - 1 || sort_key(p, batch, from[q + 1]) != key) run[1] = (Word)(q + 1);
    }
    __syncthreads();
  }
}

struct ScatterParameters {
  const float* g;
  Word* out;
  const Word* places;
  const Word* runs;
  int64_t count, Q;
  Divider V, R;
};

// A segment without a match is +0, and adding +0 changes no sum that began at +0: only the matches are walked.
extern "C" __global__ void __launch_bounds__(256) repops_scatter_add(ScatterParameters p) {
  constexpr int kRounds = 5;  // 256 elements, then groups of 16, up to 2^24
  for (int64_t t = thread_index(); t < p.count; t += thread_count()) {
    const int64_t row = divide(t, p.R);  // of [B, V]
    const int64_t batch = divide(row, p.V);
    const float* const g = p.g + (batch * p.R.divisor + (t - row * p.R.divisor)) * p.Q;
    const Word* const places = p.places + batch * p.Q;
    const Word begin = p.runs[2 * row], end = p.runs[2 * row + 1];
    float sums[kRounds];
#pragma unroll
    for (int round = 0; round < kRounds; round++) sums[round] = 0.0f;
    Word segment = 0;
    for (Word at = begin; at < end; at++) {
      const Word place = places[at];
      const Word here = place / (Word)kSegment;
      Word old_group = segment, new_group = here;
#pragma unroll
      for (int round = 0; round + 1 < kRounds; round++) {
        if (old_group == new_group) continue;  // then all wider groups are the same too
        sums[round + 1] = __fadd_rn(sums[round + 1], sums[round]);
        sums[round] = 0.0f;
        old_group /= (Word)kGroup;
        new_group /= (Word)kGroup;
      }
      segment = here;
      sums[0] = __fadd_rn(sums[0], g[place]);
    }
#pragma unroll
    for (int round = 0; round + 1 < kRounds; round++) sums[round + 1] = __fadd_rn(sums[round + 1], sums[round]);
    p.out[t] = canonical(sums[kRounds - 1]);
  }
}
