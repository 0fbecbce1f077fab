// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";
import {Float32} from "../../src/repops/Float32.sol";
import {Transcendental} from "../../src/repops/Transcendental.sol";
import {Float32Operands} from "./Float32Operands.sol";

/// @notice Every transcendental against the reference, over operands of every exponent.
/// @dev The digests are made by offchain-repops/tools/float32/transcendentals.ts, whose argument() and
/// pair() the functions below repeat.
contract TranscendentalTest is Test {
    uint256 private constant BATCH = 4096;

    function _check(string memory name, function(uint256) pure returns (uint256) compute)
        private
        view
    {
        string memory json = vm.readFile("test/repops/vectors/transcendental.json");
        uint256[] memory expected = vm.parseJsonUintArray(json, string.concat(".", name));
        assertEq(expected.length, 8);
        for (uint256 batch = 0; batch < expected.length; ++batch) {
            uint256 digest = 0;
            for (uint256 index = batch * BATCH; index < (batch + 1) * BATCH; ++index) {
                unchecked {
                    digest = (digest * 0x100000001b3 + compute(index)) & type(uint64).max;
                }
            }
            assertEq(digest, expected[batch], vm.toString(batch));
        }
    }

    function _argument(uint256 index) private pure returns (uint256) {
        uint256 word = Float32Operands.mix(index);
        uint256 turn = index >> 1;
        uint256 kind = Float32Operands.mix(word) % 16;
        uint256 fraction = kind == 0 ? 0 : kind == 1 ? 0x7fffff : word & 0x7fffff;
        if (index % 2 == 0) return ((turn % 512) << 23) | fraction;
        return Float32Operands.withExponent((word & Float32.SIGN) | fraction, 98 + (turn % 48));
    }

    function _pair(uint256 index) private pure returns (uint256 a, uint256 b) {
        a = Float32Operands.mix(2 * index);
        b = Float32Operands.mix(2 * index + 1);
        uint256 x = Float32Operands.mix(a);
        uint256 y = Float32Operands.mix(b);
        uint256 kind = index % 8;
        if (kind == 1) {
            a = Float32Operands.special(x) | (x & Float32.SIGN);
            b = Float32Operands.special(y) | (y & Float32.SIGN);
        } else if (kind == 2) {
            a = Float32Operands.withExponent(a, 120 + (x % 15));
            b = Float32Operands.special(y) | (y & Float32.SIGN);
        } else if (kind == 3) {
            a = 0x3f800000 + (a % 0x10000) - 0x8000;
            b = Float32Operands.withExponent(b, 128 + (y % 14));
        } else if (kind == 4) {
            a = Float32Operands.withExponent(a, 120 + (x % 15));
            y %= 41;
            b = y < 20 ? Float32.fromInt32(20 - y) | Float32.SIGN : Float32.fromInt32(y - 20);
        } else if (kind == 5) {
            a = x % 0x7f800000;
            b = Float32Operands.withExponent(b, 116 + (y % 9));
        } else if (kind == 6) {
            a &= 0x007fffff;
            b = Float32Operands.withExponent(b, 118 + (y % 10));
        } else if (kind == 7) {
            a = Float32Operands.withExponent(a & Float32.MAGNITUDE, 122 + (x % 10));
            b = Float32Operands.withExponent(b, 122 + (y % 10));
        }
    }

    function _exp(uint256 index) private pure returns (uint256) {
        return Transcendental.exp(_argument(index));
    }

    function test_exp_matchesReference() public view {
        _check("exp", _exp);
    }

    function _log(uint256 index) private pure returns (uint256) {
        return Transcendental.log(_argument(index));
    }

    function test_log_matchesReference() public view {
        _check("log", _log);
    }

    function _tanh(uint256 index) private pure returns (uint256) {
        return Transcendental.tanh(_argument(index));
    }

    function test_tanh_matchesReference() public view {
        _check("tanh", _tanh);
    }

    function _erf(uint256 index) private pure returns (uint256) {
        return Transcendental.erf(_argument(index));
    }

    function test_erf_matchesReference() public view {
        _check("erf", _erf);
    }

    function _sin(uint256 index) private pure returns (uint256) {
        return Transcendental.sin(_argument(index));
    }

    function test_sin_matchesReference() public view {
        _check("sin", _sin);
    }

    function _cos(uint256 index) private pure returns (uint256) {
        return Transcendental.cos(_argument(index));
    }

    function test_cos_matchesReference() public view {
        _check("cos", _cos);
    }

    function _pow(uint256 index) private pure returns (uint256) {
        (uint256 a, uint256 b) = _pair(index);
        return Transcendental.pow(a, b);
    }

    function test_pow_matchesReference() public view {
        _check("pow", _pow);
    }
}
