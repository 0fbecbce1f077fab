// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Vm} from "forge-std/Vm.sol";
import {Operand, Scene} from "../../src/repops/IReferee.sol";
import {Referee} from "../../src/repops/Referee.sol";
import {ClaimStatus, Computation, Phase, Position} from "../../src/verde/IVerde.sol";
import {Positions} from "../../src/verde/Positions.sol";
import {Case} from "../repops/JudgeScenes.sol";
import {TreeBuilder} from "../repops/TreeBuilder.sol";
import {VerdeBase} from "./VerdeBase.t.sol";
import {WorstCaseBook} from "./WorstCaseBook.sol";

/// @notice What `prove` costs, per operator, in its dearest case: the whole transaction that wins the dispute,
/// voids the claim and slashes the stake, from cold storage. Written to snapshots/gas/prove.json.
/// forge-config: default.isolate = true
contract ProveGasTest is VerdeBase {
    WorstCaseBook internal book;

    function test_prove_costsFarBelowTheLimit() public {
        book = WorstCaseBook(deployCode("WorstCaseBook.sol:WorstCaseBook"));
        (string[44] memory names, uint8[44] memory codes) = book.operators();
        uint256 max;
        for (uint256 i; codes[i] != 0; ++i) {
            uint256 before = vm.snapshotState(); // every first write to a slot is one for each of them
            uint256 gas = _prove(book.worst(codes[i]));
            vm.revertToState(before);
            if (gas > max) max = gas;
            vm.serializeUint("prove", string.concat("prove.", names[i]), gas);
        }
        vm.serializeUint("prove", "fold256", book.foldGas());
        vm.writeJson(vm.serializeUint("prove", "prove.max", max), "snapshots/gas/prove.json");
        assertLt(max, 800_000);
    }

    /// Claims a computation with the case's scene, disputes its last step, and proves.
    function _prove(Case memory c) internal returns (uint256 gas) {
        bytes32[] memory checkpoints = new bytes32[](c.scene.step + 2);
        checkpoints[c.scene.step] = c.scene.stateRoot;
        checkpoints[c.scene.step + 1] = keccak256(c.encoding);
        uint256 claimId = _claimOf(c.scene, checkpoints);
        vm.recordLogs();
        vm.startStateDiffRecording();
        uint256 dispute = _challengeLast(claimId, checkpoints);
        bytes32[7] memory position = _atProof(c);
        vm.prank(challenger);
        verde.prove(dispute, position, c.encoding, c.operands);
        gas = vm.lastCallGas().gasTotalUsed;
        assertEq(uint256(verde.statusOf(claimId)), uint256(ClaimStatus.Void));
    }

    function _claimOf(Scene memory s, bytes32[] memory checkpoints) private returns (uint256) {
        uint256 steps = checkpoints.length - 1;
        Computation memory computation = Computation({
            nodesRoot: keccak256("nodes"),
            statesRoot: keccak256("states"),
            constantEntriesRoot: keccak256("constants"),
            initialStateRoot: checkpoints[0],
            constantsRoot: s.constantsRoot == 0 ? keccak256("unread") : s.constantsRoot,
            nodes: s.nodes,
            states: s.states,
            constants: s.constants,
            steps: uint32(steps),
            interval: 1,
            seed: s.seed
        });
        return _claim(
            verde.register(computation),
            TreeBuilder.root(checkpoints),
            checkpoints[steps],
            TreeBuilder.proof(checkpoints, 0, 0),
            TreeBuilder.proof(checkpoints, steps, steps)
        );
    }

    /// Disputes the last interval of a claim, a step long.
    function _challengeLast(uint256 claimId, bytes32[] memory checkpoints)
        private
        returns (uint256)
    {
        uint256 last = checkpoints.length - 2;
        uint256 bond = verde.claimOf(claimId).bondWei;
        bytes32[] memory proof = TreeBuilder.proof(checkpoints, last, last + 1);
        vm.prank(challenger);
        return verde.challenge{value: bond}(
            claimId, address(0), uint32(last), checkpoints[last], checkpoints[last + 1], proof
        );
    }

    /// Puts the dispute that has just been opened where the walk to the case would have led it, by
    /// replacing the hash of its position: the cost of the other moves is measured elsewhere.
    function _atProof(Case memory c) internal returns (bytes32[7] memory packed) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].emitter != address(verde) || logs[i].data.length < 8 * 32) continue;
            (, packed) = abi.decode(logs[i].data, (address, bytes32[7])); // Challenged
        }
        bytes32 stored = Positions.hash(packed);
        Position memory p = Positions.unpack(packed);
        assertEq(p.step, c.scene.step);
        p.phase = Phase.Proof;
        p.node = c.scene.node;
        p.element = uint40(c.element);
        p.segment = uint16(c.segment);
        p.graph = c.scene.graphRoot;
        p.encodingHash = keccak256(c.encoding);
        p.value =
            ~Referee(address(referee)).judge(c.scene, c.encoding, c.element, c.segment, c.operands);
        packed = Positions.pack(p);

        Vm.AccountAccess[] memory accesses = vm.stopAndReturnStateDiff();
        bool found;
        for (uint256 i; i < accesses.length; ++i) {
            Vm.StorageAccess[] memory slots = accesses[i].storageAccesses;
            for (uint256 j; j < slots.length; ++j) {
                if (!slots[j].isWrite || slots[j].newValue != stored) continue;
                vm.store(address(verde), slots[j].slot, Positions.hash(packed));
                found = true;
            }
        }
        assertTrue(found, "no slot holds the position's hash");
    }
}
