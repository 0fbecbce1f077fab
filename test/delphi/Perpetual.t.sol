// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Epoch, IPerpetual, SeriesTerms, Turn} from "../../src/delphi/IPerpetual.sol";
import {MarketStatus} from "../../src/delphi/IDelphi.sol";
import {LMSR} from "../../src/delphi/LMSR.sol";
import {Markets} from "../../src/delphi/Markets.sol";
import {Payouts} from "../../src/delphi/Payouts.sol";
import {Perpetual} from "../../src/delphi/Perpetual.sol";
import {Pools} from "../../src/delphi/Pools.sol";
import {IContest, Verdict} from "../../src/judge/IContest.sol";
import {PerpetualBase} from "./PerpetualBase.t.sol";

/// @notice Series: their epochs, their liquidity, positions that go along, and what stops.
contract PerpetualTest is PerpetualBase {
    uint256 private constant RATE = 1e6; // units of shares for a wei of the first deposit

    function refuse(bytes memory error_) private {
        vm.expectRevert(error_);
    }

    function nothing() private {
        vm.expectRevert(Pools.Perpetual_NothingToDo.selector);
    }

    // create ------------------------------------------------------------------------------------------

    function check(SeriesTerms memory t, string memory field) private {
        refuse(abi.encodeWithSelector(Perpetual.Perpetual_BadTerms.selector, field));
        perpetual.create(t, 0);
    }

    function test_create_refusesBadTerms() public {
        SeriesTerms memory t = seriesTerms();
        t.evaluator = "another";
        check(t, "evaluator");
        (t = seriesTerms()).attester = address(0);
        check(t, "attester");
        (t = seriesTerms()).startsAt = BEGAN - 1;
        check(t, "startsAt");
        (t = seriesTerms()).minEntrants = 1;
        check(t, "minEntrants");
        (t = seriesTerms()).minEntrants = 65;
        check(t, "minEntrants");
        (t = seriesTerms()).maxEntrants = 257;
        check(t, "maxEntrants");
        (t = seriesTerms()).rounds = 0;
        check(t, "rounds");
        (t = seriesTerms()).rounds = 17;
        check(t, "rounds");
        (t = seriesTerms()).entrySeconds = 1;
        check(t, "entrySeconds");
        (t = seriesTerms()).entrySeconds = uint32(EPOCH) + 1;
        check(t, "entrySeconds");
        (t = seriesTerms()).roundSeconds = 1;
        check(t, "roundSeconds");
        (t = seriesTerms()).epochSeconds = 3 days + 12 hours - 1;
        check(t, "epochSeconds");
        (t = seriesTerms()).epochSeconds = 181 days;
        check(t, "epochSeconds");
        (t = seriesTerms()).workSeconds = 0;
        check(t, "workSeconds");
        (t = seriesTerms()).reward = 0;
        check(t, "reward");
        (t = seriesTerms()).riskBps = 5_001;
        check(t, "riskBps");
        (t = seriesTerms()).riskBps = 0;
        check(t, "riskBps");
        (t = seriesTerms()).feeBps = 1_001;
        check(t, "feeBps");
        (t = seriesTerms()).creatorBps = 2_501;
        check(t, "creatorBps");
        t = seriesTerms();
        vm.prank(curator);
        refuse(abi.encodeWithSelector(Perpetual.Perpetual_SeriesExists.selector, series));
        perpetual.create(t, "salt");
        assertEq(state().terms, keccak256(abi.encode(t)));
        t.riskBps = 1;
        chosen = t;
        bytes memory wrong =
            abi.encodeWithSelector(Perpetual.Perpetual_WrongTerms.selector, state().terms);
        refuse(wrong);
        openContest();
        refuse(wrong);
        openMarket();
        refuse(abi.encodeWithSelector(Pools.Perpetual_UnknownSeries.selector, 7));
        perpetual.settle(7);
    }

    /// @dev The longest and widest terms there can be are accepted by Judge and Delphi too.
    function test_create_termsAtTheirBoundsMakeAMarket() public {
        SeriesTerms memory t = seriesTerms();
        (t.rounds, t.maxEntrants, t.minEntrants) = (16, 64, 2);
        (t.epochSeconds, t.entrySeconds) = (180 days, 180 days);
        (t.roundSeconds, t.orderSeconds, t.solveSeconds) = (5 days, 50 days, 50 days);
        (t.riskBps, t.feeBps, t.creatorBps, t.modelBps) = (1, 1_000, 5_000, 0);
        (t.reward, t.workSeconds) = (type(uint96).max / 16, 365 days);
        vm.prank(owner);
        delphi.setProtocol(treasury, 5_000);
        series = newSeries(t);
        deposit(alice, 100_000e18);
        uint256 contest = openContest();
        deal(address(token), address(this), type(uint128).max);
        enter(contest, 0);
        enter(contest, 1);
        uint256 market = openMarket();
        assertGe(delphi.marketOf(market).b, 14e18);
        end(0, 1);
    }

    // commitTestSets ----------------------------------------------------------------------------------

    function test_commitTestSets_isTheCuratorsAndForGood() public {
        refuse(abi.encodeWithSelector(Perpetual.Perpetual_NotCurator.selector, curator));
        perpetual.commitTestSets(series, 9, new bytes32[](2));
        vm.startPrank(curator);
        refuse(abi.encodeWithSelector(Perpetual.Perpetual_BadTestSets.selector, 3, 2));
        perpetual.commitTestSets(series, 9, new bytes32[](3));
        refuse(abi.encodeWithSelector(Perpetual.Perpetual_AlreadyCommitted.selector, 3));
        perpetual.commitTestSets(series, 3, new bytes32[](2));
        vm.stopPrank();
        assertEq(perpetual.testSetsOf(series, 3)[1], keccak256(abi.encode("test set", 3, 1)));
    }

    // openContest -------------------------------------------------------------------------------------

    function test_openContest_opensWhatTheTermsSay() public {
        uint256 contest = open(1, 0);
        assertEq(judge.contests(contest).entriesClose, BEGAN + EPOCH + 2 days);
        assertEq(judge.roundOf(contest, 0).opensAt, BEGAN + EPOCH + 3 days);
        assertEq(judge.roundOf(contest, 1).testSet, keccak256(abi.encode("test set", 1, 1)));
        assertEq(judge.roundOf(contest, 1).orderBy, BEGAN + EPOCH + 4 days + 12 hours);
        assertEq(judge.decidedBy(contest), BEGAN + EPOCH + 5 days + 12 hours);
        // Of every epoch it is decided no later than entries of the next close.
        assertLe(judge.decidedBy(contest), BEGAN + 2 * EPOCH + 2 days);
        refuse(abi.encodeWithSelector(Perpetual.Perpetual_AlreadyOpen.selector, 1));
        openContest();
    }

    function test_openContest_refusesOutOfTimeAndWithoutTestSets() public {
        vm.warp(BEGAN + 1 days + 1);
        refuse(abi.encodeWithSelector(Perpetual.Perpetual_TooLate.selector, BEGAN + 1 days));
        openContest();
        vm.warp(BEGAN + 1 days);
        openContest();
        vm.warp(BEGAN + 4 * EPOCH);
        refuse(abi.encodeWithSelector(Perpetual.Perpetual_NoTestSets.selector, 4));
        openContest();
        commit(series, 4, 2);
        openContest();
        SeriesTerms memory t = seriesTerms();
        t.startsAt = uint40(vm.getBlockTimestamp() + 1);
        series = newSeries(t);
        refuse(abi.encodeWithSelector(Perpetual.Perpetual_TooEarly.selector, t.startsAt));
        openContest();
    }

    // carry -------------------------------------------------------------------------------------------

    function test_carry_entersTheSameAtTheCallersExpense() public {
        open(0, 3);
        uint256 contest = open(1, 0);
        uint256 before = token.balanceOf(alice);
        vm.prank(alice);
        assertEq(perpetual.carry(series, 0, 2), 0);
        assertEq(before - token.balanceOf(alice), 2 * REWARD);
        assertEq(judge.ownerOf(contest, 0), ownerOfEntry(2));
        assertEq(judge.entrantOf(contest, 0).commitment, keccak256(abi.encode("commitment", 2)));
        assertEq(token.balanceOf(address(perpetual)), 0);
        vm.prank(alice);
        vm.expectPartialRevert(bytes4(keccak256("Judge_AlreadyEntered(bytes32)")));
        perpetual.carry(series, 0, 2);
    }

    // openMarket --------------------------------------------------------------------------------------

    function test_openMarket_risksItsPartOfTheLiquidity() public {
        deposit(alice, 1_000e18);
        uint256 market = start(0, 3);
        uint96 b = delphi.marketOf(market).b;
        uint256 subsidy = LMSR.funding(b, 3);
        assertLe(subsidy, 500e18);
        assertGt(LMSR.funding(b + 2, 3), 500e18);
        assertEq(state().assets, 1_000e18 - subsidy);
        assertEq(delphi.marketOf(market).creator, address(perpetual));
        assertEq(delphi.marketOf(market).closesAt, BEGAN + 4 days - 1);
        assertEq(token.balanceOf(address(perpetual)), state().assets);
        perpetual.claim(series, alice);
        assertEq(shareBalance(alice), 1_000e18 * RATE);
        refuse(abi.encodeWithSelector(Perpetual.Perpetual_IsLive.selector, 0));
        openMarket();
        end(0, 1);
        refuse(abi.encodeWithSelector(Perpetual.Perpetual_HasMarket.selector, market));
        openMarket();
    }

    function test_openMarket_waitsForEntrants() public {
        nothing();
        openMarket();
        deposit(alice, 1_000e18);
        uint256 contest = open(0, 2);
        refuse(abi.encodeWithSelector(Perpetual.Perpetual_TooFewEntrants.selector, 2, 3));
        openMarket();
        vm.warp(judge.contests(contest).entriesClose);
        refuse(abi.encodeWithSelector(Perpetual.Perpetual_TooFewEntrants.selector, 2, 3));
        openMarket();
        skip(1);
        openMarket();
    }

    /// @dev Half a round before the first scores at the latest.
    function test_openMarket_notBesideScores() public {
        deposit(alice, 1_000e18);
        uint256 contest = open(0, 3);
        uint256 until = judge.contests(contest).entriesClose + 12 hours;
        vm.warp(until + 1);
        refuse(abi.encodeWithSelector(Perpetual.Perpetual_TooLate.selector, until));
        openMarket();
        vm.warp(until);
        openMarket();
    }

    function test_openMarket_needsLiquidity() public {
        open(0, 3);
        refuse(abi.encodeWithSelector(Perpetual.Perpetual_TooLittle.selector, 0));
        openMarket();
        deposit(alice, 2e18); // b ln 3 of 1e18 is 1.0986e18
        refuse(abi.encodeWithSelector(Perpetual.Perpetual_TooLittle.selector, 1e18));
        openMarket();
        deposit(alice, 0.2e18);
        openMarket();
    }

    function test_openMarket_largestSubsidyIsDelphis() public {
        deal(address(token), alice, 8e27);
        deposit(alice, 8e27);
        assertEq(delphi.marketOf(start(0, 3)).b, 1e27);
    }

    // settle ------------------------------------------------------------------------------------------

    function test_settle_bringsBackWhatLiquidityIsWorth() public {
        deposit(alice, 1_000e18);
        uint256 market = start(0, 3);
        buy(bob, market, 1, 100 * SHARE);
        vm.expectPartialRevert(Payouts.Delphi_StillTrading.selector);
        perpetual.settle(series);
        close(market);
        decide(0, Verdict.Held, 0);
        vm.expectPartialRevert(Payouts.Delphi_NotDecided.selector);
        perpetual.settle(series);
        uint256 free = state().assets;
        decide(0, Verdict.Decided, 1); // not bob's
        perpetual.settle(series);
        uint256 back = delphi.liquidityPayoutOf(market, epochOf(0).liquidityShares);
        assertGt(back, epochOf(0).liquidityShares + 30e18);
        assertEq(state().assets, free + back);
        assertEq(state().live, 0);
        nothing();
        perpetual.settle(series);
    }

    /// @dev Who asks while a market is live gets what shares are worth after it, whether they gained or lost.
    function testFuzz_settle_nobodyJoinsOrLeavesAtAStaleValue(uint256 bought, bool wins) public {
        deposit(alice, 1_000e18);
        uint256 market = start(0, 3);
        perpetual.claim(series, alice);
        buy(bob, market, 0, bound(bought, 1, 20_000 * SHARE));
        deposit(bob, 500e18);
        withdraw(alice, 400e18 * RATE);
        nothing();
        perpetual.claim(series, bob);
        end(0, wins ? 1 : 2);
        Turn memory t = perpetual.turnOf(series, 2);
        uint256 worth = state().assets - 500e18 + t.paid; // of 1,000e18 · RATE shares
        assertEq(t.paid, worth * 400 / 1_000);
        assertEq(t.minted, 500e18 * 1_000e18 * RATE / worth);
        (uint256 assets, uint256 shares) = perpetual.claim(series, alice);
        assertEq(assets, t.paid);
        (assets, shares) = perpetual.claim(series, bob);
        assertEq(shares, t.minted);
        assertEq(shareBalance(bob), t.minted);
        // A share is worth what it was.
        withdraw(alice, 600e18 * RATE);
        withdraw(bob, t.minted);
        perpetual.settle(series);
        (assets,) = perpetual.claim(series, alice);
        assertApproxEqAbs(assets, worth * 600 / 1_000, 2);
        (assets,) = perpetual.claim(series, bob);
        assertLe(assets, 500e18);
        assertApproxEqAbs(assets, 500e18, worth / 1e27 + 3);
        assertEq(state().shares, 0);
        assertEq(state().assets, 0);
    }

    function test_settle_takesATurnWithoutAMarket() public {
        deposit(alice, 10e18);
        perpetual.settle(series);
        perpetual.claim(series, alice);
        withdraw(alice, 10e18 * RATE);
        deposit(bob, 3e18);
        perpetual.settle(series);
        perpetual.claim(series, alice);
        assertEq(token.balanceOf(alice), 100_000_000e18);
        assertEq(state().assets, 3e18, "bob's, at the rate at which alice left");
        perpetual.claim(series, bob);
        assertEq(shareBalance(bob), 3e18 * RATE);
    }

    // Requests ----------------------------------------------------------------------------------------

    function test_cancel_takesBothBack() public {
        deposit(alice, 10e18);
        perpetual.settle(series);
        perpetual.claim(series, alice);
        deposit(alice, 5e18);
        withdraw(alice, 4e18 * RATE);
        vm.startPrank(alice);
        perpetual.cancel(series);
        assertEq(token.balanceOf(alice), 100_000_000e18 - 10e18);
        assertEq(shareBalance(alice), 10e18 * RATE);
        assertEq(state().queuedAssets, 0);
        assertEq(state().queuedShares, 0);
        nothing();
        perpetual.cancel(series);
        perpetual.requestDeposit(series, 1e18);
        perpetual.settle(series);
        nothing();
        perpetual.cancel(series); // it is done
    }

    /// @dev What one turn left is paid before the next one is waited for.
    function test_requests_goFromTurnToTurn() public {
        deposit(alice, 10e18);
        perpetual.settle(series);
        deposit(alice, 20e18);
        assertEq(shareBalance(alice), 10e18 * RATE);
        perpetual.settle(series);
        withdraw(alice, 30e18 * RATE - 1 - 20e18 * RATE + 1);
        assertEq(shareBalance(alice), 20e18 * RATE);
        nothing();
        perpetual.requestDeposit(series, 0);
        nothing();
        perpetual.requestWithdrawal(series, 0);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSignature("InsufficientBalance()"));
        perpetual.requestWithdrawal(series, 1);
    }

    function testFuzz_turn_paysNoMoreThanItLeft(uint96[4] memory amounts, uint256 seed) public {
        address[3] memory accounts = [creator, alice, bob];
        for (uint256 i; i < 3; ++i) {
            deposit(accounts[i], bound(amounts[i], 1, 1_000e18));
        }
        perpetual.settle(series);
        uint256 given;
        for (uint256 i; i < 3; ++i) {
            perpetual.claim(series, accounts[i]);
            given += shareBalance(accounts[i]);
        }
        assertLe(given, state().shares);
        for (uint256 i; i < 3; ++i) {
            withdraw(accounts[i], bound(seed >> 64 * i, 1, shareBalance(accounts[i])));
        }
        perpetual.settle(series);
        uint256 paid = token.balanceOf(address(perpetual));
        for (uint256 i; i < 3; ++i) {
            perpetual.claim(series, accounts[i]);
        }
        paid -= token.balanceOf(address(perpetual));
        assertLe(paid, perpetual.turnOf(series, 2).paid);
        assertGe(token.balanceOf(address(perpetual)), state().assets);
    }

    // What stops --------------------------------------------------------------------------------------

    /// @dev A test set that is missed skips an epoch; the money can leave, and the next epoch goes on.
    function test_stop_missedEpochsAreSkipped() public {
        deposit(alice, 1_000e18);
        start(0, 3);
        end(0, 1);
        vm.warp(BEGAN + 2 * EPOCH - 1); // nobody opened epoch 1
        refuse(abi.encodeWithSelector(Perpetual.Perpetual_TooLate.selector, BEGAN + EPOCH + 1 days));
        openContest();
        perpetual.claim(series, alice);
        withdraw(alice, 100e18 * RATE);
        perpetual.settle(series);
        perpetual.claim(series, alice);
        start(2, 3);
        assertEq(state().live, 3);
    }

    /// @dev An epoch whose contest is void returns the liquidity like any other.
    function test_stop_voidEpoch() public {
        deposit(alice, 1_000e18);
        uint256 market = start(0, 3);
        buy(bob, market, 0, 10 * SHARE);
        vm.warp(judge.decidedBy(epochOf(0).contest) + 1); // nothing was evaluated
        perpetual.settle(series);
        assertTrue(delphi.statusOf(market) == MarketStatus.Void);
        assertGt(state().assets, 999e18);
        assertGt(delphi.redeem(market, 0, bob), 0);
    }

    function test_stop_heldEpochKeepsNoRequest() public {
        deposit(alice, 1_000e18);
        uint256 market = start(0, 3);
        deposit(bob, 10e18);
        decide(0, Verdict.Held, 0);
        vm.warp(BEGAN + 300 days);
        vm.expectPartialRevert(Payouts.Delphi_NotDecided.selector);
        perpetual.settle(series);
        vm.prank(bob);
        perpetual.cancel(series);
        assertEq(token.balanceOf(bob), 100_000_000e18);
        vm.warp(uint256(delphi.marketOf(market).voidsAt) + 365 days + 1);
        perpetual.settle(series); // void at last
        assertTrue(delphi.statusOf(market) == MarketStatus.Void);
    }

    /// @dev Governance stops creation: what is asked for is still done.
    function test_stop_pausedDelphi() public {
        deposit(alice, 1_000e18);
        open(0, 3);
        vm.prank(owner);
        delphi.setPaused(true);
        vm.expectRevert(Markets.Delphi_Paused.selector);
        openMarket();
        perpetual.settle(series);
        perpetual.claim(series, alice);
        withdraw(alice, 1_000e18 * RATE);
        perpetual.settle(series);
        perpetual.claim(series, alice);
        assertEq(token.balanceOf(alice), 100_000_000e18);
    }

    function test_windUp_byTheCurator() public {
        deposit(alice, 1_000e18);
        start(0, 3);
        deposit(bob, 10e18);
        vm.prank(bob);
        vm.expectPartialRevert(Perpetual.Perpetual_TooEarly.selector);
        perpetual.windUp(series);
        vm.prank(curator);
        perpetual.windUp(series);
        bytes memory over = abi.encodeWithSelector(Pools.Perpetual_WoundUp.selector, series);
        refuse(over);
        openContest();
        refuse(over);
        openMarket();
        refuse(over);
        perpetual.requestDeposit(series, 1);
        refuse(over);
        perpetual.windUp(series);
        perpetual.claim(series, alice);
        withdraw(alice, 1_000e18 * RATE);
        end(0, 1);
        perpetual.claim(series, bob);
        assertEq(token.balanceOf(bob), 100_000_000e18, "given back");
        perpetual.claim(series, alice);
        assertEq(state().assets, 0);
        assertApproxEqAbs(token.balanceOf(alice), 100_000_000e18, 1e6);
    }

    function test_windUp_byAnyoneAfterFourEpochs() public {
        deposit(alice, 1_000e18);
        open(1, 3);
        uint256 from = BEGAN + 5 * EPOCH;
        vm.warp(from);
        refuse(abi.encodeWithSelector(Perpetual.Perpetual_TooEarly.selector, from + 1));
        perpetual.windUp(series);
        skip(1);
        perpetual.windUp(series);
        perpetual.settle(series);
        perpetual.claim(series, alice);
        assertEq(token.balanceOf(alice), 100_000_000e18);
    }

    // Positions ---------------------------------------------------------------------------------------

    /// @dev Epoch 0 was won by entrant 1, of which alice has shares; epoch 1 has the entrants the other way round.
    function settledAndNext() private returns (uint256 market, uint256 next) {
        deposit(bob, 1_000e18);
        market = start(0, 3);
        buy(alice, market, 1, 100 * SHARE);
        buy(alice, market, 0, 10 * SHARE);
        end(0, 2);
        uint256 contest = open(1, 0);
        for (uint256 i = 3; i > 0; --i) {
            enter(contest, i - 1);
        }
        next = openMarket();
    }

    function roll(uint256 outcome, uint256 to, uint256 minShares)
        private
        returns (uint256 shares, uint256 cost)
    {
        return perpetual.rollPosition(
            series, 0, outcome, to, alice, minShares, vm.getBlockTimestamp()
        );
    }

    function test_rollPosition_buysTheSameOwnersOutcome() public {
        (uint256 market, uint256 next) = settledAndNext();
        uint256 before = token.balanceOf(alice);
        (uint256 quoted,) = delphi.quoteBuyFor(next, 1, 100e18);
        vm.prank(alice);
        (uint256 shares, uint256 cost) = roll(1, 1, quoted);
        assertEq(shares, quoted);
        assertEq(sharesOf(alice, next, 1), quoted);
        assertEq(sharesOf(alice, market, 1), 0);
        assertEq(token.balanceOf(alice) - before, 100e18 - cost);
        assertEq(token.balanceOf(address(perpetual)), state().assets);
        vm.prank(alice);
        nothing();
        roll(1, 1, 0); // done
        vm.prank(alice);
        vm.expectRevert(LMSR.LMSR_NoShares.selector);
        roll(0, 2, 0); // lost
    }

    function test_rollPosition_isTheOwnersAndItsOperators() public {
        settledAndNext();
        refuse(abi.encodeWithSelector(Perpetual.Perpetual_NotOperator.selector, address(this)));
        roll(1, 1, 0);
        vm.startPrank(alice);
        refuse(
            abi.encodeWithSelector(
                Perpetual.Perpetual_OtherOwner.selector, ownerOfEntry(1), ownerOfEntry(2)
            )
        );
        roll(1, 0, 0);
        vm.expectPartialRevert(bytes4(keccak256("Delphi_TooLittle(uint256,uint256)")));
        roll(1, 1, 1_000_000 * SHARE);
        delphi.setOperator(address(this), true);
        vm.stopPrank();
        (uint256 shares,) = roll(1, 1, 1);
        assertGt(shares, 100 * SHARE);
    }

    function test_rollPosition_needsALiveMarketAndASettledOne() public {
        deposit(bob, 1_000e18);
        uint256 market = start(0, 3);
        buy(alice, market, 1, 100 * SHARE);
        vm.startPrank(alice);
        vm.expectPartialRevert(Payouts.Delphi_StillTrading.selector);
        roll(1, 1, 0);
        vm.stopPrank();
        end(0, 2);
        vm.prank(alice);
        vm.expectRevert(Perpetual.Perpetual_NoLiveMarket.selector);
        roll(1, 1, 0);
        assertEq(sharesOf(alice, market, 1), 100 * SHARE);
    }

    // Fees --------------------------------------------------------------------------------------------

    function test_payCurator_paysTheCreatorsPart() public {
        deposit(alice, 1_000e18);
        uint256 market = start(0, 3);
        nothing();
        perpetual.payCurator(series, 0);
        buy(bob, market, 0, 1_000 * SHARE);
        uint256 first = perpetual.payCurator(series, 0);
        assertGt(first, 0);
        buy(bob, market, 1, 1_000 * SHARE);
        delphi.collectCreatorFees(market); // by somebody else
        uint256 free = state().assets;
        uint256 second = perpetual.payCurator(series, 0);
        assertEq(token.balanceOf(curator), first + second);
        assertEq(state().assets, free);
        assertEq(token.balanceOf(address(perpetual)), free);
        end(0, 1);
        assertEq(epochOf(0).curatorPaid, first + second);
    }

    function test_constructor_refusesNobody() public {
        vm.expectRevert(Perpetual.Perpetual_ZeroAddress.selector);
        deployCode("Perpetual.sol:Perpetual", abi.encode(delphi, address(0)));
    }
}
