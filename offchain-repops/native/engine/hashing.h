// Roots of tensors that are made beside the kernels that follow.
#pragma once

#include <deque>

#include "tree.h"

namespace repops {

// A pool for kernels that also has hashing to do: each run hands out the parts of its kernel first and then those of the
// roots that wait, so that a thread that finds no more of the one takes of the other. Roots do not wait for a kernel that
// writes over their tensors, nor for more than `kMostParts` of them.
class Hashing final : public Pool {
 public:
  Hashing(const Kernels& kernels, Pool& pool) : kernels_(kernels), pool_(pool) {}

  // Puts the 32-byte root of a tensor into `root`, by the end of `finish` at the latest.
  void add(const Word* words, int64_t count, uint8_t* root);

  // Whether a root waits that needs some of these words as they are.
  bool needs(const Word* words, int64_t count) const;

  // Makes all roots that wait.
  void finish();

  int threads() const override { return pool_.threads(); }
  void run(int64_t parts, const std::function<void(int64_t, int)>& part) override;
  void* scratch(int thread, size_t bytes) override { return pool_.scratch(thread, bytes); }

 private:
  static constexpr int64_t kMostParts = 256;  // 32 MiB

  struct Waiting {
    TensorRoot tree;
    const Word* words;
    int64_t count;
    uint8_t* root;
    int64_t first;  // number of its first part among those that wait
  };

  void do_part(int64_t number);
  void forget();

  const Kernels& kernels_;
  Pool& pool_;
  std::deque<Waiting> waiting_;
  int64_t parts_ = 0;  // of all that wait
};

}  // namespace repops
