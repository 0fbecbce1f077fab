// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Script} from "forge-std/Script.sol";
import {console2} from "forge-std/console2.sol";
import {Delphi} from "../src/delphi/Delphi.sol";
import {JobRegistry} from "../src/jobs/JobRegistry.sol";
import {StakeVaultFactory} from "../src/staking/StakeVaultFactory.sol";
import {Parameters} from "../src/verde/Parameters.sol";
import {DevnetKeys} from "./lib/DevnetKeys.sol";
import {Files} from "./lib/Files.sol";
import {Input, InputLib} from "./lib/Input.sol";

/// @title SetParameters
/// @notice Brings the parameters of a deployed protocol to those of the input file, as far as they differ.
/// @dev Governance only; for anyone else it prints the calls that governance must make. Environment as for Deploy.
contract SetParameters is Script {
    uint256 private calls;

    function run() external {
        string memory deployment = vm.readFile(Files.output());
        Input memory input = InputLib.read(vm.readFile(Files.input()));
        Files.startBroadcast();
        (, address sender,) = vm.readCallers();
        DevnetKeys.refuse("sender", sender);
        set(
            StakeVaultFactory(vm.parseJsonAddress(deployment, ".contracts.stakeVaultFactory")),
            JobRegistry(vm.parseJsonAddress(deployment, ".contracts.jobRegistry")),
            Parameters(vm.parseJsonAddress(deployment, ".contracts.verdeParameters")),
            Delphi(vm.parseJsonAddress(deployment, ".contracts.delphi")),
            input,
            sender
        );
        vm.stopBroadcast();
        console2.log("changes:", calls);
    }

    function set(
        StakeVaultFactory factory,
        JobRegistry registry,
        Parameters verde,
        Delphi delphi,
        Input memory input,
        address sender
    ) public {
        // Stake waits longer before claims may live longer.
        if (factory.unbondingSeconds() != input.unbondingSeconds) {
            _call(
                address(factory),
                factory.owner(),
                sender,
                abi.encodeCall(factory.setUnbondingSeconds, (input.unbondingSeconds))
            );
        }
        if (keccak256(abi.encode(verde.get(verde.latest()))) != keccak256(abi.encode(input.verde)))
        {
            _call(address(verde), verde.owner(), sender, abi.encodeCall(verde.set, (input.verde)));
        }
        if (keccak256(abi.encode(registry.parameters())) != keccak256(abi.encode(input.jobs))) {
            _call(
                address(registry),
                registry.owner(),
                sender,
                abi.encodeCall(registry.setParameters, (input.jobs))
            );
        }
        (address treasury, uint16 protocolBps) = delphi.protocol();
        if (treasury != input.treasury || protocolBps != input.marketProtocolBps) {
            _call(
                address(delphi),
                delphi.owner(),
                sender,
                abi.encodeCall(delphi.setProtocol, (input.treasury, input.marketProtocolBps))
            );
        }
    }

    function _call(address target, address owner, address sender, bytes memory data) private {
        ++calls;
        if (sender != owner) {
            console2.log("governance", owner, "must call", target);
            console2.logBytes(data);
            return;
        }
        (bool ok, bytes memory reason) = target.call(data);
        if (!ok) {
            assembly ("memory-safe") {
                revert(add(reason, 32), mload(reason))
            }
        }
    }
}
