// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Terms} from "../../src/jobs/IJobRegistry.sol";
import {StakeVault} from "../../src/staking/StakeVault.sol";
import {Slash} from "../../src/verde/Slash.sol";
import {JobVerdeBase} from "../jobs/JobVerdeBase.t.sol";
import {StakeVaultBase} from "../staking/StakeVaultBase.t.sol";

/// @notice An operator posts jobs to itself, lies, wins the dispute against itself and collects what challengers get
/// of a slash that its delegators pay. It owns every challenger there is.
contract SelfChallengeFindings is StakeVaultBase {
    uint256 private constant MAX_CHALLENGER_BPS = 2_500; // Parameters.sol

    uint256[] private live;
    uint256 private count;
    uint256 private slashed;
    uint256 private invested;

    /// @dev Everything that the operator has, wherever it is.
    function wealth() private view returns (uint256) {
        return token.balanceOf(operator) + vault.selfBond() + vault.commissionOwed();
    }

    function bonded(uint256 assets) private {
        bond(assets);
        invested += assets;
    }

    function locked(uint256 amount) private {
        lock(++count, amount);
        live.push(count);
    }

    /// @dev The slash is split as Verde splits it; what challengers can get goes back to the operator.
    function lied(uint256 index, uint256 challengerBps, uint256 earlier, uint256 costs) private {
        uint256 n = live[index];
        live[index] = live[live.length - 1];
        live.pop();
        uint256 amount = slash(bytes32(n));
        (uint256 each, uint256 toChallenger,,) =
            Slash.split(amount, earlier, costs, challengerBps, 10_000 - challengerBps);
        uint256 collected = each * earlier + toChallenger;
        assertLe(16 * collected, 7 * amount, "what challengers can get");
        vm.prank(treasury);
        require(token.transfer(operator, collected));
        slashed += amount;
    }

    /// @dev A sixteenth of whatever it let slash is the least that it loses.
    function checkLoss() private view {
        assertLe(16 * wealth() + slashed, 16 * invested);
    }

    /// @dev The theft as it was found: little of its own, much of others, one lock over all that can be locked.
    function test_finding_selfChallengeAgainstDelegatorsLoses() public {
        deposit(alice, 1_000_000e18);
        bonded(1_000e18);
        locked(vault.freeAssets());
        lied(0, MAX_CHALLENGER_BPS, 64, 1e30);
        assertEq(slashed, 2_000e18, "of a million, a thousand");
        assertEq(wealth(), 875e18);
    }

    /// @dev Many locks at the limit, lied about one after the other: the first slashes take the bond alone, the last
    /// ones the delegators' stake alone. In sum it still loses.
    function testFuzz_finding_selfChallengeOverManyLocksLoses(
        uint96 own,
        uint96 delegated,
        uint96[8] calldata sizes,
        uint16[8] calldata bps,
        uint8[8] calldata earlier,
        uint96 costs
    ) public {
        bonded(bound(own, 1, 1e27));
        deposit(alice, bound(delegated, 1, 1e27));
        for (uint256 i; i < 8; ++i) {
            uint256 free = vault.freeAssets();
            if (free != 0) locked(i == 7 ? free : bound(sizes[i], 1, free));
        }
        for (uint256 i; live.length != 0; ++i) {
            uint256 share = bound(bps[i], 1, MAX_CHALLENGER_BPS);
            lied(sizes[i] % live.length, share, earlier[i], costs);
            checkLoss();
        }
        assertGt(slashed, 0);
        checkConservation();
    }

    /// @dev Between its lies it bonds, withdraws, locks and lets go as it likes, and delegators come and go.
    function testFuzz_finding_movingTheBondBetweenLiesDoesNotHelp(uint256[32] calldata seeds)
        public
    {
        for (uint256 i; i < seeds.length && !vault.closed(); ++i) {
            uint256 seed = seeds[i] >> 8;
            step(seeds[i] % 8, seed, uint256(keccak256(abi.encode(seed))) % 1e24 + 1);
            checkLoss();
        }
        while (live.length != 0) {
            lied(0, MAX_CHALLENGER_BPS, 64, 1e30);
            checkLoss();
        }
        checkConservation();
    }

    function step(uint256 action, uint256 seed, uint256 amount) private {
        if (action == 0) {
            bonded(amount);
        } else if (action == 1) {
            deposit(alice, amount);
        } else if (action == 2) {
            uint256 shares = vault.balanceOf(alice) / (seed % 4 + 1);
            if (vault.convertToAssets(shares) != 0) request(alice, shares);
        } else if (action == 3) {
            vm.warp(vm.getBlockTimestamp() + UNBONDING);
            uint256 most = vault.maxRedeem(alice);
            if (most != 0) redeem(alice, most);
        } else if (action == 4) {
            vm.warp(vm.getBlockTimestamp() + UNBONDING);
            uint256 free = vault.freeSelfBond();
            if (free == 0) return;
            vm.prank(operator);
            vault.withdrawSelfBond(seed % 2 == 0 ? free : seed % free + 1, operator);
        } else if (live.length != 0 && action == 5) {
            uint256 last = live[live.length - 1];
            live.pop();
            vm.prank(locker);
            vault.unlock(bytes32(last));
        } else if (live.length != 0 && action == 6) {
            lied(seed % live.length, MAX_CHALLENGER_BPS, 64, 1e30);
        } else if (vault.freeAssets() != 0) {
            uint256 free = vault.freeAssets();
            locked(seed % 2 == 0 ? free : seed % free + 1);
        }
    }
}

/// @notice The same theft through all contracts: thief, submitter and challenger are one.
contract SelfChallengeOfAJob is JobVerdeBase {
    address private immutable thief = makeAddr("thief");

    function wealth(StakeVault from) private view returns (uint256) {
        return token.balanceOf(thief) + token.balanceOf(challenger) + from.selfBond()
            + from.commissionOwed();
    }

    function test_finding_selfChallengeOfAJobLoses() public {
        require(token.transfer(thief, STAKE + REWARD));
        vm.startPrank(thief);
        StakeVault own = StakeVault(factory.create(9_000));
        token.approve(address(own), STAKE);
        own.depositSelfBond(STAKE);
        vm.stopPrank();
        token.approve(address(own), 1_000 * STAKE);
        own.deposit(1_000 * STAKE, stranger);

        uint256 before = wealth(own);
        uint128 stake = uint128(own.freeAssets());
        uint40 deadline = uint40(vm.getBlockTimestamp() + 2 days);
        vm.startPrank(thief);
        token.approve(address(registry), REWARD);
        job = registry.post(computation(), Terms(REWARD, stake, 1 hours, deadline, ""));
        vm.stopPrank();
        uint256 claim = solve(thief, own, WRONG);
        challengeAndWin(claim, WRONG);
        verde.settle(claim, 1);
        verde.withdraw(challenger);
        registry.reopen(job);
        vm.prank(thief);
        registry.cancel(job);

        assertEq(stake, 2 * STAKE, "of all that was delegated, as much as its own");
        assertEq(own.activeAssets(), 999 * STAKE, "what the delegators lost");
        uint256 back = uint256(stake) * parameters.get(1).challengerBps / 10_000;
        assertEq(before - wealth(own), STAKE - back, "what the thief lost");
    }
}
