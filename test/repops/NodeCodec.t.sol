// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Referee} from "../../src/repops/Referee.sol";
import {RefereeBase} from "./RefereeBase.sol";
import {VectorFiles} from "./VectorFiles.sol";

struct InputVector {
    uint8 kind;
    uint32 ref;
    bool isInt32;
    uint64 count;
}

struct NodeVector {
    uint32 node;
    uint32 states;
    uint32 constants;
    bytes encoding;
    bool ok;
    string rule;
    InputVector[] inputs;
    bool isInt32;
    uint64 count;
    uint32 segments;
}

/// The decoder as the referee shows it: wellFormed, output, input.
contract NodeCodecTest is VectorFiles, RefereeBase {
    bytes[] internal blobs;

    function setUp() public {
        blobs = vectors("nodes.json", ".abi");
    }

    function _wellFormed(NodeVector memory v, bytes memory encoding) internal view returns (bool) {
        return referee.wellFormed(encoding, v.node, v.states, v.constants);
    }

    function test_wellFormed_agreesWithTheVectors() public view {
        uint256 good;
        for (uint256 i; i < blobs.length; ++i) {
            NodeVector memory v = abi.decode(blobs[i], (NodeVector));
            assertEq(_wellFormed(v, v.encoding), v.ok, string.concat("case ", vm.toString(i)));
            if (v.ok) ++good;
        }
        assertGt(good, 100);
        assertGt(blobs.length - good, 100);
    }

    function test_outputAndInput_agreeWithTheVectors() public view {
        for (uint256 i; i < blobs.length; ++i) {
            NodeVector memory v = abi.decode(blobs[i], (NodeVector));
            if (!v.ok) continue;
            (bool isInt32, uint64 count, uint32 segments) = referee.output(v.encoding);
            assertEq(isInt32, v.isInt32);
            assertEq(count, v.count);
            assertEq(segments, v.segments);
            for (uint256 k; k < v.inputs.length; ++k) {
                InputVector memory got;
                (got.kind, got.ref, got.isInt32, got.count) = referee.input(v.encoding, k);
                assertEq(keccak256(abi.encode(got)), keccak256(abi.encode(v.inputs[k])));
            }
        }
    }

    function test_input_revertsBeyondTheInputs() public {
        NodeVector memory v = abi.decode(blobs[0], (NodeVector));
        uint256 inputs = v.inputs.length;
        vm.expectRevert(
            abi.encodeWithSelector(Referee.Referee_InputOutOfRange.selector, inputs, inputs)
        );
        referee.input(v.encoding, inputs);
    }

    function test_outputInputAndFold_revertWhenMalformed() public {
        vm.expectRevert(_malformed(""));
        referee.output("");
        vm.expectRevert(_malformed(hex"ff"));
        referee.input(hex"ff", 0);
        vm.expectRevert(_malformed(hex"00"));
        referee.fold(hex"00", hex"00000000");
    }

    function _malformed(bytes memory encoding) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(Referee.Referee_Malformed.selector, keccak256(encoding));
    }

    /// No byte of a valid encoding can be left out and none can follow.
    function testFuzz_wellFormed_isFalseForOtherLengths(uint256 pick, uint256 length, bytes1 extra)
        public
        view
    {
        NodeVector memory v = abi.decode(blobs[pick % blobs.length], (NodeVector));
        if (!v.ok) return;
        assertFalse(_wellFormed(v, bytes.concat(v.encoding, extra)));
        length = bound(length, 0, v.encoding.length - 1);
        bytes memory cut = v.encoding;
        assembly ("memory-safe") {
            mstore(cut, length)
        }
        assertFalse(_wellFormed(v, cut));
    }

    function testFuzz_anyBytes_neverRevert(
        bytes calldata encoding,
        uint32 node,
        uint32 states,
        uint32 constants
    ) public view {
        referee.wellFormed(encoding, node, states, constants);
    }

    /// Damaged encodings decode or do not, but never crash; what decodes has counts in range.
    function testFuzz_damagedBytes_neverRevert(uint256 pick, uint256 index, bytes1 byte_)
        public
        view
    {
        NodeVector memory v = abi.decode(blobs[pick % blobs.length], (NodeVector));
        if (v.encoding.length == 0) return;
        v.encoding[index % v.encoding.length] = byte_;
        if (!_wellFormed(v, v.encoding)) return;
        (, uint64 count, uint32 segments) = referee.output(v.encoding);
        assertTrue(count > 0 && count < 1 << 40);
        assertTrue(segments > 0 && segments <= 1 << 16);
    }
}
