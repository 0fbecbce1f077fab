// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {stdJson} from "forge-std/StdJson.sol";
import {JobParameters} from "../../src/jobs/IJobRegistry.sol";
import {Clock} from "../../src/verde/Clock.sol";
import {ParameterSet} from "../../src/verde/Parameters.sol";
import {DevnetKeys} from "./DevnetKeys.sol";

/// @notice What a chain is deployed with: script/input/<chainId>.json. Times are seconds, amounts wei.
/// @param marketProtocolBps the protocol's part of the fees of markets that are created from now on
/// @param minUnbondingSeconds not in the file: one window and one dispute of the longest kind
struct Input {
    address holder;
    address governance;
    address treasury;
    uint16 marketProtocolBps;
    uint40 minUnbondingSeconds;
    uint40 unbondingSeconds;
    JobParameters jobs;
    ParameterSet verde;
}

/// @title InputLib
/// @notice Reads and checks an input file. Bounds of single parameters are the contracts' own business.
library InputLib {
    using stdJson for string;

    /// @notice The file names nobody as `role`.
    error Input_Missing(string role);
    /// @notice Stake would leave sooner than an ordinary claim is decided, and not share the risk that it was paid for.
    error Input_UnbondingTooShort(uint40 unbondingSeconds, uint40 minUnbondingSeconds);
    /// @notice `value` does not fit the parameter.
    error Input_TooLarge(string key, uint256 value);

    function read(string memory json) internal view returns (Input memory input) {
        input.holder = _account(json, ".token.holder");
        input.governance = _account(json, ".governance");
        input.treasury = _account(json, ".treasury");
        input.marketProtocolBps = uint16(_uint(json, ".markets.protocolBps", 16));
        input.jobs = JobParameters({
            treasury: input.treasury,
            feeBps: uint16(_uint(json, ".jobs.feeBps", 16)),
            penaltyBps: uint16(_uint(json, ".jobs.penaltyBps", 16)),
            minStake: uint128(_uint(json, ".jobs.minStakeWei", 128))
        });
        input.verde = ParameterSet({
            window: uint32(_uint(json, ".verde.windowSeconds", 32)),
            solverBudget: uint32(_uint(json, ".verde.solverBudgetSeconds", 32)),
            challengerBudget: uint32(_uint(json, ".verde.challengerBudgetSeconds", 32)),
            extension: uint32(_uint(json, ".verde.extensionSeconds", 32)),
            heavyExtension: uint32(_uint(json, ".verde.heavyExtensionSeconds", 32)),
            liveLimit: uint16(_uint(json, ".verde.liveLimit", 16)),
            challengerBps: uint16(_uint(json, ".verde.challengerBps", 16)),
            burnBps: uint16(_uint(json, ".verde.burnBps", 16)),
            bondWei: uint96(_uint(json, ".verde.bondWei", 96)),
            costs: uint128(_uint(json, ".verde.costsWei", 128)),
            treasury: input.treasury
        });
        input.minUnbondingSeconds = longestClaim(input.verde);
        input.unbondingSeconds = uint40(_uint(json, ".vaults.unbondingSeconds", 40));
        if (input.unbondingSeconds < input.minUnbondingSeconds) {
            revert Input_UnbondingTooShort(input.unbondingSeconds, input.minUnbondingSeconds);
        }
    }

    /// @notice Seconds from a claim to the end of a dispute opened in the last second of its window, apart from
    /// what a job adds to the window and from disputes that queue.
    function longestClaim(ParameterSet memory p) internal pure returns (uint40) {
        uint256 budgets = uint256(p.solverBudget) + p.challengerBudget;
        return uint40(p.window + Clock.longest(budgets, p.extension, p.heavyExtension));
    }

    function _account(string memory json, string memory key)
        private
        view
        returns (address account)
    {
        account = json.readAddress(key);
        if (account == address(0)) revert Input_Missing(key);
        DevnetKeys.refuse(key, account);
    }

    function _uint(string memory json, string memory key, uint8 bits)
        private
        pure
        returns (uint256 value)
    {
        value = json.readUint(key);
        if (value >> bits != 0) revert Input_TooLarge(key, value);
    }
}
