// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";
import {Exit, ExitPool, Pool} from "../../src/staking/ExitPool.sol";

contract ExitPoolTest is Test {
    using ExitPool for Pool;

    Pool private pool;
    Exit private stored;

    function join(uint256 assets) private returns (uint256 units) {
        Exit memory exit = pool.asOf(stored, 0);
        uint256 before = uint256(exit.pendingUnits) + exit.maturedUnits;
        pool.join(exit, assets, assets, 1);
        stored = exit;
        return uint256(exit.pendingUnits) + exit.maturedUnits - before;
    }

    function checkInvariant() private view {
        assertLe(pool.assets, pool.units, "a unit is worth a wei at most");
        assertLe(pool.units, pool.assets * ExitPool.MAX_UNITS_PER_ASSET, "units are bounded");
    }

    /// @dev The longest life a pool can have at worst: it never overflows, divides by zero or pays too much.
    function testFuzz_pool_keepsItsInvariants(uint256 seed) public {
        uint256 mine; // units of everybody together
        uint32 era = pool.era;
        for (uint256 i; i < 60; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 amount = bound(seed >> 8, 1, 1 << (1 + (seed >> 128) % 93));
            if (seed % 3 == 0) {
                mine += join(amount);
            } else if (seed % 3 == 1 && mine != 0) {
                uint256 units = amount > mine ? mine : amount;
                uint256 assets = pool.toAssetsDown(units);
                assertLe(pool.toUnitsUp(assets), units, "paying back costs no more than it gives");
                if (seed % 2 == 0) units = pool.toUnitsUp(assets);
                pool.remove(units, assets);
                mine -= units;
            } else if (pool.assets != 0) {
                uint256 loss = amount > pool.assets ? pool.assets : amount;
                uint256 before = pool.assets;
                (bool over, uint128 dust) = pool.slash(loss);
                assertEq(uint256(pool.assets) + dust, before - loss);
                if (over) mine = 0;
            }
            if (pool.era != era) {
                era = pool.era;
                assertEq(pool.asOf(stored, 0).pendingUnits, 0, "exits of an older era are void");
            }
            assertEq(pool.units, mine);
            if (mine == 0) assertEq(pool.assets, 0, "the last one out leaves nothing");
            checkInvariant();
        }
    }

    function test_slash_endsTheEraOfATotalLoss() public {
        join(1e18);
        (bool over, uint128 dust) = pool.slash(1e18);
        assertTrue(over);
        assertEq(dust, 0);
        assertEq(pool.era, 1);
        assertEq(pool.asOf(stored, 5).maturedUnits, 0);
        assertEq(join(7), 7, "the next era starts even");
    }

    function test_slash_sweepsTheDustOfANearTotalLoss() public {
        join(1e18);
        (bool over, uint128 dust) = pool.slash(1e18 - 999_999_999);
        assertTrue(over);
        assertEq(dust, 999_999_999);
        join(1e18);
        (over, dust) = pool.slash(1e18 - 1e9);
        assertFalse(over);
    }

    function test_asOf_maturesAtTheSecond() public {
        join(10);
        assertEq(pool.asOf(stored, 0).maturedUnits, 0);
        assertEq(pool.asOf(stored, 1).maturedUnits, 10);
        assertEq(pool.asOf(stored, 1).pendingUnits, 0);
    }
}
