// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title CountLeadingZeros
/// @notice Count of leading zero bits by the CLZ opcode (EIP-7939), for chains that have it.
/// @dev The remapping `clz/` in foundry.toml picks this form or the portable one; nothing else in
/// the source depends on the choice.
library CountLeadingZeros {
    /// @notice Number of zero bits above the highest set bit of `x`; 256 for zero.
    function clz(uint256 x) internal pure returns (uint256 n) {
        assembly {
            n := clz(x)
        }
    }
}
