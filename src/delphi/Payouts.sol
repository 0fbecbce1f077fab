// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";
import {LibBit} from "solady/utils/LibBit.sol";
import {LibCall} from "solady/utils/LibCall.sol";

import {IContest, Verdict} from "../judge/IContest.sol";
import {Book} from "./Book.sol";
import {IExchange, Market, MarketStatus, Outcome} from "./IDelphi.sol";
import {LMSR} from "./LMSR.sol";

/// @title Payouts
/// @notice How a market ends and what it pays then (docs/spec/delphi.md, section 3).
abstract contract Payouts is IExchange, Book {
    /// @notice What a contest may take to conclude. Who resolves a market brings as much, so that nobody makes its
    /// contest fail by starving it.
    uint256 public constant CONCLUDE_GAS = 6_000_000;
    /// @notice What a contest may take to say who owns an entrant.
    uint256 public constant OWNER_GAS = 100_000;
    /// @notice For how long after `voidsAt` a contest can hold a market.
    uint256 public constant HOLD_SECONDS = 365 days;

    error Delphi_StillTrading(uint256 closesAt);
    error Delphi_NotDecided(Verdict verdict);
    error Delphi_NotResolved(uint256 market);
    error Delphi_TooLittleGas(uint256 left);
    error Delphi_NothingToPay(uint256 market);

    // ------------------------------------------------------------------------------------------------
    // Resolution
    // ------------------------------------------------------------------------------------------------

    /// @inheritdoc IExchange
    function resolve(uint256 market) public returns (MarketStatus) {
        Market storage m = _market(market);
        if (m.status != MarketStatus.Open) return m.status;
        if (block.timestamp <= m.closesAt) revert Delphi_StillTrading(m.closesAt);
        (Verdict verdict, uint256 winners) = _conclude(m);
        if (m.status != MarketStatus.Open) return m.status; // the contest called back

        if (m.outcomes < 256) winners &= (1 << m.outcomes) - 1; // who is not listed cannot win here
        if (verdict == Verdict.Decided && winners != 0) {
            _settle(m, market, winners);
        } else if (verdict >= Verdict.Decided) {
            _void(m, market);
        } else {
            uint256 until = m.voidsAt;
            if (verdict == Verdict.Held) until += HOLD_SECONDS;
            if (block.timestamp <= until) revert Delphi_NotDecided(verdict);
            _void(m, market);
        }
        return m.status;
    }

    /// @dev Asks the contest, which may be anything: whatever it does, the market goes on, as if it had not decided.
    function _conclude(Market storage m) private returns (Verdict verdict, uint256 winners) {
        _bring(CONCLUDE_GAS);
        bytes memory call = abi.encodeCall(IContest.conclude, (m.contest));
        (bool done,, bytes memory answer) =
            LibCall.tryCall(address(m.source), 0, CONCLUDE_GAS, 64, call);
        if (!done || answer.length < 64) return (Verdict.Pending, 0);
        uint256 word;
        (word, winners) = abi.decode(answer, (uint256, uint256));
        verdict = word <= uint256(Verdict.Void) ? Verdict(word) : Verdict.Pending;
    }

    /// @dev Likewise; zero where it names nobody.
    function _ownerOf(Market storage m, uint256 outcome) private view returns (address) {
        _bring(OWNER_GAS);
        bytes memory call = abi.encodeCall(IContest.ownerOf, (m.contest, outcome));
        (bool done,, bytes memory answer) =
            LibCall.tryStaticCall(address(m.source), OWNER_GAS, 32, call);
        return done && answer.length >= 32 ? address(uint160(uint256(bytes32(answer)))) : address(0);
    }

    /// @dev All but a 64th of what is left can be given away: nobody makes a contest fail by starving it.
    function _bring(uint256 gas_) private view {
        if (gasleft() < gas_ + gas_ / 32 + 10_000) revert Delphi_TooLittleGas(gasleft());
    }

    function _settle(Market storage m, uint256 market, uint256 winners) private {
        uint256 count = LibBit.popCount(winners);
        m.status = MarketStatus.Settled;
        m.winner = uint8(LibBit.ffs(winners));
        m.winners = uint16(count);
        if (count > 1) m.tied = winners;
        uint256 each = LMSR.WEI_PER_SHARE / count;
        uint256 owed;
        for (uint256 left = winners; left != 0; left &= left - 1) {
            owed += _supply(m, _outcomes[market][LibBit.ffs(left)]) * each;
        }
        emit MarketSettled(market, winners, _close(m, owed));
    }

    function _void(Market storage m, uint256 market) private {
        (int256[] memory averages, int256 top) = _averages(m, market);
        uint256[] memory weights = new uint256[](averages.length);
        uint256 scale;
        for (uint256 i; i < averages.length; ++i) {
            scale += weights[i] = _weight(m.b, averages[i], top);
        }
        uint256 owed;
        for (uint256 i; i < averages.length; ++i) {
            owed += _supply(m, _outcomes[market][i]) * LMSR.WEI_PER_SHARE * weights[i] / scale;
        }
        m.voidTop = int64(top);
        m.voidScale = uint96(scale); // at most 256e18
        m.status = MarketStatus.Void;
        emit MarketVoided(market, _close(m, owed));
    }

    /// @dev Fixes the fees and leaves to the liquidity what neither holders nor anybody else has a claim to.
    function _close(Market storage m, uint256 owed) private returns (uint256 liquidity) {
        uint256 fees = _fees(m);
        m.fees = uint96(fees);
        uint256 others = _due(fees, m.creatorBps, m.creatorPaid)
            + _due(fees, m.protocolBps, m.protocolPaid) + _due(fees, m.modelBps, m.modelsPaid);
        // The pot covers both (section 3). Were it not so, holders would come first.
        liquidity = FixedPointMathLib.zeroFloorSub(m.pot, owed + others);
        m.liquidity = uint96(liquidity);
    }

    /// @dev What is left to be paid of a part of the fees; zero where these, as computed, fell after it was paid.
    function _due(uint256 fees, uint256 bps, uint256 paid) private pure returns (uint256) {
        return FixedPointMathLib.zeroFloorSub(fees * bps / ALL, paid);
    }

    /// @dev Shares that holders have of an outcome.
    function _supply(Market storage m, Outcome storage o) private view returns (uint256) {
        return uint256(int256(o.quantity) + int256(uint256(m.sets)));
    }

    /// @dev A function of the resolved market alone: whoever keeps shares for others can tell what they were paid.
    function _payout(
        Market storage m,
        MarketStatus status,
        Outcome storage o,
        uint256 outcome,
        uint256 shares
    ) private view returns (uint256) {
        if (status == MarketStatus.Void) {
            uint256 weight = _weight(m.b, _average(m, o), m.voidTop);
            return shares * LMSR.WEI_PER_SHARE * weight / m.voidScale;
        }
        return _isWinner(m, outcome) ? shares * (LMSR.WEI_PER_SHARE / m.winners) : 0;
    }

    /// @dev Likewise.
    function _liquidityPayout(Market storage m, uint256 shares) private view returns (uint256) {
        return FixedPointMathLib.fullMulDiv(m.liquidity, shares, m.liquidityShares);
    }

    function _resolved(uint256 market) private view returns (Market storage m) {
        m = _market(market);
        if (m.status == MarketStatus.Open) revert Delphi_NotResolved(market);
    }

    function _isWinner(Market storage m, uint256 outcome) private view returns (bool) {
        return m.winners > 1 ? m.tied >> outcome & 1 != 0 : outcome == m.winner;
    }

    // ------------------------------------------------------------------------------------------------
    // What is paid
    // ------------------------------------------------------------------------------------------------

    /// @inheritdoc IExchange
    function redeem(uint256 market, uint256 outcome, address owner) public returns (uint256 paid) {
        uint256[] memory outcomes = new uint256[](1);
        outcomes[0] = outcome;
        return _redeem(market, outcomes, owner);
    }

    /// @inheritdoc IExchange
    function redeemMany(uint256 market, uint256[] calldata outcomes, address owner)
        external
        returns (uint256 paid)
    {
        return _redeem(market, outcomes, owner);
    }

    function _redeem(uint256 market, uint256[] memory outcomes, address owner)
        private
        returns (uint256 paid)
    {
        MarketStatus status = resolve(market);
        Market storage m = _markets[market];
        bool any;
        for (uint256 i; i < outcomes.length; ++i) {
            Outcome storage o = _outcome(m, market, outcomes[i]);
            uint256 id = idOf(market, outcomes[i]);
            uint256 shares = balanceOf(owner, id);
            if (shares == 0) continue;
            any = true;
            uint256 amount = _payout(m, status, o, outcomes[i], shares);
            _burn(owner, id, shares);
            paid += amount;
            emit Redeemed(market, owner, outcomes[i], shares, amount);
        }
        if (!any) revert Delphi_NothingToPay(market);
        _pay(m, owner, paid);
    }

    /// @inheritdoc IExchange
    function redeemLiquidity(uint256 market, address owner) external returns (uint256 paid) {
        resolve(market);
        Market storage m = _markets[market];
        uint256 id = liquidityIdOf(market);
        uint256 shares = balanceOf(owner, id);
        if (shares == 0) revert Delphi_NothingToPay(market);
        paid = _liquidityPayout(m, shares);
        _burn(owner, id, shares);
        emit LiquidityRedeemed(market, owner, shares, paid);
        _pay(m, owner, paid);
    }

    /// @inheritdoc IExchange
    function statusOf(uint256 market) external view returns (MarketStatus) {
        return _markets[market].status;
    }

    /// @inheritdoc IExchange
    function payoutOf(uint256 market, uint256 outcome, uint256 shares)
        external
        view
        returns (uint256)
    {
        Market storage m = _resolved(market);
        return _payout(m, m.status, _outcome(m, market, outcome), outcome, shares);
    }

    /// @inheritdoc IExchange
    function liquidityPayoutOf(uint256 market, uint256 shares) external view returns (uint256) {
        return _liquidityPayout(_resolved(market), shares);
    }

    /// @inheritdoc IExchange
    function collectCreatorFees(uint256 market) external returns (uint256 paid) {
        Market storage m = _market(market);
        paid = _due(_feesSoFar(m), m.creatorBps, m.creatorPaid);
        m.creatorPaid += uint96(paid);
        _payFees(m, market, m.creator, paid);
    }

    /// @inheritdoc IExchange
    function creatorPaidOf(uint256 market) external view returns (uint256) {
        return _market(market).creatorPaid;
    }

    /// @inheritdoc IExchange
    function collectProtocolFees(uint256 market) external returns (uint256 paid) {
        Market storage m = _market(market);
        paid = _due(_feesSoFar(m), m.protocolBps, m.protocolPaid);
        m.protocolPaid += uint96(paid);
        _payFees(m, market, _treasury, paid);
    }

    /// @inheritdoc IExchange
    function collectModelFees(uint256 market, uint256 outcome) external returns (uint256 paid) {
        Market storage m = _market(market);
        uint256 earned = uint256(_outcome(m, market, outcome).fees) * LMSR.WEI_PER_SHARE;
        address owner = _ownerOf(m, outcome);
        paid = _due(earned, m.modelBps, _modelPaid[market][outcome]);
        // Fees as computed are some units of b below what they are, which is dust that somebody must wait for.
        paid = FixedPointMathLib.min(paid, _due(_feesSoFar(m), m.modelBps, m.modelsPaid));
        _modelPaid[market][outcome] += paid;
        m.modelsPaid += uint96(paid);
        _payFees(m, market, owner == address(0) ? m.creator : owner, paid);
    }

    function _feesSoFar(Market storage m) private view returns (uint256) {
        return m.status == MarketStatus.Open ? _fees(m) : m.fees;
    }

    function _payFees(Market storage m, uint256 market, address to, uint256 amount) private {
        if (amount == 0) revert Delphi_NothingToPay(market);
        emit FeesCollected(market, to, amount);
        _pay(m, to, amount);
    }
}
