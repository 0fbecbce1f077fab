// The engine as a Node addon (N-API 8). Every function checks what it is given and throws an Error that says what is
// wrong. What a task does with its slots is the plan's to get right.
#define NAPI_VERSION 8
#include <node_api.h>

#include <cstring>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "../engine/choose.h"
#include "../engine/session.h"
#include "../engine/thread_pool.h"
#include "../kernels/rows_plan.h"

#define REPOPS_TEXT_OF(token) #token
#define REPOPS_TEXT(macro) REPOPS_TEXT_OF(macro)

namespace repops {
namespace {

// Digest of what this was compiled from (native/sources.mjs), after a mark by which it is found in the file.
constexpr char kMark[] = "repops-sources:";
constexpr char kSources[] = "repops-sources:" REPOPS_TEXT(REPOPS_SOURCES);

constexpr int kMostThreads = 256;

// Threads are the process's: sessions share them.
std::shared_ptr<ThreadPool> pool_of(int threads) {
  static std::mutex mutex;
  static std::weak_ptr<ThreadPool> pools[kMostThreads + 1];
  std::lock_guard lock(mutex);
  std::shared_ptr<ThreadPool> pool = pools[threads].lock();
  if (pool == nullptr) pools[threads] = pool = std::make_shared<ThreadPool>(threads);
  return pool;
}

struct Open {
  std::shared_ptr<ThreadPool> pool;
  Session session;
  bool busy = false;

  Open(const Kernels& kernels, std::shared_ptr<ThreadPool> threads)
      : pool(std::move(threads)), session(kernels, *pool) {}
};

using Handle = std::shared_ptr<Open>;

napi_value fail(napi_env env, const std::string& message) {
  napi_throw_error(env, "REPOPS_ENGINE", message.c_str());
  return nullptr;
}

// The arguments of a call, read one after the other; the first that is not what it should be throws.
class Arguments {
 public:
  Arguments(napi_env env, napi_callback_info info) : env_(env) {
    count_ = kMost;
    napi_get_cb_info(env, info, &count_, values_, nullptr, nullptr);
  }

  bool failed() const { return failed_; }

  int64_t integer() {
    double value = 0;
    napi_value given = next();
    if (given == nullptr) return 0;
    if (napi_get_value_double(env_, given, &value) != napi_ok || !(value >= -kSafe && value <= kSafe)) {
      refuse("a safe integer");
      return 0;
    }
    return static_cast<int64_t>(value);
  }

  uint64_t word64() {
    uint64_t value = 0;
    bool lossless = false;
    napi_value given = next();
    if (given != nullptr && (napi_get_value_bigint_uint64(env_, given, &value, &lossless) != napi_ok || !lossless)) {
      refuse("a bigint below 2^64");
    }
    return value;
  }

  std::string text() {
    char buffer[64] = {};
    size_t length = 0;
    napi_value given = next();
    if (given != nullptr && napi_get_value_string_utf8(env_, given, buffer, sizeof buffer, &length) != napi_ok) {
      refuse("a string");
    }
    return std::string(buffer, length);
  }

  // The elements of a typed array of `type`; valid during the call.
  template <class T>
  std::pair<T*, int64_t> array(napi_typedarray_type type) {
    napi_typedarray_type actual{};
    size_t length = 0;
    void* data = nullptr;
    napi_value given = next();
    if (given == nullptr) return {nullptr, 0};
    if (napi_get_typedarray_info(env_, given, &actual, &length, &data, nullptr, nullptr) != napi_ok || actual != type) {
      refuse("a typed array of the right type");
      return {nullptr, 0};
    }
    return {static_cast<T*>(data), static_cast<int64_t>(length)};
  }

  // An open session on which nothing runs.
  Handle session() {
    Handle* held = holder();
    if (failed_) return nullptr;
    if (*held == nullptr) refuse("an open session");
    else if ((*held)->busy) refuse("a session that is not running");
    return failed_ ? nullptr : *held;
  }

  // Where a session is held, open or closed.
  Handle* holder() {
    void* data = nullptr;
    napi_value given = next();
    if (given != nullptr && napi_get_value_external(env_, given, &data) != napi_ok) refuse("a session");
    return static_cast<Handle*>(data);
  }

 private:
  static constexpr size_t kMost = 6;
  static constexpr double kSafe = 9007199254740991.0;

  napi_value next() {
    if (failed_) return nullptr;
    if (at_ >= count_) {
      at_++;
      refuse("given");
      return nullptr;
    }
    return values_[at_++];
  }

  void refuse(const char* wanted) {
    if (!failed_) fail(env_, "argument " + std::to_string(at_) + " must be " + wanted);
    failed_ = true;
  }

  napi_env env_;
  napi_value values_[kMost];
  size_t count_ = 0;
  size_t at_ = 0;
  bool failed_ = false;
};

// open(isa, threads): a session. `isa` is a name of `instructionSets`, empty for the fastest.
napi_value open(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  const std::string isa = arguments.text();
  const int64_t threads = arguments.integer();
  if (arguments.failed()) return nullptr;
  if (threads < 1 || threads > kMostThreads) {
    return fail(env, "threads must be 1 to 256, not " + std::to_string(threads));
  }
  const Kernels* kernels = choose_kernels(isa.c_str());
  if (kernels == nullptr) return fail(env, "this processor does not run kernels for " + isa);
  auto holder = std::make_unique<Handle>(std::make_shared<Open>(*kernels, pool_of(static_cast<int>(threads))));
  napi_value external;
  const auto finalize = [](napi_env, void* data, void*) { delete static_cast<Handle*>(data); };
  if (napi_create_external(env, holder.get(), finalize, nullptr, &external) != napi_ok) return nullptr;
  holder.release();
  return external;
}

// addMemory(session, words, constant: 0 or 1)
napi_value add_memory(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  const Handle handle = arguments.session();
  const int64_t words = arguments.integer(), constant = arguments.integer();
  if (arguments.failed()) return nullptr;
  if (words < 0 || handle->session.add_memory(words, constant != 0) == nullptr) {
    return fail(env, "no memory for " + std::to_string(words) + " words");
  }
  return nullptr;
}

// addSlot(session, memory, offset, count)
napi_value add_slot(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  const Handle handle = arguments.session();
  const int64_t memory = arguments.integer(), offset = arguments.integer(), count = arguments.integer();
  if (arguments.failed()) return nullptr;
  if (const char* problem = handle->session.add_slot(memory, offset, count)) return fail(env, problem);
  return nullptr;
}

// addTask(session, numbers: Float64Array), see engine/decode.h
napi_value add_task(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  const Handle handle = arguments.session();
  const auto [numbers, length] = arguments.array<const double>(napi_float64_array);
  if (arguments.failed()) return nullptr;
  if (const char* problem = handle->session.add_task(numbers, length)) return fail(env, problem);
  return nullptr;
}

// programs(session, task): of each phase of a rows kernel the name of the compiled loop that runs it
// (kernels/rows_programs.h), empty where it goes step by step; of another kernel nothing.
napi_value programs(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  const Handle handle = arguments.session();
  const int64_t number = arguments.integer();
  if (arguments.failed()) return nullptr;
  const std::vector<Task>& tasks = handle->session.tasks();
  if (number < 0 || number >= static_cast<int64_t>(tasks.size())) return fail(env, "no task " + std::to_string(number));
  napi_value names;
  napi_create_array(env, &names);
  if (const RowsPlan* plan = tasks[number].rows_plan.get()) {
    uint32_t count = 0;
    for (const RowsPlan::Phase& phase : plan->phases) {
      napi_value name;
      napi_create_string_utf8(env, phase.program < 0 ? "" : kRowsPrograms[phase.program].name, NAPI_AUTO_LENGTH, &name);
      napi_set_element(env, names, count++, name);
    }
  }
  return names;
}

const Slot* slot_of(napi_env env, const Session& session, int64_t slot) {
  if (slot >= 0 && slot < static_cast<int64_t>(session.slots().size())) return &session.slots()[slot];
  fail(env, "no slot " + std::to_string(slot));
  return nullptr;
}

// read(session, slot, words: Int32Array), write(session, slot, words: Int32Array)
template <bool reads>
napi_value transfer(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  const Handle handle = arguments.session();
  const int64_t number = arguments.integer();
  const auto [words, count] = arguments.array<Word>(napi_int32_array);
  if (arguments.failed()) return nullptr;
  const Slot* slot = slot_of(env, handle->session, number);
  if (slot == nullptr) return nullptr;
  if (count != slot->count) {
    return fail(env, "slot " + std::to_string(number) + " has " + std::to_string(slot->count) + " words, not " +
                         std::to_string(count));
  }
  if (!reads) handle->session.write(*slot, words);
  else if (count > 0) std::memcpy(words, slot->data, count * sizeof(Word));
  return nullptr;
}

// Something that runs on a thread of Node's pool and resolves to the 32-byte roots it made.
struct Job {
  Handle handle;
  std::vector<uint8_t> roots;
  std::function<void(Job&)> work;
  std::string failure;
  napi_deferred deferred;
  napi_async_work async;
};

void execute(napi_env, void* data) {
  Job& job = *static_cast<Job*>(data);
  FloatMode mode;
  try {
    job.work(job);
  } catch (const std::exception& error) {
    job.failure = error.what();
  }
}

void complete(napi_env env, napi_status, void* data) {
  const std::unique_ptr<Job> job(static_cast<Job*>(data));
  job->handle->busy = false;
  napi_delete_async_work(env, job->async);
  if (!job->failure.empty()) {
    napi_value message, error;
    napi_create_string_utf8(env, job->failure.c_str(), job->failure.size(), &message);
    napi_create_error(env, nullptr, message, &error);
    napi_reject_deferred(env, job->deferred, error);
    return;
  }
  void* bytes = nullptr;
  napi_value buffer, array;
  napi_create_arraybuffer(env, job->roots.size(), &bytes, &buffer);
  if (!job->roots.empty()) std::memcpy(bytes, job->roots.data(), job->roots.size());
  napi_create_typedarray(env, napi_uint8_array, job->roots.size(), buffer, 0, &array);
  napi_resolve_deferred(env, job->deferred, array);
}

napi_value start(napi_env env, Handle handle, int64_t roots, std::function<void(Job&)> work) {
  auto job = std::make_unique<Job>();
  job->roots.resize(32 * roots);
  job->work = std::move(work);
  napi_value promise, name;
  napi_create_promise(env, &job->deferred, &promise);
  napi_create_string_utf8(env, "repops", NAPI_AUTO_LENGTH, &name);
  napi_create_async_work(env, nullptr, name, execute, complete, job.get(), &job->async);
  handle->busy = true;
  job->handle = std::move(handle);
  napi_queue_async_work(env, job->async);
  job.release();
  return promise;
}

// run(session, from, to, step, seed): a promise of the roots of the tasks that commit.
napi_value run(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  Handle handle = arguments.session();
  const int64_t from = arguments.integer(), to = arguments.integer(), step = arguments.integer();
  const uint64_t seed = arguments.word64();
  if (arguments.failed()) return nullptr;
  const int64_t roots = handle->session.commits(from, to);
  if (roots < 0) return fail(env, "no tasks " + std::to_string(from) + " to " + std::to_string(to));
  const Context context{static_cast<uint64_t>(step), seed};
  return start(env, std::move(handle), roots,
               [=](Job& job) { job.handle->session.run(from, to, context, job.roots.data()); });
}

// roots(session, slots: Float64Array): a promise of their tensor roots.
napi_value roots(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  Handle handle = arguments.session();
  const auto [numbers, count] = arguments.array<const double>(napi_float64_array);
  if (arguments.failed()) return nullptr;
  std::vector<Slot> slots;
  for (int64_t i = 0; i < count; i++) {
    const Slot* slot = slot_of(env, handle->session, static_cast<int64_t>(numbers[i]));
    if (slot == nullptr) return nullptr;
    slots.push_back(*slot);
  }
  return start(env, std::move(handle), count, [slots = std::move(slots)](Job& job) {
    job.handle->session.roots(slots, job.roots.data());
  });
}

// close(session): gives its memory back; closing again does nothing.
napi_value close(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  Handle* holder = arguments.holder();
  if (!arguments.failed()) holder->reset();  // a run under way holds the session until it ends
  return nullptr;
}

// keccak(messages: Uint8Array, length, digests: Uint8Array): the bulk hasher of src/commit.
napi_value keccak(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  const auto [messages, bytes] = arguments.array<const uint8_t>(napi_uint8_array);
  const int64_t length = arguments.integer();
  const auto [digests, room] = arguments.array<uint8_t>(napi_uint8_array);
  if (arguments.failed()) return nullptr;
  if (length < 1 || length > 1088 || bytes % length != 0 || room < 32 * (bytes / length)) {
    return fail(env, "messages have 1 to 1,088 bytes each, and their digests 32");
  }
  choose_kernels("")->keccak(messages, length, bytes / length, digests);
  return nullptr;
}

napi_value init(napi_env env, napi_value exports) {
  const std::pair<const char*, napi_callback> functions[] = {
      {"open", open},
      {"addMemory", add_memory},
      {"addSlot", add_slot},
      {"addTask", add_task},
      {"programs", programs},
      {"read", transfer<true>},
      {"write", transfer<false>},
      {"run", run},
      {"roots", roots},
      {"close", close},
      {"keccak", keccak},
  };
  for (const auto& [name, callback] : functions) {
    napi_value function;
    napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &function);
    napi_set_named_property(env, exports, name, function);
  }
  napi_value names;
  napi_create_array(env, &names);
  uint32_t count = 0;
  for (const char* const* it = runnable_kernels(); *it != nullptr; it++) {
    napi_value name;
    napi_create_string_utf8(env, *it, NAPI_AUTO_LENGTH, &name);
    napi_set_element(env, names, count++, name);
  }
  napi_set_named_property(env, exports, "instructionSets", names);
  napi_value sources;
  napi_create_string_utf8(env, kSources + sizeof kMark - 1, NAPI_AUTO_LENGTH, &sources);
  napi_set_named_property(env, exports, "sources", sources);
  return exports;
}

}  // namespace
}  // namespace repops

NAPI_MODULE_INIT() { return repops::init(env, exports); }
