// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IStakeVault} from "../../src/staking/IStakeVault.sol";
import {StakeVault} from "../../src/staking/StakeVault.sol";
import {StakeVaultBase} from "./StakeVaultBase.t.sol";

contract LockTest is StakeVaultBase {
    bytes32 private constant ID = bytes32(uint256(1));

    function setUp() public override {
        super.setUp();
        bond(50e18);
        deposit(alice, 100e18);
    }

    // lock

    function test_lock_holdsOwnAndDelegatedStake() public {
        vm.expectEmit(address(vault));
        emit IStakeVault.Locked(ID, locker, 60e18);
        lock(1, 60e18);
        (address by, uint256 amount) = vault.lockOf(ID);
        assertEq(by, locker);
        assertEq(amount, 60e18);
        assertEq(vault.lockedAssets(), 60e18);
        assertEq(vault.freeAssets(), 40e18);
    }

    function test_lock_revertsBeyondWhatIsFree() public {
        lock(1, 60e18);
        vm.expectRevert(
            abi.encodeWithSelector(StakeVault.StakeVault_NotEnoughFree.selector, 40e18, 40e18 + 1)
        );
        lock(2, 40e18 + 1);
        lock(2, 40e18);
    }

    function test_lock_revertsOnLeavingAssets() public {
        request(alice, 70e21);
        vm.expectRevert(
            abi.encodeWithSelector(StakeVault.StakeVault_NotEnoughFree.selector, 80e18, 80e18 + 1)
        );
        lock(1, 80e18 + 1);
        lock(1, 80e18);
    }

    function test_lock_revertsBeyondTwiceTheSelfBond() public {
        deposit(bob, 1_000e18);
        vm.expectRevert(
            abi.encodeWithSelector(StakeVault.StakeVault_NotEnoughFree.selector, 100e18, 100e18 + 1)
        );
        lock(1, 100e18 + 1);
        bond(1);
        lock(1, 100e18 + 2);
        assertEq(vault.freeAssets(), 0);
    }

    function test_lock_revertsWithoutSelfBond() public {
        vm.warp(vm.getBlockTimestamp() + UNBONDING);
        vm.prank(operator);
        vault.withdrawSelfBond(50e18, operator);
        vm.expectRevert(abi.encodeWithSelector(StakeVault.StakeVault_NotEnoughFree.selector, 0, 1));
        lock(1, 1);
    }

    function test_lock_needsNoDelegators() public {
        request(alice, vault.balanceOf(alice));
        lock(1, 50e18);
        assertEq(vault.freeAssets(), 0);
    }

    function test_lock_revertsForAKnownId() public {
        lock(1, 1);
        vm.expectRevert(abi.encodeWithSelector(StakeVault.StakeVault_LockExists.selector, ID));
        lock(1, 1);
    }

    function test_lock_revertsForNothing() public {
        vm.expectRevert(StakeVault.StakeVault_ZeroAmount.selector);
        lock(1, 0);
    }

    function test_lock_revertsForStrangersAndStoppedLockers() public {
        bytes memory refused =
            abi.encodeWithSelector(StakeVault.StakeVault_NotLocker.selector, alice);
        vm.expectRevert(refused);
        vm.prank(alice);
        vault.lock(ID, 1);
        vm.prank(governance);
        factory.setLockerEnabled(locker, false);
        vm.expectRevert(abi.encodeWithSelector(StakeVault.StakeVault_NotLocker.selector, locker));
        lock(1, 1);
    }

    // unlock

    function test_unlock_frees() public {
        lock(1, 60e18);
        vm.prank(locker);
        vault.unlock(ID);
        assertEq(vault.freeAssets(), 100e18);
        (address by, uint256 amount) = vault.lockOf(ID);
        assertEq(by, address(0));
        assertEq(amount, 0);
    }

    function test_unlock_worksForAStoppedLocker() public {
        lock(1, 60e18);
        vm.prank(governance);
        factory.setLockerEnabled(locker, false);
        vm.prank(locker);
        vault.unlock(ID);
        assertEq(vault.lockedAssets(), 0);
    }

    function test_unlock_revertsForAnotherLocker() public {
        lock(1, 60e18);
        vm.prank(governance);
        factory.addLocker(bob, slasher);
        vm.startPrank(bob);
        vm.expectRevert(abi.encodeWithSelector(StakeVault.StakeVault_NotLocker.selector, bob));
        vault.unlock(ID);
        vm.expectRevert(abi.encodeWithSelector(StakeVault.StakeVault_NotLocker.selector, bob));
        vault.forfeit(ID, 1, bob);
    }

    function test_unlock_revertsWithoutALock() public {
        bytes memory none = abi.encodeWithSelector(StakeVault.StakeVault_NoLock.selector, ID);
        vm.startPrank(locker);
        vm.expectRevert(none);
        vault.unlock(ID);
        vm.expectRevert(none);
        vault.forfeit(ID, 0, treasury);
        vm.stopPrank();
        vm.expectRevert(none);
        slash(ID);
    }

    // forfeit

    function testFuzz_forfeit_takesThePenaltyAndFreesTheRest(uint96 amount, uint96 penalty) public {
        uint256 locked = bound(amount, 1, 100e18);
        uint256 taken = bound(penalty, 0, locked);
        lock(1, locked);
        vm.prank(locker);
        vault.forfeit(ID, taken, treasury);
        assertEq(token.balanceOf(treasury), taken);
        uint256 own = taken < 50e18 ? taken : 50e18;
        assertEq(vault.selfBond(), 50e18 - own);
        assertEq(vault.activeAssets(), 100e18 - (taken - own));
        assertEq(vault.lockedAssets(), 0);
        checkConservation();
    }

    function test_forfeit_revertsAboveTheLock() public {
        lock(1, 5);
        vm.expectRevert(
            abi.encodeWithSelector(StakeVault.StakeVault_PenaltyAboveLock.selector, 5, 6)
        );
        vm.prank(locker);
        vault.forfeit(ID, 6, treasury);
    }

    // slash

    function test_slash_takesTheSelfBondFirst() public {
        request(alice, 25e21);
        lock(1, 40e18);
        vm.expectEmit(address(vault));
        emit IStakeVault.Slashed(ID, treasury, 40e18, 40e18, 0, 0);
        assertEq(slash(ID), 40e18);
        assertEq(vault.selfBond(), 10e18);
        assertEq(vault.activeAssets(), 75e18);
        assertEq(vault.leavingAssets(), 25e18);
        checkConservation();
    }

    function test_slash_takesTheRestFromBothClassesInProportion() public {
        request(alice, 20e21);
        lock(1, 100e18);
        vm.expectEmit(address(vault));
        emit IStakeVault.Slashed(ID, treasury, 100e18, 50e18, 40e18, 10e18);
        assertEq(slash(ID), 100e18);
        assertEq(vault.selfBond(), 0);
        assertEq(vault.activeAssets(), 40e18);
        assertEq(vault.leavingAssets(), 10e18);
        assertEq(token.balanceOf(treasury), 100e18);
        assertEq(vault.lockedAssets(), 0);
        checkConservation();
    }

    function test_slash_leavesOtherLocksCovered() public {
        lock(1, 60e18);
        lock(2, 40e18);
        slash(ID);
        assertEq(vault.freeAssets(), 0);
        assertEq(slash(bytes32(uint256(2))), 40e18);
        assertEq(vault.activeAssets(), 50e18);
        checkConservation();
    }

    function test_slash_revertsForEverybodyButTheLockersSlasher() public {
        lock(1, 60e18);
        vm.prank(governance);
        factory.addLocker(bob, alice);
        address[4] memory others = [alice, locker, governance, operator];
        for (uint256 i; i < others.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(StakeVault.StakeVault_NotSlasher.selector, ID, others[i])
            );
            vm.prank(others[i]);
            vault.slash(ID, others[i]);
        }
    }

    function test_slash_worksWhenTheLockerIsStopped() public {
        lock(1, 60e18);
        vm.prank(governance);
        factory.setLockerEnabled(locker, false);
        assertEq(slash(ID), 60e18);
    }

    function test_slash_onlyOnce() public {
        lock(1, 60e18);
        slash(ID);
        vm.expectRevert(abi.encodeWithSelector(StakeVault.StakeVault_NoLock.selector, ID));
        slash(ID);
    }

    /// @dev Exactly the lock leaves, the bond first, neither class is asked for more than it has, and the leaving class
    /// never loses less than its part of the rest.
    function testFuzz_slash_isExactAndInProportion(
        uint96 own,
        uint96 active,
        uint96 leaving,
        uint96 amount
    ) public {
        bond(bound(own, 1, 1e27));
        deposit(bob, bound(active, 1, 1e27));
        request(alice, bound(leaving, 1, 100e18) * 1000);
        uint256 ownBefore = vault.selfBond();
        uint256 activeBefore = vault.activeAssets();
        uint256 leavingBefore = vault.leavingAssets();
        uint256 locked = bound(amount, 1, vault.freeAssets());
        assertEq(slash(lock(7, locked)), locked);
        uint256 fromOwn = ownBefore - vault.selfBond();
        assertEq(fromOwn, locked < ownBefore ? locked : ownBefore);
        uint256 rest = locked - fromOwn;
        uint256 fromActive = activeBefore - vault.activeAssets();
        uint256 fromLeaving = leavingBefore - vault.leavingAssets();
        assertEq(fromActive + fromLeaving, rest);
        uint256 total = activeBefore + leavingBefore;
        assertGe(fromLeaving * total, rest * leavingBefore, "rounded up");
        assertLt(fromLeaving * total, rest * leavingBefore + total, "by less than a wei");
        checkConservation();
    }

    function test_slash_closesAVaultThatLostNearlyAll() public {
        slash(lock(1, 100e18));
        slashDelegated(2, 50e18 - 100e12);
        assertFalse(vault.closed(), "a millionth is left");
        slashDelegated(3, 1e12);
        assertTrue(vault.closed(), "less than a millionth is left");
        vm.expectRevert(StakeVault.StakeVault_Closed.selector);
        lock(4, 1);
        // What is left can leave.
        request(alice, vault.balanceOf(alice));
        vm.warp(vm.getBlockTimestamp() + UNBONDING);
        assertApproxEqAbs(redeem(alice, vault.maxRedeem(alice)), 99e12, 1);
        checkConservation();
    }

    function test_slash_voidsTheExitsOfATotalLoss() public {
        slash(lock(1, 100e18)); // the bond and half of the rest
        bond(50e18);
        bytes32 last = lock(2, 100e18);
        request(alice, 50e21);
        vm.expectEmit(address(vault));
        emit IStakeVault.ExitsVoided(1, 0);
        vm.expectEmit(address(vault));
        emit IStakeVault.Closed();
        slash(last);
        assertEq(vault.exitOf(alice).pendingShares, 0);
        checkConservation();
    }

    function test_slash_ofTheWholeSelfBondLeavesAVaultWithoutSharesOpen() public {
        request(alice, vault.balanceOf(alice));
        vm.warp(vm.getBlockTimestamp() + UNBONDING);
        redeem(alice, vault.maxRedeem(alice));
        assertEq(slash(lock(1, 50e18)), 50e18);
        assertFalse(vault.closed(), "nobody's shares lost anything");
        bond(1e18);
        assertEq(vault.freeAssets(), 1e18);
        checkConservation();
    }

    function test_slash_ofTheSelfBondAloneClosesNothing() public {
        slash(lock(1, 100e18));
        slashDelegated(2, 50e18 - 1e16);
        request(alice, vault.balanceOf(alice) - 1); // rounding leaves its last share nothing
        assertEq(vault.totalSupply(), 1);
        assertEq(vault.activeAssets(), 0);
        bond(2e18);
        assertEq(slash(lock(3, 1e18)), 1e18);
        assertFalse(vault.closed(), "nobody's shares lost anything");
        checkConservation();
    }
}
