// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IStakeVaultFactory
/// @notice Creates the operators' vaults and says who may lock and who may slash stake.
/// @dev A locker is introduced together with the one contract that judges its locks. The pair never changes, so
/// governance can neither point a new slasher at stake that is locked nor take a cheat's judge away; it can only keep
/// a locker from making further locks.
interface IStakeVaultFactory {
    event VaultCreated(address indexed operator, address indexed vault, uint16 commissionBps);
    event LockerAdded(address indexed locker, address indexed slasher);
    event LockerEnabled(address indexed locker, bool enabled);
    event UnbondingSecondsSet(uint40 unbondingSeconds);

    /// @notice $AI.
    function asset() external view returns (address);
    function isVault(address vault) external view returns (bool);
    /// @notice The operator's vault, its newest if it had to open another; zero if there is none.
    function vaultOf(address operator) external view returns (address);
    /// @notice Whether `locker` may make new locks.
    function isLocker(address locker) external view returns (bool);
    /// @notice Who alone may slash the locks that `locker` makes or made; zero if `locker` is unknown.
    function slasherOf(address locker) external view returns (address);
    /// @notice Seconds from a redemption request to its payment, read when the request is made.
    function unbondingSeconds() external view returns (uint40);
    function minUnbondingSeconds() external view returns (uint40);

    /// @notice Creates the caller's vault. Possible again once that vault has closed after a loss.
    function create(uint16 commissionBps) external returns (address vault);

    /// @notice Lets `locker` lock stake, which `slasher` alone may slash. Owner only.
    function addLocker(address locker, address slasher) external;
    /// @notice Stops or allows further locks of a known locker. Owner only.
    function setLockerEnabled(address locker, bool enabled) external;
    /// @notice Owner only; within [minUnbondingSeconds, MAX_UNBONDING_SECONDS].
    function setUnbondingSeconds(uint40 unbondingSeconds) external;
}
