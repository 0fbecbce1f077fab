// Digests of binary32 results computed by the machine's own floating-point unit, for
// Float32Vectors.t.sol and exact.test.ts to compare theirs with.
//
//   gcc -O2 -mfma -ffp-contract=off -o /tmp/float32-vectors float32.c -lm
//   /tmp/float32-vectors > float32.json                   all digests
//   /tmp/float32-vectors fma 17                           operands and results of one batch
//   /tmp/float32-vectors dot 3                            results of one kind of dot segment
//
// Operands are a pure function of the vector's index (operands() below), written again in
// Float32Vectors.sol and in exact.ts, so nothing but the digests has to be kept. On ARM the flag
// -mfma goes away. Each op has `batches` digests, each over BATCH vectors.
#include <fenv.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 4096, DOTS = 64 };

static uint32_t bits(float x) {
    uint32_t u;
    memcpy(&u, &x, 4);
    return x != x ? 0x7fc00000u : u; // one NaN
}

static float number(uint32_t u) {
    float x;
    memcpy(&x, &u, 4);
    return x;
}

// ---- Operands -------------------------------------------------------------------------------

typedef struct {
    uint32_t a, b, c; // factors and addend
    uint32_t p;       // the product of a and b cut to 24 bits, or thereabouts
    uint32_t x;       // something around the integers
    uint32_t i;       // an integer of any width
} operands_t;

// The finalizer of MurmurHash3 (public domain): a permutation of the 32-bit words.
static uint32_t mix(uint32_t h) {
    h = (h ^ (h >> 16)) * 0x85ebca6bu;
    h = (h ^ (h >> 13)) * 0xc2b2ae35u;
    return h ^ (h >> 16);
}

static const uint32_t SPECIAL[16] = {
    0x00000000, 0x00000001, 0x00000002, 0x007fffff, 0x00800000, 0x00800001, 0x33800000, 0x3f000000,
    0x3f7fffff, 0x3f800000, 0x3f800001, 0x4b000000, 0x7f000000, 0x7f7fffff, 0x7f800000, 0x7fa00001};

// Sets the exponent, cut to what a finite number can have.
static uint32_t with_exponent(uint32_t w, int32_t e) {
    uint32_t cut = e < 0 ? 0 : e > 254 ? 254 : (uint32_t)e;
    return (w & 0x807fffffu) | cut << 23;
}

// Clears or sets the low bits of the fraction, or leaves one bit, as s says.
static uint32_t sparse(uint32_t w, uint32_t s) {
    uint32_t low = (1u << ((s >> 2) & 31) % 24) - 1;
    switch (s & 3) {
    case 0: return w;
    case 1: return w & ~low;
    case 2: return w | low;
    default: return (w & 0xff800000u) | ((low + 1) & 0x7fffffu);
    }
}

static operands_t operands(uint32_t index) {
    uint32_t w[8];
    for (uint32_t j = 0; j < 8; ++j) w[j] = mix(8 * index + j);
    uint32_t kind = w[7] & 15, aux = w[7] >> 4;
    uint32_t a = w[0], b = w[1], c = w[2];
    int32_t ea, eb, ec, sum;
    if (kind >= 2) {
        // Which exponents: kinds differ in where the product falls and where the addend does.
        if (kind < 4) { // near one
            ea = 115 + w[3] % 25, eb = 115 + w[4] % 25, ec = 115 + w[5] % 25;
        } else if (kind < 8) { // product and addend near each other, anywhere
            ea = w[3] % 255, eb = (int32_t)(w[4] % 255) + 127 - ea;
            eb = eb < 0 ? 0 : eb > 254 ? 254 : eb;
            ec = ea + eb - 127 + (int32_t)(w[5] % 61) - 30;
        } else if (kind < 10) { // at the subnormal boundary
            sum = 80 + (int32_t)(w[4] % 70);
            ea = w[3] % (uint32_t)(sum + 1), eb = sum - ea, ec = w[5] % 28;
        } else if (kind == 10) { // at the overflow boundary
            ea = 127 + w[3] % 128, eb = 384 - (int32_t)(w[4] % 7) - ea, ec = 254 - (int32_t)(w[5] % 30);
        } else if (kind == 11) { // a subnormal factor
            ea = 0, eb = 127 + w[4] % 128, ec = w[5] % 140;
        } else { // anywhere, far apart
            ea = w[3] % 255, eb = w[4] % 255, ec = w[5] % 255;
        }
        a = with_exponent(a, ea), b = with_exponent(b, eb), c = with_exponent(c, ec);
        if (kind & 1) a = sparse(a, aux), b = sparse(b, aux >> 7), c = sparse(c, aux >> 14);
        if (kind >= 14) { // each with an even chance one of the special values
            if (aux >> 21 & 1) a = SPECIAL[w[3] & 15] | (w[3] & 0x80000000u);
            if (aux >> 22 & 1) b = SPECIAL[w[4] & 15] | (w[4] & 0x80000000u);
            if (aux >> 23 & 1) c = SPECIAL[w[5] & 15] | (w[5] & 0x80000000u);
        }
    }
    // The product's leading bits and sign, up to three units off; wrapped where it has no exponent.
    uint64_t product = (uint64_t)((a & 0x7fffffu) | 0x800000u) * ((b & 0x7fffffu) | 0x800000u);
    uint32_t carry = (uint32_t)(product >> 47);
    uint32_t exponent = (a >> 23 & 255) + (b >> 23 & 255) - 127 + carry;
    uint32_t p = ((a ^ b) & 0x80000000u) | ((exponent & 255) << 23) |
                 ((uint32_t)(product >> (23 + carry)) & 0x7fffffu);
    p += aux % 7 - 3;
    if (kind == 4 || kind == 5) c = p ^ 0x80000000u; // cancels all but the product's lower half
    uint32_t x = with_exponent(sparse(w[6], aux >> 5), 120 + (int32_t)(w[5] % 44));
    uint32_t i = (w[6] ^ w[0]) >> (w[1] & 31);
    if (aux & 1) i = 0u - i;
    operands_t o = {a, b, c, p, x, i};
    return o;
}

// ---- Dot segments ---------------------------------------------------------------------------

// What the operands of a segment are like: least exponent and how many more, for x and for y.
static const struct { int32_t x, more_x, y, more_y; } SHAPE[16] = {
    {120, 11, 120, 11},   // 0: near one
    {90, 60, 90, 60},     // 1: wide
    {60, 130, 60, 130},   // 2: very wide
    {0, 186, 0, 186},     // 3: nearly anything
    {100, 20, 100, 20},   // 4: half of them zero
    {118, 14, 118, 14},   // 5: few bits, so that sums fall on ties
    {110, 20, 110, 20},   // 6: every second product cancels the one before it, or nearly
    {0, 65, 0, 65},       // 7: products below the least subnormal number
    {55, 20, 55, 20},     // 8: sums at the subnormal boundary
    {170, 16, 180, 16},   // 9: sums at the overflow boundary
    {120, 11, 120, 11},   // 10: now and then a special value
    {30, 98, 29, 99},     // 11: exponents at the ends only, where a frame may just hold them
    {0, 1, 0, 255},       // 12: zeros of both signs, or subnormal, times anything
    {0, 60, 0, 47},       // 13: sums that are nearly always zero
    {183, 3, 184, 2},     // 14: as large as can be, all fraction bits set
    {30, 40, 100, 30}};   // 15: a small gradient times activations

static float dot(uint32_t index) {
    uint32_t kind = index & 15;
    // Lengths: whole, whole but one, any.
    uint32_t length = index >> 4 & 1 ? 256 : index >> 5 & 1 ? 255 : 1 + mix(index) % 256;
    float acc = 0, x_before = 0, y_before = 0;
    for (uint32_t k = 0; k < length; ++k) {
        uint32_t x = mix(0x40000000u + 512 * index + 2 * k);
        uint32_t y = mix(0x40000001u + 512 * index + 2 * k);
        uint32_t draw = mix(x ^ y);
        uint32_t more_x = mix(draw) % (uint32_t)SHAPE[kind].more_x;
        uint32_t more_y = mix(draw + 1) % (uint32_t)SHAPE[kind].more_y;
        if (kind == 11) {
            more_x = draw & 1 ? 0 : (uint32_t)SHAPE[kind].more_x - (draw >> 1 & 1);
            more_y = draw & 4 ? 0 : (uint32_t)SHAPE[kind].more_y - (draw >> 3 & 1);
        }
        x = with_exponent(x, SHAPE[kind].x + (int32_t)more_x);
        y = with_exponent(y, SHAPE[kind].y + (int32_t)more_y);
        if (kind == 4 && draw & 1) x &= 0x80000000u;
        if (kind == 4 && draw & 2) y &= 0x80000000u;
        if (kind == 5) x &= 0xfff80000u, y &= 0xfff00000u;
        if (kind == 12 && draw & 255) x &= 0x80000000u;
        if (kind == 12 && draw % 400 == 7) y = SPECIAL[14 + (draw >> 9 & 1)];
        if (kind == 14) x |= 0x7fffffu, y |= 0x7fffffu, x &= 0x7fffffffu, y &= 0x7fffffffu;
        if (kind == 10 && draw % 300 == 0) x = SPECIAL[draw >> 16 & 15] | (draw & 0x80000000u);
        if (kind == 6 && k & 1) {
            x = bits(x_before), y = bits(y_before) ^ 0x80000000u;
            if (draw % 8 == 0) y += 1;
        }
        x_before = number(x), y_before = number(y);
        acc = fmaf(x_before, y_before, acc);
    }
    return acc;
}

// ---- Operators ------------------------------------------------------------------------------

static uint32_t f_fma(operands_t o) { return bits(fmaf(number(o.a), number(o.b), number(o.c))); }
static uint32_t f_add(operands_t o) { return bits(number(o.p) + number(o.c)); }
static uint32_t f_sub(operands_t o) { return bits(number(o.a) - number(o.c)); }
static uint32_t f_mul(operands_t o) { return bits(number(o.a) * number(o.b)); }
static uint32_t f_div(operands_t o) { return bits(number(o.p) / number(o.a)); }
static uint32_t f_sqrt(operands_t o) { return bits(sqrtf(number(o.p & 0x7fffffffu))); }
static uint32_t f_sqrt_any(operands_t o) { return bits(sqrtf(number(o.a))); }
static uint32_t f_neg(operands_t o) { return bits(-number(o.a)); }
static uint32_t f_abs(operands_t o) { return bits(fabsf(number(o.a))); }
static uint32_t f_floor(operands_t o) { return bits(floorf(number(o.x))); }
static uint32_t f_floor_any(operands_t o) { return bits(floorf(number(o.c))); }
static uint32_t f_round(operands_t o) { return bits(nearbyintf(number(o.x))); }
static uint32_t f_round_any(operands_t o) { return bits(nearbyintf(number(o.c))); }
static uint32_t f_from_int(operands_t o) { return bits((float)(int32_t)o.i); }
static uint32_t f_scalb(operands_t o) { return bits(scalbnf(number(o.p), (int)(o.i % 601) - 300)); }

static uint32_t f_to_int(operands_t o) {
    float x = number(o.x ^ (o.i & 0x40000000u)); // now and then far outside the integers
    if (x != x) return 0;
    if (x >= 2147483648.0f) return 0x7fffffffu;
    if (x < -2147483648.0f) return 0x80000000u;
    return (uint32_t)(int32_t)x;
}

// The C library has neither IEEE-754-2019 operator; C's comparison is the machine's.
static uint32_t f_min(operands_t o) {
    float x = number(o.p), y = number(o.c);
    if (x != x || y != y) return 0x7fc00000u;
    if (x == y) return signbit(x) ? bits(x) : bits(y);
    return bits(x < y ? x : y);
}
static uint32_t f_max(operands_t o) {
    float x = number(o.p), y = number(o.c);
    if (x != x || y != y) return 0x7fc00000u;
    if (x == y) return signbit(x) ? bits(y) : bits(x);
    return bits(x > y ? x : y);
}
// Bits 0 to 2: = < <= of p and c; bits 3 to 5: of p and -c, often equal; bits 6 to 8: of a and b.
static uint32_t compare(float x, float y) { return (x == y) | (x < y) << 1 | (x <= y) << 2; }
static uint32_t f_compare(operands_t o) {
    return compare(number(o.p), number(o.c)) | compare(number(o.p), number(o.c ^ 0x80000000u)) << 3 |
           compare(number(o.a), number(o.b)) << 6;
}

static const struct {
    const char *name;
    uint32_t batches;
    uint32_t (*compute)(operands_t);
} OPS[] = {
    {"fma", 256, f_fma},          {"add", 64, f_add},           {"sub", 64, f_sub},
    {"mul", 64, f_mul},           {"div", 64, f_div},           {"sqrt", 64, f_sqrt},
    {"sqrtAny", 16, f_sqrt_any},  {"neg", 16, f_neg},           {"abs", 16, f_abs},
    {"min", 32, f_min},           {"max", 32, f_max},           {"compare", 32, f_compare},
    {"floor", 32, f_floor},       {"floorAny", 16, f_floor_any}, {"roundEven", 32, f_round},
    {"roundEvenAny", 16, f_round_any}, {"fromInt32", 32, f_from_int}, {"toInt32", 32, f_to_int},
    {"scalb", 32, f_scalb}};

int main(int argc, char **argv) {
    const size_t count = sizeof OPS / sizeof OPS[0];
    if (argc == 3 && strcmp(argv[1], "dot") == 0) {
        for (uint32_t k = 0; k < DOTS; ++k) {
            uint32_t index = 16 * k + (uint32_t)atoi(argv[2]);
            printf("%u %08x\n", index, bits(dot(index)));
        }
        return 0;
    }
    if (argc == 3) {
        for (size_t n = 0; n < count; ++n) {
            if (strcmp(argv[1], OPS[n].name) != 0) continue;
            for (uint32_t k = 0; k < BATCH; ++k) {
                operands_t o = operands((uint32_t)atoi(argv[2]) * BATCH + k);
                printf("a %08x b %08x c %08x p %08x x %08x i %08x -> %08x\n", o.a, o.b, o.c, o.p, o.x,
                       o.i, OPS[n].compute(o));
            }
        }
        return 0;
    }
    printf("{\n");
    for (size_t n = 0; n < count; ++n) {
        printf("  \"%s\": [", OPS[n].name);
        for (uint32_t batch = 0; batch < OPS[n].batches; ++batch) {
            uint64_t digest = 0;
            for (uint32_t k = 0; k < BATCH; ++k) {
                digest = digest * 0x100000001b3u + OPS[n].compute(operands(batch * BATCH + k));
            }
            printf("%s\n    \"0x%016llx\"", batch ? "," : "", (unsigned long long)digest);
        }
        printf("\n  ],\n");
    }
    // One digest for each kind of dot segment, over DOTS of them.
    printf("  \"dot\": [");
    for (uint32_t kind = 0; kind < 16; ++kind) {
        uint64_t digest = 0;
        for (uint32_t k = 0; k < DOTS; ++k) digest = digest * 0x100000001b3u + bits(dot(16 * k + kind));
        printf("%s\n    \"0x%016llx\"", kind ? "," : "", (unsigned long long)digest);
    }
    printf("\n  ]\n}\n");
    return 0;
}
