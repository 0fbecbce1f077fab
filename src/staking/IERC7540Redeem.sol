// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IERC7540Redeem
/// @notice The redemption half of ERC-7540 (asynchronous ERC-4626) with its operators, and ERC-7575's `share`.
/// @dev An ERC-7540 operator is an account that acts for a controller; it has nothing to do with the vault's
/// operator, who runs the work.
interface IERC7540Redeem {
    event RedeemRequest(
        address indexed controller,
        address indexed owner,
        uint256 indexed requestId,
        address sender,
        uint256 shares
    );
    event OperatorSet(address indexed controller, address indexed operator, bool approved);

    /// @notice Burns `shares` of `owner` and starts their exit in the name of `controller`.
    /// @return requestId always 0: a controller's requests are one
    function requestRedeem(uint256 shares, address controller, address owner)
        external
        returns (uint256 requestId);
    /// @notice Shares whose exit is not payable yet.
    function pendingRedeemRequest(uint256 requestId, address controller)
        external
        view
        returns (uint256 shares);
    /// @notice Shares that `redeem` pays now.
    function claimableRedeemRequest(uint256 requestId, address controller)
        external
        view
        returns (uint256 shares);
    function isOperator(address controller, address operator) external view returns (bool);
    function setOperator(address operator, bool approved) external returns (bool);
    /// @notice The share token: the vault itself.
    function share() external view returns (address);
}
