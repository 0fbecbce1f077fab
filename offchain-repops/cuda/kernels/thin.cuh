// Matrix products with few rows of x (decoding: one): bound by the reading of y. A thread has one row of y and one segment, and
// results for all rows of x; y passes through shared memory so that it is read along whichever axis is dense.
// Segments are units of their own, folded by repops_matmul_fold where there are several.
#pragma once
#include "matmul.cuh"

constexpr int kThinRows = 128;  // of y in a block, one for each thread
constexpr int kThinDepth = 32;  // k of them at a time

template <int M>
__device__ __forceinline__ void thin(const MatMulParameters& p) {
  __shared__ float xs[M][kSegment];
  __shared__ float ys[kThinRows][kThinDepth + 1];  // one more, so that neither direction meets a bank twice
  const bool along_rows = (p.y.load & kAlongRows) != 0;

  for (int64_t item = blockIdx.x; item < p.items; item += gridDim.x) {
    const int64_t batch_unit = divide(item, p.tiles_n);
    const int64_t n0 = (item - batch_unit * p.tiles_n.divisor) * kThinRows;
    const int64_t batch = divide(batch_unit, p.units);
    const int64_t unit = batch_unit - batch * p.units.divisor;
    const BatchPlace at = place_of(p, batch);
    const int64_t begin = unit * kSegment;
    const int count = (int)(p.K - begin < kSegment ? p.K - begin : kSegment);
    const int rows = (int)(p.N - n0 < kThinRows ? p.N - n0 : kThinRows);
    const float* const x = p.x.data + at.x + begin * p.x.column;
    const float* const y = p.y.data + at.y + n0 * p.y.row + begin * p.y.column;

    for (int e = threadIdx.x; e < M * kSegment; e += kThinRows) {
      const int m = e / (int)kSegment, k = e % (int)kSegment;
      xs[m][k] = m < p.M && k < count ? x[m * p.x.row + k * p.x.column] : 0.0f;
    }
    float sums[M];
#pragma unroll
    for (int m = 0; m < M; m++) sums[m] = 0.0f;

    float held[kThinDepth];  // of the tile after the one in shared memory
    const int row = along_rows ? threadIdx.x : threadIdx.x / kThinDepth;  // of the first word that this thread fetches
    const int column = along_rows ? 0 : threadIdx.x % kThinDepth;
    const int64_t apart = along_rows ? p.y.column : kThinRows / kThinDepth * p.y.row;
    const float* from = y + row * p.y.row + column * p.y.column;
    const auto fetch = [&](int k0) {
#pragma unroll
      for (int i = 0; i < kThinDepth; i++) {
        const bool inside = along_rows ? row < rows && k0 + i < count
                                       : row + i * (kThinRows / kThinDepth) < rows && k0 + column < count;
        held[i] = inside ? from[i * apart] : 0.0f;
      }
      from += kThinDepth * p.y.column;
    };
    fetch(0);
    for (int k0 = 0; k0 < count; k0 += kThinDepth) {
      __syncthreads();  // xs is written, and the tile before has been read
#pragma unroll
      for (int i = 0; i < kThinDepth; i++) {
        if (along_rows) ys[row][i] = held[i];
        else ys[row + i * (kThinRows / kThinDepth)][column] = held[i];
      }
      __syncthreads();
      if (k0 + kThinDepth < count) fetch(k0 + kThinDepth);
      const int here = count - k0 < kThinDepth ? count - k0 : kThinDepth;
      for (int k = 0; k < here; k++) {
        const float value = ys[threadIdx.x][k];
#pragma unroll
        for (int m = 0; m < M; m++) sums[m] = __fmaf_rn(xs[m][k0 + k], value, sums[m]);
      }
    }
    __syncthreads();  // the next item writes xs
    float* const out = p.out + at.out + unit * p.plane + (n0 + threadIdx.x) * p.out_column;
#pragma unroll
    for (int m = 0; m < M; m++)
      if (m < p.M && (int)threadIdx.x < rows) out[m * p.out_row] = f32(canonical(sums[m]));
  }
}

extern "C" __global__ void __launch_bounds__(kThinRows) repops_thin_1(MatMulParameters p) { thin<1>(p); }
extern "C" __global__ void __launch_bounds__(kThinRows) repops_thin_8(MatMulParameters p) { thin<8>(p); }
