// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test, console} from "forge-std/Test.sol";
import {Float32} from "../../src/repops/Float32.sol";

contract Float32GasTest is Test {
    function test_fma_gas() public view {
        uint256 a = 0x3f9d70a4 + (gasleft() & 1);
        uint256 b = 0x40123456;
        uint256 c = 0xc0123456;
        uint256 g = gasleft();
        uint256 r = Float32.fma(a, b, c);
        g -= gasleft();
        console.log(g, r);
        assert(Float32.fma(1, r, a) != 3);
    }
}
