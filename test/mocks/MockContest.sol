// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IContest, Verdict} from "../../src/judge/IContest.sol";

/// @notice A contest that says what a test tells it to.
contract MockContest is IContest {
    uint256 public count = 2;
    uint40 public secret = type(uint40).max;
    uint40 public decided;
    Verdict public verdict;
    uint256 public winners;
    address public owner;

    function set(Verdict verdict_, uint256 winners_) external {
        (verdict, winners) = (verdict_, winners_);
    }

    function setCount(uint256 count_) external {
        count = count_;
    }

    function setTimes(uint40 secret_, uint40 decided_) external {
        (secret, decided) = (secret_, decided_);
    }

    function setOwner(address owner_) external {
        owner = owner_;
    }

    function entrantsOf(uint256) external view returns (uint256) {
        return count;
    }

    function secretUntil(uint256) external view returns (uint40) {
        return secret;
    }

    function decidedBy(uint256) external view returns (uint40) {
        return decided;
    }

    function verdictOf(uint256) external view returns (Verdict, uint256) {
        return (verdict, winners);
    }

    function conclude(uint256) external virtual returns (Verdict, uint256) {
        return (verdict, winners);
    }

    function ownerOf(uint256, uint256) external view virtual returns (address) {
        return owner;
    }
}
