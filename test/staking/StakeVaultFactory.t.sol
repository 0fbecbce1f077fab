// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {StakeVault} from "../../src/staking/StakeVault.sol";
import {StakeVaultFactory} from "../../src/staking/StakeVaultFactory.sol";
import {StakeVaultBase} from "./StakeVaultBase.t.sol";

contract StakeVaultFactoryTest is StakeVaultBase {
    function test_create_givesTheCallerItsVault() public {
        vm.prank(alice);
        StakeVault made = StakeVault(factory.create(500));
        assertEq(made.operator(), alice);
        assertEq(made.asset(), address(token));
        assertEq(address(made.factory()), address(factory));
        assertEq(made.commissionBps(), 500);
        assertFalse(made.closed());
        assertTrue(factory.isVault(address(made)));
        assertEq(factory.vaultOf(alice), address(made));
        assertEq(
            made.name(),
            string.concat("Staked AI of ", vm.toString(alice)),
            "the share is named after the operator"
        );
    }

    function test_create_revertsWhenTheCallerHasAVault() public {
        vm.expectRevert(
            abi.encodeWithSelector(
                StakeVaultFactory.StakeVaultFactory_VaultExists.selector, address(vault)
            )
        );
        vm.prank(operator);
        factory.create(0);
    }

    function test_create_opensTheNextVaultAfterATotalLoss() public {
        deposit(operator, 10e18);
        slashDelegated(1, 10e18);
        assertTrue(vault.closed());
        vm.prank(operator);
        StakeVault next = StakeVault(factory.create(0));
        assertNotEq(address(next), address(vault));
        assertEq(factory.vaultOf(operator), address(next));
        assertTrue(factory.isVault(address(vault)), "what it owes stays good");
        assertEq(next.operator(), operator);
    }

    function test_create_revertsWhenCommissionIsTooHigh() public {
        vm.expectRevert(
            abi.encodeWithSelector(StakeVault.StakeVault_CommissionTooHigh.selector, 9_001)
        );
        vm.prank(alice);
        factory.create(9_001);
    }

    function test_initialize_revertsForEverybodyElse() public {
        vm.expectRevert(abi.encodeWithSelector(StakeVault.StakeVault_NotFactory.selector, operator));
        vm.prank(operator);
        vault.initialize(0);
    }

    function test_implementation_takesNoDeposits() public {
        StakeVault implementation = factory.implementation();
        assertFalse(factory.isVault(address(implementation)));
        vm.expectRevert(StakeVault.StakeVault_Closed.selector);
        implementation.deposit(1, alice);
    }

    function test_addLocker_pairsItWithItsSlasherForGood() public {
        vm.startPrank(governance);
        factory.addLocker(alice, bob);
        assertTrue(factory.isLocker(alice));
        assertEq(factory.slasherOf(alice), bob);
        vm.expectRevert(
            abi.encodeWithSelector(StakeVaultFactory.StakeVaultFactory_LockerKnown.selector, alice)
        );
        factory.addLocker(alice, treasury);
    }

    function test_addLocker_revertsForZeroAddresses() public {
        vm.startPrank(governance);
        vm.expectRevert(StakeVaultFactory.StakeVaultFactory_ZeroAddress.selector);
        factory.addLocker(address(0), bob);
        vm.expectRevert(StakeVaultFactory.StakeVaultFactory_ZeroAddress.selector);
        factory.addLocker(alice, address(0));
    }

    function test_setLockerEnabled_stopsAndAllowsLocks() public {
        vm.startPrank(governance);
        factory.setLockerEnabled(locker, false);
        assertFalse(factory.isLocker(locker));
        assertEq(factory.slasherOf(locker), slasher, "its locks stay slashable");
        factory.setLockerEnabled(locker, true);
        assertTrue(factory.isLocker(locker));
        vm.expectRevert(
            abi.encodeWithSelector(
                StakeVaultFactory.StakeVaultFactory_LockerUnknown.selector, alice
            )
        );
        factory.setLockerEnabled(alice, true);
    }

    function testFuzz_setUnbondingSeconds_staysInBounds(uint40 seconds_) public {
        bool good = seconds_ >= 1 days && seconds_ <= 90 days;
        if (!good) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    StakeVaultFactory.StakeVaultFactory_UnbondingOutOfBounds.selector,
                    seconds_,
                    1 days,
                    90 days
                )
            );
        }
        vm.prank(governance);
        factory.setUnbondingSeconds(seconds_);
        assertEq(factory.unbondingSeconds(), good ? seconds_ : UNBONDING);
    }

    function test_constructor_revertsWithoutUnbondingOrAsset() public {
        vm.expectRevert(
            abi.encodeWithSelector(
                StakeVaultFactory.StakeVaultFactory_UnbondingOutOfBounds.selector, 0, 0, 90 days
            )
        );
        new StakeVaultFactory(governance, address(token), 0, 0);
        vm.expectRevert(StakeVaultFactory.StakeVaultFactory_ZeroAddress.selector);
        new StakeVaultFactory(governance, address(0), 1, 1);
    }

    function test_governance_revertsForEverybodyElse() public {
        bytes memory refused =
            abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, alice);
        vm.startPrank(alice);
        vm.expectRevert(refused);
        factory.addLocker(alice, alice);
        vm.expectRevert(refused);
        factory.setLockerEnabled(locker, false);
        vm.expectRevert(refused);
        factory.setUnbondingSeconds(2 days);
        vm.expectRevert(refused);
        factory.transferOwnership(alice);
    }

    function test_ownership_changesInTwoSteps() public {
        vm.prank(governance);
        factory.transferOwnership(alice);
        assertEq(factory.owner(), governance);
        vm.prank(alice);
        factory.acceptOwnership();
        assertEq(factory.owner(), alice);
    }
}
