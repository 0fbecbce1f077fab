// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Job, JobStatus} from "../../src/jobs/IJobRegistry.sol";
import {JobRegistry} from "../../src/jobs/JobRegistry.sol";
import {Verdict} from "../../src/judge/IContest.sol";
import {Judge} from "../../src/judge/Judge.sol";
import {StakeVault} from "../../src/staking/StakeVault.sol";
import {AIToken} from "../../src/token/AIToken.sol";
import {MockVerde} from "../mocks/MockVerde.sol";
import {JudgeActions} from "./JudgeActions.sol";
import {JudgeBase} from "./JudgeBase.t.sol";

/// @notice One contest of two rounds and up to five entrants, moved at random. An action that is not possible now
/// reverts and counts for nothing.
contract JudgeHandler is JudgeActions {
    uint256 internal constant ENTRANTS = 5;

    MockVerde private immutable verde;
    StakeVault private immutable keeper;
    uint256 public contest;
    mapping(uint256 job => int32) private scoreOf;
    mapping(uint256 entrant => int256) private totalOf;
    mapping(uint256 entrant => uint256) private scoresOf;

    bool public turned; // whether a verdict changed once it was Decided or Void
    Verdict private verdict;
    uint256 private winners;
    uint256 public accepted;
    uint256 public reports;

    constructor(JobRegistry registry, StakeVault keeper_) {
        keeper = keeper_;
        verde = MockVerde(address(registry.verde()));
        setUpJudge(AIToken(registry.token()), registry);
    }

    /// @dev All have entered, all but one are revealed, and the first round is open.
    function begin() external {
        contest = openContest(2, ENTRANTS);
        for (uint256 i; i < ENTRANTS; ++i) {
            enter(contest, i);
        }
        vm.warp(began + 1 days + 1);
        for (uint256 i = 1; i < ENTRANTS; ++i) {
            revealEntry(contest, i);
        }
        openRound(contest, 0);
    }

    /// @dev The fuzzer prefers some numbers.
    function spread(uint256 seed) private view returns (uint256) {
        return uint256(keccak256(abi.encode(seed, accepted)));
    }

    /// @dev What anybody reads of the verdict is watched, concluded or not.
    modifier watched() {
        _;
        ++accepted;
        (Verdict now_, uint256 winners_) = judge.verdictOf(contest);
        if (verdict >= Verdict.Decided) turned = turned || now_ != verdict || winners_ != winners;
        if (now_ >= Verdict.Decided) (verdict, winners) = (now_, winners_);
    }

    function reveal(uint256 seed) external watched {
        if (seed % 2 == 0) revealTestSet(contest, 1);
        else revealEntry(contest, 0);
    }

    /// @dev Some evaluation that was not ordered; of the second round if that is open.
    function orderOne(uint256 seed) external watched {
        uint256 r = vm.getBlockTimestamp() < opensAt(1) ? 0 : 1;
        for (uint256 k; k < ENTRANTS; ++k) {
            uint256 i = addmod(seed, k, ENTRANTS);
            if (judge.jobOf(contest, i, r) != 0 || judge.entrantOf(contest, i).root == 0) continue;
            order(contest, i, r);
            return;
        }
        revert("everything is ordered");
    }

    /// @dev The next step of some evaluation under way.
    function advance(uint256 seed) external watched {
        seed = spread(seed);
        for (uint256 k; k < 2 * ENTRANTS; ++k) {
            uint256 place = addmod(seed, k, 2 * ENTRANTS);
            (uint256 i, uint256 r) = (place / 2, place % 2);
            if (judge.roundOf(contest, r).pending >> i & 1 == 0) continue;
            return _advance(i, r, seed >> 128);
        }
        revert("nothing is under way");
    }

    function _advance(uint256 i, uint256 r, uint256 choice) private {
        uint256 job = judge.jobOf(contest, i, r);
        Job memory j = board.jobs(job);
        if (j.status == JobStatus.Open && vm.getBlockTimestamp() <= j.deadline) {
            takeJob(job, keeper);
        } else if (j.status == JobStatus.Open && choice % 4 == 0) {
            board.expire(job);
        } else if (j.status == JobStatus.Taken) {
            if (vm.getBlockTimestamp() > uint256(j.takenAt) + j.workSeconds) {
                board.abandon(job);
            } else {
                scoreOf[job] = int32(int256(choice % 5)) - 2; // few, so that there are ties
                commitJob(job, keeper, stateOf(scoreOf[job]));
            }
        } else if (j.status == JobStatus.Claimed && choice % 3 == 0) {
            verde.void(j.claim);
            board.reopen(job);
        } else if (j.status == JobStatus.Claimed) {
            verde.uphold(j.claim);
            board.settle(job);
        } else if (j.status == JobStatus.Settled && choice % 8 == 0 && judge.noticeOf(job) == 0) {
            judge.giveNotice(contest, i, r);
        } else if (j.status == JobStatus.Settled && choice % 8 != 1) {
            report(contest, i, r, scoreOf[job]);
            totalOf[i] += scoreOf[job];
            ++scoresOf[i];
            ++reports;
        } else {
            judge.drop(contest, i, r);
        }
    }

    function conclude() external watched {
        judge.conclude(contest);
    }

    function returnEscrow(uint256 seed) external watched {
        judge.returnEscrow(contest, seed % ENTRANTS);
    }

    /// @dev On by up to two hours, or to the next time that matters.
    function pass(uint256 seed) external watched {
        seed = spread(seed);
        uint256 time = vm.getBlockTimestamp();
        uint256 next = time + 1 + (seed >> 8) % 1 hours;
        if (seed % 6 == 0) {
            uint256[6] memory times = [
                began + 1 days + 1,
                opensAt(0),
                opensAt(1),
                judge.decidedBy(contest),
                judge.decidedBy(contest) + 1,
                judge.heldUntil(contest) + 1
            ];
            for (uint256 k = 6; k != 0; --k) {
                if (times[k - 1] > time) next = times[k - 1];
            }
        }
        vm.warp(next);
    }

    /// @dev Everything is brought to its end.
    function endAll() external {
        vm.warp(judge.heldUntil(contest) + 1000 days);
        uint256 entrants = judge.entrantsOf(contest);
        for (uint256 place; place < 2 * entrants; ++place) {
            uint256 job = judge.jobOf(contest, place / 2, place % 2);
            Job memory j = board.jobs(job);
            if (j.status == JobStatus.Taken) board.abandon(job);
            if (j.status != JobStatus.Claimed) continue;
            verde.uphold(j.claim);
            board.settle(job);
        }
        for (uint256 place; place < 2 * entrants; ++place) {
            if (!_isPending(place)) continue;
            uint256 job = judge.jobOf(contest, place / 2, place % 2);
            if (board.jobs(job).status != JobStatus.Settled || judge.noticeOf(job) != 0) continue;
            judge.giveNotice(contest, place / 2, place % 2);
        }
        vm.warp(vm.getBlockTimestamp() + 1000 days);
        for (uint256 place; place < 2 * entrants; ++place) {
            if (_isPending(place)) judge.drop(contest, place / 2, place % 2);
        }
        (Verdict last,) = judge.conclude(contest);
        require(last >= Verdict.Decided, "the contest hangs");
        for (uint256 i; i < entrants; ++i) {
            if (judge.entrantOf(contest, i).escrow != 0) judge.returnEscrow(contest, i);
        }
    }

    function _isPending(uint256 place) private view returns (bool) {
        return judge.roundOf(contest, place % 2).pending >> (place / 2) & 1 != 0;
    }

    /// @dev What is in the Judge's hands, by entrants: escrow, and rewards of expired jobs that nobody dropped yet.
    function owed() external view returns (uint256 sum, uint256 expired) {
        for (uint256 i; i < judge.entrantsOf(contest); ++i) {
            sum += judge.entrantOf(contest, i).escrow;
        }
        for (uint256 place; place < 2 * ENTRANTS; ++place) {
            if (!_isPending(place)) continue;
            Job memory j = board.jobs(judge.jobOf(contest, place / 2, place % 2));
            if (j.status == JobStatus.Expired) expired += j.reward;
        }
    }

    function expectedWinners() external view returns (uint256 best) {
        int256 largest = type(int256).min;
        for (uint256 i; i < ENTRANTS; ++i) {
            if (scoresOf[i] != 2 || totalOf[i] < largest) continue;
            if (totalOf[i] > largest) (largest, best) = (totalOf[i], 0);
            best |= 1 << i;
        }
    }

    function theJudge() external view returns (Judge) {
        return judge;
    }
}

/// forge-config: default.invariant.runs = 64
/// forge-config: default.invariant.depth = 150
contract JudgeInvariants is JudgeBase {
    JudgeHandler private handler;

    function setUp() public override {
        super.setUp();
        handler = new JudgeHandler(registry, keeper);
        judge = handler.theJudge();
        fund(address(handler), 1_000e18);
        handler.begin();
        targetContract(address(handler));
        bytes4[] memory actions = new bytes4[](8);
        actions[0] = JudgeHandler.advance.selector;
        actions[1] = JudgeHandler.advance.selector;
        actions[2] = JudgeHandler.advance.selector;
        actions[3] = JudgeHandler.orderOne.selector;
        actions[4] = JudgeHandler.pass.selector;
        actions[5] = JudgeHandler.reveal.selector;
        actions[6] = JudgeHandler.conclude.selector;
        actions[7] = JudgeHandler.returnEscrow.selector;
        // Some more often than others.
        targetSelector(FuzzSelector(address(handler), actions));
    }

    function invariant_escrowIsThereAndTheVerdictStays() public view {
        (uint256 sum, uint256 expired) = handler.owed();
        assertEq(token.balanceOf(address(judge)), sum + expired, "the balance is what is owed");
        assertFalse(handler.turned(), "a verdict turned");
        (Verdict verdict, uint256 winners) = judge.verdictOf(handler.contest());
        if (verdict == Verdict.Decided) assertEq(winners, handler.expectedWinners());
        else assertEq(winners, 0);
        if (verdict == Verdict.Void) assertEq(handler.expectedWinners(), 0);
    }

    /// @dev Nothing is stuck: by what anybody can do every contest ends, and then the Judge holds nothing.
    function afterInvariant() public {
        assertGt(handler.accepted(), 30, "actions are possible");
        handler.endAll();
        assertEq(token.balanceOf(address(judge)), 0);
    }
}
