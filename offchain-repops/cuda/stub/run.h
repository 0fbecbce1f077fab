#pragma once

#include <cstddef>
#include <functional>

namespace gpu {

// Calls `thread` for every thread of every block, with threadIdx and its kin set. False where threads wait for others that
// have ended or wait elsewhere.
bool run(const std::function<void()>& thread, unsigned blocks, unsigned threads, size_t shared_bytes);

}  // namespace gpu
