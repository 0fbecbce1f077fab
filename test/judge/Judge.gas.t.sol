// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Verdict} from "../../src/judge/IContest.sol";
import {JudgeVerdeBase} from "./JudgeVerdeBase.t.sol";

/// @notice What each transaction of a contest costs, each run as its own (isolate), with the real Verde.
/// forge-config: default.isolate = true
contract JudgeGasTest is JudgeVerdeBase {
    /// @dev What a market gives `conclude` at most.
    uint256 private constant CONCLUDE_GAS = 6_000_000;
    string private json;

    function row(string memory name) private returns (uint256 gas) {
        gas = uint256(vm.lastCallGas().gasTotalUsed);
        json = string.concat(
            json, bytes(json).length == 0 ? "{" : ",", '\n  "', name, '": ', vm.toString(gas)
        );
    }

    function test_gas_everyTransaction() public {
        uint256 contest = openContest(1, 1);
        row("judge.open");
        enter(contest, 0);
        row("judge.enter");
        vm.warp(began + 1 days + 1);
        revealEntry(contest, 0);
        row("judge.revealEntry");
        openRound(contest, 0);
        row("judge.revealTestSet");
        uint256 job = order(contest, 0, 0);
        row("judge.order");
        takeJob(job, honestVault);
        uint256 claim = commitJob(job, honestVault, stateOf(10));
        vm.warp(verde.claimOf(claim).windowEnd + 1);
        registry.settle(job);
        report(contest, 0, 0, 10);
        row("judge.report");
        judge.conclude(contest);
        row("judge.conclude.1");

        contest = everythingUnderWay();
        judge.conclude(contest);
        assertLt(row("judge.conclude.256"), CONCLUDE_GAS);
        checkVerdict(contest, Verdict.Void, 0);
        judge.returnEscrow(openAndLeave(), 0);
        row("judge.returnEscrow");
        vm.writeFile("snapshots/gas/judge.json", string.concat(json, "\n}\n"));
    }

    /// @dev 256 entrants of four rounds. Three evaluations of each are taken, the fourth is over: all 1,024 have to be
    /// looked at to see that nothing holds the contest.
    function everythingUnderWay() private returns (uint256 contest) {
        began = vm.getBlockTimestamp();
        contest = runningContest(4, 256);
        for (uint256 r; r < 4; ++r) {
            if (r != 0) openRound(contest, r);
            for (uint256 i; i < 256; ++i) {
                uint256 ordered = order(contest, i, r);
                if (r != 3) takeJob(ordered, vault);
            }
        }
        vm.warp(uint256(judge.decidedBy(contest)) + 1);
    }

    function openAndLeave() private returns (uint256 contest) {
        began = vm.getBlockTimestamp();
        contest = openContest(1, 1);
        enter(contest, 0);
        vm.warp(uint256(judge.decidedBy(contest)) + 1);
    }
}
