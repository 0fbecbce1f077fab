#include <csetjmp>
#include <ucontext.h>

#include <memory>
#include <vector>

#include "run.h"

#include "device.h"

gpu::Index threadIdx, blockIdx, blockDim, gridDim;

namespace gpu {

unsigned char* dynamic_shared;

namespace {

constexpr size_t kStack = 128 * 1024;
constexpr unsigned kWarp = 32;

enum State { kReady, kAtBlock, kAtWarp, kDone };

// Entered once with a context of its own; from then on switching is a jump, which costs no system call.
struct Fiber {
  std::unique_ptr<unsigned char[]> stack;
  ucontext_t entry;
  jmp_buf here;
  bool started = false;
  State state = kDone;
};

std::vector<std::unique_ptr<Fiber>> fibers;
jmp_buf scheduler;
const std::function<void()>* kernel;
uint32_t given[2][1024];     // by each thread to its warp, in turns
unsigned turns[1024];

void body() {
  for (;;) {  // a fiber lives on, for the next block
    (*kernel)();
    Fiber& fiber = *fibers[threadIdx.x];
    fiber.state = kDone;
    if (_setjmp(fiber.here) == 0) _longjmp(scheduler, 1);
  }
}

void pause(State state) {
  Fiber& fiber = *fibers[threadIdx.x];
  fiber.state = state;
  if (_setjmp(fiber.here) == 0) _longjmp(scheduler, 1);
}

void resume(unsigned thread) {
  Fiber& fiber = *fibers[thread];
  threadIdx.x = thread;
  if (_setjmp(scheduler) != 0) return;
  if (fiber.started) _longjmp(fiber.here, 1);
  fiber.started = true;
  fiber.stack = std::make_unique<unsigned char[]>(kStack);
  getcontext(&fiber.entry);
  fiber.entry.uc_stack.ss_sp = fiber.stack.get();
  fiber.entry.uc_stack.ss_size = kStack;
  fiber.entry.uc_link = nullptr;
  makecontext(&fiber.entry, body, 0);
  setcontext(&fiber.entry);
}

// Lets the threads of a warp run until each has ended or waits for the block. False where some wait for others of their
// warp that have ended or wait for the block.
bool run_warp(unsigned begin, unsigned end, bool backwards) {
  for (;;) {
    unsigned waiting = 0;
    for (unsigned i = 0; i < end - begin; i++) {
      const unsigned t = backwards ? end - 1 - i : begin + i;
      if (fibers[t]->state == kReady) resume(t);
      waiting += fibers[t]->state == kAtWarp;
    }
    if (waiting == 0) return true;
    if (waiting != end - begin) return false;
    for (unsigned t = begin; t < end; t++) fibers[t]->state = kReady;
  }
}

// Runs one block. Odd blocks run their threads backwards: an order that a kernel may not rely on.
bool run_block(unsigned threads, bool backwards) {
  while (fibers.size() < threads) fibers.push_back(std::make_unique<Fiber>());
  for (unsigned t = 0; t < threads; t++) {
    turns[t] = 0;
    fibers[t]->state = kReady;
  }
  const unsigned warps = threads / kWarp;
  for (;;) {
    bool together = true;
    for (unsigned i = 0; i < warps; i++) {
      const unsigned begin = (backwards ? warps - 1 - i : i) * kWarp;
      together = run_warp(begin, begin + kWarp, backwards) && together;
    }
    unsigned done = 0;
    for (unsigned t = 0; t < threads; t++) done += fibers[t]->state == kDone;
    if (together && done == threads) return true;
    if (!together || done != 0) {  // some wait for others that never come
      fibers.clear();
      return false;
    }
    for (unsigned t = 0; t < threads; t++) fibers[t]->state = kReady;
  }
}

}  // namespace

void wait_block() { pause(kAtBlock); }
void wait_warp() { pause(kAtWarp); }

uint32_t exchange(uint32_t value, int from) {
  const unsigned turn = turns[threadIdx.x]++ & 1;  // two turns: nobody is two exchanges ahead
  given[turn][threadIdx.x] = value;
  wait_warp();
  return from < (int)kWarp ? given[turn][threadIdx.x / kWarp * kWarp + (unsigned)from] : value;
}

uint32_t match(uint32_t value) {
  const unsigned turn = turns[threadIdx.x]++ & 1;
  given[turn][threadIdx.x] = value;
  wait_warp();
  uint32_t same = 0;
  const uint32_t* const lanes = given[turn] + threadIdx.x / kWarp * kWarp;
  for (unsigned lane = 0; lane < kWarp; lane++) same |= (uint32_t)(lanes[lane] == value) << lane;
  return same;
}

bool run(const std::function<void()>& body_of_thread, unsigned blocks, unsigned threads, size_t shared_bytes) {
  std::vector<unsigned char> shared(shared_bytes + 16);
  dynamic_shared = shared.data() + (16 - (uintptr_t)shared.data() % 16) % 16;
  kernel = &body_of_thread;
  gridDim.x = blocks;
  blockDim.x = threads;
  for (unsigned block = 0; block < blocks; block++) {
    blockIdx.x = block;
    std::memset(dynamic_shared, 0xa5, shared_bytes);  // what nobody wrote must not look like zeros
    if (!run_block(threads, block % 2 == 1)) return false;
  }
  return true;
}

}  // namespace gpu
