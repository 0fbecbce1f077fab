// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Verdict} from "../../src/judge/IContest.sol";
import {MockContest} from "./MockContest.sol";

/// @notice A contest that breaks every promise there is, one at a time.
contract HostileContest is MockContest {
    enum Mode {
        Honest,
        Reverts,
        SaysNothing,
        SaysGarbage,
        EatsGas,
        SaysTooMuch,
        CallsBack
    }

    Mode public mode;
    address private target;
    bytes private data;
    bool public wasRefused;

    function setMode(Mode mode_) external {
        mode = mode_;
    }

    /// @dev What it does when it is asked to conclude.
    function callBack(address target_, bytes calldata data_) external {
        (mode, target, data) = (Mode.CallsBack, target_, data_);
    }

    function conclude(uint256 contest) external override returns (Verdict, uint256) {
        if (mode == Mode.CallsBack) {
            (bool done,) = target.call(data);
            wasRefused = !done;
        } else {
            misbehave();
        }
        return this.verdictOf(contest);
    }

    function ownerOf(uint256, uint256) external view override returns (address) {
        misbehave();
        return owner;
    }

    function misbehave() private view {
        if (mode == Mode.Reverts) revert("no");
        if (mode == Mode.EatsGas) while (gasleft() > 0) {}
        if (mode == Mode.SaysNothing) answer(0, 0);
        if (mode == Mode.SaysGarbage) answer(type(uint256).max, 64);
        if (mode == Mode.SaysTooMuch) answer(type(uint256).max, 1 << 17);
    }

    function answer(uint256 word, uint256 size) private pure {
        assembly {
            mstore(0, word)
            mstore(32, word)
            return(0, size)
        }
    }
}
