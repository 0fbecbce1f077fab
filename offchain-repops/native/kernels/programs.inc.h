// The programs of rows_programs.h, one loop each.
#pragma once

#include <algorithm>
#include <utility>

#include "elementwise.inc.h"
#include "reduce.inc.h"
#include "rows_programs.h"

namespace repops::REPOPS_ISA {

struct ProgramTile {
  int64_t rows, columns;
  Operand in[kMostProgramOperands];
  struct Output {  // of a step that is kept: a word a column; of a sum: a word a row
    int32_t* data;
    int64_t pitch;
    GroupedSum* so_far;
  } out[kMostProgramSteps];
  bool first, last;  // the columns are the first, the last of their rows
};

using ProgramFunction = void (*)(const ProgramTile&);

template <int id>
class ProgramRun {
 public:
  static void run(const ProgramTile& t) {
    for (int64_t r = 0; r < t.rows; r++) {
      const Row row = enter(t, r, Steps(), Operands());
      if constexpr (kProgram.reduces()) {
        sums(t, row, r);
      } else {
        int64_t i = 0;
        for (; i + W <= t.columns; i += W) vector(row, i);
        if (i < t.columns) part(row, i, t.columns - i);
      }
    }
  }

 private:
  static constexpr const RowsProgram& kProgram = kRowsPrograms[id];
  static constexpr int kOperands = kProgram.operands();
  using Steps = std::make_integer_sequence<int, kProgram.steps>;
  using Operands = std::make_integer_sequence<int, kOperands>;
  static constexpr int kVectors = kSumLanes / W;
  static constexpr bool varies(int k) { return kProgram.operand[k] == 'v'; }

  struct Row {
    const int32_t* at[kOperands];  // of what varies along the columns
    I spread[kOperands];           // of what does not
    int32_t* out[kProgram.steps];
  };
  struct Values {
    I of[kProgram.steps];
  };
  struct Lanes {
    F of[kProgram.steps][kVectors];
  };

  template <int... s, int... k>
  static inline Row enter(const ProgramTile& t, int64_t r, std::integer_sequence<int, s...>,
                          std::integer_sequence<int, k...>) {
    Row row;
    ((row.at[k] = t.in[k].data + r * t.in[k].pitch), ...);
    ((row.spread[k] = varies(k) ? I{} : splat(*row.at[k])), ...);
    ((row.out[s] = kProgram.step[s].kept ? t.out[s].data + r * t.out[s].pitch : nullptr), ...);
    return row;
  }

  // The vector from column i on; of a `part` n < W lanes count.
  static inline Values vector(const Row& row, int64_t i) {
    const Values v = evaluate([&](int k) { return varies(k) ? load(row.at[k] + i) : row.spread[k]; }, Steps());
    keep([&](int s, I x) { store(row.out[s] + i, x); }, v, Steps());
    return v;
  }
  static inline Values part(const Row& row, int64_t i, int64_t n) {
    const Values v = evaluate([&](int k) { return varies(k) ? load_first(row.at[k] + i, n) : row.spread[k]; }, Steps());
    keep([&](int s, I x) { store_first(row.out[s] + i, x, n); }, v, Steps());
    return v;
  }

  static void sums(const ProgramTile& t, const Row& row, int64_t r) {
    for_sums([&](int s) { if (t.first) t.out[s].so_far->start(); });
    for (int64_t from = 0; from < t.columns; from += kSegment) {
      const int64_t to = std::min(from + kSegment, t.columns);
      Lanes lanes{};
      int64_t i = from;
      for (; i + kSumLanes <= to; i += kSumLanes) add_vectors(row, i, lanes, std::make_integer_sequence<int, kVectors>());
      if (i < to) lanes = rest(row, i, to, lanes);
      for_sums([&](int s) {
        for (int w = kVectors / 2; w > 0; w /= 2) {
          for (int j = 0; j < w; j++) lanes.of[s][j] += lanes.of[s][j + w];
        }
        t.out[s].so_far->push(combine_lanes(lanes.of[s][0], AddLanes()));
      });
    }
    for_sums([&](int s) {
      if (t.last) reinterpret_cast<float*>(t.out[s].data)[r] = t.out[s].so_far->finish();
    });
  }
  template <int... j>
  static inline void add_vectors(const Row& row, int64_t i, Lanes& lanes, std::integer_sequence<int, j...>) {
    if constexpr (W >= 8) {
      (add_vector(row, i, j, lanes), ...);
    } else {  // code for all of them would be long
      for (int n = 0; n < kVectors; n++) add_vector(row, i, n, lanes);
    }
  }
  static inline void add_vector(const Row& row, int64_t i, int j, Lanes& lanes) {
    const Values v = vector(row, i + j * W);
    for_sums([&](int s) { lanes.of[s][j] += summand(s, v); });
  }

  // Fewer than 32 columns. Lanes that have nothing more get +0, which changes nothing. Copies, so that what the loops
  // use may stay in registers.
  __attribute__((noinline)) static Lanes rest(Row row, int64_t i, int64_t to, Lanes lanes) {
    for (int j = 0; i < to; i += W, j++) {
      const int64_t n = to - i;
      const Values v = n >= W ? vector(row, i) : part(row, i, n);
      const M counted = lt(iota(), splat(int32_t(std::min<int64_t>(n, W))));
      for_sums([&](int s) { lanes.of[s][j] += select(counted, summand(s, v), F{}); });
    }
    return lanes;
  }

  static F summand(int s, const Values& v) { return (F)v.of[-1 - kProgram.step[s].in[0]]; }

  template <class Work>
  static inline void for_sums(const Work& work) {
    for_sums(work, Steps());
  }
  template <class Work, int... s>
  static inline void for_sums(const Work& work, std::integer_sequence<int, s...>) {
    ((kProgram.step[s].op == kReduceSum ? work(s) : void()), ...);
  }

  template <class Read, int... s>
  static inline Values evaluate(const Read& read, std::integer_sequence<int, s...>) {
    Values v;
    I x[kOperands];
    read_all(read, x, std::make_integer_sequence<int, kOperands>());
    ((v.of[s] = value<s>(x, v)), ...);
    return v;
  }
  template <class Read, int... k>
  static inline void read_all(const Read& read, I (&x)[kOperands], std::integer_sequence<int, k...>) {
    ((x[k] = read(k)), ...);
  }

  template <class Write, int... s>
  static inline void keep(const Write& write, const Values& v, std::integer_sequence<int, s...>) {
    ((kProgram.step[s].kept ? write(s, v.of[s]) : void()), ...);
  }

  template <int s, int k>
  static inline I operand(const I (&x)[kOperands], const Values& v) {
    constexpr int in = kProgram.step[s].in[k];
    if constexpr (in >= 0) return x[in];
    else if constexpr (kProgram.step[s].op == kWhere && k > 0) return (I)canonical((F)v.of[-1 - in]);  // its bits are seen
    else return v.of[-1 - in];
  }

  template <int s>
  static inline I value(const I (&x)[kOperands], const Values& v) {
    using namespace operators;
    constexpr ProgramStep t = kProgram.step[s];
    static_assert((t.type == kI32) == (t.op == kEq), "the other operators here are those of f32");
    const I a = operand<s, 0>(x, v);
    const I b = [&] { if constexpr (kProgram.arity(s) > 1) return operand<s, 1>(x, v); else return I{}; }();
    const I c = [&] { if constexpr (kProgram.arity(s) > 2) return operand<s, 2>(x, v); else return I{}; }();
    if constexpr (t.op == kReduceSum) return a;
    else if constexpr (t.op == kWhere) return Where::apply(a, b, c);
    else if constexpr (t.op == kEq) return EqI::apply(a, b, c);
    else return kept<s>(arithmetic<t.op>(a, b, c));
  }
  template <int s>
  static inline I kept(I y) {
    if constexpr (kProgram.step[s].kept) return (I)canonical((F)y);
    else return y;
  }
  template <Op op>
  static inline I arithmetic(I a, I b, I c) {
    using namespace operators;
    if constexpr (op == kAdd) return AddF::apply(a, b, c);
    else if constexpr (op == kSub) return SubF::apply(a, b, c);
    else if constexpr (op == kMul) return MulF::apply(a, b, c);
    else if constexpr (op == kDiv) return DivF::apply(a, b, c);
    else if constexpr (op == kFma) return Fma::apply(a, b, c);
    else if constexpr (op == kSqrt) return Sqrt::apply(a, b, c);
    else if constexpr (op == kNeg) return Neg::apply(a, b, c);
    else if constexpr (op == kExp) return Exp::apply(a, b, c);
    else if constexpr (op == kTanh) return Tanh::apply(a, b, c);
    else static_assert(op == kAdd, "an operator that no program has yet");
  }
};

struct ProgramTable {
  ProgramFunction of[kRowsProgramCount] = {};
};
template <int... id>
constexpr ProgramTable program_table(std::integer_sequence<int, id...>) {
  return {{ProgramRun<id>::run...}};
}
inline constexpr ProgramTable kPrograms = program_table(std::make_integer_sequence<int, kRowsProgramCount>());

}  // namespace repops::REPOPS_ISA
