// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";
import {DotSegment} from "../../src/repops/DotSegment.sol";
import {Float32} from "../../src/repops/Float32.sol";
import {DotOperands} from "./DotOperands.sol";

/// @notice Dot segments against chains of the hardware's fma.
/// @dev The digests are the entry "dot" of vectors/float32.json, made by vectors/float32.c.
contract DotSegmentTest is Test {
    uint256 private constant DOTS = 64;

    function dot(bytes memory x, bytes memory y) external pure returns (uint256) {
        return DotSegment.dot(x, y);
    }

    function dotOf(bytes memory x, bytes memory y) external pure returns (uint256) {
        return DotSegment.dot(x, y);
    }

    function test_dot_isZeroWhenEmpty() public view {
        assertEq(this.dotOf("", ""), 0);
    }

    function test_dot_revertsWhenLengthsDoNotFit() public {
        _expectBadLength(new bytes(8), new bytes(4));
        _expectBadLength(new bytes(6), new bytes(6));
        _expectBadLength(new bytes(1028), new bytes(1028));
    }

    function _expectBadLength(bytes memory x, bytes memory y) private {
        vm.expectRevert(
            abi.encodeWithSelector(DotSegment.DotSegment_BadLength.selector, x.length, y.length)
        );
        this.dotOf(x, y);
    }

    /// @dev Any bits, what follows the runs in memory included: the chain of fmas is the definition.
    function testFuzz_dot_matchesChain(bytes memory data, uint256 count) public view {
        count = bound(count, 0, data.length / 8 < 256 ? data.length / 8 : 256);
        bytes memory x = new bytes(4 * count);
        bytes memory y = new bytes(4 * count);
        uint256 acc = 0;
        for (uint256 k = 0; k < count; ++k) {
            uint256 a = 0;
            uint256 b = 0;
            for (uint256 i = 0; i < 4; ++i) {
                x[4 * k + i] = data[8 * k + i];
                y[4 * k + i] = data[8 * k + 4 + i];
                a |= uint256(uint8(x[4 * k + i])) << (8 * i);
                b |= uint256(uint8(y[4 * k + i])) << (8 * i);
            }
            acc = Float32.fma(a, b, acc);
        }
        assertEq(DotSegment.dot(x, y), acc);
        assertEq(this.dotOf(x, y), acc);
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
