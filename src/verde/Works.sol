// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice A computation as it is stored, its counts in one slot; it exists if it has steps.
struct Work {
    bytes32 nodesRoot;
    bytes32 statesRoot;
    bytes32 constantEntriesRoot;
    bytes32 initialStateRoot;
    bytes32 constantsRoot;
    uint32 nodes;
    uint32 states;
    uint32 constants;
    uint32 steps;
    uint32 interval;
    uint64 seed;
}

/// @title Works
/// @notice Counts of a computation's trees (docs/spec/verde.md, section 1). Nothing of them comes from a player.
library Works {
    /// @notice Checkpoints: ⌈T / c⌉ + 1.
    function checkpoints(Work storage w) internal view returns (uint256) {
        uint256 c = w.interval;
        return (w.steps + c - 1) / c + 1;
    }

    /// @notice Steps of an interval: min(c, T - i · c). The interval was opened, so it begins before T.
    function stepsIn(Work storage w, uint256 interval) internal view returns (uint256) {
        uint256 c = w.interval;
        uint256 left = w.steps - interval * c;
        return left < c ? left : c;
    }
}
