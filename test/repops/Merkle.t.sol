// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";
import {Merkle} from "../../src/repops/Merkle.sol";
import {TreeBuilder} from "./TreeBuilder.sol";

contract MerkleHarness {
    function depth(uint256 count) external pure returns (uint256) {
        return Merkle.depth(count);
    }

    function present(uint256 count, uint256 height) external pure returns (uint256) {
        return Merkle.present(count, height);
    }

    function zero(uint256 height) external pure returns (bytes32) {
        return Merkle.zero(height);
    }

    function rootOfLeaf(bytes32 leaf, uint256 index, uint256 count, bytes32[] calldata proof)
        external
        pure
        returns (bytes32)
    {
        return Merkle.rootOfLeaf(leaf, index, count, proof);
    }

    function rootOfPair(
        bytes32 left,
        bytes32 right,
        uint256 index,
        uint256 count,
        bytes32[] calldata proof
    ) external pure returns (bytes32) {
        return Merkle.rootOfPair(left, right, index, count, proof);
    }

    function rootOfNode(
        bytes32 node,
        uint256 height,
        uint256 index,
        uint256 top,
        uint256 count,
        bytes32[] calldata proof
    ) external pure returns (bytes32) {
        return Merkle.rootOfNode(node, height, index, top, count, proof);
    }

    function rootOfRow(
        bytes32[] calldata row,
        uint256 height,
        uint256 top,
        uint256 index,
        uint256 count
    ) external pure returns (bytes32) {
        return Merkle.rootOfRow(row, height, top, index, count);
    }
}

contract MerkleTest is Test {
    MerkleHarness internal merkle = new MerkleHarness();
    uint256 internal constant MOST = 70; // every shape of right edge up to depth 7

    function _leaves(uint256 count) internal pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[](count);
        for (uint256 i; i < count; ++i) {
            leaves[i] = keccak256(abi.encode("leaf", count, i));
        }
    }

    function _longer(bytes32[] memory proof) internal pure returns (bytes32[] memory more) {
        more = new bytes32[](proof.length + 1);
        for (uint256 i; i < proof.length; ++i) {
            more[i] = proof[i];
        }
    }

    function _shorter(bytes32[] memory proof) internal pure returns (bytes32[] memory less) {
        less = new bytes32[](proof.length - 1);
        for (uint256 i; i < less.length; ++i) {
            less[i] = proof[i];
        }
    }

    function test_depth_isCeilLog2() public view {
        assertEq(merkle.depth(0), 0);
        assertEq(merkle.depth(1), 0);
        assertEq(merkle.depth(2), 1);
        assertEq(merkle.depth(3), 2);
        assertEq(merkle.depth(1 << 32), 32);
        assertEq(merkle.depth((1 << 32) + 1), 33);
        assertEq(merkle.depth(type(uint256).max), 256);
    }

    function test_present_isCeilOfTheShift() public view {
        assertEq(merkle.present(0, 3), 0);
        assertEq(merkle.present(5, 0), 5);
        assertEq(merkle.present(5, 1), 3);
        assertEq(merkle.present(5, 2), 2);
        assertEq(merkle.present(5, 3), 1);
        assertEq(merkle.present(type(uint256).max, 0), type(uint256).max);
        assertEq(merkle.present(type(uint256).max, 300), 1);
    }

    function test_zero_isTheTreeOfZeroLeaves() public view {
        for (uint256 h; h < 6; ++h) {
            assertEq(merkle.zero(h), TreeBuilder.root(new bytes32[](1 << h)));
        }
    }

    function testFuzz_rootOfLeaf_matchesTheWholeTree(uint256 count, uint256 index) public view {
        count = bound(count, 1, MOST);
        index = bound(index, 0, count - 1);
        bytes32[] memory leaves = _leaves(count);
        bytes32[] memory proof = TreeBuilder.proof(leaves, index, index);
        assertEq(merkle.rootOfLeaf(leaves[index], index, count, proof), TreeBuilder.root(leaves));
    }

    function testFuzz_rootOfLeaf_changesWithLeafIndexAndProof(uint256 count, uint256 pick)
        public
        view
    {
        count = bound(count, 2, MOST);
        uint256 index = pick % count;
        bytes32[] memory leaves = _leaves(count);
        bytes32[] memory proof = TreeBuilder.proof(leaves, index, index);
        bytes32 root = TreeBuilder.root(leaves);
        assertNotEq(merkle.rootOfLeaf(keccak256("other"), index, count, proof), root);
        if (proof.length > 0) {
            uint256 k = pick % proof.length;
            proof[k] = ~proof[k];
            assertNotEq(merkle.rootOfLeaf(leaves[index], index, count, proof), root);
        }
    }

    function testFuzz_rootOfLeaf_revertsOnOtherLengths(uint256 count, uint256 index) public {
        count = bound(count, 1, MOST);
        index = bound(index, 0, count - 1);
        bytes32[] memory leaves = _leaves(count);
        bytes32[] memory proof = TreeBuilder.proof(leaves, index, index);
        vm.expectRevert(
            abi.encodeWithSelector(
                Merkle.Merkle_ProofLength.selector, proof.length, proof.length + 1
            )
        );
        merkle.rootOfLeaf(leaves[index], index, count, _longer(proof));
        if (proof.length == 0) return;
        vm.expectRevert(
            abi.encodeWithSelector(
                Merkle.Merkle_ProofLength.selector, proof.length, proof.length - 1
            )
        );
        merkle.rootOfLeaf(leaves[index], index, count, _shorter(proof));
    }

    function testFuzz_rootOfLeaf_revertsBeyondTheCount(uint256 index, uint256 count) public {
        count = bound(count, 0, index);
        vm.expectRevert(
            abi.encodeWithSelector(Merkle.Merkle_IndexOutOfRange.selector, index, count)
        );
        merkle.rootOfLeaf(0, index, count, new bytes32[](0));
    }

    /// Padding that is not zero gives a root that no proof reaches.
    function test_rootOfLeaf_missesARootWithOtherPadding() public view {
        bytes32[] memory leaves = _leaves(5);
        bytes32[] memory padded = new bytes32[](6);
        for (uint256 i; i < 5; ++i) {
            padded[i] = leaves[i];
        }
        padded[5] = bytes32(uint256(1));
        bytes32[] memory proof = TreeBuilder.proof(leaves, 4, 4);
        assertEq(merkle.rootOfLeaf(leaves[4], 4, 5, proof), TreeBuilder.root(leaves));
        assertNotEq(TreeBuilder.root(leaves), TreeBuilder.root(padded));
    }

    function testFuzz_rootOfPair_matchesTheWholeTree(uint256 count, uint256 index) public view {
        count = bound(count, 2, MOST);
        index = bound(index, 0, count - 2);
        bytes32[] memory leaves = _leaves(count);
        bytes32[] memory proof = TreeBuilder.proof(leaves, index, index + 1);
        assertEq(
            merkle.rootOfPair(leaves[index], leaves[index + 1], index, count, proof),
            TreeBuilder.root(leaves)
        );
    }

    function testFuzz_rootOfPair_revertsOnOtherLengths(uint256 count, uint256 index) public {
        count = bound(count, 2, MOST);
        index = bound(index, 0, count - 2);
        bytes32[] memory leaves = _leaves(count);
        bytes32[] memory proof = TreeBuilder.proof(leaves, index, index + 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                Merkle.Merkle_ProofLength.selector, proof.length, proof.length + 1
            )
        );
        merkle.rootOfPair(leaves[index], leaves[index + 1], index, count, _longer(proof));
        if (proof.length == 0) return;
        vm.expectRevert(
            abi.encodeWithSelector(
                Merkle.Merkle_ProofLength.selector, proof.length, proof.length - 1
            )
        );
        merkle.rootOfPair(leaves[index], leaves[index + 1], index, count, _shorter(proof));
    }

    function testFuzz_rootOfPair_revertsWhenTheSecondIsBeyondTheCount(uint256 index, uint256 count)
        public
    {
        count = bound(count, 0, index == type(uint256).max ? index : index + 1);
        vm.expectRevert(
            abi.encodeWithSelector(Merkle.Merkle_IndexOutOfRange.selector, index, count)
        );
        merkle.rootOfPair(0, 0, index, count, new bytes32[](0));
    }

    function testFuzz_rootOfNode_placesANodeUnderEveryAncestor(
        uint256 count,
        uint256 height,
        uint256 top,
        uint256 index
    ) public view {
        count = bound(count, 1, MOST);
        bytes32[] memory leaves = _leaves(count);
        bytes32[][] memory all = TreeBuilder.rows(leaves);
        top = bound(top, 0, all.length - 1);
        height = bound(height, 0, top);
        index = bound(index, 0, merkle.present(count, height) - 1);
        bytes32[] memory proof = TreeBuilder.proofBetween(all, count, height, top, index, index);
        assertEq(
            merkle.rootOfNode(all[height][index], height, index, top, count, proof),
            all[top][index >> (top - height)]
        );
    }

    function test_rootOfNode_revertsOnHeightsIndexAndLength() public {
        bytes32[] memory none = new bytes32[](0);
        vm.expectRevert(abi.encodeWithSelector(Merkle.Merkle_HeightOutOfRange.selector, 2, 1, 3));
        merkle.rootOfNode(0, 2, 0, 1, 5, none);
        vm.expectRevert(abi.encodeWithSelector(Merkle.Merkle_HeightOutOfRange.selector, 2, 4, 3));
        merkle.rootOfNode(0, 2, 0, 4, 5, none);
        vm.expectRevert(abi.encodeWithSelector(Merkle.Merkle_IndexOutOfRange.selector, 3, 3));
        merkle.rootOfNode(0, 1, 3, 2, 5, none);
        vm.expectRevert(abi.encodeWithSelector(Merkle.Merkle_IndexOutOfRange.selector, 0, 0));
        merkle.rootOfNode(0, 0, 0, 0, 0, none);
        vm.expectRevert(abi.encodeWithSelector(Merkle.Merkle_ProofLength.selector, 2, 0));
        merkle.rootOfNode(0, 1, 0, 3, 5, none);
    }

    function testFuzz_rootOfRow_matchesTheWholeTree(
        uint256 count,
        uint256 height,
        uint256 top,
        uint256 index
    ) public view {
        count = bound(count, 1, MOST);
        bytes32[][] memory all = TreeBuilder.rows(_leaves(count));
        top = bound(top, 0, all.length - 1);
        height = bound(height, 0, top);
        index = bound(index, 0, merkle.present(count, top) - 1);
        uint256 width = 1 << (top - height);
        uint256 length;
        while (length < width && index * width + length < merkle.present(count, height)) ++length;
        bytes32[] memory row = new bytes32[](length);
        for (uint256 i; i < length; ++i) {
            row[i] = all[height][index * width + i];
        }
        assertEq(merkle.rootOfRow(row, height, top, index, count), all[top][index]);
    }

    function testFuzz_rootOfRow_revertsOnOtherLengths(uint256 count, uint256 length) public {
        count = bound(count, 1, MOST);
        length = bound(length, 0, 2 * MOST);
        uint256 top = merkle.depth(count);
        vm.assume(length != count);
        vm.expectRevert(abi.encodeWithSelector(Merkle.Merkle_RowLength.selector, count, length));
        merkle.rootOfRow(new bytes32[](length), 0, top, 0, count);
    }

    function test_rootOfRow_revertsOnHeightsAndIndex() public {
        bytes32[] memory row = new bytes32[](1);
        vm.expectRevert(abi.encodeWithSelector(Merkle.Merkle_HeightOutOfRange.selector, 0, 4, 3));
        merkle.rootOfRow(row, 0, 4, 0, 5);
        vm.expectRevert(abi.encodeWithSelector(Merkle.Merkle_HeightOutOfRange.selector, 2, 1, 3));
        merkle.rootOfRow(row, 2, 1, 0, 5);
        vm.expectRevert(abi.encodeWithSelector(Merkle.Merkle_IndexOutOfRange.selector, 2, 2));
        merkle.rootOfRow(row, 0, 2, 2, 5);
    }

    /// Whatever the arguments, the only reverts are the four typed ones.
    function testFuzz_anyArguments_revertWithTypedErrorsOnly(
        uint256 height,
        uint256 index,
        uint256 top,
        uint256 count,
        bytes32[] calldata hashes
    ) public view {
        bytes[4] memory calls = [
            abi.encodeCall(MerkleHarness.rootOfLeaf, (0, index, count, hashes)),
            abi.encodeCall(MerkleHarness.rootOfPair, (0, 0, index, count, hashes)),
            abi.encodeCall(MerkleHarness.rootOfNode, (0, height, index, top, count, hashes)),
            abi.encodeCall(MerkleHarness.rootOfRow, (hashes, height, top, index, count))
        ];
        for (uint256 i; i < calls.length; ++i) {
            (bool ok, bytes memory answer) = address(merkle).staticcall(calls[i]);
            if (ok) continue;
            bytes4 reason = bytes4(answer);
            assertTrue(
                reason == Merkle.Merkle_IndexOutOfRange.selector
                    || reason == Merkle.Merkle_ProofLength.selector
                    || reason == Merkle.Merkle_HeightOutOfRange.selector
                    || reason == Merkle.Merkle_RowLength.selector
            );
        }
    }
}
