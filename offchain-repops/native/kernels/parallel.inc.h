// Work handed to the pool in runs of neighbouring items.
#pragma once

#include "../engine/pool.h"
#include "../engine/task.h"
#include "isa.h"

namespace repops::REPOPS_ISA::data {

constexpr int64_t kGrain = 32768;  // words that a part moves: below, waking a thread costs more than it saves

inline int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
inline int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }
inline int64_t parts_of(int64_t count, int64_t size) { return (count + size - 1) / size; }

// work(from, to, thread) over all of 0 … count−1, in runs of at least `least_items` while there are so many.
template <class Work>
inline void for_runs(Pool& pool, int64_t count, int64_t least_items, const Work& work) {
  if (count <= 0) return;
  const int64_t some = pool.threads() == 1 ? 1 : 4 * pool.threads();  // more than threads: they are never equally fast
  const int64_t size = most(most(least_items, 1), parts_of(count, some));
  pool.run(parts_of(count, size), [&](int64_t part, int thread) {
    work(part * size, least(count, (part + 1) * size), thread);
  });
}

// Words for which an item of `words` words makes a part of about kGrain.
inline int64_t items_of_grain(int64_t words) { return most(1, kGrain / most(1, words)); }

inline void copy_words(Word* out, const Word* x, int64_t n) {
  constexpr int64_t kCall = 128;  // above it memcpy pays for its call
  if (n >= kCall) {
    std::memcpy(out, x, static_cast<size_t>(n) * sizeof(Word));
    return;
  }
  int64_t i = 0;
  for (; i + W <= n; i += W) {
    U v;
    std::memcpy(&v, x + i, sizeof v);
    std::memcpy(out + i, &v, sizeof v);
  }
  for (; i < n; i++) out[i] = x[i];
}

inline void fill_words(Word* out, Word bits, int64_t n) {
  const U v = U{} + bits;
  int64_t i = 0;
  for (; i + W <= n; i += W) std::memcpy(out + i, &v, sizeof v);
  for (; i < n; i++) out[i] = bits;
}

}  // namespace repops::REPOPS_ISA::data
