// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DotSegment} from "./DotSegment.sol";
import {IElementwise} from "./Elementwise.sol";
import {IReferee, Operand, Scene} from "./IReferee.sol";
import {Indexing, Run} from "./Indexing.sol";
import {LittleEndian} from "./LittleEndian.sol";
import {Merkle} from "./Merkle.sol";
import {Input, Kind, Node, NodeCodec} from "./NodeCodec.sol";
import {Op} from "./Operators.sol";
import {Philox} from "./Philox.sol";
import {Reductions} from "./Reductions.sol";
import {TensorLeaves} from "./TensorLeaves.sol";

/// @title Referee
/// @notice Judges one element, or one segment of a reduction, of every operator of RepOps
/// (docs/spec/repops.md) from opened operands. Stateless; the last word of a dispute (docs/spec/verde.md).
/// @dev Openings that do not fit revert with an error of this contract, of Merkle or of TensorLeaves.
contract Referee is IReferee {
    using LittleEndian for bytes;
    using NodeCodec for Node;

    /// @notice The encoding breaks a rule of docs/spec/repops.md, section 4.1.
    error Referee_Malformed(bytes32 encodingHash);
    /// @notice The output has `count` elements, fewer than `element` asks for.
    error Referee_ElementOutOfRange(uint256 element, uint256 count);
    /// @notice An element's reduction has `segments` segments, fewer than `segment` asks for.
    error Referee_SegmentOutOfRange(uint256 segment, uint256 segments);
    /// @notice The node has `inputs` inputs, fewer than `k` asks for.
    error Referee_InputOutOfRange(uint256 k, uint256 inputs);
    /// @notice The node has `expected` inputs, `given` operands were sent.
    error Referee_OperandCount(uint256 expected, uint256 given);
    /// @notice Operand `k` is not read, so all its fields are to be empty.
    error Referee_OperandNotEmpty(uint256 k);
    /// @notice The data and proof of operand `k` lead to `computed`, not to the tensor root it names.
    error Referee_WrongData(uint256 k, bytes32 computed, bytes32 root);
    /// @notice The tensor root of operand `k` leads to `computed`, not to the root of the tree it is in.
    error Referee_WrongRoot(uint256 k, bytes32 computed, bytes32 root);
    /// @notice Only reductions have partial values.
    error Referee_NotAReduction(uint256 op);
    /// @notice Partial values are 1 to 256 words of four bytes, not `length` bytes.
    error Referee_PartialsLength(uint256 length);

    uint256 private constant NO_LIMIT = 1 << 32; // above every ref
    uint256 private constant MAX_PARTIALS = 256;
    uint256 private constant NAN = 0x7fc00000;

    /// @notice Computes the element-wise operators.
    IElementwise public immutable ELEMENTWISE;

    constructor(IElementwise elementwise) {
        ELEMENTWISE = elementwise;
    }

    /// @inheritdoc IReferee
    function wellFormed(bytes calldata encoding, uint32 node, uint32 states, uint32 constants)
        external
        pure
        returns (bool ok)
    {
        (ok,) = NodeCodec.decode(encoding, node, states, constants);
    }

    /// @inheritdoc IReferee
    function output(bytes calldata encoding)
        external
        pure
        returns (bool isInt32, uint64 count, uint32 segments)
    {
        Node memory node = _decode(encoding);
        return (node.resultInt32, uint64(node.count), uint32(node.segments()));
    }

    /// @inheritdoc IReferee
    function input(bytes calldata encoding, uint256 k)
        external
        pure
        returns (uint8 kind, uint32 ref, bool isInt32, uint64 count)
    {
        Node memory node = _decode(encoding);
        if (k >= node.inputs.length) revert Referee_InputOutOfRange(k, node.inputs.length);
        Input memory wanted = node.inputs[k];
        return (uint8(wanted.kind), uint32(wanted.ref), wanted.isInt32, uint64(wanted.count));
    }

    /// @inheritdoc IReferee
    function fold(bytes calldata encoding, bytes calldata values) external pure returns (uint32) {
        Node memory node = _decode(encoding);
        if (!Op.isReduction(node.op)) revert Referee_NotAReduction(node.op);
        uint256 length = values.length;
        if (length == 0 || length % 4 != 0 || length > 4 * MAX_PARTIALS) {
            revert Referee_PartialsLength(length);
        }
        return uint32(Reductions.fold(node.op, node.isInt32, values));
    }

    /// @inheritdoc IReferee
    function judge(
        Scene calldata scene,
        bytes calldata encoding,
        uint64 element,
        uint32 segment,
        Operand[] calldata operands
    ) external view returns (uint32) {
        (bool ok, Node memory node) =
            NodeCodec.decode(encoding, scene.node, scene.states, scene.constants);
        if (!ok) revert Referee_Malformed(keccak256(encoding));
        if (element >= node.count) revert Referee_ElementOutOfRange(element, node.count);
        uint256 segments = node.segments();
        if (segment >= segments) revert Referee_SegmentOutOfRange(segment, segments);
        uint256 inputs = node.inputs.length;
        if (operands.length != inputs) revert Referee_OperandCount(inputs, operands.length);

        uint256 value;
        if (Op.isElementwise(node.op)) {
            value = _elementwise(scene, encoding, node, element, operands);
        } else if (Op.isReduction(node.op)) {
            value = _reduction(scene, encoding, node, element, segment, operands);
        } else {
            value = _movement(scene, encoding, node, element, operands);
        }
        return uint32(value);
    }

    function _elementwise(
        Scene calldata scene,
        bytes calldata encoding,
        Node memory node,
        uint256 element,
        Operand[] calldata operands
    ) private view returns (uint256) {
        uint256[] memory starts = Indexing.elementwise(encoding, node, element);
        uint256[3] memory words;
        for (uint256 k; k < starts.length; ++k) {
            words[k] = _read(scene, node, operands, k, Run(starts[k], 1)).element(0);
        }
        return ELEMENTWISE.evaluate(
            node.op, node.isInt32, uint32(words[0]), uint32(words[1]), uint32(words[2])
        );
    }

    function _reduction(
        Scene calldata scene,
        bytes calldata encoding,
        Node memory node,
        uint256 element,
        uint256 segment,
        Operand[] calldata operands
    ) private pure returns (uint256) {
        if (node.op == Op.MATMUL) {
            (Run memory x, Run memory y) = Indexing.matMul(encoding, node, element, segment);
            return
                DotSegment.dot(
                    _read(scene, node, operands, 0, x), _read(scene, node, operands, 1, y)
                );
        }
        if (node.op == Op.SCATTER_ADD) {
            (Run memory indices, Run memory gradients, uint256 wanted) =
                Indexing.scatterAdd(encoding, node, element, segment);
            return Reductions.scatter(
                _read(scene, node, operands, 0, indices),
                _read(scene, node, operands, 1, gradients),
                wanted
            );
        }
        bytes memory run = _read(scene, node, operands, 0, Indexing.reduce(node, element, segment));
        if (node.op == Op.REDUCE_SUM) return Reductions.sum(run, node.isInt32);
        return Reductions.max(run, node.isInt32);
    }

    /// @dev Gather, Move, Concat copy; Iota and Philox generate.
    function _movement(
        Scene calldata scene,
        bytes calldata encoding,
        Node memory node,
        uint256 element,
        Operand[] calldata operands
    ) private pure returns (uint256) {
        if (node.op == Op.IOTA) return uint32(element);
        if (node.op == Op.PHILOX) {
            uint256 stream = encoding.u32(node.form + 5);
            return Philox.element(element, scene.step, stream, scene.seed);
        }

        uint256 k; // the input that holds the element
        bool inside = true;
        uint256 start;
        uint256 value; // what stands outside
        if (node.op == Op.GATHER) {
            Run memory where = Run(Indexing.gatherIndex(encoding, node, element), 1);
            uint256 index = _read(scene, node, operands, 1, where).element(0);
            (inside, start) = Indexing.gather(encoding, node, element, index);
            value = node.isInt32 ? 0 : NAN;
        } else if (node.op == Op.MOVE) {
            (inside, start, value) = Indexing.move(encoding, node, element);
        } else {
            (k, start) = Indexing.concat(encoding, node, element);
            for (uint256 other; other < operands.length; ++other) {
                if (other != k) _skip(operands, other);
            }
        }
        if (inside) return _read(scene, node, operands, k, Run(start, 1)).element(0);
        _skip(operands, 0);
        return value;
    }

    /// @dev The elements of a run of input k, opened down from the root of the tree that the input's
    /// tensor is in. The run lies in at most two leaves.
    function _read(
        Scene calldata scene,
        Node memory node,
        Operand[] calldata operands,
        uint256 k,
        Run memory run
    ) private pure returns (bytes memory) {
        Input memory wanted = node.inputs[k];
        if (wanted.kind >= Kind.IMMEDIATE) {
            _skip(operands, k);
            uint256 word = wanted.kind == Kind.STEP ? scene.step : wanted.ref;
            return abi.encodePacked(uint32(LittleEndian.swap32(word)));
        }

        Operand calldata operand = operands[k];
        uint256 leaf = run.start / TensorLeaves.LEAF_ELEMENTS;
        uint256 last = (run.start + run.length - 1) / TensorLeaves.LEAF_ELEMENTS;
        bytes32 computed = leaf == last
            ? TensorLeaves.rootOfOne(operand.data, leaf, wanted.count, operand.proof)
            : TensorLeaves.rootOfTwo(operand.data, leaf, wanted.count, operand.proof);
        if (computed != operand.root) revert Referee_WrongData(k, computed, operand.root);

        (bytes32 root, uint256 tensors) = _tree(scene, wanted.kind);
        computed = Merkle.rootOfLeaf(operand.root, wanted.ref, tensors, operand.rootProof);
        if (computed != root) revert Referee_WrongRoot(k, computed, root);

        uint256 from = 4 * (run.start % TensorLeaves.LEAF_ELEMENTS);
        return operand.data[from:from + 4 * run.length];
    }

    /// @dev Operand k is not read.
    function _skip(Operand[] calldata operands, uint256 k) private pure {
        Operand calldata operand = operands[k];
        if (
            operand.root != 0 || operand.rootProof.length != 0 || operand.data.length != 0
                || operand.proof.length != 0
        ) revert Referee_OperandNotEmpty(k);
    }

    /// @dev Root and number of leaves of the tree that the tensors of a kind are in.
    function _tree(Scene calldata scene, uint256 kind) private pure returns (bytes32, uint256) {
        if (kind == Kind.NODE) return (scene.graphRoot, scene.nodes);
        if (kind == Kind.STATE) return (scene.stateRoot, scene.states);
        return (scene.constantsRoot, scene.constants);
    }

    /// @dev Decodes for those who have no program at hand: refs are not checked.
    function _decode(bytes calldata encoding) private pure returns (Node memory node) {
        bool ok;
        (ok, node) = NodeCodec.decode(encoding, NO_LIMIT, NO_LIMIT, NO_LIMIT);
        if (!ok) revert Referee_Malformed(keccak256(encoding));
    }
}
