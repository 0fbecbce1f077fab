// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";

/// @title Slash
/// @notice Divides slashed stake (docs/spec/verde.md, section 6). Amounts are $AI wei.
library Slash {
    uint256 internal constant ALL = 10_000; // basis points

    /// @notice Splits `amount` into four parts that add up to it exactly.
    /// @dev Rounds the reserve, the challenger's and the burned part down; the treasury keeps the dust.
    /// All that challengers can get, reserved + toChallenger, is at most 7/16 of the slash: at most a quarter,
    /// and a quarter of the rest at most (challengerBps <= 2,500, Parameters.sol). Of an operator's slashes together
    /// at least half was its own (IStakeVault.sol). So to challenge oneself loses, whoever else's stake is slashed.
    /// @param costs wanted for each of the `earlier` disputes that may still win
    /// @return each what is reserved for each of them
    function split(
        uint256 amount,
        uint256 earlier,
        uint256 costs,
        uint256 challengerBps,
        uint256 burnBps
    )
        internal
        pure
        returns (uint256 each, uint256 toChallenger, uint256 burned, uint256 toTreasury)
    {
        if (earlier != 0) {
            each = FixedPointMathLib.min(costs, amount / 4 / earlier);
        }
        uint256 rest = amount - each * earlier;
        toChallenger = FixedPointMathLib.fullMulDiv(rest, challengerBps, ALL);
        burned = FixedPointMathLib.fullMulDiv(rest, burnBps, ALL);
        toTreasury = rest - toChallenger - burned;
    }
}
