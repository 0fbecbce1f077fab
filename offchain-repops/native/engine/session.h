// A plan with its memory, for any host: it knows neither Node nor WebAssembly.
#pragma once

#include <map>
#include <vector>

#include "../kernels/table.h"
#include "decode.h"
#include "storage.h"

namespace repops {

class Session {
 public:
  Session(const Kernels& kernels, Pool& pool) : kernels_(kernels), pool_(pool) {}
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Zeroed words that the session owns, 64-byte aligned. Null where there is no memory. The first one holds the step
  // number, a single word that run writes. What is constant changes by write only: it is packed for matrix products.
  Word* add_memory(int64_t words, bool constant);

  // A tensor of `count` words in memory number `memory` (in the order of add_memory), `offset` words from its start.
  // Null, or what is wrong.
  const char* add_slot(int64_t memory, int64_t offset, int64_t count);

  const char* add_task(const double* numbers, int64_t length);

  const std::vector<Slot>& slots() const { return slots_; }
  const std::vector<Task>& tasks() const { return tasks_; }

  // How many tasks of from ... to-1 commit; -1 where there are no such tasks.
  int64_t commits(int64_t from, int64_t to) const;

  // Copies words into a slot; the caller has checked that there are as many as the slot has.
  void write(const Slot& slot, const Word* words);

  // After a host wrote into a slot's words itself.
  void written(const Slot& slot);

  // Runs them in order; `roots` has room for 32 bytes for each that commits.
  void run(int64_t from, int64_t to, const Context& context, uint8_t* roots);

  // The tensor roots of slots, 32 bytes each.
  void roots(const std::vector<Slot>& slots, uint8_t* roots);

 private:
  struct Memory {
    Word* words;
    int64_t count;
    bool constant;
  };

  // A constant right operand in the order in which `matmul` reads it.
  struct Packed {
    MatMul reader;  // the first task that reads it
    float* words;
  };

  void pack_constants();
  const float* packed_for(const MatMul& product) const;
  void forget_packed();

  const Kernels& kernels_;
  Pool& pool_;
  Storage storage_;
  std::vector<Memory> memories_;
  std::vector<Slot> slots_;
  std::vector<Task> tasks_;
  int64_t constant_words_ = 0;
  std::map<const float*, std::vector<Packed>> packed_;  // by what was packed
  Storage packed_storage_;
  bool all_packed_ = false;
};

}  // namespace repops
