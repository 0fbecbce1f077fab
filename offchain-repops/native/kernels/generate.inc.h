#pragma once

#include <utility>

#include "../engine/task.h"
#include "parallel.inc.h"

namespace repops::REPOPS_ISA::data {

// The 64-bit products of the lanes with m, cut in halves.
inline void multiply_wide(U x, uint32_t m, U& high, U& low) {
#if defined(__AVX512F__)
  const __m512i factor = _mm512_set1_epi32(static_cast<int>(m));
  const __m512i even = _mm512_maskz_mul_epu32(0xff, (__m512i)x, factor);
  const __m512i odd = _mm512_maskz_mul_epu32(0xff, _mm512_maskz_srli_epi64(0xff, (__m512i)x, 32), factor);
  high = (U)_mm512_mask_blend_epi32(0xaaaa, _mm512_maskz_srli_epi64(0xff, even, 32), odd);
  low = (U)_mm512_mask_blend_epi32(0xaaaa, even, _mm512_maskz_slli_epi64(0xff, odd, 32));
#elif defined(__AVX2__)
  const __m256i factor = _mm256_set1_epi32(static_cast<int>(m));
  const __m256i even = _mm256_mul_epu32((__m256i)x, factor);
  const __m256i odd = _mm256_mul_epu32(_mm256_srli_epi64((__m256i)x, 32), factor);
  high = (U)_mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xaa);
  low = (U)_mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xaa);
#elif defined(__ARM_NEON)
  const uint32x2_t factor = vdup_n_u32(m);
  const uint32x4_t first = vreinterpretq_u32_u64(vmull_u32(vget_low_u32((uint32x4_t)x), factor));
  const uint32x4_t last = vreinterpretq_u32_u64(vmull_u32(vget_high_u32((uint32x4_t)x), factor));
  high = (U)vuzp2q_u32(first, last);
  low = (U)vuzp1q_u32(first, last);
#elif defined(__wasm_simd128__)
  const v128_t factor = wasm_u32x4_splat(m);
  const v128_t first = wasm_u64x2_extmul_low_u32x4((v128_t)x, factor);
  const v128_t last = wasm_u64x2_extmul_high_u32x4((v128_t)x, factor);
  high = (U)wasm_i32x4_shuffle(first, last, 1, 3, 5, 7);
  low = (U)wasm_i32x4_shuffle(first, last, 0, 2, 4, 6);
#elif defined(__SSE2__)
  const __m128i factor = _mm_set1_epi32(static_cast<int>(m)), upper = _mm_set1_epi64x(~int64_t{0xffffffff});
  const __m128i even = _mm_mul_epu32((__m128i)x, factor);
  const __m128i odd = _mm_mul_epu32(_mm_srli_epi64((__m128i)x, 32), factor);
  high = (U)_mm_or_si128(_mm_srli_epi64(even, 32), _mm_and_si128(odd, upper));
  low = (U)_mm_or_si128(_mm_andnot_si128(upper, even), _mm_slli_epi64(odd, 32));
#else
  for (int i = 0; i < W; i++) {
    const uint64_t product = uint64_t{x[i]} * m;
    high[i] = static_cast<uint32_t>(product >> 32);
    low[i] = static_cast<uint32_t>(product);
  }
#endif
}

// Lanes of a and b in turn, from their first or their second half.
template <int half, int... L>
inline U zip(U a, U b, std::integer_sequence<int, L...>) {
  return __builtin_shufflevector(a, b, (half * W / 2 + L / 2 + (L % 2) * W)...);
}

template <int half>
inline U zip(U a, U b) {
  return zip<half>(a, b, std::make_integer_sequence<int, W>());
}

// 4·W words, block after block.
struct PhiloxBlocks {
  U words[4];
};

// Philox4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel random numbers, as easy as 1, 2, 3; 2011) of the blocks
// first … first + W − 1; `first` is a multiple of W, so that all have the same upper word.
inline PhiloxBlocks philox(uint64_t first, uint32_t step, uint32_t stream, uint64_t seed) {
  U x0 = {}, x1 = U{} + static_cast<uint32_t>(first >> 32), x2 = U{} + step, x3 = U{} + stream;
  for (uint32_t i = 0; i < W; i++) x0[i] = i;
  x0 += static_cast<uint32_t>(first);
  uint32_t k0 = static_cast<uint32_t>(seed), k1 = static_cast<uint32_t>(seed >> 32);
  for (int round = 0; round < 10; round++, k0 += 0x9e3779b9, k1 += 0xbb67ae85) {
    U high0, low0, high1, low1;
    multiply_wide(x0, 0xd2511f53, high0, low0);
    multiply_wide(x2, 0xcd9e8d57, high1, low1);
    x0 = high1 ^ x1 ^ k0;
    x2 = high0 ^ x3 ^ k1;
    x1 = low1;
    x3 = low0;
  }
  const U even[2] = {zip<0>(x0, x2), zip<1>(x0, x2)}, odd[2] = {zip<0>(x1, x3), zip<1>(x1, x3)};
  return {{zip<0>(even[0], odd[0]), zip<1>(even[0], odd[0]), zip<0>(even[1], odd[1]), zip<1>(even[1], odd[1])}};
}

inline void philox_words(const Generate& task, const Context& context, Pool& pool) {
  const uint32_t step = static_cast<uint32_t>(context.step);
  for_runs(pool, parts_of(task.N, 4 * W), kGrain / (4 * W), [&](int64_t from, int64_t to, int) {
    for (int64_t at = from * 4 * W; at < least(task.N, to * 4 * W); at += 4 * W) {
      const PhiloxBlocks blocks = philox(static_cast<uint64_t>(at) / 4, step, task.stream, context.seed);
      if (at + 4 * W <= task.N) {
        std::memcpy(task.out + at, &blocks, sizeof blocks);
      } else {
        Word last[4 * W];
        std::memcpy(last, &blocks, sizeof last);
        copy_words(task.out + at, last, task.N - at);
      }
    }
  });
}

inline void iota_words(const Generate& task, Pool& pool) {
  for_runs(pool, task.N, kGrain, [&](int64_t from, int64_t to, int) {
    for (int64_t e = from; e < to; e++) task.out[e] = static_cast<Word>(e);
  });
}

inline void generate(const Generate& task, const Context& context, Pool& pool) {
  if (task.op == kPhilox) philox_words(task, context, pool);
  else iota_words(task, pool);
}

}  // namespace repops::REPOPS_ISA::data

namespace repops::REPOPS_ISA { using data::generate; }
