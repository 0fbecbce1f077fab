// Runs a recording of what a host asked of the engine (tools/native/Recording.ts) again, on the instruction sets named
// or on all that this processor has, and compares every answer bit by bit:
//   replay FILE [name ...]
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include "../engine/choose.h"
#include "../engine/session.h"
#include "../engine/thread_pool.h"

namespace repops {
namespace {

constexpr int kThreads = 3;  // an odd number of parts: bits may not depend on how work is split
constexpr int kMostReports = 20;

class Recording {
 public:
  explicit Recording(const char* path) {
    std::FILE* file = std::fopen(path, "rb");
    if (file == nullptr) fail("cannot open the recording");
    char buffer[1 << 16];
    for (size_t n; (n = std::fread(buffer, 1, sizeof buffer, file)) > 0;) bytes_.append(buffer, n);
    std::fclose(file);
  }

  bool ended() const { return at_ == bytes_.size(); }
  void rewind() { at_ = 0; }

  template <class T>
  T number() {
    T value;
    std::memcpy(&value, take(sizeof value), sizeof value);
    return value;
  }

  // `count` elements after each other.
  template <class T>
  std::vector<T> numbers(size_t count) {
    std::vector<T> values(count);
    const char* from = take(count * sizeof(T));
    if (count > 0) std::memcpy(values.data(), from, count * sizeof(T));
    return values;
  }

  [[noreturn]] static void fail(const char* problem) {
    std::fprintf(stderr, "replay: %s\n", problem);
    std::exit(2);
  }

 private:
  const char* take(size_t count) {
    if (count > bytes_.size() - at_) fail("the recording ends too early");
    at_ += count;
    return bytes_.data() + at_ - count;
  }

  std::string bytes_;
  size_t at_ = 0;
};

void require(const char* problem) {
  if (problem != nullptr) Recording::fail(problem);
}

class Replay {
 public:
  Replay(Recording& recording, const Kernels& kernels) : recording_(recording), kernels_(kernels), pool_(kThreads) {}

  // How many answers differ.
  int run() {
    recording_.rewind();
    while (!recording_.ended()) command(recording_.number<uint8_t>());
    std::printf("%-8s %6d answers, %d wrong\n", kernels_.name, answers_, wrong_);
    return wrong_;
  }

 private:
  void command(uint8_t code) {
    Recording& r = recording_;
    switch (code) {
      case 'l': {  // what the following shows
        const std::vector<char> text = r.numbers<char>(r.number<uint32_t>());
        label_.assign(text.begin(), text.end());
        return;
      }
      case 'o':
        session_ = std::make_unique<Session>(kernels_, pool_);
        return;
      case 'm': {
        const int64_t words = static_cast<int64_t>(r.number<double>());
        if (session().add_memory(words, r.number<uint8_t>() != 0) == nullptr) r.fail("no memory");
        return;
      }
      case 's': {
        const auto numbers = r.numbers<double>(3);
        return require(session().add_slot(static_cast<int64_t>(numbers[0]), static_cast<int64_t>(numbers[1]),
                                          static_cast<int64_t>(numbers[2])));
      }
      case 't': {
        const auto numbers = r.numbers<double>(r.number<uint32_t>());
        return require(session().add_task(numbers.data(), static_cast<int64_t>(numbers.size())));
      }
      case 'w': {
        const Slot& slot = next_slot();
        return session().write(slot, r.numbers<Word>(static_cast<size_t>(slot.count)).data());
      }
      case 'r': {
        const Slot& slot = next_slot();
        const auto expected = r.numbers<Word>(static_cast<size_t>(slot.count));
        return compare(slot.data, expected.data(), expected.size() * sizeof(Word));
      }
      case 'x': {
        const auto range = r.numbers<double>(3);
        const int64_t from = static_cast<int64_t>(range[0]), to = static_cast<int64_t>(range[1]);
        const Context context{static_cast<uint64_t>(range[2]), r.number<uint64_t>()};
        const auto expected = r.numbers<uint8_t>(r.number<uint32_t>());
        if (static_cast<int64_t>(expected.size()) != 32 * session().commits(from, to)) r.fail("tasks that there are not");
        std::vector<uint8_t> roots(expected.size());
        session().run(from, to, context, roots.data());
        if (!roots.empty()) compare(roots.data(), expected.data(), roots.size());
        return;
      }
      case 'h': {
        const Slot& slot = next_slot();
        uint8_t root[32];
        session().roots({slot}, root);
        return compare(root, r.numbers<uint8_t>(32).data(), 32);
      }
      case 'k': {
        const auto shape = r.numbers<uint32_t>(2);  // bytes of a message, messages
        const auto messages = r.numbers<uint8_t>(size_t{shape[0]} * shape[1]);
        std::vector<uint8_t> digests(size_t{32} * shape[1]);
        kernels_.keccak(messages.data(), shape[0], shape[1], digests.data());
        return compare(digests.data(), r.numbers<uint8_t>(digests.size()).data(), digests.size());
      }
      case 'c':
        session_.reset();
        return;
      default:
        r.fail("an unknown command");
    }
  }

  Session& session() {
    if (session_ == nullptr) Recording::fail("a command without a session");
    return *session_;
  }

  const Slot& next_slot() {
    const uint32_t slot = recording_.number<uint32_t>();
    if (slot >= session().slots().size()) Recording::fail("a slot that there is not");
    return session().slots()[slot];
  }

  void compare(const void* actual, const void* expected, size_t bytes) {
    answers_++;
    if (std::memcmp(actual, expected, bytes) == 0) return;
    if (++wrong_ > kMostReports) return;
    const uint8_t* a = static_cast<const uint8_t*>(actual);
    const uint8_t* e = static_cast<const uint8_t*>(expected);
    size_t i = 0;
    while (a[i] == e[i]) i++;
    i -= i % 4;
    uint32_t is, wanted;
    std::memcpy(&is, a + i, 4);
    std::memcpy(&wanted, e + i, 4);
    std::printf("%s: %s: word %zu of %zu is 0x%08x, not 0x%08x\n", kernels_.name, label_.c_str(), i / 4, bytes / 4, is,
                wanted);
  }

  Recording& recording_;
  const Kernels& kernels_;
  ThreadPool pool_;
  std::unique_ptr<Session> session_;
  std::string label_;
  int answers_ = 0, wrong_ = 0;
};

int main(int count, char** arguments) {
  if (count < 2) Recording::fail("which recording?");
  Recording recording(arguments[1]);
  const FloatMode mode;
  int wrong = 0;
  if (count == 2) {
    for (const char* const* name = runnable_kernels(); *name != nullptr; name++) {
      wrong += Replay(recording, *choose_kernels(*name)).run();
    }
  }
  for (int i = 2; i < count; i++) {
    const Kernels* kernels = choose_kernels(arguments[i]);
    if (kernels == nullptr) Recording::fail("this processor lacks that instruction set");
    wrong += Replay(recording, *kernels).run();
  }
  return wrong == 0 ? 0 : 1;
}

}  // namespace
}  // namespace repops

int main(int count, char** arguments) { return repops::main(count, arguments); }
