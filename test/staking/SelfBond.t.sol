// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IStakeVault} from "../../src/staking/IStakeVault.sol";
import {StakeVault} from "../../src/staking/StakeVault.sol";
import {StakeVaultBase} from "./StakeVaultBase.t.sol";

contract SelfBondTest is StakeVaultBase {
    function withdraw(uint256 assets) private {
        vm.prank(operator);
        vault.withdrawSelfBond(assets, bob);
    }

    function refused(uint256 free, uint256 wanted) private pure returns (bytes memory) {
        return abi.encodeWithSelector(StakeVault.StakeVault_NotEnoughFree.selector, free, wanted);
    }

    function mature() private {
        vm.warp(vm.getBlockTimestamp() + UNBONDING);
    }

    // depositSelfBond

    function test_depositSelfBond_countsWithoutShares() public {
        fund(operator, 5e18);
        vm.startPrank(operator);
        token.approve(address(vault), 5e18);
        uint40 heldUntil = uint40(vm.getBlockTimestamp()) + UNBONDING;
        vm.expectEmit(address(vault));
        emit IStakeVault.SelfBondDeposited(5e18, heldUntil);
        vault.depositSelfBond(5e18);
        assertEq(vault.selfBond(), 5e18);
        assertEq(vault.selfBondHeldUntil(), heldUntil);
        assertEq(vault.totalSupply(), 0);
        assertEq(vault.totalAssets(), 0);
        assertEq(vault.freeAssets(), 5e18);
        assertEq(token.balanceOf(operator), 0);
        checkConservation();
    }

    function test_depositSelfBond_revertsForEverybodyButTheOperator() public {
        vm.expectRevert(abi.encodeWithSelector(StakeVault.StakeVault_NotOperator.selector, alice));
        vm.prank(alice);
        vault.depositSelfBond(1);
    }

    function test_depositSelfBond_revertsForNothingOrWithoutTokens() public {
        vm.startPrank(operator);
        vm.expectRevert(StakeVault.StakeVault_ZeroAmount.selector);
        vault.depositSelfBond(0);
        vm.expectRevert();
        vault.depositSelfBond(1);
        assertEq(vault.selfBond(), 0);
    }

    function test_depositSelfBond_revertsWhenClosed() public {
        deposit(alice, 1e18);
        slashDelegated(1, 1e18);
        vm.expectRevert(StakeVault.StakeVault_Closed.selector);
        vm.prank(operator);
        vault.depositSelfBond(1);
    }

    // withdrawSelfBond

    function test_withdrawSelfBond_paysTheReceiver() public {
        bond(5e18);
        mature();
        vm.expectEmit(address(vault));
        emit IStakeVault.SelfBondWithdrawn(bob, 2e18);
        withdraw(2e18);
        assertEq(token.balanceOf(bob), 2e18);
        assertEq(vault.selfBond(), 3e18);
        checkConservation();
    }

    function test_withdrawSelfBond_revertsForEverybodyButTheOperator() public {
        bond(5e18);
        mature();
        vm.expectRevert(abi.encodeWithSelector(StakeVault.StakeVault_NotOperator.selector, alice));
        vm.prank(alice);
        vault.withdrawSelfBond(1, alice);
    }

    function test_withdrawSelfBond_revertsForNothing() public {
        bond(5e18);
        mature();
        vm.expectRevert(StakeVault.StakeVault_ZeroAmount.selector);
        withdraw(0);
    }

    function test_withdrawSelfBond_revertsBeyondTheBond() public {
        bond(5e18);
        mature();
        vm.expectRevert(refused(5e18, 5e18 + 1));
        withdraw(5e18 + 1);
    }

    function test_withdrawSelfBond_revertsUntilTheDelayIsOver() public {
        bond(5e18);
        vm.warp(vm.getBlockTimestamp() + UNBONDING - 1);
        assertEq(vault.freeSelfBond(), 0);
        vm.expectRevert(refused(0, 1));
        withdraw(1);
        vm.warp(vm.getBlockTimestamp() + 1);
        withdraw(5e18);
        assertEq(vault.selfBond(), 0);
    }

    function test_withdrawSelfBond_neverWaitsLessWhenTheDelayIsLowered() public {
        bond(5e18);
        uint40 heldUntil = vault.selfBondHeldUntil();
        vm.prank(governance);
        factory.setUnbondingSeconds(1 days);
        bond(1);
        assertEq(vault.selfBondHeldUntil(), heldUntil);
    }

    function test_withdrawSelfBond_doesNotWaitForIncome() public {
        bond(5e18);
        mature();
        reward(10e18);
        withdraw(14e18);
        assertEq(vault.selfBond(), 0);
    }

    function test_withdrawSelfBond_keepsHalfOfTheLocks() public {
        bond(50e18);
        deposit(alice, 100e18);
        mature();
        lock(1, 60e18 - 1);
        assertEq(vault.freeSelfBond(), 20e18, "half, rounded up, stays");
        vm.expectRevert(refused(20e18, 20e18 + 1));
        withdraw(20e18 + 1);
        withdraw(20e18);
        assertEq(vault.freeAssets(), 1);
    }

    function test_withdrawSelfBond_keepsWhatActiveAssetsDoNotCover() public {
        bond(50e18);
        deposit(alice, 20e18);
        mature();
        lock(1, 60e18);
        vm.expectRevert(refused(10e18, 10e18 + 1));
        withdraw(10e18 + 1);
        withdraw(10e18);
        assertEq(vault.freeAssets(), 0);
    }

    function test_withdrawSelfBond_keepsAllAfterALossUntilTheLocksEnd() public {
        bond(50e18);
        deposit(alice, 100e18);
        mature();
        lock(1, 40e18);
        bytes32 other = lock(2, 60e18);
        slash(bytes32(uint256(1)));
        assertEq(vault.selfBond(), 10e18);
        assertEq(vault.freeSelfBond(), 0);
        vm.prank(locker);
        vault.unlock(other);
        withdraw(10e18);
    }

    /// @dev Whatever is free can be withdrawn, and then not a wei more; what is locked could still be locked.
    function testFuzz_withdrawSelfBond_leavesWhatTheLocksNeed(
        uint96 own,
        uint96 delegated,
        uint96 leaving,
        uint96 locked
    ) public {
        bond(bound(own, 1, 1e27));
        uint256 shares = deposit(alice, bound(delegated, 1, 1e27));
        uint256 wanted = bound(locked, 1, vault.freeAssets());
        bytes32 id = lock(1, wanted);
        uint256 gone = bound(leaving, 0, shares / 1000) * 1000;
        if (gone != 0) request(alice, gone);
        mature();
        uint256 free = vault.freeSelfBond();
        if (free != 0) withdraw(free);
        vm.expectRevert(refused(0, 1));
        withdraw(1);
        if (free != 0) {
            assertLe(vault.freeAssets(), 1, "nothing is left to lock but what halving rounds");
            vm.prank(locker);
            vault.unlock(id);
            lock(2, wanted);
        }
        checkConservation();
    }
}
