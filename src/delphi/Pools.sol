// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC6909} from "solady/tokens/ERC6909.sol";
import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";
import {SafeCastLib} from "solady/utils/SafeCastLib.sol";
import {SafeTransferLib} from "solady/utils/SafeTransferLib.sol";

import {IPerpetual, Request, Series, Turn} from "./IPerpetual.sol";

/// @title Pools
/// @notice The pooled liquidity of series: shares, requests, and turns at which these are done (docs/spec/delphi.md,
/// section 4.3).
abstract contract Pools is IPerpetual, ERC6909 {
    using SafeCastLib for uint256;
    using SafeTransferLib for address;

    /// @dev Of the smallest unit of shares, for a wei of the first deposit.
    uint256 internal constant FIRST_RATE = 1e6;
    /// @dev Deposits are taken while a unit is worth at most that many wei, which is then the most that rounding can
    /// take from one, and a wei at most that many units. Beyond they are given back. Who has nearly all shares can
    /// lose to its own market and so make a unit worth a million times more each time, but nobody pays for it.
    uint256 internal constant MAX_WEI_PER_UNIT = 1e6;
    uint256 internal constant MAX_UNITS_PER_WEI = 1e18;

    address public immutable token;

    mapping(uint256 series => Series) internal _all;
    mapping(uint256 series => mapping(address owner => Request)) internal _requests;
    mapping(uint256 series => mapping(uint256 turn => Turn)) internal _turns;

    error Perpetual_UnknownSeries(uint256 series);
    error Perpetual_WoundUp(uint256 series);
    error Perpetual_NothingToDo();

    constructor(address token_) {
        token = token_;
    }

    /// @inheritdoc IPerpetual
    function requestDeposit(uint256 series, uint96 assets) external {
        Series storage s = _running(series);
        if (assets == 0) revert Perpetual_NothingToDo();
        _current(s, series).assets += assets;
        s.queuedAssets += assets;
        emit DepositRequested(series, msg.sender, assets);
        token.safeTransferFrom(msg.sender, address(this), assets);
    }

    /// @inheritdoc IPerpetual
    function requestWithdrawal(uint256 series, uint128 shares) external {
        Series storage s = _series(series);
        if (shares == 0) revert Perpetual_NothingToDo();
        Request storage r = _current(s, series);
        _burn(msg.sender, series, shares);
        r.shares += shares;
        s.queuedShares += shares;
        emit WithdrawalRequested(series, msg.sender, shares);
    }

    /// @dev The caller's request for the turn to come; what an earlier one left is paid first.
    function _current(Series storage s, uint256 series) private returns (Request storage r) {
        r = _requests[series][msg.sender];
        if (r.turn == s.turn) return r;
        _claim(series, msg.sender, r);
        r.turn = s.turn;
    }

    /// @inheritdoc IPerpetual
    function cancel(uint256 series) external {
        Series storage s = _series(series);
        Request storage r = _requests[series][msg.sender];
        (uint96 assets, uint128 shares) = (r.assets, r.shares);
        if (r.turn != s.turn || (assets == 0 && shares == 0)) revert Perpetual_NothingToDo();
        (r.assets, r.shares) = (0, 0);
        s.queuedAssets -= assets;
        s.queuedShares -= shares;
        emit RequestCancelled(series, msg.sender, assets, shares);
        if (shares != 0) _mint(msg.sender, series, shares);
        if (assets != 0) token.safeTransfer(msg.sender, assets);
    }

    /// @inheritdoc IPerpetual
    function claim(uint256 series, address owner)
        external
        returns (uint256 assets, uint256 shares)
    {
        Request storage r = _requests[series][owner];
        if (r.turn == _series(series).turn || (r.assets == 0 && r.shares == 0)) {
            revert Perpetual_NothingToDo();
        }
        (assets, shares) = _claim(series, owner, r);
    }

    /// @dev Rounds down: what all get of a turn is at most what it left.
    function _claim(uint256 series, address owner, Request storage r)
        private
        returns (uint256 assets, uint256 shares)
    {
        (uint256 deposit, uint256 withdrawal) = (r.assets, r.shares);
        if (deposit == 0 && withdrawal == 0) return (0, 0);
        Turn memory t = _turns[series][r.turn];
        (r.assets, r.shares) = (0, 0);
        if (t.minted == 0) assets = deposit;
        else shares = deposit * t.minted / t.deposited;
        if (withdrawal != 0) assets += withdrawal * t.paid / t.withdrawn;
        emit Claimed(series, owner, assets, shares);
        if (shares != 0) _mint(owner, series, shares);
        if (assets != 0) token.safeTransfer(owner, assets);
    }

    /// @dev Does all that was asked for, in one step whoever asked, while no market has assets of the series. Rounds
    /// in favour of the shares that stay.
    function _takeTurn(Series storage s, uint256 series) internal {
        (uint256 deposited, uint256 withdrawn) = (s.queuedAssets, s.queuedShares);
        if (deposited == 0 && withdrawn == 0) return;
        (uint256 assets, uint256 shares) = (s.assets, s.shares);
        uint256 paid = withdrawn == 0 ? 0 : assets * withdrawn / shares;
        uint256 minted = s.isWoundUp ? 0 : _sharesFor(deposited, assets, shares);
        Turn memory done = Turn({
            deposited: uint96(deposited),
            minted: uint128(minted),
            withdrawn: uint128(withdrawn),
            paid: uint96(paid)
        });
        uint256 turn = s.turn;
        _turns[series][turn] = done;
        s.assets = (assets - paid + (minted == 0 ? 0 : deposited)).toUint96();
        s.shares = uint128(shares - withdrawn + minted);
        (s.queuedAssets, s.queuedShares) = (0, 0);
        s.turn = uint32(turn + 1);
        emit TurnTaken(series, turn, done);
    }

    /// @dev Zero where the deposits are to be given back.
    function _sharesFor(uint256 deposited, uint256 assets, uint256 shares)
        private
        pure
        returns (uint256 minted)
    {
        if (shares == 0) return deposited * FIRST_RATE;
        if (assets > shares * MAX_WEI_PER_UNIT || shares > assets * MAX_UNITS_PER_WEI) return 0;
        minted = FixedPointMathLib.fullMulDiv(deposited, shares, assets);
        if (minted + shares > type(uint128).max) minted = 0;
    }

    function _series(uint256 series) internal view returns (Series storage s) {
        s = _all[series];
        if (s.turn == 0) revert Perpetual_UnknownSeries(series);
    }

    function _running(uint256 series) internal view returns (Series storage s) {
        s = _series(series);
        if (s.isWoundUp) revert Perpetual_WoundUp(series);
    }

    // ------------------------------------------------------------------------------------------------
    // Views
    // ------------------------------------------------------------------------------------------------

    /// @inheritdoc IPerpetual
    function seriesOf(uint256 series) external view returns (Series memory) {
        return _series(series);
    }

    /// @inheritdoc IPerpetual
    function requestOf(uint256 series, address owner) external view returns (Request memory) {
        return _requests[series][owner];
    }

    /// @inheritdoc IPerpetual
    function turnOf(uint256 series, uint256 turn) external view returns (Turn memory) {
        return _turns[series][turn];
    }

    function name(uint256) public pure override returns (string memory) {
        return "Delphi series";
    }

    function symbol(uint256) public pure override returns (string memory) {
        return "DELPHI-S";
    }

    function decimals(uint256) public pure override returns (uint8) {
        return 24;
    }

    /// @notice Empty: a series' metadata are named by content hash in the event of its creation.
    function tokenURI(uint256) public pure override returns (string memory) {
        return "";
    }
}
