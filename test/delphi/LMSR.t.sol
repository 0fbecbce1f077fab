// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";
import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";
import {Curve, LMSR} from "../../src/delphi/LMSR.sol";
import {Book, Books} from "./Books.sol";

/// @notice The laws of the curve. That its errors are within their bounds is measured in TypeScript, against more
/// than 70 digits (`npm run test:lmsr`); that Solidity computes the same, in LMSRVectors.t.sol.
contract LMSRTest is Test {
    using Books for Book;
    using LMSR for Curve;

    uint256 private constant B = 1_000e18;
    uint256 private constant DEPTH = B / LMSR.WEI_PER_SHARE; // shares worth b

    // Calls that revert have to be calls. --------------------------------------------------------

    function open(uint256 b, uint256 outcomes) external pure returns (Curve memory) {
        return LMSR.open(b, outcomes);
    }

    function funding(uint256 b, uint256 outcomes) external pure returns (uint256) {
        return LMSR.funding(b, outcomes);
    }

    function gather(uint256 b, int256[] memory quantities) external pure returns (Curve memory) {
        return LMSR.gather(b, quantities);
    }

    function buy(Curve memory curve, int256 quantity, uint256 shares) external pure {
        curve.buy(quantity, shares);
    }

    function sell(Curve memory curve, int256 quantity, uint256 shares) external pure {
        curve.sell(quantity, shares);
    }

    function admit(Curve memory curve, int256 quantity) external pure {
        curve.admit(quantity);
    }

    function joined(Curve memory curve, uint256 b, int256[] memory quantities) external pure {
        curve.joined(b, quantities);
    }

    function charge(Curve memory curve, Curve memory next) external pure returns (uint256) {
        return curve.charge(next);
    }

    // Beginnings. --------------------------------------------------------------------------------

    function test_funding_isBTimesLnN() public pure {
        assertEq(LMSR.funding(B, 2), 693_147_180_559_945_311_000); // 693.147180559945309417…
        assertEq(LMSR.funding(B, 256), 5_545_177_444_479_562_477_000); // 5545.177444479562475337…
        assertEq(LMSR.funding(1e18, 2), 693_147_180_559_945_311);
    }

    function testFuzz_open_isWhatGatherMakesOfNothing(uint256 b, uint256 outcomes) public pure {
        b = bound(b, LMSR.MIN_LIQUIDITY, LMSR.MAX_LIQUIDITY);
        outcomes = bound(outcomes, 2, 256);
        Curve memory opened = LMSR.open(b, outcomes);
        Curve memory gathered = LMSR.gather(b, new int256[](outcomes));
        assertEq(abi.encode(opened), abi.encode(gathered));
        assertEq(opened.price(0), 1e18 / outcomes);
        assertGe(int256(LMSR.funding(b, outcomes)), int256(b) * opened.potential() / 1e18);
    }

    function test_beginnings_refuseWhatIsOutOfRange() public {
        uint256[4] memory liquidities = [uint256(0), 1e18 - 1, 1e27 + 1, type(uint256).max];
        for (uint256 i; i < 4; ++i) {
            bytes memory refusal =
                abi.encodeWithSelector(LMSR.LMSR_LiquidityOutOfRange.selector, liquidities[i]);
            vm.expectRevert(refusal);
            this.open(liquidities[i], 2);
            vm.expectRevert(refusal);
            this.funding(liquidities[i], 2);
            vm.expectRevert(refusal);
            this.gather(liquidities[i], new int256[](2));
        }
        uint256[3] memory counts = [uint256(0), 1, 257];
        for (uint256 i; i < 3; ++i) {
            bytes memory refusal =
                abi.encodeWithSelector(LMSR.LMSR_OutcomesOutOfRange.selector, counts[i]);
            vm.expectRevert(refusal);
            this.open(B, counts[i]);
            vm.expectRevert(refusal);
            this.funding(B, counts[i]);
            vm.expectRevert(refusal);
            this.gather(B, new int256[](counts[i]));
        }
    }

    // The ends of the domain. --------------------------------------------------------------------

    function test_trades_ofNothingAreRefused() public {
        Curve memory curve = LMSR.open(B, 2);
        vm.expectRevert(LMSR.LMSR_NoShares.selector);
        this.buy(curve, 0, 0);
        vm.expectRevert(LMSR.LMSR_NoShares.selector);
        this.sell(curve, 0, 0);
    }

    function test_limit_isTheEndOfBuying() public {
        assertEq(LMSR.limit(1e18), 32_000e9);
        assertEq(LMSR.limit(1e27), uint256(int256(type(int64).max)));
        for (uint256 b = 1e18; b <= 1e27; b *= 1000) {
            Book memory book = Books.open(b, 3);
            uint256 limit = LMSR.limit(b);
            expectOutOfRange(0, limit + 1, limit);
            this.buy(book.curve, 0, limit + 1);
            expectOutOfRange(0, type(uint256).max, limit);
            this.buy(book.curve, 0, type(uint256).max);
            assertEq(book.buyFor(1, type(uint256).max), limit);
            uint256 cost = book.buy(1, limit);
            expectOutOfRange(int256(limit), 1, limit);
            this.buy(book.curve, int256(limit), 1);
            assertEq(book.buyFor(1, type(uint256).max), 0, "there is no more");
            assertLe(book.sell(1, limit), cost, "but all of it can be sold");
        }
    }

    function test_limit_isTheEndOfSets() public {
        Book memory book = Books.open(1e18, 2);
        uint256 limit = LMSR.limit(1e18);
        book.mint(int256(limit));
        uint256 paid = book.sell(0, limit) + book.sell(1, limit);
        assertLe(paid, limit * LMSR.WEI_PER_SHARE, "a set is not worth more than one share");
        assertGe(paid, limit * LMSR.WEI_PER_SHARE - 14);
        assertEq(book.price(0), 0.5e18);
        expectOutOfRange(-int256(limit), 1, limit);
        this.sell(book.curve, -int256(limit), 1);
        expectOutOfRange(0, type(uint256).max, limit);
        this.sell(book.curve, 0, type(uint256).max);
        expectOutOfRange(-int256(limit) - 1, 0, limit);
        this.admit(book.curve, -int256(limit) - 1);
        int256[] memory quantities = new int256[](2);
        quantities[1] = int256(limit) + 1;
        expectOutOfRange(quantities[1], 0, limit);
        this.gather(1e18, quantities);
    }

    function test_curve_fitsItsTypesWith256OutcomesAtTheCeiling() public pure {
        Book memory book = Books.open(1e18, 256);
        for (uint256 i; i < 256; ++i) {
            book.buy(i, 20e9); // from e^32 to e^52
        }
        assertEq(book.curve.offset, -32, "nobody left the window");
        checkTypes(book);
        assertGt(book.curve.sum, type(uint144).max / 4, "not much room is left");
        book.buy(0, 1);
        assertEq(book.curve.offset, -12, "beyond the ceiling");
    }

    /// @dev Any quantities that there can be, any holding: selling it never reverts, in any order of outcomes.
    function testFuzz_sell_neverTrapsAHolding(
        uint256 b,
        int256[5] memory spread,
        uint256 sets,
        uint256 seed
    ) public pure {
        b = bound(b, LMSR.MIN_LIQUIDITY, LMSR.MAX_LIQUIDITY);
        int256 limit = int256(LMSR.limit(b));
        Book memory book = Books.open(b, 5);
        book.mint(int256(bound(sets, 0, uint256(limit))));
        for (uint256 i; i < 5; ++i) {
            book.quantities[i] = bound(spread[i], -book.sets, limit);
        }
        book.curve = LMSR.gather(b, book.quantities);
        book.pot = type(uint128).max;
        for (uint256 i; i < 10; ++i) {
            uint256 outcome = (seed >> i * 8) % 5;
            uint256 held = book.outstanding(outcome);
            if (held == 0) continue;
            uint256 shares = seed >> 128 + i & 1 == 0 ? held : (seed >> 64) % held + 1;
            uint256 payout = book.sell(outcome, shares);
            assertLe(payout, shares * LMSR.WEI_PER_SHARE, "a share is not worth more than 1");
            checkTypes(book);
        }
    }

    // Prices. ------------------------------------------------------------------------------------

    function testFuzz_price_sumsToOne(uint256 seed) public pure {
        Book memory book = randomBook(seed);
        uint256 total;
        for (uint256 i; i < book.quantities.length; ++i) {
            total += book.price(i);
        }
        assertLe(total, 1e18);
        assertGe(total, 1e18 - book.quantities.length);
    }

    function testFuzz_charge_isNeverNothing(uint256 seed, uint256 shares) public pure {
        Book memory book = randomBook(seed);
        shares = bound(shares, 1, 1_000);
        uint256 b = book.curve.b;
        uint256 cost = book.buy(seed % book.quantities.length, shares);
        assertGe(cost, FixedPointMathLib.divUp(b, 1e18), "a unit of the potential at least");
        assertLe(cost, shares * LMSR.WEI_PER_SHARE + 6 * b / 1e18 + 1);
    }

    function testFuzz_trades_thereAndBackNeverPay(uint256 seed, uint256 shares) public pure {
        Book memory book = randomBook(seed);
        uint256 outcome = seed % book.quantities.length;
        uint256 room = uint256(int256(LMSR.limit(book.curve.b)) - book.quantities[outcome]);
        shares = bound(shares, 1, room);
        uint256 first = seed >> 200 & 1 == 0 ? shares : shares / 2;
        uint256 cost = book.buy(outcome, shares);
        uint256 payout;
        if (first != 0) payout = book.sell(outcome, first);
        if (first != shares) payout += book.sell(outcome, shares - first);
        assertLe(payout, cost);
        assertLe(cost - payout, 18 * (book.curve.b / 1e18 + 1) + 3, "and cost little");
    }

    function test_charge_revertsWhereTheCurveLeftItsWindow() public {
        Curve memory curve = LMSR.open(B, 2);
        Curve memory next = curve.buy(0, 100 * DEPTH);
        assertEq(next.sum, 0);
        vm.expectRevert(FixedPointMathLib.LnWadUndefined.selector);
        this.charge(curve, next);
    }

    // Markets. -----------------------------------------------------------------------------------

    /// @dev Trades at random, sets, new outcomes; solvent at every step, and when all is sold the subsidy is there.
    function testFuzz_market_isSolventAlways(uint256 seed) public pure {
        Book memory book = randomBook(seed);
        bool grows = seed & 1 == 0;
        for (uint256 i; i < 30; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 outcome = (seed >> 16) % book.quantities.length;
            uint256 held = book.outstanding(outcome);
            if (grows && seed % 16 == 0 && book.quantities.length < 256) {
                book.admit();
            } else if (seed % 4 == 0) {
                int256 room = int256(LMSR.limit(book.curve.b)) - book.sets;
                book.mint(int256((seed >> 64) % (uint256(room) / 1000 + 1)));
            } else if (seed % 4 == 1 || held == 0) {
                uint256 most = 70 * book.curve.b / LMSR.WEI_PER_SHARE;
                uint256 shares = (seed >> 64) % (most >> (seed >> 32) % 60 | 1) + 1;
                int256 limit = int256(LMSR.limit(book.curve.b));
                if (book.quantities[outcome] + int256(shares) <= limit) book.buy(outcome, shares);
            } else {
                book.sell(outcome, seed % 4 == 2 ? held : (seed >> 64) % held + 1);
            }
            checkSolvent(book);
            checkTypes(book);
        }
        for (uint256 i; i < book.quantities.length; ++i) {
            uint256 held = book.outstanding(i);
            if (held != 0) book.sell(i, held);
        }
        assertGe(
            book.pot, LMSR.funding(book.curve.b, book.quantities.length) - 3 * book.curve.b / 1e18
        );
    }

    function testFuzz_gather_changesNoPotential(uint256 seed) public pure {
        Book memory book = randomBook(seed);
        Curve memory again = LMSR.gather(book.curve.b, book.quantities);
        assertApproxEqAbs(again.potential(), book.curve.potential(), 2);
    }

    function testFuzz_admit_costsWhatItTakesFromTheOthers(uint256 seed) public pure {
        Book memory book = randomBook(seed);
        uint256 before = book.price(0);
        uint256 count = book.quantities.length;
        uint256 cost = book.admit();
        checkSolvent(book);
        uint256 added = book.price(count);
        assertApproxEqAbs(book.price(0), before - before * added / 1e18, 3);
        // b ln((Z + t) / Z) is −b ln(1 − p), p being the new outcome's price
        if (added < 0.999999e18) {
            int256 part = -FixedPointMathLib.lnWad(1e18 - int256(added));
            uint256 exact = book.curve.b * uint256(part) / 1e18;
            assertApproxEqAbs(cost, exact, 8 * book.curve.b / 1e18 + exact / 1e11 + 2);
        }
    }

    function testFuzz_joined_movesNoPrice(uint256 seed, uint256 b) public pure {
        Book memory book = randomBook(seed);
        uint256 from = book.curve.b;
        if (from == LMSR.MAX_LIQUIDITY) return;
        b = bound(b, from + 1, FixedPointMathLib.min(2 * from, LMSR.MAX_LIQUIDITY));
        uint256[] memory prices = new uint256[](book.quantities.length);
        for (uint256 i; i < prices.length; ++i) {
            prices[i] = book.price(i);
        }
        for (uint256 i; i < prices.length; ++i) {
            if (FixedPointMathLib.abs(book.quantities[i]) > LMSR.limit(b) / 4) return;
        }
        (uint256[] memory shares, uint256 cost) = book.join(b);
        bool none;
        for (uint256 i; i < prices.length; ++i) {
            assertApproxEqAbs(book.price(i), prices[i], prices[i] / 5e8 + 3);
            none = none || shares[i] == 0;
        }
        assertTrue(none, "no complete sets among the shares");
        uint256 loss =
            (b - from) * uint256(FixedPointMathLib.lnWad(int256(prices.length) * 1e18)) / 1e18;
        assertGe(cost + 6e9 + 4, loss, "the greatest loss of what was added");
        checkSolvent(book);
    }

    function test_joined_refusesLessLiquidity() public {
        Curve memory curve = LMSR.open(B, 2);
        uint256[3] memory liquidities = [B, B - 1, 1e27 + 1];
        for (uint256 i; i < 3; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(LMSR.LMSR_LiquidityOutOfRange.selector, liquidities[i])
            );
            this.joined(curve, liquidities[i], new int256[](2));
        }
    }

    // Quotes. ------------------------------------------------------------------------------------

    function testFuzz_buyFor_spendsTheBudget(uint256 seed, uint256 budget) public pure {
        Book memory book = randomBook(seed);
        uint256 outcome = seed % book.quantities.length;
        uint256 unit = book.curve.b / 1e18 + 1;
        budget = bound(budget, 0, 40 * book.curve.b) >> seed % 64;
        uint256 shares = book.buyFor(outcome, budget);
        uint256 limit = LMSR.limit(book.curve.b);
        if (book.quantities[outcome] + int256(shares) == int256(limit)) return;
        if (shares == 0) {
            assertGt(book.buy(outcome, 1) + 5 * unit, budget);
        } else {
            uint256 cost = book.buy(outcome, shares);
            assertLe(cost, budget);
            uint256 step = LMSR.WEI_PER_SHARE * (book.price(outcome) + 1) / 1e18;
            assertLe(budget - cost, step + 5 * unit);
        }
    }

    function testFuzz_sellFor_bringsTheAmount(uint256 seed, uint256 amount) public pure {
        Book memory book = randomBook(seed);
        uint256 outcome = seed % book.quantities.length;
        uint256 unit = book.curve.b / 1e18 + 1;
        amount = bound(amount, 0, 100 * book.curve.b) >> seed % 64;
        uint256 shares = book.sellFor(outcome, amount);
        uint256 held = book.outstanding(outcome);
        if (shares > held) {
            if (held != 0) assertLt(book.sell(outcome, held), amount + 5 * unit + 2e9);
        } else {
            uint256 step = LMSR.WEI_PER_SHARE * (book.price(outcome) + 1) / 1e18;
            uint256 payout = book.sell(outcome, shares);
            assertGe(payout, amount);
            assertLe(payout - amount, step + 5 * unit);
        }
    }

    function test_sellFor_saysWhenItIsImpossible() public pure {
        Book memory book = Books.open(B, 2);
        // All shares that there could ever be sell for C(0, 0) − C(−∞, 0) = b ln 2.
        assertLt(book.sellFor(0, 693e18), LMSR.limit(B));
        assertEq(book.sellFor(0, 694e18), type(uint256).max);
        assertEq(book.sellFor(0, type(uint256).max), type(uint256).max);
        book.buy(0, 300 * DEPTH);
        assertEq(book.curve.sellFor(book.quantities[0], 200 * B), 0, "beyond the window");
        uint256 shares = book.sellFor(0, 200 * B);
        assertEq(book.curve.sellFor(book.quantities, 0, 200 * B), shares);
        uint256 payout = book.sell(0, shares);
        assertGe(payout, 200 * B);
        assertLe(payout, 200 * B + 2e9 + 5_000);
    }

    function test_quotes_stayWithinTheLimit() public pure {
        Book memory book = Books.open(1e18, 2);
        uint256 limit = LMSR.limit(1e18);
        book.mint(int256(limit));
        book.sell(1, limit);
        assertLt(book.sellFor(0, 31_999e18), limit);
        assertEq(book.sellFor(0, 31_999.5e18), type(uint256).max, "it would be 0.43 b beyond");
        assertEq(book.buyFor(0, 40_000e18), limit);
    }

    // Parts. -------------------------------------------------------------------------------------

    function expectOutOfRange(int256 quantity, uint256 shares, uint256 limit) private {
        vm.expectRevert(
            abi.encodeWithSelector(LMSR.LMSR_QuantityOutOfRange.selector, quantity, shares, limit)
        );
    }

    /// @dev Any b, 2 to 20 outcomes, a few trades up to many b, sets.
    function randomBook(uint256 seed) private pure returns (Book memory book) {
        seed = uint256(keccak256(abi.encode(seed, "book")));
        uint256 b = (LMSR.MIN_LIQUIDITY << (seed >> 8) % 30);
        b = b + (seed >> 16) % b > LMSR.MAX_LIQUIDITY ? LMSR.MAX_LIQUIDITY : b + (seed >> 16) % b;
        book = Books.open(b, 2 + (seed >> 32) % 19);
        uint256 limit = LMSR.limit(b);
        if (seed >> 40 & 1 == 0) book.mint(int256((seed >> 128) % (limit / 100)));
        for (uint256 i; i < 4; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 most = FixedPointMathLib.min(30 * b / LMSR.WEI_PER_SHARE, limit / 10);
            book.buy((seed >> 8) % book.quantities.length, (seed >> 64) % most + 1);
        }
    }

    function checkSolvent(Book memory book) private pure {
        for (uint256 i; i < book.quantities.length; ++i) {
            assertGe(
                book.pot, book.outstanding(i) * LMSR.WEI_PER_SHARE, "every outcome can be paid"
            );
        }
    }

    function checkTypes(Book memory book) private pure {
        assertLe(book.curve.sum, type(uint144).max);
        assertEq(book.curve.offset, int16(book.curve.offset));
        for (uint256 i; i < book.quantities.length; ++i) {
            assertEq(book.quantities[i], int64(book.quantities[i]));
        }
    }
}
