// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Create2
/// @notice Deploys through the deterministic deployer, which stands at one address on every chain, so that equal
/// code and arguments have equal addresses everywhere.
library Create2 {
    /// @notice https://github.com/Arachnid/deterministic-deployment-proxy
    address internal constant DEPLOYER = 0x4e59b44847b379578588920cA78FbF26c0B4956C;
    bytes32 internal constant SALT = "lockstep.v1";

    /// @notice The deterministic deployer is not on this chain.
    error Create2_NoDeployer(uint256 chainId);
    /// @notice The code did not deploy at the address it belongs to.
    error Create2_Failed(address expected);

    /// @notice Deploys `initCode` unless it is there already.
    /// @return deployed its address
    /// @return fresh whether it was deployed now
    function deploy(bytes memory initCode) internal returns (address deployed, bool fresh) {
        if (DEPLOYER.code.length == 0) revert Create2_NoDeployer(block.chainid);
        deployed = addressOf(initCode);
        if (deployed.code.length != 0) return (deployed, false);
        (bool ok,) = DEPLOYER.call(bytes.concat(SALT, initCode));
        if (!ok || deployed.code.length == 0) revert Create2_Failed(deployed);
        return (deployed, true);
    }

    function addressOf(bytes memory initCode) internal pure returns (address) {
        bytes32 hash =
            keccak256(abi.encodePacked(bytes1(0xff), DEPLOYER, SALT, keccak256(initCode)));
        return address(uint160(uint256(hash)));
    }
}
