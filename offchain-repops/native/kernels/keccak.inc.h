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

// A round is one piece of code with what surrounds it, or the state goes through memory; in WebAssembly it is a function,
// because V8 keeps less of a longer one in registers.
#define REPOPS_INLINE __attribute__((always_inline)) inline
#if defined(__wasm__)
#define REPOPS_ROUND __attribute__((noinline)) inline
#else
#define REPOPS_ROUND REPOPS_INLINE
#endif

// Where the lane (x, y) lies after so many rounds. A row that χ makes takes the places of the lanes that it is made of,
// so that none moves; after four rounds all are where they were (Bertoni et al.: Keccak implementation overview, 2012,
// section 2.5).
constexpr int place(int rounds, int x, int y) {
  for (; rounds > 0; rounds--) y = x + 2 * y;
  return x % 5 + 5 * (y % 5);
}

// Row Y of the next state: lanes changed by θ, where ρ and π take them, then χ. θ's change of a column is made once:
// five exclusive ors more, but of two operands. Of three operands Zen 4 starts half as many a cycle, where they are
// fresh.
template <int round, int Y, int... X>
REPOPS_INLINE void make_row(Lanes (&a)[25], const Lanes (&change)[5], std::integer_sequence<int, X...>) {
  const Lanes b[5] = {rotate<kKeccak.rotations[(X + 3 * Y) % 5 + 5 * X]>(a[place(round, X + 3 * Y, X)] ^
                                                                         change[(X + 3 * Y) % 5])...};
  ((a[place(round + 1, X, Y)] = chi(b[X], b[(X + 1) % 5], b[(X + 2) % 5])), ...);
}

template <int round, int... I>
REPOPS_ROUND void keccak_round(Lanes (&a)[25], uint64_t constant, std::integer_sequence<int, I...> five) {
  const Lanes sums[5] = {xor3(xor3(a[place(round, I, 0)], a[place(round, I, 1)], a[place(round, I, 2)]),
                              a[place(round, I, 3)], a[place(round, I, 4)])...};
  const Lanes change[5] = {(sums[(I + 4) % 5] ^ rotate<1>(sums[(I + 1) % 5]))...};
  (make_row<round, I>(a, change, five), ...);
  a[0] ^= constant;
}

inline void permute(KeccakState& s) {
#pragma GCC unroll 1
  for (int round = 0; round < 24; round += 4) {
    const uint64_t* constants = kKeccak.rounds + round;
    keccak_round<0>(s.a, constants[0], Five());
    keccak_round<1>(s.a, constants[1], Five());
    keccak_round<2>(s.a, constants[2], Five());
    keccak_round<3>(s.a, constants[3], Five());
  }
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
#pragma GCC unroll 8
      for (int i = 0; i < kLanes; i++) rows[i] = lanes(messages[i] + 8 * w);
      exchange_all<1>(rows);
#pragma GCC unroll 8
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

  static Lanes lanes(const uint8_t* bytes) {
    Lanes lanes;
    std::memcpy(&lanes, bytes, sizeof lanes);
    return lanes;
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
