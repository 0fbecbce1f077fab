// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";

import {Book} from "../../src/delphi/Book.sol";
import {Delphi} from "../../src/delphi/Delphi.sol";
import {IBook, Market, MarketStatus, MarketTerms} from "../../src/delphi/IDelphi.sol";
import {LMSR} from "../../src/delphi/LMSR.sol";
import {Markets} from "../../src/delphi/Markets.sol";
import {DelphiBase} from "./DelphiBase.t.sol";

/// @notice Creation, listing, and what governance may do.
contract MarketsTest is DelphiBase {
    function attempt(MarketTerms memory t, bytes memory error_) private {
        vm.expectRevert(error_);
        vm.prank(creator);
        delphi.create(t, type(uint256).max, 0);
    }

    function bad(string memory field) private pure returns (bytes memory) {
        return abi.encodeWithSelector(Book.Delphi_BadTerms.selector, field);
    }

    function testFuzz_create_takesTheSubsidyAndPricesEqually(uint256 n) public {
        n = bound(n, 2, 256);
        uint256 before = token.balanceOf(creator);
        uint256 market = create(n);
        uint256 subsidy = LMSR.funding(B, n);
        assertEq(before - token.balanceOf(creator), subsidy);
        assertEq(token.balanceOf(address(delphi)), subsidy);
        Market memory m = delphi.marketOf(market);
        assertEq(m.pot, subsidy);
        assertEq(m.outcomes, n);
        assertEq(m.creator, creator);
        assertEq(m.protocolBps, 2_500);
        assertTrue(m.status == MarketStatus.Open);
        assertEq(delphi.balanceOf(creator, delphi.liquidityIdOf(market)), subsidy);
        uint256[] memory prices = delphi.pricesOf(market);
        for (uint256 i; i < n; ++i) {
            assertEq(prices[i], 1e18 / n);
        }
    }

    function test_create_emitsItsTerms() public {
        MarketTerms memory t = terms();
        uint256 market = uint256(keccak256(abi.encode(creator, t, bytes32(0)))) >> 16;
        vm.expectEmit(address(delphi));
        emit IBook.MarketCreated(market, creator, t, 2, LMSR.funding(B, 2), 2_500);
        vm.prank(creator);
        assertEq(delphi.create(t, type(uint256).max, 0), market);
    }

    function test_create_refusesBadTerms() public {
        MarketTerms memory t = terms();
        t.closesAt = uint40(vm.getBlockTimestamp());
        attempt(t, bad("closesAt"));
        t.closesAt = uint40(vm.getBlockTimestamp() + 365 days + 1);
        attempt(t, bad("closesAt"));
        t = terms();
        contest.setTimes(t.closesAt - 1, 0);
        attempt(t, bad("closesAt"));
        contest.setTimes(t.closesAt, t.voidsAt + 1);
        attempt(t, bad("voidsAt"));
        contest.setTimes(t.closesAt, t.voidsAt);
        t.voidsAt = t.closesAt + 365 days + 1;
        attempt(t, bad("voidsAt"));
        contest.setTimes(t.closesAt, 0);
        t.voidsAt = t.closesAt - 1;
        attempt(t, bad("voidsAt"));
        t = terms();
        t.feeBps = 1_001;
        attempt(t, bad("feeBps"));
        t = terms();
        t.creatorBps = 5_001; // with 2,500 each for the entrant and the protocol
        attempt(t, bad("creatorBps"));
        t = terms();
        t.b = 1e18 - 1;
        attempt(t, abi.encodeWithSelector(LMSR.LMSR_LiquidityOutOfRange.selector, t.b));
        t.b = 1e27 + 1;
        attempt(t, abi.encodeWithSelector(LMSR.LMSR_LiquidityOutOfRange.selector, t.b));
        t = terms();
        contest.setCount(1);
        attempt(t, abi.encodeWithSelector(LMSR.LMSR_OutcomesOutOfRange.selector, 1));
        contest.setCount(257);
        attempt(t, abi.encodeWithSelector(LMSR.LMSR_OutcomesOutOfRange.selector, 257));
    }

    function test_create_acceptsTermsAtTheirBounds() public {
        MarketTerms memory t = terms();
        t.closesAt = uint40(vm.getBlockTimestamp() + 365 days);
        t.voidsAt = t.closesAt + 365 days;
        (t.feeBps, t.creatorBps, t.modelBps) = (1_000, 5_000, 2_500);
        contest.setTimes(t.closesAt, t.voidsAt);
        vm.prank(creator);
        delphi.create(t, LMSR.funding(B, 2), 0);
    }

    function test_create_existsOnce() public {
        uint256 market = create(2);
        vm.expectRevert(abi.encodeWithSelector(Markets.Delphi_MarketExists.selector, market));
        vm.prank(creator);
        delphi.create(terms(), type(uint256).max, bytes32(uint256(2)));
    }

    function test_list_bringsTheNextEntrantAtThePriceOfNobody() public {
        uint256 market = create(2);
        buy(alice, market, 0, 1_000 * SHARE);
        contest.setCount(3);
        uint256 pot = potOf(market);
        vm.prank(bob);
        (uint256 outcome, uint256 cost) =
            delphi.list(market, type(uint96).max, vm.getBlockTimestamp());
        assertEq(outcome, 2);
        assertEq(potOf(market), pot + cost);
        uint256[] memory prices = delphi.pricesOf(market);
        assertEq(prices.length, 3);
        assertEq(prices[2], prices[1]);
        assertApproxEqAbs(prices[0] + prices[1] + prices[2], 1e18, 3);
        // e^1 and twice e^0, where there was e^1 and once e^0
        uint256 exact = B * uint256(FixedPointMathLib.lnWad(1.26894142136999512e18)) / 1e18;
        assertApproxEqAbs(cost, exact, 8 * B / 1e18);
    }

    function test_list_refusesWhatItMust() public {
        uint256 market = create(2);
        uint256 nowSeconds = vm.getBlockTimestamp();
        vm.expectRevert(abi.encodeWithSelector(Markets.Delphi_NothingToList.selector, 2));
        delphi.list(market, type(uint96).max, nowSeconds);
        contest.setCount(3);
        vm.expectRevert(abi.encodeWithSelector(Book.Delphi_PastDeadline.selector, nowSeconds - 1));
        delphi.list(market, type(uint96).max, nowSeconds - 1);
        vm.expectPartialRevert(Book.Delphi_TooDear.selector);
        delphi.list(market, 1e18, nowSeconds);
        market = create(256);
        contest.setCount(257);
        vm.expectRevert(abi.encodeWithSelector(Markets.Delphi_NothingToList.selector, 256));
        delphi.list(market, type(uint96).max, nowSeconds);
    }

    function test_governance_onlyTheOwner() public {
        bytes memory error_ =
            abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, alice);
        uint256 market = create(2);
        vm.startPrank(alice);
        vm.expectRevert(error_);
        delphi.setProtocol(alice, 0);
        vm.expectRevert(error_);
        delphi.setPaused(true);
        vm.expectRevert(error_);
        delphi.setHalted(market, true);
    }

    function test_governance_boundsTheProtocolsPart() public {
        vm.startPrank(owner);
        vm.expectRevert(bad("protocolBps"));
        delphi.setProtocol(treasury, 5_001);
        vm.expectRevert(Delphi.Delphi_ZeroAddress.selector);
        delphi.setProtocol(address(0), 5_000);
        delphi.setProtocol(bob, 5_000);
        vm.stopPrank();
        assertEq(delphi.marketOf(create(2)).protocolBps, 5_000);
    }

    function test_governance_pausesCreationOnly() public {
        uint256 market = create(2);
        vm.prank(owner);
        delphi.setPaused(true);
        attempt(terms(), abi.encodeWithSelector(Markets.Delphi_Paused.selector));
        buy(alice, market, 0, SHARE);
    }

    /// @dev Halting never keeps money in.
    function test_governance_haltsBuyingOnly() public {
        uint256 market = create(2);
        buy(alice, market, 0, 100 * SHARE);
        mintSets(alice, market, 100 * SHARE);
        vm.prank(owner);
        delphi.setHalted(market, true);
        uint256 nowSeconds = vm.getBlockTimestamp();
        bytes memory error_ = abi.encodeWithSelector(Book.Delphi_Halted.selector, market);
        contest.setCount(3);
        vm.startPrank(alice);
        vm.expectRevert(error_);
        delphi.buy(market, 0, SHARE, type(uint96).max, nowSeconds);
        vm.expectRevert(error_);
        delphi.buyFor(market, 0, 1e18, 0, nowSeconds);
        vm.expectRevert(error_);
        delphi.mintSets(market, SHARE);
        vm.expectRevert(error_);
        delphi.list(market, type(uint96).max, nowSeconds);
        vm.expectRevert(error_);
        delphi.addLiquidity(market, 2 * B, type(uint96).max, nowSeconds);
        delphi.sell(market, 0, SHARE, 0, nowSeconds);
        delphi.sellFor(market, 0, 1e18, type(uint256).max, nowSeconds);
        delphi.burnSets(market, 10 * SHARE);
        delphi.collectCreatorFees(market);
        vm.stopPrank();
        settle(market, 1);
        assertGt(delphi.redeem(market, 0, alice), 0);
        vm.prank(owner);
        delphi.setHalted(market, false);
    }

    function test_unknownMarket() public {
        bytes memory error_ = abi.encodeWithSignature("Delphi_UnknownMarket(uint256)", 7);
        vm.expectRevert(error_);
        delphi.buy(7, 0, 1, 1, type(uint256).max);
        vm.expectRevert(error_);
        delphi.resolve(7);
        vm.expectRevert(error_);
        delphi.redeem(7, 0, alice);
        vm.expectRevert(error_);
        delphi.marketOf(7);
        vm.prank(owner);
        vm.expectRevert(error_);
        delphi.setHalted(7, true);
    }

    /// @dev What runs by delegatecall has a storage of its own, in which nobody's money must get lost.
    function test_parts_createNothingByThemselves() public {
        Markets part = Markets(deployCode("Markets.sol:Markets", abi.encode(address(token))));
        vm.expectRevert(Markets.Delphi_Paused.selector);
        part.create(terms(), type(uint256).max, 0);
        (bool done, bytes memory answer) = address(delphi).call(abi.encodeWithSelector(0x12345678));
        assertFalse(done, "what neither part knows");
        assertEq(answer.length, 0);
    }

    function test_multicall_reachesBothParts() public {
        MarketTerms memory t = terms();
        uint256 market = uint256(keccak256(abi.encode(creator, t, bytes32(0)))) >> 16;
        bytes[] memory calls = new bytes[](4);
        calls[0] = abi.encodeCall(delphi.create, (t, type(uint256).max, 0));
        calls[1] = abi.encodeCall(delphi.buy, (market, 0, SHARE, 1e18, vm.getBlockTimestamp()));
        calls[2] = abi.encodeCall(delphi.mintSets, (market, SHARE));
        calls[3] = abi.encodeCall(delphi.pricesOf, (market));
        vm.prank(creator);
        bytes[] memory answers = delphi.multicall(calls);
        assertEq(abi.decode(answers[0], (uint256)), market);
        assertEq(delphi.marketOf(market).creator, creator);
        assertEq(sharesOf(creator, market, 0), 2 * SHARE);
        assertEq(abi.decode(answers[3], (uint256[])), delphi.pricesOf(market));
        // One that fails in the other part takes all of them back, and says why.
        calls[3] = calls[0];
        (t.metadata, calls[0]) = (bytes32("another"), calls[2]);
        calls[1] = abi.encodeCall(delphi.create, (t, type(uint256).max, 0));
        calls[2] = abi.encodeCall(delphi.mintSets, (market, SHARE));
        vm.prank(creator);
        vm.expectRevert(abi.encodeWithSelector(Markets.Delphi_MarketExists.selector, market));
        delphi.multicall(calls);
    }

    function test_constructor_refusesNobody() public {
        vm.expectRevert(Delphi.Delphi_ZeroAddress.selector);
        deployCode("Delphi.sol:Delphi", abi.encode(owner, address(0), treasury, uint16(0)));
    }
}
