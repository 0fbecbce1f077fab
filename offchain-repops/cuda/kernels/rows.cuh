// Element-wise operators and reductions along rows: an interpreter of the instructions that
// src/backends/cuda/launches/rowsProgram.ts makes of a `rows` kernel.
//
// A warp holds a segment of 256 elements, a lane the eight that R_sum gives to it (32 k + lane), so that a reduction of a
// segment is eight additions in registers and five shuffles, and loads are coalesced. Values of instructions live in
// shared memory, each word read by the thread that wrote it and by no other; the result of the last instruction is in
// registers.
#pragma once
#include "fold.cuh"
#include "transcendentals.cuh"

constexpr int kElements = 8;

// Codes of docs/spec/repops.md, section 2, with kI32 where the operand type is i32; and stores.
enum Code : Word {
  kAdd = 0x01, kSub, kMul, kDiv, kSqrt, kFma, kNeg, kAbs, kMin, kMax, kFloor, kRound,
  kExp, kLog, kTanh, kErf, kSin, kCos, kPow,
  kRem = 0x20, kAnd, kOr, kXor, kShl, kShr, kSar,
  kEq = 0x30, kLt, kLe, kWhere, kF2I, kI2F, kBits, kUnbits,
  kReduceSum = 0x41, kReduceMax,
  kStore = 0x60, kStoreRow,
  kI32 = 0x80,
};

// Where an operand comes from; the upper bits of its word are an index.
enum Source : Word { kNothing, kLast, kValue, kRowValue, kInput };

// One instruction, as one load. `head`: code, then 1 where the result is kept, then (from bit 16) where: a value, or
// the row value of a result of the row; the number of the output for stores, of the reduction within its phase for those.
struct alignas(16) Instruction {
  Word head, operands[3];
};

// How an input's offset follows from the element. In launches by rows only kByElement and kByRow.
enum Pattern : int64_t {
  kByElement,   // varies along the last axis
  kByRow,       // one word a row
  kDense,       // flat: the element's own number
  kUniform,     // flat: one word
  kPeriodic,    // flat: the element's place in its row
};

struct RowsInput {
  const Word* data;
  int64_t pattern;
};

// Row instructions, then instructions on elements of which some reduce. `vector_*` is empty in the last phase.
struct Phase {
  int64_t row_begin, row_end, vector_begin, vector_end;
  int64_t reductions, first_reduction;
};

struct ReductionResult {
  int64_t code, row_value;
};

struct RowsParameters {
  const Instruction* code;
  const RowsInput* inputs;
  const int64_t* strides;  // inputs x axes, words; axes are those before the last
  const Divider* axes;
  Word* const* outputs;
  const Phase* phases;
  const ReductionResult* reductions;
  Word* spill;  // values of all blocks, where shared memory is too small for them
  int64_t input_count, axis_count, phase_count, value_count, row_value_count;
  int64_t most_reductions;  // of a phase
  int64_t rows, warps;      // a team of so many warps works on a row
  Divider length;
};

template <int E>
__device__ __forceinline__ void apply(Word code, const Word (&a)[E], const Word (&b)[E], const Word (&c)[E],
                                      Word (&r)[E]) {
#define EACH(value)                                  \
  {                                                  \
    _Pragma("unroll") for (int k = 0; k < E; k++) r[k] = value; \
    break;                                           \
  }
  switch (code) {
    case kAdd: EACH(add_f32(a[k], b[k]))
    case kSub: EACH(sub_f32(a[k], b[k]))
    case kMul: EACH(mul_f32(a[k], b[k]))
    case kDiv: EACH(div_f32(a[k], b[k]))
    case kSqrt: EACH(sqrt_f32(a[k]))
    case kFma: EACH(fma_f32(a[k], b[k], c[k]))
    case kNeg: EACH(neg_f32(a[k]))
    case kAbs: EACH(abs_f32(a[k]))
    case kMin: EACH(min_f32(a[k], b[k]))
    case kMax: EACH(max_f32(a[k], b[k]))
    case kFloor: EACH(floor_f32(a[k]))
    case kRound: EACH(round_f32(a[k]))
    case kExp: EACH(exp_f32(a[k]))
    case kLog: EACH(log_f32(a[k]))
    case kTanh: EACH(tanh_f32(a[k]))
    case kErf: EACH(erf_f32(a[k]))
    case kSin: EACH(sin_f32(a[k]))
    case kCos: EACH(cos_f32(a[k]))
    case kPow: EACH(pow_f32(a[k], b[k]))
    case kAdd | kI32: EACH(a[k] + b[k])
    case kSub | kI32: EACH(a[k] - b[k])
    case kMul | kI32: EACH(a[k] * b[k])
    case kDiv | kI32: EACH(div_i32(a[k], b[k]))
    case kRem | kI32: EACH(rem_i32(a[k], b[k]))
    case kMin | kI32: EACH(min_i32(a[k], b[k]))
    case kMax | kI32: EACH(max_i32(a[k], b[k]))
    case kAnd | kI32: EACH(a[k] & b[k])
    case kOr | kI32: EACH(a[k] | b[k])
    case kXor | kI32: EACH(a[k] ^ b[k])
    case kShl | kI32: EACH(a[k] << (b[k] & 31))
    case kShr | kI32: EACH(a[k] >> (b[k] & 31))
    case kSar | kI32: EACH(sar_i32(a[k], b[k]))
    case kEq: EACH(f32(a[k]) == f32(b[k]) ? 1u : 0u)
    case kLt: EACH(f32(a[k]) < f32(b[k]) ? 1u : 0u)
    case kLe: EACH(f32(a[k]) <= f32(b[k]) ? 1u : 0u)
    case kEq | kI32: EACH(a[k] == b[k] ? 1u : 0u)
    case kLt | kI32: EACH((int32_t)a[k] < (int32_t)b[k] ? 1u : 0u)
    case kLe | kI32: EACH((int32_t)a[k] <= (int32_t)b[k] ? 1u : 0u)
    case kWhere:
    case kWhere | kI32: EACH(a[k] != 0 ? b[k] : c[k])
    case kF2I: EACH(f32_to_i32(a[k]))
    case kI2F | kI32: EACH(i32_to_f32(a[k]))
    case kBits:
    case kUnbits | kI32: EACH(a[k])
  }
#undef EACH
}

// Runs instructions on the E elements of this thread. `view` loads inputs, stores, and takes part in reductions;
// word k of value v is values[(v * E + k) * stride].
template <int E, class View>
__device__ __forceinline__ void interpret(const Instruction* code, int64_t begin, int64_t end, Word* values, int64_t stride,
                                          const Word* row_values, View& view) {
  Word last[E];
#pragma unroll
  for (int k = 0; k < E; k++) last[k] = 0;
  for (int64_t at = begin; at < end; at++) {
    const Instruction now = code[at];
    Word operands[3][E];
#pragma unroll
    for (int o = 0; o < 3; o++) {
      const Word index = now.operands[o] >> 3;
      switch (now.operands[o] & 7) {
        case kNothing: break;
        case kLast:
#pragma unroll
          for (int k = 0; k < E; k++) operands[o][k] = last[k];
          break;
        case kValue:
#pragma unroll
          for (int k = 0; k < E; k++) operands[o][k] = values[((int64_t)index * E + k) * stride];
          break;
        case kRowValue: {
          const Word value = row_values[index];
#pragma unroll
          for (int k = 0; k < E; k++) operands[o][k] = value;
          break;
        }
        case kInput: view.load(index, operands[o]); break;
      }
    }
    const Word op = now.head & 0xff;
    const Word target = now.head >> 16;
    switch (op) {
      case kReduceSum: view.template reduce<kSumF32>(target, operands[0]); continue;
      case kReduceSum | kI32: view.template reduce<kSumI32>(target, operands[0]); continue;
      case kReduceMax: view.template reduce<kMaxF32>(target, operands[0]); continue;
      case kReduceMax | kI32: view.template reduce<kMaxI32>(target, operands[0]); continue;
      case kStore: view.store(target, operands[0]); continue;
      case kStoreRow: view.store_row(target, operands[0]); continue;
    }
    apply(op, operands[0], operands[1], operands[2], last);
    if ((now.head >> 8 & 1) != 0) view.keep(values, stride, target, last);
  }
}

template <int E>
__device__ __forceinline__ void keep_values(Word* values, int64_t stride, Word target, const Word (&last)[E]) {
#pragma unroll
  for (int k = 0; k < E; k++) values[((int64_t)target * E + k) * stride] = last[k];
}

// Offset of an input at the start of a row, from its strides along the axes before the last.
__device__ __noinline__ int64_t row_offset(const Divider* axes, const int64_t* strides, int64_t count, int64_t row) {
  int64_t offset = 0;
  for (int64_t axis = count - 1; axis >= 0; axis--) {
    const int64_t above = divide(row, axes[axis]);
    offset += (row - above * axes[axis].divisor) * strides[axis];
    row = above;
  }
  return offset;
}

// --- without reductions: elements are independent, and rows of any length are laid end to end ---

struct FlatView {
  const RowsParameters& p;
  int64_t first, total;  // this lane's elements are first + 32 k

  __device__ __forceinline__ void load(Word index, Word (&v)[kElements]) const {
    const RowsInput input = p.inputs[index];
    if (input.pattern == kDense || input.pattern == kUniform) {
      const int64_t step = input.pattern == kDense ? 1 : 0;
#pragma unroll
      for (int k = 0; k < kElements; k++) v[k] = first + kWarp * k < total ? input.data[(first + kWarp * k) * step] : 0;
      return;
    }
#pragma unroll
    for (int k = 0; k < kElements; k++) {
      const int64_t e = first + kWarp * k;
      v[k] = 0;
      if (e >= total) continue;
      const int64_t row = divide(e, p.length);
      int64_t offset = input.pattern == kByRow ? 0 : e - row * p.length.divisor;
      if (input.pattern != kPeriodic) offset += row_offset(p.axes, p.strides + index * p.axis_count, p.axis_count, row);
      v[k] = input.data[offset];
    }
  }
  __device__ __forceinline__ void store(Word output, const Word (&v)[kElements]) const {
    Word* const data = p.outputs[output];
#pragma unroll
    for (int k = 0; k < kElements; k++) {
      const int64_t e = first + kWarp * k;
      if (e < total) data[e] = v[k];
    }
  }
  __device__ __forceinline__ void keep(Word* values, int64_t stride, Word target, const Word (&v)[kElements]) const {
    keep_values(values, stride, target, v);
  }
  // rowsProgram.ts puts neither into such a launch.
  __device__ __forceinline__ void store_row(Word, const Word (&)[kElements]) const {}
  template <Combine kind>
  __device__ __forceinline__ void reduce(Word, const Word (&)[kElements]) const {}
};

extern "C" __global__ void __launch_bounds__(256, 3) repops_rows_flat(RowsParameters p) {
  DYNAMIC_SHARED(Word, shared);
  const int64_t words = (int64_t)p.value_count * kElements * blockDim.x;
  Word* const values = (p.spill == nullptr ? shared : p.spill + blockIdx.x * words) + threadIdx.x;
  const int64_t total = p.rows * p.length.divisor;
  const int lane = threadIdx.x % kWarp;
  for (int64_t segment = thread_index() / kWarp; segment * kSegment < total; segment += thread_count() / kWarp) {
    FlatView view{p, segment * kSegment + lane, total};
    interpret<kElements>(p.code, p.phases[0].vector_begin, p.phases[0].vector_end, values, blockDim.x, nullptr, view);
  }
}

// --- with reductions: a team of warps works on a row ---

// The words of a team in shared memory, after the values.
struct Team {
  int64_t* offsets;  // of the inputs at the row's start
  Word* row_values;
  Word* sums;  // [2][reductions of a phase][16]: results of the segments of a round, in turns
};

template <Combine kind>
__device__ __forceinline__ Word reduce_warp(Word value) {
#pragma unroll
  for (int width = kWarp / 2; width >= 1; width /= 2)
    value = combine(kind, value, __shfl_down_sync(kAllLanes, value, width));
  return value;  // in lane 0
}

struct RowView {
  const RowsParameters& p;
  const Team& team;
  int64_t row, first;  // this lane's elements are first + 32 k of the row
  Word* sums;          // of this round
  int64_t warp;

  __device__ __forceinline__ void load(Word index, Word (&v)[kElements]) const {
    const RowsInput input = p.inputs[index];
    const Word* const data = input.data + team.offsets[index];
    if (input.pattern == kByRow) {
      const Word value = data[0];
#pragma unroll
      for (int k = 0; k < kElements; k++) v[k] = value;
      return;
    }
#pragma unroll
    for (int k = 0; k < kElements; k++) {
      const int64_t i = first + kWarp * k;
      v[k] = i < p.length.divisor ? data[i] : 0;
    }
  }
  __device__ __forceinline__ void store(Word output, const Word (&v)[kElements]) const {
    Word* const data = p.outputs[output] + row * p.length.divisor;
#pragma unroll
    for (int k = 0; k < kElements; k++) {
      const int64_t i = first + kWarp * k;
      if (i < p.length.divisor) data[i] = v[k];
    }
  }
  __device__ __forceinline__ void keep(Word* values, int64_t stride, Word target, const Word (&v)[kElements]) const {
    keep_values(values, stride, target, v);
  }
  __device__ __forceinline__ void store_row(Word, const Word (&)[kElements]) const {}

  template <Combine kind>
  __device__ __forceinline__ void reduce(Word reduction, const Word (&v)[kElements]) const {
    Word value = neutral(kind);
#pragma unroll
    for (int k = 0; k < kElements; k++)
      if (first + kWarp * k < p.length.divisor) value = combine(kind, value, v[k]);
    value = reduce_warp<kind>(value);
    if (threadIdx.x % kWarp == 0) sums[reduction * kGroup + warp] = value;
  }
};

// One element a row, by the first warp of the team: every lane computes it, lane 0 writes it.
struct SingleView {
  const RowsParameters& p;
  const Team& team;
  int64_t row;

  __device__ __forceinline__ void load(Word index, Word (&v)[1]) const {
    v[0] = p.inputs[index].data[team.offsets[index]];
  }
  __device__ __forceinline__ void keep(Word*, int64_t, Word target, const Word (&v)[1]) const {
    __syncwarp();  // everyone has read what lies there
    if (threadIdx.x % kWarp == 0) team.row_values[target] = v[0];
    __syncwarp();
  }
  __device__ __forceinline__ void store_row(Word output, const Word (&v)[1]) const {
    if (threadIdx.x % kWarp == 0) p.outputs[output][row] = v[0];
  }
  __device__ __forceinline__ void store(Word, const Word (&)[1]) const {}
  template <Combine kind>
  __device__ __forceinline__ void reduce(Word, const Word (&)[1]) const {}
};

__device__ __forceinline__ Combine combine_of(int64_t code) {
  return code == kReduceSum ? kSumF32 : code == (kReduceSum | kI32) ? kSumI32 : code == kReduceMax ? kMaxF32 : kMaxI32;
}

extern "C" __global__ void __launch_bounds__(512) repops_rows(RowsParameters p) {
  DYNAMIC_SHARED(Word, shared);
  const int64_t threads = blockDim.x;
  const int64_t warp = threadIdx.x / kWarp % p.warps;
  const int64_t team_index = threadIdx.x / kWarp / p.warps;
  const int64_t teams = threads / kWarp / p.warps;
  const bool alone = p.warps == 1;  // teams of one warp go their own ways: nothing waits for the block
  const int lane = threadIdx.x % kWarp;

  const int64_t value_words = p.value_count * kElements * threads;
  Word* const values = (p.spill == nullptr ? shared : p.spill + blockIdx.x * value_words) + threadIdx.x;
  const int64_t team_words = 2 * p.input_count + p.row_value_count + 2 * p.most_reductions * kGroup;
  Word* const team_at = shared + (p.spill == nullptr ? value_words : 0) + team_index * ((team_words + 1) / 2 * 2);
  const Team team{(int64_t*)team_at, team_at + 2 * p.input_count + 2 * p.most_reductions * kGroup,
                  team_at + 2 * p.input_count};

  const int64_t segments = (p.length.divisor + kSegment - 1) / kSegment;
  const int64_t rounds = (segments + p.warps - 1) / p.warps;
  const auto meet = [&] { alone ? __syncwarp() : __syncthreads(); };

  for (int64_t row = blockIdx.x * teams + team_index; row < p.rows; row += gridDim.x * teams) {
    for (int64_t input = warp * kWarp + lane; input < p.input_count; input += p.warps * kWarp)
      team.offsets[input] = row_offset(p.axes, p.strides + input * p.axis_count, p.axis_count, row);
    meet();
    int64_t turn = 0;
    for (int64_t number = 0; number < p.phase_count; number++) {
      const Phase phase = p.phases[number];
      if (phase.row_begin < phase.row_end) {
        if (warp == 0) {
          SingleView view{p, team, row};
          interpret<1>(p.code, phase.row_begin, phase.row_end, nullptr, 0, team.row_values, view);
        }
        meet();
      }
      if (phase.vector_begin == phase.vector_end) continue;

      const bool reduces = warp == 0 && lane < phase.reductions;
      const ReductionResult result = reduces ? p.reductions[phase.first_reduction + lane] : ReductionResult{0, 0};
      Fold fold(combine_of(result.code));
      for (int64_t round = 0; round < rounds; round++, turn ^= 1) {
        const int64_t segment = round * p.warps + warp;
        Word* const sums = team.sums + turn * p.most_reductions * kGroup;
        if (segment < segments) {
          RowView view{p, team, row, segment * kSegment + lane, sums, warp};
          interpret<kElements>(p.code, phase.vector_begin, phase.vector_end, values, threads, team.row_values, view);
        }
        if (phase.reductions == 0) continue;
        meet();  // the other half of the sums is written next, so one meeting a round is enough
        if (!reduces) continue;
        const int64_t left = segments - round * p.warps;
        const int64_t count = left < p.warps ? left : p.warps;
        const Word* const mine = sums + lane * kGroup;
        Word group = mine[0];
        for (int64_t i = 1; i < count; i++) group = combine(fold.kind, group, mine[i]);
        fold.push(group);
      }
      if (reduces) team.row_values[result.row_value] = fold.total();
      meet();
    }
    meet();  // what the team shares belongs to the next row from here on
  }
}
