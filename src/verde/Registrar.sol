// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCastLib} from "solady/utils/SafeCastLib.sol";
import {SafeTransferLib} from "solady/utils/SafeTransferLib.sol";

import {ConstantEntry, EntryCodec, StateEntry} from "../repops/EntryCodec.sol";
import {Merkle} from "../repops/Merkle.sol";
import {IStakeVault} from "../staking/IStakeVault.sol";
import {Turn} from "./Clock.sol";
import {
    Answer,
    Claim,
    ClaimInput,
    ClaimStatus,
    Computation,
    DisputeStatus,
    EntryOpening,
    IRegistrar,
    LeafOpening,
    Position
} from "./IVerde.sol";
import {Credit, Dispute, Ledger, Relies} from "./Ledger.sol";
import {ParameterSet} from "./Parameters.sol";
import {Work, Works} from "./Works.sol";

/// @title Registrar
/// @notice The part of Verde that an ordinary dispute does not need: it registers computations and claims, hears
/// what the program itself shows, pays, and answers questions. Verde runs it by delegatecall on its own storage
/// (`Ledger`); by itself it is empty and holds nothing.
contract Registrar is IRegistrar, Ledger {
    using Works for Work;

    /// @notice `field` of a computation lies outside its bounds.
    error Verde_BadComputation(string field);
    /// @notice No such computation.
    error Verde_UnknownComputation(bytes32 id);
    /// @notice The claim was made already.
    error Verde_ClaimExists(uint256 claimId);
    /// @notice The factory did not make this vault.
    error Verde_UnknownVault(address vault);
    /// @notice The lock is `locker`'s, or none.
    error Verde_NotLocker(address locker);
    /// @notice The locker's locks can be slashed by `slasher` only, so nothing would stand behind the claim.
    error Verde_NotSlasher(address slasher);
    /// @notice The claim is void: nobody is admitted any more.
    error Verde_IsVoid(uint256 claimId);
    /// @notice The dispute's bond was settled, or its claim is not void.
    error Verde_NoBond(uint256 dispute);
    /// @notice Nothing is credited to the account.
    error Verde_NoCredit(address account);
    /// @notice The state tensor is what its entry says.
    error Verde_RightState();
    /// @notice The entry breaks no rule; two entries do not contradict each other.
    error Verde_WellFormed();
    /// @notice The entry is malformed by itself: show that.
    error Verde_Malformed();
    /// @notice The entry names entry `named`, `given` was opened.
    error Verde_NotNamed(uint256 named, uint256 given);

    constructor(Relies memory relies) Ledger(relies) {}

    // ------------------------------------------------------------------------------------------------
    // Claims
    // ------------------------------------------------------------------------------------------------

    function register(Computation calldata computation) external returns (bytes32 id) {
        _within("steps", computation.steps, 1, type(uint32).max >> 1);
        _within("interval", computation.interval, 1, 1 << 16);
        _within("nodes", computation.nodes, 1, 1 << 20);
        _within("states", computation.states, 1, 1 << 20);
        _within("constants", computation.constants, 0, 1 << 16);
        bool none = computation.constants == 0;
        if (
            none != (computation.constantsRoot == 0)
                || none != (computation.constantEntriesRoot == 0)
        ) {
            revert Verde_BadComputation("constantsRoot");
        }
        id = keccak256(abi.encode(computation));
        Work storage w = _works[id];
        if (w.steps != 0) return id;
        w.nodesRoot = computation.nodesRoot;
        w.statesRoot = computation.statesRoot;
        w.constantEntriesRoot = computation.constantEntriesRoot;
        w.initialStateRoot = computation.initialStateRoot;
        w.constantsRoot = computation.constantsRoot;
        w.nodes = computation.nodes;
        w.states = computation.states;
        w.constants = computation.constants;
        w.steps = computation.steps;
        w.interval = computation.interval;
        w.seed = computation.seed;
        emit ComputationRegistered(id, computation);
    }

    function claim(ClaimInput calldata input, bytes32[] calldata first, bytes32[] calldata last)
        external
        returns (uint256 claimId)
    {
        Work storage w = _works[input.computation];
        if (w.steps == 0) revert Verde_UnknownComputation(input.computation);
        if (!_vaults.isVault(input.vault)) revert Verde_UnknownVault(input.vault);
        (address locker,) = IStakeVault(input.vault).lockOf(input.lockId);
        if (locker != msg.sender) revert Verde_NotLocker(locker);
        address slasher = _vaults.slasherOf(locker);
        if (slasher != address(this)) revert Verde_NotSlasher(slasher);

        bytes32 root = input.checkpointRoot;
        uint256 count = w.checkpoints();
        _opens(root, Merkle.rootOfLeaf(w.initialStateRoot, 0, count, first));
        _opens(root, Merkle.rootOfLeaf(input.finalStateRoot, count - 1, count, last));

        claimId = uint256(keccak256(abi.encode(input))) >> 32;
        Claim storage c = _claims[claimId];
        if (c.params != 0) revert Verde_ClaimExists(claimId);
        uint32 version = _parameters.latest();
        ParameterSet memory terms = _parameters.get(version);
        c.checkpointRoot = root;
        c.finalStateRoot = input.finalStateRoot;
        c.computation = input.computation;
        c.lockId = input.lockId;
        c.solver = input.solver;
        c.params = version;
        c.delegate = input.delegate;
        c.solverBudget = terms.solverBudget;
        c.challengerBudget = terms.challengerBudget;
        c.liveLimit = terms.liveLimit;
        c.vault = input.vault;
        c.bondWei = terms.bondWei;
        c.windowEnd =
            SafeCastLib.toUint40(block.timestamp + terms.window + uint256(input.workSeconds));
        c.extension = terms.extension;
        c.heavyExtension = terms.heavyExtension;
        emit ClaimMade(claimId, input, c.windowEnd, version);
    }

    // ------------------------------------------------------------------------------------------------
    // A state that is not what its entry says
    // ------------------------------------------------------------------------------------------------

    function mismatch(
        uint256 dispute,
        bytes32[7] calldata position,
        Answer calldata graph,
        EntryOpening calldata entry,
        LeafOpening calldata next,
        LeafOpening calldata source
    ) external {
        (Position memory p,) = _atGraph(dispute, position, graph);
        Work storage w = _workOf(dispute >> 32);
        StateEntry memory state = _state(w, entry);
        _opens(p.disputed, Merkle.rootOfLeaf(next.leaf, entry.index, w.states, next.proof));
        if (state.unchanged) {
            _opens(p.before, Merkle.rootOfLeaf(source.leaf, entry.index, w.states, source.proof));
        } else {
            _opens(graph.root, Merkle.rootOfLeaf(source.leaf, state.node, w.nodes, source.proof));
        }
        if (next.leaf == source.leaf) revert Verde_RightState();
        _win(dispute);
    }

    // ------------------------------------------------------------------------------------------------
    // A program that cannot be judged
    // ------------------------------------------------------------------------------------------------

    function malformedNode(uint256 dispute, EntryOpening calldata node) external {
        _requireLive(dispute);
        Work storage w = _workOf(dispute >> 32);
        if (_isWellFormed(w, node)) revert Verde_WellFormed();
        _win(dispute);
    }

    function malformedState(uint256 dispute, EntryOpening calldata state) external {
        _requireLive(dispute);
        Work storage w = _workOf(dispute >> 32);
        _isEntry(w.statesRoot, w.states, state);
        (bool ok,) = EntryCodec.decodeState(state.entry, w.nodes);
        if (ok) revert Verde_WellFormed();
        _win(dispute);
    }

    function malformedConstant(uint256 dispute, EntryOpening calldata constant_) external {
        _requireLive(dispute);
        Work storage w = _workOf(dispute >> 32);
        _isEntry(w.constantEntriesRoot, w.constants, constant_);
        (bool ok,) = EntryCodec.decodeConstant(constant_.entry);
        if (ok) revert Verde_WellFormed();
        _win(dispute);
    }

    function malformedInput(
        uint256 dispute,
        EntryOpening calldata node,
        uint256 k,
        EntryOpening calldata named
    ) external {
        _requireLive(dispute);
        Work storage w = _workOf(dispute >> 32);
        _node(w, node);
        (uint8 kind, uint32 ref, bool wantInt32, uint64 wantCount) = _referee.input(node.entry, k);
        if (ref != named.index) revert Verde_NotNamed(ref, named.index);

        bool isInt32;
        uint64 count;
        if (kind == 0) {
            _node(w, named);
            (isInt32, count,) = _referee.output(named.entry);
        } else if (kind == 1) {
            StateEntry memory state = _state(w, named);
            (isInt32, count) = (state.isInt32, state.count);
        } else if (kind == 2) {
            ConstantEntry memory constant_ = _constant(w, named);
            (isInt32, count) = (constant_.isInt32, constant_.count);
        } else {
            revert Verde_WellFormed(); // an immediate and the step are what the node wants
        }
        if (isInt32 == wantInt32 && count == wantCount) revert Verde_WellFormed();
        _win(dispute);
    }

    function malformedSource(
        uint256 dispute,
        EntryOpening calldata state,
        EntryOpening calldata node
    ) external {
        _requireLive(dispute);
        Work storage w = _workOf(dispute >> 32);
        StateEntry memory entry = _state(w, state);
        if (entry.unchanged) revert Verde_WellFormed();
        if (entry.node != node.index) revert Verde_NotNamed(entry.node, node.index);
        _node(w, node);
        (bool isInt32, uint64 count,) = _referee.output(node.entry);
        if (isInt32 == entry.isInt32 && count == entry.count) revert Verde_WellFormed();
        _win(dispute);
    }

    function _isEntry(bytes32 root, uint256 count, EntryOpening calldata e) private pure {
        _opens(root, Merkle.rootOfLeaf(keccak256(e.entry), e.index, count, e.proof));
    }

    function _isWellFormed(Work storage w, EntryOpening calldata node) private view returns (bool) {
        _isEntry(w.nodesRoot, w.nodes, node);
        return _referee.wellFormed(node.entry, node.index, w.states, w.constants);
    }

    /// @dev Opens a node, which must be well-formed by itself.
    function _node(Work storage w, EntryOpening calldata node) private view {
        if (!_isWellFormed(w, node)) revert Verde_Malformed();
    }

    function _state(Work storage w, EntryOpening calldata e)
        private
        view
        returns (StateEntry memory state)
    {
        _isEntry(w.statesRoot, w.states, e);
        bool ok;
        (ok, state) = EntryCodec.decodeState(e.entry, w.nodes);
        if (!ok) revert Verde_Malformed();
    }

    function _constant(Work storage w, EntryOpening calldata e)
        private
        view
        returns (ConstantEntry memory constant_)
    {
        _isEntry(w.constantEntriesRoot, w.constants, e);
        bool ok;
        (ok, constant_) = EntryCodec.decodeConstant(e.entry);
        if (!ok) revert Verde_Malformed();
    }

    // ------------------------------------------------------------------------------------------------
    // Many disputes, money
    // ------------------------------------------------------------------------------------------------

    function admitMore(uint256 claimId, uint32 count) external {
        _onlySolver(claimId);
        Claim storage c = _claims[claimId];
        if (c.isVoid) revert Verde_IsVoid(claimId);
        _admit(claimId, count);
    }

    function settle(uint256 claimId, uint32 count) external {
        _settle(claimId, count);
    }

    function reclaimBond(uint256 dispute) external {
        Dispute storage d = _disputes[dispute];
        if (d.challenger == address(0) || d.bondSettled || !_claims[dispute >> 32].isVoid) {
            revert Verde_NoBond(dispute);
        }
        _returnBond(dispute);
    }

    function withdraw(address account) external {
        _withdraw(account, account);
    }

    function withdrawTo(address to) external {
        _withdraw(msg.sender, to);
    }

    function _withdraw(address account, address to) private {
        Credit memory credit = _credits[account];
        if (credit.amountWei == 0 && credit.amountAi == 0) revert Verde_NoCredit(account);
        delete _credits[account];
        emit Withdrawn(account, to, credit.amountWei, credit.amountAi);
        if (account == NOBODY) {
            _token.burn(credit.amountAi);
        } else if (credit.amountAi != 0) {
            SafeTransferLib.safeTransfer(address(_token), to, credit.amountAi);
        }
        if (credit.amountWei != 0) SafeTransferLib.safeTransferETH(to, credit.amountWei);
    }

    // ------------------------------------------------------------------------------------------------
    // Views
    // ------------------------------------------------------------------------------------------------

    function statusOf(uint256 claimId) external view returns (ClaimStatus) {
        Claim storage c = _claims[claimId];
        if (c.windowEnd == 0) return ClaimStatus.None;
        if (c.isVoid) return ClaimStatus.Void;
        bool undecided = c.live != 0 || c.admitted != c.count;
        return
            block.timestamp <= c.windowEnd || undecided ? ClaimStatus.Pending : ClaimStatus.Upheld;
    }

    function claimOf(uint256 claimId) external view returns (Claim memory) {
        return _claims[claimId];
    }

    function computationOf(bytes32 id) external view returns (Computation memory) {
        Work memory w = _works[id];
        return Computation(
            w.nodesRoot,
            w.statesRoot,
            w.constantEntriesRoot,
            w.initialStateRoot,
            w.constantsRoot,
            w.nodes,
            w.states,
            w.constants,
            w.steps,
            w.interval,
            w.seed
        );
    }

    function disputeOf(uint256 dispute)
        external
        view
        returns (
            uint256 claimId,
            uint32 place,
            address challenger,
            DisputeStatus status,
            uint40 admittedAt,
            bytes32 positionHash
        )
    {
        Dispute storage d = _disputes[dispute];
        return (
            dispute >> 32,
            uint32(dispute),
            d.challenger,
            _statusOf(dispute),
            d.admittedAt,
            d.positionHash
        );
    }

    function owedBy(uint256 dispute, bytes32[7] calldata position, Answer calldata answer)
        external
        view
        returns (bool solver, uint40 deadline)
    {
        Position memory p = _at(dispute, position);
        Turn memory t = _turn(dispute, p, _answeredAt(dispute >> 32, p, answer));
        return (t.solver, t.deadline);
    }

    function creditOf(address account) external view returns (uint128 amountWei, uint128 amountAi) {
        Credit storage credit = _credits[account];
        return (credit.amountWei, credit.amountAi);
    }

    function _within(string memory field, uint256 value, uint256 least, uint256 most) private pure {
        if (value < least || value > most) revert Verde_BadComputation(field);
    }
}
