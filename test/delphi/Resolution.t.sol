// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Market, MarketStatus} from "../../src/delphi/IDelphi.sol";
import {Payouts} from "../../src/delphi/Payouts.sol";
import {Verdict} from "../../src/judge/IContest.sol";
import {HostileContest} from "../mocks/HostileContest.sol";
import {DelphiBase} from "./DelphiBase.t.sol";

/// @notice How markets end, and what is paid then.
contract ResolutionTest is DelphiBase {
    HostileContest private hostile;
    uint256 private market;

    function setUp() public override {
        super.setUp();
        hostile = new HostileContest();
        contest = hostile;
        market = create(3);
        buy(alice, market, 0, 300 * SHARE);
        buy(bob, market, 1, 200 * SHARE);
    }

    function notDecided(Verdict verdict) private {
        vm.expectRevert(abi.encodeWithSelector(Payouts.Delphi_NotDecided.selector, verdict));
        delphi.resolve(market);
    }

    function isVoid() private returns (bool) {
        return delphi.resolve(market) == MarketStatus.Void;
    }

    // Resolution. --------------------------------------------------------------------------------

    function test_resolve_notWhileItTrades() public {
        contest.set(Verdict.Decided, 1);
        uint256 closesAt = delphi.marketOf(market).closesAt;
        vm.warp(closesAt);
        bytes memory early = abi.encodeWithSelector(Payouts.Delphi_StillTrading.selector, closesAt);
        vm.expectRevert(early);
        delphi.resolve(market);
        vm.expectRevert(early);
        delphi.redeem(market, 0, alice);
        vm.expectRevert(early);
        delphi.redeemLiquidity(market, creator);
    }

    function test_settle_paysTheWinnerOneAndLiquidityTheRest() public {
        close(market);
        contest.set(Verdict.Decided, 1);
        Market memory m = delphi.marketOf(market);
        assertTrue(delphi.resolve(market) == MarketStatus.Settled);
        assertEq(delphi.redeem(market, 0, alice), 300e18);
        assertEq(delphi.redeem(market, 1, bob), 0);
        assertEq(sharesOf(bob, market, 1), 0);
        uint256 fees = delphi.collectCreatorFees(market) + delphi.collectProtocolFees(market)
            + delphi.collectModelFees(market, 0) + delphi.collectModelFees(market, 1);
        assertEq(delphi.redeemLiquidity(market, creator), m.pot - 300e18 - fees - potOf(market));
        assertLe(potOf(market), 4e9);
    }

    function test_settle_divides_aTie() public {
        settle(market, 3);
        assertEq(delphi.redeem(market, 0, alice), 150e18);
        assertEq(delphi.redeem(market, 1, bob), 100e18);
    }

    function test_settle_threeWinnersRoundDown() public {
        buy(bob, market, 2, 1);
        settle(market, 7);
        assertEq(delphi.redeem(market, 2, bob), 333_333_333);
    }

    function test_settle_lastOf256() public {
        market = create(256);
        buy(alice, market, 255, 9 * SHARE);
        settle(market, 1 << 255);
        assertEq(delphi.redeem(market, 255, alice), 9e18);
    }

    function test_settle_amongThoseListedOnly() public {
        settle(market, 8 | 2);
        assertEq(delphi.redeem(market, 1, bob), 200e18);
        assertEq(delphi.redeem(market, 0, alice), 0);
    }

    function test_void_ifNobodyListedWon() public {
        close(market);
        contest.set(Verdict.Decided, 8);
        assertTrue(isVoid());
    }

    function test_void_ifTheContestIs() public {
        close(market);
        contest.set(Verdict.Void, 0);
        assertTrue(isVoid());
    }

    function test_void_withoutAnybodysHelp() public {
        uint256 voidsAt = delphi.marketOf(market).voidsAt;
        vm.warp(voidsAt);
        notDecided(Verdict.Pending);
        vm.warp(voidsAt + 1);
        assertGt(delphi.redeem(market, 0, alice), 0);
        assertTrue(delphi.marketOf(market).status == MarketStatus.Void);
    }

    /// @dev A disputed evaluation holds the market until it is ruled on, but not for ever.
    function test_held_untilItIsDecidedOrAYearIsOver() public {
        uint256 until = uint256(delphi.marketOf(market).voidsAt) + 365 days;
        contest.set(Verdict.Held, 0);
        vm.warp(until);
        notDecided(Verdict.Held);
        uint256 state = vm.snapshotState();
        contest.set(Verdict.Decided, 4);
        assertTrue(delphi.resolve(market) == MarketStatus.Settled);
        vm.revertToState(state);
        vm.warp(until + 1);
        assertTrue(isVoid());
    }

    function test_resolve_isFinal() public {
        settle(market, 1);
        contest.set(Verdict.Decided, 2);
        hostile.setMode(HostileContest.Mode.Reverts);
        assertTrue(delphi.resolve(market) == MarketStatus.Settled);
        assertEq(delphi.redeem(market, 1, bob), 0);
        assertEq(delphi.redeem(market, 0, alice), 300e18);
    }

    // Hostile contests. --------------------------------------------------------------------------

    /// forge-config: default.fuzz.runs = 16
    function testFuzz_contest_thatMisbehaves_voidsItsOwnMarketOnly(uint8 mode) public {
        mode = uint8(bound(mode, 1, 5));
        hostile.setMode(HostileContest.Mode(mode));
        uint256 voidsAt = delphi.marketOf(market).voidsAt;
        vm.warp(voidsAt);
        notDecided(Verdict.Pending);
        vm.warp(voidsAt + 1);
        assertTrue(isVoid());
        uint256 paid = delphi.redeem(market, 0, alice) + delphi.redeem(market, 1, bob);
        paid += delphi.collectModelFees(market, 0); // nobody is named: the creator's
        assertApproxEqAbs(paid, 182e18, 1e18); // 300 at 0.378 and 200 at 0.342, and a part of the fees
    }

    function test_contest_thatEatsGas_isStopped() public {
        hostile.setMode(HostileContest.Mode.EatsGas);
        vm.warp(uint256(delphi.marketOf(market).voidsAt) + 1);
        uint256 gas_ = gasleft();
        assertTrue(isVoid());
        assertLt(gas_ - gasleft(), 6_500_000);
    }

    /// @dev With less gas than a contest may need, nobody gets anything resolved, rather than voided.
    function testFuzz_contest_isNotStarved(uint256 gas_) public {
        contest.set(Verdict.Decided, 2);
        vm.warp(uint256(delphi.marketOf(market).voidsAt) + 1);
        gas_ = bound(gas_, 100_000, 7_000_000);
        try delphi.resolve{gas: gas_}(market) returns (MarketStatus status) {
            assertTrue(status == MarketStatus.Settled);
            assertGt(gas_, 6_000_000);
        } catch (bytes memory error_) {
            assertEq(bytes4(error_), Payouts.Delphi_TooLittleGas.selector);
            assertLt(gas_, 6_300_000);
        }
    }

    function testFuzz_modelFees_areNotDivertedByStarving(uint256 gas_) public {
        address entrantOwner = makeAddr("entrant");
        contest.setOwner(entrantOwner);
        gas_ = bound(gas_, 60_000, 400_000);
        uint256 before = token.balanceOf(creator);
        try delphi.collectModelFees{gas: gas_}(market, 0) {
            assertGt(token.balanceOf(entrantOwner), 0);
        } catch {}
        assertEq(token.balanceOf(creator), before);
    }

    function test_contest_thatCallsBack_findsEverythingBooked() public {
        token.approve(address(delphi), SHARE * 1e9);
        mintSets(address(this), market, SHARE);
        close(market);
        contest.set(Verdict.Decided, 1);
        bytes[4] memory calls = [
            abi.encodeCall(delphi.resolve, (market)),
            abi.encodeCall(delphi.redeem, (market, 0, alice)),
            abi.encodeCall(delphi.collectCreatorFees, (market)),
            abi.encodeCall(delphi.burnSets, (market, SHARE))
        ];
        bool[4] memory refused = [true, true, false, false];
        for (uint256 i; i < 3; ++i) {
            delphi.transfer(address(hostile), delphi.idOf(market, i), SHARE);
        }
        for (uint256 i; i < 4; ++i) {
            uint256 state = vm.snapshotState();
            hostile.callBack(address(delphi), calls[i]);
            delphi.resolve(market);
            assertEq(hostile.wasRefused(), refused[i]);
            checkEverythingIsPaid();
            vm.revertToState(state);
        }
    }

    function checkEverythingIsPaid() private {
        assertEq(token.balanceOf(address(delphi)), potOf(market));
        assertEq(delphi.redeem(market, 0, alice), 300e18);
        if (sharesOf(address(hostile), market, 0) != 0) {
            assertEq(delphi.redeem(market, 0, address(hostile)), 1e18);
        }
        delphi.redeemLiquidity(market, creator);
        if (delphi.marketOf(market).creatorPaid == 0) delphi.collectCreatorFees(market);
        delphi.collectProtocolFees(market);
        delphi.collectModelFees(market, 0);
        delphi.collectModelFees(market, 1);
        assertLe(potOf(market), 4e9);
    }

    // Void. --------------------------------------------------------------------------------------

    function test_void_refundsTheAveragePrice() public {
        // 300 and 200 of b = 1,000 for all the time: e^0.3, e^0.2, e^0
        voided(market);
        uint256[] memory refunds = delphi.refundsOf(market);
        assertApproxEqAbs(refunds[0], 0.37797814098160176e18, 1e9);
        assertApproxEqAbs(refunds[0] + refunds[1] + refunds[2], 1e18, 3);
        assertApproxEqAbs(delphi.redeem(market, 0, alice), 300 * refunds[0], 300);
        assertApproxEqAbs(delphi.redeem(market, 1, bob), 200 * refunds[1], 200);
    }

    /// @dev Half of the time at one quantity, half at another: the average counts.
    function test_void_weighsByTime() public {
        uint256 opensAt = delphi.marketOf(market).opensAt;
        uint256 closesAt = delphi.marketOf(market).closesAt;
        vm.warp((opensAt + closesAt) / 2);
        sell(alice, market, 0, 200 * SHARE); // 300 and 100: 200 on average, as the other
        voided(market);
        uint256[] memory refunds = delphi.refundsOf(market);
        assertApproxEqAbs(refunds[0], refunds[1], 1e9);
    }

    // What is paid. ------------------------------------------------------------------------------

    function test_redeem_once() public {
        settle(market, 1);
        delphi.redeem(market, 0, alice);
        bytes memory nothing = abi.encodeWithSelector(Payouts.Delphi_NothingToPay.selector, market);
        vm.expectRevert(nothing);
        delphi.redeem(market, 0, alice);
        vm.expectRevert(nothing);
        delphi.redeem(market, 2, alice);
        delphi.redeemLiquidity(market, creator);
        vm.expectRevert(nothing);
        delphi.redeemLiquidity(market, creator);
        vm.expectRevert(nothing);
        delphi.redeemLiquidity(market, alice);
    }

    function test_redeemMany_paysEachOnce() public {
        buy(alice, market, 1, 10 * SHARE);
        settle(market, 3);
        uint256[] memory outcomes = new uint256[](4);
        (outcomes[0], outcomes[2], outcomes[3]) = (1, 1, 2);
        assertEq(delphi.redeemMany(market, outcomes, alice), 155e18);
        outcomes[3] = 3;
        vm.expectRevert(
            abi.encodeWithSignature("Delphi_UnknownOutcome(uint256,uint256)", market, 3)
        );
        delphi.redeemMany(market, outcomes, bob);
    }

    function test_fees_areDividedAsFixed() public {
        address entrantOwner = makeAddr("entrant");
        contest.setOwner(entrantOwner);
        (uint256 first, uint256 fee0) = delphi.quoteBuy(market, 2, 5_000 * SHARE);
        assertEq(buy(bob, market, 2, 5_000 * SHARE), first);
        uint256 due = fee0 / 4;
        assertApproxEqAbs(delphi.collectModelFees(market, 2), due, 1e9);
        assertApproxEqAbs(token.balanceOf(entrantOwner), due, 1e9);
        vm.expectRevert(abi.encodeWithSelector(Payouts.Delphi_NothingToPay.selector, market));
        delphi.collectModelFees(market, 2);
        uint256 creatorPart = delphi.collectCreatorFees(market);
        assertGt(creatorPart, due);
        assertEq(delphi.collectProtocolFees(market), creatorPart);
        assertEq(token.balanceOf(treasury), creatorPart);
        vm.expectRevert(abi.encodeWithSelector(Payouts.Delphi_NothingToPay.selector, market));
        delphi.collectCreatorFees(market);
        vm.expectRevert(abi.encodeWithSelector(Payouts.Delphi_NothingToPay.selector, market));
        delphi.collectProtocolFees(market);
    }

    /// @dev Before or after the end, in any order: everybody gets the same.
    function testFuzz_fees_inAnyOrder(uint256 seed) public {
        sell(alice, market, 0, 100 * SHARE);
        uint256 state = vm.snapshotState();
        uint256[5] memory expected = collectAll(type(uint256).max);
        vm.revertToState(state);
        uint256[5] memory got = collectAll(seed);
        for (uint256 i; i < 5; ++i) {
            assertApproxEqAbs(got[i], expected[i], 20 * B / 1e18);
        }
        assertLe(potOf(market), 8e9);
    }

    function collectAll(uint256 seed) private returns (uint256[5] memory got) {
        for (uint256 round; round < 2; ++round) {
            for (uint256 i; i < 4; ++i) {
                uint256 kind = (i + seed % 4) % 4;
                if (round == 0 && seed >> (8 + kind) & 1 != 0) continue;
                (bool done, bytes memory answer) = address(delphi).call(collecting(kind));
                if (done) got[kind] += abi.decode(answer, (uint256));
            }
            if (round == 0) settle(market, 1);
        }
        delphi.redeem(market, 0, alice);
        got[4] = delphi.redeemLiquidity(market, creator);
    }

    function collecting(uint256 kind) private view returns (bytes memory) {
        if (kind == 0) return abi.encodeCall(delphi.collectCreatorFees, (market));
        if (kind == 1) return abi.encodeCall(delphi.collectProtocolFees, (market));
        return abi.encodeCall(delphi.collectModelFees, (market, kind - 2));
    }
}
