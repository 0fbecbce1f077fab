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

    /// @dev Operands side by side in one word: their lanes' lowest bits.
    uint256 private constant TWO = 1 | 1 << 64;
    uint256 private constant FACTORS = 1 << 50 | 1 << 153;
    uint256 private constant THREE = 1 | FACTORS;
    uint256 private constant SIGNIFICAND = 0xffffff;
    uint256 private constant HIDDEN = 0x800000;
    uint256 private constant MAX_FINITE = 0x7f7fffff;

    /*//////////////////////////////////////////////////////////////
                               ARITHMETIC
    //////////////////////////////////////////////////////////////*/

    /// @notice a + b.
    /// @dev b stands 27 bits up in a word and a is shifted by `shift`, so that both count the same
    /// unit. An operand whose exponent is larger by more than 27 is the sum: the other one is less
    /// than a quarter of a unit in its last place.
    function add(uint256 a, uint256 b) internal pure returns (uint256) {
        unchecked {
            uint256 packed = a | (b << 64);
            uint256 x = _exponents(packed, TWO);
            if (_anyNotFinite(x, TWO) != 0) return _addSpecial(a, b);
            uint256 significands = (packed - x) & (TWO * SIGNIFICAND);
            uint256 unit = 27 - (x >> 87); // the sum counts units of 2^(-149 - unit)
            uint256 shift = unit + ((x >> 23) & 0xff);
            if (shift > 54) return shift >> 255 == 0 ? a : b;
            uint256 sum = _signed(significands & SIGNIFICAND, a ^ b) << shift;
            sum += (significands >> 64) << 27;
            if (sum == 0) return a & b & SIGN; // a cancellation is +0; -0 + -0 is -0
            return _roundSigned(b, sum, unit);
        }
    }

    /// @notice a - b.
    function sub(uint256 a, uint256 b) internal pure returns (uint256) {
        return add(a, b ^ SIGN);
    }

    /// @notice a * b.
    function mul(uint256 a, uint256 b) internal pure returns (uint256) {
        unchecked {
            uint256 packed = (a << 50) | (b << 153);
            uint256 x = _exponents(packed, FACTORS);
            uint256 product = _product((packed - x) & (FACTORS * SIGNIFICAND));
            // fma adds a zero of the product's sign, which changes nothing.
            if (_either(_anyNotFinite(x, FACTORS), product) != 0) {
                return _fmaSpecial(a, b, (a ^ b) & SIGN);
            }
            return round(a ^ b, product, 149 - _exponentOfProduct(x));
        }
    }

    /// @notice a / b.
    /// @dev The quotient is taken to at least 41 bits; its last bit is set where any is lost.
    function div(uint256 a, uint256 b) internal pure returns (uint256) {
        unchecked {
            uint256 packed = a | (b << 64);
            uint256 x = _exponents(packed, TWO);
            uint256 significands = (packed - x) & (TWO * SIGNIFICAND);
            uint256 n = (significands & SIGNIFICAND) << 64;
            uint256 d = significands >> 64;
            if (_either(_anyNotFinite(x, TWO), n * d) != 0) return _divSpecial(a, b);
            assembly {
                n := or(div(n, d), lt(0, mod(n, d)))
            }
            // a / b = n * 2^(xa - xb - 64)
            return round(a ^ b, n, (x >> 87) - ((x >> 23) & 0xff) - 85);
        }
    }

    /// @notice The square root of a.
    function sqrt(uint256 a) internal pure returns (uint256) {
        unchecked {
            // Both zeros are their own roots; everything else below zero, and a NaN, gives NaN.
            if (a >= INFINITY) return a == INFINITY || a == SIGN ? a : NAN;
            if (a == 0) return 0;
            uint256 x = _exponents(a, 1);
            uint256 n = a - x;
            x >>= 23;
            // a = n * 2^(x - 149). Shifted left by k, n is in [2^50, 2^52) and x - 149 - k is even.
            uint256 k = CountLeadingZeros.clz(n) - 204;
            k -= (k ^ x ^ 1) & 1;
            uint256 unit;
            assembly {
                n := shl(k, n)
                // Its root is in [2^25, 2^26). This line is off by at most 4.2 %, Newton's steps by
                // at most 2^-10, 2^-21 and less than one: the last is floor(sqrt(n)) or one more.
                let root := add(div(n, 0x6000000), 0x16a0000)
                root := shr(1, add(root, div(n, root)))
                root := shr(1, add(root, div(n, root)))
                root := shr(1, add(root, div(n, root)))
                // One more bit tells on which side of it the true root is.
                let square := mul(root, root)
                n := add(shl(1, root), sub(lt(square, n), gt(square, n)))
                unit := sar(1, sub(sub(k, x), 147))
            }
            return round(0, n, unit);
        }
    }

    /// @notice a * b + c, rounded once.
    /// @dev The product stands 50 bits up in a word and c is shifted by `shift`, so that both count
    /// the same unit and their sum is exact.
    /// - shift < 0: c is left at 0. It is still below 2^24. The product, a multiple of 2^50, is a
    ///   number of 24 bits, half-way between two, or farther than that from half-way: the rounding
    ///   cannot tell the difference.
    /// - shift > 228: c is the result. It is normal, so that its last place is at least 2^229; the
    ///   product, below 2^98, is less than a quarter of that.
    function fma(uint256 a, uint256 b, uint256 c) internal pure returns (uint256) {
        unchecked {
            uint256 packed = c | (a << 50) | (b << 153);
            uint256 x = _exponents(packed, THREE);
            uint256 significands = (packed - x) & (THREE * SIGNIFICAND);
            uint256 product = _product(significands);
            if (_either(_anyNotFinite(x, THREE), product) != 0) return _fmaSpecial(a, b, c);
            uint256 unit = 199 - _exponentOfProduct(x); // the sum counts units of 2^(-149 - unit)
            uint256 shift = unit + ((x >> 23) & 0xff);
            assembly {
                shift := mul(shift, slt(0, shift))
            }
            if (shift > 228) return c;
            a ^= b;
            uint256 sum = _signed(significands & SIGNIFICAND, a ^ c) << shift;
            sum += product << 50;
            if (sum == 0) return 0; // an exact cancellation: the product is not zero
            return _roundSigned(a, sum, unit);
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
            if (a & INFINITY == INFINITY) return isNaN(a) ? NAN : a;
            uint256 x = _exponents(a, 1);
            uint256 significand = (a - x) & SIGNIFICAND;
            if (significand == 0) return a;
            // Beyond these bounds every result is zero or infinite, as it is at them.
            if (n < -300) n = -300;
            if (n > 300) n = 300;
            int256 unit = -int256(x >> 23) - n;
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
                // Adding the significand carries its hidden bit, or one more, into the exponent.
                r := add(r, shl(23, sub(sub(231, shift), unit)))
                if gt(r, 0x7f7fffff) { r := 0x7f800000 }
                r := or(r, and(sign, 0x80000000))
            }
        }
    }

    /// @dev As `round`, for a two's complement value that counts negative where it opposes `sign`.
    function _roundSigned(uint256 sign, uint256 value, uint256 unit)
        private
        pure
        returns (uint256)
    {
        unchecked {
            uint256 negative = uint256(int256(value) >> 255);
            return round(sign ^ negative, (value ^ negative) - negative, unit);
        }
    }

    /*//////////////////////////////////////////////////////////////
                             PACKED OPERANDS
    //////////////////////////////////////////////////////////////*/

    /// @dev Scaled exponents of the operands in the lanes that begin at the bits `ones`.
    function _exponents(uint256 packed, uint256 ones) private pure returns (uint256 x) {
        unchecked {
            x = packed & (ones * INFINITY);
            x -= ((x + ones * INFINITY) & (ones * SIGN)) >> 8; // one less, unless it is zero
        }
    }

    /// @dev Not zero if one of them is an infinity or a NaN: then it has the exponent 254.
    function _anyNotFinite(uint256 x, uint256 ones) private pure returns (uint256) {
        unchecked {
            return (x + ones * 0x1000000) & (ones * SIGN);
        }
    }

    /// @dev The square of the lanes of a and b has 2ab at bit 203; what else there is, c in the lowest
    /// lane or not, stays below that or is lost beyond the word.
    function _product(uint256 significands) private pure returns (uint256) {
        unchecked {
            return (significands * significands) >> 204;
        }
    }

    /// @dev The sum of a's and b's exponents: a is moved to b's lane, b out of the word.
    function _exponentOfProduct(uint256 x) private pure returns (uint256) {
        unchecked {
            return (x + (x << 103)) >> 176;
        }
    }

    /// @dev m, negated where bit 31 of `signs` is set.
    function _signed(uint256 m, uint256 signs) private pure returns (uint256) {
        unchecked {
            return m * (1 - ((signs >> 30) & 2));
        }
    }

    /// @dev Not zero if x is not zero or y is.
    function _either(uint256 x, uint256 y) private pure returns (uint256 r) {
        assembly {
            r := or(x, iszero(y))
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
