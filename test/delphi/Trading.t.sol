// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Book} from "../../src/delphi/Book.sol";
import {IBook, Market} from "../../src/delphi/IDelphi.sol";
import {LMSR} from "../../src/delphi/LMSR.sol";
import {DelphiBase} from "./DelphiBase.t.sol";

/// @notice Buying, selling, complete sets and liquidity.
contract TradingTest is DelphiBase {
    uint256 private market;
    uint256 private deadline;

    function setUp() public override {
        super.setUp();
        market = create(3);
        deadline = vm.getBlockTimestamp();
    }

    function test_buy_booksEverything() public {
        (uint256 quoted, uint256 fee) = delphi.quoteBuy(market, 1, 500 * SHARE);
        uint256 before = token.balanceOf(alice);
        uint256 pot = potOf(market);
        vm.expectEmit(address(delphi));
        emit IBook.Traded(market, alice, 1, int256(500 * SHARE), int256(quoted), fee);
        uint256 cost = buy(alice, market, 1, 500 * SHARE);
        assertEq(cost, quoted);
        assertEq(before - token.balanceOf(alice), cost);
        assertEq(potOf(market), pot + cost);
        assertEq(token.balanceOf(address(delphi)), pot + cost);
        assertEq(sharesOf(alice, market, 1), 500 * SHARE);
        assertEq(delphi.outcomeOf(market, 1).quantity, int256(500 * SHARE));
        assertEq(delphi.outcomeOf(market, 1).fees, fee / 1e9);
        // 1 % on top, rounded up; the cost is b ln((2 + e^0.5) / 3)
        assertEq(fee, (cost - fee + 99) / 100);
        assertApproxEqAbs(cost - fee, 195.764480749533489091e18, 1e4);
    }

    function testFuzz_buy_thenSell_neverPays(uint256 shares, uint256 outcome) public {
        shares = bound(shares, 1, 30_000 * SHARE);
        outcome = bound(outcome, 0, 2);
        uint256 cost = buy(alice, market, outcome, shares);
        uint256 proceeds = sell(alice, market, outcome, shares);
        assertLt(proceeds, cost);
        // both fees and the margin of both
        uint256 fees = cost - cost * 100 / 101 + cost / 100;
        assertLe(cost - proceeds, fees + 14 * B / 1e18 + 4);
    }

    function test_slippage_isCheckedAfterTheFee() public {
        (uint256 cost,) = delphi.quoteBuy(market, 0, SHARE);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(Book.Delphi_TooDear.selector, cost, cost - 1));
        delphi.buy(market, 0, SHARE, cost - 1, deadline);
        delphi.buy(market, 0, SHARE, cost, deadline);
        (uint256 proceeds,) = delphi.quoteSell(market, 0, SHARE);
        vm.expectRevert(
            abi.encodeWithSelector(Book.Delphi_TooLittle.selector, proceeds, proceeds + 1)
        );
        delphi.sell(market, 0, SHARE, proceeds + 1, deadline);
        assertEq(delphi.sell(market, 0, SHARE, proceeds, deadline), proceeds);
    }

    function testFuzz_buyFor_keepsTheBudget(uint256 budget, uint256 parked) public {
        budget = bound(budget, 1, 50_000e18);
        parked = bound(parked, 0, 40_000 * SHARE);
        if (parked != 0) buy(bob, market, 2, parked);
        (uint256 quoted, uint256 quotedCost) = delphi.quoteBuyFor(market, 0, budget);
        vm.startPrank(alice);
        if (quoted == 0) {
            vm.expectRevert(LMSR.LMSR_NoShares.selector);
            delphi.buyFor(market, 0, budget, 0, deadline);
            return;
        }
        vm.expectRevert(abi.encodeWithSelector(Book.Delphi_TooLittle.selector, quoted, quoted + 1));
        delphi.buyFor(market, 0, budget, quoted + 1, deadline);
        (uint256 shares, uint256 cost) = delphi.buyFor(market, 0, budget, quoted, deadline);
        assertEq(shares, quoted);
        assertEq(cost, quotedCost);
        assertLe(cost, budget);
        // 1e-9 share costs at most 1e9 wei, and its fee
        assertLe(budget - cost, 1.02e9 + 6 * B / 1e18 + 2);
    }

    function testFuzz_sellFor_bringsTheAmount(uint256 held, uint256 amount) public {
        held = bound(held, SHARE, 30_000 * SHARE);
        buy(alice, market, 0, held);
        (uint256 all,) = delphi.quoteSell(market, 0, held);
        amount = bound(amount, 0, all);
        (uint256 shares, uint256 quoted) = delphi.quoteSellFor(market, 0, amount);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(Book.Delphi_TooDear.selector, shares, shares - 1));
        delphi.sellFor(market, 0, amount, shares - 1, deadline);
        if (shares > held) return; // by rounding: what all of them bring
        (uint256 sold, uint256 proceeds) = delphi.sellFor(market, 0, amount, shares, deadline);
        assertEq(sold, shares);
        assertEq(proceeds, quoted);
        assertGe(proceeds, amount);
        assertLe(proceeds - amount, 1.02e9 + 6 * B / 1e18 + 2);
    }

    function test_sellFor_moreThanThereIs() public {
        buy(alice, market, 0, SHARE);
        (uint256 shares, uint256 proceeds) = delphi.quoteSellFor(market, 0, 1e30);
        assertEq(shares, type(uint256).max);
        assertEq(proceeds, 0);
        vm.prank(alice);
        vm.expectRevert(
            abi.encodeWithSelector(Book.Delphi_TooDear.selector, type(uint256).max, SHARE)
        );
        delphi.sellFor(market, 0, 1e30, SHARE, deadline);
    }

    function test_trades_refuseWhatTheyMust() public {
        vm.startPrank(alice);
        vm.expectRevert(LMSR.LMSR_NoShares.selector);
        delphi.buy(market, 0, 0, 1, deadline);
        vm.expectRevert(LMSR.LMSR_NoShares.selector);
        delphi.sell(market, 0, 0, 0, deadline);
        vm.expectPartialRevert(LMSR.LMSR_QuantityOutOfRange.selector);
        delphi.buy(market, 0, LMSR.limit(B) + 1, type(uint256).max, deadline);
        bytes memory unknown =
            abi.encodeWithSignature("Delphi_UnknownOutcome(uint256,uint256)", market, 3);
        vm.expectRevert(unknown);
        delphi.buy(market, 3, 1, 1e18, deadline);
        vm.expectRevert(unknown);
        delphi.sell(market, 3, 1, 0, deadline);
        vm.expectRevert(unknown);
        delphi.collectModelFees(market, 3);
        vm.expectRevert(abi.encodeWithSignature("InsufficientBalance()"));
        delphi.sell(market, 0, 1, 0, deadline);
        vm.expectRevert(abi.encodeWithSelector(Book.Delphi_PastDeadline.selector, deadline - 1));
        delphi.buy(market, 0, 1, 1e18, deadline - 1);
        vm.expectRevert(abi.encodeWithSelector(Book.Delphi_PastDeadline.selector, deadline - 1));
        delphi.sell(market, 0, 1, 0, deadline - 1);
    }

    function test_trades_endWithTheLastSecond() public {
        uint256 closesAt = delphi.marketOf(market).closesAt;
        vm.warp(closesAt);
        buy(alice, market, 0, SHARE);
        vm.warp(closesAt + 1);
        bytes memory closed = abi.encodeWithSelector(Book.Delphi_Closed.selector, market, closesAt);
        vm.startPrank(alice);
        vm.expectRevert(closed);
        delphi.buy(market, 0, SHARE, 1e18, type(uint256).max);
        vm.expectRevert(closed);
        delphi.sell(market, 0, SHARE, 0, type(uint256).max);
        vm.expectRevert(closed);
        delphi.mintSets(market, SHARE);
    }

    /// @dev From end to end of the window: what has to be gathered is, and selling all back returns what was paid.
    function test_trades_acrossWindows() public {
        uint256 cost = buy(alice, market, 0, 31_000_000 * SHARE); // 31,000 b
        assertEq(delphi.pricesOf(market)[1], 0);
        cost += buy(alice, market, 1, 31_000_000 * SHARE);
        uint256 proceeds = sell(alice, market, 0, 31_000_000 * SHARE);
        proceeds += sell(alice, market, 1, 31_000_000 * SHARE);
        assertLt(proceeds, cost);
        assertGt(proceeds, cost / 103 * 100);
        assertApproxEqAbs(delphi.pricesOf(market)[2], uint256(1e18) / 3, 2);
    }

    function test_multicall_permitsAndBuys() public {
        (address dora, uint256 key) = makeAddrAndKey("dora");
        require(token.transfer(dora, 100e18));
        bytes32 digest = keccak256(
            abi.encodePacked(
                "\x19\x01",
                token.DOMAIN_SEPARATOR(),
                keccak256(
                    abi.encode(
                        keccak256(
                            "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
                        ),
                        dora,
                        address(delphi),
                        100e18,
                        0,
                        deadline
                    )
                )
            )
        );
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(delphi.permit, (100e18, deadline, v, r, s));
        calls[1] = abi.encodeCall(delphi.buyFor, (market, 1, 100e18, 1, deadline));
        // Somebody sends the permit first: no harm.
        token.permit(dora, address(delphi), 100e18, deadline, v, r, s);
        vm.prank(dora);
        delphi.multicall(calls);
        assertGt(sharesOf(dora, market, 1), 0);
    }

    function test_sets_costAndPayExactly() public {
        uint256 before = token.balanceOf(alice);
        uint256[] memory prices = delphi.pricesOf(market);
        mintSets(alice, market, 7 * SHARE);
        assertEq(before - token.balanceOf(alice), 7e18);
        for (uint256 i; i < 3; ++i) {
            assertEq(sharesOf(alice, market, i), 7 * SHARE);
            assertEq(delphi.pricesOf(market)[i], prices[i]);
        }
        vm.prank(alice);
        delphi.burnSets(market, 7 * SHARE);
        assertEq(token.balanceOf(alice), before);
        assertEq(delphi.marketOf(market).sets, 0);
    }

    function test_sets_refuseWhatTheyMust() public {
        vm.startPrank(alice);
        vm.expectRevert(LMSR.LMSR_NoShares.selector);
        delphi.mintSets(market, 0);
        vm.expectRevert(LMSR.LMSR_NoShares.selector);
        delphi.burnSets(market, 0);
        vm.expectPartialRevert(LMSR.LMSR_QuantityOutOfRange.selector);
        delphi.mintSets(market, LMSR.limit(B) + 1);
        vm.expectRevert(abi.encodeWithSignature("InsufficientBalance()"));
        delphi.burnSets(market, 1);
        for (uint256 i; i < 3; ++i) {
            delphi.buy(market, i, SHARE, type(uint96).max, deadline);
        }
        vm.expectRevert(abi.encodeWithSelector(Book.Delphi_TooLittle.selector, 0, SHARE));
        delphi.burnSets(market, SHARE); // bought from the curve: sold to it, or redeemed
        vm.stopPrank();
        mintSets(alice, market, SHARE);
        settle(market, 1);
        vm.prank(alice);
        vm.expectPartialRevert(Book.Delphi_Closed.selector);
        delphi.burnSets(market, SHARE);
    }

    /// @dev Sets can be sold outcome by outcome, below quantity zero.
    function test_sets_soldToTheCurve() public {
        mintSets(alice, market, 100_000 * SHARE);
        uint256 got;
        for (uint256 i; i < 3; ++i) {
            got += sell(alice, market, i, 100_000 * SHARE);
            assertEq(delphi.outcomeOf(market, i).quantity, -int256(100_000 * SHARE));
        }
        assertLt(got, 100_000e18);
        assertApproxEqAbs(got, 99_000e18, 1e9); // the fee is 1 %
    }

    function testFuzz_liquidity_leavesPrices(uint96 b, uint256 first, uint256 second) public {
        b = uint96(bound(b, B + 1e15, 1e3 * uint256(B)));
        buy(alice, market, 0, bound(first, 1, 10_000 * SHARE));
        buy(alice, market, 2, bound(second, 1, 10_000 * SHARE));
        uint256[] memory before = delphi.pricesOf(market);
        uint256 pot = potOf(market);
        uint256 cost = join(bob, market, b);
        assertEq(potOf(market), pot + cost);
        uint256[] memory afterwards = delphi.pricesOf(market);
        for (uint256 i; i < 3; ++i) {
            assertApproxEqAbs(afterwards[i], before[i], 1e9);
        }
    }

    /// @dev Whoever joins has neither gained nor lost when nothing happens between, whatever wins.
    function testFuzz_liquidity_joinedJustBeforeTheEnd_paysWhatItCost(uint8 winner, uint96 b)
        public
    {
        b = uint96(bound(b, B + 1e15, 100 * uint256(B)));
        winner = uint8(bound(winner, 0, 2));
        buy(alice, market, 0, 2_000 * SHARE);
        buy(alice, market, 1, 500 * SHARE);
        sell(alice, market, 0, 700 * SHARE);
        uint256 cost = join(bob, market, b);
        settle(market, 1 << winner);
        uint256 got = delphi.redeemLiquidity(market, bob);
        if (sharesOf(bob, market, winner) != 0) got += delphi.redeem(market, winner, bob);
        assertApproxEqAbs(got, cost, 3e9 + 12 * uint256(b) / 1e18);
    }

    function test_liquidity_refusesWhatItMust() public {
        vm.startPrank(bob);
        vm.expectPartialRevert(LMSR.LMSR_LiquidityOutOfRange.selector);
        delphi.addLiquidity(market, B, type(uint96).max, deadline);
        vm.expectPartialRevert(LMSR.LMSR_LiquidityOutOfRange.selector);
        delphi.addLiquidity(market, 1e27 + 1, type(uint96).max, deadline);
        vm.expectPartialRevert(Book.Delphi_TooDear.selector);
        delphi.addLiquidity(market, 2 * B, 1e18, deadline);
        vm.expectPartialRevert(Book.Delphi_PastDeadline.selector);
        delphi.addLiquidity(market, 2 * B, type(uint96).max, deadline - 1);
    }

    function test_remake_changesNoPrice() public {
        buy(alice, market, 0, 15_000 * SHARE);
        Market memory before = delphi.marketOf(market);
        (uint256 cost,) = delphi.quoteBuy(market, 1, SHARE);
        delphi.remake(market);
        Market memory m = delphi.marketOf(market);
        assertEq(m.offset, before.offset + 15);
        assertEq(m.pot, before.pot);
        (uint256 again,) = delphi.quoteBuy(market, 1, SHARE);
        assertApproxEqAbs(again, cost, 3 * B / 1e18);
        settle(market, 1);
        m = delphi.marketOf(market);
        delphi.remake(market); // nothing
        assertEq(keccak256(abi.encode(m)), keccak256(abi.encode(delphi.marketOf(market))));
    }

    function test_tokens_haveNames() public view {
        uint256 id = delphi.idOf(market, 1);
        uint256 liquidity = delphi.liquidityIdOf(market);
        assertTrue(id != liquidity && id != delphi.idOf(market, 2));
        assertEq(delphi.decimals(id), 9);
        assertEq(delphi.decimals(liquidity), 18);
        assertEq(delphi.symbol(id), "DELPHI");
        assertEq(delphi.symbol(liquidity), "DELPHI-L");
    }
}
