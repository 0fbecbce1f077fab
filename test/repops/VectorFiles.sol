// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";

/// @notice Reads the vectors under offchain-repops/vectors, which TypeScript writes: each case is an
/// `abi.encode`d struct.
abstract contract VectorFiles is Test {
    /// @param path name of the file
    /// @param key where in it the list of blobs is, for instance ".abi"
    function vectors(string memory path, string memory key)
        internal
        view
        returns (bytes[] memory blobs)
    {
        string memory json = vm.readFile(string.concat("offchain-repops/vectors/", path));
        blobs = vm.parseJsonBytesArray(json, key);
        assertGt(blobs.length, 0, "no vectors");
    }
}
