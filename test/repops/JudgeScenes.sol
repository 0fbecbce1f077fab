// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Operand, Scene} from "../../src/repops/IReferee.sol";
import {RefereeBase} from "./RefereeBase.sol";
import {Source} from "./NodeEncoder.sol";
import {TreeBuilder} from "./TreeBuilder.sol";

/// @notice A call of `Referee.judge` in the making.
struct Case {
    Scene scene;
    bytes encoding;
    uint64 element;
    uint32 segment;
    Operand[] operands;
}

/// @notice Builds scenes for the referee. Only the leaves that are opened exist; all other subtrees are made-up
/// hashes, so trees may have any size. Operands of one case come from different trees.
abstract contract JudgeScenes is RefereeBase {
    uint8 internal constant NODE = 0;
    uint8 internal constant STATE = 1;
    uint8 internal constant CONSTANT = 2;
    uint8 internal constant IMMEDIATE = 3;
    uint8 internal constant STEP = 4;

    /// Sizes of the program: the judged node is the last one.
    function _case(uint32 nodes, uint32 states, uint32 constants, uint256 inputs)
        internal
        pure
        returns (Case memory c)
    {
        c.scene.nodes = nodes;
        c.scene.states = states;
        c.scene.constants = constants;
        c.scene.node = nodes - 1;
        c.scene.step = 7;
        c.scene.seed = 0x0123456789abcdef;
        c.operands = new Operand[](inputs);
    }

    function _judge(Case memory c) internal view returns (uint32) {
        return referee.judge(c.scene, c.encoding, c.element, c.segment, c.operands);
    }

    /// Opens the run that starts at `start` of input k, a tensor of `count` elements; its words are `words`
    /// and everything else in its leaves is made up.
    function _open(
        Case memory c,
        uint256 k,
        Source memory source,
        uint256 count,
        uint256 start,
        uint32[] memory words
    ) internal pure {
        uint256 first = start / 256;
        uint256 last = (start + words.length - 1) / 256;
        uint256 end = 256 * (last + 1) < count ? 256 * (last + 1) : count;
        bytes memory data = new bytes(4 * (end - 256 * first));
        for (uint256 i; i < data.length / 4; ++i) {
            uint256 index = 256 * first + i;
            uint256 word = index >= start && index < start + words.length
                ? words[index - start]
                : uint256(keccak256(abi.encode("filling", k, i)));
            for (uint256 j; j < 4; ++j) {
                data[4 * i + j] = bytes1(uint8(word >> (8 * j)));
            }
        }
        c.operands[k].data = data;
        (c.operands[k].root, c.operands[k].proof) = TreeBuilder.around(
            TreeBuilder.tensorLeaves(data), first, (count + 255) / 256, keccak256(abi.encode(k))
        );
        _plant(c, k, source);
    }

    /// Puts the tensor root of input k into the tree of its kind.
    function _plant(Case memory c, uint256 k, Source memory source) internal pure {
        bytes32[] memory leaf = new bytes32[](1);
        leaf[0] = c.operands[k].root;
        Scene memory scene = c.scene;
        uint256 count = source.kind == NODE
            ? scene.nodes
            : source.kind == STATE ? scene.states : scene.constants;
        bytes32 root;
        (root, c.operands[k].rootProof) =
            TreeBuilder.around(leaf, source.ref, count, keccak256(abi.encode("tree", k)));
        if (source.kind == NODE) scene.graphRoot = root;
        else if (source.kind == STATE) scene.stateRoot = root;
        else scene.constantsRoot = root;
    }

    function _words(uint256 a) internal pure returns (uint32[] memory words) {
        words = new uint32[](1);
        words[0] = uint32(a);
    }

    function _list(uint256 a) internal pure returns (uint256[] memory list) {
        list = new uint256[](1);
        list[0] = a;
    }

    function _list(uint256 a, uint256 b) internal pure returns (uint256[] memory list) {
        list = new uint256[](2);
        (list[0], list[1]) = (a, b);
    }

    function _list(uint256 a, uint256 b, uint256 c) internal pure returns (uint256[] memory list) {
        list = new uint256[](3);
        (list[0], list[1], list[2]) = (a, b, c);
    }

    function _list(uint256 a, uint256 b, uint256 c, uint256 d)
        internal
        pure
        returns (uint256[] memory list)
    {
        list = new uint256[](4);
        (list[0], list[1], list[2], list[3]) = (a, b, c, d);
    }

    function _sources(Source memory a) internal pure returns (Source[] memory list) {
        list = new Source[](1);
        list[0] = a;
    }

    function _sources(Source memory a, Source memory b)
        internal
        pure
        returns (Source[] memory list)
    {
        list = new Source[](2);
        (list[0], list[1]) = (a, b);
    }

    function _sources(Source memory a, Source memory b, Source memory c)
        internal
        pure
        returns (Source[] memory list)
    {
        list = new Source[](3);
        (list[0], list[1], list[2]) = (a, b, c);
    }
}
