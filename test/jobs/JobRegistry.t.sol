// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IJobRegistry, Job, JobParameters, JobStatus, Terms} from "../../src/jobs/IJobRegistry.sol";
import {JobRegistry} from "../../src/jobs/JobRegistry.sol";
import {StakeVault} from "../../src/staking/StakeVault.sol";
import {StakeVaultFactory} from "../../src/staking/StakeVaultFactory.sol";
import {ClaimInput, ClaimStatus, Computation, IVerde} from "../../src/verde/IVerde.sol";
import {JobRegistryBase} from "./JobRegistryBase.t.sol";

contract JobRegistryTest is JobRegistryBase {
    function wrongStatus(uint256 job, JobStatus s) private pure returns (bytes memory) {
        return abi.encodeWithSelector(JobRegistry.JobRegistry_WrongStatus.selector, job, s);
    }

    // post

    function test_post_escrowsTheRewardAndKeepsTheRates() public {
        Terms memory t = terms();
        vm.expectEmit(address(registry));
        emit IJobRegistry.JobPosted(1, submitter, computationId(), t, FEE_BPS, PENALTY_BPS);
        uint256 job = post();
        assertEq(job, 1);
        assertEq(registry.jobCount(), 1);
        Job memory j = registry.jobs(job);
        assertEq(uint256(j.status), uint256(JobStatus.Open));
        assertEq(j.submitter, submitter);
        assertEq(j.computation, computationId());
        assertEq(j.reward, REWARD);
        assertEq(j.stake, STAKE);
        assertEq(j.workSeconds, WORK);
        assertEq(j.deadline, t.deadline);
        assertTrue(verde.known(computationId()));
        checkConservation();
    }

    function testFuzz_post_withAnyGoodTerms(
        uint128 reward,
        uint128 stake,
        uint32 work,
        uint40 deadline
    ) public {
        Terms memory t = terms();
        t.reward = uint128(bound(reward, 1, 100_000e18));
        t.stake = uint128(bound(stake, 100e18, type(uint128).max));
        t.workSeconds = uint32(bound(work, 1, 365 days));
        t.deadline =
            uint40(bound(deadline, vm.getBlockTimestamp(), vm.getBlockTimestamp() + 365 days));
        vm.prank(submitter);
        registry.post(computation(), t);
        checkConservation();
    }

    function test_post_revertsOnBadTerms() public {
        Computation memory c = computation();
        vm.startPrank(submitter);
        Terms memory t = terms();
        t.reward = 0;
        vm.expectRevert(JobRegistry.JobRegistry_ZeroReward.selector);
        registry.post(c, t);

        t = terms();
        t.stake = 100e18 - 1;
        vm.expectRevert(
            abi.encodeWithSelector(JobRegistry.JobRegistry_StakeTooLow.selector, 100e18 - 1, 100e18)
        );
        registry.post(c, t);

        uint32[2] memory badWork = [0, uint32(365 days) + 1];
        for (uint256 i; i < 2; ++i) {
            t = terms();
            t.workSeconds = badWork[i];
            vm.expectRevert(
                abi.encodeWithSelector(JobRegistry.JobRegistry_BadWorkSeconds.selector, badWork[i])
            );
            registry.post(c, t);
        }

        uint40[2] memory badDeadline =
            [uint40(vm.getBlockTimestamp() - 1), uint40(vm.getBlockTimestamp() + 365 days + 1)];
        for (uint256 i; i < 2; ++i) {
            t = terms();
            t.deadline = badDeadline[i];
            vm.expectRevert(
                abi.encodeWithSelector(JobRegistry.JobRegistry_BadDeadline.selector, badDeadline[i])
            );
            registry.post(c, t);
        }

        t = terms();
        t.uri = string(new bytes(1025));
        vm.expectRevert(abi.encodeWithSelector(JobRegistry.JobRegistry_UriTooLong.selector, 1025));
        registry.post(c, t);
    }

    function test_post_revertsWithoutTheTokens() public {
        vm.expectRevert();
        vm.prank(stranger);
        registry.post(computation(), terms());
        assertEq(registry.jobCount(), 0);
    }

    // postWithPermit

    function permit(uint256 key, uint256 value, uint256 deadline)
        private
        view
        returns (uint8 v, bytes32 r, bytes32 s)
    {
        bytes32 typehash = keccak256(
            "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
        );
        bytes32 content =
            keccak256(abi.encode(typehash, vm.addr(key), address(registry), value, 0, deadline));
        return
            vm.sign(key, keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), content)));
    }

    function test_postWithPermit_needsNoApproval() public {
        address signer = vm.addr(77);
        fund(signer, REWARD);
        (uint8 v, bytes32 r, bytes32 s) = permit(77, REWARD, vm.getBlockTimestamp());
        vm.prank(signer);
        registry.postWithPermit(computation(), terms(), vm.getBlockTimestamp(), v, r, s);
        assertEq(registry.jobs(1).submitter, signer);
        checkConservation();
    }

    function test_postWithPermit_worksWhenSomebodySentThePermitFirst() public {
        address signer = vm.addr(77);
        fund(signer, REWARD);
        (uint8 v, bytes32 r, bytes32 s) = permit(77, REWARD, vm.getBlockTimestamp());
        vm.prank(stranger);
        token.permit(signer, address(registry), REWARD, vm.getBlockTimestamp(), v, r, s);
        vm.prank(signer);
        registry.postWithPermit(computation(), terms(), vm.getBlockTimestamp(), v, r, s);
        assertEq(registry.jobCount(), 1);
    }

    function test_postWithPermit_revertsForAnothersSignature() public {
        address signer = vm.addr(77);
        fund(signer, REWARD);
        (uint8 v, bytes32 r, bytes32 s) = permit(78, REWARD, vm.getBlockTimestamp());
        vm.expectRevert();
        vm.prank(signer);
        registry.postWithPermit(computation(), terms(), vm.getBlockTimestamp(), v, r, s);
    }

    // take

    function test_take_locksTheStake() public {
        uint256 job = post();
        bytes32 lockId = registry.lockIdOf(job, 1);
        vm.expectEmit(address(registry));
        emit IJobRegistry.JobTaken(job, 1, address(vault), solver, lockId);
        take(job);
        (address by, uint256 amount) = vault.lockOf(lockId);
        assertEq(by, address(registry));
        assertEq(amount, STAKE);
        Job memory j = registry.jobs(job);
        assertEq(uint256(j.status), uint256(JobStatus.Taken));
        assertEq(j.vault, address(vault));
        assertEq(j.takenAt, vm.getBlockTimestamp());
    }

    function test_take_inTheSecondOfTheDeadlineIsInTime() public {
        uint256 job = post();
        uint40 deadline = registry.jobs(job).deadline;
        vm.warp(uint256(deadline) + 1);
        vm.expectRevert(
            abi.encodeWithSelector(JobRegistry.JobRegistry_PastDeadline.selector, job, deadline)
        );
        take(job);
        vm.warp(deadline);
        take(job);
    }

    function test_take_revertsForAnotherComputation() public {
        uint256 job = post();
        vm.expectRevert(
            abi.encodeWithSelector(
                JobRegistry.JobRegistry_WrongComputation.selector, job, computationId()
            )
        );
        vm.prank(solver);
        registry.take(job, bytes32("another"), address(vault));
    }

    function test_take_revertsForVaultsNotOfTheFactory() public {
        uint256 job = post();
        StakeVaultFactory other = newFactory();
        vm.startPrank(solver);
        address foreign = other.create(0);
        vm.expectRevert(abi.encodeWithSelector(JobRegistry.JobRegistry_NotVault.selector, foreign));
        registry.take(job, computationId(), foreign);
    }

    function test_take_revertsForAnothersVault() public {
        uint256 job = post();
        vm.expectRevert(
            abi.encodeWithSelector(
                JobRegistry.JobRegistry_NotOperator.selector, address(vault), stranger
            )
        );
        vm.prank(stranger);
        registry.take(job, computationId(), address(vault));
    }

    function test_take_revertsWithoutEnoughFreeStake() public {
        for (uint256 i; i < 4; ++i) {
            take(post());
        }
        uint256 job = post();
        vm.expectRevert(
            abi.encodeWithSelector(StakeVault.StakeVault_NotEnoughFree.selector, 0, STAKE)
        );
        take(job);
    }

    // commit

    function test_commit_makesAClaimBackedByTheLock() public {
        uint256 job = post();
        take(job);
        vm.prank(solver);
        uint256 claim = registry.commit(
            job, "checkpoints", "final", new bytes32[](0), new bytes32[](0), stranger
        );
        ClaimInput memory input = verde.inputOf(claim);
        assertEq(input.computation, computationId());
        assertEq(input.checkpointRoot, "checkpoints");
        assertEq(input.finalStateRoot, "final");
        assertEq(input.solver, solver);
        assertEq(input.delegate, stranger);
        assertEq(input.vault, address(vault));
        assertEq(input.lockId, registry.lockIdOf(job, 1));
        assertEq(input.workSeconds, WORK);
        assertEq(registry.jobs(job).claim, claim);
        assertEq(uint256(status(job)), uint256(JobStatus.Claimed));
    }

    function test_commit_inTheLastSecondIsInTime() public {
        uint256 job = post();
        take(job);
        uint256 due = vm.getBlockTimestamp() + WORK;
        vm.warp(due + 1);
        vm.expectRevert(abi.encodeWithSelector(JobRegistry.JobRegistry_TooLate.selector, job, due));
        commit(job);
        vm.warp(due);
        commit(job);
    }

    function test_commit_revertsForStrangers() public {
        uint256 job = post();
        take(job);
        vm.expectRevert(
            abi.encodeWithSelector(
                JobRegistry.JobRegistry_NotOperator.selector, address(vault), stranger
            )
        );
        vm.prank(stranger);
        registry.commit(job, "c", "f", new bytes32[](0), new bytes32[](0), address(0));
    }

    function test_commit_onlyOnce() public {
        (uint256 job,) = claimed();
        vm.expectRevert(wrongStatus(job, JobStatus.Claimed));
        commit(job);
    }

    // settle, resultOf

    function testFuzz_settle_paysFeeAndVaultToTheWei(uint128 reward, uint16 feeBps) public {
        uint16 fee = uint16(bound(feeBps, 0, 1_000));
        vm.prank(governance);
        registry.setParameters(JobParameters(treasury, fee, 0, 1));
        Terms memory t = terms();
        t.reward = uint128(bound(reward, 1, 100_000e18));
        vm.prank(submitter);
        uint256 job = registry.post(computation(), t);
        take(job);
        uint256 claim = commit(job);
        verde.uphold(claim);
        uint256 before = token.balanceOf(address(vault));
        registry.settle(job);
        uint256 toTreasury = uint256(t.reward) * fee / 10_000;
        assertEq(token.balanceOf(treasury), toTreasury);
        assertEq(token.balanceOf(address(vault)), before + t.reward - toTreasury);
        checkConservation();
    }

    function test_settle_keepsTheFeeOfTheDayItWasPosted() public {
        (uint256 job, uint256 claim) = claimed();
        address next = makeAddr("next treasury");
        vm.prank(governance);
        registry.setParameters(JobParameters(next, 1_000, 2_000, 1));
        verde.uphold(claim);
        registry.settle(job);
        assertEq(token.balanceOf(next), REWARD * FEE_BPS / 10_000);
    }

    function test_settle_revertsWhileUndecidedOrVoid() public {
        (uint256 job, uint256 claim) = claimed();
        vm.expectRevert(
            abi.encodeWithSelector(
                JobRegistry.JobRegistry_ClaimNotUpheld.selector, claim, ClaimStatus.Pending
            )
        );
        registry.settle(job);
        verde.void(claim);
        vm.expectRevert(
            abi.encodeWithSelector(
                JobRegistry.JobRegistry_ClaimNotUpheld.selector, claim, ClaimStatus.Void
            )
        );
        registry.settle(job);
    }

    function test_settle_onlyOnce() public {
        (uint256 job, uint256 claim) = claimed();
        verde.uphold(claim);
        registry.settle(job);
        vm.expectRevert(wrongStatus(job, JobStatus.Settled));
        registry.settle(job);
    }

    function test_resultOf_onlyOfSettledJobs() public {
        (uint256 job, uint256 claim) = claimed();
        vm.expectRevert(wrongStatus(job, JobStatus.Claimed));
        registry.resultOf(job);
        verde.uphold(claim);
        registry.settle(job);
        assertEq(registry.resultOf(job), "final");
    }

    // reopen

    function test_reopen_revertsUnlessVoid() public {
        (uint256 job, uint256 claim) = claimed();
        vm.expectRevert(
            abi.encodeWithSelector(
                JobRegistry.JobRegistry_ClaimNotVoid.selector, claim, ClaimStatus.Pending
            )
        );
        registry.reopen(job);
        verde.uphold(claim);
        vm.expectRevert(
            abi.encodeWithSelector(
                JobRegistry.JobRegistry_ClaimNotVoid.selector, claim, ClaimStatus.Upheld
            )
        );
        registry.reopen(job);
    }

    function test_reopen_keepsTheTimeThatWasLeft() public {
        uint256 job = post();
        vm.warp(vm.getBlockTimestamp() + 5 hours);
        uint256 left = registry.jobs(job).deadline - vm.getBlockTimestamp();
        take(job);
        uint256 claim = commit(job);
        vm.warp(vm.getBlockTimestamp() + 30 days);
        verde.void(claim);
        registry.reopen(job);
        assertEq(registry.jobs(job).deadline - vm.getBlockTimestamp(), left);
    }

    // abandon

    function test_abandon_opensAgainAtAPenalty() public {
        uint256 job = post();
        take(job);
        vm.warp(vm.getBlockTimestamp() + WORK);
        vm.expectRevert(
            abi.encodeWithSelector(
                JobRegistry.JobRegistry_StillInTime.selector, job, vm.getBlockTimestamp()
            )
        );
        registry.abandon(job);
        vm.warp(vm.getBlockTimestamp() + 1);
        uint256 penalty = STAKE * PENALTY_BPS / 10_000;
        uint40 deadline = registry.jobs(job).deadline;
        vm.expectEmit(address(registry));
        emit IJobRegistry.JobAbandoned(job, 1, address(vault), penalty);
        vm.prank(stranger);
        registry.abandon(job);
        assertEq(token.balanceOf(treasury), penalty);
        assertEq(vault.selfBond(), 1_000e18 - penalty);
        assertEq(vault.activeAssets(), 1_000e18);
        assertEq(vault.lockedAssets(), 0);
        assertEq(registry.jobs(job).deadline, deadline + WORK + 1);
        take(job);
        assertEq(registry.jobs(job).attempt, 2);
        checkConservation();
    }

    function testFuzz_abandon_roundsThePenaltyUpWithinTheLock(uint128 stake, uint16 bps) public {
        uint16 penaltyBps = uint16(bound(bps, 0, 2_000));
        vm.prank(governance);
        registry.setParameters(JobParameters(treasury, 0, penaltyBps, 1));
        Terms memory t = terms();
        t.stake = uint128(bound(stake, 1, 2_000e18));
        vm.prank(submitter);
        uint256 job = registry.post(computation(), t);
        take(job);
        vm.warp(vm.getBlockTimestamp() + WORK + 1);
        registry.abandon(job);
        uint256 penalty = token.balanceOf(treasury);
        assertGe(penalty * 10_000, uint256(t.stake) * penaltyBps);
        assertLt(penalty * 10_000, uint256(t.stake) * penaltyBps + 10_000);
        assertLe(penalty, t.stake);
    }

    // cancel, expire

    function test_cancel_returnsTheEscrowOfAnOpenJob() public {
        uint256 job = post();
        vm.prank(submitter);
        registry.cancel(job);
        assertEq(token.balanceOf(submitter), 100_000e18);
        assertEq(uint256(status(job)), uint256(JobStatus.Cancelled));
        checkConservation();
    }

    function test_cancel_underWayWaitsForTheAttempt() public {
        (uint256 job, uint256 claim) = claimed();
        vm.expectEmit(address(registry));
        emit IJobRegistry.JobCancelRequested(job);
        vm.prank(submitter);
        registry.cancel(job);
        assertTrue(registry.jobs(job).cancelling);
        verde.uphold(claim);
        registry.settle(job);
        assertEq(uint256(status(job)), uint256(JobStatus.Settled), "the work is paid");
        checkConservation();
    }

    function test_cancel_underWayReturnsTheEscrowWhenTheAttemptFails() public {
        (uint256 job, uint256 claim) = claimed();
        uint256 other = post();
        take(other);
        vm.startPrank(submitter);
        registry.cancel(job);
        registry.cancel(other);
        vm.stopPrank();
        verde.void(claim);
        registry.reopen(job);
        vm.warp(vm.getBlockTimestamp() + WORK + 1);
        registry.abandon(other);
        assertEq(uint256(status(job)), uint256(JobStatus.Cancelled));
        assertEq(uint256(status(other)), uint256(JobStatus.Cancelled));
        assertEq(token.balanceOf(submitter), 100_000e18);
        assertEq(vault.lockedAssets(), 0);
        checkConservation();
    }

    function test_cancel_revertsForStrangersAndEndedJobs() public {
        uint256 job = post();
        vm.expectRevert(
            abi.encodeWithSelector(JobRegistry.JobRegistry_NotSubmitter.selector, job, stranger)
        );
        vm.prank(stranger);
        registry.cancel(job);
        vm.startPrank(submitter);
        registry.cancel(job);
        vm.expectRevert(wrongStatus(job, JobStatus.Cancelled));
        registry.cancel(job);
    }

    function test_expire_returnsTheEscrowAfterTheDeadline() public {
        uint256 job = post();
        uint40 deadline = registry.jobs(job).deadline;
        vm.warp(deadline);
        vm.expectRevert(
            abi.encodeWithSelector(JobRegistry.JobRegistry_BeforeDeadline.selector, job, deadline)
        );
        registry.expire(job);
        vm.warp(uint256(deadline) + 1);
        vm.prank(stranger);
        registry.expire(job);
        assertEq(token.balanceOf(submitter), 100_000e18);
        assertEq(uint256(status(job)), uint256(JobStatus.Expired));
        checkConservation();
    }

    function test_expire_revertsWhileAnAttemptIsUnderWay() public {
        (uint256 job,) = claimed();
        vm.warp(vm.getBlockTimestamp() + 30 days);
        vm.expectRevert(wrongStatus(job, JobStatus.Claimed));
        registry.expire(job);
    }

    // Every action in every status: exactly the table's are possible.

    function test_transitions_areExactlyTheTable() public {
        for (uint256 s; s < 7; ++s) {
            for (uint256 action; action < 7; ++action) {
                uint256 snapshot = vm.snapshotState();
                uint256 job = jobIn(JobStatus(s));
                bool allowed = possible(JobStatus(s), action);
                (bool ok,) = tryAction(job, action);
                assertEq(
                    ok,
                    allowed,
                    string.concat("status ", vm.toString(s), " action ", vm.toString(action))
                );
                vm.revertToState(snapshot);
            }
        }
    }

    /// @dev 0 take, 1 commit, 2 settle, 3 reopen, 4 abandon, 5 cancel, 6 expire; each at a time and with a claim
    /// status that allow it as far as the job's own status does.
    function tryAction(uint256 job, uint256 action) private returns (bool ok, bytes memory data) {
        Job memory j = registry.jobs(job);
        if (j.status == JobStatus.Claimed && action == 2) verde.uphold(j.claim);
        if (j.status == JobStatus.Claimed && action == 3) verde.void(j.claim);
        if (action == 4) vm.warp(vm.getBlockTimestamp() + WORK + 1);
        if (action == 6) vm.warp(vm.getBlockTimestamp() + 365 days);
        vm.prank(action == 5 ? submitter : solver);
        bytes32[] memory none;
        bytes[7] memory calls = [
            abi.encodeCall(registry.take, (job, computationId(), address(vault))),
            abi.encodeCall(registry.commit, (job, "c", "f", none, none, address(0))),
            abi.encodeCall(registry.settle, (job)),
            abi.encodeCall(registry.reopen, (job)),
            abi.encodeCall(registry.abandon, (job)),
            abi.encodeCall(registry.cancel, (job)),
            abi.encodeCall(registry.expire, (job))
        ];
        return address(registry).call(calls[action]);
    }

    function possible(JobStatus s, uint256 action) private pure returns (bool) {
        if (s == JobStatus.Open) return action == 0 || action == 5 || action == 6;
        if (s == JobStatus.Taken) return action == 1 || action == 4 || action == 5;
        if (s == JobStatus.Claimed) return action == 2 || action == 3 || action == 5;
        return false;
    }

    function jobIn(JobStatus s) private returns (uint256 job) {
        if (s == JobStatus.None) return 999;
        job = post();
        if (s == JobStatus.Open) return job;
        if (s == JobStatus.Cancelled) {
            vm.prank(submitter);
            registry.cancel(job);
        } else if (s == JobStatus.Expired) {
            vm.warp(vm.getBlockTimestamp() + 2 days);
            registry.expire(job);
        } else {
            take(job);
            if (s == JobStatus.Taken) return job;
            uint256 claim = commit(job);
            if (s == JobStatus.Claimed) return job;
            verde.uphold(claim);
            registry.settle(job);
        }
    }

    // governance

    function test_setParameters_staysInBounds() public {
        vm.startPrank(governance);
        vm.expectRevert(JobRegistry.JobRegistry_ZeroAddress.selector);
        registry.setParameters(JobParameters(address(0), 0, 0, 1));
        vm.expectRevert(abi.encodeWithSelector(JobRegistry.JobRegistry_FeeTooHigh.selector, 1_001));
        registry.setParameters(JobParameters(treasury, 1_001, 0, 1));
        vm.expectRevert(
            abi.encodeWithSelector(JobRegistry.JobRegistry_PenaltyTooHigh.selector, 2_001)
        );
        registry.setParameters(JobParameters(treasury, 0, 2_001, 1));
        vm.expectRevert(JobRegistry.JobRegistry_ZeroMinStake.selector);
        registry.setParameters(JobParameters(treasury, 0, 0, 0));
        JobParameters memory good = JobParameters(treasury, 1_000, 2_000, 1);
        vm.expectEmit(address(registry));
        emit IJobRegistry.ParametersSet(good);
        registry.setParameters(good);
        assertEq(registry.parameters().feeBps, 1_000);
        vm.stopPrank();
        vm.expectRevert(
            abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, stranger)
        );
        vm.prank(stranger);
        registry.setParameters(good);
    }

    function test_constructor_revertsForZeroAddresses() public {
        JobParameters memory p = registry.parameters();
        IVerde v = IVerde(address(verde));
        vm.expectRevert(JobRegistry.JobRegistry_ZeroAddress.selector);
        new JobRegistry(governance, address(0), v, factory, p);
        vm.expectRevert(JobRegistry.JobRegistry_ZeroAddress.selector);
        new JobRegistry(governance, address(token), IVerde(address(0)), factory, p);
    }
}
