// What rows.cc is measured beside, with the same exp and tanh. Compiled once for each instruction set.
#include "any_order.h"

#include <utility>

#include "../kernels/isa.h"
#include "../kernels/transcendentals.inc.h"

namespace repops::REPOPS_ISA {
namespace {

template <int w, int... lane>
F upper_lanes(F x, std::integer_sequence<int, lane...>) {
  return __builtin_shufflevector(x, x, (lane + w) % W...);
}
template <int w = W / 2, class Combine>
float across(F v, const Combine& combine) {
  if constexpr (w == 0) return v[0];
  else return across<w / 2>(combine(v, upper_lanes<w>(v, std::make_integer_sequence<int, W>())), combine);
}

constexpr auto add = [](F a, F b) { return a + b; };
constexpr auto larger = [](F a, F b) { return greater(a, b); };

void sums_in_any_order(const float* x, int64_t rows, int64_t n, float* out) {
  for (int64_t r = 0; r < rows; r++, x += n) {
    F sum[8] = {};
    int64_t i = 0;
    for (; i + 8 * W <= n; i += 8 * W) {
      for (int k = 0; k < 8; k++) sum[k] += load(x + i + k * W);
    }
    for (; i + W <= n; i += W) sum[0] += load(x + i);
    if (i < n) sum[1] += load_first(x + i, n - i);
    out[r] = across(((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7])), add);
  }
}

static float largest(const float* x, int64_t n) {
  F most[4];
  for (F& m : most) m = splat(x[0]);
  int64_t i = 0;
  for (; i + 4 * W <= n; i += 4 * W) {
    for (int k = 0; k < 4; k++) most[k] = greater(load(x + i + k * W), most[k]);
  }
  for (; i + W <= n; i += W) most[0] = greater(load(x + i), most[0]);
  float top = across(greater(greater(most[0], most[1]), greater(most[2], most[3])), larger);
  for (; i < n; i++) top = x[i] > top ? x[i] : top;
  return top;
}

void softmax_in_any_order(const float* x, int64_t rows, int64_t n, float* out) {
  for (int64_t r = 0; r < rows; r++, x += n, out += n) {
    const float top = largest(x, n);
    F sum[2] = {};
    int64_t i = 0;
    for (; i + 2 * W <= n; i += 2 * W) {
      for (int k = 0; k < 2; k++) {
        const F e = exp(load(x + i + k * W) - splat(top));
        store(out + i + k * W, e);
        sum[k] += e;
      }
    }
    for (; i < n; i += W) {
      const int64_t rest = n - i < W ? n - i : W;
      const F e = exp((rest < W ? load_first(x + i, rest) : load(x + i)) - splat(top));
      if (rest < W) store_first(out + i, e, rest);
      else store(out + i, e);
      sum[0] += rest < W ? select(lt(iota(), splat(int32_t(rest))), e, F{}) : e;
    }
    const F total = splat(across(sum[0] + sum[1], add));
    for (i = 0; i + W <= n; i += W) store(out + i, load(out + i) / total);
    if (i < n) store_first(out + i, load_first(out + i, n - i) / total, n - i);
  }
}

void maxima_in_any_order(const float* x, int64_t rows, int64_t n, float* out) {
  for (int64_t r = 0; r < rows; r++, x += n) out[r] = largest(x, n);
}

// n is a multiple of 4 * W in what follows.
void layer_norm_in_any_order(const float* x, const float* gamma, const float* beta, float epsilon, int64_t rows, int64_t n,
                             float* out) {
  const float part = 1.0f / float(n);
  for (int64_t r = 0; r < rows; r++, x += n, out += n) {
    F sum[4] = {};
    for (int64_t i = 0; i < n; i += 4 * W) {
      for (int k = 0; k < 4; k++) sum[k] += load(x + i + k * W);
    }
    const F mean = splat(across((sum[0] + sum[1]) + (sum[2] + sum[3]), add) * part);
    F squares[4] = {};
    for (int64_t i = 0; i < n; i += 4 * W) {
      for (int k = 0; k < 4; k++) {
        const F d = load(x + i + k * W) - mean;
        squares[k] = fma(d, d, squares[k]);
      }
    }
    const float variance = across((squares[0] + squares[1]) + (squares[2] + squares[3]), add) * part;
    const F deviation = sqrt(splat(variance + epsilon));
    for (int64_t i = 0; i < n; i += W) {
      store(out + i, fma((load(x + i) - mean) / deviation, load(gamma + i), load(beta + i)));
    }
  }
}

void gelu_in_any_order(const float* x, const float* bias, const float* constants, int64_t rows, int64_t n, float* out) {
  const F cubic = splat(constants[0]), linear = splat(constants[1]), half = splat(constants[2]);
  for (int64_t r = 0; r < rows; r++, x += n, out += n) {
    for (int64_t i = 0; i < n; i += W) {
      const F y = load(x + i) + load(bias + i);
      const F t = tanh(y * fma(y * y, cubic, linear));
      const F h = y * half;
      store(out + i, fma(h, t, h));
    }
  }
}

void cross_entropy_in_any_order(const float* x, const int32_t* target, int64_t rows, int64_t n, float scale, float* shifted,
                                float* logarithm, float* gradient) {
  for (int64_t r = 0; r < rows; r++, x += n, shifted += n, gradient += n) {
    float top;
    maxima_in_any_order(x, 1, n, &top);
    F sum[2] = {};
    int64_t i = 0;
    for (; i + 2 * W <= n; i += 2 * W) {
      for (int k = 0; k < 2; k++) {
        const F s = load(x + i + k * W) - splat(top), e = exp(s);
        store(shifted + i + k * W, s);
        store(gradient + i + k * W, e);
        sum[k] += e;
      }
    }
    float total = across(sum[0] + sum[1], add);
    for (; i < n; i++) {
      shifted[i] = x[i] - top;
      gradient[i] = exp(splat(shifted[i]))[0];
      total += gradient[i];
    }
    logarithm[r] = log(splat(total))[0];
    const F factor = splat(scale), all = splat(total);
    for (i = 0; i + W <= n; i += W) store(gradient + i, load(gradient + i) / all * factor);
    for (; i < n; i++) gradient[i] = gradient[i] / total * scale;
    gradient[target[r]] -= scale;
  }
}

void adam_in_any_order(float* w, const float* g, float* m, float* v, const float* constants, int64_t n) {
  F c[9];
  for (int k = 0; k < 9; k++) c[k] = splat(constants[k]);
  for (int64_t i = 0; i < n; i += W) {
    const F gradient = load(g + i) * c[0];
    const F first = fma(gradient, c[2], load(m + i) * c[1]);
    const F second = fma(gradient * gradient, c[4], load(v + i) * c[3]);
    store(m + i, first);
    store(v + i, second);
    store(w + i, fma(first / fma(sqrt(second), c[5], c[6]), c[8], load(w + i) * c[7]));
  }
}

}  // namespace

extern const AnyOrder any_order;
const AnyOrder any_order = {
    sums_in_any_order, maxima_in_any_order,        softmax_in_any_order, layer_norm_in_any_order,
    gelu_in_any_order, cross_entropy_in_any_order, adam_in_any_order,
};

}  // namespace repops::REPOPS_ISA
