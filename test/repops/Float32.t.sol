// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";
import {Float32} from "../../src/repops/Float32.sol";
import {Float32Operands} from "./Float32Operands.sol";

/// @notice Every operator of Float32 against results of hardware, a million of them for fma.
/// @dev The digests in vectors/float32.json were made by vectors/float32.c; exact.test.ts makes them
/// again from exact integers. Where one differs, `float32 <operator> <batch>` of the C program, or
/// exact.ts, lists the batch's operands and results.
contract Float32Test is Test {
    using Float32Operands for Float32Operands.Operands;

    uint256 private constant BATCH = 4096;

    struct Operator {
        string name;
        function(Float32Operands.Operands memory) pure returns (uint256) compute;
        uint256[] expected; // one digest for each batch of operands
    }

    function test_everyOperator_matchesHardware() public view {
        uint256[] memory none;
        Operator[] memory operators = new Operator[](19);
        operators[0] = Operator("fma", _fma, none);
        operators[1] = Operator("add", _add, none);
        operators[2] = Operator("sub", _sub, none);
        operators[3] = Operator("mul", _mul, none);
        operators[4] = Operator("div", _div, none);
        operators[5] = Operator("sqrt", _sqrt, none);
        operators[6] = Operator("sqrtAny", _sqrtAny, none);
        operators[7] = Operator("neg", _neg, none);
        operators[8] = Operator("abs", _abs, none);
        operators[9] = Operator("min", _min, none);
        operators[10] = Operator("max", _max, none);
        operators[11] = Operator("compare", _compare, none);
        operators[12] = Operator("floor", _floor, none);
        operators[13] = Operator("floorAny", _floorAny, none);
        operators[14] = Operator("roundEven", _roundEven, none);
        operators[15] = Operator("roundEvenAny", _roundEvenAny, none);
        operators[16] = Operator("fromInt32", _fromInt32, none);
        operators[17] = Operator("toInt32", _toInt32, none);
        operators[18] = Operator("scalb", _scalb, none);
        string memory json = vm.readFile("test/repops/vectors/float32.json");
        for (uint256 n = 0; n < operators.length; ++n) {
            operators[n].expected =
                vm.parseJsonUintArray(json, string.concat(".", operators[n].name));
        }
        Float32Operands.Operands[] memory batch = new Float32Operands.Operands[](BATCH);
        for (uint256 k = 0; k < operators[0].expected.length; ++k) {
            for (uint256 i = 0; i < BATCH; ++i) {
                batch[i].fill(k * BATCH + i);
            }
            for (uint256 n = 0; n < operators.length; ++n) {
                if (k >= operators[n].expected.length) continue;
                string memory what = string.concat(operators[n].name, " ", vm.toString(k));
                assertEq(_digest(batch, operators[n].compute), operators[n].expected[k], what);
            }
        }
    }

    function _digest(
        Float32Operands.Operands[] memory batch,
        function(Float32Operands.Operands memory) pure returns (uint256) compute
    ) private pure returns (uint256 digest) {
        unchecked {
            for (uint256 i = 0; i < BATCH; ++i) {
                digest = (digest * 0x100000001b3 + compute(batch[i])) & type(uint64).max;
            }
        }
    }

    function _fma(Float32Operands.Operands memory o) private pure returns (uint256) {
        return Float32.fma(o.a, o.b, o.c);
    }

    function _add(Float32Operands.Operands memory o) private pure returns (uint256) {
        return Float32.add(o.p, o.c);
    }

    function _sub(Float32Operands.Operands memory o) private pure returns (uint256) {
        return Float32.sub(o.a, o.c);
    }

    function _mul(Float32Operands.Operands memory o) private pure returns (uint256) {
        return Float32.mul(o.a, o.b);
    }

    function _div(Float32Operands.Operands memory o) private pure returns (uint256) {
        return Float32.div(o.p, o.a);
    }

    function _sqrt(Float32Operands.Operands memory o) private pure returns (uint256) {
        return Float32.sqrt(o.p & Float32.MAGNITUDE);
    }

    function _sqrtAny(Float32Operands.Operands memory o) private pure returns (uint256) {
        return Float32.sqrt(o.a);
    }

    function _neg(Float32Operands.Operands memory o) private pure returns (uint256) {
        return Float32.neg(o.a);
    }

    function _abs(Float32Operands.Operands memory o) private pure returns (uint256) {
        return Float32.abs(o.a);
    }

    function _min(Float32Operands.Operands memory o) private pure returns (uint256) {
        return Float32.min(o.p, o.c);
    }

    function _max(Float32Operands.Operands memory o) private pure returns (uint256) {
        return Float32.max(o.p, o.c);
    }

    function _comparisons(uint256 a, uint256 b) private pure returns (uint256) {
        return (Float32.eq(a, b) ? 1 : 0) | (Float32.lt(a, b) ? 2 : 0) | (Float32.le(a, b) ? 4 : 0);
    }

    function _compare(Float32Operands.Operands memory o) private pure returns (uint256) {
        return _comparisons(o.p, o.c) | (_comparisons(o.p, o.c ^ Float32.SIGN) << 3)
            | (_comparisons(o.a, o.b) << 6);
    }

    function _floor(Float32Operands.Operands memory o) private pure returns (uint256) {
        return Float32.floor(o.x);
    }

    function _floorAny(Float32Operands.Operands memory o) private pure returns (uint256) {
        return Float32.floor(o.c);
    }

    function _roundEven(Float32Operands.Operands memory o) private pure returns (uint256) {
        return Float32.roundEven(o.x);
    }

    function _roundEvenAny(Float32Operands.Operands memory o) private pure returns (uint256) {
        return Float32.roundEven(o.c);
    }

    function _fromInt32(Float32Operands.Operands memory o) private pure returns (uint256) {
        return Float32.fromInt32(o.i);
    }

    function _toInt32(Float32Operands.Operands memory o) private pure returns (uint256) {
        return Float32.toInt32(o.x ^ (o.i & 0x40000000));
    }

    function _scalb(Float32Operands.Operands memory o) private pure returns (uint256) {
        return Float32.scalb(o.p, int256(o.i % 601) - 300);
    }
}
