// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Operand} from "../../../src/repops/IReferee.sol";
import {
    Answer,
    ClaimStatus,
    DisputeStatus,
    ElementOpening,
    EntryOpening,
    LeafOpening,
    NodeOpening
} from "../../../src/verde/IVerde.sol";
import {Registrar} from "../../../src/verde/Registrar.sol";
import {Verde} from "../../../src/verde/Verde.sol";
import {TreeBuilder} from "../../repops/TreeBuilder.sol";
import {Lie, LieKind, Players, Policy, Side} from "./Players.t.sol";
import {Programs, World} from "./Programs.sol";

/// Whole disputes over small random programs of all operators, with the real referee.
/// - A cheat against the honest challenger: it loses its stake; the challenger gets its bond back and the reward.
/// - The honest solver against challengers that dispute anything: it never loses.
contract GamesTest is Players {
    Lie internal none;

    // ------------------------------------------------------------------------------------------------
    // Cheats
    // ------------------------------------------------------------------------------------------------

    function test_game_everyOperatorIsJudged() public {
        uint16[] memory all = Programs.operators();
        for (uint256 i; i < all.length; ++i) {
            uint16[] memory ops = new uint16[](2);
            (ops[0], ops[1]) = (all[i], all[(i + 7) % all.length]);
            World memory w = _world(ops, i, 2, 1);
            Lie memory lie = Lie(LieKind.Element, 1, 0, i, uint8(i % 32));
            assertTrue(_cheat(w, lie, _published()));
        }
    }

    /// forge-config: default.fuzz.runs = 60
    /// forge-config: lite.fuzz.runs = 20
    function testFuzz_game_cheatAlwaysLoses(uint256 seed) public {
        World memory w = _random(seed);
        Lie memory lie = Lie({
            kind: LieKind(1 + _pick(seed, "kind", 6)),
            step: uint32(_pick(seed, "step", w.steps)),
            index: uint32(_pick(seed, "index", w.nodes.length)),
            element: _pick(seed, "element", 300),
            bit: uint8(_pick(seed, "bit", 32))
        });
        Policy memory policy = Policy({
            published: _pick(seed, "published", 2) == 0,
            badCheckpoints: _pick(seed, "badCheckpoints", 8) == 0,
            badSteps: _pick(seed, "badSteps", 4) == 0,
            badGraph: _pick(seed, "badGraph", 4) == 0,
            silentAfter: _pick(seed, "silent", 2) == 0
                ? type(uint256).max
                : _pick(seed, "silentAfter", 8)
        });
        lastSecond = _pick(seed, "lastSecond", 4) == 0;
        _cheat(w, lie, policy);
    }

    function test_game_solverWithoutGraph_loses() public {
        Policy memory policy = _published();
        policy.badGraph = true;
        for (uint256 seed = 5; seed < 37; ++seed) {
            World memory w = _random(seed);
            if (_cheat(w, Lie(LieKind.Element, 0, 0, 0, 0), policy)) return;
        }
        assertTrue(false, "no lie of these changes the result");
    }

    function test_game_solverWithoutSteps_loses() public {
        Policy memory policy = _published();
        policy.badSteps = true;
        for (uint256 seed = 5; seed < 37; ++seed) {
            World memory w = _random(seed);
            (w.steps, w.interval) = (8, 8);
            if (_cheat(w, Lie(LieKind.Element, 5, 0, 0, 0), policy)) return;
        }
        assertTrue(false, "no lie of these changes the result");
    }

    function test_game_solverWithoutCheckpoints_loses() public {
        World memory w = _random(5);
        (w.steps, w.interval) = (6, 1);
        Policy memory policy = _published();
        policy.badCheckpoints = true;
        assertTrue(_cheat(w, none, policy));
    }

    /// Silent from its first owed answer, its second, ... with all data to be demanded.
    function test_game_silentSolver_losesWheneverItFallsSilent() public {
        for (uint256 n; n < 10; ++n) {
            World memory w = _random(11);
            (w.steps, w.interval) = (7, 3);
            Policy memory policy;
            policy.silentAfter = n;
            assertTrue(_cheat(w, Lie(LieKind.Element, 5, 1, 3, 7), policy));
        }
    }

    /// All data withheld, all of it revealed on demand in the last second; the challenger takes its time too.
    function test_game_lastSecond_honestChallengerStillWins() public {
        lastSecond = true;
        for (uint256 kind = 1; kind <= 6; ++kind) {
            World memory w = _random(23 + kind);
            (w.steps, w.interval) = (7, 3);
            Policy memory policy;
            policy.silentAfter = type(uint256).max;
            assertTrue(_cheat(w, Lie(LieKind(kind), 5, 1, 3, 7), policy));
        }
    }

    /// Trees of more than one row of reveals: 65 steps, 66 nodes and 71 states.
    function test_game_deepTrees_withheldDataIsDemandedRowByRow() public {
        uint16[] memory ops = new uint16[](66);
        for (uint256 n; n < ops.length; ++n) {
            ops[n] = 0x5101; // Move of i32
        }
        World memory w = _world(ops, 3, 65, 1);
        Policy memory policy;
        policy.silentAfter = type(uint256).max;
        assertTrue(_cheat(w, Lie(LieKind.Element, 64, 64, 0, 0), policy));
        assertTrue(_cheat(w, Lie(LieKind.State, 64, 67, 0, 0), policy));
    }

    /// Returns whether there was anything to dispute: a lie may be overwritten before the next checkpoint.
    function _cheat(World memory w, Lie memory lie, Policy memory policy) internal returns (bool) {
        Side memory own = _run(w, none);
        Side memory theirs = _run(w, lie);
        theirs.policy = policy;
        uint256 claimId = _claimFor(w, theirs);
        if (!_playHonestChallenger(w, own, theirs, claimId)) return false;

        assertEq(uint256(verde.statusOf(claimId)), uint256(ClaimStatus.Void), "the cheat loses");
        (uint128 amountWei, uint128 amountAi) = verde.creditOf(challenger);
        assertEq(amountWei, verde.claimOf(claimId).bondWei, "the bond returns");
        assertEq(amountAi, STAKE * parameters.get(1).challengerBps / 10_000, "the reward is paid");
        verde.withdraw(challenger);
        vm.warp(vm.getBlockTimestamp() + 1);
        return true;
    }

    // ------------------------------------------------------------------------------------------------
    // The honest solver
    // ------------------------------------------------------------------------------------------------

    /// forge-config: default.fuzz.runs = 60
    /// forge-config: lite.fuzz.runs = 20
    function testFuzz_game_honestSolverNeverLoses(uint256 seed) public {
        World memory w = _random(seed);
        Side memory side = _run(w, none);
        uint256 claimId = _claimFor(w, side);
        for (uint256 n; n < 3; ++n) {
            _challengeAtRandom(w, side, claimId, uint256(keccak256(abi.encode(seed, n))));
        }
        vm.warp(vm.getBlockTimestamp() + 2 days);
        assertEq(uint256(verde.statusOf(claimId)), uint256(ClaimStatus.Upheld));
        (uint128 amountWei,) = verde.creditOf(solver);
        assertEq(amountWei, 3 * uint256(verde.claimOf(claimId).bondWei / 2), "half of each bond");
    }

    /// Every interval, step, node, element and state of a small program.
    function test_game_honestSolver_survivesEveryChallenge() public {
        uint16[] memory ops = new uint16[](4);
        (ops[0], ops[1], ops[2], ops[3]) = (0x0100, 0x5301, 0x4100, 0x5000);
        for (uint256 seed = 2; seed < 4; ++seed) {
            World memory w = _world(ops, 256 * seed, 3, 2);
            Side memory side = _run(w, none);
            uint256 claimId = _claimFor(w, side);
            for (uint32 t; t < w.steps; ++t) {
                uint256 before = vm.snapshotState();
                _surviveStep(w, side, claimId, t);
                vm.revertToState(before);
                vm.getRecordedLogs();
            }
        }
    }

    function _surviveStep(World memory w, Side memory side, uint256 claimId, uint32 t) private {
        Play memory g = _toGraph(w, side, claimId, t / w.interval, t % w.interval);
        bytes[] memory outputs = _outputs(w, side, t);
        for (uint256 p; p < w.states.length; ++p) {
            _tryMismatch(g, p);
        }
        for (uint32 n; n < outputs.length; ++n) {
            for (uint256 e; e < outputs[n].length / 4; e += 1 + e / 6 * 50) {
                uint256 before = vm.snapshotState();
                g.node = n;
                _tryElement(g, e, 0);
                vm.revertToState(before);
                vm.getRecordedLogs(); // they are no longer true
            }
        }
    }

    function _challengeAtRandom(World memory w, Side memory side, uint256 claimId, uint256 seed)
        private
    {
        uint256 interval = _pick(seed, "interval", _checkpoints(w) - 1);
        uint256 k = _pick(seed, "k", _stepsIn(w, interval));
        Play memory g = _toGraph(w, side, claimId, interval, k);
        _tryMismatch(g, _pick(seed, "state", w.states.length));
        if (_pick(seed, "stop", 4) != 0) {
            g.node = uint32(_pick(seed, "node", w.nodes.length));
            _tryElement(
                g, _pick(seed, "element", g.outputs[g.node].length / 4), _pick(seed, "partial", 2)
            );
        }
        _lapse(g);
    }

    /// A challenge that goes to the graph of step k of an interval, the solver answering.
    function _toGraph(
        World memory w,
        Side memory side,
        uint256 claimId,
        uint256 interval,
        uint256 k
    ) private returns (Play memory g) {
        (g.w, g.own, g.theirs, g.claimId) = (w, side, side, claimId);
        bytes32[][] memory rows = _checkpointRows(w, side);
        uint256 bond = verde.claimOf(claimId).bondWei;
        vm.prank(challenger);
        g.dispute = verde.challenge{value: bond}(
            claimId,
            address(0),
            uint32(interval),
            rows[0][interval],
            rows[0][interval + 1],
            _open(rows, _checkpoints(w), interval, interval + 1)
        );
        uint256 count = _stepsIn(w, interval);
        if (count > 1) {
            rows = _stepsRows(w, side, interval);
            g.answer = _answerOf(claimId, interval, true);
            if (g.answer.time == 0) {
                bytes32[7] memory here = _position();
                vm.prank(solver);
                verde.commitSteps(
                    g.dispute, here, _rootOf(rows), _open(rows, count, count - 1, count - 1)
                );
                g.answer = _keep(claimId, interval, true, _rootOf(rows));
            }
            bytes32[7] memory picking = _position();
            vm.prank(challenger);
            verde.pickStep(
                g.dispute,
                picking,
                g.answer,
                uint32(k),
                k == 0 ? bytes32(0) : rows[0][k - 1],
                rows[0][k],
                k == 0 ? _open(rows, count, 0, 0) : _open(rows, count, k - 1, k)
            );
        }
        g.step = uint32(interval * w.interval + k);
        g.outputs = _outputs(w, side, g.step);
        g.graph = _graphRows(side, g.outputs, g.step);
        g.answer = _answerOf(claimId, g.step, false);
        if (g.answer.time == 0) {
            bytes32[7] memory here = _position();
            vm.prank(solverDelegate);
            verde.commitGraph(g.dispute, here, _rootOf(g.graph));
            g.answer = _keep(claimId, g.step, false, _rootOf(g.graph));
        }
    }

    function _tryMismatch(Play memory g, uint256 p) private {
        (bool unchanged, uint256 n) = _source(g.w, p);
        uint256 count = g.w.states.length;
        bytes32[][] memory entries = TreeBuilder.rows(Programs.hashes(g.w.states));
        bytes32[][] memory before = _stateRows(g.w, g.own, g.step);
        bytes32[][] memory next = _stateRows(g.w, g.own, g.step + 1);
        EntryOpening memory entry =
            EntryOpening(uint32(p), g.w.states[p], _open(entries, count, p, p));
        LeafOpening memory source = unchanged
            ? LeafOpening(before[0][p], _open(before, count, p, p))
            : LeafOpening(g.graph[0][n], _open(g.graph, g.w.nodes.length, n, n));
        bytes32[7] memory here = _position();
        vm.expectRevert(Registrar.Verde_RightState.selector);
        verde.mismatch(
            g.dispute,
            here,
            g.answer,
            entry,
            LeafOpening(next[0][p], _open(next, count, p, p)),
            source
        );
    }

    /// Disputes an element of g.node and tries to prove it wrong.
    function _tryElement(Play memory g, uint256 element, uint256 partialIndex) private {
        bytes memory output = g.outputs[g.node];
        bytes32[][] memory rows = TreeBuilder.rows(Programs.leaves(output));
        uint256 leaf = element / 256;
        ElementOpening memory e = ElementOpening(
            uint40(element),
            _leafBytes(output, leaf),
            _open(rows, (output.length + 1023) / 1024, leaf, leaf)
        );
        NodeOpening memory opening = _nodeOpening(g);
        bytes32[7] memory here = _position();
        vm.prank(challenger);
        verde.openNodeElement(g.dispute, here, g.answer, opening, e);
        bytes memory encoding = g.w.nodes[g.node];
        bytes memory values = interpreter.segmentsOf(
            encoding,
            _inputs(g.w, g.node, g.outputs, g.own.states[g.step], g.step),
            element,
            g.step,
            g.w.seed
        );
        uint256 segment;
        uint32 value = _word(output, element);
        if (values.length > 4) {
            bytes32[7] memory posting = _position();
            vm.prank(solver);
            verde.commitPartials(g.dispute, posting, encoding, values);
            segment = partialIndex % (values.length / 4);
            bytes32[7] memory picking = _position();
            vm.prank(challenger);
            verde.pickPartial(g.dispute, picking, values, uint32(segment));
            value = uint32(bytes4(_slice4(values, 4 * segment)));
        }
        (Operand[] memory operands,) = _operands(g, element, segment);
        bytes32[7] memory proving = _position();
        vm.expectRevert(abi.encodeWithSelector(Verde.Verde_RightValue.selector, value));
        verde.prove(g.dispute, proving, encoding, operands);
    }

    function _slice4(bytes memory data, uint256 from) private pure returns (bytes4 out) {
        for (uint256 j; j < 4; ++j) {
            out |= bytes4(data[from + j]) >> (8 * j);
        }
    }

    /// The challenger's clock runs out; it loses.
    function _lapse(Play memory g) private {
        bytes32[7] memory here = _position();
        (bool owed, uint40 deadline) = verde.owedBy(g.dispute, here, g.answer);
        assertFalse(owed);
        vm.warp(uint256(deadline) + 1);
        verde.timeout(g.dispute, here, g.answer);
        (,,, DisputeStatus status,,) = verde.disputeOf(g.dispute);
        assertEq(uint256(status), uint256(DisputeStatus.Lost));
    }

    // The claim's answers, so that a later dispute does not ask for them again.
    mapping(bytes32 key => Answer) private _answers;

    function _answerOf(uint256 claimId, uint256 index, bool steps)
        private
        view
        returns (Answer memory)
    {
        return _answers[keccak256(abi.encode(claimId, index, steps))];
    }

    function _keep(uint256 claimId, uint256 index, bool steps, bytes32 root)
        private
        returns (Answer memory answer)
    {
        answer = Answer(root, uint40(vm.getBlockTimestamp()));
        _answers[keccak256(abi.encode(claimId, index, steps))] = answer;
    }

    // ------------------------------------------------------------------------------------------------

    function _published() internal pure returns (Policy memory p) {
        p.published = true;
        p.silentAfter = type(uint256).max;
    }

    function _random(uint256 seed) internal pure returns (World memory) {
        uint16[] memory all = Programs.operators();
        uint16[] memory ops = new uint16[](3 + _pick(seed, "nodes", 4));
        for (uint256 n; n < ops.length; ++n) {
            ops[n] = all[_pick(seed, keccak256(abi.encode(n)), all.length)];
        }
        return _world(
            ops, seed, uint32(1 + _pick(seed, "steps", 6)), uint32(1 + _pick(seed, "interval", 4))
        );
    }

    function _world(uint16[] memory ops, uint256 seed, uint32 steps, uint32 interval)
        internal
        pure
        returns (World memory w)
    {
        w = Programs.make(ops, uint256(keccak256(abi.encode(seed))) >> 8);
        (w.steps, w.interval) = (steps, interval);
    }

    function _pick(uint256 seed, bytes32 what, uint256 bound) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, what))) % bound;
    }
}
