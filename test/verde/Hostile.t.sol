// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Operand} from "../../src/repops/IReferee.sol";
import {
    Answer,
    ClaimInput,
    Computation,
    ElementOpening,
    EntryOpening,
    IDisputes,
    IRegistrar,
    LeafOpening,
    NodeOpening,
    Phase,
    Position,
    Tree
} from "../../src/verde/IVerde.sol";
import {ParameterSet} from "../../src/verde/Parameters.sol";
import {Positions} from "../../src/verde/Positions.sol";
import {Verde} from "../../src/verde/Verde.sol";
import {DisputeBase} from "./DisputeBase.t.sol";
import {Trees} from "./Scene.sol";

/// @notice Calls nobody should make. Whatever comes, Verde reverts with an error that says what is wrong, or does
/// what it was asked: no panic is reachable.
contract HostileTest is DisputeBase {
    bytes4 private constant PANIC = 0x4e487b71;
    uint256 private constant FUNCTIONS = 37;

    uint256[] private disputes; // in every phase, and one that is queued
    bytes32[7][] private places; // where they stand
    uint256 private state; // of the generator
    Position private here; // of the dispute that the next call is about

    function setUp() public override {
        super.setUp();
        ParameterSet memory terms = stage.terms();
        terms.liveLimit = 15;
        vm.prank(governor);
        parameters.set(terms);
        claimId = scene.claimAll();
        _keep(_challengeByDemand());
        _keep(_challenge());
        _commitSteps();
        _challenge();
        _pickStep();
        _keep(dispute);
        _commitGraph();
        for (uint32 n; n < 4; ++n) {
            _reach(n, false);
            _reach(n, true);
        }
        _reach(SUM, true);
        _commitPartials(SUM, abi.encodePacked(uint32(250), uint32(226)));
        _keep(dispute);
        _reachDemands();
        assertEq(verde.claimOf(claimId).live, 15);
        _keep(_challenge());
    }

    /// Checkpoints that were revealed, a graph that is demanded, and a tensor's leaves that were revealed.
    function _reachDemands() private {
        bytes32[] memory row = scene.row(Trees.Checkpoints, 0, 3, 0);
        _challengeByDemand();
        verde.reveal(dispute, _now(), row);
        _keep(dispute);
        _challenge();
        _pickStep();
        bytes32[7] memory packed = _now();
        vm.prank(challenger);
        verde.demand(dispute, packed, graphAnswer, false, 0, 0, _noProof());
        _keep(dispute);
        _challenge();
        _pickStep();
        _openNode(IOTA);
        packed = _now();
        vm.prank(challenger);
        verde.demand(dispute, packed, _none(), false, 0, 0, _noProof());
        row = scene.row(Trees.Output0, 0, 2, 0);
        verde.reveal(dispute, _now(), row);
        _keep(dispute);
    }

    /// Another dispute, to Element or to what follows it.
    function _reach(uint32 n, bool element) private {
        _challenge();
        _pickStep();
        _openNode(n);
        if (element) _openElement(n, 0);
        _keep(dispute);
    }

    function _keep(uint256 d) private {
        disputes.push(d);
        places.push(_now());
    }

    /// forge-config: default.fuzz.runs = 96
    /// forge-config: lite.fuzz.runs = 16
    function testFuzz_hostile_neverPanics(uint256 seed, bytes calldata junk) public {
        state = seed;
        for (uint256 i; i < 60; ++i) {
            uint256 which = _pick(disputes.length);
            here = Positions.unpack(places[which]);
            uint256 f = _pick(2) == 0 ? _pick(FUNCTIONS) : _fitting();
            bytes memory data = _wellFormed(f, which);
            uint256 how = _pick(8);
            if (how == 0) data = _overwritten(data);
            if (how == 1) data = abi.encodePacked(bytes4(data), junk);
            if (_pick(100) == 0) vm.warp(vm.getBlockTimestamp() + 5 hours);
            _send(data, f >= 9 && f <= 11 ? solver : challenger);
        }
    }

    /// The list of functions above is all of IVerde.
    function test_hostile_callsEveryFunction() public {
        bytes4 all;
        for (uint256 i; i < FUNCTIONS; ++i) {
            all ^= bytes4(_wellFormed(i, 0));
        }
        assertEq(all, type(IDisputes).interfaceId ^ type(IRegistrar).interfaceId);
    }

    /// A place is 32 bits wide: there is an end to places, and it is no panic.
    function test_challenge_revertsWhenPlacesRunOut() public {
        _store(104, type(uint32).max);
        assertEq(verde.claimOf(claimId).count, type(uint32).max);
        vm.expectRevert(abi.encodeWithSelector(Verde.Verde_NoPlace.selector, claimId));
        verde.challengeByDemand{value: bond}(claimId, address(0));
    }

    /// As many can be live as have a place, however many the solver admits.
    function test_admitMore_knowsNoLimitBelowThePlaces() public {
        _store(200, type(uint16).max);
        assertEq(verde.claimOf(claimId).live, type(uint16).max);
        vm.prank(solver);
        verde.admitMore(claimId, type(uint32).max);
        assertEq(verde.claimOf(claimId).live, uint256(type(uint16).max) + 1);
    }

    /// @dev Sets 32 bits of the claim's word of counters.
    function _store(uint256 bit, uint256 value) private {
        bytes32 slot = bytes32(uint256(keccak256(abi.encode(claimId, 1))) + 7);
        uint256 word = uint256(vm.load(address(verde), slot));
        word = word & ~(uint256(type(uint32).max) << bit) | value << bit;
        vm.store(address(verde), slot, bytes32(word));
    }

    // ------------------------------------------------------------------------------------------------
    // Calls
    // ------------------------------------------------------------------------------------------------

    /// A call that the dispute may wait for.
    function _fitting() private returns (uint256) {
        if (here.open) return 12 + _pick(2);
        if (here.phase == Phase.Checkpoints) return 2 + _pick(2);
        if (here.phase == Phase.Steps) return 3 + _pick(2);
        if (here.phase == Phase.Graph) return [uint256(3), 5, 7, 10, 15, 22][_pick(6)];
        if (here.phase == Phase.Element) return _pick(2) == 0 ? 3 : 6;
        if (here.phase == Phase.Partials) return 11;
        if (here.phase == Phase.Pick) return _pick(2) == 0 ? 8 : 16;
        return 14;
    }

    function _send(bytes memory data, address side) private {
        address[6] memory callers =
            [challenger, challengerDelegate, solver, solverDelegate, stranger, address(scene)];
        uint256 value = _pick(4) == 0 ? bond : 0;
        address by = _mostly() ? side : callers[_pick(6)];
        vm.deal(by, value);
        vm.prank(by);
        (bool ok, bytes memory answer) = address(verde).call{value: value}(data);
        if (ok) _follow();
        else if (answer.length >= 4) assertNotEq(bytes4(answer), PANIC, vm.toString(data));
        // else: calldata that does not decode
    }

    /// Where disputes stand after a call that did something.
    function _follow() private {
        _read();
        for (uint256 i; i < disputes.length; ++i) {
            if (disputes[i] == lastDispute) places[i] = lastPosition;
        }
    }

    function _wellFormed(uint256 i, uint256 which) private returns (bytes memory) {
        uint256 d = _pick(16) == 0 ? _word() : disputes[which];
        bytes32[7] memory p = places[_pick(16) == 0 ? _pick(places.length) : which];
        uint256 c = _pick(16) == 0 ? _word() : claimId;
        if (i < 20) return _dispute(i, d, p, c);
        return _registrar(i, d, p, c);
    }

    function _dispute(uint256 i, uint256 d, bytes32[7] memory p, uint256 c)
        private
        returns (bytes memory)
    {
        if (i == 0) {
            return abi.encodeCall(
                IDisputes.challenge,
                (c, _address(), _index(), _hash(), _hash(), _proof(Trees.Checkpoints))
            );
        }
        if (i == 1) return abi.encodeCall(IDisputes.challengeByDemand, (c, _address()));
        if (i == 2) {
            return abi.encodeCall(
                IDisputes.openInterval,
                (d, p, _index(), _hash(), _hash(), _proof(Trees.Checkpoints))
            );
        }
        if (i == 3) {
            return abi.encodeCall(
                IDisputes.demand,
                (d, p, _answer(), _pick(2) == 0, _index(), _demanded(), _proof(Trees.Output0))
            );
        }
        if (i == 4) {
            return abi.encodeCall(
                IDisputes.pickStep,
                (d, p, _answer(), _index(), _hash(), _hash(), _proof(Trees.Steps))
            );
        }
        if (i == 5) return abi.encodeCall(IDisputes.openNode, (d, p, _answer(), _node()));
        if (i == 6) return abi.encodeCall(IDisputes.openElement, (d, p, _encoding(), _element()));
        if (i == 7) {
            return abi.encodeCall(IDisputes.openNodeElement, (d, p, _answer(), _node(), _element()));
        }
        if (i == 8) return abi.encodeCall(IDisputes.pickPartial, (d, p, _values(), _index()));
        if (i == 9) {
            return abi.encodeCall(IDisputes.commitSteps, (d, p, _hash(), _proof(Trees.Steps)));
        }
        if (i == 10) return abi.encodeCall(IDisputes.commitGraph, (d, p, _hash()));
        if (i == 11) {
            return abi.encodeCall(IDisputes.commitPartials, (d, p, _encoding(), _values()));
        }
        if (i == 12) return abi.encodeCall(IDisputes.reveal, (d, p, _row()));
        if (i == 13) return abi.encodeCall(IDisputes.revealLeaf, (d, p, _leafBytes()));
        if (i == 14) return abi.encodeCall(IDisputes.prove, (d, p, _encoding(), _operands()));
        if (i == 15) {
            return abi.encodeCall(
                IDisputes.proveElement, (d, p, _answer(), _node(), _element(), _operands())
            );
        }
        if (i == 16) {
            return abi.encodeCall(
                IDisputes.provePartial, (d, p, _values(), _index(), _encoding(), _operands())
            );
        }
        if (i == 17) return abi.encodeCall(IDisputes.timeout, (d, p, _answer()));
        if (i == 18) return abi.encodeCall(IRegistrar.owedBy, (d, p, _answer()));
        return abi.encodeCall(IRegistrar.disputeOf, (d));
    }

    function _registrar(uint256 i, uint256 d, bytes32[7] memory p, uint256 c)
        private
        returns (bytes memory)
    {
        if (i == 20) return abi.encodeCall(IRegistrar.register, (_computation()));
        if (i == 21) {
            return abi.encodeCall(
                IRegistrar.claim, (_input(), _proof(Trees.Checkpoints), _proof(Trees.Checkpoints))
            );
        }
        if (i == 22) {
            return abi.encodeCall(
                IRegistrar.mismatch,
                (d, p, _answer(), _entry(), _leaf(Trees.After), _leaf(Trees.Before))
            );
        }
        if (i == 23) return abi.encodeCall(IRegistrar.malformedNode, (d, _entry()));
        if (i == 24) return abi.encodeCall(IRegistrar.malformedState, (d, _entry()));
        if (i == 25) return abi.encodeCall(IRegistrar.malformedConstant, (d, _entry()));
        if (i == 26) {
            return abi.encodeCall(
                IRegistrar.malformedInput,
                (d, _entry(), _pick(2) == 0 ? _pick(3) : _word(), _entry())
            );
        }
        if (i == 27) return abi.encodeCall(IRegistrar.malformedSource, (d, _entry(), _entry()));
        if (i == 28) return abi.encodeCall(IRegistrar.admitMore, (c, uint32(_word())));
        if (i == 29) return abi.encodeCall(IRegistrar.settle, (c, uint32(_word())));
        if (i == 30) return abi.encodeCall(IRegistrar.reclaimBond, (d));
        if (i == 31) return abi.encodeCall(IRegistrar.withdraw, (_address()));
        if (i == 32) return abi.encodeCall(IRegistrar.withdrawTo, (_address()));
        if (i == 33) return abi.encodeCall(IRegistrar.statusOf, (c));
        if (i == 34) return abi.encodeCall(IRegistrar.claimOf, (c));
        if (i == 35) return abi.encodeCall(IRegistrar.computationOf, (_hash()));
        return abi.encodeCall(IRegistrar.creditOf, (_address()));
    }

    /// One word of the arguments, most likely an offset, a length or a number, is another.
    function _overwritten(bytes memory data) private returns (bytes memory) {
        uint256 words = (data.length - 4) / 32;
        uint256 offset = 4 + 32 * _pick(words < 16 ? words : 16);
        uint256 word = _word();
        assembly ("memory-safe") {
            mstore(add(add(data, 32), offset), word)
        }
        return data;
    }

    // ------------------------------------------------------------------------------------------------
    // Arguments: what belongs there, more often than not
    // ------------------------------------------------------------------------------------------------

    function _next() private returns (uint256) {
        return state = uint256(keccak256(abi.encode(state)));
    }

    function _pick(uint256 n) private returns (uint256) {
        return _next() % n;
    }

    /// The edges of every type, and anything.
    function _word() private returns (uint256) {
        uint256 how = _pick(5);
        if (how == 0) return _pick(300);
        if (how == 1) return 1 << _pick(256);
        if (how == 2) return (1 << _pick(256)) - 1;
        if (how == 3) return type(uint256).max - _pick(300);
        return _next();
    }

    function _mostly() private returns (bool) {
        return _pick(4) != 0;
    }

    function _encoding() private returns (bytes memory) {
        return _mostly() ? nodes[here.node % 4] : _bytes();
    }

    /// Right values of every reduction here, as many as it posts.
    function _values() private returns (bytes memory values) {
        if (!_mostly()) return _bytes();
        if (here.node != LONG) return abi.encodePacked(uint32(250), uint32(226));
        if (here.level != 1) return abi.encodePacked(uint32(600), uint32(400));
        values = new bytes(here.segment == 0 ? 1_024 : 72);
        (values[2], values[3]) =
            here.segment == 0 ? (bytes1(0x02), bytes1(0x58)) : (bytes1(0x01), bytes1(0x90));
    }

    function _leafBytes() private returns (bytes memory) {
        return _mostly() ? outputLeaf[here.node % 4] : _bytes();
    }

    function _row() private returns (bytes32[] memory) {
        if (!_mostly()) return _proof(Trees.Checkpoints);
        if (here.tree == Tree.Graph) return scene.row(Trees.Graph, 0, 2, 0);
        if (here.tree == Tree.State) return scene.row(Trees.After, 0, 2, 0);
        if (here.tree == Tree.Tensor) return scene.row(Trees.Output0, 0, 2, 0);
        if (here.tree == Tree.Steps) return scene.row(Trees.Steps, 0, 2, 0);
        return scene.row(Trees.Checkpoints, 0, 3, 0);
    }

    function _demanded() private returns (bytes32) {
        return _mostly() ? scene.node(Trees.Output0, 0, _pick(3)) : _hash();
    }

    function _index() private returns (uint32) {
        return _pick(3) == 0 ? uint32(_word()) : uint32(_pick(7));
    }

    function _address() private returns (address) {
        address[5] memory some =
            [challenger, solver, treasury, address(0xdEaD), address(uint160(_word()))];
        return some[_pick(5)];
    }

    function _hash() private returns (bytes32) {
        bytes32[8] memory some = [
            bytes32("checkpoint 2"),
            "checkpoint 3",
            "final",
            stepsRoot,
            beforeRoot,
            afterRoot,
            graphRoot,
            bytes32(_word())
        ];
        return some[_pick(8)];
    }

    function _answer() private returns (Answer memory) {
        if (_mostly()) {
            if (here.phase == Phase.Steps) return stepsAnswer;
            return here.phase == Phase.Graph ? graphAnswer : _none();
        }
        return Answer(_hash(), uint40(_word()));
    }

    /// An opening of the tree, or as many hashes as never.
    function _proof(Trees tree) private returns (bytes32[] memory proof) {
        uint256 how = _pick(8);
        if (how < 3) return scene.open(tree, _pick(3));
        if (how < 5) return scene.openPair(tree, _pick(2));
        if (how == 5) return scene.openPair(Trees.Checkpoints, DISPUTED);
        if (how == 6) return scene.openPair(Trees.Steps, K - 1);
        proof = new bytes32[](_pick(70));
        if (proof.length != 0) proof[_pick(proof.length)] = _hash();
    }

    /// An encoding, an entry, a leaf, or any of them with a byte changed, cut or longer.
    function _bytes() private returns (bytes memory data) {
        uint256 how = _pick(4);
        if (how == 0) data = nodes[_pick(4)];
        else if (how == 1) data = outputLeaf[_pick(4)];
        else if (how == 2) data = scene.entries(_pick(3));
        else data = abi.encodePacked(uint32(250), uint32(226));
        data = bytes.concat(data);
        how = _pick(8);
        if (how == 0) data[_pick(data.length)] = bytes1(uint8(_pick(256)));
        if (how == 1) data = new bytes(_pick(3_000));
        if (how == 2) {
            uint256 length = _pick(data.length);
            assembly ("memory-safe") {
                mstore(data, length)
            }
        }
    }

    function _node() private returns (NodeOpening memory n) {
        n = scene.nodeOpening(uint32(_pick(4)));
        here.node = n.node; // what goes along is of it
        uint256 how = _pick(8);
        if (how == 0) n.node = _index();
        if (how == 1) n.encoding = _bytes();
        if (how == 2) n.encodingProof = _proof(Trees.Program);
        if (how == 3) n.output = _hash();
        if (how == 4) n.outputProof = _proof(Trees.Graph);
    }

    function _element() private returns (ElementOpening memory e) {
        e = scene.elementOpening(_mostly() ? here.node % 4 : uint32(_pick(4)), 0);
        uint256 how = _pick(6);
        if (how == 0) e.element = uint40(_word());
        if (how == 1) e.leaf = _bytes();
        if (how == 2) e.proof = _proof(Trees.Output0);
    }

    function _entry() private returns (EntryOpening memory e) {
        uint256 how = _pick(3);
        if (how == 0) e = scene.nodeEntry(uint32(_pick(4)));
        else if (how == 1) e = scene.stateEntry(uint32(_pick(3)));
        else e = scene.constantEntry(uint32(_pick(2)));
        how = _pick(8);
        if (how == 0) e.index = _index();
        if (how == 1) e.entry = _bytes();
        if (how == 2) e.proof = _proof(Trees.States);
    }

    function _leaf(Trees tree) private returns (LeafOpening memory l) {
        if (_pick(4) == 0) return LeafOpening(_hash(), _proof(tree));
        return scene.leafOpening(tree, _pick(3));
    }

    function _operands() private returns (Operand[] memory operands) {
        if (!_mostly()) return new Operand[](_pick(9));
        if (here.node == IOTA) return operands;
        if (here.node == SUM) operands = scene.sumOperands(_pick(2));
        else if (here.node == LONG) operands = scene.longOperands();
        else operands = scene.addOperands();
        uint256 how = _pick(10);
        if (how == 0) operands[0].root = _hash();
        if (how == 1) operands[0].rootProof = _proof(Trees.Before);
        if (how == 2) operands[0].data = _bytes();
        if (how == 3) operands[0].proof = _proof(Trees.Graph);
    }

    function _computation() private returns (Computation memory c) {
        c = scene.computation();
        uint256 how = _pick(8);
        if (how == 0) c.steps = uint32(_word());
        if (how == 1) c.interval = uint32(_word());
        if (how == 2) c.nodes = uint32(_word());
        if (how == 3) c.states = uint32(_word());
        if (how == 4) c.constants = uint32(_word());
    }

    function _input() private returns (ClaimInput memory input) {
        input = ClaimInput({
            computation: scene.COMPUTATION(),
            checkpointRoot: scene.root(Trees.Checkpoints),
            finalStateRoot: _pick(2) == 0 ? bytes32("final") : _hash(),
            solver: _address(),
            delegate: _address(),
            vault: _pick(3) == 0 ? _address() : address(vault),
            lockId: bytes32(_pick(4)),
            workSeconds: uint32(_word())
        });
        if (_pick(6) == 0) input.computation = _hash();
    }
}
