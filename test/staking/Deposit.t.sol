// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {StakeVault} from "../../src/staking/StakeVault.sol";
import {StakeVaultBase} from "./StakeVaultBase.t.sol";

contract DepositTest is StakeVaultBase {
    function test_deposit_givesSharesForTrackedAssets() public {
        uint256 shares = deposit(alice, 5e18);
        assertEq(shares, 5e21, "three more decimals than the asset");
        assertEq(vault.decimals(), 21);
        assertEq(vault.balanceOf(alice), shares);
        assertEq(vault.totalAssets(), 5e18);
        checkConservation();
    }

    function test_deposit_delegatesToAnyonesName() public {
        fund(alice, 1e18);
        vm.startPrank(alice);
        token.approve(address(vault), 1e18);
        vault.deposit(1e18, bob);
        assertEq(vault.balanceOf(bob), 1e21);
        assertEq(vault.balanceOf(alice), 0);
    }

    function testFuzz_mint_takesWhatPreviewSays(uint96 assets, uint96 income, uint96 shares)
        public
    {
        deposit(alice, bound(assets, 1, 1e27));
        reward(bound(income, 1, 1e27));
        uint256 wanted = bound(shares, 1, vault.previewDeposit(1e27));
        uint256 cost = vault.previewMint(wanted);
        fund(bob, cost);
        vm.startPrank(bob);
        token.approve(address(vault), cost);
        assertEq(vault.mint(wanted, bob), cost);
        assertEq(vault.balanceOf(bob), wanted);
        checkConservation();
    }

    function testFuzz_deposit_neverGivesMoreThanItsWorth(uint96 first, uint96 income, uint96 second)
        public
    {
        deposit(alice, bound(first, 1, 1e27));
        reward(bound(income, 1, 1e27));
        uint256 assets = bound(second, 1, 1e27);
        if (vault.previewDeposit(assets) == 0) return;
        uint256 shares = deposit(bob, assets);
        assertLe(vault.convertToAssets(shares), assets);
        checkConservation();
    }

    function test_deposit_revertsForNothing() public {
        vm.expectRevert(StakeVault.StakeVault_ZeroAmount.selector);
        vault.deposit(0, alice);
        vm.expectRevert(StakeVault.StakeVault_ZeroAmount.selector);
        vault.mint(0, alice);
    }

    function test_deposit_revertsWhenClosed() public {
        deposit(alice, 1e18);
        slashDelegated(1, 1e18);
        assertEq(vault.maxDeposit(alice), 0);
        assertEq(vault.maxMint(alice), 0);
        vm.expectRevert(StakeVault.StakeVault_Closed.selector);
        vault.deposit(1e18, alice);
        vm.expectRevert(StakeVault.StakeVault_Closed.selector);
        vault.mint(1e18, alice);
    }

    function test_permit2_hasNoAllowanceThatNobodyGave() public view {
        assertEq(vault.allowance(alice, 0x000000000022D473030F116dDEE9F6B43aC78BA3), 0);
    }

    function test_supportsInterface_ofTheStandards() public view {
        assertTrue(vault.supportsInterface(0x01ffc9a7), "ERC-165");
        assertTrue(vault.supportsInterface(0x620ee8e4), "ERC-7540 redemption");
        assertTrue(vault.supportsInterface(0xe3bc4e65), "ERC-7540 operators");
        assertTrue(vault.supportsInterface(0x2f0a18c5), "ERC-7575");
        assertFalse(
            vault.supportsInterface(0xce3bbe50), "ERC-7540 deposit: deposits are synchronous"
        );
        assertFalse(vault.supportsInterface(0xffffffff));
        assertEq(vault.share(), address(vault));
    }
}
