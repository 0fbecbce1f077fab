// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test, console} from "forge-std/Test.sol";
import {DotSegment} from "../../src/repops/DotSegment.sol";
import {Float32} from "../../src/repops/Float32.sol";
import {DotOperands} from "./DotOperands.sol";
import {Float32Operands} from "./Float32Operands.sol";

/// @notice Gas of single operations and of dot segments, the most that any data was found to need.
/// @dev Writes snapshots/gas/float32.json for `npm run bench:gas`.
contract Float32GasTest is Test {
    using Float32Operands for Float32Operands.Operands;

    function test_fma_gas() public view {
        Float32Operands.Operands memory o;
        uint256 most;
        uint256 sum;
        uint256 at;
        for (uint256 i = 0; i < 20000; ++i) {
            o.fill(i);
            (uint256 a, uint256 b, uint256 c) = (o.a, o.b, o.c);
            uint256 used = gasleft();
            uint256 r = Float32.fma(a, b, c);
            assembly ("memory-safe") {
                mstore(0, r)
            }
            used -= gasleft();
            sum += used;
            if (used > most) {
                most = used;
                at = i;
            }
        }
        o.fill(at);
        console.log("fma", most, sum / 20000);
        console.logBytes32(bytes32((o.a << 128) | (o.b << 64) | o.c));
    }

    function dot(uint256 index) external view returns (uint256, uint256) {
        (bytes memory x, bytes memory y) = DotOperands.segment(index);
        uint256 used = gasleft();
        uint256 r = DotSegment.dot(x, y);
        return (used - gasleft(), r);
    }

    function test_dot_gas() public view {
        for (uint256 k = 0; k < 16; ++k) {
            uint256 most;
            uint256 least = 1000000;
            for (uint256 i = 0; i < 16; ++i) {
                (uint256 g, uint256 r) = this.dot(k + 16 + 32 * i);
                if (g > most) most = g;
                if (g < least) least = g;
            }
            console.log(k, least, most);
        }
    }
}
