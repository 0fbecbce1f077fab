// Random kernels that move data, and hashes, against their plain meaning, on every instruction set of this machine:
//
//   data_test [ROUNDS]
//
// What the committed vectors cannot reach: sizes at which kernels tile, transpose, cut and share their work, and every
// mixture of offsets, coefficients and divisors.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <numeric>

#include "../engine/choose.h"
#include "../engine/thread_pool.h"
#include "../engine/hashing.h"
#include "random.h"

namespace repops {
namespace {

constexpr Word kFill = 0xdeadbeef, kGuard = 0x5a5a5a5a;

std::vector<Word> random_words(int64_t count) {
  std::vector<Word> words(static_cast<size_t>(count));
  for (Word& w : words) w = random_word();
  return words;
}

int64_t product(const std::vector<int64_t>& dims) {
  return std::accumulate(dims.begin(), dims.end(), int64_t{1}, std::multiplies<>());
}

// A kernel's output with a word after it that nothing may write.
struct Output {
  std::vector<Word> words;
  explicit Output(int64_t count) : words(static_cast<size_t>(count) + 1, kGuard) {}
  Word* data() { return words.data(); }

  bool is(const std::vector<Word>& expected, const char* kernels, const char* what) const {
    for (size_t i = 0; i < expected.size(); i++) {
      if (words[i] == expected[i]) continue;
      std::printf("%s: %s, element %zu of %zu: %08x, should be %08x\n", kernels, what, i, expected.size(), words[i],
                  expected[i]);
      return false;
    }
    if (words.back() == kGuard) return true;
    std::printf("%s: %s is longer than it should be\n", kernels, what);
    return false;
  }
};

std::vector<Word> plain_move(const Move& m) {
  const size_t rank = m.out_dims.size();
  std::vector<Word> out;
  std::vector<int64_t> position(rank);
  for (int64_t e = 0, count = product(m.out_dims); e < count; e++) {
    int64_t rest = e;
    for (size_t a = rank; a-- > 0; rest /= m.out_dims[a]) position[a] = rest % m.out_dims[a];
    int64_t at = 0;
    for (size_t j = 0; j < m.in_dims.size() && at >= 0; j++) {
      const Move::Axis& axis = m.axes[j];
      int64_t v = axis.offset;
      for (const Move::Term& term : axis.terms) v += term.coefficient * position[term.axis];
      const bool inside = v >= 0 && v % axis.divisor == 0 && v / axis.divisor < m.in_dims[j];
      at = inside ? at * m.in_dims[j] + v / axis.divisor : -1;
    }
    out.push_back(at < 0 ? m.fill : m.x[at]);
  }
  return out;
}

// Permutations of axes that may be padded, cut or turned round; some large enough to be cut in parts.
Move permutation() {
  Move m{};
  const int rank = 1 + int(below(4));
  const int64_t longest = rank > 2 ? (chance(5) ? 60 : 9) : chance(30) ? 300 : 40;
  std::vector<int32_t> to(rank);
  std::iota(to.begin(), to.end(), 0);
  for (int i = rank - 1; i > 0; i--) std::swap(to[i], to[below(i + 1)]);
  const bool pads = chance(35), turns = chance(35);
  m.out_dims.resize(rank);
  for (int j = 0; j < rank; j++) {
    const int64_t dim = 1 + below(longest);
    m.in_dims.push_back(dim);
    m.out_dims[to[j]] = pads ? std::max<int64_t>(1, dim + below(5) - 2) : dim;
    const bool turned = turns && chance(40);
    m.axes.push_back({turned ? dim - 1 : pads ? below(5) - 2 : 0, 1, {{to[j], turned ? -1 : 1}}});
  }
  return m;
}

// Any map: windows, strides, dilations, expansions, divisors.
Move any_map() {
  Move m{};
  const int in_rank = int(below(5)), out_rank = int(below(5));
  for (int a = 0; a < out_rank; a++) m.out_dims.push_back(1 + below(out_rank < 3 ? 70 : 9));
  for (int j = 0; j < in_rank; j++) {
    m.in_dims.push_back(1 + below(12));
    Move::Axis axis{below(20) - 8, chance(67) ? 1 : 1 + below(4), {}};
    for (int32_t a = 0; a < out_rank; a++) {
      const int64_t coefficient = below(7) - 3;
      if (coefficient != 0 && chance(60)) axis.terms.push_back({a, coefficient});
    }
    m.axes.push_back(axis);
  }
  return m;
}

bool check_move(const Kernels& kernels, Pool& pool) {
  Move m = chance(50) ? permutation() : any_map();
  const std::vector<Word> x = random_words(product(m.in_dims));
  m.fill = kFill;
  m.x = x.data();
  Output out(product(m.out_dims));
  m.out = out.data();
  kernels.move(m, pool);
  return out.is(plain_move(m), kernels.name, "move");
}

bool check_concat(const Kernels& kernels, Pool& pool) {
  Concat c{1 + below(5), 1 + below(40), {}, {}, nullptr};
  std::vector<std::vector<Word>> inputs;
  for (int64_t k = 1 + below(8); k > 0; k--) {
    c.sizes.push_back(1 + below(chance(5) ? 3000 : 5));
    inputs.push_back(random_words(c.O * c.sizes.back() * c.I));
  }
  for (const auto& input : inputs) c.inputs.push_back(input.data());
  std::vector<Word> expected;
  for (int64_t o = 0; o < c.O; o++) {
    for (size_t k = 0; k < inputs.size(); k++) {
      const auto row = inputs[k].begin() + o * c.sizes[k] * c.I;
      expected.insert(expected.end(), row, row + c.sizes[k] * c.I);
    }
  }
  Output out(static_cast<int64_t>(expected.size()));
  c.out = out.data();
  kernels.concat(c, pool);
  return out.is(expected, kernels.name, "concat");
}

float plus(float a, float b) {
  const float sum = a + b;
  return sum == sum ? sum : __builtin_nanf("");
}

Word scattered(const Indexed& t, int64_t b, int64_t v, int64_t r) {
  const float* g = reinterpret_cast<const float*>(t.x) + (b * t.R + r) * t.Q;
  std::vector<float> values;
  for (int64_t start = 0; start < t.Q; start += kSegment) {
    float sum = 0;
    for (int64_t q = start; q < std::min(t.Q, start + kSegment); q++) {
      if (t.index[b * t.Q + q] == v) sum = plus(sum, g[q]);
    }
    values.push_back(sum);
  }
  while (values.size() > 1) {
    std::vector<float> groups;
    for (size_t i = 0; i < values.size(); i++) {
      if (i % kGroup == 0) groups.push_back(values[i]);
      else groups.back() = plus(groups.back(), values[i]);
    }
    values = groups;
  }
  Word bits;
  std::memcpy(&bits, values.data(), sizeof bits);
  return bits;
}

bool check_indexed(const Kernels& kernels, Pool& pool) {
  const bool many = chance(2);
  const int64_t B = 1 + below(3), V = 1 + below(chance(10) ? 400 : 20);
  const int64_t R = 1 + below(many ? 12 : 40), Q = 1 + below(many ? 70000 : chance(10) ? 6000 : 300);
  std::vector<int32_t> index(static_cast<size_t>(B * Q));
  for (int32_t& i : index) i = int32_t(chance(1) ? random_word() : uint32_t(below(V + 4) - 2));
  Indexed t{kGather, chance(50) ? kF32 : kI32, B, V, R, Q, nullptr, index.data(), nullptr};

  const std::vector<Word> x = random_words(B * V * R);
  std::vector<Word> expected;
  for (int64_t row = 0; row < B * Q; row++) {
    const int64_t v = index[row];
    for (int64_t r = 0; r < R; r++) {
      const Word missing = t.type == kF32 ? 0x7fc00000 : 0;
      expected.push_back(v < 0 || v >= V ? missing : x[(row / Q * V + v) * R + r]);
    }
  }
  Output rows(B * Q * R);
  t.x = x.data();
  t.out = rows.data();
  kernels.indexed(t, pool);
  if (!rows.is(expected, kernels.name, "gather")) return false;

  std::vector<float> g(static_cast<size_t>(B * R * Q));
  for (float& value : g) {
    value = chance(10) ? -0.0f : float(int32_t(random_word())) * (chance(70) ? 0x1p-29f : 0x1p-14f);
    const Word any = random_word();
    if (below(20000) == 0) std::memcpy(&value, &any, sizeof value);
  }
  Output sums(B * V * R);
  t.op = kScatterAdd;
  t.type = kF32;
  t.x = reinterpret_cast<const Word*>(g.data());
  t.out = sums.data();
  kernels.indexed(t, pool);
  for (int sample = 0; sample < 40; sample++) {
    const int64_t b = below(B), v = below(V), r = below(R);
    const Word is = sums.words[(b * V + v) * R + r], right = scattered(t, b, v, r);
    if (is == right) continue;
    std::printf("%s: scatter [%lld, %lld, %lld] of %lld at %lld %lld %lld: %08x, should be %08x\n", kernels.name,
                (long long)B, (long long)V, (long long)R, (long long)Q, (long long)b, (long long)v, (long long)r, is,
                right);
    return false;
  }
  return sums.words.back() == kGuard;
}

bool check_generate(const Kernels& kernels, Pool& pool) {
  const int64_t N = 1 + below(chance(10) ? 200000 : 300);
  const Context context{random_word(), uint64_t{random_word()} << 32 | random_word()};
  const uint32_t stream = random_word();
  std::vector<Word> words, numbers;
  for (int64_t e = 0; e < N; e++) {
    numbers.push_back(static_cast<Word>(e));
    uint32_t c[4] = {uint32_t(e / 4), uint32_t(uint64_t(e / 4) >> 32), uint32_t(context.step), stream};
    uint32_t k0 = uint32_t(context.seed), k1 = uint32_t(context.seed >> 32);
    for (int round = 0; round < 10; round++, k0 += 0x9e3779b9, k1 += 0xbb67ae85) {
      const uint64_t a = 0xd2511f53ull * c[0], b = 0xcd9e8d57ull * c[2];
      const uint32_t next[4] = {uint32_t(b >> 32) ^ c[1] ^ k0, uint32_t(b), uint32_t(a >> 32) ^ c[3] ^ k1, uint32_t(a)};
      std::memcpy(c, next, sizeof c);
    }
    words.push_back(c[e % 4]);
  }
  Output philox(N), iota(N), copied(N);
  kernels.generate({kPhilox, N, stream, philox.data()}, context, pool);
  kernels.generate({kIota, N, 0, iota.data()}, context, pool);
  kernels.copy({N, words.data(), copied.data()}, pool);
  return philox.is(words, kernels.name, "Philox") && iota.is(numbers, kernels.name, "Iota") &&
         copied.is(words, kernels.name, "copy");
}

// The root as the specification says it, one hash at a time; hashes themselves are proved by the recording.
std::vector<uint8_t> plain_root(const Kernels& kernels, Pool& pool, std::vector<Word> words) {
  const int64_t count = static_cast<int64_t>(words.size()), leaves = (count + kSegment - 1) / kSegment;
  std::vector<uint8_t> row(static_cast<size_t>(leaves * kHashBytes)), hashes(row.size());
  leaf_hashes(kernels, pool, words.data(), count, hashes.data());
  words.resize(static_cast<size_t>(leaves * kSegment));
  for (int64_t i = 0; i < leaves; i++) {
    kernels.keccak(reinterpret_cast<const uint8_t*>(words.data() + i * kSegment), kLeafBytes, 1, &row[i * kHashBytes]);
  }
  if (hashes != row) return {};
  std::vector<uint8_t> zero(kHashBytes), pair;
  while (row.size() > kHashBytes) {
    if (row.size() % (2 * kHashBytes) != 0) row.insert(row.end(), zero.begin(), zero.end());
    std::vector<uint8_t> above(row.size() / 2);
    for (size_t i = 0; i < above.size(); i += kHashBytes) kernels.keccak(&row[2 * i], 2 * kHashBytes, 1, &above[i]);
    row = above;
    pair = zero;
    pair.insert(pair.end(), zero.begin(), zero.end());
    kernels.keccak(pair.data(), 2 * kHashBytes, 1, zero.data());
  }
  return row;
}

// Roots of some tensors, made beside the parts of a kernel, or after it.
bool check_hashing(const Kernels& kernels, Pool& pool) {
  Hashing hashing(kernels, pool);
  std::vector<std::vector<Word>> tensors(1 + below(5));
  std::vector<uint8_t> roots(tensors.size() * kHashBytes);
  bool ok = true;
  for (size_t i = 0; i < tensors.size(); i++) {
    std::vector<Word>& words = tensors[i];
    words = random_words(1 + below(chance(10) ? 100000 : chance(50) ? 3000 : 100));
    const int64_t count = static_cast<int64_t>(words.size());
    ok = ok && !hashing.needs(words.data(), count);
    hashing.add(words.data(), count, &roots[i * kHashBytes]);
    ok = ok && hashing.needs(words.data() + count - 1, 1) && !hashing.needs(words.data() + count, 1);
    if (!chance(40)) continue;
    std::vector<std::atomic<int>> done(below(20));
    hashing.run(static_cast<int64_t>(done.size()), [&](int64_t part, int) { done[part]++; });
    for (const std::atomic<int>& times : done) ok = ok && times == 1;
    ok = ok && !hashing.needs(words.data(), count);
  }
  hashing.finish();
  for (size_t i = 0; i < tensors.size(); i++) {
    const std::vector<uint8_t> root = plain_root(kernels, pool, tensors[i]);
    ok = ok && !root.empty() && std::memcmp(&roots[i * kHashBytes], root.data(), kHashBytes) == 0;
  }
  if (!ok) std::printf("%s: the roots of %zu tensors\n", kernels.name, tensors.size());
  return ok;
}

}  // namespace
}  // namespace repops

int main(int count, char** arguments) {
  using namespace repops;
  const int rounds = count > 1 ? std::atoi(arguments[1]) : 1000;
  const FloatMode mode;
  ThreadPool one(1), three(3);
  for (int round = 0; round < rounds; round++) {
    const uint64_t seed = random_state;
    for (const char* const* name = runnable_kernels(); *name != nullptr; name++) {
      random_state = seed;
      const Kernels& kernels = *choose_kernels(*name);
      Pool& pool = round % 2 == 0 ? static_cast<Pool&>(one) : three;
      bool ok = check_concat(kernels, pool) && check_generate(kernels, pool) && check_indexed(kernels, pool) &&
                check_hashing(kernels, pool);
      for (int i = 0; i < 10; i++) ok = ok && check_move(kernels, pool);
      if (!ok) return 1;
    }
  }
  std::printf("%d rounds agree\n", rounds);
}
