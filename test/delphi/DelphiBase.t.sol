// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";

import {IDelphi, MarketStatus, MarketTerms} from "../../src/delphi/IDelphi.sol";
import {Verdict} from "../../src/judge/IContest.sol";
import {AIToken} from "../../src/token/AIToken.sol";
import {MockContest} from "../mocks/MockContest.sol";

/// @notice A Delphi whose contests say what a test tells them to.
abstract contract DelphiBase is Test {
    uint96 internal constant B = 1_000e18;
    uint256 internal constant SHARE = 1e9;

    AIToken internal token;
    IDelphi internal delphi;
    MockContest internal contest;
    address internal owner = makeAddr("owner");
    address internal treasury = makeAddr("treasury");
    address internal creator = makeAddr("creator");
    address internal alice = makeAddr("alice");
    address internal bob = makeAddr("bob");

    function setUp() public virtual {
        token = AIToken(deployCode("AIToken.sol:AIToken", abi.encode(address(this))));
        delphi = IDelphi(
            deployCode(
                "Delphi.sol:Delphi", abi.encode(owner, address(token), treasury, uint16(2_500))
            )
        );
        contest = new MockContest();
        address[3] memory accounts = [creator, alice, bob];
        for (uint256 i; i < accounts.length; ++i) {
            require(token.transfer(accounts[i], 100_000_000e18));
            vm.prank(accounts[i]);
            token.approve(address(delphi), type(uint256).max);
        }
        vm.warp(1_800_000_000);
    }

    function terms() internal view returns (MarketTerms memory t) {
        t.source = contest;
        t.b = B;
        t.closesAt = uint40(vm.getBlockTimestamp() + 7 days);
        t.voidsAt = uint40(vm.getBlockTimestamp() + 14 days);
        t.feeBps = 100;
        t.creatorBps = 2_500;
        t.modelBps = 2_500;
    }

    function create(uint256 outcomes) internal returns (uint256 market) {
        contest.setCount(outcomes);
        vm.prank(creator);
        market = delphi.create(terms(), type(uint256).max, bytes32(outcomes));
    }

    function buy(address who, uint256 market, uint256 outcome, uint256 shares)
        internal
        returns (uint256 cost)
    {
        vm.prank(who);
        return delphi.buy(market, outcome, shares, type(uint96).max, vm.getBlockTimestamp());
    }

    function sell(address who, uint256 market, uint256 outcome, uint256 shares)
        internal
        returns (uint256 proceeds)
    {
        vm.prank(who);
        return delphi.sell(market, outcome, shares, 0, vm.getBlockTimestamp());
    }

    function mintSets(address who, uint256 market, uint256 sets) internal {
        vm.prank(who);
        delphi.mintSets(market, sets);
    }

    function join(address who, uint256 market, uint96 b) internal returns (uint256 cost) {
        vm.prank(who);
        (cost,) = delphi.addLiquidity(market, b, type(uint96).max, vm.getBlockTimestamp());
    }

    function list(address who, uint256 market) internal returns (uint256 outcome) {
        contest.setCount(delphi.marketOf(market).outcomes + 1);
        vm.prank(who);
        (outcome,) = delphi.list(market, type(uint96).max, vm.getBlockTimestamp());
    }

    function close(uint256 market) internal {
        vm.warp(uint256(delphi.marketOf(market).closesAt) + 1);
    }

    function settle(uint256 market, uint256 winners) internal {
        close(market);
        contest.set(Verdict.Decided, winners);
        assertTrue(delphi.resolve(market) == MarketStatus.Settled);
    }

    function voided(uint256 market) internal {
        close(market);
        contest.set(Verdict.Void, 0);
        assertTrue(delphi.resolve(market) == MarketStatus.Void);
    }

    function sharesOf(address who, uint256 market, uint256 outcome)
        internal
        view
        returns (uint256)
    {
        return delphi.balanceOf(who, delphi.idOf(market, outcome));
    }

    function potOf(uint256 market) internal view returns (uint256) {
        return delphi.marketOf(market).pot;
    }
}
