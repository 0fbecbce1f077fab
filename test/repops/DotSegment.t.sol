// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";
import {DotSegment} from "../../src/repops/DotSegment.sol";
import {DotOperands} from "./DotOperands.sol";

/// @notice Dot segments against chains of the hardware's fma.
/// @dev The digests are the entry "dot" of vectors/float32.json, made by vectors/float32.c.
contract DotSegmentTest is Test {
    uint256 private constant DOTS = 64;

    function dot(bytes memory x, bytes memory y) external pure returns (uint256) {
        return DotSegment.dot(x, y);
    }

    function test_dot_matchesHardware() public view {
        string memory json = vm.readFile("test/repops/vectors/float32.json");
        uint256[] memory expected = vm.parseJsonUintArray(json, ".dot");
        assertEq(expected.length, DotOperands.KINDS);
        for (uint256 kind = 0; kind < DotOperands.KINDS; ++kind) {
            uint256 digest = 0;
            for (uint256 k = 0; k < DOTS; ++k) {
                (bytes memory x, bytes memory y) = DotOperands.segment(k * DotOperands.KINDS + kind);
                unchecked {
                    digest = uint64(digest * 0x100000001b3 + this.dot(x, y));
                }
            }
            assertEq(digest, expected[kind], vm.toString(kind));
        }
    }
}
