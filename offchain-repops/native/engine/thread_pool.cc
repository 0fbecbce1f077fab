#include "thread_pool.h"

#include <chrono>
#include <cstdlib>
#include <new>
#include <system_error>
#include <utility>

#include "storage.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace repops {
namespace {

constexpr int kSpins = 2000;  // some microseconds: kernels of one step follow each other closely
// Then a thread gives way to others, but stays awake for as long as steps of a program may be apart: to wake it costs
// tens of microseconds, and a virtual machine's scheduler may take milliseconds to find it a processor.
constexpr std::chrono::milliseconds kAwake{1};

void relax() {
#if defined(__x86_64__)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Whether `done` came true before the caller may as well sleep.
template <typename Done>
bool wait_awake(const Done& done) {
  for (int spin = 0; spin < kSpins; spin++) {
    if (done()) return true;
    relax();
  }
  const auto end = std::chrono::steady_clock::now() + kAwake;
  while (!done()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace

FloatMode::FloatMode() {
#if defined(__x86_64__)
  before_ = _mm_getcsr();
  _mm_setcsr(0x1f80);  // every exception masked, round to nearest, no flush to zero, no denormals-are-zero
#elif defined(__aarch64__)
  asm volatile("mrs %0, fpcr" : "=r"(before_));
  asm volatile("msr fpcr, %0" ::"r"(uint64_t{0}));
#else
  before_ = 0;
#endif
}

FloatMode::~FloatMode() {
#if defined(__x86_64__)
  _mm_setcsr(static_cast<uint32_t>(before_));
#elif defined(__aarch64__)
  asm volatile("msr fpcr, %0" ::"r"(before_));
#endif
}

ThreadPool::ThreadPool(int threads) : scratch_(threads) {
  try {
    for (int thread = 1; thread < threads; thread++) workers_.emplace_back([this, thread] { work(thread); });
  } catch (const std::system_error&) {
    scratch_.resize(workers_.size() + 1);  // the machine gives no more: fewer do the same
  }
}

ThreadPool::~ThreadPool() {
  {
    std::lock_guard lock(sleep_);
    stop_ = true;
  }
  wake_.notify_all();
  for (std::thread& worker : workers_) worker.join();
  for (Scratch& scratch : scratch_) std::free(scratch.memory);
}

void ThreadPool::run(int64_t parts, const std::function<void(int64_t, int)>& part) {
  if (parts <= 0) return;
  if (parts == 1 || workers_.empty()) {
    for (int64_t i = 0; i < parts; i++) part(i, 0);
    return;
  }
  part_ = &part;
  parts_ = parts;
  next_ = 0;
  open_ = true;
  {
    std::lock_guard lock(sleep_);
    round_++;
  }
  wake_.notify_all();
  take_parts(0);
  // Who wakes up too late to take part is not waited for.
  open_ = false;
  const auto finished = [this] { return busy_ == 0; };
  if (!wait_awake(finished)) {
    std::unique_lock lock(sleep_);
    done_.wait(lock, finished);
  }
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void ThreadPool::take_parts(int thread) {
  try {
    for (int64_t i; (i = next_.fetch_add(1)) < parts_;) (*part_)(i, thread);
  } catch (...) {
    std::lock_guard lock(sleep_);
    failure_ = std::current_exception();
    next_ = parts_;
  }
}

void ThreadPool::work(int thread) {
  FloatMode mode;
  for (uint64_t seen = 0;;) {
    const auto called = [&] { return stop_ || round_ != seen; };
    if (!wait_awake(called)) {
      std::unique_lock lock(sleep_);
      wake_.wait(lock, called);
    }
    if (stop_) return;
    seen = round_;
    busy_++;
    if (open_) take_parts(thread);
    // Under the lock, so that a caller that is about to sleep cannot miss it.
    std::lock_guard lock(sleep_);
    if (--busy_ == 0) done_.notify_one();
  }
}

void* ThreadPool::scratch(int thread, size_t bytes) {
  Scratch& own = scratch_[thread];
  if (own.bytes < bytes) {
    std::free(own.memory);
    own.bytes = bytes;
    own.memory = allocate_pages(own.bytes);
    if (own.memory == nullptr) {
      own.bytes = 0;
      throw std::bad_alloc();
    }
  }
  return own.memory;
}

}  // namespace repops
