// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {JobStatus} from "../../src/jobs/IJobRegistry.sol";
import {JobRegistry} from "../../src/jobs/JobRegistry.sol";
import {ClaimStatus} from "../../src/verde/IVerde.sol";
import {JobVerdeBase} from "./JobVerdeBase.t.sol";

/// @notice The life of a job with the real Verde: paid, or voided by a dispute and solved again.
contract JobLifeVerde is JobVerdeBase {
    function setUp() public override {
        super.setUp();
        post();
    }

    function test_life_honestSolverIsPaid() public {
        uint256 claim = solve(honest, honestVault, RIGHT);
        vm.expectRevert(
            abi.encodeWithSelector(
                JobRegistry.JobRegistry_ClaimNotUpheld.selector, claim, ClaimStatus.Pending
            )
        );
        registry.settle(job);
        vm.warp(verde.claimOf(claim).windowEnd + 1);
        registry.settle(job);
        assertEq(registry.resultOf(job), RIGHT);
        assertEq(token.balanceOf(treasury), REWARD / 40);
        assertEq(honestVault.commissionOwed(), (REWARD - REWARD / 40) * 9 / 10);
        assertEq(honestVault.lockedAssets(), 0);
        assertEq(token.balanceOf(address(registry)), 0);
    }

    function test_life_cheatIsSlashedAndTheJobSolvedAgain() public {
        uint40 deadline = registry.jobs(job).deadline;
        uint256 began = vm.getBlockTimestamp();
        uint256 bondBefore = vault.selfBond();
        uint256 activeBefore = vault.activeAssets();
        uint256 wrong = solve(solver, vault, WRONG);
        challengeAndWin(wrong, WRONG);
        assertEq(uint256(verde.statusOf(wrong)), uint256(ClaimStatus.Void));
        assertEq(vault.selfBond(), bondBefore - STAKE);
        assertEq(vault.activeAssets(), activeBefore);
        assertEq(vault.lockedAssets(), 0);

        registry.reopen(job);
        assertEq(uint256(registry.jobs(job).status), uint256(JobStatus.Open));
        assertEq(registry.jobs(job).deadline, deadline + (vm.getBlockTimestamp() - began));
        assertEq(token.balanceOf(address(registry)), REWARD, "the escrow is untouched");

        uint256 right = solve(honest, honestVault, RIGHT);
        vm.warp(verde.claimOf(right).windowEnd + 1);
        registry.settle(job);
        assertEq(registry.resultOf(job), RIGHT);
        assertGt(honestVault.commissionOwed(), 0);

        // The challenger has its bond and its part of the slash to withdraw.
        verde.settle(wrong, 1);
        uint256 weiBefore = challenger.balance;
        verde.withdraw(challenger);
        assertEq(challenger.balance, weiBefore + 1 ether + 1);
        assertEq(token.balanceOf(challenger), STAKE * parameters.get(1).challengerBps / 10_000);
    }

    function test_life_stakeBehindAClaimCannotLeaveBeforeItIsFinal() public {
        uint256 claim = solve(honest, honestVault, WRONG);
        uint256 shares = honestVault.balanceOf(honest);
        vm.startPrank(honest);
        honestVault.requestRedeem(shares, honest, honest);
        vm.stopPrank();
        challengeAndWin(claim, WRONG);
        assertEq(honestVault.pendingRedeemRequest(0, honest), 0, "slashed on its way out");
        vm.warp(vm.getBlockTimestamp() + 60 days);
        assertEq(honestVault.maxWithdraw(honest), 0);
    }
}
