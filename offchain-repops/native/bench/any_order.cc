// Row sums and softmax with the same exp, adding in whichever order is fastest: what rows.cc is measured beside. Compiled
// once for each instruction set.
#include "any_order.h"

#include "../kernels/isa.h"
#include "../kernels/transcendentals.inc.h"

namespace repops::REPOPS_ISA {
namespace {

void sums_in_any_order(const float* x, int64_t rows, int64_t n, float* out) {
  for (int64_t r = 0; r < rows; r++, x += n) {
    F sum[4] = {};
    int64_t i = 0;
    for (; i + 4 * W <= n; i += 4 * W) {
      for (int k = 0; k < 4; k++) sum[k] += load(x + i + k * W);
    }
    for (; i + W <= n; i += W) sum[0] += load(x + i);
    const F s = (sum[0] + sum[1]) + (sum[2] + sum[3]);
    float total = 0;
    for (; i < n; i++) total += x[i];
    for (int k = 0; k < W; k++) total += s[k];
    out[r] = total;
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
    const F m = greater(greater(most[0], most[1]), greater(most[2], most[3]));
    float top = m[0];
    for (int k = 1; k < W; k++) top = m[k] > top ? m[k] : top;
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
      for (int64_t k = 0; k < rest; k++) sum[0][0] += e[k];
    }
    sum[0] += sum[1];
    float total = 0;
    for (int k = 0; k < W; k++) total += sum[0][k];
    for (i = 0; i + W <= n; i += W) store(out + i, load(out + i) / splat(total));
    if (i < n) store_first(out + i, load_first(out + i, n - i) / splat(total), n - i);
  }
}

}  // namespace

extern const AnyOrder any_order;
const AnyOrder any_order = {sums_in_any_order, softmax_in_any_order};

}  // namespace repops::REPOPS_ISA
