// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {VmSafe} from "forge-std/Vm.sol";
import {DotSegment} from "../../src/repops/DotSegment.sol";
import {Operand, Scene} from "../../src/repops/IReferee.sol";
import {LittleEndian} from "../../src/repops/LittleEndian.sol";
import {Op} from "../../src/repops/Operators.sol";
import {Philox} from "../../src/repops/Philox.sol";
import {Reductions} from "../../src/repops/Reductions.sol";
import {RefereeBase} from "./RefereeBase.sol";
import {VectorFiles} from "./VectorFiles.sol";

struct SegmentVector {
    uint8 code;
    bool isInt32;
    bytes x;
    bytes y;
    uint32 output;
}

struct FoldVector {
    uint8 code;
    bool isInt32;
    bytes values;
    uint32 output;
}

struct PhiloxVector {
    bytes16 counter;
    bytes8 key;
    bytes16 output;
}

struct JudgeVector {
    Scene scene;
    bytes encoding;
    uint64 element;
    uint32 segment;
    Operand[] operands;
    uint32 value;
}

contract ReductionsHarness {
    using LittleEndian for bytes;

    /// The vectors are big-endian, runs are not.
    function segment(uint256 op, bool isInt32, bytes memory x, bytes memory y)
        external
        pure
        returns (uint256)
    {
        x.swap();
        y.swap();
        if (op == Op.MATMUL) return DotSegment.dot(x, y);
        if (op == Op.REDUCE_SUM) return Reductions.sum(x, isInt32);
        if (op == Op.REDUCE_MAX) return Reductions.max(x, isInt32);
        return Reductions.scatter(x, y, 0);
    }

    function fold(uint256 op, bool isInt32, bytes calldata values) external pure returns (uint256) {
        return Reductions.fold(op, isInt32, values);
    }
}

/// Operators as TypeScript defines them: element by element, segment by segment, and judged whole.
contract OperatorVectorsTest is VectorFiles, RefereeBase {
    ReductionsHarness internal reductions = new ReductionsHarness();

    function test_elementwise_agreesWithTheScalars() public view {
        VmSafe.DirEntry[] memory files = vm.readDir("offchain-repops/vectors/scalars");
        assertEq(files.length, 44, "an operator and type without vectors");
        for (uint256 f; f < files.length; ++f) {
            string memory json = vm.readFile(files[f].path);
            bool isInt32 = keccak256(bytes(vm.parseJsonString(json, ".type"))) == keccak256("i32");
            _checkScalars(
                vm.parseJsonUint(json, ".code"),
                isInt32,
                vm.parseJsonUint(json, ".arity"),
                vm.parseJsonBytes(json, ".inputs"),
                vm.parseJsonBytes(json, ".outputs")
            );
        }
    }

    function _checkScalars(
        uint256 op,
        bool isInt32,
        uint256 arity,
        bytes memory inputs,
        bytes memory outputs
    ) internal view {
        uint256 count = outputs.length / 4;
        assertGt(count, 100);
        assertEq(inputs.length, 4 * arity * count);
        for (uint256 i; i < count; ++i) {
            uint32[3] memory words;
            for (uint256 k; k < arity; ++k) {
                words[k] = _word(inputs, arity * i + k);
            }
            uint32 got = elementwise.evaluate(op, isInt32, words[0], words[1], words[2]);
            if (got == _word(outputs, i)) continue;
            assertEq(got, _word(outputs, i), vm.toString(abi.encode(op, isInt32, words)));
        }
    }

    function _word(bytes memory words, uint256 i) internal pure returns (uint32 word) {
        assembly ("memory-safe") {
            word := shr(224, mload(add(add(words, 32), shl(2, i))))
        }
    }

    function test_reductions_agreeWithTheSegments() public view {
        bytes[] memory blobs = vectors("segments.json", ".abi");
        for (uint256 i; i < blobs.length; ++i) {
            SegmentVector memory v = abi.decode(blobs[i], (SegmentVector));
            assertEq(
                reductions.segment(v.code, v.isInt32, v.x, v.y),
                v.output,
                string.concat("case ", vm.toString(i))
            );
        }
    }

    function test_reductions_agreeWithTheFolds() public view {
        bytes[] memory blobs = vectors("folds.json", ".abi");
        for (uint256 i; i < blobs.length; ++i) {
            FoldVector memory v = abi.decode(blobs[i], (FoldVector));
            assertEq(
                reductions.fold(v.code, v.isInt32, v.values),
                v.output,
                string.concat("case ", vm.toString(i))
            );
        }
    }

    function test_philox_agreesWithTheBlocks() public view {
        bytes[] memory blobs = vectors("philox.json", ".abi");
        for (uint256 i; i < blobs.length; ++i) {
            PhiloxVector memory v = abi.decode(blobs[i], (PhiloxVector));
            uint256[4] memory words =
                Philox.block4(_reverse(uint128(v.counter), 4), _reverse(uint64(v.key), 2));
            uint256 output = words[0] << 96 | words[1] << 64 | words[2] << 32 | words[3];
            assertEq(output, uint128(v.output));
        }
    }

    /// Words written first to last become words lowest to highest.
    function _reverse(uint256 words, uint256 count) internal pure returns (uint256 reversed) {
        for (uint256 i; i < count; ++i) {
            reversed = reversed << 32 | (words >> 32 * i & 0xffffffff);
        }
    }

    function test_judge_agreesWithTheJudgements() public view {
        bytes[] memory blobs = vectors("judgements.json", ".abi");
        uint256[256] memory judged;
        for (uint256 i; i < blobs.length; ++i) {
            JudgeVector memory v = abi.decode(blobs[i], (JudgeVector));
            ++judged[uint8(v.encoding[0])];
            assertEq(
                referee.judge(v.scene, v.encoding, v.element, v.segment, v.operands),
                v.value,
                string.concat("case ", vm.toString(i))
            );
        }
        uint256 operators;
        for (uint256 op; op < 256; ++op) {
            if (judged[op] > 0) ++operators;
        }
        assertEq(operators, 43, "an operator that was never judged");
    }
}
