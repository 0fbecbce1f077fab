// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";
import {DotSegment} from "../../src/repops/DotSegment.sol";
import {Float32} from "../../src/repops/Float32.sol";
import {DotOperands} from "./DotOperands.sol";
import {Float32Operands} from "./Float32Operands.sol";

/// @notice Gas of one operation and of one dot segment: the most that any data was found to need,
/// call of the function included, decoding of calldata not.
/// @dev Writes snapshots/gas/float32.json for `npm run bench:gas`.
contract Float32GasTest is Test {
    using Float32Operands for Float32Operands.Operands;

    uint256 private constant OPERANDS = 1 << 15;
    uint256 private constant DOTS = 16; // of each kind

    /// @dev Kinds of DotOperands of which the frame holds every segment.
    uint256 private constant EVERYDAY = 0xc1f3;

    function test_gas_staysWithinLimits() public {
        uint256 fma = _fma();
        (uint256 frame, uint256 order) = _dots();
        assertLe(fma, 650);
        assertLe(frame, 60_000);
        assertLe(order, 240_000);
        string memory json = "float32";
        vm.serializeUint(json, "fma", fma);
        vm.serializeUint(json, "dot256", frame);
        json = vm.serializeUint(json, "dot256.generic", order);
        vm.createDir("snapshots/gas", true);
        vm.writeJson(json, "snapshots/gas/float32.json");
    }

    function _fma() private view returns (uint256 most) {
        Float32Operands.Operands memory o;
        for (uint256 index = 0; index < OPERANDS; ++index) {
            o.fill(index);
            (uint256 a, uint256 b, uint256 c) = (o.a, o.b, o.c);
            uint256 used = gasleft();
            uint256 r = Float32.fma(a, b, c);
            // Memory, because the optimizer may compute a pure result later than it is written here.
            assembly ("memory-safe") {
                mstore(0, r)
            }
            used -= gasleft();
            if (used > most) most = used;
        }
    }

    function _dots() private view returns (uint256 frame, uint256 order) {
        for (uint256 index = 0; index < DOTS * DotOperands.KINDS; ++index) {
            // With 16 set, all segments are 256 long.
            uint256 used = this.dot(index + (index & ~uint256(15)) + 16);
            if ((EVERYDAY >> (index % DotOperands.KINDS)) & 1 == 0) {
                if (used > order) order = used;
            } else if (used > frame) {
                frame = used;
            }
        }
    }

    /// @dev External, so that each segment starts with empty memory.
    function dot(uint256 index) external view returns (uint256 used) {
        (bytes memory x, bytes memory y) = DotOperands.segment(index);
        used = gasleft();
        uint256 r = DotSegment.dot(x, y);
        assembly ("memory-safe") {
            mstore(0, r)
        }
        used -= gasleft();
    }
}
