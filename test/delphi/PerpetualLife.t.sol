// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDelphi, MarketStatus} from "../../src/delphi/IDelphi.sol";
import {SeriesTerms} from "../../src/delphi/IPerpetual.sol";
import {Perpetual} from "../../src/delphi/Perpetual.sol";
import {JudgeBase} from "../judge/JudgeBase.t.sol";

/// @notice Two epochs of a series with real evaluations: who wins the first is carried, and loses the second.
contract PerpetualLife is JudgeBase {
    uint256 private constant SHARE = 1e9;

    IDelphi private delphi;
    Perpetual private perpetual;
    address private alice = makeAddr("alice");
    address private bob = makeAddr("bob");
    uint256 private series;
    SeriesTerms private chosen;

    function setUp() public override {
        super.setUp();
        delphi = IDelphi(
            deployCode("Delphi.sol:Delphi", abi.encode(governance, token, treasury, uint16(1_000)))
        );
        perpetual = Perpetual(deployCode("Perpetual.sol:Perpetual", abi.encode(delphi, judge)));
        address[3] memory accounts = [alice, bob, address(this)];
        for (uint256 i; i < 3; ++i) {
            if (i < 2) fund(accounts[i], 10_000e18);
            vm.startPrank(accounts[i]);
            token.approve(address(delphi), type(uint256).max);
            token.approve(address(perpetual), type(uint256).max);
            delphi.setOperator(address(perpetual), true);
            vm.stopPrank();
        }
        chosen = SeriesTerms({
            evaluator: evaluatorId(),
            rules: "rules",
            metadata: "metadata",
            attester: attester,
            startsAt: uint40(began),
            minEntrants: 3,
            maxEntrants: 8,
            rounds: 2,
            epochSeconds: 7 days,
            entrySeconds: 2 days,
            roundSeconds: 1 days,
            orderSeconds: 12 hours,
            solveSeconds: 1 days,
            workSeconds: EVALUATION_WORK,
            riskBps: 2_500,
            feeBps: 100,
            creatorBps: 2_000,
            modelBps: 2_000,
            reward: uint96(FEE),
            stake: EVALUATION_STAKE,
            uri: "http://127.0.0.1/store"
        });
        series = perpetual.create(chosen, "");
        bytes32[] memory testSets = new bytes32[](2);
        for (uint256 r; r < 2; ++r) {
            testSets[r] = keccak256(abi.encode(testSet(r), testSalt(r)));
        }
        perpetual.commitTestSets(series, 0, testSets);
        perpetual.commitTestSets(series, 1, testSets);
    }

    function marketOf(uint256 epoch) private view returns (uint256) {
        return perpetual.epochOf(series, epoch).market;
    }

    /// @dev Scores of entrant i: what it gets in each of the two rounds.
    function run(uint256 epoch, int32[2] memory scores) private {
        uint256 contest = perpetual.epochOf(series, epoch).contest;
        uint256 closes = judge.contests(contest).entriesClose;
        vm.warp(closes + 1);
        revealEntry(contest, 0);
        revealEntry(contest, 1);
        for (uint256 r; r < 2; ++r) {
            vm.warp(judge.roundOf(contest, r).opensAt);
            revealTestSet(contest, r);
            evaluate(contest, 0, r, scores[0]);
            evaluate(contest, 1, r, scores[1]);
        }
        vm.warp(judge.decidedBy(contest) + 1);
    }

    function test_life_ofTwoEpochs() public {
        vm.prank(bob);
        perpetual.requestDeposit(series, 2_000e18);
        uint256 contest = perpetual.openContest(series, chosen);
        enter(contest, 0);
        enter(contest, 1);
        judge.enter(contest, stranger, "never revealed", "");
        uint256 market = perpetual.openMarket(series, chosen);
        vm.prank(alice);
        delphi.buy(market, 1, 100 * SHARE, 100e18, type(uint256).max);
        run(0, [int32(-5), 7]);
        perpetual.settle(series);
        assertTrue(delphi.statusOf(marketOf(0)) == MarketStatus.Settled);
        assertEq(delphi.payoutOf(marketOf(0), 1, 100 * SHARE), 100e18);

        // The next one: both are carried, in the same order, and somebody new enters.
        vm.warp(began + 7 days);
        contest = perpetual.openContest(series, chosen);
        perpetual.carry(series, 0, 0);
        perpetual.carry(series, 0, 1);
        judge.enter(contest, stranger, "never revealed", "");
        perpetual.openMarket(series, chosen);
        vm.prank(alice);
        (uint256 shares, uint256 cost) =
            perpetual.rollPosition(series, 0, 1, 1, alice, 200 * SHARE, vm.getBlockTimestamp());
        assertEq(delphi.balanceOf(alice, delphi.idOf(marketOf(1), 1)), shares);
        assertLe(cost, 100e18);
        run(1, [int32(3), -2]);
        uint256 free = perpetual.seriesOf(series).assets;
        perpetual.settle(series);
        uint256 back = perpetual.seriesOf(series).assets - free;
        assertGt(back, perpetual.epochOf(series, 1).liquidityShares + 98e18, "alice's, and fees");

        perpetual.claim(series, bob);
        uint128 all = uint128(perpetual.balanceOf(bob, series));
        vm.prank(bob);
        perpetual.requestWithdrawal(series, all);
        perpetual.settle(series);
        (uint256 assets,) = perpetual.claim(series, bob);
        // The first market lost what a hundred shares were cheaper than they paid.
        assertGt(assets, 2_000e18);
        assertEq(perpetual.seriesOf(series).assets, 0);
        perpetual.payCurator(series, 0);
        perpetual.payCurator(series, 1);
        assertEq(token.balanceOf(address(perpetual)), 0);
    }
}
