// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Curve, LMSR} from "../../src/delphi/LMSR.sol";

/// @notice A market's curve, quantities and pot, before fees. Shares are 1e-9 share, amounts wei.
/// @param sets complete sets in circulation, 1e-9 each: shares that the quantities do not count
struct Book {
    Curve curve;
    int256[] quantities;
    int256 sets;
    uint256 pot;
}

/// @notice What deployments/src/protocol/lmsr/book.ts is in TypeScript.
library Books {
    using LMSR for Curve;

    function open(uint256 b, uint256 outcomes) internal pure returns (Book memory book) {
        book.curve = LMSR.open(b, outcomes);
        book.quantities = new int256[](outcomes);
        book.pot = LMSR.funding(b, outcomes);
    }

    function outstanding(Book memory book, uint256 outcome) internal pure returns (uint256) {
        return uint256(book.quantities[outcome] + book.sets);
    }

    function buy(Book memory book, uint256 outcome, uint256 shares)
        internal
        pure
        returns (uint256 cost)
    {
        int256 quantity = book.quantities[outcome];
        Curve memory next = book.curve.buy(quantity, shares);
        book.quantities[outcome] = quantity + int256(shares);
        return pay(book, next);
    }

    function sell(Book memory book, uint256 outcome, uint256 shares)
        internal
        pure
        returns (uint256 payout)
    {
        int256 quantity = book.quantities[outcome];
        Curve memory next = book.curve.sell(quantity, shares);
        book.quantities[outcome] = quantity - int256(shares);
        if (next.sum == 0) next = LMSR.gather(book.curve.b, book.quantities);
        payout = book.curve.payout(next);
        book.curve = next;
        book.pot -= payout;
    }

    function admit(Book memory book) internal pure returns (uint256 cost) {
        Curve memory next = book.curve.admit(-book.sets);
        int256[] memory quantities = new int256[](book.quantities.length + 1);
        for (uint256 i; i < book.quantities.length; ++i) {
            quantities[i] = book.quantities[i];
        }
        quantities[book.quantities.length] = -book.sets;
        book.quantities = quantities;
        return pay(book, next);
    }

    function join(Book memory book, uint256 b)
        internal
        pure
        returns (uint256[] memory shares, uint256 cost)
    {
        shares = book.curve.joined(b, book.quantities);
        for (uint256 i; i < shares.length; ++i) {
            book.quantities[i] += int256(shares[i]);
        }
        cost = pay(book, LMSR.gather(b, book.quantities));
    }

    function mint(Book memory book, int256 sets) internal pure {
        book.sets += sets;
        book.pot = uint256(int256(book.pot) + sets * int256(LMSR.WEI_PER_SHARE));
    }

    function buyFor(Book memory book, uint256 outcome, uint256 budget)
        internal
        pure
        returns (uint256)
    {
        return book.curve.buyFor(book.quantities[outcome], budget);
    }

    function sellFor(Book memory book, uint256 outcome, uint256 amount)
        internal
        pure
        returns (uint256 shares)
    {
        shares = book.curve.sellFor(book.quantities[outcome], amount);
        if (shares == 0) shares = book.curve.sellFor(book.quantities, outcome, amount);
    }

    function price(Book memory book, uint256 outcome) internal pure returns (uint256) {
        return book.curve.price(book.quantities[outcome]);
    }

    /// @dev Quantities are the new ones already, the curve is still the old one.
    function pay(Book memory book, Curve memory next) private pure returns (uint256 cost) {
        if (next.sum == 0) next = LMSR.gather(next.b, book.quantities);
        cost = book.curve.charge(next);
        book.curve = next;
        book.pot += cost;
    }
}

