// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";
import {ConstantEntry, EntryCodec, StateEntry} from "../../src/repops/EntryCodec.sol";

contract EntryHarness {
    function state(bytes calldata entry, uint256 nodes)
        external
        pure
        returns (bool, StateEntry memory)
    {
        return EntryCodec.decodeState(entry, nodes);
    }

    function constant_(bytes calldata entry) external pure returns (bool, ConstantEntry memory) {
        return EntryCodec.decodeConstant(entry);
    }
}

contract EntryCodecTest is Test {
    EntryHarness internal codec = new EntryHarness();

    /// The `bytes_` lowest bytes of `value`, little-endian.
    function _le(uint256 value, uint256 bytes_) internal pure returns (bytes memory out) {
        out = new bytes(bytes_);
        for (uint256 i; i < bytes_; ++i) {
            out[i] = bytes1(uint8(value >> (8 * i)));
        }
    }

    function _state(uint256 type_, uint256 count, uint256 source, uint256 ref)
        internal
        pure
        returns (bytes memory)
    {
        return bytes.concat(_le(type_, 1), _le(count, 5), _le(source, 1), _le(ref, 4));
    }

    function testFuzz_decodeState_readsEveryField(bool isInt32, uint40 count, uint32 node)
        public
        view
    {
        vm.assume(count > 0);
        (bool ok, StateEntry memory entry) =
            codec.state(_state(isInt32 ? 1 : 0, count, 0, node), uint256(node) + 1);
        assertTrue(ok);
        assertEq(entry.isInt32, isInt32);
        assertEq(entry.count, count);
        assertFalse(entry.unchanged);
        assertEq(entry.node, node);
        (ok, entry) = codec.state(_state(isInt32 ? 1 : 0, count, 1, 0), 1);
        assertTrue(ok);
        assertEq(entry.isInt32, isInt32);
        assertEq(entry.count, count);
        assertTrue(entry.unchanged);
    }

    function test_decodeState_refusesEachBrokenRule() public view {
        bool ok;
        (ok,) = codec.state(_state(2, 1, 0, 0), 1); // type
        assertFalse(ok);
        (ok,) = codec.state(_state(0, 0, 0, 0), 1); // count
        assertFalse(ok);
        (ok,) = codec.state(_state(0, 1, 2, 0), 1); // source
        assertFalse(ok);
        (ok,) = codec.state(_state(0, 1, 0, 7), 7); // node beyond the table
        assertFalse(ok);
        (ok,) = codec.state(_state(0, 1, 1, 1), 7); // ref of an unchanged state
        assertFalse(ok);
        (ok,) = codec.state(bytes.concat(_state(0, 1, 0, 0), hex"00"), 1); // length
        assertFalse(ok);
        (ok,) = codec.state("", 1);
        assertFalse(ok);
    }

    function testFuzz_decodeConstant_readsBothFields(bool isInt32, uint40 count) public view {
        vm.assume(count > 0);
        bytes memory entry = bytes.concat(_le(isInt32 ? 1 : 0, 1), _le(count, 5));
        (bool ok, ConstantEntry memory decoded) = codec.constant_(entry);
        assertTrue(ok);
        assertEq(decoded.isInt32, isInt32);
        assertEq(decoded.count, count);
    }

    function test_decodeConstant_refusesEachBrokenRule() public view {
        bool ok;
        (ok,) = codec.constant_(hex"020100000000"); // type
        assertFalse(ok);
        (ok,) = codec.constant_(hex"000000000000"); // count
        assertFalse(ok);
        (ok,) = codec.constant_(hex"0001000000"); // length
        assertFalse(ok);
        (ok,) = codec.constant_(hex"00010000000000");
        assertFalse(ok);
    }

    function testFuzz_anyBytes_neverRevert(bytes calldata entry, uint256 nodes) public view {
        codec.state(entry, nodes);
        codec.constant_(entry);
    }
}
