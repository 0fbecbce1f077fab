// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {ERC6909} from "solady/tokens/ERC6909.sol";
import {Multicallable} from "solady/utils/Multicallable.sol";
import {SafeTransferLib} from "solady/utils/SafeTransferLib.sol";

import {IBasket, Leg} from "./IBasket.sol";
import {IDelphi, MarketStatus} from "./IDelphi.sol";

/// @title Basket
/// @notice Sets of outcomes by weight (docs/spec/delphi.md, section 5).
/// @dev Weights are whole numbers, so what shares contain is never rounded. What a resolved leg was paid is asked of
/// Delphi, not read from balances: anyone may redeem for this contract. Only resolving calls a contest, which may be
/// anything, and that comes before everything else.
contract Basket is IBasket, ERC6909, Multicallable {
    using SafeTransferLib for address;

    uint256 public constant MAX_LEGS = 16;

    address public immutable token;
    IDelphi public immutable delphi;

    /// @inheritdoc IBasket
    mapping(uint256 basket => uint256) public supplyOf;

    /// @notice Nothing is made of shares of a market that is resolved.
    error Basket_Resolved(uint256 market);
    error Basket_ZeroAddress();
    error Basket_BadLegs(string field);
    error Basket_NoShares();
    error Basket_TooLittle(uint256 paid, uint256 minProceeds);

    constructor(IDelphi delphi_) {
        if (address(delphi_) == address(0)) revert Basket_ZeroAddress();
        delphi = delphi_;
        token = delphi_.token();
        token.safeApprove(address(delphi_), type(uint256).max);
    }

    // ------------------------------------------------------------------------------------------------
    // Making shares
    // ------------------------------------------------------------------------------------------------

    /// @inheritdoc IBasket
    function mint(Leg[] calldata legs, uint256 shares) external returns (uint256 basket) {
        basket = _checked(legs);
        for (uint256 i; i < legs.length; ++i) {
            Leg calldata leg = legs[i];
            // What comes in once a part was redeemed is redeemed, and rounded down, by itself: less than is owed.
            if (delphi.statusOf(leg.market) != MarketStatus.Open) {
                revert Basket_Resolved(leg.market);
            }
            uint256 id = delphi.idOf(leg.market, leg.outcome);
            delphi.transferFrom(msg.sender, address(this), id, shares * leg.weight);
        }
        _make(basket, shares, 0);
    }

    /// @inheritdoc IBasket
    function buy(Leg[] calldata legs, uint256 shares, uint256 maxCost, uint256 deadline)
        external
        returns (uint256 cost)
    {
        uint256 basket = _checked(legs);
        token.safeTransferFrom(msg.sender, address(this), maxCost);
        for (uint256 i; i < legs.length; ++i) {
            cost += delphi.buy(
                legs[i].market, legs[i].outcome, shares * legs[i].weight, maxCost - cost, deadline
            );
        }
        _make(basket, shares, cost);
        if (cost != maxCost) token.safeTransfer(msg.sender, maxCost - cost);
    }

    /// @dev What has shares was checked when it got them.
    function _checked(Leg[] calldata legs) private returns (uint256 basket) {
        basket = idOf(legs);
        if (supplyOf[basket] != 0) return basket;
        if (legs.length == 0 || legs.length > MAX_LEGS) revert Basket_BadLegs("length");
        uint256 previous;
        for (uint256 i; i < legs.length; ++i) {
            Leg calldata leg = legs[i];
            delphi.outcomeOf(leg.market, leg.outcome); // or it reverts
            uint256 id = delphi.idOf(leg.market, leg.outcome);
            if (id <= previous) revert Basket_BadLegs("order");
            if (leg.weight == 0 || leg.weight > type(uint32).max) revert Basket_BadLegs("weight");
            previous = id;
        }
        emit BasketMade(basket, legs);
    }

    function _make(uint256 basket, uint256 shares, uint256 cost) private {
        if (shares == 0) revert Basket_NoShares();
        supplyOf[basket] += shares;
        emit Minted(basket, msg.sender, shares, cost);
        _mint(msg.sender, basket, shares);
    }

    // ------------------------------------------------------------------------------------------------
    // Taking them apart
    // ------------------------------------------------------------------------------------------------

    /// @inheritdoc IBasket
    function burn(Leg[] calldata legs, uint256 shares) external returns (uint256 paid) {
        uint256 basket = _take(legs, msg.sender, shares);
        for (uint256 i; i < legs.length; ++i) {
            Leg calldata leg = legs[i];
            uint256 amount = shares * leg.weight;
            if (delphi.statusOf(leg.market) == MarketStatus.Open) {
                delphi.transfer(msg.sender, delphi.idOf(leg.market, leg.outcome), amount);
            } else {
                paid += _paidFor(leg, amount);
            }
        }
        _pay(basket, msg.sender, shares, paid);
    }

    /// @inheritdoc IBasket
    function sell(Leg[] calldata legs, uint256 shares, uint256 minProceeds, uint256 deadline)
        external
        returns (uint256 paid)
    {
        uint256 basket = _take(legs, msg.sender, shares);
        for (uint256 i; i < legs.length; ++i) {
            Leg calldata leg = legs[i];
            uint256 amount = shares * leg.weight;
            paid += delphi.statusOf(leg.market) == MarketStatus.Open
                ? delphi.sell(leg.market, leg.outcome, amount, 0, deadline)
                : _paidFor(leg, amount);
        }
        if (paid < minProceeds) revert Basket_TooLittle(paid, minProceeds);
        _pay(basket, msg.sender, shares, paid);
    }

    /// @inheritdoc IBasket
    function redeem(Leg[] calldata legs, address owner) external returns (uint256 paid) {
        for (uint256 i; i < legs.length; ++i) {
            delphi.resolve(legs[i].market);
        }
        uint256 shares = balanceOf(owner, idOf(legs));
        uint256 basket = _take(legs, owner, shares);
        for (uint256 i; i < legs.length; ++i) {
            paid += _paidFor(legs[i], shares * legs[i].weight);
        }
        _pay(basket, owner, shares, paid);
    }

    /// @dev Of a resolved leg, which is redeemed for all baskets at once. Each owner's part is rounded down, so
    /// together they get no more than came in.
    function _paidFor(Leg calldata leg, uint256 amount) private returns (uint256) {
        uint256 id = delphi.idOf(leg.market, leg.outcome);
        if (delphi.balanceOf(address(this), id) != 0) {
            delphi.redeem(leg.market, leg.outcome, address(this));
        }
        return delphi.payoutOf(leg.market, leg.outcome, amount);
    }

    function _take(Leg[] calldata legs, address owner, uint256 shares)
        private
        returns (uint256 basket)
    {
        if (shares == 0) revert Basket_NoShares();
        basket = idOf(legs);
        _burn(owner, basket, shares);
        supplyOf[basket] -= shares;
    }

    function _pay(uint256 basket, address owner, uint256 shares, uint256 paid) private {
        emit Burned(basket, owner, shares, paid);
        if (paid != 0) token.safeTransfer(owner, paid);
    }

    /// @inheritdoc IBasket
    function permit(uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external {
        try IERC20Permit(token).permit(msg.sender, address(this), amount, deadline, v, r, s) {}
            catch {}
    }

    /// @inheritdoc IBasket
    function idOf(Leg[] calldata legs) public pure returns (uint256) {
        return uint256(keccak256(abi.encode(legs)));
    }

    // ------------------------------------------------------------------------------------------------
    // ERC-6909
    // ------------------------------------------------------------------------------------------------

    function name(uint256) public pure override returns (string memory) {
        return "Delphi basket";
    }

    function symbol(uint256) public pure override returns (string memory) {
        return "DELPHI-B";
    }

    function decimals(uint256) public pure override returns (uint8) {
        return 9;
    }

    /// @notice Empty: a basket is named by its legs.
    function tokenURI(uint256) public pure override returns (string memory) {
        return "";
    }
}
