// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";
import {Deploy, Deployed} from "../../script/Deploy.s.sol";
import {SetParameters} from "../../script/SetParameters.s.sol";
import {Create2} from "../../script/lib/Create2.sol";
import {DevnetKeys} from "../../script/lib/DevnetKeys.sol";
import {Input, InputLib} from "../../script/lib/Input.sol";
import {JobRegistry} from "../../src/jobs/JobRegistry.sol";
import {ParameterSet} from "../../src/verde/Parameters.sol";

contract DeployTest is Test {
    /// @dev Runtime code of the deterministic deployer, as it stands on every chain.
    bytes private constant DEPLOYER_CODE =
        hex"7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3";

    Deploy private script;

    function setUp() public {
        vm.warp(1_800_000_000);
        vm.etch(Create2.DEPLOYER, DEPLOYER_CODE);
        script = Deploy(deployCode("Deploy.s.sol:Deploy")); // `new` would compile every contract again
        vm.chainId(31_337);
    }

    function read(string memory json) external view returns (Input memory) {
        return InputLib.read(json);
    }

    function devnet() private view returns (string memory) {
        return vm.readFile("script/input/31337.json");
    }

    function input() private view returns (Input memory made) {
        made = this.read(devnet());
        made.governance = address(script);
    }

    // deploy

    function test_deploy_putsEveryContractWhereItBelongs() public {
        Deployed memory all = script.deploy(input());
        assertEq(all.token.totalSupply(), all.token.balanceOf(input().holder));
        assertEq(all.stakeVaultFactory.asset(), address(all.token));
        assertEq(all.stakeVaultFactory.owner(), address(script));
        assertEq(address(all.referee.ELEMENTWISE()), address(all.elementwise));
        assertEq(all.verdeParameters.owner(), address(script));
        assertEq(address(all.jobRegistry.verde()), address(all.verde));
        assertEq(address(all.jobRegistry.factory()), address(all.stakeVaultFactory));
        assertEq(all.jobRegistry.token(), address(all.token));
        assertEq(all.jobRegistry.parameters().treasury, input().treasury);
        assertEq(address(all.judge.jobs()), address(all.jobRegistry));
        assertEq(all.judge.token(), address(all.token));
        assertEq(all.delphi.token(), address(all.token));
        assertEq(all.delphi.owner(), address(script));
        assertEq(address(all.perpetual.delphi()), address(all.delphi));
        assertEq(address(all.perpetual.judge()), address(all.judge));
        assertEq(all.perpetual.token(), address(all.token));
        assertEq(address(all.basket.delphi()), address(all.delphi));
        assertLe(
            InputLib.longestClaim(all.verdeParameters.get(1)),
            all.stakeVaultFactory.minUnbondingSeconds()
        );
    }

    function test_deploy_givesTheSameAddressesOnEveryChain() public {
        uint256 snapshot = vm.snapshotState();
        Deployed memory here = script.deploy(input());
        vm.revertToState(snapshot);
        Input memory same = input();
        vm.chainId(10);
        vm.roll(1_000_000);
        Deployed memory there = script.deploy(same);
        assertEq(abi.encode(here), abi.encode(there));
    }

    function test_deploy_skipsWhatIsThere() public {
        Deployed memory first = script.deploy(input());
        uint64 deployments = vm.getNonce(Create2.DEPLOYER);
        Deployed memory second = script.deploy(input());
        assertEq(abi.encode(first), abi.encode(second));
        assertEq(vm.getNonce(Create2.DEPLOYER), deployments);
    }

    function test_deploy_otherParametersAreAnotherDeployment() public {
        Deployed memory first = script.deploy(input());
        Input memory other = input();
        other.jobs.feeBps += 1;
        Deployed memory second = script.deploy(other);
        assertEq(address(first.verde), address(second.verde));
        assertNotEq(address(first.jobRegistry), address(second.jobRegistry));
    }

    function test_deploy_revertsWithoutTheDeployer() public {
        Input memory given = input();
        vm.etch(Create2.DEPLOYER, "");
        vm.expectRevert(abi.encodeWithSelector(Create2.Create2_NoDeployer.selector, 31_337));
        script.deploy(given);
    }

    function test_deploy_everyContractFitsAChain() public {
        Deployed memory all = script.deploy(input());
        address[14] memory contracts = [
            address(all.token),
            address(all.stakeVaultFactory),
            address(all.stakeVaultFactory.implementation()),
            address(all.elementwise),
            address(all.referee),
            address(all.verdeParameters),
            address(all.verde),
            address(all.jobRegistry),
            address(all.judge),
            address(all.delphi),
            address(all.perpetual),
            address(all.basket),
            vm.computeCreateAddress(address(all.verde), 1),
            vm.computeCreateAddress(address(all.delphi), 1)
        ];
        for (uint256 i; i < contracts.length; ++i) {
            assertGt(contracts[i].code.length, 0);
            assertLe(contracts[i].code.length, 24_576, "EIP-170");
        }
        // Both bring the code of their second part along.
        assertLe(vm.getCode("Verde.sol:Verde").length + 32 * 4, 49_152, "EIP-3860");
        assertLe(vm.getCode("Delphi.sol:Delphi").length + 32 * 4, 49_152, "EIP-3860");
    }

    function record(address registry) private pure returns (string memory) {
        return string.concat('{"contracts":{"jobRegistry":"', vm.toString(registry), '"}}');
    }

    function test_checkRecord_revertsForAnotherLiveDeployment() public {
        Deployed memory all = script.deploy(input());
        script.checkRecord(record(address(all.jobRegistry)), all);
        script.checkRecord(record(address(0xdead)), all); // of a chain that is gone
        Input memory edited = input();
        edited.jobs.feeBps += 1;
        Deployed memory second = script.deploy(edited);
        vm.expectRevert(
            abi.encodeWithSelector(
                Deploy.Deploy_AnotherDeployment.selector, all.jobRegistry, second.jobRegistry
            )
        );
        script.checkRecord(record(address(all.jobRegistry)), second);
    }

    // connect

    function test_connect_letsTheRegistryLockAndVerdeSlash() public {
        Deployed memory all = script.deploy(input());
        script.connect(all, address(script));
        assertTrue(all.stakeVaultFactory.isLocker(address(all.jobRegistry)));
        assertEq(all.stakeVaultFactory.slasherOf(address(all.jobRegistry)), address(all.verde));
        script.connect(all, address(script)); // nothing is left to do
    }

    function test_connect_leavesItToGovernanceWhenItIsSomebodyElse() public {
        Deployed memory all = script.deploy(input());
        script.connect(all, address(this));
        assertFalse(all.stakeVaultFactory.isLocker(address(all.jobRegistry)));
    }

    // SetParameters

    function set(SetParameters setter, Deployed memory all, Input memory given, address sender)
        private
    {
        setter.set(
            all.stakeVaultFactory, all.jobRegistry, all.verdeParameters, all.delphi, given, sender
        );
    }

    function test_setParameters_changesWhatDiffers() public {
        SetParameters setter = SetParameters(deployCode("SetParameters.s.sol:SetParameters"));
        Input memory given = input();
        given.governance = address(setter);
        Deployed memory all = script.deploy(given);
        set(setter, all, given, address(setter));
        assertEq(all.verdeParameters.latest(), 1, "nothing differs");

        given.unbondingSeconds += 1;
        given.jobs.feeBps += 1;
        given.verde.liveLimit += 1;
        given.marketProtocolBps += 1;
        set(setter, all, given, address(setter));
        assertEq(all.stakeVaultFactory.unbondingSeconds(), given.unbondingSeconds);
        assertEq(all.jobRegistry.parameters().feeBps, given.jobs.feeBps);
        assertEq(all.verdeParameters.get(2).liveLimit, given.verde.liveLimit);
        (address treasury, uint16 protocolBps) = all.delphi.protocol();
        assertEq(treasury, given.treasury);
        assertEq(protocolBps, given.marketProtocolBps);

        given.jobs.feeBps += 1;
        set(setter, all, given, address(1));
        assertEq(all.jobRegistry.parameters().feeBps, given.jobs.feeBps - 1, "left to governance");
        given.jobs.feeBps = 1_001;
        vm.expectRevert(abi.encodeWithSelector(JobRegistry.JobRegistry_FeeTooHigh.selector, 1_001));
        set(setter, all, given, address(setter));
    }

    // input

    function test_read_takesEveryValueOfTheFile() public view {
        string memory json = devnet();
        Input memory given = this.read(json);
        assertEq(given.holder, vm.parseJsonAddress(json, ".token.holder"));
        assertEq(given.jobs.minStake, 100e18);
        assertEq(given.jobs.feeBps, 250);
        assertEq(given.verde.bondWei, vm.parseJsonUint(json, ".verde.bondWei"));
        assertEq(given.verde.treasury, given.treasury);
        assertEq(given.jobs.treasury, given.treasury);
        assertEq(given.marketProtocolBps, 1000);
        assertGe(given.unbondingSeconds, given.minUnbondingSeconds);
    }

    function test_read_exampleOfAMainnetWantsAccountsAndIsElseGood() public {
        string memory json = vm.readFile("script/input/10.json");
        vm.chainId(10);
        vm.expectRevert(abi.encodeWithSelector(InputLib.Input_Missing.selector, ".token.holder"));
        this.read(json);

        string memory filled =
            vm.replace(json, vm.toString(address(0)), vm.toString(makeAddr("somebody")));
        Input memory given = this.read(filled);
        assertGe(given.unbondingSeconds, given.minUnbondingSeconds);
        assertGe(given.verde.window, 7 days);
        script.deploy(given); // every parameter is within the contracts' bounds
    }

    function test_read_revertsForPublicKeysElsewhere() public {
        vm.chainId(10);
        vm.expectRevert(
            abi.encodeWithSelector(
                DevnetKeys.DevnetKeys_PublicKey.selector,
                ".token.holder",
                0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266,
                10
            )
        );
        this.read(devnet());
    }

    function test_read_revertsWhenStakeCouldLeaveTooEarly() public {
        uint40 least = this.read(devnet()).minUnbondingSeconds;
        string memory json = devnet();
        json = vm.replace(
            json,
            string.concat(
                '"unbondingSeconds": ',
                vm.toString(vm.parseJsonUint(json, ".vaults.unbondingSeconds"))
            ),
            string.concat('"unbondingSeconds": ', vm.toString(least - 1))
        );
        vm.expectRevert(
            abi.encodeWithSelector(InputLib.Input_UnbondingTooShort.selector, least - 1, least)
        );
        this.read(json);
    }

    function test_read_revertsForValuesThatDoNotFit() public {
        string memory json = vm.replace(devnet(), '"feeBps": 250', '"feeBps": 65786');
        vm.expectRevert(
            abi.encodeWithSelector(InputLib.Input_TooLarge.selector, ".jobs.feeBps", 65_786)
        );
        this.read(json);
    }

    function testFuzz_longestClaim_coversWindowAndDispute(ParameterSet memory p) public pure {
        uint256 longest = InputLib.longestClaim(p);
        assertEq(
            longest,
            uint256(p.window) + p.solverBudget + p.challengerBudget + 4 * uint256(p.heavyExtension)
                + 42 * uint256(p.extension)
        );
    }
}
