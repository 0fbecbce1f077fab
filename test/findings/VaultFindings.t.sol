// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";

import {Basket} from "../../src/delphi/Basket.sol";
import {Leg} from "../../src/delphi/IBasket.sol";
import {MarketTerms} from "../../src/delphi/IDelphi.sol";
import {SeriesTerms, Turn} from "../../src/delphi/IPerpetual.sol";
import {LMSR} from "../../src/delphi/LMSR.sol";
import {Verdict} from "../../src/judge/IContest.sol";
import {PerpetualBase} from "../delphi/PerpetualBase.t.sol";
import {HostileContest} from "../mocks/HostileContest.sol";

/// @notice What was wrong with vaults and markets elsewhere, tried on series and baskets.
contract VaultFindings is PerpetualBase {
    // Series. ------------------------------------------------------------------------------------

    /// @dev ERC-4626 (first depositor): a donation makes a share so dear that the next deposit rounds to none.
    function test_finding_donationsMakeNoShareDearer() public {
        deposit(alice, 1);
        perpetual.settle(series);
        perpetual.claim(series, alice);
        vm.prank(alice);
        require(token.transfer(address(perpetual), 1_000e18));
        deposit(bob, 500e18);
        perpetual.settle(series);
        perpetual.claim(series, bob);
        withdraw(bob, shareBalance(bob));
        perpetual.settle(series);
        perpetual.claim(series, bob);
        assertEq(token.balanceOf(bob), 100_000_000e18);
    }

    /// @dev The same without a donation: who owns the pool loses to its own market, for nothing but fees, and a share
    /// becomes as dear as it likes. Nobody else pays for the rounding: deposits lose a million wei at most, or are
    /// given back.
    function testFuzz_finding_pumpedSharesTakeNothing(uint256 epochs, uint256 victim) public {
        SeriesTerms memory t = seriesTerms();
        (t.feeBps, t.minEntrants) = (0, 2);
        series = newSeries(t);
        deal(address(token), alice, 9e27);
        deposit(alice, 3e18);
        epochs = bound(epochs, 1, 3);
        for (uint256 k; k < epochs; ++k) {
            uint256 market = start(k, 2);
            if (k == 0) perpetual.claim(series, alice);
            buy(alice, market, 0, LMSR.limit(delphi.marketOf(market).b)); // which loses
            end(k, 2);
            // All but what the next market needs is taken out again.
            uint256 held = shareBalance(alice);
            withdraw(alice, held - FixedPointMathLib.mulDivUp(held, 3e18, state().assets));
            perpetual.settle(series);
            perpetual.claim(series, alice);
        }
        assertGt(state().assets * 1e6 / state().shares, epochs * 10_000, "a share is dearer by far");
        victim = bound(victim, 1, 1_000_000e18);
        deposit(bob, victim);
        perpetual.settle(series);
        perpetual.claim(series, bob);
        assertEq(shareBalance(bob) == 0, epochs == 3 || victim < state().assets / state().shares);
        if (shareBalance(bob) != 0) {
            withdraw(bob, shareBalance(bob));
            perpetual.settle(series);
            perpetual.claim(series, bob);
        }
        assertGe(token.balanceOf(bob) + 1e6 + 2, 100_000_000e18);
    }

    /// @dev Symbiotic and Lido: leaving before a loss is booked, at what shares were worth before it.
    function test_finding_leavingAheadOfALossIsTooLate() public {
        deposit(alice, 1_000e18);
        deposit(bob, 1_000e18);
        uint256 market = start(0, 3);
        perpetual.claim(series, alice);
        perpetual.claim(series, bob);
        buy(creator, market, 0, 20_000 * SHARE); // it is plain who wins
        withdraw(alice, shareBalance(alice));
        end(0, 1);
        perpetual.claim(series, alice);
        withdraw(bob, shareBalance(bob));
        perpetual.settle(series);
        perpetual.claim(series, bob);
        assertApproxEqAbs(token.balanceOf(alice), token.balanceOf(bob), 2);
        assertLt(token.balanceOf(alice), 100_000_000e18 - 200e18);
    }

    /// @dev Coming after a gain is known and before it is booked.
    function test_finding_comingAfterAGainBuysNone() public {
        deposit(alice, 1_000e18);
        uint256 market = start(0, 3);
        buy(creator, market, 0, 20_000 * SHARE);
        close(market);
        decide(0, Verdict.Decided, 2); // the buyer lost 19,000
        delphi.resolve(market);
        deposit(bob, 1_000_000e18);
        perpetual.settle(series);
        perpetual.claim(series, bob);
        withdraw(bob, shareBalance(bob));
        perpetual.settle(series);
        perpetual.claim(series, bob);
        assertLe(token.balanceOf(bob), 100_000_000e18);
    }

    /// @dev Symbiotic V2 (M-05): a backlog of claims that somebody must walk through.
    function test_finding_turnsCostTheSameForAnyNumber() public {
        costOfTurn(1); // the first of all writes new words
        uint256 one = costOfTurn(1);
        assertApproxEqAbs(costOfTurn(60), one, one / 20);
    }

    function costOfTurn(uint256 owners) private returns (uint256 gas_) {
        for (uint256 i; i < owners; ++i) {
            address who = address(uint160(0x9000 + i));
            deal(address(token), who, 1e18);
            vm.prank(who);
            token.approve(address(perpetual), 1e18);
            deposit(who, 1e18);
        }
        gas_ = gasleft();
        perpetual.settle(series);
        return gas_ - gasleft();
    }

    /// @dev Gensyn's Delphi (Trail of Bits 2026-04): what anyone may call at the wrong time. Strangers redeem the
    /// series' liquidity, collect its fees and send it shares before it does.
    function test_finding_strangersActForTheSeries() public {
        deposit(alice, 1_000e18);
        uint256 market = start(0, 3);
        buy(bob, market, 1, 100 * SHARE);
        uint256 state_ = vm.snapshotState();
        end(0, 1);
        uint256 assets = state().assets;
        vm.revertToState(state_);
        uint256 id = delphi.idOf(market, 1);
        vm.prank(bob);
        delphi.transfer(address(perpetual), id, 40 * SHARE);
        delphi.collectCreatorFees(market);
        close(market);
        decide(0, Verdict.Decided, 1);
        delphi.resolve(market);
        delphi.redeemLiquidity(market, address(perpetual));
        delphi.redeem(market, 1, address(perpetual));
        perpetual.settle(series);
        assertEq(state().assets, assets);
        assertGt(perpetual.payCurator(series, 0), 0);
    }

    /// @dev What somebody sent the contract goes to nobody who rolls.
    function test_finding_strayShareIsNobodys() public {
        deposit(creator, 1_000e18);
        uint256 market = start(0, 3);
        buy(alice, market, 1, 10 * SHARE);
        buy(bob, market, 1, 90 * SHARE);
        uint256 id = delphi.idOf(market, 1);
        vm.prank(bob);
        delphi.transfer(address(perpetual), id, 90 * SHARE);
        end(0, 2);
        start(1, 3);
        vm.prank(alice);
        (, uint256 cost) = perpetual.rollPosition(series, 0, 1, 1, alice, 0, vm.getBlockTimestamp());
        assertLe(cost, 10e18);
        assertEq(token.balanceOf(address(perpetual)), state().assets + 90e18);
    }

    /// @dev Its initialisation front-runs: nobody takes a series' id, contest or market.
    function test_finding_seriesCannotBeTaken() public {
        SeriesTerms memory t = seriesTerms();
        vm.prank(bob);
        uint256 other = perpetual.create(t, "new");
        vm.prank(curator);
        uint256 own = perpetual.create(t, "new");
        assertTrue(own != other);
        assertEq(perpetual.seriesOf(own).curator, curator);
        deposit(alice, 1_000e18);
        open(0, 3);
        // A market on the same contest, made by somebody else first.
        MarketTerms memory m = terms();
        (m.source, m.contest) = (judge, epochOf(0).contest);
        m.closesAt = judge.secretUntil(m.contest);
        m.voidsAt = judge.decidedBy(m.contest);
        vm.prank(creator);
        delphi.create(m, type(uint256).max, 0);
        openMarket();
    }

    /// @dev Turns divide what rounding left among nobody: many small requests take no more than one large one.
    function test_finding_smallRequestsGainNothing() public {
        deposit(bob, 1_000e18 + 7);
        perpetual.settle(series);
        perpetual.claim(series, bob);
        uint256 market = start(0, 3);
        buy(creator, market, 1, 77 * SHARE);
        end(0, 1); // a share is worth an odd amount
        uint256 paid;
        for (uint256 i; i < 20; ++i) {
            withdraw(bob, 1);
            perpetual.settle(series);
            (uint256 some,) = perpetual.claim(series, bob);
            paid += some;
        }
        assertEq(paid, 0);
        Turn memory last = perpetual.turnOf(series, 21);
        assertEq(last.withdrawn, 1);
        assertGe(token.balanceOf(address(perpetual)), state().assets);
    }

    // Baskets. -----------------------------------------------------------------------------------

    function basketOf(uint256 market) private returns (Basket baskets, Leg[] memory legs) {
        baskets = Basket(deployCode("Basket.sol:Basket", abi.encode(delphi)));
        legs = new Leg[](1);
        legs[0] = Leg(market, 0, 3);
        vm.startPrank(alice);
        token.approve(address(baskets), type(uint256).max);
        baskets.buy(legs, 10 * SHARE, 1_000e18, type(uint256).max);
        vm.stopPrank();
    }

    /// @dev Gnosis (G0 Group 2019, critical): what is called back takes collateral twice. The contest of a leg calls
    /// back while the basket is redeemed.
    function test_finding_contestCallsTheBasketBack() public {
        HostileContest hostile = new HostileContest();
        contest = hostile;
        uint256 market = create(2);
        (Basket baskets, Leg[] memory legs) = basketOf(market);
        hostile.callBack(address(baskets), abi.encodeCall(baskets.redeem, (legs, alice)));
        contest.set(Verdict.Decided, 1);
        close(market);
        uint256 before = token.balanceOf(alice);
        assertEq(baskets.redeem(legs, alice), 30e18);
        assertTrue(hostile.wasRefused());
        assertEq(token.balanceOf(alice) - before, 30e18);
        assertEq(token.balanceOf(address(baskets)), 0);
    }

    /// @dev Zeitgeist: reserves read from balances. Whatever is sent or redeemed for the basket changes nothing.
    function test_finding_basketsReadNoBalances() public {
        uint256 market = create(2);
        (Basket baskets, Leg[] memory legs) = basketOf(market);
        uint256 id = delphi.idOf(market, 0);
        buy(bob, market, 0, 100 * SHARE);
        vm.startPrank(bob);
        delphi.transfer(address(baskets), id, 5 * SHARE);
        require(token.transfer(address(baskets), 12_345));
        vm.stopPrank();
        settle(market, 1);
        delphi.redeem(market, 0, address(baskets));
        vm.prank(bob);
        delphi.transfer(address(baskets), id, 1);
        vm.prank(alice);
        assertEq(baskets.burn(legs, 4 * SHARE), 12e18);
        assertEq(baskets.redeem(legs, alice), 18e18);
        assertEq(token.balanceOf(address(baskets)), 5e18 + 1e9 + 12_345);
    }
}
