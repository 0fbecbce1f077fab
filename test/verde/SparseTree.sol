// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Merkle} from "../../src/repops/Merkle.sol";

/// @notice A tree of any size of which a few leaves are known; everything else is made up from `salt`.
/// @param rows height of the blocks that reveals go down: made-up nodes stand at depth - k * rows and at 0,
/// so that every row a demand can ask for exists
struct Sparse {
    uint256 count;
    uint256 rows;
    bytes32 salt;
    uint256[] index;
    bytes32[] leaf;
}

/// @notice Roots, proofs and rows of synthetic trees, straight from docs/spec/repops.md, section 5. For tests.
library SparseTree {
    function make(uint256 count, uint256 rows, bytes32 salt)
        internal
        pure
        returns (Sparse memory t)
    {
        t.count = count;
        t.rows = rows;
        t.salt = salt;
    }

    /// @notice Sets leaf `index`; later calls win.
    function set(Sparse memory t, uint256 index, bytes32 leaf) internal pure {
        uint256 n = t.index.length;
        uint256[] memory indices = new uint256[](n + 1);
        bytes32[] memory leaves = new bytes32[](n + 1);
        (indices[0], leaves[0]) = (index, leaf);
        for (uint256 i; i < n; ++i) {
            (indices[i + 1], leaves[i + 1]) = (t.index[i], t.leaf[i]);
        }
        (t.index, t.leaf) = (indices, leaves);
    }

    function root(Sparse memory t) internal pure returns (bytes32) {
        return node(t, Merkle.depth(t.count), 0);
    }

    function node(Sparse memory t, uint256 height, uint256 index) internal pure returns (bytes32) {
        bool known;
        for (uint256 i; i < t.index.length; ++i) {
            if (t.index[i] >> height != index) continue;
            if (height == 0) return t.leaf[i];
            known = true;
        }
        if (index << height >= t.count) return Merkle.zero(height);
        if (!known && (height == 0 || (Merkle.depth(t.count) - height) % t.rows == 0)) {
            return keccak256(abi.encode(t.salt, height, index));
        }
        return
            keccak256(
                abi.encode(node(t, height - 1, 2 * index), node(t, height - 1, 2 * index + 1))
            );
    }

    /// @notice Range opening of the nodes lo … hi of row `height` up to row `top`.
    function proof(Sparse memory t, uint256 height, uint256 top, uint256 lo, uint256 hi)
        internal
        pure
        returns (bytes32[] memory taken)
    {
        taken = new bytes32[](128);
        uint256 n;
        for (; height < top; ++height) {
            if (lo % 2 == 1) taken[n++] = node(t, height, lo - 1);
            if (hi % 2 == 0 && (hi + 1) << height < t.count) taken[n++] = node(t, height, hi + 1);
            lo /= 2;
            hi /= 2;
        }
        assembly ("memory-safe") {
            mstore(taken, n) // as many as were taken
        }
    }

    /// @notice Opening of one leaf.
    function open(Sparse memory t, uint256 index) internal pure returns (bytes32[] memory) {
        return proof(t, 0, Merkle.depth(t.count), index, index);
    }

    /// @notice Opening of the leaves `index` and `index + 1`.
    function openPair(Sparse memory t, uint256 index) internal pure returns (bytes32[] memory) {
        return proof(t, 0, Merkle.depth(t.count), index, index + 1);
    }

    /// @notice The present nodes of row `height` below node `index` of row `top`.
    function row(Sparse memory t, uint256 height, uint256 top, uint256 index)
        internal
        pure
        returns (bytes32[] memory out)
    {
        out = new bytes32[](Merkle.rowLength(height, top, index, t.count));
        for (uint256 i; i < out.length; ++i) {
            out[i] = node(t, height, (index << (top - height)) + i);
        }
    }
}
