// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";
import {Elementwise} from "../../src/repops/Elementwise.sol";
import {Referee} from "../../src/repops/Referee.sol";

/// @notice The referee as it is deployed.
/// @dev From artifacts: a test contract that embedded the code would compile it once more.
abstract contract RefereeBase is Test {
    Elementwise internal elementwise = Elementwise(deployCode("Elementwise.sol:Elementwise"));
    Referee internal referee =
        Referee(deployCode("Referee.sol:Referee", abi.encode(address(elementwise))));
}
