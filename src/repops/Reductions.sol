// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Float32} from "./Float32.sol";
import {Int32} from "./Int32.sol";
import {LittleEndian} from "./LittleEndian.sol";
import {Op} from "./Operators.sol";

/// @title Reductions
/// @notice Segments of sums, maxima and scatters, and how segment results are combined: docs/spec/repops.md,
/// section 2.1.
/// @dev Values are bit patterns; runs are little-endian elements of four bytes, at most 256 of them.
library Reductions {
    using LittleEndian for bytes;

    uint256 private constant LANES = 32;
    uint256 private constant GROUP = 16;
    uint256 private constant MINUS_INFINITY = 0xff800000;

    /// @notice R_dot: the dot product of two segments of equal length.
    function dot(bytes memory x, bytes memory y) internal pure returns (uint256 total) {
        uint256 length = x.length / 4;
        unchecked {
            for (uint256 i; i < length; ++i) {
                total = Float32.fma(x.element(i), y.element(i), total);
            }
        }
    }

    /// @notice R_sum: the sum of a segment, f32 in 32 lanes, i32 wrapping.
    function sum(bytes memory run, bool isInt32) internal pure returns (uint256 total) {
        uint256 length = run.length / 4;
        unchecked {
            if (isInt32) {
                for (uint256 i; i < length; ++i) {
                    total += run.element(i);
                }
                return total & Int32.MASK;
            }
            uint256[LANES] memory lanes; // +0 each
            for (uint256 i; i < length; ++i) {
                lanes[i % LANES] = Float32.add(lanes[i % LANES], run.element(i));
            }
            for (uint256 width = LANES / 2; width > 0; width /= 2) {
                for (uint256 j; j < width; ++j) {
                    lanes[j] = Float32.add(lanes[j], lanes[j + width]);
                }
            }
            return lanes[0];
        }
    }

    /// @notice R_max: the maximum of a segment, f32 from -infinity, i32 from -2^31.
    function max(bytes memory run, bool isInt32) internal pure returns (uint256 most) {
        uint256 length = run.length / 4;
        most = isInt32 ? Int32.MIN : MINUS_INFINITY;
        unchecked {
            for (uint256 i; i < length; ++i) {
                most = combine(Op.REDUCE_MAX, isInt32, most, run.element(i));
            }
        }
    }

    /// @notice R_scatter: the sum, in order, of the gradients whose index is `wanted`.
    function scatter(bytes memory indices, bytes memory gradients, uint256 wanted)
        internal
        pure
        returns (uint256 total)
    {
        if (wanted >= 1 << 31) return 0; // no i32 is that
        uint256 length = indices.length / 4;
        unchecked {
            for (uint256 i; i < length; ++i) {
                if (indices.element(i) != wanted) continue;
                total = Float32.add(total, gradients.element(i));
            }
        }
    }

    /// @notice Combines partial values: groups of 16, in order, until one is left.
    /// @param values big-endian words of four bytes, at least one
    function fold(uint256 op, bool isInt32, bytes calldata values) internal pure returns (uint256) {
        uint256 length = values.length / 4;
        uint256[] memory list = new uint256[](length);
        unchecked {
            for (uint256 i; i < length; ++i) {
                list[i] = LittleEndian.swap32(values.u32(4 * i));
            }
            while (length > 1) {
                uint256 groups;
                for (uint256 i; i < length; ++groups) {
                    uint256 end = i + GROUP < length ? i + GROUP : length;
                    uint256 chain = list[i];
                    while (++i < end) {
                        chain = combine(op, isInt32, chain, list[i]);
                    }
                    list[groups] = chain;
                }
                length = groups;
            }
        }
        return list[0];
    }

    /// @notice Two partial values of the reduction `op` as one.
    function combine(uint256 op, bool isInt32, uint256 a, uint256 b)
        internal
        pure
        returns (uint256)
    {
        if (op == Op.REDUCE_MAX) {
            return isInt32 ? Int32.max(a, b) : Float32.max(a, b);
        }
        return isInt32 ? Int32.add(a, b) : Float32.add(a, b);
    }
}
