#include "session.h"

#include <cstring>

#include "hashing.h"

namespace repops {
namespace {

// The pool for as long as one kernel needs it.
class Turn {
 public:
  explicit Turn(Pool& pool) : pool_(pool) { pool_.acquire(); }
  ~Turn() { pool_.release(); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  Pool& pool_;
};

void run_kernel(const Kernels& kernels, Pool& pool, const Task& task, const Context& context) {
  const Kernel& kernel = task.kernel;
  switch (kernel.index()) {
    case 0: return kernels.rows(*task.rows_plan, pool);
    case 1: return kernels.columns(std::get<1>(kernel), pool);
    case 2: return kernels.matmul(std::get<2>(kernel), pool);
    case 3: return kernels.move(std::get<3>(kernel), pool);
    case 4: return kernels.concat(std::get<4>(kernel), pool);
    case 5: return kernels.indexed(std::get<5>(kernel), pool);
    case 6: return kernels.generate(std::get<6>(kernel), context, pool);
    default: return kernels.copy(std::get<7>(kernel), pool);
  }
}

bool same(const Strides& a, const Strides& b) { return a.batch == b.batch && a.row == b.row && a.column == b.column; }

// Whether two products read the same right operand.
bool same_right(const MatMul& a, const MatMul& b) {
  return a.y == b.y && a.batch == b.batch && a.N == b.N && a.K == b.K && same(a.y_strides, b.y_strides);
}

}  // namespace

Word* Session::add_memory(int64_t words, bool constant) {
  Word* memory = storage_.take(words);
  if (memory == nullptr) return nullptr;
  std::memset(memory, 0, static_cast<size_t>(words) * sizeof(Word));
  memories_.push_back({memory, words, constant});
  if (constant) constant_words_ += words;
  return memory;
}

const char* Session::add_slot(int64_t memory, int64_t offset, int64_t count) {
  if (memory < 0 || memory >= static_cast<int64_t>(memories_.size())) return "a slot in a memory that there is not";
  const Memory& owner = memories_[memory];
  if (offset < 0 || count < 0 || offset > owner.count - count) return "a slot that its memory does not hold";
  slots_.push_back({owner.words + offset, count, owner.constant});
  return nullptr;
}

const char* Session::add_task(const double* numbers, int64_t length) {
  Task task;
  if (const char* problem = decode_task(numbers, length, slots_, task)) return problem;
  if (const Rows* rows = std::get_if<Rows>(&task.kernel)) task.rows_plan = plan_rows(*rows);
  tasks_.push_back(std::move(task));
  all_packed_ = false;
  return nullptr;
}

int64_t Session::commits(int64_t from, int64_t to) const {
  if (from < 0 || from > to || to > static_cast<int64_t>(tasks_.size())) return -1;
  int64_t count = 0;
  for (int64_t i = from; i < to; i++) count += tasks_[i].commit ? 1 : 0;
  return count;
}

void Session::write(const Slot& slot, const Word* words) {
  if (slot.count > 0) std::memcpy(slot.data, words, static_cast<size_t>(slot.count) * sizeof(Word));
  written(slot);
}

void Session::written(const Slot& slot) {
  if (slot.constant) forget_packed();
}

void Session::forget_packed() {
  all_packed_ = false;
  if (packed_.empty()) return;
  for (Task& task : tasks_) {
    if (MatMul* product = std::get_if<MatMul>(&task.kernel)) product->packed_y = nullptr;
  }
  packed_.clear();
  packed_storage_.clear();
}

const float* Session::packed_for(const MatMul& product) const {
  const auto found = packed_.find(product.y);
  if (found == packed_.end()) return nullptr;
  for (const Packed& packed : found->second) {
    if (same_right(packed.reader, product)) return packed.words;
  }
  return nullptr;
}

// Programs come from strangers: all copies together take no more than twice the constants, and none more than twice
// what it is a copy of.
void Session::pack_constants() {
  const Turn turn(pool_);
  int64_t room = 2 * constant_words_;
  for (Task& task : tasks_) {
    if (task.constant_y == 0) continue;
    MatMul& product = std::get<MatMul>(task.kernel);
    product.packed_y = packed_for(product);
    const int64_t words = product.packed_y != nullptr ? 0 : kernels_.packed_words(product);
    if (words == 0 || words > 2 * task.constant_y || words > room) continue;
    float* memory = reinterpret_cast<float*>(packed_storage_.take(words));
    if (memory == nullptr) continue;  // it is read as it is
    kernels_.pack(product, memory, pool_);
    packed_[product.y].push_back({product, memory});
    product.packed_y = memory;
    room -= words;
  }
  all_packed_ = true;
}

void Session::run(int64_t from, int64_t to, const Context& context, uint8_t* roots) {
  if (!all_packed_) pack_constants();
  if (!memories_.empty()) memories_[0].words[0] = static_cast<Word>(context.step);
  Hashing hashing(kernels_, pool_);
  for (int64_t i = from; i < to; i++) {
    const Task& task = tasks_[i];
    const Turn turn(pool_);
    for (const Slot& output : task.outputs) {
      if (hashing.needs(output.data, output.count)) hashing.finish();
    }
    run_kernel(kernels_, hashing, task, context);
    if (!task.commit) continue;
    hashing.add(task.outputs[0].data, task.outputs[0].count, roots);
    roots += 32;
  }
  const Turn turn(pool_);
  hashing.finish();
}

void Session::roots(const std::vector<Slot>& slots, uint8_t* roots) {
  const Turn turn(pool_);
  Hashing hashing(kernels_, pool_);
  for (const Slot& slot : slots) {
    hashing.add(slot.data, slot.count, roots);
    roots += 32;
  }
  hashing.finish();
}

}  // namespace repops
