// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CountLeadingZeros} from "clz/CountLeadingZeros.sol";
import {Float32} from "./Float32.sol";

/// @title DotSegment
/// @notice One segment of a dot product: acc = fma(x_k, y_k, acc) in order, from +0
/// (docs/spec/repops.md, section 2.1, R_dot). Bit-exact for every data.
/// @dev Nearly all data takes the *frame*: the accumulator stands in one word as an integer that
/// counts units of 2^(offset - 298), so that a product is added exactly with two opcodes and an fma
/// costs only one rounding of that integer to 24 significant bits. The offset follows from the
/// largest exponents. What does not fit the frame is computed by `Float32.fma`, 3.5 times dearer.
///
/// A product is p * 2^(s - 298) with |p| < 2^48 and s the sum of its factors' exponents (0 to 253,
/// see Float32). The frame holds it if offset <= s <= offset + 197: then 256 of them, with 2^-16 more
/// for all the roundings, stay below 2^254, where the rounding still has a bit to spare.
library DotSegment {
    /// @notice The operands are not of one length, or not whole elements.
    error DotSegment_BadLength(uint256 x, uint256 y);

    /// @dev Two bytes swapped, and one bit, seven bits, ... of every 32-bit lane.
    uint256 private constant LANE =
        0x0000000100000001000000010000000100000001000000010000000100000001;
    uint256 private constant MAX_SUM = 368;
    uint256 private constant SPAN = 197;
    uint256 private constant LAST_BIT = 1 << 230;

    /// @notice The dot product of `x` and `y`.
    /// @param x at most 256 elements, little-endian f32
    /// @param y as many elements
    function dot(bytes memory x, bytes memory y) internal pure returns (uint256) {
        if (x.length != y.length || x.length % 4 != 0) {
            revert DotSegment_BadLength(x.length, y.length);
        }
        (bool fits, uint256 sum, uint256 unit) = _inFrame(x, y);
        if (!fits) return _inOrder(x, y);
        if (sum == 0) return 0;
        uint256 negative = uint256(int256(sum) >> 255);
        unchecked {
            return Float32.round(negative, (sum ^ negative) - negative, unit);
        }
    }

    /// @dev The definition.
    function _inOrder(bytes memory x, bytes memory y) private pure returns (uint256 acc) {
        unchecked {
            for (uint256 k = 32; k < x.length + 32; k += 4) {
                acc = Float32.fma(_element(x, k), _element(y, k), acc);
            }
        }
    }

    /// @dev The little-endian element `at` bytes after the start of a run.
    function _element(bytes memory run, uint256 position) private pure returns (uint256 bits) {
        assembly ("memory-safe") {
            let b := mload(add(run, position))
            bits := or(
                or(byte(0, b), shl(8, byte(1, b))),
                or(shl(16, byte(2, b)), shl(24, byte(3, b)))
            )
        }
    }

    /// @return fits false where the frame does not hold the data; then nothing else is meaningful
    /// @return sum the dot product in units of 2^(-149 - unit), two's complement, rounded to 24 bits
    function _inFrame(bytes memory x, bytes memory y)
        private
        pure
        returns (bool fits, uint256 sum, uint256 unit)
    {
        unchecked {
            uint256 offset = _highest(x, y);
            if (offset > MAX_SUM) return (false, 0, 0);
            offset = offset < SPAN ? 0 : offset - SPAN;
            unit = 149 - offset;
            // Keeps the last place at or above 2^-149, as in Float32.round.
            uint256 floor = 1 << (unit + 25);
            offset *= LANE;
            uint256 misfit;
            uint256 any;
            (uint256 k, uint256 end, uint256 toY) = _run(x, y);
            for (; k < end; k += 32) {
                uint256 sx;
                uint256 sy;
                assembly ("memory-safe") {
                    let keep := not(shr(shl(3, sub(end, k)), not(0)))
                    sx := and(mload(k), keep)
                    sy := and(mload(add(k, toY)), keep)
                }
                uint256 shifts;
                uint256 nonzero;
                (sx, sy, shifts, nonzero) = _unpack(sx, sy, offset);
                misfit |= nonzero & ~shifts;
                any |= nonzero;
                sum = _round(_add(sum, sx, sy, shifts, 0, 224, 3), floor, LAST_BIT);
                sum = _round(_add(sum, sx, sy, shifts, 32, 192, 7), floor, LAST_BIT);
                sum = _round(_add(sum, sx, sy, shifts, 64, 160, 11), floor, LAST_BIT);
                sum = _round(_add(sum, sx, sy, shifts, 96, 128, 15), floor, LAST_BIT);
                sum = _round(_add(sum, sx, sy, shifts, 128, 96, 19), floor, LAST_BIT);
                sum = _round(_add(sum, sx, sy, shifts, 160, 64, 23), floor, LAST_BIT);
                sum = _round(_add(sum, sx, sy, shifts, 192, 32, 27), floor, LAST_BIT);
                sum = _round(_add(sum, sx, sy, shifts, 224, 0, 31), floor, LAST_BIT);
            }
            // A sum of zero may be -0 where something was rounded away; the frame cannot tell.
            fits = misfit == 0 && (sum != 0 || any == 0 || int256(unit) <= 0);
        }
    }

    function _add(
        uint256 sum,
        uint256 sx,
        uint256 sy,
        uint256 shifts,
        uint256 up,
        uint256 down,
        uint256 index
    ) private pure returns (uint256 r) {
        assembly ("memory-safe") {
            r := add(
                sum,
                shl(byte(index, shifts), mul(sar(224, shl(up, sx)), and(shr(down, sy), 0xffffffff)))
            )
        }
    }

    function _round(uint256 sum, uint256 floor, uint256 last) private pure returns (uint256 r) {
        assembly ("memory-safe") {
            r := or(xor(sum, shl(2, sum)), floor)
        }
        r = CountLeadingZeros.clz(r);
        assembly ("memory-safe") {
            let t := shl(r, sum)
            r := sar(r, and(sub(shr(1, last), sub(iszero(and(t, last)), t)), sub(0, last)))
        }
    }

    /// @return start memory address of the first element of x
    /// @return end memory address after the last element of x
    /// @return toY distance from an element of x to that of y
    function _run(bytes memory x, bytes memory y)
        private
        pure
        returns (uint256 start, uint256 end, uint256 toY)
    {
        assembly ("memory-safe") {
            start := add(x, 32)
            end := add(start, mload(x))
            toY := sub(y, x)
        }
    }

    /// @dev An upper bound of the exponent sums of all products; above MAX_SUM where an element is
    /// infinite or a NaN, or may be. Exponents are taken without their last bit.
    function _highest(bytes memory x, bytes memory y) private pure returns (uint256 highest) {
        unchecked {
            uint256 most;
            uint256 special;
            (uint256 k, uint256 end, uint256 toY) = _run(x, y);
            for (; k < end; k += 32) {
                // Bits 1 to 7 of an exponent are the low bits of an element's last byte.
                uint256 ex;
                uint256 ey;
                assembly ("memory-safe") {
                    let keep := not(shr(shl(3, sub(end, k)), not(0)))
                    ex := and(mload(k), keep)
                    ey := and(mload(add(k, toY)), keep)
                }
                ex &= LANE * 0x7f;
                ey &= LANE * 0x7f;
                special |= (ex + LANE) | (ey + LANE);
                ex += ey;
                ey = ((ex | (LANE << 8)) - most) & (LANE << 8); // where ex >= most
                ey -= ey >> 8;
                most ^= (most ^ ex) & ey;
            }
            if (special & (LANE << 7) != 0) return type(uint256).max;
            for (; most != 0; most >>= 32) {
                uint256 lane = most & 0xff;
                if (lane > highest) highest = lane;
            }
            highest *= 2;
        }
    }

    /// @dev Eight pairs of elements made ready for multiplication.
    /// @return sx significands of x with the sign of the product, two's complement, in lanes
    /// @return sy significands of y in lanes
    /// @return shifts in the lowest byte of each lane, how far the product stands up in the frame;
    /// bit 24 is clear where it would lie below the frame
    /// @return nonzero bit 24 of each lane tells whether the product is not zero
    function _unpack(uint256 x, uint256 y, uint256 offset)
        private
        pure
        returns (uint256 sx, uint256 sy, uint256 shifts, uint256 nonzero)
    {
        unchecked {
            x = ((x >> 8) & (LANE * 0xff00ff)) | ((x & (LANE * 0xff00ff)) << 8);
            y = ((y >> 8) & (LANE * 0xff00ff)) | ((y & (LANE * 0xff00ff)) << 8);
            // Now the lower half of a lane is sign, exponent and the fraction's upper seven bits.
            uint256 ex = (x >> 7) & (LANE * 0xff);
            uint256 ey = (y >> 7) & (LANE * 0xff);
            // Bit 7: the hidden bit of the significand, there where the exponent is not 0.
            uint256 hx = ((ex + LANE * 0xff) >> 1) & (LANE << 7);
            uint256 hy = ((ey + LANE * 0xff) >> 1) & (LANE << 7);
            sx = (((x & (LANE * 0x7f)) | hx) << 16) | ((x >> 16) & (LANE * 0xffff));
            sy = (((y & (LANE * 0x7f)) | hy) << 16) | ((y >> 16) & (LANE * 0xffff));
            shifts = ex + ey - ((hx + hy) >> 7) + (LANE << 24) - offset;
            nonzero = (sx + LANE * 0xffffff) & (sy + LANE * 0xffffff) & (LANE << 24);
            // Two's complement where the product is negative and not zero.
            uint256 negative = ((x ^ y) >> 15) & (nonzero >> 24);
            sx = (sx ^ (negative * 0xffffffff)) + negative;
        }
    }
}
