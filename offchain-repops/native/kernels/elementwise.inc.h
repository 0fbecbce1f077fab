// The element-wise operators of docs/spec/repops.md, section 2, on tiles: rows * columns words at a time.
#pragma once

#include "../engine/task.h"
#include "isa.h"
#include "rows_plan.h"
#include "transcendentals.inc.h"

namespace repops::REPOPS_ISA {

// An operand of a tile: element (r, c) is data[r * pitch + (vector ? c : 0)].
struct Operand {
  const int32_t* data;
  int64_t pitch;
  bool vector;
};

struct Tile {
  int64_t rows, columns;
  Operand in[3];
  int32_t* out;
  int64_t pitch;  // of the rows of out
};

using TileFunction = void (*)(const Tile&);

#define REPOPS_OPERATOR(NAME, ARITY, ARITHMETIC, VECTOR, ...)          \
  struct NAME {                                                        \
    static constexpr int arity = ARITY;                                \
    static constexpr bool arithmetic = ARITHMETIC; /* can make a NaN */ \
    static I apply(I x, I y, I z) {                                    \
      const VECTOR a = (VECTOR)x, b = (VECTOR)y, c = (VECTOR)z;        \
      (void)a, (void)b, (void)c;                                       \
      return (I)(__VA_ARGS__);                                         \
    }                                                                  \
  };

// Division in float64 is exact enough: a quotient of two i32 lies at least 2^-31 of itself from the next integer.
inline I divide(I a, I b) {
  int32_t x[W], y[W], q[W];
  store(x, a);
  store(y, select(eq(b, I{}), splat(1), b));
  for (int i = 0; i < W; i++) {
    const double exact = double(x[i]) / double(y[i]);
    q[i] = int32_t(exact >= 0x1p31 ? -0x1p31 : exact);
  }
  return select(eq(b, I{}), I{}, load(q));
}
inline I remainder(I a, I b) {
  return select(eq(b, I{}), I{}, (I)((U)a - (U)divide(a, b) * (U)b));
}

namespace operators {

REPOPS_OPERATOR(AddF, 2, true, F, a + b)
REPOPS_OPERATOR(SubF, 2, true, F, a - b)
REPOPS_OPERATOR(MulF, 2, true, F, a * b)
REPOPS_OPERATOR(DivF, 2, true, F, a / b)
REPOPS_OPERATOR(Sqrt, 1, true, F, sqrt(a))
REPOPS_OPERATOR(Fma, 3, true, F, fma(a, b, c))
REPOPS_OPERATOR(Neg, 1, true, F, neg(a))
REPOPS_OPERATOR(Abs, 1, true, F, abs(a))
REPOPS_OPERATOR(MinF, 2, true, F, minimum(a, b))
REPOPS_OPERATOR(MaxF, 2, true, F, maximum(a, b))
REPOPS_OPERATOR(Floor, 1, true, F, floor(a))
REPOPS_OPERATOR(Round, 1, true, F, round_even(a))
REPOPS_OPERATOR(Exp, 1, true, F, exp(a))
REPOPS_OPERATOR(Log, 1, true, F, log(a))
REPOPS_OPERATOR(Tanh, 1, true, F, tanh(a))
REPOPS_OPERATOR(Erf, 1, true, F, erf(a))
REPOPS_OPERATOR(Sin, 1, true, F, sin(a))
REPOPS_OPERATOR(Cos, 1, true, F, cos(a))
REPOPS_OPERATOR(Pow, 2, true, F, pow(a, b))

REPOPS_OPERATOR(AddI, 2, false, U, a + b)
REPOPS_OPERATOR(SubI, 2, false, U, a - b)
REPOPS_OPERATOR(MulI, 2, false, U, a * b)
REPOPS_OPERATOR(DivI, 2, false, I, divide(a, b))
REPOPS_OPERATOR(MinI, 2, false, I, minimum(a, b))
REPOPS_OPERATOR(MaxI, 2, false, I, maximum(a, b))
REPOPS_OPERATOR(Rem, 2, false, I, remainder(a, b))
REPOPS_OPERATOR(And, 2, false, I, a & b)
REPOPS_OPERATOR(Or, 2, false, I, a | b)
REPOPS_OPERATOR(Xor, 2, false, I, a ^ b)
REPOPS_OPERATOR(Shl, 2, false, U, a << (b & 31))
REPOPS_OPERATOR(Shr, 2, false, U, a >> (b & 31))
REPOPS_OPERATOR(Sar, 2, false, I, a >> (b & 31))

REPOPS_OPERATOR(EqF, 2, false, F, truth(eq(a, b)))
REPOPS_OPERATOR(LtF, 2, false, F, truth(lt(a, b)))
REPOPS_OPERATOR(LeF, 2, false, F, truth(le(a, b)))
REPOPS_OPERATOR(EqI, 2, false, I, truth(eq(a, b)))
REPOPS_OPERATOR(LtI, 2, false, I, truth(lt(a, b)))
REPOPS_OPERATOR(LeI, 2, false, I, truth(le(a, b)))
REPOPS_OPERATOR(Where, 3, false, I, select(eq(a, I{}), c, b))
REPOPS_OPERATOR(F2I, 1, false, F, truncate(a))
REPOPS_OPERATOR(I2F, 1, false, I, to_float(a))
REPOPS_OPERATOR(Copy, 1, false, I, a)  // Bits, Unbits

}  // namespace operators

// Calls work(vectors..., n) for each vector of a tile: three operands, where to write, and how many lanes count.
// Operands that do not vary along the columns are spread over a vector first, and read from there again and again.
template <int arity, class Work>
inline void for_vectors(const Tile& t, const Work& work) {
  alignas(4 * W) int32_t spread[3][W];
  for (int64_t r = 0; r < t.rows; r++) {
    const int32_t* at[3] = {};
    int64_t step[3] = {};
    for (int k = 0; k < arity; k++) {
      const Operand& x = t.in[k];
      at[k] = x.data + r * x.pitch;
      step[k] = x.vector ? W : 0;
      if (x.vector) continue;
      store(spread[k], splat(*at[k]));
      at[k] = spread[k];
    }
    const int32_t *a = at[0], *b = at[1], *c = at[2];
    const int64_t a_step = step[0], b_step = step[1], c_step = step[2];
    int32_t* out = t.out + r * t.pitch;
    int64_t n = t.columns;
    for (; n >= W; n -= W) {
      work(load(a), arity > 1 ? load(b) : I{}, arity > 2 ? load(c) : I{}, out, W);
      a += a_step;
      b += b_step;
      c += c_step;
      out += W;
    }
    if (n == 0) continue;
    const auto rest = [n](const int32_t* x, int64_t x_step) { return x_step == 0 ? load(x) : load_first(x, n); };
    work(rest(a, a_step), arity > 1 ? rest(b, b_step) : I{}, arity > 2 ? rest(c, c_step) : I{}, out, n);
  }
}

template <class Operator, bool canonicalise>
void apply(const Tile& t) {
  for_vectors<Operator::arity>(t, [](I a, I b, I c, int32_t* out, int64_t n) {
    I y = Operator::apply(a, b, c);
    if (canonicalise && Operator::arithmetic) y = (I)canonical((F)y);
    if (n == W) store(out, y);
    else store_first(out, y, n);
  });
}

struct ElementwiseTable {
  // [operator][type][1: a NaN is written as the canonical one, 0: with any bits]
  TileFunction of[kUnbits + 1][2][2] = {};

  template <class Operator>
  constexpr void set(Op op, Type type) {
    of[op][type][0] = apply<Operator, false>;
    of[op][type][1] = Operator::arithmetic ? apply<Operator, true> : of[op][type][0];
  }
};

constexpr ElementwiseTable elementwise_table() {
  using namespace operators;
  ElementwiseTable t;
  t.set<AddF>(kAdd, kF32), t.set<AddI>(kAdd, kI32);
  t.set<SubF>(kSub, kF32), t.set<SubI>(kSub, kI32);
  t.set<MulF>(kMul, kF32), t.set<MulI>(kMul, kI32);
  t.set<DivF>(kDiv, kF32), t.set<DivI>(kDiv, kI32);
  t.set<MinF>(kMin, kF32), t.set<MinI>(kMin, kI32);
  t.set<MaxF>(kMax, kF32), t.set<MaxI>(kMax, kI32);
  t.set<EqF>(kEq, kF32), t.set<EqI>(kEq, kI32);
  t.set<LtF>(kLt, kF32), t.set<LtI>(kLt, kI32);
  t.set<LeF>(kLe, kF32), t.set<LeI>(kLe, kI32);
  t.set<Where>(kWhere, kF32), t.set<Where>(kWhere, kI32);
  t.set<Sqrt>(kSqrt, kF32), t.set<Fma>(kFma, kF32), t.set<Neg>(kNeg, kF32), t.set<Abs>(kAbs, kF32);
  t.set<Floor>(kFloor, kF32), t.set<Round>(kRound, kF32), t.set<Exp>(kExp, kF32), t.set<Log>(kLog, kF32);
  t.set<Tanh>(kTanh, kF32), t.set<Erf>(kErf, kF32), t.set<Sin>(kSin, kF32), t.set<Cos>(kCos, kF32);
  t.set<Pow>(kPow, kF32), t.set<F2I>(kF2I, kF32), t.set<Copy>(kBits, kF32);
  t.set<Rem>(kRem, kI32), t.set<And>(kAnd, kI32), t.set<Or>(kOr, kI32), t.set<Xor>(kXor, kI32);
  t.set<Shl>(kShl, kI32), t.set<Shr>(kShr, kI32), t.set<Sar>(kSar, kI32);
  t.set<I2F>(kI2F, kI32), t.set<Copy>(kUnbits, kI32);
  return t;
}
inline constexpr ElementwiseTable kElementwise = elementwise_table();

// Second with the result of First as its operand number `position`; the operands of First come first.
template <class First, class Second, int position>
struct Pair {
  static constexpr int arity = First::arity + Second::arity - 1;
  static constexpr bool arithmetic = true;
  static I apply(I x, I y, I z) {
    const I first = First::apply(x, y, I{});
    return position == 0 ? Second::apply(first, z, I{}) : Second::apply(z, first, I{});
  }
};

struct PairTable {
  TileFunction of[kPow + 1][kPow + 1][2][2] = {};  // [first][second][position][canonical]

  template <class First, class Second>
  constexpr void set(Op first, Op second) {
    set_position<First, Second, 0>(first, second);
    if constexpr (Second::arity == 2) {
      if (!commutes(second)) set_position<First, Second, 1>(first, second);
    }
  }

 private:
  template <class First, class Second, int position>
  constexpr void set_position(Op first, Op second) {
    of[first][second][position][0] = apply<Pair<First, Second, position>, false>;
    of[first][second][position][1] = apply<Pair<First, Second, position>, true>;
  }
};

template <class First>
constexpr void set_pairs(PairTable& t, Op first) {
  using namespace operators;
  t.set<First, AddF>(first, kAdd), t.set<First, SubF>(first, kSub), t.set<First, MulF>(first, kMul);
  t.set<First, DivF>(first, kDiv), t.set<First, Sqrt>(first, kSqrt), t.set<First, Exp>(first, kExp);
  t.set<First, Tanh>(first, kTanh), t.set<First, Erf>(first, kErf);
}

constexpr PairTable pair_table() {
  PairTable t;
  set_pairs<operators::AddF>(t, kAdd);
  set_pairs<operators::SubF>(t, kSub);
  set_pairs<operators::MulF>(t, kMul);
  set_pairs<operators::DivF>(t, kDiv);
  return t;
}
inline constexpr PairTable kPairs = pair_table();

}  // namespace repops::REPOPS_ISA
