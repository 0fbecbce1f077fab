// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";
import {SafeTransferLib} from "solady/utils/SafeTransferLib.sol";

import {Book} from "./Book.sol";
import {IExchange, Market, Outcome} from "./IDelphi.sol";
import {Curve, LMSR} from "./LMSR.sol";

/// @title Trades
/// @notice Buying and selling, and what they would cost (docs/spec/delphi.md, section 2).
abstract contract Trades is IExchange, Book {
    using SafeTransferLib for address;

    // ------------------------------------------------------------------------------------------------
    // Trades
    // ------------------------------------------------------------------------------------------------

    /// @inheritdoc IExchange
    function buy(uint256 market, uint256 outcome, uint256 shares, uint256 maxCost, uint256 deadline)
        external
        returns (uint256 cost)
    {
        Market storage m = _buying(market, deadline);
        return _buy(m, market, outcome, shares, maxCost);
    }

    /// @inheritdoc IExchange
    function buyFor(
        uint256 market,
        uint256 outcome,
        uint256 budget,
        uint256 minShares,
        uint256 deadline
    ) external returns (uint256 shares, uint256 cost) {
        Market storage m = _buying(market, deadline);
        shares = _sharesFor(m, _outcome(m, market, outcome), budget);
        if (shares < minShares) revert Delphi_TooLittle(shares, minShares);
        cost = _buy(m, market, outcome, shares, budget);
    }

    /// @inheritdoc IExchange
    function sell(
        uint256 market,
        uint256 outcome,
        uint256 shares,
        uint256 minProceeds,
        uint256 deadline
    ) external returns (uint256 proceeds) {
        Market storage m = _trading(market, deadline);
        return _sell(m, market, outcome, shares, minProceeds);
    }

    /// @inheritdoc IExchange
    function sellFor(
        uint256 market,
        uint256 outcome,
        uint256 amount,
        uint256 maxShares,
        uint256 deadline
    ) external returns (uint256 shares, uint256 proceeds) {
        Market storage m = _trading(market, deadline);
        shares = _sharesBringing(m, market, outcome, amount);
        if (shares > maxShares) revert Delphi_TooDear(shares, maxShares);
        proceeds = _sell(m, market, outcome, shares, amount);
    }

    function _buy(
        Market storage m,
        uint256 market,
        uint256 outcome,
        uint256 shares,
        uint256 maxCost
    ) private returns (uint256 cost) {
        Outcome storage o = _outcome(m, market, outcome);
        Curve memory curve = _curve(m);
        int256 quantity = o.quantity;
        Curve memory next = LMSR.buy(curve, quantity, shares);
        quantity += int256(shares);
        if (next.sum == 0) next = _remade(m, market, outcome, quantity);
        uint256 fee;
        (cost, fee) = _costWithFee(LMSR.charge(curve, next), m.feeBps);
        if (cost > maxCost) revert Delphi_TooDear(cost, maxCost);
        _move(o, quantity, fee);
        _book(m, next, uint256(m.pot) + cost);
        emit Traded(market, msg.sender, outcome, int256(shares), int256(cost), fee);
        _mint(msg.sender, idOf(market, outcome), shares);
        token.safeTransferFrom(msg.sender, address(this), cost);
    }

    function _sell(
        Market storage m,
        uint256 market,
        uint256 outcome,
        uint256 shares,
        uint256 minProceeds
    ) private returns (uint256 proceeds) {
        Outcome storage o = _outcome(m, market, outcome);
        _burn(msg.sender, idOf(market, outcome), shares);
        Curve memory curve = _curve(m);
        int256 quantity = o.quantity;
        Curve memory next = LMSR.sell(curve, quantity, shares);
        quantity -= int256(shares);
        if (next.sum == 0) next = _remade(m, market, outcome, quantity);
        uint256 fee;
        (proceeds, fee) = _proceedsWithFee(LMSR.payout(curve, next), m.feeBps);
        if (proceeds < minProceeds) revert Delphi_TooLittle(proceeds, minProceeds);
        _move(o, quantity, fee);
        _book(m, next, uint256(m.pot) - proceeds);
        emit Traded(market, msg.sender, outcome, -int256(shares), -int256(proceeds), fee);
        if (proceeds != 0) token.safeTransfer(msg.sender, proceeds);
    }

    /// @dev The fee on top of a cost, rounded up.
    function _costWithFee(uint256 cost, uint256 feeBps)
        private
        pure
        returns (uint256 whole, uint256 fee)
    {
        fee = FixedPointMathLib.divUp(cost * feeBps, ALL);
        whole = cost + fee;
    }

    /// @dev The fee out of proceeds, rounded up.
    function _proceedsWithFee(uint256 proceeds, uint256 feeBps)
        private
        pure
        returns (uint256 rest, uint256 fee)
    {
        fee = FixedPointMathLib.divUp(proceeds * feeBps, ALL);
        rest = proceeds - fee;
    }

    function _sharesFor(Market storage m, Outcome storage o, uint256 budget)
        private
        view
        returns (uint256)
    {
        uint256 most = FixedPointMathLib.min(budget, type(uint96).max);
        return LMSR.buyFor(_curve(m), o.quantity, most * ALL / (ALL + m.feeBps));
    }

    function _sharesBringing(Market storage m, uint256 market, uint256 outcome, uint256 amount)
        private
        view
        returns (uint256 shares)
    {
        Curve memory curve = _curve(m);
        uint256 least = FixedPointMathLib.min(amount, type(uint96).max);
        least = FixedPointMathLib.divUp(least * ALL, ALL - m.feeBps);
        shares = LMSR.sellFor(curve, _outcome(m, market, outcome).quantity, least);
        if (shares == 0) {
            shares = LMSR.sellFor(curve, _quantities(m, market), outcome, least);
        }
    }

    // ------------------------------------------------------------------------------------------------
    // Quotes
    // ------------------------------------------------------------------------------------------------

    /// @inheritdoc IExchange
    function quoteBuy(uint256 market, uint256 outcome, uint256 shares)
        public
        view
        returns (uint256 cost, uint256 fee)
    {
        Market storage m = _market(market);
        int256 quantity = _outcome(m, market, outcome).quantity;
        Curve memory curve = _curve(m);
        Curve memory next = LMSR.buy(curve, quantity, shares);
        if (next.sum == 0) next = _remade(m, market, outcome, quantity + int256(shares));
        return _costWithFee(LMSR.charge(curve, next), m.feeBps);
    }

    /// @inheritdoc IExchange
    function quoteSell(uint256 market, uint256 outcome, uint256 shares)
        public
        view
        returns (uint256 proceeds, uint256 fee)
    {
        Market storage m = _market(market);
        int256 quantity = _outcome(m, market, outcome).quantity;
        Curve memory curve = _curve(m);
        Curve memory next = LMSR.sell(curve, quantity, shares);
        if (next.sum == 0) next = _remade(m, market, outcome, quantity - int256(shares));
        return _proceedsWithFee(LMSR.payout(curve, next), m.feeBps);
    }

    /// @inheritdoc IExchange
    function quoteBuyFor(uint256 market, uint256 outcome, uint256 budget)
        external
        view
        returns (uint256 shares, uint256 cost)
    {
        Market storage m = _market(market);
        shares = _sharesFor(m, _outcome(m, market, outcome), budget);
        if (shares != 0) (cost,) = quoteBuy(market, outcome, shares);
    }

    /// @inheritdoc IExchange
    function quoteSellFor(uint256 market, uint256 outcome, uint256 amount)
        external
        view
        returns (uint256 shares, uint256 proceeds)
    {
        shares = _sharesBringing(_market(market), market, outcome, amount);
        if (shares != type(uint256).max) (proceeds,) = quoteSell(market, outcome, shares);
    }

    // ------------------------------------------------------------------------------------------------
    // Parts
    // ------------------------------------------------------------------------------------------------

    /// @dev The curve with another quantity of one outcome, made anew from all of them.
    function _remade(Market storage m, uint256 market, uint256 outcome, int256 quantity)
        private
        view
        returns (Curve memory)
    {
        int256[] memory quantities = _quantities(m, market);
        quantities[outcome] = quantity;
        return LMSR.gather(m.b, quantities);
    }

    /// @dev One store for the four fields, which the compiler would write one by one.
    function _move(Outcome storage o, int256 quantity, uint256 fee) private {
        unchecked {
            uint256 fees = uint256(o.fees) + fee / LMSR.WEI_PER_SHARE;
            // Whatever they are, nobody is kept from selling.
            fees = FixedPointMathLib.min(fees, type(uint64).max);
            uint256 word = uint64(int64(quantity)) // within LMSR.limit
                | fees << 64 | uint256(uint32(block.timestamp)) << 128 | uint256(_weigh(o)) << 160; // at most the limit at each of MAX_SECONDS: 89 bits
            assembly ("memory-safe") {
                sstore(o.slot, word)
            }
        }
    }
}
