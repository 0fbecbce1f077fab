// A Rows decoded: what lies where, in which order, and how much of it is computed at a time.
//
// A kernel without reductions is one phase. A reduction ends a phase: what needs its value is computed after the whole
// row has been seen, in the next one. Blocks of rows are independent; within a block each phase goes through the
// columns, one chunk of them at a time, and leaves chunk-sized values in buffers that stay in the first-level cache.
// Values that a later phase reads lie in buffers of the row's size.
#pragma once

#include "../engine/task.h"
#include "rows_programs.h"

namespace repops {

// Two operators on f32 that one step computes, the first one's result an operand of the second: what passes between
// them stays in registers.
constexpr bool is_pair(Op first, Op second) {
  const bool begins = first == kAdd || first == kSub || first == kMul || first == kDiv;
  const bool ends = second == kAdd || second == kSub || second == kMul || second == kDiv || second == kSqrt ||
                    second == kExp || second == kTanh || second == kErf;
  return begins && ends;
}
constexpr bool commutes(Op op) { return op == kAdd || op == kMul; }

struct RowsPlan {
  // Where a value lies. Element (r, c) of a block is base + r*pitch + (vector ? c : 0).
  struct Place {
    int32_t* data;                  // null: `offset` words into the thread's scratch memory
    int64_t offset;
    std::vector<int64_t> strides;   // of `data` along `outer`; none for scratch memory
    int64_t pitch;
    bool vector;                    // varies along the columns
    bool whole_rows;                // holds all columns, not those of the chunk only
  };

  struct Step {
    enum Kind : uint8_t { kColumns, kPerRow, kReduce };  // kPerRow: one word a row; the rows are the vector
    Kind kind;
    bool canonical;  // a NaN is written as the canonical one; nobody sees the bits of others
    bool flat;       // all operands are laid out alike: the block is one long row
    Op first;          // of a pair, on the first two operands; 0 where the step is one operator
    int32_t position;  // of the first one's result among the operands of `op`
    Op op;
    Type type;
    int32_t operands;
    int32_t in[3];  // places
    int32_t out;
    int64_t so_far;  // kReduce in chunks: where in scratch memory the value of the columns before is kept
  };

  struct Phase {
    std::vector<Step> columns;   // kColumns and kReduce, for each chunk
    std::vector<Step> per_row;   // after all chunks
    int32_t program = -1;        // of rows_programs.h; `columns` then only copies what it could not write in place
    std::vector<int32_t> in;     // places of its operands
    std::vector<int32_t> out;    // of its steps' values: where they are kept, and of its sums
    std::vector<int64_t> so_far; // of its sums, as in a step
  };

  // All that a kernel does where it is one reduction of f32 along rows that lie evenly: preparing anything would take
  // longer than the sum of a row.
  struct Reduction {
    Op op;
    const float* x;  // null: it is more, or something else
    int64_t pitch, rows;
    float* out;
  };

  Reduction only{};
  std::vector<int64_t> outer;  // all axes but the last, none of extent 1
  int64_t length;              // of a row
  int64_t block;               // rows computed together; divides no axis but the last of `outer`
  int64_t chunk;               // columns computed together: all of them, or a multiple of kSegment
  int64_t chunks;              // of a row
  bool cut_columns;            // chunks are independent: no word of a row is reduced or stored
  int32_t changes = -1;        // input with a word a row: rows where it is 0 already hold what would be stored
  std::vector<Place> places;
  std::vector<Step> before;  // per-row steps that need no reduction
  std::vector<Phase> phases;
  int64_t scratch_words;

  // Units of work that threads share: chunks of blocks where cut_columns, else blocks.
  int64_t units;
  int64_t least_units;  // that are worth a thread's waking up
};

}  // namespace repops
