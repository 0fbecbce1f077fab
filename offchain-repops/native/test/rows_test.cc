// Random rows and columns kernels against their plain meaning, on every instruction set of this machine:
//
//   rows_test [ROUNDS] [NAME]
//
// What the committed vectors cannot reach: several instructions in one kernel, tiles, blocks of rows, rows cut into
// chunks, outputs in the place of inputs, threads.
#include <algorithm>
#include <cstdio>
#include <map>
#include <string>

#include "../engine/choose.h"
#include "../engine/thread_pool.h"
#include "../kernels/rows_plan.h"
#include "random.h"
#include "scalar.h"

namespace repops {
namespace {

// Ordinary numbers, all patterns, and special ones in clusters, so that some rows have none.
uint32_t random_value(Type type, int kind) {
  constexpr uint32_t kSpecial[] = {0,          0x80000000, 0x7f800000, 0xff800000, 0x7fc00001, 0xffa00000, 1,
                                   0x80000001, 0x007fffff, 0x7f7fffff, 0x3f800000, 0xbf800000, 0x40000000, 0xffffffff};
  if (kind == 0) return type == kF32 ? bits(float(int32_t(random_word())) * 0x1p-29f) : uint32_t(below(64) - 32);
  if (kind == 1 || chance(80)) return random_word();
  return kSpecial[below(sizeof kSpecial / 4)];
}

struct OpShape {
  Op op;
  Type type;
  int operands;
  Type in[3], out;
};
const OpShape kShapes[] = {
    {kAdd, kF32, 2, {kF32, kF32}, kF32},   {kSub, kF32, 2, {kF32, kF32}, kF32},  {kMul, kF32, 2, {kF32, kF32}, kF32},
    {kDiv, kF32, 2, {kF32, kF32}, kF32},   {kSqrt, kF32, 1, {kF32}, kF32},       {kFma, kF32, 3, {kF32, kF32, kF32}, kF32},
    {kNeg, kF32, 1, {kF32}, kF32},         {kAbs, kF32, 1, {kF32}, kF32},        {kMin, kF32, 2, {kF32, kF32}, kF32},
    {kMax, kF32, 2, {kF32, kF32}, kF32},   {kFloor, kF32, 1, {kF32}, kF32},      {kRound, kF32, 1, {kF32}, kF32},
    {kExp, kF32, 1, {kF32}, kF32},         {kLog, kF32, 1, {kF32}, kF32},        {kTanh, kF32, 1, {kF32}, kF32},
    {kErf, kF32, 1, {kF32}, kF32},         {kSin, kF32, 1, {kF32}, kF32},        {kCos, kF32, 1, {kF32}, kF32},
    {kPow, kF32, 2, {kF32, kF32}, kF32},   {kEq, kF32, 2, {kF32, kF32}, kI32},   {kLt, kF32, 2, {kF32, kF32}, kI32},
    {kLe, kF32, 2, {kF32, kF32}, kI32},    {kF2I, kF32, 1, {kF32}, kI32},        {kBits, kF32, 1, {kF32}, kI32},
    {kWhere, kF32, 3, {kI32, kF32, kF32}, kF32},                                 {kI2F, kI32, 1, {kI32}, kF32},
    {kAdd, kI32, 2, {kI32, kI32}, kI32},   {kSub, kI32, 2, {kI32, kI32}, kI32},  {kMul, kI32, 2, {kI32, kI32}, kI32},
    {kDiv, kI32, 2, {kI32, kI32}, kI32},   {kRem, kI32, 2, {kI32, kI32}, kI32},  {kMin, kI32, 2, {kI32, kI32}, kI32},
    {kMax, kI32, 2, {kI32, kI32}, kI32},   {kAnd, kI32, 2, {kI32, kI32}, kI32},  {kOr, kI32, 2, {kI32, kI32}, kI32},
    {kXor, kI32, 2, {kI32, kI32}, kI32},   {kShl, kI32, 2, {kI32, kI32}, kI32},  {kShr, kI32, 2, {kI32, kI32}, kI32},
    {kSar, kI32, 2, {kI32, kI32}, kI32},   {kEq, kI32, 2, {kI32, kI32}, kI32},   {kLt, kI32, 2, {kI32, kI32}, kI32},
    {kLe, kI32, 2, {kI32, kI32}, kI32},    {kUnbits, kI32, 1, {kI32}, kF32},
    {kWhere, kI32, 3, {kI32, kI32, kI32}, kI32},
    {kReduceSum, kF32, 1, {kF32}, kF32},   {kReduceMax, kF32, 1, {kF32}, kF32},
    {kReduceSum, kI32, 1, {kI32}, kI32},   {kReduceMax, kI32, 1, {kI32}, kI32},
};

int64_t product(const std::vector<int64_t>& xs) {
  int64_t p = 1;
  for (int64_t x : xs) p *= x;
  return p;
}

struct RandomKernel {
  Rows rows;
  std::vector<std::vector<Word>> inputs, outputs;
  std::vector<Type> types;                 // of inputs
  std::vector<std::vector<Word>> expected; // of each store
  std::vector<int> in_place;               // for each store the input whose words it takes, or -1
  std::vector<int> wanted;                 // instructions to store; random ones where there are none
  int32_t program = -1;                    // that its phase is; of others nothing is known
};

Type type_of(const RandomKernel& k, const std::vector<Type>& results, int32_t operand) {
  return operand >= 0 ? k.types[size_t(operand)] : results[size_t(-1 - operand)];
}

std::vector<Word> random_words(int64_t count, Type type) {
  const int kind = int(below(3));
  std::vector<Word> words(static_cast<size_t>(count));
  for (Word& w : words) w = random_value(type, kind);
  return words;
}

// A kernel whose phase is that program; what is kept is stored. Now and then one of its steps reads or stores something
// else.
RandomKernel program_kernel(int32_t id) {
  const RowsProgram& program = kRowsPrograms[id];
  constexpr int64_t kLengths[] = {1, 5, 16, 31, 64, 100, 256, 300, 768, 4096, 5000};
  RandomKernel k;
  const int64_t length = kLengths[below(11)], rows = 1 + below(length > 1000 ? 3 : 40);
  k.rows.dims = {rows, length};
  k.types.assign(size_t(program.operands()), kF32);
  for (int s = 0; s < program.steps; s++) {
    Instruction in{program.step[s].op, program.step[s].type, program.step[s].op == kReduceSum, {}};
    for (int j = 0; j < program.arity(s); j++) {
      const int32_t x = program.step[s].in[j];
      if (x >= 0 && in.type == kI32) k.types[size_t(x)] = kI32;
      in.operands.push_back(x);
    }
    k.rows.instructions.push_back(in);
    if (program.step[s].kept || in.op == kReduceSum) k.wanted.push_back(s);
  }
  for (int x = 0; x < program.operands(); x++) {
    const bool varies = program.operand[x] == 'v', a_row = varies || chance(50);
    k.rows.inputs.push_back({nullptr, {a_row ? (varies ? length : 1) : 0, varies ? 1 : 0}});
    k.inputs.push_back(random_words((a_row ? rows : 1) * (varies ? length : 1), k.types[size_t(x)]));
  }
  if (chance(60)) {
    if (length > 1) k.program = id;  // a single word a row could be either kind of operand
  } else if (chance(30)) {
    k.wanted.push_back(int(below(program.steps)));
  } else {
    const int64_t step = below(program.steps);
    std::vector<Type> results;
    for (const Instruction& i : k.rows.instructions) results.push_back(i.type);
    std::vector<int32_t>& operands = k.rows.instructions[size_t(step)].operands;
    int32_t& x = operands[size_t(below(int64_t(operands.size())))];
    int32_t other = int32_t(below(program.operands() + step));
    if (other >= program.operands()) other = program.operands() - 1 - other;
    if (type_of(k, results, other) == type_of(k, results, x)) x = other;
  }
  return k;
}

RandomKernel random_kernel() {
  constexpr int64_t kExtents[] = {1, 1, 2, 3, 4, 7, 16, 17, 33};
  constexpr int64_t kLengths[] = {1, 2, 5, 8, 16, 31, 64, 100, 256, 257, 300, 512, 1000, 2305, 4096, 5000};
  RandomKernel k;
  const int64_t rank = below(4);
  for (int64_t a = 0; a < rank; a++) k.rows.dims.push_back(kExtents[below(9)]);
  k.rows.dims.push_back(kLengths[below(16)]);
  if (rank == 0 && chance(20)) k.rows.dims[0] = 70000 + below(9000);
  while (product(k.rows.dims) > 80000) k.rows.dims[size_t(below(rank + 1))] = 1 + below(3);

  const int64_t inputs = 1 + below(4);
  for (int64_t i = 0; i < inputs; i++) {
    const Type type = chance(70) ? kF32 : kI32;
    Rows::Input x;
    x.strides.resize(k.rows.dims.size());
    // Row-major over the axes along which it varies; sometimes the outer ones in another order.
    const int all = int(below(3));
    int64_t stride = 1;
    const size_t last = k.rows.dims.size() - 1;
    std::vector<size_t> order;
    for (size_t a = last; a-- > 0;) order.push_back(a);
    if (chance(15) && order.size() > 1) std::swap(order[0], order[1]);
    order.insert(order.begin(), last);
    for (size_t a : order) {
      const bool varies = all == 0 || chance(60);
      x.strides[a] = varies ? stride : 0;
      if (varies) stride *= k.rows.dims[a];
    }
    const int kind = int(below(3));
    std::vector<Word> words(static_cast<size_t>(stride));
    for (Word& w : words) w = random_value(type, kind);
    x.data = nullptr;
    k.inputs.push_back(std::move(words));
    k.types.push_back(type);
    k.rows.inputs.push_back(std::move(x));
  }

  std::vector<Type> results;
  const int64_t wanted = 1 + below(10);
  for (int tries = 0; int64_t(k.rows.instructions.size()) < wanted && tries < 200; tries++) {
    const OpShape& shape = kShapes[below(sizeof kShapes / sizeof *kShapes)];
    Instruction in{shape.op, shape.type, true, {}};
    bool good = true;
    for (int j = 0; j < shape.operands && good; j++) {
      const int32_t choices = int32_t(inputs) + int32_t(results.size());
      int32_t x = -1;
      good = false;
      for (int t = 0; t < 8 && !good; t++) {
        x = int32_t(below(choices));
        if (x >= inputs) x = int32_t(inputs) - 1 - x;
        good = type_of(k, results, x) == shape.in[j];
      }
      in.operands.push_back(x);
      const bool vector = x >= 0 ? k.rows.inputs[size_t(x)].strides.back() != 0 : !k.rows.instructions[size_t(-1 - x)].per_row;
      if (vector) in.per_row = false;
    }
    if (!good) continue;
    if (shape.op == kReduceSum || shape.op == kReduceMax) in.per_row = true;
    else if (in.per_row && chance(30)) in.per_row = false;
    k.rows.instructions.push_back(in);
    results.push_back(shape.out);
  }
  return k;
}

// Some rows of a cache replaced, mostly where it lies.
RandomKernel cache_kernel() {
  RandomKernel k;
  k.rows.dims = {1 + below(4), 1 + below(80), 1 + below(300)};
  const int64_t rows = k.rows.dims[1], length = k.rows.dims[2];
  const Type type = chance(70) ? kF32 : kI32;
  const auto input = [&](Type of, std::vector<int64_t> strides, int64_t words, int zeros) {
    std::vector<Word> data(static_cast<size_t>(words));
    for (Word& w : data) w = chance(zeros) ? 0 : random_value(of, 0);
    k.inputs.push_back(std::move(data));
    k.types.push_back(of);
    k.rows.inputs.push_back({nullptr, std::move(strides)});
  };
  input(kI32, {0, 1, 0}, rows, 90);
  input(type, {length, 0, 1}, k.rows.dims[0] * length, 0);
  input(type, {rows * length, length, 1}, product(k.rows.dims), 0);
  k.rows.instructions.push_back({kWhere, type, false, {0, 1, 2}});
  return k;
}

void evaluate(RandomKernel& k) {
  const int64_t length = k.rows.dims.back(), rows = product(k.rows.dims) / length;
  std::vector<std::vector<Word>> values;
  const auto read = [&](int32_t operand, int64_t r, int64_t c) {
    if (operand < 0) {
      const size_t i = size_t(-1 - operand);
      return values[i][size_t(k.rows.instructions[i].per_row ? r : r * length + c)];
    }
    const Rows::Input& x = k.rows.inputs[size_t(operand)];
    int64_t at = c * x.strides.back();
    for (size_t a = k.rows.dims.size() - 1; a-- > 0; r /= k.rows.dims[a]) at += r % k.rows.dims[a] * x.strides[a];
    return k.inputs[size_t(operand)][size_t(at)];
  };
  for (const Instruction& i : k.rows.instructions) {
    std::vector<Word> out;
    const bool reduces = i.op == kReduceSum || i.op == kReduceMax;
    for (int64_t r = 0; r < rows; r++) {
      std::vector<Word> row;
      for (int64_t c = 0; c < (i.per_row && !reduces ? 1 : length); c++) {
        if (reduces) {
          row.push_back(read(i.operands[0], r, c));
        } else {
          Word x[3] = {};
          for (size_t j = 0; j < i.operands.size(); j++) x[j] = read(i.operands[j], r, c);
          out.push_back(plain::element(i.op, i.type, x[0], x[1], x[2]));
        }
      }
      if (reduces) out.push_back(plain::reduction(i.op, i.type, row.data(), length, 1));
    }
    values.push_back(std::move(out));
  }
  // Stores: the last instruction always, others now and then; some in the place of an input of the same shape.
  std::vector<bool> taken(k.inputs.size());
  for (size_t i = 0; i < values.size(); i++) {
    const auto& wanted = k.wanted;
    if (wanted.empty() ? i + 1 < values.size() && !chance(25)
                       : std::find(wanted.begin(), wanted.end(), int(i)) == wanted.end()) {
      continue;
    }
    k.rows.stores.push_back({int32_t(i), nullptr});
    k.expected.push_back(values[i]);
    int place = -1;
    for (size_t x = 0; x < k.inputs.size() && place < 0; x++) {
      int64_t stride = k.rows.instructions[i].per_row ? 1 : length;
      bool same = (k.rows.instructions[i].per_row ? 0 : 1) == k.rows.inputs[x].strides.back();
      for (size_t a = k.rows.dims.size() - 1; a-- > 0; stride *= k.rows.dims[a]) {
        same = same && k.rows.inputs[x].strides[a] == stride;
      }
      if (same && !taken[x] && chance(60)) place = int(x);
    }
    if (place >= 0) taken[size_t(place)] = true;
    k.in_place.push_back(place);
  }
}

std::string text(const RandomKernel& k) {
  std::string s = "dims";
  for (int64_t d : k.rows.dims) s += " " + std::to_string(d);
  for (const Rows::Input& x : k.rows.inputs) {
    s += "\n  input";
    for (int64_t d : x.strides) s += " " + std::to_string(d);
  }
  for (const Instruction& i : k.rows.instructions) {
    char op[64];
    std::snprintf(op, sizeof op, "\n  %02x type %d%s:", i.op, i.type, i.per_row ? " a row" : "");
    s += op;
    for (int32_t x : i.operands) s += " " + std::to_string(x);
  }
  for (size_t i = 0; i < k.rows.stores.size(); i++) {
    s += "\n  store " + std::to_string(k.rows.stores[i].instruction) + " over " + std::to_string(k.in_place[i]);
  }
  return s;
}

bool check(RandomKernel k, const Kernels& kernels, Pool& pool) {  // a copy: outputs may overwrite inputs
  constexpr Word kGuard = 0xdeadbeef;
  for (size_t i = 0; i < k.inputs.size(); i++) k.rows.inputs[i].data = k.inputs[i].data();
  k.outputs.resize(k.expected.size());
  for (size_t i = 0; i < k.expected.size(); i++) {
    k.outputs[i].assign(k.expected[i].size() + 1, kGuard);
    k.rows.stores[i].data = k.in_place[i] >= 0 ? k.inputs[size_t(k.in_place[i])].data() : k.outputs[i].data();
  }
  const auto plan = plan_rows(k.rows);
  if (k.program >= 0 && plan->phases[0].program != k.program) {
    std::printf("program %d is not run as such\n%s\n", k.program, text(k).c_str());
    return false;
  }
  kernels.rows(*plan, pool);
  for (size_t i = 0; i < k.expected.size(); i++) {
    const Word* out = k.rows.stores[i].data;
    for (size_t e = 0; e < k.expected[i].size(); e++) {
      if (out[e] == k.expected[i][e]) continue;
      std::printf("%s: store %zu, element %zu: %08x, should be %08x\n%s\n", kernels.name, i, e, out[e],
                  k.expected[i][e], text(k).c_str());
      return false;
    }
    if (k.outputs[i].back() != kGuard) {
      std::printf("%s: store %zu is longer than it should be\n%s\n", kernels.name, i, text(k).c_str());
      return false;
    }
  }
  return true;
}

bool check_columns(const Kernels& kernels, Pool& pool) {
  constexpr int64_t kLengths[] = {1, 2, 31, 32, 33, 255, 256, 257, 700, 4096, 4097, 9000};
  const OpShape& shape = kShapes[sizeof kShapes / sizeof *kShapes - 4 + size_t(below(4))];
  const int64_t O = 1 + below(3), K = kLengths[below(12)], I = 1 + below(K > 4000 ? 20 : 150);
  const int kind = int(below(3));
  std::vector<Word> x(size_t(O * K * I)), out(size_t(O * I) + 1, 0xdeadbeef);
  for (Word& w : x) w = random_value(shape.type, kind);
  kernels.columns({shape.op, shape.type, O, K, I, x.data(), out.data()}, pool);
  for (int64_t e = 0; e < O * I; e++) {
    const Word right = plain::reduction(shape.op, shape.type, x.data() + e / I * K * I + e % I, K, I);
    if (out[size_t(e)] == right) continue;
    std::printf("%s: columns %02x type %d [%lld, %lld, %lld], element %lld: %08x, should be %08x\n", kernels.name,
                shape.op, shape.type, (long long)O, (long long)K, (long long)I, (long long)e, out[size_t(e)], right);
    return false;
  }
  return out.back() == 0xdeadbeef;
}

}  // namespace
}  // namespace repops

int main(int argc, char** argv) {
  using namespace repops;
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 1000;
  const std::string only = argc > 2 ? argv[2] : "";
  ThreadPool one(1), three(3);
  for (int round = 0; round < rounds; round++) {
    RandomKernel k = round % 3 == 0 ? program_kernel(round / 3 % kRowsProgramCount)
                     : chance(5)    ? cache_kernel()
                                    : random_kernel();
    if (k.rows.instructions.empty()) continue;
    evaluate(k);
    const uint64_t seed = random_state;
    for (const char* const* name = runnable_kernels(); *name != nullptr; name++) {
      if (!only.empty() && only != *name) continue;
      random_state = seed;
      const Kernels& kernels = *choose_kernels(*name);
      Pool& pool = round % 2 == 0 ? static_cast<Pool&>(one) : three;
      if (!check(k, kernels, pool) || (round % 8 == 0 && !check_columns(kernels, pool))) return 1;
    }
  }
  std::printf("%d kernels agree\n", rounds);
}
