// A GPU on the host, for the kernel sources: every thread of a block is a fiber, blocks run one after the other. Barriers,
// shuffles and matches hand over to the next fiber, so that what a kernel reads without waiting for it is really missing.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#define __global__
#define __device__
#define __constant__
#define __shared__ static
#define __forceinline__ inline
#define __noinline__ __attribute__((noinline))
#define __launch_bounds__(...)
#define __align__(bytes) __attribute__((aligned(bytes)))
#define DYNAMIC_SHARED(type, name) type* const name = (type*)gpu::dynamic_shared

namespace gpu {

struct Index {
  unsigned x = 0;
};

extern unsigned char* dynamic_shared;

void wait_block();
void wait_warp();
// What lane `from` of this warp gave in the same call; lanes beyond the warp give back one's own.
uint32_t exchange(uint32_t value, int from);
// Lanes of this warp that gave the same value.
uint32_t match(uint32_t value);

}  // namespace gpu

extern gpu::Index threadIdx, blockIdx, blockDim, gridDim;

struct float4 {
  float x, y, z, w;
};
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }

inline uint32_t __float_as_uint(float x) { uint32_t u; std::memcpy(&u, &x, 4); return u; }
inline float __uint_as_float(uint32_t u) { float x; std::memcpy(&x, &u, 4); return x; }
// The GPU's own NaN, so that a kernel which relies on it is seen.
inline float gpu_result(float x) { return x != x ? __uint_as_float(0x7fffffffu) : x; }
inline float __fadd_rn(float a, float b) { return gpu_result(a + b); }
inline float __fsub_rn(float a, float b) { return gpu_result(a - b); }
inline float __fmul_rn(float a, float b) { return gpu_result(a * b); }
inline float __fdiv_rn(float a, float b) { return gpu_result(a / b); }
inline float __fsqrt_rn(float a) { return gpu_result(std::sqrt(a)); }
inline float __fmaf_rn(float a, float b, float c) { return gpu_result(__builtin_fmaf(a, b, c)); }
inline float __int2float_rn(int32_t x) { return (float)x; }
inline float __uint2float_rn(uint32_t x) { return (float)x; }
inline int __clzll(long long x) { return x == 0 ? 64 : __builtin_clzll((unsigned long long)x); }
inline int __popc(unsigned x) { return __builtin_popcount(x); }

inline void __syncthreads() { gpu::wait_block(); }
inline void __syncwarp() { gpu::wait_warp(); }
inline uint32_t __shfl_down_sync(unsigned, uint32_t value, int by) {
  return gpu::exchange(value, (int)(threadIdx.x % 32) + by);
}
inline uint32_t __match_any_sync(unsigned, uint32_t value) { return gpu::match(value); }
inline uint32_t atomicAdd(uint32_t* at, uint32_t value) { const uint32_t old = *at; *at += value; return old; }
