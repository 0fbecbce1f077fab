// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice An outcome in a basket.
/// @param market,outcome of Delphi
/// @param weight 1e-9 shares of the outcome in each 1e-9 share of the basket, 1 to 2^32 − 1
struct Leg {
    uint256 market;
    uint256 outcome;
    uint256 weight;
}

/// @title IBasket
/// @notice Sets of outcomes by weight, of one market or several, as one ERC-6909 share each: models of a family, or
/// the same model in many markets. A basket is named by its legs, which are brought along and stored nowhere. A share of a basket is its legs: it is made of them and taken apart into them, and
/// a leg whose market is resolved is the money that it was paid. Shares have 9 decimals; amounts of $AI are wei.
/// @dev INVARIANT: of every outcome the contract holds what the shares of all baskets contain, or was paid for it at
/// Delphi's resolution. Nothing depends on its balances, so whatever it is sent changes nothing.
interface IBasket {
    /// @notice A basket that had no shares gets some.
    event BasketMade(uint256 indexed basket, Leg[] legs);
    /// @param cost what was paid for the legs; zero if they were brought
    event Minted(uint256 indexed basket, address indexed owner, uint256 shares, uint256 cost);
    /// @param paid for legs that were sold, or whose markets are resolved
    event Burned(uint256 indexed basket, address indexed owner, uint256 shares, uint256 paid);

    /// @notice Makes shares of the caller's outcome shares, of which this contract must be an operator at Delphi, while no
    /// leg's market is resolved.
    /// @param legs 1 to 16, with Delphi's ids of their shares in ascending order
    function mint(Leg[] calldata legs, uint256 shares) external returns (uint256 basket);

    /// @notice Buys all legs and makes shares of them. Takes `maxCost` from the caller and gives back what is left.
    function buy(Leg[] calldata legs, uint256 shares, uint256 maxCost, uint256 deadline)
        external
        returns (uint256 cost);

    /// @notice Takes shares apart: the caller gets the outcome shares of markets that are not resolved, and what the
    /// others paid.
    function burn(Leg[] calldata legs, uint256 shares) external returns (uint256 paid);

    /// @notice Takes shares apart and sells the legs of markets that still trade.
    /// @param minProceeds of all legs together, those that are resolved included
    function sell(Leg[] calldata legs, uint256 shares, uint256 minProceeds, uint256 deadline)
        external
        returns (uint256 paid);

    /// @notice Pays all that an owner has of a basket, once every market can be resolved; resolves those that are not.
    /// Anyone, for any owner.
    function redeem(Leg[] calldata legs, address owner) external returns (uint256 paid);

    /// @notice The caller's ERC-2612 permit for what the following calls of a `multicall` take. One that somebody
    /// else has already sent does no harm.
    function permit(uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;

    /// @notice ERC-6909 id of a basket's shares: `keccak256(abi.encode(legs))`.
    function idOf(Leg[] calldata legs) external pure returns (uint256);
    /// @notice Shares of a basket that there are.
    function supplyOf(uint256 basket) external view returns (uint256);
}
