// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Where a state's next value comes from, and what it is.
/// @param isInt32 its type: i32, or else f32
/// @param count its elements
/// @param unchanged whether it keeps its old value
/// @param node the node whose output it becomes; 0 if unchanged
struct StateEntry {
    bool isInt32;
    uint64 count;
    bool unchanged;
    uint32 node;
}

/// @notice A constant of a program.
/// @param isInt32 its type: i32, or else f32
/// @param count its elements
struct ConstantEntry {
    bool isInt32;
    uint64 count;
}

/// @title EntryCodec
/// @notice State and constant entries of a program (docs/spec/repops.md, section 4.2). Total: every byte string
/// decodes or is malformed; nothing reverts.
library EntryCodec {
    uint256 private constant STATE_BYTES = 11;
    uint256 private constant CONSTANT_BYTES = 6;

    /// @notice Decodes `type u8 | count u40 | source u8 | ref u32`.
    /// @param nodes number of nodes of the program
    /// @return ok false if the entry breaks a rule; `state` then means nothing
    function decodeState(bytes calldata entry, uint256 nodes)
        internal
        pure
        returns (bool ok, StateEntry memory state)
    {
        if (entry.length != STATE_BYTES) return (false, state);
        (ok, state.isInt32, state.count) = _decodeTensor(entry);
        uint256 source = uint8(entry[6]);
        uint256 ref = uint256(uint8(entry[7])) | uint256(uint8(entry[8])) << 8
            | uint256(uint8(entry[9])) << 16 | uint256(uint8(entry[10])) << 24;
        state.unchanged = source == 1;
        state.node = uint32(ref);
        if (source > 1 || (source == 1 ? ref != 0 : ref >= nodes)) ok = false;
    }

    /// @notice Decodes `type u8 | count u40`.
    /// @return ok false if the entry breaks a rule; `constant_` then means nothing
    function decodeConstant(bytes calldata entry)
        internal
        pure
        returns (bool ok, ConstantEntry memory constant_)
    {
        if (entry.length != CONSTANT_BYTES) return (false, constant_);
        (ok, constant_.isInt32, constant_.count) = _decodeTensor(entry);
    }

    /// @dev The six bytes that both begin with.
    function _decodeTensor(bytes calldata entry)
        private
        pure
        returns (bool ok, bool isInt32, uint64 count)
    {
        uint256 type_ = uint8(entry[0]);
        for (uint256 i = 5; i > 0; --i) {
            count = count << 8 | uint8(entry[i]);
        }
        return (type_ <= 1 && count != 0, type_ == 1, count);
    }
}
