// The engine as a WebAssembly module for src/backends/wasm: one session in each instance, no threads, no imports.
// Tensors and texts are passed as addresses. What can be refused returns the address of a text that says why, or 0;
// the numbers of slots and tasks are checked by the caller, with the counts that are exported for it.
#include <cstdlib>
#include <functional>
#include <optional>

#include "../engine/session.h"

#define REPOPS_TEXT_OF(token) #token
#define REPOPS_TEXT(macro) REPOPS_TEXT_OF(macro)

#define EXPORT(name) extern "C" __attribute__((export_name(name)))

// What the C++ library calls before it would end a process.
_LIBCPP_BEGIN_NAMESPACE_STD
void __libcpp_verbose_abort(const char*, ...) { __builtin_trap(); }
_LIBCPP_END_NAMESPACE_STD

namespace repops {

namespace wasm { extern const Kernels kernels; }

namespace {

class SerialPool final : public Pool {
 public:
  int threads() const override { return 1; }

  void run(int64_t parts, const std::function<void(int64_t, int)>& part) override {
    for (int64_t i = 0; i < parts; i++) part(i, 0);
  }

  void* scratch(int, std::size_t bytes) override {
    if (bytes > bytes_) {
      std::free(memory_);
      bytes_ = 0;
      memory_ = std::aligned_alloc(64, (bytes + 63) / 64 * 64);
      if (memory_ == nullptr) __builtin_trap();
      bytes_ = (bytes + 63) / 64 * 64;
    }
    return memory_;
  }

  void forget() {
    std::free(memory_);
    memory_ = nullptr;
    bytes_ = 0;
  }

 private:
  void* memory_ = nullptr;
  std::size_t bytes_ = 0;
};

constexpr double kMostWords = (1 << 30) - (1 << 22);  // 4 GiB less what rounding up to a page may add

SerialPool pool;
std::optional<Session> session(std::in_place, wasm::kernels, pool);

const Slot& slot_of(uint32_t slot) { return session->slots()[slot]; }

}  // namespace

// Digest of what the module was compiled from (tools/native/buildWasm.ts).
EXPORT("sources") const char* sources() { return REPOPS_TEXT(REPOPS_SOURCES); }

// Ends the session, gives all of its memory back to the instance, and begins another one.
EXPORT("renew") void renew() {
  session.emplace(wasm::kernels, pool);
  pool.forget();
}

EXPORT("take") void* take(uint32_t bytes) { return std::malloc(bytes); }

EXPORT("give") void give(void* memory) { std::free(memory); }

EXPORT("addMemory") const char* add_memory(double words, int32_t constant) {
  const bool fits = words >= 0 && words <= kMostWords;
  return fits && session->add_memory(static_cast<int64_t>(words), constant != 0) != nullptr ? nullptr : "no memory";
}

EXPORT("addSlot") const char* add_slot(double memory, double offset, double count) {
  return session->add_slot(static_cast<int64_t>(memory), static_cast<int64_t>(offset), static_cast<int64_t>(count));
}

EXPORT("addTask") const char* add_task(const double* numbers, uint32_t length) {
  return session->add_task(numbers, length);
}

EXPORT("slots") uint32_t slots() { return static_cast<uint32_t>(session->slots().size()); }

EXPORT("slotWords") const Word* slot_words(uint32_t slot) { return slot_of(slot).data; }

EXPORT("slotCount") uint32_t slot_count(uint32_t slot) { return static_cast<uint32_t>(slot_of(slot).count); }

// After the words of a slot were written.
EXPORT("written") void written(uint32_t slot) { session->written(slot_of(slot)); }

// How many roots run writes for the tasks from ... to-1; -1 where there are no such tasks.
EXPORT("commits") int32_t commits(double from, double to) {
  return static_cast<int32_t>(session->commits(static_cast<int64_t>(from), static_cast<int64_t>(to)));
}

EXPORT("run") void run(double from, double to, double step, uint64_t seed, uint8_t* roots) {
  session->run(static_cast<int64_t>(from), static_cast<int64_t>(to), {static_cast<uint64_t>(step), seed}, roots);
}

EXPORT("root") void root(uint32_t slot, uint8_t* into) { session->roots({slot_of(slot)}, into); }

// keccak-256 of `count` messages of `length` bytes, at most 1,088, that lie end to end; 32 bytes for each.
EXPORT("keccak") void keccak(const uint8_t* messages, uint32_t length, uint32_t count, uint8_t* digests) {
  wasm::kernels.keccak(messages, length, count, digests);
}

}  // namespace repops
