// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Basket} from "../../src/delphi/Basket.sol";
import {Leg} from "../../src/delphi/IBasket.sol";
import {MarketTerms} from "../../src/delphi/IDelphi.sol";
import {MockContest} from "../mocks/MockContest.sol";
import {DelphiBase} from "./DelphiBase.t.sol";

/// @notice A basket contract over three markets, each with a contest of its own.
abstract contract BasketBase is DelphiBase {
    Basket internal baskets;
    MockContest[3] internal contests;
    uint256[3] internal markets; // ascending

    function setUp() public virtual override {
        super.setUp();
        baskets = Basket(deployCode("Basket.sol:Basket", abi.encode(delphi)));
        for (uint256 i; i < 3; ++i) {
            MarketTerms memory t = terms();
            MockContest made = new MockContest();
            made.setCount(2 + i);
            (t.source, t.closesAt) = (made, uint40(t.closesAt + i * 1 days));
            vm.prank(creator);
            uint256 market = delphi.create(t, type(uint256).max, 0);
            uint256 at = i;
            for (; at != 0 && markets[at - 1] > market; --at) {
                (markets[at], contests[at]) = (markets[at - 1], contests[at - 1]);
            }
            (markets[at], contests[at]) = (market, made);
        }
        address[3] memory accounts = [creator, alice, bob];
        for (uint256 i; i < accounts.length; ++i) {
            vm.startPrank(accounts[i]);
            token.approve(address(baskets), type(uint256).max);
            delphi.setOperator(address(baskets), true);
            vm.stopPrank();
        }
    }

    /// @dev Outcome 0 of the first market, 0 and 1 of the second, 1 of the third, by 1, 2, 3 and 4.
    function fourLegs() internal view returns (Leg[] memory legs) {
        legs = new Leg[](4);
        legs[0] = Leg(markets[0], 0, 1);
        legs[1] = Leg(markets[1], 0, 2);
        legs[2] = Leg(markets[1], 1, 3);
        legs[3] = Leg(markets[2], 1, 4);
    }

    function heldOf(uint256 market, uint256 outcome) internal view returns (uint256) {
        return sharesOf(address(baskets), market, outcome);
    }
}
