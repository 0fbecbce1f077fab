// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Float32Operands} from "./Float32Operands.sol";

/// @title DotOperands
/// @notice Dot segments of sixteen kinds, from everyday data to what no frame can hold.
/// @dev The same function of the index as dot() in vectors/float32.c; see there for what is what.
library DotOperands {
    uint256 internal constant KINDS = 16;

    /// @dev Per kind: least exponent and how many more, for x and for y.
    bytes private constant SHAPES = hex"780b780b5a3c5a3c3c823c8200ba00ba6414641476"
        hex"0e760e6e146e1400410041" hex"37143714aa10b410780b780b"
        hex"1e621d63000100ff003c002fb703b8021e28641e";

    /// @notice Segment `index`, of the kind index % 16.
    function segment(uint256 index) internal pure returns (bytes memory x, bytes memory y) {
        unchecked {
            uint256 length = 256;
            if (index & 16 == 0) {
                length = index & 32 != 0 ? 255 : 1 + Float32Operands.mix(index) % 256;
            }
            x = new bytes(4 * length);
            y = new bytes(4 * length);
            uint256 wx;
            uint256 wy;
            for (uint256 k = 0; k < length; ++k) {
                (wx, wy) = _element(index, k, wx, wy);
                _store(x, k, wx);
                _store(y, k, wy);
            }
        }
    }

    function _element(uint256 index, uint256 k, uint256 xBefore, uint256 yBefore)
        private
        pure
        returns (uint256 x, uint256 y)
    {
        unchecked {
            uint256 kind = index & 15;
            x = Float32Operands.mix(0x40000000 + 512 * index + 2 * k);
            y = Float32Operands.mix(0x40000001 + 512 * index + 2 * k);
            uint256 draw = Float32Operands.mix(x ^ y);
            uint256 moreX = uint8(SHAPES[4 * kind + 1]);
            uint256 moreY = uint8(SHAPES[4 * kind + 3]);
            if (kind == 11) {
                moreX = draw & 1 != 0 ? 0 : moreX - ((draw >> 1) & 1);
                moreY = draw & 4 != 0 ? 0 : moreY - ((draw >> 3) & 1);
            } else {
                moreX = Float32Operands.mix(draw) % moreX;
                moreY = Float32Operands.mix((draw + 1) & 0xffffffff) % moreY;
            }
            x = Float32Operands.withExponent(x, uint8(SHAPES[4 * kind]) + moreX);
            y = Float32Operands.withExponent(y, uint8(SHAPES[4 * kind + 2]) + moreY);
            if (kind == 4) {
                if (draw & 1 != 0) x &= 0x80000000;
                if (draw & 2 != 0) y &= 0x80000000;
            } else if (kind == 5) {
                x &= 0xfff80000;
                y &= 0xfff00000;
            } else if (kind == 6 && k & 1 != 0) {
                x = xBefore;
                y = yBefore ^ 0x80000000;
                if (draw % 8 == 0) ++y;
            } else if (kind == 10 && draw % 300 == 0) {
                x = Float32Operands.special(draw >> 16) | (draw & 0x80000000);
            } else if (kind == 12) {
                if (draw & 255 != 0) x &= 0x80000000;
                if (draw % 400 == 7) y = Float32Operands.special(14 + ((draw >> 9) & 1));
            } else if (kind == 14) {
                x = (x | 0x7fffff) & 0x7fffffff;
                y = (y | 0x7fffff) & 0x7fffffff;
            }
        }
    }

    function _store(bytes memory run, uint256 k, uint256 bits) private pure {
        assembly ("memory-safe") {
            let at := add(add(run, 32), shl(2, k))
            mstore8(at, bits)
            mstore8(add(at, 1), shr(8, bits))
            mstore8(add(at, 2), shr(16, bits))
            mstore8(add(at, 3), shr(24, bits))
        }
    }
}
