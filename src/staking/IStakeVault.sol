// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IStakeVault
/// @notice An operator's staking vault: ERC-4626 for deposits, the asynchronous exit of ERC-7540 for redemptions,
/// and what the protocol asks of the stake. Amounts are $AI wei, times are seconds.
/// @dev The stake has three parts. The *self-bond* is the operator's own money, has no shares and loses first.
/// *Active* assets belong to the shares, earn and can be locked. *Leaving* assets wait for their exit. All three stand
/// behind every lock; active and leaving assets are slashed alike. Only amounts that came in through deposits and
/// rewards count; tokens sent to the vault's address are ignored.
/// INVARIANTS: locked assets <= self-bond + active assets + leaving assets, so every lock is covered in full until it
/// is released. Of all that was ever slashed at least half was self-bond (docs/spec/jobs-and-stake.md, section 4).
interface IStakeVault {
    /// @notice The operator put `assets` into its bond, none of which it can withdraw before `heldUntil`.
    event SelfBondDeposited(uint256 assets, uint40 heldUntil);
    /// @notice The operator withdrew `assets` of its bond to `to`.
    event SelfBondWithdrawn(address indexed to, uint256 assets);
    /// @notice `amount` is locked under `lockId`, by the contract that alone can release it.
    event Locked(bytes32 indexed lockId, address indexed locker, uint256 amount);
    /// @notice The lock ended and `amount` of it is free again.
    event Unlocked(bytes32 indexed lockId, uint256 amount);
    /// @notice `amount` left for `to`, the sum of what each part of the stake paid.
    event Slashed(
        bytes32 indexed lockId,
        address indexed to,
        uint256 amount,
        uint256 fromSelfBond,
        uint256 fromActive,
        uint256 fromLeaving
    );
    /// @notice `amount` came in: `commission` for the operator, `toSelfBond` into its bond, the rest for the shares.
    event Rewarded(address indexed from, uint256 amount, uint256 commission, uint256 toSelfBond);
    /// @notice `bps` holds from `validFrom` on.
    event CommissionSet(uint16 bps, uint40 validFrom);
    /// @notice The operator took its commission, `amount`, to `to`.
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

    /// @notice The operator's own money.
    function selfBond() external view returns (uint128);
    /// @notice What the shares own.
    function activeAssets() external view returns (uint128);
    /// @notice What exits wait for.
    function leavingAssets() external view returns (uint128);
    /// @notice What all locks hold together.
    function lockedAssets() external view returns (uint128);
    /// @notice What a new lock can hold: self-bond + min(self-bond, active assets) - locked assets, zero if that is
    /// negative. So at each lock the operator's own money is at least half of all that is locked.
    function freeAssets() external view returns (uint256);
    /// @notice Locks `amount`, at most what is free. Only lockers enabled by the factory; `lockId` must be new.
    function lock(bytes32 lockId, uint256 amount) external;
    /// @notice Who made a lock and how much it holds; zeros if there is none.
    function lockOf(bytes32 lockId) external view returns (address locker, uint256 amount);
    /// @notice Releases a lock. Only its locker.
    function unlock(bytes32 lockId) external;
    /// @notice Releases a lock and sends `penalty`, at most the lock's amount, to `to`. Only its locker.
    function forfeit(bytes32 lockId, uint256 penalty, address to) external;
    /// @notice Takes a lock's amount from the self-bond and, once that is used up, from active and leaving assets in
    /// proportion, and sends it to `to`. The leaving part is rounded up, the active part is the rest. Only the slasher
    /// that the factory pairs with the locker.
    /// @dev Calls nobody but the token, and does not revert for lack of assets: it takes what is there.
    function slash(bytes32 lockId, address to) external returns (uint256 amount);

    // self-bond

    /// @notice Puts `assets` $AI of the caller into the bond, all of which then stays for the unbonding delay: money
    /// that came for one reward and left behind it would earn what the delegators' stake stood in for. Operator only.
    function depositSelfBond(uint256 assets) external;
    /// @notice Sends `assets` of the bond to `to`, at once, because only what is locked can be slashed. At most
    /// `freeSelfBond()`. Operator only.
    function withdrawSelfBond(uint256 assets, address to) external;
    /// @notice What can be withdrawn of the bond now: what a new lock of all that is locked would not need. Zero until
    /// `selfBondHeldUntil()`. Leaving assets do not stand in for it: nobody waits longer for the operator's sake.
    function freeSelfBond() external view returns (uint256);
    /// @notice When the unbonding delay of the latest deposit into the bond is over, unix seconds.
    function selfBondHeldUntil() external view returns (uint40);

    // income

    /// @notice Takes `amount` $AI from the caller as income: commission to the operator; of what is left the self-bond
    /// gets its part of self-bond + active assets, and the shares the rest. Commission and the bond's part are rounded
    /// down. Without shares the bond gets the rest; with neither all of it is commission.
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
