// Random numbers of tests: the same in every run (xorshift64, Marsaglia 2003).
#pragma once

#include <cstdint>

namespace repops {

// Kept and set back by tests that give every instruction set the same; a thread's own, not 0.
inline thread_local uint64_t random_state = 88172645463325252u;

inline uint32_t random_word() {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return uint32_t(random_state >> 16);
}

inline int64_t below(int64_t n) { return int64_t(random_word() % uint64_t(n)); }

inline bool chance(int percent) { return below(100) < percent; }

}  // namespace repops
