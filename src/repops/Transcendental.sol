// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CountLeadingZeros} from "clz/CountLeadingZeros.sol";
import {Float32} from "./Float32.sol";

/// @title Transcendental
/// @notice The published sequences of exp, log, tanh, erf, sin, cos and pow: docs/spec/repops.md,
/// section 3. Step by step the same operations on the same constants, so the same bits.
/// @dev Values are binary32 patterns as in Float32; every function is total. A polynomial is one word
/// of coefficients, 32 bits each, c_0 highest and c_n lowest; a final fma(p, z, 1) of a sequence is
/// one more coefficient, 3f800000, on top. (A word of five has zeros on top, because Solidity takes
/// forty digits for an address.)
library Transcendental {
    uint256 private constant ONE = 0x3f800000;
    uint256 private constant SIGN = 0x80000000;
    uint256 private constant LOG2E = 0x3fb8aa3b;
    uint256 private constant LN2 = 0x3f317218;
    uint256 private constant MINUS_LN2 = 0xbf317218;
    uint256 private constant REST = 0xb102e308; // ln 2 - LN2
    uint256 private constant MINUS_REST = 0x3102e308;
    uint256 private constant MAGIC = 0x4b400000; // 1.5 * 2^23: adding it rounds to an integer
    uint256 private constant SQRT_HALF = 0x3f3504f3;

    uint256 private constant EXP_OVERFLOW = 0x42b20000; // 89
    uint256 private constant EXP_UNDERFLOW = 0xc2d00000; // -104
    uint256 private constant EXP = 0x3f800000_3f800000_3efffffe_3e2aaa46_3d2aac2c_3c091ef0_3ab563a7;

    uint256 private constant LOG = 0x3f2aaabd_3eccaf69_3e98f09b;

    uint256 private constant TANH_BRANCH = 0x3f19999a; // 0.6
    uint256 private constant TANH = 0x00000000_beaaaa9f_3e0884df_bd5c4d59_3caa61a6_bbc14213;

    uint256 private constant ERF_BRANCH = 0x3f6d9168; // 0.928
    uint256 private constant ERF_ONE = 0x40800000; // 4
    uint256 private constant ERF = 0x3e0375d4_bec093a0_3de716b2_bcdc008d_3baa250a_ba5302c6_38a79e47;
    uint256 private constant LOG_ERFC =
        0xb9596a9b_bf905619_bf2323ae_bdd4b4e7_3cb5cda0_bb46e135_394c8ad0;

    uint256 private constant QUARTER_PI = 0x3f490fdb;
    uint256 private constant HALF_PI_FIXED = 0xc90fdaa2; // pi / 2 * 2^31, truncated
    /// @dev The first 224 bits of 2 / pi after 32 zeros.
    uint256 private constant TWO_OVER_PI =
        0x00000000_a2f9836e_4e441529_fc2757d1_f534ddc0_db629599_3c439041_fe5163ab;
    uint256 private constant SIN = 0xbe2aaaab_3c0888ba_b9502caa_363e1627;
    uint256 private constant COS = 0x00000000_3f800000_bf000000_3d2aaaa5_bab60614_37ccf406;

    uint256 private constant TWELFTH = 0x3daaaaab;
    uint256 private constant POW = 0xb1816c4b_3c4ccd3e_3b121c30_39f1858f;

    /// @notice e^x.
    function exp(uint256 x) internal pure returns (uint256) {
        if (Float32.isNaN(x)) return Float32.NAN;
        if (x < SIGN && x >= EXP_OVERFLOW) return Float32.INFINITY;
        if (x >= EXP_UNDERFLOW) return 0;
        uint256 t = Float32.fma(x, LOG2E, MAGIC);
        uint256 n = Float32.sub(t, MAGIC);
        return _expReduced(Float32.fma(n, MINUS_REST, Float32.fma(n, MINUS_LN2, x)), t);
    }

    /// @dev 2^n * e^r for |r| < 0.35 and t = MAGIC + n.
    function _expReduced(uint256 r, uint256 t) private pure returns (uint256) {
        unchecked {
            return Float32.scalb(_poly(r, EXP), int256(t - MAGIC));
        }
    }

    /// @notice The natural logarithm.
    function log(uint256 x) internal pure returns (uint256) {
        if (x & Float32.MAGNITUDE == 0) return SIGN | Float32.INFINITY;
        if (x >= Float32.INFINITY) return x == Float32.INFINITY ? x : Float32.NAN;
        (uint256 m, uint256 e) = _split(x);
        uint256 f = Float32.sub(m, ONE);
        uint256 s = Float32.div(f, Float32.add(0x40000000, f));
        uint256 z = Float32.mul(s, s);
        uint256 t = Float32.fma(z ^ SIGN, _poly(z, LOG), f);
        return Float32.fma(e, LN2, Float32.fma(s ^ SIGN, t, f));
    }

    /// @dev x = m * 2^e with m in [sqrt 1/2, sqrt 2), for a finite x > 0. e is an f32 too.
    function _split(uint256 x) private pure returns (uint256 m, uint256 e) {
        unchecked {
            if (x < 0x00800000) {
                x = Float32.mul(x, 0x4b000000); // 2^23
                e = 23;
            }
            x -= SQRT_HALF;
            m = (x & 0x7fffff) + SQRT_HALF;
            e = Float32.fromInt32((uint256(int256(x) >> 23) - e) & 0xffffffff);
        }
    }

    /// @notice The hyperbolic tangent.
    function tanh(uint256 x) internal pure returns (uint256 y) {
        if (Float32.isNaN(x)) return Float32.NAN;
        uint256 t = x & Float32.MAGNITUDE;
        if (t < TANH_BRANCH) {
            uint256 z = Float32.mul(t, t);
            y = Float32.fma(Float32.mul(t, z), _poly(z, TANH), t);
        } else {
            y = Float32.add(exp(Float32.add(t, t)), ONE);
            y = Float32.sub(ONE, Float32.div(0x40000000, y));
        }
        return y | (x & SIGN);
    }

    /// @notice The error function.
    function erf(uint256 x) internal pure returns (uint256 y) {
        if (Float32.isNaN(x)) return Float32.NAN;
        uint256 t = x & Float32.MAGNITUDE;
        if (t < ERF_BRANCH) {
            y = Float32.fma(t, _poly(Float32.mul(t, t), ERF), t);
        } else if (t < ERF_ONE) {
            y = Float32.sub(ONE, exp(_poly(t, LOG_ERFC)));
        } else {
            y = ONE;
        }
        return y | (x & SIGN);
    }

    /// @notice The sine.
    function sin(uint256 x) internal pure returns (uint256 y) {
        y = _rotated(x & Float32.MAGNITUDE, 0);
        if (x & SIGN != 0) y = Float32.neg(y);
    }

    /// @notice The cosine.
    function cos(uint256 x) internal pure returns (uint256) {
        return _rotated(x & Float32.MAGNITUDE, 1);
    }

    /// @dev sin(t + q * pi / 2) for t >= +0.
    function _rotated(uint256 t, uint256 q) private pure returns (uint256 y) {
        if (t >= Float32.INFINITY) return Float32.NAN;
        uint256 r = t;
        uint256 rest = 0;
        if (t > QUARTER_PI) {
            uint256 turns;
            (r, rest, turns) = _reduced(t);
            unchecked {
                q += turns;
            }
        }
        uint256 z = Float32.mul(r, r);
        if (q & 1 == 0) {
            y = Float32.add(Float32.fma(Float32.mul(r, z), _poly(z, SIN), rest), r);
        } else {
            y = _poly(z, COS);
        }
        if (q & 2 != 0) y ^= SIGN;
    }

    /// @dev t = (r + rest) + q * pi / 2 with |r| <= pi / 4, modulo 2 pi, for t > pi / 4.
    function _reduced(uint256 t) private pure returns (uint256 r, uint256 rest, uint256 q) {
        unchecked {
            uint256 e = t >> 23; // 126 to 254
            // 96 bits of 2 / pi times the significand, as quadrants in 2.62 fixed point.
            uint256 p = (TWO_OVER_PI << (e - 120)) >> 160;
            p = uint64((p * ((t & 0x7fffff) | 0x800000)) >> 32);
            q = (p + (1 << 61)) >> 62;
            // What is beyond the quadrants, signed, then its magnitude.
            int256 f = int64(uint64(p << 2));
            p = uint256(f < 0 ? -f : f);
            uint256 zeros = CountLeadingZeros.clz(p) - 192; // at most 29
            uint256 c = (((p << zeros) >> 32) * HALF_PI_FIXED) >> 32; // 31 or 32 bits
            // c = whole + part, whole of 24 bits
            uint256 low = c >> 31 == 0 ? 7 : 8;
            uint256 whole = ((c + (1 << (low - 1)) - 1 + ((c >> low) & 1)) >> low) << low;
            uint256 part = c - whole;
            uint256 sign = uint256(f >> 255);
            r = Float32.round(sign, whole, zeros - 118);
            if (part != 0) {
                if (int256(part) < 0) (part, sign) = (whole - c, ~sign);
                rest = Float32.round(sign, part, zeros - 118);
            }
        }
    }

    /// @notice a^b, with the special cases of C99, annex F.10.4.4.
    function pow(uint256 a, uint256 b) internal pure returns (uint256) {
        uint256 t = a & Float32.MAGNITUDE;
        uint256 size = b & Float32.MAGNITUDE;
        if (size == 0 || a == ONE) return ONE;
        if (t > Float32.INFINITY || size > Float32.INFINITY) return Float32.NAN;
        (bool whole, bool odd) = _parity(size);
        uint256 sign = odd ? a & SIGN : 0;
        if (t == 0 || t == Float32.INFINITY) {
            return sign | ((t == 0) == (b >= SIGN) ? Float32.INFINITY : 0);
        }
        if (size == Float32.INFINITY) {
            if (t == ONE) return ONE;
            return (t < ONE) == (b >= SIGN) ? Float32.INFINITY : 0;
        }
        if (a >= SIGN && !whole) return Float32.NAN;
        return sign | _powPositive(t, b);
    }

    /// @dev Whether a number of this magnitude, at least the least subnormal, is an integer, and odd.
    function _parity(uint256 size) private pure returns (bool whole, bool odd) {
        unchecked {
            uint256 e = size >> 23;
            if (e < 127) return (false, false);
            if (e > 150) return (true, false);
            uint256 m = ((size & 0x7fffff) | 0x800000) << (e - 127); // bit 23 stands for one
            return (m & 0x7fffff == 0, m & 0xffffff == 0x800000);
        }
    }

    /// @dev 0 < a < infinity, b finite and not zero. A name with the suffix Rest is the lower part
    /// of an unevaluated sum.
    function _powPositive(uint256 a, uint256 b) private pure returns (uint256) {
        (uint256 l, uint256 lRest) = _logPair(a);
        uint256 y = Float32.mul(b, l);
        if (y < SIGN && y >= EXP_OVERFLOW) return Float32.INFINITY;
        if (y >= EXP_UNDERFLOW) return 0;
        uint256 yRest = Float32.fma(b, lRest, Float32.fma(b, l, y ^ SIGN));
        uint256 t = Float32.fma(y, LOG2E, MAGIC);
        uint256 n = Float32.sub(t, MAGIC);
        uint256 r = Float32.add(Float32.fma(n, MINUS_LN2, y), Float32.fma(n, MINUS_REST, yRest));
        return _expReduced(r, t);
    }

    /// @dev ln a as an unevaluated sum.
    function _logPair(uint256 a) private pure returns (uint256 l, uint256 lRest) {
        (uint256 m, uint256 e) = _split(a);
        (uint256 h, uint256 hRest) = _logSignificand(m);
        l = Float32.fma(e, LN2, h);
        lRest = Float32.add(Float32.sub(h, Float32.fma(e, MINUS_LN2, l)), hRest);
        lRest = Float32.fma(e, REST, lRest);
    }

    /// @dev ln m as an unevaluated sum, from u = 2 (m - 1) / (m + 1).
    function _logSignificand(uint256 m) private pure returns (uint256 h, uint256 hRest) {
        uint256 d = Float32.sub(m, ONE);
        d = Float32.add(d, d);
        uint256 g = Float32.add(m, ONE);
        uint256 u = Float32.div(d, g);
        uint256 uRest = Float32.sub(m, Float32.sub(g, ONE)); // what g lacks
        uRest = Float32.fma(u ^ SIGN, uRest, Float32.fma(u ^ SIGN, g, d));
        uRest = Float32.div(uRest, g);
        (uint256 v, uint256 vRest) = _logSeries(u, uRest);
        h = Float32.fma(u, v, u);
        hRest = Float32.fma(u, v, Float32.sub(u, h));
        hRest = Float32.fma(u, vRest, hRest);
        hRest = Float32.add(Float32.fma(uRest, v, hRest), uRest);
    }

    /// @dev ln m / u - 1 as an unevaluated sum, z / 12 + ... with z = u^2.
    function _logSeries(uint256 u, uint256 uRest) private pure returns (uint256 v, uint256 vRest) {
        uint256 z = Float32.mul(u, u);
        uint256 zRest = Float32.fma(u, u, z ^ SIGN);
        zRest = Float32.fma(u, Float32.add(uRest, uRest), zRest);
        v = Float32.mul(z, TWELFTH);
        vRest = Float32.fma(zRest, TWELFTH, Float32.fma(z, TWELFTH, v ^ SIGN));
        vRest = Float32.fma(z, _poly(z, POW), vRest);
    }

    /// @dev c_0 + z (c_1 + z (c_2 + ...)), one fma for each coefficient but the last.
    function _poly(uint256 z, uint256 coefficients) private pure returns (uint256 p) {
        p = coefficients & 0xffffffff;
        while ((coefficients >>= 32) != 0) {
            p = Float32.fma(p, z, coefficients & 0xffffffff);
        }
    }
}
