// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title LittleEndian
/// @notice Little-endian integers in calldata and memory.
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

    /// @notice Sets element `index` of a run.
    function set(bytes memory run, uint256 index, uint256 bits) internal pure {
        bits = swap32(bits);
        assembly ("memory-safe") {
            let place := add(add(run, 32), shl(2, index))
            mstore(place, or(shl(224, bits), shr(32, shl(32, mload(place)))))
        }
    }

    /// @notice Reverses the bytes of each element of a run, in place.
    /// @dev The last word may reach beyond the run, into what it fills up.
    function swap(bytes memory run) internal pure {
        assembly ("memory-safe") {
            let evenBytes := 0x00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff
            let evenPairs := 0x0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff
            let end := add(add(run, 32), mload(run))
            for { let place := add(run, 32) } lt(place, end) { place := add(place, 32) } {
                let word := mload(place)
                word := or(shl(8, and(word, evenBytes)), and(shr(8, word), evenBytes))
                word := or(shl(16, and(word, evenPairs)), and(shr(16, word), evenPairs))
                mstore(place, word)
            }
        }
    }

    /// @notice Reverses the four bytes of a word.
    function swap32(uint256 word) internal pure returns (uint256) {
        word = (word & 0xff00ff00) >> 8 | (word & 0x00ff00ff) << 8;
        return word >> 16 | (word & 0xffff) << 16;
    }
}
