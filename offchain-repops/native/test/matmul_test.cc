// Random matrix products against the definition, bit by bit, on every instruction set of this machine:
//
//   matmul_test [NAME]
//
// What the committed vectors cannot reach: strides, batches that share a matrix, packed operands, blocks, many groups.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "../engine/choose.h"
#include "../engine/pool.h"

namespace {

using repops::MatMul;
using repops::Word;

// Parts in a shuffled order, on threads that exist in name only: bits may depend on neither.
class ShuffledPool final : public repops::Pool {
 public:
  explicit ShuffledPool(int threads) : memory_(threads) {}
  int threads() const override { return static_cast<int>(memory_.size()); }
  void run(int64_t parts, const std::function<void(int64_t, int)>& part) override {
    std::vector<int64_t> order(parts);
    for (int64_t i = 0; i < parts; i++) order[i] = i;
    std::shuffle(order.begin(), order.end(), random_);
    for (int64_t i = 0; i < parts; i++) part(order[i], static_cast<int>(i % threads()));
  }
  void* scratch(int thread, size_t bytes) override {
    memory_[thread].assign(bytes / sizeof(float) + 32, std::nanf(""));
    const auto address = reinterpret_cast<uintptr_t>(memory_[thread].data());
    return reinterpret_cast<void*>((address + 63) / 64 * 64);
  }

 private:
  std::vector<std::vector<float>> memory_;
  std::mt19937 random_{1};
};

Word bits(float x) {
  Word w;
  std::memcpy(&w, &x, sizeof w);
  return w;
}

float chain(const MatMul& m, const float* x, const float* y) {
  std::vector<float> values;
  for (int64_t start = 0; start < m.K; start += repops::kSegment) {
    float sum = 0;
    for (int64_t k = start; k < m.K && k < start + repops::kSegment; k++) {
      sum = std::fma(x[k * m.x_strides.column], y[k * m.y_strides.column], sum);
    }
    values.push_back(sum);
  }
  while (values.size() > 1) {
    std::vector<float> combined;
    for (size_t i = 0; i < values.size(); i++) {
      if (i % repops::kGroup == 0) combined.push_back(values[i]);
      else combined.back() = combined.back() + values[i];
    }
    values = combined;
  }
  return std::isnan(values[0]) ? std::nanf("") : values[0];
}

std::mt19937_64 random_words{7};
int64_t up_to(int64_t n) { return static_cast<int64_t>(random_words() % n); }

enum Family { kOrdinary, kTiny, kCorners, kAnyBits, kFamilies };

// Special values are rarer the longer the sums are, or every sum would be a NaN.
float value(Family family, int64_t K) {
  constexpr Word kCorner[] = {0x00000000, 0x80000000, 0x00000001, 0x80000001, 0x007fffff, 0x00800000, 0x3f800000,
                              0xbf800000, 0x7f7fffff, 0xff7fffff, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc12345};
  const Word random = static_cast<Word>(random_words());
  Word word = 0;
  const Word ordinary = (random & 0x81ffffff) | 0x3e000000;
  switch (family) {
    case kOrdinary: word = ordinary; break;
    // Products and sums that round to subnormals and to both zeros.
    case kTiny: word = (random & 0x80000000) | (random % 7 == 0 ? 0 : (random & 0x0fffffff) + 0x18000000); break;
    case kCorners: word = up_to(8 + K) == 0 ? kCorner[random % 14] : ordinary; break;
    default: word = up_to(1 + K / 4) == 0 ? random : ordinary;
  }
  float x;
  std::memcpy(&x, &word, sizeof x);
  return x;
}

struct Operand {
  std::vector<float> words;
  repops::Strides strides;
};

// A matrix for each element of the batch, in one of the ways in which programs lay them out.
Operand operand(const std::vector<int64_t>& batch, int64_t rows, int64_t columns, int layout, bool shared) {
  Operand o;
  const int64_t gap = layout >= 2 ? 3 : 0;
  int64_t size;
  if (layout % 2 == 0) {
    o.strides.row = columns + gap, o.strides.column = 1, size = rows * (columns + gap);
  } else {
    o.strides.row = 1, o.strides.column = rows + gap, size = columns * (rows + gap);
  }
  if (layout == 4) o.strides = {{}, 2 * columns + 5, 2}, size = rows * (2 * columns + 5);
  for (size_t axis = batch.size(); axis-- > 0;) {
    o.strides.batch.insert(o.strides.batch.begin(), shared && axis == 0 ? 0 : size);
    if (!(shared && axis == 0)) size *= batch[axis];
  }
  o.words.resize(size);
  return o;
}

int failures = 0;

void check(const repops::Kernels& kernels, std::vector<int64_t> batch, int64_t M, int64_t N, int64_t K,
           int64_t samples, bool alone = false) {
  const Family family = static_cast<Family>(up_to(kFamilies));
  int layouts[3] = {static_cast<int>(up_to(5)), static_cast<int>(up_to(5)), static_cast<int>(up_to(5))};
  if (alone) layouts[1] = layouts[2] = 0;
  Operand x = operand(batch, M, K, layouts[0], up_to(3) == 0), y = operand(batch, N, K, layouts[1], up_to(3) == 0);
  Operand out = operand(batch, M, N, layouts[2], false);
  for (float& word : x.words) word = value(family, K);
  for (float& word : y.words) word = value(family, K);
  const Word untouched = 0x7fabcdef;
  for (float& word : out.words) std::memcpy(&word, &untouched, sizeof word);

  MatMul m{batch, M, N, K, x.strides, y.strides, out.strides, x.words.data(), y.words.data(), out.words.data()};
  ShuffledPool pool(alone ? 1 : 1 + static_cast<int>(up_to(5)));
  std::vector<float> packed(!alone && up_to(2) == 0 ? kernels.packed_words(m) : 0);
  if (!packed.empty()) {
    kernels.pack(m, packed.data(), pool);
    m.packed_y = packed.data();
    m.y = nullptr;
  }
  kernels.matmul(m, pool);
  m.y = y.words.data();

  int64_t elements = M * N;
  for (int64_t extent : batch) elements *= extent;
  std::vector<bool> written(out.words.size());
  for (int64_t sample = 0; sample < elements; sample++) {
    int64_t index = sample / (M * N), row = sample / N % M, column = sample % N;
    int64_t at[3] = {row * x.strides.row, column * y.strides.row,
                     row * out.strides.row + column * out.strides.column};
    for (size_t axis = batch.size(); axis-- > 0; index /= batch[axis]) {
      at[0] += index % batch[axis] * x.strides.batch[axis];
      at[1] += index % batch[axis] * y.strides.batch[axis];
      at[2] += index % batch[axis] * out.strides.batch[axis];
    }
    written[at[2]] = true;
    if (elements > samples && up_to(elements) >= samples) continue;
    const Word wanted = bits(chain(m, x.words.data() + at[0], y.words.data() + at[1])), got = bits(m.out[at[2]]);
    if (wanted != got && failures++ < 20) {
      std::printf("%s: axes of batch %zu, M %lld, N %lld, K %lld, values %d, layouts %d %d %d, packed %d, threads %d: ",
                  kernels.name, batch.size(), (long long)M, (long long)N, (long long)K, family, layouts[0], layouts[1],
                  layouts[2], !packed.empty(), pool.threads());
      std::printf("element %lld is %08x, not %08x\n", (long long)sample, got, wanted);
    }
  }
  for (size_t i = 0; i < out.words.size(); i++) {
    if (!written[i] && bits(m.out[i]) != untouched && failures++ < 20) std::printf("it wrote outside of out\n");
  }
}

void check_all(const repops::Kernels& kernels) {
  constexpr int64_t kDepths[] = {1, 2, 15, 16, 17, 64, 255, 256, 257, 512, 700, 4095, 4096, 4097, 9000};
  for (int64_t K : kDepths) {
    for (int i = 0; i < 12; i++) {
      check(kernels, {}, 1 + up_to(i < 8 ? 20 : 150), 1 + up_to(i % 2 == 0 ? 20 : 150), K, 300);
    }
  }
  for (int i = 0; i < 100; i++) {
    check(kernels, {1 + up_to(4), 1 + up_to(4)}, 1 + up_to(40), 1 + up_to(70), 1 + up_to(300), 300);
  }
  // Many rows: blocks of rows, several panels, sums of several groups in out.
  for (int i = 0; i < 4; i++) {
    check(kernels, {}, 130 + up_to(100), 130 + up_to(100), 300 + up_to(300), 300);
    check(kernels, {5}, 90 + up_to(50), 90 + up_to(50), 100 + up_to(200), 300);
    check(kernels, {}, 70 + up_to(30), 33 + up_to(40), 4000 + up_to(6000), 200);
  }
  // Rows of y too many for the second cache, and one thread that packs them as it goes.
  for (int64_t K : {300, 1500}) check(kernels, {}, 150, 500, K, 300, true);
  check(kernels, {}, 700, 1, 70000, 20);
  check(kernels, {}, 1, 70, 70000, 20);
  check(kernels, {}, 71, 40, 66000, 20);
  check(kernels, {}, 2, 3, (int64_t{1} << 20) + 4097, 6);
}

}  // namespace

int main(int argc, char** argv) {
  for (const char* const* name = repops::runnable_kernels(); *name != nullptr; name++) {
    if (argc > 1 && std::string(argv[1]) != *name) continue;
    random_words.seed(7);
    check_all(*repops::choose_kernels(*name));
    if (failures == 0) std::printf("%s: matrix products agree\n", *name);
  }
  return failures == 0 ? 0 : 1;
}
