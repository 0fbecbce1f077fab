// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "solady/tokens/ERC20.sol";
import {IERC7540Redeem} from "../../src/staking/IERC7540Redeem.sol";
import {StakeVault} from "../../src/staking/StakeVault.sol";
import {StakeVaultBase} from "./StakeVaultBase.t.sol";

contract ExitTest is StakeVaultBase {
    uint256 private shares;

    function setUp() public override {
        super.setUp();
        shares = deposit(alice, 100e18);
    }

    // requestRedeem

    function test_requestRedeem_movesStakeToTheLeavingClass() public {
        vm.expectEmit(address(vault));
        emit IERC7540Redeem.RedeemRequest(alice, alice, 0, alice, shares / 4);
        request(alice, shares / 4);
        assertEq(vault.balanceOf(alice), shares - shares / 4);
        assertEq(vault.activeAssets(), 75e18);
        assertEq(vault.leavingAssets(), 25e18);
        assertEq(vault.pendingRedeemRequest(0, alice), shares / 4);
        assertEq(vault.claimableRedeemRequest(0, alice), 0);
        assertEq(vault.maxWithdraw(alice), 0);
        checkConservation();
    }

    function test_requestRedeem_becomesClaimableAfterTheDelay() public {
        request(alice, shares);
        vm.warp(vm.getBlockTimestamp() + UNBONDING - 1);
        assertEq(vault.claimableRedeemRequest(0, alice), 0);
        vm.warp(vm.getBlockTimestamp() + 1);
        assertEq(vault.pendingRedeemRequest(0, alice), 0);
        assertEq(vault.claimableRedeemRequest(0, alice), shares);
        assertEq(vault.maxRedeem(alice), shares);
        assertEq(vault.maxWithdraw(alice), 100e18);
    }

    function test_requestRedeem_readsTheDelayWhenItIsMade() public {
        request(alice, shares);
        vm.prank(governance);
        factory.setUnbondingSeconds(90 days);
        vm.warp(vm.getBlockTimestamp() + UNBONDING);
        assertEq(vault.claimableRedeemRequest(0, alice), shares);
    }

    function test_requestRedeem_letsThePendingPartWaitAnewButNotTheMatured() public {
        request(alice, 10e21);
        vm.warp(vm.getBlockTimestamp() + UNBONDING);
        request(alice, 20e21);
        assertEq(vault.claimableRedeemRequest(0, alice), 10e21);
        vm.warp(vm.getBlockTimestamp() + UNBONDING - 1);
        request(alice, 30e21);
        vm.warp(vm.getBlockTimestamp() + 1);
        assertEq(vault.pendingRedeemRequest(0, alice), 50e21);
        assertEq(vault.claimableRedeemRequest(0, alice), 10e21);
        vm.warp(vm.getBlockTimestamp() + UNBONDING);
        assertEq(vault.claimableRedeemRequest(0, alice), 60e21);
        assertEq(redeem(alice, 60e21), 60e18);
        checkConservation();
    }

    function test_requestRedeem_neverShortensAWaitWhenTheDelayIsLowered() public {
        request(alice, 10e21);
        vm.prank(governance);
        factory.setUnbondingSeconds(1 days);
        request(alice, 1e21);
        vm.warp(vm.getBlockTimestamp() + 1 days);
        assertEq(vault.claimableRedeemRequest(0, alice), 0);
    }

    function test_requestRedeem_spendsAnAllowance() public {
        vm.prank(alice);
        vault.approve(bob, 10e21);
        vm.prank(bob);
        vault.requestRedeem(10e21, bob, alice);
        assertEq(vault.pendingRedeemRequest(0, bob), 10e21);
        assertEq(vault.allowance(alice, bob), 0);
        vm.expectRevert(ERC20.InsufficientAllowance.selector);
        vm.prank(bob);
        vault.requestRedeem(1, bob, alice);
    }

    function test_requestRedeem_letsAnApprovedOperatorAct() public {
        vm.prank(alice);
        vault.setOperator(bob, true);
        vm.startPrank(bob);
        vault.requestRedeem(shares, alice, alice);
        vm.warp(vm.getBlockTimestamp() + UNBONDING);
        vault.redeem(shares, bob, alice);
        assertEq(token.balanceOf(bob), 100e18);
        vm.stopPrank();
        vm.prank(alice);
        vault.setOperator(bob, false);
        assertFalse(vault.isOperator(alice, bob));
    }

    function test_requestRedeem_revertsInTheNameOfAnUnwillingController() public {
        vm.expectRevert(
            abi.encodeWithSelector(StakeVault.StakeVault_NotController.selector, bob, alice)
        );
        vm.prank(alice);
        vault.requestRedeem(1e21, bob, alice);
    }

    function test_requestRedeem_revertsForNothing() public {
        vm.expectRevert(StakeVault.StakeVault_ZeroAmount.selector);
        request(alice, 0);
        vm.expectRevert(StakeVault.StakeVault_ZeroAmount.selector);
        request(alice, 999); // less than a wei
    }

    function test_requestRedeem_revertsBeyondTheBalance() public {
        vm.expectRevert(ERC20.InsufficientBalance.selector);
        request(alice, shares + 1);
    }

    // redeem, withdraw

    function test_redeem_paysToTheReceiver() public {
        request(alice, shares);
        vm.warp(vm.getBlockTimestamp() + UNBONDING);
        vm.prank(alice);
        assertEq(vault.redeem(40e21, bob, alice), 40e18);
        assertEq(token.balanceOf(bob), 40e18);
        assertEq(vault.claimableRedeemRequest(0, alice), 60e21);
        checkConservation();
    }

    function test_withdraw_paysTheExactAssets() public {
        request(alice, shares);
        vm.warp(vm.getBlockTimestamp() + UNBONDING);
        vm.prank(alice);
        assertEq(vault.withdraw(40e18, bob, alice), 40e21);
        assertEq(token.balanceOf(bob), 40e18);
        vm.prank(alice);
        assertEq(vault.withdraw(60e18, bob, alice), 60e21);
        assertEq(vault.claimableRedeemRequest(0, alice), 0);
        assertEq(vault.leavingAssets(), 0);
        checkConservation();
    }

    function test_redeem_revertsBeforeTheDelay() public {
        request(alice, shares);
        vm.expectRevert(abi.encodeWithSelector(StakeVault.StakeVault_NotClaimable.selector, 0, 1));
        redeem(alice, 1);
        vm.expectRevert(abi.encodeWithSelector(StakeVault.StakeVault_NotClaimable.selector, 0, 1));
        vm.prank(alice);
        vault.withdraw(1, alice, alice);
    }

    function test_redeem_revertsForStrangers() public {
        request(alice, shares);
        vm.warp(vm.getBlockTimestamp() + UNBONDING);
        bytes memory refused =
            abi.encodeWithSelector(StakeVault.StakeVault_NotController.selector, alice, bob);
        vm.startPrank(bob);
        vm.expectRevert(refused);
        vault.redeem(shares, bob, alice);
        vm.expectRevert(refused);
        vault.withdraw(1, bob, alice);
    }

    function test_redeem_revertsForNothing() public {
        request(alice, shares);
        vm.warp(vm.getBlockTimestamp() + UNBONDING);
        vm.expectRevert(StakeVault.StakeVault_ZeroAmount.selector);
        redeem(alice, 0);
        vm.prank(alice);
        vm.expectRevert(StakeVault.StakeVault_ZeroAmount.selector);
        vault.withdraw(0, alice, alice);
    }

    function test_redeem_doesNotEarnWhileLeaving() public {
        request(alice, shares);
        deposit(bob, 1e18);
        reward(50e18);
        vm.warp(vm.getBlockTimestamp() + UNBONDING);
        assertEq(vault.maxWithdraw(alice), 100e18);
    }

    function test_redeem_paysOnlyWhatNoLockHolds() public {
        bond(80e18);
        lock(1, 150e18);
        request(alice, shares);
        vm.warp(vm.getBlockTimestamp() + UNBONDING);
        assertEq(vault.maxWithdraw(alice), 30e18, "the bond stands in for 80");
        assertEq(vault.claimableRedeemRequest(0, alice), 30e21);
        assertEq(vault.pendingRedeemRequest(0, alice), 70e21);
        vm.expectRevert(
            abi.encodeWithSelector(StakeVault.StakeVault_NotClaimable.selector, 30e21, 30e21 + 1)
        );
        redeem(alice, 30e21 + 1);
        redeem(alice, 30e21);
        assertEq(vault.maxRedeem(alice), 0);
        vm.prank(locker);
        vault.unlock(bytes32(uint256(1)));
        redeem(alice, 70e21);
        assertEq(token.balanceOf(alice), 100e18);
        checkConservation();
    }

    function test_previews_revert() public {
        vm.expectRevert(StakeVault.StakeVault_ExitIsAsynchronous.selector);
        vault.previewRedeem(1);
        vm.expectRevert(StakeVault.StakeVault_ExitIsAsynchronous.selector);
        vault.previewWithdraw(1);
    }

    function test_requestId_otherThanZeroIsNobodys() public {
        request(alice, shares);
        assertEq(vault.pendingRedeemRequest(1, alice), 0);
        vm.warp(vm.getBlockTimestamp() + UNBONDING);
        assertEq(vault.claimableRedeemRequest(1, alice), 0);
    }

    /// @dev Whatever mixture of incomes, slashes and partial payments: what max says, both functions pay, and two
    /// members of the leaving class never get more than it holds.
    function testFuzz_exit_paysWhatMaxSays(
        uint96 bobs,
        uint96 income,
        uint96 loss,
        uint128 part,
        bool byAssets
    ) public {
        deposit(bob, bound(bobs, 1e6, 1e27));
        request(alice, shares / 3);
        reward(bound(income, 1, 1e27));
        request(bob, vault.balanceOf(bob) / 2);
        slashDelegated(1, bound(loss, 1, vault.activeAssets()));
        vm.warp(vm.getBlockTimestamp() + UNBONDING);

        address[2] memory who = [alice, bob];
        for (uint256 i; i < 2; ++i) {
            uint256 before = token.balanceOf(who[i]);
            uint256 most = byAssets ? vault.maxWithdraw(who[i]) : vault.maxRedeem(who[i]);
            if (most == 0) continue;
            uint256 some = bound(part, 1, most);
            vm.startPrank(who[i]);
            if (byAssets) {
                vault.withdraw(some, who[i], who[i]);
                assertEq(token.balanceOf(who[i]) - before, some);
                uint256 rest = vault.maxWithdraw(who[i]);
                if (rest != 0) vault.withdraw(rest, who[i], who[i]);
            } else {
                vault.redeem(some, who[i], who[i]);
                uint256 rest = vault.maxRedeem(who[i]);
                if (rest != 0) vault.redeem(rest, who[i], who[i]);
                assertEq(vault.maxRedeem(who[i]), 0);
            }
            vm.stopPrank();
            checkConservation();
        }
        assertLe(vault.leavingAssets(), 2, "the last one out leaves dust at most");
    }
}
