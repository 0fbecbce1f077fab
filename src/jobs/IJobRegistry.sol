// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Computation} from "../verde/IVerde.sol";

/// @notice Terms of a job. Amounts are $AI wei, times are seconds.
/// @param reward escrowed at posting, paid to the solver's vault when the claim is final
/// @param stake that the solver's vault must lock
/// @param workSeconds from taking the job to the claim
/// @param deadline unix time after which nobody may take the job; moves when a claim is voided
/// @param uri where program, constants and initial state can be fetched (a store's base URL)
struct Terms {
    uint256 reward;
    uint256 stake;
    uint40 workSeconds;
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

struct Job {
    JobStatus status;
    address submitter;
    bytes32 computation;
    uint256 reward;
    uint256 stake;
    uint40 workSeconds;
    uint40 deadline;
    uint40 takenAt;
    uint32 attempt;
    address vault;
    address solver;
    uint256 claim;
    bytes32 finalStateRoot; // once settled
}

/// @title IJobRegistry
/// @notice Jobs with their reward in escrow: posted, taken with stake, claimed, settled or opened again.
interface IJobRegistry {
    event JobPosted(
        uint256 indexed job,
        address indexed submitter,
        bytes32 indexed computation,
        bytes32 programRoot,
        Terms terms
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
        uint256 indexed job, uint256 indexed claim, address vault, uint256 paid, uint256 fee
    );
    event JobReopened(uint256 indexed job, uint32 attempt, uint40 deadline);
    event JobAbandoned(uint256 indexed job, uint32 attempt, address vault, uint256 penalty);
    event JobCancelled(uint256 indexed job, uint256 returned);
    event JobExpired(uint256 indexed job, uint256 returned);

    function post(Computation calldata computation, Terms calldata terms)
        external
        returns (uint256 job);
    /// @notice Locks the stake of `vault`, whose operator the caller must be.
    function take(uint256 job, address vault) external;
    function commit(
        uint256 job,
        bytes32 checkpointRoot,
        bytes32 finalStateRoot,
        bytes32[] calldata first,
        bytes32[] calldata last,
        address delegate
    ) external returns (uint256 claim);
    /// @notice Pays an upheld claim. Anyone.
    function settle(uint256 job) external;
    /// @notice Opens a job whose claim was voided again. Anyone.
    function reopen(uint256 job) external;
    /// @notice Opens a job whose solver let `workSeconds` pass again, at a penalty for the solver. Anyone.
    function abandon(uint256 job) external;
    /// @notice Returns the escrow of an open job to its submitter. Submitter only.
    function cancel(uint256 job) external;
    /// @notice Returns the escrow of an open job past its deadline to its submitter. Anyone.
    function expire(uint256 job) external;
    function jobs(uint256 job) external view returns (Job memory);
    function jobCount() external view returns (uint256);
}
