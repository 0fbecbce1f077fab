// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";
import {SafeCastLib} from "solady/utils/SafeCastLib.sol";

/// @notice Where a market stands on its cost function.
/// @dev INVARIANTS: the sum is that of the terms of all quantities, no term exceeds e^52, the sum is at least e^12;
/// so with at most 256 outcomes it fits 144 bits, and the offset 16.
/// @param b liquidity, $AI wei
/// @param offset nats, a whole number, by which the exponent of every term is lowered
/// @param sum of all terms, in 1e-18
struct Curve {
    uint256 b;
    int256 offset;
    uint256 sum;
}

/// @title LMSR
/// @notice The price of shares: the logarithmic market scoring rule, C(q) = b ln Σ e^(q_i / b) (Hanson, "Combinatorial
/// Information Market Design", 2003), at the same cost for 2 and for 256 outcomes. docs/spec/delphi.md, section 1,
/// has the definitions and the proofs.
/// @dev A term is a function of its quantity alone and the sum one of integers, so replacing a term leaves no error
/// behind. Whatever leaves the window of exponents that a sum can hold comes back with sum 0, which nothing here
/// accepts: `gather` makes the curve anew from all quantities, O(n).
///
/// Units. Shares: integers of 1e-9 share, each paying 1e9 wei if its outcome wins. Quantities: shares sold less
/// shares bought back by the curve; below zero where shares of complete sets were sold to it. Potentials: ln Σ in
/// 1e-18, C being b times that. Rounding: charges up, payouts down, each beyond the exact value by a margin that
/// exceeds every error.
library LMSR {
    using SafeCastLib for int256;

    uint256 internal constant MIN_OUTCOMES = 2;
    uint256 internal constant MAX_OUTCOMES = 256;
    /// @notice Bounds of b in $AI wei: below, a wei is more than a unit of the potential; above, the subsidy is
    /// more than all $AI there is.
    uint256 internal constant MIN_LIQUIDITY = 1e18;
    uint256 internal constant MAX_LIQUIDITY = 1e27;
    /// @notice Wei that 1e-9 share pays if its outcome wins.
    uint256 internal constant WEI_PER_SHARE = 1e9;
    /// @notice Quantities are within this many times b of zero, so that the offset fits 16 bits.
    uint256 internal constant MAX_NATS = 32_000;

    /// @dev Units of the potential by which each price is moved in the market's favour; two potentials differ from
    /// the exact difference by less than 2.2.
    int256 private constant MARGIN = 3;
    /// @dev The window: exponents of terms end here, the largest starts there, the sum is at least e^12.
    int256 private constant CEILING = 52e18;
    int256 private constant CENTRE_NATS = 32;
    int256 private constant FLOOR = 12e18;
    uint256 private constant FLOOR_SUM = 162_754_791_419_003_920_808_869; // expWad(FLOOR)
    uint256 private constant CENTRE_TERM = 78_962_960_182_680_695_161_831_990_146_446; // expWad(32e18)
    /// @dev Makes exponents positive for a division that rounds down; more than they and the offset can be.
    int256 private constant BIAS = 1 << 80;
    int256 private constant WAD = 1e18;

    /// @notice b is not within MIN_LIQUIDITY and MAX_LIQUIDITY.
    error LMSR_LiquidityOutOfRange(uint256 b);
    /// @notice There are fewer outcomes than two or more than 256.
    error LMSR_OutcomesOutOfRange(uint256 outcomes);
    /// @notice The quantity would be further from zero than `limit(b)`.
    error LMSR_QuantityOutOfRange(int256 quantity, uint256 shares, uint256 limit);
    /// @notice A trade of no shares.
    error LMSR_NoShares();

    // The life of a curve. -----------------------------------------------------------------------

    /// @notice What a market must hold before its first trade: its greatest loss, b ln n, rounded up.
    /// @return wei_ $AI wei, at most 2 b/1e18 + 1 wei above the exact value
    function funding(uint256 b, uint256 outcomes) internal pure returns (uint256 wei_) {
        _check(b, outcomes);
        return _up(int256(b) * _nats(outcomes));
    }

    /// @notice The largest b, MAX_LIQUIDITY at most, whose funding does not exceed an amount; it may be below
    /// MIN_LIQUIDITY, with which no curve is opened.
    /// @return b $AI wei
    /// @return wei_ its funding, $AI wei
    function affordable(uint256 amount, uint256 outcomes)
        internal
        pure
        returns (uint256 b, uint256 wei_)
    {
        int256 nats = _nats(outcomes);
        b = FixedPointMathLib.min(amount * uint256(WAD) / uint256(nats), MAX_LIQUIDITY);
        wei_ = _up(int256(b) * nats);
    }

    /// @dev ln(outcomes) in 1e-18, rounded up.
    function _nats(uint256 outcomes) private pure returns (int256) {
        return FixedPointMathLib.lnWad(int256(outcomes) * WAD) + 2;
    }

    /// @notice The curve of a new market, every quantity zero.
    function open(uint256 b, uint256 outcomes) internal pure returns (Curve memory) {
        _check(b, outcomes);
        return Curve(b, -CENTRE_NATS, outcomes * CENTRE_TERM);
    }

    /// @notice The curve of these quantities in the window where the largest has its term between e^32 and e^33.
    /// Anyone may have a market do this at any time: it changes no price by more than the errors that the margin
    /// covers.
    function gather(uint256 b, int256[] memory quantities)
        internal
        pure
        returns (Curve memory curve)
    {
        _check(b, quantities.length);
        int256 bound = int256(limit(b));
        int256 most = -bound;
        for (uint256 i; i < quantities.length; ++i) {
            int256 quantity = quantities[i];
            if (quantity < -bound || quantity > bound) {
                revert LMSR_QuantityOutOfRange(quantity, 0, uint256(bound));
            }
            if (quantity > most) most = quantity;
        }
        curve.b = b;
        curve.offset = _floor(_exponent(curve, most), WAD) - CENTRE_NATS;
        for (uint256 i; i < quantities.length; ++i) {
            curve.sum += _term(curve, quantities[i]);
        }
    }

    /// @notice The curve after `shares` of the outcome with this quantity were bought; sum 0: gather.
    function buy(Curve memory curve, int256 quantity, uint256 shares)
        internal
        pure
        returns (Curve memory)
    {
        return _move(curve, quantity, bought(curve.b, quantity, shares));
    }

    /// @notice The curve after `shares` of the outcome with this quantity were sold to it; sum 0: gather.
    function sell(Curve memory curve, int256 quantity, uint256 shares)
        internal
        pure
        returns (Curve memory)
    {
        return _move(curve, quantity, sold(curve.b, quantity, shares));
    }

    /// @notice The curve with one more outcome, of this quantity: zero, or less what there is of complete sets, which
    /// do not contain the new outcome; sum 0: gather. The caller counts the outcomes.
    function admit(Curve memory curve, int256 quantity) internal pure returns (Curve memory next) {
        uint256 bound = limit(curve.b);
        if (FixedPointMathLib.abs(quantity) > bound) {
            revert LMSR_QuantityOutOfRange(quantity, 0, bound);
        }
        next.b = curve.b;
        next.offset = curve.offset;
        int256 exponent = _exponent(curve, quantity);
        if (exponent <= CEILING) {
            next.sum = curve.sum + uint256(FixedPointMathLib.expWad(exponent));
        }
    }

    /// @notice The shares that whoever raises the liquidity to `b` gets of each outcome, so that no price moves:
    /// all quantities grow in proportion to b, rounded down, less what is in all of them, which would only be
    /// complete sets bought at their price. The next curve is what `gather` makes of the quantities and these
    /// shares; `charge` gives the price, about (b/curve.b − 1) · max_i (C − q_i).
    function joined(Curve memory curve, uint256 b, int256[] memory quantities)
        internal
        pure
        returns (uint256[] memory shares)
    {
        if (b <= curve.b || b > MAX_LIQUIDITY) revert LMSR_LiquidityOutOfRange(b);
        int256 least = type(int256).max;
        shares = new uint256[](quantities.length);
        for (uint256 i; i < quantities.length; ++i) {
            int256 quantity = quantities[i];
            int256 growth = _floor(quantity * int256(b), int256(curve.b)) - quantity;
            if (growth < least) least = growth;
            shares[i] = uint256(growth); // may be below zero until the least is taken away
        }
        unchecked {
            for (uint256 i; i < quantities.length; ++i) {
                shares[i] -= uint256(least);
            }
        }
    }

    // What it costs. -----------------------------------------------------------------------------

    /// @notice What must be paid to bring the curve to `next`: by buying, admitting an outcome or joining.
    /// @return wei_ $AI wei, rounded up: never below the exact difference of C, never zero; at most
    /// 5.2 next.b/1e18 + 1 wei above it
    function charge(Curve memory curve, Curve memory next) internal pure returns (uint256 wei_) {
        unchecked {
            return
                _up(
                    int256(next.b) * (potential(next) + MARGIN) - int256(curve.b) * potential(curve)
                );
        }
    }

    /// @notice What is paid for selling, which brought the curve to `next`.
    /// @return wei_ $AI wei, rounded down: never above the exact difference of C, at most 5.2 b/1e18 + 1 wei below it;
    /// zero for dust
    function payout(Curve memory curve, Curve memory next) internal pure returns (uint256 wei_) {
        unchecked {
            int256 fall = potential(curve) - potential(next) - MARGIN;
            return fall > 0 ? curve.b * uint256(fall) / uint256(WAD) : 0;
        }
    }

    /// @notice C, beyond what it is exactly: what the curve is worth at most, $AI wei. Below zero where complete sets
    /// were sold to it.
    function worth(Curve memory curve) internal pure returns (int256 wei_) {
        unchecked {
            return _floor(int256(curve.b) * (potential(curve) + MARGIN), WAD) + 1;
        }
    }

    /// @notice The price of the outcome with this quantity, in 1e-18 $AI a share, rounded down; for views. What
    /// trades pay is the integral of it.
    function price(Curve memory curve, int256 quantity) internal pure returns (uint256) {
        unchecked {
            return _term(curve, quantity) * uint256(WAD) / curve.sum;
        }
    }

    /// @notice The most shares of the outcome with this quantity that cost no more than `budget` wei; zero if none
    /// does. As computed they may be fewer: what they leave of the budget is at most the price of 1e-9 share and
    /// 5 b/1e18 + 1 wei.
    function buyFor(Curve memory curve, int256 quantity, uint256 budget)
        internal
        pure
        returns (uint256 shares)
    {
        uint256 spent = FixedPointMathLib.min(budget, type(uint96).max) * uint256(WAD) / curve.b;
        int256 target = potential(curve) + int256(spent) - MARGIN;
        uint256 rest = curve.sum - _term(curve, quantity);
        (bool found, int256 to) = _quantityAt(curve.b, curve.offset, rest, target);
        to = FixedPointMathLib.min(to, int256(limit(curve.b)));
        return found && to > quantity ? uint256(to - quantity) : 0;
    }

    /// @notice The fewest shares of the outcome with this quantity that sell for at least `amount` wei: at the most
    /// too many by what brings the price of 1e-9 share and 5 b/1e18 + 1 wei.
    /// @return shares type(uint256).max: no number of them does. 0: they leave the window; ask with all quantities
    function sellFor(Curve memory curve, int256 quantity, uint256 amount)
        internal
        pure
        returns (uint256 shares)
    {
        int256 target = _targetOfSale(curve, amount);
        if (target - curve.offset * WAD < FLOOR) return 0;
        uint256 rest = curve.sum - _term(curve, quantity);
        return _fewest(curve.b, curve.offset, rest, target, quantity);
    }

    /// @notice The same in O(n), for a sale of any size.
    /// @param outcome its index among the quantities
    function sellFor(
        Curve memory curve,
        int256[] memory quantities,
        uint256 outcome,
        uint256 amount
    ) internal pure returns (uint256 shares) {
        int256 target = _targetOfSale(curve, amount);
        if (target < -int256(MAX_NATS) * WAD) return type(uint256).max; // every other outcome is above
        Curve memory window = Curve(curve.b, _floor(target, WAD) - CENTRE_NATS, 0);
        for (uint256 i; i < quantities.length; ++i) {
            if (i == outcome) continue;
            int256 exponent = _exponent(window, quantities[i]);
            if (exponent > CEILING) return type(uint256).max; // above the target, alone
            window.sum += uint256(FixedPointMathLib.expWad(exponent));
        }
        return _fewest(curve.b, window.offset, window.sum, target, quantities[outcome]);
    }

    // Parts. -------------------------------------------------------------------------------------

    /// @notice How far from zero a quantity can be with this b: 63 bits, and MAX_NATS · b. It is also the bound of
    /// complete sets, of which every share can then be sold.
    function limit(uint256 b) internal pure returns (uint256) {
        unchecked {
            return
                FixedPointMathLib.min(
                    b * MAX_NATS / WEI_PER_SHARE, uint256(int256(type(int64).max))
                );
        }
    }

    /// @notice The quantity after `shares` more were bought. Reverts on none and beyond the limit.
    function bought(uint256 b, int256 quantity, uint256 shares) internal pure returns (int256) {
        uint256 bound = limit(b);
        unchecked {
            if (shares == 0) revert LMSR_NoShares();
            if (shares > uint256(int256(bound) - quantity)) {
                revert LMSR_QuantityOutOfRange(quantity, shares, bound);
            }
            return quantity + int256(shares);
        }
    }

    /// @notice The quantity after `shares` were sold to the curve. Reverts on none and beyond the limit, where no
    /// holding ends while sets are within it.
    function sold(uint256 b, int256 quantity, uint256 shares) internal pure returns (int256) {
        uint256 bound = limit(b);
        unchecked {
            if (shares == 0) revert LMSR_NoShares();
            if (shares > uint256(int256(bound) + quantity)) {
                revert LMSR_QuantityOutOfRange(quantity, shares, bound);
            }
            return quantity - int256(shares);
        }
    }

    /// @notice ln Σ e^(q_i / b) in 1e-18: less than 2.1 below the exact value, less than 0.1 above it.
    function potential(Curve memory curve) internal pure returns (int256) {
        unchecked {
            return FixedPointMathLib.lnWad(int256(curve.sum)) + curve.offset * WAD;
        }
    }

    function _check(uint256 b, uint256 outcomes) private pure {
        if (b < MIN_LIQUIDITY || b > MAX_LIQUIDITY) revert LMSR_LiquidityOutOfRange(b);
        if (outcomes < MIN_OUTCOMES || outcomes > MAX_OUTCOMES) {
            revert LMSR_OutcomesOutOfRange(outcomes);
        }
    }

    function _move(Curve memory curve, int256 from, int256 to) private pure returns (Curve memory) {
        uint256 sum;
        int256 exponent = _exponent(curve, to);
        unchecked {
            if (exponent <= CEILING) {
                sum = curve.sum - _term(curve, from) + uint256(FixedPointMathLib.expWad(exponent));
                if (sum < FLOOR_SUM) sum = 0;
            }
        }
        return Curve(curve.b, curve.offset, sum);
    }

    function _term(Curve memory curve, int256 quantity) private pure returns (uint256) {
        return uint256(FixedPointMathLib.expWad(_exponent(curve, quantity)));
    }

    /// @dev q/b − offset in 1e-18, rounded down. As the offset is whole, the rounding is the same in every window.
    function _exponent(Curve memory curve, int256 quantity) private pure returns (int256) {
        unchecked {
            int256 b = int256(curve.b);
            int256 dividend =
                quantity * int256(WEI_PER_SHARE) * WAD + (BIAS - curve.offset * WAD) * b;
            return int256(uint256(dividend) / uint256(b)) - BIAS;
        }
    }

    function _targetOfSale(Curve memory curve, uint256 amount) private pure returns (int256) {
        uint256 wanted = FixedPointMathLib.min(amount, type(uint96).max) * uint256(WAD);
        return potential(curve) - int256(FixedPointMathLib.divUp(wanted, curve.b)) - MARGIN;
    }

    function _fewest(uint256 b, int256 offset, uint256 rest, int256 target, int256 quantity)
        private
        pure
        returns (uint256)
    {
        (bool found, int256 to) = _quantityAt(b, offset, rest, target);
        return found && to >= -int256(limit(b)) ? uint256(quantity - to) : type(uint256).max;
    }

    /// @dev The quantity with which the potential is `target`, rounded down so that as computed, in any window, it
    /// never exceeds it. Not found: `rest`, the sum of all other terms, alone does.
    function _quantityAt(uint256 b, int256 offset, uint256 rest, int256 target)
        private
        pure
        returns (bool found, int256 quantity)
    {
        int256 exponent = target - offset * WAD;
        if (exponent > 130e18) {
            --exponent; // what the rest adds is less than e^(58 − 130)
        } else {
            uint256 sum = uint256(FixedPointMathLib.expWad(exponent));
            if (sum <= rest) return (false, 0);
            exponent = FixedPointMathLib.lnWad(int256(sum - rest));
        }
        exponent += offset * WAD;
        return (true, _floor(exponent * int256(b), int256(WEI_PER_SHARE) * WAD));
    }

    /// @dev Units of 1e-18 wei in wei, rounded up. What is below zero, no price is, reverts.
    function _up(int256 amount) private pure returns (uint256) {
        return FixedPointMathLib.divUp(amount.toUint256(), uint256(WAD));
    }

    /// @dev x / y rounded down, y > 0.
    function _floor(int256 x, int256 y) private pure returns (int256) {
        return x / y - (x % y < 0 ? int256(1) : int256(0));
    }
}
