// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";
import {SafeCastLib} from "solady/utils/SafeCastLib.sol";
import {SafeTransferLib} from "solady/utils/SafeTransferLib.sol";

import {Book} from "./Book.sol";
import {IMarkets, Market, MarketStatus, MarketTerms, Outcome} from "./IDelphi.sol";
import {Curve, LMSR} from "./LMSR.sol";

/// @title Markets
/// @notice How markets begin and grow: creation, listing, complete sets, liquidity (docs/spec/delphi.md, section 2).
/// Delphi runs it by delegatecall on its own storage (`Book`); by itself it is empty and creates nothing.
contract Markets is IMarkets, Book {
    using SafeCastLib for uint256;
    using SafeCastLib for int256;
    using SafeTransferLib for address;

    uint256 public constant MAX_FEE_BPS = 1_000;
    /// @notice How far ahead trading may end, and how long after that a market may wait for its contest.
    uint256 public constant MAX_SECONDS = 365 days;

    error Delphi_Paused();
    error Delphi_MarketExists(uint256 market);
    /// @notice The contest has no entrant that is not listed.
    error Delphi_NothingToList(uint256 entrants);

    constructor(address token_) Book(token_) {
        _paused = true; // of its own storage: nothing is created but in Delphi
    }

    // ------------------------------------------------------------------------------------------------
    // Markets
    // ------------------------------------------------------------------------------------------------

    /// @inheritdoc IMarkets
    function create(MarketTerms calldata terms, uint256 maxSubsidy, bytes32 salt)
        external
        returns (uint256 market)
    {
        if (_paused) revert Delphi_Paused();
        uint16 protocolBps = _protocolBps;
        _checkTerms(terms, protocolBps);
        market = uint256(keccak256(abi.encode(msg.sender, terms, salt))) >> 16;
        Market storage m = _markets[market];
        if (m.status != MarketStatus.None) revert Delphi_MarketExists(market);
        uint256 outcomes = terms.source.entrantsOf(terms.contest);
        uint256 subsidy = LMSR.funding(terms.b, outcomes);
        if (subsidy > maxSubsidy) revert Delphi_TooDear(subsidy, maxSubsidy);
        Curve memory curve = LMSR.open(terms.b, outcomes);
        m.b = terms.b;
        m.outcomes = uint16(outcomes);
        m.feeBps = terms.feeBps;
        m.opensAt = uint40(block.timestamp);
        m.closesAt = terms.closesAt;
        m.status = MarketStatus.Open;
        (m.offset, m.pot, m.sum) = (int16(curve.offset), uint96(subsidy), uint144(curve.sum));
        m.source = terms.source;
        m.voidsAt = terms.voidsAt;
        m.creatorBps = terms.creatorBps;
        m.modelBps = terms.modelBps;
        m.protocolBps = protocolBps;
        m.contest = terms.contest;
        m.creator = msg.sender;
        m.liquidityShares = uint96(subsidy);
        emit MarketCreated(market, msg.sender, terms, outcomes, subsidy, protocolBps);
        _mint(msg.sender, liquidityIdOf(market), subsidy);
        token.safeTransferFrom(msg.sender, address(this), subsidy);
    }

    function _checkTerms(MarketTerms calldata terms, uint256 protocolBps) private view {
        uint256 closesAt = terms.closesAt;
        if (closesAt <= block.timestamp || closesAt > block.timestamp + MAX_SECONDS) {
            revert Delphi_BadTerms("closesAt");
        }
        if (closesAt > terms.source.secretUntil(terms.contest)) {
            revert Delphi_BadTerms("closesAt");
        }
        if (
            terms.voidsAt < FixedPointMathLib.max(closesAt, terms.source.decidedBy(terms.contest))
                || terms.voidsAt > closesAt + MAX_SECONDS
        ) revert Delphi_BadTerms("voidsAt");
        if (terms.feeBps > MAX_FEE_BPS) revert Delphi_BadTerms("feeBps");
        if (uint256(terms.creatorBps) + terms.modelBps + protocolBps > ALL) {
            revert Delphi_BadTerms("creatorBps");
        }
    }

    /// @inheritdoc IMarkets
    function list(uint256 market, uint256 maxCost, uint256 deadline)
        external
        returns (uint256 outcome, uint256 cost)
    {
        Market storage m = _buying(market, deadline);
        outcome = m.outcomes;
        if (outcome == LMSR.MAX_OUTCOMES || outcome >= m.source.entrantsOf(m.contest)) {
            revert Delphi_NothingToList(outcome);
        }
        // The sets there are do not contain it, and those there were did not.
        int256 quantity = -int256(uint256(m.sets));
        Curve memory curve = _curve(m);
        Curve memory next = LMSR.admit(curve, quantity);
        Outcome storage o = _outcomes[market][outcome];
        o.quantity = int64(quantity);
        o.since = uint32(block.timestamp);
        o.weighted = -_weighSets(m).toInt256().toInt96();
        m.outcomes = uint16(outcome + 1);
        if (next.sum == 0) next = LMSR.gather(m.b, _quantities(m, market));
        cost = LMSR.charge(curve, next);
        if (cost > maxCost) revert Delphi_TooDear(cost, maxCost);
        _book(m, next, uint256(m.pot) + cost);
        emit OutcomeListed(market, outcome, msg.sender, cost);
        token.safeTransferFrom(msg.sender, address(this), cost);
    }

    /// @inheritdoc IMarkets
    function remake(uint256 market) external {
        Market storage m = _market(market);
        if (m.status != MarketStatus.Open) return;
        _book(m, LMSR.gather(m.b, _quantities(m, market)), m.pot);
    }

    // ------------------------------------------------------------------------------------------------
    // Sets and liquidity
    // ------------------------------------------------------------------------------------------------

    /// @inheritdoc IMarkets
    function mintSets(uint256 market, uint256 sets) external {
        Market storage m = _buying(market, block.timestamp);
        if (sets == 0) revert LMSR.LMSR_NoShares();
        uint256 limit = LMSR.limit(m.b);
        if (sets > limit - m.sets) {
            revert LMSR.LMSR_QuantityOutOfRange(int256(uint256(m.sets)), sets, limit);
        }
        uint256 cost = sets * LMSR.WEI_PER_SHARE;
        _countSets(m, m.sets + sets);
        m.pot = (uint256(m.pot) + cost).toUint96();
        emit SetsMinted(market, msg.sender, sets);
        for (uint256 i; i < m.outcomes; ++i) {
            _mint(msg.sender, idOf(market, i), sets);
        }
        token.safeTransferFrom(msg.sender, address(this), cost);
    }

    /// @inheritdoc IMarkets
    function burnSets(uint256 market, uint256 sets) external {
        Market storage m = _market(market);
        if (m.status != MarketStatus.Open) revert Delphi_Closed(market, m.closesAt);
        if (sets == 0) revert LMSR.LMSR_NoShares();
        for (uint256 i; i < m.outcomes; ++i) {
            _burn(msg.sender, idOf(market, i), sets);
        }
        if (sets > m.sets) revert Delphi_TooLittle(m.sets, sets);
        _countSets(m, m.sets - sets);
        emit SetsBurned(market, msg.sender, sets);
        _pay(m, msg.sender, sets * LMSR.WEI_PER_SHARE);
    }

    function _countSets(Market storage m, uint256 sets) private {
        m.setsWeighted = _weighSets(m).toUint96();
        m.setsSince = uint40(block.timestamp);
        m.sets = uint64(sets); // within LMSR.limit
    }

    /// @inheritdoc IMarkets
    function addLiquidity(uint256 market, uint96 b, uint256 maxCost, uint256 deadline)
        external
        returns (uint256 cost, uint256 liquidityShares)
    {
        Market storage m = _buying(market, deadline);
        Curve memory curve = _curve(m);
        int256[] memory quantities = _quantities(m, market);
        uint256[] memory shares = LMSR.joined(curve, b, quantities);
        uint256 growth = b - curve.b;
        // A part of what liquidity earned until now, for as large a part of what it earns at the end.
        uint256 earned = FixedPointMathLib.mulDivUp(
            _fees(m) * _liquidityBps(m) / ALL + m.boughtIn, growth, curve.b
        );
        liquidityShares = FixedPointMathLib.fullMulDiv(m.liquidityShares, growth, curve.b);
        // Averages are of quantities that are as large, beside b, as they were, and like them within the limit.
        int256 most = int256(LMSR.limit(b) * (block.timestamp - m.opensAt));
        _countSets(m, m.sets);
        m.setsWeighted =
            uint96(FixedPointMathLib.min(uint256(m.setsWeighted) * b / curve.b, uint256(most)));
        for (uint256 i; i < quantities.length; ++i) {
            quantities[i] += int256(shares[i]);
            Outcome storage o = _outcomes[market][i];
            int256 weighted = _weigh(o) * int256(uint256(b)) / int256(curve.b);
            o.weighted = int96(FixedPointMathLib.clamp(weighted, -most, most));
            o.since = uint32(block.timestamp);
            o.quantity = int64(quantities[i]);
            _mint(msg.sender, idOf(market, i), shares[i]);
        }
        m.b = b;
        Curve memory next = LMSR.gather(b, quantities);
        cost = LMSR.charge(curve, next) + earned;
        if (cost > maxCost) revert Delphi_TooDear(cost, maxCost);
        m.boughtIn = (uint256(m.boughtIn) + earned).toUint96();
        m.liquidityShares = (uint256(m.liquidityShares) + liquidityShares).toUint96();
        _book(m, next, uint256(m.pot) + cost);
        emit LiquidityAdded(market, msg.sender, b, cost, liquidityShares);
        _mint(msg.sender, liquidityIdOf(market), liquidityShares);
        token.safeTransferFrom(msg.sender, address(this), cost);
    }

    // ------------------------------------------------------------------------------------------------
    // Views
    // ------------------------------------------------------------------------------------------------

    /// @inheritdoc IMarkets
    function pricesOf(uint256 market) external view returns (uint256[] memory prices) {
        Market storage m = _market(market);
        Curve memory curve = _curve(m);
        prices = new uint256[](m.outcomes);
        for (uint256 i; i < prices.length; ++i) {
            prices[i] = LMSR.price(curve, _outcomes[market][i].quantity);
        }
    }

    /// @inheritdoc IMarkets
    function refundsOf(uint256 market) external view returns (uint256[] memory refunds) {
        Market storage m = _market(market);
        (int256[] memory averages, int256 top) = _averages(m, market);
        refunds = new uint256[](averages.length);
        uint256 scale;
        for (uint256 i; i < refunds.length; ++i) {
            scale += refunds[i] = _weight(m.b, averages[i], top);
        }
        for (uint256 i; i < refunds.length; ++i) {
            refunds[i] = refunds[i] * WAD / scale;
        }
    }
}
