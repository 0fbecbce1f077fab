// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";
import {Float32} from "../../src/repops/Float32.sol";
import {Op} from "../../src/repops/Operators.sol";
import {ReductionsHarness} from "./Operators.vectors.t.sol";

/// Sums, scatters and folds against the plain chains of additions that they stand for.
contract ReductionsTest is Test {
    ReductionsHarness internal reductions = new ReductionsHarness();
    uint32 internal constant MINUS_ZERO = 0x80000000;

    /// Words of a kind of data: any bits, alike, subnormal, few and small (which cancel), zeros, special.
    function _words(uint256 seed, uint256 kind, uint256 length)
        internal
        pure
        returns (uint32[] memory words)
    {
        uint32[6] memory special =
            [0, MINUS_ZERO, 0x7f800000, 0xff800000, 0x7fc12345, uint32(0x7f7fffff)];
        words = new uint32[](length);
        for (uint256 i; i < length; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            uint256 bits = random & 0xffffffff;
            if (kind == 1) bits = (bits & 0x80ffffff) | 0x3f000000;
            else if (kind == 2) bits &= 0x80ffffff;
            else if (kind == 3) bits = (bits & 0x80000000) | (0x3f800000 + (random >> 64) % 4);
            else if (kind == 4) bits &= 0x80000000;
            else if (kind == 5) bits = special[(random >> 64) % 256 < 250 ? 0 : random % 6];
            words[i] = uint32(bits);
        }
    }

    function _pack(uint32[] memory words) internal pure returns (bytes memory packed) {
        for (uint256 i; i < words.length; ++i) {
            packed = abi.encodePacked(packed, words[i]);
        }
    }

    function testFuzz_sum_matchesThePlainLanes(uint256 seed, uint256 kind, uint256 length)
        public
        view
    {
        length = bound(length, 1, 256);
        uint32[] memory words = _words(seed, kind % 6, length);
        uint256[32] memory lanes;
        for (uint256 i; i < length; ++i) {
            lanes[i % 32] = Float32.add(lanes[i % 32], words[i]);
        }
        for (uint256 w = 16; w > 0; w /= 2) {
            for (uint256 j; j < w; ++j) {
                lanes[j] = Float32.add(lanes[j], lanes[j + w]);
            }
        }
        assertEq(reductions.segment(Op.REDUCE_SUM, false, _pack(words), ""), lanes[0]);
    }

    function testFuzz_scatter_matchesThePlainChain(uint256 seed, uint256 kind, uint256 length)
        public
        view
    {
        length = bound(length, 1, 256);
        uint32[] memory words = _words(seed, kind % 6, length);
        uint32[] memory indices = new uint32[](length);
        uint256 sum;
        for (uint256 i; i < length; ++i) {
            indices[i] = uint32(uint256(keccak256(abi.encode(seed, "index", i))) % 2);
            if (indices[i] == 0) sum = Float32.add(sum, words[i]);
        }
        assertEq(reductions.segment(Op.SCATTER_ADD, false, _pack(indices), _pack(words)), sum);
    }

    function testFuzz_fold_matchesThePlainGroups(uint256 seed, uint256 kind, uint256 length)
        public
        view
    {
        length = bound(length, 1, 256);
        uint32[] memory words = _words(seed, kind % 6, length);
        bytes memory packed = _pack(words);
        uint256 left = length;
        while (left > 1) {
            uint256 groups;
            for (uint256 i; i < left; i += 16) {
                uint256 chain = words[i];
                for (uint256 j = i + 1; j < i + 16 && j < left; ++j) {
                    chain = Float32.add(chain, words[j]);
                }
                words[groups++] = uint32(chain);
            }
            left = groups;
        }
        assertEq(reductions.fold(Op.MATMUL, false, packed), words[0]);
    }

    /// The one place where a chain that starts with its first value is not one that starts at +0.
    function test_fold_keepsMinusZero() public view {
        for (uint256 length = 1; length <= 33; ++length) {
            uint32[] memory words = new uint32[](length);
            for (uint256 i; i < length; ++i) {
                words[i] = MINUS_ZERO;
            }
            assertEq(reductions.fold(Op.REDUCE_SUM, false, _pack(words)), MINUS_ZERO);
            words[length - 1] = 0;
            assertEq(reductions.fold(Op.REDUCE_SUM, false, _pack(words)), 0);
        }
    }

    /// Nothing is added to a value that is alone in its group.
    function test_fold_keepsTheBitsOfALoneValue() public view {
        assertEq(reductions.fold(Op.REDUCE_SUM, false, hex"7f800001"), 0x7f800001);
    }
}
