// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Where an input of an encoded node comes from.
struct Source {
    uint8 kind;
    uint32 ref;
}

/// @notice Writes node encodings: docs/spec/repops.md, section 4.1. Checks nothing. For tests.
library NodeEncoder {
    /// @notice The `size` lowest bytes of a number, little-endian; negative ones in two's complement.
    function le(int256 value, uint256 size) internal pure returns (bytes memory out) {
        out = new bytes(size);
        for (uint256 i; i < size; ++i) {
            out[i] = bytes1(uint8(uint256(value) >> (8 * i)));
        }
    }

    /// @notice Dimensions of five bytes each.
    function dims(uint256[] memory values) internal pure returns (bytes memory out) {
        for (uint256 i; i < values.length; ++i) {
            out = bytes.concat(out, le(int256(values[i]), 5));
        }
    }

    /// @notice Everything before the form.
    function head(uint256 op, bool isInt32, Source[] memory sources)
        internal
        pure
        returns (bytes memory out)
    {
        out = abi.encodePacked(uint8(op), isInt32, uint8(sources.length));
        for (uint256 i; i < sources.length; ++i) {
            out = abi.encodePacked(out, sources[i].kind, le(int256(uint256(sources[i].ref)), 4));
        }
    }

    function elementwise(uint256[] memory shape, uint256[] memory masks)
        internal
        pure
        returns (bytes memory out)
    {
        out = bytes.concat(bytes1(uint8(shape.length)), dims(shape));
        for (uint256 i; i < masks.length; ++i) {
            out = bytes.concat(out, bytes1(uint8(masks[i])));
        }
    }

    function matMul(uint256 b, uint256 m, uint256 n, uint256 k, uint256 flags)
        internal
        pure
        returns (bytes memory)
    {
        return bytes.concat(four(b, m, n, k), bytes1(uint8(flags)));
    }

    function reduce(uint256 r, uint256 k) internal pure returns (bytes memory) {
        return bytes.concat(le(int256(r), 5), le(int256(k), 5));
    }

    function four(uint256 b, uint256 v, uint256 r, uint256 q) internal pure returns (bytes memory) {
        return bytes.concat(reduce(b, v), reduce(r, q));
    }

    /// @notice One axis of a Move.
    function axis(
        int256 offset,
        uint256 divisor,
        uint256[] memory axes,
        int256[] memory coefficients
    ) internal pure returns (bytes memory out) {
        out = bytes.concat(le(offset, 5), le(int256(divisor), 5), bytes1(uint8(axes.length)));
        for (uint256 i; i < axes.length; ++i) {
            out = bytes.concat(out, bytes1(uint8(axes[i])), le(coefficients[i], 5));
        }
    }

    function move(
        uint256[] memory inDims,
        uint256[] memory outDims,
        uint256 fill,
        bytes memory axes
    ) internal pure returns (bytes memory) {
        return bytes.concat(
            bytes1(uint8(inDims.length)),
            dims(inDims),
            bytes1(uint8(outDims.length)),
            dims(outDims),
            le(int256(fill), 4),
            axes
        );
    }

    function concat(uint256 outer, uint256 inner, uint256[] memory sizes)
        internal
        pure
        returns (bytes memory)
    {
        return bytes.concat(reduce(outer, inner), dims(sizes));
    }

    function generate(uint256 n, uint256 stream) internal pure returns (bytes memory) {
        return bytes.concat(le(int256(n), 5), le(int256(stream), 4));
    }
}
