// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Merkle} from "../repops/Merkle.sol";
import {TensorLeaves} from "../repops/TensorLeaves.sol";
import {Turn} from "./Clock.sol";
import {
    Answer,
    Claim,
    ElementOpening,
    IDisputes,
    NodeOpening,
    Phase,
    Position,
    Tree
} from "./IVerde.sol";
import {Ledger} from "./Ledger.sol";
import {Work, Works} from "./Works.sol";

/// @title Walk
/// @notice The moves that descend from a claim to one scalar (docs/spec/verde.md, section 3). Every function
/// named after a move without a guard changes the position in memory only; the external one stores it.
abstract contract Walk is IDisputes, Ledger {
    using Works for Work;

    /// @notice Rows that a reveal goes down. Chosen by measuring (docs/benchmarks.md).
    uint256 internal constant REVEAL_ROWS = 6;

    /// @notice Values that one posting holds.
    uint256 internal constant POSTED = 256;

    /// @notice `index` is not below `count`.
    error Verde_OutOfRange(uint256 index, uint256 count);
    /// @notice Below the node there is nothing to demand.
    error Verde_NothingBelow();
    /// @notice A demand is open, or none is.
    error Verde_DemandOpen(bool open);
    /// @notice The bytes do not hash to what the position holds.
    error Verde_WrongBytes(bytes32 expected);
    /// @notice `expected` posted values were due, `given` bytes were sent.
    error Verde_WrongPosting(uint256 expected, uint256 given);
    /// @notice The posted values fold to `folded`, not to the disputed value.
    error Verde_WrongFold(uint32 disputed, uint32 folded);

    // ------------------------------------------------------------------------------------------------
    // Challenger
    // ------------------------------------------------------------------------------------------------

    function openInterval(
        uint256 dispute,
        bytes32[7] calldata position,
        uint32 interval,
        bytes32 before,
        bytes32 disputed,
        bytes32[] calldata proof
    ) external {
        Position memory p = _at(dispute, position);
        _inPhase(p, Phase.Checkpoints);
        _onlyChallenger(dispute, p);
        Turn memory t = _challengerTurn(dispute, p, 0);
        _openInterval(_claims[dispute >> 32], p, interval, before, disputed, proof);
        _move(dispute, p, t);
    }

    function demand(
        uint256 dispute,
        bytes32[7] calldata position,
        Answer calldata answer,
        bool state,
        uint32 index,
        bytes32 node,
        bytes32[] calldata proof
    ) external {
        Position memory p = _at(dispute, position);
        _onlyChallenger(dispute, p);
        uint256 answeredAt = p.tree == Tree.None ? _answeredAt(dispute >> 32, p, answer) : 0;
        Turn memory t = _challengerTurn(dispute, p, answeredAt);
        Work storage w = _workOf(dispute >> 32);
        if (p.tree == Tree.None) _demandRoot(w, p, answer.root, state);
        else _demandBelow(w, p, index, node, proof);
        _move(dispute, p, t);
    }

    function pickStep(
        uint256 dispute,
        bytes32[7] calldata position,
        Answer calldata steps,
        uint32 k,
        bytes32 before,
        bytes32 disputed,
        bytes32[] calldata proof
    ) external {
        Position memory p = _at(dispute, position);
        _inPhase(p, Phase.Steps);
        _onlyChallenger(dispute, p);
        Turn memory t = _challengerTurn(dispute, p, _answeredAt(dispute >> 32, p, steps));
        Work storage w = _workOf(dispute >> 32);

        uint256 count = w.stepsIn(p.interval);
        if (k >= count) revert Verde_OutOfRange(k, count);
        if (k == 0) {
            _opens(steps.root, Merkle.rootOfLeaf(disputed, 0, count, proof));
        } else {
            _opens(steps.root, Merkle.rootOfPair(before, disputed, k - 1, count, proof));
            p.before = before;
        }
        p.disputed = disputed;
        p.step = p.interval * w.interval + k;
        _enter(p, Phase.Graph);
        _move(dispute, p, t);
    }

    function openNode(
        uint256 dispute,
        bytes32[7] calldata position,
        Answer calldata graph,
        NodeOpening calldata node
    ) external {
        (Position memory p, Turn memory t) = _atGraph(dispute, position, graph);
        _onlyChallenger(dispute, p);
        _openNode(dispute, p, graph.root, node);
        _move(dispute, p, t);
    }

    function openElement(
        uint256 dispute,
        bytes32[7] calldata position,
        bytes calldata encoding,
        ElementOpening calldata element
    ) external {
        Position memory p = _at(dispute, position);
        _inPhase(p, Phase.Element);
        _onlyChallenger(dispute, p);
        Turn memory t = _challengerTurn(dispute, p, 0);
        _isEncoding(p, encoding);
        (,, uint32 segments) = _referee.output(encoding);
        _openElement(p, segments, element);
        _move(dispute, p, t);
    }

    function openNodeElement(
        uint256 dispute,
        bytes32[7] calldata position,
        Answer calldata graph,
        NodeOpening calldata node,
        ElementOpening calldata element
    ) external {
        (Position memory p, Turn memory t) = _atGraph(dispute, position, graph);
        _onlyChallenger(dispute, p);
        _openElement(p, _openNode(dispute, p, graph.root, node), element);
        _move(dispute, p, t);
    }

    function pickPartial(
        uint256 dispute,
        bytes32[7] calldata position,
        bytes calldata values,
        uint32 index
    ) external {
        Position memory p = _at(dispute, position);
        _onlyChallenger(dispute, p);
        Turn memory t = _challengerTurn(dispute, p, 0);
        _pickPartial(p, values, index);
        _move(dispute, p, t);
    }

    // ------------------------------------------------------------------------------------------------
    // Solver
    // ------------------------------------------------------------------------------------------------

    function commitSteps(
        uint256 dispute,
        bytes32[7] calldata position,
        bytes32 root,
        bytes32[] calldata lastProof
    ) external {
        Position memory p = _at(dispute, position);
        uint256 claimId = dispute >> 32;
        _inPhase(p, Phase.Steps);
        _onlySolver(claimId);
        _solverTurn(dispute, p);
        uint256 count = _workOf(claimId).stepsIn(p.interval);
        _opens(root, Merkle.rootOfLeaf(p.disputed, count - 1, count, lastProof));
        _answer(_steps, claimId << 32 | p.interval, root);
        emit StepsCommitted(claimId, p.interval, root, uint40(block.timestamp));
    }

    function commitGraph(uint256 dispute, bytes32[7] calldata position, bytes32 root) external {
        Position memory p = _at(dispute, position);
        uint256 claimId = dispute >> 32;
        _inPhase(p, Phase.Graph);
        _onlySolver(claimId);
        _solverTurn(dispute, p);
        _answer(_graphs, claimId << 32 | p.step, root);
        emit GraphCommitted(claimId, p.step, root, uint40(block.timestamp));
    }

    function commitPartials(
        uint256 dispute,
        bytes32[7] calldata position,
        bytes calldata encoding,
        bytes calldata values
    ) external {
        Position memory p = _at(dispute, position);
        _inPhase(p, Phase.Partials);
        _onlySolver(dispute >> 32);
        Turn memory t = _solverTurn(dispute, p);
        _isEncoding(p, encoding);

        (,, uint256 count) = _referee.output(encoding);
        if (p.level == 2) {
            count = (count + POSTED - 1) / POSTED;
        } else {
            count -= POSTED * p.segment;
            if (count > POSTED) count = POSTED;
        }
        if (values.length != 4 * count) revert Verde_WrongPosting(count, values.length);
        uint32 folded = _referee.fold(encoding, values);
        if (folded != p.value) revert Verde_WrongFold(p.value, folded);

        p.disputed = keccak256(values);
        p.phase = Phase.Pick;
        emit PartialsCommitted(dispute, values);
        _move(dispute, p, t);
    }

    // ------------------------------------------------------------------------------------------------
    // Anyone, for the solver
    // ------------------------------------------------------------------------------------------------

    function reveal(uint256 dispute, bytes32[7] calldata position, bytes32[] calldata row)
        external
    {
        Position memory p = _at(dispute, position);
        if (!p.open) revert Verde_DemandOpen(false);
        if (p.height == 0) revert Verde_NothingBelow(); // a tensor's leaf: revealLeaf
        Turn memory t = _solverTurn(dispute, p);
        uint256 count = _leaves(_workOf(dispute >> 32), p);
        _opens(p.demanded, Merkle.rootOfRow(row, _below(p.height), p.height, p.index, count));
        p.open = false;
        emit Revealed(dispute, row);
        _move(dispute, p, t);
    }

    function revealLeaf(uint256 dispute, bytes32[7] calldata position, bytes calldata data)
        external
    {
        Position memory p = _at(dispute, position);
        if (!p.open) revert Verde_DemandOpen(false);
        if (p.height != 0) revert Verde_OutOfRange(p.height, 1);
        Turn memory t = _solverTurn(dispute, p);
        _opens(p.demanded, TensorLeaves.hashOne(data, p.index, p.element));
        p.open = false;
        emit RevealedLeaf(dispute, data);
        _move(dispute, p, t);
    }

    // ------------------------------------------------------------------------------------------------
    // The steps of the walk, on a position in memory
    // ------------------------------------------------------------------------------------------------

    function _openInterval(
        Claim storage c,
        Position memory p,
        uint32 interval,
        bytes32 before,
        bytes32 disputed,
        bytes32[] calldata proof
    ) internal view {
        Work storage w = _works[c.computation];
        _opens(
            c.checkpointRoot, Merkle.rootOfPair(before, disputed, interval, w.checkpoints(), proof)
        );
        p.interval = interval;
        p.before = before;
        p.disputed = disputed;
        if (w.stepsIn(interval) == 1) {
            p.step = interval * w.interval;
            _enter(p, Phase.Graph);
        } else {
            _enter(p, Phase.Steps);
        }
    }

    function _openNode(uint256 dispute, Position memory p, bytes32 graph, NodeOpening calldata node)
        internal
        view
        returns (uint32 segments)
    {
        Work storage w = _workOf(dispute >> 32);
        uint256 count = w.nodes;
        bytes32 encodingHash = keccak256(node.encoding);
        _opens(w.nodesRoot, Merkle.rootOfLeaf(encodingHash, node.node, count, node.encodingProof));
        _opens(graph, Merkle.rootOfLeaf(node.output, node.node, count, node.outputProof));
        uint64 elements;
        (, elements, segments) = _referee.output(node.encoding);
        p.node = node.node;
        p.encodingHash = encodingHash;
        p.graph = graph;
        p.disputed = node.output;
        p.element = uint40(elements); // below 2^40 if the node is well-formed
        _enter(p, Phase.Element);
    }

    function _openElement(Position memory p, uint32 segments, ElementOpening calldata element)
        internal
        pure
    {
        uint256 index = element.element;
        if (index >= p.element) revert Verde_OutOfRange(index, p.element);
        uint256 leaf = index / TensorLeaves.LEAF_ELEMENTS;
        _opens(p.disputed, TensorLeaves.rootOfOne(element.leaf, leaf, p.element, element.proof));
        p.element = element.element;
        p.value = TensorLeaves.element(element.leaf, index % TensorLeaves.LEAF_ELEMENTS);
        p.disputed = 0;
        p.level = segments == 1 ? 0 : segments <= POSTED ? 1 : 2;
        _enter(p, p.level == 0 ? Phase.Proof : Phase.Partials);
    }

    function _pickPartial(Position memory p, bytes calldata values, uint32 index) internal pure {
        _inPhase(p, Phase.Pick);
        if (keccak256(values) != p.disputed) revert Verde_WrongBytes(p.disputed);
        if (index >= values.length / 4) revert Verde_OutOfRange(index, values.length / 4);
        uint32 value;
        assembly ("memory-safe") {
            value := shr(224, calldataload(add(values.offset, shl(2, index))))
        }
        p.value = value;
        p.disputed = 0;
        p.segment = uint16(p.segment * POSTED + index);
        p.level -= 1;
        p.phase = p.level == 0 ? Phase.Proof : Phase.Partials;
    }

    /// @dev The first demand in a phase: the root of the phase's tree.
    function _demandRoot(Work storage w, Position memory p, bytes32 answer, bool state)
        internal
        view
    {
        if (p.phase == Phase.Steps) {
            (p.tree, p.demanded) = (Tree.Steps, answer);
        } else if (p.phase == Phase.Graph && !state) {
            (p.tree, p.demanded) = (Tree.Graph, answer);
        } else if (p.phase == Phase.Graph) {
            (p.tree, p.demanded) = (Tree.State, p.disputed);
        } else if (p.phase == Phase.Element) {
            (p.tree, p.demanded) = (Tree.Tensor, p.disputed);
        } else {
            revert Verde_WrongPhase(p.phase);
        }
        p.height = uint8(Merkle.depth(_leaves(w, p)));
        if (p.height == 0 && p.tree != Tree.Tensor) revert Verde_NothingBelow();
        p.open = true;
    }

    /// @dev A further demand: a node of the row that the last reveal gave.
    function _demandBelow(
        Work storage w,
        Position memory p,
        uint32 index,
        bytes32 node,
        bytes32[] calldata proof
    ) internal view {
        uint256 height = _below(p.height);
        if (p.height == 0 || (height == 0 && p.tree != Tree.Tensor)) revert Verde_NothingBelow();
        if (index >> (p.height - height) != p.index) revert Verde_OutOfRange(index, p.index);
        _opens(p.demanded, Merkle.rootOfNode(node, height, index, p.height, _leaves(w, p), proof));
        p.height = uint8(height);
        p.index = index;
        p.demanded = node;
        p.open = true;
    }

    /// @dev Begins a phase: nothing is demanded in it yet.
    function _enter(Position memory p, Phase phase) internal pure {
        p.phase = phase;
        p.tree = Tree.None;
        p.height = 0;
        p.index = 0;
        p.demanded = 0;
    }

    /// @dev Leaves of the tree that is demanded.
    function _leaves(Work storage w, Position memory p) internal view returns (uint256) {
        if (p.tree == Tree.Checkpoints) return w.checkpoints();
        if (p.tree == Tree.Steps) return w.stepsIn(p.interval);
        if (p.tree == Tree.Graph) return w.nodes;
        if (p.tree == Tree.State) return w.states;
        return TensorLeaves.leaves(p.element);
    }

    function _below(uint256 height) internal pure returns (uint256) {
        return height > REVEAL_ROWS ? height - REVEAL_ROWS : 0;
    }

    function _isEncoding(Position memory p, bytes calldata encoding) internal pure {
        if (keccak256(encoding) != p.encodingHash) revert Verde_WrongBytes(p.encodingHash);
    }

    /// @dev Binds the claim to an answer, once.
    function _answer(mapping(uint256 => bytes32) storage answers, uint256 key, bytes32 root)
        private
    {
        if (answers[key] != 0) revert Verde_WrongAnswer(answers[key]);
        answers[key] = _hash(root, block.timestamp);
    }
}
