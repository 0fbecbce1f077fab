// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IStakeVault
/// @notice An operator's staking vault: ERC-4626 for deposits, the asynchronous exit of ERC-7540 for redemptions,
/// and what the protocol asks of the stake. Amounts are $AI wei, times are seconds.
/// @dev Assets are of one of two classes: *active* assets earn and can be locked; *leaving* assets wait for their
/// exit. Both stand behind every lock and are slashed alike. Only amounts that came in through deposits and rewards
/// count; tokens sent to the vault's address are ignored.
/// INVARIANT: locked assets <= active assets + leaving assets, so every lock is covered in full until it is released.
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
    /// @notice `bps` holds from `validFrom` on.
    event CommissionSet(uint16 bps, uint40 validFrom);
    event CommissionCollected(address indexed to, uint256 amount);
    /// @notice What had left of the leaving class was slashed to (nearly) nothing; its exits are void.
    event ExitsVoided(uint32 era, uint256 dust);
    /// @notice The vault lost so much that it takes neither deposits nor locks any more.
    event Closed();

    /// @notice Who runs the work that this vault's stake stands behind.
    function operator() external view returns (address);
    /// @notice Whether the vault lost so much that it takes neither deposits nor locks. What is left can leave,
    /// and the operator may open the next vault.
    function closed() external view returns (bool);

    // stake

    function activeAssets() external view returns (uint128);
    function leavingAssets() external view returns (uint128);
    function lockedAssets() external view returns (uint128);
    /// @notice Active assets that no lock holds.
    function freeAssets() external view returns (uint256);
    /// @notice Locks `amount` of active assets. Only lockers enabled by the factory; `lockId` must be new.
    function lock(bytes32 lockId, uint256 amount) external;
    /// @notice Who made a lock and how much it holds; zeros if there is none.
    function lockOf(bytes32 lockId) external view returns (address locker, uint256 amount);
    /// @notice Releases a lock. Only its locker.
    function unlock(bytes32 lockId) external;
    /// @notice Releases a lock and sends `penalty`, at most the lock's amount, to `to`. Only its locker.
    function forfeit(bytes32 lockId, uint256 penalty, address to) external;
    /// @notice Takes a lock's amount from active and leaving assets in proportion and sends it to `to`. The leaving
    /// part is rounded up, the active part is the rest. Only the slasher that the factory pairs with the locker.
    /// @dev Calls nobody but the token, and does not revert for lack of assets: it takes what is there.
    function slash(bytes32 lockId, address to) external returns (uint256 amount);

    // income

    /// @notice Takes `amount` $AI from the caller as income: commission (rounded down) to the operator, the rest to
    /// the shares; all of it to the operator while there are no shares.
    function reward(uint256 amount) external;
    /// @notice The operator's part of rewards, in basis points, now.
    function commissionBps() external view returns (uint16);
    /// @notice Commission earned and not collected. Not part of the stake.
    function commissionOwed() external view returns (uint128);
    /// @notice Sets the commission: lower at once, higher after the unbonding delay, so that whoever disagrees can
    /// be gone before it holds. Replaces an announced change. Operator only.
    function setCommission(uint16 bps) external;
    /// @notice Sends the commission earned to `to`. Operator only.
    function collectCommission(address to) external returns (uint256 amount);
}
