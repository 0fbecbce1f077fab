// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

/// @notice What governance sets. A claim keeps the version that was in force when it was made.
/// @param window seconds in which a claim can be challenged
/// @param solverBudget,challengerBudget seconds that each side has for a whole dispute
/// @param extension seconds that nobody's turn is shorter than
/// @param heavyExtension the same where a move needs recomputation
/// @param liveLimit disputes of a claim that are live at once
/// @param challengerBps,burnBps parts of a slash, basis points
/// @param bondWei a challenger's bond, ether wei: the solver's gas and replay for one dispute, and as much again
/// @param costs what a dispute that wins without the reward gets, $AI wei
/// @param treasury receives the remainder of a slash
struct ParameterSet {
    uint32 window;
    uint32 solverBudget;
    uint32 challengerBudget;
    uint32 extension;
    uint32 heavyExtension;
    uint16 liveLimit;
    uint16 challengerBps;
    uint16 burnBps;
    uint96 bondWei;
    uint128 costs;
    address treasury;
}

/// @title Parameters
/// @notice Versions of the governed parameters, each within bounds that governance cannot move.
contract Parameters is Ownable2Step {
    uint32 private constant MAX_WINDOW = 90 days;
    uint32 private constant MAX_BUDGET = 30 days;
    uint32 private constant MAX_EXTENSION = 7 days;
    uint16 private constant MAX_LIVE = 64;
    uint96 private constant MAX_BOND = 100 ether;
    uint16 private constant MAX_CHALLENGER_BPS = 2_500; // Slash.sol says why

    /// @notice Version in force; versions count from 1.
    uint32 public latest;
    mapping(uint32 version => ParameterSet) private _parameters;

    event ParametersSet(uint32 indexed version, ParameterSet parameters);

    /// @notice `field` lies outside its bounds.
    error Parameters_OutOfBounds(string field);

    constructor(address owner, ParameterSet memory initial) Ownable(owner) {
        _set(initial);
    }

    /// @notice Puts a new version in force for the claims to come. Owner only.
    function set(ParameterSet calldata next) external onlyOwner {
        _set(next);
    }

    /// @notice The parameters of a version; all zero if there is none.
    function get(uint32 version) external view returns (ParameterSet memory) {
        return _parameters[version];
    }

    function _set(ParameterSet memory next) private {
        _within("window", next.window, 1, MAX_WINDOW);
        _within("solverBudget", next.solverBudget, 1, MAX_BUDGET);
        _within("challengerBudget", next.challengerBudget, 1, MAX_BUDGET);
        _within("extension", next.extension, 1, MAX_EXTENSION);
        _within("heavyExtension", next.heavyExtension, next.extension, MAX_EXTENSION);
        _within("liveLimit", next.liveLimit, 1, MAX_LIVE);
        _within("bondWei", next.bondWei, 2, MAX_BOND);
        _within("challengerBps", next.challengerBps, 1, MAX_CHALLENGER_BPS);
        _within("burnBps", next.burnBps, 0, 10_000 - next.challengerBps);
        _within("treasury", uint160(next.treasury), 1, type(uint160).max);

        uint32 version = ++latest;
        _parameters[version] = next;
        emit ParametersSet(version, next);
    }

    function _within(string memory field, uint256 value, uint256 least, uint256 most) private pure {
        if (value < least || value > most) revert Parameters_OutOfBounds(field);
    }
}
