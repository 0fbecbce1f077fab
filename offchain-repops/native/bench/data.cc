// Times hashing and the kernels that move data: bench [threads]. Best of many short runs, so that what else the
// machine does shows least. Bytes are those that are read and written, or those that are hashed.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>

#include "../engine/choose.h"
#include "../engine/hashing.h"
#include "../engine/thread_pool.h"
#include "memory.h"

namespace repops {
namespace {

constexpr int kRuns = 15;
constexpr int kShortRuns = 500;  // of less than a millisecond

double best_seconds(int runs, const std::function<void()>& work) {
  double best = 1e9;
  for (int run = 0; run < runs; run++) {
    const auto start = std::chrono::steady_clock::now();
    work();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

// Cycles a second, by a chain of additions of one cycle each.
double clock_rate() {
  constexpr int kSteps = 20000;
  uint64_t x = 1;
  const double seconds = best_seconds(kShortRuns, [&] {
    for (int i = 0; i < kSteps; i++) {
      asm volatile("" : "+r"(x));
      x = x + i;
    }
  });
  return kSteps / seconds;
}

class Bench {
 public:
  Bench(const Kernels& kernels, Pool& pool) : kernels_(kernels), pool_(pool) {
    for (size_t i = 0; i < kWords; i++) x_[i] = static_cast<Word>(i * 2654435761u) >> 2;  // positive floats
    std::fill_n(out_, kWords, 0);
  }

  void run() {
    std::printf("%s, %d threads\n", kernels_.name, pool_.threads());
    hashing();
    moves();
    indexes();
    const Context context{3, 5};
    report("Philox, 4 Mi words", 4.0 * (1 << 22),
           [&] { kernels_.generate({kPhilox, 1 << 22, 1, out_}, context, pool_); });
  }

 private:
  static constexpr size_t kWords = size_t{40} << 20;

  void report(const char* name, double bytes, const std::function<void()>& work, int runs = kRuns) {
    const double seconds = best_seconds(runs, work);
    std::printf("  %-46s %9.3f ms %8.2f GB/s\n", name, seconds * 1e3, bytes / seconds * 1e-9);
  }

  void hashing() {
    constexpr int64_t kBytes = 1 << 18;  // stays in the second cache
    const int lanes = kernels_.floats / 2;
    const uint8_t* messages = reinterpret_cast<const uint8_t*>(x_);
    uint8_t* digests = reinterpret_cast<uint8_t*>(out_);
    for (const int64_t length : {kLeafBytes, 2 * kHashBytes}) {
      const int64_t count = kBytes / length, permutations = count / lanes * (length / 136 + 1);
      const double seconds =
          best_seconds(kShortRuns, [&] { kernels_.keccak(messages, length, count, digests); });
      std::printf("  keccak of %4d bytes, one thread: %29.2f GB/s, %.0f cycles a permutation of %d lanes\n",
                  static_cast<int>(length), kBytes / seconds * 1e-9, seconds * clock_rate() / permutations, lanes);
    }
    uint8_t root[kHashBytes];
    report("tensor root, 160 MiB", 4.0 * kWords, [&] {
      Hashing hashing(kernels_, pool_);
      hashing.add(x_, kWords, root);
      hashing.finish();
    }, 3);
  }

  void move(const char* name, std::vector<int64_t> in_dims, std::vector<int64_t> out_dims,
            std::vector<Move::Axis> axes) {
    double words = 1;
    for (const int64_t dim : out_dims) words *= static_cast<double>(dim);
    const Move task{in_dims, out_dims, 0, axes, x_, out_};
    report(name, 8 * words, [&] { kernels_.move(task, pool_); });
  }

  void moves() {
    move("transpose 768 x 3072", {768, 3072}, {3072, 768}, {{0, 1, {{1, 1}}}, {0, 1, {{0, 1}}}});
    move("transpose 4096 x 4096", {4096, 4096}, {4096, 4096}, {{0, 1, {{1, 1}}}, {0, 1, {{0, 1}}}});
    move("heads [8,1024,12,64] -> [8,12,1024,64]", {8, 1024, 12, 64}, {8, 12, 1024, 64},
         {{0, 1, {{0, 1}}}, {0, 1, {{2, 1}}}, {0, 1, {{1, 1}}}, {0, 1, {{3, 1}}}});
    move("keys [8,1024,12,64] -> [8,12,64,1024]", {8, 1024, 12, 64}, {8, 12, 64, 1024},
         {{0, 1, {{0, 1}}}, {0, 1, {{3, 1}}}, {0, 1, {{1, 1}}}, {0, 1, {{2, 1}}}});
    move("slice [8192,2304] -> [8192,768]", {8192, 2304}, {8192, 768}, {{0, 1, {{0, 1}}}, {768, 1, {{1, 1}}}});
    move("im2col 3x3 of [64,56,56], pixels first", {1, 64, 56, 56}, {1, 56, 56, 64, 3, 3},
         {{0, 1, {{0, 1}}}, {0, 1, {{3, 1}}}, {-1, 1, {{1, 1}, {4, 1}}}, {-1, 1, {{2, 1}, {5, 1}}}});
    move("im2col 3x3 of [64,56,56], pixels last", {1, 64, 56, 56}, {1, 64, 3, 3, 56, 56},
         {{0, 1, {{0, 1}}}, {0, 1, {{1, 1}}}, {-1, 1, {{2, 1}, {4, 1}}}, {-1, 1, {{3, 1}, {5, 1}}}});
    const Copy copy{int64_t{1} << 24, x_, out_};
    report("copy of 64 MiB", 8.0 * (1 << 24), [&] { kernels_.copy(copy, pool_); });
  }

  void indexes() {
    constexpr int64_t V = 50257, R = 768, Q = 8192;  // tokens of a batch in the vocabulary of GPT-2
    std::vector<int32_t> index(Q);
    for (int64_t q = 0; q < Q; q++) index[q] = static_cast<int32_t>(x_[q] % V);
    Indexed task{kGather, kF32, 1, V, R, Q, x_, index.data(), out_};
    report("Gather 8192 rows of 768", 8.0 * R * Q, [&] { kernels_.indexed(task, pool_); });
    task.op = kScatterAdd;
    report("ScatterAdd of them to [50257,768]", 4.0 * R * (V + Q), [&] { kernels_.indexed(task, pool_); });
    const Indexed targets{kScatterAdd, kF32, 512, V, 1, 1, x_, index.data(), out_};
    report("ScatterAdd of one to each of 512 rows of 50257", 4.0 * 512 * V, [&] { kernels_.indexed(targets, pool_); });
  }

  const Kernels& kernels_;
  Pool& pool_;
  const Memory x_memory_{kWords}, out_memory_{kWords};
  Word* const x_ = x_memory_.words();
  Word* const out_ = out_memory_.words();
};

}  // namespace
}  // namespace repops

int main(int count, char** arguments) {
  const int threads = count > 1 ? std::atoi(arguments[1]) : 1;
  if (threads < 1 || threads > 256) return 2;
  const repops::FloatMode mode;
  repops::ThreadPool pool(threads);
  for (const char* const* name = repops::runnable_kernels(); *name != nullptr; name++) {
    repops::Bench(*repops::choose_kernels(*name), pool).run();
  }
  return 0;
}
