// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EfficientHashLib} from "solady/utils/EfficientHashLib.sol";

/// @title EvaluationRoots
/// @notice The roots of an evaluation's constants and of its score, which are so small that the chain makes them itself
/// (docs/spec/repops.md, section 5).
library EvaluationRoots {
    using EfficientHashLib for bytes32;

    uint256 private constant LEAF_BYTES = 1024;

    /// @notice Root over an entry, a test set and, unless it is zero, an evaluator's weights.
    function constants(bytes32 entry, bytes32 testSet, bytes32 weights)
        internal
        pure
        returns (bytes32)
    {
        bytes32 inputs = entry.hash(testSet);
        return weights == 0 ? inputs : inputs.hash(weights.hash(bytes32(0)));
    }

    /// @notice Root of a tensor of one i32: its four bytes, little-endian, in a leaf of zeros.
    function score(int32 value) internal pure returns (bytes32 root) {
        uint256 word = uint32(value);
        word = (word & 0xff00ff) << 8 | (word >> 8 & 0xff00ff);
        word = word << 16 | word >> 16;
        assembly ("memory-safe") {
            let free := mload(0x40) // above it memory may be dirty
            calldatacopy(free, calldatasize(), LEAF_BYTES)
            mstore(free, shl(224, word))
            root := keccak256(free, LEAF_BYTES)
        }
    }
}
