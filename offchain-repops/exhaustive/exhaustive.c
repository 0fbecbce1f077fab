#include "sequences.h"
#include <stdio.h>
#include <stdlib.h>
int tiny_reductions;
typedef float (*fn)(float); typedef double (*dfn)(double); typedef long double (*lfn)(long double);
static inline int32_t order(float x) { int32_t b = (int32_t)bits(x); return b < 0 ? (int32_t)0x80000000 - b : b; }
/* correctly rounded, by double; by long double where the double lies near a rounding boundary */
#define CHECK(NAME, DF, LF) \
static void check_##NAME(uint32_t stride) { \
  uint64_t hist[8] = {0}, n = 0; uint32_t worst = 0; \
  for (uint64_t i = 0; i < (1ull << 32); i += stride, n++) { \
    float x = unbits((uint32_t)i); float y = seq_##NAME(x); double d = DF((double)x); float r = (float)d; \
    if (r != r) { if (bits(y) != 0x7fc00000u) hist[7]++; else hist[0]++; continue; } \
    if (bits(y) == bits(r)) { hist[0]++; continue; } \
    r = (float)LF((long double)x); \
    int64_t k = llabs((int64_t)order(y) - order(r)); if (k > 7 || y != y || (k == 0 && bits(y) != bits(r))) k = 7; \
    hist[k]++; if (k > 1) worst = (uint32_t)i; } \
  printf("%-5s n %llu exact %.4f%% 1: %llu 2: %llu 3: %llu 4+: %llu wrong %llu, e.g. %08x\n", #NAME, (unsigned long long)n, 100.0 * hist[0] / n, \
   (unsigned long long)hist[1], (unsigned long long)hist[2], (unsigned long long)hist[3], (unsigned long long)(hist[4]+hist[5]+hist[6]), (unsigned long long)hist[7], worst); fflush(stdout); }
CHECK(exp, exp, expl) CHECK(log, log, logl) CHECK(tanh, tanh, tanhl) CHECK(erf, erf, erfl) CHECK(sin, sin, sinl) CHECK(cos, cos, cosl)
int main(int c, char **v) {
  uint32_t s = c > 1 ? (uint32_t)atoi(v[1]) : 1;
  for (int i = 2; i < c; i++) {
#define RUN(NAME) if (!strcmp(v[i], #NAME)) check_##NAME(s);
    RUN(exp) RUN(log) RUN(tanh) RUN(erf) RUN(sin) RUN(cos) }
  printf("tiny %d\n", tiny_reductions); }
