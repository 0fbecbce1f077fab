// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCastLib} from "solady/utils/SafeCastLib.sol";
import {Merkle} from "../../src/repops/Merkle.sol";
import {
    Claim,
    ClaimInput,
    ClaimStatus,
    Computation,
    IVerdeEvents
} from "../../src/verde/IVerde.sol";
import {Ledger} from "../../src/verde/Ledger.sol";
import {ParameterSet} from "../../src/verde/Parameters.sol";
import {Registrar} from "../../src/verde/Registrar.sol";
import {Verde} from "../../src/verde/Verde.sol";
import {DisputeBase} from "./DisputeBase.t.sol";
import {Trees} from "./Scene.sol";

/// register
/// ├── a field outside its bounds: reverts
/// ├── constants without roots, roots without constants: reverts
/// ├── known: does nothing
/// └── else: stores it and emits ComputationRegistered
contract RegisterTest is DisputeBase {
    function test_register_storesAndEmits() public {
        Computation memory c = scene.computation();
        c.seed = 8;
        bytes32 id = keccak256(abi.encode(c));
        vm.expectEmit(address(verde));
        emit IVerdeEvents.ComputationRegistered(id, c);
        assertEq(verde.register(c), id);
        assertEq(abi.encode(verde.computationOf(id)), abi.encode(c));
    }

    function test_register_isIdempotent() public {
        vm.getRecordedLogs();
        assertEq(verde.register(scene.computation()), scene.COMPUTATION());
        assertEq(vm.getRecordedLogs().length, 0);
    }

    function test_register_acceptsTheLargest() public {
        Computation memory c = scene.computation();
        (c.steps, c.interval) = (type(uint32).max >> 1, 1 << 16);
        (c.nodes, c.states, c.constants) = (1 << 20, 1 << 20, 1 << 16);
        verde.register(c);
    }

    function test_register_acceptsAZeroRoot() public {
        Computation memory c = scene.computation();
        (c.nodesRoot, c.initialStateRoot) = (0, 0);
        bytes32 id = verde.register(c);
        assertEq(verde.computationOf(id).steps, 20);
    }

    function test_register_revertsOutsideTheBounds() public {
        for (uint256 i; i < 9; ++i) {
            Computation memory c = scene.computation();
            string memory field;
            if (i == 0) (c.steps, field) = (0, "steps");
            if (i == 1) (c.steps, field) = (1 << 31, "steps");
            if (i == 2) (c.interval, field) = (0, "interval");
            if (i == 3) (c.interval, field) = ((1 << 16) + 1, "interval");
            if (i == 4) (c.nodes, field) = (0, "nodes");
            if (i == 5) (c.nodes, field) = ((1 << 20) + 1, "nodes");
            if (i == 6) (c.states, field) = (0, "states");
            if (i == 7) (c.states, field) = ((1 << 20) + 1, "states");
            if (i == 8) (c.constants, field) = ((1 << 16) + 1, "constants");
            vm.expectRevert(abi.encodeWithSelector(Registrar.Verde_BadComputation.selector, field));
            verde.register(c);
        }
    }

    function test_register_revertsWhenRootsAndConstantsDisagree() public {
        for (uint256 i; i < 4; ++i) {
            Computation memory c = scene.computation();
            if (i == 0) c.constants = 0;
            if (i == 1) c.constantsRoot = 0;
            if (i == 2) c.constantEntriesRoot = 0;
            if (i == 3) (c.constants, c.constantsRoot) = (0, 0);
            vm.expectRevert(
                abi.encodeWithSelector(Registrar.Verde_BadComputation.selector, "constantsRoot")
            );
            verde.register(c);
        }
    }
}

/// claim
/// ├── unknown computation, unknown vault, not the caller's lock, a lock that Verde cannot slash: reverts
/// ├── checkpoint 0 not the initial state, the last one not the final state: reverts
/// ├── made already: reverts
/// └── else: keeps the parameters in force, opens the window, emits ClaimMade
contract ClaimTest is DisputeBase {
    bytes32[] private first;
    bytes32[] private last;

    function setUp() public override {
        super.setUp();
        first = scene.open(Trees.Checkpoints, 0);
        last = scene.open(Trees.Checkpoints, 5);
    }

    function _input() internal returns (ClaimInput memory input) {
        input = ClaimInput({
            computation: scene.COMPUTATION(),
            checkpointRoot: scene.root(Trees.Checkpoints),
            finalStateRoot: "final",
            solver: solver,
            delegate: solverDelegate,
            vault: address(vault),
            lockId: "lock",
            workSeconds: 0
        });
        scene.lock("lock");
    }

    function _make(ClaimInput memory input) internal returns (uint256) {
        vm.prank(address(scene));
        return verde.claim(input, first, last);
    }

    function test_claim_keepsEverything() public {
        ClaimInput memory input = _input();
        uint256 id = uint256(keccak256(abi.encode(input))) >> 32;
        uint40 windowEnd = uint40(vm.getBlockTimestamp() + 1 days);
        vm.expectEmit(address(verde));
        emit IVerdeEvents.ClaimMade(id, input, windowEnd, 1);
        assertEq(_make(input), id);

        Claim memory c = verde.claimOf(id);
        Claim memory expected = Claim({
            checkpointRoot: input.checkpointRoot,
            finalStateRoot: "final",
            computation: scene.COMPUTATION(),
            lockId: "lock",
            solver: solver,
            params: 1,
            voidPlace: 0,
            delegate: solverDelegate,
            solverBudget: 8 hours,
            challengerBudget: 6 hours,
            liveLimit: 2,
            vault: address(vault),
            bondWei: 1 ether + 1,
            windowEnd: windowEnd,
            extension: 10 minutes,
            heavyExtension: 1 hours,
            count: 0,
            admitted: 0,
            cursor: 0,
            live: 0,
            isVoid: false
        });
        assertEq(abi.encode(c), abi.encode(expected));
    }

    function test_claim_isPendingUntilItsWindowEnds() public {
        uint256 id = _make(_input());
        uint256 end = verde.claimOf(id).windowEnd;
        assertEq(uint256(verde.statusOf(id)), uint256(ClaimStatus.Pending));
        vm.warp(end);
        assertEq(uint256(verde.statusOf(id)), uint256(ClaimStatus.Pending));
        vm.warp(end + 1);
        assertEq(uint256(verde.statusOf(id)), uint256(ClaimStatus.Upheld));
        assertEq(uint256(verde.statusOf(id + 1)), uint256(ClaimStatus.None));
    }

    /// Whoever had a day for the work gives everybody a day to check it, beyond the window.
    function testFuzz_claim_canBeChallengedForAsLongAsTheWorkTook(uint32 workSeconds) public {
        ClaimInput memory input = _input();
        input.workSeconds = workSeconds;
        claimId = _make(input);
        uint256 end = vm.getBlockTimestamp() + stage.terms().window + workSeconds;
        assertEq(verde.claimOf(claimId).windowEnd, end);
        vm.warp(end);
        assertEq(uint256(verde.statusOf(claimId)), uint256(ClaimStatus.Pending));
        _challenge();
        vm.warp(end + 1);
        vm.expectRevert(abi.encodeWithSelector(Verde.Verde_NotOpen.selector, end, false));
        verde.challengeByDemand{value: bond}(claimId, address(0));
    }

    /// The end of time fits its field or the claim is refused.
    function test_claim_revertsWhereTheWindowDoesNotFit() public {
        ClaimInput memory input = _input();
        input.workSeconds = type(uint32).max;
        vm.warp(type(uint40).max - 1 days - type(uint32).max + 1);
        vm.expectRevert(SafeCastLib.Overflow.selector);
        _make(input);
        vm.warp(vm.getBlockTimestamp() - 1);
        assertEq(verde.claimOf(_make(input)).windowEnd, type(uint40).max);
    }

    function test_claim_revertsForAnUnknownComputation() public {
        ClaimInput memory input = _input();
        input.computation = "unknown";
        vm.expectRevert(
            abi.encodeWithSelector(Registrar.Verde_UnknownComputation.selector, bytes32("unknown"))
        );
        _make(input);
    }

    function test_claim_revertsForAVaultOfNobody() public {
        ClaimInput memory input = _input();
        input.vault = address(this);
        vm.expectRevert(
            abi.encodeWithSelector(Registrar.Verde_UnknownVault.selector, address(this))
        );
        _make(input);
    }

    function test_claim_revertsForAnothersLock() public {
        ClaimInput memory input = _input();
        vm.expectRevert(abi.encodeWithSelector(Registrar.Verde_NotLocker.selector, address(scene)));
        vm.prank(stranger);
        verde.claim(input, first, last);
        input.lockId = "none";
        vm.expectRevert(abi.encodeWithSelector(Registrar.Verde_NotLocker.selector, address(0)));
        verde.claim(input, first, last);
    }

    function test_claim_revertsForALockThatVerdeCannotSlash() public {
        vm.prank(governor);
        factory.addLocker(stranger, stranger);
        vm.prank(stranger);
        vault.lock("another's", STAKE);
        ClaimInput memory input = _input();
        input.lockId = "another's";
        vm.expectRevert(abi.encodeWithSelector(Registrar.Verde_NotSlasher.selector, stranger));
        vm.prank(stranger);
        verde.claim(input, first, last);
    }

    function test_claim_revertsWhenCheckpointZeroIsNotTheInitialState() public {
        ClaimInput memory input = _input();
        Computation memory c = scene.computation();
        c.initialStateRoot = "another";
        input.computation = verde.register(c);
        vm.expectPartialRevert(Ledger.Verde_WrongOpening.selector);
        _make(input);
    }

    function test_claim_revertsWhenTheLastCheckpointIsNotTheFinalState() public {
        ClaimInput memory input = _input();
        input.finalStateRoot = "another";
        vm.expectPartialRevert(Ledger.Verde_WrongOpening.selector);
        _make(input);
    }

    function test_claim_revertsForAProofOfAnotherLength() public {
        ClaimInput memory input = _input();
        vm.expectRevert(abi.encodeWithSelector(Merkle.Merkle_ProofLength.selector, 3, 0));
        vm.prank(address(scene));
        verde.claim(input, _noProof(), last);
    }

    function test_claim_revertsTwice() public {
        ClaimInput memory input = _input();
        uint256 id = _make(input);
        vm.expectRevert(abi.encodeWithSelector(Registrar.Verde_ClaimExists.selector, id));
        _make(input);
    }

    /// A claim keeps the version that was in force when it was made.
    function test_claim_isUntouchedByLaterParameters() public {
        uint256 id = _make(_input());
        bytes memory terms = abi.encode(verde.claimOf(id));
        ParameterSet memory next = stage.terms();
        (next.bondWei, next.window, next.extension) = (5 ether, 1 hours, 1);
        vm.prank(governor);
        parameters.set(next);
        assertEq(abi.encode(verde.claimOf(id)), terms);
    }
}
