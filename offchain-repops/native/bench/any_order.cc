// Row sums and softmax with the same exp, adding in whichever order is fastest: what rows.cc is measured beside. Compiled
// once for each instruction set.
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

void softmax_in_any_order(const float* x, int64_t rows, int64_t n, float* out) {
  for (int64_t r = 0; r < rows; r++, x += n, out += n) {
    F most[4];
    for (F& m : most) m = splat(x[0]);
    int64_t i = 0;
    for (; i + 4 * W <= n; i += 4 * W) {
      for (int k = 0; k < 4; k++) most[k] = greater(load(x + i + k * W), most[k]);
    }
    for (; i + W <= n; i += W) most[0] = greater(load(x + i), most[0]);
    float top = across(greater(greater(most[0], most[1]), greater(most[2], most[3])), larger);
    for (; i < n; i++) top = x[i] > top ? x[i] : top;
    F sum[2] = {};
    for (i = 0; i + 2 * W <= n; i += 2 * W) {
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

}  // namespace

extern const AnyOrder any_order;
const AnyOrder any_order = {sums_in_any_order, softmax_in_any_order};

}  // namespace repops::REPOPS_ISA
