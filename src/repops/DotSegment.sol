// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CountLeadingZeros} from "clz/CountLeadingZeros.sol";
import {Float32} from "./Float32.sol";

/// @title DotSegment
/// @notice One segment of a dot product: acc = fma(x_k, y_k, acc) in order, from +0
/// (docs/spec/repops.md, section 2.1, R_dot). The right bits for any data.
/// @dev Nearly all data fits the *frame*: there the accumulator is one integer, counting units of
/// 2^(offset - 298), so that a product is added exactly with two opcodes and an fma costs little
/// more than one rounding of that integer to 24 significant bits. The offset follows from the largest
/// exponents. From the first product on that does not fit, `Float32.fma` goes on, three times dearer.
///
/// A product is p * 2^(s - 298) with |p| < 2^48 and s the sum of its factors' exponents (0 to 253,
/// see Float32). The frame holds it if offset <= s <= offset + SPAN: then 256 of them, with 2^-16
/// more for all the roundings, stay below 2^254, where the rounding still has a bit to spare.
///
/// The helpers are as small as they are so that the compiler puts their code in place.
library DotSegment {
    /// @notice The runs are not of one length, not whole elements, or longer than a segment.
    error DotSegment_BadLength(uint256 x, uint256 y);

    uint256 private constant MAX_BYTES = 1024;

    /// @dev The lowest bit of each of the eight 32-bit lanes of a word.
    uint256 private constant LANES =
        0x00000001_00000001_00000001_00000001_00000001_00000001_00000001_00000001;
    uint256 private constant LOW_BYTES = LANES * 0xff00ff;
    uint256 private constant LOW_HALVES = LANES * 0xffff;

    uint256 private constant SPAN = 197;
    uint256 private constant MAX_SUM = 368; // beyond, a partial sum may overflow binary32
    uint256 private constant LAST_PLACE = 1 << 230;

    /// @notice The dot product of `x` and `y`.
    /// @param x at most 256 elements, little-endian f32
    /// @param y as many elements
    function dot(bytes memory x, bytes memory y) internal pure returns (uint256 acc) {
        if (x.length != y.length || x.length > MAX_BYTES || x.length % 4 != 0) {
            revert DotSegment_BadLength(x.length, y.length);
        }
        uint256 k; // bytes done
        (k, acc) = _inFrame(x, y);
        if (k < x.length) acc = _inOrder(x, y, k, acc);
    }

    /// @dev The definition, going on with `acc` at byte k.
    function _inOrder(bytes memory x, bytes memory y, uint256 k, uint256 acc)
        private
        pure
        returns (uint256)
    {
        unchecked {
            while (k < x.length) {
                uint256 wx = _swap(_swap(_word(x, k), 8, LOW_BYTES), 16, LOW_HALVES);
                uint256 wy = _swap(_swap(_word(y, k), 8, LOW_BYTES), 16, LOW_HALVES);
                uint256 stop = k + 32 < x.length ? k + 32 : x.length;
                for (; k < stop; k += 4) {
                    acc = Float32.fma(wx >> 224, wy >> 224, acc);
                    wx <<= 32;
                    wy <<= 32;
                }
            }
            return acc;
        }
    }

    /// @dev The same from +0 for whole words of eight elements, as far as the frame holds them.
    /// @return k where it got to: the last elements, or a word that does not fit
    /// @return acc the dot product up to there
    function _inFrame(bytes memory x, bytes memory y)
        private
        pure
        returns (uint256 k, uint256 acc)
    {
        unchecked {
            uint256 end = x.length & ~uint256(31);
            uint256 offset = _highest(x, y, end);
            if (offset > MAX_SUM) return (0, 0);
            offset = offset < SPAN ? 0 : offset - SPAN;
            // Keeps the last place at or above 2^-149, as in Float32.round.
            uint256 floor = 1 << (174 - offset);
            offset *= LANES;
            uint256 any;
            uint256 sum;
            for (; k < end; k += 32) {
                (uint256 sx, uint256 sy, uint256 shifts, uint256 nonzero) =
                    _unpack(_word(x, k), _word(y, k), offset);
                if (nonzero & ~shifts != 0) break;
                any |= nonzero;
                sum = _round(_add(sum, sx, sy, shifts, 0, 224, 3), floor, LAST_PLACE);
                sum = _round(_add(sum, sx, sy, shifts, 32, 192, 7), floor, LAST_PLACE);
                sum = _round(_add(sum, sx, sy, shifts, 64, 160, 11), floor, LAST_PLACE);
                sum = _round(_add(sum, sx, sy, shifts, 96, 128, 15), floor, LAST_PLACE);
                sum = _round(_add(sum, sx, sy, shifts, 128, 96, 19), floor, LAST_PLACE);
                sum = _round(_add(sum, sx, sy, shifts, 160, 64, 23), floor, LAST_PLACE);
                sum = _round(_add(sum, sx, sy, shifts, 192, 32, 27), floor, LAST_PLACE);
                sum = _round(_add(sum, sx, sy, shifts, 224, 0, 31), floor, LAST_PLACE);
            }
            offset &= 0xffffffff;
            // A sum that was rounded to zero may be -0. The frame cannot tell, unless nothing was
            // added or its unit is not below 2^-149.
            if (sum == 0) return (any == 0 || offset >= 149 ? k : 0, 0);
            uint256 negative = uint256(int256(sum) >> 255);
            acc = Float32.round(negative, (sum ^ negative) - negative, 149 - offset);
        }
    }

    /// @dev Adds the product of one lane; the last three arguments say which, in bits and in bytes.
    function _add(
        uint256 sum,
        uint256 x,
        uint256 y,
        uint256 shifts,
        uint256 up,
        uint256 down,
        uint256 index
    ) private pure returns (uint256 r) {
        assembly ("memory-safe") {
            let product := mul(sar(224, shl(up, x)), and(shr(down, y), 0xffffffff))
            r := add(sum, shl(byte(index, shifts), product))
        }
    }

    /// @dev A two's complement sum to 24 significant bits, ties to even. Shifted left by n they are
    /// bits 253 to 230, for either sign; `floor` bounds n.
    function _round(uint256 sum, uint256 floor, uint256 lastPlace)
        private
        pure
        returns (uint256 r)
    {
        assembly ("memory-safe") {
            r := or(xor(sum, shl(2, sum)), floor)
        }
        r = CountLeadingZeros.clz(r); // n
        assembly ("memory-safe") {
            let t := shl(r, sum)
            // t + half a place, or a unit less where the last place is even
            t := sub(shr(1, lastPlace), sub(iszero(and(t, lastPlace)), t))
            r := sar(r, and(t, sub(0, lastPlace)))
        }
    }

    /// @dev An upper bound of the exponent sums of all products; above MAX_SUM where an element is
    /// infinite or a NaN, or nearly. Exponents are taken without their last bit.
    function _highest(bytes memory x, bytes memory y, uint256 end)
        private
        pure
        returns (uint256 highest)
    {
        unchecked {
            uint256 most;
            uint256 special;
            for (uint256 k = 0; k < end; k += 32) {
                // Bits 1 to 7 of an exponent are the low bits of an element's last byte.
                uint256 ex = _word(x, k) & (LANES * 0x7f);
                uint256 ey = _word(y, k) & (LANES * 0x7f);
                special |= (ex + LANES) | (ey + LANES);
                ex += ey;
                ey = ((ex | (LANES << 8)) - most) & (LANES << 8); // where it is not below `most`
                most ^= (most ^ ex) & (ey - (ey >> 8));
            }
            if (special & (LANES << 7) != 0) return type(uint256).max;
            for (; most != 0; most >>= 32) {
                uint256 lane = most & 0xff;
                if (lane > highest) highest = lane;
            }
            highest *= 2;
        }
    }

    /// @dev Eight pairs of elements made ready for multiplication.
    /// @return sx significands of x with the sign of the product, two's complement, in lanes
    /// @return sy significands of y, in lanes
    /// @return shifts how far each product stands up in the frame, in the lowest byte of its lane;
    /// bit 24 is clear where it would lie below the frame
    /// @return nonzero bit 24 of each lane: whether the product is not zero
    function _unpack(uint256 x, uint256 y, uint256 offsets)
        private
        pure
        returns (uint256 sx, uint256 sy, uint256 shifts, uint256 nonzero)
    {
        unchecked {
            x = _swap(x, 8, LOW_BYTES);
            y = _swap(y, 8, LOW_BYTES);
            // Now the lower half of a lane is sign, exponent and the fraction's upper seven bits.
            uint256 ex = (x >> 7) & (LANES * 0xff);
            uint256 ey = (y >> 7) & (LANES * 0xff);
            // The hidden bits, in bit 7.
            uint256 hx = ((ex + LANES * 0xff) >> 1) & (LANES << 7);
            uint256 hy = ((ey + LANES * 0xff) >> 1) & (LANES << 7);
            sx = (((x & (LANES * 0x7f)) | hx) << 16) | ((x >> 16) & LOW_HALVES);
            sy = (((y & (LANES * 0x7f)) | hy) << 16) | ((y >> 16) & LOW_HALVES);
            shifts = ex + ey - ((hx + hy) >> 7) + (LANES << 24) - offsets;
            nonzero = (sx + LANES * 0xffffff) & (sy + LANES * 0xffffff) & (LANES << 24);
            // Negated where the signs differ; a zero is left alone, lest it carry into the next lane.
            uint256 negative = ((x ^ y) >> 15) & (nonzero >> 24);
            sx = (sx ^ (negative * 0xffffffff)) + negative;
        }
    }

    /// @dev Eight elements of a run from byte k on, the first in the highest lane.
    function _word(bytes memory run, uint256 k) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(add(add(run, 32), k))
        }
    }

    /// @dev Swaps neighbouring fields of `width` bits; `mask` covers the lower one of each two.
    function _swap(uint256 w, uint256 width, uint256 mask) private pure returns (uint256) {
        return ((w >> width) & mask) | ((w & mask) << width);
    }
}
