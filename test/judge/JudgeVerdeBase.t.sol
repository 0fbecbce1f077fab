// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {JobVerdeBase} from "../jobs/JobVerdeBase.t.sol";
import {JudgeActions} from "./JudgeActions.sol";

/// @notice A Judge over the real registry, vaults and Verde.
abstract contract JudgeVerdeBase is JobVerdeBase, JudgeActions {
    function setUp() public virtual override {
        super.setUp();
        setUpJudge(token, registry);
    }
}
