// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Float32} from "./Float32.sol";
import {Int32} from "./Int32.sol";
import {Op} from "./Operators.sol";
import {Transcendental} from "./Transcendental.sol";

/// @title IElementwise
/// @notice The element-wise operators: docs/spec/repops.md, section 2.
interface IElementwise {
    /// @notice One element of the operator `op`.
    /// @param op one of `Op`, of the element-wise family
    /// @param isInt32 operand type: i32, or else f32
    /// @param a,b,c operands as bit patterns; those that the operator lacks are ignored
    /// @return value the result as a bit pattern
    function evaluate(uint256 op, bool isInt32, uint32 a, uint32 b, uint32 c)
        external
        view
        returns (uint32 value);
}

/// @title Elementwise
/// @notice Computes the element-wise operators in software arithmetic. Stateless.
/// @dev A contract of its own because the code of all operators does not fit in one.
contract Elementwise is IElementwise {
    /// @notice There is no element-wise operator of that code and operand type.
    error Elementwise_NoSuchOperator(uint256 op, bool isInt32);

    /// @inheritdoc IElementwise
    function evaluate(uint256 op, bool isInt32, uint32 a, uint32 b, uint32 c)
        external
        pure
        returns (uint32)
    {
        if (op >= Op.EQ) return uint32(_mixed(op, isInt32, a, b, c));
        return uint32(isInt32 ? _int32(op, a, b) : _float32(op, a, b, c));
    }

    function _float32(uint256 op, uint256 a, uint256 b, uint256 c) private pure returns (uint256) {
        if (op == Op.ADD) return Float32.add(a, b);
        if (op == Op.SUB) return Float32.sub(a, b);
        if (op == Op.MUL) return Float32.mul(a, b);
        if (op == Op.DIV) return Float32.div(a, b);
        if (op == Op.SQRT) return Float32.sqrt(a);
        if (op == Op.FMA) return Float32.fma(a, b, c);
        if (op == Op.NEG) return Float32.neg(a);
        if (op == Op.ABS) return Float32.abs(a);
        if (op == Op.MIN) return Float32.min(a, b);
        if (op == Op.MAX) return Float32.max(a, b);
        if (op == Op.FLOOR) return Float32.floor(a);
        if (op == Op.ROUND) return Float32.roundEven(a);
        if (op == Op.EXP) return Transcendental.exp(a);
        if (op == Op.LOG) return Transcendental.log(a);
        if (op == Op.TANH) return Transcendental.tanh(a);
        if (op == Op.ERF) return Transcendental.erf(a);
        if (op == Op.SIN) return Transcendental.sin(a);
        if (op == Op.COS) return Transcendental.cos(a);
        if (op == Op.POW) return Transcendental.pow(a, b);
        revert Elementwise_NoSuchOperator(op, false);
    }

    function _int32(uint256 op, uint256 a, uint256 b) private pure returns (uint256) {
        if (op == Op.ADD) return Int32.add(a, b);
        if (op == Op.SUB) return Int32.sub(a, b);
        if (op == Op.MUL) return Int32.mul(a, b);
        if (op == Op.DIV) return Int32.div(a, b);
        if (op == Op.MIN) return Int32.min(a, b);
        if (op == Op.MAX) return Int32.max(a, b);
        if (op == Op.REM) return Int32.rem(a, b);
        if (op == Op.AND) return a & b;
        if (op == Op.OR) return a | b;
        if (op == Op.XOR) return a ^ b;
        if (op == Op.SHL) return Int32.shl(a, b);
        if (op == Op.SHR) return Int32.shr(a, b);
        if (op == Op.SAR) return Int32.sar(a, b);
        revert Elementwise_NoSuchOperator(op, true);
    }

    function _mixed(uint256 op, bool isInt32, uint256 a, uint256 b, uint256 c)
        private
        pure
        returns (uint256)
    {
        if (op == Op.WHERE) return a != 0 ? b : c;
        if (op == Op.F2I) return Float32.toInt32(a);
        if (op == Op.I2F) return Float32.fromInt32(a);
        if (op == Op.BITS || op == Op.UNBITS) return a;
        bool holds;
        if (op == Op.EQ) holds = isInt32 ? a == b : Float32.eq(a, b);
        else if (op == Op.LT) holds = isInt32 ? Int32.lt(a, b) : Float32.lt(a, b);
        else if (op == Op.LE) holds = isInt32 ? !Int32.lt(b, a) : Float32.le(a, b);
        else revert Elementwise_NoSuchOperator(op, isInt32);
        return holds ? 1 : 0;
    }
}
