// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Job, JobStatus} from "../../src/jobs/IJobRegistry.sol";
import {JobRegistry} from "../../src/jobs/JobRegistry.sol";
import {Verdict} from "../../src/judge/IContest.sol";
import {Contest, ContestTerms, Entrant, Evaluator, IJudge} from "../../src/judge/IJudge.sol";
import {Judge} from "../../src/judge/Judge.sol";
import {Merkle} from "../../src/repops/Merkle.sol";
import {Computation} from "../../src/verde/IVerde.sol";
import {JudgeBase} from "./JudgeBase.t.sol";

contract Attester1271 {
    bytes32 public signed;

    function sign(bytes32 digest) external {
        signed = digest;
    }

    function isValidSignature(bytes32 digest, bytes calldata) external view returns (bytes4) {
        return digest == signed ? this.isValidSignature.selector : bytes4(0);
    }
}

contract JudgeTest is JudgeBase {
    function badTerms(string memory field) private {
        vm.expectRevert(abi.encodeWithSelector(Judge.Judge_BadTerms.selector, field));
    }

    function notNow(uint256 opens, uint256 closes) private {
        vm.expectRevert(abi.encodeWithSelector(Judge.Judge_NotNow.selector, opens, closes));
    }

    // constructor

    function test_constructor_revertsForZeroAddresses() public {
        vm.expectRevert(Judge.Judge_ZeroAddress.selector);
        deployCode("Judge.sol:Judge", abi.encode(address(0), registry));
        vm.expectRevert(Judge.Judge_ZeroAddress.selector);
        deployCode("Judge.sol:Judge", abi.encode(token, address(0)));
    }

    // registerEvaluator

    function test_registerEvaluator_keepsItsHashOnce() public {
        Evaluator memory e = evaluator();
        e.seed = 8;
        bytes32 id = keccak256(abi.encode(e));
        assertFalse(judge.isEvaluator(id));
        vm.expectEmit();
        emit IJudge.EvaluatorRegistered(id, e);
        assertEq(judge.registerEvaluator(e), id);
        assertTrue(judge.isEvaluator(id));
        vm.recordLogs();
        assertEq(judge.registerEvaluator(e), id);
        assertEq(vm.getRecordedLogs().length, 0);
    }

    function test_registerEvaluator_revertsForAScoreOutOfRange() public {
        Evaluator memory e = evaluator();
        e.scoreState = e.states;
        badTerms("scoreState");
        judge.registerEvaluator(e);
    }

    // open

    function test_open_storesTerms() public {
        ContestTerms memory t = contestTerms(3, 5);
        uint256 expected = uint256(keccak256(abi.encode(address(this), t, bytes32("salt"))));
        vm.expectEmit();
        emit IJudge.ContestOpened(expected, address(this), evaluatorId(), t);
        assertEq(judge.open(t, "salt"), expected);
        Contest memory c = judge.contests(expected);
        assertEq(c.evaluator, t.evaluator);
        assertEq(c.entriesClose, t.entriesClose);
        assertEq(c.maxEntrants, 5);
        assertEq(c.rounds, 3);
        assertEq(c.attester, attester);
        assertEq(c.workSeconds, t.workSeconds);
        assertEq(c.solveSeconds, t.solveSeconds);
        assertEq(c.reward, FEE);
        assertEq(c.stake, EVALUATION_STAKE);
        assertEq(judge.entrantsOf(expected), 0);
        assertEq(judge.entryFeeOf(expected), 3 * FEE);
        assertEq(judge.secretUntil(expected), opensAt(2) - 1);
        assertEq(judge.decidedBy(expected), opensAt(2) + 12 hours + SOLVE_SECONDS);
        assertEq(
            judge.heldUntil(expected),
            uint256(judge.decidedBy(expected)) + 30 days + 2 * EVALUATION_WORK
        );
        for (uint256 r; r < 3; ++r) {
            assertEq(judge.roundOf(expected, r).testSet, t.rounds[r].testSet);
            assertEq(judge.roundOf(expected, r).opensAt, t.rounds[r].opensAt);
            assertEq(judge.roundOf(expected, r).orderBy, t.rounds[r].orderBy);
        }
    }

    function test_open_namesContestsByOpenerTermsAndSalt() public {
        ContestTerms memory t = contestTerms(1, 2);
        uint256 contest = judge.open(t, "salt");
        vm.expectRevert(abi.encodeWithSelector(Judge.Judge_ContestExists.selector, contest));
        judge.open(t, "salt");
        assertNotEq(judge.open(t, "other"), contest);
        vm.prank(stranger);
        assertNotEq(judge.open(t, "salt"), contest);
    }

    function test_open_revertsForAnUnknownEvaluator() public {
        ContestTerms memory t = contestTerms(1, 2);
        t.evaluator = "unknown";
        vm.expectRevert(
            abi.encodeWithSelector(Judge.Judge_UnknownEvaluator.selector, bytes32("unknown"))
        );
        judge.open(t, "");
    }

    function test_open_revertsForBadTerms() public {
        ContestTerms memory t = contestTerms(2, 2);
        t.attester = address(0);
        refuse("attester", t);
        t = contestTerms(2, 0);
        refuse("maxEntrants", t);
        t = contestTerms(2, 257);
        refuse("maxEntrants", t);
        t = contestTerms(2, 2);
        t.entriesClose = uint40(began - 1);
        refuse("entriesClose", t);
        t = contestTerms(2, 2);
        t.workSeconds = 0;
        refuse("workSeconds", t);
        t.workSeconds = 365 days + 1;
        refuse("workSeconds", t);
        t = contestTerms(2, 2);
        t.reward = 0;
        refuse("reward", t);
        t.reward = type(uint96).max / 16 + 1;
        refuse("reward", t);
        t = contestTerms(2, 2);
        t.uri = string(new bytes(1025));
        refuse("uri", t);
        refuse("rounds", contestTerms(0, 2));
        refuse("rounds", contestTerms(17, 2));
        refuse("rounds", contestTerms(5, 205));
    }

    function test_open_revertsForRoundsOutOfOrder() public {
        ContestTerms memory t = contestTerms(2, 2);
        t.rounds[0].opensAt = t.entriesClose;
        refuse("opensAt", t);
        t = contestTerms(2, 2);
        t.rounds[1].opensAt = t.rounds[0].opensAt;
        refuse("opensAt", t);
        t = contestTerms(2, 2);
        t.rounds[1].opensAt = uint40(began + 365 days + 1);
        refuse("opensAt", t);
        t = contestTerms(2, 2);
        t.rounds[1].orderBy = t.rounds[1].opensAt - 1;
        refuse("orderBy", t);
        t = contestTerms(2, 2);
        t.rounds[0].orderBy = t.rounds[1].orderBy + 1;
        refuse("orderBy", t);
        t = contestTerms(2, 2);
        t.solveSeconds = 365 days;
        refuse("orderBy", t);
    }

    function refuse(string memory field, ContestTerms memory t) private {
        badTerms(field);
        judge.open(t, "");
    }

    function test_open_takesTermsAtTheirBounds() public {
        ContestTerms memory t = contestTerms(16, 64);
        t.entriesClose = uint40(began);
        t.reward = type(uint96).max / 16;
        t.workSeconds = 365 days;
        t.uri = string(new bytes(1024));
        t.solveSeconds = 365 days - 12 hours;
        judge.open(t, "");
        judge.open(contestTerms(4, 256), "");
    }

    // enter

    function test_enter_takesTheFee() public {
        uint256 contest = openContest(2, 2);
        uint256 before = token.balanceOf(address(this));
        vm.expectEmit();
        emit IJudge.Entered(contest, 0, ownerOfEntry(0), commitmentOf(0), "provenance");
        enter(contest, 0);
        assertEq(token.balanceOf(address(this)), before - 2 * FEE);
        assertEq(token.balanceOf(address(judge)), 2 * FEE);
        Entrant memory e = judge.entrantOf(contest, 0);
        assertEq(e.owner, ownerOfEntry(0));
        assertEq(e.escrow, 2 * FEE);
        assertEq(e.commitment, commitmentOf(0));
        assertTrue(judge.isEntered(contest, commitmentOf(0)));
        assertEq(judge.ownerOf(contest, 0), ownerOfEntry(0));
        vm.warp(began + 1 days);
        enter(contest, 1);
        assertEq(judge.entrantsOf(contest), 2);
    }

    function test_enter_reverts() public {
        uint256 contest = openContest(1, 1);
        vm.expectRevert(abi.encodeWithSelector(Judge.Judge_UnknownContest.selector, 5));
        judge.enter(5, ownerOfEntry(0), "", "");
        vm.expectRevert(Judge.Judge_ZeroAddress.selector);
        judge.enter(contest, address(0), "", "");
        enter(contest, 0);
        vm.expectRevert(abi.encodeWithSelector(Judge.Judge_Full.selector, contest));
        judge.enter(contest, ownerOfEntry(1), commitmentOf(1), "");
        vm.warp(began + 1 days + 1);
        notNow(0, began + 1 days);
        judge.enter(contest, ownerOfEntry(1), commitmentOf(1), "");
    }

    // revealEntry

    function test_revealEntry_showsTheRootOnce() public {
        uint256 contest = openContest(1, 1);
        enter(contest, 0);
        vm.warp(began + 1 days + 1);
        vm.expectEmit();
        emit IJudge.EntryRevealed(contest, 0, entryRoot(0));
        revealEntry(contest, 0);
        assertEq(judge.entrantOf(contest, 0).root, entryRoot(0));
        bytes memory a = attest(contest, 0, entryRoot(0));
        vm.expectRevert(abi.encodeWithSelector(Judge.Judge_AlreadyRevealed.selector, entryRoot(0)));
        judge.revealEntry(contest, 0, entryRoot(0), entrySalt(0), a);
    }

    function test_revealEntry_reverts() public {
        uint256 contest = openContest(1, 2);
        enter(contest, 0);
        judge.enter(
            contest,
            ownerOfEntry(1),
            keccak256(abi.encode(ownerOfEntry(1), bytes32(0), entrySalt(1))),
            ""
        );
        bytes memory a = attest(contest, 0, entryRoot(0));
        notNow(began + 1 days + 1, type(uint40).max);
        judge.revealEntry(contest, 0, entryRoot(0), entrySalt(0), a);
        vm.warp(began + 1 days + 1);
        vm.expectRevert(abi.encodeWithSelector(Judge.Judge_UnknownEntrant.selector, contest, 2));
        judge.revealEntry(contest, 2, entryRoot(0), entrySalt(0), a);
        bytes memory wrong =
            abi.encodeWithSelector(Judge.Judge_WrongReveal.selector, commitmentOf(0));
        vm.expectRevert(wrong);
        judge.revealEntry(contest, 0, entryRoot(0), entrySalt(1), a);
        vm.expectRevert(wrong);
        judge.revealEntry(contest, 0, entryRoot(1), entrySalt(0), a);
        a = attest(contest, 0, bytes32(0));
        vm.expectRevert(
            abi.encodeWithSelector(
                Judge.Judge_WrongReveal.selector, judge.entrantOf(contest, 1).commitment
            )
        );
        judge.revealEntry(contest, 1, bytes32(0), entrySalt(1), a);
        a[0] ^= 0x01;
        vm.expectRevert(abi.encodeWithSelector(Judge.Judge_BadAttestation.selector, attester));
        judge.revealEntry(contest, 0, entryRoot(0), entrySalt(0), a);
    }

    function test_revealEntry_takesTheWordOfAContract() public {
        Attester1271 contract_ = new Attester1271();
        ContestTerms memory t = contestTerms(1, 1);
        t.attester = address(contract_);
        uint256 contest = judge.open(t, "");
        enter(contest, 0);
        vm.warp(began + 1 days + 1);
        vm.expectRevert(
            abi.encodeWithSelector(Judge.Judge_BadAttestation.selector, address(contract_))
        );
        judge.revealEntry(contest, 0, entryRoot(0), entrySalt(0), "");
        contract_.sign(digest(contest, 0, entryRoot(0)));
        judge.revealEntry(contest, 0, entryRoot(0), entrySalt(0), "");
    }

    // revealTestSet

    function test_revealTestSet_inTheFirstHalfOfItsTime() public {
        uint256 contest = openContest(2, 1);
        vm.warp(opensAt(0) + 6 hours);
        vm.expectEmit();
        emit IJudge.TestSetRevealed(contest, 0, testSet(0));
        revealTestSet(contest, 0);
        assertEq(judge.roundOf(contest, 0).root, testSet(0));
        bytes memory a = attest(contest, 1, testSet(0));
        vm.expectRevert(abi.encodeWithSelector(Judge.Judge_AlreadyRevealed.selector, testSet(0)));
        judge.revealTestSet(contest, 0, testSet(0), testSalt(0), a);
        vm.warp(opensAt(1));
        revealTestSet(contest, 1);
    }

    function test_revealTestSet_reverts() public {
        uint256 contest = openContest(1, 1);
        bytes memory a = attest(contest, 1, testSet(0));
        vm.expectRevert(abi.encodeWithSelector(Judge.Judge_UnknownRound.selector, contest, 1));
        judge.revealTestSet(contest, 1, testSet(0), testSalt(0), a);
        vm.warp(opensAt(0) - 1);
        notNow(opensAt(0), opensAt(0) + 6 hours);
        judge.revealTestSet(contest, 0, testSet(0), testSalt(0), a);
        vm.warp(opensAt(0) + 6 hours + 1);
        notNow(opensAt(0), opensAt(0) + 6 hours);
        judge.revealTestSet(contest, 0, testSet(0), testSalt(0), a);
        vm.warp(opensAt(0));
        bytes32 committed = contestTerms(1, 1).rounds[0].testSet;
        vm.expectRevert(abi.encodeWithSelector(Judge.Judge_WrongReveal.selector, committed));
        judge.revealTestSet(contest, 0, testSet(1), testSalt(0), a);
        a[0] ^= 0x01;
        vm.expectRevert(abi.encodeWithSelector(Judge.Judge_BadAttestation.selector, attester));
        judge.revealTestSet(contest, 0, testSet(0), testSalt(0), a);
    }

    // order

    function test_order_postsTheJobOfTheEvaluation() public {
        uint256 contest = runningContest(2, 2);
        vm.expectEmit();
        emit IJudge.EvaluationOrdered(contest, 1, 0, 1);
        uint256 job = order(contest, 1, 0);
        assertEq(judge.jobOf(contest, 1, 0), job);
        Job memory j = registry.jobs(job);
        assertEq(j.submitter, address(judge));
        assertEq(j.reward, FEE);
        assertEq(j.stake, EVALUATION_STAKE);
        assertEq(j.workSeconds, EVALUATION_WORK);
        assertEq(j.deadline, opensAt(0) + 12 hours + SOLVE_SECONDS);
        bytes32 constants = keccak256(abi.encode(entryRoot(1), testSet(0)));
        assertEq(j.computation, keccak256(abi.encode(computationOf(evaluator(), constants, 2))));
        assertEq(judge.entrantOf(contest, 1).escrow, FEE);
        assertEq(judge.roundOf(contest, 0).pending, 2);
        assertEq(token.balanceOf(address(judge)), 3 * FEE);
    }

    function test_order_countsAnEvaluatorsOwnWeights() public {
        Evaluator memory e = evaluator();
        e.weightsRoot = "weights";
        ContestTerms memory t = contestTerms(1, 1);
        t.evaluator = judge.registerEvaluator(e);
        uint256 contest = judge.open(t, "");
        enter(contest, 0);
        vm.warp(began + 1 days + 1);
        revealEntry(contest, 0);
        openRound(contest, 0);
        uint256 job = judge.order(contest, 0, 0, e);
        bytes32 constants = keccak256(
            abi.encode(
                keccak256(abi.encode(entryRoot(0), testSet(0))),
                keccak256(abi.encode(e.weightsRoot, bytes32(0)))
            )
        );
        assertEq(
            registry.jobs(job).computation, keccak256(abi.encode(computationOf(e, constants, 3)))
        );
    }

    function computationOf(Evaluator memory e, bytes32 constants, uint32 count)
        private
        pure
        returns (Computation memory c)
    {
        c.nodesRoot = e.nodesRoot;
        c.statesRoot = e.statesRoot;
        c.constantEntriesRoot = e.constantEntriesRoot;
        c.initialStateRoot = e.initialStateRoot;
        c.constantsRoot = constants;
        (c.nodes, c.states, c.constants) = (e.nodes, e.states, count);
        (c.steps, c.interval, c.seed) = (e.steps, e.interval, e.seed);
    }

    function test_order_reverts() public {
        uint256 contest = openContest(2, 2);
        enter(contest, 0);
        enter(contest, 1);
        Evaluator memory e = evaluator();
        vm.warp(opensAt(0) - 1);
        revealEntry(contest, 0);
        notNow(opensAt(0), opensAt(0) + 12 hours);
        judge.order(contest, 0, 0, e);
        vm.warp(opensAt(0));
        vm.expectRevert(Judge.Judge_NotRevealed.selector);
        judge.order(contest, 0, 0, e);
        revealTestSet(contest, 0);
        vm.expectRevert(Judge.Judge_NotRevealed.selector);
        judge.order(contest, 1, 0, e);
        vm.expectRevert(abi.encodeWithSelector(Judge.Judge_UnknownEntrant.selector, contest, 2));
        judge.order(contest, 2, 0, e);
        vm.expectRevert(abi.encodeWithSelector(Judge.Judge_UnknownRound.selector, contest, 2));
        judge.order(contest, 0, 2, e);
        e.seed = 0;
        bytes32 other = keccak256(abi.encode(e));
        vm.expectRevert(abi.encodeWithSelector(Judge.Judge_UnknownEvaluator.selector, other));
        judge.order(contest, 0, 0, e);
        e = evaluator();
        uint256 job = judge.order(contest, 0, 0, e);
        vm.expectRevert(abi.encodeWithSelector(Judge.Judge_AlreadyOrdered.selector, job));
        judge.order(contest, 0, 0, e);
        vm.warp(opensAt(0) + 12 hours + 1);
        notNow(opensAt(0), opensAt(0) + 12 hours);
        judge.order(contest, 0, 0, e);
    }

    // report

    function test_report_addsTheScore() public {
        uint256 contest = runningContest(2, 1);
        uint256 job = order(contest, 0, 0);
        settleJob(job, -258);
        vm.expectEmit();
        emit IJudge.EvaluationReported(contest, 0, 0, -258);
        report(contest, 0, 0, -258);
        assertEq(judge.entrantOf(contest, 0).total, -258);
        assertEq(judge.entrantOf(contest, 0).scored, 1);
        assertEq(judge.contests(contest).scored, 0, "one round is missing");
        assertEq(judge.roundOf(contest, 0).pending, 0);
        openRound(contest, 1);
        evaluate(contest, 0, 1, 300);
        assertEq(judge.entrantOf(contest, 0).total, 42);
        assertEq(judge.contests(contest).scored, 1);
        assertEq(judge.contests(contest).best, 42);
    }

    function test_report_reverts() public {
        uint256 contest = runningContest(1, 2);
        Evaluator memory e = evaluator();
        bytes32[] memory proof = openingOfScore();
        bytes memory notPending =
            abi.encodeWithSelector(Judge.Judge_NotPending.selector, contest, 0, 0);
        vm.expectRevert(notPending);
        judge.report(contest, 0, 0, e, 5, proof);
        uint256 job = order(contest, 0, 0);
        vm.expectRevert(
            abi.encodeWithSelector(
                JobRegistry.JobRegistry_WrongStatus.selector, job, JobStatus.Open
            )
        );
        judge.report(contest, 0, 0, e, 5, proof);
        settleJob(job, 5);
        vm.expectRevert(abi.encodeWithSelector(Judge.Judge_WrongScore.selector, stateOf(5)));
        judge.report(contest, 0, 0, e, 6, proof);
        e.scoreState = 0;
        bytes32 other = keccak256(abi.encode(e));
        vm.expectRevert(abi.encodeWithSelector(Judge.Judge_UnknownEvaluator.selector, other));
        judge.report(contest, 0, 0, e, 5, proof);
        e = evaluator();
        bytes32[] memory short = new bytes32[](1);
        vm.expectRevert(abi.encodeWithSelector(Merkle.Merkle_ProofLength.selector, 2, 1));
        judge.report(contest, 0, 0, e, 5, short);
        judge.report(contest, 0, 0, e, 5, proof);
        vm.expectRevert(notPending);
        judge.report(contest, 0, 0, e, 5, proof);
        vm.expectRevert(abi.encodeWithSelector(Judge.Judge_NotPending.selector, contest, 256, 0));
        judge.report(contest, 256, 0, e, 5, proof);
        vm.expectRevert(abi.encodeWithSelector(Judge.Judge_UnknownContest.selector, 5));
        judge.report(5, 0, 0, e, 5, proof);
        vm.warp(decidedBy(contest) + 1);
        judge.conclude(contest);
        vm.expectRevert(abi.encodeWithSelector(Judge.Judge_Concluded.selector, contest));
        judge.report(contest, 0, 0, e, 5, proof);
    }

    // drop, giveNotice

    function test_drop_bringsTheRewardBack() public {
        uint256 contest = runningContest(1, 2);
        uint256 first = order(contest, 0, 0);
        uint256 second = order(contest, 1, 0);
        bytes memory open =
            abi.encodeWithSelector(Judge.Judge_JobNotOver.selector, first, JobStatus.Open);
        vm.warp(decidedBy(contest));
        vm.expectRevert(open);
        judge.drop(contest, 0, 0);
        vm.warp(decidedBy(contest) + 1);
        vm.expectEmit();
        emit IJudge.EvaluationDropped(contest, 0, 0);
        judge.drop(contest, 0, 0);
        registry.expire(second);
        judge.drop(contest, 1, 0);
        for (uint256 i; i < 2; ++i) {
            assertEq(judge.entrantOf(contest, i).escrow, FEE);
            vm.expectRevert(abi.encodeWithSelector(Judge.Judge_NotPending.selector, contest, i, 0));
            judge.drop(contest, i, 0);
        }
        assertEq(token.balanceOf(address(judge)), 2 * FEE);
    }

    function test_drop_revertsWhileTheJobIsUnderWay() public {
        uint256 contest = runningContest(1, 1);
        uint256 job = order(contest, 0, 0);
        takeJob(job, keeper);
        vm.warp(decidedBy(contest) + 1);
        refuseDrop(contest, job, JobStatus.Taken);
        vm.warp(opensAt(0));
        uint256 claim = commitJob(job, keeper, stateOf(1));
        refuseDrop(contest, job, JobStatus.Claimed);
        verde.uphold(claim);
        registry.settle(job);
        refuseDrop(contest, job, JobStatus.Settled);
    }

    function refuseDrop(uint256 contest, uint256 job, JobStatus status_) private {
        vm.expectRevert(abi.encodeWithSelector(Judge.Judge_JobNotOver.selector, job, status_));
        judge.drop(contest, 0, 0);
    }

    function test_giveNotice_letsASettledEvaluationBeDropped() public {
        uint256 contest = runningContest(1, 1);
        vm.expectRevert(abi.encodeWithSelector(Judge.Judge_NotPending.selector, contest, 0, 0));
        judge.giveNotice(contest, 0, 0);
        uint256 job = order(contest, 0, 0);
        vm.expectRevert(
            abi.encodeWithSelector(Judge.Judge_JobNotOver.selector, job, JobStatus.Open)
        );
        judge.giveNotice(contest, 0, 0);
        settleJob(job, 1);
        uint256 until = vm.getBlockTimestamp() + 30 days;
        vm.expectEmit();
        emit IJudge.NoticeGiven(contest, 0, 0, until);
        judge.giveNotice(contest, 0, 0);
        assertEq(judge.noticeOf(job), vm.getBlockTimestamp());
        vm.warp(until);
        vm.expectRevert(abi.encodeWithSelector(Judge.Judge_NoticeGiven.selector, job));
        judge.giveNotice(contest, 0, 0);
        notNow(until + 1, type(uint40).max);
        judge.drop(contest, 0, 0);
        checkVerdict(contest, Verdict.Held, 0);
        vm.warp(until + 1);
        judge.drop(contest, 0, 0);
        assertEq(judge.entrantOf(contest, 0).escrow, 0, "the reward was paid");
        checkVerdict(contest, Verdict.Void, 0);
    }

    // conclude

    function test_conclude_decidesWhenEverybodyIsScored() public {
        uint256 contest = runningContest(2, 3);
        evaluate(contest, 0, 0, 5);
        evaluate(contest, 1, 0, -5);
        evaluate(contest, 2, 0, 7);
        openRound(contest, 1);
        evaluate(contest, 2, 1, 1);
        evaluate(contest, 1, 1, 2);
        checkVerdict(contest, Verdict.Pending, 0);
        judge.conclude(contest);
        checkVerdict(contest, Verdict.Pending, 0);
        evaluate(contest, 0, 1, 3);
        vm.expectEmit();
        emit IJudge.Concluded(contest, Verdict.Decided, 5);
        (Verdict verdict, uint256 winners) = judge.conclude(contest);
        assertEq(uint256(verdict), uint256(Verdict.Decided));
        assertEq(winners, 5, "0 and 2 tie at 8");
        vm.recordLogs();
        judge.conclude(contest);
        assertEq(vm.getRecordedLogs().length, 0);
        checkVerdict(contest, Verdict.Decided, 5);
    }

    function test_conclude_withoutEntrantsIsVoid() public {
        uint256 contest = openContest(1, 1);
        vm.warp(decidedBy(contest));
        checkVerdict(contest, Verdict.Pending, 0);
        vm.warp(decidedBy(contest) + 1);
        judge.conclude(contest);
        checkVerdict(contest, Verdict.Void, 0);
        assertEq(uint256(judge.contests(contest).verdict), uint256(Verdict.Void));
    }

    function test_conclude_leavesOutWhoIsNotScored() public {
        uint256 contest = runningContest(2, 3);
        evaluate(contest, 0, 0, type(int32).min);
        evaluate(contest, 1, 0, type(int32).max);
        openRound(contest, 1);
        evaluate(contest, 0, 1, type(int32).min);
        order(contest, 1, 1); // nobody solves it
        vm.warp(decidedBy(contest) + 1);
        checkVerdict(contest, Verdict.Decided, 1);
        assertEq(judge.contests(contest).best, 2 * int64(type(int32).min));
    }

    function test_conclude_holdsWhileAnEvaluationIsUnderWay() public {
        uint256 contest = runningContest(1, 2);
        evaluate(contest, 0, 0, 1);
        uint256 job = order(contest, 1, 0);
        vm.warp(decidedBy(contest));
        takeJob(job, keeper);
        vm.warp(decidedBy(contest) + 1);
        checkVerdict(contest, Verdict.Held, 0);
        vm.warp(decidedBy(contest) + EVALUATION_WORK + 1);
        registry.abandon(job); // nearly no time is left to take it
        checkVerdict(contest, Verdict.Held, 0);
        takeJob(job, keeper);
        uint256 claim = commitJob(job, keeper, stateOf(9));
        vm.warp(judge.heldUntil(contest) + 365 days);
        checkVerdict(contest, Verdict.Held, 0);
        (Verdict verdict,) = judge.conclude(contest);
        assertEq(uint256(verdict), uint256(Verdict.Held));
        verde.uphold(claim);
        registry.settle(job);
        checkVerdict(contest, Verdict.Held, 0);
        report(contest, 1, 0, 9);
        checkVerdict(contest, Verdict.Decided, 2);
    }

    function test_conclude_isNotHeldByWhatCannotCompleteAnEntrant() public {
        uint256 contest = runningContest(2, 1);
        takeJob(order(contest, 0, 0), keeper); // the other round is not ordered
        vm.warp(decidedBy(contest) + 1);
        checkVerdict(contest, Verdict.Void, 0);
    }

    // returnEscrow

    function test_returnEscrow_paysTheOwnerWhatIsLeft() public {
        uint256 contest = runningContest(2, 2);
        evaluate(contest, 0, 0, 1);
        notNow(decidedBy(contest) + 1, type(uint40).max);
        judge.returnEscrow(contest, 0);
        vm.warp(decidedBy(contest) + 1);
        vm.expectEmit();
        emit IJudge.EscrowReturned(contest, 0, ownerOfEntry(0), FEE);
        vm.prank(stranger);
        judge.returnEscrow(contest, 0);
        assertEq(token.balanceOf(ownerOfEntry(0)), FEE);
        vm.expectRevert(abi.encodeWithSelector(Judge.Judge_NothingOwed.selector, contest, 0));
        judge.returnEscrow(contest, 0);
        judge.returnEscrow(contest, 1);
        assertEq(token.balanceOf(ownerOfEntry(1)), 2 * FEE);
        assertEq(token.balanceOf(address(judge)), 0);
        vm.expectRevert(abi.encodeWithSelector(Judge.Judge_UnknownEntrant.selector, contest, 2));
        judge.returnEscrow(contest, 2);
    }

    // views

    function test_views_revertForWhatIsUnknown() public {
        bytes memory unknown = abi.encodeWithSelector(Judge.Judge_UnknownContest.selector, 5);
        vm.expectRevert(unknown);
        judge.entrantsOf(5);
        vm.expectRevert(unknown);
        judge.secretUntil(5);
        vm.expectRevert(unknown);
        judge.decidedBy(5);
        vm.expectRevert(unknown);
        judge.heldUntil(5);
        vm.expectRevert(unknown);
        judge.verdictOf(5);
        vm.expectRevert(unknown);
        judge.conclude(5);
        vm.expectRevert(unknown);
        judge.contests(5);
        vm.expectRevert(unknown);
        judge.entryFeeOf(5);
        vm.expectRevert(unknown);
        judge.ownerOf(5, 0);
        vm.expectRevert(unknown);
        judge.entrantOf(5, 0);
        vm.expectRevert(unknown);
        judge.roundOf(5, 0);
        uint256 contest = openContest(1, 1);
        vm.expectRevert(abi.encodeWithSelector(Judge.Judge_UnknownEntrant.selector, contest, 0));
        judge.ownerOf(contest, 0);
        vm.expectRevert(abi.encodeWithSelector(Judge.Judge_UnknownRound.selector, contest, 1));
        judge.roundOf(contest, 1);
    }

    // the verdict as a function of the scores

    /// @dev Whatever the scores and the order of the reports, the winners are those of the largest sum.
    /// forge-config: default.fuzz.runs = 64
    function testFuzz_verdict_followsFromScoresAlone(int32[8] memory scores, uint256 seed) public {
        // Few different scores, so that there are ties.
        if (seed & 1 == 0) {
            for (uint256 k; k < 8; ++k) {
                scores[k] %= 3;
            }
        }
        uint256 contest = runningContest(2, 4);
        uint256[] memory left = new uint256[](8);
        for (uint256 k; k < 8; ++k) {
            if (k == 4) openRound(contest, 1);
            settleJob(order(contest, k % 4, k / 4), scores[k]);
            left[k] = k;
        }
        for (uint256 n = 8; n != 0; --n) {
            checkVerdict(contest, Verdict.Pending, 0);
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 place = seed % n;
            uint256 k = left[place];
            left[place] = left[n - 1];
            report(contest, k % 4, k / 4, scores[k]);
        }
        int256 best = type(int256).min;
        uint256 winners;
        for (uint256 i; i < 4; ++i) {
            int256 total = int256(scores[i]) + scores[i + 4];
            if (total > best) (best, winners) = (total, 0);
            if (total == best) winners |= 1 << i;
        }
        checkVerdict(contest, Verdict.Decided, winners);
    }
}
