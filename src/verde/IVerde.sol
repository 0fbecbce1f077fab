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
struct ClaimInput {
    bytes32 computation;
    bytes32 checkpointRoot;
    bytes32 finalStateRoot;
    address solver;
    address delegate;
    address vault;
    bytes32 lockId;
}

/// @notice Where a claim stands. Pending: its window is open or a dispute is live or queued.
enum ClaimStatus {
    None,
    Pending,
    Upheld,
    Void
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

/// @notice Where a dispute stands. Only its hash is stored; every move brings it along, and the event of
/// every move publishes the next one.
struct Position {
    Phase phase;
    uint40 turnStart; // when the turn in progress began, unix seconds
    uint40 solverLeft; // seconds of each side's budget at turnStart
    uint40 challengerLeft;
    uint32 interval;
    uint32 step; // from 0, over the whole job
    uint32 node;
    uint64 element;
    uint8 level; // partials still to be picked: 2 blocks of segments, 1 segments, 0 none
    uint32 segment; // picked block, then picked segment
    uint32 value; // the disputed bits
    bytes32 before; // state root that the challenger accepts
    bytes32 disputed; // state root that it does not
    bytes32 graph; // graph root, from openNode on
    bytes32 output; // root of the disputed node's output, from openNode on
    bytes32 encodingHash; // hash of the disputed node's encoding, from openNode on
    bytes32 partialsHash; // hash of the posted partials
    Demand demand;
}

/// @notice The last thing demanded. `open` while the solver owes the reveal.
struct Demand {
    Tree tree;
    bool open;
    uint8 height; // of the demanded node above the leaves
    uint40 index; // of the demanded node in its row
    bytes32 hash;
}

/// @notice A solver's answer that belongs to the claim, with the time it was given.
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
    uint64 element;
    bytes leaf;
    bytes32[] proof;
}

/// @notice A leaf of a tree and its siblings, bottom up, padding left out.
struct LeafOpening {
    bytes32 leaf;
    bytes32[] proof;
}

/// @title IVerde
/// @notice Claims about computations, and the dispute that pins a wrong claim to one scalar.
/// Rules: docs/spec/verde.md. Every move names the dispute and brings its position; it reverts with
/// `Verde_WrongPosition` if the dispute stands elsewhere.
interface IVerde {
    event ComputationRegistered(bytes32 indexed id, Computation computation);
    event ClaimMade(uint256 indexed claim, ClaimInput input, uint40 windowEnd, uint32 params);
    event Challenged(
        uint256 indexed claim,
        uint256 indexed dispute,
        address challenger,
        address delegate,
        uint32 place
    );
    event Admitted(uint256 indexed claim, uint256 indexed dispute);
    /// @notice Emitted by every move of a dispute: what it did and where the dispute stands now.
    event Moved(uint256 indexed dispute, bytes4 indexed move, address by, Position position);
    event StepsCommitted(uint256 indexed claim, uint32 indexed interval, bytes32 root);
    event GraphCommitted(uint256 indexed claim, uint32 indexed step, bytes32 root);
    /// @notice Row of hashes below a demanded node, left to right, padding left out.
    event Revealed(uint256 indexed dispute, bytes32[] row);
    event RevealedLeaf(uint256 indexed dispute, bytes data);
    event PartialsCommitted(uint256 indexed dispute, bytes values);
    event DisputeDecided(
        uint256 indexed claim, uint256 indexed dispute, bool challengerWon, bytes4 reason
    );
    event ClaimVoided(
        uint256 indexed claim,
        uint256 slashed,
        uint256 reserved,
        uint256 toChallenger,
        uint256 burned,
        uint256 toTreasury
    );
    event RewardPaid(uint256 indexed claim, uint256 indexed dispute, address to, uint256 amount);
    event CostsPaid(uint256 indexed claim, uint256 indexed dispute, address to, uint256 amount);
    event BondReturned(uint256 indexed dispute, address to, uint256 amountWei);
    event BondLost(uint256 indexed dispute, uint256 toSolverWei, uint256 burnedWei);

    // claims

    function register(Computation calldata computation) external returns (bytes32 id);
    /// @param first opening of checkpoint 0 (its leaf must be the initial state)
    /// @param last opening of the last checkpoint (its leaf must be the final state)
    function claim(ClaimInput calldata input, bytes32[] calldata first, bytes32[] calldata last)
        external
        returns (uint256 claimId);
    function statusOf(uint256 claimId) external view returns (ClaimStatus);
    function bondWei(uint256 claimId) external view returns (uint256);

    // challenger

    function challenge(
        uint256 claimId,
        bytes32 checkpointRoot,
        address delegate,
        uint32 interval,
        bytes32 before,
        bytes32 disputed,
        bytes32[] calldata proof
    ) external payable returns (uint256 dispute);
    function challengeByDemand(uint256 claimId, bytes32 checkpointRoot, address delegate)
        external
        payable
        returns (uint256 dispute);
    function openInterval(
        uint256 dispute,
        Position calldata position,
        uint32 interval,
        bytes32 before,
        bytes32 disputed,
        bytes32[] calldata proof
    ) external;
    /// @param position must stand at a phase whose tree this is
    /// @param proof places (height, index, hash) in the row that the last reveal gave; empty for the root
    function demand(
        uint256 dispute,
        Position calldata position,
        Tree tree,
        uint8 height,
        uint40 index,
        bytes32 hash,
        bytes32[] calldata proof,
        Answer calldata answer
    ) external;
    /// @param k the step inside the interval whose state is disputed, from 0; `before` is the position's for k = 0
    function pickStep(
        uint256 dispute,
        Position calldata position,
        Answer calldata steps,
        uint32 k,
        bytes32 before,
        bytes32 disputed,
        bytes32[] calldata proof
    ) external;
    function openNode(
        uint256 dispute,
        Position calldata position,
        Answer calldata graph,
        NodeOpening calldata node
    ) external;
    function openElement(
        uint256 dispute,
        Position calldata position,
        bytes calldata encoding,
        ElementOpening calldata element
    ) external;
    function openNodeElement(
        uint256 dispute,
        Position calldata position,
        Answer calldata graph,
        NodeOpening calldata node,
        ElementOpening calldata element
    ) external;
    function pickPartial(
        uint256 dispute,
        Position calldata position,
        bytes calldata values,
        uint32 index
    ) external;

    // solver or its delegate

    function commitSteps(
        uint256 dispute,
        Position calldata position,
        bytes32 root,
        bytes32[] calldata lastProof
    ) external;
    function commitGraph(uint256 dispute, Position calldata position, bytes32 root) external;
    /// @param values at most 256 big-endian words that fold to the disputed value
    function commitPartials(
        uint256 dispute,
        Position calldata position,
        bytes calldata encoding,
        bytes calldata values
    ) external;

    // anyone

    function reveal(uint256 dispute, Position calldata position, bytes32[] calldata row) external;
    function revealLeaf(uint256 dispute, Position calldata position, bytes calldata data) external;
    function prove(
        uint256 dispute,
        Position calldata position,
        bytes calldata encoding,
        Operand[] calldata operands
    ) external;
    /// @notice openNode, openElement and prove in one transaction (challenger only).
    function proveElement(
        uint256 dispute,
        Position calldata position,
        Answer calldata graph,
        NodeOpening calldata node,
        ElementOpening calldata element,
        Operand[] calldata operands
    ) external;
    /// @notice pickPartial and prove in one transaction (challenger only).
    function provePartial(
        uint256 dispute,
        Position calldata position,
        bytes calldata values,
        uint32 index,
        bytes calldata encoding,
        Operand[] calldata operands
    ) external;
    /// @param entry encoding of state entry `index` of the program
    /// @param next leaf `index` of the disputed state
    /// @param source leaf of the graph, or of the old state for an unchanged tensor, that the entry names
    function mismatch(
        uint256 dispute,
        Position calldata position,
        Answer calldata graph,
        uint32 index,
        bytes calldata entry,
        bytes32[] calldata entryProof,
        LeafOpening calldata next,
        LeafOpening calldata source
    ) external;
    function malformedNode(
        uint256 dispute,
        uint32 node,
        bytes calldata encoding,
        bytes32[] calldata proof
    ) external;
    function malformedState(
        uint256 dispute,
        uint32 index,
        bytes calldata entry,
        bytes32[] calldata proof
    ) external;
    function malformedConstant(
        uint256 dispute,
        uint32 index,
        bytes calldata entry,
        bytes32[] calldata proof
    ) external;
    /// @notice Input k of a node contradicts the node, state or constant entry that it names.
    function malformedInput(
        uint256 dispute,
        uint32 node,
        bytes calldata encoding,
        bytes32[] calldata encodingProof,
        uint256 k,
        bytes calldata named,
        bytes32[] calldata namedProof
    ) external;
    /// @notice A state entry contradicts the node that it names.
    function malformedSource(
        uint256 dispute,
        uint32 index,
        bytes calldata entry,
        bytes32[] calldata entryProof,
        bytes calldata encoding,
        bytes32[] calldata encodingProof
    ) external;
    /// @param answer the claim's answer that the phase waits for; zero if it holds none
    function timeout(uint256 dispute, Position calldata position, Answer calldata answer) external;

    // money

    function admitMore(uint256 claimId, uint32 count) external;
    function advance(uint256 claimId, uint32 count) external;
    function payReward(uint256 claimId) external;
    function reclaimBond(uint256 dispute) external;
    function withdraw() external returns (uint256 amountWei);
}
