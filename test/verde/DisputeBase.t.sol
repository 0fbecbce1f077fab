// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Operand} from "../../src/repops/IReferee.sol";
import {Op} from "../../src/repops/Operators.sol";
import {
    Answer,
    Computation,
    DisputeStatus,
    ElementOpening,
    EntryOpening,
    NodeOpening,
    Position
} from "../../src/verde/IVerde.sol";
import {Positions} from "../../src/verde/Positions.sol";
import {NodeEncoder, Source} from "../repops/NodeEncoder.sol";
import {TreeBuilder} from "../repops/TreeBuilder.sol";
import {Sparse, SparseTree} from "./SparseTree.sol";
import {VerdeBase} from "./VerdeBase.t.sol";

/// @notice One claim over synthetic trees, and the way to every phase of a dispute of it.
/// 20 steps, a checkpoint every 4. Interval 2 is disputed, in it step 9, in that a node:
/// - IOTA    i32[600]: three leaves; its elements are right
/// - ADD     i32[6] = node 0 of another program, claimed as sevens; not right
/// - SUM     i32 sum of 300 elements: two segments
/// - LONG    i32 sum of 70,000 elements: 274 segments in two blocks
/// State 0 is the output of ADD, states 1 and 2 feed SUM and LONG and stay.
abstract contract DisputeBase is VerdeBase {
    using SparseTree for Sparse;

    uint256 internal constant ROWS = 6;
    uint32 internal constant STEPS = 20;
    uint32 internal constant INTERVAL = 4;
    uint32 internal constant DISPUTED = 2; // the interval
    uint32 internal constant K = 1; // the step in it
    uint32 internal constant STEP = 9;
    uint32 internal constant IOTA = 0;
    uint32 internal constant ADD = 1;
    uint32 internal constant SUM = 2;
    uint32 internal constant LONG = 3;
    uint32 internal constant NODES = 4;
    uint32 internal constant STATES = 3;

    bytes[] internal nodes;
    bytes[] internal entries;
    bytes internal constantEntry;

    Sparse internal program;
    Sparse internal statesTable;
    Sparse internal constantsTable;
    Sparse internal checkpoints;
    Sparse internal steps;
    Sparse internal graph;
    Sparse internal before; // the state before the step
    Sparse internal disputed; // and after it
    Sparse[4] internal outputs;

    /// The first leaf of each output, and the leaf of each state that the proofs read.
    bytes[4] internal outputLeaf;
    bytes internal sumLeaves;
    bytes internal longLeaf;

    bytes32 internal computation;
    uint256 internal claimId;
    uint256 internal dispute;
    uint256 internal bond;
    Answer internal stepsAnswer;
    Answer internal graphAnswer;

    function setUp() public virtual override {
        super.setUp();
        _writeProgram();
        _writeTrees();
        computation = verde.register(_computation());
        claimId = _claimAll();
        bond = verde.claimOf(claimId).bondWei;
    }

    // ------------------------------------------------------------------------------------------------
    // The claim
    // ------------------------------------------------------------------------------------------------

    function _writeProgram() internal virtual {
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
        entries.push(_entry(6, 0, ADD));
        entries.push(_entry(300, 1, 0));
        entries.push(_entry(70_000, 1, 0));
        constantEntry = bytes.concat(hex"01", NodeEncoder.le(9, 5));
    }

    function _entry(uint256 count, uint8 source, uint32 ref) internal pure returns (bytes memory) {
        return bytes.concat(
            hex"01",
            NodeEncoder.le(int256(count), 5),
            bytes1(source),
            NodeEncoder.le(int256(uint256(ref)), 4)
        );
    }

    function _writeTrees() internal {
        program = _tree(NODES, "program");
        for (uint256 n; n < NODES; ++n) {
            program = _with(program, n, keccak256(nodes[n]));
        }
        statesTable = _tree(STATES, "states");
        for (uint256 p; p < STATES; ++p) {
            statesTable = _with(statesTable, p, keccak256(entries[p]));
        }
        constantsTable = _tree(2, "constants");
        constantsTable = _with(constantsTable, 0, keccak256(constantEntry));

        outputLeaf[IOTA] = _words(256, 0, 1);
        outputLeaf[ADD] = _words(6, 7, 0);
        outputLeaf[SUM] = _words(1, 44 * 5 + 256, 0); // segments 256 and 220
        outputLeaf[LONG] = _words(1, 1_000, 0);
        uint8[4] memory leaves = [3, 1, 1, 1];
        graph = _tree(NODES, "graph");
        for (uint256 n; n < NODES; ++n) {
            outputs[n] = _with(_tree(leaves[n], "output"), 0, _hash(outputLeaf[n]));
            graph = _with(graph, n, outputs[n].root());
        }

        sumLeaves = bytes.concat(_words(256, 1, 0), _words(44, 5, 0));
        Sparse memory one = _tree(2, "state 1");
        one.set(0, _hash(_words(256, 1, 0)));
        one.set(1, _hash(_words(44, 5, 0)));
        longLeaf = _words(256, 2, 0);
        Sparse memory two = _tree(274, "state 2");
        two.set(260, _hash(longLeaf));
        before = _with(_tree(STATES, "before"), 0, _hash(_words(6, 3, 0)));
        before = _with(before, 1, one.root());
        before = _with(before, 2, two.root());
        disputed = _with(_tree(STATES, "after"), 0, outputs[ADD].root());
        disputed = _with(disputed, 1, one.root());
        disputed = _with(disputed, 2, "not state 2");

        steps = _with(_tree(INTERVAL, "steps"), K - 1, before.root());
        steps = _with(steps, K, disputed.root());
        steps = _with(steps, INTERVAL - 1, "checkpoint 3");
        checkpoints = _tree(STEPS / INTERVAL + 1, "checkpoints");
        checkpoints = _with(checkpoints, 0, "initial");
        checkpoints = _with(checkpoints, DISPUTED, "checkpoint 2");
        checkpoints = _with(checkpoints, DISPUTED + 1, "checkpoint 3");
        checkpoints = _with(checkpoints, STEPS / INTERVAL, "final");
    }

    function _computation() internal view virtual returns (Computation memory) {
        return Computation({
            nodesRoot: program.root(),
            statesRoot: statesTable.root(),
            constantEntriesRoot: constantsTable.root(),
            initialStateRoot: "initial",
            constantsRoot: "constants",
            nodes: NODES,
            states: STATES,
            constants: 2,
            steps: STEPS,
            interval: INTERVAL,
            seed: 7
        });
    }

    function _claimAll() internal returns (uint256) {
        vm.warp(vm.getBlockTimestamp() + 1); // another lock
        return _claim(
            computation,
            checkpoints.root(),
            "final",
            checkpoints.open(0),
            checkpoints.open(STEPS / INTERVAL)
        );
    }

    // ------------------------------------------------------------------------------------------------
    // The way
    // ------------------------------------------------------------------------------------------------

    function _challenge() internal returns (uint256) {
        return _challengeAs(challenger);
    }

    function _challengeAs(address by) internal returns (uint256) {
        bytes32[] memory proof = checkpoints.openPair(DISPUTED);
        vm.prank(by);
        dispute = verde.challenge{value: bond}(
            claimId, challengerDelegate, DISPUTED, "checkpoint 2", "checkpoint 3", proof
        );
        return dispute;
    }

    function _challengeByDemand() internal returns (uint256) {
        vm.prank(challenger);
        dispute = verde.challengeByDemand{value: bond}(claimId, challengerDelegate);
        return dispute;
    }

    function _commitSteps() internal {
        bytes32[7] memory here = _now();
        bytes32[] memory proof = steps.open(INTERVAL - 1);
        vm.prank(solver);
        verde.commitSteps(dispute, here, steps.root(), proof);
        stepsAnswer = Answer(steps.root(), uint40(vm.getBlockTimestamp()));
    }

    function _pickStep() internal {
        bytes32[7] memory here = _now();
        bytes32[] memory proof = steps.openPair(K - 1);
        vm.prank(challenger);
        verde.pickStep(dispute, here, stepsAnswer, K, before.root(), disputed.root(), proof);
    }

    function _commitGraph() internal {
        bytes32[7] memory here = _now();
        vm.prank(solver);
        verde.commitGraph(dispute, here, graph.root());
        graphAnswer = Answer(graph.root(), uint40(vm.getBlockTimestamp()));
    }

    /// To Graph, the answer given.
    function _toGraph() internal {
        _challenge();
        _commitSteps();
        _pickStep();
        _commitGraph();
    }

    function _openNode(uint32 n) internal {
        bytes32[7] memory here = _now();
        NodeOpening memory opening = _node(n);
        vm.prank(challenger);
        verde.openNode(dispute, here, graphAnswer, opening);
    }

    function _openElement(uint32 n, uint40 element) internal {
        bytes32[7] memory here = _now();
        ElementOpening memory opening = _element(n, element);
        vm.prank(challenger);
        verde.openElement(dispute, here, nodes[n], opening);
    }

    /// To what follows an element of a node: Partials or Proof.
    function _toElement(uint32 n, uint40 element) internal {
        _toGraph();
        _openNode(n);
        _openElement(n, element);
    }

    function _commitPartials(uint32 n, bytes memory values) internal {
        bytes32[7] memory here = _now();
        vm.prank(solver);
        verde.commitPartials(dispute, here, nodes[n], values);
    }

    // ------------------------------------------------------------------------------------------------
    // Openings
    // ------------------------------------------------------------------------------------------------

    function _node(uint32 n) internal view returns (NodeOpening memory) {
        return NodeOpening(n, nodes[n], program.open(n), outputs[n].root(), graph.open(n));
    }

    function _element(uint32 n, uint40 element) internal view returns (ElementOpening memory) {
        return ElementOpening(element, outputLeaf[n], outputs[n].open(0));
    }

    function _nodeEntry(uint32 n) internal view returns (EntryOpening memory) {
        return EntryOpening(n, nodes[n], program.open(n));
    }

    function _stateEntry(uint32 p) internal view returns (EntryOpening memory) {
        return EntryOpening(p, entries[p], statesTable.open(p));
    }

    /// Operands of ADD: state 0, and an immediate.
    function _addOperands() internal view returns (Operand[] memory operands) {
        operands = new Operand[](2);
        operands[0] = Operand(before.node(0, 0), before.open(0), _words(6, 3, 0), _noProof());
    }

    // ------------------------------------------------------------------------------------------------

    function _tree(uint256 count, bytes32 salt) internal pure returns (Sparse memory) {
        return SparseTree.make(count, ROWS, salt);
    }

    function _with(Sparse memory t, uint256 index, bytes32 leaf)
        internal
        pure
        returns (Sparse memory)
    {
        t.set(index, leaf);
        return t;
    }

    /// `count` i32 elements: first, first + step, ...
    function _words(uint256 count, uint256 first, uint256 step)
        internal
        pure
        returns (bytes memory data)
    {
        for (uint256 i; i < count; ++i) {
            data = bytes.concat(data, NodeEncoder.le(int256(first + i * step), 4));
        }
    }

    function _hash(bytes memory leaf) internal pure returns (bytes32) {
        return TreeBuilder.tensorLeaves(leaf)[0];
    }

    /// The position that the last move published.
    function _now() internal returns (bytes32[7] memory) {
        _read();
        return lastPosition;
    }

    function _position() internal returns (Position memory) {
        return Positions.unpack(_now());
    }

    function _status() internal view returns (DisputeStatus status) {
        (,,, status,,) = verde.disputeOf(dispute);
    }

    function _assertStatus(DisputeStatus status) internal view {
        assertEq(uint256(_status()), uint256(status));
    }
}
