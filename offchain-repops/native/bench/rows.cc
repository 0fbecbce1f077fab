// Nanoseconds an element of every operator, and what training computes row by row beside vector loops that add in any
// order; one thread, best of many, on every instruction set of this machine:
//
//   npm run bench:rows -w offchain-repops [-- operators|reductions|columns|fused]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>

#include "../engine/choose.h"
#include "../engine/thread_pool.h"
#include "any_order.h"
#include "memory.h"

namespace repops {

#if defined(__x86_64__)
namespace avx512 { extern const AnyOrder any_order; }
namespace avx2 { extern const AnyOrder any_order; }
#elif defined(__aarch64__)
namespace neon { extern const AnyOrder any_order; }
#endif
namespace scalar { extern const AnyOrder any_order; }

namespace {

const AnyOrder& any_order_of(const std::string& name) {
#if defined(__x86_64__)
  if (name == "avx512") return avx512::any_order;
  if (name == "avx2") return avx2::any_order;
#elif defined(__aarch64__)
  if (name == "neon") return neon::any_order;
#endif
  return scalar::any_order;
}

ThreadPool pool(1);

// Best time of a call in nanoseconds.
double best(const std::function<void()>& call) {
  using Clock = std::chrono::steady_clock;
  double least = 1e18;
  const auto end = Clock::now() + std::chrono::milliseconds(25);
  do {
    int64_t calls = 1;
    for (;;) {
      const auto start = Clock::now();
      for (int64_t i = 0; i < calls; i++) call();
      const double ns = std::chrono::duration<double, std::nano>(Clock::now() - start).count();
      least = std::min(least, ns / double(calls));
      if (ns > 20000) break;
      calls *= 4;
    }
  } while (Clock::now() < end);
  return least;
}

struct Named {
  const char* name;
  Op op;
  Type type;
  int operands;
};
const Named kOperators[] = {
    {"Add", kAdd, kF32, 2},   {"Sub", kSub, kF32, 2},     {"Mul", kMul, kF32, 2},   {"Div", kDiv, kF32, 2},
    {"Sqrt", kSqrt, kF32, 1}, {"Fma", kFma, kF32, 3},     {"Neg", kNeg, kF32, 1},   {"Abs", kAbs, kF32, 1},
    {"Min", kMin, kF32, 2},   {"Max", kMax, kF32, 2},     {"Floor", kFloor, kF32, 1}, {"Round", kRound, kF32, 1},
    {"Exp", kExp, kF32, 1},   {"Log", kLog, kF32, 1},     {"Tanh", kTanh, kF32, 1}, {"Erf", kErf, kF32, 1},
    {"Sin", kSin, kF32, 1},   {"Cos", kCos, kF32, 1},     {"Pow", kPow, kF32, 2},   {"Eq", kEq, kF32, 2},
    {"Lt", kLt, kF32, 2},     {"Le", kLe, kF32, 2},       {"Where", kWhere, kF32, 3}, {"F2I", kF2I, kF32, 1},
    {"I2F", kI2F, kI32, 1},   {"Bits", kBits, kF32, 1},   {"Add i32", kAdd, kI32, 2}, {"Mul i32", kMul, kI32, 2},
    {"Div i32", kDiv, kI32, 2}, {"Rem i32", kRem, kI32, 2}, {"Max i32", kMax, kI32, 2}, {"And", kAnd, kI32, 2},
    {"Shl", kShl, kI32, 2},   {"Sar", kSar, kI32, 2},     {"Lt i32", kLt, kI32, 2},
};

void compare(const char* name, double elements, const std::function<void()>& ours, const std::function<void()>& loop) {
  double a = 1e18, b = 1e18;
  for (int round = 0; round < 4; round++) a = std::min(a, best(ours)), b = std::min(b, best(loop));
  std::printf("%-34s %9.3f ns  any order %9.3f  ratio %.2f\n", name, a / elements, b / elements, a / b);
}

void operators(const Kernels& kernels, float scale) {
  constexpr int64_t n = 4096;
  Memory x(n), y(n), z(n), out(n);
  for (int64_t i = 0; i < n; i++) {
    const float u = float(i * 2654435761u % 16777216) / 16777216;
    x.data[i] = scale * (u - 0.3f);
    y.data[i] = 0.1f + 2 * u;
    z.data[i] = u * u;
  }
  for (const Named& o : kOperators) {
    Rows k;
    k.dims = {n};
    for (const Memory* m : {&x, &y, &z}) k.inputs.push_back({m->words(), {1}});
    k.inputs.resize(size_t(o.operands));
    if (o.op == kPow || o.op == kLog) k.inputs[0].data = y.words();
    Instruction i{o.op, o.type, false, {}};
    for (int32_t j = 0; j < o.operands; j++) i.operands.push_back(j);
    k.instructions = {i};
    k.stores = {{0, out.words()}};
    const auto plan = plan_rows(k);
    std::printf("%-34s %9.3f ns\n", o.name, best([&] { kernels.rows(*plan, pool); }) / n);
  }
}

Rows row_kernel(int64_t rows, int64_t length, const Memory& x) {
  Rows k;
  k.dims = {rows, length};
  k.inputs = {{x.words(), {length, 1}}};
  return k;
}

void reductions(const Kernels& kernels) {
  const AnyOrder& loops = any_order_of(kernels.name);
  for (auto [rows, n] : {std::pair<int64_t, int64_t>{1, 768}, {12, 1024}, {1024, 64}, {1024, 768}, {96, 50257}}) {
    Memory x(rows * n), out(rows);
    for (int64_t i = 0; i < rows * n; i++) x.data[i] = float(i % 1000) * 0.01f - 5;
    char name[64];
    Rows k = row_kernel(rows, n, x);
    for (Op op : {kReduceSum, kReduceMax}) {
      k.instructions = {{op, kF32, true, {0}}};
      k.stores = {{0, out.words()}};
      const auto plan = plan_rows(k);
      std::snprintf(name, sizeof name, "%s %lldx%lld", op == kReduceSum ? "ReduceSum" : "ReduceMax", (long long)rows,
                    (long long)n);
      compare(name, double(rows * n), [&] { kernels.rows(*plan, pool); },
              [&, rows = rows, n = n] {
                (op == kReduceSum ? loops.sums : loops.maxima)(x.data, rows, n, out.data);
              });
    }
  }
  for (auto [rows, n] : {std::pair<int64_t, int64_t>{1024, 64}, {768, 128}, {384, 1024}, {128, 4096}, {24, 50257}}) {
    Memory x(rows * n), out(rows * n);
    for (int64_t i = 0; i < rows * n; i++) x.data[i] = float(i * 7919 % 1000) * 0.01f - 5;
    Rows k = row_kernel(rows, n, x);
    k.instructions = {{kReduceMax, kF32, true, {0}},     {kSub, kF32, false, {0, -1}}, {kExp, kF32, false, {-2}},
                      {kReduceSum, kF32, true, {-3}}, {kDiv, kF32, false, {-3, -4}}};
    k.stores = {{4, out.words()}};
    const auto plan = plan_rows(k);
    char name[64];
    std::snprintf(name, sizeof name, "Softmax %lldx%lld", (long long)rows, (long long)n);
    compare(name, double(rows * n), [&] { kernels.rows(*plan, pool); },
            [&, rows = rows, n = n] { loops.softmax(x.data, rows, n, out.data); });
  }
}

void columns(const Kernels& kernels) {
  for (auto [K, I] : {std::pair<int64_t, int64_t>{256, 768}, {1024, 768}, {1024, 3072}, {512, 50257}}) {
    Memory x(K * I), out(I), any(I);
    for (int64_t i = 0; i < K * I; i++) x.data[i] = float(i % 1000) * 0.01f - 5;
    const Columns c{kReduceSum, kF32, 1, K, I, x.words(), out.words()};
    char name[64];
    std::snprintf(name, sizeof name, "column sums %lldx%lld", (long long)K, (long long)I);
    compare(name, double(K * I), [&] { kernels.columns(c, pool); }, [&, K = K, I = I] {
      for (int64_t i = 0; i < I; i++) any.data[i] = 0;
      for (int64_t k = 0; k < K; k++) {
        for (int64_t i = 0; i < I; i++) any.data[i] += x.data[k * I + i];
      }
    });
  }
}

// Kernels as a training step of GPT-2 small fuses them.
void adam(const Kernels& kernels, const AnyOrder& loops, int64_t n) {
  Memory w(n), g(n), m(n), v(n), constants(16);
  for (int64_t i = 0; i < n; i++) {
    g.data[i] = float(i % 997) * 1e-3f - 0.5f;
    w.data[i] = m.data[i] = v.data[i] = 0.1f;
  }
  const float values[] = {0.5f, 0.9f, 0.1f, 0.999f, 0.001f, 1.001f, 1e-8f, 0.9999f, -1e-3f};
  std::memcpy(constants.data, values, sizeof values);
  Rows k;
  k.dims = {n};
  for (const Memory* x : {&g, &m, &v, &w}) k.inputs.push_back({x->words(), {1}});
  for (int i = 0; i < 9; i++) k.inputs.push_back({constants.words() + i, {0}});
  k.instructions = {
      {kMul, kF32, false, {0, 4}},      {kMul, kF32, false, {1, 5}},    {kFma, kF32, false, {-1, 6, -2}},
      {kMul, kF32, false, {-1, -1}},    {kMul, kF32, false, {2, 7}},    {kFma, kF32, false, {-4, 8, -5}},
      {kSqrt, kF32, false, {-6}},       {kFma, kF32, false, {-7, 9, 10}}, {kDiv, kF32, false, {-3, -8}},
      {kMul, kF32, false, {3, 11}},     {kFma, kF32, false, {-9, 12, -10}},
  };
  k.stores = {{2, m.words()}, {5, v.words()}, {10, w.words()}};
  const auto plan = plan_rows(k);
  char name[64];
  std::snprintf(name, sizeof name, "Adam %lld", (long long)n);
  compare(name, double(n), [&] { kernels.rows(*plan, pool); },
          [&] { loops.adam(w.data, g.data, m.data, v.data, constants.data, n); });
}

void layer_norm(const Kernels& kernels, const AnyOrder& loops, int64_t rows, int64_t n) {
  Memory x(rows * n), gamma(n), beta(n), out(rows * n), constants(16);
  for (int64_t i = 0; i < rows * n; i++) x.data[i] = float(i * 31 % 1009) * 1e-2f;
  for (int64_t i = 0; i < n; i++) gamma.data[i] = beta.data[i] = 1;
  constants.data[0] = -1.0f / float(n), constants.data[1] = 1.0f / float(n), constants.data[2] = 1e-5f;
  Rows k = row_kernel(rows, n, x);
  for (int i = 0; i < 3; i++) k.inputs.push_back({constants.words() + i, {0, 0}});
  k.inputs.push_back({gamma.words(), {0, 1}});
  k.inputs.push_back({beta.words(), {0, 1}});
  k.instructions = {
      {kReduceSum, kF32, true, {0}},  {kFma, kF32, false, {-1, 1, 0}},  {kMul, kF32, false, {-2, -2}},
      {kReduceSum, kF32, true, {-3}}, {kFma, kF32, true, {-4, 2, 3}},   {kSqrt, kF32, true, {-5}},
      {kDiv, kF32, false, {-2, -6}},  {kFma, kF32, false, {-7, 4, 5}},
  };
  k.stores = {{7, out.words()}};
  const auto plan = plan_rows(k);
  char name[64];
  std::snprintf(name, sizeof name, "layer norm %lldx%lld", (long long)rows, (long long)n);
  compare(name, double(rows * n), [&] { kernels.rows(*plan, pool); },
          [&] { loops.layer_norm(x.data, gamma.data, beta.data, 1e-5f, rows, n, out.data); });
}

void gelu(const Kernels& kernels, const AnyOrder& loops, int64_t rows, int64_t n) {
  Memory x(rows * n), bias(n), out(rows * n), constants(16);
  for (int64_t i = 0; i < rows * n; i++) x.data[i] = float(i * 31 % 1009) * 1e-2f - 5;
  for (int64_t i = 0; i < n; i++) bias.data[i] = 0.01f;
  const float values[] = {0.0356774f, 0.7978846f, 0.5f};
  std::memcpy(constants.data, values, sizeof values);
  Rows k = row_kernel(rows, n, x);
  k.inputs.push_back({bias.words(), {0, 1}});
  for (int i = 0; i < 3; i++) k.inputs.push_back({constants.words() + i, {0, 0}});
  k.instructions = {
      {kAdd, kF32, false, {0, 1}},   {kMul, kF32, false, {-1, -1}}, {kFma, kF32, false, {-2, 2, 3}},
      {kMul, kF32, false, {-1, -3}}, {kTanh, kF32, false, {-4}},    {kMul, kF32, false, {-1, 4}},
      {kFma, kF32, false, {-6, -5, -6}},
  };
  k.stores = {{6, out.words()}};
  const auto plan = plan_rows(k);
  char name[64];
  std::snprintf(name, sizeof name, "bias and GELU %lldx%lld", (long long)rows, (long long)n);
  compare(name, double(rows * n), [&] { kernels.rows(*plan, pool); },
          [&] { loops.gelu(x.data, bias.data, constants.data, rows, n, out.data); });
}

void cross_entropy(const Kernels& kernels, const AnyOrder& loops, int64_t rows, int64_t n) {
  Memory x(rows * n), target(rows), classes(n), shifted(rows * n), logarithm(rows), gradient(rows * n), constants(16);
  for (int64_t i = 0; i < rows * n; i++) x.data[i] = float(i * 7919 % 1000) * 0.01f - 5;
  for (int64_t i = 0; i < rows; i++) target.words()[i] = Word(i * 7919 % n);
  for (int64_t i = 0; i < n; i++) classes.words()[i] = Word(i);
  constants.data[0] = 1.0f, constants.data[1] = 1.0f / float(rows);
  Rows k = row_kernel(rows, n, x);
  k.inputs.push_back({target.words(), {1, 0}});
  k.inputs.push_back({classes.words(), {0, 1}});
  for (int i = 0; i < 2; i++) k.inputs.push_back({constants.words() + i, {0, 0}});
  k.instructions = {
      {kReduceMax, kF32, true, {0}},   {kSub, kF32, false, {0, -1}}, {kExp, kF32, false, {-2}},
      {kReduceSum, kF32, true, {-3}},  {kLog, kF32, true, {-4}},     {kDiv, kF32, false, {-3, -4}},
      {kEq, kI32, false, {1, 2}},      {kSub, kF32, false, {-6, 3}}, {kWhere, kF32, false, {-7, -8, -6}},
      {kMul, kF32, false, {-9, 4}},
  };
  k.stores = {{1, shifted.words()}, {4, logarithm.words()}, {9, gradient.words()}};
  const auto plan = plan_rows(k);
  char name[64];
  std::snprintf(name, sizeof name, "cross entropy %lldx%lld", (long long)rows, (long long)n);
  compare(name, double(rows * n), [&] { kernels.rows(*plan, pool); }, [&] {
    loops.cross_entropy(x.data, reinterpret_cast<const int32_t*>(target.data), rows, n, constants.data[1], shifted.data,
                        logarithm.data, gradient.data);
  });
}

void fused(const Kernels& kernels) {
  const AnyOrder& loops = any_order_of(kernels.name);
  layer_norm(kernels, loops, 1, 768);
  layer_norm(kernels, loops, 1024, 768);
  gelu(kernels, loops, 1024, 3072);
  cross_entropy(kernels, loops, 96, 50257);
  adam(kernels, loops, 768);
  adam(kernels, loops, 768 * 3072);
}

}  // namespace
}  // namespace repops

int main(int argc, char** argv) {
  using namespace repops;
  const std::string only = argc > 1 ? argv[1] : "";
  for (const char* const* name = runnable_kernels(); *name != nullptr; name++) {
    const Kernels& kernels = *choose_kernels(*name);
    std::printf("%s, ns an element\n", kernels.name);
    if (only.empty() || only == "operators") operators(kernels, 4.0f);
    if (only.empty() || only == "reductions") reductions(kernels);
    if (only.empty() || only == "columns") columns(kernels);
    if (only.empty() || only == "fused") fused(kernels);
  }
}
