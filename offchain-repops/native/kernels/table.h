// What one instruction set supplies. kernels/table.cc is compiled once for each; engine/ chooses at run time.
#pragma once

#include <memory>

#include "../engine/pool.h"
#include "../engine/task.h"

namespace repops {

// A Rows decoded for all of its runs, the same for every instruction set: valid while its slots stay where they are.
// rows_plan.cc is compiled once, without the flags of any instruction set.
struct RowsPlan;
std::shared_ptr<const RowsPlan> plan_rows(const Rows&);

// References: a table that lacks a kernel does not compile.
struct Kernels {
  const char* name;  // "avx512", "avx2", "neon", "wasm", "scalar"
  int floats;        // lanes of a vector of f32

  void (&rows)(const RowsPlan&, Pool&);
  void (&columns)(const Columns&, Pool&);
  void (&matmul)(const MatMul&, Pool&);

  // A right operand that stays the same for many steps is packed once into the order in which `matmul` reads it
  // (MatMul::packed_y): the words that takes, 0 where nothing is gained, and the packing. It depends on y, its strides,
  // the batch, N and K only; reads M only to tell whether it pays.
  int64_t (&packed_words)(const MatMul&);
  void (&pack)(const MatMul&, float* packed, Pool&);

  void (&move)(const Move&, Pool&);
  void (&concat)(const Concat&, Pool&);
  void (&indexed)(const Indexed&, Pool&);
  void (&generate)(const Generate&, const Context&, Pool&);
  void (&copy)(const Copy&, Pool&);

  // keccak-256 of `count` messages of `length` bytes (at most 1,088) that lie end to end; digests end to end.
  void (&keccak)(const uint8_t* messages, int64_t length, int64_t count, uint8_t* digests);
};

}  // namespace repops
