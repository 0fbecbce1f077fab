// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Vm} from "forge-std/Vm.sol";
import {JobParameters, Terms} from "../../src/jobs/IJobRegistry.sol";
import {JobRegistry} from "../../src/jobs/JobRegistry.sol";
import {StakeVault} from "../../src/staking/StakeVault.sol";
import {Answer, Computation, IVerdeEvents} from "../../src/verde/IVerde.sol";
import {VerdeBase} from "../verde/VerdeBase.t.sol";

/// @notice A job of one step at a registry with the real Verde, an honest solver and whoever else comes.
abstract contract JobVerdeBase is VerdeBase {
    uint128 internal constant REWARD = 500e18;
    bytes32 internal constant INITIAL = keccak256("initial state");
    bytes32 internal constant RIGHT = keccak256("right final state");
    bytes32 internal constant WRONG = keccak256("wrong final state");

    address internal immutable submitter = makeAddr("submitter");
    address internal immutable honest = makeAddr("honest");
    JobRegistry internal registry;
    StakeVault internal honestVault;
    uint256 internal job;

    function setUp() public virtual override {
        super.setUp();
        registry = JobRegistry(
            deployCode(
                "JobRegistry.sol:JobRegistry",
                abi.encode(
                    governor, token, verde, factory, JobParameters(treasury, 250, 1_000, 1e18)
                )
            )
        );
        vm.prank(governor);
        factory.addLocker(address(registry), address(verde));
        honestVault = newVault(honest);
        require(token.transfer(submitter, 100 * REWARD));
        vm.prank(submitter);
        token.approve(address(registry), type(uint256).max);
    }

    function post() internal {
        uint40 deadline = uint40(vm.getBlockTimestamp() + 2 days);
        vm.prank(submitter);
        job = registry.post(
            computation(), Terms(REWARD, uint128(STAKE), 1 hours, deadline, "http://store")
        );
    }

    /// @dev A vault that can lock STAKE: one half is the operator's bond, the other has shares.
    function newVault(address operator) internal returns (StakeVault made) {
        require(token.transfer(operator, STAKE));
        vm.startPrank(operator);
        made = StakeVault(factory.create(9_000));
        token.approve(address(made), STAKE);
        made.depositSelfBond(STAKE / 2);
        made.deposit(STAKE / 2, operator);
        vm.stopPrank();
    }

    /// @dev One step: two checkpoints, the initial and the final state.
    function computation() internal pure returns (Computation memory c) {
        c.nodesRoot = keccak256("nodes");
        c.statesRoot = keccak256("states");
        c.initialStateRoot = INITIAL;
        c.nodes = 4;
        c.states = 1;
        c.steps = 1;
        c.interval = 1;
    }

    function take(address by, StakeVault from) internal {
        vm.prank(by);
        registry.take(job, keccak256(abi.encode(computation())), address(from));
    }

    function commit(address by, bytes32 finalState) internal returns (uint256) {
        bytes32[] memory first = new bytes32[](1);
        bytes32[] memory last = new bytes32[](1);
        first[0] = finalState;
        last[0] = INITIAL;
        bytes32 root = keccak256(abi.encode(INITIAL, finalState));
        vm.prank(by);
        return registry.commit(job, root, finalState, first, last, address(0));
    }

    function solve(address by, StakeVault from, bytes32 finalState) internal returns (uint256) {
        take(by, from);
        return commit(by, finalState);
    }

    /// @dev The solver does not answer for the interval and its clock runs out.
    function challengeAndWin(uint256 claim, bytes32 finalState) internal {
        vm.recordLogs();
        vm.prank(challenger);
        uint256 dispute = verde.challenge{value: 1 ether + 1}(
            claim, address(0), 0, INITIAL, finalState, new bytes32[](0)
        );
        bytes32[7] memory position;
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] == IVerdeEvents.Challenged.selector) {
                (, position) = abi.decode(logs[i].data, (address, bytes32[7]));
            }
        }
        vm.warp(vm.getBlockTimestamp() + 8 hours + 1);
        verde.timeout(dispute, position, Answer(0, 0));
    }
}
