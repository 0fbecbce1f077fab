// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ConstantEntry, StateEntry} from "../../src/repops/EntryCodec.sol";
import {EntryHarness} from "./EntryCodec.t.sol";
import {MerkleHarness} from "./Merkle.t.sol";
import {TensorHarness} from "./TensorLeaves.t.sol";
import {VectorFiles} from "./VectorFiles.sol";

struct RangeVector {
    uint64 count;
    uint8 height;
    uint64 lo;
    bytes32[] hashes;
    bytes32[] proof;
    bytes32 root;
}

struct RunVector {
    uint64 count;
    uint64 from;
    uint64 length;
    bytes data;
    bytes32[] proof;
    bytes32 root;
}

struct EntryVector {
    bool isState;
    uint32 nodes;
    bytes encoding;
    bool ok;
    bool isInt32;
    uint64 count;
    bool unchanged;
    uint32 ref;
}

/// Trees, tensors and table entries as TypeScript commits them.
contract CommitmentVectorsTest is VectorFiles {
    MerkleHarness internal merkle = new MerkleHarness();
    TensorHarness internal tensor = new TensorHarness();
    EntryHarness internal entries = new EntryHarness();

    /// The contract opens one node of any row, two neighbouring leaves, and whole rows.
    function test_merkle_agreesWithTheRanges() public view {
        bytes[] memory blobs = vectors("merkle.json", ".ranges.abi");
        uint256[3] memory opened;
        for (uint256 i; i < blobs.length; ++i) {
            RangeVector memory v = abi.decode(blobs[i], (RangeVector));
            uint256 depth = merkle.depth(v.count);
            if (v.hashes.length == 1) {
                ++opened[0];
                assertEq(
                    merkle.rootOfNode(v.hashes[0], v.height, v.lo, depth, v.count, v.proof), v.root
                );
                if (v.height > 0) continue;
                assertEq(merkle.rootOfLeaf(v.hashes[0], v.lo, v.count, v.proof), v.root);
            } else if (v.hashes.length == 2 && v.height == 0) {
                ++opened[1];
                assertEq(
                    merkle.rootOfPair(v.hashes[0], v.hashes[1], v.lo, v.count, v.proof), v.root
                );
            }
            if (v.hashes.length == merkle.present(v.count, v.height)) {
                ++opened[2];
                assertEq(merkle.rootOfRow(v.hashes, v.height, depth, 0, v.count), v.root);
            }
        }
        assertTrue(opened[0] > 10 && opened[1] > 10 && opened[2] > 10);
    }

    function test_zero_agreesWithTheVectors() public view {
        string memory json = vm.readFile("offchain-repops/vectors/merkle.json");
        bytes32[] memory zeros = vm.parseJsonBytes32Array(json, ".zeros");
        assertGt(zeros.length, 32);
        for (uint256 h; h < zeros.length; ++h) {
            assertEq(merkle.zero(h), zeros[h]);
        }
    }

    function test_tensorLeaves_agreeWithTheRuns() public view {
        bytes[] memory blobs = vectors("merkle.json", ".runs.abi");
        uint256[2] memory opened;
        for (uint256 i; i < blobs.length; ++i) {
            RunVector memory v = abi.decode(blobs[i], (RunVector));
            uint256 leaf = v.from / 256;
            if ((v.from + v.length - 1) / 256 == leaf) {
                ++opened[0];
                assertEq(tensor.one(v.data, leaf, v.count, v.proof), v.root);
            } else {
                ++opened[1];
                assertEq(tensor.two(v.data, leaf, v.count, v.proof), v.root);
            }
        }
        assertTrue(opened[0] > 5 && opened[1] > 5);
    }

    function test_entries_agreeWithTheVectors() public view {
        bytes[] memory blobs = vectors("entries.json", ".abi");
        uint256[2] memory good;
        for (uint256 i; i < blobs.length; ++i) {
            EntryVector memory v = abi.decode(blobs[i], (EntryVector));
            bool ok;
            if (v.isState) {
                StateEntry memory got;
                (ok, got) = entries.state(v.encoding, v.nodes);
                assertEq(ok, v.ok, string.concat("case ", vm.toString(i)));
                if (!ok) continue;
                ++good[0];
                assertEq(
                    keccak256(abi.encode(got)),
                    keccak256(abi.encode(v.isInt32, v.count, v.unchanged, v.ref))
                );
            } else {
                ConstantEntry memory got;
                (ok, got) = entries.constant_(v.encoding);
                assertEq(ok, v.ok, string.concat("case ", vm.toString(i)));
                if (!ok) continue;
                ++good[1];
                assertEq(keccak256(abi.encode(got)), keccak256(abi.encode(v.isInt32, v.count)));
            }
        }
        assertTrue(good[0] > 5 && good[1] > 5);
    }
}
