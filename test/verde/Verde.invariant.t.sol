// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Vm} from "forge-std/Vm.sol";
import {Operand} from "../../src/repops/IReferee.sol";
import {
    Answer,
    Claim,
    ClaimStatus,
    DisputeStatus,
    ElementOpening,
    EntryOpening,
    IVerdeEvents,
    LeafOpening,
    NodeOpening,
    Phase,
    Position
} from "../../src/verde/IVerde.sol";
import {ParameterSet} from "../../src/verde/Parameters.sol";
import {Positions} from "../../src/verde/Positions.sol";
import {DisputeBase} from "./DisputeBase.t.sol";
import {Trees} from "./Scene.sol";

/// @notice Plays many claims and disputes at once and keeps book of the money from the events alone. An action takes
/// what it needs or makes it, so nothing that is tried reverts.
contract VerdeHandler is DisputeBase {
    address private constant NOBODY = 0x000000000000000000000000000000000000dEaD;

    uint256[] private claims;
    uint256[] private disputes;
    mapping(uint256 dispute => bytes32[7]) private positions;
    mapping(uint256 claim => Answer) private steps;
    mapping(uint256 claim => Answer) private graphs;
    mapping(uint256 claim => uint256) private stakes;

    // The book.
    uint256 public bonds; // taken and not settled
    uint256 public pots; // of slashes, not paid out
    mapping(uint256 dispute => uint256) private held;
    mapping(uint256 claim => uint256) private potOf;

    uint256 public tried;
    uint256 public accepted;
    mapping(string what => uint256) public happened;

    constructor() {
        setUp();
        for (uint256 i; i < 5; ++i) {
            vm.deal(_challenger(i), 1e9 ether);
        }
    }

    modifier counted() {
        ++tried;
        vm.recordLogs();
        _;
        _sync();
    }

    function _challenger(uint256 i) private pure returns (address) {
        return address(uint160(0xc0000 + i));
    }

    // ------------------------------------------------------------------------------------------------
    // Actions
    // ------------------------------------------------------------------------------------------------

    function claim(uint256 seed) external counted {
        _claimAnew(seed);
        ++accepted;
    }

    function _claimAnew(uint256 seed) private {
        ParameterSet memory next = stage.terms();
        next.bondWei = uint96(2 + seed % 1 ether);
        next.costs = uint128(seed % 100e18);
        next.liveLimit = uint16(1 + seed % 3);
        next.challengerBps = uint16(1 + seed % 2_500);
        next.burnBps = uint16(seed % 7_501);
        vm.prank(governor);
        parameters.set(next);
        uint256 stake = 1 + seed % STAKE;
        scene.setStake(stake);
        claimId = scene.claimAll();
        claims.push(claimId);
        stakes[claimId] = stake;
        _sync();
    }

    function challenge(uint256 seed) external counted {
        _challengeAnew(seed);
        ++accepted;
    }

    function _challengeAnew(uint256 seed) private {
        uint256 found;
        for (uint256 i; i < claims.length && found == 0; ++i) {
            uint256 c = claims[addmod(seed, i, claims.length)];
            if (_isOpen(c)) found = c;
        }
        if (found == 0) _claimAnew(seed);
        else claimId = found;
        bond = verde.claimOf(claimId).bondWei;
        challenger = _challenger(seed % 5);
        if (seed % 3 == 0) _challengeByDemand();
        else _challengeAs(challenger);
        disputes.push(dispute);
        held[dispute] = bond;
        bonds += bond;
        _sync();
        if (_statusOf(dispute) == DisputeStatus.Queued) ++happened["queued"];
    }

    function _isOpen(uint256 c) private view returns (bool) {
        return verde.statusOf(c) == ClaimStatus.Pending
            && vm.getBlockTimestamp() <= verde.claimOf(c).windowEnd;
    }

    function admitMore(uint256 seed) external counted {
        uint256 found = _find(seed, DisputeStatus.Queued);
        if (found == 0) return;
        vm.prank(solver);
        verde.admitMore(found >> 32, uint32(1 + seed % 3));
        ++accepted;
    }

    /// The side that owes lets its clock run out.
    function lapse(uint256 seed) external counted {
        _lapseOf(_reach(seed));
        ++accepted;
    }

    function _lapseOf(uint256 d) private {
        Answer memory answer = _take(d);
        (, uint40 deadline) = verde.owedBy(d, positions[d], answer);
        if (vm.getBlockTimestamp() <= deadline) vm.warp(uint256(deadline) + 1);
        verde.timeout(d, positions[d], answer);
        _sync();
    }

    /// One to eight moves of a dispute.
    function play(uint256 seed) external counted {
        uint256 d = _reach(seed);
        for (uint256 i; i <= seed % 8 && _statusOf(d) == DisputeStatus.Live; ++i) {
            _next(d, seed >> i);
        }
        ++accepted;
    }

    function settle(uint256 seed) external counted {
        if (claims.length == 0) return;
        verde.settle(claims[seed % claims.length], uint32(seed % 4));
        ++accepted;
    }

    function reclaimBond(uint256 seed) external counted {
        for (uint256 i; i < disputes.length; ++i) {
            uint256 d = disputes[addmod(seed, i, disputes.length)];
            if (held[d] == 0 || verde.statusOf(d >> 32) != ClaimStatus.Void) continue;
            verde.reclaimBond(d);
            ++accepted;
            ++happened["reclaimed"];
            return;
        }
    }

    function withdraw(uint256 seed) external counted {
        for (uint256 i; i < 8; ++i) {
            address account = _account(addmod(seed, i, 8));
            if (!_hasCredit(account)) continue;
            if (seed % 2 == 0 || account == NOBODY) {
                verde.withdraw(account);
            } else {
                vm.prank(account);
                verde.withdrawTo(stranger);
            }
            ++accepted;
            ++happened["withdrawn"];
            return;
        }
    }

    function warp(uint256 seed) external counted {
        vm.warp(vm.getBlockTimestamp() + seed % 3 hours);
        ++accepted;
    }

    // ------------------------------------------------------------------------------------------------
    // A dispute's next move
    // ------------------------------------------------------------------------------------------------

    /// A live dispute, made if there is none.
    function _reach(uint256 seed) private returns (uint256 d) {
        d = _find(seed, DisputeStatus.Live);
        if (d != 0) return d;
        _challengeAnew(seed);
        return dispute;
    }

    function _find(uint256 seed, DisputeStatus status) private view returns (uint256) {
        for (uint256 i; i < disputes.length; ++i) {
            uint256 d = disputes[addmod(seed, i, disputes.length)];
            if (_statusOf(d) == status) return d;
        }
        return 0;
    }

    function _statusOf(uint256 d) private view returns (DisputeStatus status) {
        (,,, status,,) = verde.disputeOf(d);
    }

    /// Makes a dispute the one that the base's moves are of; returns the answer that it waits for.
    function _take(uint256 d) private returns (Answer memory) {
        (claimId,, challenger,,,) = verde.disputeOf(d);
        (dispute, lastPosition) = (d, positions[d]);
        (stepsAnswer, graphAnswer) = (steps[claimId], graphs[claimId]);
        Phase phase = Phase(uint8(bytes1(lastPosition[0])));
        if (phase == Phase.Steps) return stepsAnswer;
        if (phase == Phase.Graph) return graphAnswer;
        return _none();
    }

    /// A wrong element, state or part of a sum is proved; where all is right, the challenger runs out of time.
    function _next(uint256 d, uint256 seed) private {
        Answer memory answer = _take(d);
        Position memory p = Positions.unpack(lastPosition);
        (bool owed, uint40 deadline) = verde.owedBy(d, lastPosition, answer);
        if (vm.getBlockTimestamp() > deadline) return _lapseOf(d);
        if (p.open) {
            bytes32[] memory row = scene.row(Trees.Checkpoints, 0, 3, 0);
            verde.reveal(d, lastPosition, row);
        } else if (p.phase == Phase.Checkpoints) {
            bytes32[] memory proof = scene.openPair(Trees.Checkpoints, DISPUTED);
            vm.prank(challenger);
            verde.openInterval(d, lastPosition, DISPUTED, "checkpoint 2", "checkpoint 3", proof);
        } else if (p.phase == Phase.Steps) {
            if (owed) _commitSteps();
            else _pickStep();
        } else if (p.phase == Phase.Graph) {
            if (owed) _commitGraph();
            else _choose(d, seed);
        } else if (p.phase == Phase.Element) {
            _openElement(p.node, 0);
        } else if (p.phase == Phase.Partials) {
            _commitPartials(SUM, _partials(seed % 2 == 0));
        } else if (p.phase == Phase.Pick) {
            _pickPartial(_partials(p.disputed == keccak256(_partials(true))), 1);
        } else if (p.node == IOTA || p.value == 220) {
            return _lapseOf(d); // right
        } else {
            Operand[] memory operands = p.node == ADD ? scene.addOperands() : scene.sumOperands(1);
            verde.prove(d, lastPosition, nodes[p.node], operands);
        }
        _sync();
    }

    /// Two right nodes and two that are wrong somewhere; or the state.
    function _choose(uint256 d, uint256 seed) private {
        uint256 choice = seed % 5;
        if (choice < 3) return _openNode(uint32(choice));
        if (choice == 3) {
            EntryOpening memory entry = scene.stateEntry(2);
            LeafOpening memory next = scene.leafOpening(Trees.After, 2);
            LeafOpening memory source = scene.leafOpening(Trees.Before, 2);
            verde.mismatch(d, lastPosition, graphAnswer, entry, next, source);
        } else {
            NodeOpening memory n = scene.nodeOpening(ADD);
            ElementOpening memory e = scene.elementOpening(ADD, 0);
            Operand[] memory operands = scene.addOperands();
            vm.prank(challenger);
            verde.proveElement(d, lastPosition, graphAnswer, n, e, operands);
        }
    }

    function _partials(bool right) private pure returns (bytes memory) {
        return right
            ? abi.encodePacked(uint32(256), uint32(220))
            : abi.encodePacked(uint32(250), uint32(226));
    }

    // ------------------------------------------------------------------------------------------------
    // The book
    // ------------------------------------------------------------------------------------------------

    function _account(uint256 i) private view returns (address) {
        if (i < 5) return _challenger(i);
        return i == 5 ? solver : i == 6 ? treasury : NOBODY;
    }

    function _hasCredit(address account) private view returns (bool) {
        (uint256 inWei, uint256 inAi) = verde.creditOf(account);
        return inWei + inAi != 0;
    }

    /// What all accounts together can withdraw.
    function credits() public view returns (uint256 inWei, uint256 inAi) {
        for (uint256 i; i < 8; ++i) {
            (uint256 w, uint256 a) = verde.creditOf(_account(i));
            (inWei, inAi) = (inWei + w, inAi + a);
        }
    }

    /// Books what happened since the last call.
    function _sync() private {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].emitter != address(verde)) continue;
            bytes32 topic = logs[i].topics[0];
            uint256 id = uint256(logs[i].topics[1]);
            bytes memory data = logs[i].data;
            if (topic == IVerdeEvents.Moved.selector) {
                positions[id] = abi.decode(data, (bytes32[7]));
            } else if (topic == IVerdeEvents.Challenged.selector) {
                (, positions[uint256(logs[i].topics[2])]) = abi.decode(data, (address, bytes32[7]));
            } else if (topic == IVerdeEvents.StepsCommitted.selector) {
                steps[id] = abi.decode(data, (Answer));
            } else if (topic == IVerdeEvents.GraphCommitted.selector) {
                graphs[id] = abi.decode(data, (Answer));
            } else if (topic == IVerdeEvents.DisputeDecided.selector) {
                (bool won,) = abi.decode(data, (bool, bytes4));
                ++happened[won ? "won" : "lost"];
            } else {
                _book(topic, id, data);
            }
        }
    }

    function _book(bytes32 topic, uint256 id, bytes memory data) private {
        if (topic == IVerdeEvents.BondReturned.selector) {
            (, uint256 amount) = abi.decode(data, (address, uint256));
            _settleBond(id, amount);
        } else if (topic == IVerdeEvents.BondLost.selector) {
            (uint256 half, uint256 burned) = abi.decode(data, (uint256, uint256));
            _settleBond(id, half + burned);
        } else if (topic == IVerdeEvents.ClaimVoided.selector) {
            (uint256 reserved, uint256 reward, uint256 burned, uint256 rest) =
                abi.decode(data, (uint256, uint256, uint256, uint256));
            assertEq(reserved + reward + burned + rest, stakes[id], "all of the stake, once");
            stakes[id] = 0;
            potOf[id] = reserved + reward;
            pots += reserved + reward;
            ++happened["voided"];
        } else if (
            topic == IVerdeEvents.RewardPaid.selector || topic == IVerdeEvents.CostsPaid.selector
        ) {
            (, uint256 amount) = abi.decode(data, (address, uint256));
            _payOut(id, amount);
        } else if (topic == IVerdeEvents.ReserveReleased.selector) {
            _payOut(id, abi.decode(data, (uint256)));
        }
    }

    function _settleBond(uint256 d, uint256 amount) private {
        assertEq(amount, held[d], "a whole bond, once");
        held[d] = 0;
        bonds -= amount;
    }

    function _payOut(uint256 c, uint256 amount) private {
        assertLe(amount, potOf[c], "no more than the pot");
        potOf[c] -= amount;
        pots -= amount;
    }

    // ------------------------------------------------------------------------------------------------
    // What must hold
    // ------------------------------------------------------------------------------------------------

    function checkMoney() external view {
        (uint256 inWei, uint256 inAi) = credits();
        assertEq(address(verde).balance, bonds + inWei, "ether is bonds and credits");
        assertEq(token.balanceOf(address(verde)), pots + inAi, "$AI is pots and credits");
    }

    function checkQueues() external view {
        uint256 next;
        for (uint256 i; i < claims.length; ++i) {
            Claim memory c = verde.claimOf(claims[i]);
            uint256 live;
            uint256 queued;
            for (next = 0; next < c.count; ++next) {
                DisputeStatus status = _statusOf(claims[i] << 32 | next);
                if (status == DisputeStatus.Live) ++live;
                if (status == DisputeStatus.Queued) ++queued;
            }
            if (c.isVoid) {
                assertEq(queued, 0, "nobody waits for what is decided");
                continue;
            }
            assertEq(c.live, live);
            assertEq(c.admitted + queued, c.count);
            if (queued != 0) assertGe(live, c.liveLimit, "nobody waits for a free place");
            if (live + queued != 0) {
                assertEq(uint256(verde.statusOf(claims[i])), uint256(ClaimStatus.Pending));
            }
        }
    }

    /// Every dispute comes to its end by time alone, and everybody to its money.
    function endAll() external {
        vm.warp(vm.getBlockTimestamp() + 3 days);
        for (uint256 d = _find(0, DisputeStatus.Live); d != 0; d = _find(0, DisputeStatus.Live)) {
            _lapseOf(d);
        }
        assertEq(_find(0, DisputeStatus.Queued), 0, "nobody is left in a queue");
        for (uint256 i; i < claims.length; ++i) {
            assertGe(uint256(verde.statusOf(claims[i])), uint256(ClaimStatus.Upheld));
            verde.settle(claims[i], type(uint32).max);
        }
        for (uint256 i; i < disputes.length; ++i) {
            uint256 d = disputes[i];
            if (held[d] != 0) verde.reclaimBond(d);
        }
        for (uint256 i; i < 8; ++i) {
            if (_hasCredit(_account(i))) verde.withdraw(_account(i));
        }
        _sync();
        assertEq(address(verde).balance, 0, "no ether is left");
        assertEq(token.balanceOf(address(verde)), 0, "no $AI is left");
        assertEq(bonds + pots, 0);
    }
}

/// @notice Everything that Verde holds is somebody's, after every action; in the end it holds nothing.
/// forge-config: default.invariant.runs = 24
/// forge-config: default.invariant.depth = 120
/// forge-config: default.invariant.fail-on-revert = true
contract VerdeInvariants is DisputeBase {
    VerdeHandler private handler;

    function setUp() public override {
        handler = VerdeHandler(deployCode("Verde.invariant.t.sol:VerdeHandler"));
        bytes4[] memory actions = new bytes4[](9);
        actions[0] = VerdeHandler.claim.selector;
        actions[1] = VerdeHandler.challenge.selector;
        actions[2] = VerdeHandler.admitMore.selector;
        actions[3] = VerdeHandler.lapse.selector;
        actions[4] = VerdeHandler.play.selector;
        actions[5] = VerdeHandler.settle.selector;
        actions[6] = VerdeHandler.reclaimBond.selector;
        actions[7] = VerdeHandler.withdraw.selector;
        actions[8] = VerdeHandler.warp.selector;
        targetContract(address(handler));
        targetSelector(FuzzSelector(address(handler), actions));
    }

    function invariant_moneyIsConserved() public view {
        handler.checkMoney();
        handler.checkQueues();
    }

    function afterInvariant() public {
        // Five of the nine kinds of action are always accepted; a run without a decision is one in 10^9.
        assertGt(handler.accepted() * 2, handler.tried(), "most actions find what they need");
        assertGt(handler.happened("won") + handler.happened("lost"), 0, "disputes are decided");
        handler.endAll();
    }
}
