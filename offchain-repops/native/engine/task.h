// The kernels of a plan (src/execute/plan/types.ts) as the engine sees them: slots are pointers, counts are int64_t.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

namespace repops {

using Word = uint32_t;

// Codes of docs/spec/repops.md, section 2.
enum Op : uint8_t {
  kAdd = 0x01, kSub, kMul, kDiv, kSqrt, kFma, kNeg, kAbs, kMin, kMax, kFloor, kRound,
  kExp, kLog, kTanh, kErf, kSin, kCos, kPow,
  kRem = 0x20, kAnd, kOr, kXor, kShl, kShr, kSar,
  kEq = 0x30, kLt, kLe, kWhere, kF2I, kI2F, kBits, kUnbits,
  kMatMul = 0x40, kReduceSum, kReduceMax, kScatterAdd,
  kGather = 0x50, kMove, kConcat, kIota, kPhilox,
};

enum Type : uint8_t { kF32 = 0, kI32 = 1 };

constexpr int64_t kSegment = 256;  // elements of a reduction's segment, and of a leaf
constexpr int64_t kGroup = 16;     // values that one round of combining replaces by one

struct Instruction {
  Op op;
  Type type;
  bool per_row;
  std::vector<int32_t> operands;  // input i as i, instruction j as -1 - j
};

struct Rows {
  std::vector<int64_t> dims;
  struct Input {
    const Word* data;
    std::vector<int64_t> strides;  // one for each of dims
  };
  std::vector<Input> inputs;
  std::vector<Instruction> instructions;
  struct Store {
    int32_t instruction;
    Word* data;
  };
  std::vector<Store> stores;
};

struct Columns {
  Op op;
  Type type;
  int64_t O, K, I;
  const Word* x;
  Word* out;
};

struct Strides {
  std::vector<int64_t> batch;
  int64_t row, column;
};

struct MatMul {
  std::vector<int64_t> batch;
  int64_t M, N, K;
  Strides x_strides, y_strides, out_strides;
  const float* x;
  const float* y;
  float* out;
  const float* packed_y = nullptr;  // y as Kernels::pack wrote it, read instead of y; null where it was not packed
};

struct Move {
  std::vector<int64_t> in_dims, out_dims;
  Word fill;
  struct Term {
    int32_t axis;  // of the output
    int64_t coefficient;
  };
  struct Axis {  // of the input
    int64_t offset, divisor;
    std::vector<Term> terms;
  };
  std::vector<Axis> axes;
  const Word* x;
  Word* out;
};

struct Concat {
  int64_t O, I;
  std::vector<int64_t> sizes;
  std::vector<const Word*> inputs;
  Word* out;
};

struct Indexed {
  Op op;  // Gather: x [B,V,R], index [B,Q] -> [B,Q,R]; ScatterAdd: index [B,Q], x [B,R,Q] -> [B,V,R]
  Type type;
  int64_t B, V, R, Q;
  const Word* x;
  const int32_t* index;
  Word* out;
};

struct Generate {
  Op op;
  int64_t N;
  uint32_t stream;
  Word* out;
};

struct Copy {
  int64_t count;
  const Word* x;
  Word* out;
};

using Kernel = std::variant<Rows, Columns, MatMul, Move, Concat, Indexed, Generate, Copy>;

struct Context {
  uint64_t step;
  uint64_t seed;
};

}  // namespace repops
