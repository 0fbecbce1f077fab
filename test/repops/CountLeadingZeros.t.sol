// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";
import {CountLeadingZeros} from "clz/CountLeadingZeros.sol";
import {CountLeadingZeros as Portable} from "../../src/repops/clz/portable/CountLeadingZeros.sol";

/// @notice Both forms against plain counting; the first is the form that the profile picks.
contract CountLeadingZerosTest is Test {
    function _count(uint256 x) private pure returns (uint256 n) {
        for (n = 256; x != 0; x >>= 1) {
            --n;
        }
    }

    function _check(uint256 x) private pure {
        assertEq(CountLeadingZeros.clz(x), _count(x));
        assertEq(Portable.clz(x), _count(x));
    }

    function test_clz_countsWhenOneBitOrAllBelowAreSet() public pure {
        _check(0);
        for (uint256 i = 0; i < 256; ++i) {
            uint256 bit = uint256(1) << i;
            _check(bit);
            _check(bit - 1);
            _check(bit | 1);
            _check(bit | (bit >> 1));
        }
        _check(type(uint256).max);
    }

    function testFuzz_clz_counts(uint256 x, uint8 shift) public pure {
        _check(x >> shift);
    }
}
