// out[b, m, n] = R_dot over k of x[b, m, k] y[b, n, k], through strides.
//
// A block computes a tile of TM x TN: threads hold 8 x 8 results each in registers and read their operands from shared
// memory, sixteen k at a time, in two buffers, so that the next sixteen are fetched from memory meanwhile. The order
// within a segment of 256 is that of k and never split. At the end of a segment the results are folded into those of
// the segments before, which wait in `partials`: so few blocks run, each over many tiles, that this stays in the L2.
#pragma once
#include "fold.cuh"

struct MatrixOperand {
  const float* data;
  int64_t row, column;  // words between neighbours
  int64_t load;         // Load
};

// How a tile of an operand is fetched: neighbouring threads along k, or along rows; four words at once where that is aligned.
enum Load : int64_t { kAlongK = 0, kAlongRows = 1, kFour = 2 };

struct BatchAxis {
  Divider extent;
  int64_t x, y, out;  // words between neighbours
};

struct MatMulParameters {
  MatrixOperand x, y;
  float* out;
  int64_t out_row, out_column;
  int64_t out_load;  // Load, of the stores: along rows where the column stride is 1
  const BatchAxis* axes;
  int64_t axis_count;
  int64_t M, N, K;
  int64_t unit;         // segments that one block folds, a power of 16 or all; their results are `plane` words apart
  int64_t plane;
  Divider units;
  Divider tiles_m, tiles_n;
  int64_t items;        // batches x units x tiles
  float* partials;      // [rounds][blocks][TM x TN]
};

// Words from the start of each operand to its matrix of one batch.
struct BatchPlace {
  int64_t x, y, out;
};

__device__ __forceinline__ BatchPlace place_of(const MatMulParameters& p, int64_t batch) {
  BatchPlace at = {0, 0, 0};
  for (int64_t axis = p.axis_count - 1; axis >= 0; axis--) {
    const BatchAxis of = p.axes[axis];
    const int64_t above = divide(batch, of.extent);
    const int64_t index = batch - above * of.extent.divisor;
    at.x += index * of.x;
    at.y += index * of.y;
    at.out += index * of.out;
    batch = above;
  }
  return at;
}

constexpr int kDepth = 16;  // k of a tile in shared memory
constexpr int kBand = 8;    // tiles of rows that are walked together, so that both operands stay in the L2

// Words of a tile in shared memory are [k][row]; rows are exchanged in eights depending on k, so that neither writing along
// k nor along rows meets a bank twice.
__device__ __forceinline__ int swizzle(int k, int row) { return row ^ (((k >> 2) & 3) << 3); }

template <int T, int THREADS>
struct TileLoader {
  static constexpr int kFours = T * kDepth / 4 / THREADS;  // that one thread fetches, `apart` of one another
  static constexpr int kRowsApart = THREADS / (kDepth / 4);
  static constexpr int kDepthApart = THREADS / (T / 4);
  const MatrixOperand& operand;
  const float* at;  // this thread's first four words of the next tile
  int rows;         // of the tile that exist, from this thread's first on
  bool whole;       // all rows exist
  float4 held[kFours];

  __device__ __forceinline__ bool along_rows() const { return (operand.load & kAlongRows) != 0; }
  __device__ __forceinline__ int row() const { return along_rows() ? threadIdx.x % (T / 4) * 4 : threadIdx.x / (kDepth / 4); }
  __device__ __forceinline__ int k() const { return along_rows() ? threadIdx.x / (T / 4) : threadIdx.x % (kDepth / 4) * 4; }

  // `base`: the tile's first row; `extent`: rows of the operand from there on.
  __device__ __forceinline__ TileLoader(const MatrixOperand& operand, const float* base, int64_t extent) : operand(operand) {
    at = base + row() * operand.row + k() * operand.column;
    rows = (extent < T ? (int)extent : T) - row();
    whole = extent >= T;
  }

  // Fetches the next tile, of which `depth` columns exist. Words beyond become +0: they are multiplied into results that
  // do not exist, or never used.
  __device__ __forceinline__ void fetch(int depth) {
    const int64_t apart = along_rows() ? kDepthApart * operand.column : kRowsApart * operand.row;
    const float* from = at;
    at += kDepth * operand.column;
    const int64_t step = along_rows() ? operand.row : operand.column;
    if (whole && depth >= kDepth) {
      if ((operand.load & kFour) != 0) {
#pragma unroll
        for (int i = 0; i < kFours; i++, from += apart) held[i] = *(const float4*)from;
      } else {
#pragma unroll
        for (int i = 0; i < kFours; i++, from += apart)
          held[i] = make_float4(from[0], from[step], from[2 * step], from[3 * step]);
      }
      return;
    }
    const int columns = depth - k();
#pragma unroll
    for (int i = 0; i < kFours; i++, from += apart) {
      const int left = along_rows() ? rows : columns;  // along the four words
      const bool inside = along_rows() ? i * kDepthApart < columns : i * kRowsApart < rows;
      float4 v = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
      if (inside && left > 0) {
        v.x = from[0];
        if (left > 1) v.y = from[step];
        if (left > 2) v.z = from[2 * step];
        if (left > 3) v.w = from[3 * step];
      }
      held[i] = v;
    }
  }

  __device__ __forceinline__ void put(float (*tile)[T]) const {
#pragma unroll
    for (int i = 0; i < kFours; i++) {
      if (along_rows()) {
        const int at_k = k() + i * kDepthApart;
        *(float4*)&tile[at_k][swizzle(at_k, row())] = held[i];
      } else {
        float* const to = &tile[k()][swizzle(k(), row() + i * kRowsApart)];  // k ... k + 3 are exchanged alike
        to[0] = held[i].x;
        to[T] = held[i].y;
        to[2 * T] = held[i].z;
        to[3 * T] = held[i].w;
      }
    }
  }
};

// Four neighbours of the tile's row k.
__device__ __forceinline__ void read_four(const float* row, int at, float* to) {
  const float4 v = *(const float4*)(row + at);
  to[0] = v.x;
  to[1] = v.y;
  to[2] = v.z;
  to[3] = v.w;
}

template <int TM, int TN>
struct MatMul {
  static constexpr int kThreads = TM * TN / 64;
  static constexpr int kWarpsN = TN / 32;  // a warp has 64 x 32 results, a lane two by two blocks of 4 x 4

  const MatMulParameters& p;
  int m0, n0;  // of this thread's first block; the others are 32 rows and 16 columns further
  float sums[8][8];

  __device__ __forceinline__ explicit MatMul(const MatMulParameters& p) : p(p) {
    const int warp = threadIdx.x / kWarp, lane = threadIdx.x % kWarp;
    m0 = warp / kWarpsN * 64 + lane / 4 * 4;
    n0 = warp % kWarpsN * 32 + lane % 4 * 4;
  }

  __device__ __forceinline__ static int row_of(int i) { return i / 4 * 32 + i % 4; }
  __device__ __forceinline__ static int column_of(int j) { return j / 4 * 16 + j % 4; }

  __device__ __forceinline__ void clear() {
#pragma unroll
    for (int i = 0; i < 8; i++)
#pragma unroll
      for (int j = 0; j < 8; j++) sums[i][j] = 0.0f;
  }

  __device__ __forceinline__ void multiply(const float* xs, const float* ys, int exchange) {
    float x[8], y[8];
    read_four(xs, m0 ^ exchange, x);
    read_four(xs, (m0 + 32) ^ exchange, x + 4);
    read_four(ys, n0 ^ exchange, y);
    read_four(ys, (n0 + 16) ^ exchange, y + 4);
#pragma unroll
    for (int i = 0; i < 8; i++)
#pragma unroll
      for (int j = 0; j < 8; j++) sums[i][j] = __fmaf_rn(x[i], y[j], sums[i][j]);
  }

  // Folds the sums of segment number `segment` of this unit into those before it; they are final after the last one.
  __device__ __forceinline__ void fold(int segment, bool last) {
    float4* at = (float4*)p.partials + ((int64_t)blockIdx.x * 16) * kThreads + threadIdx.x;
    const int64_t round_words = (int64_t)gridDim.x * 16 * kThreads;
    for (;; at += round_words) {
      if (segment % (int)kGroup != 0) {
#pragma unroll
        for (int f = 0; f < 16; f++) {
          const float4 before = at[f * kThreads];
          float* now = &sums[f / 2][f % 2 * 4];
          now[0] = __fadd_rn(before.x, now[0]);
          now[1] = __fadd_rn(before.y, now[1]);
          now[2] = __fadd_rn(before.z, now[2]);
          now[3] = __fadd_rn(before.w, now[3]);
        }
      }
      const bool whole = segment % (int)kGroup == (int)kGroup - 1;
      segment /= (int)kGroup;
      if (last ? segment == 0 : !whole) break;  // otherwise the group's sum is a value of the next round
    }
    if (last) return;
#pragma unroll
    for (int f = 0; f < 16; f++) {
      const float* now = &sums[f / 2][f % 2 * 4];
      at[f * kThreads] = make_float4(now[0], now[1], now[2], now[3]);
    }
  }

  __device__ __forceinline__ void write(float* out, int rows, int columns) const {
    if (p.out_load == (kFour | kAlongK)) {  // columns are neighbours
#pragma unroll
      for (int f = 0; f < 16; f++) {
        const int i = f / 2, j = f % 2 * 4;
        const int m = m0 + row_of(i), n = n0 + column_of(j);
        if (m >= rows || n >= columns) continue;
        float* to = out + m * p.out_row + n;
        if (n + 3 < columns) {
          *(float4*)to = make_float4(f32(canonical(sums[i][j])), f32(canonical(sums[i][j + 1])),
                                     f32(canonical(sums[i][j + 2])), f32(canonical(sums[i][j + 3])));
        } else {
#pragma unroll
          for (int c = 0; c < 3; c++)
            if (n + c < columns) to[c] = f32(canonical(sums[i][j + c]));
        }
      }
      return;
    }
#pragma unroll
    for (int i = 0; i < 8; i++) {
      const int m = m0 + row_of(i);
      if (m >= rows) continue;
      float* const row = out + m * p.out_row + n0 * p.out_column;
#pragma unroll
      for (int j = 0; j < 8; j++)
        if (n0 + column_of(j) < columns) row[column_of(j) * p.out_column] = f32(canonical(sums[i][j]));
    }
  }
};

template <int TM, int TN>
__device__ __forceinline__ void matmul(const MatMulParameters& p) {
  using Tile = MatMul<TM, TN>;
  __shared__ __align__(16) float xs[2][kDepth][TM];
  __shared__ __align__(16) float ys[2][kDepth][TN];
  Tile tile(p);

  for (int64_t item = blockIdx.x; item < p.items; item += gridDim.x) {
    // item = (batch, unit, tile); tiles go down a band of kBand rows of tiles before the next column.
    const int64_t tiles = p.tiles_m.divisor * p.tiles_n.divisor;
    int64_t batch_unit = item / tiles;
    const int64_t in_band = item - batch_unit * tiles;
    const int64_t band = in_band / (kBand * p.tiles_n.divisor);
    const int64_t band_rows = p.tiles_m.divisor - band * kBand < kBand ? p.tiles_m.divisor - band * kBand : kBand;
    const int64_t of_band = in_band - band * kBand * p.tiles_n.divisor;
    const int64_t m = (band * kBand + of_band % band_rows) * TM;
    const int64_t n = of_band / band_rows * TN;
    const int64_t batch = divide(batch_unit, p.units);
    const int64_t unit = batch_unit - batch * p.units.divisor;

    const BatchPlace at = place_of(p, batch);
    const int64_t begin = unit * p.unit * kSegment;
    const int depth = (int)(p.K - begin < p.unit * kSegment ? p.K - begin : p.unit * kSegment);

    TileLoader<TM, Tile::kThreads> x(p.x, p.x.data + at.x + m * p.x.row + begin * p.x.column, p.M - m);
    TileLoader<TN, Tile::kThreads> y(p.y, p.y.data + at.y + n * p.y.row + begin * p.y.column, p.N - n);
    __syncthreads();  // the tiles of the item before have been read
    x.fetch(depth);
    y.fetch(depth);
    x.put(xs[0]);
    y.put(ys[0]);
    __syncthreads();
    tile.clear();
    int buffer = 0;
    for (int done = 0; done < depth; buffer ^= 1) {
      const int here = depth - done < kDepth ? depth - done : kDepth;
      done += here;
      if (done < depth) {
        x.fetch(depth - done);
        y.fetch(depth - done);
      }
      if (here == kDepth) {
#pragma unroll
        for (int k = 0; k < kDepth; k++) tile.multiply(xs[buffer][k], ys[buffer][k], swizzle(k, 0));
      } else {
#pragma unroll 1
        for (int k = 0; k < here; k++) tile.multiply(xs[buffer][k], ys[buffer][k], swizzle(k, 0));
      }
      if (done == depth) break;
      x.put(xs[buffer ^ 1]);
      y.put(ys[buffer ^ 1]);
      __syncthreads();
      if (done % (int)kSegment == 0) {
        tile.fold(done / (int)kSegment - 1, false);
        tile.clear();
      }
    }
    tile.fold((depth - 1) / (int)kSegment, true);
    tile.write(p.out + at.out + unit * p.plane + m * p.out_row + n * p.out_column, p.M - m < TM ? (int)(p.M - m) : TM,
               p.N - n < TN ? (int)(p.N - n) : TN);
  }
}

extern "C" __global__ void __launch_bounds__(256, 2) repops_matmul_128x128(MatMulParameters p) { matmul<128, 128>(p); }
extern "C" __global__ void __launch_bounds__(128, 4) repops_matmul_128x64(MatMulParameters p) { matmul<128, 64>(p); }
extern "C" __global__ void __launch_bounds__(64, 8) repops_matmul_64x64(MatMulParameters p) { matmul<64, 64>(p); }

// Results of units [batch, units, M, N] in scratch -> out, folded.
struct MatMulFoldParameters {
  const Word* values;
  Word* out;
  int64_t count;  // results: batches x M x N
  Divider M, N;
  int64_t units;
  const BatchAxis* axes;
  int64_t axis_count;
  int64_t out_row, out_column;
};

extern "C" __global__ void __launch_bounds__(256) repops_matmul_fold(MatMulFoldParameters p) {
  const int64_t matrix = p.M.divisor * p.N.divisor;
  for (int64_t t = thread_index(); t < p.count; t += thread_count()) {
    const int64_t row = divide(t, p.N);
    int64_t batch = divide(row, p.M);
    const int64_t m = row - batch * p.M.divisor, n = t - row * p.N.divisor;
    const Word* values = p.values + batch * p.units * matrix + m * p.N.divisor + n;
    int64_t to = m * p.out_row + n * p.out_column;
    for (int64_t axis = p.axis_count - 1; axis >= 0; axis--) {
      const int64_t above = divide(batch, p.axes[axis].extent);
      to += (batch - above * p.axes[axis].extent.divisor) * p.axes[axis].out;
      batch = above;
    }
    p.out[to] = fold(kSumF32, values, p.units, matrix);
  }
}
