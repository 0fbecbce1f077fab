// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";
import {SafeCastLib} from "solady/utils/SafeCastLib.sol";

/// @notice The leaving class of a vault: assets that wait for their exit, divided by units.
/// @dev INVARIANTS: assets <= units <= MAX_UNITS_PER_ASSET * assets.
struct Pool {
    uint128 assets;
    uint128 units;
    uint32 era; // grows when a slash leaves (nearly) nothing; exits of an older era are void
}

/// @notice What a controller has in the pool. Shares are those it gave up; units are what they are worth.
struct Exit {
    uint128 pendingShares;
    uint128 pendingUnits;
    uint128 maturedShares;
    uint128 maturedUnits;
    uint40 unlockTime; // when the pending part matures, unix seconds
    uint32 era;
}

/// @title ExitPool
/// @notice Arithmetic of the leaving class: its members share a slash in proportion and nothing else.
library ExitPool {
    using SafeCastLib for uint256;

    /// @notice Beyond this many units for a wei of assets the pool counts as lost. It bounds the units, which grow
    /// by this factor for every such loss, far below their type.
    uint256 internal constant MAX_UNITS_PER_ASSET = 1e9;

    /// @notice A controller's exit as it stands at `time`: emptied if its era is over, matured if it is time.
    function asOf(Pool storage pool, Exit storage stored, uint256 time)
        internal
        view
        returns (Exit memory exit)
    {
        exit = stored;
        if (exit.era != pool.era) {
            exit = Exit(0, 0, 0, 0, 0, pool.era);
        } else if (time >= exit.unlockTime) {
            exit.maturedShares += exit.pendingShares;
            exit.maturedUnits += exit.pendingUnits;
            exit.pendingShares = 0;
            exit.pendingUnits = 0;
        }
    }

    /// @notice Adds `assets` that `shares` were worth. The whole pending part matures at the later time.
    function join(
        Pool storage pool,
        Exit memory exit,
        uint256 shares,
        uint256 assets,
        uint40 unlockTime
    ) internal {
        uint256 units = pool.units == 0
            ? assets
            : FixedPointMathLib.fullMulDiv(assets, pool.units, pool.assets);
        pool.assets = (pool.assets + assets).toUint128();
        pool.units = (pool.units + units).toUint128();
        exit.pendingShares = (exit.pendingShares + shares).toUint128();
        exit.pendingUnits += units.toUint128();
        if (unlockTime > exit.unlockTime) exit.unlockTime = unlockTime;
    }

    /// @notice What `units` are worth, rounded down.
    function toAssetsDown(Pool storage pool, uint256 units) internal view returns (uint256) {
        return units == 0 ? 0 : FixedPointMathLib.fullMulDiv(units, pool.assets, pool.units);
    }

    /// @notice Units worth at least `assets`. `assets` must not exceed the pool's.
    function toUnitsUp(Pool storage pool, uint256 assets) internal view returns (uint256) {
        return assets == 0 ? 0 : FixedPointMathLib.fullMulDivUp(assets, pool.units, pool.assets);
    }

    /// @notice Removes `units` that were paid `assets`: what the units are worth, rounded down, or the assets' units,
    /// rounded up. Either way the units that stay are worth no less than before, and the last one out leaves nothing,
    /// because assets <= units.
    function remove(Pool storage pool, uint256 units, uint256 assets) internal {
        pool.units -= units.toUint128();
        pool.assets -= assets.toUint128();
    }

    /// @notice Takes `assets` from all members. If (nearly) nothing is left, the era is over.
    /// @return over whether it is
    /// @return dust assets that belong to nobody any more
    function slash(Pool storage pool, uint256 assets) internal returns (bool over, uint128 dust) {
        pool.assets -= assets.toUint128();
        over = pool.units > pool.assets * MAX_UNITS_PER_ASSET;
        if (over) {
            dust = pool.assets;
            pool.assets = 0;
            pool.units = 0;
            ++pool.era;
        }
    }
}
