// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Test} from "forge-std/Test.sol";
import {Phase, Position, Tree} from "../../src/verde/IVerde.sol";
import {Parameters, ParameterSet} from "../../src/verde/Parameters.sol";
import {Positions} from "../../src/verde/Positions.sol";
import {Slash} from "../../src/verde/Slash.sol";

contract SlashTest is Test {
    /// The parts add up, and all that challengers can get stays at or below seven sixteenths.
    function testFuzz_split_conserves(
        uint128 amount,
        uint8 earlier,
        uint128 costs,
        uint256 challengerBps,
        uint256 burnBps
    ) public pure {
        challengerBps = bound(challengerBps, 1, 2_500);
        burnBps = bound(burnBps, 0, 10_000 - challengerBps);
        (uint256 each, uint256 toChallenger, uint256 burned, uint256 toTreasury) =
            Slash.split(amount, earlier, costs, challengerBps, burnBps);
        uint256 reserved = each * earlier;
        assertEq(reserved + toChallenger + burned + toTreasury, amount);
        assertLe(reserved, amount / 4);
        assertLe(each, costs);
        assertLe(reserved + toChallenger, uint256(amount) * 7 / 16);
    }

    function test_split_roundsToTheTreasury() public pure {
        (uint256 each, uint256 toChallenger, uint256 burned, uint256 toTreasury) =
            Slash.split(103, 2, 1_000, 2_500, 3_333);
        assertEq(each, 12); // 103 / 4 / 2
        assertEq(toChallenger, 19); // 79 / 4
        assertEq(burned, 26); // 26.33
        assertEq(toTreasury, 34);
    }
}

contract PositionsTest is Test {
    /// Any position: every field from its own bits, so that a mix-up of two shows.
    function _any(uint256 seed) private pure returns (Position memory p) {
        uint256 a = uint256(keccak256(abi.encode(seed, "a")));
        uint256 b = uint256(keccak256(abi.encode(seed, "b")));
        p.phase = Phase(a % 7);
        p.tree = Tree(a / 7 % 6);
        p.open = a >> 255 == 1;
        (p.level, p.height, p.segment) = (uint8(a >> 8), uint8(a >> 16), uint16(a >> 24));
        (p.interval, p.step, p.node) = (uint32(a >> 40), uint32(a >> 72), uint32(a >> 104));
        (p.element, p.turnStart) = (uint40(a >> 136), uint40(a >> 176));
        (p.value, p.index) = (uint32(a >> 216), uint32(b));
        p.delegate = address(uint160(b >> 96));
        (p.solverLeft, p.challengerLeft) = (uint32(b >> 32), uint32(b >> 64));
        p.before = keccak256(abi.encode(seed, 1));
        p.disputed = keccak256(abi.encode(seed, 2));
        p.graph = keccak256(abi.encode(seed, 3));
        p.encodingHash = keccak256(abi.encode(seed, 4));
        p.demanded = keccak256(abi.encode(seed, 5));
    }

    /// What the keepers compute: abi.encodePacked in the order that IVerde.sol documents.
    function testFuzz_pack_isTheDocumentedConcatenation(uint256 seed) public pure {
        Position memory p = _any(seed);
        bytes memory plain = bytes.concat(
            abi.encodePacked(
                uint8(p.phase),
                p.level,
                uint8(2 * uint8(p.tree) + (p.open ? 1 : 0)),
                p.height,
                p.interval,
                p.step,
                p.node
            ),
            abi.encodePacked(p.element, p.segment, p.value, p.turnStart),
            abi.encodePacked(p.delegate, p.solverLeft, p.challengerLeft, p.index),
            abi.encodePacked(p.before, p.disputed, p.graph, p.encodingHash, p.demanded)
        );
        assertEq(abi.encodePacked(Positions.pack(p)), plain);
        assertEq(Positions.hash(Positions.pack(p)), keccak256(plain));
    }

    function testFuzz_unpack_invertsPack(uint256 seed) public pure {
        Position memory p = _any(seed);
        assertEq(abi.encode(Positions.unpack(Positions.pack(p))), abi.encode(p));
    }
}

contract ParametersTest is Test {
    address internal governor = makeAddr("governor");
    Parameters internal parameters;

    function _terms() internal pure returns (ParameterSet memory) {
        return ParameterSet({
            window: 1 days,
            solverBudget: 8 hours,
            challengerBudget: 6 hours,
            extension: 10 minutes,
            heavyExtension: 1 hours,
            liveLimit: 8,
            challengerBps: 2_000,
            burnBps: 3_000,
            bondWei: 1 ether,
            costs: 10e18,
            treasury: address(0xbeef)
        });
    }

    function setUp() public {
        parameters = new Parameters(governor, _terms());
    }

    function test_set_addsAVersionAndKeepsTheOldOne() public {
        ParameterSet memory next = _terms();
        next.bondWei = 2 ether;
        vm.expectEmit(address(parameters));
        emit Parameters.ParametersSet(2, next);
        vm.prank(governor);
        parameters.set(next);
        assertEq(parameters.latest(), 2);
        assertEq(abi.encode(parameters.get(1)), abi.encode(_terms()));
        assertEq(abi.encode(parameters.get(2)), abi.encode(next));
        assertEq(parameters.get(3).bondWei, 0);
    }

    function test_set_revertsForAnybodyElse() public {
        vm.expectRevert(
            abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, address(this))
        );
        parameters.set(_terms());
    }

    function test_set_revertsOutsideTheBounds() public {
        for (uint256 i; i < 18; ++i) {
            ParameterSet memory p = _terms();
            string memory field;
            if (i == 0) (p.window, field) = (0, "window");
            if (i == 1) (p.window, field) = (90 days + 1, "window");
            if (i == 2) (p.solverBudget, field) = (0, "solverBudget");
            if (i == 3) (p.solverBudget, field) = (30 days + 1, "solverBudget");
            if (i == 4) (p.challengerBudget, field) = (0, "challengerBudget");
            if (i == 5) (p.challengerBudget, field) = (30 days + 1, "challengerBudget");
            if (i == 6) (p.extension, field) = (0, "extension");
            if (i == 7) (p.extension, field) = (7 days + 1, "extension");
            if (i == 8) (p.heavyExtension, field) = (10 minutes - 1, "heavyExtension");
            if (i == 9) (p.heavyExtension, field) = (7 days + 1, "heavyExtension");
            if (i == 10) (p.liveLimit, field) = (0, "liveLimit");
            if (i == 11) (p.liveLimit, field) = (65, "liveLimit");
            if (i == 12) (p.challengerBps, field) = (0, "challengerBps");
            if (i == 13) (p.challengerBps, field) = (2_501, "challengerBps");
            if (i == 14) (p.burnBps, field) = (8_001, "burnBps");
            if (i == 15) (p.bondWei, field) = (1, "bondWei");
            if (i == 16) (p.bondWei, field) = (100 ether + 1, "bondWei");
            if (i == 17) (p.treasury, field) = (address(0), "treasury");
            vm.expectRevert(
                abi.encodeWithSelector(Parameters.Parameters_OutOfBounds.selector, field)
            );
            vm.prank(governor);
            parameters.set(p);
        }
    }
}
