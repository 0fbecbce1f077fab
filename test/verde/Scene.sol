// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Operand} from "../../src/repops/IReferee.sol";
import {Op} from "../../src/repops/Operators.sol";
import {
    Computation,
    ElementOpening,
    EntryOpening,
    LeafOpening,
    NodeOpening
} from "../../src/verde/IVerde.sol";
import {NodeEncoder, Source} from "../repops/NodeEncoder.sol";
import {TreeBuilder} from "../repops/TreeBuilder.sol";
import {Sparse, SparseTree} from "./SparseTree.sol";
import {Stage} from "./Stage.sol";

/// @notice The trees of the scene. Output n is the output of node n.
enum Trees {
    Program,
    States,
    Constants,
    Checkpoints,
    Steps,
    Graph,
    Before, // the state before the disputed step
    After,
    Output0,
    Output1,
    Output2,
    Output3
}

/// @notice One computation over synthetic trees, and a claim about it that is wrong in places.
/// 20 steps, a checkpoint every 4. Interval 2 is disputed, in it step 9, in that a node:
/// - 0 IOTA  i32[600]: three leaves; its elements are right
/// - 1 ADD   i32[6] state 0 + 1: threes and ones, claimed to be sevens
/// - 2 SUM   i32 sum of state 1, 300 elements in two segments, 256 and 220: right
/// - 3 LONG  i32 sum of state 2, 70,000 elements in 274 segments, two blocks: claimed to be 1,000
/// State 0 is the output of ADD; states 1 and 2 stay, but state 2 is claimed to change.
contract Scene is Stage {
    using SparseTree for Sparse;

    uint256 internal constant ROWS = 6;
    uint32 internal constant NODES = 4;
    uint32 internal constant STATES = 3;

    bytes[] public nodes;
    bytes[] public entries;
    bytes[] public constants;
    bytes[] public outputLeaf; // the first leaf of each output
    bytes internal _sumLeaves;
    bytes internal _longLeaf; // segment 260
    mapping(Trees => Sparse) internal _trees;
    Computation internal _computation;
    bytes32 public immutable COMPUTATION;

    constructor() {
        _writeProgram();
        _writeTrees();
        _computation = Computation({
            nodesRoot: root(Trees.Program),
            statesRoot: root(Trees.States),
            constantEntriesRoot: root(Trees.Constants),
            initialStateRoot: "initial",
            constantsRoot: "constants",
            nodes: NODES,
            states: STATES,
            constants: 2,
            steps: 20,
            interval: 4,
            seed: 7
        });
        COMPUTATION = VERDE.register(_computation);
    }

    function _writeProgram() private {
        nodes.push(
            bytes.concat(
                NodeEncoder.head(Op.IOTA, true, new Source[](0)), NodeEncoder.generate(600, 0)
            )
        );
        Source[] memory two = new Source[](2);
        two[0] = Source(1, 0);
        two[1] = Source(3, 1);
        uint256[] memory shape = new uint256[](1);
        shape[0] = 6;
        uint256[] memory masks = new uint256[](2);
        masks[0] = 1;
        nodes.push(
            bytes.concat(NodeEncoder.head(Op.ADD, true, two), NodeEncoder.elementwise(shape, masks))
        );
        Source[] memory one = new Source[](1);
        one[0] = Source(1, 1);
        nodes.push(
            bytes.concat(NodeEncoder.head(Op.REDUCE_SUM, true, one), NodeEncoder.reduce(1, 300))
        );
        one[0] = Source(1, 2);
        nodes.push(
            bytes.concat(NodeEncoder.head(Op.REDUCE_SUM, true, one), NodeEncoder.reduce(1, 70_000))
        );
        entries.push(stateEntryBytes(true, 6, 0, 1));
        entries.push(stateEntryBytes(true, 300, 1, 0));
        entries.push(stateEntryBytes(true, 70_000, 1, 0));
        constants.push(bytes.concat(hex"01", NodeEncoder.le(9, 5)));
        constants.push(bytes.concat(hex"00", NodeEncoder.le(9, 5)));
    }

    function _writeTrees() private {
        _make(Trees.Program, NODES);
        for (uint256 n; n < NODES; ++n) {
            set(Trees.Program, n, keccak256(nodes[n]));
        }
        _make(Trees.States, STATES);
        for (uint256 p; p < STATES; ++p) {
            set(Trees.States, p, keccak256(entries[p]));
        }
        _make(Trees.Constants, 2);
        set(Trees.Constants, 0, keccak256(constants[0]));
        set(Trees.Constants, 1, keccak256(constants[1]));

        outputLeaf.push(_words(256, 0, 1));
        outputLeaf.push(_words(6, 7, 0));
        outputLeaf.push(_words(1, 476, 0));
        outputLeaf.push(_words(1, 1_000, 0));
        _make(Trees.Graph, NODES);
        for (uint256 n; n < NODES; ++n) {
            Trees tree = output(n);
            _make(tree, n == 0 ? 3 : 1);
            set(tree, 0, _leaf(outputLeaf[n]));
            set(Trees.Graph, n, root(tree));
        }

        _sumLeaves = bytes.concat(_words(256, 1, 0), _words(44, 5, 0));
        bytes32 first = _leaf(_words(256, 1, 0));
        bytes32 state1 = keccak256(abi.encode(first, _leaf(_words(44, 5, 0))));
        _longLeaf = _words(256, 2, 0);
        Sparse memory state2 = SparseTree.make(274, ROWS, "state 2");
        state2.set(260, _leaf(_longLeaf));
        _make(Trees.Before, STATES);
        set(Trees.Before, 0, _leaf(_words(6, 3, 0)));
        set(Trees.Before, 1, state1);
        set(Trees.Before, 2, state2.root());
        _make(Trees.After, STATES);
        set(Trees.After, 0, root(output(1)));
        set(Trees.After, 1, state1);
        set(Trees.After, 2, "not state 2");

        _make(Trees.Steps, 4);
        set(Trees.Steps, 0, root(Trees.Before));
        set(Trees.Steps, 1, root(Trees.After));
        set(Trees.Steps, 3, "checkpoint 3");
        _make(Trees.Checkpoints, 6);
        set(Trees.Checkpoints, 0, "initial");
        set(Trees.Checkpoints, 2, "checkpoint 2");
        set(Trees.Checkpoints, 3, "checkpoint 3");
        set(Trees.Checkpoints, 5, "final");
    }

    /// @notice A fresh claim, with a lock of its own.
    function claimAll() external returns (uint256) {
        return claim(
            COMPUTATION,
            root(Trees.Checkpoints),
            "final",
            open(Trees.Checkpoints, 0),
            open(Trees.Checkpoints, 5)
        );
    }

    function computation() external view returns (Computation memory) {
        return _computation;
    }

    // ------------------------------------------------------------------------------------------------
    // Trees
    // ------------------------------------------------------------------------------------------------

    function output(uint256 n) public pure returns (Trees) {
        return Trees(uint256(Trees.Output0) + n);
    }

    function set(Trees tree, uint256 index, bytes32 leaf) public {
        Sparse memory t = _trees[tree];
        t.set(index, leaf);
        _trees[tree] = t;
    }

    /// @notice Another tree in the place of one.
    function replace(Trees tree, uint256 count) external {
        delete _trees[tree];
        _make(tree, count);
    }

    function root(Trees tree) public view returns (bytes32) {
        return _trees[tree].root();
    }

    function node(Trees tree, uint256 height, uint256 index) external view returns (bytes32) {
        return _trees[tree].node(height, index);
    }

    function open(Trees tree, uint256 index) public view returns (bytes32[] memory) {
        return _trees[tree].open(index);
    }

    function openPair(Trees tree, uint256 index) external view returns (bytes32[] memory) {
        return _trees[tree].openPair(index);
    }

    function row(Trees tree, uint256 below, uint256 height, uint256 index)
        external
        view
        returns (bytes32[] memory)
    {
        return _trees[tree].row(below, height, index);
    }

    function _make(Trees tree, uint256 count) private {
        _trees[tree] = SparseTree.make(count, ROWS, bytes32(uint256(tree)));
    }

    // ------------------------------------------------------------------------------------------------
    // Openings
    // ------------------------------------------------------------------------------------------------

    function nodeOpening(uint32 n) external view returns (NodeOpening memory) {
        return
            NodeOpening(n, nodes[n], open(Trees.Program, n), root(output(n)), open(Trees.Graph, n));
    }

    function elementOpening(uint32 n, uint40 element)
        external
        view
        returns (ElementOpening memory)
    {
        return ElementOpening(element, outputLeaf[n], open(output(n), 0));
    }

    function nodeEntry(uint32 n) external view returns (EntryOpening memory) {
        return EntryOpening(n, nodes[n], open(Trees.Program, n));
    }

    function stateEntry(uint32 p) external view returns (EntryOpening memory) {
        return EntryOpening(p, entries[p], open(Trees.States, p));
    }

    function constantEntry(uint32 p) external view returns (EntryOpening memory) {
        return EntryOpening(p, constants[p], open(Trees.Constants, p));
    }

    function leafOpening(Trees tree, uint256 index) external view returns (LeafOpening memory) {
        return LeafOpening(_trees[tree].node(0, index), open(tree, index));
    }

    /// @notice Operands of ADD: state 0, and an immediate.
    function addOperands() external view returns (Operand[] memory operands) {
        operands = new Operand[](2);
        operands[0] = Operand(
            _trees[Trees.Before].node(0, 0),
            open(Trees.Before, 0),
            _words(6, 3, 0),
            new bytes32[](0)
        );
    }

    /// @notice Operand of segment 0 or 1 of SUM.
    function sumOperands(uint256 segment) external view returns (Operand[] memory operands) {
        operands = new Operand[](1);
        operands[0].root = _trees[Trees.Before].node(0, 1);
        operands[0].rootProof = open(Trees.Before, 1);
        operands[0].data = segment == 0 ? _words(256, 1, 0) : _words(44, 5, 0);
        operands[0].proof = new bytes32[](1);
        operands[0].proof[0] = segment == 0 ? _leaf(_words(44, 5, 0)) : _leaf(_words(256, 1, 0));
    }

    /// @notice Operand of segment 260 of LONG, whose sum is 512.
    function longOperands() external view returns (Operand[] memory operands) {
        Sparse memory state2 = SparseTree.make(274, ROWS, "state 2");
        state2.set(260, _leaf(_longLeaf));
        operands = new Operand[](1);
        operands[0] = Operand(state2.root(), open(Trees.Before, 2), _longLeaf, state2.open(260));
    }

    function stateEntryBytes(bool isInt32, uint256 count, uint8 source, uint32 ref)
        public
        pure
        returns (bytes memory)
    {
        return bytes.concat(
            isInt32 ? bytes1(0x01) : bytes1(0x00),
            NodeEncoder.le(int256(count), 5),
            bytes1(source),
            NodeEncoder.le(int256(uint256(ref)), 4)
        );
    }

    /// `count` i32 elements: first, first + step, ...
    function _words(uint256 count, uint256 first, uint256 step)
        private
        pure
        returns (bytes memory data)
    {
        for (uint256 i; i < count; ++i) {
            data = bytes.concat(data, NodeEncoder.le(int256(first + i * step), 4));
        }
    }

    function _leaf(bytes memory data) private pure returns (bytes32) {
        return TreeBuilder.tensorLeaves(data)[0];
    }
}
