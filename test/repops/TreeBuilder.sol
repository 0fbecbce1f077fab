// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Builds whole trees and their proofs the plain way, straight from docs/spec/repops.md, section 5:
/// leaves are padded with zero words to a power of two. For tests.
library TreeBuilder {
    /// @notice All rows of the padded tree, rows[0] the leaves, the last one the root alone.
    function rows(bytes32[] memory leaves) internal pure returns (bytes32[][] memory all) {
        uint256 depth;
        while ((uint256(1) << depth) < leaves.length) ++depth;
        all = new bytes32[][](depth + 1);
        all[0] = new bytes32[](uint256(1) << depth);
        for (uint256 i; i < leaves.length; ++i) {
            all[0][i] = leaves[i];
        }
        for (uint256 h = 1; h <= depth; ++h) {
            all[h] = new bytes32[](all[h - 1].length / 2);
            for (uint256 i; i < all[h].length; ++i) {
                all[h][i] = keccak256(abi.encode(all[h - 1][2 * i], all[h - 1][2 * i + 1]));
            }
        }
    }

    function root(bytes32[] memory leaves) internal pure returns (bytes32) {
        bytes32[][] memory all = rows(leaves);
        return all[all.length - 1][0];
    }

    /// @notice Proof of the leaves lo … hi, padding left out.
    function proof(bytes32[] memory leaves, uint256 lo, uint256 hi)
        internal
        pure
        returns (bytes32[] memory)
    {
        bytes32[][] memory all = rows(leaves);
        return proofBetween(all, leaves.length, 0, all.length - 1, lo, hi);
    }

    /// @notice Proof of the nodes lo … hi of row `height` up to row `top`, of a tree with `count` leaves.
    function proofBetween(
        bytes32[][] memory all,
        uint256 count,
        uint256 height,
        uint256 top,
        uint256 lo,
        uint256 hi
    ) internal pure returns (bytes32[] memory taken) {
        bytes32[] memory buffer = new bytes32[](128);
        uint256 n;
        for (uint256 h = height; h < top; ++h) {
            if (lo % 2 == 1) buffer[n++] = all[h][lo - 1];
            if (hi % 2 == 0 && (hi + 1) << h < count) buffer[n++] = all[h][hi + 1];
            lo /= 2;
            hi /= 2;
        }
        taken = new bytes32[](n);
        for (uint256 i; i < n; ++i) {
            taken[i] = buffer[i];
        }
    }

    /// @notice A tree of `count` leaves of which only `leaves`, from index `lo` on, are known; every other
    /// subtree is a hash made up from `salt`.
    /// @return top its root
    /// @return taken the range opening of the known leaves
    function around(bytes32[] memory leaves, uint256 lo, uint256 count, bytes32 salt)
        internal
        pure
        returns (bytes32 top, bytes32[] memory taken)
    {
        bytes32[] memory buffer = new bytes32[](128);
        uint256 n;
        bytes32 zero;
        bytes32[] memory row = leaves;
        uint256 hi = lo + leaves.length - 1;
        for (uint256 h; (uint256(1) << h) < count; ++h) {
            bytes32 left;
            bytes32 right = zero;
            if (lo % 2 == 1) left = buffer[n++] = keccak256(abi.encode(salt, n));
            if (hi % 2 == 0 && (hi + 1) << h < count) {
                right = buffer[n++] = keccak256(abi.encode(salt, n));
            }
            row = _parents(row, lo, left, right);
            lo /= 2;
            hi /= 2;
            zero = keccak256(abi.encode(zero, zero));
        }
        top = row[0];
        taken = new bytes32[](n);
        for (uint256 i; i < n; ++i) {
            taken[i] = buffer[i];
        }
    }

    /// The row above `row`, whose first node has index `lo`, with the neighbours that complete its pairs.
    function _parents(bytes32[] memory row, uint256 lo, bytes32 left, bytes32 right)
        private
        pure
        returns (bytes32[] memory parents)
    {
        uint256 hi = lo + row.length - 1;
        parents = new bytes32[](hi / 2 - lo / 2 + 1);
        for (uint256 i; i < parents.length; ++i) {
            uint256 child = 2 * (lo / 2 + i);
            parents[i] = keccak256(
                abi.encode(
                    child < lo ? left : row[child - lo],
                    child + 1 > hi ? right : row[child + 1 - lo]
                )
            );
        }
    }

    /// @notice Leaf hashes of a tensor given as flat bytes.
    function tensorLeaves(bytes memory data) internal pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[]((data.length + 1023) / 1024);
        for (uint256 i; i < leaves.length; ++i) {
            bytes memory leaf = new bytes(1024);
            for (uint256 j; j < 1024 && 1024 * i + j < data.length; ++j) {
                leaf[j] = data[1024 * i + j];
            }
            leaves[i] = keccak256(leaf);
        }
    }
}
