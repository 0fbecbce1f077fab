// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Philox
/// @notice Philox4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011.
library Philox {
    uint256 private constant MULTIPLIER_0 = 0xd2511f53;
    uint256 private constant MULTIPLIER_1 = 0xcd9e8d57;
    uint256 private constant WEYL_0 = 0x9e3779b9; // golden ratio
    uint256 private constant WEYL_1 = 0xbb67ae85; // square root of 3, less 1
    uint256 private constant MASK = 0xffffffff;

    /// @notice The block of four words of a counter under a key.
    /// @param counter its four words, word 0 lowest
    /// @param key its two words, word 0 lowest
    function block4(uint256 counter, uint256 key) internal pure returns (uint256[4] memory words) {
        unchecked {
            uint256 c0 = counter & MASK;
            uint256 c1 = counter >> 32 & MASK;
            uint256 c2 = counter >> 64 & MASK;
            uint256 c3 = counter >> 96 & MASK;
            uint256 k0 = key & MASK;
            uint256 k1 = key >> 32 & MASK;
            for (uint256 round; round < 10; ++round) {
                uint256 p0 = c0 * MULTIPLIER_0;
                uint256 p1 = c2 * MULTIPLIER_1;
                (c0, c1, c2, c3) = (p1 >> 32 ^ c1 ^ k0, p1 & MASK, p0 >> 32 ^ c3 ^ k1, p0 & MASK);
                k0 = k0 + WEYL_0 & MASK;
                k1 = k1 + WEYL_1 & MASK;
            }
            words = [c0, c1, c2, c3];
        }
    }

    /// @notice Element `index` of a Philox node: word `index` mod 4 of the block whose key is the seed and
    /// whose counter is (index / 4, step, stream).
    function element(uint256 index, uint256 step, uint256 stream, uint256 seed)
        internal
        pure
        returns (uint256)
    {
        return block4(index / 4 | step << 64 | stream << 96, seed)[index % 4];
    }
}
