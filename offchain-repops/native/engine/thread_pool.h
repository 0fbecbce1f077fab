#pragma once

#include <atomic>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "pool.h"

namespace repops {

// A Pool of threads that sleep between kernels. The caller of run works too, as thread 0.
class ThreadPool final : public Pool {
 public:
  // threads >= 1, the caller's included.
  explicit ThreadPool(int threads);
  ~ThreadPool() override;

  void acquire() override { turn_.lock(); }
  void release() override { turn_.unlock(); }
  int threads() const override { return static_cast<int>(scratch_.size()); }
  void run(int64_t parts, const std::function<void(int64_t, int)>& part) override;
  void* scratch(int thread, size_t bytes) override;

 private:
  struct Scratch {
    void* memory = nullptr;
    size_t bytes = 0;
  };

  void work(int thread);
  void take_parts(int thread);

  std::vector<Scratch> scratch_;
  std::vector<std::thread> workers_;

  std::mutex turn_;
  const std::function<void(int64_t, int)>* part_ = nullptr;
  int64_t parts_ = 0;
  std::atomic<int64_t> next_{0};
  std::atomic<bool> open_{false};  // whether what part_, parts_ and next_ say is to be done
  std::atomic<int> busy_{0};       // workers that may be doing it
  std::exception_ptr failure_;  // the first of a run, thrown by it

  std::atomic<uint64_t> round_{0};  // grows with each run; workers sleep until it does
  std::atomic<bool> stop_{false};
  std::mutex sleep_;
  std::condition_variable wake_;
  std::condition_variable done_;
};

// Subnormals kept and round to nearest for the thread that made it, whatever the host process had set; restored at the
// end.
class FloatMode {
 public:
  FloatMode();
  ~FloatMode();
  FloatMode(const FloatMode&) = delete;
  FloatMode& operator=(const FloatMode&) = delete;

 private:
  uint64_t before_;
};

}  // namespace repops
