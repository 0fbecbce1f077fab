// ThreadPool and Storage under use that no program makes on purpose; made to be compiled with a sanitizer:
//
//   pool_test [ROUNDS]
#include <atomic>
#include <chrono>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "../engine/storage.h"
#include "../engine/thread_pool.h"
#include "check.h"
#include "random.h"

// Sanitizers take a size that no machine has for a mistake; here it is asked for.
#define SEEN extern "C" __attribute__((visibility("default")))
SEEN const char* __tsan_default_options() { return "allocator_may_return_null=1"; }
SEEN const char* __asan_default_options() { return "allocator_may_return_null=1"; }

namespace repops {
namespace {

constexpr auto kAsleep = std::chrono::milliseconds(2);  // by then threads of a pool that has nothing to do sleep

// Parts around the number of threads, or many.
int64_t random_parts(int threads) {
  switch (below(4)) {
    case 0: return below(2);
    case 1: return threads - 1 + below(3);
    case 2: return 2 + below(20);
    default: return 100 + below(400);
  }
}

size_t random_bytes() {
  constexpr size_t kBorders[] = {1, 64, 4096, size_t{2} << 20};
  return kBorders[below(4)] + size_t(below(3)) - 1 + size_t(chance(20) ? below(100000) : 0);
}

void check_scratch(Pool& pool, int thread) {
  const size_t bytes = random_bytes();
  uint8_t* const memory = static_cast<uint8_t*>(pool.scratch(thread, bytes));
  if (bytes == 0) return;
  CHECK(reinterpret_cast<uintptr_t>(memory) % 64 == 0);
  memory[0] = memory[bytes - 1] = uint8_t(thread);
  std::this_thread::yield();
  CHECK(memory[0] == uint8_t(thread) && memory[bytes - 1] == uint8_t(thread));  // nobody else has it
}

// Every part is done once, by a thread that there is, and its plain writes are seen after the run.
void check_run(Pool& pool) {
  const int64_t parts = random_parts(pool.threads());
  const bool with_scratch = chance(30), slow = chance(5);
  std::vector<int> done(size_t(parts) + 1, 0);
  pool.run(parts, [&](int64_t part, int thread) {
    CHECK(part >= 0 && part < parts && thread >= 0 && thread < pool.threads());
    done[size_t(part)]++;
    if (with_scratch) check_scratch(pool, thread);
    if (slow) std::this_thread::sleep_for(std::chrono::microseconds(100));
  });
  for (int64_t part = 0; part < parts; part++) CHECK(done[size_t(part)] == 1);
  CHECK(done[size_t(parts)] == 0);
}

// What a part throws comes out of the run, once all threads have left it, and the pool goes on.
void check_failure(Pool& pool) {
  const int64_t parts = 1 + random_parts(pool.threads()), bad = below(parts);
  std::atomic<int> inside{0};
  std::string said;
  try {
    pool.run(parts, [&](int64_t part, int) {
      inside++;
      if (chance(10)) std::this_thread::yield();
      inside--;
      if (part == bad) throw std::runtime_error("part " + std::to_string(part));
    });
  } catch (const std::runtime_error& error) {
    said = error.what();
  }
  CHECK(said == "part " + std::to_string(bad));
  CHECK(inside == 0);
}

// Threads that take turns on pools which they share, and close and open them while others run.
void check_pools(int round) {
  constexpr int kCallers = 4;
  std::mutex mutex;
  std::weak_ptr<ThreadPool> shared[3];
  const auto open = [&](int which) {  // as the addon does
    std::lock_guard lock(mutex);
    std::shared_ptr<ThreadPool> pool = shared[which].lock();
    if (pool == nullptr) shared[which] = pool = std::make_shared<ThreadPool>(1 + which * 2);
    return pool;
  };
  std::vector<std::thread> callers;
  for (int caller = 0; caller < kCallers; caller++) {
    callers.emplace_back([&, caller] {
      random_state = uint64_t(round) * kCallers + uint64_t(caller) + 1;
      for (int i = 0; i < 20; i++) random_word();
      for (int opened = 0; opened < 4; opened++) {
        const std::shared_ptr<ThreadPool> pool = open(int(below(3)));
        for (int64_t runs = below(20); runs >= 0; runs--) {
          pool->acquire();
          if (chance(10)) check_failure(*pool);
          else check_run(*pool);
          pool->release();
          if (chance(3)) std::this_thread::sleep_for(kAsleep);
        }
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
}

// Where Storage begins another block, or another page: words.
int64_t random_words() {
  constexpr int64_t kBorders[] = {0, 16, 1024, 1 << 16, 1 << 19, 1 << 20, 1 << 23};
  const int64_t around = kBorders[chance(3) ? 6 : below(6)] + below(35) - 17;
  return chance(30) ? below(1 << 18) : std::max<int64_t>(around, 0);
}

// Tensors lie apart, aligned and within memory that there is.
void check_storage() {
  constexpr int64_t kMost = 1 << 25;  // words of a round
  struct Taken {
    Word* words;
    int64_t count;
    Word mark;
  };
  Storage storage;
  std::vector<Taken> taken;
  int64_t total = 0;
  for (int64_t wanted = below(60); wanted > 0 && total < kMost; wanted--) {
    const int64_t count = random_words();
    total += count;
    Word* const words = storage.take(count);
    CHECK(words != nullptr && reinterpret_cast<uintptr_t>(words) % 64 == 0);
    taken.push_back({words, count, random_word()});
    const Taken& t = taken.back();
    if (count > 0) words[0] = words[count / 2] = words[count - 1] = t.mark;
    if (count < 5000) std::fill(words, words + count, t.mark);
    if (chance(1)) {
      CHECK(storage.take(INT64_MAX) == nullptr && storage.take(INT64_MAX / 16) == nullptr);  // and what there is stays
    }
    if (chance(4)) {
      storage.clear();
      taken.clear();
    }
  }
  for (const Taken& t : taken) {
    if (t.count == 0) continue;
    CHECK(t.words[0] == t.mark && t.words[t.count / 2] == t.mark && t.words[t.count - 1] == t.mark);
    for (const Taken& other : taken) {
      CHECK(&t == &other || other.count == 0 || t.words + t.count <= other.words || other.words + other.count <= t.words);
    }
  }
}

}  // namespace
}  // namespace repops

int main(int count, char** arguments) {
  using namespace repops;
  const int rounds = count > 1 ? std::atoi(arguments[1]) : 100;
  for (int round = 0; round < rounds; round++) {
    check_pools(round);
    check_storage();
  }
  std::printf("%d rounds of pools and storage\n", rounds);
}
