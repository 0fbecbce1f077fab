// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";
import {JobRegistry} from "../../src/jobs/JobRegistry.sol";
import {Verdict} from "../../src/judge/IContest.sol";
import {ContestTerms, Evaluator, Round} from "../../src/judge/IJudge.sol";
import {Judge} from "../../src/judge/Judge.sol";
import {StakeVault} from "../../src/staking/StakeVault.sol";
import {AIToken} from "../../src/token/AIToken.sol";

/// @notice What openers, entrants, attesters and keepers do with a Judge. Entry i, its owner and salt follow from i,
/// the test set of round r and its salt from r. Scores are the state 1 of three.
abstract contract JudgeActions is Test {
    uint128 internal constant FEE = 10e18; // reward of one evaluation
    uint128 internal constant EVALUATION_STAKE = 100e18;
    uint32 internal constant EVALUATION_WORK = 1 hours;
    uint32 internal constant SOLVE_SECONDS = 1 days;
    bytes32 internal constant INITIAL_STATE = keccak256("initial state");
    bytes32 internal constant STATE_0 = keccak256("state 0");
    bytes32 internal constant STATE_2 = keccak256("state 2");

    Judge internal judge;
    JobRegistry internal board;
    AIToken internal coin;
    address internal attester;
    uint256 internal attesterKey;
    uint256 internal began;

    /// @dev The test itself opens contests and pays for entries; it needs tokens.
    function setUpJudge(AIToken token_, JobRegistry registry_) internal {
        (coin, board) = (token_, registry_);
        judge = Judge(deployCode("Judge.sol:Judge", abi.encode(token_, registry_)));
        coin.approve(address(judge), type(uint256).max);
        (attester, attesterKey) = makeAddrAndKey("attester");
        judge.registerEvaluator(evaluator());
        began = vm.getBlockTimestamp();
    }

    function evaluator() internal pure returns (Evaluator memory e) {
        e.nodesRoot = "evaluator's nodes";
        e.statesRoot = "evaluator's states";
        e.constantEntriesRoot = "evaluator's constants";
        e.initialStateRoot = INITIAL_STATE;
        e.rubric = "the higher the better";
        e.nodes = 9;
        e.states = 3;
        e.steps = 1;
        e.interval = 1;
        e.seed = 7;
        e.scoreState = 1;
    }

    function evaluatorId() internal pure returns (bytes32) {
        return keccak256(abi.encode(evaluator()));
    }

    /// @dev Entries close after a day; round r opens a day after the one before and can be ordered for half a day.
    function contestTerms(uint256 rounds, uint256 maxEntrants)
        internal
        view
        returns (ContestTerms memory t)
    {
        t.evaluator = evaluatorId();
        t.attester = attester;
        t.maxEntrants = uint16(maxEntrants);
        t.entriesClose = uint40(began + 1 days);
        t.workSeconds = EVALUATION_WORK;
        t.solveSeconds = SOLVE_SECONDS;
        t.reward = FEE;
        t.stake = EVALUATION_STAKE;
        t.uri = "http://127.0.0.1/store";
        t.rounds = new Round[](rounds);
        for (uint256 r; r < rounds; ++r) {
            uint40 opens = opensAt(r);
            t.rounds[r] =
                Round(keccak256(abi.encode(testSet(r), testSalt(r))), opens, opens + 12 hours);
        }
    }

    function opensAt(uint256 round) internal view returns (uint40) {
        return uint40(began + (round + 2) * 1 days);
    }

    function openContest(uint256 rounds, uint256 maxEntrants) internal returns (uint256) {
        return judge.open(contestTerms(rounds, maxEntrants), "salt");
    }

    function ownerOfEntry(uint256 i) internal pure returns (address) {
        return address(uint160(0xabc000 + i));
    }

    function entryRoot(uint256 i) internal pure returns (bytes32) {
        return keccak256(abi.encode("entry", i));
    }

    function entrySalt(uint256 i) internal pure returns (bytes32) {
        return keccak256(abi.encode("entry's salt", i));
    }

    function commitmentOf(uint256 i) internal pure returns (bytes32) {
        return keccak256(abi.encode(ownerOfEntry(i), entryRoot(i), entrySalt(i)));
    }

    function testSet(uint256 r) internal pure returns (bytes32) {
        return keccak256(abi.encode("test set", r));
    }

    function testSalt(uint256 r) internal pure returns (bytes32) {
        return keccak256(abi.encode("test set's salt", r));
    }

    function enter(uint256 contest, uint256 i) internal {
        judge.enter(contest, ownerOfEntry(i), commitmentOf(i), "provenance");
    }

    function digest(uint256 contest, uint8 constant_, bytes32 root)
        internal
        view
        returns (bytes32)
    {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256("Lockstep Judge"),
                keccak256("1"),
                block.chainid,
                address(judge)
            )
        );
        bytes32 attestation = keccak256(
            abi.encode(
                keccak256("Attestation(uint256 contest,uint8 constant_,bytes32 root)"),
                contest,
                constant_,
                root
            )
        );
        return keccak256(abi.encodePacked("\x19\x01", domain, attestation));
    }

    function attest(uint256 contest, uint8 constant_, bytes32 root)
        internal
        view
        returns (bytes memory)
    {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(attesterKey, digest(contest, constant_, root));
        return abi.encodePacked(r, s, v);
    }

    function revealEntry(uint256 contest, uint256 i) internal {
        bytes memory attestation = attest(contest, 0, entryRoot(i));
        judge.revealEntry(contest, i, entryRoot(i), entrySalt(i), attestation);
    }

    function revealTestSet(uint256 contest, uint256 r) internal {
        judge.revealTestSet(contest, r, testSet(r), testSalt(r), attest(contest, 1, testSet(r)));
    }

    function order(uint256 contest, uint256 i, uint256 r) internal returns (uint256) {
        return judge.order(contest, i, r, evaluator());
    }

    /// @dev A contest whose entrants are all entered and revealed, at the time at which round 0 opens.
    function runningContest(uint256 rounds, uint256 entrants) internal returns (uint256 contest) {
        contest = openContest(rounds, entrants);
        for (uint256 i; i < entrants; ++i) {
            enter(contest, i);
        }
        vm.warp(began + 1 days + 1);
        for (uint256 i; i < entrants; ++i) {
            revealEntry(contest, i);
        }
        openRound(contest, 0);
    }

    function openRound(uint256 contest, uint256 r) internal {
        vm.warp(opensAt(r));
        revealTestSet(contest, r);
    }

    // jobs

    function takeJob(uint256 job, StakeVault from) internal {
        bytes32 id = board.jobs(job).computation;
        vm.prank(from.operator());
        board.take(job, id, address(from));
    }

    /// @dev One step: two checkpoints, the initial and the final state.
    function commitJob(uint256 job, StakeVault from, bytes32 finalState)
        internal
        returns (uint256)
    {
        bytes32[] memory first = new bytes32[](1);
        bytes32[] memory last = new bytes32[](1);
        (first[0], last[0]) = (finalState, INITIAL_STATE);
        bytes32 root = keccak256(abi.encode(INITIAL_STATE, finalState));
        vm.prank(from.operator());
        return board.commit(job, root, finalState, first, last, address(0));
    }

    /// @dev The final state that holds the score, and its opening.
    function stateOf(int32 score) internal pure returns (bytes32) {
        bytes memory leaf = new bytes(1024);
        for (uint256 i; i < 4; ++i) {
            leaf[i] = bytes1(uint8(uint32(score) >> (8 * i)));
        }
        return keccak256(
            abi.encode(
                keccak256(abi.encode(STATE_0, keccak256(leaf))),
                keccak256(abi.encode(STATE_2, bytes32(0)))
            )
        );
    }

    function openingOfScore() internal pure returns (bytes32[] memory proof) {
        proof = new bytes32[](2);
        proof[0] = STATE_0;
        proof[1] = keccak256(abi.encode(STATE_2, bytes32(0)));
    }

    function report(uint256 contest, uint256 i, uint256 r, int32 score) internal {
        judge.report(contest, i, r, evaluator(), score, openingOfScore());
    }

    function checkVerdict(uint256 contest, Verdict expected, uint256 expectedWinners)
        internal
        view
    {
        (Verdict verdict, uint256 winners) = judge.verdictOf(contest);
        assertEq(uint256(verdict), uint256(expected), "verdict");
        assertEq(winners, expectedWinners, "winners");
    }
}
