// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";
import {Philox} from "../../src/repops/Philox.sol";

/// Known answers published with the generator (Random123, kat_vectors).
contract PhiloxTest is Test {
    function test_block4_matchesTheKnownAnswers() public pure {
        _check(0, 0, [0x6627e8d5, uint256(0xe169c58d), 0xbc57ac4c, 0x9b00dbd8]);
        _check(
            type(uint128).max,
            type(uint64).max,
            [0x408f276d, uint256(0x41c83b0e), 0xa20bc7c6, 0x6d5451fd]
        );
        _check(
            0x0370734413198a2e85a308d3243f6a88,
            0x299f31d0a4093822,
            [0xd16cfe09, uint256(0x94fdcceb), 0x5001e420, 0x24126ea1]
        );
    }

    /// Word 2 of the block with counter (low, high, step, stream).
    function test_element_countsBlocksOfFour() public pure {
        uint256 element = 4 * 0x2a5a308d3 + 2;
        uint256 counter = 0x0370734413198a2e << 64 | 2 << 32 | 0xa5a308d3;
        assertEq(
            Philox.element(element, 0x13198a2e, 0x03707344, 0x299f31d0a4093822),
            Philox.block4(counter, 0x299f31d0a4093822)[2]
        );
    }

    function _check(uint256 counter, uint256 key, uint256[4] memory expected) internal pure {
        uint256[4] memory words = Philox.block4(counter, key);
        for (uint256 i; i < 4; ++i) {
            assertEq(words[i], expected[i]);
        }
    }
}
