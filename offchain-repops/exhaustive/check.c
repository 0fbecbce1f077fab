/* Distance of a transcendental sequence from the correctly rounded function, in representable steps.
 *
 *   check exp|log|tanh|erf|sin|cos    over all 2^32 inputs
 *   check pow PAIRS                   over PAIRS pseudo-random pairs of five families
 *
 * Prints one JSON object: "steps" counts results by distance 0, 1, 2, 3 or more (a wrong NaN or sign
 * of zero counts as 3), "checksums" are over the bits of the results, one for each 2^26 inputs.
 *
 * The correctly rounded value is the double-precision one rounded to float; where that could be
 * wrong by a double rounding the long double function decides.
 */
#include "sequences.h"
#include <stdio.h>

enum { CHUNKS = 64, DISTANCES = 4 };
static uint64_t steps[DISTANCES];
static uint32_t checksums[CHUNKS];

static int64_t order(float x) {
  int32_t b = (int32_t)bits(x);
  return b < 0 ? INT64_C(-0x80000000) - b : b;
}

/* Whether d is so close to the middle between two floats that its own error could matter: its low 29
 * bits are what a normal float drops. Among subnormals, which drop more, it always could. */
static int near_middle(double d) {
  uint64_t u;
  memcpy(&u, &d, 8);
  uint32_t dropped = (uint32_t)u & 0x1fffffffu;
  return dropped - 0x0fffff00u < 0x200u || (fabs(d) < 0x1p-126 && fabs(d) > 0x1p-151);
}

static void count(float y, float right) {
  if (right != right) {
    steps[bits(y) == 0x7fc00000u ? 0 : 3]++;
  } else if (bits(y) == bits(right)) {
    steps[0]++;
  } else {
    int64_t distance = y != y ? 3 : llabs(order(y) - order(right));
    steps[distance == 0 || distance > 3 ? 3 : distance]++;
  }
}

#define CHECK_UNARY(NAME)                                                                          \
  static void check_##NAME(void) {                                                                 \
    for (int chunk = 0; chunk < CHUNKS; chunk++) {                                                 \
      uint32_t sum = 0x811c9dc5u;                                                                  \
      for (uint32_t i = 0; i < 1u << 26; i++) {                                                    \
        float x = unbits((uint32_t)chunk << 26 | i);                                               \
        float y = seq_##NAME(x);                                                                   \
        double d = NAME(x);                                                                        \
        count(y, near_middle(d) ? (float)NAME##l(x) : (float)d);                                   \
        sum = (sum ^ bits(y)) * 0x01000193u;                                                       \
      }                                                                                            \
      checksums[chunk] = sum;                                                                      \
    }                                                                                              \
  }
CHECK_UNARY(exp)
CHECK_UNARY(log)
CHECK_UNARY(tanh)
CHECK_UNARY(erf)
CHECK_UNARY(sin)
CHECK_UNARY(cos)

static uint64_t state = 88172645463325252ull;
static uint32_t random_bits(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t)(state >> 16);
}
static float uniform(float from, float to) { return from + (to - from) * (float)random_bits() * 0x1p-32f; }

static void check_pow(uint64_t pairs) {
  for (uint64_t i = 0; i < pairs; i++) {
    float a, b, y;
    switch (i % 5) {
    case 0: /* anything */
      a = unbits(random_bits());
      b = unbits(random_bits());
      break;
    case 1: /* results of every size */
      a = unbits(random_bits() & 0x7fffffffu);
      b = uniform(-104, 89) / logf(a);
      break;
    case 2: /* bases around 1, results of extreme size */
      a = uniform(0.5f, 1.5f);
      b = copysignf(uniform(80, 88), uniform(-1, 1)) / logf(a);
      break;
    case 3: /* bases around the seam at sqrt(1/2) */
      a = unbits(0x3f3504f3u + random_bits() % 0x10000 - 0x8000);
      b = copysignf(uniform(85, 88), uniform(-1, 1)) / logf(a);
      break;
    default: /* bases very near 1 */
      a = unbits(0x3f800000u + random_bits() % 0x4000 - 0x2000);
      b = copysignf(uniform(60, 88), uniform(-1, 1)) / logf(a);
    }
    y = seq_pow(a, b);
    double d = pow(a, b);
    count(y, near_middle(d) ? (float)powl(a, b) : (float)d);
  }
}

int main(int argc, char **argv) {
  const char *name = argc > 1 ? argv[1] : "";
  if (!strcmp(name, "exp")) check_exp();
  else if (!strcmp(name, "log")) check_log();
  else if (!strcmp(name, "tanh")) check_tanh();
  else if (!strcmp(name, "erf")) check_erf();
  else if (!strcmp(name, "sin")) check_sin();
  else if (!strcmp(name, "cos")) check_cos();
  else if (!strcmp(name, "pow") && argc > 2) check_pow(strtoull(argv[2], 0, 10));
  else {
    fprintf(stderr, "usage: check exp|log|tanh|erf|sin|cos, or check pow PAIRS\n");
    return 2;
  }
  printf("{\"steps\":[%llu,%llu,%llu,%llu],\"checksums\":[", (unsigned long long)steps[0],
         (unsigned long long)steps[1], (unsigned long long)steps[2], (unsigned long long)steps[3]);
  for (int i = 0; i < CHUNKS; i++) printf("%s%u", i ? "," : "", checksums[i]);
  printf("]}\n");
}
