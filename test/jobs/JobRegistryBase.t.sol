// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";
import {Job, JobParameters, JobStatus, Terms} from "../../src/jobs/IJobRegistry.sol";
import {JobRegistry} from "../../src/jobs/JobRegistry.sol";
import {StakeVault} from "../../src/staking/StakeVault.sol";
import {StakeVaultFactory} from "../../src/staking/StakeVaultFactory.sol";
import {AIToken} from "../../src/token/AIToken.sol";
import {Computation} from "../../src/verde/IVerde.sol";
import {MockVerde} from "../mocks/MockVerde.sol";

/// @notice A registry over a Verde that decides as it is told, a submitter with tokens, a solver with stake.
abstract contract JobRegistryBase is Test {
    uint128 internal constant REWARD = 1_000e18;
    uint128 internal constant STAKE = 500e18;
    uint32 internal constant WORK = 1 hours;
    uint16 internal constant FEE_BPS = 250;
    uint16 internal constant PENALTY_BPS = 1_000;
    uint16 internal constant COMMISSION_BPS = 2_000;

    address internal immutable holder = makeAddr("holder");
    address internal immutable governance = makeAddr("governance");
    address internal immutable treasury = makeAddr("treasury");
    address internal immutable slashed = makeAddr("slashed");
    address internal immutable submitter = makeAddr("submitter");
    address internal immutable solver = makeAddr("solver");
    address internal immutable stranger = makeAddr("stranger");

    AIToken internal token;
    StakeVaultFactory internal factory;
    StakeVault internal vault;
    MockVerde internal verde;
    JobRegistry internal registry;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        token = AIToken(deployCode("AIToken.sol:AIToken", abi.encode(holder)));
        factory = newFactory();
        verde = new MockVerde(slashed);
        JobParameters memory p = JobParameters(treasury, FEE_BPS, PENALTY_BPS, 100e18);
        registry = newRegistry(address(token), address(verde), p);
        vm.prank(governance);
        factory.addLocker(address(registry), address(verde));
        vault = newVault(solver, 2_000e18);
        fund(submitter, 100_000e18);
        vm.prank(submitter);
        token.approve(address(registry), type(uint256).max);
    }

    /// @dev From artifacts: a test that embeds the code of a contract compiles it again.
    function newFactory() internal returns (StakeVaultFactory) {
        bytes memory args = abi.encode(governance, token, uint40(1 days), uint40(7 days));
        return StakeVaultFactory(deployCode("StakeVaultFactory.sol:StakeVaultFactory", args));
    }

    function newRegistry(address token_, address verde_, JobParameters memory p)
        internal
        returns (JobRegistry)
    {
        bytes memory args = abi.encode(governance, token_, verde_, factory, p);
        return JobRegistry(deployCode("JobRegistry.sol:JobRegistry", args));
    }

    function fund(address who, uint256 amount) internal {
        vm.prank(holder);
        require(token.transfer(who, amount));
    }

    /// @dev One half is the operator's bond, the other has shares; all of it can be locked.
    function newVault(address operator, uint256 assets) internal returns (StakeVault v) {
        fund(operator, assets);
        vm.startPrank(operator);
        v = StakeVault(factory.create(COMMISSION_BPS));
        token.approve(address(v), assets);
        v.depositSelfBond(assets - assets / 2);
        v.deposit(assets / 2, operator);
        vm.stopPrank();
    }

    function computation() internal pure returns (Computation memory c) {
        c.nodesRoot = "nodes";
        c.statesRoot = "states";
        c.initialStateRoot = "initial";
        c.nodes = 3;
        c.states = 2;
        c.steps = 10;
        c.interval = 4;
    }

    function computationId() internal pure returns (bytes32) {
        return keccak256(abi.encode(computation()));
    }

    function terms() internal view returns (Terms memory) {
        return
            Terms(REWARD, STAKE, WORK, uint40(vm.getBlockTimestamp() + 1 days), "http://127.0.0.1");
    }

    function post() internal returns (uint256 job) {
        vm.prank(submitter);
        return registry.post(computation(), terms());
    }

    function take(uint256 job) internal {
        vm.prank(solver);
        registry.take(job, computationId(), address(vault));
    }

    function commit(uint256 job) internal returns (uint256 claim) {
        vm.prank(solver);
        return registry.commit(
            job, "checkpoints", "final", new bytes32[](0), new bytes32[](0), address(0)
        );
    }

    function claimed() internal returns (uint256 job, uint256 claim) {
        job = post();
        take(job);
        claim = commit(job);
    }

    function status(uint256 job) internal view returns (JobStatus) {
        return registry.jobs(job).status;
    }

    /// @dev What the registry owes is what it holds, to the wei.
    function checkConservation() internal view {
        uint256 owed;
        for (uint256 id = 1; id <= registry.jobCount(); ++id) {
            Job memory j = registry.jobs(id);
            if (
                j.status == JobStatus.Open || j.status == JobStatus.Taken
                    || j.status == JobStatus.Claimed
            ) owed += j.reward;
        }
        assertEq(token.balanceOf(address(registry)), owed, "balance is what is owed");
        assertEq(token.allowance(address(registry), address(vault)), 0, "no allowance stays");
    }
}
