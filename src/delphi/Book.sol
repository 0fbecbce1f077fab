// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";
import {SafeCastLib} from "solady/utils/SafeCastLib.sol";
import {SafeTransferLib} from "solady/utils/SafeTransferLib.sol";
import {ERC6909} from "solady/tokens/ERC6909.sol";

import {Curve, LMSR} from "./LMSR.sol";
import {IBook, Market, MarketStatus, Outcome} from "./IDelphi.sol";

/// @title Book
/// @notice What Delphi stores, its shares, and what a market is worth: the part that trading and paying out share.
abstract contract Book is IBook, ERC6909 {
    using SafeCastLib for uint256;
    using SafeTransferLib for address;

    uint256 internal constant ALL = 10_000; // basis points
    uint256 internal constant WAD = 1e18;
    /// @dev Of an id the lower bits name the outcome, or these the liquidity.
    uint256 internal constant LIQUIDITY = type(uint16).max;

    address public immutable token;

    mapping(uint256 market => Market) internal _markets;
    mapping(uint256 market => mapping(uint256 outcome => Outcome)) internal _outcomes;
    address internal _treasury;
    uint16 internal _protocolBps;
    bool internal _paused;
    mapping(uint256 market => mapping(uint256 outcome => uint256)) internal _modelPaid;

    error Delphi_UnknownMarket(uint256 market);
    error Delphi_UnknownOutcome(uint256 market, uint256 outcome);
    /// @notice `field` of the terms lies outside its bounds.
    error Delphi_BadTerms(string field);
    error Delphi_Halted(uint256 market);
    error Delphi_Closed(uint256 market, uint256 closesAt);
    error Delphi_PastDeadline(uint256 deadline);
    error Delphi_TooDear(uint256 cost, uint256 maxCost);
    error Delphi_TooLittle(uint256 amount, uint256 minAmount);

    constructor(address token_) {
        token = token_;
    }

    function _market(uint256 market) internal view returns (Market storage m) {
        m = _markets[market];
        if (m.status == MarketStatus.None) revert Delphi_UnknownMarket(market);
    }

    function _outcome(Market storage m, uint256 market, uint256 outcome)
        internal
        view
        returns (Outcome storage)
    {
        if (outcome >= m.outcomes) revert Delphi_UnknownOutcome(market, outcome);
        return _outcomes[market][outcome];
    }

    function _buying(uint256 market, uint256 deadline) internal view returns (Market storage m) {
        m = _trading(market, deadline);
        if (m.isHalted) revert Delphi_Halted(market);
    }

    function _trading(uint256 market, uint256 deadline) internal view returns (Market storage m) {
        m = _market(market);
        if (block.timestamp > m.closesAt) revert Delphi_Closed(market, m.closesAt);
        if (block.timestamp > deadline) revert Delphi_PastDeadline(deadline);
    }

    function _curve(Market storage m) internal view returns (Curve memory) {
        return Curve(m.b, m.offset, m.sum);
    }

    function _quantities(Market storage m, uint256 market)
        internal
        view
        returns (int256[] memory quantities)
    {
        quantities = new int256[](m.outcomes);
        for (uint256 i; i < quantities.length; ++i) {
            quantities[i] = _outcomes[market][i].quantity;
        }
    }

    /// @dev One store for the three fields, which the compiler would write one by one. They are the second word of a market.
    function _book(Market storage m, Curve memory curve, uint256 pot) internal {
        uint256 word = uint16(int16(curve.offset)) // within LMSR.MAX_NATS and the window
            | uint256(pot.toUint96()) << 16 | curve.sum << 112; // an invariant of Curve
        assembly ("memory-safe") {
            sstore(add(m.slot, 1), word)
        }
    }

    function _pay(Market storage m, address to, uint256 amount) internal {
        m.pot -= uint96(amount);
        if (amount != 0) token.safeTransfer(to, amount);
    }

    /// @dev Counts the time for which an outcome had its present quantity, up to now.
    function _weigh(Outcome storage o) internal view returns (int256) {
        return o.weighted + int256(o.quantity) * int256(block.timestamp - o.since);
    }

    /// @dev Likewise for sets.
    function _weighSets(Market storage m) internal view returns (uint256) {
        return m.setsWeighted + uint256(m.sets) * (block.timestamp - m.setsSince);
    }

    /// @dev All fees of a market until now, rounding in its favour included: what its pot holds and has paid of them
    /// beyond what the curve is worth at most, the sets, and what providers of liquidity brought in. Never more than
    /// the exact value, which never falls; as computed it may, by less than three units of b.
    function _fees(Market storage m) internal view returns (uint256) {
        uint256 held = uint256(m.pot) + m.creatorPaid + m.protocolPaid + m.modelsPaid;
        int256 owed =
            LMSR.worth(_curve(m)) + int256(uint256(m.sets) * LMSR.WEI_PER_SHARE + m.boughtIn);
        return uint256(FixedPointMathLib.max(int256(held) - owed, int256(0)));
    }

    /// @dev What nobody but the liquidity gets of fees.
    function _liquidityBps(Market storage m) internal view returns (uint256) {
        return ALL - m.creatorBps - m.modelBps - m.protocolBps;
    }

    /// @dev The outcomes' average quantities: from the creation until now or the end of trading.
    function _averages(Market storage m, uint256 market)
        internal
        view
        returns (int256[] memory averages, int256 top)
    {
        uint256 n = m.outcomes;
        averages = new int256[](n);
        top = type(int256).min;
        for (uint256 i; i < n; ++i) {
            averages[i] = _average(m, _outcomes[market][i]);
            if (averages[i] > top) top = averages[i];
        }
    }

    function _average(Market storage m, Outcome storage o) internal view returns (int256) {
        uint256 end = FixedPointMathLib.min(block.timestamp, m.closesAt);
        if (end == m.opensAt) return o.quantity;
        int256 weighted = o.weighted + int256(o.quantity) * (int256(end) - int256(uint256(o.since)));
        return weighted / int256(end - m.opensAt);
    }

    /// @dev e^((average − top) / b), in 1e-18: at most 1.
    function _weight(uint256 b, int256 average, int256 top) internal pure returns (uint256) {
        int256 exponent = (average - top) * int256(LMSR.WEI_PER_SHARE) * int256(WAD) / int256(b);
        return uint256(FixedPointMathLib.expWad(exponent));
    }

    // ------------------------------------------------------------------------------------------------
    // ERC-6909
    // ------------------------------------------------------------------------------------------------

    /// @inheritdoc IBook
    function idOf(uint256 market, uint256 outcome) public pure returns (uint256) {
        return market << 16 | outcome;
    }

    /// @inheritdoc IBook
    function liquidityIdOf(uint256 market) public pure returns (uint256) {
        return market << 16 | LIQUIDITY;
    }

    function name(uint256 id) public pure override returns (string memory) {
        return id & LIQUIDITY == LIQUIDITY ? "Delphi liquidity" : "Delphi outcome";
    }

    function symbol(uint256 id) public pure override returns (string memory) {
        return id & LIQUIDITY == LIQUIDITY ? "DELPHI-L" : "DELPHI";
    }

    /// @notice Nine for shares of outcomes, eighteen for liquidity.
    function decimals(uint256 id) public pure override returns (uint8) {
        return id & LIQUIDITY == LIQUIDITY ? 18 : 9;
    }

    /// @notice Empty: a market's metadata are named by content hash in the event of its creation.
    function tokenURI(uint256) public pure override returns (string memory) {
        return "";
    }
}
