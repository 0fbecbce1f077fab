// The sequences of docs/spec/repops.md, section 3, operation by operation.
#pragma once
#include "platform.cuh"

__device__ __forceinline__ float fma_(float a, float b, float c) { return __fmaf_rn(a, b, c); }
__device__ __forceinline__ float add_(float a, float b) { return __fadd_rn(a, b); }
__device__ __forceinline__ float sub_(float a, float b) { return __fsub_rn(a, b); }
__device__ __forceinline__ float mul_(float a, float b) { return __fmul_rn(a, b); }
__device__ __forceinline__ float div_(float a, float b) { return __fdiv_rn(a, b); }
__device__ __forceinline__ float neg_(float a) { return f32(bits(a) ^ kSign); }

__device__ __forceinline__ float log2e() { return f32(0x3fb8aa3b); }
__device__ __forceinline__ float ln2() { return f32(0x3f317218); }
__device__ __forceinline__ float minus_ln2() { return f32(0xbf317218); }
__device__ __forceinline__ float ln2_rest() { return f32(0xb102e308); }
__device__ __forceinline__ float minus_ln2_rest() { return f32(0x3102e308); }
__device__ __forceinline__ float magic() { return f32(0x4b400000); }
__device__ __forceinline__ float infinity() { return f32(0x7f800000); }

// 2^n e^r for |r| < 0.35 and t = MAGIC + n: two factors, of which the first multiplies exactly.
__device__ __forceinline__ float exp_reduced(float r, float t) {
  float p = f32(0x3ab563a7);
  p = fma_(p, r, f32(0x3c091ef0));
  p = fma_(p, r, f32(0x3d2aac2c));
  p = fma_(p, r, f32(0x3e2aaa46));
  p = fma_(p, r, f32(0x3efffffe));
  p = fma_(p, r, 1.0f);
  p = fma_(p, r, 1.0f);
  const int32_t n = (int32_t)(bits(t) - 0x4b400000u);
  const int32_t half = n >> 1;
  return mul_(mul_(p, f32((Word)(half + 127) << 23)), f32((Word)(n - half + 127) << 23));
}

__device__ __forceinline__ float exp_(float x) {
  if (x != x) return f32(kNaN);
  if (x >= 89.0f) return infinity();
  if (x <= -104.0f) return 0.0f;
  const float t = fma_(x, log2e(), magic());
  const float n = sub_(t, magic());
  return exp_reduced(fma_(n, minus_ln2_rest(), fma_(n, minus_ln2(), x)), t);
}

// x = m 2^e with m in [sqrt(1/2), sqrt(2)), for 0 < x < infinity.
__device__ __forceinline__ float split(float x, float& e) {
  int32_t e0 = 0;
  if (bits(x) < 0x00800000u) {
    x = mul_(x, f32(0x4b000000));
    e0 = -23;
  }
  const Word k = bits(x) - 0x3f3504f3u;
  e = __int2float_rn(e0 + ((int32_t)k >> 23));
  return f32((k & 0x007fffffu) + 0x3f3504f3u);
}

__device__ __forceinline__ float log_(float x) {
  if (x != x || x < 0.0f) return f32(kNaN);
  if (x == 0.0f) return neg_(infinity());
  if (x == infinity()) return x;
  float e;
  const float f = sub_(split(x, e), 1.0f);
  const float s = div_(f, add_(2.0f, f));
  const float z = mul_(s, s);
  float p = f32(0x3e98f09b);
  p = fma_(p, z, f32(0x3eccaf69));
  p = fma_(p, z, f32(0x3f2aaabd));
  return fma_(e, ln2(), fma_(neg_(s), fma_(neg_(z), p, f), f));
}

__device__ __forceinline__ float tanh_(float x) {
  if (x != x) return f32(kNaN);
  const float t = f32(bits(x) & ~kSign);
  float y;
  if (t < f32(0x3f19999a)) {
    const float z = mul_(t, t);
    float p = f32(0xbbc14213);
    p = fma_(p, z, f32(0x3caa61a6));
    p = fma_(p, z, f32(0xbd5c4d59));
    p = fma_(p, z, f32(0x3e0884df));
    p = fma_(p, z, f32(0xbeaaaa9f));
    y = fma_(mul_(t, z), p, t);
  } else {
    y = sub_(1.0f, div_(2.0f, add_(exp_(add_(t, t)), 1.0f)));
  }
  return f32((bits(y) & ~kSign) | (bits(x) & kSign));
}

__device__ __forceinline__ float erf_(float x) {
  if (x != x) return f32(kNaN);
  const float t = f32(bits(x) & ~kSign);
  float y = 1.0f;
  if (t < f32(0x3f6d9168)) {
    const float z = mul_(t, t);
    float p = f32(0x38a79e47);
    p = fma_(p, z, f32(0xba5302c6));
    p = fma_(p, z, f32(0x3baa250a));
    p = fma_(p, z, f32(0xbcdc008d));
    p = fma_(p, z, f32(0x3de716b2));
    p = fma_(p, z, f32(0xbec093a0));
    p = fma_(p, z, f32(0x3e0375d4));
    y = fma_(t, p, t);
  } else if (t < 4.0f) {
    float p = f32(0x394c8ad0);
    p = fma_(p, t, f32(0xbb46e135));
    p = fma_(p, t, f32(0x3cb5cda0));
    p = fma_(p, t, f32(0xbdd4b4e7));
    p = fma_(p, t, f32(0xbf2323ae));
    p = fma_(p, t, f32(0xbf905619));
    p = fma_(p, t, f32(0xb9596a9b));
    y = sub_(1.0f, exp_(p));
  }
  return f32((bits(y) & ~kSign) | (bits(x) & kSign));
}

// 2/pi after one word of zeros.
__constant__ const Word kTwoOverPi[8] = {0,          0xa2f9836e, 0x4e441529, 0xfc2757d1,
                                         0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab};

// Bits i ... i + 31 of kTwoOverPi, i < 224.
__device__ __forceinline__ uint64_t window(int i) {
  const uint64_t pair = (uint64_t)kTwoOverPi[i >> 5] << 32 | kTwoOverPi[(i >> 5) + 1];
  return pair << (i & 31) >> 32;
}

// r + rest = t - q pi/2 modulo 2 pi, in [-pi/4, pi/4], for finite t >= +0. Exact but for the last bits of rest.
__device__ __forceinline__ float reduce_angle(float t, Word& q, float& rest) {
  q = 0;
  rest = 0.0f;
  if (t <= f32(0x3f490fdb)) return t;
  const int e = (int)(bits(t) >> 23);
  const uint64_t m = (bits(t) & 0x007fffffu) | 0x00800000u;
  const uint64_t P = (m * window(e - 120) << 32) + m * window(e - 88) + (m * window(e - 56) >> 32);
  q = (Word)((P + (1ull << 61)) >> 62);
  const uint64_t F = P << 2;
  const bool negative = (int64_t)F < 0;
  const uint64_t M = negative ? 0 - F : F;
  const int L = __clzll((long long)M);
  const Word top = (Word)(M << L >> 32);
  const Word c = (Word)((uint64_t)top * 0xc90fdaa2u >> 32);
  const float unit = f32(((Word)(127 - 31 - L) << 23) | (negative ? kSign : 0));
  const float whole = __uint2float_rn(c);
  // c - whole is at most half a unit of 24 bits: exact as an integer and as a float.
  rest = mul_(__int2float_rn((int32_t)((int64_t)c - (int64_t)whole)), unit);
  return mul_(whole, unit);
}

// sin(x) for turn = 0, cos(x) for turn = 1.
__device__ __forceinline__ float sin_cos(float x, Word turn) {
  const float t = f32(bits(x) & ~kSign);
  if (!(t < infinity())) return f32(kNaN);
  Word q;
  float rest;
  const float r = reduce_angle(t, q, rest);
  q += turn;
  const float z = mul_(r, r);
  float y;
  if ((q & 1) == 0) {
    float p = f32(0x363e1627);
    p = fma_(p, z, f32(0xb9502caa));
    p = fma_(p, z, f32(0x3c0888ba));
    p = fma_(p, z, f32(0xbe2aaaab));
    y = add_(fma_(mul_(r, z), p, rest), r);
  } else {
    float p = f32(0x37ccf406);
    p = fma_(p, z, f32(0xbab60614));
    p = fma_(p, z, f32(0x3d2aaaa5));
    p = fma_(p, z, f32(0xbf000000));
    y = fma_(p, z, 1.0f);
  }
  const Word flip = ((q & 2) << 30) ^ (turn == 0 ? bits(x) & kSign : 0);
  return f32(bits(y) ^ flip);
}

// a^b for 0 < a < infinity and finite b != 0. Names v, v_rest are unevaluated sums.
__device__ __forceinline__ float pow_positive(float a, float b) {
  float e;
  const float m = split(a, e);
  float d = sub_(m, 1.0f);
  d = add_(d, d);
  const float g = add_(m, 1.0f);
  const float g_rest = sub_(m, sub_(g, 1.0f));
  const float u = div_(d, g);
  const float u_rest = div_(fma_(neg_(u), g_rest, fma_(neg_(u), g, d)), g);
  const float z = mul_(u, u);
  const float z_rest = fma_(u, add_(u_rest, u_rest), fma_(u, u, neg_(z)));
  float p = f32(0x39f1858f);
  p = fma_(p, z, f32(0x3b121c30));
  p = fma_(p, z, f32(0x3c4ccd3e));
  p = fma_(p, z, f32(0xb1816c4b));
  const float twelfth = f32(0x3daaaaab);
  const float v = mul_(z, twelfth);
  const float v_rest = fma_(z, p, fma_(z_rest, twelfth, fma_(z, twelfth, neg_(v))));
  const float h = fma_(u, v, u);
  float h_rest = fma_(u, v, sub_(u, h));
  h_rest = fma_(u, v_rest, h_rest);
  h_rest = add_(fma_(u_rest, v, h_rest), u_rest);
  const float l = fma_(e, ln2(), h);
  const float l_rest = fma_(e, ln2_rest(), add_(sub_(h, fma_(e, minus_ln2(), l)), h_rest));
  const float y = mul_(b, l);
  if (y >= 89.0f) return infinity();
  if (y <= -104.0f) return 0.0f;
  const float y_rest = fma_(b, l_rest, fma_(b, l, neg_(y)));
  const float t = fma_(y, log2e(), magic());
  const float n = sub_(t, magic());
  return exp_reduced(add_(fma_(n, minus_ln2(), y), fma_(n, minus_ln2_rest(), y_rest)), t);
}

enum Parity { kNoInteger, kOdd, kEven };

__device__ __forceinline__ Parity parity(float b) {
  const Word size = bits(b) & ~kSign;
  if (size >= 0x4b800000u) return kEven;  // 2^24 and more; infinity counts as even
  if (size < 0x3f800000u) return size == 0 ? kEven : kNoInteger;
  const Word below = 150 - (size >> 23);  // bits of the significand after the binary point
  const Word m = (size & 0x007fffffu) | 0x00800000u;
  if ((m & ((1u << below) - 1)) != 0) return kNoInteger;
  return (m >> below & 1) != 0 ? kOdd : kEven;
}

__device__ __forceinline__ float pow_(float a, float b) {
  if (b == 0.0f || a == 1.0f) return 1.0f;
  if (a != a || b != b) return f32(kNaN);
  const float t = f32(bits(a) & ~kSign);
  const bool negative = (bits(a) & kSign) != 0;
  const Parity of_b = parity(b);
  const Word sign = negative && of_b == kOdd ? kSign : 0;
  if (t == 0.0f || t == infinity()) {
    const bool large = (t == 0.0f) == (b < 0.0f);
    return f32((large ? 0x7f800000u : 0) | sign);
  }
  if (b == infinity() || b == neg_(infinity())) {
    if (t == 1.0f) return 1.0f;
    return (t < 1.0f) == (b < 0.0f) ? infinity() : 0.0f;
  }
  if (negative && of_b == kNoInteger) return f32(kNaN);
  return f32(bits(pow_positive(t, b)) | sign);
}

// Too long to be inlined once for each element that a thread holds.
__device__ __noinline__ Word exp_f32(Word a) { return canonical(exp_(f32(a))); }
__device__ __noinline__ Word log_f32(Word a) { return canonical(log_(f32(a))); }
__device__ __noinline__ Word tanh_f32(Word a) { return canonical(tanh_(f32(a))); }
__device__ __noinline__ Word erf_f32(Word a) { return canonical(erf_(f32(a))); }
__device__ __noinline__ Word sin_f32(Word a) { return canonical(sin_cos(f32(a), 0)); }
__device__ __noinline__ Word cos_f32(Word a) { return canonical(sin_cos(f32(a), 1)); }
__device__ __noinline__ Word pow_f32(Word a, Word b) { return canonical(pow_(f32(a), f32(b))); }
