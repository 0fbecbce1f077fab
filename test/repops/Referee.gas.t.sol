// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Referee} from "../../src/repops/Referee.sol";
import {Op} from "../../src/repops/Operators.sol";
import {Case} from "./JudgeScenes.sol";
import {NodeEncoder, Source} from "./NodeEncoder.sol";
import {WorstCases} from "./WorstCases.sol";

/// What judging costs as a transaction of its own, per operator, in the dearest case: written to
/// snapshots/gas/judge.json.
contract RefereeGasTest is WorstCases {
    uint256 internal constant INTRINSIC = 21_000;

    function test_gas_isFarBelowTheLimit() public {
        _measureFold();
        (string[44] memory names, uint8[44] memory codes) = _operators();
        uint256 max;
        for (uint256 i; codes[i] != 0; ++i) {
            uint256 most;
            uint256 kinds = Op.isReduction(codes[i]) ? KINDS : 1;
            for (uint256 kind; kind < kinds; ++kind) {
                uint256 gas = _transaction(_worst(codes[i], kind));
                if (gas > most) most = gas;
            }
            if (most > max) max = most;
            vm.serializeUint("judge", string.concat("judge.", names[i]), most);
        }
        string memory json = vm.serializeUint("judge", "judge.max", max);
        vm.writeJson(json, "snapshots/gas/judge.json");
        assertLt(max, 700_000);
    }

    /// The dearest 256 partial values to fold, as execution: the transaction is one of the solver's.
    function _measureFold() internal {
        bytes memory encoding = bytes.concat(
            NodeEncoder.head(Op.REDUCE_SUM, false, _sources(Source(NODE, 1))),
            NodeEncoder.reduce(ROWS, LONGEST)
        );
        uint256 most;
        for (uint256 kind; kind < KINDS; ++kind) {
            uint32[] memory words = _segment(kind, 0);
            bytes memory values;
            for (uint256 i; i < 256; ++i) {
                values = abi.encodePacked(values, words[i]);
            }
            bytes memory data = abi.encodeCall(Referee.fold, (encoding, values));
            uint256 gas = gasleft();
            (bool ok,) = address(referee).staticcall(data);
            gas -= gasleft();
            assertTrue(ok);
            if (gas > most) most = gas;
        }
        vm.serializeUint("judge", "judge.fold", most);
        assertLt(most, 330_000);
    }

    /// Gas of a transaction that calls `judge`: data at 4 and 16 gas a byte and execution, or data at 10
    /// and 40 (EIP-7623), whichever is more.
    function _transaction(Case memory c) internal view returns (uint256) {
        bytes memory data =
            abi.encodeCall(Referee.judge, (c.scene, c.encoding, c.element, c.segment, c.operands));
        uint256 tokens;
        for (uint256 i; i < data.length; ++i) {
            tokens += data[i] == 0 ? 1 : 4;
        }
        uint256 gas = gasleft();
        (bool ok,) = address(referee).staticcall(data);
        gas -= gasleft();
        assertTrue(ok);
        uint256 floor = 10 * tokens;
        uint256 full = 4 * tokens + gas;
        return INTRINSIC + (full > floor ? full : floor);
    }
}
