// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Verdict} from "../../src/judge/IContest.sol";
import {ContestTerms, Evaluator} from "../../src/judge/IJudge.sol";
import {ClaimStatus} from "../../src/verde/IVerde.sol";
import {Registrar} from "../../src/verde/Registrar.sol";
import {JudgeVerdeBase} from "./JudgeVerdeBase.t.sol";

/// @notice The life of a contest with the real Verde: a lie about the best entry is caught while the contest is held.
contract JudgeLife is JudgeVerdeBase {
    function test_life_lieIsVoidedAndTheRightScoreWins() public {
        uint256 contest = runningContest(1, 2);
        uint256 first = order(contest, 0, 0);
        takeJob(first, honestVault);
        uint256 claim = commitJob(first, honestVault, stateOf(10));
        uint256 second = order(contest, 1, 0);

        // In the last hour somebody takes the other evaluation, and lies.
        vm.warp(judge.decidedBy(contest) - 1 hours);
        registry.settle(first);
        report(contest, 0, 0, 10);
        takeJob(second, vault);
        claim = commitJob(second, vault, stateOf(-5));
        vm.warp(judge.decidedBy(contest));
        checkVerdict(contest, Verdict.Pending, 0);
        vm.warp(vm.getBlockTimestamp() + 1);
        checkVerdict(contest, Verdict.Held, 0);
        challengeAndWin(claim, stateOf(-5));
        assertEq(uint256(verde.statusOf(claim)), uint256(ClaimStatus.Void));
        (Verdict verdict,) = judge.conclude(contest);
        assertEq(uint256(verdict), uint256(Verdict.Held), "the right score is still to come");
        registry.reopen(second);
        checkVerdict(contest, Verdict.Held, 0);

        assertEq(registry.jobs(second).deadline, vm.getBlockTimestamp() + 1 hours, "as before");
        vm.warp(vm.getBlockTimestamp() + 1 hours);
        takeJob(second, honestVault);
        claim = commitJob(second, honestVault, stateOf(20));
        vm.warp(verde.claimOf(claim).windowEnd + 1);
        checkVerdict(contest, Verdict.Held, 0);
        registry.settle(second);
        checkVerdict(contest, Verdict.Held, 0);
        report(contest, 1, 0, 20);
        uint256 winners;
        (verdict, winners) = judge.conclude(contest);
        assertEq(uint256(verdict), uint256(Verdict.Decided));
        assertEq(winners, 2);
        assertEq(token.balanceOf(address(judge)), 0, "every reward was earned");
        assertEq(honestVault.lockedAssets(), 0);
    }

    /// @dev Verde refuses an evaluator out of its bounds. Nothing is ordered, the contest is void, fees go back.
    function test_life_evaluatorOutOfBoundsIsNoContest() public {
        Evaluator memory e = evaluator();
        e.steps = 0;
        ContestTerms memory t = contestTerms(1, 1);
        t.evaluator = judge.registerEvaluator(e);
        uint256 contest = judge.open(t, "");
        enter(contest, 0);
        vm.warp(began + 1 days + 1);
        revealEntry(contest, 0);
        openRound(contest, 0);
        vm.expectRevert(abi.encodeWithSelector(Registrar.Verde_BadComputation.selector, "steps"));
        judge.order(contest, 0, 0, e);
        vm.warp(judge.decidedBy(contest) + 1);
        checkVerdict(contest, Verdict.Void, 0);
        judge.returnEscrow(contest, 0);
        assertEq(token.balanceOf(ownerOfEntry(0)), FEE);
    }
}
