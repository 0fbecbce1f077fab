// Threads that share the work of one kernel. Who computes what never changes a bit: kernels hand out whole outputs.
// A kernel has the pool to itself from its start to its end, over as many calls of run as it makes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace repops {

class Pool {
 public:
  virtual ~Pool() = default;

  // Around each kernel, by whoever runs it: sessions share a pool and take turns.
  virtual void acquire() {}
  virtual void release() {}

  virtual int threads() const = 0;

  // Calls part(i, thread) once for each i < parts, 0 <= thread < threads(), and returns when all have returned.
  // Parts are handed out in order, one at a time. Every thread computes with subnormals and round to nearest.
  virtual void run(int64_t parts, const std::function<void(int64_t part, int thread)>& part) = 0;

  // Memory of `thread` for the part it runs, 64-byte aligned; valid until its next call of scratch. Outside of parts a
  // kernel may ask as thread 0 for memory that all its parts share, if they ask for none themselves.
  virtual void* scratch(int thread, std::size_t bytes) = 0;
};

}  // namespace repops
