// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Vm} from "forge-std/Vm.sol";
import {JobParameters, JobStatus, Terms} from "../../src/jobs/IJobRegistry.sol";
import {JobRegistry} from "../../src/jobs/JobRegistry.sol";
import {StakeVault} from "../../src/staking/StakeVault.sol";
import {Answer, ClaimStatus, Computation, IVerdeEvents} from "../../src/verde/IVerde.sol";
import {VerdeBase} from "../verde/VerdeBase.t.sol";

/// @notice The life of a job with the real Verde: paid, or voided by a dispute and solved again.
contract JobLifeVerde is VerdeBase {
    uint128 private constant REWARD = 500e18;
    bytes32 private constant INITIAL = keccak256("initial state");
    bytes32 private constant RIGHT = keccak256("right final state");
    bytes32 private constant WRONG = keccak256("wrong final state");

    address private immutable submitter = makeAddr("submitter");
    address private immutable honest = makeAddr("honest");
    JobRegistry private registry;
    StakeVault private honestVault;
    uint256 private job;

    function setUp() public override {
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
        require(token.transfer(submitter, REWARD));
        vm.startPrank(submitter);
        token.approve(address(registry), REWARD);
        job = registry.post(
            computation(),
            Terms(REWARD, uint128(STAKE), 1 hours, uint40(vm.getBlockTimestamp() + 2 days), "")
        );
        vm.stopPrank();
    }

    function newVault(address operator) private returns (StakeVault made) {
        vm.prank(operator);
        made = StakeVault(factory.create(9_000));
        token.approve(address(made), STAKE);
        made.deposit(STAKE, operator);
    }

    /// @dev One step: two checkpoints, the initial and the final state.
    function computation() private pure returns (Computation memory c) {
        c.nodesRoot = keccak256("nodes");
        c.statesRoot = keccak256("states");
        c.initialStateRoot = INITIAL;
        c.nodes = 4;
        c.states = 1;
        c.steps = 1;
        c.interval = 1;
    }

    function solve(address by, StakeVault from, bytes32 finalState) private returns (uint256) {
        bytes32[] memory first = new bytes32[](1);
        bytes32[] memory last = new bytes32[](1);
        first[0] = finalState;
        last[0] = INITIAL;
        bytes32 root = keccak256(abi.encode(INITIAL, finalState));
        vm.startPrank(by);
        registry.take(job, keccak256(abi.encode(computation())), address(from));
        uint256 claim = registry.commit(job, root, finalState, first, last, address(0));
        vm.stopPrank();
        return claim;
    }

    /// @dev The solver does not answer for the interval and its clock runs out.
    function challengeAndWin(uint256 claim, bytes32 finalState) private {
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

    function test_life_honestSolverIsPaid() public {
        uint256 claim = solve(honest, honestVault, RIGHT);
        vm.expectRevert(
            abi.encodeWithSelector(
                JobRegistry.JobRegistry_ClaimNotUpheld.selector, claim, ClaimStatus.Pending
            )
        );
        registry.settle(job);
        vm.warp(verde.claimOf(claim).windowEnd + 1);
        registry.settle(job);
        assertEq(registry.resultOf(job), RIGHT);
        assertEq(token.balanceOf(treasury), REWARD / 40);
        assertEq(honestVault.commissionOwed(), (REWARD - REWARD / 40) * 9 / 10);
        assertEq(honestVault.lockedAssets(), 0);
        assertEq(token.balanceOf(address(registry)), 0);
    }

    function test_life_cheatIsSlashedAndTheJobSolvedAgain() public {
        uint40 deadline = registry.jobs(job).deadline;
        uint256 began = vm.getBlockTimestamp();
        uint256 stakeBefore = vault.activeAssets();
        uint256 wrong = solve(solver, vault, WRONG);
        challengeAndWin(wrong, WRONG);
        assertEq(uint256(verde.statusOf(wrong)), uint256(ClaimStatus.Void));
        assertEq(vault.activeAssets(), stakeBefore - STAKE);
        assertEq(vault.lockedAssets(), 0);

        registry.reopen(job);
        assertEq(uint256(registry.jobs(job).status), uint256(JobStatus.Open));
        assertEq(registry.jobs(job).deadline, deadline + (vm.getBlockTimestamp() - began));
        assertEq(token.balanceOf(address(registry)), REWARD, "the escrow is untouched");

        uint256 right = solve(honest, honestVault, RIGHT);
        vm.warp(verde.claimOf(right).windowEnd + 1);
        registry.settle(job);
        assertEq(registry.resultOf(job), RIGHT);
        assertGt(honestVault.commissionOwed(), 0);

        // The challenger has its bond and its part of the slash to withdraw.
        verde.settle(wrong, 1);
        uint256 weiBefore = challenger.balance;
        verde.withdraw(challenger);
        assertEq(challenger.balance, weiBefore + 1 ether + 1);
        assertEq(token.balanceOf(challenger), STAKE * 4_000 / 10_000);
    }

    function test_life_stakeBehindAClaimCannotLeaveBeforeItIsFinal() public {
        uint256 claim = solve(honest, honestVault, WRONG);
        uint256 shares = honestVault.balanceOf(honest);
        vm.startPrank(honest);
        honestVault.requestRedeem(shares, honest, honest);
        vm.stopPrank();
        challengeAndWin(claim, WRONG);
        assertEq(honestVault.pendingRedeemRequest(0, honest), 0, "slashed on its way out");
        vm.warp(vm.getBlockTimestamp() + 60 days);
        assertEq(honestVault.maxWithdraw(honest), 0);
    }
}
