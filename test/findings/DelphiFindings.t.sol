// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";
import {SafeTransferLib} from "solady/utils/SafeTransferLib.sol";

import {Book} from "../../src/delphi/Book.sol";
import {IDelphi, MarketStatus, MarketTerms} from "../../src/delphi/IDelphi.sol";
import {LMSR} from "../../src/delphi/LMSR.sol";
import {Payouts} from "../../src/delphi/Payouts.sol";
import {Verdict} from "../../src/judge/IContest.sol";
import {DelphiBase} from "../delphi/DelphiBase.t.sol";
import {FalseToken} from "../mocks/FalseToken.sol";
import {HostileContest} from "../mocks/HostileContest.sol";

/// @notice What was wrong with other markets, or with this one before it was reviewed, tried on whole markets.
contract DelphiFindings is DelphiBase {
    // Others' findings. --------------------------------------------------------------------------

    /// @dev Ethos ReputationMarket (Sherlock 2024-12, M-1): rounding chosen by outcome; the last seller was not paid.
    function testFuzz_finding_lastSellerIsPaid(uint256 first, uint256 second, bool order) public {
        uint256 market = create(2);
        first = bound(first, 1, 100_000 * SHARE);
        second = bound(second, 1, 100_000 * SHARE);
        buy(alice, market, 0, first);
        buy(bob, market, 1, second);
        if (order) sell(alice, market, 0, first);
        sell(bob, market, 1, second);
        if (!order) sell(alice, market, 0, first);
        settle(market, 1);
        assertGe(delphi.redeemLiquidity(market, creator), LMSR.funding(B, 2));
    }

    /// @dev The same: what an outcome costs depends on where it stands, not on which it is.
    function testFuzz_finding_outcomesAreEqual(uint256 shares, uint8 outcome) public {
        uint256 market = create(16);
        shares = bound(shares, 1, 100_000 * SHARE);
        (uint256 zero,) = delphi.quoteBuy(market, 0, shares);
        (uint256 other,) = delphi.quoteBuy(market, outcome % 16, shares);
        assertEq(zero, other);
    }

    /// @dev Ethos (#35, #87, #105, #107) and G0 on Gnosis: costs and fees that round to nothing.
    function test_finding_nothingIsFree() public {
        uint256 market = create(2);
        buy(alice, market, 0, 100_000 * SHARE); // the other is e^-100
        for (uint256 i; i < 20; ++i) {
            (uint256 cost, uint256 fee) = delphi.quoteBuy(market, 1, 1);
            assertGt(fee, 0);
            assertGe(cost, B / 1e18 + fee);
            buy(bob, market, 1, 1);
        }
        assertEq(sell(bob, market, 1, 20), 0);
    }

    /// @dev Ethos (#5, #22, …): slippage checked before the fee.
    function test_finding_slippageAfterFees() public {
        uint256 market = create(2);
        (uint256 cost, uint256 fee) = delphi.quoteBuy(market, 0, SHARE);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(Book.Delphi_TooDear.selector, cost, cost - fee));
        delphi.buy(market, 0, SHARE, cost - fee, type(uint256).max);
    }

    /// @dev Gensyn's Delphi (Trail of Bits 2026-04): a wei at the address of a market blocked its creation. And
    /// Zeitgeist: reserves read from balances.
    function test_finding_donationsChangeNothing() public {
        require(token.transfer(address(delphi), 12_345));
        uint256 market = create(2);
        uint256 cost = buy(alice, market, 0, SHARE);
        require(token.transfer(address(delphi), 5e18));
        assertEq(potOf(market), LMSR.funding(B, 2) + cost);
        settle(market, 1);
        assertEq(delphi.redeem(market, 0, alice), 1e18);
        delphi.redeemLiquidity(market, creator);
        assertEq(token.balanceOf(address(delphi)), potOf(market) + 5e18 + 12_345);
    }

    /// @dev The same report: an initialisation that somebody else sends first. A market's id is its creator's.
    function test_finding_creationCannotBeTaken() public {
        MarketTerms memory t = terms();
        vm.prank(bob);
        uint256 other = delphi.create(t, type(uint256).max, 0);
        vm.prank(creator);
        uint256 market = delphi.create(t, type(uint256).max, 0);
        assertTrue(market != other);
        assertEq(delphi.marketOf(market).creator, creator);
    }

    /// @dev Entrants who come just before a creation make its subsidy larger: 8 times at most.
    function test_finding_subsidyIsTheCreatorsChoice() public {
        uint256 subsidy = LMSR.funding(B, 2);
        contest.setCount(256);
        vm.prank(creator);
        vm.expectRevert(
            abi.encodeWithSelector(Book.Delphi_TooDear.selector, LMSR.funding(B, 256), subsidy)
        );
        delphi.create(terms(), subsidy, 0);
    }

    /// @dev The same report: the pot ended at zero only for one order of redemption.
    function testFuzz_finding_orderOfRedemption(uint256 seed, bool isVoid) public {
        uint256 market = create(4);
        address[2] memory owners = [alice, bob];
        for (uint256 i; i < 8; ++i) {
            uint256 word = uint256(keccak256(abi.encode(seed, i)));
            skip(word % 10 hours);
            buy(owners[i % 2], market, word >> 64 & 3, 1 + (word >> 128) % (5_000 * SHARE));
        }
        close(market);
        contest.set(isVoid ? Verdict.Void : Verdict.Decided, 6);
        uint256 state = vm.snapshotState();
        uint256[3] memory expected = redeemAll(market, 0);
        uint256 dust = potOf(market);
        vm.revertToState(state);
        uint256[3] memory got = redeemAll(market, 1 + seed % 11);
        assertEq(keccak256(abi.encode(got)), keccak256(abi.encode(expected)));
        assertEq(potOf(market), dust);
    }

    /// @dev Steps 0 to 7: an owner's shares of an outcome; 8: the liquidity. From another one, the other way.
    function redeemAll(uint256 market, uint256 from) private returns (uint256[3] memory got) {
        address[2] memory owners = [alice, bob];
        for (uint256 k; k < 9; ++k) {
            uint256 step = (from % 2 == 0 ? from + k : from + 9 - k) % 9;
            if (step == 8) {
                got[2] += delphi.redeemLiquidity(market, creator);
            } else if (sharesOf(owners[step & 1], market, step >> 1) != 0) {
                got[step & 1] += delphi.redeem(market, step >> 1, owners[step & 1]);
            }
        }
    }

    /// @dev The same report: fees could be taken before a market's life was over, and keep it from ending.
    function test_finding_feesAreTakenOnceAndBrickNothing() public {
        uint256 market = create(2);
        for (uint256 i; i < 8; ++i) {
            buy(alice, market, i & 1, 3_333 * SHARE + i);
            delphi.collectCreatorFees(market);
            delphi.collectProtocolFees(market);
            delphi.collectModelFees(market, i & 1);
        }
        settle(market, 1);
        delphi.redeem(market, 0, alice);
        delphi.redeemLiquidity(market, creator);
        vm.expectRevert(abi.encodeWithSelector(Payouts.Delphi_NothingToPay.selector, market));
        delphi.collectCreatorFees(market);
        assertLe(potOf(market), 8e9);
    }

    /// @dev A void market that pays the last price: whoever moves it last takes the subsidy.
    function test_finding_lastTradeMovesNoRefund() public {
        uint256 market = create(2);
        buy(alice, market, 0, 100 * SHARE);
        vm.warp(delphi.marketOf(market).closesAt);
        uint256[] memory before = delphi.refundsOf(market);
        uint256 cost = buy(bob, market, 1, 5_000 * SHARE);
        voided(market);
        assertEq(delphi.refundsOf(market)[1], before[1]);
        assertLt(delphi.redeem(market, 1, bob), cost); // at the last price: 4,950 of 4,260
    }

    /// @dev Gnosis (G0 Group 2019, critical): a trade that is called back takes collateral twice.
    function test_finding_reentrancyThroughTheContest() public {
        HostileContest hostile = new HostileContest();
        contest = hostile;
        uint256 market = create(2);
        buy(alice, market, 0, 10 * SHARE);
        hostile.callBack(address(delphi), abi.encodeCall(delphi.redeem, (market, 0, alice)));
        contest.set(Verdict.Decided, 1);
        close(market);
        uint256 before = token.balanceOf(alice);
        delphi.redeem(market, 0, alice);
        assertTrue(hostile.wasRefused());
        assertEq(token.balanceOf(alice) - before, 10e18);
        // Concluding again inside would need the gas again.
        hostile.callBack(address(delphi), abi.encodeCall(delphi.resolve, (market)));
        assertTrue(delphi.resolve(market) == MarketStatus.Settled);
    }

    /// @dev Tokens that say false, as strict ERC-20s may: nothing is booked, nothing is lost.
    function test_finding_tokenThatSaysFalse() public {
        FalseToken other = new FalseToken();
        delphi = IDelphi(
            deployCode("Delphi.sol:Delphi", abi.encode(owner, address(other), treasury, uint16(0)))
        );
        other.mint(creator, 10_000e18);
        other.mint(alice, 10_000e18);
        uint256 market = create(2);
        buy(alice, market, 0, 10 * SHARE);
        uint256 pot = potOf(market);
        other.setRefuses(true);
        vm.startPrank(alice);
        vm.expectRevert(SafeTransferLib.TransferFromFailed.selector);
        delphi.buy(market, 0, SHARE, type(uint96).max, type(uint256).max);
        vm.expectRevert(SafeTransferLib.TransferFromFailed.selector);
        delphi.mintSets(market, SHARE);
        vm.expectRevert(SafeTransferLib.TransferFailed.selector);
        delphi.sell(market, 0, SHARE, 0, type(uint256).max);
        vm.stopPrank();
        settle(market, 1);
        vm.expectRevert(SafeTransferLib.TransferFailed.selector);
        delphi.redeem(market, 0, alice);
        assertEq(potOf(market), pot);
        other.setRefuses(false);
        assertEq(delphi.redeem(market, 0, alice), 10e18);
    }

    /// @dev Liquidity that comes for the fees alone, just before they are divided.
    function test_finding_lateLiquidityGetsNoEarlierFees() public {
        uint256 market = create(2);
        for (uint256 i; i < 10; ++i) {
            buy(alice, market, 0, 2_000 * SHARE);
            sell(alice, market, 0, 2_000 * SHARE);
        }
        uint256 state = vm.snapshotState();
        settle(market, 1);
        uint256 alone = delphi.redeemLiquidity(market, creator);
        assertGt(alone, LMSR.funding(B, 2) + 50e18); // a quarter of the fees
        vm.revertToState(state);
        vm.warp(delphi.marketOf(market).closesAt);
        uint256 cost = join(bob, market, 100 * B);
        settle(market, 1);
        assertApproxEqAbs(delphi.redeemLiquidity(market, creator), alone, 1e9);
        uint256 got = delphi.redeemLiquidity(market, bob);
        assertLe(got, cost);
        assertApproxEqAbs(got, cost, 1e9);
    }

    // Our own, before review. --------------------------------------------------------------------

    /// @dev Fees as computed fall by a unit of b when a curve is made anew. What was collected is then more than the
    /// part it is a part of, and subtracting it kept the market from ending, for good.
    function testFuzz_finding_remakingAfterCollecting(uint256 seed) public {
        MarketTerms memory t = terms();
        (t.b, t.feeBps, t.creatorBps, t.modelBps) = (1e25, 0, 7_500, 0);
        vm.prank(creator);
        uint256 market = delphi.create(t, type(uint256).max, bytes32(seed));
        for (uint256 i; i < 4; ++i) {
            buy(alice, market, i & 1, 1 + uint256(keccak256(abi.encode(seed, i))) % 1e16);
            (bool done,) = address(delphi).call(abi.encodeCall(delphi.collectCreatorFees, (market)));
            assertTrue(done || i != 0);
            delphi.remake(market);
        }
        settle(market, 1);
        delphi.redeem(market, 0, alice);
        delphi.redeemLiquidity(market, creator);
    }

    /// @dev Where sets are sold to the curve it is worth less than nothing. That was computed as an unsigned number,
    /// which reverted: no fees, no liquidity, and no end for the market.
    function test_finding_curveBelowZero() public {
        uint256 market = create(2);
        mintSets(alice, market, 20_000 * SHARE);
        sell(alice, market, 0, 20_000 * SHARE);
        sell(alice, market, 1, 20_000 * SHARE);
        assertGt(delphi.collectCreatorFees(market), 49e18);
        join(bob, market, 2 * B);
        settle(market, 1);
        delphi.redeemLiquidity(market, creator);
        delphi.redeemLiquidity(market, bob);
    }

    /// @dev Sets parked on the curve before a listing push all quantities below zero. A new outcome that counted as
    /// zero until then got nearly all of a void market.
    function test_finding_parkedSetsBeforeAListing() public {
        uint256 market = create(2);
        mintSets(alice, market, 20_000 * SHARE);
        sell(alice, market, 0, 20_000 * SHARE);
        sell(alice, market, 1, 20_000 * SHARE);
        vm.warp(uint256(delphi.marketOf(market).closesAt) - 1);
        uint256 outcome = list(alice, market);
        assertApproxEqAbs(delphi.pricesOf(market)[outcome], uint256(1e18) / 3, 1e9);
        voided(market);
        assertApproxEqAbs(delphi.refundsOf(market)[outcome], uint256(1e18) / 3, 1e9);
    }

    /// @dev Sets that are held while an outcome is listed do not contain it: its quantity is below zero, its price
    /// that of an outcome that nobody has, and every share can still be sold and paid.
    function test_finding_setsFromBeforeAListing() public {
        uint256 market = create(2);
        mintSets(alice, market, 3_000 * SHARE);
        uint256 outcome = list(bob, market);
        assertEq(delphi.outcomeOf(market, outcome).quantity, -int256(3_000 * SHARE));
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSignature("InsufficientBalance()"));
        delphi.burnSets(market, SHARE);
        buy(bob, market, outcome, 2_000 * SHARE);
        settle(market, 1 << outcome);
        assertEq(delphi.redeem(market, outcome, bob), 2_000e18);
        assertEq(delphi.redeem(market, 0, alice), 0);
        delphi.redeemLiquidity(market, creator);
    }

    /// @dev Average quantities grow with b when liquidity joins. Quantities that were far out before made them leave
    /// 96 bits, after which nobody could sell.
    function test_finding_averagesStayInTheirBounds() public {
        require(token.transfer(alice, 3_000_000_000e18));
        MarketTerms memory t = terms();
        (t.b, t.closesAt, t.voidsAt) =
        (1e18, uint40(vm.getBlockTimestamp() + 365 days), uint40(vm.getBlockTimestamp() + 400 days));
        t.feeBps = 0;
        vm.prank(creator);
        uint256 market = delphi.create(t, type(uint256).max, 0);
        uint256 most = LMSR.limit(1e18);
        buy(alice, market, 0, most);
        skip(364 days);
        sell(alice, market, 0, most);
        join(alice, market, 1e27);
        buy(alice, market, 0, SHARE);
        skip(1 days);
        sell(alice, market, 0, SHARE);
        assertLe(
            FixedPointMathLib.abs(delphi.outcomeOf(market, 0).weighted), LMSR.limit(1e27) * 365 days
        );
        voided(market);
        assertGt(delphi.refundsOf(market)[0], 0.9998e18); // e^-9.2 less: 63 bits are 9.2 b here
        delphi.redeemLiquidity(market, alice);
    }

    /// @dev An outcome's counted fees have 64 bits. At their end they stand still; selling goes on.
    function test_finding_feesCountedToTheEnd() public {
        uint256 market = create(2);
        buy(alice, market, 0, 100 * SHARE);
        bytes32 slot = keccak256(abi.encode(0, keccak256(abi.encode(market, 1))));
        uint256 word = uint256(vm.load(address(delphi), slot));
        assertEq(uint64(word), 100 * SHARE, "the slot of an outcome");
        vm.store(address(delphi), slot, bytes32(word | uint256(type(uint64).max) << 64));
        sell(alice, market, 0, 50 * SHARE);
        assertEq(delphi.outcomeOf(market, 0).fees, type(uint64).max);
        // They are a part of what there is, whatever they say.
        uint256 fees = delphi.collectModelFees(market, 0);
        assertLt(fees, 1e18);
        settle(market, 1);
        assertEq(delphi.redeem(market, 0, alice), 50e18);
    }
}
