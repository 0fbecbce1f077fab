// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IElementwise} from "../../../src/repops/Elementwise.sol";
import {DotSegment} from "../../../src/repops/DotSegment.sol";
import {Indexing, Run} from "../../../src/repops/Indexing.sol";
import {LittleEndian} from "../../../src/repops/LittleEndian.sol";
import {Node, NodeCodec} from "../../../src/repops/NodeCodec.sol";
import {Op} from "../../../src/repops/Operators.sol";
import {Philox} from "../../../src/repops/Philox.sol";
import {Reductions} from "../../../src/repops/Reductions.sol";

/// @notice Executes nodes on whole tensors: the backend of the players in test/verde/games. Tensors are flat
/// little-endian bytes. Every input is given as bytes, an immediate and the step too.
contract Interpreter {
    using LittleEndian for bytes;
    using NodeCodec for Node;

    IElementwise internal immutable ELEMENTWISE;

    constructor(IElementwise elementwise) {
        ELEMENTWISE = elementwise;
    }

    /// @notice The whole output of a node.
    function evaluate(bytes calldata encoding, bytes[] memory inputs, uint32 step, uint64 seed)
        external
        view
        returns (bytes memory out)
    {
        Node memory node = _decode(encoding);
        out = new bytes(4 * node.count);
        uint256 segments = node.segments();
        for (uint256 element; element < node.count; ++element) {
            uint32 value;
            if (segments == 1) {
                (value,) = _compute(encoding, node, inputs, element, 0, step, seed);
            } else {
                value = this.fold(encoding, _segments(encoding, node, inputs, element, step, seed));
            }
            for (uint256 j; j < 4; ++j) {
                out[4 * element + j] = bytes1(uint8(value >> (8 * j)));
            }
        }
    }

    /// @notice One element or one segment of it, and the run that it reads of each input; an input that is not
    /// read has length 0.
    function compute(
        bytes calldata encoding,
        bytes[] memory inputs,
        uint256 element,
        uint256 segment,
        uint32 step,
        uint64 seed
    ) external view returns (uint32 value, Run[] memory reads) {
        return _compute(encoding, _decode(encoding), inputs, element, segment, step, seed);
    }

    /// @notice The values of all segments of an element, as the solver posts them.
    function segmentsOf(
        bytes calldata encoding,
        bytes[] memory inputs,
        uint256 element,
        uint32 step,
        uint64 seed
    ) external view returns (bytes memory values) {
        return _segments(encoding, _decode(encoding), inputs, element, step, seed);
    }

    function fold(bytes calldata encoding, bytes calldata values) external pure returns (uint32) {
        Node memory node = _decode(encoding);
        return uint32(Reductions.fold(node.op, node.isInt32, values));
    }

    function describe(bytes calldata encoding) external pure returns (Node memory) {
        return _decode(encoding);
    }

    function _segments(
        bytes calldata encoding,
        Node memory node,
        bytes[] memory inputs,
        uint256 element,
        uint32 step,
        uint64 seed
    ) private view returns (bytes memory values) {
        for (uint256 s; s < node.segments(); ++s) {
            (uint32 value,) = _compute(encoding, node, inputs, element, s, step, seed);
            values = abi.encodePacked(values, value);
        }
    }

    function _compute(
        bytes calldata encoding,
        Node memory node,
        bytes[] memory inputs,
        uint256 element,
        uint256 segment,
        uint32 step,
        uint64 seed
    ) private view returns (uint32, Run[] memory reads) {
        reads = new Run[](inputs.length);
        uint256 op = node.op;
        if (Op.isElementwise(op)) {
            uint256[] memory starts = Indexing.elementwise(encoding, node, element);
            uint256[3] memory words;
            for (uint256 k; k < starts.length; ++k) {
                reads[k] = Run(starts[k], 1);
                words[k] = inputs[k].element(starts[k]);
            }
            return (
                ELEMENTWISE.evaluate(
                    op, node.isInt32, uint32(words[0]), uint32(words[1]), uint32(words[2])
                ),
                reads
            );
        }
        if (op == Op.MATMUL) {
            (reads[0], reads[1]) = Indexing.matMul(encoding, node, element, segment);
            return
                (
                    uint32(DotSegment.dot(_take(inputs[0], reads[0]), _take(inputs[1], reads[1]))),
                    reads
                );
        }
        if (op == Op.SCATTER_ADD) {
            uint256 wanted;
            (reads[0], reads[1], wanted) = Indexing.scatterAdd(encoding, node, element, segment);
            return (
                uint32(
                    Reductions.scatter(
                        _take(inputs[0], reads[0]), _take(inputs[1], reads[1]), wanted
                    )
                ),
                reads
            );
        }
        if (Op.isReduction(op)) {
            reads[0] = Indexing.reduce(node, element, segment);
            bytes memory run = _take(inputs[0], reads[0]);
            return (
                uint32(
                    op == Op.REDUCE_SUM
                        ? Reductions.sum(run, node.isInt32)
                        : Reductions.max(run, node.isInt32)
                ),
                reads
            );
        }
        if (op == Op.IOTA) return (uint32(element), reads);
        if (op == Op.PHILOX) {
            return (uint32(Philox.element(element, step, encoding.u32(node.form + 5), seed)), reads);
        }
        return _move(encoding, node, inputs, element, reads);
    }

    function _move(
        bytes calldata encoding,
        Node memory node,
        bytes[] memory inputs,
        uint256 element,
        Run[] memory reads
    ) private pure returns (uint32, Run[] memory) {
        uint256 k;
        uint256 start;
        uint256 outside;
        bool inside = true;
        if (node.op == Op.GATHER) {
            uint256 where = Indexing.gatherIndex(encoding, node, element);
            reads[1] = Run(where, 1);
            (inside, start) = Indexing.gather(encoding, node, element, inputs[1].element(where));
            outside = node.isInt32 ? 0 : 0x7fc00000;
        } else if (node.op == Op.MOVE) {
            (inside, start, outside) = Indexing.move(encoding, node, element);
        } else {
            (k, start) = Indexing.concat(encoding, node, element);
        }
        if (!inside) return (uint32(outside), reads);
        reads[k] = Run(start, 1);
        return (uint32(inputs[k].element(start)), reads);
    }

    function _take(bytes memory tensor, Run memory run) private pure returns (bytes memory out) {
        out = new bytes(4 * run.length);
        for (uint256 i; i < out.length; ++i) {
            out[i] = tensor[4 * run.start + i];
        }
    }

    function _decode(bytes calldata encoding) private pure returns (Node memory node) {
        bool ok;
        (ok, node) =
            NodeCodec.decode(encoding, type(uint32).max, type(uint32).max, type(uint32).max);
        require(ok, "malformed node");
    }
}
