// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Vm} from "forge-std/Vm.sol";

/// @title Files
/// @notice Where scripts read and write, and who pays for them; all of it can be set by the environment.
library Files {
    Vm private constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    /// @notice Parameters of the chain: LOCKSTEP_INPUT or script/input/<chainId>.json.
    function input() internal view returns (string memory) {
        return VM.envOr("LOCKSTEP_INPUT", string.concat("script/input/", _chain(), ".json"));
    }

    /// @notice Addresses on the chain: LOCKSTEP_OUTPUT or deployments/<chainId>.json.
    function output() internal view returns (string memory) {
        return VM.envOr("LOCKSTEP_OUTPUT", string.concat("deployments/", _chain(), ".json"));
    }

    /// @notice From here on calls are transactions of LOCKSTEP_PRIVATE_KEY, or of whom forge's flags name.
    function startBroadcast() internal {
        uint256 key = VM.envOr("LOCKSTEP_PRIVATE_KEY", uint256(0));
        if (key == 0) VM.startBroadcast();
        else VM.startBroadcast(key);
    }

    function _chain() private view returns (string memory) {
        return VM.toString(block.chainid);
    }
}
