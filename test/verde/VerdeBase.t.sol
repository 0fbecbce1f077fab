// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {Test} from "forge-std/Test.sol";
import {Vm} from "forge-std/Vm.sol";
import {IReferee} from "../../src/repops/IReferee.sol";
import {Referee} from "../../src/repops/Referee.sol";
import {StakeVault} from "../../src/staking/StakeVault.sol";
import {StakeVaultFactory} from "../../src/staking/StakeVaultFactory.sol";
import {AIToken} from "../../src/token/AIToken.sol";
import {IVaults} from "../../src/verde/IVaults.sol";
import {Answer, ClaimInput, IVerde, IVerdeEvents} from "../../src/verde/IVerde.sol";
import {Relies} from "../../src/verde/Ledger.sol";
import {Parameters, ParameterSet} from "../../src/verde/Parameters.sol";

/// @notice Deploys Verde with the real token, vaults and referee. This contract plays the job registry: it locks
/// stake and makes claims.
/// @dev Deploys from artifacts: a test contract that embedded the code of all of them would compile it again.
abstract contract VerdeBase is Test {
    uint256 internal constant STAKE = 1_000e18;

    address internal governor = makeAddr("governor");
    address internal treasury = makeAddr("treasury");
    address internal solver = makeAddr("solver");
    address internal solverDelegate = makeAddr("solver's delegate");
    address internal challenger = makeAddr("challenger");
    address internal challengerDelegate = makeAddr("challenger's delegate");
    address internal stranger = makeAddr("stranger");

    AIToken internal token;
    StakeVaultFactory internal factory;
    StakeVault internal vault;
    Referee internal referee;
    Parameters internal parameters;
    IVerde internal verde;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        token = AIToken(deployCode("AIToken.sol:AIToken", abi.encode(address(this))));
        factory = StakeVaultFactory(
            deployCode(
                "StakeVaultFactory.sol:StakeVaultFactory",
                abi.encode(governor, address(token), uint40(1), uint40(30 days))
            )
        );
        referee = Referee(
            deployCode("Referee.sol:Referee", abi.encode(deployCode("Elementwise.sol:Elementwise")))
        );
        parameters =
            Parameters(deployCode("Parameters.sol:Parameters", abi.encode(governor, _terms())));
        verde = IVerde(
            deployCode(
                "Verde.sol:Verde",
                abi.encode(
                    Relies(
                        ERC20Burnable(address(token)),
                        IVaults(address(factory)),
                        IReferee(address(referee)),
                        parameters
                    )
                )
            )
        );
        vm.prank(governor);
        factory.addLocker(address(this), address(verde));
        vm.prank(solver);
        vault = StakeVault(factory.create(0));
        token.approve(address(vault), type(uint256).max);
        vault.deposit(100 * STAKE, solver);
        vm.deal(challenger, 1_000 ether);
        vm.deal(stranger, 1_000 ether);
        vm.recordLogs();
    }

    function _terms() internal view virtual returns (ParameterSet memory) {
        return ParameterSet({
            window: 1 days,
            solverBudget: 8 hours,
            challengerBudget: 6 hours,
            extension: 10 minutes,
            heavyExtension: 1 hours,
            liveLimit: 2,
            challengerBps: 4_000,
            burnBps: 3_000,
            bondWei: 1 ether + 1,
            costs: 10e18,
            treasury: treasury
        });
    }

    /// @dev A claim by `solver` with `solverDelegate`, backed by a fresh lock.
    function _claim(
        bytes32 computation,
        bytes32 checkpointRoot,
        bytes32 finalStateRoot,
        bytes32[] memory first,
        bytes32[] memory last
    ) internal returns (uint256) {
        bytes32 lockId = keccak256(abi.encode(computation, checkpointRoot, vm.getBlockTimestamp()));
        vault.lock(lockId, STAKE);
        return verde.claim(
            ClaimInput(
                computation,
                checkpointRoot,
                finalStateRoot,
                solver,
                solverDelegate,
                address(vault),
                lockId
            ),
            first,
            last
        );
    }

    function _none() internal pure returns (Answer memory) {}

    function _noProof() internal pure returns (bytes32[] memory) {
        return new bytes32[](0);
    }

    // ------------------------------------------------------------------------------------------------
    // What a keeper reads from the events
    // ------------------------------------------------------------------------------------------------

    bytes32[7] internal lastPosition;
    uint256 internal lastDispute;
    Answer internal lastAnswer; // that the phase of the last position waits for

    /// @dev Reads the events since the last call; `vm.recordLogs` must be on.
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
}
