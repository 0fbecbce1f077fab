// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DotSegment} from "./DotSegment.sol";
import {Float32} from "./Float32.sol";
import {Int32} from "./Int32.sol";
import {LittleEndian} from "./LittleEndian.sol";
import {Op} from "./Operators.sol";

/// @title Reductions
/// @notice Segments of sums, maxima and scatters, and how segment results are combined: docs/spec/repops.md,
/// section 2.1. (The dot segment: DotSegment.sol.)
/// @dev Values are bit patterns; runs are little-endian elements of four bytes, at most 256 of them.
/// A chain of f32 additions from +0 is the dot product with ones, fma(v, 1, acc) = acc + v, which
/// DotSegment computes at a third of the price.
library Reductions {
    using LittleEndian for bytes;

    uint256 private constant LANES = 32;
    uint256 private constant GROUP = 16;
    uint256 private constant SEGMENT = 256;
    uint256 private constant MINUS_INFINITY = 0xff800000;
    uint256 private constant MINUS_ZERO = 0x80000000;
    uint256 private constant ONES = // eight times 1.0, little-endian
        0x0000803f0000803f0000803f0000803f0000803f0000803f0000803f0000803f;

    /// @notice R_sum: the sum of a segment, f32 in 32 lanes, i32 wrapping.
    function sum(bytes memory run, bool isInt32) internal pure returns (uint256 total) {
        unchecked {
            uint256 length = run.length / 4;
            if (isInt32) {
                for (uint256 i; i < length; ++i) {
                    total += run.element(i);
                }
                return total & Int32.MASK;
            }
            uint256[LANES] memory lanes; // +0 each
            bytes memory lane = new bytes(4 * SEGMENT / LANES);
            bytes memory ones = _ones(SEGMENT / LANES);
            for (uint256 j; j < LANES && j < length; ++j) {
                uint256 size;
                for (uint256 i = j; i < length; i += LANES) {
                    _copy(run, i, lane, size++, 1);
                }
                lanes[j] = _addUp(lane, ones, size);
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
    function max(bytes memory run, bool isInt32) internal pure returns (uint256) {
        uint256 from = isInt32 ? Int32.MIN : MINUS_INFINITY;
        return _chain(Op.REDUCE_MAX, isInt32, from, run, 0, run.length / 4);
    }

    /// @notice R_scatter: the sum, in order, of the gradients whose index is `wanted`.
    /// @dev Leaves the matches at the front of `gradients`.
    function scatter(bytes memory indices, bytes memory gradients, uint256 wanted)
        internal
        pure
        returns (uint256)
    {
        if (wanted >= 1 << 31) return 0; // no i32 is that
        unchecked {
            uint256 length = indices.length / 4;
            uint256 matches;
            for (uint256 i; i < length; ++i) {
                if (indices.element(i) == wanted) _copy(gradients, i, gradients, matches++, 1);
            }
            return _addUp(gradients, _ones(matches), matches);
        }
    }

    /// @notice Combines partial values of the reduction `op`: groups of 16, in order, until one is left.
    /// @param values big-endian words of four bytes, at least one
    function fold(uint256 op, bool isInt32, bytes calldata values) internal pure returns (uint256) {
        unchecked {
            uint256 length = values.length / 4;
            bytes memory list = values;
            list.swap(); // to a run like the others
            bytes memory group = new bytes(4 * GROUP);
            bytes memory ones = _ones(GROUP);
            while (length > 1) {
                uint256 groups;
                for (uint256 i; i < length; i += GROUP) {
                    uint256 size = length - i < GROUP ? length - i : GROUP;
                    uint256 first = list.element(i);
                    if (size > 1 && (op == Op.REDUCE_MAX || isInt32)) {
                        first = _chain(op, isInt32, first, list, i + 1, i + size);
                    } else if (size > 1) {
                        _copy(list, i, group, 0, size);
                        first = _addGroup(group, ones, size);
                    }
                    list.set(groups++, first);
                }
                length = groups;
            }
            return list.element(0);
        }
    }

    /// @dev from ∘ v_i ∘ v_(i+1) ∘ … ∘ v_(end-1) for a maximum or an i32 sum.
    function _chain(
        uint256 op,
        bool isInt32,
        uint256 from,
        bytes memory run,
        uint256 i,
        uint256 end
    ) private pure returns (uint256 chain) {
        unchecked {
            for (chain = from; i < end; ++i) {
                uint256 next = run.element(i);
                if (op != Op.REDUCE_MAX) chain = Int32.add(chain, next);
                else chain = isInt32 ? Int32.max(chain, next) : Float32.max(chain, next);
            }
        }
    }

    /// @dev v_0 + v_1 + … of at least two f32 values. That it starts at v_0 and not at +0 shows only where
    /// every value is -0.
    function _addGroup(bytes memory group, bytes memory ones, uint256 size)
        private
        pure
        returns (uint256 total)
    {
        unchecked {
            total = _addUp(group, ones, size);
            if (total != 0) return total;
            for (uint256 i; i < size; ++i) {
                if (group.element(i) != MINUS_ZERO) return 0;
            }
            return MINUS_ZERO;
        }
    }

    /// @dev +0 + v_0 + v_1 + … of the first `size` f32 values; cuts both runs to that size.
    function _addUp(bytes memory run, bytes memory ones, uint256 size)
        private
        pure
        returns (uint256)
    {
        assembly ("memory-safe") {
            mstore(run, shl(2, size))
            mstore(ones, shl(2, size))
        }
        return DotSegment.dot(run, ones);
    }

    /// @dev A run of `size` times 1.0.
    function _ones(uint256 size) private pure returns (bytes memory run) {
        unchecked {
            run = new bytes(4 * size);
            for (uint256 i; i < 4 * size; i += 32) {
                assembly ("memory-safe") {
                    mstore(add(add(run, 32), i), ONES) // memory is allocated in whole words
                }
            }
        }
    }

    /// @dev Copies `size` elements from element i of one run to element j of another.
    function _copy(bytes memory source, uint256 i, bytes memory target, uint256 j, uint256 size)
        private
        pure
    {
        assembly ("memory-safe") {
            mcopy(add(add(target, 32), shl(2, j)), add(add(source, 32), shl(2, i)), shl(2, size))
        }
    }
}
