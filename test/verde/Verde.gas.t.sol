// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Operand} from "../../src/repops/IReferee.sol";
import {Merkle} from "../../src/repops/Merkle.sol";
import {Op} from "../../src/repops/Operators.sol";
import {TensorLeaves} from "../../src/repops/TensorLeaves.sol";
import {Clock} from "../../src/verde/Clock.sol";
import {
    Answer,
    ClaimStatus,
    Computation,
    ElementOpening,
    NodeOpening,
    Tree
} from "../../src/verde/IVerde.sol";
import {NodeEncoder, Source} from "../repops/NodeEncoder.sol";
import {TreeBuilder} from "../repops/TreeBuilder.sol";
import {Sparse, SparseTree} from "./SparseTree.sol";
import {VerdeBase} from "./VerdeBase.t.sol";

/// @notice Sizes of a job and of the MatMul [1,m,k] × [1,n,k] that is wrong in it.
struct Size {
    uint32 nodes;
    uint32 states;
    uint32 steps;
    uint32 interval;
    uint256 m;
    uint256 n;
    uint256 k;
}

/// @notice How a dispute is played.
/// @param withheld everything is demanded that can be
/// @param apart no two of the challenger's moves in one transaction
/// @param lastSecond every move in the last second of its turn
struct Manner {
    bool withheld;
    bool apart;
    bool lastSecond;
}

/// @notice Whole disputes over synthetic trees: every leaf that a move opens is real, the rest is made up.
/// Gas is that of whole transactions: each call runs as its own (isolate), from cold storage, with its intrinsic
/// cost, the calldata floor of EIP-7623 and refunds.
/// forge-config: default.isolate = true
contract VerdeGasTest is VerdeBase {
    using SparseTree for Sparse;

    uint256 internal constant ROWS = 6;
    string internal constant FILE = "snapshots/gas/verde.json";

    // The walk that is played.
    Size internal size;
    Manner internal manner;
    uint256 internal claimId;
    uint256 internal dispute;
    bytes internal encoding;
    uint32 internal node;
    uint40 internal element;
    bytes internal leaf; // of the output, holding the element
    bytes[] internal posted; // the partials, level by level
    uint32[] internal picked; // of each level
    Operand[] internal operands;
    Answer internal stepsAnswer;
    Answer internal graphAnswer;

    Sparse internal checkpoints;
    Sparse internal steps;
    Sparse internal graph;
    Sparse internal output;
    Sparse internal program;

    // What the transactions cost.
    uint256 internal total;
    uint256 internal transactions;
    mapping(address side => uint256) internal turns;
    mapping(string kind => uint256) internal worst;
    string[] internal kinds;

    function _demo() internal pure returns (Size memory) {
        return Size({nodes: 600, states: 110, steps: 300, interval: 8, m: 256, n: 256, k: 300});
    }

    /// 1.6 billion parameters with two moments each; the head of the model, whose rows of 1,600 straddle leaves.
    function _large() internal pure returns (Size memory) {
        return Size({
            nodes: 4_000, states: 1_350, steps: 80_957, interval: 16, m: 1_024, n: 50_257, k: 1_600
        });
    }

    /// Every tree as deep as a tree can be, every reduction as long: 2^31 - 1 steps in intervals of two, 2^20 nodes,
    /// 2^40 - 2^20 elements, 4,096 segments.
    function _longest() internal pure returns (Size memory) {
        return Size({
            nodes: 1 << 20,
            states: 1 << 20,
            steps: type(uint32).max >> 1,
            interval: 2,
            m: (1 << 20) - 1,
            n: 1 << 20,
            k: (1 << 20) - 1
        });
    }

    function test_gas_wholeDisputesStayBelowTheirLimits() public {
        _dispute("dispute", _demo(), Manner(false, false, false));
        assertLe(total, 1_000_000);
        assertLe(transactions, 8);
        _dispute("dispute.large", _large(), Manner(false, false, false));
        assertLe(total, 1_000_000);
        assertLe(transactions, 8);
        _dispute("dispute.withheld", _large(), Manner(true, false, false));
        assertLe(total, 3_000_000);
        _write();
    }

    /// The longest dispute there is has as many turns as `Clock` says, and lasts as long: in its first turn each side
    /// uses up its budget instead of one extension.
    function test_longest_takesEveryTurnAndEverySecond() public {
        uint256 began = vm.getBlockTimestamp();
        _dispute("dispute.longest", _longest(), Manner(true, true, true));
        assertEq(turns[solver], Clock.SOLVER_TURNS);
        assertEq(turns[challenger], Clock.CHALLENGER_TURNS);
        assertEq(
            vm.getBlockTimestamp() - 1 - began,
            Clock.longest(14 hours, 10 minutes, 1 hours) - 2 * 10 minutes
        );
    }

    /// No computation has deeper trees: section 4 of docs/spec/verde.md.
    function test_longest_noTreesAreDeeper() public pure {
        uint256 most = _reveals(1 << 31); // c = 1: no steps are owed
        for (uint256 c = 2; c <= 1 << 16; ++c) {
            uint256 reveals =
                _reveals((uint256(type(uint32).max >> 1) + c - 1) / c + 1) + _reveals(c);
            if (reveals > most) most = reveals;
        }
        assertEq(most, 7);
        assertEq(_reveals(1 << 20), 4);
        assertEq(_reveals(TensorLeaves.leaves((1 << 40) - 1)), 6);
        uint256 reveals_ = 7 + 4 + (6 + 1);
        assertEq(Clock.SOLVER_TURNS, reveals_ + 2 + 2); // steps and graph, partials twice
        assertEq(Clock.CHALLENGER_TURNS, reveals_ - 1 + 4 + 2 + 1); // four openings, two picks, a proof
        assertEq(Clock.HEAVY_TURNS, 2 + 2);
    }

    function _reveals(uint256 count) private pure returns (uint256) {
        return (Merkle.depth(count) + ROWS - 1) / ROWS;
    }

    // ------------------------------------------------------------------------------------------------

    function _dispute(string memory name, Size memory s, Manner memory how) internal {
        delete operands;
        delete posted;
        delete picked;
        (total, transactions) = (0, 0);
        manner = how;
        bool withheld = how.withheld;
        _build(s);

        uint256 bond = verde.claimOf(claimId).bondWei;
        uint256 last = (s.steps + s.interval - 1) / s.interval;
        uint32 interval = uint32(2 * last / 3) | 1; // odd: the pair has no common parent
        if (withheld) {
            vm.prank(challenger);
            dispute = verde.challengeByDemand{value: bond}(claimId, address(0));
            _spent("challengeByDemand");
            _descend(Tree.Checkpoints, checkpoints, interval + 1);
            _turnOf(challenger);
            verde.openInterval(
                dispute,
                lastPosition,
                interval,
                checkpoints.node(0, interval),
                checkpoints.node(0, interval + 1),
                checkpoints.openPair(interval)
            );
            _spent("openInterval");
        } else {
            vm.prank(challenger);
            dispute = verde.challenge{value: bond}(
                claimId,
                address(0),
                interval,
                checkpoints.node(0, interval),
                checkpoints.node(0, interval + 1),
                checkpoints.openPair(interval)
            );
            _spent("challenge");
        }

        uint32 count = s.interval;
        _turnOf(solver);
        verde.commitSteps(dispute, lastPosition, steps.root(), steps.open(count - 1));
        stepsAnswer = Answer(steps.root(), uint40(vm.getBlockTimestamp()));
        _spent("commitSteps");

        uint32 k = count / 2;
        if (withheld) _descend(Tree.Steps, steps, k);
        _turnOf(challenger);
        verde.pickStep(
            dispute,
            lastPosition,
            stepsAnswer,
            k,
            steps.node(0, k - 1),
            steps.node(0, k),
            steps.openPair(k - 1)
        );
        _spent("pickStep");

        _turnOf(solver);
        verde.commitGraph(dispute, lastPosition, graph.root());
        graphAnswer = Answer(graph.root(), uint40(vm.getBlockTimestamp()));
        _spent("commitGraph");

        NodeOpening memory opening =
            NodeOpening(node, encoding, program.open(node), output.root(), graph.open(node));
        uint256 leafAt = element / 256;
        if (withheld) {
            _descend(Tree.Graph, graph, node);
            _turnOf(challenger);
            verde.openNode(dispute, lastPosition, graphAnswer, opening);
            _spent("openNode");
            _descend(Tree.Tensor, output, leafAt);
            _turnOf(challenger);
            verde.openElement(
                dispute, lastPosition, encoding, ElementOpening(element, leaf, output.open(leafAt))
            );
            _spent("openElement");
        } else {
            _turnOf(challenger);
            verde.openNodeElement(
                dispute,
                lastPosition,
                graphAnswer,
                opening,
                ElementOpening(element, leaf, output.open(leafAt))
            );
            _spent("openNodeElement");
        }

        _judge();
        assertEq(uint256(verde.statusOf(claimId)), uint256(ClaimStatus.Void));

        vm.prank(challenger);
        verde.withdraw(challenger);
        _spent("withdraw");
        assertGt(token.balanceOf(challenger), 0);

        _row(string.concat(name, ".gas"), total);
        _row(string.concat(name, ".transactions"), transactions);
        vm.warp(vm.getBlockTimestamp() + 1);
    }

    /// Posts partials level by level; the last pick and the proof may come together.
    function _judge() internal {
        for (uint256 i; i < posted.length; ++i) {
            _turnOf(solver);
            verde.commitPartials(dispute, lastPosition, encoding, posted[i]);
            _spent("commitPartials");
            _turnOf(challenger);
            if (!manner.apart && i == posted.length - 1) {
                verde.provePartial(dispute, lastPosition, posted[i], picked[i], encoding, operands);
                _spent("provePartial");
                return;
            }
            verde.pickPartial(dispute, lastPosition, posted[i], picked[i]);
            _spent("pickPartial");
        }
        _turnOf(challenger);
        verde.prove(dispute, lastPosition, encoding, operands);
        _spent("prove");
    }

    /// The next call is that side's move.
    function _turnOf(address side) internal {
        ++turns[side];
        if (manner.lastSecond) {
            (bool owed, uint40 deadline) = verde.owedBy(dispute, lastPosition, lastAnswer);
            assertEq(owed, side == solver);
            vm.warp(deadline);
        }
        vm.prank(side);
    }

    /// Demands and reveals everything on the way to leaf `index`, the solver holding out for the bytes.
    function _descend(Tree tree, Sparse memory t, uint256 index) internal {
        uint256 height = Merkle.depth(t.count);
        uint256 top = height;
        bool first = true;
        while (height > 0 || (tree == Tree.Tensor)) {
            bool skip = tree == Tree.Checkpoints && first; // came with the challenge
            if (!skip) {
                _demand(tree, t, height, top, index);
            }
            first = false;
            if (height == 0) {
                _turnOf(solver);
                verde.revealLeaf(dispute, lastPosition, leaf);
                _spent("revealLeaf");
                return;
            }
            uint256 below = height > ROWS ? height - ROWS : 0;
            _turnOf(solver);
            verde.reveal(dispute, lastPosition, t.row(below, height, index >> height));
            _spent("reveal");
            top = height;
            height = below;
        }
    }

    /// Demands the node of height `height` over leaf `index`, which that of height `top` leads to.
    function _demand(Tree tree, Sparse memory t, uint256 height, uint256 top, uint256 index)
        private
    {
        bool first = height == top;
        Answer memory rooted = _none();
        if (first && tree == Tree.Steps) rooted = stepsAnswer;
        else if (first && tree == Tree.Graph) rooted = graphAnswer;
        bytes32 hash = first ? bytes32(0) : t.node(height, index >> height);
        bytes32[] memory proof =
            first ? _noProof() : t.proof(height, top, index >> height, index >> height);
        _turnOf(challenger);
        verde.demand(
            dispute, lastPosition, rooted, false, first ? 0 : uint32(index >> height), hash, proof
        );
        _spent("demand");
    }

    /// From the scalar up: posted values, the output that they fold to, the graph, the steps, the checkpoints.
    function _build(Size memory s) internal {
        size = s;
        node = (s.nodes - 2) | 1; // an odd index late in the program
        element = uint40(s.m * s.n - 3);
        uint256 segments = (s.k + 255) / 256;
        uint256 segment = (segments - 1) / 2; // a whole one
        Source[] memory sources = new Source[](2);
        sources[0] = Source(0, node - 1);
        sources[1] = Source(1, s.states / 2);
        encoding = bytes.concat(
            NodeEncoder.head(Op.MATMUL, false, sources), NodeEncoder.matMul(1, s.m, s.n, s.k, 0)
        );

        uint256 first = segment - segment % 256; // of the picked block
        bytes memory values = _posting(segments - first < 256 ? segments - first : 256);
        uint32 value = referee.fold(encoding, values);
        if (segments > 256) {
            bytes memory blocks = _posting((segments + 255) / 256);
            for (uint256 j; j < 4; ++j) {
                blocks[4 * (segment / 256) + j] = bytes1(uint8(value >> (24 - 8 * j)));
            }
            value = referee.fold(encoding, blocks);
            posted.push(blocks);
            picked.push(uint32(segment / 256));
        }
        posted.push(values);
        picked.push(uint32(segment % 256));
        leaf = _leaf(s.m * s.n, element / 256, "output");
        for (uint256 j; j < 4; ++j) {
            leaf[4 * (element % 256) + j] = bytes1(uint8(value >> (8 * j)));
        }
        output = SparseTree.make((s.m * s.n + 255) / 256, ROWS, "output");
        output = _with(output, element / 256, TreeBuilder.tensorLeaves(leaf)[0]);

        uint256 xRow = element / s.n;
        uint256 yRow = element % s.n;
        operands.push(_operand(s.m * s.k, xRow * s.k + 256 * segment, s.k - 256 * segment, "x"));
        operands.push(_operand(s.n * s.k, yRow * s.k + 256 * segment, s.k - 256 * segment, "y"));

        graph = SparseTree.make(s.nodes, ROWS, "graph");
        graph = _with(graph, node, output.root());
        graph = _with(graph, node - 1, operands[0].root);
        operands[0].rootProof = graph.open(node - 1);
        Sparse memory before = SparseTree.make(s.states, ROWS, "before");
        before.set(s.states / 2, operands[1].root);
        operands[1].rootProof = before.open(s.states / 2);

        program = SparseTree.make(s.nodes, ROWS, "program");
        program = _with(program, node, keccak256(encoding));

        uint256 count = (s.steps + s.interval - 1) / s.interval + 1;
        uint256 disputed = (2 * (count - 1) / 3 | 1) + 1;
        checkpoints = SparseTree.make(count, ROWS, "checkpoints");
        checkpoints = _with(checkpoints, 0, "initial");
        checkpoints = _with(checkpoints, count - 1, "final");
        checkpoints =
            _with(checkpoints, disputed - 1, keccak256(abi.encode(vm.getBlockTimestamp())));
        checkpoints = _with(checkpoints, disputed, "disputed");
        steps = SparseTree.make(s.interval, ROWS, "steps");
        steps = _with(steps, s.interval / 2 - 1, before.root());
        steps = _with(steps, s.interval / 2, "after");
        steps = _with(steps, s.interval - 1, "disputed");

        Computation memory c = Computation({
            nodesRoot: program.root(),
            statesRoot: "states",
            constantEntriesRoot: 0,
            initialStateRoot: checkpoints.node(0, 0),
            constantsRoot: 0,
            nodes: s.nodes,
            states: s.states,
            constants: 0,
            steps: s.steps,
            interval: s.interval,
            seed: 1
        });
        bytes32 id = verde.register(c);
        claimId = _claim(
            id,
            checkpoints.root(),
            checkpoints.node(0, count - 1),
            checkpoints.open(0),
            checkpoints.open(count - 1)
        );
    }

    /// Partial values, made up: about 1/2 to 2.
    function _posting(uint256 count) internal pure returns (bytes memory values) {
        values = new bytes(4 * count);
        for (uint256 i; i < values.length; ++i) {
            values[i] = i % 4 == 0 ? bytes1(0x3f) : bytes1(uint8(17 * i + 1));
        }
    }

    function _with(Sparse memory t, uint256 index, bytes32 value)
        internal
        pure
        returns (Sparse memory)
    {
        t.set(index, value);
        return t;
    }

    /// The operand that holds the run of up to 256 elements from `start`, without the proof of its root.
    function _operand(uint256 count, uint256 start, uint256 left, bytes32 salt)
        internal
        pure
        returns (Operand memory o)
    {
        uint256 first = start / 256;
        uint256 end = (start + (left < 256 ? left : 256) - 1) / 256;
        Sparse memory t = SparseTree.make((count + 255) / 256, ROWS, salt);
        for (uint256 i = first; i <= end; ++i) {
            bytes memory data = _leaf(count, i, salt);
            t.set(i, TreeBuilder.tensorLeaves(data)[0]);
            o.data = bytes.concat(o.data, data);
        }
        o.root = t.root();
        o.proof = t.proof(0, Merkle.depth(t.count), first, end);
    }

    /// The real bytes of a leaf of normal floating-point numbers.
    function _leaf(uint256 count, uint256 index, bytes32 salt)
        internal
        pure
        returns (bytes memory data)
    {
        uint256 elements = count - 256 * index < 256 ? count - 256 * index : 256;
        for (uint256 i; i < elements; ++i) {
            uint32 bits = uint32(uint256(keccak256(abi.encode(salt, index, i))));
            bits = (bits & 0x807fffff) | 0x3d800000; // about ±1/16
            data = bytes.concat(
                data,
                bytes1(uint8(bits)),
                bytes1(uint8(bits >> 8)),
                bytes1(uint8(bits >> 16)),
                bytes1(uint8(bits >> 24))
            );
        }
    }

    // ------------------------------------------------------------------------------------------------

    /// Counts the transaction that was just made.
    function _spent(string memory kind) internal {
        uint256 used = vm.lastCallGas().gasTotalUsed;
        total += used;
        ++transactions;
        if (worst[kind] == 0) kinds.push(kind);
        if (used > worst[kind]) worst[kind] = used;
        _read();
    }

    string[] private _names;
    uint256[] private _values;

    function _row(string memory name, uint256 value) internal {
        _names.push(name);
        _values.push(value);
    }

    function _write() internal {
        for (uint256 i; i < kinds.length; ++i) {
            _row(string.concat("verde.", kinds[i]), worst[kinds[i]]);
        }
        string memory json = "{";
        for (uint256 i; i < _names.length; ++i) {
            json = string.concat(
                json, i == 0 ? "" : ",", '\n  "', _names[i], '": ', vm.toString(_values[i])
            );
        }
        vm.writeFile(FILE, string.concat(json, "\n}\n"));
    }
}
