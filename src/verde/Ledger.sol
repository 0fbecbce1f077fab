// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";
import {SafeCastLib} from "solady/utils/SafeCastLib.sol";

import {IReferee} from "../repops/IReferee.sol";
import {IStakeVault} from "../staking/IStakeVault.sol";
import {Clock, Turn} from "./Clock.sol";
import {IVaults} from "./IVaults.sol";
import {Answer, Claim, DisputeStatus, IVerdeEvents, Phase, Position} from "./IVerde.sol";
import {Parameters, ParameterSet} from "./Parameters.sol";
import {Positions} from "./Positions.sol";
import {Slash} from "./Slash.sol";
import {Work} from "./Works.sol";

/// @notice The contracts that Verde relies on.
/// @param token $AI: an ERC-20 without hooks, of total supply below 2^128
struct Relies {
    ERC20Burnable token;
    IVaults vaults;
    IReferee referee;
    Parameters parameters;
}

/// @notice A dispute as it is stored.
/// @param positionHash zero once decided
/// @param admittedAt 0 while it waits in the queue
/// @param verdict Won, Lost, or None
/// @param bondSettled whether the bond was credited to somebody
struct Dispute {
    bytes32 positionHash;
    address challenger;
    uint40 admittedAt;
    DisputeStatus verdict;
    bool bondSettled;
}

/// @notice What an account can withdraw.
struct Credit {
    uint128 amountWei;
    uint128 amountAi;
}

/// @notice What is held of a slash until every dispute of earlier place than the voiding one is decided.
/// @param reward for the earliest that wins
/// @param reserved what is left for the costs of the others that win, `each` for one
struct Pot {
    uint128 reward;
    uint128 reserved;
    uint120 each;
    bool rewarded;
}

/// @title Ledger
/// @notice What Verde stores, who may move, how a dispute ends and who is paid (docs/spec/verde.md, 4 to 6).
/// Ether and $AI that it holds are owed: as bonds not settled, as pots, or as credits.
abstract contract Ledger is IVerdeEvents {
    using SafeCastLib for uint256;

    /// @notice Credited with everything that is burned; `withdraw` burns its $AI and sends its ether nowhere.
    address internal constant NOBODY = 0x000000000000000000000000000000000000dEaD;

    /// @notice Decided places that a decision itself passes; `settle` passes the others.
    uint256 internal constant PASSED_AT_ONCE = 8;

    ERC20Burnable internal immutable _token;
    IVaults internal immutable _vaults;
    IReferee internal immutable _referee;
    Parameters internal immutable _parameters;

    mapping(bytes32 id => Work) internal _works;
    mapping(uint256 claimId => Claim) internal _claims;
    mapping(uint256 dispute => Dispute) internal _disputes;
    /// @dev Hash of the steps answer; the key is claim << 32 | interval.
    mapping(uint256 key => bytes32) internal _steps;
    /// @dev Hash of the graph answer; the key is claim << 32 | step.
    mapping(uint256 key => bytes32) internal _graphs;
    mapping(address account => Credit) internal _credits;
    mapping(uint256 claimId => Pot) internal _pots;

    /// @notice The dispute stands elsewhere: its position's hash is `stored`.
    error Verde_WrongPosition(uint256 dispute, bytes32 stored);
    /// @notice The dispute is `status`, not live.
    error Verde_NotLive(uint256 dispute, DisputeStatus status);
    /// @notice The move is for another phase.
    error Verde_WrongPhase(Phase phase);
    /// @notice The other side owes the next move, or the move is late.
    error Verde_OutOfTurn(bool solverOwes, uint256 deadline);
    /// @notice `caller` is neither the side that may make this move nor its delegate.
    error Verde_NotAllowed(address caller);
    /// @notice The claim holds another answer than the one given, or none.
    error Verde_WrongAnswer(bytes32 stored);
    /// @notice The opening's root is `computed`, not `committed`.
    error Verde_WrongOpening(bytes32 committed, bytes32 computed);

    constructor(Relies memory relies) {
        _token = relies.token;
        _vaults = relies.vaults;
        _referee = relies.referee;
        _parameters = relies.parameters;
    }

    // ------------------------------------------------------------------------------------------------
    // Guards
    // ------------------------------------------------------------------------------------------------

    function _requireLive(uint256 dispute) internal view {
        DisputeStatus status = _statusOf(dispute);
        if (status != DisputeStatus.Live) revert Verde_NotLive(dispute, status);
    }

    /// @dev The position of a live dispute, which must be the one given.
    function _at(uint256 dispute, bytes32[7] calldata packed)
        internal
        view
        returns (Position memory p)
    {
        _requireLive(dispute);
        bytes32 stored = _disputes[dispute].positionHash;
        bytes32[7] memory given = packed;
        if (Positions.hash(given) != stored) revert Verde_WrongPosition(dispute, stored);
        return Positions.unpack(given);
    }

    /// @dev The position, which must be in Graph with the answer given and the challenger's turn.
    function _atGraph(uint256 dispute, bytes32[7] calldata packed, Answer calldata graph)
        internal
        view
        returns (Position memory p, Turn memory t)
    {
        p = _at(dispute, packed);
        _inPhase(p, Phase.Graph);
        t = _challengerTurn(dispute, p, _answeredAt(dispute >> 32, p, graph));
    }

    function _inPhase(Position memory p, Phase phase) internal pure {
        if (p.phase != phase) revert Verde_WrongPhase(p.phase);
    }

    /// @dev The turn in progress, which must be the challenger's.
    function _challengerTurn(uint256 dispute, Position memory p, uint256 answeredAt)
        internal
        view
        returns (Turn memory t)
    {
        t = _turn(dispute, p, answeredAt);
        if (t.solver || block.timestamp > t.deadline) revert Verde_OutOfTurn(t.solver, t.deadline);
    }

    /// @dev The turn in progress, which must be the solver's.
    function _solverTurn(uint256 dispute, Position memory p) internal view returns (Turn memory t) {
        t = _turn(dispute, p, 0);
        if (!t.solver || block.timestamp > t.deadline) {
            revert Verde_OutOfTurn(t.solver, t.deadline);
        }
    }

    function _turn(uint256 dispute, Position memory p, uint256 answeredAt)
        internal
        view
        returns (Turn memory)
    {
        Claim storage c = _claims[dispute >> 32];
        return
            Clock.turn(p, _disputes[dispute].admittedAt, answeredAt, c.extension, c.heavyExtension);
    }

    function _onlyChallenger(uint256 dispute, Position memory p) internal view {
        if (msg.sender != _disputes[dispute].challenger && msg.sender != p.delegate) {
            revert Verde_NotAllowed(msg.sender);
        }
    }

    function _onlySolver(uint256 claimId) internal view {
        Claim storage c = _claims[claimId];
        if (msg.sender != c.solver && msg.sender != c.delegate) {
            revert Verde_NotAllowed(msg.sender);
        }
    }

    /// @dev When the answer that Steps or Graph waits for was given; 0 if it was not, or in another phase.
    function _answeredAt(uint256 claimId, Position memory p, Answer calldata answer)
        internal
        view
        returns (uint256)
    {
        bytes32 stored;
        if (p.phase == Phase.Steps) stored = _steps[claimId << 32 | p.interval];
        else if (p.phase == Phase.Graph) stored = _graphs[claimId << 32 | p.step];
        if (stored == 0) return 0;
        if (_hash(answer.root, answer.time) != stored) revert Verde_WrongAnswer(stored);
        return answer.time;
    }

    function _opens(bytes32 committed, bytes32 computed) internal pure {
        if (committed != computed) revert Verde_WrongOpening(committed, computed);
    }

    function _workOf(uint256 claimId) internal view returns (Work storage) {
        return _works[_claims[claimId].computation];
    }

    function _hash(bytes32 root, uint256 time) internal pure returns (bytes32) {
        return keccak256(abi.encode(root, time));
    }

    // ------------------------------------------------------------------------------------------------
    // Moving and deciding
    // ------------------------------------------------------------------------------------------------

    /// @dev Ends the turn and stores the next position.
    function _move(uint256 dispute, Position memory p, Turn memory t) internal {
        Clock.pass(t, block.timestamp);
        p.turnStart = uint40(block.timestamp);
        p.solverLeft = t.solverLeft;
        p.challengerLeft = t.challengerLeft;
        bytes32[7] memory packed = Positions.pack(p);
        _disputes[dispute].positionHash = Positions.hash(packed);
        emit Moved(dispute, msg.sig, packed);
    }

    /// @dev The challenger of a live dispute wins. The first win of a claim voids it.
    function _win(uint256 dispute) internal {
        uint256 claimId = dispute >> 32;
        uint32 place = uint32(dispute);
        Claim storage c = _claims[claimId];
        bool first = !c.isVoid;
        _decide(dispute, DisputeStatus.Won);
        _returnBond(dispute);
        if (first) {
            c.isVoid = true;
            c.voidPlace = place;
            _slash(claimId, dispute);
        }
        _settle(claimId, PASSED_AT_ONCE);
    }

    /// @dev The challenger of a live dispute loses, and its bond too unless the claim is void already.
    function _lose(uint256 dispute) internal {
        uint256 claimId = dispute >> 32;
        Claim storage c = _claims[claimId];
        _decide(dispute, DisputeStatus.Lost);
        if (!c.isVoid) {
            uint256 half = c.bondWei / 2;
            _disputes[dispute].bondSettled = true;
            _credits[c.solver].amountWei += uint128(half);
            _credits[NOBODY].amountWei += uint128(c.bondWei - half);
            emit BondLost(dispute, half, c.bondWei - half);
            _admit(claimId, 1);
        }
        _settle(claimId, PASSED_AT_ONCE);
    }

    function _decide(uint256 dispute, DisputeStatus verdict) private {
        _disputes[dispute].verdict = verdict;
        delete _disputes[dispute].positionHash;
        _claims[dispute >> 32].live -= 1;
        emit DisputeDecided(dispute >> 32, dispute, verdict == DisputeStatus.Won, msg.sig);
    }

    /// @dev Admits up to `count` queued disputes, in order; their first turns begin now.
    function _admit(uint256 claimId, uint256 count) internal {
        Claim storage c = _claims[claimId];
        for (; count != 0 && c.admitted < c.count; --count) {
            uint256 dispute = claimId << 32 | c.admitted++;
            c.live += 1;
            _disputes[dispute].admittedAt = uint40(block.timestamp);
            emit Admitted(claimId, dispute, uint40(block.timestamp));
        }
    }

    function _returnBond(uint256 dispute) internal {
        Dispute storage d = _disputes[dispute];
        if (d.bondSettled) return;
        uint96 bond = _claims[dispute >> 32].bondWei;
        d.bondSettled = true;
        _credits[d.challenger].amountWei += bond;
        emit BondReturned(dispute, d.challenger, bond);
    }

    /// @dev Slashes the lock and sets the reward aside, with costs for the earlier disputes still live.
    function _slash(uint256 claimId, uint256 dispute) private {
        Claim storage c = _claims[claimId];
        ParameterSet memory terms = _parameters.get(c.params);
        // Not more are live, and not more places are open before this one.
        uint256 earlier = FixedPointMathLib.min(c.live, uint32(dispute) - c.cursor);

        uint256 amount = IStakeVault(c.vault).slash(c.lockId, address(this));
        (uint256 each, uint256 reward, uint256 burned, uint256 toTreasury) =
            Slash.split(amount, earlier, terms.costs, terms.challengerBps, terms.burnBps);

        emit ClaimVoided(claimId, dispute, each * earlier, reward, burned, toTreasury);
        _creditAi(NOBODY, burned);
        _creditAi(terms.treasury, toTreasury);
        if (earlier == 0) {
            // Nobody of earlier place can win any more: no detour through the pot.
            c.cursor = uint32(dispute) + 1;
            _reward(claimId, dispute, reward);
        } else {
            _pots[claimId] = Pot({
                reward: reward.toUint128(),
                reserved: (each * earlier).toUint128(),
                each: each.toUint120(),
                rewarded: false
            });
        }
    }

    /// @dev Moves the cursor past at most `count` decided places. On a void claim it pays them: the first that
    /// won gets the reward, the others their costs; behind the voiding place the treasury gets what is left.
    function _settle(uint256 claimId, uint256 count) internal {
        Claim storage c = _claims[claimId];
        uint256 cursor = c.cursor;
        uint256 end = c.isVoid ? uint256(c.voidPlace) + 1 : c.count;
        for (; count != 0 && cursor < end; --count) {
            uint256 dispute = claimId << 32 | cursor;
            DisputeStatus verdict = _disputes[dispute].verdict;
            if (verdict == DisputeStatus.None) break;
            if (verdict == DisputeStatus.Won) _pay(claimId, dispute);
            ++cursor;
        }
        if (cursor == c.cursor) return;
        c.cursor = uint32(cursor);
        if (c.isVoid && cursor == end) _release(claimId);
    }

    function _pay(uint256 claimId, uint256 dispute) private {
        Pot storage pot = _pots[claimId];
        if (!pot.rewarded) {
            pot.rewarded = true;
            _reward(claimId, dispute, pot.reward);
        } else {
            uint120 each = pot.each;
            pot.reserved -= each; // others that win are at most as many as it was set aside for
            address challenger = _disputes[dispute].challenger;
            emit CostsPaid(claimId, dispute, challenger, each);
            _creditAi(challenger, each);
        }
    }

    function _reward(uint256 claimId, uint256 dispute, uint256 amount) private {
        address challenger = _disputes[dispute].challenger;
        emit RewardPaid(claimId, dispute, challenger, amount);
        _creditAi(challenger, amount);
    }

    function _release(uint256 claimId) private {
        uint256 left = _pots[claimId].reserved;
        if (left == 0) return;
        delete _pots[claimId];
        _creditAi(_parameters.get(_claims[claimId].params).treasury, left);
        emit ReserveReleased(claimId, left);
    }

    function _creditAi(address account, uint256 amount) private {
        if (amount != 0) _credits[account].amountAi += amount.toUint128();
    }

    // ------------------------------------------------------------------------------------------------
    // Views
    // ------------------------------------------------------------------------------------------------

    function _statusOf(uint256 dispute) internal view returns (DisputeStatus) {
        Dispute storage d = _disputes[dispute];
        Claim storage c = _claims[dispute >> 32];
        if (d.challenger == address(0)) return DisputeStatus.None;
        if (d.verdict != DisputeStatus.None) return d.verdict;
        if (c.isVoid && uint32(dispute) > c.voidPlace) return DisputeStatus.Closed;
        return d.admittedAt == 0 ? DisputeStatus.Queued : DisputeStatus.Live;
    }
}
