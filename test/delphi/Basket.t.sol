// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Basket} from "../../src/delphi/Basket.sol";
import {Book} from "../../src/delphi/Book.sol";
import {IBasket, Leg} from "../../src/delphi/IBasket.sol";
import {Payouts} from "../../src/delphi/Payouts.sol";
import {Verdict} from "../../src/judge/IContest.sol";
import {BasketBase} from "./BasketBase.t.sol";

/// @notice Baskets: made of outcomes or of money, taken apart, and paid when their markets have ended.
contract BasketTest is BasketBase {
    uint256 private basket;

    function setUp() public override {
        super.setUp();
        basket = baskets.idOf(fourLegs());
    }

    function buyBasket(address who, uint256 shares) private returns (uint256 cost) {
        vm.prank(who);
        return baskets.buy(fourLegs(), shares, 1_000_000e18, vm.getBlockTimestamp());
    }

    function settleAt(uint256 at, uint256 winners) private {
        vm.warp(uint256(delphi.marketOf(markets[at]).closesAt) + 1);
        contests[at].set(Verdict.Decided, winners);
        delphi.resolve(markets[at]);
    }

    function voidAt(uint256 at) private {
        vm.warp(uint256(delphi.marketOf(markets[at]).closesAt) + 1);
        contests[at].set(Verdict.Void, 0);
        delphi.resolve(markets[at]);
    }

    // Legs --------------------------------------------------------------------------------------------

    function refuse(Leg[] memory legs, string memory field) private {
        vm.expectRevert(abi.encodeWithSelector(Basket.Basket_BadLegs.selector, field));
        baskets.buy(legs, SHARE, 0, type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(Basket.Basket_BadLegs.selector, field));
        baskets.mint(legs, SHARE);
    }

    function test_legs_nameABasket() public {
        Leg[] memory legs = fourLegs();
        assertEq(basket, uint256(keccak256(abi.encode(legs))));
        vm.expectEmit();
        emit IBasket.BasketMade(basket, legs);
        buyBasket(alice, SHARE);
        legs[0].weight = 2;
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSignature("InsufficientBalance()"));
        baskets.burn(legs, SHARE); // it is another
    }

    function test_legs_refusesBadOnes() public {
        refuse(new Leg[](0), "length");
        refuse(new Leg[](17), "length");
        Leg[] memory legs = fourLegs();
        (legs[1], legs[2]) = (legs[2], legs[1]);
        refuse(legs, "order");
        legs = fourLegs();
        legs[2].outcome = 0;
        refuse(legs, "order"); // twice the same
        legs = fourLegs();
        legs[3].weight = 0;
        refuse(legs, "weight");
        legs[3].weight = 1 << 32;
        refuse(legs, "weight");
        legs = fourLegs();
        legs[3].outcome = type(uint16).max; // the id of liquidity
        vm.expectPartialRevert(Book.Delphi_UnknownOutcome.selector);
        baskets.mint(legs, SHARE);
        legs[3].market = 7;
        vm.expectPartialRevert(Book.Delphi_UnknownMarket.selector);
        baskets.mint(legs, SHARE);
    }

    function test_noShares() public {
        bytes memory none = abi.encodeWithSelector(Basket.Basket_NoShares.selector);
        vm.startPrank(alice);
        vm.expectRevert(none);
        baskets.mint(fourLegs(), 0);
        vm.expectRevert(none);
        baskets.burn(fourLegs(), 0);
        vm.expectRevert(none);
        baskets.sell(fourLegs(), 0, 0, type(uint256).max);
        vm.expectRevert(none);
        baskets.redeem(new Leg[](0), alice);
        vm.expectRevert(abi.encodeWithSignature("InsufficientBalance()"));
        baskets.burn(fourLegs(), 1);
        vm.stopPrank();
    }

    // Making shares -----------------------------------------------------------------------------------

    function test_buy_costsWhatItsLegsCost() public {
        uint256 snapshot = vm.snapshotState();
        uint256 apart;
        Leg[] memory legs = fourLegs();
        for (uint256 i; i < 4; ++i) {
            apart += buy(alice, legs[i].market, legs[i].outcome, 10 * SHARE * legs[i].weight);
        }
        vm.revertToState(snapshot);
        uint256 before = token.balanceOf(alice);
        assertEq(buyBasket(alice, 10 * SHARE), apart);
        assertEq(before - token.balanceOf(alice), apart);
        assertEq(token.balanceOf(address(baskets)), 0);
        assertEq(baskets.balanceOf(alice, basket), 10 * SHARE);
        assertEq(heldOf(markets[1], 1), 30 * SHARE);
        uint256 deadline = vm.getBlockTimestamp();
        vm.startPrank(alice);
        vm.expectPartialRevert(Book.Delphi_TooDear.selector);
        baskets.buy(fourLegs(), 10 * SHARE, apart, deadline); // dearer now
        vm.expectPartialRevert(Book.Delphi_PastDeadline.selector);
        baskets.buy(fourLegs(), 10 * SHARE, 2 * apart, deadline - 1);
        vm.stopPrank();
    }

    function test_mint_takesTheLegs() public {
        mintSets(alice, markets[0], 10 * SHARE);
        mintSets(alice, markets[1], 30 * SHARE);
        mintSets(alice, markets[2], 40 * SHARE);
        vm.prank(alice);
        baskets.mint(fourLegs(), 10 * SHARE);
        assertEq(sharesOf(alice, markets[0], 0), 0);
        assertEq(sharesOf(alice, markets[1], 0), 10 * SHARE);
        assertEq(heldOf(markets[2], 1), 40 * SHARE);
        assertEq(baskets.supplyOf(basket), 10 * SHARE);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSignature("InsufficientBalance()"));
        baskets.mint(fourLegs(), 1);
        vm.prank(alice);
        vm.expectRevert();
        baskets.mint(fourLegs(), type(uint256).max); // times a weight
    }

    // Taking them apart -------------------------------------------------------------------------------

    function test_burn_givesTheLegs() public {
        buyBasket(alice, 10 * SHARE);
        buyBasket(bob, 5 * SHARE);
        vm.prank(alice);
        assertEq(baskets.burn(fourLegs(), 4 * SHARE), 0);
        assertEq(sharesOf(alice, markets[2], 1), 16 * SHARE);
        assertEq(heldOf(markets[2], 1), 44 * SHARE);
        assertEq(baskets.supplyOf(basket), 11 * SHARE);
    }

    function test_sell_sellsThemAndPaysAtLeast() public {
        buyBasket(alice, 10 * SHARE);
        uint256 before = token.balanceOf(alice);
        vm.startPrank(alice);
        vm.expectPartialRevert(Basket.Basket_TooLittle.selector);
        baskets.sell(fourLegs(), 10 * SHARE, 1_000e18, vm.getBlockTimestamp());
        uint256 paid = baskets.sell(fourLegs(), 10 * SHARE, 1e18, vm.getBlockTimestamp());
        vm.stopPrank();
        assertEq(token.balanceOf(alice) - before, paid);
        assertEq(heldOf(markets[1], 0), 0);
        assertEq(baskets.supplyOf(basket), 0);
    }

    // After settlement --------------------------------------------------------------------------------

    /// @dev One market of three has ended: its leg is money, the others are shares.
    function test_burn_whenSomeMarketsAreResolved() public {
        buyBasket(alice, 10 * SHARE);
        buyBasket(bob, 10 * SHARE);
        settleAt(0, 1);
        vm.prank(alice);
        assertEq(baskets.burn(fourLegs(), 10 * SHARE), 10e18);
        assertEq(sharesOf(alice, markets[1], 1), 30 * SHARE);
        assertEq(token.balanceOf(address(baskets)), 10e18, "bob's");
        settleAt(1, 2); // outcome 1, of weight 3
        voidAt(2);
        uint256 voided_ = delphi.payoutOf(markets[2], 1, 40 * SHARE);
        uint256 before = token.balanceOf(bob);
        assertEq(baskets.redeem(fourLegs(), bob), 10e18 + 30e18 + voided_);
        assertEq(token.balanceOf(bob) - before, 40e18 + voided_);
        assertEq(baskets.supplyOf(basket), 0);
        assertEq(token.balanceOf(address(baskets)), 0);
    }

    function test_sell_whenSomeMarketsAreResolvedAndOneIsClosed() public {
        buyBasket(alice, 10 * SHARE);
        settleAt(0, 1);
        uint256 snapshot = vm.snapshotState();
        vm.prank(alice);
        assertGt(baskets.sell(fourLegs(), 10 * SHARE, 10e18, type(uint256).max), 10e18);
        vm.revertToState(snapshot);
        vm.warp(uint256(delphi.marketOf(markets[1]).closesAt) + 1);
        vm.prank(alice);
        vm.expectPartialRevert(Book.Delphi_Closed.selector);
        baskets.sell(fourLegs(), 10 * SHARE, 0, type(uint256).max);
        vm.prank(alice);
        baskets.burn(fourLegs(), 10 * SHARE); // there is always a way out
    }

    function test_redeem_waitsForEveryMarket() public {
        buyBasket(alice, 10 * SHARE);
        settleAt(0, 2);
        vm.expectPartialRevert(Payouts.Delphi_StillTrading.selector);
        baskets.redeem(fourLegs(), alice);
        vm.warp(vm.getBlockTimestamp() + 30 days);
        contests[1].set(Verdict.Decided, 1);
        contests[2].set(Verdict.Decided, 2);
        assertEq(baskets.redeem(fourLegs(), alice), 60e18, "it resolves the others");
        vm.expectRevert(Basket.Basket_NoShares.selector);
        baskets.redeem(fourLegs(), alice);
    }

    /// @dev Shares of a market that is over can still be brought; they are worth what they pay.
    /// @dev Parts that are redeemed apart are rounded apart: a thousand of them would come to less than is owed.
    function test_mint_refusesResolvedLegs() public {
        buyBasket(bob, 10 * SHARE);
        Leg[] memory legs = fourLegs();
        for (uint256 i; i < 4; ++i) {
            buy(alice, legs[i].market, legs[i].outcome, 10 * SHARE * legs[i].weight);
        }
        settleAt(0, 1);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(Basket.Basket_Resolved.selector, markets[0]));
        baskets.mint(legs, 10 * SHARE);
        vm.expectPartialRevert(Book.Delphi_Closed.selector);
        baskets.buy(legs, SHARE, 1_000e18, type(uint256).max);
        vm.stopPrank();
        vm.prank(bob);
        assertEq(baskets.burn(legs, 5 * SHARE), 5e18);
        assertEq(token.balanceOf(address(baskets)), 5e18);
    }

    // Several baskets ---------------------------------------------------------------------------------

    /// @dev Baskets share legs, and are paid for one another's without touching what is another's.
    function test_baskets_shareLegs() public {
        Leg[] memory legs = new Leg[](1);
        legs[0] = Leg(markets[1], 1, 7);
        buyBasket(alice, 10 * SHARE);
        vm.prank(bob);
        baskets.buy(legs, 10 * SHARE, 1_000e18, type(uint256).max);
        assertEq(heldOf(markets[1], 1), 100 * SHARE);
        settleAt(0, 2);
        settleAt(1, 2);
        settleAt(2, 2);
        assertEq(baskets.redeem(legs, bob), 70e18);
        assertEq(heldOf(markets[1], 1), 0, "redeemed for both");
        assertEq(token.balanceOf(address(baskets)), 30e18);
        assertEq(baskets.redeem(fourLegs(), alice), 70e18);
    }

    function test_constructor_refusesNobody() public {
        vm.expectRevert(Basket.Basket_ZeroAddress.selector);
        deployCode("Basket.sol:Basket", abi.encode(address(0)));
    }
}
