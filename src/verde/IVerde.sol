// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Operand} from "../repops/IReferee.sol";

/// @notice A computation: everything that fixes the one right result. Its id is the hash of this struct.
/// @param nodesRoot,statesRoot,constantEntriesRoot the three roots of the program
/// @param initialStateRoot state before step 0
/// @param constantsRoot root over the constant tensors; zero if there are none
/// @param nodes,states,constants counts of the program's tables
/// @param steps T, 1 to 2^31 - 1
/// @param interval c, steps between checkpoints, 1 to 2^16
/// @param seed Philox key
struct Computation {
    bytes32 nodesRoot;
    bytes32 statesRoot;
    bytes32 constantEntriesRoot;
    bytes32 initialStateRoot;
    bytes32 constantsRoot;
    uint32 nodes;
    uint32 states;
    uint32 constants;
    uint32 steps;
    uint32 interval;
    uint64 seed;
}

/// @notice What a solver says the result is, and what stands behind it.
/// @param computation id of the registered computation
/// @param checkpointRoot root over the state roots at the checkpoints (docs/spec/verde.md)
/// @param finalStateRoot the last checkpoint
/// @param solver who answers; receives the solver's half of lost bonds
/// @param delegate who may answer as well; zero for none
/// @param vault the staking vault whose lock is slashed if the claim is void
/// @param lockId the lock, made beforehand by the caller
/// @param workSeconds what the solver had for the work; the challenge window is longer by as much
struct ClaimInput {
    bytes32 computation;
    bytes32 checkpointRoot;
    bytes32 finalStateRoot;
    address solver;
    address delegate;
    address vault;
    bytes32 lockId;
    uint32 workSeconds;
}

/// @notice A claim as it is stored. Times are unix seconds, durations seconds, the bond ether wei.
/// @param params version of the parameters that govern it
/// @param windowEnd last second in which it can be challenged
/// @param liveLimit W: disputes that are live at once unless the solver admits more
/// @param count disputes so far; their places are 0 to count - 1
/// @param admitted places below this one were admitted; the others wait
/// @param cursor places below this one are decided and paid
/// @param live disputes admitted and undecided, until the claim is void
/// @param voidPlace place of the dispute that voided the claim
/// @param isVoid whether one did
struct Claim {
    bytes32 checkpointRoot;
    bytes32 finalStateRoot;
    bytes32 computation;
    bytes32 lockId;
    address solver;
    uint32 params;
    uint32 voidPlace;
    address delegate;
    uint32 solverBudget;
    uint32 challengerBudget;
    uint16 liveLimit;
    address vault;
    uint96 bondWei;
    uint40 windowEnd;
    uint32 extension;
    uint32 heavyExtension;
    uint32 count;
    uint32 admitted;
    uint32 cursor;
    uint32 live;
    bool isVoid;
}

/// @notice Where a claim stands. Pending: its window is open or a dispute is live or queued.
enum ClaimStatus {
    None,
    Pending,
    Upheld,
    Void
}

/// @notice Where a dispute stands. Closed: the claim was voided by a dispute of earlier place.
enum DisputeStatus {
    None,
    Queued,
    Live,
    Won, // by the challenger
    Lost, // by the challenger
    Closed
}

/// @notice Where a dispute stands in its walk. What the phase waits for is derived from the claim's
/// answers: in Steps and Graph the solver owes an answer until the claim holds one, then the challenger moves.
enum Phase {
    Checkpoints, // challenger opens an interval (only after a demand as first move)
    Steps, // an interval is open; its steps root, then the challenger's pick
    Graph, // a step is open; its graph root, then the challenger's node or mismatch
    Element, // a node is open; the challenger opens an element
    Partials, // a reduction's element is open; the solver posts partials
    Pick, // partials are posted; the challenger picks one
    Proof // one scalar or segment is left; anyone proves
}

/// @notice A tree that data can be demanded of.
enum Tree {
    None,
    Checkpoints,
    Steps,
    Graph,
    State,
    Tensor
}

/// @notice Where a dispute stands. Only its hash is stored; every move brings it along in its packed form
/// of seven words, and the event of every move publishes the next one. Packed, it is the concatenation, in
/// big-endian order, of
///   phase u8, level u8, demand u8 (2 * tree + open), height u8, interval u32, step u32, node u32,
///   element u40, segment u16, value u32, turnStart u40,
///   delegate u160, solverLeft u32, challengerLeft u32, index u32,
///   before, disputed, graph, encodingHash, demanded.
/// @param level partials still to be picked: 2 blocks of segments, 1 segments, 0 none
/// @param tree the tree of the last demand in this phase; None if there was none
/// @param open whether the solver owes the reveal of it
/// @param height,index of the demanded node: above the leaves, in its row
/// @param interval,step,node what is disputed, as far as it is opened; steps count over the whole job
/// @param element in Element the count of elements of the node's output, then the disputed element
/// @param segment picked block, then picked segment
/// @param value the disputed bits, from openElement on
/// @param turnStart when the turn in progress began; 0 for the first one, which begins at the admission
/// @param delegate who may make the challenger's choices as well; zero for none
/// @param solverLeft,challengerLeft seconds of each side's budget at turnStart
/// @param before state root that the challenger accepts: before the interval, then before the step
/// @param disputed what it does not: the state root after it; from openNode on the root of the node's
/// output; in Pick the hash of the posted values
/// @param graph graph root of the step, from openNode on
/// @param encodingHash hash of the disputed node's encoding, from openNode on
/// @param demanded hash of the demanded node
struct Position {
    Phase phase;
    uint8 level;
    Tree tree;
    bool open;
    uint8 height;
    uint32 interval;
    uint32 step;
    uint32 node;
    uint40 element;
    uint16 segment;
    uint32 value;
    uint40 turnStart;
    address delegate;
    uint32 solverLeft;
    uint32 challengerLeft;
    uint32 index;
    bytes32 before;
    bytes32 disputed;
    bytes32 graph;
    bytes32 encodingHash;
    bytes32 demanded;
}

/// @notice A solver's answer that belongs to the claim, with the unix time it was given.
struct Answer {
    bytes32 root;
    uint40 time;
}

/// @notice Opening of a node of the program and of its output in the graph.
struct NodeOpening {
    uint32 node;
    bytes encoding;
    bytes32[] encodingProof;
    bytes32 output;
    bytes32[] outputProof;
}

/// @notice Opening of one element: the real bytes of the 1 KiB leaf that holds it.
struct ElementOpening {
    uint40 element;
    bytes leaf;
    bytes32[] proof;
}

/// @notice An entry of the program (a node's encoding, a state or constant entry) and its siblings in its
/// table's tree.
struct EntryOpening {
    uint32 index;
    bytes entry;
    bytes32[] proof;
}

/// @notice A leaf of a tree and its siblings, bottom up, padding left out.
struct LeafOpening {
    bytes32 leaf;
    bytes32[] proof;
}

/// @notice Every change that Verde makes.
interface IVerdeEvents {
    event ComputationRegistered(bytes32 indexed id, Computation computation);
    event ClaimMade(uint256 indexed claim, ClaimInput input, uint40 windowEnd, uint32 params);
    event Challenged(
        uint256 indexed claim, uint256 indexed dispute, address challenger, bytes32[7] position
    );
    event Admitted(uint256 indexed claim, uint256 indexed dispute, uint40 time);
    /// @notice Emitted by every move of a dispute: which one, and where the dispute stands now.
    event Moved(uint256 indexed dispute, bytes4 indexed move, bytes32[7] position);
    event StepsCommitted(uint256 indexed claim, uint32 indexed interval, bytes32 root, uint40 time);
    event GraphCommitted(uint256 indexed claim, uint32 indexed step, bytes32 root, uint40 time);
    /// @notice Row of hashes below a demanded node, left to right, padding left out.
    event Revealed(uint256 indexed dispute, bytes32[] row);
    event RevealedLeaf(uint256 indexed dispute, bytes data);
    event PartialsCommitted(uint256 indexed dispute, bytes values);
    /// @notice `reason` is the selector of the move that decided it.
    event DisputeDecided(
        uint256 indexed claim, uint256 indexed dispute, bool challengerWon, bytes4 reason
    );
    /// @notice Amounts in $AI wei; their sum is what was slashed.
    event ClaimVoided(
        uint256 indexed claim,
        uint256 indexed dispute,
        uint256 reserved,
        uint256 toChallenger,
        uint256 burned,
        uint256 toTreasury
    );
    event RewardPaid(uint256 indexed claim, uint256 indexed dispute, address to, uint256 amount);
    event CostsPaid(uint256 indexed claim, uint256 indexed dispute, address to, uint256 amount);
    event ReserveReleased(uint256 indexed claim, uint256 amount);
    event BondReturned(uint256 indexed dispute, address to, uint256 amountWei);
    event BondLost(uint256 indexed dispute, uint256 toSolverWei, uint256 burnedWei);
    event Withdrawn(address indexed account, address to, uint256 amountWei, uint256 amountAi);
}

/// @notice What an ordinary dispute needs (implemented by `Verde`).
interface IDisputes is IVerdeEvents {
    // challenger: anyone with the bond, then itself or its delegate

    /// @notice Disputes the interval between two neighbouring checkpoints. The value sent must be the bond.
    /// @param delegate who may make the choices as well; zero for none
    /// @param proof pair opening of the checkpoints `interval` and `interval + 1`
    function challenge(
        uint256 claimId,
        address delegate,
        uint32 interval,
        bytes32 before,
        bytes32 disputed,
        bytes32[] calldata proof
    ) external payable returns (uint256 dispute);
    /// @notice Disputes the claim and demands the top of its checkpoint tree. The value sent must be the bond.
    function challengeByDemand(uint256 claimId, address delegate)
        external
        payable
        returns (uint256 dispute);
    /// @notice Checkpoints: accepts checkpoint `interval`, disputes the next one.
    function openInterval(
        uint256 dispute,
        bytes32[7] calldata position,
        uint32 interval,
        bytes32 before,
        bytes32 disputed,
        bytes32[] calldata proof
    ) external;
    /// @notice Demands the descendants of a node of a tree that the solver committed.
    /// @param answer the claim's steps or graph for the first demand in Steps or Graph; else zero
    /// @param state in Graph, for the first demand: the disputed state instead of the graph
    /// @param index of the node in the row that the last reveal gave; 0 for the first demand, of the root
    /// @param node hash of the node; ignored for the first demand
    /// @param proof places the node under the node that was demanded last; empty for the first demand
    function demand(
        uint256 dispute,
        bytes32[7] calldata position,
        Answer calldata answer,
        bool state,
        uint32 index,
        bytes32 node,
        bytes32[] calldata proof
    ) external;
    /// @notice Steps: disputes the state after step `k` of the interval and accepts the one before it.
    /// @param k from 0
    /// @param before leaf k - 1; for k = 0 the position's own
    /// @param disputed leaf k
    /// @param proof pair opening of the leaves k - 1 and k; for k = 0 of leaf 0 alone
    function pickStep(
        uint256 dispute,
        bytes32[7] calldata position,
        Answer calldata steps,
        uint32 k,
        bytes32 before,
        bytes32 disputed,
        bytes32[] calldata proof
    ) external;
    /// @notice Graph: disputes the output of a node.
    function openNode(
        uint256 dispute,
        bytes32[7] calldata position,
        Answer calldata graph,
        NodeOpening calldata node
    ) external;
    /// @notice Element: disputes one element of the node's output.
    function openElement(
        uint256 dispute,
        bytes32[7] calldata position,
        bytes calldata encoding,
        ElementOpening calldata element
    ) external;
    /// @notice openNode and openElement.
    function openNodeElement(
        uint256 dispute,
        bytes32[7] calldata position,
        Answer calldata graph,
        NodeOpening calldata node,
        ElementOpening calldata element
    ) external;
    /// @notice Pick: disputes one of the posted values.
    function pickPartial(
        uint256 dispute,
        bytes32[7] calldata position,
        bytes calldata values,
        uint32 index
    ) external;

    // solver or its delegate

    /// @notice Steps: binds the claim to the states inside the interval.
    /// @param lastProof opening of the last leaf, which must be the disputed checkpoint
    function commitSteps(
        uint256 dispute,
        bytes32[7] calldata position,
        bytes32 root,
        bytes32[] calldata lastProof
    ) external;
    /// @notice Graph: binds the claim to the outputs of the step's nodes.
    function commitGraph(uint256 dispute, bytes32[7] calldata position, bytes32 root) external;
    /// @notice Partials: posts the values that the disputed one is combined from.
    /// @param values at most 256 big-endian words of four bytes
    function commitPartials(
        uint256 dispute,
        bytes32[7] calldata position,
        bytes calldata encoding,
        bytes calldata values
    ) external;

    // anyone

    /// @notice Answers a demand above the leaves, or at the leaves of any tree but a tensor.
    /// @param row hashes below the demanded node, left to right, padding left out
    function reveal(uint256 dispute, bytes32[7] calldata position, bytes32[] calldata row) external;
    /// @notice Answers a demand of a tensor's leaf.
    /// @param data its real bytes
    function revealLeaf(uint256 dispute, bytes32[7] calldata position, bytes calldata data) external;
    /// @notice Proof: shows that the disputed value is wrong. Reverts if it is right.
    function prove(
        uint256 dispute,
        bytes32[7] calldata position,
        bytes calldata encoding,
        Operand[] calldata operands
    ) external;
    /// @notice openNode, openElement and prove (challenger only).
    function proveElement(
        uint256 dispute,
        bytes32[7] calldata position,
        Answer calldata graph,
        NodeOpening calldata node,
        ElementOpening calldata element,
        Operand[] calldata operands
    ) external;
    /// @notice pickPartial and prove (challenger only).
    function provePartial(
        uint256 dispute,
        bytes32[7] calldata position,
        bytes calldata values,
        uint32 index,
        bytes calldata encoding,
        Operand[] calldata operands
    ) external;
    /// @notice Decides a dispute against the side whose clock has run out.
    /// @param answer the claim's answer that the phase waits for; zero if it holds none
    function timeout(uint256 dispute, bytes32[7] calldata position, Answer calldata answer) external;
}

/// @notice The rest (implemented by `Registrar`, called on Verde).
interface IRegistrar is IVerdeEvents {
    // claims

    /// @notice Registers a computation; does nothing if it is known already. Anyone.
    function register(Computation calldata computation) external returns (bytes32 id);
    /// @notice Makes a claim. The caller must be the locker of `input.lockId` in `input.vault`.
    /// @param first opening of checkpoint 0 (its leaf must be the initial state)
    /// @param last opening of the last checkpoint (its leaf must be the final state)
    function claim(ClaimInput calldata input, bytes32[] calldata first, bytes32[] calldata last)
        external
        returns (uint256 claimId);

    // anyone, for the challenger: what the program shows

    /// @notice Graph: shows that a state tensor is not what its entry says.
    /// @param entry a state entry of the program
    /// @param next leaf `entry.index` of the disputed state
    /// @param source leaf of the graph, or of the old state for an unchanged tensor, that the entry names
    function mismatch(
        uint256 dispute,
        bytes32[7] calldata position,
        Answer calldata graph,
        EntryOpening calldata entry,
        LeafOpening calldata next,
        LeafOpening calldata source
    ) external;
    /// @notice A node's encoding breaks a rule of docs/spec/repops.md, section 4.1.
    function malformedNode(uint256 dispute, EntryOpening calldata node) external;
    /// @notice A state entry breaks a rule of section 4.2.
    function malformedState(uint256 dispute, EntryOpening calldata state) external;
    /// @notice A constant entry breaks a rule of section 4.2.
    function malformedConstant(uint256 dispute, EntryOpening calldata constant_) external;
    /// @notice Input `k` of a node contradicts the node, state or constant entry that it names.
    function malformedInput(
        uint256 dispute,
        EntryOpening calldata node,
        uint256 k,
        EntryOpening calldata named
    ) external;
    /// @notice A state entry contradicts the node that it names.
    function malformedSource(
        uint256 dispute,
        EntryOpening calldata state,
        EntryOpening calldata node
    ) external;
    // many disputes, money

    /// @notice Admits `count` queued disputes beyond the live limit. Solver or its delegate.
    function admitMore(uint256 claimId, uint32 count) external;
    /// @notice Passes at most `count` decided places and pays what is due for them. Anyone.
    function settle(uint256 claimId, uint32 count) external;
    /// @notice Credits the bond of a dispute whose claim is void to its challenger. Anyone.
    function reclaimBond(uint256 dispute) external;
    /// @notice Sends an account everything it is credited. Anyone.
    function withdraw(address account) external;
    /// @notice Sends the caller's credit elsewhere, for callers that cannot receive ether.
    function withdrawTo(address to) external;

    // views

    function statusOf(uint256 claimId) external view returns (ClaimStatus);
    function claimOf(uint256 claimId) external view returns (Claim memory);
    function computationOf(bytes32 id) external view returns (Computation memory);
    /// @dev `positionHash` is keccak256 of the packed position, zero once decided.
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
        );
    /// @notice Who owes the next move of a live dispute and the last second in which it is in time.
    /// @param answer as in `timeout`
    function owedBy(uint256 dispute, bytes32[7] calldata position, Answer calldata answer)
        external
        view
        returns (bool solver, uint40 deadline);
    /// @notice What `withdraw` would send: ether wei and $AI wei.
    function creditOf(address account) external view returns (uint128 amountWei, uint128 amountAi);
}

/// @title IVerde
/// @notice Claims about computations, and the dispute that pins a wrong claim to one scalar.
/// Rules: docs/spec/verde.md. A claim's id is the hash of its `ClaimInput` (its upper 224 bits), a dispute's id
/// is claim << 32 | place. Every move names the dispute and brings its packed position; it reverts with
/// `Verde_WrongPosition` if the dispute stands elsewhere.
interface IVerde is IDisputes, IRegistrar {}
