// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {StakeVault} from "../../src/staking/StakeVault.sol";
import {JobRegistryBase} from "../jobs/JobRegistryBase.t.sol";
import {JudgeActions} from "./JudgeActions.sol";

/// @notice A Judge over the real registry and vaults, and a Verde that decides as it is told.
abstract contract JudgeBase is JobRegistryBase, JudgeActions {
    StakeVault internal keeper;

    function setUp() public virtual override {
        super.setUp();
        fund(address(this), 1_000_000e18);
        setUpJudge(token, registry);
        keeper = newVault(makeAddr("keeper"), 1_000_000e18);
    }

    /// @dev The job is claimed with this score, upheld and settled.
    function settleJob(uint256 job, int32 score) internal {
        takeJob(job, keeper);
        verde.uphold(commitJob(job, keeper, stateOf(score)));
        registry.settle(job);
    }

    function evaluate(uint256 contest, uint256 i, uint256 r, int32 score) internal {
        settleJob(order(contest, i, r), score);
        report(contest, i, r, score);
    }

    function decidedBy(uint256 contest) internal view returns (uint256) {
        return judge.decidedBy(contest);
    }
}
