// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IStakeVault} from "../../src/staking/IStakeVault.sol";
import {Claim, ClaimInput, ClaimStatus, Computation} from "../../src/verde/IVerde.sol";

/// @notice Verde without the game: whoever asks decides a claim. Voiding slashes, as the real one does.
contract MockVerde {
    event Registered(bytes32 id);

    mapping(uint256 claim => ClaimStatus) public statusOf;
    mapping(uint256 claim => ClaimInput) internal inputs;
    mapping(bytes32 computation => bool) public known;
    address public immutable slashTo;

    error MockVerde_NotLocker(address caller);
    error MockVerde_ClaimExists(uint256 claim);

    constructor(address slashTo_) {
        slashTo = slashTo_;
    }

    function register(Computation calldata computation) external returns (bytes32 id) {
        id = keccak256(abi.encode(computation));
        known[id] = true;
        emit Registered(id);
    }

    function claim(ClaimInput calldata input, bytes32[] calldata, bytes32[] calldata)
        external
        returns (uint256 claimId)
    {
        (address locker,) = IStakeVault(input.vault).lockOf(input.lockId);
        if (locker != msg.sender) revert MockVerde_NotLocker(msg.sender);
        claimId = uint256(keccak256(abi.encode(input))) >> 32;
        if (statusOf[claimId] != ClaimStatus.None) revert MockVerde_ClaimExists(claimId);
        statusOf[claimId] = ClaimStatus.Pending;
        inputs[claimId] = input;
    }

    function uphold(uint256 claimId) external {
        statusOf[claimId] = ClaimStatus.Upheld;
    }

    function void(uint256 claimId) external {
        statusOf[claimId] = ClaimStatus.Void;
        IStakeVault(inputs[claimId].vault).slash(inputs[claimId].lockId, slashTo);
    }

    function claimOf(uint256 claimId) external view returns (Claim memory c) {
        c.finalStateRoot = inputs[claimId].finalStateRoot;
    }

    function inputOf(uint256 claimId) external view returns (ClaimInput memory) {
        return inputs[claimId];
    }
}
