// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Operand, Scene} from "../repops/IReferee.sol";
import {Merkle} from "../repops/Merkle.sol";
import {Turn} from "./Clock.sol";
import {Answer, Claim, ElementOpening, NodeOpening, Phase, Position, Tree} from "./IVerde.sol";
import {Dispute, Ledger, Relies} from "./Ledger.sol";
import {Positions} from "./Positions.sol";
import {Registrar} from "./Registrar.sol";
import {Walk} from "./Walk.sol";
import {Work, Works} from "./Works.sol";

/// @title Verde
/// @notice Claims about computations, disputes of them, and the money behind both (docs/spec/verde.md). All of
/// `IVerde` is called here. This contract has what an ordinary dispute needs; the rest runs from `Registrar`
/// on this contract's storage, since one contract cannot hold both (EIP-170).
contract Verde is Walk {
    using Works for Work;

    address private immutable _registrar;

    /// @notice No such claim.
    error Verde_UnknownClaim(uint256 claimId);
    /// @notice The claim can be challenged until `windowEnd`, unless it is void.
    error Verde_NotOpen(uint40 windowEnd, bool isVoid);
    /// @notice The claim has as many disputes as have a place.
    error Verde_NoPlace(uint256 claimId);
    /// @notice The bond is `bondWei`.
    error Verde_WrongBond(uint256 bondWei);
    /// @notice The disputed value is the right one.
    error Verde_RightValue(uint32 value);

    constructor(Relies memory relies) Ledger(relies) {
        _registrar = address(new Registrar(relies));
    }

    /// @dev Everything else, with the same calldata and sender.
    fallback() external {
        address registrar = _registrar;
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, 0, calldatasize())
            let ok := delegatecall(gas(), registrar, free, calldatasize(), 0, 0)
            returndatacopy(free, 0, returndatasize())
            if iszero(ok) { revert(free, returndatasize()) }
            return(free, returndatasize())
        }
    }

    // ------------------------------------------------------------------------------------------------
    // Challenges
    // ------------------------------------------------------------------------------------------------

    function challenge(
        uint256 claimId,
        address delegate,
        uint32 interval,
        bytes32 before,
        bytes32 disputed,
        bytes32[] calldata proof
    ) external payable returns (uint256 dispute) {
        Claim storage c = _claims[claimId];
        _requireOpen(claimId);
        Position memory p;
        _openInterval(c, p, interval, before, disputed, proof);
        return _challenge(claimId, p, delegate);
    }

    function challengeByDemand(uint256 claimId, address delegate)
        external
        payable
        returns (uint256 dispute)
    {
        Claim storage c = _claims[claimId];
        _requireOpen(claimId);
        Position memory p; // in Checkpoints
        p.tree = Tree.Checkpoints;
        p.open = true;
        p.height = uint8(Merkle.depth(_works[c.computation].checkpoints()));
        p.demanded = c.checkpointRoot;
        return _challenge(claimId, p, delegate);
    }

    function _requireOpen(uint256 claimId) private view {
        Claim storage c = _claims[claimId];
        if (c.windowEnd == 0) revert Verde_UnknownClaim(claimId);
        if (block.timestamp > c.windowEnd || c.isVoid) {
            revert Verde_NotOpen(c.windowEnd, c.isVoid);
        }
        if (msg.value != c.bondWei) revert Verde_WrongBond(c.bondWei);
        if (c.count == type(uint32).max) revert Verde_NoPlace(claimId);
    }

    function _challenge(uint256 claimId, Position memory p, address delegate)
        private
        returns (uint256 dispute)
    {
        Claim storage c = _claims[claimId];
        p.delegate = delegate;
        p.solverLeft = c.solverBudget;
        p.challengerLeft = c.challengerBudget;
        bytes32[7] memory packed = Positions.pack(p);

        dispute = claimId << 32 | c.count++;
        Dispute storage d = _disputes[dispute];
        d.positionHash = Positions.hash(packed);
        d.challenger = msg.sender;
        emit Challenged(claimId, dispute, msg.sender, packed);
        if (c.live < c.liveLimit) _admit(claimId, 1);
    }

    // ------------------------------------------------------------------------------------------------
    // A wrong value
    // ------------------------------------------------------------------------------------------------

    function prove(
        uint256 dispute,
        bytes32[7] calldata position,
        bytes calldata encoding,
        Operand[] calldata operands
    ) external {
        Position memory p = _at(dispute, position);
        _challengerTurn(dispute, p, 0);
        _prove(dispute, p, encoding, operands);
    }

    function proveElement(
        uint256 dispute,
        bytes32[7] calldata position,
        Answer calldata graph,
        NodeOpening calldata node,
        ElementOpening calldata element,
        Operand[] calldata operands
    ) external {
        (Position memory p,) = _atGraph(dispute, position, graph);
        _onlyChallenger(dispute, p);
        _openElement(p, _openNode(dispute, p, graph.root, node), element);
        _prove(dispute, p, node.encoding, operands);
    }

    function provePartial(
        uint256 dispute,
        bytes32[7] calldata position,
        bytes calldata values,
        uint32 index,
        bytes calldata encoding,
        Operand[] calldata operands
    ) external {
        Position memory p = _at(dispute, position);
        _onlyChallenger(dispute, p);
        _challengerTurn(dispute, p, 0);
        _pickPartial(p, values, index);
        _prove(dispute, p, encoding, operands);
    }

    function _prove(
        uint256 dispute,
        Position memory p,
        bytes calldata encoding,
        Operand[] calldata operands
    ) private {
        _inPhase(p, Phase.Proof);
        _isEncoding(p, encoding);
        Work storage w = _workOf(dispute >> 32);
        Scene memory scene = Scene({
            graphRoot: p.graph,
            stateRoot: p.before,
            constantsRoot: w.constantsRoot,
            nodes: w.nodes,
            states: w.states,
            constants: w.constants,
            node: p.node,
            step: p.step,
            seed: w.seed
        });
        uint32 value = _referee.judge(scene, encoding, p.element, p.segment, operands);
        if (value == p.value) revert Verde_RightValue(value);
        _win(dispute);
    }

    // ------------------------------------------------------------------------------------------------
    // Time
    // ------------------------------------------------------------------------------------------------

    function timeout(uint256 dispute, bytes32[7] calldata position, Answer calldata answer)
        external
    {
        Position memory p = _at(dispute, position);
        Turn memory t = _turn(dispute, p, _answeredAt(dispute >> 32, p, answer));
        if (block.timestamp <= t.deadline) revert Verde_OutOfTurn(t.solver, t.deadline);
        if (t.solver) _win(dispute);
        else _lose(dispute);
    }
}
