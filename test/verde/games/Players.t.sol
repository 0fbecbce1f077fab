// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Run} from "../../../src/repops/Indexing.sol";
import {Operand} from "../../../src/repops/IReferee.sol";
import {Node, NodeCodec} from "../../../src/repops/NodeCodec.sol";
import {Op} from "../../../src/repops/Operators.sol";
import {
    Answer,
    DisputeStatus,
    ElementOpening,
    EntryOpening,
    LeafOpening,
    NodeOpening,
    Tree
} from "../../../src/verde/IVerde.sol";
import {TreeBuilder} from "../../repops/TreeBuilder.sol";
import {VerdeBase} from "../VerdeBase.t.sol";
import {Interpreter} from "./Interpreter.sol";
import {Programs, World} from "./Programs.sol";

/// @notice What is wrong in a solver's commitment.
enum LieKind {
    None,
    Element, // a bit of an element of a node's output; everything after follows from it
    State, // a bit of a state tensor after the step; the graph is right
    Output, // the root of a node's output has no preimage
    OutputLeaf, // a leaf of a node's output has none
    StateLeaf, // the root of a state tensor after the step has none
    StateRoot // the state root after the step has none
}

/// @param index of the node, or of the state
struct Lie {
    LieKind kind;
    uint32 step;
    uint32 index;
    uint256 element;
    uint8 bit;
}

/// @notice How a solver answers.
/// @param published whether the challenger sees all data without demanding it
/// @param badCheckpoints,badSteps,badGraph whether that tree has a node without preimage
/// @param silentAfter how many owed answers it gives
struct Policy {
    bool published;
    bool badCheckpoints;
    bool badSteps;
    bool badGraph;
    uint256 silentAfter;
}

/// @notice One side's run of the job: what it commits to.
/// @param states of every step boundary, the tensors
/// @param roots the state root at every boundary
struct Side {
    Lie lie;
    Policy policy;
    bytes[][] states;
    bytes32[] roots;
}

/// @notice Both sides of a dispute, played as docs/spec/verde.md says: a solver, honest or with a lie, and an
/// honest challenger that knows its own run, what is published and what was revealed to it.
abstract contract Players is VerdeBase {
    using Programs for World;

    uint256 internal constant ROWS = 6;
    bytes32 internal constant NO_PREIMAGE = keccak256("nobody knows what this hashes");

    Interpreter internal interpreter;

    function setUp() public virtual override {
        super.setUp();
        interpreter = Interpreter(
            deployCode("Interpreter.sol:Interpreter", abi.encode(referee.ELEMENTWISE()))
        );
    }

    // ------------------------------------------------------------------------------------------------
    // Runs
    // ------------------------------------------------------------------------------------------------

    function _run(World memory w, Lie memory lie) internal view returns (Side memory side) {
        side.lie = lie;
        side.policy.silentAfter = type(uint256).max;
        side.states = new bytes[][](w.steps + 1);
        side.roots = new bytes32[](w.steps + 1);
        side.states[0] = w.initial;
        side.roots[0] = TreeBuilder.root(_stateLeaves(w, side, 0));
        for (uint32 t; t < w.steps; ++t) {
            bytes[] memory outputs = _outputs(w, side, t);
            bytes[] memory next = new bytes[](w.states.length);
            for (uint256 p; p < next.length; ++p) {
                (bool unchanged, uint256 n) = _source(w, p);
                next[p] = unchanged ? side.states[t][p] : outputs[n];
                if (lie.kind == LieKind.State && lie.step == t && lie.index == p) {
                    next[p] = _flip(next[p], lie);
                }
            }
            side.states[t + 1] = next;
            side.roots[t + 1] = lie.kind == LieKind.StateRoot && lie.step == t
                ? NO_PREIMAGE
                : TreeBuilder.root(_stateLeaves(w, side, t + 1));
        }
    }

    /// The outputs of all nodes of a step, as this side claims them.
    function _outputs(World memory w, Side memory side, uint32 t)
        internal
        view
        returns (bytes[] memory outputs)
    {
        outputs = new bytes[](w.nodes.length);
        for (uint256 n; n < outputs.length; ++n) {
            outputs[n] = interpreter.evaluate(
                w.nodes[n], _inputs(w, n, outputs, side.states[t], t), t, w.seed
            );
            if (side.lie.kind == LieKind.Element && side.lie.step == t && side.lie.index == n) {
                outputs[n] = _flip(outputs[n], side.lie);
            }
        }
    }

    function _flip(bytes memory tensor, Lie memory lie) private pure returns (bytes memory out) {
        out = bytes.concat(tensor);
        uint256 place = 4 * (lie.element % (tensor.length / 4)) + lie.bit / 8 % 4;
        out[place] ^= bytes1(uint8(1 << (lie.bit % 8)));
    }

    /// The tensors that node n reads.
    function _inputs(
        World memory w,
        uint256 n,
        bytes[] memory outputs,
        bytes[] memory states,
        uint32 t
    ) internal pure returns (bytes[] memory inputs) {
        bytes memory e = w.nodes[n];
        inputs = new bytes[](uint8(e[2]));
        for (uint256 k; k < inputs.length; ++k) {
            (uint8 kind, uint32 ref) = _input(e, k);
            if (kind == 0) inputs[k] = outputs[ref];
            else if (kind == 1) inputs[k] = states[ref];
            else if (kind == 2) inputs[k] = w.frozen[ref];
            else inputs[k] = _le(kind == 3 ? ref : t);
        }
    }

    function _input(bytes memory encoding, uint256 k)
        internal
        pure
        returns (uint8 kind, uint32 ref)
    {
        kind = uint8(encoding[3 + 5 * k]);
        for (uint256 j = 4; j > 0; --j) {
            ref = ref << 8 | uint8(encoding[3 + 5 * k + j]);
        }
    }

    function _le(uint32 word) internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(word), uint8(word >> 8), uint8(word >> 16), uint8(word >> 24));
    }

    function _source(World memory w, uint256 p) internal pure returns (bool unchanged, uint256 n) {
        bytes memory entry = w.states[p];
        n = uint256(uint8(entry[7])) | uint256(uint8(entry[8])) << 8;
        return (entry[6] == 0x01, n);
    }

    // ------------------------------------------------------------------------------------------------
    // Commitments: rows of every tree, the leaves first
    // ------------------------------------------------------------------------------------------------

    function _tensorRows(Side memory side, bytes memory data, uint32 t, uint256 n)
        internal
        pure
        returns (bytes32[][] memory rows)
    {
        bytes32[] memory leaves = Programs.leaves(data);
        Lie memory lie = side.lie;
        bool here = lie.step == t && lie.index == n;
        if (here && lie.kind == LieKind.OutputLeaf) {
            leaves[lie.element % leaves.length] = NO_PREIMAGE;
        }
        rows = TreeBuilder.rows(leaves);
        if (here && lie.kind == LieKind.Output) rows[rows.length - 1][0] = NO_PREIMAGE;
    }

    function _graphLeaves(Side memory side, bytes[] memory outputs, uint32 t)
        internal
        pure
        returns (bytes32[] memory leaves)
    {
        leaves = new bytes32[](outputs.length);
        for (uint256 n; n < leaves.length; ++n) {
            bytes32[][] memory rows = _tensorRows(side, outputs[n], t, n);
            leaves[n] = rows[rows.length - 1][0];
        }
    }

    function _stateLeaves(World memory w, Side memory side, uint256 boundary)
        internal
        pure
        returns (bytes32[] memory leaves)
    {
        leaves = Programs.tensors(side.states[boundary]);
        Lie memory lie = side.lie;
        if (boundary == 0 || lie.step != boundary - 1) return leaves;
        if (lie.kind == LieKind.StateLeaf) leaves[lie.index % leaves.length] = NO_PREIMAGE;
        if (lie.kind != LieKind.Output && lie.kind != LieKind.OutputLeaf) return leaves;
        for (uint256 p; p < leaves.length; ++p) {
            (bool unchanged, uint256 n) = _source(w, p);
            if (unchanged || n != lie.index) continue;
            bytes32[][] memory rows =
                _tensorRows(side, side.states[boundary][p], lie.step, lie.index);
            leaves[p] = rows[rows.length - 1][0];
        }
    }

    function _checkpointRows(World memory w, Side memory side)
        internal
        pure
        returns (bytes32[][] memory rows)
    {
        bytes32[] memory leaves = new bytes32[](_checkpoints(w));
        for (uint256 j; j < leaves.length; ++j) {
            leaves[j] = side.roots[j * w.interval < w.steps ? j * w.interval : w.steps];
        }
        rows = TreeBuilder.rows(leaves);
        // The sibling of checkpoint 1's parent, neither over the first nor over the last leaf.
        if (side.policy.badCheckpoints && leaves.length > 4) {
            _overwrite(rows, 1, 1, NO_PREIMAGE);
        }
    }

    function _stepsRows(World memory w, Side memory side, uint256 interval)
        internal
        pure
        returns (bytes32[][] memory rows)
    {
        uint256 first = interval * w.interval;
        bytes32[] memory leaves = new bytes32[](_stepsIn(w, interval));
        for (uint256 j; j < leaves.length; ++j) {
            leaves[j] = side.roots[first + j + 1];
        }
        rows = TreeBuilder.rows(leaves);
        if (side.policy.badSteps && leaves.length > 2) {
            _overwrite(rows, 1, (leaves.length - 1) / 2 == 0 ? 1 : 0, NO_PREIMAGE);
        }
    }

    function _graphRows(Side memory side, bytes[] memory outputs, uint32 t)
        internal
        pure
        returns (bytes32[][] memory rows)
    {
        rows = TreeBuilder.rows(_graphLeaves(side, outputs, t));
        if (side.policy.badGraph) rows[rows.length - 1][0] = NO_PREIMAGE;
    }

    function _stateRows(World memory w, Side memory side, uint256 boundary)
        internal
        pure
        returns (bytes32[][] memory rows)
    {
        rows = TreeBuilder.rows(_stateLeaves(w, side, boundary));
        rows[rows.length - 1][0] = side.roots[boundary];
    }

    function _checkpoints(World memory w) internal pure returns (uint256) {
        return (w.steps + w.interval - 1) / w.interval + 1;
    }

    function _stepsIn(World memory w, uint256 interval) internal pure returns (uint256) {
        uint256 left = w.steps - interval * w.interval;
        return left < w.interval ? left : w.interval;
    }

    function _overwrite(bytes32[][] memory rows, uint256 height, uint256 index, bytes32 value)
        internal
        pure
    {
        rows[height][index] = value;
        for (uint256 h = height; h + 1 < rows.length; ++h) {
            index /= 2;
            rows[h + 1][index] = keccak256(abi.encode(rows[h][2 * index], rows[h][2 * index + 1]));
        }
    }

    function _rootOf(bytes32[][] memory rows) internal pure returns (bytes32) {
        return rows[rows.length - 1][0];
    }

    function _open(bytes32[][] memory rows, uint256 count, uint256 lo, uint256 hi)
        internal
        pure
        returns (bytes32[] memory)
    {
        return TreeBuilder.proofBetween(rows, count, 0, rows.length - 1, lo, hi);
    }

    // ------------------------------------------------------------------------------------------------
    // A claim
    // ------------------------------------------------------------------------------------------------

    function _claimFor(World memory w, Side memory side) internal returns (uint256) {
        bytes32 id = verde.register(w.computation());
        bytes32[][] memory rows = _checkpointRows(w, side);
        uint256 count = _checkpoints(w);
        return _claim(
            id,
            _rootOf(rows),
            side.roots[w.steps],
            _open(rows, count, 0, 0),
            _open(rows, count, count - 1, count - 1)
        );
    }

    // ------------------------------------------------------------------------------------------------
    // The honest challenger against a solver
    // ------------------------------------------------------------------------------------------------

    /// @notice A dispute in the making: the players' table.
    struct Play {
        World w;
        Side own; // the challenger's
        Side theirs; // the solver's
        uint256 claimId;
        uint256 dispute;
        uint256 answered; // owed answers that the solver gave
        uint32 interval;
        uint32 step;
        uint32 node;
        Answer answer; // of the claim, for the phase
        bytes32[][] graph; // the solver's, as far as the challenger knows it
        bytes[] outputs; // the challenger's own, of the step
    }

    /// @notice Plays a dispute of `theirs` to its end. Returns false if there is nothing to dispute; reverts if
    /// the challenger finds no move.
    function _playHonestChallenger(
        World memory w,
        Side memory own,
        Side memory theirs,
        uint256 claimId
    ) internal returns (bool found) {
        Play memory g;
        (g.w, g.own, g.theirs, g.claimId) = (w, own, theirs, claimId);
        if (!_openClaim(g)) return false;
        if (_lost(g)) return true;
        if (_stepsIn(w, g.interval) > 1) {
            _playSteps(g);
            if (_lost(g)) return true;
        } else {
            g.step = g.interval * w.interval;
        }
        _playGraph(g);
        return true;
    }

    /// Whether the dispute is over.
    function _lost(Play memory g) private view returns (bool) {
        (,,, DisputeStatus status,,) = verde.disputeOf(g.dispute);
        return status != DisputeStatus.Live;
    }

    function _openClaim(Play memory g) private returns (bool) {
        bytes32[][] memory own = _checkpointRows(g.w, g.own);
        bytes32[][] memory theirs = _checkpointRows(g.w, g.theirs);
        if (_rootOf(own) == _rootOf(theirs)) return false;
        uint256 bond = verde.claimOf(g.claimId).bondWei;
        uint256 count = _checkpoints(g.w);
        if (g.theirs.policy.published && _isSound(theirs)) {
            uint256 j = _firstDifference(own[0], theirs[0]);
            g.interval = uint32(j - 1);
            vm.prank(challenger);
            g.dispute = verde.challenge{value: bond}(
                g.claimId,
                challengerDelegate,
                g.interval,
                theirs[0][j - 1],
                theirs[0][j],
                _open(theirs, count, j - 1, j)
            );
            return true;
        }
        vm.prank(challenger);
        g.dispute = verde.challengeByDemand{value: bond}(g.claimId, challengerDelegate);
        (bytes32[][] memory seen, uint256 leaf) =
            _descend(g, own, theirs, count, Tree.Checkpoints, "");
        if (_lost(g)) return true;
        g.interval = uint32(leaf - 1);
        bytes32[7] memory here = _position();
        vm.prank(challengerDelegate);
        verde.openInterval(
            g.dispute,
            here,
            g.interval,
            seen[0][leaf - 1],
            seen[0][leaf],
            _open(seen, count, leaf - 1, leaf)
        );
        return true;
    }

    function _playSteps(Play memory g) private {
        bytes32[][] memory theirs = _stepsRows(g.w, g.theirs, g.interval);
        bytes32[][] memory own = _stepsRows(g.w, g.own, g.interval);
        uint256 count = _stepsIn(g.w, g.interval);
        if (_silent(g)) return;
        bytes32[7] memory here = _position();
        vm.prank(solverDelegate);
        verde.commitSteps(
            g.dispute, here, _rootOf(theirs), _open(theirs, count, count - 1, count - 1)
        );
        g.answer = Answer(_rootOf(theirs), uint40(vm.getBlockTimestamp()));
        (bytes32[][] memory seen, uint256 k) = _find(g, own, theirs, count, Tree.Steps, "");
        if (_lost(g)) return;
        here = _position();
        vm.prank(challenger);
        verde.pickStep(
            g.dispute,
            here,
            g.answer,
            uint32(k),
            k == 0 ? bytes32(0) : seen[0][k - 1],
            seen[0][k],
            k == 0 ? _open(seen, count, 0, 0) : _open(seen, count, k - 1, k)
        );
        g.step = uint32(g.interval * g.w.interval + k);
    }

    function _playGraph(Play memory g) private {
        if (_silent(g)) return;
        g.outputs = _outputs(g.w, g.own, g.step);
        bytes[] memory outputs = _outputs(g.w, g.theirs, g.step);
        bytes32[][] memory theirs = _graphRows(g.theirs, outputs, g.step);
        bytes32[][] memory own = _graphRows(g.own, g.outputs, g.step);
        bytes32[7] memory here = _position();
        vm.prank(solver);
        verde.commitGraph(g.dispute, here, _rootOf(theirs));
        g.answer = Answer(_rootOf(theirs), uint40(vm.getBlockTimestamp()));
        if (_rootOf(own) == _rootOf(theirs)) {
            g.graph = own;
            _playState(g);
            return;
        }
        uint256 n;
        (g.graph, n) = _find(g, own, theirs, g.w.nodes.length, Tree.Graph, "");
        if (_lost(g)) return;
        g.node = uint32(n);
        _playNode(g, outputs[n]);
    }

    function _playState(Play memory g) private {
        uint256 count = g.w.states.length;
        (bytes32[][] memory seen, uint256 p) = _find(
            g,
            _stateRows(g.w, g.own, g.step + 1),
            _stateRows(g.w, g.theirs, g.step + 1),
            count,
            Tree.State,
            ""
        );
        if (_lost(g)) return;
        (bool unchanged, uint256 n) = _source(g.w, p);
        bytes32[][] memory before = _stateRows(g.w, g.own, g.step);
        bytes32[][] memory entries = TreeBuilder.rows(Programs.hashes(g.w.states));
        bytes32[7] memory here = _position();
        vm.prank(stranger); // a proof serves the challenger whoever sends it
        verde.mismatch(
            g.dispute,
            here,
            g.answer,
            EntryOpening(uint32(p), g.w.states[p], _open(entries, count, p, p)),
            LeafOpening(seen[0][p], _open(seen, count, p, p)),
            unchanged
                ? LeafOpening(before[0][p], _open(before, count, p, p))
                : LeafOpening(g.graph[0][n], _open(g.graph, g.w.nodes.length, n, n))
        );
    }

    function _nodeOpening(Play memory g) internal pure returns (NodeOpening memory) {
        uint256 count = g.w.nodes.length;
        uint256 n = g.node;
        bytes32[][] memory program = TreeBuilder.rows(Programs.hashes(g.w.nodes));
        return NodeOpening(
            g.node,
            g.w.nodes[n],
            _open(program, count, n, n),
            g.graph[0][n],
            _open(g.graph, count, n, n)
        );
    }

    function _playNode(Play memory g, bytes memory output) private {
        bytes32[][] memory theirs = _tensorRows(g.theirs, output, g.step, g.node);
        bytes32[][] memory own = TreeBuilder.rows(Programs.leaves(g.outputs[g.node]));
        uint256 count = (output.length + 1023) / 1024;
        NodeOpening memory opening = _nodeOpening(g);
        Node memory node = interpreter.describe(g.w.nodes[g.node]);
        uint256 segments = NodeCodec.segments(node);
        bytes32[7] memory here;

        bool whole = g.theirs.policy.published && _isSound(theirs)
            && g.theirs.lie.kind != LieKind.OutputLeaf;
        bytes32[][] memory seen = theirs;
        uint256 leaf;
        if (!whole) {
            here = _position();
            vm.prank(challenger);
            verde.openNode(g.dispute, here, g.answer, opening);
            (seen, leaf) = _descend(g, own, theirs, count, Tree.Tensor, output);
            if (_lost(g)) return;
        }
        uint256 element = _firstWord(g.outputs[g.node], output);
        leaf = element / 256;
        ElementOpening memory e = ElementOpening(
            uint40(element), _leafBytes(output, leaf), _open(seen, count, leaf, leaf)
        );
        here = _position();
        if (whole && segments == 1) {
            (Operand[] memory operands,) = _operands(g, element, 0);
            vm.prank(challengerDelegate);
            verde.proveElement(g.dispute, here, g.answer, opening, e, operands);
            return;
        }
        vm.prank(challenger);
        if (whole) verde.openNodeElement(g.dispute, here, g.answer, opening, e);
        else verde.openElement(g.dispute, here, g.w.nodes[g.node], e);
        if (segments == 1) {
            (Operand[] memory operands,) = _operands(g, element, 0);
            here = _position();
            vm.prank(stranger);
            verde.prove(g.dispute, here, g.w.nodes[g.node], operands);
            return;
        }
        _playPartials(g, element, _word(output, element));
    }

    function _playPartials(Play memory g, uint256 element, uint32 claimed) private {
        bytes memory encoding = g.w.nodes[g.node];
        bytes[] memory inputs = _inputs(g.w, g.node, g.outputs, g.own.states[g.step], g.step);
        bytes memory right = interpreter.segmentsOf(encoding, inputs, element, g.step, g.w.seed);
        (bool possible, bytes memory values) = _bend(encoding, right, claimed);
        if (!possible) g.answered = type(uint256).max; // nothing folds to the lie
        if (_silent(g)) return;
        bytes32[7] memory here = _position();
        vm.prank(solver);
        verde.commitPartials(g.dispute, here, encoding, values);
        uint256 index = _firstWord(right, values);
        (Operand[] memory operands,) = _operands(g, element, index);
        here = _position();
        if (element % 2 == 0) {
            vm.prank(challenger);
            verde.provePartial(g.dispute, here, values, uint32(index), encoding, operands);
            return;
        }
        vm.prank(challenger);
        verde.pickPartial(g.dispute, here, values, uint32(index));
        here = _position();
        vm.prank(stranger);
        verde.prove(g.dispute, here, encoding, operands);
    }

    /// Partials that fold to a lie, if the solver finds any: the lie first, then what adds nothing to it.
    function _bend(bytes memory encoding, bytes memory right, uint32 claimed)
        private
        view
        returns (bool, bytes memory values)
    {
        bool isMax = uint8(encoding[0]) == Op.REDUCE_MAX;
        bool isInt32 = encoding[1] == 0x01;
        uint32 neutral =
            isMax ? (isInt32 ? uint32(1) << 31 : 0xff800000) : (isInt32 ? 0 : uint32(1) << 31);
        for (uint256 i; i < right.length / 4; ++i) {
            values = abi.encodePacked(values, i == 0 ? claimed : neutral);
        }
        return (interpreter.fold(encoding, values) == claimed, values);
    }

    /// The operands of an element or segment, opened in what the challenger knows.
    function _operands(Play memory g, uint256 element, uint256 segment)
        internal
        view
        returns (Operand[] memory operands, uint32 value)
    {
        bytes memory encoding = g.w.nodes[g.node];
        bytes[] memory inputs = _inputs(g.w, g.node, g.outputs, g.own.states[g.step], g.step);
        Run[] memory reads;
        (value, reads) = interpreter.compute(encoding, inputs, element, segment, g.step, g.w.seed);
        operands = new Operand[](inputs.length);
        for (uint256 k; k < inputs.length; ++k) {
            (uint8 kind, uint32 ref) = _input(encoding, k);
            if (kind > 2 || reads[k].length == 0) continue;
            operands[k] = _operand(inputs[k], reads[k]);
            if (kind == 0) {
                operands[k].rootProof = _open(g.graph, g.w.nodes.length, ref, ref);
            } else if (kind == 1) {
                bytes32[][] memory rows = _stateRows(g.w, g.own, g.step);
                operands[k].rootProof = _open(rows, g.w.states.length, ref, ref);
            } else {
                bytes32[][] memory rows = TreeBuilder.rows(Programs.tensors(g.w.frozen));
                operands[k].rootProof = _open(rows, g.w.frozen.length, ref, ref);
            }
        }
    }

    function _operand(bytes memory tensor, Run memory run)
        internal
        pure
        returns (Operand memory o)
    {
        bytes32[][] memory rows = TreeBuilder.rows(Programs.leaves(tensor));
        uint256 lo = run.start / 256;
        uint256 hi = (run.start + run.length - 1) / 256;
        o.root = _rootOf(rows);
        o.proof = _open(rows, (tensor.length + 1023) / 1024, lo, hi);
        for (uint256 i = lo; i <= hi; ++i) {
            o.data = bytes.concat(o.data, _leafBytes(tensor, i));
        }
    }

    // ------------------------------------------------------------------------------------------------
    // Finding the leftmost difference
    // ------------------------------------------------------------------------------------------------

    /// Where the published tree differs, or where demands lead.
    function _find(
        Play memory g,
        bytes32[][] memory own,
        bytes32[][] memory theirs,
        uint256 count,
        Tree tree,
        bytes memory data
    ) private returns (bytes32[][] memory, uint256) {
        if (g.theirs.policy.published && _isSound(theirs)) {
            return (theirs, _firstDifference(own[0], theirs[0]));
        }
        return _descend(g, own, theirs, count, tree, data);
    }

    /// A path of demands down a tree.
    struct Descent {
        bytes32[][] own;
        bytes32[][] theirs;
        bytes32[][] seen; // what the challenger knows of theirs
        uint256 count;
        Tree tree;
        bytes data; // of the tensor, as the solver has it
        uint256 height;
        uint256 top; // of the node that was demanded last
        uint256 index;
    }

    /// Demands row after row, comparing with the own tree. What is to the left of the path equals it, what is to
    /// the right is revealed. Ends early if the solver cannot or will not reveal.
    function _descend(
        Play memory g,
        bytes32[][] memory own,
        bytes32[][] memory theirs,
        uint256 count,
        Tree tree,
        bytes memory data
    ) private returns (bytes32[][] memory, uint256) {
        Descent memory d;
        (d.own, d.theirs, d.seen) = (own, theirs, _copy(own));
        (d.count, d.tree, d.data) = (count, tree, data);
        d.height = d.top = own.length - 1;
        d.seen[d.height][0] = theirs[d.height][0];
        bool first = true;
        while (d.height > 0 || tree == Tree.Tensor) {
            if (!first || tree != Tree.Checkpoints) _demand(g, d, first);
            first = false;
            if (!_reveals(g, d) || d.height == 0) break;
            uint256 below = _below(d.height);
            d.index <<= d.height - below;
            while (d.seen[below][d.index] == own[below][d.index]) ++d.index;
            (d.top, d.height) = (d.height, below);
        }
        return (d.seen, d.index);
    }

    function _demand(Play memory g, Descent memory d, bool first) private {
        bytes32[7] memory here = _position();
        bytes32[] memory proof = first
            ? _noProof()
            : TreeBuilder.proofBetween(d.seen, d.count, d.height, d.top, d.index, d.index);
        vm.prank(challenger);
        verde.demand(
            g.dispute,
            here,
            first ? g.answer : _none(),
            d.tree == Tree.State,
            uint32(d.index),
            d.seen[d.height][d.index],
            proof
        );
    }

    /// Whether the solver reveals what is demanded; what it reveals is then seen.
    function _reveals(Play memory g, Descent memory d) private returns (bool) {
        if (_silent(g)) return false;
        if (d.height == 0) {
            if (keccak256(_padded(d.data, d.index)) != d.seen[0][d.index]) return !_silence(g);
            bytes memory leaf = _leafBytes(d.data, d.index);
            bytes32[7] memory leafAt = _position();
            vm.prank(stranger);
            verde.revealLeaf(g.dispute, leafAt, leaf);
            return true;
        }
        uint256 below = _below(d.height);
        bytes32[] memory row = _row(d.theirs, d.count, below, d.height, d.index);
        if (_folds(row, below, d.height) != d.seen[d.height][d.index]) return !_silence(g);
        bytes32[7] memory here = _position();
        vm.prank(solver);
        verde.reveal(g.dispute, here, row);
        for (uint256 i; i < row.length; ++i) {
            _overwrite(d.seen, below, (d.index << (d.height - below)) + i, row[i]);
        }
        return true;
    }

    function _below(uint256 height) internal pure returns (uint256) {
        return height > ROWS ? height - ROWS : 0;
    }

    /// The solver gives its next owed answer, or lets its clock run out.
    function _silent(Play memory g) internal returns (bool) {
        if (g.answered < g.theirs.policy.silentAfter && g.answered != type(uint256).max) {
            ++g.answered;
            return false;
        }
        return _silence(g);
    }

    function _silence(Play memory g) internal returns (bool) {
        bytes32[7] memory here = _position();
        (bool owed, uint40 deadline) = verde.owedBy(g.dispute, here, lastAnswer);
        assertTrue(owed, "the solver owes nothing");
        vm.warp(uint256(deadline) + 1);
        vm.prank(stranger);
        verde.timeout(g.dispute, here, lastAnswer);
        return true;
    }

    /// Whether every node of the tree hashes its children.
    function _isSound(bytes32[][] memory rows) internal pure returns (bool) {
        for (uint256 h = 1; h < rows.length; ++h) {
            for (uint256 i; i < rows[h].length; ++i) {
                if (rows[h][i] != keccak256(abi.encode(rows[h - 1][2 * i], rows[h - 1][2 * i + 1])))
                {
                    return false;
                }
            }
        }
        return rows[rows.length - 1][0] != NO_PREIMAGE;
    }

    function _row(
        bytes32[][] memory rows,
        uint256 count,
        uint256 below,
        uint256 height,
        uint256 index
    ) internal pure returns (bytes32[] memory row) {
        uint256 lo = index << (height - below);
        uint256 present = ((count - 1) >> below) + 1;
        uint256 hi = (index + 1) << (height - below);
        if (hi > present) hi = present;
        row = new bytes32[](hi - lo);
        for (uint256 i; i < row.length; ++i) {
            row[i] = rows[below][lo + i];
        }
    }

    function _folds(bytes32[] memory row, uint256 below, uint256 height)
        private
        pure
        returns (bytes32)
    {
        bytes32 zero;
        for (uint256 h; h < below; ++h) {
            zero = keccak256(abi.encode(zero, zero));
        }
        bytes32[] memory nodes = row;
        for (uint256 h = below; h < height; ++h) {
            bytes32[] memory parents = new bytes32[]((nodes.length + 1) / 2);
            for (uint256 i; i < parents.length; ++i) {
                parents[i] = keccak256(
                    abi.encode(nodes[2 * i], 2 * i + 1 < nodes.length ? nodes[2 * i + 1] : zero)
                );
            }
            nodes = parents;
            zero = keccak256(abi.encode(zero, zero));
        }
        return nodes[0];
    }

    function _firstDifference(bytes32[] memory a, bytes32[] memory b)
        internal
        pure
        returns (uint256 i)
    {
        while (a[i] == b[i]) ++i;
    }

    /// First element in which two tensors differ.
    function _firstWord(bytes memory a, bytes memory b) internal pure returns (uint256) {
        uint256 i;
        while (a[i] == b[i]) ++i;
        return i / 4;
    }

    function _word(bytes memory tensor, uint256 element) internal pure returns (uint32 word) {
        for (uint256 j = 4; j > 0; --j) {
            word = word << 8 | uint8(tensor[4 * element + j - 1]);
        }
    }

    /// The real bytes of a leaf.
    function _leafBytes(bytes memory tensor, uint256 leaf)
        internal
        pure
        returns (bytes memory out)
    {
        uint256 left = tensor.length - 1024 * leaf;
        out = new bytes(left < 1024 ? left : 1024);
        assembly ("memory-safe") {
            mcopy(add(out, 32), add(add(tensor, 32), mul(leaf, 1024)), mload(out))
        }
    }

    function _padded(bytes memory tensor, uint256 leaf) internal pure returns (bytes memory) {
        bytes memory real = _leafBytes(tensor, leaf);
        return bytes.concat(real, new bytes(1024 - real.length));
    }

    function _copy(bytes32[][] memory rows) internal pure returns (bytes32[][] memory out) {
        out = new bytes32[][](rows.length);
        for (uint256 h; h < rows.length; ++h) {
            out[h] = new bytes32[](rows[h].length);
            for (uint256 i; i < out[h].length; ++i) {
                out[h][i] = rows[h][i];
            }
        }
    }

    // ------------------------------------------------------------------------------------------------
    // Time
    // ------------------------------------------------------------------------------------------------

    /// Whether every move is made in the last second of its turn.
    bool internal lastSecond;

    /// The position that the last move published.
    function _position() internal returns (bytes32[7] memory) {
        _read();
        if (lastSecond) {
            (, uint40 deadline) = verde.owedBy(lastDispute, lastPosition, lastAnswer);
            vm.warp(deadline);
        }
        return lastPosition;
    }
}
