// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Float32Operands
/// @notice Operands for testing binary32 operators, weighted towards the corners: cancellations,
/// ties, the subnormal and the overflow boundary, special values.
/// @dev The same function of the index as operands() in vectors/float32.c; see there for what is
/// what. All words are 32 bits, other bits zero.
library Float32Operands {
    struct Operands {
        uint256 a; // factors and addend
        uint256 b;
        uint256 c;
        uint256 p; // the product of a and b cut to 24 bits, or thereabouts
        uint256 x; // something around the integers
        uint256 i; // an integer of any width
    }

    uint256 private constant SIGN = 0x80000000;
    uint256 private constant WORD = 0xffffffff;
    uint256 private constant FRACTION = 0x7fffff;

    /// @dev Sixteen special values, the first in the lowest word of the first constant.
    uint256 private constant SPECIAL_LOW =
        0x3f00000033800000_0080000100800000_007fffff00000002_0000000100000000;
    uint256 private constant SPECIAL_HIGH =
        0x7fa000017f800000_7f7fffff7f000000_4b0000003f800001_3f8000003f7fffff;

    /// @notice Fills `o` with the operands of vector `index`.
    function fill(Operands memory o, uint256 index) internal pure {
        unchecked {
            uint256 kind = mix(8 * index + 7);
            uint256 aux = kind >> 4;
            kind &= 15;
            uint256 a = mix(8 * index);
            uint256 b = mix(8 * index + 1);
            uint256 c = mix(8 * index + 2);
            uint256 w0 = a;
            uint256 w1 = b;
            uint256 w5 = mix(8 * index + 5);
            if (kind >= 2) (a, b, c) = _shape(index, kind, aux, a, b, c);
            // The product's leading bits and sign, up to three units off; wrapped where it has no
            // exponent.
            uint256 product = ((a & FRACTION) | 0x800000) * ((b & FRACTION) | 0x800000);
            uint256 carry = product >> 47;
            uint256 p = ((((a >> 23) & 255) + ((b >> 23) & 255) - 127 + carry) & 255) << 23;
            p |= ((a ^ b) & SIGN) | ((product >> (23 + carry)) & FRACTION);
            p = (p + aux % 7 - 3) & WORD;
            if (kind == 4 || kind == 5) c = p ^ SIGN;
            uint256 w6 = mix(8 * index + 6);
            o.a = a;
            o.b = b;
            o.c = c;
            o.p = p;
            o.x = withExponent(_sparse(w6, aux >> 5), 120 + w5 % 44);
            o.i = (w6 ^ w0) >> (w1 & 31);
            if (aux & 1 != 0) o.i = (0 - o.i) & WORD;
        }
    }

    function _shape(uint256 index, uint256 kind, uint256 aux, uint256 a, uint256 b, uint256 c)
        private
        pure
        returns (uint256, uint256, uint256)
    {
        unchecked {
            uint256 w3 = mix(8 * index + 3);
            uint256 w4 = mix(8 * index + 4);
            uint256 w5 = mix(8 * index + 5);
            uint256 ea = w3 % 255;
            uint256 eb = w4 % 255;
            uint256 ec = w5 % 255;
            if (kind < 4) {
                (ea, eb, ec) = (115 + w3 % 25, 115 + w4 % 25, 115 + w5 % 25);
            } else if (kind < 8) {
                eb = _cut(eb + 127 - ea);
                ec = ea + eb - 127 + w5 % 61 - 30;
            } else if (kind < 10) {
                uint256 sum = 80 + w4 % 70;
                ea = w3 % (sum + 1);
                (eb, ec) = (sum - ea, w5 % 28);
            } else if (kind == 10) {
                ea = 127 + w3 % 128;
                (eb, ec) = (384 - w4 % 7 - ea, 254 - w5 % 30);
            } else if (kind == 11) {
                (ea, eb, ec) = (0, 127 + w4 % 128, w5 % 140);
            }
            a = withExponent(a, ea);
            b = withExponent(b, eb);
            c = withExponent(c, ec);
            if (kind & 1 != 0) {
                (a, b, c) = (_sparse(a, aux), _sparse(b, aux >> 7), _sparse(c, aux >> 14));
            }
            if (kind >= 14) {
                if (aux & (1 << 21) != 0) a = special(w3) | (w3 & SIGN);
                if (aux & (1 << 22) != 0) b = special(w4) | (w4 & SIGN);
                if (aux & (1 << 23) != 0) c = special(w5) | (w5 & SIGN);
            }
            return (a, b, c);
        }
    }

    /// @notice The finalizer of MurmurHash3: a permutation of the 32-bit words.
    function mix(uint256 h) internal pure returns (uint256) {
        unchecked {
            h = ((h ^ (h >> 16)) * 0x85ebca6b) & WORD;
            h = ((h ^ (h >> 13)) * 0xc2b2ae35) & WORD;
            return h ^ (h >> 16);
        }
    }

    function _cut(uint256 e) private pure returns (uint256) {
        return int256(e) < 0 ? 0 : e > 254 ? 254 : e;
    }

    /// @notice w with the exponent e, cut to what a finite number can have.
    function withExponent(uint256 w, uint256 e) internal pure returns (uint256) {
        return (w & 0x807fffff) | (_cut(e) << 23);
    }

    function _sparse(uint256 w, uint256 s) private pure returns (uint256) {
        unchecked {
            uint256 low = (1 << (((s >> 2) & 31) % 24)) - 1;
            s &= 3;
            if (s == 0) return w;
            if (s == 1) return w & ~low;
            if (s == 2) return w | low;
            return (w & 0xff800000) | ((low + 1) & FRACTION);
        }
    }

    /// @notice The special value number w mod 16.
    function special(uint256 w) internal pure returns (uint256) {
        uint256 table = w & 8 == 0 ? SPECIAL_LOW : SPECIAL_HIGH;
        return (table >> (32 * (w & 7))) & WORD;
    }
}
