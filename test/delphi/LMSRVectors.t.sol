// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";
import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";
import {Book, Books} from "./Books.sol";

/// @notice The curve against deployments/src/protocol/lmsr/, bit for bit: vectors/lmsr.json, which
/// deployments/tools/lmsr/vectors.ts writes.
contract LMSRVectorsTest is Test {
    using Books for Book;

    string private json;

    function setUp() public {
        json = vm.readFile("test/delphi/vectors/lmsr.json");
    }

    function test_expWad_matchesTypeScript() public view {
        int256[] memory pairs = vm.parseJsonIntArray(json, ".expWad");
        assertGt(pairs.length, 0);
        for (uint256 i; i < pairs.length; i += 2) {
            assertEq(FixedPointMathLib.expWad(pairs[i]), pairs[i + 1]);
        }
    }

    function test_lnWad_matchesTypeScript() public view {
        int256[] memory pairs = vm.parseJsonIntArray(json, ".lnWad");
        assertGt(pairs.length, 0);
        for (uint256 i; i < pairs.length; i += 2) {
            assertEq(FixedPointMathLib.lnWad(pairs[i]), pairs[i + 1]);
        }
    }

    /// @dev Rows of kind, outcome, input and output; names in the file, in the order of the kinds.
    function test_everyFunction_matchesTypeScript() public view {
        int256[] memory rows = vm.parseJsonIntArray(json, ".rows");
        Book memory book;
        for (uint256 i; i < rows.length; i += 4) {
            string memory what = string.concat("row ", vm.toString(i / 4));
            int256 kind = rows[i];
            uint256 outcome = uint256(rows[i + 1]);
            uint256 input = uint256(rows[i + 2]);
            uint256 output = uint256(rows[i + 3]);
            if (kind == 0) {
                book = Books.open(input, outcome);
                assertEq(book.pot, output, what);
            } else if (kind == 1) {
                assertEq(book.buy(outcome, input), output, what);
            } else if (kind == 2) {
                assertEq(book.sell(outcome, input), output, what);
            } else if (kind == 3) {
                assertEq(book.admit(), output, what);
            } else if (kind == 4) {
                (, uint256 cost) = book.join(input);
                assertEq(cost, output, what);
            } else if (kind == 5) {
                book.mint(int256(input));
                assertEq(book.pot, output, what);
            } else if (kind == 6) {
                assertEq(book.buyFor(outcome, input), output, what);
            } else if (kind == 7) {
                assertEq(book.sellFor(outcome, input), output, what); // -1: type(uint256).max
            } else if (kind == 8) {
                assertEq(book.price(outcome), output, what);
            } else {
                assertEq(book.curve.offset, int256(input), what);
                assertEq(book.curve.sum, output, what);
            }
        }
        assertGt(rows.length, 12_000, "too few vectors");
    }
}
