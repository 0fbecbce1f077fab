// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Phase, Position, Tree} from "./IVerde.sol";

/// @title Positions
/// @notice The packed form of a position and its hash (layout: `Position` in IVerde.sol). Of a dispute only
/// the hash is stored.
library Positions {
    function hash(bytes32[7] memory packed) internal pure returns (bytes32 result) {
        assembly ("memory-safe") {
            result := keccak256(packed, 224)
        }
    }

    function pack(Position memory p) internal pure returns (bytes32[7] memory packed) {
        uint256 demand = uint256(p.tree) << 1 | (p.open ? 1 : 0);
        uint256 walk = uint256(p.phase) << 248 | uint256(p.level) << 240 | demand << 232
            | uint256(p.height) << 224 | uint256(p.interval) << 192 | uint256(p.step) << 160
            | uint256(p.node) << 128 | uint256(p.element) << 88 | uint256(p.segment) << 72
            | uint256(p.value) << 40 | p.turnStart;
        packed[0] = bytes32(walk);
        packed[1] = bytes32(
            uint256(uint160(p.delegate)) << 96 | uint256(p.solverLeft) << 64
                | uint256(p.challengerLeft) << 32 | p.index
        );
        packed[2] = p.before;
        packed[3] = p.disputed;
        packed[4] = p.graph;
        packed[5] = p.encodingHash;
        packed[6] = p.demanded;
    }

    /// @dev Only for words that `pack` made, which a matching hash shows: an unknown phase or tree panics.
    function unpack(bytes32[7] memory packed) internal pure returns (Position memory p) {
        uint256 walk = uint256(packed[0]);
        p.phase = Phase(walk >> 248);
        p.level = uint8(walk >> 240);
        p.tree = Tree(uint8(walk >> 232) >> 1);
        p.open = walk >> 232 & 1 != 0;
        p.height = uint8(walk >> 224);
        p.interval = uint32(walk >> 192);
        p.step = uint32(walk >> 160);
        p.node = uint32(walk >> 128);
        p.element = uint40(walk >> 88);
        p.segment = uint16(walk >> 72);
        p.value = uint32(walk >> 40);
        p.turnStart = uint40(walk);
        uint256 sides = uint256(packed[1]);
        p.delegate = address(uint160(sides >> 96));
        p.solverLeft = uint32(sides >> 64);
        p.challengerLeft = uint32(sides >> 32);
        p.index = uint32(sides);
        p.before = packed[2];
        p.disputed = packed[3];
        p.graph = packed[4];
        p.encodingHash = packed[5];
        p.demanded = packed[6];
    }
}
