// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";

/// @title AIToken
/// @notice $AI: what work is paid, staked and slashed in. The whole supply is minted at deployment; there is no
/// other way to mint and no owner.
/// @dev ERC-20 with permit (ERC-2612), burning, and votes (ERC-5805) that are counted by timestamp (ERC-6372),
/// because block numbers change their meaning with an L2's block time.
contract AIToken is ERC20, ERC20Burnable, ERC20Permit, ERC20Votes {
    /// @notice Ten billion tokens of 18 decimals, in wei.
    uint256 public constant SUPPLY = 10_000_000_000e18;

    /// @param holder receives the whole supply
    constructor(address holder) ERC20("Lockstep", "AI") ERC20Permit("Lockstep") {
        _mint(holder, SUPPLY);
    }

    /// @notice ERC-6372: unix seconds.
    function clock() public view override returns (uint48) {
        return uint48(block.timestamp);
    }

    /// @notice ERC-6372.
    function CLOCK_MODE() public pure override returns (string memory) {
        return "mode=timestamp";
    }

    /// @inheritdoc ERC20Permit
    function nonces(address owner) public view override(ERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }

    function _update(address from, address to, uint256 value) internal override(ERC20, ERC20Votes) {
        super._update(from, to, value);
    }
}
