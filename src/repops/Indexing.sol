// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LittleEndian} from "./LittleEndian.sol";
import {Node, NodeCodec} from "./NodeCodec.sol";

/// @notice Consecutive elements of an operand's tensor.
/// @param start first element
/// @param length number of elements, 1 to 256
struct Run {
    uint256 start;
    uint256 length;
}

/// @title Indexing
/// @notice Which elements of its inputs an element of a node's output, or a segment of its reduction, is
/// computed from: the index arithmetic of docs/spec/repops.md, section 2.
/// @dev Takes decoded, hence well-formed nodes, an element below node.count and a segment below
/// NodeCodec.segments(node). Nothing overflows then, and every run lies inside its tensor.
library Indexing {
    using LittleEndian for bytes;

    uint256 internal constant SEGMENT = 256;

    /// @notice Element of each input that a broadcast element is computed from.
    function elementwise(bytes calldata encoding, Node memory node, uint256 element)
        internal
        pure
        returns (uint256[] memory starts)
    {
        unchecked {
            uint256 inputs = node.inputs.length;
            starts = new uint256[](inputs);
            uint256[] memory strides = new uint256[](inputs);
            uint256 rank = encoding.u8(node.form);
            uint256 masks = node.form + 1 + 5 * rank;
            for (uint256 axis = rank; axis-- > 0;) {
                uint256 dim = encoding.u40(node.form + 1 + 5 * axis);
                uint256 coordinate = element % dim;
                element /= dim;
                for (uint256 k; k < inputs; ++k) {
                    if (encoding.u8(masks + k) >> axis & 1 == 0) continue;
                    uint256 stride = strides[k] == 0 ? 1 : strides[k]; // 0: no axis yet
                    starts[k] += coordinate * stride;
                    strides[k] = stride * dim;
                }
            }
        }
    }

    /// @notice The runs of x and y whose dot product segment `segment` of a MatMul is.
    function matMul(bytes calldata encoding, Node memory node, uint256 element, uint256 segment)
        internal
        pure
        returns (Run memory x, Run memory y)
    {
        unchecked {
            (, uint256 m, uint256 n, uint256 k) = NodeCodec.four(encoding, node.form);
            uint256 flags = encoding.u8(node.form + 20);
            uint256 batch = element / (m * n);
            uint256 row = element / n % m + (flags & 1 == 0 ? batch * m : 0);
            uint256 column = element % n + (flags & 2 == 0 ? batch * n : 0);
            x = _segment(row, k, segment);
            y = _segment(column, k, segment);
        }
    }

    /// @notice The run that segment `segment` of a ReduceSum or ReduceMax covers.
    function reduce(Node memory node, uint256 element, uint256 segment)
        internal
        pure
        returns (Run memory)
    {
        return _segment(element, node.axis, segment);
    }

    /// @notice The runs of indices and of gradients of segment `segment` of a ScatterAdd, and the index that
    /// the element collects.
    function scatterAdd(bytes calldata encoding, Node memory node, uint256 element, uint256 segment)
        internal
        pure
        returns (Run memory indices, Run memory gradients, uint256 wanted)
    {
        unchecked {
            (, uint256 v, uint256 r, uint256 q) = NodeCodec.four(encoding, node.form);
            uint256 batch = element / (v * r);
            wanted = element / r % v;
            indices = _segment(batch, q, segment);
            gradients = _segment(batch * r + element % r, q, segment);
        }
    }

    /// @notice Where a Gather finds the index of an element.
    function gatherIndex(bytes calldata encoding, Node memory node, uint256 element)
        internal
        pure
        returns (uint256)
    {
        return element / encoding.u40(node.form + 10); // [B, Q, R] without its last axis
    }

    /// @notice Where a Gather with that index finds its element.
    /// @param index the index as its bits
    /// @return inside false if the index is outside [0, V)
    function gather(bytes calldata encoding, Node memory node, uint256 element, uint256 index)
        internal
        pure
        returns (bool inside, uint256 start)
    {
        unchecked {
            (, uint256 v, uint256 r, uint256 q) = NodeCodec.four(encoding, node.form);
            inside = index < v && index < 1 << 31;
            start = (element / (q * r) * v + index) * r + element % r;
        }
    }

    /// @notice Where a Move finds its element.
    /// @return inside false if the map falls outside the input
    /// @return start the element of the input; means nothing outside
    /// @return fill the bits that stand outside
    function move(bytes calldata encoding, Node memory node, uint256 element)
        internal
        pure
        returns (bool inside, uint256 start, uint256 fill)
    {
        unchecked {
            uint256 inRank = encoding.u8(node.form);
            uint256 cursor = node.form + 1 + 5 * inRank;
            uint256 outRank = encoding.u8(cursor++);
            uint256[] memory coordinates = new uint256[](outRank);
            for (uint256 axis = outRank; axis-- > 0;) {
                uint256 dim = encoding.u40(cursor + 5 * axis);
                coordinates[axis] = element % dim;
                element /= dim;
            }
            cursor += 5 * outRank;
            fill = encoding.u32(cursor);
            cursor += 4;
            for (uint256 axis; axis < inRank; ++axis) {
                int256 v = encoding.i40(cursor);
                uint256 divisor = encoding.u40(cursor + 5);
                uint256 terms = encoding.u8(cursor + 10);
                cursor += 11;
                for (uint256 term; term < terms; ++term) {
                    v += encoding.i40(cursor + 1) * int256(coordinates[encoding.u8(cursor)]);
                    cursor += 6;
                }
                if (v < 0 || uint256(v) % divisor != 0) return (false, 0, fill);
                uint256 dim = encoding.u40(node.form + 1 + 5 * axis);
                if (uint256(v) / divisor >= dim) return (false, 0, fill);
                start = start * dim + uint256(v) / divisor;
            }
        }
        return (true, start, fill);
    }

    /// @notice Which input of a Concat holds an element, and where.
    function concat(bytes calldata encoding, Node memory node, uint256 element)
        internal
        pure
        returns (uint256 k, uint256 start)
    {
        unchecked {
            uint256 inner = encoding.u40(node.form + 5);
            uint256 sizes = node.form + 10;
            uint256 joined;
            for (uint256 i; i < node.inputs.length; ++i) {
                joined += encoding.u40(sizes + 5 * i);
            }
            uint256 position = element / inner % joined;
            uint256 size = encoding.u40(sizes);
            while (position >= size) {
                position -= size;
                size = encoding.u40(sizes + 5 * ++k);
            }
            start = (element / inner / joined * size + position) * inner + element % inner;
        }
    }

    /// @dev Segment `segment` of row `row` of a matrix with rows of `length` elements.
    function _segment(uint256 row, uint256 length, uint256 segment)
        private
        pure
        returns (Run memory)
    {
        unchecked {
            uint256 left = length - SEGMENT * segment;
            return Run(row * length + SEGMENT * segment, left < SEGMENT ? left : SEGMENT);
        }
    }
}
