// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Script} from "forge-std/Script.sol";
import {console2} from "forge-std/console2.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {Basket} from "../src/delphi/Basket.sol";
import {Delphi} from "../src/delphi/Delphi.sol";
import {IDelphi} from "../src/delphi/IDelphi.sol";
import {Perpetual} from "../src/delphi/Perpetual.sol";
import {JobRegistry} from "../src/jobs/JobRegistry.sol";
import {Judge} from "../src/judge/Judge.sol";
import {Elementwise} from "../src/repops/Elementwise.sol";
import {Referee} from "../src/repops/Referee.sol";
import {StakeVaultFactory} from "../src/staking/StakeVaultFactory.sol";
import {AIToken} from "../src/token/AIToken.sol";
import {IVaults} from "../src/verde/IVaults.sol";
import {Relies} from "../src/verde/Ledger.sol";
import {Parameters} from "../src/verde/Parameters.sol";
import {Verde} from "../src/verde/Verde.sol";
import {Create2} from "./lib/Create2.sol";
import {DevnetKeys} from "./lib/DevnetKeys.sol";
import {Files} from "./lib/Files.sol";
import {Input, InputLib} from "./lib/Input.sol";

/// @notice Every contract of the protocol on a chain.
struct Deployed {
    AIToken token;
    StakeVaultFactory stakeVaultFactory;
    Elementwise elementwise;
    Referee referee;
    Parameters verdeParameters;
    Verde verde;
    JobRegistry jobRegistry;
    Judge judge;
    Delphi delphi;
    Perpetual perpetual;
    Basket basket;
}

/// @title Deploy
/// @notice Deploys the protocol where it is not deployed yet, connects its parts, and records the addresses.
/// @dev Run it through `npm run deploy`, which finds out the build that a chain can run and says so in LOCKSTEP_BUILD.
/// More of the environment: script/lib/Files.sol.
contract Deploy is Script {
    uint256 private fresh; // contracts deployed in this run

    /// @notice The record names another live deployment than the input leads to.
    error Deploy_AnotherDeployment(address recordedRegistry, address registry);

    function run() external {
        string memory json = vm.readFile(Files.input());
        string memory output = Files.output();
        Input memory input = InputLib.read(json);

        Files.startBroadcast();
        (, address sender,) = vm.readCallers();
        DevnetKeys.refuse("sender", sender);
        Deployed memory all = deploy(input);
        connect(all, sender);
        vm.stopBroadcast();

        uint256 startBlock = block.number;
        if (vm.exists(output)) {
            string memory old = vm.readFile(output);
            checkRecord(old, all);
            if (fresh == 0) startBlock = vm.parseJsonUint(old, ".startBlock");
        }
        vm.writeFile(output, _record(all, json, startBlock));
        console2.log("contracts deployed:", fresh);
        console2.log("recorded in", output);
    }

    /// @notice Deploys what is not there yet. The same input gives the same addresses on every chain.
    function deploy(Input memory input) public returns (Deployed memory all) {
        all.token = AIToken(_create("AIToken", abi.encode(input.holder)));
        all.stakeVaultFactory = StakeVaultFactory(
            _create(
                "StakeVaultFactory",
                abi.encode(
                    input.governance, all.token, input.minUnbondingSeconds, input.unbondingSeconds
                )
            )
        );
        all.elementwise = Elementwise(_create("Elementwise", ""));
        all.referee = Referee(_create("Referee", abi.encode(all.elementwise)));
        all.verdeParameters =
            Parameters(_create("Parameters", abi.encode(input.governance, input.verde)));
        Relies memory relies = Relies(
            ERC20Burnable(address(all.token)),
            IVaults(address(all.stakeVaultFactory)),
            all.referee,
            all.verdeParameters
        );
        all.verde = Verde(_create("Verde", abi.encode(relies)));
        all.jobRegistry = JobRegistry(
            _create(
                "JobRegistry",
                abi.encode(
                    input.governance, all.token, all.verde, all.stakeVaultFactory, input.jobs
                )
            )
        );
        all.judge = Judge(_create("Judge", abi.encode(all.token, all.jobRegistry)));
        all.delphi = Delphi(
            _create(
                "Delphi",
                abi.encode(input.governance, all.token, input.treasury, input.marketProtocolBps)
            )
        );
        IDelphi delphi = IDelphi(address(all.delphi));
        all.perpetual = Perpetual(_create("Perpetual", abi.encode(delphi, all.judge)));
        all.basket = Basket(_create("Basket", abi.encode(delphi)));
    }

    /// @notice Lets the registry lock stake and Verde slash it. Only governance can; anyone else is told so.
    function connect(Deployed memory all, address sender) public {
        StakeVaultFactory factory = all.stakeVaultFactory;
        if (factory.slasherOf(address(all.jobRegistry)) != address(0)) return;
        if (sender == factory.owner()) {
            factory.addLocker(address(all.jobRegistry), address(all.verde));
        } else {
            console2.log("governance", factory.owner(), "must call on", address(factory));
            console2.log("  addLocker", address(all.jobRegistry), address(all.verde));
        }
    }

    /// @dev The code comes out of the contract's artifact: `type(…).creationCode` of them all would have every
    /// contract compiled once more, as a part of this script.
    function _create(string memory name, bytes memory args) private returns (address deployed) {
        bytes memory code = vm.getCode(string.concat(name, ".sol:", name));
        bool isFresh;
        (deployed, isFresh) = Create2.deploy(bytes.concat(code, args));
        if (isFresh) ++fresh;
    }

    /// @notice Reverts if the record is of another deployment that lives on this chain. Parameters are part of the
    /// addresses: an input that was edited afterwards would deploy everything once more. SetParameters changes them.
    function checkRecord(string memory old, Deployed memory all) public view {
        address recorded = vm.parseJsonAddress(old, ".contracts.jobRegistry");
        if (recorded != address(all.jobRegistry) && recorded.code.length != 0) {
            revert Deploy_AnotherDeployment(recorded, address(all.jobRegistry));
        }
    }

    function _record(Deployed memory all, string memory input, uint256 startBlock)
        private
        view
        returns (string memory)
    {
        string memory contracts = string.concat(
            _entry("token", address(all.token), false),
            _entry("stakeVaultFactory", address(all.stakeVaultFactory), false),
            _entry("elementwise", address(all.elementwise), false),
            _entry("referee", address(all.referee), false),
            _entry("verdeParameters", address(all.verdeParameters), false),
            _entry("verde", address(all.verde), false),
            _entry("jobRegistry", address(all.jobRegistry), false),
            _entry("judge", address(all.judge), false),
            _entry("delphi", address(all.delphi), false),
            _entry("perpetual", address(all.perpetual), false),
            _entry("basket", address(all.basket), true)
        );
        return string.concat(
            '{\n  "chainId": ',
            vm.toString(block.chainid),
            ',\n  "startBlock": ',
            vm.toString(startBlock),
            ',\n  "build": "',
            vm.envOr("LOCKSTEP_BUILD", string("opcode")),
            '",\n  "contracts": {\n',
            contracts,
            '  },\n  "parameters": ',
            vm.trim(input),
            "\n}\n"
        );
    }

    function _entry(string memory name, address account, bool last)
        private
        pure
        returns (string memory)
    {
        return string.concat('    "', name, '": "', vm.toString(account), last ? '"\n' : '",\n');
    }
}
