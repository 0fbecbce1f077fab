// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Op
/// @notice Codes of the operators: the table of docs/spec/repops.md, section 2.
library Op {
    uint256 internal constant ADD = 0x01;
    uint256 internal constant SUB = 0x02;
    uint256 internal constant MUL = 0x03;
    uint256 internal constant DIV = 0x04;
    uint256 internal constant SQRT = 0x05;
    uint256 internal constant FMA = 0x06;
    uint256 internal constant NEG = 0x07;
    uint256 internal constant ABS = 0x08;
    uint256 internal constant MIN = 0x09;
    uint256 internal constant MAX = 0x0a;
    uint256 internal constant FLOOR = 0x0b;
    uint256 internal constant ROUND = 0x0c;
    uint256 internal constant EXP = 0x0d;
    uint256 internal constant LOG = 0x0e;
    uint256 internal constant TANH = 0x0f;
    uint256 internal constant ERF = 0x10;
    uint256 internal constant SIN = 0x11;
    uint256 internal constant COS = 0x12;
    uint256 internal constant POW = 0x13;

    uint256 internal constant REM = 0x20;
    uint256 internal constant AND = 0x21;
    uint256 internal constant OR = 0x22;
    uint256 internal constant XOR = 0x23;
    uint256 internal constant SHL = 0x24;
    uint256 internal constant SHR = 0x25;
    uint256 internal constant SAR = 0x26;

    uint256 internal constant EQ = 0x30;
    uint256 internal constant LT = 0x31;
    uint256 internal constant LE = 0x32;
    uint256 internal constant WHERE = 0x33;
    uint256 internal constant F2I = 0x34;
    uint256 internal constant I2F = 0x35;
    uint256 internal constant BITS = 0x36;
    uint256 internal constant UNBITS = 0x37;

    uint256 internal constant MATMUL = 0x40;
    uint256 internal constant REDUCE_SUM = 0x41;
    uint256 internal constant REDUCE_MAX = 0x42;
    uint256 internal constant SCATTER_ADD = 0x43;

    uint256 internal constant GATHER = 0x50;
    uint256 internal constant MOVE = 0x51;
    uint256 internal constant CONCAT = 0x52;
    uint256 internal constant IOTA = 0x53;
    uint256 internal constant PHILOX = 0x54;

    /// @notice Whether `op` is of the element-wise family.
    function isElementwise(uint256 op) internal pure returns (bool) {
        return op < MATMUL;
    }

    /// @notice Whether an element of `op` is a reduction, cut into segments.
    function isReduction(uint256 op) internal pure returns (bool) {
        return op >= MATMUL && op <= SCATTER_ADD;
    }
}
