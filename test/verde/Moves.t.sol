// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Merkle} from "../../src/repops/Merkle.sol";
import {TensorLeaves} from "../../src/repops/TensorLeaves.sol";
import {
    Answer,
    Computation,
    DisputeStatus,
    ElementOpening,
    IVerdeEvents,
    NodeOpening,
    Phase,
    Position,
    Tree
} from "../../src/verde/IVerde.sol";
import {Ledger} from "../../src/verde/Ledger.sol";
import {Positions} from "../../src/verde/Positions.sol";
import {Verde} from "../../src/verde/Verde.sol";
import {Walk} from "../../src/verde/Walk.sol";
import {DisputeBase} from "./DisputeBase.t.sol";
import {Scene, Trees} from "./Scene.sol";

/// challenge, challengeByDemand
/// ├── no such claim, window over, claim void, another value than the bond: reverts
/// ├── checkpoints that are not the claim's, an interval beyond the last: reverts
/// └── else: takes the bond, gives the next place, begins the walk, admits while places are free
contract ChallengeTest is DisputeBase {
    function test_challenge_opensAnInterval() public {
        Position memory p;
        p.phase = Phase.Steps;
        (p.interval, p.delegate) = (DISPUTED, challengerDelegate);
        (p.solverLeft, p.challengerLeft) = (8 hours, 6 hours);
        (p.before, p.disputed) = ("checkpoint 2", "checkpoint 3");
        bytes32[7] memory packed = Positions.pack(p);
        vm.expectEmit(address(verde));
        emit IVerdeEvents.Challenged(claimId, claimId << 32, challenger, packed);
        vm.expectEmit(address(verde));
        emit IVerdeEvents.Admitted(claimId, claimId << 32, uint40(vm.getBlockTimestamp()));
        _challenge();

        assertEq(dispute, claimId << 32);
        (
            uint256 claim,
            uint32 place,
            address by,
            DisputeStatus status,
            uint40 admittedAt,
            bytes32 hash
        ) = verde.disputeOf(dispute);
        assertEq(claim, claimId);
        assertEq(place, 0);
        assertEq(by, challenger);
        assertEq(uint256(status), uint256(DisputeStatus.Live));
        assertEq(admittedAt, vm.getBlockTimestamp());
        assertEq(hash, keccak256(abi.encode(packed)));
        assertEq(address(verde).balance, bond);
    }

    /// The last interval may have one step only: no steps are owed.
    function test_challenge_goesToTheGraphWhereAnIntervalHasOneStep() public {
        _claimOf21Steps();
        bytes32[] memory proof = scene.openPair(Trees.Checkpoints, 5);
        vm.prank(challenger);
        dispute =
            verde.challenge{value: bond}(claimId, address(0), 5, "checkpoint 5", "final", proof);
        Position memory p = _position();
        assertEq(uint256(p.phase), uint256(Phase.Graph));
        assertEq(p.step, 20);
    }

    function _claimOf21Steps() private {
        scene.replace(Trees.Checkpoints, 7);
        scene.set(Trees.Checkpoints, 0, "initial");
        scene.set(Trees.Checkpoints, 5, "checkpoint 5");
        scene.set(Trees.Checkpoints, 6, "final");
        Computation memory c = scene.computation();
        c.steps = 21;
        claimId = scene.claim(
            verde.register(c),
            scene.root(Trees.Checkpoints),
            "final",
            scene.open(Trees.Checkpoints, 0),
            scene.open(Trees.Checkpoints, 6)
        );
    }

    function test_challenge_queuesBeyondTheLiveLimit() public {
        for (uint32 place; place < 4; ++place) {
            _challenge();
            assertEq(uint32(dispute), place);
            _assertStatus(place < 2 ? DisputeStatus.Live : DisputeStatus.Queued);
        }
        assertEq(verde.claimOf(claimId).live, 2);
        assertEq(verde.claimOf(claimId).admitted, 2);
        assertEq(verde.claimOf(claimId).count, 4);
        assertEq(address(verde).balance, 4 * bond);
    }

    function test_challenge_isPossibleInTheLastSecondOfTheWindow() public {
        vm.warp(verde.claimOf(claimId).windowEnd);
        _challenge();
    }

    function test_challenge_revertsAfterTheWindow() public {
        uint40 end = verde.claimOf(claimId).windowEnd;
        vm.warp(uint256(end) + 1);
        bytes32[] memory proof = scene.openPair(Trees.Checkpoints, DISPUTED);
        vm.expectRevert(abi.encodeWithSelector(Verde.Verde_NotOpen.selector, end, false));
        _challengeWith(bond, DISPUTED, proof);
        vm.expectRevert(abi.encodeWithSelector(Verde.Verde_NotOpen.selector, end, false));
        verde.challengeByDemand{value: bond}(claimId, address(0));
    }

    function test_challenge_revertsForAnUnknownClaim() public {
        claimId += 1;
        vm.expectRevert(abi.encodeWithSelector(Verde.Verde_UnknownClaim.selector, claimId));
        _challengeWith(bond, DISPUTED, _noProof());
        vm.expectRevert(abi.encodeWithSelector(Verde.Verde_UnknownClaim.selector, claimId));
        verde.challengeByDemand{value: bond}(claimId, address(0));
    }

    function test_challenge_revertsForAnotherValueThanTheBond() public {
        for (uint256 i; i < 3; ++i) {
            uint256 value = i == 0 ? 0 : i == 1 ? bond - 1 : bond + 1;
            vm.expectRevert(abi.encodeWithSelector(Verde.Verde_WrongBond.selector, bond));
            _challengeWith(value, DISPUTED, _noProof());
            vm.expectRevert(abi.encodeWithSelector(Verde.Verde_WrongBond.selector, bond));
            verde.challengeByDemand{value: value}(claimId, address(0));
        }
    }

    function test_challenge_revertsForCheckpointsOfAnotherTree() public {
        bytes32[] memory proof = scene.openPair(Trees.Checkpoints, DISPUTED);
        proof[0] = "wrong";
        vm.expectPartialRevert(Ledger.Verde_WrongOpening.selector);
        _challengeWith(bond, DISPUTED, proof);
    }

    function test_challenge_revertsBeyondTheLastInterval() public {
        bytes32[] memory proof = scene.openPair(Trees.Checkpoints, DISPUTED);
        uint32[3] memory beyond = [5, 6, type(uint32).max];
        for (uint256 i; i < 3; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(Merkle.Merkle_IndexOutOfRange.selector, beyond[i], 6)
            );
            _challengeWith(bond, beyond[i], proof);
        }
    }

    function test_challenge_revertsOnAVoidClaim() public {
        _challenge();
        vm.warp(vm.getBlockTimestamp() + 9 hours);
        verde.timeout(dispute, _now(), _none());
        uint40 end = verde.claimOf(claimId).windowEnd;
        vm.expectRevert(abi.encodeWithSelector(Verde.Verde_NotOpen.selector, end, true));
        _challengeWith(bond, DISPUTED, _noProof());
        vm.expectRevert(abi.encodeWithSelector(Verde.Verde_NotOpen.selector, end, true));
        verde.challengeByDemand{value: bond}(claimId, address(0));
    }

    function test_challengeByDemand_demandsTheTopOfTheCheckpoints() public {
        _challengeByDemand();
        Position memory p = _position();
        assertEq(uint256(p.phase), uint256(Phase.Checkpoints));
        assertEq(uint256(p.tree), uint256(Tree.Checkpoints));
        assertTrue(p.open);
        assertEq(p.height, 3);
        assertEq(p.index, 0);
        assertEq(p.demanded, scene.root(Trees.Checkpoints));
        (bool owed, uint40 deadline) = verde.owedBy(dispute, lastPosition, _none());
        assertTrue(owed);
        assertEq(deadline, vm.getBlockTimestamp() + 8 hours);
    }

    function _challengeWith(uint256 value, uint32 interval, bytes32[] memory proof) private {
        verde.challenge{value: value}(
            claimId, address(0), interval, "checkpoint 2", "checkpoint 3", proof
        );
    }
}

/// The guards that every move shares
/// ├── unknown, queued, decided or closed dispute: reverts
/// ├── another position: reverts
/// ├── another phase: reverts
/// ├── the other side's turn, or late: reverts
/// └── neither the side nor its delegate: reverts
contract GuardsTest is DisputeBase {
    function test_moves_revertOnAnUnknownDispute() public {
        dispute = claimId << 32;
        bytes32[7] memory nowhere;
        vm.expectRevert(_notLive(DisputeStatus.None));
        verde.commitGraph(dispute, nowhere, 0);
    }

    function test_moves_revertInTheQueue() public {
        _challenge();
        _challenge();
        _challenge();
        bytes32[7] memory here = _now();
        vm.expectRevert(_notLive(DisputeStatus.Queued));
        vm.prank(solver);
        verde.commitSteps(dispute, here, "root", _noProof());
        vm.expectRevert(_notLive(DisputeStatus.Queued));
        verde.timeout(dispute, here, _none());
        vm.expectRevert(_notLive(DisputeStatus.Queued));
        verde.owedBy(dispute, here, _none());
    }

    function test_moves_revertOnceDecided() public {
        _challenge();
        bytes32[7] memory here = _now();
        vm.warp(vm.getBlockTimestamp() + 9 hours);
        verde.timeout(dispute, here, _none());
        vm.expectRevert(_notLive(DisputeStatus.Won));
        verde.timeout(dispute, here, _none());
        vm.expectRevert(_notLive(DisputeStatus.Won));
        vm.prank(solver);
        verde.commitSteps(dispute, here, "root", _noProof());
    }

    function test_moves_revertOnceClosed() public {
        _challenge();
        bytes32[7] memory first = _now();
        _challenge();
        bytes32[7] memory second = _now();
        vm.warp(vm.getBlockTimestamp() + 9 hours);
        verde.timeout(dispute - 1, first, _none());
        vm.expectRevert(_notLive(DisputeStatus.Closed));
        verde.timeout(dispute, second, _none());
    }

    /// A move that was meant for another position does nothing: neither a resend nor a reorganisation binds anyone
    /// to something else.
    function test_moves_revertAtAnotherPosition() public {
        _challenge();
        bytes32[7] memory old = _now();
        _commitSteps();
        _pickStep();
        bytes32 stored = keccak256(abi.encode(_now()));
        vm.expectRevert(
            abi.encodeWithSelector(Ledger.Verde_WrongPosition.selector, dispute, stored)
        );
        vm.prank(solver);
        verde.commitSteps(dispute, old, "root", _noProof());
    }

    /// Any single bit of the position.
    function testFuzz_moves_revertWithOneBitOfThePositionFlipped(uint256 bit) public {
        _challenge();
        bytes32[7] memory here = _now();
        bit = bound(bit, 0, 7 * 256 - 1);
        here[bit / 256] ^= bytes32(1 << (bit % 256));
        vm.expectPartialRevert(Ledger.Verde_WrongPosition.selector);
        vm.prank(solver);
        verde.commitSteps(dispute, here, "root", _noProof());
    }

    function test_moves_revertInAnotherPhase() public {
        _challenge();
        bytes32[7] memory here = _now();
        bytes memory wrongPhase =
            abi.encodeWithSelector(Ledger.Verde_WrongPhase.selector, Phase.Steps);
        vm.startPrank(solver);
        vm.expectRevert(wrongPhase);
        verde.commitGraph(dispute, here, 0);
        vm.expectRevert(wrongPhase);
        verde.commitPartials(dispute, here, "", "");
        vm.startPrank(challenger);
        vm.expectRevert(wrongPhase);
        verde.openInterval(dispute, here, 0, 0, 0, _noProof());
        NodeOpening memory n;
        vm.expectRevert(wrongPhase);
        verde.openNode(dispute, here, _none(), n);
        ElementOpening memory e;
        vm.expectRevert(wrongPhase);
        verde.openElement(dispute, here, "", e);
        vm.stopPrank();
        _commitSteps();
        _pickStep();
        here = _now();
        vm.expectRevert(abi.encodeWithSelector(Ledger.Verde_WrongPhase.selector, Phase.Graph));
        vm.prank(challenger);
        verde.pickStep(dispute, here, _none(), 0, 0, 0, _noProof());
    }

    function test_moves_revertOutOfTurn() public {
        _challenge();
        bytes32[7] memory here = _now();
        uint256 began = vm.getBlockTimestamp();
        vm.expectRevert(_outOfTurn(true, began + 8 hours));
        vm.prank(challenger);
        verde.pickStep(dispute, here, _none(), 0, 0, 0, _noProof());
        vm.expectRevert(_outOfTurn(true, began + 8 hours));
        verde.timeout(dispute, here, _none());
        _commitSteps();
        vm.expectRevert(_outOfTurn(false, began + 6 hours));
        verde.timeout(dispute, here, stepsAnswer);
        vm.expectPartialRevert(Ledger.Verde_WrongAnswer.selector);
        verde.timeout(dispute, here, _none());
    }

    /// In the second of the deadline a move is in time; a second later it is not, and only then is a timeout.
    function test_moves_areInTimeToTheSecond() public {
        _challenge();
        bytes32[7] memory here = _now();
        uint256 deadline = vm.getBlockTimestamp() + 8 hours;
        vm.warp(deadline);
        vm.expectRevert(_outOfTurn(true, deadline));
        verde.timeout(dispute, here, _none());
        uint256 state = vm.snapshotState();
        _commitSteps();
        vm.revertToState(state);
        vm.warp(deadline + 1);
        bytes32[] memory proof = scene.open(Trees.Steps, 3);
        vm.expectRevert(_outOfTurn(true, deadline));
        vm.prank(solver);
        verde.commitSteps(dispute, here, stepsRoot, proof);
        verde.timeout(dispute, here, _none());
        _assertStatus(DisputeStatus.Won);
    }

    function test_choices_revertForStrangersAndTheSolver() public {
        _challenge();
        _commitSteps();
        bytes32[7] memory here = _now();
        bytes32[] memory proof = scene.openPair(Trees.Steps, K - 1);
        address[3] memory others = [stranger, solver, solverDelegate];
        for (uint256 i; i < 3; ++i) {
            vm.expectRevert(abi.encodeWithSelector(Ledger.Verde_NotAllowed.selector, others[i]));
            vm.prank(others[i]);
            verde.pickStep(dispute, here, stepsAnswer, K, beforeRoot, afterRoot, proof);
            vm.expectRevert(abi.encodeWithSelector(Ledger.Verde_NotAllowed.selector, others[i]));
            vm.prank(others[i]);
            verde.demand(dispute, here, stepsAnswer, false, 0, 0, _noProof());
        }
        vm.prank(challengerDelegate);
        verde.pickStep(dispute, here, stepsAnswer, K, beforeRoot, afterRoot, proof);
    }

    function test_bindingMoves_revertForStrangersAndTheChallenger() public {
        _challenge();
        bytes32[7] memory here = _now();
        bytes32[] memory proof = scene.open(Trees.Steps, 3);
        address[3] memory others = [stranger, challenger, challengerDelegate];
        for (uint256 i; i < 3; ++i) {
            vm.expectRevert(abi.encodeWithSelector(Ledger.Verde_NotAllowed.selector, others[i]));
            vm.prank(others[i]);
            verde.commitSteps(dispute, here, stepsRoot, proof);
        }
        vm.prank(solverDelegate);
        verde.commitSteps(dispute, here, stepsRoot, proof);
    }

    /// Without a delegate the zero address may not move.
    function test_choices_revertForTheZeroAddressWithADelegate() public {
        _challenge();
        _commitSteps();
        bytes32[7] memory here = _now();
        vm.expectRevert(abi.encodeWithSelector(Ledger.Verde_NotAllowed.selector, address(0)));
        vm.prank(address(0));
        verde.demand(dispute, here, stepsAnswer, false, 0, 0, _noProof());
    }

    function _notLive(DisputeStatus status) private view returns (bytes memory) {
        return abi.encodeWithSelector(Ledger.Verde_NotLive.selector, dispute, status);
    }

    function _outOfTurn(bool solverOwes, uint256 deadline) private pure returns (bytes memory) {
        return abi.encodeWithSelector(Ledger.Verde_OutOfTurn.selector, solverOwes, deadline);
    }
}

/// commitSteps, pickStep, commitGraph
/// ├── a last leaf that is not the disputed checkpoint, a second answer: reverts
/// ├── another answer than the claim's: reverts
/// ├── k beyond the interval, leaves of another tree: reverts
/// └── else: the answer belongs to the claim; the step is interval * c + k
contract StepsTest is DisputeBase {
    function test_commitSteps_bindsTheClaim() public {
        _challenge();
        vm.expectEmit(address(verde));
        emit IVerdeEvents.StepsCommitted(
            claimId, DISPUTED, stepsRoot, uint40(vm.getBlockTimestamp())
        );
        _commitSteps();
        (bool owed, uint40 deadline) = verde.owedBy(dispute, _now(), stepsAnswer);
        assertFalse(owed);
        assertEq(deadline, vm.getBlockTimestamp() + 6 hours);
    }

    function test_commitSteps_revertsWhenTheLastLeafIsNotTheCheckpoint() public {
        _challenge();
        bytes32[7] memory here = _now();
        scene.set(Trees.Steps, 3, "another");
        bytes32 root = scene.root(Trees.Steps);
        bytes32[] memory proof = scene.open(Trees.Steps, 3);
        vm.expectPartialRevert(Ledger.Verde_WrongOpening.selector);
        vm.prank(solver);
        verde.commitSteps(dispute, here, root, proof);
    }

    function test_commitSteps_revertsTheSecondTime() public {
        _challenge();
        _commitSteps();
        bytes32[7] memory here = _now();
        bytes32[] memory proof = scene.open(Trees.Steps, 3);
        vm.expectPartialRevert(Ledger.Verde_WrongAnswer.selector);
        vm.prank(solver);
        verde.commitSteps(dispute, here, stepsRoot, proof);
    }

    function test_pickStep_opensTheStep() public {
        _challenge();
        _commitSteps();
        vm.warp(vm.getBlockTimestamp() + 100);
        _pickStep();
        Position memory p = _position();
        assertEq(uint256(p.phase), uint256(Phase.Graph));
        assertEq(p.step, 9);
        assertEq(p.before, beforeRoot);
        assertEq(p.disputed, afterRoot);
        assertEq(p.turnStart, vm.getBlockTimestamp());
        assertEq(p.challengerLeft, 6 hours - 100);
        assertEq(p.solverLeft, 8 hours);
    }

    function test_pickStep_keepsBeforeForTheFirstStep() public {
        scene.set(Trees.Steps, 0, "first");
        _refresh();
        _challenge();
        _commitSteps();
        bytes32[7] memory here = _now();
        bytes32[] memory proof = scene.open(Trees.Steps, 0);
        vm.prank(challenger);
        verde.pickStep(dispute, here, stepsAnswer, 0, "ignored", "first", proof);
        Position memory p = _position();
        assertEq(p.before, "checkpoint 2");
        assertEq(p.disputed, "first");
        assertEq(p.step, 8);
    }

    function test_pickStep_revertsBeyondTheInterval() public {
        _challenge();
        _commitSteps();
        bytes32[7] memory here = _now();
        vm.expectRevert(abi.encodeWithSelector(Walk.Verde_OutOfRange.selector, 4, 4));
        vm.prank(challenger);
        verde.pickStep(dispute, here, stepsAnswer, 4, 0, 0, _noProof());
    }

    function test_pickStep_revertsForAnotherAnswer() public {
        _challenge();
        _commitSteps();
        bytes32[7] memory here = _now();
        bytes32[] memory proof = scene.openPair(Trees.Steps, K - 1);
        for (uint256 i; i < 3; ++i) {
            Answer memory wrong = stepsAnswer;
            if (i == 0) wrong.root = "another";
            if (i == 1) wrong.time += 1;
            if (i == 2) wrong = _none();
            vm.expectPartialRevert(Ledger.Verde_WrongAnswer.selector);
            vm.prank(challenger);
            verde.pickStep(dispute, here, wrong, K, beforeRoot, afterRoot, proof);
        }
    }

    function test_pickStep_revertsForOtherLeaves() public {
        _challenge();
        _commitSteps();
        bytes32[7] memory here = _now();
        bytes32[] memory proof = scene.openPair(Trees.Steps, K - 1);
        vm.expectPartialRevert(Ledger.Verde_WrongOpening.selector);
        vm.prank(challenger);
        verde.pickStep(dispute, here, stepsAnswer, K, "another", afterRoot, proof);
        vm.expectPartialRevert(Ledger.Verde_WrongOpening.selector);
        vm.prank(challenger);
        verde.pickStep(dispute, here, stepsAnswer, K, beforeRoot, "another", proof);
    }

    /// Zero is a root like any other: the claim is bound by it.
    function test_commitGraph_countsAZeroRoot() public {
        _challenge();
        _commitSteps();
        _pickStep();
        bytes32[7] memory here = _now();
        vm.prank(solver);
        verde.commitGraph(dispute, here, 0);
        (bool owed,) = verde.owedBy(dispute, here, Answer(0, uint40(vm.getBlockTimestamp())));
        assertFalse(owed);
        vm.expectPartialRevert(Ledger.Verde_WrongAnswer.selector);
        vm.prank(solver);
        verde.commitGraph(dispute, here, graphRoot);
    }
}

/// demand, reveal, revealLeaf, openInterval
/// ├── a phase without a tree, nothing below, a demand that is open: reverts
/// ├── a node that is not under the one demanded last: reverts
/// ├── a row or leaf that does not hash to what is demanded, or of another length: reverts
/// └── else: down by six rows a time, to the bytes of a tensor
contract DemandTest is DisputeBase {
    function test_demand_ofCheckpointsThenTheInterval() public {
        _challengeByDemand();
        _reveal(scene.row(Trees.Checkpoints, 0, 3, 0));
        Position memory p = _position();
        assertFalse(p.open);
        assertEq(uint256(p.tree), uint256(Tree.Checkpoints));
        bytes32[] memory proof = scene.openPair(Trees.Checkpoints, DISPUTED);
        vm.prank(challengerDelegate);
        verde.openInterval(dispute, lastPosition, DISPUTED, "checkpoint 2", "checkpoint 3", proof);
        p = _position();
        assertEq(uint256(p.phase), uint256(Phase.Steps));
        assertEq(uint256(p.tree), uint256(Tree.None));
        assertEq(p.demanded, bytes32(0));
        assertEq(p.interval, DISPUTED);
    }

    function test_openInterval_revertsForOtherCheckpoints() public {
        _challengeByDemand();
        _reveal(scene.row(Trees.Checkpoints, 0, 3, 0));
        bytes32[7] memory here = _now();
        bytes32[] memory proof = scene.openPair(Trees.Checkpoints, DISPUTED);
        vm.expectPartialRevert(Ledger.Verde_WrongOpening.selector);
        vm.prank(challenger);
        verde.openInterval(dispute, here, DISPUTED, "checkpoint 2", "another", proof);
    }

    function test_demand_revertsWhileOneIsOpen() public {
        _challengeByDemand();
        bytes32[7] memory here = _now();
        vm.expectPartialRevert(Ledger.Verde_OutOfTurn.selector);
        vm.prank(challenger);
        verde.demand(dispute, here, _none(), false, 0, 0, _noProof());
    }

    function test_demand_revertsBelowTheLeaves() public {
        _challengeByDemand();
        _reveal(scene.row(Trees.Checkpoints, 0, 3, 0));
        bytes32[7] memory here = _now();
        vm.expectRevert(Walk.Verde_NothingBelow.selector);
        vm.prank(challenger);
        verde.demand(dispute, here, _none(), false, 1, "a leaf", _noProof());
    }

    function test_demand_choosesGraphOrState() public {
        _toGraph();
        uint256 state = vm.snapshotState();
        _demand(graphAnswer, false);
        Position memory p = _position();
        assertEq(uint256(p.tree), uint256(Tree.Graph));
        assertEq(p.demanded, graphRoot);
        assertEq(p.height, 2);
        _reveal(scene.row(Trees.Graph, 0, 2, 0));

        vm.revertToState(state);
        vm.getRecordedLogs();
        _demand(graphAnswer, true);
        p = _position();
        assertEq(uint256(p.tree), uint256(Tree.State));
        assertEq(p.demanded, afterRoot);
        _reveal(scene.row(Trees.After, 0, 2, 0));
        _openNode(ADD); // the node is still open to choice
    }

    function test_demand_revertsInPhasesWithoutATree() public {
        _toElement(ADD, 0);
        bytes32[7] memory here = _now();
        vm.expectRevert(abi.encodeWithSelector(Ledger.Verde_WrongPhase.selector, Phase.Proof));
        vm.prank(challenger);
        verde.demand(dispute, here, _none(), false, 0, 0, _noProof());
    }

    /// A tensor of one leaf: its root is the leaf, and the answer its bytes.
    function test_demand_ofATensorOfOneLeafIsItsBytes() public {
        _toGraph();
        _openNode(ADD);
        _demand(_none(), false);
        Position memory p = _position();
        assertEq(p.height, 0);
        assertEq(p.demanded, scene.root(Trees.Output1));
        bytes32[7] memory here = _now();
        vm.expectRevert(Walk.Verde_NothingBelow.selector);
        verde.reveal(dispute, here, _noProof());
        vm.expectRevert(
            abi.encodeWithSelector(TensorLeaves.TensorLeaves_DataLength.selector, 24, 1_024)
        );
        verde.revealLeaf(dispute, here, new bytes(1_024));
        vm.expectPartialRevert(Ledger.Verde_WrongOpening.selector);
        verde.revealLeaf(dispute, here, new bytes(24));
        vm.expectEmit(address(verde));
        emit IVerdeEvents.RevealedLeaf(dispute, outputLeaf[ADD]);
        vm.prank(stranger);
        verde.revealLeaf(dispute, here, outputLeaf[ADD]);
        here = _now();
        vm.expectRevert(Walk.Verde_NothingBelow.selector);
        vm.prank(challenger);
        verde.demand(dispute, here, _none(), false, 0, 0, _noProof());
        _openElement(ADD, 5);
    }

    function test_demand_ofATensorGoesDownToALeaf() public {
        _toGraph();
        _openNode(IOTA);
        _demand(_none(), false);
        _reveal(scene.row(Trees.Output0, 0, 2, 0));
        bytes32[7] memory here = _now();
        bytes32[] memory proof = scene.open(Trees.Output0, 0);
        bytes32 leaf = scene.node(Trees.Output0, 0, 0);
        vm.prank(challenger);
        verde.demand(dispute, here, _none(), false, 0, leaf, proof);
        Position memory p = _position();
        assertEq(p.height, 0);
        assertEq(p.demanded, leaf);
        here = _now();
        vm.prank(solver);
        verde.revealLeaf(dispute, here, outputLeaf[IOTA]);
        _openElement(IOTA, 17);
    }

    function test_demand_revertsForANodeThatIsNotBelow() public {
        _toGraph();
        _openNode(IOTA);
        _demand(_none(), false);
        _reveal(scene.row(Trees.Output0, 0, 2, 0));
        bytes32[7] memory here = _now();
        bytes32[] memory proof = scene.open(Trees.Output0, 0);
        vm.expectPartialRevert(Ledger.Verde_WrongOpening.selector);
        vm.prank(challenger);
        verde.demand(dispute, here, _none(), false, 0, "another", proof);
        vm.expectRevert(abi.encodeWithSelector(Merkle.Merkle_IndexOutOfRange.selector, 3, 3));
        vm.prank(challenger);
        verde.demand(dispute, here, _none(), false, 3, "another", proof);
        vm.expectRevert(abi.encodeWithSelector(Walk.Verde_OutOfRange.selector, 4, 0));
        vm.prank(challenger);
        verde.demand(dispute, here, _none(), false, 4, "another", proof);
    }

    function test_reveal_revertsWithoutADemand() public {
        _toGraph();
        bytes32[7] memory here = _now();
        vm.expectRevert(abi.encodeWithSelector(Walk.Verde_DemandOpen.selector, false));
        verde.reveal(dispute, here, _noProof());
        vm.expectRevert(abi.encodeWithSelector(Walk.Verde_DemandOpen.selector, false));
        verde.revealLeaf(dispute, here, "");
    }

    function test_reveal_revertsForAnotherRow() public {
        _challengeByDemand();
        bytes32[7] memory here = _now();
        bytes32[] memory row = scene.row(Trees.Checkpoints, 0, 3, 0);
        vm.expectRevert(abi.encodeWithSelector(Merkle.Merkle_RowLength.selector, 6, 0));
        verde.reveal(dispute, here, _noProof());
        row[3] = "another";
        vm.expectPartialRevert(Ledger.Verde_WrongOpening.selector);
        verde.reveal(dispute, here, row);
        vm.expectRevert(abi.encodeWithSelector(Walk.Verde_OutOfRange.selector, 3, 1));
        verde.revealLeaf(dispute, here, "");
    }

    function test_reveal_revertsLate() public {
        _challengeByDemand();
        bytes32[7] memory here = _now();
        bytes32[] memory row = scene.row(Trees.Checkpoints, 0, 3, 0);
        vm.warp(vm.getBlockTimestamp() + 8 hours + 1);
        vm.expectPartialRevert(Ledger.Verde_OutOfTurn.selector);
        verde.reveal(dispute, here, row);
    }

    function test_reveal_emitsTheRowAndServesWhoeverSendsIt() public {
        _challengeByDemand();
        bytes32[] memory row = scene.row(Trees.Checkpoints, 0, 3, 0);
        vm.expectEmit(address(verde));
        emit IVerdeEvents.Revealed(dispute, row);
        _reveal(row);
    }

    function _demand(Answer memory answer, bool state) private {
        bytes32[7] memory here = _now();
        vm.prank(challenger);
        verde.demand(dispute, here, answer, state, 0, 0, _noProof());
    }

    function _reveal(bytes32[] memory row) private {
        bytes32[7] memory here = _now();
        vm.prank(stranger);
        verde.reveal(dispute, here, row);
    }
}

/// openNode, openElement, openNodeElement
/// ├── a node or an output of another tree, an index beyond the count, a malformed node: reverts
/// ├── a leaf that is not the output's, an element beyond the count, another encoding: reverts
/// └── else: Proof for one segment, Partials with level 1 up to 256 segments, level 2 beyond
contract NodeTest is DisputeBase {
    function test_openNode_fixesNodeAndOutput() public {
        _toGraph();
        _openNode(ADD);
        Position memory p = _position();
        assertEq(uint256(p.phase), uint256(Phase.Element));
        assertEq(p.node, ADD);
        assertEq(p.element, 6, "the count of the output");
        assertEq(p.graph, graphRoot);
        assertEq(p.disputed, scene.root(Trees.Output1));
        assertEq(p.encodingHash, keccak256(nodes[ADD]));
    }

    function test_openNode_revertsForOtherLeaves() public {
        _toGraph();
        bytes32[7] memory here = _now();
        for (uint256 i; i < 5; ++i) {
            NodeOpening memory n = scene.nodeOpening(ADD);
            if (i == 0) n.encoding = nodes[SUM];
            if (i == 1) n.output = "another";
            if (i == 2) n.encodingProof[0] = "another";
            if (i == 3) n.outputProof[0] = "another";
            if (i == 4) n.node = SUM;
            vm.expectPartialRevert(Ledger.Verde_WrongOpening.selector);
            vm.prank(challenger);
            verde.openNode(dispute, here, graphAnswer, n);
        }
    }

    function test_openNode_revertsBeyondTheCount() public {
        _toGraph();
        bytes32[7] memory here = _now();
        NodeOpening memory n = scene.nodeOpening(ADD);
        n.node = ADD + 4; // the same bits below the depth
        vm.expectRevert(abi.encodeWithSelector(Merkle.Merkle_IndexOutOfRange.selector, ADD + 4, 4));
        vm.prank(challenger);
        verde.openNode(dispute, here, graphAnswer, n);
    }

    function test_openElement_goesToProofForOneSegment() public {
        _toElement(ADD, 4);
        Position memory p = _position();
        assertEq(uint256(p.phase), uint256(Phase.Proof));
        assertEq(p.element, 4);
        assertEq(p.value, 7);
        assertEq(p.level, 0);
        assertEq(p.disputed, bytes32(0));
    }

    function test_openElement_goesToPartialsForMore() public {
        _toElement(SUM, 0);
        Position memory p = _position();
        assertEq(uint256(p.phase), uint256(Phase.Partials));
        assertEq(p.level, 1);
        assertEq(p.value, 476);
    }

    function test_openElement_goesToBlocksBeyond256() public {
        _toElement(LONG, 0);
        assertEq(_position().level, 2);
    }

    function test_openElement_revertsBeyondTheCount() public {
        _toGraph();
        _openNode(ADD);
        bytes32[7] memory here = _now();
        uint40[3] memory beyond = [6, 256, type(uint40).max];
        for (uint256 i; i < 3; ++i) {
            ElementOpening memory e = scene.elementOpening(ADD, beyond[i]);
            vm.expectRevert(abi.encodeWithSelector(Walk.Verde_OutOfRange.selector, beyond[i], 6));
            vm.prank(challenger);
            verde.openElement(dispute, here, nodes[ADD], e);
        }
    }

    function test_openElement_revertsForAnotherLeafOrEncoding() public {
        _toGraph();
        _openNode(ADD);
        bytes32[7] memory here = _now();
        ElementOpening memory e = scene.elementOpening(ADD, 0);
        vm.expectRevert(
            abi.encodeWithSelector(Walk.Verde_WrongBytes.selector, keccak256(nodes[ADD]))
        );
        vm.prank(challenger);
        verde.openElement(dispute, here, nodes[SUM], e);
        e.leaf[3] ^= 0x01;
        vm.expectPartialRevert(Ledger.Verde_WrongOpening.selector);
        vm.prank(challenger);
        verde.openElement(dispute, here, nodes[ADD], e);
        e.leaf = new bytes(0);
        vm.expectRevert(
            abi.encodeWithSelector(TensorLeaves.TensorLeaves_DataLength.selector, 24, 0)
        );
        vm.prank(challenger);
        verde.openElement(dispute, here, nodes[ADD], e);
    }

    function test_openNodeElement_isBothAtOnce() public {
        _toGraph();
        uint256 state = vm.snapshotState();
        _openNode(IOTA);
        _openElement(IOTA, 99);
        bytes32[7] memory apart = _now();
        vm.revertToState(state);
        vm.getRecordedLogs();
        bytes32[7] memory here = _now();
        NodeOpening memory n = scene.nodeOpening(IOTA);
        ElementOpening memory e = scene.elementOpening(IOTA, 99);
        vm.prank(challenger);
        verde.openNodeElement(dispute, here, graphAnswer, n, e);
        assertEq(abi.encode(_now()), abi.encode(apart));
    }
}

/// commitPartials, pickPartial
/// ├── another number of values, values that do not fold, another encoding: reverts
/// ├── other values than the posted ones, an index beyond them: reverts
/// └── else: blocks, then the segments of the picked block, then Proof
contract PartialsTest is DisputeBase {
    function test_commitPartials_postsValuesThatFold() public {
        _toElement(SUM, 0);
        bytes memory values = abi.encodePacked(uint32(250), uint32(226));
        vm.expectEmit(address(verde));
        emit IVerdeEvents.PartialsCommitted(dispute, values);
        _commitPartials(SUM, values);
        Position memory p = _position();
        assertEq(uint256(p.phase), uint256(Phase.Pick));
        assertEq(p.disputed, keccak256(values));
    }

    function test_commitPartials_revertsForAnotherNumberOfValues() public {
        _toElement(SUM, 0);
        bytes32[7] memory here = _now();
        bytes[4] memory wrong = [
            bytes(""),
            abi.encodePacked(uint32(476)),
            abi.encodePacked(uint32(250), uint32(226), uint32(0)),
            abi.encodePacked(uint32(250), uint24(226))
        ];
        for (uint256 i; i < 4; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(Walk.Verde_WrongPosting.selector, 2, wrong[i].length)
            );
            vm.prank(solver);
            verde.commitPartials(dispute, here, nodes[SUM], wrong[i]);
        }
    }

    function test_commitPartials_revertsWhenTheyDoNotFold() public {
        _toElement(SUM, 0);
        bytes32[7] memory here = _now();
        vm.expectRevert(abi.encodeWithSelector(Walk.Verde_WrongFold.selector, 476, 475));
        vm.prank(solver);
        verde.commitPartials(dispute, here, nodes[SUM], abi.encodePacked(uint32(250), uint32(225)));
        vm.expectPartialRevert(Walk.Verde_WrongBytes.selector);
        vm.prank(solver);
        verde.commitPartials(dispute, here, nodes[LONG], abi.encodePacked(uint32(250), uint32(226)));
    }

    function test_pickPartial_goesToProof() public {
        _toElement(SUM, 0);
        bytes memory values = abi.encodePacked(uint32(250), uint32(226));
        _commitPartials(SUM, values);
        _pick(values, 1);
        Position memory p = _position();
        assertEq(uint256(p.phase), uint256(Phase.Proof));
        assertEq(p.segment, 1);
        assertEq(p.value, 226);
        assertEq(p.level, 0);
        assertEq(p.disputed, bytes32(0));
    }

    function test_pickPartial_revertsForOtherValuesOrBeyondThem() public {
        _toElement(SUM, 0);
        bytes memory values = abi.encodePacked(uint32(250), uint32(226));
        _commitPartials(SUM, values);
        bytes32[7] memory here = _now();
        vm.expectRevert(abi.encodeWithSelector(Walk.Verde_OutOfRange.selector, 2, 2));
        vm.prank(challenger);
        verde.pickPartial(dispute, here, values, 2);
        vm.expectRevert(abi.encodeWithSelector(Walk.Verde_WrongBytes.selector, keccak256(values)));
        vm.prank(challenger);
        verde.pickPartial(dispute, here, abi.encodePacked(uint32(226), uint32(250)), 0);
    }

    /// 274 segments: two blocks of 256 and 18.
    function test_partials_ofTwoLevels() public {
        _toElement(LONG, 0);
        bytes memory blocks = abi.encodePacked(uint32(600), uint32(400));
        _commitPartials(LONG, blocks);
        _pick(blocks, 1);
        Position memory p = _position();
        assertEq(uint256(p.phase), uint256(Phase.Partials));
        assertEq(p.level, 1);
        assertEq(p.segment, 1);
        assertEq(p.value, 400);

        bytes32[7] memory here = _now();
        vm.expectRevert(abi.encodeWithSelector(Walk.Verde_WrongPosting.selector, 18, 68));
        vm.prank(solver);
        verde.commitPartials(dispute, here, nodes[LONG], new bytes(68));

        bytes memory segments = new bytes(72);
        (segments[18], segments[19]) = (0x01, 0x90); // the fifth is 400
        _commitPartials(LONG, segments);
        _pick(segments, 4);
        p = _position();
        assertEq(uint256(p.phase), uint256(Phase.Proof));
        assertEq(p.segment, 260);
        assertEq(p.value, 400);
        assertEq(p.level, 0);
    }

    function test_partials_ofTheFirstBlockAre256() public {
        _toElement(LONG, 0);
        bytes memory blocks = abi.encodePacked(uint32(600), uint32(400));
        _commitPartials(LONG, blocks);
        _pick(blocks, 0);
        bytes memory segments = new bytes(1_024);
        (segments[1_022], segments[1_023]) = (0x02, 0x58);
        _commitPartials(LONG, segments);
        _pick(segments, 255);
        Position memory p = _position();
        assertEq(p.segment, 255);
        assertEq(p.value, 600);
    }

    function _pick(bytes memory values, uint32 index) private {
        bytes32[7] memory here = _now();
        vm.prank(challenger);
        verde.pickPartial(dispute, here, values, index);
    }
}
