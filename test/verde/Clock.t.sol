// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";
import {Clock, Turn} from "../../src/verde/Clock.sol";
import {Phase, Position, Tree} from "../../src/verde/IVerde.sol";

/// The clock against a plain second model of it, exhaustively over small numbers, and its laws on any.
contract ClockTest is Test {
    /// Every phase, demand, budget, extension, admission, answer: whose turn, from when, until when.
    function test_turn_agreesWithTheModelOnAllSmallCases() public pure {
        uint256 cases;
        for (uint256 phase; phase < 7; ++phase) {
            for (uint256 demanded; demanded < 3; ++demanded) {
                for (uint256 x; x < 4 * 4 * 4 * 3 * 8; ++x) {
                    Position memory p;
                    p.phase = Phase(phase);
                    p.tree = demanded == 0 ? Tree.None : Tree.Graph;
                    p.open = demanded == 2;
                    p.turnStart = uint40(x % 4 == 0 ? 0 : 9 + x % 4);
                    p.solverLeft = uint32(x / 4 % 4);
                    p.challengerLeft = uint32(x / 16 % 4);
                    uint256 extension = 1 + x / 64 % 3;
                    uint256 answeredAt = x / 192 == 0 ? 0 : 7 + x / 192;
                    _compare(p, 10, answeredAt, extension, extension + 1);
                    ++cases;
                }
            }
        }
        assertEq(cases, 7 * 3 * 1_536);
    }

    function _compare(
        Position memory p,
        uint256 admittedAt,
        uint256 answeredAt,
        uint256 extension,
        uint256 heavy
    ) private pure {
        Turn memory t = Clock.turn(p, admittedAt, answeredAt, extension, heavy);
        (bool solver, uint256 start, uint256 deadline, uint256 solverLeft) =
            _model(p, admittedAt, answeredAt, extension, heavy);
        assertEq(t.solver, solver, "whose turn");
        assertEq(t.start, start, "from when");
        assertEq(t.deadline, deadline, "until when");
        assertEq(t.solverLeft, solverLeft, "the solver's budget");
        assertEq(t.challengerLeft, p.challengerLeft, "the challenger's budget");
    }

    /// The spec, second by second: time runs from the turn's start; the solver's turn ends when it answers or
    /// its time is over.
    function _model(
        Position memory p,
        uint256 admittedAt,
        uint256 answeredAt,
        uint256 extension,
        uint256 heavy
    ) private pure returns (bool solver, uint256 start, uint256 deadline, uint256 solverLeft) {
        start = p.turnStart == 0 ? admittedAt : p.turnStart;
        solverLeft = p.solverLeft;
        bool answers = (p.phase == Phase.Steps || p.phase == Phase.Graph) && p.tree == Tree.None;
        uint256 floor = answers ? heavy : extension;
        if (!answers) {
            solver = p.open || p.phase == Phase.Partials;
        } else {
            uint256 time = start;
            uint256 used;
            bool given = answeredAt != 0 && answeredAt <= time;
            while (!given && used < (p.solverLeft > floor ? p.solverLeft : floor)) {
                ++time;
                ++used;
                given = answeredAt != 0 && answeredAt <= time;
            }
            solver = !given;
            if (given) {
                start = time;
                for (uint256 i; i < used && solverLeft > 0; ++i) {
                    --solverLeft;
                }
            }
        }
        if (p.open) solver = true;
        deadline = start;
        uint256 left = solver ? solverLeft : p.challengerLeft;
        for (uint256 i; i < left || i < floor; ++i) {
            ++deadline;
        }
    }

    /// The side that had the turn pays, no more than it has; the other keeps everything.
    function testFuzz_pass_chargesTheMover(
        uint32 solverLeft,
        uint32 challengerLeft,
        uint32 used,
        bool solver
    ) public pure {
        Turn memory t = Turn(solver, 100, type(uint40).max, solverLeft, challengerLeft);
        Clock.pass(t, 100 + uint256(used));
        uint256 had = solver ? solverLeft : challengerLeft;
        uint256 has = solver ? t.solverLeft : t.challengerLeft;
        assertEq(has, had > used ? had - used : 0);
        assertEq(solver ? t.challengerLeft : t.solverLeft, solver ? challengerLeft : solverLeft);
    }

    /// Nobody has less than the floor, and no more than the larger of both.
    function testFuzz_deadline_isNeverShorterThanTheFloor(uint40 start, uint32 left, uint32 floor)
        public
        pure
    {
        uint256 given = Clock.deadline(start, left, floor) - start;
        assertGe(given, floor);
        assertEq(given, left > floor ? left : floor);
    }

    /// Any sequence of turns uses at most the budget and one floor for each of them.
    function testFuzz_charge_boundsTheTotal(uint32 budget, uint32 floor, uint32[16] memory wish)
        public
        pure
    {
        uint256 left = budget;
        uint256 total;
        for (uint256 i; i < wish.length; ++i) {
            uint256 longest = Clock.deadline(0, left, floor);
            uint256 used = wish[i] < longest ? wish[i] : longest;
            total += used;
            left = Clock.charge(left, used);
        }
        assertLe(total, uint256(budget) + wish.length * uint256(floor));
    }
}
