// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ClaimStatus, DisputeStatus, IVerdeEvents} from "../../src/verde/IVerde.sol";
import {Ledger} from "../../src/verde/Ledger.sol";
import {Registrar} from "../../src/verde/Registrar.sol";
import {ParameterSet} from "../../src/verde/Parameters.sol";
import {DisputeBase} from "./DisputeBase.t.sol";
import {Trees} from "./Scene.sol";

/// @notice Several disputes of one claim side by side.
abstract contract ManyDisputes is DisputeBase {
    address internal constant NOBODY = 0x000000000000000000000000000000000000dEaD;

    bytes32[7][] internal positions;

    /// Opens `n` disputes, each waiting for the solver's steps, of challengers 1, 2, ...
    function _challenges(uint256 n) internal {
        for (uint256 i; i < n; ++i) {
            address by = _challenger(positions.length);
            vm.deal(by, 10 ether);
            _challengeAs(by);
            positions.push(_now());
        }
    }

    function _challenger(uint256 place) internal pure returns (address) {
        return address(uint160(0xc0000 + place));
    }

    function _dispute(uint256 place) internal view returns (uint256) {
        return claimId << 32 | place;
    }

    /// The solver lets its clock run out.
    function _solverLapses(uint256 place) internal {
        (bool owed, uint40 deadline) = verde.owedBy(_dispute(place), positions[place], lastAnswer);
        assertTrue(owed);
        if (vm.getBlockTimestamp() <= deadline) vm.warp(uint256(deadline) + 1);
        verde.timeout(_dispute(place), positions[place], _none());
    }

    /// The steps are answered, which serves all; this challenger lets its clock run out.
    function _challengerLapses(uint256 place) internal {
        if (stepsAnswer.time == 0) _answerSteps(place);
        (bool owed, uint40 deadline) = verde.owedBy(_dispute(place), positions[place], stepsAnswer);
        assertFalse(owed);
        if (vm.getBlockTimestamp() <= deadline) vm.warp(uint256(deadline) + 1);
        verde.timeout(_dispute(place), positions[place], stepsAnswer);
    }

    function _answerSteps(uint256 place) internal {
        bytes32[] memory proof = scene.open(Trees.Steps, 3);
        vm.prank(solver);
        verde.commitSteps(_dispute(place), positions[place], stepsRoot, proof);
        stepsAnswer.root = stepsRoot;
        stepsAnswer.time = uint40(vm.getBlockTimestamp());
    }

    function _is(uint256 place, DisputeStatus status) internal view {
        (,,, DisputeStatus actual,,) = verde.disputeOf(_dispute(place));
        assertEq(uint256(actual), uint256(status));
    }

    function _credit(address account) internal view returns (uint256 inWei, uint256 inAi) {
        (inWei, inAi) = verde.creditOf(account);
    }
}

/// A challenger loses: half of its bond to the solver, the odd wei and the other half burned.
/// A challenger wins: its bond back, the lock slashed once, the split.
contract VerdictTest is ManyDisputes {
    function test_timeout_ofTheChallengerHalvesItsBond() public {
        _challenges(1);
        _answerSteps(0);
        vm.expectEmit(address(verde));
        emit IVerdeEvents.BondLost(_dispute(0), 0.5 ether, 0.5 ether + 1);
        _challengerLapses(0);
        _is(0, DisputeStatus.Lost);
        (uint256 toSolver,) = _credit(solver);
        (uint256 burned,) = _credit(NOBODY);
        (uint256 back,) = _credit(_challenger(0));
        assertEq(toSolver, 0.5 ether);
        assertEq(burned, 0.5 ether + 1);
        assertEq(back, 0);
        assertEq(vault.lockedAssets(), STAKE);
        vm.warp(vm.getBlockTimestamp() + 1 days);
        assertEq(uint256(verde.statusOf(claimId)), uint256(ClaimStatus.Upheld));
    }

    function test_timeout_ofTheSolverVoidsSlashesAndPays() public {
        _challenges(1);
        uint256 bonded = vault.selfBond();
        uint256 delegated = vault.totalAssets();
        vm.expectEmit(address(verde));
        emit IVerdeEvents.ClaimVoided(claimId, _dispute(0), 0, 200e18, 300e18, 500e18);
        vm.expectEmit(address(verde));
        emit IVerdeEvents.RewardPaid(claimId, _dispute(0), _challenger(0), 200e18);
        _solverLapses(0);
        _is(0, DisputeStatus.Won);
        assertEq(uint256(verde.statusOf(claimId)), uint256(ClaimStatus.Void));
        assertEq(vault.selfBond(), bonded - STAKE);
        assertEq(vault.totalAssets(), delegated);
        assertEq(vault.lockedAssets(), 0);
        (uint256 back, uint256 reward) = _credit(_challenger(0));
        (, uint256 burned) = _credit(NOBODY);
        (, uint256 toTreasury) = _credit(treasury);
        assertEq(back, bond);
        assertEq(reward, 200e18);
        assertEq(burned, 300e18);
        assertEq(toTreasury, 500e18);
        assertEq(token.balanceOf(address(verde)), STAKE);
    }

    function test_timeout_revertsForQueuedAndClosed() public {
        _challenges(3);
        bytes memory queued = abi.encodeWithSelector(
            Ledger.Verde_NotLive.selector, _dispute(2), DisputeStatus.Queued
        );
        vm.warp(vm.getBlockTimestamp() + 9 hours);
        vm.expectRevert(queued);
        verde.timeout(_dispute(2), positions[2], _none());
        _solverLapses(0);
        _is(1, DisputeStatus.Closed);
        _is(2, DisputeStatus.Closed);
    }
}

/// The queue
/// ├── W live, later ones wait with their clocks stopped
/// ├── whatever frees a place admits the next
/// ├── the solver admits more, nobody else
/// └── a claim with a live or queued dispute is pending
contract QueueTest is ManyDisputes {
    function test_queue_admitsTheNextWhenOneIsDecided() public {
        _challenges(4);
        _challengerLapses(1);
        _is(0, DisputeStatus.Live);
        _is(2, DisputeStatus.Live);
        _is(3, DisputeStatus.Queued);
        assertEq(verde.claimOf(claimId).live, 2);
        _challengerLapses(0);
        _is(3, DisputeStatus.Live);
    }

    function test_queue_stopsClocksUntilTheAdmission() public {
        _challenges(3);
        vm.warp(vm.getBlockTimestamp() + 5 hours);
        _challengerLapses(0);
        uint256 admitted = vm.getBlockTimestamp();
        (,,,, uint40 admittedAt,) = verde.disputeOf(_dispute(2));
        assertEq(admittedAt, admitted);
        // Its steps are held already, so its challenger's turn begins there.
        (bool owed, uint40 deadline) = verde.owedBy(_dispute(2), positions[2], stepsAnswer);
        assertFalse(owed);
        assertEq(deadline, admitted + 6 hours);
    }

    function test_queue_keepsTheClaimPendingAfterTheWindow() public {
        vm.warp(verde.claimOf(claimId).windowEnd);
        _challenges(3);
        _challengerLapses(0);
        _challengerLapses(1);
        assertEq(verde.claimOf(claimId).live, 1);
        vm.warp(vm.getBlockTimestamp() + 2 days);
        assertEq(uint256(verde.statusOf(claimId)), uint256(ClaimStatus.Pending));
        _challengerLapses(2);
        assertEq(uint256(verde.statusOf(claimId)), uint256(ClaimStatus.Upheld));
    }

    function test_admitMore_admitsBeyondTheLimit() public {
        _challenges(6);
        vm.prank(solverDelegate);
        verde.admitMore(claimId, 3);
        assertEq(verde.claimOf(claimId).live, 5);
        _is(4, DisputeStatus.Live);
        _is(5, DisputeStatus.Queued);
        vm.prank(solver);
        verde.admitMore(claimId, type(uint32).max);
        assertEq(verde.claimOf(claimId).live, 6);
        // Above the limit, a new one waits until enough are decided.
        _challenges(1);
        _is(6, DisputeStatus.Queued);
        _challengerLapses(0);
        _is(6, DisputeStatus.Live);
    }

    function test_admitMore_revertsForAnybodyElse() public {
        _challenges(3);
        address[2] memory others = [stranger, _challenger(2)];
        for (uint256 i; i < 2; ++i) {
            vm.expectRevert(abi.encodeWithSelector(Ledger.Verde_NotAllowed.selector, others[i]));
            vm.prank(others[i]);
            verde.admitMore(claimId, 1);
        }
    }

    function test_admitMore_revertsOnAVoidClaim() public {
        _challenges(3);
        _solverLapses(0);
        vm.expectRevert(abi.encodeWithSelector(Registrar.Verde_IsVoid.selector, claimId));
        vm.prank(solver);
        verde.admitMore(claimId, 1);
    }
}

/// settle, reclaimBond
/// ├── the reward goes to the won dispute of earliest place, when every earlier one is decided
/// ├── every other that wins gets its costs, from a reserve of at most a quarter
/// ├── what is left of the reserve goes to the treasury
/// └── bonds return on a void claim, except those lost before
contract RewardTest is ManyDisputes {
    function test_reward_waitsForTheEarlierDispute() public {
        _challenges(2);
        _solverLapses(1);
        _is(0, DisputeStatus.Live);
        (, uint256 reward) = _credit(_challenger(1));
        assertEq(reward, 0, "place 0 may still win");

        // Its bond returns at once, and it plays on for the reward.
        verde.reclaimBond(_dispute(0));
        (uint256 back,) = _credit(_challenger(0));
        assertEq(back, bond);
        _solverLapses(0);
        (back, reward) = _credit(_challenger(0));
        assertEq(back, bond, "no second time");
        // 1,000 - 10 reserved for one dispute; 40 % of the rest.
        assertEq(reward, 198e18);
        (, uint256 costs) = _credit(_challenger(1));
        assertEq(costs, 10e18);
        _conserved();
    }

    function test_reward_goesToTheLaterOneWhenTheEarlierLoses() public {
        _challenges(2);
        bytes32[7] memory first = positions[0];
        // Place 0 is answered, place 1 asks for what is not: a graph.
        _answerSteps(1);
        vm.getRecordedLogs();
        bytes32[] memory proof = scene.openPair(Trees.Steps, K - 1);
        vm.prank(_challenger(1));
        verde.pickStep(_dispute(1), positions[1], stepsAnswer, K, beforeRoot, afterRoot, proof);
        positions[1] = _now();
        lastAnswer = _none();
        // Both clocks run; the solver's for the graph is the longer one.
        vm.warp(vm.getBlockTimestamp() + 8 hours + 1);
        verde.timeout(_dispute(1), positions[1], _none());
        (uint256 back, uint256 reward) = _credit(_challenger(1));
        assertEq(back, bond);
        assertEq(reward, 0);
        verde.timeout(_dispute(0), first, stepsAnswer);
        _is(0, DisputeStatus.Lost);
        (, reward) = _credit(_challenger(1));
        assertEq(reward, 198e18);
        (, uint256 toTreasury) = _credit(treasury);
        assertEq(toTreasury, 495e18 + 10e18, "the unused reserve too");
        // Lost on a void claim: the bond is not lost.
        verde.reclaimBond(_dispute(0));
        (back,) = _credit(_challenger(0));
        assertEq(back, bond);
        _conserved();
    }

    /// Many earlier disputes: the reserve is a quarter at most, and each gets its part of it.
    function test_reserve_isAtMostAQuarter() public {
        _expensive();
        _challenges(6);
        vm.prank(solver);
        verde.admitMore(claimId, 4);
        _solverLapses(5);
        (, uint256 reward) = _credit(_challenger(5));
        assertEq(reward, 0);
        for (uint256 left = 5; left > 0; --left) {
            _solverLapses(left - 1);
        }
        verde.settle(claimId, 10);
        (, reward) = _credit(_challenger(0));
        assertEq(reward, 150e18, "20 % of what is left of 1,000 after 250");
        uint256 paid = reward;
        for (uint256 place = 1; place < 6; ++place) {
            (, uint256 costs) = _credit(_challenger(place));
            assertEq(costs, 50e18);
            paid += costs;
        }
        assertLe(paid, STAKE * 7 / 16);
        _conserved();
    }

    /// A slash so small that the reward rounds to nothing still pays in order and blocks nobody.
    function testFuzz_reserve_ofAnySlashPaysInOrder(uint256 stake, uint256 bps, uint256 costs)
        public
    {
        ParameterSet memory next = stage.terms();
        next.challengerBps = uint16(bound(bps, 1, 2_500));
        next.burnBps = 1;
        next.costs = uint128(bound(costs, 0, 1e9));
        vm.prank(governor);
        parameters.set(next);
        stake = bound(stake, 1, 1e9);
        scene.setStake(stake);
        claimId = scene.claimAll();
        _challenges(2);
        _solverLapses(1);
        _solverLapses(0);
        assertEq(verde.claimOf(claimId).cursor, 2);
        uint256 each = next.costs < stake / 4 ? next.costs : stake / 4;
        (, uint256 reward) = _credit(_challenger(0));
        (, uint256 paid) = _credit(_challenger(1));
        assertEq(paid, each);
        assertEq(reward, (stake - each) * next.challengerBps / 10_000);
    }

    /// The cursor moves a bounded way in a decision; `settle` moves it the rest.
    function test_settle_passesWhatADecisionDidNot() public {
        _challenges(14);
        vm.prank(solver);
        verde.admitMore(claimId, 12);
        for (uint256 place = 1; place < 13; ++place) {
            _challengerLapses(place);
        }
        assertEq(verde.claimOf(claimId).cursor, 0);
        _challengerLapses(0);
        assertEq(verde.claimOf(claimId).cursor, 8);
        vm.prank(stranger);
        verde.settle(claimId, 3);
        assertEq(verde.claimOf(claimId).cursor, 11);
        verde.settle(claimId, 100);
        assertEq(verde.claimOf(claimId).cursor, 13);
        verde.settle(claimId, 100);
        assertEq(verde.claimOf(claimId).cursor, 13, "place 13 is undecided");
    }

    function test_settle_ofNothingDoesNothing() public {
        vm.getRecordedLogs();
        verde.settle(claimId, 10);
        verde.settle(claimId + 1, 10);
        assertEq(vm.getRecordedLogs().length, 0);
    }

    function test_reclaimBond_returnsClosedOnesOnce() public {
        _challenges(4);
        _solverLapses(0);
        for (uint256 place = 1; place < 4; ++place) {
            vm.expectEmit(address(verde));
            emit IVerdeEvents.BondReturned(_dispute(place), _challenger(place), bond);
            verde.reclaimBond(_dispute(place));
            (uint256 back,) = _credit(_challenger(place));
            assertEq(back, bond);
            vm.expectRevert(
                abi.encodeWithSelector(Registrar.Verde_NoBond.selector, _dispute(place))
            );
            verde.reclaimBond(_dispute(place));
        }
        vm.expectRevert(abi.encodeWithSelector(Registrar.Verde_NoBond.selector, _dispute(0)));
        verde.reclaimBond(_dispute(0));
        _conserved();
    }

    function test_reclaimBond_revertsBeforeTheClaimIsVoidAndForLostBonds() public {
        _challenges(3);
        vm.expectRevert(abi.encodeWithSelector(Registrar.Verde_NoBond.selector, _dispute(0)));
        verde.reclaimBond(_dispute(0));
        vm.expectRevert(abi.encodeWithSelector(Registrar.Verde_NoBond.selector, _dispute(9)));
        verde.reclaimBond(_dispute(9));
        _challengerLapses(0);
        // The others have the steps too; one picks, and the solver owes a graph.
        bytes32[] memory proof = scene.openPair(Trees.Steps, K - 1);
        vm.getRecordedLogs();
        vm.prank(_challenger(2));
        verde.pickStep(_dispute(2), positions[2], stepsAnswer, K, beforeRoot, afterRoot, proof);
        positions[2] = _now();
        vm.warp(vm.getBlockTimestamp() + 8 hours + 1);
        verde.timeout(_dispute(2), positions[2], _none());
        assertEq(uint256(verde.statusOf(claimId)), uint256(ClaimStatus.Void));
        vm.expectRevert(abi.encodeWithSelector(Registrar.Verde_NoBond.selector, _dispute(0)));
        verde.reclaimBond(_dispute(0));
        verde.reclaimBond(_dispute(1));
    }

    /// Costs that more than fill the reserve.
    function _expensive() private {
        ParameterSet memory next = stage.terms();
        next.costs = 400e18;
        vm.prank(governor);
        parameters.set(next);
        claimId = scene.claimAll();
    }

    /// Every $AI of the slash is credited to somebody.
    function _conserved() private view {
        (, uint256 sum) = _credit(treasury);
        (, uint256 burned) = _credit(NOBODY);
        sum += burned;
        for (uint256 place; place < positions.length; ++place) {
            (, uint256 credit) = _credit(_challenger(place));
            sum += credit;
        }
        assertEq(sum, STAKE);
        assertEq(token.balanceOf(address(verde)), STAKE);
    }
}

/// @notice Refuses ether until told otherwise.
contract Refuser {
    bool public open;

    error Refused();

    function take(bytes calldata data, address to) external payable {
        (bool ok,) = to.call{value: msg.value}(data);
        require(ok);
    }

    receive() external payable {
        if (!open) revert Refused();
    }
}

/// @notice Calls back while it is paid.
contract Reentrant {
    address private immutable VERDE;
    uint256 public calls;

    constructor(address verde) {
        VERDE = verde;
    }

    receive() external payable {
        ++calls;
        (bool ok,) = VERDE.call(abi.encodeWithSignature("withdraw(address)", address(this)));
        require(!ok, "paid twice");
    }
}

/// withdraw, withdrawTo
/// ├── nothing credited: reverts
/// ├── anyone may send an account its credit, only itself elsewhere
/// ├── a receiver that refuses ether blocks nobody but itself
/// └── what is credited to nobody is burned
contract WithdrawTest is ManyDisputes {
    function test_withdraw_sendsEverythingOnce() public {
        _challenges(1);
        _solverLapses(0);
        address account = _challenger(0);
        uint256 had = account.balance;
        vm.expectEmit(address(verde));
        emit IVerdeEvents.Withdrawn(account, account, bond, 200e18);
        vm.prank(stranger);
        verde.withdraw(account);
        assertEq(account.balance, had + bond);
        assertEq(token.balanceOf(account), 200e18);
        vm.expectRevert(abi.encodeWithSelector(Registrar.Verde_NoCredit.selector, account));
        verde.withdraw(account);
    }

    function test_withdraw_burnsWhatIsNobodys() public {
        _challenges(1);
        _solverLapses(0);
        uint256 supply = token.totalSupply();
        verde.withdraw(NOBODY);
        assertEq(token.totalSupply(), supply - 300e18);
        assertEq(token.balanceOf(NOBODY), 0);
    }

    function test_withdraw_sendsBurnedEtherNowhere() public {
        _challenges(1);
        _challengerLapses(0);
        verde.withdraw(NOBODY);
        assertEq(NOBODY.balance, bond - bond / 2);
    }

    function test_withdrawTo_servesWhoeverCannotReceive() public {
        Refuser refuser = new Refuser();
        positions.push();
        bytes32[] memory proof = scene.openPair(Trees.Checkpoints, DISPUTED);
        vm.deal(address(this), 2 ether);
        refuser.take{value: bond}(
            abi.encodeCall(
                verde.challenge,
                (claimId, address(0), DISPUTED, "checkpoint 2", "checkpoint 3", proof)
            ),
            address(verde)
        );
        positions[0] = _now();
        _solverLapses(0); // it refuses ether, and nobody is stopped by it
        vm.expectRevert();
        verde.withdraw(address(refuser));
        vm.prank(address(refuser));
        verde.withdrawTo(stranger);
        assertEq(stranger.balance, 1_000 ether + bond);
        assertEq(token.balanceOf(stranger), 200e18);
    }

    function test_withdraw_isNotPaidTwiceOnReentry() public {
        Reentrant reentrant = new Reentrant(address(verde));
        _challenges(2);
        _solverLapses(0);
        verde.reclaimBond(_dispute(1)); // more ether than one credit
        vm.prank(_challenger(0));
        verde.withdrawTo(address(reentrant));
        assertEq(reentrant.calls(), 1);
        assertEq(address(reentrant).balance, bond);
        assertEq(address(verde).balance, bond);
    }

    function test_ether_isRefusedWithoutAReason() public {
        vm.deal(stranger, 1 ether);
        vm.prank(stranger);
        (bool ok,) = address(verde).call{value: 1}("");
        assertFalse(ok);
        vm.prank(stranger);
        (ok,) = address(verde).call{value: 1}(abi.encodeCall(verde.withdraw, (solver)));
        assertFalse(ok);
    }
}
