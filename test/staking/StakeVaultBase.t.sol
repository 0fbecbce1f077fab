// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";
import {StakeVault} from "../../src/staking/StakeVault.sol";
import {StakeVaultFactory} from "../../src/staking/StakeVaultFactory.sol";
import {AIToken} from "../../src/token/AIToken.sol";

/// @notice A factory with one vault, a locker with its slasher, and people with tokens.
abstract contract StakeVaultBase is Test {
    uint40 internal constant UNBONDING = 7 days;
    uint16 internal constant COMMISSION = 1_000;

    address internal immutable holder = makeAddr("holder");
    address internal immutable governance = makeAddr("governance");
    address internal immutable operator = makeAddr("operator");
    address internal immutable alice = makeAddr("alice");
    address internal immutable bob = makeAddr("bob");
    address internal immutable locker = makeAddr("locker");
    address internal immutable slasher = makeAddr("slasher");
    address internal immutable treasury = makeAddr("treasury");

    AIToken internal token;
    StakeVaultFactory internal factory;
    StakeVault internal vault;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        // From artifacts: a test that embeds the code of a contract compiles it again.
        token = AIToken(deployCode("AIToken.sol:AIToken", abi.encode(holder)));
        factory = StakeVaultFactory(
            deployCode(
                "StakeVaultFactory.sol:StakeVaultFactory",
                abi.encode(governance, token, uint40(1 days), UNBONDING)
            )
        );
        vm.prank(governance);
        factory.addLocker(locker, slasher);
        vm.prank(operator);
        vault = StakeVault(factory.create(COMMISSION));
    }

    function fund(address who, uint256 amount) internal {
        vm.prank(holder);
        require(token.transfer(who, amount));
    }

    function deposit(address who, uint256 assets) internal returns (uint256 shares) {
        fund(who, assets);
        vm.startPrank(who);
        token.approve(address(vault), assets);
        shares = vault.deposit(assets, who);
        vm.stopPrank();
    }

    /// @dev Puts the operator's own money into its bond.
    function bond(uint256 assets) internal {
        fund(operator, assets);
        vm.startPrank(operator);
        token.approve(address(vault), assets);
        vault.depositSelfBond(assets);
        vm.stopPrank();
    }

    function request(address who, uint256 shares) internal {
        vm.prank(who);
        vault.requestRedeem(shares, who, who);
    }

    function redeem(address who, uint256 shares) internal returns (uint256 assets) {
        vm.prank(who);
        return vault.redeem(shares, who, who);
    }

    function lock(uint256 n, uint256 amount) internal returns (bytes32 lockId) {
        lockId = bytes32(n);
        vm.prank(locker);
        vault.lock(lockId, amount);
    }

    function slash(bytes32 lockId) internal returns (uint256 amount) {
        vm.prank(slasher);
        return vault.slash(lockId, treasury);
    }

    /// @dev Slashes `amount` of what delegators have, and as much of a bond that is made for it. Wants no bond before.
    function slashDelegated(uint256 n, uint256 amount) internal {
        bond(amount);
        assertEq(slash(lock(n, 2 * amount)), 2 * amount);
        assertEq(vault.selfBond(), 0);
    }

    function reward(uint256 amount) internal {
        fund(locker, amount);
        vm.startPrank(locker);
        token.approve(address(vault), amount);
        vault.reward(amount);
        vm.stopPrank();
    }

    /// @dev What the vault owes is what it holds, to the wei.
    function checkConservation() internal view {
        assertEq(
            token.balanceOf(address(vault)),
            uint256(vault.selfBond()) + vault.activeAssets() + vault.leavingAssets()
                + vault.commissionOwed(),
            "balance is what is owed"
        );
        assertLe(
            vault.lockedAssets(),
            uint256(vault.selfBond()) + vault.activeAssets() + vault.leavingAssets(),
            "locks are covered"
        );
    }
}
