// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Basket} from "../../src/delphi/Basket.sol";
import {Leg} from "../../src/delphi/IBasket.sol";
import {Verdict} from "../../src/judge/IContest.sol";
import {PerpetualBase} from "./PerpetualBase.t.sol";

/// @notice What each transaction of a series and of a basket costs, each run as its own (isolate).
/// forge-config: default.isolate = true
contract VaultsGasTest is PerpetualBase {
    string private json;

    function row(string memory name) private {
        json = string.concat(
            json,
            bytes(json).length == 0 ? "{" : ",",
            '\n  "',
            name,
            '": ',
            vm.toString(uint256(vm.lastCallGas().gasTotalUsed))
        );
    }

    function test_gas_everyTransaction() public {
        _series();
        _basket(1);
        _basket(4);
        _basket(16);
        vm.writeFile("snapshots/gas/vaults.json", string.concat(json, "\n}\n"));
    }

    function _series() private {
        vm.prank(curator);
        perpetual.create(seriesTerms(), "another");
        row("perpetual.create");
        commit(series, 7, 2);
        row("perpetual.commitTestSets.2");
        deposit(alice, 1_000e18);
        row("perpetual.requestDeposit");
        openContest();
        row("perpetual.openContest");
        uint256 contest = epochOf(0).contest;
        for (uint256 i; i < 3; ++i) {
            enter(contest, i);
        }
        openMarket();
        row("perpetual.openMarket");
        perpetual.claim(series, alice);
        row("perpetual.claim");
        uint256 market = marketOf(0);
        buy(bob, market, 1, 100 * SHARE);
        perpetual.payCurator(series, 0);
        row("perpetual.payCurator");
        withdraw(alice, 1e24);
        row("perpetual.requestWithdrawal");
        close(market);
        decide(0, Verdict.Decided, 2);
        perpetual.settle{gas: 10_000_000}(series);
        row("perpetual.settle");
        start(1, 3);
        vm.prank(bob);
        perpetual.rollPosition{gas: 10_000_000}(series, 0, 1, 1, bob, 1, vm.getBlockTimestamp());
        row("perpetual.rollPosition");
    }

    /// @dev Legs in one market. A returning holder mints, buys and sells.
    function _basket(uint256 count) private {
        Basket baskets = Basket(deployCode("Basket.sol:Basket", abi.encode(delphi)));
        uint256 market = create(count < 2 ? 2 : count);
        Leg[] memory legs = new Leg[](count);
        for (uint256 i; i < count; ++i) {
            legs[i] = Leg(market, i, i + 1);
        }
        vm.startPrank(alice);
        token.approve(address(baskets), type(uint256).max);
        delphi.setOperator(address(baskets), true);
        vm.stopPrank();
        for (uint256 i; i < 2; ++i) {
            vm.prank(alice);
            baskets.buy(legs, 10 * SHARE, 100_000e18, type(uint256).max);
        }
        row(string.concat("basket.buy.", vm.toString(count)));
        vm.prank(alice);
        baskets.burn(legs, SHARE);
        vm.prank(alice);
        baskets.burn(legs, SHARE);
        row(string.concat("basket.burn.", vm.toString(count)));
        vm.prank(alice);
        baskets.mint(legs, SHARE);
        row(string.concat("basket.mint.", vm.toString(count)));
        vm.prank(alice);
        baskets.sell(legs, SHARE, 0, type(uint256).max);
        row(string.concat("basket.sell.", vm.toString(count)));
        close(market);
        contest.set(Verdict.Decided, 1);
        delphi.resolve{gas: 10_000_000}(market);
        baskets.redeem{gas: 10_000_000}(legs, alice);
        row(string.concat("basket.redeem.", vm.toString(count)));
    }
}
