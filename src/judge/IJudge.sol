// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IContest, Verdict} from "./IContest.sol";

/// @notice An evaluator: a program that reads an entry and a test set and computes one score. Its id is the hash of
/// this struct. Constant 0 of the program is the entry, constant 1 the test set, constant 2, if there is one, the
/// evaluator's own weights; each is one tensor (docs/spec/judge.md).
/// @param nodesRoot,statesRoot,constantEntriesRoot the three roots of the program
/// @param initialStateRoot state before step 0
/// @param weightsRoot tensor root of constant 2; zero if the program has two constants
/// @param rubric content hash of what the score means, for people
/// @param nodes,states counts of the program's tables
/// @param steps,interval,seed as in a computation
/// @param scoreState the state that holds the score after the last step: one i32, the higher the better
struct Evaluator {
    bytes32 nodesRoot;
    bytes32 statesRoot;
    bytes32 constantEntriesRoot;
    bytes32 initialStateRoot;
    bytes32 weightsRoot;
    bytes32 rubric;
    uint32 nodes;
    uint32 states;
    uint32 steps;
    uint32 interval;
    uint64 seed;
    uint32 scoreState;
}

/// @notice One test set of a contest and when it is used. Times are unix seconds.
/// @param testSet commitment `keccak256(abi.encode(root, salt))`
/// @param opensAt from then on the test set may be revealed and evaluations ordered; secret until then
/// @param orderBy last second in which an evaluation can be ordered. The test set is revealed in the first half of the
/// time from `opensAt`, so that nobody can show it and order its own evaluation alone in the last second
struct Round {
    bytes32 testSet;
    uint40 opensAt;
    uint40 orderBy;
}

/// @notice What fixes a contest. Amounts are $AI wei, times unix seconds.
/// @param evaluator id of a registered evaluator
/// @param attester who says that a tensor can be fetched and fits its entry (an account, or ERC-1271)
/// @param maxEntrants 1 to 256
/// @param entriesClose last second in which an entrant can be added; before the first round opens
/// @param workSeconds,solveSeconds of an evaluation's job: from its taking to its claim; from `orderBy` to its deadline
/// @param reward,stake of an evaluation's job
/// @param uri where all artifacts can be fetched (a store's base URL)
/// @param rounds in the order of time, of `opensAt` and of `orderBy`, 1 to 16
struct ContestTerms {
    bytes32 evaluator;
    address attester;
    uint16 maxEntrants;
    uint40 entriesClose;
    uint32 workSeconds;
    uint32 solveSeconds;
    uint128 reward;
    uint128 stake;
    string uri;
    Round[] rounds;
}

/// @notice A contest as it is stored.
/// @param scored entrants with a score of every round
/// @param best largest total of those; meaningless while there are none
/// @param winners those who have it, a bit each
/// @param verdict Pending until it is concluded
struct Contest {
    bytes32 evaluator;
    uint40 entriesClose;
    uint16 maxEntrants;
    uint16 entrants;
    uint8 rounds;
    Verdict verdict;
    address attester;
    uint32 workSeconds;
    uint32 solveSeconds;
    uint128 reward;
    uint128 stake;
    int64 best;
    uint16 scored;
    uint256 winners;
}

/// @notice A round as it is stored.
/// @param root the test set; zero until it is revealed
/// @param pending evaluations that were ordered and neither reported nor dropped, a bit for each entrant
struct RoundState {
    bytes32 testSet;
    bytes32 root;
    uint256 pending;
    uint40 opensAt;
    uint40 orderBy;
}

/// @notice An entrant as it is stored. Amounts are $AI wei.
/// @param escrow what is left of its entry fee
/// @param root the tensor that was entered; zero until it is revealed
/// @param scored rounds with a score, total the sum of those
struct Entrant {
    address owner;
    uint96 escrow;
    bytes32 commitment;
    bytes32 root;
    int64 total;
    uint8 scored;
}

/// @title IJudge
/// @notice Evaluators, and contests between entries that they score. Every evaluation is a job like any other: a
/// score counts when its job is settled, and Verde decides what is disputed.
/// @dev INVARIANT: the balance is at least the escrow of all entrants and what is owed to owners.
interface IJudge is IContest {
    event EvaluatorRegistered(bytes32 indexed evaluator, Evaluator terms);
    event ContestOpened(
        uint256 indexed contest,
        address indexed opener,
        bytes32 indexed evaluator,
        ContestTerms terms
    );
    event Entered(
        uint256 indexed contest,
        uint256 indexed entrant,
        address indexed owner,
        bytes32 commitment,
        bytes32 provenance
    );
    event EntryRevealed(uint256 indexed contest, uint256 indexed entrant, bytes32 root);
    event TestSetRevealed(uint256 indexed contest, uint256 indexed round, bytes32 root);
    event EvaluationOrdered(
        uint256 indexed contest, uint256 indexed entrant, uint256 round, uint256 indexed job
    );
    event EvaluationReported(
        uint256 indexed contest, uint256 indexed entrant, uint256 round, int32 score
    );
    event NoticeGiven(
        uint256 indexed contest, uint256 indexed entrant, uint256 round, uint256 reportBy
    );
    event EvaluationDropped(uint256 indexed contest, uint256 indexed entrant, uint256 round);
    event Concluded(uint256 indexed contest, Verdict verdict, uint256 winners);
    event EscrowReturned(
        uint256 indexed contest, uint256 indexed entrant, address indexed owner, uint256 amount
    );

    /// @notice Registers an evaluator; again does nothing.
    /// @return id `keccak256(abi.encode(evaluator))`
    function registerEvaluator(Evaluator calldata evaluator) external returns (bytes32 id);

    /// @notice Opens a contest.
    /// @param salt lets one opener open equal contests
    /// @return contest `keccak256(abi.encode(opener, terms, salt))`, so that no reorganisation gives it to another
    function open(ContestTerms calldata terms, bytes32 salt) external returns (uint256 contest);

    /// @notice Adds an entrant and takes the entry fee from the caller.
    /// @param owner reveals the entry, owns what it earns and gets back what its evaluations did not cost
    /// @param commitment `keccak256(abi.encode(owner, root, salt))` of the tensor that is entered: nobody can enter a
    /// copy of it before it is revealed, and each is entered once: a second entrant of that owner, which anybody could
    /// reveal, would tie with the first
    /// @param provenance content hash of where the entry comes from; zero if that is not told
    /// @return entrant its number: `entrantsOf` before the call
    function enter(uint256 contest, address owner, bytes32 commitment, bytes32 provenance)
        external
        returns (uint256 entrant);

    /// @notice Shows an entry, once entries are closed. Anyone who knows salt and attestation.
    /// @param attestation the attester's signature of `Attestation(contest, 0, root)` (`docs/spec/judge.md`)
    function revealEntry(
        uint256 contest,
        uint256 entrant,
        bytes32 root,
        bytes32 salt,
        bytes calldata attestation
    ) external;

    /// @notice Shows the test set of a round, from `opensAt` to half of the time until `orderBy`. Anyone who knows salt
    /// and attestation.
    /// @param attestation the attester's signature of `Attestation(contest, 1, root)`
    function revealTestSet(
        uint256 contest,
        uint256 round,
        bytes32 root,
        bytes32 salt,
        bytes calldata attestation
    ) external;

    /// @notice Posts the job of an evaluation, paid from the entrant's escrow. Anyone, while the round is open and
    /// entry and test set are revealed.
    function order(uint256 contest, uint256 entrant, uint256 round, Evaluator calldata evaluator)
        external
        returns (uint256 job);

    /// @notice Takes over the score of a settled evaluation whose attempt began by `heldUntil`. Anyone.
    /// @param score the element of the evaluator's score state
    /// @param proof siblings of that state in the final state root, bottom up, padding left out
    function report(
        uint256 contest,
        uint256 entrant,
        uint256 round,
        Evaluator calldata evaluator,
        int32 score,
        bytes32[] calldata proof
    ) external;

    /// @notice Says of a settled evaluation that it is not reported, so that it can be dropped HOLD_SECONDS later.
    /// Anyone. Of a result without a score in its place, which nobody challenged, no report is possible.
    function giveNotice(uint256 contest, uint256 entrant, uint256 round) external;

    /// @notice Gives up an evaluation: one whose job nobody solved in time, its reward goes back to the escrow; or a
    /// settled one that was not reported after notice, its reward is paid. Anyone.
    function drop(uint256 contest, uint256 entrant, uint256 round) external;

    /// @notice Pays what is left of an entrant's escrow to its owner, once the contest is concluded, or the entrant
    /// cannot be evaluated any more. Anyone.
    function returnEscrow(uint256 contest, uint256 entrant) external;

    function contests(uint256 contest) external view returns (Contest memory);
    function roundOf(uint256 contest, uint256 round) external view returns (RoundState memory);
    function entrantOf(uint256 contest, uint256 entrant) external view returns (Entrant memory);
    /// @notice What an entrant's evaluations cost at most, $AI wei.
    function entryFeeOf(uint256 contest) external view returns (uint256);
    /// @notice Last unix second in which an attempt at an evaluation can begin that still counts.
    function heldUntil(uint256 contest) external view returns (uint256);
    /// @notice When notice was given of the evaluation of this job, unix seconds; zero if it was not.
    function noticeOf(uint256 job) external view returns (uint256);
    /// @notice Whether somebody entered with this commitment.
    function isEntered(uint256 contest, bytes32 commitment) external view returns (bool);
    /// @notice The job of an evaluation; zero if it was not ordered.
    function jobOf(uint256 contest, uint256 entrant, uint256 round) external view returns (uint256);
    function isEvaluator(bytes32 id) external view returns (bool);
}
