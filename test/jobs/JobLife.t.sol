// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Job, JobStatus} from "../../src/jobs/IJobRegistry.sol";
import {StakeVault} from "../../src/staking/StakeVault.sol";
import {JobRegistryBase} from "./JobRegistryBase.t.sol";

/// @notice The life of a job from posting to pay, with everybody's money followed to the wei.
contract JobLife is JobRegistryBase {
    function test_life_honestSolverIsPaid() public {
        (uint256 job, uint256 claim) = claimed();
        assertEq(vault.lockedAssets(), STAKE);
        verde.uphold(claim);
        vm.prank(stranger);
        registry.settle(job);

        uint256 fee = REWARD * FEE_BPS / 10_000;
        uint256 commission = (REWARD - fee) * COMMISSION_BPS / 10_000;
        assertEq(uint256(status(job)), uint256(JobStatus.Settled));
        assertEq(token.balanceOf(treasury), fee);
        assertEq(vault.commissionOwed(), commission);
        uint256 rest = REWARD - fee - commission;
        assertEq(vault.selfBond(), 1_000e18 + rest / 2, "bond and shares are alike in size");
        assertEq(vault.activeAssets(), 1_000e18 + rest - rest / 2);
        assertEq(vault.lockedAssets(), 0);
        checkConservation();

        // Everything can leave: commission at once, bond and stake with their parts of the pay after the delay.
        vm.startPrank(solver);
        vault.collectCommission(solver);
        vault.requestRedeem(vault.balanceOf(solver), solver, solver);
        vm.warp(vm.getBlockTimestamp() + 7 days);
        vault.redeem(vault.maxRedeem(solver), solver, solver);
        vault.withdrawSelfBond(vault.selfBond(), solver);
        vm.stopPrank();
        assertApproxEqAbs(token.balanceOf(solver), 2_000e18 + REWARD - fee, 10_000);
    }

    function test_life_voidedClaimIsSlashedAndTheJobSolvedAgain() public {
        (uint256 job, uint256 claim) = claimed();
        uint40 deadline = registry.jobs(job).deadline;
        vm.warp(vm.getBlockTimestamp() + 3 hours);
        verde.void(claim);
        assertEq(token.balanceOf(slashed), STAKE);
        assertEq(vault.selfBond(), 1_000e18 - STAKE);
        assertEq(vault.activeAssets(), 1_000e18);
        assertEq(vault.lockedAssets(), 0);

        vm.prank(stranger);
        registry.reopen(job);
        assertEq(uint256(status(job)), uint256(JobStatus.Open));
        assertEq(registry.jobs(job).deadline, deadline + 3 hours);
        checkConservation();

        address honest = makeAddr("honest");
        StakeVault second = newVault(honest, 1_000e18);
        vm.startPrank(honest);
        registry.take(job, computationId(), address(second));
        uint256 again =
            registry.commit(job, "right", "final", new bytes32[](0), new bytes32[](0), address(0));
        vm.stopPrank();
        assertNotEq(again, claim);
        verde.uphold(again);
        registry.settle(job);

        Job memory j = registry.jobs(job);
        assertEq(j.attempt, 2);
        assertEq(j.vault, address(second));
        assertGt(second.commissionOwed(), 0);
        assertEq(vault.commissionOwed(), 0);
        checkConservation();
    }

    function test_life_sameSolverMayTryAgainWithTheSameAnswer() public {
        (uint256 job, uint256 claim) = claimed();
        verde.void(claim);
        registry.reopen(job);
        take(job);
        assertNotEq(commit(job), claim);
    }
}
