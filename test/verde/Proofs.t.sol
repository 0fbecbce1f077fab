// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Merkle} from "../../src/repops/Merkle.sol";
import {Operand} from "../../src/repops/IReferee.sol";
import {Referee} from "../../src/repops/Referee.sol";
import {
    ClaimStatus,
    Computation,
    DisputeStatus,
    ElementOpening,
    EntryOpening,
    IDisputes,
    IVerdeEvents,
    LeafOpening,
    NodeOpening,
    Phase
} from "../../src/verde/IVerde.sol";
import {Ledger} from "../../src/verde/Ledger.sol";
import {Registrar} from "../../src/verde/Registrar.sol";
import {Verde} from "../../src/verde/Verde.sol";
import {Walk} from "../../src/verde/Walk.sol";
import {NodeEncoder, Source} from "../repops/NodeEncoder.sol";
import {DisputeBase} from "./DisputeBase.t.sol";
import {Trees} from "./Scene.sol";

/// prove, proveElement, provePartial
/// ├── the value is right: reverts
/// ├── operands or an encoding that do not fit: reverts
/// ├── combinations from anybody but the challenger, or where partials are owed: reverts
/// └── the value is wrong: the challenger wins, whoever sends it
contract ProveTest is DisputeBase {
    function test_prove_winsOnAWrongElement() public {
        _toElement(ADD, 2);
        bytes32[7] memory here = _now();
        Operand[] memory operands = scene.addOperands();
        vm.expectEmit(address(verde));
        emit IVerdeEvents.DisputeDecided(claimId, dispute, true, IDisputes.prove.selector);
        vm.prank(stranger);
        verde.prove(dispute, here, nodes[ADD], operands);
        _assertStatus(DisputeStatus.Won);
        assertEq(uint256(verde.statusOf(claimId)), uint256(ClaimStatus.Void));
    }

    function test_prove_revertsOnARightElement() public {
        _toElement(IOTA, 200);
        bytes32[7] memory here = _now();
        vm.expectRevert(abi.encodeWithSelector(Verde.Verde_RightValue.selector, 200));
        verde.prove(dispute, here, nodes[IOTA], new Operand[](0));
    }

    function test_prove_revertsForOtherOperandsOrEncodings() public {
        _toElement(ADD, 2);
        bytes32[7] memory here = _now();
        Operand[] memory operands = scene.addOperands();
        vm.expectRevert(
            abi.encodeWithSelector(Walk.Verde_WrongBytes.selector, keccak256(nodes[ADD]))
        );
        verde.prove(dispute, here, nodes[IOTA], operands);
        vm.expectRevert(abi.encodeWithSelector(Referee.Referee_OperandCount.selector, 2, 0));
        verde.prove(dispute, here, nodes[ADD], new Operand[](0));
        operands[0].data[0] ^= 0x01;
        vm.expectPartialRevert(Referee.Referee_WrongData.selector);
        verde.prove(dispute, here, nodes[ADD], operands);
    }

    function test_prove_revertsLate() public {
        _toElement(ADD, 2);
        bytes32[7] memory here = _now();
        Operand[] memory operands = scene.addOperands();
        vm.warp(vm.getBlockTimestamp() + 7 hours);
        vm.expectPartialRevert(Ledger.Verde_OutOfTurn.selector);
        verde.prove(dispute, here, nodes[ADD], operands);
    }

    function test_proveElement_isThreeMovesInOne() public {
        _toGraph();
        bytes32[7] memory here = _now();
        NodeOpening memory n = scene.nodeOpening(ADD);
        ElementOpening memory e = scene.elementOpening(ADD, 0);
        Operand[] memory operands = scene.addOperands();
        vm.expectRevert(abi.encodeWithSelector(Ledger.Verde_NotAllowed.selector, stranger));
        vm.prank(stranger);
        verde.proveElement(dispute, here, graphAnswer, n, e, operands);
        vm.prank(challengerDelegate);
        verde.proveElement(dispute, here, graphAnswer, n, e, operands);
        _assertStatus(DisputeStatus.Won);
    }

    function test_proveElement_revertsWherePartialsAreOwed() public {
        _toGraph();
        bytes32[7] memory here = _now();
        NodeOpening memory n = scene.nodeOpening(SUM);
        ElementOpening memory e = scene.elementOpening(SUM, 0);
        Operand[] memory operands = scene.sumOperands(0);
        vm.expectRevert(abi.encodeWithSelector(Ledger.Verde_WrongPhase.selector, Phase.Partials));
        vm.prank(challenger);
        verde.proveElement(dispute, here, graphAnswer, n, e, operands);
    }

    function test_provePartial_winsOnAWrongSegment() public {
        _toElement(SUM, 0);
        bytes memory values = abi.encodePacked(uint32(255), uint32(221));
        _commitPartials(SUM, values);
        bytes32[7] memory here = _now();
        Operand[] memory operands = scene.sumOperands(1);
        vm.expectRevert(abi.encodeWithSelector(Ledger.Verde_NotAllowed.selector, stranger));
        vm.prank(stranger);
        verde.provePartial(dispute, here, values, 1, nodes[SUM], operands);
        vm.prank(challenger);
        verde.provePartial(dispute, here, values, 1, nodes[SUM], operands);
        _assertStatus(DisputeStatus.Won);
    }

    /// A right sum in right parts: none of them can be proved wrong.
    function test_provePartial_revertsOnRightSegments() public {
        _toElement(SUM, 0);
        bytes memory values = abi.encodePacked(uint32(256), uint32(220));
        _commitPartials(SUM, values);
        bytes32[7] memory here = _now();
        for (uint32 i; i < 2; ++i) {
            Operand[] memory operands = scene.sumOperands(i);
            vm.expectRevert(
                abi.encodeWithSelector(Verde.Verde_RightValue.selector, i == 0 ? 256 : 220)
            );
            vm.prank(challenger);
            verde.provePartial(dispute, here, values, i, nodes[SUM], operands);
        }
    }

    function test_provePartial_revertsWhereALevelIsLeft() public {
        _toElement(LONG, 0);
        bytes memory blocks = abi.encodePacked(uint32(600), uint32(400));
        _commitPartials(LONG, blocks);
        bytes32[7] memory here = _now();
        Operand[] memory operands = scene.longOperands();
        vm.expectRevert(abi.encodeWithSelector(Ledger.Verde_WrongPhase.selector, Phase.Partials));
        vm.prank(challenger);
        verde.provePartial(dispute, here, blocks, 1, nodes[LONG], operands);
    }

    /// Through both levels: segment 260 is 512, not 400.
    function test_prove_winsThroughBlocksAndSegments() public {
        _toElement(LONG, 0);
        bytes memory blocks = abi.encodePacked(uint32(600), uint32(400));
        _commitPartials(LONG, blocks);
        _pickPartial(blocks, 1);
        bytes memory segments = new bytes(72);
        (segments[18], segments[19]) = (0x01, 0x90);
        _commitPartials(LONG, segments);
        _pickPartial(segments, 4);
        bytes32[7] memory here = _now();
        Operand[] memory operands = scene.longOperands();
        verde.prove(dispute, here, nodes[LONG], operands);
        _assertStatus(DisputeStatus.Won);
    }
}

/// mismatch
/// ├── before the graph is committed, in another phase: reverts
/// ├── the state is what its entry says: reverts
/// ├── leaves or an entry of other trees: reverts
/// └── else: the challenger wins, whoever sends it
contract MismatchTest is DisputeBase {
    function test_mismatch_winsOnAStateThatShouldStay() public {
        _toGraph();
        _mismatch(2, scene.leafOpening(Trees.Before, 2), "");
        _assertStatus(DisputeStatus.Won);
    }

    function test_mismatch_winsOnAStateThatIsNotTheNodesOutput() public {
        scene.set(Trees.After, 0, "not the output");
        scene.set(Trees.Steps, K, scene.root(Trees.After));
        _refresh();
        _toGraph();
        _mismatch(0, scene.leafOpening(Trees.Graph, ADD), "");
        _assertStatus(DisputeStatus.Won);
    }

    function test_mismatch_revertsOnRightStates() public {
        _toGraph();
        bytes memory right = abi.encodeWithSelector(Registrar.Verde_RightState.selector);
        _mismatch(0, scene.leafOpening(Trees.Graph, ADD), right);
        _mismatch(1, scene.leafOpening(Trees.Before, 1), right);
    }

    function test_mismatch_revertsForAnotherSource() public {
        _toGraph();
        bytes32[7] memory here = _now();
        EntryOpening memory entry = scene.stateEntry(0);
        LeafOpening memory next = scene.leafOpening(Trees.After, 0);
        LeafOpening memory source = scene.leafOpening(Trees.Graph, SUM); // the entry names ADD
        vm.expectPartialRevert(Ledger.Verde_WrongOpening.selector);
        verde.mismatch(dispute, here, graphAnswer, entry, next, source);
        source = scene.leafOpening(Trees.Before, 0);
        vm.expectPartialRevert(Ledger.Verde_WrongOpening.selector);
        verde.mismatch(dispute, here, graphAnswer, entry, next, source);
        next = scene.leafOpening(Trees.After, 1);
        source = scene.leafOpening(Trees.Graph, ADD);
        vm.expectPartialRevert(Ledger.Verde_WrongOpening.selector);
        verde.mismatch(dispute, here, graphAnswer, entry, next, source);
    }

    function test_mismatch_revertsForAnotherEntry() public {
        _toGraph();
        bytes32[7] memory here = _now();
        LeafOpening memory next = scene.leafOpening(Trees.After, 0);
        LeafOpening memory source = scene.leafOpening(Trees.Graph, SUM);
        EntryOpening memory entry = scene.stateEntry(0);
        entry.entry = scene.stateEntryBytes(true, 6, 0, SUM);
        vm.expectPartialRevert(Ledger.Verde_WrongOpening.selector);
        verde.mismatch(dispute, here, graphAnswer, entry, next, source);
        entry = scene.stateEntry(0);
        entry.index = 4; // the same bits below the depth
        vm.expectRevert(abi.encodeWithSelector(Merkle.Merkle_IndexOutOfRange.selector, 4, 3));
        verde.mismatch(dispute, here, graphAnswer, entry, next, source);
    }

    function test_mismatch_revertsBeforeTheGraph() public {
        _challenge();
        _commitSteps();
        _pickStep();
        bytes32[7] memory here = _now();
        EntryOpening memory entry = scene.stateEntry(2);
        LeafOpening memory next = scene.leafOpening(Trees.After, 2);
        LeafOpening memory source = scene.leafOpening(Trees.Before, 2);
        vm.expectPartialRevert(Ledger.Verde_OutOfTurn.selector);
        verde.mismatch(dispute, here, _none(), entry, next, source);
        _commitGraph();
        _openNode(ADD);
        here = _now();
        vm.expectRevert(abi.encodeWithSelector(Ledger.Verde_WrongPhase.selector, Phase.Element));
        verde.mismatch(dispute, here, graphAnswer, entry, next, source);
    }

    function _mismatch(uint32 p, LeafOpening memory source, bytes memory reverts) private {
        bytes32[7] memory here = _now();
        EntryOpening memory entry = scene.stateEntry(p);
        LeafOpening memory next = scene.leafOpening(Trees.After, p);
        if (reverts.length != 0) vm.expectRevert(reverts);
        vm.prank(stranger);
        verde.mismatch(dispute, here, graphAnswer, entry, next, source);
    }
}

/// malformedNode, malformedState, malformedConstant, malformedInput, malformedSource
/// ├── in a dispute that is not live: reverts
/// ├── an entry of another table or index: reverts
/// ├── no rule is broken, nothing contradicts: reverts
/// └── else: the challenger wins, in any phase and whoever's turn it is
contract MalformedTest is DisputeBase {
    /// A claim about the program with one entry replaced, and a live dispute of it.
    function _with(Trees table, uint256 index, bytes memory entry) private {
        scene.set(table, index, keccak256(entry));
        Computation memory c = scene.computation();
        c.nodesRoot = scene.root(Trees.Program);
        c.statesRoot = scene.root(Trees.States);
        c.constantEntriesRoot = scene.root(Trees.Constants);
        claimId = scene.claim(
            verde.register(c),
            scene.root(Trees.Checkpoints),
            "final",
            scene.open(Trees.Checkpoints, 0),
            scene.open(Trees.Checkpoints, 5)
        );
        _challenge();
    }

    function _opening(Trees table, uint32 index, bytes memory entry)
        private
        view
        returns (EntryOpening memory)
    {
        return EntryOpening(index, entry, scene.open(table, index));
    }

    function test_malformedNode_winsOnBytesThatDoNotDecode() public {
        bytes[3] memory bad = [bytes(""), hex"ff", bytes.concat(nodes[SUM], hex"00")];
        for (uint256 i; i < 3; ++i) {
            _with(Trees.Program, SUM, bad[i]);
            EntryOpening memory e = _opening(Trees.Program, SUM, bad[i]);
            vm.prank(stranger);
            verde.malformedNode(dispute, e);
            _assertStatus(DisputeStatus.Won);
        }
    }

    function test_malformedNode_winsOnAForwardReference() public {
        Source[] memory one = new Source[](1);
        one[0] = Source(0, SUM); // itself
        bytes memory bad =
            bytes.concat(NodeEncoder.head(0x41, true, one), NodeEncoder.reduce(1, 300));
        _with(Trees.Program, SUM, bad);
        EntryOpening memory e = _opening(Trees.Program, SUM, bad);
        verde.malformedNode(dispute, e);
        _assertStatus(DisputeStatus.Won);
    }

    function test_malformedNode_revertsOnWellFormedOnes() public {
        _challenge();
        for (uint32 n; n < 4; ++n) {
            EntryOpening memory e = scene.nodeEntry(n);
            vm.expectRevert(Registrar.Verde_WellFormed.selector);
            verde.malformedNode(dispute, e);
        }
    }

    function test_malformedNode_revertsForOtherBytesOrIndices() public {
        _challenge();
        EntryOpening memory e = scene.nodeEntry(SUM);
        e.entry = hex"ff";
        vm.expectPartialRevert(Ledger.Verde_WrongOpening.selector);
        verde.malformedNode(dispute, e);
        e = scene.nodeEntry(SUM);
        e.index = 4;
        vm.expectRevert(abi.encodeWithSelector(Merkle.Merkle_IndexOutOfRange.selector, 4, 4));
        verde.malformedNode(dispute, e);
    }

    function test_malformed_revertsUnlessLive() public {
        _challenge();
        _challenge();
        _challenge(); // queued
        EntryOpening memory e = scene.nodeEntry(SUM);
        bytes memory queued =
            abi.encodeWithSelector(Ledger.Verde_NotLive.selector, dispute, DisputeStatus.Queued);
        vm.expectRevert(queued);
        verde.malformedNode(dispute, e);
        vm.expectRevert(queued);
        verde.malformedState(dispute, e);
        vm.expectRevert(queued);
        verde.malformedConstant(dispute, e);
        vm.expectRevert(queued);
        verde.malformedInput(dispute, e, 0, e);
        vm.expectRevert(queued);
        verde.malformedSource(dispute, e, e);
    }

    function test_malformedState_winsOnEveryBrokenRule() public {
        bytes[7] memory bad = [
            bytes(""),
            bytes.concat(scene.entries(0), hex"00"),
            scene.stateEntryBytes(true, 0, 0, ADD),
            scene.stateEntryBytes(true, 6, 2, ADD),
            scene.stateEntryBytes(true, 6, 0, 4),
            scene.stateEntryBytes(true, 6, 1, 1),
            bytes.concat(hex"02", bytes(_tail(scene.entries(0))))
        ];
        for (uint256 i; i < bad.length; ++i) {
            _with(Trees.States, 0, bad[i]);
            EntryOpening memory e = _opening(Trees.States, 0, bad[i]);
            verde.malformedState(dispute, e);
            _assertStatus(DisputeStatus.Won);
        }
    }

    function test_malformedState_revertsOnWellFormedOnes() public {
        _challenge();
        for (uint32 p; p < 3; ++p) {
            EntryOpening memory e = scene.stateEntry(p);
            vm.expectRevert(Registrar.Verde_WellFormed.selector);
            verde.malformedState(dispute, e);
        }
    }

    function test_malformedConstant_winsAndReverts() public {
        _challenge();
        EntryOpening memory e = scene.constantEntry(0);
        vm.expectRevert(Registrar.Verde_WellFormed.selector);
        verde.malformedConstant(dispute, e);
        bytes memory bad = hex"010000000000"; // no elements
        _with(Trees.Constants, 1, bad);
        e = _opening(Trees.Constants, 1, bad);
        verde.malformedConstant(dispute, e);
        _assertStatus(DisputeStatus.Won);
    }

    /// SUM reads state 1, of 300 elements; a program in which it has 299, or is f32.
    function test_malformedInput_winsOnAContradictingState() public {
        bytes[2] memory bad =
            [scene.stateEntryBytes(true, 299, 1, 0), scene.stateEntryBytes(false, 300, 1, 0)];
        for (uint256 i; i < 2; ++i) {
            _with(Trees.States, 1, bad[i]);
            EntryOpening memory node = scene.nodeEntry(SUM);
            EntryOpening memory named = _opening(Trees.States, 1, bad[i]);
            verde.malformedInput(dispute, node, 0, named);
            _assertStatus(DisputeStatus.Won);
        }
    }

    function test_malformedInput_winsOnAContradictingNodeOrConstant() public {
        Source[] memory one = new Source[](1);
        for (uint8 kind; kind < 3; kind += 2) {
            one[0] = Source(kind, 0); // IOTA has 600 elements, constant 0 has 9
            bytes memory bad =
                bytes.concat(NodeEncoder.head(0x41, true, one), NodeEncoder.reduce(1, 300));
            _with(Trees.Program, SUM, bad);
            EntryOpening memory node = _opening(Trees.Program, SUM, bad);
            EntryOpening memory named = kind == 0 ? scene.nodeEntry(IOTA) : scene.constantEntry(0);
            verde.malformedInput(dispute, node, 0, named);
            _assertStatus(DisputeStatus.Won);
        }
    }

    function test_malformedInput_revertsWhereNothingContradicts() public {
        _challenge();
        EntryOpening memory node = scene.nodeEntry(SUM);
        EntryOpening memory named = scene.stateEntry(1);
        vm.expectRevert(Registrar.Verde_WellFormed.selector);
        verde.malformedInput(dispute, node, 0, named);
        EntryOpening memory wrong = scene.stateEntry(2);
        vm.expectRevert(abi.encodeWithSelector(Registrar.Verde_NotNamed.selector, 1, 2));
        verde.malformedInput(dispute, node, 0, wrong);
        vm.expectRevert(abi.encodeWithSelector(Referee.Referee_InputOutOfRange.selector, 1, 1));
        verde.malformedInput(dispute, node, 1, named);
        node = scene.nodeEntry(ADD);
        vm.expectRevert(Registrar.Verde_WellFormed.selector); // the immediate, 1
        verde.malformedInput(dispute, node, 1, named);
    }

    /// What is malformed by itself must be shown so: nothing is concluded from it.
    function test_malformedInput_revertsOnEntriesMalformedByThemselves() public {
        bytes memory bad = hex"ff";
        _with(Trees.Program, SUM, bad);
        EntryOpening memory node = _opening(Trees.Program, SUM, bad);
        EntryOpening memory named = scene.stateEntry(1);
        vm.expectRevert(Registrar.Verde_Malformed.selector);
        verde.malformedInput(dispute, node, 0, named);
        scene.set(Trees.Program, SUM, keccak256(nodes[SUM]));
        _with(Trees.States, 1, bad);
        node = scene.nodeEntry(SUM);
        named = _opening(Trees.States, 1, bad);
        vm.expectRevert(Registrar.Verde_Malformed.selector);
        verde.malformedInput(dispute, node, 0, named);
    }

    function test_malformedSource_winsOnAContradiction() public {
        bytes memory bad = scene.stateEntryBytes(true, 7, 0, ADD);
        _with(Trees.States, 0, bad);
        EntryOpening memory state = _opening(Trees.States, 0, bad);
        EntryOpening memory node = scene.nodeEntry(ADD);
        verde.malformedSource(dispute, state, node);
        _assertStatus(DisputeStatus.Won);
    }

    function test_malformedSource_revertsWhereNothingContradicts() public {
        _challenge();
        EntryOpening memory state = scene.stateEntry(0);
        EntryOpening memory node = scene.nodeEntry(ADD);
        vm.expectRevert(Registrar.Verde_WellFormed.selector);
        verde.malformedSource(dispute, state, node);
        node = scene.nodeEntry(SUM);
        vm.expectRevert(abi.encodeWithSelector(Registrar.Verde_NotNamed.selector, ADD, SUM));
        verde.malformedSource(dispute, state, node);
        state = scene.stateEntry(1);
        vm.expectRevert(Registrar.Verde_WellFormed.selector); // it stays as it is
        verde.malformedSource(dispute, state, node);
    }

    function _tail(bytes memory data) private pure returns (bytes memory out) {
        out = new bytes(data.length - 1);
        for (uint256 i; i < out.length; ++i) {
            out[i] = data[i + 1];
        }
    }
}
