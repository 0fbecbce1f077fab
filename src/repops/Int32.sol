// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Int32
/// @notice Two's complement arithmetic on 32 bits, wrapping (docs/spec/repops.md, section 2).
/// @dev A value is its bit pattern in the low 32 bits of a uint256 whose other bits are zero; every function
/// expects such operands and returns such a result, and none reverts.
library Int32 {
    uint256 internal constant MASK = 0xffffffff;
    uint256 internal constant MIN = 0x80000000;

    function add(uint256 a, uint256 b) internal pure returns (uint256) {
        return a + b & MASK;
    }

    function sub(uint256 a, uint256 b) internal pure returns (uint256) {
        unchecked {
            return a - b & MASK;
        }
    }

    function mul(uint256 a, uint256 b) internal pure returns (uint256) {
        return a * b & MASK;
    }

    /// @notice Truncates; x / 0 = 0; MIN / -1 = MIN.
    function div(uint256 a, uint256 b) internal pure returns (uint256 c) {
        assembly ("memory-safe") {
            c := and(sdiv(signextend(3, a), signextend(3, b)), 0xffffffff)
        }
    }

    /// @notice Has the sign of the dividend; x % 0 = 0; MIN % -1 = 0.
    function rem(uint256 a, uint256 b) internal pure returns (uint256 c) {
        assembly ("memory-safe") {
            c := and(smod(signextend(3, a), signextend(3, b)), 0xffffffff)
        }
    }

    /// @notice a < b.
    function lt(uint256 a, uint256 b) internal pure returns (bool c) {
        assembly ("memory-safe") {
            c := slt(signextend(3, a), signextend(3, b))
        }
    }

    function min(uint256 a, uint256 b) internal pure returns (uint256) {
        return lt(a, b) ? a : b;
    }

    function max(uint256 a, uint256 b) internal pure returns (uint256) {
        return lt(a, b) ? b : a;
    }

    /// @notice The count is taken modulo 32, here and below.
    function shl(uint256 a, uint256 count) internal pure returns (uint256) {
        return a << (count & 31) & MASK;
    }

    function shr(uint256 a, uint256 count) internal pure returns (uint256) {
        return a >> (count & 31);
    }

    function sar(uint256 a, uint256 count) internal pure returns (uint256 c) {
        assembly ("memory-safe") {
            c := and(sar(and(count, 31), signextend(3, a)), 0xffffffff)
        }
    }
}
