// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Epoch, Series, SeriesTerms} from "../../src/delphi/IPerpetual.sol";
import {Perpetual} from "../../src/delphi/Perpetual.sol";
import {Verdict} from "../../src/judge/IContest.sol";
import {Evaluator} from "../../src/judge/IJudge.sol";
import {Judge} from "../../src/judge/Judge.sol";
import {DelphiBase} from "./DelphiBase.t.sol";

/// @notice A series over the real Judge and Delphi; how its contests end, a test says.
abstract contract PerpetualBase is DelphiBase {
    uint40 internal constant BEGAN = 1_800_000_000;
    uint256 internal constant EPOCH = 7 days;
    uint96 internal constant REWARD = 1e18;

    Judge internal judge;
    Perpetual internal perpetual;
    uint256 internal series;
    SeriesTerms internal chosen;
    address internal curator = makeAddr("curator");

    function setUp() public virtual override {
        super.setUp();
        // Nothing is ordered here, so no registry is called.
        judge = Judge(deployCode("Judge.sol:Judge", abi.encode(token, makeAddr("registry"))));
        perpetual = Perpetual(deployCode("Perpetual.sol:Perpetual", abi.encode(delphi, judge)));
        judge.registerEvaluator(evaluator());
        token.approve(address(judge), type(uint256).max);
        address[3] memory accounts = [creator, alice, bob];
        for (uint256 i; i < accounts.length; ++i) {
            vm.startPrank(accounts[i]);
            token.approve(address(perpetual), type(uint256).max);
            delphi.setOperator(address(perpetual), true);
            vm.stopPrank();
        }
        series = newSeries(seriesTerms());
    }

    function evaluator() internal pure returns (Evaluator memory e) {
        e.states = 1;
    }

    /// @dev Entries for two days, rounds a day each; decided five and a half days after the epoch's begin.
    function seriesTerms() internal view returns (SeriesTerms memory t) {
        t.evaluator = keccak256(abi.encode(evaluator()));
        t.rules = "rules";
        t.metadata = "metadata";
        t.attester = address(0xa77e57);
        t.startsAt = BEGAN;
        t.minEntrants = 3;
        t.maxEntrants = 64;
        t.rounds = 2;
        t.epochSeconds = uint32(EPOCH);
        t.entrySeconds = 2 days;
        t.roundSeconds = 1 days;
        t.orderSeconds = 12 hours;
        t.solveSeconds = 1 days;
        t.workSeconds = 1 hours;
        t.riskBps = 5_000;
        t.feeBps = 100;
        t.creatorBps = 2_500;
        t.modelBps = 2_500;
        t.reward = REWARD;
        t.uri = "http://127.0.0.1/store";
    }

    function newSeries(SeriesTerms memory t) internal returns (uint256 made) {
        chosen = t;
        vm.prank(curator);
        made = perpetual.create(t, "salt");
        for (uint256 k; k < 4; ++k) {
            commit(made, k, t.rounds);
        }
    }

    function commit(uint256 to, uint256 epoch, uint256 rounds) internal {
        bytes32[] memory testSets = new bytes32[](rounds);
        for (uint256 r; r < rounds; ++r) {
            testSets[r] = keccak256(abi.encode("test set", epoch, r));
        }
        vm.prank(curator);
        perpetual.commitTestSets(to, epoch, testSets);
    }

    function state() internal view returns (Series memory) {
        return perpetual.seriesOf(series);
    }

    function epochOf(uint256 epoch) internal view returns (Epoch memory) {
        return perpetual.epochOf(series, epoch);
    }

    function marketOf(uint256 epoch) internal view returns (uint256) {
        return epochOf(epoch).market;
    }

    /// @dev Entrant i of every epoch is the same account's.
    function ownerOfEntry(uint256 i) internal pure returns (address) {
        return address(uint160(0xabc000 + i));
    }

    function deposit(address who, uint256 assets) internal {
        vm.prank(who);
        perpetual.requestDeposit(series, uint96(assets));
    }

    function withdraw(address who, uint256 shares) internal {
        vm.prank(who);
        perpetual.requestWithdrawal(series, uint128(shares));
    }

    function shareBalance(address who) internal view returns (uint256) {
        return perpetual.balanceOf(who, series);
    }

    /// @dev Opens an epoch's contest with some entrants, at its begin.
    function open(uint256 epoch, uint256 entrants) internal returns (uint256 contest) {
        vm.warp(BEGAN + epoch * EPOCH);
        contest = openContest();
        for (uint256 i; i < entrants; ++i) {
            enter(contest, i);
        }
    }

    function openContest() internal returns (uint256) {
        return perpetual.openContest(series, chosen);
    }

    function openMarket() internal returns (uint256) {
        return perpetual.openMarket(series, chosen);
    }

    function enter(uint256 contest, uint256 i) internal {
        judge.enter(contest, ownerOfEntry(i), keccak256(abi.encode("commitment", i)), "");
    }

    function start(uint256 epoch, uint256 entrants) internal returns (uint256 market) {
        open(epoch, entrants);
        return openMarket();
    }

    /// @dev What the contest of an epoch says from now on.
    function decide(uint256 epoch, Verdict verdict, uint256 winners) internal {
        uint256 contest = epochOf(epoch).contest;
        vm.mockCall(
            address(judge), abi.encodeCall(judge.conclude, (contest)), abi.encode(verdict, winners)
        );
    }

    function end(uint256 epoch, uint256 winners) internal {
        close(marketOf(epoch));
        decide(epoch, Verdict.Decided, winners);
        perpetual.settle(series);
    }
}
