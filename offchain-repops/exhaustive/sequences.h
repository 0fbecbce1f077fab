/* The transcendental sequences of docs/spec/repops.md, section 3, in C: the same operations in the
 * same order as src/numbers/. Compile with -ffp-contract=off. */
#pragma once
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static inline uint32_t bits(float x) { uint32_t u; memcpy(&u, &x, 4); return u; }
static inline float unbits(uint32_t u) { float x; memcpy(&x, &u, 4); return x; }
#define F(hex) unbits(hex)
#define FMA(a, b, c) __builtin_fmaf(a, b, c)

static const uint32_t SIGN = 0x80000000u;
static inline float nan_(void) { return F(0x7fc00000); }

/* x 2^n for -151 <= n <= 129 and x in [0.5, 2): the first product is exact. */
static inline float scale(float x, int32_t n) {
  int32_t half = n >> 1;
  return x * unbits((uint32_t)(half + 127) << 23) * unbits((uint32_t)(n - half + 127) << 23);
}

/* 2^n e^r for |r| < 0.35. */
static inline float exp_kernel(float r, int32_t n) {
  float p = F(0x3ab563a7);
  p = FMA(p, r, F(0x3c091ef0));
  p = FMA(p, r, F(0x3d2aac2c));
  p = FMA(p, r, F(0x3e2aaa46));
  p = FMA(p, r, F(0x3efffffe));
  p = FMA(p, r, 1.0f);
  p = FMA(p, r, 1.0f);
  return scale(p, n);
}

static inline float seq_exp(float x) {
  if (x != x) return nan_();
  if (x >= 89.0f) return INFINITY;
  if (x <= -104.0f) return 0.0f;
  float t = FMA(x, F(0x3fb8aa3b), F(0x4b400000));
  float n = t - F(0x4b400000);
  float r = FMA(n, F(0x3102e308), FMA(n, F(0xbf317218), x));
  return exp_kernel(r, (int32_t)(bits(t) - 0x4b400000u));
}

static inline float seq_log(float x) {
  if (x != x || x < 0) return nan_();
  if (x == 0) return -INFINITY;
  if (x == INFINITY) return x;
  int32_t e = 0;
  if (bits(x) < 0x00800000u) { x = x * F(0x4b000000); e = -23; }
  uint32_t k = bits(x) - 0x3f3504f3u;
  e += (int32_t)k >> 23;
  float f = unbits((k & 0x007fffffu) + 0x3f3504f3u) - 1.0f;
  float s = f / (2.0f + f);
  float z = s * s;
  float p = F(0x3e98f09b);
  p = FMA(p, z, F(0x3eccaf69));
  p = FMA(p, z, F(0x3f2aaabd));
  float d = FMA(-z, p, f);          /* f - R */
  float y = FMA(-s, d, f);          /* ln(1+f) */
  return FMA((float)e, F(0x3f317218), y);
}

static inline float seq_tanh(float x) {
  if (x != x) return nan_();
  float t = fabsf(x), y;
  if (t < 0.6f) {
    float z = t * t;
    float p = F(0xbbc14213);
    p = FMA(p, z, F(0x3caa61a6));
    p = FMA(p, z, F(0xbd5c4d59));
    p = FMA(p, z, F(0x3e0884df));
    p = FMA(p, z, F(0xbeaaaa9f));
    y = FMA(t * z, p, t);
  } else {
    y = 1.0f - 2.0f / (seq_exp(t + t) + 1.0f);
  }
  return unbits(bits(y) | (bits(x) & SIGN));
}

static inline float seq_erf(float x) {
  if (x != x) return nan_();
  float t = fabsf(x), y;
  if (t < 0.928f) {
    float z = t * t;
    float p = F(0x38a79e47);
    p = FMA(p, z, F(0xba5302c6));
    p = FMA(p, z, F(0x3baa250a));
    p = FMA(p, z, F(0xbcdc008d));
    p = FMA(p, z, F(0x3de716b2));
    p = FMA(p, z, F(0xbec093a0));
    p = FMA(p, z, F(0x3e0375d4));
    y = FMA(t, p, t);
  } else if (t < 4.0f) {
    float p = F(0x394c8ad0);
    p = FMA(p, t, F(0xbb46e135));
    p = FMA(p, t, F(0x3cb5cda0));
    p = FMA(p, t, F(0xbdd4b4e7));
    p = FMA(p, t, F(0xbf2323ae));
    p = FMA(p, t, F(0xbf905619));
    p = FMA(p, t, F(0xb9596a9b));
    y = 1.0f - seq_exp(p);
  } else y = 1.0f;
  return unbits(bits(y) | (bits(x) & SIGN));
}

static const uint32_t TWO_OVER_PI[8] = {0,          0xa2f9836e, 0x4e441529, 0xfc2757d1,
                                        0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab};

/* bits i ... i + 31 of TWO_OVER_PI */
static inline uint32_t window(int i) {
  uint64_t pair = (uint64_t)TWO_OVER_PI[i >> 5] << 32 | (i < 224 ? TWO_OVER_PI[(i >> 5) + 1] : 0);
  return (uint32_t)(pair << (i & 31) >> 32);
}

/* t >= 0 and finite: r + rest in [-pi/4, pi/4] with t = r + rest + quadrant pi/2 modulo 2 pi */
static inline float reduce(float t, uint32_t *quadrant, float *rest) {
  if (t <= F(0x3f490fdb)) {
    *quadrant = 0;
    *rest = 0;
    return t;
  }
  int e = (int)(bits(t) >> 23);
  uint64_t m = (bits(t) & 0x007fffffu) | 0x00800000u;
  uint64_t p = (m * window(e - 120) << 32) + m * window(e - 88) + (m * window(e - 56) >> 32);
  *quadrant = (uint32_t)((p + (1ull << 61)) >> 62);
  int64_t f = (int64_t)(p << 2);
  uint64_t magnitude = f < 0 ? -(uint64_t)f : (uint64_t)f;
  int zeros = __builtin_clzll(magnitude);
  if (zeros >= 30) abort(); /* the specification says that this never happens */
  uint32_t top = (uint32_t)(magnitude << zeros >> 32);
  uint32_t c = (uint32_t)((uint64_t)top * 0xc90fdaa2u >> 32);
  float unit = unbits((uint32_t)(127 - 31 - zeros) << 23);
  if (f < 0) unit = -unit;
  float whole = (float)c;
  *rest = (float)((int64_t)c - (int64_t)whole) * unit;
  return whole * unit;
}

static inline float sin_kernel(float r, float rest) {
  float z = r * r;
  float p = F(0x363e1627);
  p = FMA(p, z, F(0xb9502caa));
  p = FMA(p, z, F(0x3c0888ba));
  p = FMA(p, z, F(0xbe2aaaab));
  return FMA(r * z, p, rest) + r;
}
static inline float cos_kernel(float r) {
  float z = r * r;
  float p = F(0x37ccf406);
  p = FMA(p, z, F(0xbab60614));
  p = FMA(p, z, F(0x3d2aaaa5));
  p = FMA(p, z, F(0xbf000000));
  return FMA(p, z, 1.0f);
}
static inline float seq_sin(float x) {
  if (!(fabsf(x) < INFINITY)) return nan_();
  uint32_t q;
  float rest, r = reduce(fabsf(x), &q, &rest);
  float y = q & 1 ? cos_kernel(r) : sin_kernel(r, rest);
  return unbits(bits(y) ^ ((q & 2) << 30) ^ (bits(x) & SIGN));
}
static inline float seq_cos(float x) {
  if (!(fabsf(x) < INFINITY)) return nan_();
  uint32_t q;
  float rest, r = reduce(fabsf(x), &q, &rest);
  float y = q & 1 ? sin_kernel(r, rest) : cos_kernel(r);
  return unbits(bits(y) ^ (((q + 1) & 2) << 30));
}

/* a^b for 0 < a < inf, finite b != 0 */
static inline float pow_positive(float a, float b) {
  int32_t e = 0;
  if (bits(a) < 0x00800000u) { a = a * F(0x4b000000); e = -23; }
  uint32_t k = bits(a) - 0x3f3504f3u;
  e += (int32_t)k >> 23;
  float m = unbits((k & 0x007fffffu) + 0x3f3504f3u);
  /* u + ul = 2 (m - 1) / (m + 1) */
  float d = m - 1.0f; d = d + d;
  float g = m + 1.0f, gl = m - (g - 1.0f);
  float u = d / g;
  float ul = FMA(-u, gl, FMA(-u, g, d)) / g;
  /* ln m = (u + ul) (1 + V), V = z (c0 + ...), z = u^2 */
  float z = u * u;
  float zl = FMA(u, ul + ul, FMA(u, u, -z));
  float p = F(0x39f1858f);
  p = FMA(p, z, F(0x3b121c30));
  p = FMA(p, z, F(0x3c4ccd3e));
  p = FMA(p, z, F(0xb1816c4b));
  float v = z * F(0x3daaaaab);
  float vl = FMA(z, p, FMA(zl, F(0x3daaaaab), FMA(z, F(0x3daaaaab), -v)));
  float h = FMA(u, v, u);
  float hl = FMA(u, v, u - h);
  hl = FMA(u, vl, hl);
  hl = FMA(ul, v, hl) + ul;
  /* l + ll = ln a */
  float n = (float)e;
  float l = FMA(n, F(0x3f317218), h);
  float ll = h - FMA(n, F(0xbf317218), l);
  ll = FMA(n, F(0xb102e308), ll + hl);
  /* y + yl = b ln a */
  float y = b * l;
  if (y >= 89.0f) return INFINITY;
  if (y <= -104.0f) return 0.0f;
  float yl = FMA(b, ll, FMA(b, l, -y));
  float t = FMA(y, F(0x3fb8aa3b), F(0x4b400000));
  n = t - F(0x4b400000);
  float r = FMA(n, F(0xbf317218), y) + FMA(n, F(0x3102e308), yl);
  return exp_kernel(r, (int32_t)(bits(t) - 0x4b400000u));
}
static inline float seq_pow(float a, float b) {
  /* parity of b: 2 even integer, 1 odd integer, 0 not an integer */
  uint32_t bb = bits(b) & ~SIGN, ba = bits(a) & ~SIGN;
  if (bb == 0 || bits(a) == 0x3f800000u) return 1.0f;
  if (a != a || b != b) return nan_();
  int parity;
  if (bb >= 0x4b800000u) parity = 2;
  else if (bb < 0x3f800000u) parity = 0;
  else {
    uint32_t s = 150 - (bb >> 23), m = (bb & 0x007fffffu) | 0x00800000u;
    parity = m & ((1u << s) - 1) ? 0 : m >> s & 1 ? 1 : 2;
  }
  uint32_t sign = parity == 1 ? bits(a) & SIGN : 0;
  if (ba == 0 || ba == 0x7f800000u) {
    int large = (ba != 0) == (bits(b) >> 31 == 0);
    return unbits(sign | (large ? 0x7f800000u : 0));
  }
  if (bb == 0x7f800000u) {
    if (ba == 0x3f800000u) return 1.0f;
    int large = (ba > 0x3f800000u) == (bits(b) >> 31 == 0);
    return large ? INFINITY : 0;
  }
  if (bits(a) >> 31 && parity == 0) return nan_();
  return unbits(bits(pow_positive(unbits(ba), b)) | sign);
}
