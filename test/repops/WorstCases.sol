// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Op} from "../../src/repops/Operators.sol";
import {Case, JudgeScenes} from "./JudgeScenes.sol";
import {NodeEncoder, Source} from "./NodeEncoder.sol";

/// @notice The dearest case of every operator: the deepest trees that the bounds allow, runs across two leaves,
/// the longest encodings, and data searched for among everything that takes another path.
abstract contract WorstCases is JudgeScenes {
    uint32 internal constant NODES = 1 << 20;
    uint32 internal constant STATES = 1 << 20;
    uint32 internal constant CONSTANTS = 1 << 16;
    uint256 internal constant MOST = (1 << 40) - 1; // elements of a tensor
    uint256 internal constant LONGEST = (1 << 24) - 3; // a reduced axis whose rows are not aligned
    uint256 internal constant ROWS = (1 << 16) - 1;

    /// Kinds of data for a segment: one is made of each.
    uint256 internal constant KINDS = 9;

    function _operators() internal pure returns (string[44] memory names, uint8[44] memory codes) {
        names = [
            "Add",
            "Sub",
            "Mul",
            "Div",
            "Sqrt",
            "Fma",
            "Neg",
            "Abs",
            "Min",
            "Max",
            "Floor",
            "Round",
            "Exp",
            "Log",
            "Tanh",
            "Erf",
            "Sin",
            "Cos",
            "Pow",
            "Rem",
            "And",
            "Or",
            "Xor",
            "Shl",
            "Shr",
            "Sar",
            "Eq",
            "Lt",
            "Le",
            "Where",
            "F2I",
            "I2F",
            "Bits",
            "Unbits",
            "MatMul",
            "ReduceSum",
            "ReduceMax",
            "ScatterAdd",
            "Gather",
            "Move",
            "Concat",
            "Iota",
            "Philox",
            ""
        ];
        codes = [
            1,
            2,
            3,
            4,
            5,
            6,
            7,
            8,
            9,
            10,
            11,
            12,
            13,
            14,
            15,
            16,
            17,
            18,
            19,
            32,
            33,
            34,
            35,
            36,
            37,
            38,
            48,
            49,
            50,
            51,
            52,
            53,
            54,
            55,
            64,
            65,
            66,
            67,
            80,
            81,
            82,
            83,
            84,
            0
        ];
    }

    /// The dearest case of operator `op`. For segments `kind` says what they hold.
    function _worst(uint256 op, uint256 kind) internal view returns (Case memory c) {
        Source[3] memory s =
            [Source(NODE, 0x55555), Source(STATE, 0xaaaaa), Source(CONSTANT, 0xaaaa)];
        if (Op.isElementwise(op)) return _worstElementwise(op, s);
        if (op == Op.MATMUL) {
            c = _case(NODES, STATES, CONSTANTS, 2);
            c.encoding = bytes.concat(
                NodeEncoder.head(op, false, _sources(s[0], s[1])),
                NodeEncoder.matMul(1, ROWS, ROWS, LONGEST, 0)
            );
            c.element = uint64(33 * ROWS + 77);
            c.segment = 1234;
            _open(c, 0, s[0], ROWS * LONGEST, 33 * LONGEST + 256 * 1234, _segment(kind, 0));
            _open(c, 1, s[1], ROWS * LONGEST, 77 * LONGEST + 256 * 1234, _segment(kind, 1));
        } else if (op == Op.SCATTER_ADD) {
            c = _case(NODES, STATES, CONSTANTS, 2);
            c.encoding = bytes.concat(
                NodeEncoder.head(op, false, _sources(s[0], s[1])),
                NodeEncoder.four(ROWS, 1, 1, LONGEST)
            );
            c.element = 33;
            c.segment = 1234;
            uint256 start = 33 * LONGEST + 256 * 1234;
            _open(c, 0, s[0], ROWS * LONGEST, start, new uint32[](256));
            _open(c, 1, s[1], ROWS * LONGEST, start, _segment(kind, 0));
        } else if (Op.isReduction(op)) {
            c = _case(NODES, STATES, CONSTANTS, 1);
            c.encoding = bytes.concat(
                NodeEncoder.head(op, false, _sources(s[0])), NodeEncoder.reduce(ROWS, LONGEST)
            );
            c.element = 33;
            c.segment = 1234;
            _open(c, 0, s[0], ROWS * LONGEST, 33 * LONGEST + 256 * 1234, _segment(kind, 0));
        } else if (op == Op.GATHER) {
            c = _case(NODES, STATES, CONSTANTS, 2);
            uint256 many = (1 << 31) - 1;
            c.encoding = bytes.concat(
                NodeEncoder.head(op, false, _sources(s[0], s[1])),
                NodeEncoder.four(1, many, 511, many)
            );
            c.element = uint64(1234567 * 511 + 99);
            _open(c, 1, s[1], many, 1234567, _words(89012345));
            _open(c, 0, s[0], many * 511, 89012345 * 511 + 99, _words(1));
        } else if (op == Op.MOVE) {
            return _worstMove(s[0]);
        } else if (op == Op.CONCAT) {
            c = _case(NODES, STATES, CONSTANTS, 8);
            Source[] memory sources = new Source[](8);
            uint256[] memory sizes = new uint256[](8);
            for (uint256 k; k < 8; ++k) {
                (sources[k], sizes[k]) = (s[0], 0x10000001);
            }
            c.encoding = bytes.concat(
                NodeEncoder.head(op, false, sources), NodeEncoder.concat(3, 77, sizes)
            );
            c.element = uint64(((1 * 8 + 7) * 0x10000001 + 5) * 77 + 3);
            _open(c, 7, s[0], 3 * 0x10000001 * 77, (0x10000001 + 5) * 77 + 3, _words(1));
        } else {
            c = _case(NODES, STATES, CONSTANTS, 0);
            c.encoding = bytes.concat(
                NodeEncoder.head(op, true, new Source[](0)),
                NodeEncoder.generate(MOST, op == Op.PHILOX ? 0xfedcba98 : 0)
            );
            c.element = uint64(MOST - 1);
        }
    }

    /// Eight axes of 31; the inputs differ along each two neighbouring ones.
    function _worstElementwise(uint256 op, Source[3] memory s)
        internal
        view
        returns (Case memory c)
    {
        (bool isInt32, uint256 inputs, uint32[3] memory words) = _dearest(op);
        uint256[3] memory masks = [uint256(0xff), 0x55, 0xaa];
        c = _case(NODES, STATES, CONSTANTS, inputs);
        Source[] memory sources = new Source[](inputs);
        uint256[] memory masks_ = new uint256[](inputs);
        for (uint256 k; k < inputs; ++k) {
            (sources[k], masks_[k]) = (s[k], masks[k]);
        }
        if (inputs == 1) {
            // Alone, an input has no axes to differ on: one long one has the deepest tree.
            c.encoding = bytes.concat(
                NodeEncoder.head(op, isInt32, sources),
                NodeEncoder.elementwise(_list(MOST), _list(1))
            );
            c.element = uint64(MOST - 300);
            _open(c, 0, s[0], MOST, MOST - 300, _words(words[0]));
            return c;
        }
        uint256[] memory shape = new uint256[](8);
        for (uint256 axis; axis < 8; ++axis) {
            shape[axis] = 31;
        }
        c.encoding = bytes.concat(
            NodeEncoder.head(op, isInt32, sources), NodeEncoder.elementwise(shape, masks_)
        );
        c.element = uint64(uint256(31) ** 8 / 3);
        for (uint256 k; k < inputs; ++k) {
            uint256 start;
            for (uint256 axis; axis < 8; ++axis) {
                if (masks[k] >> axis & 1 == 0) continue;
                start = start * 31 + c.element / 31 ** (7 - axis) % 31;
            }
            _open(c, k, s[k], k == 0 ? 31 ** 8 : 31 ** 4, start, _words(words[k]));
        }
    }

    /// Rank 8 on both sides and as many terms as fit.
    function _worstMove(Source memory source) internal pure returns (Case memory c) {
        c = _case(NODES, STATES, CONSTANTS, 1);
        uint256[] memory shape = new uint256[](8);
        bytes memory axes;
        uint256 element;
        for (uint256 axis; axis < 8; ++axis) {
            shape[axis] = 31;
            element = element * 31 + 9;
            uint256 terms = axis < 7 ? 7 : 6; // 55 fit
            uint256[] memory outAxes = new uint256[](terms);
            int256[] memory coefficients = new int256[](terms);
            for (uint256 term; term < terms; ++term) {
                (outAxes[term], coefficients[term]) = (term, term % 2 == 0 ? int256(1) : -1);
            }
            axes = bytes.concat(axes, NodeEncoder.axis(5, 1, outAxes, coefficients));
        }
        c.encoding = bytes.concat(
            NodeEncoder.head(Op.MOVE, false, _sources(source)),
            NodeEncoder.move(shape, shape, 0x7fc00000, axes)
        );
        c.element = uint64(element);
        uint256 start;
        for (uint256 axis; axis < 8; ++axis) {
            start = start * 31 + (axis < 7 ? 14 : 5); // 5 + 9 · (odd number of terms, or none)
        }
        _open(c, 0, source, 31 ** 8, start, _words(1));
    }

    /// The words with which an element-wise operator costs most, of all triples of `_corners`.
    function _dearest(uint256 op)
        internal
        view
        returns (bool isInt32, uint256 inputs, uint32[3] memory words)
    {
        uint256 most;
        for (uint256 type_; type_ < 2; ++type_) {
            for (uint256 n = 1; n <= 3; ++n) {
                if (!_exists(op, type_ == 1, n)) continue;
                inputs = n;
                uint32[] memory corners = _corners();
                uint256 cases = corners.length ** n;
                for (uint256 i; i < cases; ++i) {
                    uint32[3] memory w;
                    uint256 rest = i;
                    for (uint256 k; k < n; ++k) {
                        w[k] = corners[rest % corners.length];
                        rest /= corners.length;
                    }
                    uint256 gas = gasleft();
                    elementwise.evaluate(op, type_ == 1, w[0], w[1], w[2]);
                    gas -= gasleft();
                    if (gas > most) (most, isInt32, words) = (gas, type_ == 1, w);
                }
            }
        }
        require(inputs > 0, "no such operator");
    }

    function _exists(uint256 op, bool isInt32, uint256 inputs) private view returns (bool) {
        Source[] memory sources = new Source[](inputs);
        uint256[] memory masks = new uint256[](inputs);
        for (uint256 k; k < inputs; ++k) {
            sources[k] = Source(IMMEDIATE, 0);
        }
        bytes memory encoding = bytes.concat(
            NodeEncoder.head(op, isInt32, sources), NodeEncoder.elementwise(new uint256[](0), masks)
        );
        return referee.wellFormed(encoding, 0, 0, 0);
    }

    /// Zeros, subnormal, small, ordinary and large numbers of both signs, infinities, NaNs.
    function _corners() private pure returns (uint32[] memory corners) {
        uint32[14] memory magnitudes = [
            0,
            1,
            0x00400001,
            0x007fffff,
            0x00800001,
            0x0d123457,
            0x33800001,
            0x3f000001,
            0x3fc90fdb,
            0x42b17218,
            0x4b7fffff,
            0x7f7fffff,
            0x7f800000,
            uint32(0x7fffffff)
        ];
        corners = new uint32[](28);
        for (uint256 i; i < 14; ++i) {
            corners[2 * i] = magnitudes[i];
            corners[2 * i + 1] = magnitudes[i] | 0x80000000;
        }
    }

    /// A segment of 256 words of some kind; `which` tells the two operands of a dot product apart.
    function _segment(uint256 kind, uint256 which) internal pure returns (uint32[] memory words) {
        words = new uint32[](256);
        for (uint256 i; i < 256; ++i) {
            uint256 random = uint256(keccak256(abi.encode(kind, which, i)));
            uint256 sign = random >> 255 << 31;
            uint256 fraction = random & 0x7fffff;
            uint256 exponent;
            if (kind == 0) exponent = 120 + (random >> 32) % 8; // ordinary
            else if (kind == 1) exponent = 0; // subnormal
            else if (kind == 2) (exponent, fraction) = (255, fraction | 1); // NaN
            else if (kind == 3) (exponent, fraction) = (255, 0); // infinite, at once NaN
            else if (kind == 4) exponent = (random >> 32) % 255; // of any size
            else if (kind == 5) exponent = 60 + (random >> 32) % 8; // below the fast path
            else if (kind == 6) (exponent, fraction, sign) = (127, 1, (i & 1) << 31); // cancels
            else if (kind == 7) (exponent, fraction) = (0, 0); // zeros of both signs
            else (exponent, fraction, sign) = (190, 0x7fffff, 0); // overflows: infinite, no NaN
            words[i] = uint32(sign | exponent << 23 | fraction);
        }
    }
}
