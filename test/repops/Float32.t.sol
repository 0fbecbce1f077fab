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
    string private json = vm.readFile("test/repops/vectors/float32.json");

    function _check(
        string memory operator,
        uint256 batches,
        function(Float32Operands.Operands memory) pure returns (uint256) compute
    ) private view {
        uint256[] memory expected = vm.parseJsonUintArray(json, string.concat(".", operator));
        assertEq(expected.length, batches, "vectors of another size");
        Float32Operands.Operands memory o;
        for (uint256 batch = 0; batch < batches; ++batch) {
            uint256 digest = 0;
            unchecked {
                for (uint256 index = batch * BATCH; index < (batch + 1) * BATCH; ++index) {
                    o.fill(index);
                    digest = uint64(digest * 0x100000001b3 + compute(o));
                }
            }
            assertEq(digest, expected[batch], string.concat(operator, " ", vm.toString(batch)));
        }
    }

    function _fma(Float32Operands.Operands memory o) private pure returns (uint256) {
        return Float32.fma(o.a, o.b, o.c);
    }

    function test_fma_matchesHardware() public view {
        _check("fma", 256, _fma);
    }

    function _add(Float32Operands.Operands memory o) private pure returns (uint256) {
        return Float32.add(o.p, o.c);
    }

    function test_add_matchesHardware() public view {
        _check("add", 64, _add);
    }

    function _sub(Float32Operands.Operands memory o) private pure returns (uint256) {
        return Float32.sub(o.a, o.c);
    }

    function test_sub_matchesHardware() public view {
        _check("sub", 64, _sub);
    }

    function _mul(Float32Operands.Operands memory o) private pure returns (uint256) {
        return Float32.mul(o.a, o.b);
    }

    function test_mul_matchesHardware() public view {
        _check("mul", 64, _mul);
    }

    function _div(Float32Operands.Operands memory o) private pure returns (uint256) {
        return Float32.div(o.p, o.a);
    }

    function test_div_matchesHardware() public view {
        _check("div", 64, _div);
    }

    function _sqrt(Float32Operands.Operands memory o) private pure returns (uint256) {
        return Float32.sqrt(o.p & Float32.MAGNITUDE);
    }

    function _sqrtAny(Float32Operands.Operands memory o) private pure returns (uint256) {
        return Float32.sqrt(o.a);
    }

    function test_sqrt_matchesHardware() public view {
        _check("sqrt", 64, _sqrt);
        _check("sqrtAny", 16, _sqrtAny);
    }

    function _neg(Float32Operands.Operands memory o) private pure returns (uint256) {
        return Float32.neg(o.a);
    }

    function test_neg_matchesHardware() public view {
        _check("neg", 16, _neg);
    }

    function _abs(Float32Operands.Operands memory o) private pure returns (uint256) {
        return Float32.abs(o.a);
    }

    function test_abs_matchesHardware() public view {
        _check("abs", 16, _abs);
    }

    function _min(Float32Operands.Operands memory o) private pure returns (uint256) {
        return Float32.min(o.p, o.c);
    }

    function test_min_matchesHardware() public view {
        _check("min", 32, _min);
    }

    function _max(Float32Operands.Operands memory o) private pure returns (uint256) {
        return Float32.max(o.p, o.c);
    }

    function test_max_matchesHardware() public view {
        _check("max", 32, _max);
    }

    function _comparisons(uint256 a, uint256 b) private pure returns (uint256) {
        return (Float32.eq(a, b) ? 1 : 0) | (Float32.lt(a, b) ? 2 : 0) | (Float32.le(a, b) ? 4 : 0);
    }

    function _compare(Float32Operands.Operands memory o) private pure returns (uint256) {
        return _comparisons(o.p, o.c) | (_comparisons(o.p, o.c ^ Float32.SIGN) << 3)
            | (_comparisons(o.a, o.b) << 6);
    }

    function test_comparisons_matchHardware() public view {
        _check("compare", 32, _compare);
    }

    function _floor(Float32Operands.Operands memory o) private pure returns (uint256) {
        return Float32.floor(o.x);
    }

    function _floorAny(Float32Operands.Operands memory o) private pure returns (uint256) {
        return Float32.floor(o.c);
    }

    function test_floor_matchesHardware() public view {
        _check("floor", 32, _floor);
        _check("floorAny", 16, _floorAny);
    }

    function _roundEven(Float32Operands.Operands memory o) private pure returns (uint256) {
        return Float32.roundEven(o.x);
    }

    function _roundEvenAny(Float32Operands.Operands memory o) private pure returns (uint256) {
        return Float32.roundEven(o.c);
    }

    function test_roundEven_matchesHardware() public view {
        _check("roundEven", 32, _roundEven);
        _check("roundEvenAny", 16, _roundEvenAny);
    }

    function _fromInt32(Float32Operands.Operands memory o) private pure returns (uint256) {
        return Float32.fromInt32(o.i);
    }

    function test_fromInt32_matchesHardware() public view {
        _check("fromInt32", 32, _fromInt32);
    }

    function _toInt32(Float32Operands.Operands memory o) private pure returns (uint256) {
        return Float32.toInt32(o.x ^ (o.i & 0x40000000));
    }

    function test_toInt32_matchesHardware() public view {
        _check("toInt32", 32, _toInt32);
    }

    function _scalb(Float32Operands.Operands memory o) private pure returns (uint256) {
        return Float32.scalb(o.p, int256(o.i % 601) - 300);
    }

    function test_scalb_matchesHardware() public view {
        _check("scalb", 32, _scalb);
    }
}
