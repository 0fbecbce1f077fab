// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EIP712} from "solady/utils/EIP712.sol";
import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";
import {LibBit} from "solady/utils/LibBit.sol";
import {SafeTransferLib} from "solady/utils/SafeTransferLib.sol";
import {SignatureCheckerLib} from "solady/utils/SignatureCheckerLib.sol";

import {IJobRegistry, Job, JobStatus, Terms} from "../jobs/IJobRegistry.sol";
import {Merkle} from "../repops/Merkle.sol";
import {Computation} from "../verde/IVerde.sol";
import {IContest, Verdict} from "./IContest.sol";
import {EvaluationRoots} from "./EvaluationRoots.sol";
import {Contest, ContestTerms, Entrant, Evaluator, IJudge, RoundState} from "./IJudge.sol";

/// @title Judge
/// @notice Evaluators, and contests between entries that they score (docs/spec/judge.md). What is right is decided by
/// Verde, job by job; what can be fetched is said by the attester that a contest names.
/// @dev The token is $AI, which calls nobody back; the job registry is the protocol's own.
contract Judge is IJudge, EIP712 {
    using SafeTransferLib for address;

    uint256 public constant MAX_ENTRANTS = 256;
    uint256 public constant MAX_ROUNDS = 16;
    /// @notice Entrants times rounds: what `conclude` may have to look at.
    uint256 public constant MAX_EVALUATIONS = 1024;
    uint256 public constant MAX_URI_BYTES = 1024;
    /// @notice How far ahead a contest can reach, and how long its last jobs may take to begin.
    uint256 public constant MAX_SECONDS = 365 days;
    /// @notice For how long after `decidedBy`, and twice the work's time, attempts may begin that hold a contest. One
    /// that fails by a dispute then leaves time for another. Also the time for a report after notice.
    uint256 public constant HOLD_SECONDS = 30 days;

    uint8 internal constant ENTRY = 0; // constants of an evaluator's program
    uint8 internal constant TEST_SET = 1;
    bytes32 internal constant ATTESTATION_TYPEHASH =
        keccak256("Attestation(uint256 contest,uint8 constant_,bytes32 root)");

    address public immutable token;
    IJobRegistry public immutable jobs;

    /// @inheritdoc IJudge
    mapping(bytes32 id => bool) public isEvaluator;
    mapping(uint256 contest => Contest) internal _contests;
    mapping(uint256 contest => string) internal _uris;
    mapping(uint256 contest => mapping(uint256 round => RoundState)) internal _rounds;
    mapping(uint256 contest => mapping(uint256 entrant => Entrant)) internal _entrants;
    /// @dev The jobs of rounds 4w to 4w + 3, 64 bits each: `conclude` may have to read all.
    mapping(uint256 contest => mapping(uint256 entrant => mapping(uint256 w => uint256))) internal
        _jobs;
    /// @inheritdoc IJudge
    mapping(uint256 contest => mapping(bytes32 commitment => bool)) public isEntered;
    /// @inheritdoc IJudge
    mapping(uint256 job => uint256) public noticeOf;

    error Judge_ZeroAddress();
    error Judge_UnknownEvaluator(bytes32 id);
    error Judge_UnknownContest(uint256 contest);
    error Judge_UnknownEntrant(uint256 contest, uint256 entrant);
    error Judge_UnknownRound(uint256 contest, uint256 round);
    error Judge_ContestExists(uint256 contest);
    /// @notice `field` of the terms lies outside its bounds.
    error Judge_BadTerms(string field);
    /// @notice What was asked is possible from `opensAt` to `closesAt` only, unix seconds.
    error Judge_NotNow(uint256 opensAt, uint256 closesAt);
    error Judge_Full(uint256 contest);
    error Judge_AlreadyEntered(bytes32 commitment);
    /// @notice Root and salt are not those that were committed to.
    error Judge_WrongReveal(bytes32 commitment);
    error Judge_AlreadyRevealed(bytes32 root);
    error Judge_NotRevealed();
    error Judge_BadAttestation(address attester);
    error Judge_AlreadyOrdered(uint256 job);
    error Judge_NotPending(uint256 contest, uint256 entrant, uint256 round);
    error Judge_JobNotOver(uint256 job, JobStatus status);
    error Judge_WrongScore(bytes32 finalStateRoot);
    /// @notice The attempt began after `heldUntil`.
    error Judge_TooLate(uint256 job, uint256 heldUntil);
    error Judge_NoticeGiven(uint256 job);
    error Judge_Concluded(uint256 contest);
    error Judge_NothingOwed(uint256 contest, uint256 entrant);

    constructor(address token_, IJobRegistry jobs_) {
        if (token_ == address(0) || address(jobs_) == address(0)) revert Judge_ZeroAddress();
        token = token_;
        jobs = jobs_;
        token_.safeApprove(address(jobs_), type(uint256).max);
    }

    // ------------------------------------------------------------------------------------------------
    // Evaluators and contests
    // ------------------------------------------------------------------------------------------------

    /// @inheritdoc IJudge
    function registerEvaluator(Evaluator calldata evaluator) external returns (bytes32 id) {
        if (evaluator.scoreState >= evaluator.states) revert Judge_BadTerms("scoreState");
        id = keccak256(abi.encode(evaluator));
        if (isEvaluator[id]) return id;
        isEvaluator[id] = true;
        emit EvaluatorRegistered(id, evaluator);
    }

    /// @inheritdoc IJudge
    function open(ContestTerms calldata terms, bytes32 salt) external returns (uint256 contest) {
        if (!isEvaluator[terms.evaluator]) revert Judge_UnknownEvaluator(terms.evaluator);
        _checkTerms(terms);
        contest = uint256(keccak256(abi.encode(msg.sender, terms, salt)));
        Contest storage c = _contests[contest];
        if (c.rounds != 0) revert Judge_ContestExists(contest);
        c.evaluator = terms.evaluator;
        c.entriesClose = terms.entriesClose;
        c.maxEntrants = terms.maxEntrants;
        c.rounds = uint8(terms.rounds.length);
        c.attester = terms.attester;
        c.workSeconds = terms.workSeconds;
        c.solveSeconds = terms.solveSeconds;
        c.reward = terms.reward;
        c.stake = terms.stake;
        _uris[contest] = terms.uri;
        for (uint256 r; r < terms.rounds.length; ++r) {
            RoundState storage round = _rounds[contest][r];
            round.testSet = terms.rounds[r].testSet;
            round.opensAt = terms.rounds[r].opensAt;
            round.orderBy = terms.rounds[r].orderBy;
        }
        emit ContestOpened(contest, msg.sender, terms.evaluator, terms);
    }

    function _checkTerms(ContestTerms calldata terms) private view {
        _require("attester", terms.attester != address(0));
        _require("maxEntrants", terms.maxEntrants != 0 && terms.maxEntrants <= MAX_ENTRANTS);
        _require("entriesClose", terms.entriesClose >= block.timestamp);
        _require("workSeconds", terms.workSeconds != 0 && terms.workSeconds <= MAX_SECONDS);
        // An entrant's escrow, of all rounds, has 96 bits.
        _require("reward", terms.reward != 0 && terms.reward <= type(uint96).max / MAX_ROUNDS);
        _require("uri", bytes(terms.uri).length <= MAX_URI_BYTES);
        _require(
            "rounds",
            terms.rounds.length != 0 && terms.rounds.length <= MAX_ROUNDS
                && terms.rounds.length * terms.maxEntrants <= MAX_EVALUATIONS
        );
        uint256 latest = block.timestamp + MAX_SECONDS;
        uint256 previous = terms.entriesClose;
        uint256 previousOrderBy;
        for (uint256 r; r < terms.rounds.length; ++r) {
            (uint256 opensAt, uint256 orderBy) = (terms.rounds[r].opensAt, terms.rounds[r].orderBy);
            _require("opensAt", opensAt > previous && opensAt <= latest);
            // The registry takes no deadline further ahead.
            _require(
                "orderBy",
                orderBy >= opensAt && orderBy >= previousOrderBy
                    && orderBy + terms.solveSeconds - opensAt <= MAX_SECONDS
            );
            (previous, previousOrderBy) = (opensAt, orderBy);
        }
    }

    function _require(string memory field, bool condition) private pure {
        if (!condition) revert Judge_BadTerms(field);
    }

    // ------------------------------------------------------------------------------------------------
    // Entries and test sets: committed first, shown later
    // ------------------------------------------------------------------------------------------------

    /// @inheritdoc IJudge
    function enter(uint256 contest, address owner, bytes32 commitment, bytes32 provenance)
        external
        returns (uint256 entrant)
    {
        Contest storage c = _contest(contest);
        if (block.timestamp > c.entriesClose) revert Judge_NotNow(0, c.entriesClose);
        if (owner == address(0)) revert Judge_ZeroAddress();
        entrant = c.entrants;
        if (entrant == c.maxEntrants) revert Judge_Full(contest);
        if (isEntered[contest][commitment]) revert Judge_AlreadyEntered(commitment);
        isEntered[contest][commitment] = true;
        c.entrants = uint16(entrant + 1);
        uint256 fee = entryFeeOf(contest);
        Entrant storage e = _entrants[contest][entrant];
        e.owner = owner;
        e.escrow = uint96(fee);
        e.commitment = commitment;
        emit Entered(contest, entrant, owner, commitment, provenance);
        token.safeTransferFrom(msg.sender, address(this), fee);
    }

    /// @inheritdoc IJudge
    function revealEntry(
        uint256 contest,
        uint256 entrant,
        bytes32 root,
        bytes32 salt,
        bytes calldata attestation
    ) external {
        Contest storage c = _contest(contest);
        if (block.timestamp <= c.entriesClose) {
            revert Judge_NotNow(uint256(c.entriesClose) + 1, type(uint40).max);
        }
        Entrant storage e = _entrant(c, contest, entrant);
        if (e.root != 0) revert Judge_AlreadyRevealed(e.root);
        if (root == 0 || keccak256(abi.encode(e.owner, root, salt)) != e.commitment) {
            revert Judge_WrongReveal(e.commitment);
        }
        _checkAttestation(c.attester, contest, ENTRY, root, attestation);
        e.root = root;
        emit EntryRevealed(contest, entrant, root);
    }

    /// @inheritdoc IJudge
    function revealTestSet(
        uint256 contest,
        uint256 round,
        bytes32 root,
        bytes32 salt,
        bytes calldata attestation
    ) external {
        Contest storage c = _contest(contest);
        RoundState storage r = _round(c, contest, round);
        uint256 revealBy = (uint256(r.opensAt) + r.orderBy) / 2;
        if (block.timestamp < r.opensAt || block.timestamp > revealBy) {
            revert Judge_NotNow(r.opensAt, revealBy);
        }
        if (r.root != 0) revert Judge_AlreadyRevealed(r.root);
        if (root == 0 || keccak256(abi.encode(root, salt)) != r.testSet) {
            revert Judge_WrongReveal(r.testSet);
        }
        _checkAttestation(c.attester, contest, TEST_SET, root, attestation);
        r.root = root;
        emit TestSetRevealed(contest, round, root);
    }

    function _checkAttestation(
        address attester,
        uint256 contest,
        uint8 constant_,
        bytes32 root,
        bytes calldata attestation
    ) private view {
        bytes32 digest = _hashTypedData(
            keccak256(abi.encode(ATTESTATION_TYPEHASH, contest, constant_, root))
        );
        if (!SignatureCheckerLib.isValidSignatureNowCalldata(attester, digest, attestation)) {
            revert Judge_BadAttestation(attester);
        }
    }

    // ------------------------------------------------------------------------------------------------
    // Evaluations
    // ------------------------------------------------------------------------------------------------

    /// @inheritdoc IJudge
    function order(uint256 contest, uint256 entrant, uint256 round, Evaluator calldata evaluator)
        external
        returns (uint256 job)
    {
        Contest storage c = _contest(contest);
        Entrant storage e = _entrant(c, contest, entrant);
        RoundState storage r = _round(c, contest, round);
        if (block.timestamp < r.opensAt || block.timestamp > r.orderBy) {
            revert Judge_NotNow(r.opensAt, r.orderBy);
        }
        if (e.root == 0 || r.root == 0) revert Judge_NotRevealed();
        job = jobOf(contest, entrant, round);
        if (job != 0) revert Judge_AlreadyOrdered(job);
        _checkEvaluator(c, evaluator);

        r.pending |= 1 << entrant;
        e.escrow -= uint96(c.reward); // an entry fee is as many rewards as there are rounds
        // What governance asks for by now at least, or a contest opened before could not go on.
        uint256 stake = FixedPointMathLib.max(c.stake, jobs.parameters().minStake);
        Terms memory terms = Terms({
            reward: c.reward,
            stake: uint128(stake),
            workSeconds: c.workSeconds,
            deadline: r.orderBy + c.solveSeconds,
            uri: _uris[contest]
        });
        job = jobs.post(_computation(evaluator, e.root, r.root), terms);
        _jobs[contest][entrant][round / 4] |= job << 64 * (round % 4);
        emit EvaluationOrdered(contest, entrant, round, job);
    }

    /// @inheritdoc IJudge
    function report(
        uint256 contest,
        uint256 entrant,
        uint256 round,
        Evaluator calldata evaluator,
        int32 score,
        bytes32[] calldata proof
    ) external {
        Contest storage c = _contest(contest);
        if (c.verdict != Verdict.Pending) revert Judge_Concluded(contest);
        RoundState storage r = _pendingRound(contest, entrant, round);
        _checkEvaluator(c, evaluator);
        bytes32 finalState = _resultOf(jobOf(contest, entrant, round), heldUntil(contest));
        bytes32 root = Merkle.rootOfLeaf(
            EvaluationRoots.score(score), evaluator.scoreState, evaluator.states, proof
        );
        if (root != finalState) revert Judge_WrongScore(finalState);

        r.pending &= ~(1 << entrant);
        Entrant storage e = _entrants[contest][entrant];
        e.total += score;
        uint8 scored = ++e.scored;
        emit EvaluationReported(contest, entrant, round, score);
        if (scored != c.rounds) return;

        (int64 total, int64 best) = (e.total, c.best);
        if (c.scored++ == 0 || total > best) (c.best, c.winners) = (total, 1 << entrant);
        else if (total == best) c.winners |= 1 << entrant;
    }

    /// @dev Of a settled job. What began too late does not hold a contest, so it must not change one either.
    function _resultOf(uint256 job, uint256 latest) private view returns (bytes32 finalState) {
        finalState = jobs.resultOf(job);
        (, uint256 takenAt,) = jobs.progressOf(job);
        if (takenAt > latest) revert Judge_TooLate(job, latest);
    }

    /// @inheritdoc IJudge
    function giveNotice(uint256 contest, uint256 entrant, uint256 round) external {
        _pendingRound(contest, entrant, round);
        uint256 job = jobOf(contest, entrant, round);
        (JobStatus status,,) = jobs.progressOf(job);
        if (status != JobStatus.Settled) revert Judge_JobNotOver(job, status);
        if (noticeOf[job] != 0) revert Judge_NoticeGiven(job);
        noticeOf[job] = block.timestamp;
        emit NoticeGiven(contest, entrant, round, block.timestamp + HOLD_SECONDS);
    }

    /// @inheritdoc IJudge
    function drop(uint256 contest, uint256 entrant, uint256 round) external {
        RoundState storage r = _pendingRound(contest, entrant, round);
        uint256 job = jobOf(contest, entrant, round);
        Job memory j = jobs.jobs(job);
        r.pending &= ~(1 << entrant);
        emit EvaluationDropped(contest, entrant, round);
        if (j.status == JobStatus.Settled) {
            uint256 notice = noticeOf[job];
            if (notice == 0) revert Judge_JobNotOver(job, j.status);
            if (block.timestamp <= notice + HOLD_SECONDS) {
                revert Judge_NotNow(notice + HOLD_SECONDS + 1, type(uint40).max);
            }
            return;
        }
        _entrants[contest][entrant].escrow += uint96(j.reward);
        if (j.status == JobStatus.Open && block.timestamp > j.deadline) jobs.expire(job);
        else if (j.status != JobStatus.Expired) revert Judge_JobNotOver(job, j.status);
    }

    function _computation(Evaluator calldata evaluator, bytes32 entry, bytes32 testSet)
        private
        pure
        returns (Computation memory)
    {
        bytes32 weights = evaluator.weightsRoot;
        return Computation({
            nodesRoot: evaluator.nodesRoot,
            statesRoot: evaluator.statesRoot,
            constantEntriesRoot: evaluator.constantEntriesRoot,
            initialStateRoot: evaluator.initialStateRoot,
            constantsRoot: EvaluationRoots.constants(entry, testSet, weights),
            nodes: evaluator.nodes,
            states: evaluator.states,
            constants: weights == 0 ? 2 : 3,
            steps: evaluator.steps,
            interval: evaluator.interval,
            seed: evaluator.seed
        });
    }

    function _checkEvaluator(Contest storage c, Evaluator calldata evaluator) private view {
        bytes32 id = keccak256(abi.encode(evaluator));
        if (id != c.evaluator) revert Judge_UnknownEvaluator(id);
    }

    // ------------------------------------------------------------------------------------------------
    // The end
    // ------------------------------------------------------------------------------------------------

    /// @inheritdoc IContest
    function conclude(uint256 contest) external returns (Verdict verdict, uint256 winners) {
        Contest storage c = _contest(contest);
        bool kept = c.verdict != Verdict.Pending;
        (verdict, winners) = verdictOf(contest);
        if (kept || verdict < Verdict.Decided) return (verdict, winners);
        c.verdict = verdict;
        emit Concluded(contest, verdict, winners);
    }

    /// @inheritdoc IContest
    function verdictOf(uint256 contest) public view returns (Verdict verdict, uint256 winners) {
        Contest storage c = _contest(contest);
        verdict = c.verdict;
        if (verdict == Verdict.Pending) {
            if (block.timestamp <= decidedBy(contest)) {
                // Before that only if all are scored and nobody can enter any more.
                if (c.scored == 0 || c.scored != c.entrants || block.timestamp <= c.entriesClose) {
                    return (Verdict.Pending, 0);
                }
            } else if (_isHeld(c, contest)) {
                return (Verdict.Held, 0);
            }
            verdict = c.scored == 0 ? Verdict.Void : Verdict.Decided;
        }
        if (verdict == Verdict.Decided) winners = c.winners;
    }

    /// @dev Whether an entrant can still complete its scores by evaluations that are under way.
    function _isHeld(Contest storage c, uint256 contest) private view returns (bool) {
        uint256 rounds = c.rounds;
        uint256 workSeconds = c.workSeconds;
        uint256 latest = heldUntil(contest);
        uint256[] memory pending = new uint256[](rounds);
        uint256 left;
        for (uint256 r; r < rounds; ++r) {
            left |= pending[r] = _rounds[contest][r].pending;
        }
        for (; left != 0; left &= left - 1) {
            uint256 entrant = LibBit.ffs(left);
            uint256 scores = _entrants[contest][entrant].scored;
            mapping(uint256 w => uint256) storage words = _jobs[contest][entrant];
            uint256 word;
            for (uint256 r; r < rounds; ++r) {
                word = r % 4 == 0 ? words[r / 4] : word >> 64;
                if (pending[r] >> entrant & 1 == 0) continue;
                if (!_isUnderWay(uint64(word), latest, workSeconds)) break;
                ++scores;
            }
            if (scores == rounds) return true;
        }
        return false;
    }

    /// @dev Whether a job can still give a score that counts. Once it cannot, it never can again: an open job past its
    /// deadline cannot be taken, and an attempt that begins after `latest` does not count.
    function _isUnderWay(uint256 job, uint256 latest, uint256 workSeconds)
        private
        view
        returns (bool)
    {
        (JobStatus status, uint256 takenAt, uint256 deadline) = jobs.progressOf(job);
        if (status == JobStatus.Open) {
            return block.timestamp <= FixedPointMathLib.min(deadline, latest);
        }
        if (takenAt > latest) return false;
        // Before `latest` an attempt that is overdue can be abandoned, and another begun.
        if (status == JobStatus.Taken) {
            return block.timestamp <= FixedPointMathLib.max(takenAt + workSeconds, latest);
        }
        return status == JobStatus.Claimed || status == JobStatus.Settled;
    }

    /// @inheritdoc IJudge
    function returnEscrow(uint256 contest, uint256 entrant) external {
        Contest storage c = _contest(contest);
        Entrant storage e = _entrant(c, contest, entrant);
        if (c.verdict == Verdict.Pending && block.timestamp <= decidedBy(contest)) {
            revert Judge_NotNow(uint256(decidedBy(contest)) + 1, type(uint40).max);
        }
        (address owner, uint256 amount) = (e.owner, e.escrow);
        if (amount == 0) revert Judge_NothingOwed(contest, entrant);
        e.escrow = 0;
        emit EscrowReturned(contest, entrant, owner, amount);
        token.safeTransfer(owner, amount);
    }

    // ------------------------------------------------------------------------------------------------
    // Views
    // ------------------------------------------------------------------------------------------------

    /// @inheritdoc IContest
    function entrantsOf(uint256 contest) external view returns (uint256) {
        return _contest(contest).entrants;
    }

    /// @inheritdoc IContest
    function secretUntil(uint256 contest) external view returns (uint40) {
        return _rounds[contest][_contest(contest).rounds - 1].opensAt - 1;
    }

    /// @inheritdoc IContest
    function decidedBy(uint256 contest) public view returns (uint40) {
        Contest storage c = _contest(contest);
        return _rounds[contest][c.rounds - 1].orderBy + c.solveSeconds;
    }

    /// @inheritdoc IJudge
    function jobOf(uint256 contest, uint256 entrant, uint256 round) public view returns (uint256) {
        return uint64(_jobs[contest][entrant][round / 4] >> 64 * (round % 4));
    }

    /// @inheritdoc IJudge
    function heldUntil(uint256 contest) public view returns (uint256) {
        return
            uint256(decidedBy(contest)) + HOLD_SECONDS + 2 * uint256(_contest(contest).workSeconds);
    }

    /// @inheritdoc IContest
    function ownerOf(uint256 contest, uint256 entrant) external view returns (address) {
        return _entrant(_contest(contest), contest, entrant).owner;
    }

    /// @inheritdoc IJudge
    function entryFeeOf(uint256 contest) public view returns (uint256) {
        Contest storage c = _contest(contest);
        return uint256(c.reward) * c.rounds;
    }

    /// @inheritdoc IJudge
    function contests(uint256 contest) external view returns (Contest memory) {
        return _contest(contest);
    }

    /// @inheritdoc IJudge
    function roundOf(uint256 contest, uint256 round) external view returns (RoundState memory) {
        return _round(_contest(contest), contest, round);
    }

    /// @inheritdoc IJudge
    function entrantOf(uint256 contest, uint256 entrant) external view returns (Entrant memory) {
        return _entrant(_contest(contest), contest, entrant);
    }

    function _contest(uint256 contest) private view returns (Contest storage c) {
        c = _contests[contest];
        if (c.rounds == 0) revert Judge_UnknownContest(contest);
    }

    function _entrant(Contest storage c, uint256 contest, uint256 entrant)
        private
        view
        returns (Entrant storage)
    {
        if (entrant >= c.entrants) revert Judge_UnknownEntrant(contest, entrant);
        return _entrants[contest][entrant];
    }

    function _round(Contest storage c, uint256 contest, uint256 round)
        private
        view
        returns (RoundState storage)
    {
        if (round >= c.rounds) revert Judge_UnknownRound(contest, round);
        return _rounds[contest][round];
    }

    function _pendingRound(uint256 contest, uint256 entrant, uint256 round)
        private
        view
        returns (RoundState storage r)
    {
        r = _rounds[contest][round];
        if (entrant >= MAX_ENTRANTS || r.pending >> entrant & 1 == 0) {
            revert Judge_NotPending(contest, entrant, round);
        }
    }

    function _domainNameAndVersion() internal pure override returns (string memory, string memory) {
        return ("Lockstep Judge", "1");
    }
}
