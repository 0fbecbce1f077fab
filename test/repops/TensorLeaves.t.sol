// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";
import {Merkle} from "../../src/repops/Merkle.sol";
import {TensorLeaves} from "../../src/repops/TensorLeaves.sol";
import {TreeBuilder} from "./TreeBuilder.sol";

contract TensorHarness {
    function one(bytes calldata data, uint256 leaf, uint256 count, bytes32[] calldata proof)
        external
        pure
        returns (bytes32)
    {
        return TensorLeaves.rootOfOne(data, leaf, count, proof);
    }

    function two(bytes calldata data, uint256 leaf, uint256 count, bytes32[] calldata proof)
        external
        pure
        returns (bytes32)
    {
        return TensorLeaves.rootOfTwo(data, leaf, count, proof);
    }

    function element(bytes calldata data, uint256 index) external pure returns (uint32) {
        return TensorLeaves.element(data, index);
    }

    function slice(bytes calldata data, uint256 from, uint256 to)
        external
        pure
        returns (bytes memory)
    {
        return data[from:to];
    }
}

contract TensorLeavesTest is Test {
    TensorHarness internal tensor = new TensorHarness();

    function _bytes(uint256 count) internal pure returns (bytes memory data) {
        data = new bytes(4 * count);
        for (uint256 i; i < data.length; ++i) {
            data[i] = bytes1(uint8(uint256(keccak256(abi.encode(i))) | 1)); // never the padding byte
        }
    }

    function _real(bytes memory data, uint256 leaf, uint256 run)
        internal
        view
        returns (bytes memory)
    {
        uint256 to = 1024 * (leaf + run);
        return tensor.slice(data, 1024 * leaf, to < data.length ? to : data.length);
    }

    function testFuzz_rootOfOne_opensEveryLeaf(uint256 count, uint256 leaf) public view {
        count = bound(count, 1, 1500);
        bytes memory data = _bytes(count);
        bytes32[] memory leaves = TreeBuilder.tensorLeaves(data);
        leaf = bound(leaf, 0, leaves.length - 1);
        assertEq(
            tensor.one(_real(data, leaf, 1), leaf, count, TreeBuilder.proof(leaves, leaf, leaf)),
            TreeBuilder.root(leaves)
        );
    }

    function testFuzz_rootOfTwo_opensEveryPair(uint256 count, uint256 leaf) public view {
        count = bound(count, 257, 1500);
        bytes memory data = _bytes(count);
        bytes32[] memory leaves = TreeBuilder.tensorLeaves(data);
        leaf = bound(leaf, 0, leaves.length - 2);
        assertEq(
            tensor.two(
                _real(data, leaf, 2), leaf, count, TreeBuilder.proof(leaves, leaf, leaf + 1)
            ),
            TreeBuilder.root(leaves)
        );
    }

    function testFuzz_otherLengths_revert(uint256 count, uint256 length) public {
        count = bound(count, 1, 600);
        length = bound(length, 0, 2200);
        uint256 expected = 4 * count < 1024 ? 4 * count : 1024;
        vm.assume(length != expected);
        vm.expectRevert(
            abi.encodeWithSelector(TensorLeaves.TensorLeaves_DataLength.selector, expected, length)
        );
        tensor.one(new bytes(length), 0, count, new bytes32[](0));
        count += 256;
        expected = 4 * count < 2048 ? 4 * count : 2048;
        vm.assume(length != expected);
        vm.expectRevert(
            abi.encodeWithSelector(TensorLeaves.TensorLeaves_DataLength.selector, expected, length)
        );
        tensor.two(new bytes(length), 0, count, new bytes32[](0));
    }

    function test_leavesBeyondTheCount_revert() public {
        bytes32[] memory none = new bytes32[](0);
        vm.expectRevert(abi.encodeWithSelector(Merkle.Merkle_IndexOutOfRange.selector, 2, 2));
        tensor.one("", 2, 512, none);
        vm.expectRevert(abi.encodeWithSelector(Merkle.Merkle_IndexOutOfRange.selector, 1, 2));
        tensor.two("", 1, 512, none);
    }

    function test_element_isLittleEndian() public view {
        assertEq(tensor.element(hex"0102030405060708", 0), 0x04030201);
        assertEq(tensor.element(hex"0102030405060708", 1), 0x08070605);
    }
}
