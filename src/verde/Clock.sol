// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Phase, Position, Tree} from "./IVerde.sol";

/// @notice Whose turn it is in a dispute. Times are unix seconds, `…Left` seconds of each side's budget.
/// @param solver whether the solver owes the next move; if not, the challenger does
/// @param start when this turn began
/// @param deadline the last second in which the move is in time
struct Turn {
    bool solver;
    uint40 start;
    uint40 deadline;
    uint32 solverLeft;
    uint32 challengerLeft;
}

/// @title Clock
/// @notice Whose turn it is and until when (docs/spec/verde.md, section 4). Everything that compares a time
/// in a dispute, transition or view, does it here. Pure: exhaustively tested in Clock.t.sol; the numbers of turns
/// by a dispute that takes them all, in Verde.gas.t.sol.
library Clock {
    /// @notice Turns that a dispute has at most from its admission on, with every tree as deep as it can be and
    /// everything withheld: of the solver, of the challenger, and how many of both are heavy.
    uint256 internal constant SOLVER_TURNS = 22;
    uint256 internal constant CHALLENGER_TURNS = 24;
    uint256 internal constant HEAVY_TURNS = 4;

    /// @notice Seconds from a dispute's admission in which it is decided, if whoever may ends it in time.
    /// @param budgets of both sides together
    function longest(uint256 budgets, uint256 extension, uint256 heavyExtension)
        internal
        pure
        returns (uint256)
    {
        return budgets + HEAVY_TURNS * heavyExtension
            + (SOLVER_TURNS + CHALLENGER_TURNS - HEAVY_TURNS) * extension;
    }

    /// @notice The turn in progress.
    /// @param admittedAt when the dispute was admitted, the beginning of its first turn
    /// @param answeredAt when the claim got the answer that Steps or Graph waits for; 0 if it has none
    /// @param extension seconds that nobody's turn is shorter than
    /// @param heavyExtension the same where a move needs recomputation
    function turn(
        Position memory p,
        uint256 admittedAt,
        uint256 answeredAt,
        uint256 extension,
        uint256 heavyExtension
    ) internal pure returns (Turn memory t) {
        uint256 start = p.turnStart == 0 ? admittedAt : p.turnStart;
        uint256 floor = extension;
        t.solverLeft = p.solverLeft;
        t.challengerLeft = p.challengerLeft;
        t.solver = p.open || p.phase == Phase.Partials;

        // The first move in Steps and in Graph is made twice: the solver's, which any dispute of the claim may
        // have brought, and then the challenger's. Both have to compute for it; whoever has demanded something
        // has computed, and in the rest of the phase only compares.
        if ((p.phase == Phase.Steps || p.phase == Phase.Graph) && p.tree == Tree.None) {
            floor = heavyExtension;
            if (answeredAt == 0 || answeredAt > deadline(start, p.solverLeft, floor)) {
                t.solver = true;
            } else if (answeredAt > start) {
                t.solverLeft = charge(p.solverLeft, answeredAt - start);
                start = answeredAt;
            }
        }
        t.start = uint40(start);
        t.deadline = uint40(deadline(start, t.solver ? t.solverLeft : t.challengerLeft, floor));
    }

    /// @notice Ends the turn `t` at `time`, in place: the side that had it pays for what it used.
    /// @dev Call only with t.start <= time <= t.deadline.
    function pass(Turn memory t, uint256 time) internal pure {
        uint256 used = time - t.start;
        if (t.solver) t.solverLeft = charge(t.solverLeft, used);
        else t.challengerLeft = charge(t.challengerLeft, used);
    }

    /// @notice The last second of a turn: nobody has less than `floor`.
    function deadline(uint256 start, uint256 left, uint256 floor) internal pure returns (uint256) {
        return start + (left > floor ? left : floor);
    }

    /// @notice What remains of a budget; the floor's seconds beyond it are free.
    function charge(uint256 left, uint256 used) internal pure returns (uint32) {
        return uint32(left > used ? left - used : 0);
    }
}
