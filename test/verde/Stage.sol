// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {CommonBase} from "forge-std/Base.sol";
import {StdCheats} from "forge-std/StdCheats.sol";
import {IReferee} from "../../src/repops/IReferee.sol";
import {Referee} from "../../src/repops/Referee.sol";
import {StakeVault} from "../../src/staking/StakeVault.sol";
import {StakeVaultFactory} from "../../src/staking/StakeVaultFactory.sol";
import {AIToken} from "../../src/token/AIToken.sol";
import {IVaults} from "../../src/verde/IVaults.sol";
import {ClaimInput, IVerde} from "../../src/verde/IVerde.sol";
import {Relies} from "../../src/verde/Ledger.sol";
import {Parameters, ParameterSet} from "../../src/verde/Parameters.sol";

/// @notice Verde with the real token, vaults and referee, and the job registry's part: it locks stake and makes
/// claims. Half of all $AI goes to the test that deploys it.
/// @dev A contract of its own, deployed from artifacts like everything it deploys: test contracts that had this
/// code in themselves would take many times as long to compile.
contract Stage is CommonBase, StdCheats {
    uint256 public constant STAKE = 1_000e18;

    address public immutable GOVERNOR = makeAddr("governor");
    address public immutable TREASURY = makeAddr("treasury");
    address public immutable SOLVER = makeAddr("solver");
    address public immutable SOLVER_DELEGATE = makeAddr("solver's delegate");

    AIToken public immutable TOKEN;
    StakeVaultFactory public immutable FACTORY;
    StakeVault public immutable VAULT;
    Referee public immutable REFEREE;
    Parameters public immutable PARAMETERS;
    IVerde public immutable VERDE;

    uint256 private _locks;
    uint256 public stake = STAKE; // behind the next claim

    constructor() {
        vm.warp(1_800_000_000);
        TOKEN = AIToken(deployCode("AIToken.sol:AIToken", abi.encode(address(this))));
        FACTORY = StakeVaultFactory(
            deployCode(
                "StakeVaultFactory.sol:StakeVaultFactory",
                abi.encode(GOVERNOR, address(TOKEN), uint40(1), uint40(30 days))
            )
        );
        REFEREE = Referee(
            deployCode("Referee.sol:Referee", abi.encode(deployCode("Elementwise.sol:Elementwise")))
        );
        PARAMETERS =
            Parameters(deployCode("Parameters.sol:Parameters", abi.encode(GOVERNOR, terms())));
        VERDE = IVerde(
            deployCode(
                "Verde.sol:Verde",
                abi.encode(
                    Relies(
                        ERC20Burnable(address(TOKEN)),
                        IVaults(address(FACTORY)),
                        IReferee(address(REFEREE)),
                        PARAMETERS
                    )
                )
            )
        );
        vm.prank(GOVERNOR);
        FACTORY.addLocker(address(this), address(VERDE));
        require(TOKEN.transfer(SOLVER, 2_000 * STAKE));
        vm.startPrank(SOLVER);
        VAULT = StakeVault(FACTORY.create(0));
        TOKEN.approve(address(VAULT), type(uint256).max);
        VAULT.depositSelfBond(1_000 * STAKE);
        VAULT.deposit(1_000 * STAKE, SOLVER);
        vm.stopPrank();
        require(TOKEN.transfer(msg.sender, TOKEN.balanceOf(address(this)) / 2));
    }

    function terms() public view returns (ParameterSet memory) {
        return ParameterSet({
            window: 1 days,
            solverBudget: 8 hours,
            challengerBudget: 6 hours,
            extension: 10 minutes,
            heavyExtension: 1 hours,
            liveLimit: 2,
            challengerBps: 2_000,
            burnBps: 3_000,
            bondWei: 1 ether + 1,
            costs: 10e18,
            treasury: TREASURY
        });
    }

    /// @notice A claim by the solver with its delegate, backed by a fresh lock.
    function claim(
        bytes32 computation,
        bytes32 checkpointRoot,
        bytes32 finalStateRoot,
        bytes32[] memory first,
        bytes32[] memory last
    ) public returns (uint256) {
        bytes32 lockId = bytes32(++_locks);
        VAULT.lock(lockId, stake);
        return VERDE.claim(
            ClaimInput(
                computation,
                checkpointRoot,
                finalStateRoot,
                SOLVER,
                SOLVER_DELEGATE,
                address(VAULT),
                lockId,
                0
            ),
            first,
            last
        );
    }

    function setStake(uint256 amount) external {
        stake = amount;
    }

    function lock(bytes32 lockId) external {
        VAULT.lock(lockId, STAKE);
    }
}
