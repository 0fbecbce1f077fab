#include "decode.h"

#include <cstddef>

namespace repops {
namespace {

// Reads numbers one after the other. A read past the end yields 0 and is remembered.
class Reader {
 public:
  Reader(const double* numbers, int64_t length) : next_(numbers), end_(numbers + length) {}

  int64_t integer() {
    if (next_ == end_) {
      short_ = true;
      return 0;
    }
    return static_cast<int64_t>(*next_++);
  }

  // The length of a list whose elements take a number each or more.
  int64_t length() {
    const int64_t n = integer();
    if (n >= 0 && n <= end_ - next_) return n;
    short_ = true;
    return 0;
  }

  std::vector<int64_t> integers() {
    std::vector<int64_t> list(length());
    for (int64_t& element : list) element = integer();
    return list;
  }

  bool exact() const { return !short_ && next_ == end_; }

 private:
  const double* next_;
  const double* end_;
  bool short_ = false;
};

Strides strides(Reader& read) {
  Strides result;
  result.batch = read.integers();
  result.row = read.integer();
  result.column = read.integer();
  return result;
}

struct Operands {
  std::vector<Slot> inputs, outputs;

  const Word* input(size_t i) const { return i < inputs.size() ? inputs[i].data : nullptr; }
  Word* output(size_t i = 0) const { return i < outputs.size() ? outputs[i].data : nullptr; }
};

Rows rows(Reader& read, const Operands& operands) {
  Rows rows;
  rows.dims = read.integers();
  for (const Slot& input : operands.inputs) rows.inputs.push_back({input.data, read.integers()});
  rows.instructions.resize(read.length());
  for (Instruction& instruction : rows.instructions) {
    instruction.op = static_cast<Op>(read.integer());
    instruction.type = static_cast<Type>(read.integer());
    instruction.per_row = read.integer() != 0;
    instruction.operands.resize(read.length());
    for (int32_t& operand : instruction.operands) operand = static_cast<int32_t>(read.integer());
  }
  for (const Slot& output : operands.outputs) {
    rows.stores.push_back({static_cast<int32_t>(read.integer()), output.data});
  }
  return rows;
}

Columns columns(Reader& read, const Operands& operands) {
  const Op op = static_cast<Op>(read.integer());
  const Type type = static_cast<Type>(read.integer());
  const int64_t O = read.integer(), K = read.integer(), I = read.integer();
  return {op, type, O, K, I, operands.input(0), operands.output()};
}

MatMul matmul(Reader& read, const Operands& operands) {
  MatMul m;
  m.batch = read.integers();
  m.M = read.integer();
  m.N = read.integer();
  m.K = read.integer();
  m.x_strides = strides(read);
  m.y_strides = strides(read);
  m.out_strides = strides(read);
  m.x = reinterpret_cast<const float*>(operands.input(0));
  m.y = reinterpret_cast<const float*>(operands.input(1));
  m.out = reinterpret_cast<float*>(operands.output());
  return m;
}

Move move(Reader& read, const Operands& operands) {
  Move m;
  m.in_dims = read.integers();
  m.out_dims = read.integers();
  m.fill = static_cast<Word>(read.integer());
  m.axes.resize(read.length());
  for (Move::Axis& axis : m.axes) {
    axis.offset = read.integer();
    axis.divisor = read.integer();
    axis.terms.resize(read.length());
    for (Move::Term& term : axis.terms) {
      term.axis = static_cast<int32_t>(read.integer());
      term.coefficient = read.integer();
    }
  }
  m.x = operands.input(0);
  m.out = operands.output();
  return m;
}

Concat concat(Reader& read, const Operands& operands) {
  Concat c;
  c.O = read.integer();
  c.I = read.integer();
  c.sizes = read.integers();
  for (const Slot& input : operands.inputs) c.inputs.push_back(input.data);
  c.out = operands.output();
  return c;
}

Indexed indexed(Reader& read, const Operands& operands) {
  Indexed x;
  x.op = static_cast<Op>(read.integer());
  x.type = static_cast<Type>(read.integer());
  x.B = read.integer();
  x.V = read.integer();
  x.R = read.integer();
  x.Q = read.integer();
  const std::size_t index = x.op == kGather ? 1 : 0;
  x.x = operands.input(1 - index);
  x.index = reinterpret_cast<const int32_t*>(operands.input(index));
  x.out = operands.output();
  return x;
}

Generate generate(Reader& read, const Operands& operands) {
  const Op op = static_cast<Op>(read.integer());
  const int64_t N = read.integer();
  return {op, N, static_cast<uint32_t>(read.integer()), operands.output()};
}

Kernel kernel(int64_t kind, Reader& read, const Operands& operands) {
  switch (kind) {
    case 0: return rows(read, operands);
    case 1: return columns(read, operands);
    case 2: return matmul(read, operands);
    case 3: return move(read, operands);
    case 4: return concat(read, operands);
    case 5: return indexed(read, operands);
    case 6: return generate(read, operands);
    default: return Copy{read.integer(), operands.input(0), operands.output()};
  }
}

}  // namespace

const char* decode_task(const double* numbers, int64_t length, const std::vector<Slot>& slots, Task& task) {
  Reader read(numbers, length);
  const int64_t kind = read.integer();
  if (kind < 0 || kind > 7) return "a task of an unknown kind";
  task.commit = read.integer() != 0;
  Operands operands;
  for (std::vector<Slot>* list : {&operands.inputs, &operands.outputs}) {
    for (const int64_t slot : read.integers()) {
      if (slot < 0 || slot >= static_cast<int64_t>(slots.size())) return "a task names a slot that there is not";
      list->push_back(slots[slot]);
    }
  }
  if (operands.outputs.empty()) return "a task without an output";
  task.kernel = kernel(kind, read, operands);
  if (kind == 2 && operands.inputs.size() > 1 && operands.inputs[1].constant) {
    task.constant_y = operands.inputs[1].count;
  }
  task.outputs = std::move(operands.outputs);
  return read.exact() ? nullptr : "a task of the wrong length";
}

}  // namespace repops
