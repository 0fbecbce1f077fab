// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";
import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";
import {Curve, LMSR} from "../../src/delphi/LMSR.sol";
import {Book, Books} from "../delphi/Books.sol";

/// @notice What was wrong with other markets of this kind, tried on this one.
contract LMSRFindings is Test {
    using Books for Book;
    using LMSR for Curve;

    uint256 private constant B = 1_000e18;
    uint256 private constant UNIT = 1_000; // b · 1e-18
    uint256 private constant DEPTH = B / LMSR.WEI_PER_SHARE; // shares worth b

    /// @dev Ethos ReputationMarket (Sherlock 2024-12, M-1): rounding depended on the outcome and not on buying or
    /// selling, so the last seller could not be paid.
    function testFuzz_finding_lastSellerIsPaid(uint256 first, uint256 second, bool order)
        public
        pure
    {
        first = bound(first, 1, 100 * DEPTH);
        second = bound(second, 1, 100 * DEPTH);
        Book memory book = Books.open(B, 2);
        book.buy(0, first);
        book.buy(1, second);
        book.sell(order ? 0 : 1, order ? first : second);
        book.sell(order ? 1 : 0, order ? second : first);
        assertGe(book.pot, LMSR.funding(B, 2));
    }

    function testFuzz_finding_roundingIsTheSameForEveryOutcome(uint256 shares, uint8 outcome)
        public
        pure
    {
        shares = bound(shares, 1, 100 * DEPTH);
        Book memory zero = Books.open(B, 256);
        Book memory other = Books.open(B, 256);
        assertEq(zero.buy(0, shares), other.buy(outcome, shares));
        assertEq(zero.sell(0, shares), other.sell(outcome, shares));
    }

    /// @dev Ethos (#35, #87, #105, #107): shares of an outcome that is far behind cost nothing.
    function test_finding_longshotsAreNotFree() public pure {
        Book memory book = Books.open(B, 2);
        book.buy(0, 100 * DEPTH);
        assertEq(book.price(1), 0);
        uint256 spent = book.pot;
        for (uint256 i; i < 100; ++i) {
            assertGe(book.buy(1, 10_000e9), UNIT);
        }
        spent = book.pot - spent;
        uint256 brought = book.sell(1, 1_000_000e9);
        assertLe(brought, spent);
        // Sold at the end of the other side, the shares are worth no more than what was paid for both.
        book.sell(0, 100 * DEPTH);
        assertGe(book.pot, LMSR.funding(B, 2));
    }

    /// @dev Zero-cost dust: a wei's worth of shares, again and again, sold at once in the end.
    function testFuzz_finding_dustDoesNotAddUp(uint8 count, uint64 ahead) public pure {
        Book memory book = Books.open(B, 3);
        if (ahead > 0) book.buy(1, bound(ahead, 1, 60 * DEPTH));
        uint256 spent;
        for (uint256 i; i < count; ++i) {
            uint256 cost = book.buy(0, 1);
            assertGe(cost, UNIT);
            spent += cost;
        }
        if (count != 0) assertLe(book.sell(0, count), spent);
    }

    /// @dev A prototype of this curve compared potentials in one window only: selling 60 b at once reverted.
    function test_finding_salesCrossWindows() public pure {
        Book memory book = Books.open(B, 2);
        uint256 cost = book.buy(0, 60 * DEPTH);
        // b (ln(e^60 + 1) − ln 2) = 59.30685281944005469058… b
        uint256 exact = 59_306_852_819_440_054_690_583;
        assertGe(cost, exact);
        assertLe(cost, exact + 7 * UNIT);
        uint256 payout = book.sell(0, 60 * DEPTH);
        assertLe(payout, exact);
        assertGe(payout, exact - 7 * UNIT);
    }

    /// @dev Libraries without an offset (and Ethos, #38) stop at q/b = 133 to 135, and so does all trade.
    function test_finding_noCapAt135Nats() public pure {
        Book memory book = Books.open(1e18, 2);
        uint256 spent;
        for (uint256 i; i < 20; ++i) {
            spent += book.buy(0, 1_000e9);
        }
        assertEq(book.price(0), 1e18);
        assertEq(book.buyFor(0, 1e18), 1e9 - 1, "at a price of 1");
        spent += book.buy(1, 19_999e9);
        assertApproxEqAbs(book.price(1), 0.26894142136999512e18, 2); // 1 / (1 + e)
        uint256 brought = book.sell(0, 20_000e9);
        brought += book.sell(1, 19_999e9);
        assertLe(brought, spent);
        assertGe(book.pot, LMSR.funding(1e18, 2));
    }

    /// @dev d = b ln(e1 / e0), of two terms that are both near zero, loses every digit for a longshot.
    function test_finding_longshotQuotesForABudgetKeepTheirDigits() public pure {
        for (uint256 ahead = 10; ahead <= 60; ahead += 10) {
            Book memory book = Books.open(B, 2);
            book.buy(0, ahead * DEPTH);
            uint256 shares = book.buyFor(1, 1e18);
            uint256 cost = book.buy(1, shares);
            assertLe(cost, 1e18);
            assertGe(cost, 1e18 - 5 * UNIT - 1e9);
        }
    }

    /// @dev Seven terms of the series for e^−x: e^−3 → 1.93, e^−5 → 6.2, e^−8 → 0.
    function test_finding_exponentialIsRangeReduced() public pure {
        uint256[5] memory ahead = [uint256(3), 5, 8, 20, 40];
        uint256[5] memory prices = [
            uint256(47_425_873_177_566_781),
            6_692_850_924_284_855,
            335_350_130_466_478,
            2_061_153_618,
            4
        ];
        for (uint256 i; i < 5; ++i) {
            Book memory book = Books.open(B, 2);
            book.buy(0, ahead[i] * DEPTH);
            assertApproxEqAbs(book.price(1), prices[i], 1);
        }
    }

    /// @dev Zeitgeist's form keeps q and C and multiplies on: without bounds on prices, single trades came out wrong
    /// by many b. Here the sum is that of the terms at any time.
    function test_finding_nothingDrifts() public pure {
        Book memory book = Books.open(B + 7, 8);
        uint256 seed = 1;
        for (uint256 i; i < 300; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 outcome = seed % 8;
            uint256 held = book.outstanding(outcome);
            if (held != 0 && seed & 256 == 0) book.sell(outcome, (seed >> 64) % held + 1);
            else book.buy(outcome, (seed >> 64) % (6 * DEPTH) + 1);
            uint256 sum;
            for (uint256 k; k < 8; ++k) {
                int256 exponent = book.quantities[k] * 1e27 / int256(B + 7);
                sum += uint256(FixedPointMathLib.expWad(exponent - book.curve.offset * 1e18));
            }
            assertEq(book.curve.sum, sum);
        }
    }

    /// @dev Liquidity Party (A.1): liquidity that lagged behind paid whoever came and went. Here it is part of the
    /// state that is paid for.
    function testFuzz_finding_joiningDoesNotPay(uint256 ahead, uint256 b, uint8 outcome)
        public
        pure
    {
        Book memory book = Books.open(B, 4);
        book.buy(outcome % 4, bound(ahead, 1, 50 * DEPTH));
        uint256 before = book.pot;
        (uint256[] memory shares, uint256 cost) = book.join(bound(b, B + 1, 100 * B));
        uint256 brought;
        for (uint256 i; i < 4; ++i) {
            if (shares[i] != 0) brought += book.sell(i, shares[i]);
        }
        assertLe(brought, cost);
        assertGe(book.pot, before);
    }
}
