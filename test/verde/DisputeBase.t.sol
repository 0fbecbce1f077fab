// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    Answer,
    DisputeStatus,
    ElementOpening,
    NodeOpening,
    Position
} from "../../src/verde/IVerde.sol";
import {Positions} from "../../src/verde/Positions.sol";
import {Scene, Trees} from "./Scene.sol";
import {VerdeBase} from "./VerdeBase.t.sol";

/// @notice A claim on a `Scene`, and the way to every phase of a dispute of it.
abstract contract DisputeBase is VerdeBase {
    uint32 internal constant DISPUTED = 2; // the interval
    uint32 internal constant K = 1; // the step in it
    uint32 internal constant IOTA = 0;
    uint32 internal constant ADD = 1;
    uint32 internal constant SUM = 2;
    uint32 internal constant LONG = 3;

    Scene internal scene;
    uint256 internal claimId;
    uint256 internal dispute;
    uint256 internal bond;
    Answer internal stepsAnswer;
    Answer internal graphAnswer;

    // Of the scene; here because a call to it would take the place of the one that is expected or pranked.
    bytes[] internal nodes;
    bytes[] internal outputLeaf;
    bytes32 internal stepsRoot;
    bytes32 internal beforeRoot;
    bytes32 internal afterRoot;
    bytes32 internal graphRoot;

    function setUp() public virtual override {
        scene = Scene(deployCode("Scene.sol:Scene"));
        _enter(scene);
        claimId = scene.claimAll();
        bond = stage.terms().bondWei;
        for (uint256 n; n < 4; ++n) {
            nodes.push(scene.nodes(n));
            outputLeaf.push(scene.outputLeaf(n));
        }
        _refresh();
    }

    function _refresh() internal {
        stepsRoot = scene.root(Trees.Steps);
        beforeRoot = scene.root(Trees.Before);
        afterRoot = scene.root(Trees.After);
        graphRoot = scene.root(Trees.Graph);
    }

    function _challenge() internal returns (uint256) {
        return _challengeAs(challenger);
    }

    function _challengeAs(address by) internal returns (uint256) {
        bytes32[] memory proof = scene.openPair(Trees.Checkpoints, DISPUTED);
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
        bytes32[] memory proof = scene.open(Trees.Steps, 3);
        vm.prank(solver);
        verde.commitSteps(dispute, here, stepsRoot, proof);
        stepsAnswer = Answer(stepsRoot, uint40(vm.getBlockTimestamp()));
    }

    function _pickStep() internal {
        bytes32[7] memory here = _now();
        bytes32[] memory proof = scene.openPair(Trees.Steps, K - 1);
        vm.prank(challenger);
        verde.pickStep(dispute, here, stepsAnswer, K, beforeRoot, afterRoot, proof);
    }

    function _commitGraph() internal {
        bytes32[7] memory here = _now();
        vm.prank(solver);
        verde.commitGraph(dispute, here, graphRoot);
        graphAnswer = Answer(graphRoot, uint40(vm.getBlockTimestamp()));
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
        NodeOpening memory opening = scene.nodeOpening(n);
        vm.prank(challenger);
        verde.openNode(dispute, here, graphAnswer, opening);
    }

    function _openElement(uint32 n, uint40 element) internal {
        bytes32[7] memory here = _now();
        ElementOpening memory opening = scene.elementOpening(n, element);
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

    function _pickPartial(bytes memory values, uint32 index) internal {
        bytes32[7] memory here = _now();
        vm.prank(challenger);
        verde.pickPartial(dispute, here, values, index);
    }

    /// Lets the clock of whoever owes run out.
    function _lapse(Answer memory answer) internal {
        bytes32[7] memory here = _now();
        (, uint40 deadline) = verde.owedBy(dispute, here, answer);
        vm.warp(uint256(deadline) + 1);
        vm.prank(stranger);
        verde.timeout(dispute, here, answer);
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
