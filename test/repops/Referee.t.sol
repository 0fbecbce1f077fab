// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Operand} from "../../src/repops/IReferee.sol";
import {Merkle} from "../../src/repops/Merkle.sol";
import {Op} from "../../src/repops/Operators.sol";
import {Referee} from "../../src/repops/Referee.sol";
import {TensorLeaves} from "../../src/repops/TensorLeaves.sol";
import {JudgeScenes, Case} from "./JudgeScenes.sol";
import {NodeEncoder, Source} from "./NodeEncoder.sol";

/// One hand-made case for every family, and every way in which an opening can be wrong.
contract RefereeTest is JudgeScenes {
    uint32 internal constant ONE = 0x3f800000;
    uint32 internal constant TWO = 0x40000000;
    uint32 internal constant THREE = 0x40400000;
    uint32 internal constant NAN = 0x7fc00000;

    Source internal node = Source(NODE, 3);
    Source internal state = Source(STATE, 5);
    Source internal step = Source(STEP, 0);

    function _small(uint256 inputs) internal pure returns (Case memory) {
        return _case(40, 7, 3, inputs);
    }

    function test_code_fitsTheLimitOfEip170() public view {
        assertLe(address(referee).code.length, 24_576);
        assertLe(address(elementwise).code.length, 24_576);
    }

    /// An f32 Add of x[2,300] and y[300]: element (1, 299).
    function _add() internal view returns (Case memory c) {
        c = _small(2);
        c.encoding = bytes.concat(
            NodeEncoder.head(Op.ADD, false, _sources(node, state)),
            NodeEncoder.elementwise(_list(2, 300), _list(3, 2))
        );
        c.element = 599;
        _open(c, 0, node, 600, 599, _words(ONE));
        _open(c, 1, state, 300, 299, _words(TWO));
    }

    function test_judge_addsBroadcastOperands() public view {
        assertEq(_judge(_add()), THREE);
    }

    function test_judge_readsImmediatesAndTheStep() public view {
        Case memory c = _small(2);
        c.encoding = bytes.concat(
            NodeEncoder.head(Op.SUB, true, _sources(step, Source(IMMEDIATE, 9))),
            NodeEncoder.elementwise(_list(5), _list(0, 0))
        );
        c.element = 4;
        assertEq(_judge(c), uint32(int32(-2)));
    }

    function test_judge_whereCopiesBits() public view {
        Case memory c = _small(3);
        c.encoding = bytes.concat(
            NodeEncoder.head(Op.WHERE, false, _sources(step, node, state)),
            NodeEncoder.elementwise(_list(5), _list(0, 1, 1))
        );
        c.element = 4;
        _open(c, 1, node, 5, 4, _words(0x7f800001));
        _open(c, 2, state, 5, 4, _words(TWO));
        assertEq(_judge(c), 0x7f800001);
    }

    /// x[3,2,300] shared y: element (2, 1, 4) of [3, 2, 5], second segment of 300.
    function test_judge_multipliesTheSegmentOfAMatMul() public view {
        Case memory c = _small(2);
        c.encoding = bytes.concat(
            NodeEncoder.head(Op.MATMUL, false, _sources(node, state)),
            NodeEncoder.matMul(3, 2, 5, 300, 2)
        );
        c.element = (2 * 2 + 1) * 5 + 4;
        c.segment = 1;
        uint32[] memory x = new uint32[](44);
        uint32[] memory y = new uint32[](44);
        (x[0], y[0]) = (TWO, ONE);
        (x[43], y[43]) = (ONE, ONE);
        _open(c, 0, node, 3 * 2 * 300, (2 * 2 + 1) * 300 + 256, x);
        _open(c, 1, state, 5 * 300, 4 * 300 + 256, y);
        assertEq(_judge(c), THREE);
    }

    function test_judge_reducesBothTypes() public view {
        uint32[] memory words = new uint32[](44);
        (words[0], words[40]) = (ONE, TWO);
        uint256[2] memory ops = [Op.REDUCE_SUM, Op.REDUCE_MAX];
        uint32[4] memory expected = [THREE, TWO, uint32(uint256(ONE) + TWO), TWO];
        for (uint256 i; i < 4; ++i) {
            Case memory c = _small(1);
            c.encoding = bytes.concat(
                NodeEncoder.head(ops[i % 2], i >= 2, _sources(node)), NodeEncoder.reduce(9, 300)
            );
            c.element = 5;
            c.segment = 1;
            _open(c, 0, node, 9 * 300, 5 * 300 + 256, words);
            assertEq(_judge(c), expected[i]);
        }
    }

    /// i[2,300], g[2,3,300] into [2,4,3]: element (1, 2, 1), second segment.
    function test_judge_scattersTheMatches() public view {
        Case memory c = _small(2);
        c.encoding = bytes.concat(
            NodeEncoder.head(Op.SCATTER_ADD, false, _sources(node, state)),
            NodeEncoder.four(2, 4, 3, 300)
        );
        c.element = (1 * 4 + 2) * 3 + 1;
        c.segment = 1;
        uint32[] memory indices = new uint32[](44);
        uint32[] memory gradients = new uint32[](44);
        (indices[0], gradients[0]) = (2, ONE);
        (indices[1], gradients[1]) = (1, THREE);
        (indices[43], gradients[43]) = (2, TWO);
        _open(c, 0, node, 600, 300 + 256, indices);
        _open(c, 1, state, 1800, (1 * 3 + 1) * 300 + 256, gradients);
        assertEq(_judge(c), THREE);
    }

    /// x[2,4,3], i[2,5] to [2,5,3]: element (1, 4, 2).
    function _gather(uint32 index, bool isInt32) internal view returns (Case memory c) {
        c = _small(2);
        c.encoding = bytes.concat(
            NodeEncoder.head(Op.GATHER, isInt32, _sources(node, state)),
            NodeEncoder.four(2, 4, 3, 5)
        );
        c.element = (1 * 5 + 4) * 3 + 2;
        _open(c, 1, state, 10, 9, _words(index));
        if (index < 4) _open(c, 0, node, 24, (4 + index) * 3 + 2, _words(0x7f800123));
    }

    function test_judge_gathersBits() public view {
        assertEq(_judge(_gather(3, false)), 0x7f800123);
        assertEq(_judge(_gather(0, true)), 0x7f800123);
    }

    function test_judge_gathersNothingOutOfRange() public view {
        assertEq(_judge(_gather(4, false)), NAN);
        assertEq(_judge(_gather(4, true)), 0);
        assertEq(_judge(_gather(type(uint32).max, false)), NAN);
    }

    function test_judge_gatherRefusesAnOperandThatIsNotRead() public {
        Case memory c = _gather(4, false);
        c.operands[0].root = bytes32(uint256(1));
        _expect(c, abi.encodeWithSelector(Referee.Referee_OperandNotEmpty.selector, 0));
    }

    /// in[7] to out[2,3]: index (5 - 2·a - b) / 2 where divisible.
    function _move(uint64 element, bool inside, uint256 start)
        internal
        view
        returns (Case memory c)
    {
        c = _small(1);
        int256[] memory coefficients = new int256[](2);
        (coefficients[0], coefficients[1]) = (-2, -1);
        c.encoding = bytes.concat(
            NodeEncoder.head(Op.MOVE, false, _sources(node)),
            NodeEncoder.move(
                _list(7), _list(2, 3), NAN, NodeEncoder.axis(5, 2, _list(0, 1), coefficients)
            )
        );
        c.element = element;
        if (inside) _open(c, 0, node, 7, start, _words(0x7f800456));
    }

    function test_judge_movesWhatIsDivisibleAndInRange() public view {
        assertEq(_judge(_move(1, true, 2)), 0x7f800456); // (0, 1): 4 / 2
        assertEq(_judge(_move(4, true, 1)), 0x7f800456); // (1, 1): 2 / 2
        assertEq(_judge(_move(0, false, 0)), NAN); // 5 is odd
    }

    function test_judge_movesNegativeAndLargeIndicesToTheFill() public view {
        int256[2] memory offsets = [int256(-1), 7];
        for (uint256 i; i < 2; ++i) {
            Case memory c = _small(1);
            c.encoding = bytes.concat(
                NodeEncoder.head(Op.MOVE, true, _sources(node)),
                NodeEncoder.move(
                    _list(7),
                    new uint256[](0),
                    77,
                    NodeEncoder.axis(offsets[i], 1, new uint256[](0), new int256[](0))
                )
            );
            assertEq(_judge(c), 77);
        }
    }

    function test_judge_moveRefusesAnOperandThatIsNotRead() public {
        Case memory c = _move(0, false, 0);
        c.operands[0].data = hex"00000000";
        _expect(c, abi.encodeWithSelector(Referee.Referee_OperandNotEmpty.selector, 0));
    }

    /// [2,1,3] ‖ [2,4,3]: element (1, 3, 2) is (1, 2, 2) of the second.
    function _concat() internal view returns (Case memory c) {
        c = _small(2);
        c.encoding = bytes.concat(
            NodeEncoder.head(Op.CONCAT, false, _sources(node, state)),
            NodeEncoder.concat(2, 3, _list(1, 4))
        );
        c.element = (1 * 5 + 3) * 3 + 2;
        _open(c, 1, state, 24, (1 * 4 + 2) * 3 + 2, _words(0x7f800789));
    }

    function test_judge_concatReadsTheOperandThatHoldsTheElement() public view {
        assertEq(_judge(_concat()), 0x7f800789);
    }

    function test_judge_concatRefusesAnotherOperand() public {
        Case memory c = _concat();
        c.operands[0].proof = new bytes32[](1);
        _expect(c, abi.encodeWithSelector(Referee.Referee_OperandNotEmpty.selector, 0));
    }

    function test_judge_generates() public view {
        Case memory c = _small(0);
        c.encoding = bytes.concat(
            NodeEncoder.head(Op.IOTA, true, new Source[](0)), NodeEncoder.generate(1 << 39, 0)
        );
        c.element = (1 << 38) + 5;
        assertEq(_judge(c), 5);
    }

    // wrong openings

    function _expect(Case memory c, bytes memory reason) internal {
        vm.expectRevert(reason);
        _judge(c);
    }

    function test_judge_revertsWhenMalformed() public {
        Case memory c = _add();
        c.scene.node = 3; // its input is node 3: no longer an earlier one
        _expect(
            c, abi.encodeWithSelector(Referee.Referee_Malformed.selector, keccak256(c.encoding))
        );
    }

    function test_judge_revertsBeyondElementsAndSegments() public {
        Case memory c = _add();
        c.element = 600;
        _expect(c, abi.encodeWithSelector(Referee.Referee_ElementOutOfRange.selector, 600, 600));
        c = _add();
        c.segment = 1;
        _expect(c, abi.encodeWithSelector(Referee.Referee_SegmentOutOfRange.selector, 1, 1));
    }

    function test_judge_revertsOnOtherNumbersOfOperands() public {
        Case memory c = _add();
        c.operands = new Operand[](3);
        _expect(c, abi.encodeWithSelector(Referee.Referee_OperandCount.selector, 2, 3));
        c.operands = new Operand[](0);
        _expect(c, abi.encodeWithSelector(Referee.Referee_OperandCount.selector, 2, 0));
    }

    function test_judge_revertsOnOtherData() public {
        Case memory c = _add();
        bytes32 root = c.operands[1].root;
        c.operands[1].data[0] ^= 0x01;
        vm.expectPartialRevert(Referee.Referee_WrongData.selector);
        _judge(c);
        c = _add();
        c.operands[1].root = bytes32(uint256(root) ^ 1);
        _expect(
            c,
            abi.encodeWithSelector(Referee.Referee_WrongData.selector, 1, root, c.operands[1].root)
        );
    }

    function test_judge_revertsOnAnotherTensor() public {
        Case memory c = _add();
        bytes32 root = c.scene.stateRoot;
        c.scene.stateRoot = 0;
        _expect(c, abi.encodeWithSelector(Referee.Referee_WrongRoot.selector, 1, root, 0));
    }

    function test_judge_revertsOnOtherLengths() public {
        Case memory c = _add();
        c.operands[0].data = new bytes(352 * 4);
        _expect(
            c,
            abi.encodeWithSelector(TensorLeaves.TensorLeaves_DataLength.selector, 88 * 4, 352 * 4)
        );
        c = _add();
        c.operands[0].proof = new bytes32[](0);
        _expect(c, abi.encodeWithSelector(Merkle.Merkle_ProofLength.selector, 1, 0));
        c = _add();
        c.operands[0].rootProof = new bytes32[](7);
        _expect(c, abi.encodeWithSelector(Merkle.Merkle_ProofLength.selector, 6, 7));
    }

    function test_judge_refusesAnOpeningOfAnImmediate() public {
        Case memory c = _small(1);
        c.encoding = bytes.concat(
            NodeEncoder.head(Op.NEG, false, _sources(Source(IMMEDIATE, ONE))),
            NodeEncoder.elementwise(new uint256[](0), _list(0))
        );
        assertEq(_judge(c), 0xbf800000);
        c.operands[0].rootProof = new bytes32[](1);
        _expect(c, abi.encodeWithSelector(Referee.Referee_OperandNotEmpty.selector, 0));
    }

    /// Whatever bits the leaves hold, there is a verdict.
    function testFuzz_judge_alwaysHasAVerdict(uint256 op, uint32[3] memory words) public view {
        op = bound(op, Op.ADD, Op.UNBITS);
        bool isInt32 = words[0] & 1 == 1;
        Source[3] memory sources = [node, state, Source(CONSTANT, 2)];
        for (uint256 inputs = 1; inputs <= 3; ++inputs) {
            Case memory c = _small(inputs);
            Source[] memory used = new Source[](inputs);
            uint256[] memory masks = new uint256[](inputs);
            for (uint256 k; k < inputs; ++k) {
                (used[k], masks[k]) = (sources[k], 1);
                _open(c, k, sources[k], 300, 299, _words(words[k]));
            }
            c.encoding = bytes.concat(
                NodeEncoder.head(op, isInt32, used), NodeEncoder.elementwise(_list(300), masks)
            );
            c.element = 299;
            if (referee.wellFormed(c.encoding, 39, 7, 3)) _judge(c);
        }
    }

    /// An immediate and the step stand for a tensor of one element.
    function test_judge_readsOneElementWithoutATensor() public view {
        Case memory c = _small(2);
        Source memory two = Source(IMMEDIATE, TWO);
        c.encoding = bytes.concat(
            NodeEncoder.head(Op.MATMUL, false, _sources(two, two)),
            NodeEncoder.matMul(1, 1, 1, 1, 0)
        );
        assertEq(_judge(c), 0x40800000);
        c = _small(1);
        c.encoding = bytes.concat(
            NodeEncoder.head(Op.REDUCE_MAX, true, _sources(step)), NodeEncoder.reduce(1, 1)
        );
        assertEq(_judge(c), 7);
    }

    /// Calldata with any bytes changed or cut off: a verdict, a typed error, or the decoder's refusal.
    function testFuzz_judge_neverPanicsOnHostileCalldata(
        uint256 pick,
        uint256[6] memory where,
        uint256[6] memory what,
        uint256 length
    ) public view {
        Case[5] memory cases = [
            _add(), _gather(3, false), _move(1, true, 2), _concat(), _gather(4, false)
        ];
        Case memory c = cases[pick % 5];
        bytes memory data =
            abi.encodeCall(Referee.judge, (c.scene, c.encoding, c.element, c.segment, c.operands));
        for (uint256 i; i < 6; ++i) {
            // A byte anywhere, or a byte of one of the first words, where lengths and offsets stand.
            uint256 index = 4 + where[i] % (i < 3 ? data.length - 4 : 32 * 40);
            if (index < data.length) data[index] = bytes1(uint8(what[i]));
        }
        if (length % 2 == 0) {
            length = bound(length, 4, data.length);
            assembly ("memory-safe") {
                mstore(data, length)
            }
        }
        (bool ok, bytes memory answer) = address(referee).staticcall{gas: 5_000_000}(data);
        if (ok || answer.length == 0) return;
        bytes4 reason = bytes4(answer);
        bytes4[10] memory known = [
            Referee.Referee_Malformed.selector,
            Referee.Referee_ElementOutOfRange.selector,
            Referee.Referee_SegmentOutOfRange.selector,
            Referee.Referee_OperandCount.selector,
            Referee.Referee_OperandNotEmpty.selector,
            Referee.Referee_WrongData.selector,
            Referee.Referee_WrongRoot.selector,
            Merkle.Merkle_IndexOutOfRange.selector,
            Merkle.Merkle_ProofLength.selector,
            TensorLeaves.TensorLeaves_DataLength.selector
        ];
        bool typed;
        for (uint256 i; i < known.length; ++i) {
            if (reason == known[i]) typed = true;
        }
        assertTrue(typed, vm.toString(answer));
    }

    // partial values

    function _reduceNode(uint256 op, bool isInt32) internal view returns (bytes memory) {
        return
            bytes.concat(
                NodeEncoder.head(op, isInt32, _sources(node)), NodeEncoder.reduce(1, 1 << 24)
            );
    }

    /// 1 + 2^-24 is 1 in f32, so the order of additions shows: sixteen 2^-24 fold to 2^-20 only as
    /// a group of their own.
    function test_fold_addsInGroupsOfSixteen() public view {
        bytes memory values = abi.encodePacked(ONE);
        for (uint256 i = 1; i < 32; ++i) {
            values = abi.encodePacked(values, uint32(0x33800000)); // 2^-24
        }
        assertEq(referee.fold(_reduceNode(Op.REDUCE_SUM, false), values), 0x3f800008);
        assertEq(referee.fold(_reduceNode(Op.REDUCE_SUM, true), hex"ffffffff0000000300000005"), 7);
        assertEq(referee.fold(_reduceNode(Op.REDUCE_MAX, true), hex"ffffffff0000000300000002"), 3);
        assertEq(referee.fold(_reduceNode(Op.REDUCE_MAX, false), hex"bf8000003f800000"), ONE);
    }

    function test_fold_keepsASingleValue() public view {
        assertEq(referee.fold(_reduceNode(Op.REDUCE_SUM, false), hex"7f800001"), 0x7f800001);
    }

    function test_fold_revertsOnOtherLengths() public {
        bytes memory encoding = _reduceNode(Op.REDUCE_SUM, false);
        uint256[4] memory lengths = [uint256(0), 5, 1028, 1 << 15];
        for (uint256 i; i < lengths.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(Referee.Referee_PartialsLength.selector, lengths[i])
            );
            referee.fold(encoding, new bytes(lengths[i]));
        }
    }

    function test_fold_revertsWhenTheNodeIsNoReduction() public {
        Case memory c = _add();
        vm.expectRevert(abi.encodeWithSelector(Referee.Referee_NotAReduction.selector, Op.ADD));
        referee.fold(c.encoding, hex"00000000");
    }
}
