// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Vm} from "forge-std/Vm.sol";
import {JobParameters, JobStatus} from "../../src/jobs/IJobRegistry.sol";
import {JobRegistry} from "../../src/jobs/JobRegistry.sol";
import {StakeVault} from "../../src/staking/StakeVault.sol";
import {JobRegistryBase} from "../jobs/JobRegistryBase.t.sol";

/// @notice Attacks on escrow and stake.
contract JobRegistryFindings is JobRegistryBase {
    /// @dev A solver abandons a job and takes it again in one transaction, for ever: the submitter never finds it
    /// open. Its wish to cancel is kept and ends that at the first failure.
    function test_finding_retakingCannotHoldTheEscrow() public {
        uint256 job = post();
        take(job);
        vm.prank(submitter);
        registry.cancel(job);
        vm.warp(vm.getBlockTimestamp() + WORK + 1);
        vm.startPrank(solver);
        registry.abandon(job);
        vm.expectRevert(
            abi.encodeWithSelector(
                JobRegistry.JobRegistry_WrongStatus.selector, job, JobStatus.Cancelled
            )
        );
        registry.take(job, computationId(), address(vault));
        assertEq(token.balanceOf(submitter), 100_000e18);
    }

    /// @dev Each attempt has a lock of its own: a slash for one does not reach the stake behind another.
    function test_finding_attemptsHaveLocksOfTheirOwn() public {
        (uint256 job, uint256 claim) = claimed();
        verde.void(claim);
        registry.reopen(job);
        take(job);
        vm.expectRevert(
            abi.encodeWithSelector(StakeVault.StakeVault_NoLock.selector, registry.lockIdOf(job, 1))
        );
        verde.void(claim);
        (, uint256 second) = vault.lockOf(registry.lockIdOf(job, 2));
        assertEq(second, STAKE);
    }

    /// @dev A decided claim of an old attempt must not settle the next one.
    function test_finding_oldClaimDoesNotSettleTheNextAttempt() public {
        (uint256 job, uint256 claim) = claimed();
        verde.void(claim);
        registry.reopen(job);
        take(job);
        uint256 next = commit(job);
        verde.uphold(claim);
        vm.expectRevert();
        registry.settle(job);
        verde.uphold(next);
        registry.settle(job);
        checkConservation();
    }

    /// @dev An escrow is no gift to whoever settles a job while the vault has no shares any more.
    function test_finding_payReachesAVaultWhoseStakersLeft() public {
        (uint256 job, uint256 claim) = claimed();
        uint256 shares = vault.balanceOf(solver);
        vm.prank(solver);
        vault.requestRedeem(shares, solver, solver);
        uint256 bond = vault.selfBond();
        verde.uphold(claim);
        registry.settle(job);
        uint256 pay = REWARD - REWARD * FEE_BPS / 10_000;
        assertEq(vault.commissionOwed(), pay * COMMISSION_BPS / 10_000);
        assertEq(vault.selfBond(), bond + pay - vault.commissionOwed());
        checkConservation();
    }

    /// @dev Governance that stops the registry from locking cannot freeze what is locked already.
    function test_finding_stoppedRegistryStillEndsItsJobs() public {
        (uint256 paid, uint256 claim) = claimed();
        (uint256 voided, uint256 wrong) = claimed();
        uint256 left = post();
        take(left);
        vm.prank(governance);
        factory.setLockerEnabled(address(registry), false);
        verde.uphold(claim);
        verde.void(wrong);
        vm.warp(vm.getBlockTimestamp() + WORK + 1);
        registry.settle(paid);
        registry.reopen(voided);
        registry.abandon(left);
        assertEq(vault.lockedAssets(), 0);
        checkConservation();
    }

    /// @dev Tokens sent to the registry by mistake belong to no job.
    function test_finding_giftsDoNotMoveJobs() public {
        uint256 job = post();
        fund(address(registry), 5);
        vm.prank(submitter);
        registry.cancel(job);
        assertEq(token.balanceOf(address(registry)), 5);
    }

    /// @dev Some tokens refuse transfers of zero. Without a fee the treasury is sent nothing at all.
    function test_finding_noTransferOfZero() public {
        vm.prank(governance);
        registry.setParameters(JobParameters(treasury, 0, 0, 1));
        (uint256 job, uint256 claim) = claimed();
        verde.uphold(claim);
        vm.recordLogs();
        registry.settle(job);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != IERC20.Transfer.selector) continue;
            assertEq(abi.decode(logs[i].data, (uint256)), REWARD);
        }
    }
}
