// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What a node's operands are read from, all of it already agreed by both sides of a dispute.
/// @param graphRoot root over the outputs of all nodes of the step; operands of kind node open against it
/// @param stateRoot root of the state before the step; operands of kind state open against it
/// @param constantsRoot root over the job's constant tensors; zero if there are none
/// @param nodes number of nodes of the program; likewise `states`, `constants`
/// @param node index of the node that is judged
/// @param step step number, from 0
/// @param seed seed of the job (Philox key)
struct Scene {
    bytes32 graphRoot;
    bytes32 stateRoot;
    bytes32 constantsRoot;
    uint32 nodes;
    uint32 states;
    uint32 constants;
    uint32 node;
    uint32 step;
    uint64 seed;
}

/// @notice One operand's opening: its tensor under the tree it lives in, and the run of its elements that
/// the judged scalar or segment reads. An operand that is not read (an immediate, the step, a Concat operand
/// that does not hold the element, a Move that falls outside) has all four fields empty.
/// @param root the operand's tensor root
/// @param rootProof siblings of the tensor root in the graph, state or constants tree
/// @param data the real bytes of the one or two 1 KiB leaves that hold the run (no padding)
/// @param proof range opening of those leaves in the tensor
struct Operand {
    bytes32 root;
    bytes32[] rootProof;
    bytes data;
    bytes32[] proof;
}

/// @title IReferee
/// @notice Decodes committed nodes and computes one element, or one segment of a reduction, of every
/// operator of RepOps in software arithmetic. Stateless.
interface IReferee {
    /// @notice Whether a node's encoding obeys every rule of docs/spec/repops.md, section 4.1. Never reverts
    /// on hostile bytes.
    function wellFormed(bytes calldata encoding, uint32 node, uint32 states, uint32 constants)
        external
        view
        returns (bool);

    /// @notice What a well-formed node yields.
    /// @return isInt32 whether the result is i32
    /// @return count elements of the output
    /// @return segments segments of one element's reduction; 1 for everything that is not a reduction
    function output(bytes calldata encoding)
        external
        view
        returns (bool isInt32, uint64 count, uint32 segments);

    /// @notice What a well-formed node wants of its k-th input.
    /// @return kind 0 node, 1 state, 2 constant, 3 immediate, 4 step
    function input(bytes calldata encoding, uint256 k)
        external
        view
        returns (uint8 kind, uint32 ref, bool isInt32, uint64 count);

    /// @notice The right value of one element (segments = 1) or of one segment of its reduction.
    /// @dev Reverts with a typed error where an opening does not fit; never where the data is odd.
    function judge(
        Scene calldata scene,
        bytes calldata encoding,
        uint64 element,
        uint32 segment,
        Operand[] calldata operands
    ) external view returns (uint32 value);

    /// @notice Combines up to 256 partial values (blocks or segments) of a reduction node as section 2.1 does.
    /// @param values big-endian words of four bytes each
    function fold(bytes calldata encoding, bytes calldata values)
        external
        view
        returns (uint32 value);
}
