// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Op} from "../../src/repops/Operators.sol";
import {Case} from "../repops/JudgeScenes.sol";
import {NodeEncoder, Source} from "../repops/NodeEncoder.sol";
import {WorstCases} from "../repops/WorstCases.sol";

/// @notice The dearest cases behind one function, so that a test can use them beside a base of its own.
contract WorstCaseBook is WorstCases {
    /// Every operator with segments is tried on data of all kinds, and the dearest is kept.
    function worst(uint256 op) external view returns (Case memory dearest) {
        uint256 most;
        uint256 kinds = Op.isReduction(op) ? KINDS : 1;
        for (uint256 kind; kind < kinds; ++kind) {
            Case memory c = _worst(op, kind);
            uint256 gas = gasleft();
            _judge(c);
            gas -= gasleft();
            if (gas > most) (most, dearest) = (gas, c);
        }
    }

    function operators() external pure returns (string[44] memory names, uint8[44] memory codes) {
        return _operators();
    }

    /// The dearest 256 partial values to fold, execution alone.
    function foldGas() external view returns (uint256 most) {
        Source[] memory sources = _sources(Source(NODE, 1));
        bytes memory encoding = bytes.concat(
            NodeEncoder.head(Op.REDUCE_SUM, false, sources), NodeEncoder.reduce(ROWS, LONGEST)
        );
        for (uint256 kind; kind < KINDS; ++kind) {
            uint32[] memory words = _segment(kind, 0);
            bytes memory values;
            for (uint256 i; i < 256; ++i) {
                values = abi.encodePacked(values, words[i]);
            }
            uint256 gas = gasleft();
            referee.fold(encoding, values);
            gas -= gasleft();
            if (gas > most) most = gas;
        }
    }
}
