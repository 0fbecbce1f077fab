// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title CountLeadingZeros
/// @notice Count of leading zero bits by opcodes that every EVM has.
/// @dev The remapping `clz/` in foundry.toml picks this form or the opcode's; nothing else in the
/// source depends on the choice.
library CountLeadingZeros {
    /// @notice Number of zero bits above the highest set bit of `x`; 256 for zero.
    /// @dev Halves the window that holds the highest set bit until it is four bits wide, then reads
    /// the place of that bit in the window from a table.
    function clz(uint256 x) internal pure returns (uint256 n) {
        assembly {
            let log := shl(7, lt(0xffffffffffffffffffffffffffffffff, x))
            log := or(log, shl(6, lt(0xffffffffffffffff, shr(log, x))))
            log := or(log, shl(5, lt(0xffffffff, shr(log, x))))
            log := or(log, shl(4, lt(0xffff, shr(log, x))))
            log := or(log, shl(3, lt(0xff, shr(log, x))))
            log := or(log, shl(2, lt(0xf, shr(log, x))))
            // Byte 16 + v of this word is floor(log2(v)) for the window's value v, 0 for v = 0.
            log := or(log, byte(add(shr(log, x), 16), 0x00000101020202020303030303030303))
            n := add(sub(255, log), iszero(x))
        }
    }
}
