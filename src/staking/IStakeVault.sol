// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IStakeVault
/// @notice What the protocol asks of an operator's staking vault (ERC-4626 with the asynchronous exit of
/// ERC-7540 for redemptions). Amounts are $AI wei.
interface IStakeVault {
    event Locked(bytes32 indexed lockId, address indexed locker, uint256 amount);
    event Unlocked(bytes32 indexed lockId, uint256 amount);
    event Slashed(
        bytes32 indexed lockId,
        address indexed to,
        uint256 amount,
        uint256 fromActive,
        uint256 fromLeaving
    );
    event Rewarded(address indexed from, uint256 amount, uint256 commission);

    /// @notice Who runs the work that this vault's stake stands behind.
    function operator() external view returns (address);
    /// @notice Active assets that no lock holds.
    function freeAssets() external view returns (uint256);
    /// @notice Locks `amount` of active assets. Only lockers known to the factory; `lockId` must be new.
    function lock(bytes32 lockId, uint256 amount) external;
    /// @notice Who made a lock and how much it holds; zeros if there is none.
    function lockOf(bytes32 lockId) external view returns (address locker, uint256 amount);
    /// @notice Releases a lock. Only its locker.
    function unlock(bytes32 lockId) external;
    /// @notice Takes a lock's amount, rounded up, from active and leaving assets alike, and sends it to `to`.
    /// Only slashers known to the factory. Never reverts for lack of assets: takes what is there.
    function slash(bytes32 lockId, address to) external returns (uint256 amount);
    /// @notice Takes `amount` $AI from the caller as income: commission to the operator, the rest to the shares.
    function reward(uint256 amount) external;
}
