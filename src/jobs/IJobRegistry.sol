// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Computation} from "../verde/IVerde.sol";

/// @notice Terms of a job. Amounts are $AI wei, times are seconds.
/// @param reward escrowed at posting; paid, less the protocol's fee, to the solver's vault when the claim is final
/// @param stake that the solver's vault must lock
/// @param workSeconds from taking the job to the claim; the challenge window is longer by as much
/// @param deadline last second, in unix time, in which the job may be taken; moves when an attempt fails
/// @param uri where program, constants and initial state can be fetched (a store's base URL)
struct Terms {
    uint128 reward;
    uint128 stake;
    uint32 workSeconds;
    uint40 deadline;
    string uri;
}

/// @notice Open: can be taken. Taken: a solver works. Claimed: a claim is undecided. Final states: Settled
/// (paid), Cancelled, Expired (escrow returned).
enum JobStatus {
    None,
    Open,
    Taken,
    Claimed,
    Settled,
    Cancelled,
    Expired
}

/// @notice A job as it is stored. The solver of an attempt is its vault's operator.
/// @param cancelling whether the submitter wants its escrow back if the current attempt fails
/// @param takenAt when the current or last attempt began, unix seconds
/// @param attempt counts the times the job was taken; it names the lock (`lockIdOf`)
/// @param feeBps,penaltyBps parameters in force when the job was posted
/// @param claim of the current or last attempt that made one
struct Job {
    JobStatus status;
    bool cancelling;
    address submitter;
    uint40 takenAt;
    uint40 deadline;
    address vault;
    uint32 workSeconds;
    uint32 attempt;
    uint16 feeBps;
    uint16 penaltyBps;
    uint128 reward;
    uint128 stake;
    bytes32 computation;
    uint256 claim;
}

/// @notice What governance sets. Each job keeps the rates under which it was posted.
/// @param treasury receives fees and penalties
/// @param feeBps part of a reward that goes to the treasury, in basis points
/// @param penaltyBps part of the stake that a solver loses when it lets `workSeconds` pass, in basis points
/// @param minStake least stake of a job, $AI wei: what a slash must cover
struct JobParameters {
    address treasury;
    uint16 feeBps;
    uint16 penaltyBps;
    uint128 minStake;
}

/// @title IJobRegistry
/// @notice Jobs with their reward in escrow: posted, taken with stake, claimed, settled or opened again.
/// @dev INVARIANT: the registry holds the rewards of all jobs that are Open, Taken or Claimed.
interface IJobRegistry {
    event JobPosted(
        uint256 indexed job,
        address indexed submitter,
        bytes32 indexed computation,
        Terms terms,
        uint16 feeBps,
        uint16 penaltyBps
    );
    event JobTaken(
        uint256 indexed job,
        uint32 attempt,
        address indexed vault,
        address indexed solver,
        bytes32 lockId
    );
    event JobClaimed(
        uint256 indexed job, uint32 attempt, uint256 indexed claim, bytes32 finalStateRoot
    );
    event JobSettled(
        uint256 indexed job, uint256 indexed claim, address indexed vault, uint256 paid, uint256 fee
    );
    event JobReopened(uint256 indexed job, uint32 attempt, uint40 deadline);
    event JobAbandoned(uint256 indexed job, uint32 attempt, address indexed vault, uint256 penalty);
    event JobCancelRequested(uint256 indexed job);
    event JobCancelled(uint256 indexed job, uint256 returned);
    event JobExpired(uint256 indexed job, uint256 returned);
    event ParametersSet(JobParameters parameters);

    /// @notice Registers the computation, takes the reward from the caller into escrow and opens a job.
    /// @return job ids count from 1
    function post(Computation calldata computation, Terms calldata terms)
        external
        returns (uint256 job);
    /// @notice `post` with an ERC-2612 signature of the caller for the reward. A permit that somebody else has
    /// already sent does no harm.
    function postWithPermit(
        Computation calldata computation,
        Terms calldata terms,
        uint256 permitDeadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external returns (uint256 job);
    /// @notice Takes an open job and locks its stake in `vault`, whose operator the caller must be.
    /// @param computation the job's, so that a reorganisation cannot bind the solver to something else
    function take(uint256 job, bytes32 computation, address vault) external;
    /// @notice Claims a result, within `workSeconds` of taking the job. Solver only.
    /// @param first opening of checkpoint 0 (its leaf must be the initial state)
    /// @param last opening of the last checkpoint (its leaf must be the final state)
    /// @param delegate who may answer disputes as well; zero for none
    function commit(
        uint256 job,
        bytes32 checkpointRoot,
        bytes32 finalStateRoot,
        bytes32[] calldata first,
        bytes32[] calldata last,
        address delegate
    ) external returns (uint256 claim);
    /// @notice Pays an upheld claim: the fee, rounded down, to the treasury, the rest to the vault, whose lock is
    /// released. Anyone.
    function settle(uint256 job) external;
    /// @notice Opens a job whose claim was voided again, its deadline later by the time lost. Anyone.
    function reopen(uint256 job) external;
    /// @notice Opens a job whose solver let `workSeconds` pass again, its deadline later by the time lost. The
    /// penalty, rounded up, goes from the stake to the treasury. Anyone.
    function abandon(uint256 job) external;
    /// @notice Returns the escrow of an open job to its submitter; where an attempt is under way, once that has
    /// failed, instead of opening the job again. Submitter only.
    function cancel(uint256 job) external;
    /// @notice Returns the escrow of an open job past its deadline to its submitter. Anyone.
    function expire(uint256 job) external;

    function jobs(uint256 job) external view returns (Job memory);
    /// @notice What of a job changes with time and lies in one word, for who looks at many.
    function progressOf(uint256 job)
        external
        view
        returns (JobStatus status, uint40 takenAt, uint40 deadline);
    function jobCount() external view returns (uint256);
    /// @notice The final state root of a settled job. Reverts for any other.
    /// @dev It is what the job's program makes of its inputs, if they are what they should be: of inputs that do not
    /// fit their entries, or that only the solver has, nobody can judge a result (docs/spec/verde.md, section 2).
    /// Rely on it only if somebody you trust attested program, constants and initial state.
    function resultOf(uint256 job) external view returns (bytes32 finalStateRoot);
    /// @notice The lock that stands behind an attempt.
    function lockIdOf(uint256 job, uint32 attempt) external view returns (bytes32);
    function parameters() external view returns (JobParameters memory);
}
