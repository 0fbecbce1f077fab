// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Vm} from "forge-std/Vm.sol";
import {StakeVault} from "../../src/staking/StakeVault.sol";
import {StakeVaultBase} from "../staking/StakeVaultBase.t.sol";

/// @notice Attacks that hurt other vaults, tried on this one.
contract StakeVaultFindings is StakeVaultBase {
    address private immutable attacker = makeAddr("attacker");

    /// @dev ERC-4626 inflation: a first share is made dear by a gift, so that the next deposit rounds to nothing.
    function test_finding_donationsDoNotCount() public {
        uint256 shares = deposit(attacker, 1);
        fund(attacker, 1_000e18);
        vm.prank(attacker);
        require(token.transfer(address(vault), 1_000e18));
        assertEq(vault.totalAssets(), 1);
        uint256 victims = deposit(alice, 10e18);
        assertEq(vault.convertToAssets(victims), 10e18);
        assertEq(vault.convertToAssets(shares), 1);
    }

    /// @dev The same with a gift that does count, a reward: the attacker loses far more than its victim.
    function testFuzz_finding_inflationByRewardLosesMoney(uint96 first, uint96 gift, uint96 victims)
        public
    {
        uint256 own = bound(first, 1, 1e6);
        uint256 given = bound(gift, 1, 1e26);
        uint256 mine = deposit(attacker, own);
        reward(given); // commission aside, as if the operator were the attacker
        uint256 assets = bound(victims, 1, 1e26);
        if (vault.previewDeposit(assets) == 0) return; // refused, not swallowed
        uint256 theirs = deposit(alice, assets);
        uint256 lost = assets - vault.convertToAssets(theirs);
        uint256 kept = vault.convertToAssets(mine) + vault.commissionOwed();
        uint256 spent = own + given;
        if (kept < spent) assertGe(spent - kept, lost / 2, "the attack costs what it takes");
        assertLe(kept, spent + lost / 1000 + 1, "and does not pay");
    }

    function test_finding_depositThatRoundsToNothingIsRefused() public {
        deposit(attacker, 1);
        reward(1e27);
        fund(alice, 1e18);
        vm.startPrank(alice);
        token.approve(address(vault), 1e18);
        vm.expectRevert(StakeVault.StakeVault_ZeroAmount.selector);
        vault.deposit(1e18, alice);
    }

    /// @dev EigenLayer H-3.1.2: at a tiny rate, rounding lets stake dodge a slash. Here wei are counted, not rates.
    function testFuzz_finding_slashNeverRoundsAway(uint96 stake, uint96 part, uint8 times) public {
        deposit(alice, bound(stake, 1_000, 1e27));
        request(alice, vault.balanceOf(alice) / 3);
        uint256 taken;
        for (uint256 i; i < times % 16; ++i) {
            uint256 active = vault.activeAssets();
            if (active == 0 || vault.closed()) break;
            uint256 amount = bound(part, 1, active);
            slashDelegated(i, amount);
            taken += 2 * amount;
        }
        assertEq(token.balanceOf(treasury), taken);
        checkConservation();
    }

    /// @dev Livepeer: stake that was leaving could not be slashed.
    function test_finding_leavingStakeStaysSlashable() public {
        bond(100e18);
        deposit(alice, 100e18);
        bytes32 id = lock(1, 200e18);
        request(alice, vault.balanceOf(alice));
        vm.warp(vm.getBlockTimestamp() + 10 * UNBONDING);
        assertEq(vault.maxRedeem(alice), 0, "however long the queue of disputes");
        assertEq(slash(id), 200e18);
        assertEq(vault.pendingRedeemRequest(0, alice), 0);
    }

    /// @dev Symbiotic: seeing a slash come, stakers leave first. Here nobody who asks after the lock was made is paid
    /// before the claim behind it is final, and the lock is covered to the wei by whoever is left.
    function test_finding_exitInFrontOfASlashDoesNotHelp() public {
        deposit(alice, 60e18);
        deposit(bob, 40e18);
        bond(50e18);
        bytes32 id = lock(1, 100e18);
        request(alice, vault.balanceOf(alice)); // it sees the losing dispute
        assertEq(vault.maxRedeem(alice), 0);
        slash(id);
        vm.warp(vm.getBlockTimestamp() + UNBONDING);
        assertEq(redeem(alice, vault.maxRedeem(alice)), 30e18, "half, like everybody");
        assertApproxEqAbs(vault.convertToAssets(vault.balanceOf(bob)), 20e18, 1);
    }

    /// @dev Whoever asked long before the lock was made may go; what no lock holds is all it can take.
    function test_finding_earlierLeaverTakesOnlyWhatNoLockHolds() public {
        deposit(alice, 60e18);
        deposit(bob, 40e18);
        request(alice, vault.balanceOf(alice));
        vm.warp(vm.getBlockTimestamp() + UNBONDING);
        bond(20e18);
        bytes32 id = lock(1, 40e18);
        assertEq(redeem(alice, vault.maxRedeem(alice)), 60e18);
        assertEq(slash(id), 40e18);
        checkConservation();
    }

    /// @dev Telcoin: the target of a slash could block it. Nothing that it can do makes a slash revert.
    function test_finding_nothingTheTargetDoesStopsASlash() public {
        deposit(operator, 100e18);
        bond(30e18);
        bytes32 id = lock(1, 50e18);
        uint256 all = vault.balanceOf(operator);
        request(operator, all / 2);
        deposit(operator, 1);
        vm.warp(vm.getBlockTimestamp() + UNBONDING);
        vm.startPrank(operator);
        vault.withdrawSelfBond(5e18, operator);
        vm.expectRevert(abi.encodeWithSelector(StakeVault.StakeVault_NotEnoughFree.selector, 0, 1));
        vault.withdrawSelfBond(1, operator);
        vault.redeem(vault.maxRedeem(operator), operator, operator);
        vault.setCommission(0);
        assertTrue(vault.transfer(address(vault), 1));
        vault.approve(address(0), 1);
        vm.stopPrank();
        assertEq(slash(id), 50e18);
    }

    /// @dev EigenLayer EGSL-16, Livepeer PR 633: a total loss breaks the arithmetic. Here nothing divides by zero, what
    /// still comes in can leave, and the operator opens the next vault.
    function test_finding_totalLossLeavesNothingStuck() public {
        deposit(alice, 100e18);
        bond(100e18);
        bytes32 id = lock(1, 200e18);
        request(alice, vault.balanceOf(alice) / 2);
        vm.warp(vm.getBlockTimestamp() + UNBONDING);
        assertEq(slash(id), 200e18);
        assertTrue(vault.closed());
        assertEq(vault.maxRedeem(alice) + vault.maxWithdraw(alice), 0);
        assertEq(vault.pendingRedeemRequest(0, alice), 0, "a void exit");
        vm.expectRevert(abi.encodeWithSelector(StakeVault.StakeVault_NotClaimable.selector, 0, 1));
        redeem(alice, 1);
        uint256 rest = vault.balanceOf(alice);
        vm.expectRevert(StakeVault.StakeVault_ZeroAmount.selector);
        request(alice, rest);
        checkConservation();

        reward(10e18); // for work that was done before
        request(alice, rest);
        vm.warp(vm.getBlockTimestamp() + UNBONDING);
        assertApproxEqAbs(redeem(alice, rest), 9e18, 1e6);
        checkConservation();

        vm.prank(operator);
        assertNotEq(factory.create(COMMISSION), address(vault));
    }

    /// @dev Work taken while stake is leaving must not hold that stake: new locks do not count on it.
    function test_finding_newLocksDoNotHoldLeavers() public {
        deposit(alice, 50e18);
        bond(25e18);
        lock(1, 50e18);
        request(alice, vault.balanceOf(alice));
        deposit(bob, 50e18);
        assertEq(vault.freeAssets(), 0, "active assets stand in for the old lock");
        vm.warp(vm.getBlockTimestamp() + UNBONDING);
        assertEq(redeem(alice, vault.maxRedeem(alice)), 50e18);
        checkConservation();
    }

    /// @dev Shares that a loss made worthless would let a newcomer's shares grow without bound.
    function testFuzz_finding_sharesStayBelowTheirType(uint96[8] calldata sizes) public {
        for (uint256 i; i < sizes.length && !vault.closed(); ++i) {
            deposit(alice, bound(sizes[i], 1, 1e27));
            uint256 active = vault.activeAssets();
            if (active > 1) slashDelegated(i, active - 1 - bound(sizes[i], 0, active / 1e6));
            assertLe(vault.totalSupply(), type(uint128).max);
        }
    }

    /// @dev Anybody could let another's exit wait anew by adding dust to it.
    function test_finding_nobodyProlongsAnothersExit() public {
        uint256 shares = deposit(alice, 10e18);
        deposit(attacker, 1e18);
        request(alice, shares);
        vm.warp(vm.getBlockTimestamp() + UNBONDING - 1);
        vm.expectRevert(
            abi.encodeWithSelector(StakeVault.StakeVault_NotController.selector, alice, attacker)
        );
        vm.prank(attacker);
        vault.requestRedeem(1e3, alice, attacker);
        vm.warp(vm.getBlockTimestamp() + 1);
        assertEq(redeem(alice, shares), 10e18);
    }

    /// @dev Some tokens refuse transfers of zero. A payment that rounds to nothing, or a penalty of nothing, makes none.
    function test_finding_noTransferOfZero() public {
        deposit(alice, 10e18);
        deposit(bob, 10e18);
        request(alice, vault.balanceOf(alice));
        slashDelegated(1, 5e18);
        vm.warp(vm.getBlockTimestamp() + UNBONDING);
        bond(1);
        lock(2, 1);

        vm.recordLogs();
        assertEq(redeem(alice, 1), 0);
        vm.prank(locker);
        vault.forfeit(bytes32(uint256(2)), 0, treasury);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 2, "Withdraw and Unlocked");
        for (uint256 i; i < logs.length; ++i) {
            assertEq(logs[i].emitter, address(vault));
        }
    }

    /// @dev An operator borrows for one transaction: a bond that dwarfs the delegators' stake, the pay of a job, and the
    /// bond out again. What came in stays as long as everybody's money does.
    function test_finding_aBondForOneRewardDoesNotLeaveWithIt() public {
        deposit(alice, 100e18);
        bond(100e18);
        vm.warp(vm.getBlockTimestamp() + UNBONDING);
        assertEq(vault.freeSelfBond(), 100e18);
        bond(1e6 * 1e18);
        reward(1_000e18);
        uint256 all = vault.selfBond();
        vm.startPrank(operator);
        vm.expectRevert(
            abi.encodeWithSelector(StakeVault.StakeVault_NotEnoughFree.selector, 0, all)
        );
        vault.withdrawSelfBond(all, operator);
        vm.warp(vault.selfBondHeldUntil());
        vault.withdrawSelfBond(all, operator);
    }

    /// @dev The bond leaves at once, exits wait: where both want what no lock holds, the bond would always be first.
    function test_finding_theBondDoesNotLeaveAtTheExpenseOfLeavers() public {
        bond(100e18);
        deposit(alice, 100e18);
        lock(1, 100e18);
        request(alice, vault.balanceOf(alice));
        vm.warp(vm.getBlockTimestamp() + UNBONDING);
        assertEq(vault.freeSelfBond(), 0, "leaving assets do not stand in for it");
        assertEq(redeem(alice, vault.maxRedeem(alice)), 100e18);
    }

    /// @dev Where rewards made a share dear, to withdraw a wei burns a whole share. The rest of its worth stays its
    /// owner's, and the leaving class never holds more than its units say.
    function test_finding_withdrawingAWeiOfADearShareKeepsTheRest() public {
        deposit(alice, 1);
        reward(1e27);
        uint256 shares = vault.balanceOf(alice);
        request(alice, shares);
        vm.warp(vm.getBlockTimestamp() + UNBONDING);
        uint256 worth = vault.maxWithdraw(alice);
        vm.startPrank(alice);
        for (uint256 i; i < 1000; ++i) {
            vault.withdraw(1, alice, alice);
        }
        assertEq(vault.maxRedeem(alice), 0, "its shares are used up");
        assertEq(vault.maxWithdraw(alice), worth - 1000);
        vault.withdraw(worth - 1000, alice, alice);
        assertEq(vault.leavingAssets(), 0);
        checkConservation();
    }
}
