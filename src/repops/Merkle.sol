// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EfficientHashLib} from "solady/utils/EfficientHashLib.sol";
import {LibBit} from "solady/utils/LibBit.sol";

/// @title Merkle
/// @notice The trees of docs/spec/repops.md, section 5: keccak-256, binary, over `count` leaves, where the
/// leaves from `count` on are the zero word. Padding is never sent: an absent subtree is the zero
/// subtree that this library supplies, so a root built with anything else in its padding opens nowhere.
/// @dev Heights count from the leaves (0). The row of height h has ⌈count / 2^h⌉ present nodes; the root
/// is the single node of height `depth(count)`. Every function computes a root and compares nothing:
/// the caller compares with the root it trusts. A proof holds exactly the hashes that are taken, bottom
/// up, at each height the left neighbour before the right one; any other length reverts. A count of 0
/// has no index in range. No function panics, whatever its arguments.
library Merkle {
    using EfficientHashLib for bytes32;

    /// @notice The row has `present` nodes, fewer than the index asks for.
    error Merkle_IndexOutOfRange(uint256 index, uint256 present);
    /// @notice The proof holds `given` hashes, the opening takes `expected`.
    error Merkle_ProofLength(uint256 expected, uint256 given);
    /// @notice No node of height `top` over a node of height `height` is in a tree of that depth.
    error Merkle_HeightOutOfRange(uint256 height, uint256 top, uint256 depth);
    /// @notice The node has `expected` present descendants in that row, `given` were sent.
    error Merkle_RowLength(uint256 expected, uint256 given);

    /// @notice Depth of the tree over `count` leaves, ⌈log2 count⌉; 0 for a count of 0 or 1.
    function depth(uint256 count) internal pure returns (uint256) {
        unchecked {
            return count < 2 ? 0 : LibBit.fls(count - 1) + 1;
        }
    }

    /// @notice Present nodes in the row of height `height`: ⌈count / 2^height⌉.
    function present(uint256 count, uint256 height) internal pure returns (uint256) {
        unchecked {
            return count == 0 ? 0 : ((count - 1) >> height) + 1;
        }
    }

    /// @notice The absent subtree of height `height`: z_0 = 0, z_(h+1) = keccak256(z_h ‖ z_h).
    /// @dev Linear in `height`, which the caller bounds.
    function zero(uint256 height) internal pure returns (bytes32 z) {
        return _raise(0, 0, height);
    }

    /// @notice Root of the tree of `count` leaves in which leaf `index` is `leaf`.
    function rootOfLeaf(bytes32 leaf, uint256 index, uint256 count, bytes32[] calldata proof)
        internal
        pure
        returns (bytes32 root)
    {
        if (index >= count) revert Merkle_IndexOutOfRange(index, count);
        uint256 taken;
        unchecked {
            (root, taken) = _climb(leaf, 0, index, count - 1, 0, proof, 0);
        }
        _checkLength(taken, proof);
    }

    /// @notice Root of the tree of `count` leaves in which `left` and `right` are the leaves `index` and
    /// `index + 1`, opened together by one proof.
    function rootOfPair(
        bytes32 left,
        bytes32 right,
        uint256 index,
        uint256 count,
        bytes32[] calldata proof
    ) internal pure returns (bytes32 root) {
        if (count == 0 || index >= count - 1) {
            revert Merkle_IndexOutOfRange(index, count);
        }
        uint256 taken;
        uint256 height;
        uint256 last = count - 1;
        bytes32 z; // the zero subtree of height `zHeight`
        uint256 zHeight;
        unchecked {
            // Until the two are siblings, each has its own neighbour: index is odd, index + 1 even.
            for (; index & 1 != 0; ++height) {
                left = _sibling(proof, taken++).hash(left);
                if (index + 1 < last) {
                    right = right.hash(_sibling(proof, taken++));
                } else {
                    z = _raise(z, zHeight, height);
                    zHeight = height;
                    right = right.hash(z);
                }
                index >>= 1;
                last >>= 1;
            }
            (root, taken) =
                _climb(left.hash(right), height + 1, index >> 1, last >> 1, 0, proof, taken);
        }
        _checkLength(taken, proof);
    }

    /// @notice The node of height `top` above the node `node`, which stands at `index` in the row of
    /// height `height`, in a tree of `count` leaves. The result stands at index >> (top - height).
    /// @dev With height = top the proof is empty and the result is `node`.
    function rootOfNode(
        bytes32 node,
        uint256 height,
        uint256 index,
        uint256 top,
        uint256 count,
        bytes32[] calldata proof
    ) internal pure returns (bytes32 root) {
        _checkHeights(height, top, count);
        uint256 row = present(count, height);
        if (index >= row) revert Merkle_IndexOutOfRange(index, row);
        uint256 taken;
        unchecked {
            // A tree of its own, whose row has 2^levels places; the bit above them counts the levels.
            uint256 levels = top - height;
            uint256 places = 1 << levels;
            uint256 first = index >> levels << levels;
            uint256 last = row - 1 - first;
            if (last >= places) last = places - 1;
            (root, taken) = _climb(node, height, index - first | places, last | places, 1, proof, 0);
        }
        _checkLength(taken, proof);
    }

    /// @notice The node of height `top` at `index` of its row, computed from all its present descendants
    /// of height `height`, left to right, in a tree of `count` leaves.
    /// @dev 2^(top - height) hashes at most: the caller bounds the difference.
    function rootOfRow(
        bytes32[] calldata row,
        uint256 height,
        uint256 top,
        uint256 index,
        uint256 count
    ) internal pure returns (bytes32 root) {
        uint256 length = rowLength(height, top, index, count);
        if (row.length != length) revert Merkle_RowLength(length, row.length);
        bytes32 z = zero(height);
        bytes32[] memory nodes = row;
        unchecked {
            for (; height < top; ++height) {
                uint256 parents = (length + 1) >> 1;
                for (uint256 i; i < parents; ++i) {
                    bytes32 right = 2 * i + 1 < length ? _get(nodes, 2 * i + 1) : z;
                    _set(nodes, i, _get(nodes, 2 * i).hash(right));
                }
                length = parents;
                z = z.hash(z);
            }
        }
        return _get(nodes, 0);
    }

    /// @notice How many descendants of height `height` are present under the node of height `top` at
    /// `index` of its row, in a tree of `count` leaves: the length of the row that reveals it.
    function rowLength(uint256 height, uint256 top, uint256 index, uint256 count)
        internal
        pure
        returns (uint256)
    {
        _checkHeights(height, top, count);
        uint256 tops = present(count, top);
        if (index >= tops) revert Merkle_IndexOutOfRange(index, tops);
        unchecked {
            uint256 width = 1 << (top - height);
            uint256 left = present(count, height) - index * width;
            return left < width ? left : width;
        }
    }

    /// @dev Climbs from `node` at `index` of the row of height `height`, whose last present node is at
    /// `last`, until `last` is down to `end`; `taken` counts the hashes of the proof. Beyond the
    /// proof's end it reads whatever calldata holds: the callers compare lengths afterwards.
    ///
    /// Left of the last node every sibling is present. Once on it, one is on it in every row above,
    /// and its right sibling is always absent.
    function _climb(
        bytes32 node,
        uint256 height,
        uint256 index,
        uint256 last,
        uint256 end,
        bytes32[] calldata proof,
        uint256 taken
    ) private pure returns (bytes32, uint256) {
        assembly ("memory-safe") {
            let next := add(proof.offset, shl(5, taken))
            for {} xor(index, last) {} {
                let side := and(shl(5, index), 32) // where the node goes: first or second
                mstore(side, node)
                mstore(xor(side, 32), calldataload(next))
                node := keccak256(0, 64)
                next := add(next, 32)
                index := shr(1, index)
                last := shr(1, last)
                height := add(height, 1)
            }
            let z := 0 // the zero subtree of height zHeight, raised only when one is needed
            let zHeight := 0
            for {} gt(last, end) {} {
                switch and(last, 1)
                case 1 {
                    mstore(0, calldataload(next))
                    mstore(32, node)
                    next := add(next, 32)
                }
                default {
                    for {} lt(zHeight, height) { zHeight := add(zHeight, 1) } {
                        mstore(0, z)
                        mstore(32, z)
                        z := keccak256(0, 64)
                    }
                    mstore(0, node)
                    mstore(32, z)
                }
                node := keccak256(0, 64)
                last := shr(1, last)
                height := add(height, 1)
            }
            taken := shr(5, sub(next, proof.offset))
        }
        return (node, taken);
    }

    /// @dev The zero subtree of height `to`, from `z`, that of height `from`.
    function _raise(bytes32 z, uint256 from, uint256 to) private pure returns (bytes32) {
        unchecked {
            for (; from < to; ++from) {
                z = z.hash(z);
            }
        }
        return z;
    }

    function _checkHeights(uint256 height, uint256 top, uint256 count) private pure {
        uint256 d = depth(count);
        if (height > top || top > d) revert Merkle_HeightOutOfRange(height, top, d);
    }

    function _checkLength(uint256 taken, bytes32[] calldata proof) private pure {
        if (taken != proof.length) revert Merkle_ProofLength(taken, proof.length);
    }

    /// @dev proof[k] without the bound: `_checkLength` follows.
    function _sibling(bytes32[] calldata proof, uint256 k) private pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            hash := calldataload(add(proof.offset, shl(5, k)))
        }
    }

    /// @dev nodes[k] without the bound: k < length, which `rootOfRow` checked.
    function _get(bytes32[] memory nodes, uint256 k) private pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            hash := mload(add(add(nodes, 32), shl(5, k)))
        }
    }

    function _set(bytes32[] memory nodes, uint256 k, bytes32 hash) private pure {
        assembly ("memory-safe") {
            mstore(add(add(nodes, 32), shl(5, k)), hash)
        }
    }
}
