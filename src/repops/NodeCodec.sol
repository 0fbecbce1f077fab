// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LittleEndian} from "./LittleEndian.sol";
import {Op} from "./Operators.sol";

/// @notice Where an input comes from, in the order of its codes.
library Kind {
    uint256 internal constant NODE = 0;
    uint256 internal constant STATE = 1;
    uint256 internal constant CONSTANT = 2;
    uint256 internal constant IMMEDIATE = 3;
    uint256 internal constant STEP = 4;
}

/// @notice What a node wants of one input.
/// @param kind one of `Kind`
/// @param ref index in the table of that kind; the word itself for an immediate; 0 for the step
/// @param isInt32 its type: i32, or else f32
/// @param count its elements
struct Input {
    uint256 kind;
    uint256 ref;
    bool isInt32;
    uint256 count;
}

/// @notice A decoded node.
/// @param op one of `Op`
/// @param isInt32 operand type: i32, or else f32
/// @param resultInt32 type of the output: i32, or else f32
/// @param count elements of the output
/// @param axis elements of the reduced axis; 0 for an operator that is no reduction
/// @param form where the form begins in the encoding
struct Node {
    uint256 op;
    bool isInt32;
    bool resultInt32;
    uint256 count;
    uint256 axis;
    uint256 form;
    Input[] inputs;
}

/// @title NodeCodec
/// @notice Decodes nodes: docs/spec/repops.md, section 4.1. Total: every byte string decodes or is malformed;
/// nothing reverts.
/// @dev Reads beyond the end are harmless and every loop is bounded by a checked number of at most 8;
/// that the last read ended exactly at the end is checked once, when everything has been read.
library NodeCodec {
    using LittleEndian for bytes;

    uint256 private constant MAX_BYTES = 512;
    uint256 private constant MAX_INPUTS = 8;
    uint256 private constant MAX_RANK = 8;
    uint256 private constant MAX_AXIS = 1 << 24;
    uint256 private constant COUNT_LIMIT = 1 << 40; // counts are below it
    uint256 private constant MAP_LIMIT = 1 << 48; // so are the bounds of a Move's map

    /// @dev One hexadecimal digit per operator code, 0x00 first: number of inputs (0 to 3, for Concat
    /// its own count), + 4 if it exists for f32, + 8 if for i32.
    uint256 private constant SIGNATURES_00 =
        0x0eeee5755ee555555556000000000000aaaaaaa000000000eeef595900000000;
    uint256 private constant SIGNATURES_40 = 0x6dd6000000000000edc8800000000000 << 128;

    /// @notice Decodes the node with index `index` of a program with that many states and constants.
    /// @return ok false if the encoding breaks a rule; `node` then means nothing
    function decode(bytes calldata encoding, uint256 index, uint256 states, uint256 constants)
        internal
        pure
        returns (bool ok, Node memory node)
    {
        if (encoding.length > MAX_BYTES) return (false, node);
        uint256 inputs = encoding.u8(2);
        (ok, node.op, node.isInt32, node.resultInt32) =
            _operator(encoding.u8(0), encoding.u8(1), inputs);
        if (!ok) return (false, node);

        node.inputs = new Input[](inputs);
        uint256 cursor = 3;
        for (uint256 k; k < inputs; ++k) {
            Input memory input = node.inputs[k];
            input.kind = encoding.u8(cursor);
            input.ref = encoding.u32(cursor + 1);
            input.isInt32 = _wantsInt32(node.op, node.isInt32, k);
            if (!_inTable(input, index, states, constants)) return (false, node);
            cursor += 5;
        }

        node.form = cursor;
        (ok, cursor) = _form(encoding, node);
        if (!ok || cursor != encoding.length || !_isCount(node.count)) return (false, node);
        for (uint256 k; k < inputs; ++k) {
            Input memory input = node.inputs[k];
            if (!_isCount(input.count)) return (false, node);
            // An immediate and the step are one element, which only element-wise forms spread.
            if (input.kind >= Kind.IMMEDIATE && input.count != 1) return (false, node);
        }
    }

    /// @notice Segments of one element's reduction; 1 for everything that is not a reduction.
    function segments(Node memory node) internal pure returns (uint256) {
        return node.axis == 0 ? 1 : (node.axis + 255) / 256;
    }

    /// @dev Known operator, known type, and the operator's number of inputs.
    function _operator(uint256 op, uint256 type_, uint256 inputs)
        private
        pure
        returns (bool ok, uint256, bool isInt32, bool resultInt32)
    {
        uint256 signature;
        if (op < 0x40) signature = SIGNATURES_00 >> (252 - 4 * op) & 15;
        else if (op < 0x80) signature = SIGNATURES_40 >> (252 - 4 * (op - 0x40)) & 15;
        if (type_ > 1 || signature & 4 << type_ == 0) return (false, 0, false, false);
        ok = op == Op.CONCAT ? inputs >= 1 && inputs <= MAX_INPUTS : inputs == signature & 3;

        isInt32 = type_ == 1;
        resultInt32 = isInt32;
        if (op >= Op.EQ && op <= Op.UNBITS && op != Op.WHERE) {
            resultInt32 = op != Op.I2F && op != Op.UNBITS;
        }
        return (ok, op, isInt32, resultInt32);
    }

    /// @dev Type of input k: the operand type, but for a condition or an index.
    function _wantsInt32(uint256 op, bool isInt32, uint256 k) private pure returns (bool) {
        if (op == Op.WHERE || op == Op.SCATTER_ADD) return k == 0 || isInt32;
        if (op == Op.GATHER) return k == 1 || isInt32;
        return isInt32;
    }

    /// @dev A known kind, and a ref that this kind has.
    function _inTable(Input memory input, uint256 index, uint256 states, uint256 constants)
        private
        pure
        returns (bool)
    {
        if (input.kind == Kind.NODE) return input.ref < index;
        if (input.kind == Kind.STATE) return input.ref < states;
        if (input.kind == Kind.CONSTANT) return input.ref < constants;
        if (input.kind == Kind.IMMEDIATE) return true;
        return input.kind == Kind.STEP && input.ref == 0 && input.isInt32;
    }

    /// @dev Reads the form and sets every count; the counts themselves are checked by `decode`.
    /// @return ok whether the form keeps its own rules
    /// @return end where it ends
    function _form(bytes calldata encoding, Node memory node)
        private
        pure
        returns (bool ok, uint256 end)
    {
        if (Op.isElementwise(node.op)) return _elementwise(encoding, node);
        if (node.op == Op.MATMUL) return _matMul(encoding, node);
        if (node.op == Op.SCATTER_ADD || node.op == Op.GATHER) return _indexed(encoding, node);
        if (node.op == Op.MOVE) return _move(encoding, node);
        if (node.op == Op.CONCAT) return _concat(encoding, node);
        if (Op.isReduction(node.op)) return _reduce(encoding, node);
        return _generate(encoding, node);
    }

    /// @dev rank u8 | rank × dim u40 | inputs × mask u8
    function _elementwise(bytes calldata encoding, Node memory node)
        private
        pure
        returns (bool, uint256 cursor)
    {
        uint256 rank = encoding.u8(node.form);
        if (rank > MAX_RANK) return (false, 0);
        cursor = node.form + 1;
        uint256 masks = cursor + 5 * rank;
        uint256 inputs = node.inputs.length;
        for (uint256 k; k < inputs; ++k) {
            node.inputs[k].count = 1;
        }
        node.count = 1;
        for (uint256 axis; axis < rank; ++axis) {
            uint256 dim = encoding.u40(cursor);
            if (dim < 2) return (false, 0);
            node.count = _times(node.count, dim);
            for (uint256 k; k < inputs; ++k) {
                if (encoding.u8(masks + k) >> axis & 1 == 0) continue;
                node.inputs[k].count = _times(node.inputs[k].count, dim);
            }
            cursor += 5;
        }
        // Bit a: some input varies along just one of the axes a and a + 1, so they cannot be merged.
        uint256 apart;
        for (uint256 k; k < inputs; ++k) {
            uint256 mask = encoding.u8(cursor++);
            if (mask >> rank != 0) return (false, 0);
            if (node.inputs[k].kind >= Kind.IMMEDIATE && mask != 0) return (false, 0);
            apart |= mask ^ mask >> 1;
        }
        uint256 borders = rank < 2 ? 0 : (1 << (rank - 1)) - 1;
        return (apart & borders == borders, cursor);
    }

    /// @dev B u40 | M u40 | N u40 | K u40 | flags u8
    function _matMul(bytes calldata encoding, Node memory node)
        private
        pure
        returns (bool, uint256)
    {
        (uint256 b, uint256 m, uint256 n, uint256 k) = four(encoding, node.form);
        uint256 flags = encoding.u8(node.form + 20);
        node.inputs[0].count = _times(_times(flags & 1 == 0 ? b : 1, m), k);
        node.inputs[1].count = _times(_times(flags & 2 == 0 ? b : 1, n), k);
        node.count = _times(_times(b, m), n);
        node.axis = k;
        return (flags < (b == 1 ? 1 : 4) && k <= MAX_AXIS, node.form + 21);
    }

    /// @dev R u40 | K u40
    function _reduce(bytes calldata encoding, Node memory node)
        private
        pure
        returns (bool, uint256)
    {
        node.count = encoding.u40(node.form);
        node.axis = encoding.u40(node.form + 5);
        node.inputs[0].count = _times(node.count, node.axis);
        return (node.axis <= MAX_AXIS, node.form + 10);
    }

    /// @dev B u40 | V u40 | R u40 | Q u40
    function _indexed(bytes calldata encoding, Node memory node)
        private
        pure
        returns (bool ok, uint256)
    {
        (uint256 b, uint256 v, uint256 r, uint256 q) = four(encoding, node.form);
        uint256 table = _times(_times(b, v), r);
        uint256 rows = _times(_times(b, q), r);
        ok = true;
        if (node.op == Op.GATHER) {
            node.inputs[0].count = table;
            node.inputs[1].count = _times(b, q);
            node.count = rows;
        } else {
            node.inputs[0].count = _times(b, q);
            node.inputs[1].count = rows;
            node.count = table;
            node.axis = q;
            ok = q <= MAX_AXIS;
        }
        return (ok, node.form + 20);
    }

    /// @dev inRank u8 | inRank × dim u40 | outRank u8 | outRank × dim u40 | fill u32
    ///      | inRank × { offset i40, divisor u40, terms u8, terms × { axis u8, coefficient i40 } }
    function _move(bytes calldata encoding, Node memory node)
        private
        pure
        returns (bool, uint256 cursor)
    {
        uint256 inRank;
        uint256 outRank;
        (inRank, node.inputs[0].count, cursor) = _dims(encoding, node.form);
        uint256 outDims = cursor + 1;
        if (inRank > MAX_RANK) return (false, 0);
        (outRank, node.count, cursor) = _dims(encoding, cursor);
        if (outRank > MAX_RANK) return (false, 0);
        cursor += 4;
        for (uint256 axis; axis < inRank; ++axis) {
            uint256 bound = _abs(encoding.i40(cursor));
            uint256 terms = encoding.u8(cursor + 10);
            if (encoding.u40(cursor + 5) == 0 || terms > outRank) return (false, 0);
            cursor += 11;
            uint256 least; // the next term's axis is at least this
            for (uint256 term; term < terms; ++term) {
                uint256 outAxis = encoding.u8(cursor);
                uint256 coefficient = _abs(encoding.i40(cursor + 1));
                if (outAxis < least || outAxis >= outRank || coefficient == 0) return (false, 0);
                least = outAxis + 1;
                uint256 dim = encoding.u40(outDims + 5 * outAxis);
                if (dim == 0) return (false, 0);
                bound += coefficient * (dim - 1);
                cursor += 6;
            }
            if (bound >= MAP_LIMIT) return (false, 0);
        }
        return (true, cursor);
    }

    /// @dev O u40 | I u40 | inputs × n u40
    function _concat(bytes calldata encoding, Node memory node)
        private
        pure
        returns (bool, uint256 cursor)
    {
        uint256 outer = encoding.u40(node.form);
        uint256 inner = encoding.u40(node.form + 5);
        cursor = node.form + 10;
        uint256 joined;
        for (uint256 k; k < node.inputs.length; ++k) {
            uint256 size = encoding.u40(cursor);
            node.inputs[k].count = _times(_times(outer, size), inner);
            joined += size;
            cursor += 5;
        }
        node.count = _times(_times(outer, joined), inner);
        return (true, cursor);
    }

    /// @dev N u40 | stream u32
    function _generate(bytes calldata encoding, Node memory node)
        private
        pure
        returns (bool, uint256)
    {
        node.count = encoding.u40(node.form);
        return (node.op == Op.PHILOX || encoding.u32(node.form + 5) == 0, node.form + 9);
    }

    /// @notice Four dimensions in a row, from `cursor` on.
    function four(bytes calldata encoding, uint256 cursor)
        internal
        pure
        returns (uint256, uint256, uint256, uint256)
    {
        return (
            encoding.u40(cursor),
            encoding.u40(cursor + 5),
            encoding.u40(cursor + 10),
            encoding.u40(cursor + 15)
        );
    }

    /// @dev rank u8 | rank × dim u40. Reads no dimension of a rank that is too high.
    function _dims(bytes calldata encoding, uint256 cursor)
        private
        pure
        returns (uint256 rank, uint256 count, uint256 end)
    {
        rank = encoding.u8(cursor);
        count = 1;
        end = cursor + 1;
        if (rank > MAX_RANK) return (rank, count, end);
        for (uint256 axis; axis < rank; ++axis) {
            count = _times(count, encoding.u40(end));
            end += 5;
        }
    }

    /// @dev a · b, or COUNT_LIMIT where a factor or the product reaches it.
    function _times(uint256 a, uint256 b) private pure returns (uint256 product) {
        unchecked {
            if (a >= COUNT_LIMIT || b >= COUNT_LIMIT) return COUNT_LIMIT;
            product = a * b;
            if (product > COUNT_LIMIT) product = COUNT_LIMIT;
        }
    }

    /// @dev A dimension of 0 has made the product 0 or COUNT_LIMIT.
    function _isCount(uint256 count) private pure returns (bool) {
        return count != 0 && count < COUNT_LIMIT;
    }

    function _abs(int256 value) private pure returns (uint256) {
        return uint256(value < 0 ? -value : value);
    }
}
