// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Op} from "../../../src/repops/Operators.sol";
import {Computation} from "../../../src/verde/IVerde.sol";
import {NodeEncoder, Source} from "../../repops/NodeEncoder.sol";
import {TreeBuilder} from "../../repops/TreeBuilder.sol";

/// @notice A tensor that a node may read.
struct Tensor {
    Source source;
    bool isInt32;
    uint256 count;
}

/// @notice A whole job: the program, its data and how long it runs.
struct World {
    bytes[] nodes;
    Tensor[] outputs; // of the nodes
    bytes[] states;
    bytes[] constants;
    bytes[] initial; // tensors of the states
    bytes[] frozen; // tensors of the constants
    uint32 steps;
    uint32 interval;
    uint64 seed;
}

/// @notice Makes small random programs, over chosen operators.
library Programs {
    uint256 internal constant SMALL = 6;
    uint256 internal constant LONG = 300; // two leaves of a tensor, two segments of a reduction

    /// @notice Every operator, each operand type apart: code and type.
    function operators() internal pure returns (uint16[] memory all) {
        bytes memory both = hex"0102030409" hex"0a" hex"303132" hex"33" hex"41" hex"42" hex"50"
            hex"51" hex"52";
        bytes memory float = hex"05060708" hex"0b0c" hex"0d0e0f10111213" hex"34" hex"36" hex"40"
            hex"43";
        bytes memory integer = hex"20212223242526" hex"35" hex"37" hex"53" hex"54";
        all = new uint16[](2 * both.length + float.length + integer.length);
        uint256 n;
        for (uint256 i; i < both.length; ++i) {
            all[n++] = uint16(uint8(both[i])) << 8;
            all[n++] = (uint16(uint8(both[i])) << 8) | 1;
        }
        for (uint256 i; i < float.length; ++i) {
            all[n++] = uint16(uint8(float[i])) << 8;
        }
        for (uint256 i; i < integer.length; ++i) {
            all[n++] = (uint16(uint8(integer[i])) << 8) | 1;
        }
    }

    /// @notice A program of the given operators, one node each, after nodes that make one tensor of each kind.
    /// @param ops entries of `operators`
    function make(uint16[] memory ops, uint256 seed) internal pure returns (World memory w) {
        w.seed = uint64(seed);
        // States 0 to 3 and constants 0, 1; the last state never changes.
        w.initial = new bytes[](5 + ops.length);
        w.initial[0] = _data(SMALL, false, seed);
        w.initial[1] = _data(SMALL, true, seed + 1);
        w.initial[2] = _data(LONG, false, seed + 2);
        w.initial[3] = _data(LONG, true, seed + 3);
        w.initial[4] = _data(SMALL, false, seed + 4);
        w.frozen = new bytes[](2);
        w.frozen[0] = _data(LONG, false, seed + 5);
        w.frozen[1] = _data(SMALL, true, seed + 6);
        w.constants = new bytes[](2);
        w.constants[0] = bytes.concat(hex"00", NodeEncoder.le(int256(LONG), 5));
        w.constants[1] = bytes.concat(hex"01", NodeEncoder.le(int256(SMALL), 5));

        Tensor[] memory pool = new Tensor[](ops.length + 7);
        pool[0] = Tensor(Source(1, 0), false, SMALL);
        pool[1] = Tensor(Source(1, 1), true, SMALL);
        pool[2] = Tensor(Source(1, 2), false, LONG);
        pool[3] = Tensor(Source(1, 3), true, LONG);
        pool[4] = Tensor(Source(1, 4), false, SMALL);
        pool[5] = Tensor(Source(2, 0), false, LONG);
        pool[6] = Tensor(Source(2, 1), true, SMALL);
        uint256 known = 7;

        w.nodes = new bytes[](ops.length);
        w.outputs = new Tensor[](ops.length);
        for (uint256 n; n < ops.length; ++n) {
            (w.nodes[n], w.outputs[n]) =
                _node(ops[n] >> 8, ops[n] & 1 == 1, pool, known, _hash(seed, n));
            w.outputs[n].source = Source(0, uint32(n));
            pool[known++] = w.outputs[n];
        }
        w.states = new bytes[](5 + ops.length);
        for (uint256 p; p < 5; ++p) {
            w.states[p] = _entry(pool[p], w.outputs, _hash(seed, 1_000 + p), p == 4);
        }
        // And one state for every node, so that no output is without consequence.
        for (uint256 n; n < ops.length; ++n) {
            Tensor memory out = w.outputs[n];
            w.initial[5 + n] = _data(out.count, out.isInt32, seed + 7 + n);
            w.states[5 + n] = bytes.concat(
                out.isInt32 ? bytes1(0x01) : bytes1(0x00),
                NodeEncoder.le(int256(out.count), 5),
                hex"00",
                NodeEncoder.le(int256(n), 4)
            );
        }
    }

    function computation(World memory w) internal pure returns (Computation memory c) {
        c.nodesRoot = TreeBuilder.root(hashes(w.nodes));
        c.statesRoot = TreeBuilder.root(hashes(w.states));
        c.constantEntriesRoot = TreeBuilder.root(hashes(w.constants));
        c.initialStateRoot = TreeBuilder.root(tensors(w.initial));
        c.constantsRoot = TreeBuilder.root(tensors(w.frozen));
        c.nodes = uint32(w.nodes.length);
        c.states = uint32(w.states.length);
        c.constants = uint32(w.constants.length);
        c.steps = w.steps;
        c.interval = w.interval;
        c.seed = w.seed;
    }

    function hashes(bytes[] memory entries) internal pure returns (bytes32[] memory out) {
        out = new bytes32[](entries.length);
        for (uint256 i; i < entries.length; ++i) {
            out[i] = keccak256(entries[i]);
        }
    }

    function tensors(bytes[] memory data) internal pure returns (bytes32[] memory out) {
        out = new bytes32[](data.length);
        for (uint256 i; i < data.length; ++i) {
            bytes32[] memory all = leaves(data[i]);
            out[i] = all.length == 1 ? all[0] : TreeBuilder.root(all);
        }
    }

    /// @notice Leaf hashes of a tensor, each over 1,024 bytes, the last one padded with zeros.
    function leaves(bytes memory data) internal pure returns (bytes32[] memory out) {
        out = new bytes32[]((data.length + 1023) / 1024);
        bytes memory padded = new bytes(1024);
        for (uint256 i; i < out.length; ++i) {
            uint256 left = data.length - 1024 * i;
            bool last = left < 1024;
            assembly ("memory-safe") {
                if last { calldatacopy(add(padded, 32), calldatasize(), 1024) }
                mcopy(
                    add(padded, 32),
                    add(add(data, 32), mul(i, 1024)),
                    sub(1024, mul(last, sub(1024, left)))
                )
            }
            out[i] = keccak256(padded);
        }
    }

    /// The next value of a state: some node of its type and count, or itself.
    function _entry(Tensor memory state, Tensor[] memory outputs, uint256 random, bool unchanged)
        private
        pure
        returns (bytes memory)
    {
        bytes memory head = bytes.concat(
            state.isInt32 ? bytes1(0x01) : bytes1(0x00), NodeEncoder.le(int256(state.count), 5)
        );
        uint256 fit; // how many nodes have its type and count
        uint256 chosen;
        for (uint256 n; n < outputs.length && !unchanged; ++n) {
            if (outputs[n].isInt32 != state.isInt32 || outputs[n].count != state.count) continue;
            if (random % ++fit == 0) chosen = n;
        }
        if (fit != 0) return bytes.concat(head, hex"00", NodeEncoder.le(int256(chosen), 4));
        return bytes.concat(head, hex"0100000000");
    }

    function _node(uint256 op, bool isInt32, Tensor[] memory pool, uint256 known, uint256 random)
        private
        pure
        returns (bytes memory, Tensor memory out)
    {
        if (op < 0x40) return _elementwise(op, isInt32, pool, known, random);
        Source[] memory s;
        uint256 long = random >> 8 & 1;
        uint256 count = long == 1 ? LONG : SMALL;
        if (op == Op.IOTA || op == Op.PHILOX) {
            return (
                bytes.concat(
                    NodeEncoder.head(op, true, new Source[](0)),
                    NodeEncoder.generate(count, op == Op.IOTA ? 0 : random % 7)
                ),
                Tensor(Source(0, 0), true, count)
            );
        }
        if (op == Op.MATMUL) {
            s = new Source[](2);
            s[0] = _pick(pool, known, false, count, random).source;
            s[1] = _pick(pool, known, false, count, random >> 16).source;
            // Long: one dot product of two segments; small: [2, 3] by [2, 3].
            return (
                bytes.concat(
                    NodeEncoder.head(op, false, s),
                    long == 1
                        ? NodeEncoder.matMul(1, 1, 1, LONG, 0)
                        : NodeEncoder.matMul(1, 2, 2, 3, 0)
                ),
                Tensor(Source(0, 0), false, long == 1 ? 1 : 4)
            );
        }
        if (op == Op.REDUCE_SUM || op == Op.REDUCE_MAX) {
            s = new Source[](1);
            s[0] = _pick(pool, known, isInt32, count, random).source;
            return (
                bytes.concat(
                    NodeEncoder.head(op, isInt32, s),
                    long == 1 ? NodeEncoder.reduce(1, LONG) : NodeEncoder.reduce(2, 3)
                ),
                Tensor(Source(0, 0), isInt32, long == 1 ? 1 : 2)
            );
        }
        if (op == Op.SCATTER_ADD) {
            s = new Source[](2);
            s[0] = _pick(pool, known, true, count, random).source;
            s[1] = _pick(pool, known, false, count, random >> 16).source;
            return (
                bytes.concat(NodeEncoder.head(op, false, s), NodeEncoder.four(1, 4, 1, count)),
                Tensor(Source(0, 0), false, 4)
            );
        }
        if (op == Op.GATHER) {
            s = new Source[](2);
            s[0] = _pick(pool, known, isInt32, count, random).source;
            s[1] = _pick(pool, known, true, SMALL, random >> 16).source;
            return (
                bytes.concat(
                    NodeEncoder.head(op, isInt32, s), NodeEncoder.four(1, count, 1, SMALL)
                ),
                Tensor(Source(0, 0), isInt32, SMALL)
            );
        }
        if (op == Op.CONCAT) {
            s = new Source[](3);
            uint256[] memory sizes = new uint256[](3);
            for (uint256 k; k < 3; ++k) {
                s[k] = _pick(pool, known, isInt32, SMALL, random >> (16 * k)).source;
                sizes[k] = SMALL;
            }
            return (
                bytes.concat(NodeEncoder.head(op, isInt32, s), NodeEncoder.concat(1, 1, sizes)),
                Tensor(Source(0, 0), isInt32, 3 * SMALL)
            );
        }
        return _moves(isInt32, pool, known, random);
    }

    /// [6] to [2, 6]: element (a, b) is x[offset + a - b], flipped, fill outside.
    function _moves(bool isInt32, Tensor[] memory pool, uint256 known, uint256 random)
        private
        pure
        returns (bytes memory, Tensor memory)
    {
        Source[] memory s = new Source[](1);
        s[0] = _pick(pool, known, isInt32, SMALL, random).source;
        uint256[] memory inDims = new uint256[](1);
        inDims[0] = SMALL;
        uint256[] memory outDims = new uint256[](2);
        (outDims[0], outDims[1]) = (2, SMALL);
        uint256[] memory axes = new uint256[](2);
        axes[1] = 1;
        int256[] memory coefficients = new int256[](2);
        (coefficients[0], coefficients[1]) = (1, -1);
        return (
            bytes.concat(
                NodeEncoder.head(Op.MOVE, isInt32, s),
                NodeEncoder.move(
                    inDims,
                    outDims,
                    0x7fc00001,
                    NodeEncoder.axis(int256(random >> 32 & 7), 1, axes, coefficients)
                )
            ),
            Tensor(Source(0, 0), isInt32, 2 * SMALL)
        );
    }

    function _elementwise(
        uint256 op,
        bool isInt32,
        Tensor[] memory pool,
        uint256 known,
        uint256 random
    ) private pure returns (bytes memory, Tensor memory) {
        uint256 inputs = op == Op.FMA || op == Op.WHERE
            ? 3
            : op == Op.SQRT || (op >= Op.NEG && op <= Op.ABS) || (op >= Op.FLOOR && op <= Op.COS)
                || op >= Op.F2I
                ? 1
                : 2;
        uint256 count = random >> 8 & 3 == 0 ? LONG : SMALL;
        Source[] memory s = new Source[](inputs);
        uint256[] memory masks = new uint256[](inputs);
        for (uint256 k; k < inputs; ++k) {
            bool integer = op == Op.WHERE && k == 0 ? true : isInt32;
            // Sometimes an immediate, or the step where an i32 is wanted.
            uint256 kind = random >> (16 * k + 12) & 7;
            if (k > 0 && kind == 0) {
                s[k] = Source(3, integer ? uint32(random >> 100) : 0x40490fdb);
            } else if (k > 0 && kind == 1 && integer) {
                s[k] = Source(4, 0);
            } else {
                (s[k], masks[k]) =
                (_pick(pool, known, integer, count, random >> (16 * k)).source, 1);
            }
        }
        uint256[] memory shape = new uint256[](1);
        shape[0] = count;
        bool result = isInt32;
        if (op >= Op.EQ && op <= Op.LE) result = true;
        else if (op == Op.F2I || op == Op.BITS) result = true;
        else if (op == Op.I2F || op == Op.UNBITS) result = false;
        return (
            bytes.concat(NodeEncoder.head(op, isInt32, s), NodeEncoder.elementwise(shape, masks)),
            Tensor(Source(0, 0), result, count)
        );
    }

    /// A tensor of that type and count; there always is one, a state.
    function _pick(Tensor[] memory pool, uint256 known, bool isInt32, uint256 count, uint256 random)
        private
        pure
        returns (Tensor memory)
    {
        uint256 i = (random & 0xffff) % known;
        while (pool[i].isInt32 != isInt32 || pool[i].count != count) {
            i = (i + 1) % known;
        }
        return pool[i];
    }

    /// Random elements: small integers, or floats of all kinds.
    function _data(uint256 count, bool isInt32, uint256 seed)
        private
        pure
        returns (bytes memory data)
    {
        data = new bytes(4 * count);
        for (uint256 i; i < count; ++i) {
            uint256 bits = _hash(seed, i);
            uint256 word = uint32(bits);
            if (isInt32) word = uint32(int32(int256(bits % 11)) - 2); // good indices, mostly
            else if (bits >> 32 & 15 != 0) word = (word & 0x83ffffff) | 0x38000000; // moderate
            for (uint256 j; j < 4; ++j) {
                data[4 * i + j] = bytes1(uint8(word >> (8 * j)));
            }
        }
    }

    function _hash(uint256 a, uint256 b) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(a, b)));
    }
}
