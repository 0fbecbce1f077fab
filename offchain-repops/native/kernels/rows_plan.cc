#include "rows_plan.h"

#include <algorithm>
#include <memory>

#include "table.h"

namespace repops {
namespace {

constexpr int64_t kCacheWords = 6144;  // of the first-level cache, for buffers and what streams past them
constexpr int64_t kMaxChunk = 2048;
constexpr int64_t kMaxBareChunk = 16384;
constexpr double kPart = 65536;        // additions that are worth a thread's waking up
constexpr int64_t kLine = 16;          // words
constexpr int64_t kGroupWords = 32;    // for a GroupedSum (reduce.inc.h)

bool reduces(Op op) { return op == kReduceSum || op == kReduceMax; }

// In additions of 16 lanes, roughly: decides only how much work is worth a thread.
double cost_of(Op op) {
  switch (op) {
    case kDiv: case kSqrt: case kRem: return 4;
    case kExp: return 8;
    case kLog: case kTanh: case kErf: case kSin: case kCos: return 16;
    case kPow: return 40;
    default: return 1;
  }
}

int64_t product(const std::vector<int64_t>& xs) {
  int64_t p = 1;
  for (int64_t x : xs) p *= x;
  return p;
}

// The kernel with axes merged where every input allows it.
Rows merged(const Rows& kernel) {
  Rows k = kernel;
  const bool rows_matter = std::any_of(k.instructions.begin(), k.instructions.end(),
                                       [](const Instruction& i) { return i.per_row || reduces(i.op); });
  const auto merge = [&](size_t axis) {  // with the one after it
    const bool last = axis + 2 == k.dims.size();
    if (last && rows_matter) return false;
    for (const Rows::Input& x : k.inputs) {
      const int64_t outer = x.strides[axis], inner = x.strides[axis + 1];
      const bool outer_matters = k.dims[axis] > 1, inner_matters = k.dims[axis + 1] > 1;
      if (outer_matters && inner_matters && outer != inner * k.dims[axis + 1]) return false;
      if (last && outer_matters && !inner_matters && outer > 1) return false;
    }
    for (Rows::Input& x : k.inputs) {
      if (k.dims[axis + 1] == 1) x.strides[axis + 1] = x.strides[axis];
      x.strides.erase(x.strides.begin() + ptrdiff_t(axis));
    }
    k.dims[axis + 1] *= k.dims[axis];
    k.dims.erase(k.dims.begin() + ptrdiff_t(axis));
    return true;
  };
  for (size_t axis = k.dims.size() - 1; axis-- > 0;) merge(axis);
  return k;
}

class Planner {
 public:
  explicit Planner(const Rows& kernel) : k_(merged(kernel)) {
    plan_.outer.assign(k_.dims.begin(), k_.dims.end() - 1);
    plan_.length = k_.dims.back();
  }

  RowsPlan make() {
    read_inputs();
    read_instructions();
    choose_phases();
    match_programs();
    pair();
    order();
    choose_homes();
    choose_sizes();
    write_steps();
    find_changes();
    find_only();
    return std::move(plan_);
  }

 private:
  struct Value {
    Op op;
    Type type;
    bool per_row;
    std::vector<int32_t> operands;  // inputs i as i, values j as -1 - j
    Op first = Op(0);               // of a pair
    int32_t first_at = 0;
    bool absorbed = false;          // computed by the step of its only reader
    bool in_program = false;
    int32_t phase = -1;             // computed in; per-row values after the columns of that phase, -1 before all
    int32_t position = 0;           // in the order of steps
    int32_t last_use = -1;
    int32_t last_phase = -1;        // of its uses
    bool canonical = false;
    Word* stored = nullptr;
    Word* borrowed = nullptr;       // the words of a later output, until that is written
    bool lent = false;              // its output's words are another value's until then
    int32_t buffer = -1;            // tile or row buffer
    bool row_buffer = false;
    int32_t place = -1;
  };

  int64_t last_outer_stride(const Rows::Input& x) const {
    return plan_.outer.empty() ? 0 : x.strides[plan_.outer.size() - 1];
  }
  bool vector_input(const Rows::Input& x) const { return x.strides.back() != 0; }
  bool full(int32_t operand) const {
    return operand >= 0 ? vector_input(k_.inputs[size_t(operand)]) : !values_[size_t(-1 - operand)].per_row;
  }
  Value& value(int32_t operand) { return values_[size_t(-1 - operand)]; }

  void read_inputs() {
    for (const Rows::Input& x : k_.inputs) {
      std::vector<int64_t> outer(x.strides.begin(), x.strides.end() - 1);
      const bool vector = vector_input(x);
      plan_.places.push_back({reinterpret_cast<int32_t*>(const_cast<Word*>(x.data)), 0, std::move(outer),
                              last_outer_stride(x), vector, vector});
    }
  }

  int32_t add(Op op, Type type, bool per_row, std::vector<int32_t> operands) {
    Value v{};
    v.op = op;
    v.type = type;
    v.per_row = per_row;
    v.operands = std::move(operands);
    values_.push_back(std::move(v));
    return -int32_t(values_.size());
  }

  // The kernel's instructions, and copies where a step could not read an operand as it lies or write a value where it
  // belongs.
  void read_instructions() {
    std::vector<int32_t> renamed;
    for (const Instruction& i : k_.instructions) {
      std::vector<int32_t> operands;
      for (int32_t x : i.operands) {
        if (x < 0) x = renamed[size_t(-1 - x)];
        if (reduces(i.op) && !full(x)) {
          x = add(kBits, kF32, false, {x});
        } else if (x >= 0 && !full(x) && (i.per_row ? last_outer_stride(k_.inputs[size_t(x)]) > 1 : plan_.length == 1)) {
          // Where rows are single words, an output may lie where an input of one word a row does.
          x = add(kBits, kF32, true, {x});
        }
        operands.push_back(x);
      }
      renamed.push_back(add(i.op, i.type, i.per_row || reduces(i.op), std::move(operands)));
    }
    for (const Rows::Store& s : k_.stores) {
      int32_t v = renamed[size_t(s.instruction)];
      if (value(v).stored != nullptr) v = add(kBits, kF32, value(v).per_row, {v});
      value(v).stored = s.data;
    }
    for (Value& v : values_) {
      v.canonical = v.canonical || v.stored != nullptr;
      for (size_t k = 0; k < v.operands.size(); k++) {
        const bool bits_seen = v.op == kBits || v.op == kUnbits || (v.op == kWhere && k > 0);
        if (v.operands[k] < 0 && bits_seen) value(v.operands[k]).canonical = true;
      }
    }
  }

  // As early as possible; then values that no reduction waits for as late as their readers allow, where that does not
  // keep more alive.
  void choose_phases() {
    for (Value& v : values_) {
      v.phase = v.per_row && !reduces(v.op) ? -1 : 0;
      for (int32_t x : v.operands) {
        if (x >= 0) continue;
        const Value& w = value(x);
        v.phase = std::max(v.phase, w.phase + (w.per_row && !v.per_row ? 1 : 0));
      }
    }
    for (size_t i = values_.size(); i-- > 0;) {
      Value& v = values_[i];
      if (v.per_row || v.stored != nullptr) continue;
      int32_t reader = INT32_MAX;
      for (const Value& w : values_) {
        for (int32_t x : w.operands) {
          if (x == -1 - int32_t(i)) reader = std::min(reader, w.phase);
        }
      }
      int kept = 0;
      for (int32_t x : v.operands) kept += x < 0 && full(x);
      if (kept <= 1 && reader != INT32_MAX) v.phase = reader;
    }
  }

  struct Match {
    int32_t program;
    std::vector<int32_t> steps;     // values
    std::vector<int32_t> operands;  // as instructions have them
  };

  void match_programs() {
    int32_t phases = 1;
    for (const Value& v : values_) phases = std::max(phases, v.phase + 1);
    matches_.assign(size_t(phases), {-1, {}, {}});
    for (int32_t p = 0; p < phases; p++) {
      std::vector<int32_t> steps;
      for (size_t i = 0; i < values_.size(); i++) {
        if (values_[i].phase == p && (!values_[i].per_row || reduces(values_[i].op))) steps.push_back(int32_t(i));
      }
      for (int32_t program = 0; program < kRowsProgramCount; program++) {
        std::vector<int32_t> operands;
        if (!matches(kRowsPrograms[program], steps, operands)) continue;
        for (int32_t i : steps) values_[size_t(i)].in_program = true;
        matches_[size_t(p)] = {program, steps, operands};
        break;
      }
    }
  }

  bool matches(const RowsProgram& program, const std::vector<int32_t>& steps, std::vector<int32_t>& operands) const {
    if (int(steps.size()) != program.steps) return false;
    for (int s = 0; s < program.steps; s++) {
      const ProgramStep& t = program.step[s];
      const Value& v = values_[size_t(steps[size_t(s)])];
      if (v.op != t.op || v.type != t.type || int(v.operands.size()) != program.arity(s)) return false;
      if (!reduces(v.op) && t.kept != (v.stored != nullptr || read_elsewhere(steps[size_t(s)], steps))) return false;
      for (int k = 0; k < program.arity(s); k++) {
        const int32_t x = v.operands[size_t(k)];
        const auto inside = std::find(steps.begin(), steps.end(), -1 - x);
        if (x < 0 && inside != steps.end()) {
          if (t.in[k] != -1 - int32_t(inside - steps.begin())) return false;
          continue;
        }
        const auto known = std::find(operands.begin(), operands.end(), x);
        if (t.in[k] != int32_t(known - operands.begin())) return false;
        if (known != operands.end()) continue;
        if (full(x) != (program.operand[t.in[k]] == 'v')) return false;
        operands.push_back(x);
      }
    }
    return true;
  }

  bool read_elsewhere(int32_t at, const std::vector<int32_t>& steps) const {
    for (size_t i = 0; i < values_.size(); i++) {
      const std::vector<int32_t>& xs = values_[i].operands;
      const bool reads = std::find(xs.begin(), xs.end(), -1 - at) != xs.end();
      if (reads && std::find(steps.begin(), steps.end(), int32_t(i)) == steps.end()) return true;
    }
    return false;
  }

  // Makes pairs of values that only one step of the same phase reads, and that step.
  void pair() {
    std::vector<int32_t> uses(values_.size());
    for (const Value& v : values_) {
      for (int32_t x : v.operands) {
        if (x < 0) uses[size_t(-1 - x)]++;
      }
    }
    for (Value& v : values_) {
      for (size_t k = 0; k < v.operands.size() && v.first == 0; k++) {
        if (v.operands[k] >= 0 || v.per_row || v.in_program || v.type != kF32) continue;
        Value& w = value(v.operands[k]);
        const bool alone = uses[size_t(-1 - v.operands[k])] == 1 && w.stored == nullptr && w.first == 0;
        if (!alone || w.per_row || w.phase != v.phase || w.type != kF32 || !is_pair(w.op, v.op)) continue;
        std::vector<int32_t> operands = w.operands;
        for (size_t j = 0; j < v.operands.size(); j++) {
          if (j != k) operands.push_back(v.operands[j]);
        }
        v.first = w.op;
        v.first_at = commutes(v.op) ? 0 : int32_t(k);
        v.operands = std::move(operands);
        w.absorbed = true;
      }
    }
  }

  void order() {
    std::vector<int32_t> ordered;
    int32_t phases = 1;
    for (const Value& v : values_) phases = std::max(phases, v.phase + 1);
    const auto take = [&](int32_t phase, bool per_row_step) {
      for (size_t i = 0; i < values_.size(); i++) {
        const Value& v = values_[i];
        if (!v.absorbed && v.phase == phase && (v.per_row && !reduces(v.op)) == per_row_step) ordered.push_back(int32_t(i));
      }
    };
    take(-1, true);
    for (int32_t p = 0; p < phases; p++) take(p, false), take(p, true);
    plan_.phases.resize(size_t(phases));
    order_ = std::move(ordered);
    for (size_t at = 0; at < order_.size(); at++) values_[size_t(order_[at])].position = int32_t(at);
    count_uses();
  }

  void count_uses() {
    last_read_.assign(k_.inputs.size(), -1);
    for (const Value& v : values_) {
      if (v.absorbed) continue;
      for (int32_t x : v.operands) {
        if (x >= 0) {
          last_read_[size_t(x)] = std::max(last_read_[size_t(x)], v.position);
        } else {
          value(x).last_use = std::max(value(x).last_use, v.position);
          value(x).last_phase = std::max(value(x).last_phase, v.phase);
        }
      }
    }
  }

  // Words between the first and the last that an input reads.
  int64_t extent(const Rows::Input& x) const {
    int64_t words = 1;
    for (size_t a = 0; a < k_.dims.size(); a++) words += (k_.dims[a] - 1) * x.strides[a];
    return words;
  }

  // Whether a step after `position` reads an input from the words of `v`'s output.
  bool still_read(const Value& v, int32_t position) const {
    const int64_t words = product(plan_.outer) * (v.per_row ? 1 : plan_.length);
    for (size_t i = 0; i < k_.inputs.size(); i++) {
      const Word* from = k_.inputs[i].data;
      const bool meets = v.stored < from + extent(k_.inputs[i]) && from < v.stored + words;
      if (meets && last_read_[i] > position) return true;
    }
    return false;
  }

  // The words of an output that is written when `v`, which outlives its phase, is not needed any more: `v` waits there.
  Word* lend_output(const Value& v) {
    for (Value& w : values_) {
      const bool free = w.stored != nullptr && !w.per_row && !w.lent && w.position >= v.last_use;
      if (!free || still_read(w, v.position)) continue;
      w.lent = true;
      return w.stored;
    }
    return nullptr;
  }

  void choose_homes() {
    const size_t count = values_.size();
    for (size_t i = 0; i < count; i++) {
      if (values_[i].stored == nullptr || !still_read(values_[i], values_[i].position)) continue;
      const int32_t copy = add(kBits, kF32, values_[i].per_row, {-1 - int32_t(i)});
      value(copy).stored = values_[i].stored;
      value(copy).phase = int32_t(plan_.phases.size()) - 1;
      values_[i].stored = nullptr;
      moved_ = true;
    }
    if (moved_) order();

    const auto take = [](std::vector<int32_t>& free, int32_t& made) {
      if (free.empty()) return made++;
      const int32_t b = free.back();
      free.pop_back();
      return b;
    };
    std::vector<int32_t> free_tile, free_row;
    for (int32_t at : order_) {
      Value& v = values_[size_t(at)];
      // A step may write where its operand lies: it reads an element before it writes it.
      for (size_t k = 0; k < v.operands.size(); k++) {
        const int32_t x = v.operands[k];
        const bool again = std::find(v.operands.begin(), v.operands.begin() + ptrdiff_t(k), x) != v.operands.begin() + ptrdiff_t(k);
        if (x < 0 && !again) release(value(x), v.position, free_tile, free_row);
      }
      if (v.per_row || v.stored != nullptr) continue;
      v.row_buffer = v.last_phase > v.phase;
      if (v.row_buffer) v.borrowed = lend_output(v);
      if (v.borrowed != nullptr) continue;
      v.buffer = v.row_buffer ? take(free_row, row_buffers_) : take(free_tile, tile_buffers_);
      if (v.last_use < 0) (v.row_buffer ? free_row : free_tile).push_back(v.buffer);
    }
  }

  void release(const Value& v, int32_t position, std::vector<int32_t>& tile, std::vector<int32_t>& row) {
    if (v.buffer >= 0 && v.last_use == position) (v.row_buffer ? row : tile).push_back(v.buffer);
  }

  void choose_sizes() {
    const bool reduction = std::any_of(values_.begin(), values_.end(), [](const Value& v) { return reduces(v.op); });
    int64_t streams = tile_buffers_ + row_buffers_;
    for (const Rows::Input& x : k_.inputs) streams += vector_input(x);
    for (const Value& v : values_) streams += v.stored != nullptr && !v.per_row;
    const int64_t fit = kCacheWords / std::max<int64_t>(streams, 1) / kSegment * kSegment;
    // Without buffers nothing has to fit but the sums of segments.
    const bool buffers = tile_buffers_ + row_buffers_ > 0;
    const int64_t chunk = buffers || !reduction ? std::clamp(fit, kSegment, kMaxChunk) : kMaxBareChunk;
    const int64_t length = plan_.length;
    const int64_t inner_rows = plan_.outer.empty() ? 1 : plan_.outer.back();
    // A word of a row that is stored in the place of an input is written once, after all of the row has read it.
    const bool stores_words = std::any_of(values_.begin(), values_.end(),
                                          [](const Value& v) { return v.per_row && v.stored != nullptr; });
    plan_.cut_columns = !reduction && !stores_words;
    if (length <= chunk) {
      plan_.chunk = length;
      plan_.block = std::clamp<int64_t>(chunk / length, 1, inner_rows);
    } else {
      const int64_t chunks = (length + chunk - 1) / chunk;
      plan_.chunk = ((length + chunks - 1) / chunks + kSegment - 1) / kSegment * kSegment;
      plan_.block = 1;
    }
    plan_.chunks = (length + plan_.chunk - 1) / plan_.chunk;
    plan_.units = plan_.cut_columns ? plan_.chunks : 1;
    for (size_t a = 0; a < plan_.outer.size(); a++) {
      plan_.units *= a + 1 < plan_.outer.size() ? plan_.outer[a] : (plan_.outer[a] + plan_.block - 1) / plan_.block;
    }
    double cost = 0;  // of a unit, in additions
    for (const Value& v : values_) cost += v.per_row && !reduces(v.op) ? 0 : cost_of(v.op);
    cost *= double(plan_.block) * double(plan_.cut_columns ? plan_.chunk : length);
    plan_.least_units = int64_t(kPart / cost) + 1;
  }

  int64_t reserve(int64_t words) {
    const int64_t at = plan_.scratch_words;
    plan_.scratch_words += (words + kLine - 1) / kLine * kLine + kLine;
    return at;
  }

  void write_steps() {
    plan_.scratch_words = 0;
    const int64_t chunk_words = plan_.block * plan_.chunk, row_words = plan_.block * plan_.length;
    std::vector<int64_t> tiles, rows;
    for (int32_t i = 0; i < tile_buffers_; i++) tiles.push_back(reserve(chunk_words));
    for (int32_t i = 0; i < row_buffers_; i++) rows.push_back(reserve(row_words));
    for (Value& v : values_) {
      if (!v.absorbed) v.place = place_of(v, tiles, rows);
    }
    for (size_t p = 0; p < matches_.size(); p++) write_program(matches_[p], plan_.phases[p]);
    for (int32_t at : order_) {
      const Value& v = values_[size_t(at)];
      if (v.in_program) continue;
      RowsPlan::Step s{};
      const bool per_row_step = v.per_row && !reduces(v.op);
      s.kind = reduces(v.op) ? RowsPlan::Step::kReduce : per_row_step ? RowsPlan::Step::kPerRow : RowsPlan::Step::kColumns;
      s.canonical = v.canonical;
      s.first = v.first;
      s.position = v.first_at;
      s.op = v.op;
      s.type = v.type;
      s.operands = int32_t(v.operands.size());
      for (size_t k = 0; k < v.operands.size(); k++) {
        s.in[k] = v.operands[k] >= 0 ? v.operands[k] : value(v.operands[k]).place;
      }
      s.out = v.place;
      s.flat = s.kind == RowsPlan::Step::kColumns && plan_.places[size_t(s.out)].pitch == plan_.length;
      for (int32_t k = 0; k < s.operands; k++) {
        const RowsPlan::Place& p = plan_.places[size_t(s.in[k])];
        s.flat = s.flat && p.pitch == (p.vector ? plan_.length : 0);
      }
      if (s.kind == RowsPlan::Step::kReduce) {
        s.so_far = reserve(kGroupWords);
      }
      if (v.phase < 0) plan_.before.push_back(s);
      else if (per_row_step) plan_.phases[size_t(v.phase)].per_row.push_back(s);
      else plan_.phases[size_t(v.phase)].columns.push_back(s);
    }
  }

  // A selection between new rows and those that lie where it is stored, as of one row in a cache: it copies bits.
  void find_changes() {
    if (k_.instructions.size() != 1 || k_.instructions[0].op != kWhere || k_.stores.size() != 1) return;
    const std::vector<int32_t>& operands = k_.instructions[0].operands;
    const Rows::Input& kept = k_.inputs[size_t(operands[2])];
    int64_t stride = 1;
    for (size_t a = k_.dims.size(); a-- > 0; stride *= k_.dims[a]) {
      if (k_.dims[a] > 1 && kept.strides[a] != stride) return;
    }
    if (kept.data == k_.stores[0].data && !full(operands[0])) plan_.changes = operands[0];
  }

  void find_only() {
    if (k_.instructions.size() != 1 || values_.size() != 1 || plan_.outer.size() > 1) return;
    const Value& v = values_[0];
    if (!reduces(v.op) || v.type != kF32 || v.stored == nullptr) return;
    const RowsPlan::Place& x = plan_.places[size_t(v.operands[0])];
    plan_.only = {v.op, reinterpret_cast<const float*>(x.data), x.pitch, product(plan_.outer),
                  reinterpret_cast<float*>(v.stored)};
  }

  void write_program(const Match& match, RowsPlan::Phase& phase) {
    if (match.program < 0) return;
    phase.program = match.program;
    for (int32_t x : match.operands) phase.in.push_back(x >= 0 ? x : value(x).place);
    for (int32_t i : match.steps) {
      phase.out.push_back(values_[size_t(i)].place);
      phase.so_far.push_back(reduces(values_[size_t(i)].op) ? reserve(kGroupWords) : 0);
    }
  }

  int32_t place_of(const Value& v, const std::vector<int64_t>& tiles, const std::vector<int64_t>& rows) {
    RowsPlan::Place p{};
    p.vector = !v.per_row;
    p.pitch = v.per_row ? 1 : plan_.length;
    p.whole_rows = !v.per_row;
    Word* const output = v.stored != nullptr ? v.stored : v.borrowed;
    if (output != nullptr) {
      p.data = reinterpret_cast<int32_t*>(output);
      int64_t stride = p.pitch;
      p.strides.resize(plan_.outer.size());
      for (size_t a = plan_.outer.size(); a-- > 0; stride *= plan_.outer[a]) p.strides[a] = stride;
    } else if (v.per_row) {
      p.offset = reserve(plan_.block);
    } else {
      p.offset = v.row_buffer ? rows[size_t(v.buffer)] : tiles[size_t(v.buffer)];
      p.whole_rows = v.row_buffer;
    }
    plan_.places.push_back(std::move(p));
    return int32_t(plan_.places.size()) - 1;
  }

  Rows k_;
  RowsPlan plan_{};
  std::vector<Value> values_;
  std::vector<int32_t> order_;
  std::vector<Match> matches_;      // of each phase
  std::vector<int32_t> last_read_;  // of each input: position of the last step that reads it
  int32_t tile_buffers_ = 0, row_buffers_ = 0;
  bool moved_ = false;
};

}  // namespace

std::shared_ptr<const RowsPlan> plan_rows(const Rows& kernel) {
  return std::make_shared<RowsPlan>(Planner(kernel).make());
}

}  // namespace repops
