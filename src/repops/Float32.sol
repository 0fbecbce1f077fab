// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CountLeadingZeros} from "clz/CountLeadingZeros.sol";

/// @title Float32
/// @notice IEEE-754 binary32 arithmetic, rounding to nearest, ties to even, subnormals kept.
/// @dev A value is its bit pattern in the low 32 bits of a uint256 whose other bits are zero; every
/// function expects such operands and returns such a result. Every function is total: it has one
/// defined result for every operand and never reverts. A result that is a NaN is always `NAN`.
/// Formulas: IEEE Std 754-2019, clauses 4.3.1 (rounding), 5 (operations), 6.3 (sign of zero),
/// 9.6 (minimum, maximum).
///
/// Terms used below. The *significand* of a finite number is the integer of at most 24 bits, hidden
/// bit included, and its *exponent* x is in [0, 253], so that |value| = significand * 2^(x - 149).
/// A subnormal number and zero have x = 0. *Scaled* means multiplied by 2^23, the place that an
/// exponent has in a bit pattern.
library Float32 {
    uint256 internal constant NAN = 0x7fc00000;
    uint256 internal constant INFINITY = 0x7f800000;
    uint256 internal constant ONE = 0x3f800000;
    uint256 internal constant SIGN = 0x80000000;
    uint256 internal constant MAGNITUDE = 0x7fffffff;

    uint256 private constant LANES = 1 | 1 << 50 | 1 << 153;
    uint256 private constant SIGNIFICAND = 0xffffff;
    uint256 private constant HIDDEN = 0x800000;
    uint256 private constant MAX_FINITE = 0x7f7fffff;

    /*//////////////////////////////////////////////////////////////
                               ARITHMETIC
    //////////////////////////////////////////////////////////////*/

    /// @notice a + b.
    /// @dev As `fma`, with b in the product's place: b stands 27 bits up, a is shifted to match.
    /// - shift < 0: b is at least 2^50 (its exponent exceeds a's, so it is normal) and a stays below
    ///   2^24, less than half a unit of a 24-bit result of 50 bits.
    /// - shift > 228: b is below 2^51 and a is at least 2^251, rounded at bit 228.
    function add(uint256 a, uint256 b) internal pure returns (uint256) {
        uint256 sum;
        uint256 unit;
        bool special;
        assembly {
            let xa := and(a, 0x7f800000)
            xa := sub(xa, shl(23, lt(0, xa)))
            let xb := and(b, 0x7f800000)
            xb := sub(xb, shl(23, lt(0, xb)))
            special := and(or(add(xa, 0x1000000), add(xb, 0x1000000)), 0x80000000)
            unit := sub(27, shr(23, xb))
            let shift := add(unit, shr(23, xa))
            if gt(shift, 228) {
                switch slt(shift, 0)
                case 1 { shift := 0 }
                default {
                    shift := 228
                    unit := sub(228, shr(23, xa))
                }
            }
            // a counts negative where its sign is not b's.
            sum := add(
                shl(27, and(sub(b, xb), 0xffffff)),
                mul(shl(shift, and(sub(a, xa), 0xffffff)), sub(1, and(shr(30, xor(a, b)), 2)))
            )
        }
        if (special) return _addSpecial(a, b);
        if (sum == 0) return a & b & SIGN; // a cancellation is +0; -0 + -0 is -0
        assembly {
            let negative := sar(255, sum)
            sum := sub(xor(sum, negative), negative)
            b := xor(b, negative)
        }
        return round(b, sum, unit);
    }

    /// @notice a - b.
    function sub(uint256 a, uint256 b) internal pure returns (uint256) {
        return add(a, b ^ SIGN);
    }

    /// @notice a * b.
    function mul(uint256 a, uint256 b) internal pure returns (uint256) {
        uint256 product;
        uint256 unit;
        bool plain;
        assembly {
            let xa := and(a, 0x7f800000)
            xa := sub(xa, shl(23, lt(0, xa)))
            let xb := and(b, 0x7f800000)
            xb := sub(xb, shl(23, lt(0, xb)))
            product := mul(and(sub(a, xa), 0xffffff), and(sub(b, xb), 0xffffff))
            plain := gt(
                iszero(and(or(add(xa, 0x1000000), add(xb, 0x1000000)), 0x80000000)),
                iszero(product)
            )
            unit := sar(23, sub(sub(0x4a800000, xa), xb)) // 149 - xa - xb
        }
        // fma adds a zero of the product's sign, which changes nothing.
        if (!plain) return _fmaSpecial(a, b, (a ^ b) & SIGN);
        return round(a ^ b, product, unit);
    }

    /// @notice a / b.
    /// @dev The quotient is taken to at least 41 bits with one more that tells whether any is lost.
    function div(uint256 a, uint256 b) internal pure returns (uint256) {
        uint256 quotient;
        uint256 unit;
        bool plain;
        assembly {
            let xa := and(a, 0x7f800000)
            xa := sub(xa, shl(23, lt(0, xa)))
            let xb := and(b, 0x7f800000)
            xb := sub(xb, shl(23, lt(0, xb)))
            let numerator := shl(64, and(sub(a, xa), 0xffffff))
            let denominator := and(sub(b, xb), 0xffffff)
            plain := gt(
                iszero(and(or(add(xa, 0x1000000), add(xb, 0x1000000)), 0x80000000)),
                iszero(mul(numerator, denominator))
            )
            quotient := or(
                div(numerator, denominator), // nothing is read from it where this divides by zero
                lt(0, mod(numerator, denominator))
            )
            // The quotient counts units of 2^(x_a - x_b - 64).
            unit := sar(23, sub(add(xb, sub(0, 0x2a800000)), xa)) // xb - xa + 64 - 149
        }
        if (!plain) return _divSpecial(a, b);
        return round(a ^ b, quotient, unit);
    }

    /// @notice The square root of a.
    function sqrt(uint256 a) internal pure returns (uint256) {
        // Both zeros are their own roots; everything else below zero, and a NaN, gives NaN.
        if (a >= INFINITY) return a == INFINITY || a == SIGN ? a : NAN;
        if (a == 0) return 0;
        unchecked {
            uint256 x = a & INFINITY;
            x = x == 0 ? 0 : (x - HIDDEN) >> 23;
            uint256 n = a - (x << 23);
            // a = n * 2^(x - 149). Shifted left by k, n is in [2^50, 2^52) and x - 149 - k is even.
            uint256 k = CountLeadingZeros.clz(n) - 204;
            k -= (k ^ x ^ 1) & 1;
            n <<= k;
            // Its root is in [2^25, 2^26). This line is off by at most 4.2 %, Newton's steps by at
            // most 2^-10, 2^-21 and less than one; so the last root is floor(sqrt n) or one more.
            uint256 root = n / 0x6000000 + 0x16a0000;
            root = (root + n / root) >> 1;
            root = (root + n / root) >> 1;
            root = (root + n / root) >> 1;
            // A last bit tells on which side of the root the true one is.
            uint256 square = root * root;
            root <<= 1;
            if (square != n) square < n ? ++root : --root;
            return round(0, root, uint256(int256(k - x - 147) >> 1));
        }
    }

    /// @notice a * b + c, rounded once.
    /// @dev The exact sum of the product and c is formed in one word: the product stands 50 bits
    /// up, c is shifted by `shift` so that both count the same unit.
    /// - shift < 0: c is moved up to 0. It is still below 2^24, less than half a unit of a 24-bit
    ///   result near 2^50, so the rounding cannot tell the difference.
    /// - shift > 228: the product, below 2^98, cannot change c, which is at least 2^229 and a
    ///   multiple of that, or of 2^206 where it has 24 bits.
    function fma(uint256 a, uint256 b, uint256 c) internal pure returns (uint256) {
        unchecked {
            // All three are taken apart at once, c in the lowest lane, a and b above.
            uint256 sum = c | (a << 50) | (b << 153);
            uint256 x = sum & (LANES * INFINITY);
            x -= ((x + LANES * INFINITY) & (LANES * SIGN)) >> 8; // scaled exponents
            uint256 c24 = (sum - x) & (LANES * 0xffffff); // significands
            // The square of these lanes has 2ab at bit 203, all other terms below or beyond it.
            sum = (c24 * c24) >> 204;
            // An infinity or a NaN has the scaled exponent 254 = 0x7f000000.
            uint256 special = (x + LANES * 0x1000000) & (LANES * SIGN);
            assembly {
                special := or(special, iszero(sum))
            }
            if (special != 0) return _fmaSpecial(a, b, c);
            // The sum counts units of 2^(-149 - unit).
            uint256 unit = 199 - ((x + (x << 103)) >> 176); // 199 - xa - xb
            x = unit + ((x >> 23) & 0xff); // shift
            assembly {
                x := mul(x, slt(0, x))
            }
            if (x > 228) return c;
            assembly {
                a := xor(a, b)
                // c counts negative where its sign is not the product's.
                sum := add(
                    shl(50, sum),
                    mul(shl(x, and(c24, 0xffffff)), sub(1, and(shr(30, xor(a, c)), 2)))
                )
                let negative := sar(255, sum)
                sum := sub(xor(sum, negative), negative)
                a := xor(a, negative)
            }
            if (sum == 0) return 0; // an exact cancellation: the product is not zero
            return round(a, sum, unit);
        }
    }

    /// @notice a with its sign bit flipped.
    function neg(uint256 a) internal pure returns (uint256) {
        return isNaN(a) ? NAN : a ^ SIGN;
    }

    /// @notice a with its sign bit cleared.
    function abs(uint256 a) internal pure returns (uint256) {
        return isNaN(a) ? NAN : a & MAGNITUDE;
    }

    /*//////////////////////////////////////////////////////////////
                               COMPARISON
    //////////////////////////////////////////////////////////////*/

    /// @notice Whether a is a NaN of any pattern.
    function isNaN(uint256 a) internal pure returns (bool) {
        return a & MAGNITUDE > INFINITY;
    }

    /// @notice a = b; false where an operand is a NaN. The zeros are equal.
    function eq(uint256 a, uint256 b) internal pure returns (bool) {
        return !isNaN(a) && !isNaN(b) && (a == b || (a | b) & MAGNITUDE == 0);
    }

    /// @notice a < b; false where an operand is a NaN. The zeros are equal.
    function lt(uint256 a, uint256 b) internal pure returns (bool) {
        return !isNaN(a) && !isNaN(b) && _rank(a) < _rank(b) && (a | b) & MAGNITUDE != 0;
    }

    /// @notice a <= b; false where an operand is a NaN. The zeros are equal.
    function le(uint256 a, uint256 b) internal pure returns (bool) {
        return !isNaN(a) && !isNaN(b) && (_rank(a) <= _rank(b) || (a | b) & MAGNITUDE == 0);
    }

    /// @notice The lesser of a and b (IEEE 754-2019 minimum): a NaN wins, -0 is below +0.
    function min(uint256 a, uint256 b) internal pure returns (uint256) {
        if (isNaN(a) || isNaN(b)) return NAN;
        return _rank(a) < _rank(b) ? a : b;
    }

    /// @notice The greater of a and b (IEEE 754-2019 maximum): a NaN wins, -0 is below +0.
    function max(uint256 a, uint256 b) internal pure returns (uint256) {
        if (isNaN(a) || isNaN(b)) return NAN;
        return _rank(a) < _rank(b) ? b : a;
    }

    /*//////////////////////////////////////////////////////////////
                          INTEGERS AND SCALING
    //////////////////////////////////////////////////////////////*/

    /// @notice The greatest integer not above a. A zero keeps its sign.
    function floor(uint256 a) internal pure returns (uint256) {
        unchecked {
            uint256 x = a & MAGNITUDE;
            if (x >= 0x4b000000) return x > INFINITY ? NAN : a; // 2^23 and more: an integer
            if (x < ONE) return x == 0 || a == x ? a & SIGN : SIGN | ONE;
            uint256 fraction = (1 << (150 - (x >> 23))) - 1; // the bits below the point
            // Patterns grow with the magnitude, so rounding one up carries into the exponent.
            if (a != x) a += fraction;
            return a & ~fraction;
        }
    }

    /// @notice The integer nearest to a, ties to even. The result has the sign of a, zero included.
    function roundEven(uint256 a) internal pure returns (uint256) {
        unchecked {
            uint256 x = a & MAGNITUDE;
            if (x >= 0x4b000000) return x > INFINITY ? NAN : a; // 2^23 and more: an integer
            if (x < ONE) return a & SIGN | (x > 0x3f000000 ? ONE : 0); // a half goes to zero
            uint256 point = 150 - (x >> 23); // bit of the pattern that stands for one
            // For |a| in [1, 2) that is the exponent's last bit: 1, like the hidden bit.
            a += (1 << (point - 1)) - 1 + ((a >> point) & 1);
            return a >> point << point;
        }
    }

    /// @notice The binary32 nearest to the two's complement integer `i`, ties to even.
    function fromInt32(uint256 i) internal pure returns (uint256) {
        unchecked {
            if (i == 0) return 0;
            uint256 magnitude = i & SIGN == 0 ? i : 0x100000000 - i;
            return round(i, magnitude << 149, 0); // counts units of 2^-149
        }
    }

    /// @notice a truncated to a two's complement integer; beyond the range the nearest end of it,
    /// 0 for a NaN.
    function toInt32(uint256 a) internal pure returns (uint256) {
        unchecked {
            uint256 x = (a & MAGNITUDE) >> 23;
            if (x < 127 || isNaN(a)) return 0;
            if (x > 157) return 0x7fffffff + (a >> 31); // -2^31 itself belongs here too
            uint256 i = ((a & 0x7fffff) | HIDDEN) << 8 >> (158 - x);
            return a & SIGN == 0 ? i : 0x100000000 - i;
        }
    }

    /// @notice a * 2^n, rounded once.
    /// @param n Any integer.
    function scalb(uint256 a, int256 n) internal pure returns (uint256) {
        unchecked {
            uint256 x = a & INFINITY;
            if (x == INFINITY) return isNaN(a) ? NAN : a;
            x = x == 0 ? 0 : (x - HIDDEN) >> 23;
            uint256 significand = (a - (x << 23)) & SIGNIFICAND;
            if (significand == 0) return a;
            // Beyond these bounds every result is zero or infinite, as it is at them.
            if (n < -300) n = -300;
            if (n > 300) n = 300;
            int256 unit = -int256(x) - n;
            if (unit > 25) return a & SIGN; // below half the least subnormal number
            return round(a, significand, uint256(unit));
        }
    }

    /// @dev Orders all numbers, -0 below +0.
    function _rank(uint256 a) private pure returns (uint256) {
        return a & SIGN == 0 ? a | SIGN : a ^ 0xffffffff;
    }

    /*//////////////////////////////////////////////////////////////
                                ROUNDING
    //////////////////////////////////////////////////////////////*/

    /// @notice The binary32 nearest to magnitude * 2^(-149 - unit), ties to even, with the sign of
    /// bit 31 of `sign`.
    /// @param magnitude 1 <= magnitude < 2^255
    /// @param unit two's complement, -2^32 < unit < 232
    function round(uint256 sign, uint256 magnitude, uint256 unit)
        internal
        pure
        returns (uint256 r)
    {
        unchecked {
            // The bit 2^(unit + 23) keeps the last place at or above 2^-149, where subnormal
            // numbers have theirs. Where it would stand below bit 0 it is shifted out.
            uint256 shift = CountLeadingZeros.clz(magnitude | (1 << (unit + 23))) - 1;
            assembly {
                // Bits 231 to 254 now hold the significand.
                r := shl(shift, magnitude)
                r := shr(231, sub(add(r, shl(230, 1)), iszero(and(r, shl(231, 1)))))
                // Adding the significand carries its hidden bit, or a carry out of it, into the exponent.
                r := add(r, shl(23, sub(sub(231, shift), unit)))
                if gt(r, 0x7f7fffff) { r := 0x7f800000 }
                r := or(r, and(sign, 0x80000000))
            }
        }
    }

    /// @dev fma where a factor is zero or an operand is not finite.
    function _fmaSpecial(uint256 a, uint256 b, uint256 c) private pure returns (uint256) {
        uint256 sign = (a ^ b) & SIGN;
        a &= MAGNITUDE;
        b &= MAGNITUDE;
        uint256 z = c & MAGNITUDE;
        bool yes;
        assembly {
            yes := or(or(gt(a, 0x7f800000), gt(b, 0x7f800000)), gt(z, 0x7f800000))
        }
        if (yes) return NAN;
        assembly {
            yes := or(eq(a, 0x7f800000), eq(b, 0x7f800000))
        }
        if (!yes) return z == 0 ? sign & c : c; // the product is zero, or else c is infinite
        // The product is infinite, unless it is infinity times zero.
        assembly {
            yes := or(iszero(mul(a, b)), eq(c, xor(xor(sign, 0x80000000), 0x7f800000)))
        }
        return yes ? NAN : sign | INFINITY;
    }

    function _addSpecial(uint256 a, uint256 b) private pure returns (uint256) {
        uint256 x = a & MAGNITUDE;
        uint256 y = b & MAGNITUDE;
        if (x > INFINITY || y > INFINITY) return NAN;
        if (x != INFINITY) return b;
        return y == INFINITY && a != b ? NAN : a;
    }

    /// @dev div where the quotient is not a ratio of two positive finite magnitudes.
    function _divSpecial(uint256 a, uint256 b) private pure returns (uint256) {
        uint256 x = a & MAGNITUDE;
        uint256 y = b & MAGNITUDE;
        if (x > INFINITY || y > INFINITY) return NAN;
        if (x == y) return NAN; // 0/0 and inf/inf; both are the only equal magnitudes here
        uint256 sign = (a ^ b) & SIGN;
        return x == INFINITY || y == 0 ? sign | INFINITY : sign;
    }
}
