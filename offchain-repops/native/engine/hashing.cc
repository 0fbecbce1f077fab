#include "hashing.h"

#include <algorithm>

namespace repops {

void Hashing::add(const Word* words, int64_t count, uint8_t* root) {
  if (parts_ >= kMostParts) finish();
  waiting_.push_back({TensorRoot(words, count), words, count, root, parts_});
  parts_ += waiting_.back().tree.parts();
}

bool Hashing::needs(const Word* words, int64_t count) const {
  return std::any_of(waiting_.begin(), waiting_.end(), [&](const Waiting& one) {
    return words < one.words + one.count && one.words < words + count;
  });
}

void Hashing::finish() {
  if (parts_ == 0) return;
  pool_.run(parts_, [this](int64_t part, int) { do_part(part); });
  forget();
}

void Hashing::run(int64_t parts, const std::function<void(int64_t, int)>& part) {
  if (parts_ == 0) return pool_.run(parts, part);
  pool_.run(parts + parts_, [&](int64_t i, int thread) { i < parts ? part(i, thread) : do_part(i - parts); });
  forget();
}

void Hashing::do_part(int64_t number) {
  const auto after = std::upper_bound(waiting_.begin(), waiting_.end(), number,
                                      [](int64_t n, const Waiting& one) { return n < one.first; });
  Waiting& one = *std::prev(after);
  one.tree.do_part(kernels_, number - one.first);
}

// Their parts are done.
void Hashing::forget() {
  for (Waiting& one : waiting_) one.tree.finish(kernels_, one.root);
  waiting_.clear();
  parts_ = 0;
}

}  // namespace repops
