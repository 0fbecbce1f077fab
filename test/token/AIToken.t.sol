// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";
import {AIToken} from "../../src/token/AIToken.sol";

contract AITokenTest is Test {
    address private immutable holder = makeAddr("holder");
    address private immutable alice = makeAddr("alice");
    AIToken private token;

    function setUp() public {
        vm.warp(1_800_000_000);
        token = new AIToken(holder);
    }

    function test_constructor_mintsTheWholeSupplyOnce() public view {
        assertEq(token.totalSupply(), 10_000_000_000e18);
        assertEq(token.balanceOf(holder), token.SUPPLY());
        assertEq(token.symbol(), "AI");
        assertEq(token.decimals(), 18);
    }

    function test_supply_fitsTheTypesThatVaultsStore() public view {
        assertLt(token.SUPPLY(), uint256(1) << 94);
    }

    function test_clock_isTheTimestamp() public view {
        assertEq(token.clock(), 1_800_000_000);
        assertEq(token.CLOCK_MODE(), "mode=timestamp");
    }

    function test_votes_areCountedByTimestamp() public {
        vm.prank(holder);
        token.delegate(alice);
        vm.warp(1_800_000_100);
        vm.prank(holder);
        token.burn(1e18);
        vm.warp(1_800_000_200);
        assertEq(token.getPastVotes(alice, 1_800_000_050), token.SUPPLY());
        assertEq(token.getPastVotes(alice, 1_800_000_150), token.SUPPLY() - 1e18);
        assertEq(token.getPastTotalSupply(1_800_000_150), token.SUPPLY() - 1e18);
    }

    function test_burn_lowersTheSupply() public {
        vm.prank(holder);
        token.burn(5);
        assertEq(token.totalSupply(), token.SUPPLY() - 5);
    }

    function testFuzz_permit_givesTheSignedAllowanceOnce(uint128 key, uint256 value) public {
        vm.assume(key != 0);
        address owner = vm.addr(key);
        bytes32 typehash = keccak256(
            "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
        );
        uint256 deadline = vm.getBlockTimestamp() + 1;
        bytes32 hash = keccak256(
            abi.encodePacked(
                hex"1901",
                token.DOMAIN_SEPARATOR(),
                keccak256(abi.encode(typehash, owner, alice, value, 0, deadline))
            )
        );
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, hash);
        token.permit(owner, alice, value, deadline, v, r, s);
        assertEq(token.allowance(owner, alice), value);
        assertEq(token.nonces(owner), 1);
        vm.expectRevert();
        token.permit(owner, alice, value, deadline, v, r, s);
    }
}
