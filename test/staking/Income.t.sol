// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IStakeVault} from "../../src/staking/IStakeVault.sol";
import {StakeVault} from "../../src/staking/StakeVault.sol";
import {StakeVaultBase} from "./StakeVaultBase.t.sol";

contract IncomeTest is StakeVaultBase {
    // reward

    function testFuzz_reward_splitsCommissionRoundedDown(uint96 amount, uint16 bps) public {
        vm.prank(operator);
        vault.setCommission(uint16(bound(bps, 0, COMMISSION)));
        deposit(alice, 1e18);
        uint256 income = bound(amount, 1, 1e27);
        uint256 commission = income * vault.commissionBps() / 10_000;
        fund(bob, income);
        vm.startPrank(bob);
        token.approve(address(vault), income);
        vm.expectEmit(address(vault));
        emit IStakeVault.Rewarded(bob, income, commission, 0);
        vault.reward(income);
        assertEq(vault.commissionOwed(), commission);
        assertEq(vault.activeAssets(), 1e18 + income - commission);
        checkConservation();
    }

    function test_reward_goesToTheOperatorWithoutShares() public {
        reward(10e18);
        assertEq(vault.commissionOwed(), 10e18);
        assertEq(vault.activeAssets(), 0);
        checkConservation();
    }

    function test_reward_goesToTheOperatorAndItsBondWithoutShares() public {
        bond(1e18);
        reward(10e18);
        assertEq(vault.commissionOwed(), 1e18);
        assertEq(vault.selfBond(), 10e18);
        assertEq(vault.activeAssets(), 0);
        checkConservation();
    }

    /// @dev The bond's part is rounded down by less than a wei, the shares get the rest.
    function testFuzz_reward_isDividedBetweenBondAndSharesInProportion(
        uint96 own,
        uint96 delegated,
        uint96 amount
    ) public {
        uint256 bonded = bound(own, 1, 1e27);
        uint256 active = bound(delegated, 1, 1e27);
        bond(bonded);
        deposit(alice, active);
        uint256 income = bound(amount, 1, 1e27);
        uint256 rest = income - income * COMMISSION / 10_000;
        uint256 toBond = rest * bonded / (bonded + active);
        fund(bob, income);
        vm.startPrank(bob);
        token.approve(address(vault), income);
        vm.expectEmit(address(vault));
        emit IStakeVault.Rewarded(bob, income, income - rest, toBond);
        vault.reward(income);
        assertEq(vault.commissionOwed(), income - rest);
        assertEq(vault.selfBond(), bonded + toBond);
        assertEq(vault.activeAssets(), active + rest - toBond);
        checkConservation();
    }

    function test_reward_sharesInProportionToStake() public {
        deposit(alice, 30e18);
        deposit(bob, 10e18);
        reward(100e18);
        assertApproxEqAbs(vault.convertToAssets(vault.balanceOf(alice)), 30e18 + 67.5e18, 1e5);
        assertApproxEqAbs(vault.convertToAssets(vault.balanceOf(bob)), 10e18 + 22.5e18, 1e5);
    }

    function test_reward_revertsForNothingOrWithoutTokens() public {
        vm.expectRevert(StakeVault.StakeVault_ZeroAmount.selector);
        vault.reward(0);
        vm.expectRevert();
        vm.prank(bob);
        vault.reward(1);
        assertEq(vault.commissionOwed(), 0);
    }

    // commission

    function test_setCommission_lowersAtOnce() public {
        vm.expectEmit(address(vault));
        emit IStakeVault.CommissionSet(COMMISSION - 1, uint40(vm.getBlockTimestamp()));
        vm.prank(operator);
        vault.setCommission(COMMISSION - 1);
        assertEq(vault.commissionBps(), COMMISSION - 1);
    }

    function test_setCommission_raisesAfterTheDelay() public {
        uint40 from = uint40(vm.getBlockTimestamp()) + UNBONDING;
        vm.expectEmit(address(vault));
        emit IStakeVault.CommissionSet(9_000, from);
        vm.prank(operator);
        vault.setCommission(9_000);
        assertEq(vault.commissionBps(), COMMISSION);
        vm.warp(from - 1);
        assertEq(vault.commissionBps(), COMMISSION);
        vm.warp(from);
        assertEq(vault.commissionBps(), 9_000);
    }

    function test_setCommission_givesDelegatorsTimeToLeave() public {
        uint256 shares = deposit(alice, 10e18);
        vm.prank(operator);
        vault.setCommission(9_000);
        request(alice, shares);
        reward(1e18);
        assertEq(vault.commissionOwed(), 1e18, "no shares are left");
        vm.warp(vm.getBlockTimestamp() + UNBONDING);
        assertEq(redeem(alice, shares), 10e18);
    }

    function test_setCommission_replacesAnAnnouncedChange() public {
        vm.startPrank(operator);
        vault.setCommission(9_000);
        vault.setCommission(500);
        vm.warp(vm.getBlockTimestamp() + 2 * UNBONDING);
        assertEq(vault.commissionBps(), 500);
        vault.setCommission(600);
        vm.warp(vm.getBlockTimestamp() + UNBONDING - 1);
        vault.setCommission(700);
        vm.warp(vm.getBlockTimestamp() + UNBONDING - 1);
        assertEq(vault.commissionBps(), 500);
        vm.warp(vm.getBlockTimestamp() + 1);
        assertEq(vault.commissionBps(), 700);
    }

    function test_setCommission_afterARaiseStartsFromIt() public {
        vm.startPrank(operator);
        vault.setCommission(2_000);
        vm.warp(vm.getBlockTimestamp() + UNBONDING);
        vault.setCommission(3_000);
        assertEq(vault.commissionBps(), 2_000);
        vault.setCommission(1_500);
        assertEq(vault.commissionBps(), 1_500);
    }

    function test_setCommission_revertsAboveTheBoundAndForStrangers() public {
        vm.expectRevert(
            abi.encodeWithSelector(StakeVault.StakeVault_CommissionTooHigh.selector, 9_001)
        );
        vm.prank(operator);
        vault.setCommission(9_001);
        vm.expectRevert(abi.encodeWithSelector(StakeVault.StakeVault_NotOperator.selector, alice));
        vm.prank(alice);
        vault.setCommission(1);
    }

    function test_collectCommission_paysTheOperator() public {
        deposit(alice, 1e18);
        reward(10e18);
        vm.startPrank(operator);
        assertEq(vault.collectCommission(bob), 1e18);
        assertEq(token.balanceOf(bob), 1e18);
        assertEq(vault.commissionOwed(), 0);
        vm.expectRevert(StakeVault.StakeVault_ZeroAmount.selector);
        vault.collectCommission(bob);
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(StakeVault.StakeVault_NotOperator.selector, alice));
        vm.prank(alice);
        vault.collectCommission(alice);
        checkConservation();
    }

    function test_commission_isNoPartOfTheStake() public {
        deposit(alice, 1e18);
        reward(10e18);
        slashDelegated(1, 10e18);
        assertEq(vault.commissionOwed(), 1e18);
        assertEq(vault.activeAssets(), 0);
        vm.prank(operator);
        assertEq(vault.collectCommission(operator), 1e18);
        checkConservation();
    }
}
