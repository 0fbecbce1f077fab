// Runs of operators that training computes again and again, each compiled into one loop in which what passes between them
// stays in registers. A phase of a RowsPlan whose steps are exactly those of a program is run by it; any other phase step
// by step. The bits are the same either way.
#pragma once

#include "../engine/task.h"

namespace repops {

struct ProgramStep {
  Op op;
  bool kept;       // the value is stored or a later phase reads it
  int8_t in[3];    // operand i of the program as i, the value of step j as -1 - j
  Type type = kF32;
};

constexpr int kMostProgramSteps = 13;

struct RowsProgram {
  const char* name;  // says where it is met
  int steps;
  const char* operand;  // v: varies along the columns, r: one word a row
  ProgramStep step[kMostProgramSteps];

  constexpr int operands() const {
    int count = 0;
    while (operand[count] != 0) count++;
    return count;
  }
  constexpr int arity(int s) const {
    switch (step[s].op) {
      case kFma: case kWhere: return 3;
      case kSqrt: case kExp: case kTanh: case kNeg: case kReduceSum: return 1;
      default: return 2;
    }
  }
  constexpr bool reduces() const {
    for (int s = 0; s < steps; s++) {
      if (step[s].op == kReduceSum) return true;
    }
    return false;
  }
};

constexpr int kMostProgramOperands = 13;

// A sum reads a value of the program; operands are numbered in the order in which they are first read.
inline constexpr RowsProgram kRowsPrograms[] = {
    {"sum of squares", 2, "v", {{kMul, false, {0, 0}}, {kReduceSum, false, {-1}}}},
    {"sum of products", 2, "vv", {{kMul, false, {0, 1}}, {kReduceSum, false, {-1}}}},
    {"softmax backward", 4, "vrvvrr",
     {{kSub, false, {0, 1}}, {kMul, false, {-1, 2}}, {kWhere, false, {3, -2, 4}}, {kMul, true, {-3, 5}}}},
    {"cross entropy backward", 5, "vrrvrr",
     {{kDiv, false, {0, 1}},
      {kEq, false, {2, 3}, kI32},
      {kSub, false, {-1, 4}},
      {kWhere, false, {-2, -3, -1}},
      {kMul, true, {-4, 5}}}},
    {"layer norm, residual sum", 3, "vvv", {{kAdd, false, {0, 1}}, {kAdd, true, {2, -1}}, {kReduceSum, false, {-2}}}},
    {"layer norm, squares", 3, "rrv", {{kFma, true, {0, 1, 2}}, {kMul, false, {-1, -1}}, {kReduceSum, false, {-2}}}},
    {"layer norm", 2, "vrvv", {{kDiv, false, {0, 1}}, {kFma, true, {-1, 2, 3}}}},
    {"layer norm, kept", 2, "vrvv", {{kDiv, true, {0, 1}}, {kFma, true, {-1, 2, 3}}}},
    {"layer norm backward, sums", 5, "vvv",
     {{kMul, true, {0, 1}},
      {kMul, false, {-1, 2}},
      {kReduceSum, false, {-2}},
      {kReduceSum, false, {-1}},
      {kMul, true, {0, 2}}}},
    {"layer norm backward, residual sums", 7, "vvvvv",
     {{kAdd, false, {0, 1}},
      {kAdd, true, {-1, 2}},
      {kMul, true, {-2, 3}},
      {kMul, false, {-3, 4}},
      {kReduceSum, false, {-4}},
      {kReduceSum, false, {-3}},
      {kMul, true, {-2, 4}}}},
    {"layer norm backward", 4, "rrvvrrv",
     {{kFma, false, {0, 1, 2}}, {kFma, false, {3, 4, -1}}, {kDiv, false, {-2, 5}}, {kAdd, true, {6, -3}}}},
    {"GELU", 7, "vvrrr",
     {{kAdd, false, {0, 1}},
      {kMul, false, {-1, -1}},
      {kFma, false, {-2, 2, 3}},
      {kMul, false, {-1, -3}},
      {kTanh, false, {-4}},
      {kMul, false, {-1, 4}},
      {kFma, true, {-6, -5, -6}}}},
    {"GELU with its slope", 13, "vvrrrrr",
     {{kAdd, false, {0, 1}},
      {kMul, false, {-1, -1}},
      {kFma, false, {-2, 2, 3}},
      {kMul, false, {-1, -3}},
      {kTanh, false, {-4}},
      {kMul, false, {-1, 4}},
      {kFma, true, {-6, -5, -6}},
      {kFma, false, {-2, 5, 3}},
      {kNeg, false, {-5}},
      {kFma, false, {-9, -5, 6}},
      {kMul, false, {-10, -6}},
      {kFma, false, {-5, 4, 4}},
      {kFma, true, {-11, -8, -12}}}},
    {"Adam", 11, "vrvrrvrrrrvrr",
     {{kMul, false, {0, 1}},
      {kMul, false, {2, 3}},
      {kFma, true, {-1, 4, -2}},
      {kMul, false, {-1, -1}},
      {kMul, false, {5, 6}},
      {kFma, true, {-4, 7, -5}},
      {kSqrt, false, {-6}},
      {kFma, false, {-7, 8, 9}},
      {kDiv, false, {-3, -8}},
      {kMul, false, {10, 11}},
      {kFma, true, {-9, 12, -10}}}},
};
constexpr int kRowsProgramCount = sizeof(kRowsPrograms) / sizeof(kRowsPrograms[0]);

}  // namespace repops
