// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CommonBase} from "forge-std/Base.sol";
import {StdCheats} from "forge-std/StdCheats.sol";
import {StdUtils} from "forge-std/StdUtils.sol";
import {Job, JobParameters, JobStatus, Terms} from "../../src/jobs/IJobRegistry.sol";
import {JobRegistry} from "../../src/jobs/JobRegistry.sol";
import {StakeVault} from "../../src/staking/StakeVault.sol";
import {Computation} from "../../src/verde/IVerde.sol";
import {MockVerde} from "../mocks/MockVerde.sol";
import {JobRegistryBase} from "./JobRegistryBase.t.sol";

/// @notice Lives many jobs at once. An action takes a job in the status it needs, or brings one there; it is accepted
/// unless there is no stake for it. Nothing that is tried reverts.
contract JobRegistryHandler is CommonBase, StdCheats, StdUtils {
    JobRegistry private immutable registry;
    MockVerde private immutable verde;
    address private immutable submitter;
    address private immutable governance;
    address private immutable treasury;
    StakeVault[3] private vaults;

    uint256 public tried;
    uint256 public accepted;

    constructor(
        JobRegistry registry_,
        address submitter_,
        address governance_,
        address treasury_,
        StakeVault[3] memory vaults_
    ) {
        registry = registry_;
        verde = MockVerde(address(registry_.verde()));
        submitter = submitter_;
        governance = governance_;
        treasury = treasury_;
        vaults = vaults_;
    }

    modifier counted() {
        ++tried;
        _;
    }

    function computation(uint256 seed) private pure returns (Computation memory c) {
        c.steps = uint32(1 + seed % 5);
    }

    /// @dev A job in the status and, if it matters, in time for the next one; zero if there is none.
    function find(uint256 seed, JobStatus status, bool inTime) private view returns (uint256) {
        uint256 count = registry.jobCount();
        for (uint256 i; i < count; ++i) {
            uint256 job = 1 + addmod(seed, i, count);
            Job memory j = registry.jobs(job);
            if (j.status != status) continue;
            uint256 due = status == JobStatus.Open ? j.deadline : due_(j);
            if (!inTime || vm.getBlockTimestamp() <= due) return job;
        }
        return 0;
    }

    /// @dev A job in the status, brought there if there is none; zero if there is no stake for it.
    function reach(uint256 seed, JobStatus status, bool inTime) private returns (uint256 job) {
        job = find(seed, status, inTime && status != JobStatus.Claimed);
        if (job != 0) return job;
        if (status == JobStatus.Open) return _post(seed);
        if (status == JobStatus.Taken) return _take(reach(seed, JobStatus.Open, true), seed);
        return _commit(reach(seed, JobStatus.Taken, true), seed);
    }

    function due_(Job memory j) private pure returns (uint256) {
        return uint256(j.takenAt) + j.workSeconds;
    }

    function post(uint256 seed) external counted {
        _post(seed);
        ++accepted;
    }

    function _post(uint256 seed) private returns (uint256) {
        Terms memory terms = Terms({
            reward: uint128(1 + seed % 1e20),
            stake: uint128(1 + (seed >> 8) % 1e19),
            workSeconds: uint32(1 + seed % 1 days),
            deadline: uint40(vm.getBlockTimestamp() + seed % 5 days),
            uri: ""
        });
        vm.prank(submitter);
        return registry.post(computation(seed), terms);
    }

    function take(uint256 seed) external counted {
        if (_take(reach(seed, JobStatus.Open, true), seed) != 0) ++accepted;
    }

    function _take(uint256 job, uint256 seed) private returns (uint256) {
        Job memory j = registry.jobs(job);
        for (uint256 i; i < 3; ++i) {
            StakeVault vault = vaults[addmod(seed, i, 3)];
            if (vault.freeAssets() < j.stake) continue;
            vm.prank(vault.operator());
            registry.take(job, j.computation, address(vault));
            return job;
        }
        return 0;
    }

    function commit(uint256 seed) external counted {
        if (_commit(reach(seed, JobStatus.Taken, true), seed) != 0) ++accepted;
    }

    function _commit(uint256 job, uint256 seed) private returns (uint256) {
        if (job == 0) return 0;
        bytes32[] memory none;
        vm.prank(StakeVault(registry.jobs(job).vault).operator());
        registry.commit(job, bytes32(seed), bytes32(seed), none, none, address(0));
        return job;
    }

    function settle(uint256 seed) external counted {
        uint256 job = reach(seed, JobStatus.Claimed, false);
        if (job == 0) return;
        verde.uphold(registry.jobs(job).claim);
        registry.settle(job);
        ++accepted;
    }

    function reopen(uint256 seed) external counted {
        uint256 job = reach(seed, JobStatus.Claimed, false);
        if (job == 0) return;
        verde.void(registry.jobs(job).claim);
        registry.reopen(job);
        ++accepted;
    }

    function abandon(uint256 seed) external counted {
        uint256 job = reach(seed, JobStatus.Taken, false);
        if (job == 0) return;
        uint256 due = due_(registry.jobs(job));
        if (vm.getBlockTimestamp() <= due) vm.warp(due + 1);
        registry.abandon(job);
        ++accepted;
    }

    function cancel(uint256 seed) external counted {
        JobStatus[3] memory statuses = [JobStatus.Open, JobStatus.Taken, JobStatus.Claimed];
        uint256 job = reach(seed, statuses[seed % 3], false);
        if (job == 0) return;
        vm.prank(submitter);
        registry.cancel(job);
        ++accepted;
    }

    function expire(uint256 seed) external counted {
        uint256 job = reach(seed, JobStatus.Open, false);
        uint40 deadline = registry.jobs(job).deadline;
        if (vm.getBlockTimestamp() <= deadline) vm.warp(uint256(deadline) + 1);
        registry.expire(job);
        ++accepted;
    }

    function setParameters(uint16 feeBps, uint16 penaltyBps) external counted {
        vm.prank(governance);
        registry.setParameters(JobParameters(treasury, feeBps % 1_001, penaltyBps % 2_001, 1));
        ++accepted;
    }

    function warp(uint256 seed) external counted {
        vm.warp(vm.getBlockTimestamp() + 1 + seed % 12 hours);
        ++accepted;
    }

    /// @dev Every job is brought to its end.
    function endAll() external {
        vm.warp(vm.getBlockTimestamp() + 1000 days);
        for (uint256 job = 1; job <= registry.jobCount(); ++job) {
            Job memory j = registry.jobs(job);
            if (j.status == JobStatus.Taken) registry.abandon(job);
            if (j.status == JobStatus.Claimed) {
                verde.uphold(j.claim);
                registry.settle(job);
            }
            if (registry.jobs(job).status == JobStatus.Open) {
                vm.prank(submitter);
                registry.cancel(job);
            }
        }
    }
}

/// forge-config: default.invariant.runs = 48
/// forge-config: default.invariant.depth = 100
/// forge-config: default.invariant.fail-on-revert = true
contract JobRegistryInvariants is JobRegistryBase {
    JobRegistryHandler private handler;
    StakeVault[3] private vaults;

    function setUp() public override {
        super.setUp();
        vaults = [vault, newVault(makeAddr("two"), 300e18), newVault(makeAddr("three"), 40e18)];
        vm.prank(governance);
        registry.setParameters(JobParameters(treasury, FEE_BPS, PENALTY_BPS, 1));
        handler = new JobRegistryHandler(registry, submitter, governance, treasury, vaults);
        targetContract(address(handler));
        bytes4[] memory excluded = new bytes4[](1);
        excluded[0] = JobRegistryHandler.endAll.selector;
        excludeSelector(FuzzSelector(address(handler), excluded));
    }

    function invariant_escrowAndStakeAreWhatJobsOwe() public view {
        checkConservation();
        checkLocks();
        checkSupply();
    }

    /// @dev Every attempt under way is locked, and nothing else.
    function checkLocks() private view {
        uint256[3] memory locked;
        for (uint256 id = 1; id <= registry.jobCount(); ++id) {
            Job memory j = registry.jobs(id);
            (address by, uint256 amount) = j.vault == address(0) ? (address(0), 0) : lockOf(j, id);
            if (j.status == JobStatus.Taken || j.status == JobStatus.Claimed) {
                assertEq(by, address(registry));
                assertEq(amount, j.stake);
                for (uint256 i; i < 3; ++i) {
                    if (j.vault == address(vaults[i])) locked[i] += amount;
                }
            } else {
                assertEq(amount, 0, "an attempt that is over holds nothing");
            }
        }
        for (uint256 i; i < 3; ++i) {
            assertEq(vaults[i].lockedAssets(), locked[i]);
        }
    }

    function lockOf(Job memory j, uint256 id) private view returns (address, uint256) {
        return StakeVault(j.vault).lockOf(registry.lockIdOf(id, j.attempt));
    }

    /// @dev No token appears or vanishes.
    function checkSupply() private view {
        uint256 sum = token.balanceOf(address(registry)) + token.balanceOf(holder)
            + token.balanceOf(submitter) + token.balanceOf(treasury) + token.balanceOf(slashed)
            + token.balanceOf(solver);
        for (uint256 i; i < 3; ++i) {
            sum += token.balanceOf(address(vaults[i]));
        }
        assertEq(sum, token.SUPPLY());
    }

    /// @dev Nothing is stuck: every job comes to an end, and then the registry holds nothing and no stake is locked.
    function afterInvariant() public {
        assertGt(handler.accepted() * 10, handler.tried() * 7, "most actions find a job");
        handler.endAll();
        assertEq(token.balanceOf(address(registry)), 0);
        for (uint256 i; i < 3; ++i) {
            assertEq(vaults[i].lockedAssets(), 0);
        }
    }
}
