// keccak-256 (Bertoni, Daemen, Peeters, Van Assche: The Keccak reference, 2011; original padding 0x01 … 0x80) of many
// messages of one length, one in each 64-bit lane of a vector.
#pragma once

#include <utility>

#include "isa.h"
#include "transpose.inc.h"

namespace repops::REPOPS_ISA::data {

#if defined(__AVX512F__)
constexpr int kLanes = 8;
#elif defined(__AVX2__)
constexpr int kLanes = 4;
#else
constexpr int kLanes = 2;
#endif

typedef uint64_t Lanes __attribute__((vector_size(8 * kLanes)));

constexpr int kRate = 17;                                   // words of a block
constexpr int kMostKeccakWords = (1088 / 8 / kRate + 1) * kRate;  // of a padded message

inline Lanes xor3(Lanes a, Lanes b, Lanes c) {
#if defined(__AVX512F__)
  return (Lanes)_mm512_ternarylogic_epi64((__m512i)a, (__m512i)b, (__m512i)c, 0x96);
#else
  return a ^ b ^ c;
#endif
}

// a ^ (~b & c)
inline Lanes chi(Lanes a, Lanes b, Lanes c) {
#if defined(__AVX512F__)
  return (Lanes)_mm512_ternarylogic_epi64((__m512i)a, (__m512i)b, (__m512i)c, 0xd2);
#else
  return a ^ (~b & c);
#endif
}

template <int N>
inline Lanes rotate(Lanes v) {
  if constexpr (N == 0) return v;
#if defined(__AVX512F__)
  return (Lanes)_mm512_maskz_rol_epi64(0xff, (__m512i)v, N);
#elif defined(__ARM_NEON)
  return (Lanes)vsriq_n_u64(vshlq_n_u64((uint64x2_t)v, N), (uint64x2_t)v, 64 - N);
#else
  return (v << N) | (v >> (64 - N));
#endif
}

struct KeccakConstants {
  int rotations[25] = {};  // of lane x + 5y
  uint64_t rounds[24] = {};

  constexpr KeccakConstants() {
    for (int t = 0, x = 1, y = 0; t < 24; t++) {  // triangular numbers along a walk through the lanes
      rotations[x + 5 * y] = (t + 1) * (t + 2) / 2 % 64;
      const int next = (2 * x + 3 * y) % 5;
      x = y;
      y = next;
    }
    uint32_t bits = 1;  // the register x⁸ + x⁶ + x⁵ + x⁴ + 1
    for (uint64_t& constant : rounds) {
      for (int j = 0; j < 7; j++, bits = bits << 1 ^ (bits >> 7) * 0x171) {
        if (bits & 1) constant |= uint64_t{1} << ((1 << j) - 1);
      }
    }
  }
};

constexpr KeccakConstants kKeccak;

struct KeccakState {
  Lanes a[25];
};

using Five = std::make_integer_sequence<int, 5>;

// θ of column X, then ρ and π: its lanes go to where χ wants them. The column's two neighbours are added up once: five
// exclusive ors more, but of two operands. Of three operands Zen 4 starts half as many a cycle, where they are fresh.
template <int X, int... Y>
inline void spread_column(const KeccakState& s, const Lanes (&sums)[5], Lanes (&b)[25],
                          std::integer_sequence<int, Y...>) {
  const Lanes change = sums[(X + 4) % 5] ^ rotate<1>(sums[(X + 1) % 5]);
  ((b[Y + 5 * ((2 * X + 3 * Y) % 5)] = rotate<kKeccak.rotations[X + 5 * Y]>(s.a[X + 5 * Y] ^ change)), ...);
}

template <int Y, int... X>
inline void mix_row(KeccakState& s, const Lanes (&b)[25], std::integer_sequence<int, X...>) {
  ((s.a[X + 5 * Y] = chi(b[X + 5 * Y], b[(X + 1) % 5 + 5 * Y], b[(X + 2) % 5 + 5 * Y])), ...);
}

template <int... I>
inline void keccak_round(KeccakState& s, uint64_t constant, std::integer_sequence<int, I...> five) {
  const Lanes sums[5] = {xor3(xor3(s.a[I], s.a[I + 5], s.a[I + 10]), s.a[I + 15], s.a[I + 20])...};
  Lanes b[25];
  (spread_column<I>(s, sums, b, five), ...);
  (mix_row<I>(s, b, five), ...);
  s.a[0] ^= constant;
}

inline void permute(KeccakState& s) {
#if defined(__AVX512F__)
  // All rounds written out, so that the state stays where it is in the registers: 7 % faster. Elsewhere it does not fit
  // them, and the code would outgrow the processor's store of decoded instructions.
#pragma GCC unroll 24
#endif
  for (const uint64_t constant : kKeccak.rounds) keccak_round(s, constant, Five());
}

template <int... I>
inline void absorb(KeccakState& s, const Lanes* block, std::integer_sequence<int, I...>) {
  ((s.a[I] ^= block[I]), ...);
}

// The padded messages as vectors, word after word; `blocks` of kRate words.
struct KeccakMessages {
  alignas(64) Lanes words[kMostKeccakWords];

  void read(const uint8_t* const (&messages)[kLanes], int64_t length, int64_t blocks) {
    const int64_t whole = length / 8;
    int64_t w = 0;
    for (; w + kLanes <= whole; w += kLanes) {
      Lanes rows[kLanes];
      for (int i = 0; i < kLanes; i++) std::memcpy(&rows[i], messages[i] + 8 * w, sizeof(Lanes));
      exchange_all<1>(rows);
      for (int i = 0; i < kLanes; i++) words[w + i] = rows[i];
    }
    for (; w < whole; w++) {
      for (int i = 0; i < kLanes; i++) words[w][i] = word(messages[i] + 8 * w, 8);
    }
    for (int i = 0; i < kLanes; i++) {
      const int64_t rest = length % 8;
      words[w][i] = word(messages[i] + 8 * w, rest) | uint64_t{1} << 8 * rest;
    }
    while (++w < blocks * kRate) words[w] = Lanes{};
    words[w - 1] ^= uint64_t{0x80} << 56;
  }

  static uint64_t word(const uint8_t* bytes, int64_t count) {
    uint64_t word = 0;
    std::memcpy(&word, bytes, static_cast<size_t>(count));
    return word;
  }
};

inline void keccak(const uint8_t* messages, int64_t length, int64_t count, uint8_t* digests) {
  const int64_t blocks = length / (8 * kRate) + 1;
  KeccakMessages padded;
  for (int64_t first = 0; first < count; first += kLanes) {
    const uint8_t* each[kLanes];
    for (int i = 0; i < kLanes; i++) each[i] = messages + least(first + i, count - 1) * length;
    padded.read(each, length, blocks);
    KeccakState state = {};
    for (int64_t block = 0; block < blocks; block++) {
      absorb(state, padded.words + block * kRate, std::make_integer_sequence<int, kRate>());
      permute(state);
    }
    for (int i = 0; i < kLanes && first + i < count; i++) {
      const uint64_t digest[4] = {state.a[0][i], state.a[1][i], state.a[2][i], state.a[3][i]};
      std::memcpy(digests + (first + i) * 32, digest, 32);
    }
  }
}

}  // namespace repops::REPOPS_ISA::data

namespace repops::REPOPS_ISA { using data::keccak; }
