// Every unary operator on all 2^32 inputs, on every instruction set of this machine, against its plain meaning:
//
//   exhaustive [OPERATOR ...] [INSTRUCTION SET ...]      `pow`: as many random pairs
//
// Half a minute an operator of one free core, on `scalar` two.
// Compile with -march=native, so that fma is an instruction here too.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>

#include "../engine/choose.h"
#include "../engine/thread_pool.h"
#include "random.h"
#include "scalar.h"

namespace repops {
namespace {

constexpr int64_t kBlock = 1 << 14;

using Values = void (*)(const Word* x, const Word* y, Word* out);

// A loop for each operator, which the compiler may turn into vectors of its own.
template <Op op, Type type>
void values(const Word* x, const Word* y, Word* out) {
  for (int64_t i = 0; i < kBlock; i++) out[i] = plain::element(op, type, x[i], y[i], 0);
}

struct Named {
  const char* name;
  Op op;
  Type type;
  Values right;
};
constexpr Named kOperators[] = {
    {"exp", kExp, kF32, values<kExp, kF32>},       {"log", kLog, kF32, values<kLog, kF32>},
    {"tanh", kTanh, kF32, values<kTanh, kF32>},    {"erf", kErf, kF32, values<kErf, kF32>},
    {"sin", kSin, kF32, values<kSin, kF32>},       {"cos", kCos, kF32, values<kCos, kF32>},
    {"sqrt", kSqrt, kF32, values<kSqrt, kF32>},    {"floor", kFloor, kF32, values<kFloor, kF32>},
    {"round", kRound, kF32, values<kRound, kF32>}, {"neg", kNeg, kF32, values<kNeg, kF32>},
    {"abs", kAbs, kF32, values<kAbs, kF32>},       {"f2i", kF2I, kF32, values<kF2I, kF32>},
    {"i2f", kI2F, kI32, values<kI2F, kI32>},       {"pow", kPow, kF32, values<kPow, kF32>},
};

bool check(const Named& o, const std::vector<const char*>& sets) {
  static Word x[kBlock], y[kBlock], out[kBlock], right[kBlock];
  ThreadPool pool(1);
  Rows k;
  k.dims = {kBlock};
  k.inputs = {{x, {1}}};
  k.instructions = {{o.op, o.type, false, {0}}};
  if (o.op == kPow) {
    k.inputs.push_back({y, {1}});
    k.instructions[0].operands.push_back(1);
  }
  k.stores = {{0, out}};
  const auto plan = plan_rows(k);
  const auto start = std::chrono::steady_clock::now();
  for (int64_t from = 0; from < int64_t(1) << 32; from += kBlock) {
    for (int64_t i = 0; i < kBlock; i++) {
      x[i] = Word(from + i);
      if (o.op != kPow) continue;
      // Half of the pairs have results of ordinary size.
      x[i] = random_word();
      y[i] = random_word();
      if (i % 2 == 0) {
        x[i] = 0x3f000000 + random_word() % 0x01800000;
        y[i] = (y[i] & 0x80ffffff) | (0x38 + random_word() % 14) << 24;
      }
    }
    o.right(x, y, right);
    for (const char* name : sets) {
      choose_kernels(name)->rows(*plan, pool);
      if (std::memcmp(out, right, sizeof out) == 0) continue;
      for (int64_t i = 0; i < kBlock; i++) {
        if (out[i] == right[i]) continue;
        std::printf("%s on %s: %08x %08x gives %08x, should be %08x\n", o.name, name, x[i], y[i], out[i], right[i]);
        return false;
      }
    }
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::printf("%-6s 2^32 inputs agree on", o.name);
  for (const char* name : sets) std::printf(" %s", name);
  std::printf(" (%.0f s)\n", seconds);
  std::fflush(stdout);
  return true;
}

}  // namespace
}  // namespace repops

int main(int argc, char** argv) {
  const std::vector<std::string> chosen(argv + 1, argv + argc);
  const auto has = [&](const char* name) { return std::find(chosen.begin(), chosen.end(), name) != chosen.end(); };
  std::vector<const char*> all, sets;
  for (const char* const* name = repops::runnable_kernels(); *name != nullptr; name++) {
    all.push_back(*name);
    if (has(*name)) sets.push_back(*name);
  }
  const bool every = chosen.size() == sets.size();
  bool good = true;
  for (const repops::Named& o : repops::kOperators) {
    if (every || has(o.name)) good = repops::check(o, sets.empty() ? all : sets) && good;
  }
  return good ? 0 : 1;
}
