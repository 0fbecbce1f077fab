// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Merkle} from "./Merkle.sol";

/// @title TensorLeaves
/// @notice A tensor's commitment (docs/spec/repops.md, section 5): flat little-endian elements of four bytes,
/// in leaves of 1,024 bytes. Only real bytes are sent; this library pads the last leaf.
/// @dev Counts are in elements, at least 1 and below 2^40; lengths in bytes.
library TensorLeaves {
    uint256 internal constant LEAF_ELEMENTS = 256;
    uint256 internal constant LEAF_BYTES = 1024;

    /// @notice The leaves hold `expected` real bytes, `given` were sent.
    error TensorLeaves_DataLength(uint256 expected, uint256 given);

    /// @notice Leaves of a tensor of `count` elements: ⌈count / 256⌉.
    function leaves(uint256 count) internal pure returns (uint256) {
        unchecked {
            return (count + LEAF_ELEMENTS - 1) / LEAF_ELEMENTS;
        }
    }

    /// @notice Root of the tensor of `count` elements in which leaf `leaf` holds `data`.
    function rootOfOne(bytes calldata data, uint256 leaf, uint256 count, bytes32[] calldata proof)
        internal
        pure
        returns (bytes32)
    {
        return Merkle.rootOfLeaf(hashOne(data, leaf, count), leaf, leaves(count), proof);
    }

    /// @notice Root of the tensor of `count` elements in which the leaves `leaf` and `leaf + 1` hold `data`.
    function rootOfTwo(bytes calldata data, uint256 leaf, uint256 count, bytes32[] calldata proof)
        internal
        pure
        returns (bytes32)
    {
        uint256 all = leaves(count);
        if (all == 0 || leaf >= all - 1) revert Merkle.Merkle_IndexOutOfRange(leaf, all);
        _checkLength(data, leaf, 2, count);
        return
            Merkle.rootOfPair(_hash(data[:LEAF_BYTES]), _hash(data[LEAF_BYTES:]), leaf, all, proof);
    }

    /// @notice Hash of leaf `leaf`, whose real bytes are exactly `data`, of a tensor of `count` elements.
    function hashOne(bytes calldata data, uint256 leaf, uint256 count)
        internal
        pure
        returns (bytes32)
    {
        uint256 all = leaves(count);
        if (leaf >= all) revert Merkle.Merkle_IndexOutOfRange(leaf, all);
        _checkLength(data, leaf, 1, count);
        return _hash(data);
    }

    /// @notice Element `index` of `data`, as its bits.
    /// @dev The caller has checked that 4 · index + 4 <= data.length.
    function element(bytes calldata data, uint256 index) internal pure returns (uint32 bits) {
        assembly ("memory-safe") {
            let word := shr(224, calldataload(add(data.offset, shl(2, index))))
            word := or(shr(8, and(word, 0xff00ff00)), shl(8, and(word, 0x00ff00ff)))
            bits := or(shr(16, word), and(shl(16, word), 0xffff0000))
        }
    }

    /// @dev `run` leaves from `leaf` on end at the tensor's last element or at their own end.
    function _checkLength(bytes calldata data, uint256 leaf, uint256 run, uint256 count)
        private
        pure
    {
        unchecked {
            uint256 left = 4 * count - LEAF_BYTES * leaf;
            uint256 expected = left < LEAF_BYTES * run ? left : LEAF_BYTES * run;
            if (data.length != expected) revert TensorLeaves_DataLength(expected, data.length);
        }
    }

    /// @dev keccak256 of `data` padded with zero bytes to 1,024. `data` is no longer than that.
    function _hash(bytes calldata data) private pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            let free := mload(0x40) // above it memory may be dirty
            calldatacopy(free, data.offset, data.length)
            calldatacopy(add(free, data.length), calldatasize(), sub(LEAF_BYTES, data.length))
            hash := keccak256(free, LEAF_BYTES)
        }
    }
}
