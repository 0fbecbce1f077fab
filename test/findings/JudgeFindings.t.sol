// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {JobParameters} from "../../src/jobs/IJobRegistry.sol";
import {Verdict} from "../../src/judge/IContest.sol";
import {ContestTerms, Evaluator} from "../../src/judge/IJudge.sol";
import {Judge} from "../../src/judge/Judge.sol";
import {JudgeBase} from "../judge/JudgeBase.t.sol";

/// @notice Attacks on contests: on what is decided, on when, and on the escrow.
contract JudgeFindings is JudgeBase {
    /// @dev Whoever holds a test set showed it in the last second of `orderBy` and ordered its friend's evaluation in
    /// the same transaction; nobody else could any more. It is to be shown in the first half of the time.
    function test_finding_testSetCannotBeShownInTheLastSecond() public {
        uint256 contest = openContest(1, 2);
        enter(contest, 0);
        vm.warp(opensAt(0) + 12 hours);
        bytes memory attestation = attest(contest, 1, testSet(0));
        vm.expectRevert(
            abi.encodeWithSelector(
                Judge.Judge_NotNow.selector, opensAt(0), uint256(opensAt(0)) + 6 hours
            )
        );
        judge.revealTestSet(contest, 0, testSet(0), testSalt(0), attestation);
    }

    /// @dev A stranger entered somebody's commitment, for its owner, once more; after the reveal anybody could show the
    /// second entrant too, and it tied with the first: half of a market's pay went to the second's cheap shares.
    function test_finding_nobodyDoublesAnEntrant() public {
        uint256 contest = openContest(1, 3);
        enter(contest, 0);
        vm.expectRevert(
            abi.encodeWithSelector(Judge.Judge_AlreadyEntered.selector, commitmentOf(0))
        );
        judge.enter(contest, ownerOfEntry(0), commitmentOf(0), "other provenance");
    }

    /// @dev Entered for another owner, a copied commitment cannot be opened.
    function test_finding_copiedCommitmentOpensForItsOwnerOnly() public {
        uint256 contest = openContest(1, 2);
        judge.enter(contest, stranger, commitmentOf(0), ""); // ahead of its owner, out of the queue
        vm.warp(began + 1 days + 1);
        bytes memory attestation = attest(contest, 0, entryRoot(0));
        vm.expectRevert(abi.encodeWithSelector(Judge.Judge_WrongReveal.selector, commitmentOf(0)));
        judge.revealEntry(contest, 0, entryRoot(0), entrySalt(0), attestation);
    }

    /// @dev An earlier round that could be ordered after `decidedBy` let a verdict fall while evaluations were still
    /// to be had, and the escrow leave that should pay for them.
    function test_finding_noRoundOutlivesTheVerdict() public {
        ContestTerms memory t = contestTerms(2, 2);
        t.rounds[0].orderBy = t.rounds[1].orderBy + 30 days;
        vm.expectRevert(abi.encodeWithSelector(Judge.Judge_BadTerms.selector, "orderBy"));
        judge.open(t, "");
        t.rounds[0].orderBy = t.rounds[1].orderBy;
        judge.open(t, "");
    }

    /// @dev A claim that was disputed for long is upheld at last. Settling the job and concluding in one transaction
    /// shut the entrant out, since a settled job held no contest after thirty days.
    function test_finding_settlingDoesNotShutOut() public {
        uint256 contest = runningContest(1, 2);
        evaluate(contest, 0, 0, 1);
        uint256 job = order(contest, 1, 0);
        takeJob(job, keeper);
        uint256 claim = commitJob(job, keeper, stateOf(2));
        vm.warp(judge.heldUntil(contest) + 1);
        verde.uphold(claim);
        registry.settle(job);
        (Verdict verdict,) = judge.conclude(contest);
        assertEq(uint256(verdict), uint256(Verdict.Held));
        report(contest, 1, 0, 2);
        checkVerdict(contest, Verdict.Decided, 2);
    }

    /// @dev A result without a score in its place, which nobody challenged, can never be reported. It does not hold
    /// the contest for ever.
    function test_finding_resultWithoutAScoreCannotHangTheContest() public {
        uint256 contest = runningContest(1, 2);
        evaluate(contest, 0, 0, 1);
        uint256 job = order(contest, 1, 0);
        takeJob(job, keeper);
        verde.uphold(commitJob(job, keeper, "anything"));
        registry.settle(job);
        vm.warp(decidedBy(contest) + 1);
        checkVerdict(contest, Verdict.Held, 0);
        judge.giveNotice(contest, 1, 0);
        vm.warp(vm.getBlockTimestamp() + 30 days + 1);
        judge.drop(contest, 1, 0);
        checkVerdict(contest, Verdict.Decided, 1);
    }

    /// @dev For a penalty each time, a solver could take and abandon an evaluation for ever; for a stake each time, lie.
    /// Attempts that begin after `heldUntil` hold nothing.
    function test_finding_noSolverHangsAContest() public {
        uint256 contest = runningContest(1, 2);
        evaluate(contest, 0, 0, 1);
        uint256 job = order(contest, 1, 0);
        takeJob(job, keeper);
        uint256 last = judge.heldUntil(contest);
        vm.warp(last);
        checkVerdict(contest, Verdict.Held, 0); // overdue, but another attempt could begin
        registry.abandon(job);
        takeJob(job, keeper);
        verde.void(commitJob(job, keeper, stateOf(5)));
        registry.reopen(job);
        checkVerdict(contest, Verdict.Held, 0);
        vm.warp(last + 1);
        checkVerdict(contest, Verdict.Decided, 1);
    }

    /// @dev The last attempt that counts has its time, and no more than that.
    function test_finding_lastAttemptHasItsTime() public {
        uint256 contest = runningContest(1, 2);
        evaluate(contest, 0, 0, 1);
        uint256 job = order(contest, 1, 0);
        uint256 last = judge.heldUntil(contest);
        takeJob(job, keeper);
        vm.warp(last);
        registry.abandon(job);
        takeJob(job, keeper);
        vm.warp(last + EVALUATION_WORK);
        checkVerdict(contest, Verdict.Held, 0);
        uint256 snapshot = vm.snapshotState();
        vm.warp(last + EVALUATION_WORK + 1);
        checkVerdict(contest, Verdict.Decided, 1);
        vm.revertToState(snapshot);
        verde.uphold(commitJob(job, keeper, stateOf(3)));
        registry.settle(job);
        report(contest, 1, 0, 3);
        checkVerdict(contest, Verdict.Decided, 2);
    }

    /// @dev What anybody could read from `verdictOf` as decided stays so, whoever concludes and when: an attempt that
    /// began too late is not reported.
    function test_finding_lateAttemptDoesNotTurnTheVerdict() public {
        uint256 contest = runningContest(1, 2);
        evaluate(contest, 0, 0, 1);
        uint256 job = order(contest, 1, 0);
        takeJob(job, keeper);
        uint256 last = judge.heldUntil(contest);
        vm.warp(last + 1);
        registry.abandon(job);
        checkVerdict(contest, Verdict.Decided, 1);
        settleJob(job, 100);
        checkVerdict(contest, Verdict.Decided, 1);
        Evaluator memory e = evaluator();
        bytes32[] memory proof = openingOfScore();
        vm.expectRevert(abi.encodeWithSelector(Judge.Judge_TooLate.selector, job, last));
        judge.report(contest, 1, 0, e, 100, proof);
    }

    /// @dev An attestation is for one contest, constant, contract and chain.
    function test_finding_attestationsAreNotReplayed() public {
        uint256 contest = openContest(1, 1);
        uint256 other = judge.open(contestTerms(1, 1), "other");
        enter(contest, 0);
        vm.warp(began + 1 days + 1);
        bytes memory attestation = attest(other, 0, entryRoot(0));
        refuse(contest, attestation);
        attestation = attest(contest, 1, entryRoot(0));
        refuse(contest, attestation);
        uint256 chain = block.chainid;
        vm.chainId(chain + 1);
        attestation = attest(contest, 0, entryRoot(0));
        vm.chainId(chain);
        refuse(contest, attestation);
        Judge mine = judge;
        judge = Judge(deployCode("Judge.sol:Judge", abi.encode(token, registry)));
        attestation = attest(contest, 0, entryRoot(0));
        judge = mine;
        refuse(contest, attestation);
        revealEntry(contest, 0);
    }

    function refuse(uint256 contest, bytes memory attestation) private {
        vm.expectRevert(abi.encodeWithSelector(Judge.Judge_BadAttestation.selector, attester));
        judge.revealEntry(contest, 0, entryRoot(0), entrySalt(0), attestation);
    }

    /// @dev Whoever sees a reveal and sends it first has revealed it for its owner.
    function test_finding_revealSentByAnotherIsTheOwners() public {
        uint256 contest = openContest(1, 1);
        enter(contest, 0);
        vm.warp(began + 1 days + 1);
        bytes memory attestation = attest(contest, 0, entryRoot(0));
        vm.prank(stranger);
        judge.revealEntry(contest, 0, entryRoot(0), entrySalt(0), attestation);
        assertEq(judge.ownerOf(contest, 0), ownerOfEntry(0));
    }

    /// @dev A contest opened before governance raised the least stake goes on with what is asked for now.
    function test_finding_raisedStakeDoesNotStopAContest() public {
        uint256 contest = runningContest(1, 1);
        vm.prank(governance);
        registry.setParameters(JobParameters(stranger, 1_000, 2_000, 101e18));
        uint256 job = order(contest, 0, 0);
        assertEq(registry.jobs(job).stake, 101e18);
        settleJob(job, 1);
        report(contest, 0, 0, 1);
        checkVerdict(contest, Verdict.Decided, 1);
    }

    /// @dev Anybody may expire a job at the registry, before or after the verdict: the reward still finds its entrant.
    function test_finding_expiredRewardIsNotStuck() public {
        uint256 contest = runningContest(1, 2);
        evaluate(contest, 0, 0, 1);
        uint256 job = order(contest, 1, 0);
        vm.warp(decidedBy(contest) + 1);
        judge.conclude(contest);
        vm.prank(stranger);
        registry.expire(job);
        judge.drop(contest, 1, 0);
        judge.returnEscrow(contest, 1);
        assertEq(token.balanceOf(ownerOfEntry(1)), FEE);
        assertEq(token.balanceOf(address(judge)), 0);
    }

    /// @dev Likewise of an attempt that failed after the verdict.
    function test_finding_attemptThatFailsAfterTheVerdictPaysBack() public {
        uint256 contest = runningContest(1, 1);
        uint256 job = order(contest, 0, 0);
        takeJob(job, keeper);
        vm.warp(judge.heldUntil(contest) + EVALUATION_WORK + 1);
        judge.conclude(contest);
        registry.abandon(job);
        vm.warp(registry.jobs(job).deadline + 1);
        judge.drop(contest, 0, 0);
        judge.returnEscrow(contest, 0);
        assertEq(token.balanceOf(ownerOfEntry(0)), FEE);
    }

    /// @dev An evaluation ordered in the last second can still be taken until `decidedBy`, and holds the verdict then.
    function test_finding_orderOfTheLastSecondIsServed() public {
        uint256 contest = runningContest(1, 1);
        vm.warp(opensAt(0) + 12 hours);
        uint256 job = order(contest, 0, 0);
        vm.warp(decidedBy(contest));
        takeJob(job, keeper);
        vm.warp(decidedBy(contest) + EVALUATION_WORK);
        checkVerdict(contest, Verdict.Held, 0);
        verde.uphold(commitJob(job, keeper, stateOf(1)));
        registry.settle(job);
        report(contest, 0, 0, 1);
        checkVerdict(contest, Verdict.Decided, 1);
    }

    /// @dev After `decidedBy` an escrow can leave, so nothing can be ordered from it; tokens sent by mistake stay.
    function test_finding_escrowThatLeavesPaysForNothingMore() public {
        uint256 contest = runningContest(1, 1);
        fund(address(judge), 5); // by mistake; belongs to nobody
        vm.warp(decidedBy(contest) + 1);
        Evaluator memory e = evaluator();
        vm.expectRevert(
            abi.encodeWithSelector(
                Judge.Judge_NotNow.selector, opensAt(0), uint256(opensAt(0)) + 12 hours
            )
        );
        judge.order(contest, 0, 0, e);
        judge.returnEscrow(contest, 0);
        assertEq(token.balanceOf(ownerOfEntry(0)), FEE);
        assertEq(token.balanceOf(address(judge)), 5);
    }
}
