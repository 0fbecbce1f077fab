// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";
import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";
import {Curve, LMSR} from "../../src/delphi/LMSR.sol";

/// @notice Gas of the curve's functions alone: storage, tokens and the call are the market's.
/// @dev Writes snapshots/gas/lmsr.json for `npm run bench:gas`. docs/decisions/0016 is about the rows `direct`.
contract LMSRGasTest is Test {
    using LMSR for Curve;

    uint256 private constant B = 1_000e18;
    uint256 private constant DEPTH = B / LMSR.WEI_PER_SHARE;

    string private json;

    function row(string memory name, uint256 gas) private {
        string memory line = string.concat('\n  "', name, '": ', vm.toString(gas));
        json = string.concat(json, bytes(json).length == 0 ? "{" : ",", line);
    }

    function test_gas_staysWithinLimits() public {
        int256[] memory two = new int256[](2);
        two[0] = int256(3 * DEPTH);
        uint256 buying = this.buy(two, 7 * DEPTH + 1);
        uint256 formula = this.direct(two, 7 * DEPTH + 1);
        assertLe(buying, 3_500);
        row("lmsr.buy", buying);
        row("lmsr.sell", this.sell(two, 2 * DEPTH + 1));
        row("lmsr.buyFor", this.buyFor(two, B));
        row("lmsr.sellFor", this.sellFor(two, B));
        row("lmsr.price", this.price(two));
        row("lmsr.open", this.open(256));
        row("lmsr.admit", this.admit(two));
        row("lmsr.buy.direct", formula);
        for (uint256 n = 2; n <= 256; n *= n == 2 ? 4 : n == 8 ? 8 : 4) {
            string memory name = string.concat("lmsr.buy.gather.", vm.toString(n));
            row(name, this.gatherAfterBuying(new int256[](n), 30 * DEPTH));
        }
        vm.writeFile("snapshots/gas/lmsr.json", string.concat(json, "\n}\n"));
    }

    // External, so that each starts with empty memory. -------------------------------------------

    function buy(int256[] memory quantities, uint256 shares) external view returns (uint256 used) {
        (uint256 b, int256 offset, uint256 sum) = stored(quantities);
        int256 quantity = quantities[0];
        used = gasleft();
        Curve memory curve = Curve(b, offset, sum);
        Curve memory next = curve.buy(quantity, shares);
        keep(curve.charge(next));
        used -= gasleft();
        assertGt(next.sum, 0);
    }

    function gatherAfterBuying(int256[] memory quantities, uint256 shares)
        external
        view
        returns (uint256 used)
    {
        (uint256 b, int256 offset, uint256 sum) = stored(quantities);
        int256 quantity = quantities[0];
        used = gasleft();
        Curve memory curve = Curve(b, offset, sum);
        Curve memory next = curve.buy(quantity, shares);
        if (next.sum == 0) {
            quantities[0] = quantity + int256(shares);
            next = LMSR.gather(b, quantities);
        }
        keep(curve.charge(next));
        used -= gasleft();
        assertNotEq(next.offset, offset);
    }

    function sell(int256[] memory quantities, uint256 shares) external view returns (uint256 used) {
        (uint256 b, int256 offset, uint256 sum) = stored(quantities);
        int256 quantity = quantities[0];
        used = gasleft();
        Curve memory curve = Curve(b, offset, sum);
        Curve memory next = curve.sell(quantity, shares);
        keep(curve.payout(next));
        used -= gasleft();
    }

    function buyFor(int256[] memory quantities, uint256 budget)
        external
        view
        returns (uint256 used)
    {
        (uint256 b, int256 offset, uint256 sum) = stored(quantities);
        int256 quantity = quantities[0];
        used = gasleft();
        keep(Curve(b, offset, sum).buyFor(quantity, budget));
        used -= gasleft();
    }

    function sellFor(int256[] memory quantities, uint256 amount)
        external
        view
        returns (uint256 used)
    {
        (uint256 b, int256 offset, uint256 sum) = stored(quantities);
        int256 quantity = quantities[0];
        used = gasleft();
        keep(Curve(b, offset, sum).sellFor(quantity, amount));
        used -= gasleft();
    }

    function price(int256[] memory quantities) external view returns (uint256 used) {
        (uint256 b, int256 offset, uint256 sum) = stored(quantities);
        int256 quantity = quantities[0];
        used = gasleft();
        keep(Curve(b, offset, sum).price(quantity));
        used -= gasleft();
    }

    function open(uint256 outcomes) external view returns (uint256 used) {
        used = gasleft();
        keep(LMSR.open(B, outcomes).sum + LMSR.funding(B, outcomes));
        used -= gasleft();
    }

    function admit(int256[] memory quantities) external view returns (uint256 used) {
        (uint256 b, int256 offset, uint256 sum) = stored(quantities);
        used = gasleft();
        Curve memory curve = Curve(b, offset, sum);
        keep(curve.charge(curve.admit(0)));
        used -= gasleft();
    }

    /// @dev Two outcomes without a sum: C = b (m + ln(1 + e^(l − m))) of the larger and the smaller q/b.
    function direct(int256[] memory quantities, uint256 shares)
        external
        view
        returns (uint256 used)
    {
        (uint256 b,,) = stored(quantities);
        int256 quantity = quantities[0];
        int256 other = quantities[1];
        used = gasleft();
        int256 to = LMSR.bought(b, quantity, shares);
        int256 rise = directPotential(b, to, other) - directPotential(b, quantity, other);
        keep(FixedPointMathLib.divUp(b * uint256(rise + 5), 1e18));
        used -= gasleft();
    }

    function directPotential(uint256 b, int256 q, int256 r) private pure returns (int256) {
        int256 x = scaled(b, q);
        int256 y = scaled(b, r);
        (x, y) = x > y ? (x, y) : (y, x);
        return x + FixedPointMathLib.lnWad(1e18 + FixedPointMathLib.expWad(y - x));
    }

    function scaled(uint256 b, int256 quantity) private pure returns (int256) {
        unchecked {
            return int256(uint256(quantity * 1e27 + (1 << 80) * int256(b)) / b) - (1 << 80);
        }
    }

    // Parts. -------------------------------------------------------------------------------------

    /// @dev Memory, because the optimizer may compute a pure result later than it is written here.
    function keep(uint256 value) private pure {
        assembly ("memory-safe") {
            mstore(0, value)
        }
    }

    function stored(int256[] memory quantities)
        private
        view
        returns (uint256 b, int256 offset, uint256 sum)
    {
        Curve memory curve = this.gathered(quantities);
        return (curve.b, curve.offset, curve.sum);
    }

    function gathered(int256[] memory quantities) external pure returns (Curve memory) {
        return LMSR.gather(B, quantities);
    }
}
