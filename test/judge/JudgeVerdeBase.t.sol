// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Verdict} from "../../src/judge/IContest.sol";
import {JobVerdeBase} from "../jobs/JobVerdeBase.t.sol";
import {JudgeActions} from "./JudgeActions.sol";

/// @notice A Judge over the real registry, vaults and Verde.
abstract contract JudgeVerdeBase is JobVerdeBase, JudgeActions {
    function setUp() public virtual override {
        super.setUp();
        setUpJudge(token, registry);
    }

    function checkVerdict(uint256 contest, Verdict expected, uint256 expectedWinners)
        internal
        view
    {
        (Verdict verdict, uint256 winners) = judge.verdictOf(contest);
        assertEq(uint256(verdict), uint256(expected), "verdict");
        assertEq(winners, expectedWinners, "winners");
    }
}
