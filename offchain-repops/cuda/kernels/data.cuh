// Kernels that move words or make them from nothing: one thread for each word of the output.
#pragma once
#include "platform.cuh"

// Move: v_j = offset_j + sum of coefficient * output index; the element at v_j / divisor_j where that is whole and inside.
struct MoveAxis {
  int64_t offset, extent;
  Divider divisor;
};

struct MoveParameters {
  const Word* x;
  Word* out;
  int64_t count, fill;
  const MoveAxis* axes;          // of the input
  const Divider* out_extents;
  const int64_t* coefficients;   // output axes x input axes
  int64_t in_rank, out_rank;
};

constexpr int kMostAxes = 8;

extern "C" __global__ void __launch_bounds__(256) repops_move(MoveParameters p) {
  for (int64_t t = thread_index(); t < p.count; t += thread_count()) {
    int64_t v[kMostAxes];
#pragma unroll
    for (int j = 0; j < kMostAxes; j++) v[j] = j < p.in_rank ? p.axes[j].offset : 0;
    int64_t rest = t;
    for (int64_t axis = p.out_rank - 1; axis >= 0; axis--) {
      const int64_t above = divide(rest, p.out_extents[axis]);
      const int64_t index = rest - above * p.out_extents[axis].divisor;
      rest = above;
#pragma unroll
      for (int j = 0; j < kMostAxes; j++)
        if (j < p.in_rank) v[j] += index * p.coefficients[axis * p.in_rank + j];
    }
    int64_t from = 0;
#pragma unroll
    for (int j = 0; j < kMostAxes; j++) {
      if (j >= p.in_rank || from < 0) continue;
      const MoveAxis axis = p.axes[j];
      if (v[j] < 0) {
        from = -1;
        continue;
      }
      const int64_t index = divide(v[j], axis.divisor);
      from = index * axis.divisor.divisor == v[j] && index < axis.extent ? from * axis.extent + index : -1;
    }
    p.out[t] = from >= 0 ? p.x[from] : (Word)p.fill;
  }
}

// Inputs [O, n_i, I] -> [O, sum of n_i, I].
struct ConcatParameters {
  const Word* inputs[8];
  int64_t ends[8];  // of each input in a row of the output; a row is as long as the last one
  Word* out;
  int64_t count, inputs_count;
  Divider row;
};

extern "C" __global__ void __launch_bounds__(256) repops_concat(ConcatParameters p) {
  for (int64_t t = thread_index(); t < p.count; t += thread_count()) {
    const int64_t o = divide(t, p.row);
    const int64_t at = t - o * p.row.divisor;
    int64_t begin = 0;
    Word value = 0;
#pragma unroll
    for (int i = 0; i < 8; i++) {
      if (i >= p.inputs_count) continue;
      const int64_t end = p.ends[i];
      if (at >= begin && at < end) value = p.inputs[i][o * (end - begin) + at - begin];
      begin = end;
    }
    p.out[t] = value;
  }
}

// x [B, V, R], index [B, Q] -> [B, Q, R].
struct GatherParameters {
  const Word* x;
  const int32_t* index;
  Word* out;
  int64_t count, V, missing;
  Divider R, Q;
};

extern "C" __global__ void __launch_bounds__(256) repops_gather(GatherParameters p) {
  const int64_t R = p.R.divisor;
  for (int64_t t = thread_index(); t < p.count; t += thread_count()) {
    const int64_t row = divide(t, p.R);
    const int64_t v = p.index[row];
    p.out[t] = v >= 0 && v < p.V ? p.x[(divide(row, p.Q) * p.V + v) * R + t - row * R] : (Word)p.missing;
  }
}

struct IotaParameters {
  Word* out;
  int64_t count;
};

extern "C" __global__ void __launch_bounds__(256) repops_iota(IotaParameters p) {
  for (int64_t t = thread_index(); t < p.count; t += thread_count()) p.out[t] = (Word)t;
}

// What kernels know beside their inputs, written before every run.
struct Context {
  Word step, seed_low, seed_high, unused;
};

struct PhiloxParameters {
  Word* out;
  int64_t count, stream;
  const Context* context;
};

// Philox4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel random numbers, as easy as 1, 2, 3; 2011). A thread has a block of four.
extern "C" __global__ void __launch_bounds__(256) repops_philox(PhiloxParameters p) {
  const Context context = *p.context;
  for (int64_t block = thread_index(); block * 4 < p.count; block += thread_count()) {
    Word x0 = (Word)block, x1 = (Word)(block >> 32), x2 = context.step, x3 = (Word)p.stream;
    Word k0 = context.seed_low, k1 = context.seed_high;
#pragma unroll
    for (int round = 0; round < 10; round++) {
      const uint64_t a = (uint64_t)0xd2511f53u * x0, b = (uint64_t)0xcd9e8d57u * x2;
      x0 = (Word)(b >> 32) ^ x1 ^ k0;
      x1 = (Word)b;
      x2 = (Word)(a >> 32) ^ x3 ^ k1;
      x3 = (Word)a;
      k0 += 0x9e3779b9u;
      k1 += 0xbb67ae85u;
    }
    Word* const out = p.out + block * 4;
    const int64_t left = p.count - block * 4;
    out[0] = x0;
    if (left > 1) out[1] = x1;
    if (left > 2) out[2] = x2;
    if (left > 3) out[3] = x3;
  }
}
