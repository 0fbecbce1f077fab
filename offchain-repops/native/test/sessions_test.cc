// Sessions side by side on pools that they share, opened and closed while others run, against sessions alone on one
// thread; made to be compiled with a sanitizer:
//
//   sessions_test [ROUNDS]
#include <cstring>
#include <memory>
#include <thread>

#include "../engine/choose.h"
#include "../engine/session.h"
#include "../engine/thread_pool.h"
#include "check.h"
#include "random.h"

namespace repops {
namespace {

// Sizes around segments, leaves of a commitment and parts that are worth a thread.
int64_t random_extent() {
  constexpr int64_t kBorders[] = {2, 16, 32, 64, 256, 300};
  return std::max<int64_t>(1, kBorders[below(6)] + below(3) - 1);
}

// What a session is told, number by number as the host does: out = (x + bias) summed up along rows, or times constant
// weights, or copied; all of it committed or none.
struct Program {
  int64_t rows = random_extent(), width = random_extent(), columns = random_extent();
  bool commit = chance(70), in_place = chance(30);
  uint64_t seed = random_word() + 1;

  enum Slots { kStep, kX, kBias, kWeights, kSum, kProduct, kCopy, kNoise, kSlots };

  void tell(Session& session) const {
    const int64_t counts[kSlots] = {1, rows * width, width, columns * width, rows, rows * columns, rows * width, rows};
    for (int64_t slot = 0; slot < kSlots; slot++) {
      CHECK(session.add_memory(counts[slot], slot == kWeights) != nullptr);
      CHECK(session.add_slot(slot, 0, counts[slot]) == nullptr);
    }
    const double c = commit, R = double(rows), W = double(width), N = double(columns);
    const double copied = in_place ? kX : kCopy;
    add(session, {6, c, 0, 1, kNoise, kPhilox, R, 1});
    add(session, {0, c, 2, kX, kBias, 1, copied, 2, R, W, 2, W, 1, 2, 0, 1, 1, kAdd, kF32, 0, 2, 0, 1, 0});
    add(session, {0, c, 1, copied, 1, kSum, 2, R, W, 2, W, 1, 1, kReduceSum, kF32, 1, 1, 0, 0});
    add(session, {2, c, 2, copied, kWeights, 1, kProduct, 0, R, N, W, 0, W, 1, 0, W, 1, 0, N, 1});
    add(session, {7, c, 1, copied, 1, kX, R * W});
    write(session, kX, seed);
    write(session, kBias, seed + 1);
    write(session, kWeights, seed + 2);
  }

  // Everything that can be seen of it.
  std::vector<uint8_t> run(Session& session, int steps) const {
    std::vector<uint8_t> seen;
    for (int step = 0; step < steps; step++) {
      std::vector<uint8_t> roots(size_t(32 * session.commits(0, 5)));
      session.run(0, 5, {uint64_t(step), seed}, roots.data());
      seen.insert(seen.end(), roots.begin(), roots.end());
      if (step == 0) write(session, kWeights, seed + 3);  // packed anew
    }
    std::vector<uint8_t> roots(32 * kSlots);
    session.roots(session.slots(), roots.data());
    seen.insert(seen.end(), roots.begin(), roots.end());
    for (const Slot& slot : session.slots()) {
      const uint8_t* bytes = reinterpret_cast<const uint8_t*>(slot.data);
      seen.insert(seen.end(), bytes, bytes + slot.count * int64_t(sizeof(Word)));
    }
    return seen;
  }

 private:
  static void add(Session& session, std::vector<double> numbers) {
    CHECK(session.add_task(numbers.data(), int64_t(numbers.size())) == nullptr);
  }
  static void write(Session& session, int64_t slot, uint64_t seed) {
    const Slot& to = session.slots()[size_t(slot)];
    std::vector<Word> words(size_t(to.count));
    for (size_t i = 0; i < words.size(); i++) {
      const float x = float((seed + i) * 2654435761u % 65536) / 32768 - 1;
      std::memcpy(&words[i], &x, sizeof x);
    }
    session.write(to, words.data());
  }
};

void check_program(const Kernels& kernels, std::shared_ptr<ThreadPool> shared) {
  const Program program;
  const int steps = 1 + int(below(4));
  ThreadPool alone(1);
  Session expected(kernels, alone);
  program.tell(expected);
  auto session = std::make_unique<Session>(kernels, *shared);
  program.tell(*session);
  CHECK(program.run(*session, steps) == program.run(expected, steps));
}

void check_sessions(const Kernels& kernels, int round) {
  std::mutex mutex;
  std::weak_ptr<ThreadPool> pools[3];
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; caller++) {
    callers.emplace_back([&, caller] {
      const FloatMode mode;
      random_state = uint64_t(round) * 4 + uint64_t(caller) + 1;
      for (int i = 0; i < 20; i++) random_word();
      for (int opened = 0; opened < 5; opened++) {
        const int which = int(below(3));
        std::shared_ptr<ThreadPool> pool;
        {
          std::lock_guard lock(mutex);
          pool = pools[which].lock();
          if (pool == nullptr) pools[which] = pool = std::make_shared<ThreadPool>(1 + 2 * which);
        }
        check_program(kernels, pool);
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
}

}  // namespace
}  // namespace repops

int main(int count, char** arguments) {
  using namespace repops;
  const int rounds = count > 1 ? std::atoi(arguments[1]) : 20;
  for (const char* const* name = runnable_kernels(); *name != nullptr; name++) {
    for (int round = 0; round < rounds; round++) check_sessions(*choose_kernels(*name), round);
  }
  std::printf("%d rounds of sessions side by side on each instruction set\n", rounds);
}
