// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {LibClone} from "solady/utils/LibClone.sol";
import {IStakeVaultFactory} from "./IStakeVaultFactory.sol";
import {StakeVault} from "./StakeVault.sol";

/// @title StakeVaultFactory
/// @notice One vault per operator, and the governed list of who may lock and slash stake.
contract StakeVaultFactory is IStakeVaultFactory, Ownable2Step {
    /// @notice The longest unbonding delay that governance can set. Locks hold stake as long as their jobs last.
    uint40 public constant MAX_UNBONDING_SECONDS = 90 days;

    /// @inheritdoc IStakeVaultFactory
    address public immutable asset;
    /// @inheritdoc IStakeVaultFactory
    /// @dev One challenge window and one dispute of the network: for so long stake that leaves shares the risk of work
    /// it earned from. What stands behind a claim is kept by its lock, whatever the delay.
    uint40 public immutable minUnbondingSeconds;
    /// @notice What the vaults are clones of.
    StakeVault public immutable implementation;

    /// @inheritdoc IStakeVaultFactory
    uint40 public unbondingSeconds;
    /// @inheritdoc IStakeVaultFactory
    mapping(address vault => bool) public isVault;
    /// @inheritdoc IStakeVaultFactory
    mapping(address operator => address) public vaultOf;
    /// @notice How many vaults the operator has opened.
    mapping(address operator => uint256) public vaultsOpened;
    /// @inheritdoc IStakeVaultFactory
    mapping(address locker => bool) public isLocker;
    /// @inheritdoc IStakeVaultFactory
    mapping(address locker => address) public slasherOf;

    error StakeVaultFactory_VaultExists(address vault);
    error StakeVaultFactory_ZeroAddress();
    error StakeVaultFactory_LockerKnown(address locker);
    error StakeVaultFactory_LockerUnknown(address locker);
    error StakeVaultFactory_UnbondingOutOfBounds(uint40 seconds_, uint40 min, uint40 max);

    constructor(
        address owner,
        address asset_,
        uint40 minUnbondingSeconds_,
        uint40 unbondingSeconds_
    ) Ownable(owner) {
        if (asset_ == address(0)) revert StakeVaultFactory_ZeroAddress();
        asset = asset_;
        minUnbondingSeconds = minUnbondingSeconds_;
        implementation = new StakeVault(asset_);
        _setUnbondingSeconds(minUnbondingSeconds_, unbondingSeconds_);
    }

    /// @inheritdoc IStakeVaultFactory
    function create(uint16 commissionBps) external returns (address vault) {
        address newest = vaultOf[msg.sender];
        if (newest != address(0) && !StakeVault(newest).closed()) {
            revert StakeVaultFactory_VaultExists(newest);
        }
        bytes32 salt = bytes32(vaultsOpened[msg.sender]++);
        vault = LibClone.cloneDeterministic(
            address(implementation), abi.encodePacked(msg.sender), salt
        );
        vaultOf[msg.sender] = vault;
        isVault[vault] = true;
        emit VaultCreated(msg.sender, vault, commissionBps);
        StakeVault(vault).initialize(commissionBps);
    }

    /// @inheritdoc IStakeVaultFactory
    function addLocker(address locker, address slasher) external onlyOwner {
        if (locker == address(0) || slasher == address(0)) revert StakeVaultFactory_ZeroAddress();
        if (slasherOf[locker] != address(0)) revert StakeVaultFactory_LockerKnown(locker);
        slasherOf[locker] = slasher;
        isLocker[locker] = true;
        emit LockerAdded(locker, slasher);
        emit LockerEnabled(locker, true);
    }

    /// @inheritdoc IStakeVaultFactory
    function setLockerEnabled(address locker, bool enabled) external onlyOwner {
        if (slasherOf[locker] == address(0)) revert StakeVaultFactory_LockerUnknown(locker);
        isLocker[locker] = enabled;
        emit LockerEnabled(locker, enabled);
    }

    /// @inheritdoc IStakeVaultFactory
    function setUnbondingSeconds(uint40 unbondingSeconds_) external onlyOwner {
        _setUnbondingSeconds(minUnbondingSeconds, unbondingSeconds_);
    }

    function _setUnbondingSeconds(uint40 min, uint40 seconds_) internal {
        if (seconds_ < min || seconds_ == 0 || seconds_ > MAX_UNBONDING_SECONDS) {
            revert StakeVaultFactory_UnbondingOutOfBounds(seconds_, min, MAX_UNBONDING_SECONDS);
        }
        unbondingSeconds = seconds_;
        emit UnbondingSecondsSet(seconds_);
    }
}
