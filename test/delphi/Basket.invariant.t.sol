// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CommonBase} from "forge-std/Base.sol";
import {StdCheats} from "forge-std/StdCheats.sol";
import {StdUtils} from "forge-std/StdUtils.sol";

import {Basket} from "../../src/delphi/Basket.sol";
import {Leg} from "../../src/delphi/IBasket.sol";
import {IDelphi, MarketStatus} from "../../src/delphi/IDelphi.sol";
import {Verdict} from "../../src/judge/IContest.sol";
import {AIToken} from "../../src/token/AIToken.sol";
import {MockContest} from "../mocks/MockContest.sol";
import {BasketBase} from "./BasketBase.t.sol";

/// @notice Does to three baskets of three markets whatever can be done to them. Markets end one after the other.
contract BasketHandler is CommonBase, StdCheats, StdUtils {
    Basket private immutable baskets;
    IDelphi private immutable delphi;
    AIToken private immutable token;
    MockContest[3] private contests;
    uint256[3] private markets;
    bytes[3] private all;
    address[3] public people;

    uint256 public tried;
    uint256 public accepted;
    uint256 public ended;
    /// @notice Money that was sent to the contract for nothing.
    uint256 public given;

    constructor(
        Basket baskets_,
        AIToken token_,
        MockContest[3] memory contests_,
        uint256[3] memory markets_,
        bytes[3] memory all_
    ) {
        (baskets, token, contests, markets) = (baskets_, token_, contests_, markets_);
        (all[0], all[1], all[2]) = (all_[0], all_[1], all_[2]);
        delphi = baskets_.delphi();
        for (uint256 i; i < 3; ++i) {
            people[i] = address(uint160(0xba5e7 + i));
            vm.startPrank(people[i]);
            token.approve(address(delphi), type(uint256).max);
            token.approve(address(baskets), type(uint256).max);
            delphi.setOperator(address(baskets), true);
            vm.stopPrank();
        }
    }

    modifier by(uint256 who) {
        ++tried;
        vm.startPrank(people[who % 3]);
        _;
        vm.stopPrank();
    }

    function size(uint256 seed, uint256 max) private pure returns (uint256) {
        uint256 scaled = max >> (seed % 37);
        return scaled == 0 ? 1 : 1 + uint256(keccak256(abi.encode(seed))) % scaled;
    }

    function legsOf(uint256 which) public view returns (Leg[] memory) {
        return abi.decode(all[which % 3], (Leg[]));
    }

    function isTrading(uint256 which) private view returns (bool) {
        Leg[] memory legs = legsOf(which);
        for (uint256 i; i < legs.length; ++i) {
            if (block.timestamp > delphi.marketOf(legs[i].market).closesAt) return false;
        }
        return true;
    }

    function held(uint256 which, uint256 who) private view returns (uint256) {
        return baskets.balanceOf(people[who % 3], baskets.idOf(legsOf(which)));
    }

    function buy(uint256 which, uint256 who, uint256 seed) external by(who) {
        if (!isTrading(which)) return;
        baskets.buy(legsOf(which), size(seed, 1e12), 1e25, block.timestamp);
        ++accepted;
    }

    /// @dev Of what the caller has of the legs, most of which must be bought first.
    function mint(uint256 which, uint256 who, uint256 seed) external by(who) {
        uint256 shares = size(seed, 1e11);
        Leg[] memory legs = legsOf(which);
        for (uint256 i; i < legs.length; ++i) {
            Leg memory leg = legs[i];
            if (delphi.statusOf(leg.market) != MarketStatus.Open) return;
            uint256 has = delphi.balanceOf(people[who % 3], delphi.idOf(leg.market, leg.outcome));
            if (has >= shares * leg.weight) continue;
            if (block.timestamp > delphi.marketOf(leg.market).closesAt) return;
            delphi.buy(leg.market, leg.outcome, shares * leg.weight - has, 1e25, block.timestamp);
        }
        baskets.mint(legs, shares);
        ++accepted;
    }

    function burn(uint256 which, uint256 who, uint256 seed) external by(who) {
        uint256 most = held(which, who);
        if (most == 0) return;
        baskets.burn(legsOf(which), seed % 3 == 0 ? most : seed % most + 1);
        ++accepted;
    }

    function sell(uint256 which, uint256 who, uint256 seed) external by(who) {
        uint256 most = held(which, who);
        if (most == 0 || !isTrading(which)) return;
        baskets.sell(legsOf(which), seed % most + 1, 0, block.timestamp);
        ++accepted;
    }

    /// @dev Whoever wants redeems for the contract, and sends it what nobody asked for.
    function meddle(uint256 which, uint256 who, uint256 seed) external by(who) {
        uint256 market = markets[which % 3];
        uint256 outcome = seed % 2;
        uint256 id = delphi.idOf(market, outcome);
        if (delphi.statusOf(market) == MarketStatus.Open) {
            uint256 has = delphi.balanceOf(people[who % 3], id);
            // Of one market: what is given away there makes up for roundings.
            if (has != 0 && which % 3 == 2) delphi.transfer(address(baskets), id, seed % has + 1);
        } else if (delphi.balanceOf(address(baskets), id) != 0) {
            delphi.redeem(market, outcome, address(baskets));
        }
        uint256 amount = size(seed, 1e18);
        require(token.transfer(address(baskets), amount));
        given += amount;
        ++accepted;
    }

    /// @dev Rarely, so that most of a run has markets of every kind.
    function end(uint256 seed) external {
        ++tried;
        ++accepted;
        if (seed % 28 != 0 || ended == 3) return;
        uint256 market = markets[ended];
        uint256 closesAt = delphi.marketOf(market).closesAt;
        if (block.timestamp <= closesAt) vm.warp(closesAt + 1);
        contests[ended].set(seed % 5 == 0 ? Verdict.Void : Verdict.Decided, 1 + (seed >> 8) % 3);
        delphi.resolve(market);
        ++ended;
    }
}

/// forge-config: default.invariant.runs = 2
/// forge-config: default.invariant.depth = 500
/// forge-config: default.invariant.fail-on-revert = true
contract BasketInvariants is BasketBase {
    BasketHandler private handler;
    uint256[3] private all;

    function setUp() public override {
        super.setUp();
        bytes[3] memory made;
        made[0] = abi.encode(fourLegs());
        Leg[] memory legs = new Leg[](2);
        (legs[0], legs[1]) = (Leg(markets[0], 1, 3), Leg(markets[1], 1, 1_000));
        made[1] = abi.encode(legs);
        legs = new Leg[](1);
        legs[0] = Leg(markets[2], 1, 1);
        made[2] = abi.encode(legs);
        handler = new BasketHandler(baskets, token, contests, markets, made);
        for (uint256 b; b < 3; ++b) {
            all[b] = baskets.idOf(handler.legsOf(b));
        }
        for (uint256 i; i < 3; ++i) {
            require(token.transfer(handler.people(i), 2_000_000_000e18));
        }
        targetContract(address(handler));
    }

    /// @dev Every leg of every share is there, as shares or as what they were paid.
    function invariant_everyShareIsCovered() public view {
        uint256 owed;
        for (uint256 m; m < 3; ++m) {
            bool isOpen = delphi.statusOf(markets[m]) == MarketStatus.Open;
            for (uint256 outcome; outcome < 2; ++outcome) {
                uint256 contained = containedOf(markets[m], outcome);
                uint256 held = heldOf(markets[m], outcome);
                if (isOpen) assertGe(held, contained, "legs");
                else if (held == 0) owed += delphi.payoutOf(markets[m], outcome, contained);
            }
        }
        assertGe(token.balanceOf(address(baskets)), owed + handler.given(), "money");
        for (uint256 b; b < 3; ++b) {
            uint256 supply;
            for (uint256 k; k < 3; ++k) {
                supply += baskets.balanceOf(handler.people(k), all[b]);
            }
            assertEq(supply, baskets.supplyOf(all[b]));
        }
    }

    function containedOf(uint256 market, uint256 outcome) private view returns (uint256 contained) {
        for (uint256 b; b < 3; ++b) {
            Leg[] memory legs = handler.legsOf(b);
            for (uint256 i; i < legs.length; ++i) {
                if (legs[i].market == market && legs[i].outcome == outcome) {
                    contained += baskets.supplyOf(all[b]) * legs[i].weight;
                }
            }
        }
    }

    /// @dev Once all have ended everybody is paid, whatever was sent in between.
    function afterInvariant() public {
        assertGt(handler.accepted() * 3, handler.tried(), "actions are possible");
        for (uint256 i = handler.ended(); i < 3; ++i) {
            contests[i].set(Verdict.Decided, 2);
            if (block.timestamp <= delphi.marketOf(markets[i]).closesAt) close(markets[i]);
        }
        for (uint256 b; b < 3; ++b) {
            for (uint256 k; k < 3; ++k) {
                address who = handler.people(k);
                if (baskets.balanceOf(who, all[b]) != 0) baskets.redeem(handler.legsOf(b), who);
            }
            assertEq(baskets.supplyOf(all[b]), 0);
        }
    }
}
