// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IVaults
/// @notice What Verde asks of the factory of staking vaults.
interface IVaults {
    /// @notice Whether the factory made this vault, so that its locks and slashes can be relied on.
    function isVault(address vault) external view returns (bool);
    /// @notice Who can slash the locks of `locker`, for good.
    function slasherOf(address locker) external view returns (address);
}
