// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Float32} from "./Float32.sol";
import {Int32} from "./Int32.sol";
import {Op} from "./Operators.sol";

/// @title Reductions
/// @notice Segments of sums, maxima and scatters, and how segment results are combined: docs/spec/repops.md,
/// section 2.1. (The dot segment: DotSegment.sol.)
/// @dev Values are bit patterns. Runs are little-endian elements of four bytes, at most 256 of them; a
/// function may leave its runs changed. Lists of words are indexed without the bounds that the loops keep.
library Reductions {
    uint256 private constant LANES = 32;
    uint256 private constant GROUP = 16;
    uint256 private constant MINUS_INFINITY = 0xff800000;
    uint256 private constant EVEN_BYTES =
        0x00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff;
    uint256 private constant EVEN_PAIRS =
        0x0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff;

    /// @notice R_dot: the dot product of two segments of equal length.
    function dot(bytes memory x, bytes memory y) internal pure returns (uint256 total) {
        uint256 length = _swap(x);
        _swap(y);
        unchecked {
            for (uint256 i; i < length; ++i) {
                total = Float32.fma(_element(x, i), _element(y, i), total);
            }
        }
    }

    /// @notice R_sum: the sum of a segment, f32 in 32 lanes, i32 wrapping.
    function sum(bytes memory run, bool isInt32) internal pure returns (uint256 total) {
        unchecked {
            uint256 length = _swap(run);
            if (isInt32) {
                for (uint256 i; i < length; ++i) {
                    total += _element(run, i);
                }
                return total & Int32.MASK;
            }
            uint256[] memory lanes = new uint256[](LANES); // +0 each
            for (uint256 i; i < length; ++i) {
                _put(lanes, i % LANES, Float32.add(_get(lanes, i % LANES), _element(run, i)));
            }
            for (uint256 width = LANES / 2; width > 0; width /= 2) {
                for (uint256 j; j < width; ++j) {
                    _put(lanes, j, Float32.add(_get(lanes, j), _get(lanes, j + width)));
                }
            }
            return _get(lanes, 0);
        }
    }

    /// @notice R_max: the maximum of a segment, f32 from -infinity, i32 from -2^31.
    function max(bytes memory run, bool isInt32) internal pure returns (uint256 most) {
        unchecked {
            uint256 length = _swap(run);
            most = isInt32 ? Int32.MIN : MINUS_INFINITY;
            for (uint256 i; i < length; ++i) {
                most = _combine(true, isInt32, most, _element(run, i));
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
        unchecked {
            uint256 length = _swap(indices);
            _swap(gradients);
            for (uint256 i; i < length; ++i) {
                if (_element(indices, i) != wanted) continue;
                total = Float32.add(total, _element(gradients, i));
            }
        }
    }

    /// @notice Combines partial values of the reduction `op`: groups of 16, in order, until one is left.
    /// @param values big-endian words of four bytes, at least one
    function fold(uint256 op, bool isInt32, bytes calldata values) internal pure returns (uint256) {
        unchecked {
            uint256 length = values.length / 4;
            uint256[] memory list = new uint256[](length);
            for (uint256 i; i < length; ++i) {
                uint256 word;
                assembly ("memory-safe") {
                    word := shr(224, calldataload(add(values.offset, shl(2, i))))
                }
                _put(list, i, word);
            }
            while (length > 1) {
                uint256 groups;
                for (uint256 i; i < length; ++groups) {
                    uint256 end = i + GROUP < length ? i + GROUP : length;
                    uint256 chain = _get(list, i);
                    while (++i < end) {
                        chain = _combine(op == Op.REDUCE_MAX, isInt32, chain, _get(list, i));
                    }
                    _put(list, groups, chain);
                }
                length = groups;
            }
            return _get(list, 0);
        }
    }

    function _combine(bool isMax, bool isInt32, uint256 a, uint256 b)
        private
        pure
        returns (uint256)
    {
        if (isMax) return isInt32 ? Int32.max(a, b) : Float32.max(a, b);
        return isInt32 ? Int32.add(a, b) : Float32.add(a, b);
    }

    /// @dev Makes a run's elements big-endian, eight at a time.
    /// @return length their number
    function _swap(bytes memory run) private pure returns (uint256 length) {
        unchecked {
            length = run.length / 4;
            uint256 end = run.length;
            for (uint256 i; i < end; i += 32) {
                assembly ("memory-safe") {
                    // The last word may be filled up beyond the run: it is the run's own memory.
                    let place := add(add(run, 32), i)
                    let w := mload(place)
                    w := or(shl(8, and(w, EVEN_BYTES)), and(shr(8, w), EVEN_BYTES))
                    w := or(shl(16, and(w, EVEN_PAIRS)), and(shr(16, w), EVEN_PAIRS))
                    mstore(place, w)
                }
            }
        }
    }

    /// @dev Element i of a run that `_swap` has been over.
    function _element(bytes memory run, uint256 i) private pure returns (uint256 bits) {
        assembly ("memory-safe") {
            bits := shr(224, mload(add(add(run, 32), shl(2, i))))
        }
    }

    function _get(uint256[] memory list, uint256 i) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(add(add(list, 32), shl(5, i)))
        }
    }

    function _put(uint256[] memory list, uint256 i, uint256 word) private pure {
        assembly ("memory-safe") {
            mstore(add(add(list, 32), shl(5, i)), word)
        }
    }
}
