// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Vm} from "forge-std/Vm.sol";

/// @title DevnetKeys
/// @notice Keeps the public keys of development chains off every other chain.
library DevnetKeys {
    Vm private constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    string private constant MNEMONIC =
        "test test test test test test test test test test test junk";
    uint32 private constant ACCOUNTS = 10;
    uint256 internal constant DEVNET = 31_337;

    /// @notice `account`'s private key is known to everybody.
    error DevnetKeys_PublicKey(string role, address account, uint256 chainId);

    /// @notice Reverts if `account` is one of anvil's and the chain is not the devnet.
    function refuse(string memory role, address account) internal view {
        if (block.chainid != DEVNET && isDevnetKey(account)) {
            revert DevnetKeys_PublicKey(role, account, block.chainid);
        }
    }

    function isDevnetKey(address account) internal pure returns (bool) {
        for (uint32 i; i < ACCOUNTS; ++i) {
            if (VM.addr(VM.deriveKey(MNEMONIC, i)) == account) return true;
        }
        return false;
    }
}
