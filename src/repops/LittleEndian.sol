// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title LittleEndian
/// @notice Reads little-endian integers out of calldata and memory.
/// @dev Nothing is checked: a read at or beyond the end gives some value and never reverts. Who reads an
/// encoding compares its length with where the last read ended; who reads a run knows its length.
library LittleEndian {
    /// @notice The byte at `position`.
    function u8(bytes calldata data, uint256 position) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := shr(248, calldataload(add(data.offset, position)))
        }
    }

    /// @notice The four bytes from `position` on.
    function u32(bytes calldata data, uint256 position) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := shr(224, calldataload(add(data.offset, position)))
        }
        return swap32(value);
    }

    /// @notice The five bytes from `position` on.
    function u40(bytes calldata data, uint256 position) internal pure returns (uint256) {
        return u32(data, position) | u8(data, position + 4) << 32;
    }

    /// @notice The five bytes from `position` on, in two's complement.
    function i40(bytes calldata data, uint256 position) internal pure returns (int256 value) {
        uint256 bits = u40(data, position);
        assembly ("memory-safe") {
            value := signextend(4, bits)
        }
    }

    /// @notice Element `index` of a run of four-byte elements in memory, as its bits.
    function element(bytes memory run, uint256 index) internal pure returns (uint256 bits) {
        assembly ("memory-safe") {
            bits := shr(224, mload(add(add(run, 32), shl(2, index))))
        }
        return swap32(bits);
    }

    /// @notice Reverses the four bytes of a word.
    function swap32(uint256 word) internal pure returns (uint256) {
        word = (word & 0xff00ff00) >> 8 | (word & 0x00ff00ff) << 8;
        return word >> 16 | (word & 0xffff) << 16;
    }
}
