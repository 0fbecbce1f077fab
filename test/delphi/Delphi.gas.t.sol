// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Verdict} from "../../src/judge/IContest.sol";
import {DelphiBase} from "./DelphiBase.t.sol";

/// @notice What each transaction of a market costs, each run as its own (isolate).
/// forge-config: default.isolate = true
contract DelphiGasTest is DelphiBase {
    string private json;

    function row(string memory name, uint256 n) private {
        json = string.concat(
            json,
            bytes(json).length == 0 ? "{" : ",",
            '\n  "delphi.',
            name,
            ".",
            vm.toString(n),
            '": ',
            vm.toString(uint256(vm.lastCallGas().gasTotalUsed))
        );
    }

    function test_gas_everyTransaction() public {
        uint16[4] memory sizes = [2, 8, 64, 256];
        for (uint256 i; i < sizes.length; ++i) {
            uint256 n = sizes[i];
            uint256 market = create(n);
            row("create", n);
            buy(alice, market, 1, 10 * SHARE);
            row("buy.firstOfAll", n); // nobody held the outcome before
            buy(bob, market, 1, 10 * SHARE);
            row("buy.first", n); // the trader did not
            skip(1 hours);
            buy(alice, market, 1, 10 * SHARE);
            row("buy", n);
            skip(1 hours);
            sell(alice, market, 1, 10 * SHARE);
            row("sell", n);
            vm.prank(alice);
            delphi.buyFor(market, 1, 10e18, 1, vm.getBlockTimestamp());
            row("buyFor", n);
            vm.prank(alice);
            delphi.sellFor(market, 1, 1e18, 1_000 * SHARE, vm.getBlockTimestamp());
            row("sellFor", n);
            vm.warp(delphi.marketOf(market).closesAt + 1);
            contest.set(Verdict.Decided, 2);
            delphi.resolve{gas: 10_000_000}(market);
            row("settle", n);
            delphi.redeem{gas: 10_000_000}(market, 1, alice);
            row("redeem", n);
            delphi.redeem{gas: 10_000_000}(market, 1, bob);
            delphi.redeemLiquidity{gas: 10_000_000}(market, creator);
            row("redeemLiquidity", n);
        }
        vm.writeFile("snapshots/gas/delphi.json", string.concat(json, "\n}\n"));
    }
}
