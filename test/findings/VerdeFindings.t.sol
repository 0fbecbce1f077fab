// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Merkle} from "../../src/repops/Merkle.sol";
import {
    ClaimInput,
    ClaimStatus,
    Computation,
    DisputeStatus,
    IRegistrar,
    NodeOpening
} from "../../src/verde/IVerde.sol";
import {Ledger} from "../../src/verde/Ledger.sol";
import {ParameterSet} from "../../src/verde/Parameters.sol";
import {Registrar} from "../../src/verde/Registrar.sol";
import {Verde} from "../../src/verde/Verde.sol";
import {ManyDisputes} from "../verde/Money.t.sol";
import {Trees} from "../verde/Scene.sol";

/// @notice Attacks on disputes, and that they fail. Others are where the rule that stops them is tested:
/// - an index with bits above the depth names a leaf twice: NodeTest.test_open…_revertsBeyondTheCount
/// - a leaf, a root, a state without preimage, an answer that never comes: Games (every LieKind, every Policy)
/// - demands without end: VerdeGasTest.test_longest…
/// - a program that nobody can judge: Malformed tests in Proofs.t.sol
/// - a winner that refuses ether, or calls back while it is paid: WithdrawTest
/// - hostile proofs, lengths, numbers: HostileTest
/// - a slash so small that parts of it are nothing: RewardTest.testFuzz_reserve_ofAnySlashPaysInOrder
/// - a window shorter than the replay: ClaimTest.testFuzz_claim_canBeChallengedForAsLongAsTheWorkTook
contract VerdeFindings is ManyDisputes {
    // ------------------------------------------------------------------------------------------------
    // The honest solver loses
    // ------------------------------------------------------------------------------------------------

    /// @dev Two challengers open one interval; the answer that was given through the one must count for the other, or
    /// its solver is out of time with nothing left to answer.
    function test_finding_oneAnswerServesEveryDispute() public {
        _challenges(2);
        vm.warp(vm.getBlockTimestamp() + 7 hours);
        _answerSteps(0);
        for (uint256 place; place < 2; ++place) {
            (bool owed, uint40 deadline) =
                verde.owedBy(_dispute(place), positions[place], stepsAnswer);
            assertFalse(owed);
            assertEq(deadline, vm.getBlockTimestamp() + 6 hours);
        }
        vm.warp(vm.getBlockTimestamp() + 2 hours);
        vm.expectPartialRevert(Ledger.Verde_OutOfTurn.selector);
        verde.timeout(_dispute(1), positions[1], stepsAnswer);
    }

    /// @dev A reorganisation drops the opening that an answer was for, and another takes its place.
    function test_finding_answerCannotBindAnotherInterval() public {
        uint256 before = vm.snapshotState();
        _challenge();
        bytes32[7] memory seen = _now();
        vm.revertToState(before);
        bytes32[] memory proof = scene.openPair(Trees.Checkpoints, 1);
        bytes32 one = scene.node(Trees.Checkpoints, 0, 1);
        vm.prank(challenger);
        verde.challenge{value: bond}(claimId, address(0), 1, one, "checkpoint 2", proof);
        proof = scene.open(Trees.Steps, 3);
        vm.expectPartialRevert(Ledger.Verde_WrongPosition.selector);
        vm.prank(solver);
        verde.commitSteps(claimId << 32, seen, stepsRoot, proof);
    }

    /// @dev A stranger answers wrongly in the solver's name, or lets the challenger choose a right node.
    function test_finding_strangersBindNobody() public {
        _challenge();
        bytes32[7] memory here = _now();
        bytes32[] memory proof = scene.open(Trees.Steps, 3);
        vm.expectRevert(abi.encodeWithSelector(Ledger.Verde_NotAllowed.selector, stranger));
        vm.prank(stranger);
        verde.commitSteps(dispute, here, stepsRoot, proof);
        _commitSteps();
        _pickStep();
        here = _now();
        vm.expectRevert(abi.encodeWithSelector(Ledger.Verde_NotAllowed.selector, stranger));
        vm.prank(stranger);
        verde.commitGraph(dispute, here, "wrong");
        _commitGraph();
        here = _now();
        vm.expectRevert(abi.encodeWithSelector(Ledger.Verde_NotAllowed.selector, stranger));
        vm.prank(stranger);
        verde.demand(dispute, here, graphAnswer, false, 0, 0, new bytes32[](0));
    }

    /// @dev A delegate of one claim answers in another one of the same solver.
    function test_finding_delegateOfOneClaimHasNoSayInAnother() public {
        vm.prank(address(scene));
        vault.lock("second", STAKE);
        ClaimInput memory input = ClaimInput({
            computation: scene.COMPUTATION(),
            checkpointRoot: scene.root(Trees.Checkpoints),
            finalStateRoot: "final",
            solver: solver,
            delegate: stranger,
            vault: address(vault),
            lockId: "second",
            workSeconds: 0
        });
        bytes32[] memory first = scene.open(Trees.Checkpoints, 0);
        bytes32[] memory last = scene.open(Trees.Checkpoints, 5);
        vm.prank(address(scene));
        verde.claim(input, first, last);
        _challenge(); // of the first claim
        bytes32[7] memory here = _now();
        vm.expectRevert(abi.encodeWithSelector(Ledger.Verde_NotAllowed.selector, stranger));
        vm.prank(stranger);
        verde.commitSteps(dispute, here, "wrong", new bytes32[](0));
    }

    /// @dev A wrong claim's roots, once committed, must not stick to a right claim about the same computation, nor an
    /// answer of the one serve the other.
    function test_finding_answersOfAnotherClaimCountForNothing() public {
        _challenge();
        _commitSteps();
        claimId = scene.claimAll();
        _challenge();
        bytes32[7] memory here = _now();
        (bool owed,) = verde.owedBy(dispute, here, stepsAnswer);
        assertTrue(owed);
        bytes32[] memory proof = scene.openPair(Trees.Steps, K - 1);
        vm.expectPartialRevert(Ledger.Verde_OutOfTurn.selector);
        vm.prank(challenger);
        verde.pickStep(dispute, here, stepsAnswer, K, beforeRoot, afterRoot, proof);
        _commitSteps(); // its own
        _pickStep();
    }

    /// @dev The challenger moves in the last second of a budget that is used up: the other side still has its floor.
    function test_finding_lastSecondLeavesTheOtherSideItsTime() public {
        _challenge();
        vm.warp(vm.getBlockTimestamp() + 8 hours);
        _commitSteps();
        vm.warp(vm.getBlockTimestamp() + 6 hours);
        _pickStep();
        (bool owed, uint40 deadline) = verde.owedBy(dispute, _now(), _none());
        assertTrue(owed);
        assertEq(deadline, vm.getBlockTimestamp() + 1 hours);
        vm.warp(deadline);
        _commitGraph();
        (owed, deadline) = verde.owedBy(dispute, _now(), graphAnswer);
        assertFalse(owed);
        assertEq(deadline, vm.getBlockTimestamp() + 1 hours);
    }

    /// @dev Many disputes at once: an honest solver is asked for no more than W at a time, the clocks of the others
    /// stand still, and the flood pays for what it asks, half of it to nobody.
    function test_finding_floodIsPaidForAndWaits() public {
        _challenges(10);
        assertEq(verde.claimOf(claimId).live, 2);
        _answerSteps(0);
        for (uint256 place; place < 10; ++place) {
            _challengerLapses(place);
        }
        (uint256 toSolver,) = _credit(solver);
        (uint256 burned,) = _credit(NOBODY);
        assertEq(toSolver, 10 * (bond / 2));
        assertEq(burned, 10 * (bond - bond / 2));
        assertEq(uint256(verde.statusOf(claimId)), uint256(ClaimStatus.Upheld));
    }

    // ------------------------------------------------------------------------------------------------
    // The honest challenger is shut out, or loses
    // ------------------------------------------------------------------------------------------------

    /// @dev A cheat disputes its own claim where it is wrong and loses on purpose. The interval is no more right for it.
    function test_finding_disputeLostOnPurposeClosesNothing() public {
        _challenges(1);
        _challengerLapses(0);
        _is(0, DisputeStatus.Lost);
        _challenge(); // the same interval
        _pickStep();
        _commitGraph();
        _openNode(ADD);
        _openElement(ADD, 2);
        bytes32[7] memory here = _now();
        verde.prove(dispute, here, nodes[ADD], scene.addOperands());
        assertEq(uint256(verde.statusOf(claimId)), uint256(ClaimStatus.Void));
    }

    /// @dev A cheat fills every place of its claim with disputes of its own that nobody has to answer. They end by
    /// time, and the honest one comes to its turn: the claim cannot settle before.
    function test_finding_ownDisputesDoNotShutOut() public {
        _challenges(5);
        for (uint256 place; place < 4; ++place) {
            _challengerLapses(place);
            assertEq(uint256(verde.statusOf(claimId)), uint256(ClaimStatus.Pending));
        }
        _is(4, DisputeStatus.Live);
        (bool owed, uint40 deadline) = verde.owedBy(_dispute(4), positions[4], stepsAnswer);
        assertFalse(owed);
        assertGt(deadline, vm.getBlockTimestamp(), "its clock has just begun");
    }

    /// @dev The same interval twice: nobody relies on another's dispute, and the earlier place has the reward.
    function test_finding_duplicatesAreNotRefusedAndKeepTheirOrder() public {
        _challenges(2);
        _solverLapses(1);
        _solverLapses(0);
        (, uint256 reward) = _credit(_challenger(0));
        (, uint256 costs) = _credit(_challenger(1));
        assertEq(reward, 198e18);
        assertEq(costs, 10e18);
    }

    /// @dev Disputes would be opened for ever, one bond at a time, if they extended the window.
    function test_finding_disputesDoNotExtendTheWindow() public {
        uint40 end = verde.claimOf(claimId).windowEnd;
        vm.warp(end);
        _challenges(1);
        assertEq(verde.claimOf(claimId).windowEnd, end);
        vm.warp(uint256(end) + 1);
        vm.expectRevert(abi.encodeWithSelector(Verde.Verde_NotOpen.selector, end, false));
        verde.challengeByDemand{value: bond}(claimId, address(0));
    }

    /// @dev Whoever sees a winning move in the mempool sends it first: the challenger wins by it all the same.
    function test_finding_frontRunProofPaysTheChallenger() public {
        _toElement(ADD, 2);
        bytes32[7] memory here = _now();
        verde.prove(dispute, here, nodes[ADD], scene.addOperands()); // sent by somebody
        (uint256 back, uint256 reward) = _credit(challenger);
        assertEq(back, bond);
        assertEq(reward, 200e18);
        (back, reward) = _credit(address(this));
        assertEq(back + reward, 0);
    }

    /// @dev A demand for what has no preimage: a tensor whose padding is not the zero subtree has a root that nobody
    /// can reveal, so the solver runs out of time.
    function test_finding_dirtyPaddingCannotBeRevealed() public {
        bytes32 a = scene.node(Trees.Output0, 0, 0);
        bytes32 b = scene.node(Trees.Output0, 0, 1);
        bytes32 c = scene.node(Trees.Output0, 0, 2);
        bytes32 dirty = keccak256(
            abi.encode(keccak256(abi.encode(a, b)), keccak256(abi.encode(c, "not the zero leaf")))
        );
        scene.set(Trees.Graph, IOTA, dirty);
        _refresh();
        _toGraph();
        bytes32[7] memory here = _now();
        NodeOpening memory n = scene.nodeOpening(IOTA);
        n.output = dirty;
        vm.prank(challenger);
        verde.openNode(dispute, here, graphAnswer, n);
        here = _now();
        vm.prank(challenger);
        verde.demand(dispute, here, _none(), false, 0, 0, new bytes32[](0));
        here = _now();
        bytes32[] memory row = scene.row(Trees.Output0, 0, 2, 0);
        vm.expectPartialRevert(Ledger.Verde_WrongOpening.selector);
        verde.reveal(dispute, here, row);
        row = new bytes32[](4);
        (row[0], row[1], row[2], row[3]) = (a, b, c, "not the zero leaf");
        vm.expectRevert(abi.encodeWithSelector(Merkle.Merkle_RowLength.selector, 3, 4));
        verde.reveal(dispute, here, row);
        _lapse(_none());
        _assertStatus(DisputeStatus.Won);
    }

    /// @dev The same in the tree of checkpoints, whose every real leaf is right: no challenger could point at anything.
    /// Such a root is no claim, because the last checkpoint does not open in it.
    function test_finding_dirtyPaddingOfCheckpointsIsNoClaim() public {
        scene.replace(Trees.Checkpoints, 7);
        scene.set(Trees.Checkpoints, 0, "initial");
        scene.set(Trees.Checkpoints, 5, "final");
        scene.set(Trees.Checkpoints, 6, "where there is no checkpoint");
        bytes32 root = scene.root(Trees.Checkpoints);
        bytes32 computation = scene.COMPUTATION();
        bytes32[] memory first = scene.open(Trees.Checkpoints, 0);
        bytes32[] memory last = scene.open(Trees.Checkpoints, 5);
        vm.expectRevert(abi.encodeWithSelector(Merkle.Merkle_ProofLength.selector, 2, 3));
        scene.claim(computation, root, "final", first, last);
        bytes32[] memory without = new bytes32[](2);
        (without[0], without[1]) = (last[0], last[2]);
        vm.expectPartialRevert(Ledger.Verde_WrongOpening.selector);
        scene.claim(computation, root, "final", first, without);
    }

    /// @dev A proof that is a hash too long or too short.
    function test_finding_proofsOfAnotherLengthOpenNothing() public {
        _challenge();
        _commitSteps();
        bytes32[7] memory here = _now();
        bytes32[] memory proof = scene.openPair(Trees.Steps, K - 1);
        uint256 length = proof.length;
        for (uint256 i; i < 2; ++i) {
            bytes32[] memory other = new bytes32[](i == 0 ? length - 1 : length + 1);
            for (uint256 j; j < other.length && j < length; ++j) {
                other[j] = proof[j];
            }
            vm.expectRevert(
                abi.encodeWithSelector(Merkle.Merkle_ProofLength.selector, length, other.length)
            );
            vm.prank(challenger);
            verde.pickStep(dispute, here, stepsAnswer, K, beforeRoot, afterRoot, other);
        }
    }

    // ------------------------------------------------------------------------------------------------
    // Something is taken for something else, or is stuck
    // ------------------------------------------------------------------------------------------------

    /// @dev A challenge in the mempool lands on another claim, after a reorganisation or when the job is claimed anew.
    /// A claim's id says all that it says.
    function test_finding_challengeLandsOnNoOtherClaim() public {
        uint256 before = vm.snapshotState();
        uint256 seen = scene.claimAll();
        vm.revertToState(before);
        scene.set(Trees.Checkpoints, 3, "another");
        uint256 other = scene.claimAll(); // the same lock
        assertNotEq(other, seen);
        vm.expectRevert(abi.encodeWithSelector(Verde.Verde_UnknownClaim.selector, seen));
        verde.challengeByDemand{value: bond}(seen, address(0));
    }

    /// @dev Zero is a root like any other: nothing that is zero is taken for what does not exist, and nothing freezes.
    function test_finding_zeroRootsAreData() public {
        scene.set(Trees.Checkpoints, 5, 0);
        scene.set(Trees.Steps, 2, 0);
        scene.set(Trees.Steps, 3, 0);
        _refresh();
        claimId = scene.claim(
            scene.COMPUTATION(),
            scene.root(Trees.Checkpoints),
            0,
            scene.open(Trees.Checkpoints, 0),
            scene.open(Trees.Checkpoints, 5)
        );
        bytes32[] memory proof = scene.openPair(Trees.Checkpoints, 4);
        bytes32 four = scene.node(Trees.Checkpoints, 0, 4);
        vm.prank(challenger);
        dispute = verde.challenge{value: bond}(claimId, address(0), 4, four, 0, proof);
        _commitSteps();
        bytes32[7] memory here = _now();
        proof = scene.openPair(Trees.Steps, 2);
        vm.prank(challenger);
        verde.pickStep(dispute, here, stepsAnswer, 3, 0, 0, proof);
        graphRoot = 0;
        _commitGraph();
        here = _now();
        vm.prank(challenger);
        verde.demand(dispute, here, graphAnswer, false, 0, 0, new bytes32[](0));
        _lapse(graphAnswer);
        _assertStatus(DisputeStatus.Won);
    }

    /// @dev A clock that ran out long ago still ends the dispute.
    function test_finding_timeoutsDoNotExpire() public {
        _challenge();
        bytes32[7] memory here = _now();
        vm.warp(vm.getBlockTimestamp() + 1_000 * 365 days);
        verde.timeout(dispute, here, _none());
        _assertStatus(DisputeStatus.Won);
    }

    /// @dev Once voided, a result could never be claimed again if a claim were known by its roots.
    function test_finding_voidedResultCanBeClaimedAgain() public {
        _challenges(1);
        _solverLapses(0);
        uint256 again = scene.claimAll(); // with a lock of its own
        assertNotEq(again, claimId);
        assertEq(uint256(verde.statusOf(again)), uint256(ClaimStatus.Pending));
        assertEq(uint256(verde.statusOf(claimId)), uint256(ClaimStatus.Void));
    }

    /// @dev The half of Verde that runs by delegatecall is called by itself: it knows nothing and holds nothing.
    function test_finding_registrarAloneIsEmpty() public {
        address registrar = vm.computeCreateAddress(address(verde), 1);
        assertGt(registrar.code.length, 0);
        Computation memory c = scene.computation();
        c.seed = 9;
        bytes32 id = IRegistrar(registrar).register(c);
        assertEq(verde.computationOf(id).steps, 0);
        _challenges(1);
        _solverLapses(0);
        address winner = _challenger(0);
        vm.expectRevert(abi.encodeWithSelector(Registrar.Verde_NoCredit.selector, winner));
        IRegistrar(registrar).withdraw(winner);
    }

    // ------------------------------------------------------------------------------------------------
    // Money
    // ------------------------------------------------------------------------------------------------

    /// @dev A cheat disputes its own claim before anyone else, to win its stake back. It gets the challenger's part.
    function test_finding_selfChallengeLosesMostOfTheStake() public {
        _challenges(2); // place 0 is the cheat's own
        _solverLapses(1);
        _solverLapses(0);
        (, uint256 reward) = _credit(_challenger(0));
        (, uint256 costs) = _credit(_challenger(1));
        assertEq(costs, 10e18, "the honest one is paid for its work");
        assertLe(reward, STAKE * parameters.get(1).challengerBps / 10_000);
        assertLt(reward + costs, STAKE);
    }

    /// @dev Governance changes the bond while disputes live: what is returned is what was taken.
    function test_finding_bondOfALiveDisputeStaysWhatItWas() public {
        _challenges(1);
        ParameterSet memory next = stage.terms();
        next.bondWei = 2;
        vm.prank(governor);
        parameters.set(next);
        _challenges(1); // of the same claim, at its old bond
        _solverLapses(0);
        verde.reclaimBond(_dispute(1));
        for (uint256 place; place < 2; ++place) {
            (uint256 back,) = _credit(_challenger(place));
            assertEq(back, bond);
        }
        assertEq(address(verde).balance, 2 * bond);
    }
}
