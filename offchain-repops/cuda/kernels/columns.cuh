// x [O, K, I] reduced over K, without the transposition. A thread has one segment of one column: the 32 lanes of R_sum are
// 32 registers, neighbours read neighbouring columns. More segments than one leave their results in scratch, [O, S, I].
#pragma once
#include "fold.cuh"

struct ColumnsParameters {
  const Word* x;
  Word* out;  // [O, I], or the scratch [O, S, I]
  int64_t O, K;
  Divider I, S;  // columns, segments of K
};

// lane_j = lane_j + lane_(j + w) for w = 16, 8, 4, 2, 1; a template, so that all lanes are registers.
template <int width>
__device__ __forceinline__ void halve(Combine kind, Word (&lanes)[kWarp]) {
#pragma unroll
  for (int lane = 0; lane < width; lane++) lanes[lane] = combine(kind, lanes[lane], lanes[lane + width]);
  if constexpr (width > 1) halve<width / 2>(kind, lanes);
}

template <Combine kind>
__device__ __forceinline__ void columns(const ColumnsParameters& p) {
  const int64_t I = p.I.divisor;
  for (int64_t t = thread_index(); t < p.O * p.S.divisor * I; t += thread_count()) {
    const int64_t run = divide(t, p.I);  // of [O, S]
    const int64_t o = divide(run, p.S);
    const int64_t from = (run - o * p.S.divisor) * kSegment;
    const int64_t count = p.K - from < kSegment ? p.K - from : kSegment;
    const Word* x = p.x + (o * p.K + from) * I + (t - run * I);
    Word lanes[kWarp];
#pragma unroll
    for (int lane = 0; lane < kWarp; lane++) lanes[lane] = neutral(kind);
    int64_t left = count;
    for (; left >= kWarp; left -= kWarp, x += kWarp * I) {
      Word row[kWarp];  // all loads before the first use
#pragma unroll
      for (int lane = 0; lane < kWarp; lane++) row[lane] = x[lane * I];
#pragma unroll
      for (int lane = 0; lane < kWarp; lane++) lanes[lane] = combine(kind, lanes[lane], row[lane]);
    }
#pragma unroll
    for (int lane = 0; lane < kWarp; lane++)
      if (lane < left) lanes[lane] = combine(kind, lanes[lane], x[lane * I]);
    halve<kWarp / 2>(kind, lanes);
    p.out[t] = finished(kind, lanes[0]);
  }
}

extern "C" __global__ void __launch_bounds__(128) repops_columns_sum_f32(ColumnsParameters p) { columns<kSumF32>(p); }
extern "C" __global__ void __launch_bounds__(128) repops_columns_sum_i32(ColumnsParameters p) { columns<kSumI32>(p); }
extern "C" __global__ void __launch_bounds__(128) repops_columns_max_f32(ColumnsParameters p) { columns<kMaxF32>(p); }
extern "C" __global__ void __launch_bounds__(128) repops_columns_max_i32(ColumnsParameters p) { columns<kMaxI32>(p); }

// values [O, P, I] -> out [O, I], folded over P.
struct FoldParameters {
  const Word* values;
  Word* out;  // [O, I]
  int64_t O, P;
  Divider I;
  int64_t kind;  // Combine
};

extern "C" __global__ void __launch_bounds__(256) repops_fold(FoldParameters p) {
  const int64_t I = p.I.divisor;
  for (int64_t t = thread_index(); t < p.O * I; t += thread_count()) {
    const int64_t o = divide(t, p.I);
    p.out[t] = fold((Combine)p.kind, p.values + o * (p.P - 1) * I + t, p.P, I);
  }
}
