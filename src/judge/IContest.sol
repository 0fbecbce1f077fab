// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What a contest says of its entrants. Pending: entries, evaluations or reports are due. Held: the time for
/// them is over, but a result is still to be ruled on. Decided: there are winners. Void: nobody can win any more.
enum Verdict {
    Pending,
    Held,
    Decided,
    Void
}

/// @title IContest
/// @notice What a market settles from: numbered entrants, some of whom win in the end. Judge is the contest of this
/// network; a market may rely on any contract that keeps these promises, and only its own traders rely on it then.
/// @dev A contest that breaks its promises can void or misjudge its own markets, never touch the money of others.
interface IContest {
    /// @notice Entrants so far, at most 256. Entrant i is outcome i of a market.
    function entrantsOf(uint256 contest) external view returns (uint256);

    /// @notice Unix seconds up to which nothing that decides the last round is known. Trading ends no later.
    function secretUntil(uint256 contest) external view returns (uint40);

    /// @notice Last unix second in which the verdict can be Pending.
    function decidedBy(uint256 contest) external view returns (uint40);

    /// @notice What `conclude` would say now.
    /// @return verdict where the contest stands
    /// @return winners bit i: entrant i won; a tie has several bits; zero unless Decided
    function verdictOf(uint256 contest) external view returns (Verdict verdict, uint256 winners);

    /// @notice The verdict; Decided and Void are kept for good. Anyone. Takes less gas than Delphi's CONCLUDE_GAS.
    function conclude(uint256 contest) external returns (Verdict verdict, uint256 winners);

    /// @notice Who owns what an entrant earns; zero for nobody.
    function ownerOf(uint256 contest, uint256 entrant) external view returns (address);
}
