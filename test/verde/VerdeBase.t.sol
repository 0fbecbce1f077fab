// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";
import {Vm} from "forge-std/Vm.sol";
import {Referee} from "../../src/repops/Referee.sol";
import {StakeVault} from "../../src/staking/StakeVault.sol";
import {StakeVaultFactory} from "../../src/staking/StakeVaultFactory.sol";
import {AIToken} from "../../src/token/AIToken.sol";
import {Answer, IVerde, IVerdeEvents} from "../../src/verde/IVerde.sol";
import {Parameters} from "../../src/verde/Parameters.sol";
import {Stage} from "./Stage.sol";

/// @notice A test on a `Stage`, and what a keeper reads from the events.
abstract contract VerdeBase is Test {
    uint256 internal constant STAKE = 1_000e18;

    Stage internal stage;
    AIToken internal token;
    StakeVaultFactory internal factory;
    StakeVault internal vault;
    Referee internal referee;
    Parameters internal parameters;
    IVerde internal verde;

    address internal governor;
    address internal treasury;
    address internal solver;
    address internal solverDelegate;
    address internal challenger = address(0xc4a11e4e);
    address internal challengerDelegate = address(0xde1e9a7e);
    address internal stranger = address(0x57a49e4);

    bytes32[7] internal lastPosition;
    uint256 internal lastDispute;
    Answer internal lastAnswer; // that the phase of the last position waits for

    function setUp() public virtual {
        _enter(Stage(deployCode("Stage.sol:Stage")));
    }

    function _enter(Stage at_) internal {
        stage = at_;
        token = at_.TOKEN();
        factory = at_.FACTORY();
        vault = at_.VAULT();
        referee = at_.REFEREE();
        parameters = at_.PARAMETERS();
        verde = at_.VERDE();
        governor = at_.GOVERNOR();
        treasury = at_.TREASURY();
        solver = at_.SOLVER();
        solverDelegate = at_.SOLVER_DELEGATE();
        vm.deal(challenger, 1_000 ether);
        vm.deal(stranger, 1_000 ether);
        vm.recordLogs();
    }

    /// @dev Reads the events since the last call.
    function _read() internal {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            bytes32 topic = logs[i].topics[0];
            if (topic == IVerdeEvents.Moved.selector) {
                bytes32 phase = lastPosition[0] >> 248;
                lastPosition = abi.decode(logs[i].data, (bytes32[7]));
                lastDispute = uint256(logs[i].topics[1]);
                if (lastPosition[0] >> 248 != phase) delete lastAnswer;
            } else if (topic == IVerdeEvents.Challenged.selector) {
                (, lastPosition) = abi.decode(logs[i].data, (address, bytes32[7]));
                lastDispute = uint256(logs[i].topics[2]);
                delete lastAnswer;
            } else if (
                topic == IVerdeEvents.StepsCommitted.selector
                    || topic == IVerdeEvents.GraphCommitted.selector
            ) {
                (lastAnswer.root, lastAnswer.time) = abi.decode(logs[i].data, (bytes32, uint40));
            }
        }
    }

    /// @dev A claim by `solver` with `solverDelegate`, backed by a fresh lock.
    function _claim(
        bytes32 computation,
        bytes32 checkpointRoot,
        bytes32 finalStateRoot,
        bytes32[] memory first,
        bytes32[] memory last
    ) internal returns (uint256) {
        return stage.claim(computation, checkpointRoot, finalStateRoot, first, last);
    }

    function _none() internal pure returns (Answer memory) {}

    function _noProof() internal pure returns (bytes32[] memory) {
        return new bytes32[](0);
    }
}
