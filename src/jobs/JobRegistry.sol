// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";
import {SafeTransferLib} from "solady/utils/SafeTransferLib.sol";
import {IStakeVault} from "../staking/IStakeVault.sol";
import {IStakeVaultFactory} from "../staking/IStakeVaultFactory.sol";
import {ClaimInput, ClaimStatus, Computation, IVerde} from "../verde/IVerde.sol";
import {IJobRegistry, Job, JobParameters, JobStatus, Terms} from "./IJobRegistry.sol";

/// @title JobRegistry
/// @notice Where work is bought: escrow, stake and pay of jobs. What is right is decided by Verde.
/// @dev The token is $AI, which calls nobody back; vaults and Verde are the protocol's own.
contract JobRegistry is IJobRegistry, Ownable2Step {
    using SafeTransferLib for address;

    uint256 internal constant ALL = 10_000; // basis points
    uint16 public constant MAX_FEE_BPS = 1_000;
    uint16 public constant MAX_PENALTY_BPS = 2_000;
    /// @notice How far ahead a deadline may lie, and how long an attempt may take.
    uint40 public constant MAX_SECONDS = 365 days;
    uint256 public constant MAX_URI_BYTES = 1024;

    address public immutable token;
    IVerde public immutable verde;
    IStakeVaultFactory public immutable factory;

    /// @inheritdoc IJobRegistry
    uint256 public jobCount;
    JobParameters internal params;
    mapping(uint256 job => Job) internal stored;

    error JobRegistry_ZeroAddress();
    error JobRegistry_FeeTooHigh(uint16 feeBps);
    error JobRegistry_PenaltyTooHigh(uint16 penaltyBps);
    error JobRegistry_ZeroMinStake();
    error JobRegistry_ZeroReward();
    error JobRegistry_StakeTooLow(uint128 stake, uint128 minStake);
    error JobRegistry_BadWorkSeconds(uint32 workSeconds);
    error JobRegistry_BadDeadline(uint40 deadline);
    error JobRegistry_UriTooLong(uint256 length);
    error JobRegistry_WrongStatus(uint256 job, JobStatus status);
    error JobRegistry_WrongComputation(uint256 job, bytes32 computation);
    error JobRegistry_NotSubmitter(uint256 job, address caller);
    error JobRegistry_NotVault(address vault);
    error JobRegistry_NotOperator(address vault, address caller);
    error JobRegistry_PastDeadline(uint256 job, uint40 deadline);
    error JobRegistry_BeforeDeadline(uint256 job, uint40 deadline);
    error JobRegistry_TooLate(uint256 job, uint256 due);
    error JobRegistry_StillInTime(uint256 job, uint256 due);
    error JobRegistry_ClaimNotUpheld(uint256 claim, ClaimStatus status);
    error JobRegistry_ClaimNotVoid(uint256 claim, ClaimStatus status);

    constructor(
        address owner,
        address token_,
        IVerde verde_,
        IStakeVaultFactory factory_,
        JobParameters memory parameters_
    ) Ownable(owner) {
        if (
            token_ == address(0) || address(verde_) == address(0) || address(factory_) == address(0)
        ) revert JobRegistry_ZeroAddress();
        token = token_;
        verde = verde_;
        factory = factory_;
        _setParameters(parameters_);
    }

    /// @inheritdoc IJobRegistry
    function post(Computation calldata computation, Terms calldata terms)
        public
        returns (uint256 job)
    {
        JobParameters memory p = params;
        if (terms.reward == 0) revert JobRegistry_ZeroReward();
        if (terms.stake < p.minStake) revert JobRegistry_StakeTooLow(terms.stake, p.minStake);
        if (terms.workSeconds == 0 || terms.workSeconds > MAX_SECONDS) {
            revert JobRegistry_BadWorkSeconds(terms.workSeconds);
        }
        if (terms.deadline < block.timestamp || terms.deadline > block.timestamp + MAX_SECONDS) {
            revert JobRegistry_BadDeadline(terms.deadline);
        }
        if (bytes(terms.uri).length > MAX_URI_BYTES) {
            revert JobRegistry_UriTooLong(bytes(terms.uri).length);
        }

        bytes32 id = verde.register(computation);
        job = ++jobCount;
        Job storage j = stored[job];
        j.status = JobStatus.Open;
        j.submitter = msg.sender;
        j.deadline = terms.deadline;
        j.workSeconds = terms.workSeconds;
        j.feeBps = p.feeBps;
        j.penaltyBps = p.penaltyBps;
        j.reward = terms.reward;
        j.stake = terms.stake;
        j.computation = id;
        emit JobPosted(job, msg.sender, id, terms, p.feeBps, p.penaltyBps);
        token.safeTransferFrom(msg.sender, address(this), terms.reward);
    }

    /// @inheritdoc IJobRegistry
    function postWithPermit(
        Computation calldata computation,
        Terms calldata terms,
        uint256 permitDeadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external returns (uint256 job) {
        // Whoever sees the signature can send it first; the allowance, not this call, is what counts.
        try IERC20Permit(token)
            .permit(msg.sender, address(this), terms.reward, permitDeadline, v, r, s) {}
            catch {}
        return post(computation, terms);
    }

    /// @inheritdoc IJobRegistry
    function take(uint256 job, bytes32 computation, address vault) external {
        Job storage j = _expect(job, JobStatus.Open);
        if (computation != j.computation) revert JobRegistry_WrongComputation(job, j.computation);
        if (block.timestamp > j.deadline) revert JobRegistry_PastDeadline(job, j.deadline);
        if (!factory.isVault(vault)) revert JobRegistry_NotVault(vault);
        _checkOperator(vault);

        uint32 attempt = ++j.attempt;
        bytes32 lockId = lockIdOf(job, attempt);
        j.status = JobStatus.Taken;
        j.vault = vault;
        j.takenAt = uint40(block.timestamp);
        emit JobTaken(job, attempt, vault, msg.sender, lockId);
        IStakeVault(vault).lock(lockId, j.stake);
    }

    /// @inheritdoc IJobRegistry
    function commit(
        uint256 job,
        bytes32 checkpointRoot,
        bytes32 finalStateRoot,
        bytes32[] calldata first,
        bytes32[] calldata last,
        address delegate
    ) external returns (uint256 claim) {
        Job storage j = _expect(job, JobStatus.Taken);
        _checkOperator(j.vault);
        if (block.timestamp > _due(j)) revert JobRegistry_TooLate(job, _due(j));

        j.status = JobStatus.Claimed;
        claim = verde.claim(
            ClaimInput({
                computation: j.computation,
                checkpointRoot: checkpointRoot,
                finalStateRoot: finalStateRoot,
                solver: msg.sender,
                delegate: delegate,
                vault: j.vault,
                lockId: lockIdOf(job, j.attempt),
                workSeconds: j.workSeconds
            }),
            first,
            last
        );
        j.claim = claim;
        emit JobClaimed(job, j.attempt, claim, finalStateRoot);
    }

    /// @inheritdoc IJobRegistry
    function settle(uint256 job) external {
        Job storage j = _expect(job, JobStatus.Claimed);
        ClaimStatus status = verde.statusOf(j.claim);
        if (status != ClaimStatus.Upheld) revert JobRegistry_ClaimNotUpheld(j.claim, status);

        j.status = JobStatus.Settled;
        uint256 fee = uint256(j.reward) * j.feeBps / ALL;
        uint256 paid = j.reward - fee;
        address vault = j.vault;
        emit JobSettled(job, j.claim, vault, paid, fee);

        IStakeVault(vault).unlock(lockIdOf(job, j.attempt));
        token.safeApprove(vault, paid);
        IStakeVault(vault).reward(paid);
        if (fee != 0) token.safeTransfer(params.treasury, fee);
    }

    /// @inheritdoc IJobRegistry
    /// @dev The lock is gone: Verde slashed it in the transaction that voided the claim.
    function reopen(uint256 job) external {
        Job storage j = _expect(job, JobStatus.Claimed);
        ClaimStatus status = verde.statusOf(j.claim);
        if (status != ClaimStatus.Void) revert JobRegistry_ClaimNotVoid(j.claim, status);
        _retry(job, j);
    }

    /// @inheritdoc IJobRegistry
    function abandon(uint256 job) external {
        Job storage j = _expect(job, JobStatus.Taken);
        if (block.timestamp <= _due(j)) revert JobRegistry_StillInTime(job, _due(j));

        uint256 penalty = FixedPointMathLib.mulDivUp(j.stake, j.penaltyBps, ALL);
        emit JobAbandoned(job, j.attempt, j.vault, penalty);
        _retry(job, j);
        IStakeVault(j.vault).forfeit(lockIdOf(job, j.attempt), penalty, params.treasury);
    }

    /// @inheritdoc IJobRegistry
    /// @dev Without the flag a solver could take a job again in the transaction that opens it, and hold the escrow
    /// for as long as it pays for it.
    function cancel(uint256 job) external {
        Job storage j = stored[job];
        if (msg.sender != j.submitter) revert JobRegistry_NotSubmitter(job, msg.sender);
        if (j.status == JobStatus.Open) {
            _return(job, j, JobStatus.Cancelled);
        } else if (j.status == JobStatus.Taken || j.status == JobStatus.Claimed) {
            j.cancelling = true;
            emit JobCancelRequested(job);
        } else {
            revert JobRegistry_WrongStatus(job, j.status);
        }
    }

    /// @inheritdoc IJobRegistry
    function expire(uint256 job) external {
        Job storage j = _expect(job, JobStatus.Open);
        if (block.timestamp <= j.deadline) revert JobRegistry_BeforeDeadline(job, j.deadline);
        _return(job, j, JobStatus.Expired);
    }

    /// @dev Opens the job again, or returns the escrow if its submitter has asked for it.
    function _retry(uint256 job, Job storage j) internal {
        if (j.cancelling) {
            _return(job, j, JobStatus.Cancelled);
        } else {
            j.status = JobStatus.Open;
            j.deadline += uint40(block.timestamp) - j.takenAt;
            emit JobReopened(job, j.attempt, j.deadline);
        }
    }

    function _return(uint256 job, Job storage j, JobStatus status) internal {
        j.status = status;
        uint256 reward = j.reward;
        if (status == JobStatus.Expired) emit JobExpired(job, reward);
        else emit JobCancelled(job, reward);
        token.safeTransfer(j.submitter, reward);
    }

    function _expect(uint256 job, JobStatus status) internal view returns (Job storage j) {
        j = stored[job];
        if (j.status != status) revert JobRegistry_WrongStatus(job, j.status);
    }

    function _checkOperator(address vault) internal view {
        if (IStakeVault(vault).operator() != msg.sender) {
            revert JobRegistry_NotOperator(vault, msg.sender);
        }
    }

    /// @dev The last second in which a claim is in time.
    function _due(Job storage j) internal view returns (uint256) {
        return uint256(j.takenAt) + j.workSeconds;
    }

    /// @notice Sets the parameters of jobs posted from now on; the treasury holds for all. Owner only.
    function setParameters(JobParameters calldata parameters_) external onlyOwner {
        _setParameters(parameters_);
    }

    function _setParameters(JobParameters memory p) internal {
        if (p.treasury == address(0)) revert JobRegistry_ZeroAddress();
        if (p.feeBps > MAX_FEE_BPS) revert JobRegistry_FeeTooHigh(p.feeBps);
        if (p.penaltyBps > MAX_PENALTY_BPS) revert JobRegistry_PenaltyTooHigh(p.penaltyBps);
        if (p.minStake == 0) revert JobRegistry_ZeroMinStake();
        params = p;
        emit ParametersSet(p);
    }

    /// @inheritdoc IJobRegistry
    function progressOf(uint256 job)
        external
        view
        returns (JobStatus status, uint40 takenAt, uint40 deadline)
    {
        Job storage j = stored[job];
        return (j.status, j.takenAt, j.deadline);
    }

    /// @inheritdoc IJobRegistry
    function jobs(uint256 job) external view returns (Job memory) {
        return stored[job];
    }

    /// @inheritdoc IJobRegistry
    function resultOf(uint256 job) external view returns (bytes32 finalStateRoot) {
        return verde.claimOf(_expect(job, JobStatus.Settled).claim).finalStateRoot;
    }

    /// @inheritdoc IJobRegistry
    function lockIdOf(uint256 job, uint32 attempt) public view returns (bytes32) {
        return keccak256(abi.encode(address(this), job, attempt));
    }

    /// @inheritdoc IJobRegistry
    function parameters() external view returns (JobParameters memory) {
        return params;
    }
}
