// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {Multicallable} from "solady/utils/Multicallable.sol";
import {SafeCastLib} from "solady/utils/SafeCastLib.sol";
import {SafeTransferLib} from "solady/utils/SafeTransferLib.sol";

import {ContestTerms, Entrant, IJudge, Round} from "../judge/IJudge.sol";
import {IDelphi, MarketTerms} from "./IDelphi.sol";
import {Epoch, IPerpetual, Series, SeriesTerms} from "./IPerpetual.sol";
import {LMSR} from "./LMSR.sol";
import {Pools} from "./Pools.sol";

/// @title Perpetual
/// @notice Series of markets: their epochs, and positions that go along (docs/spec/delphi.md, section 4).
/// @dev Judge, Delphi and the token are the protocol's own and call nobody back. What a resolved market paid this
/// contract is asked of Delphi, not read from balances: anyone may redeem and collect for it.
contract Perpetual is Pools, Multicallable {
    using SafeCastLib for uint256;
    using SafeTransferLib for address;

    uint256 public constant MAX_RISK_BPS = 5_000;
    /// @notice So that the protocol's part, whatever it becomes, keeps no market from being made.
    uint256 public constant MAX_SHARED_BPS = 5_000;
    uint256 public constant MAX_FEE_BPS = 1_000;
    uint256 public constant MAX_EPOCH_SECONDS = 180 days;
    /// @notice After so many epochs without a contest anyone may wind a series up.
    uint256 public constant LAPSE_EPOCHS = 4;

    uint256 internal constant ALL = 10_000; // basis points

    IDelphi public immutable delphi;
    IJudge public immutable judge;

    mapping(uint256 series => mapping(uint256 epoch => Epoch)) internal _epochs;
    mapping(uint256 series => mapping(uint256 epoch => bytes32[])) internal _testSets;

    error Perpetual_ZeroAddress();
    error Perpetual_SeriesExists(uint256 series);
    /// @notice `field` of the terms lies outside its bounds.
    error Perpetual_BadTerms(string field);
    error Perpetual_WrongTerms(bytes32 terms);
    error Perpetual_NotCurator(address curator);
    error Perpetual_BadTestSets(uint256 given, uint256 rounds);
    error Perpetual_AlreadyCommitted(uint256 epoch);
    error Perpetual_NoTestSets(uint256 epoch);
    error Perpetual_AlreadyOpen(uint256 epoch);
    /// @notice Possible until then only, unix seconds.
    error Perpetual_TooLate(uint256 until);
    error Perpetual_TooEarly(uint256 from);
    error Perpetual_TooFewEntrants(uint256 entrants, uint256 least);
    /// @notice The series can risk so little that no market is made of it.
    error Perpetual_TooLittle(uint256 riskWei);
    /// @notice The market of this epoch has the series' liquidity.
    error Perpetual_IsLive(uint256 epoch);
    error Perpetual_NoLiveMarket();
    error Perpetual_HasMarket(uint256 market);
    error Perpetual_NotOperator(address caller);
    error Perpetual_OtherOwner(address from, address to);

    constructor(IDelphi delphi_, IJudge judge_) Pools(delphi_.token()) {
        if (address(judge_) == address(0)) revert Perpetual_ZeroAddress();
        delphi = delphi_;
        judge = judge_;
        token.safeApprove(address(delphi_), type(uint256).max);
        token.safeApprove(address(judge_), type(uint256).max);
    }

    // ------------------------------------------------------------------------------------------------
    // Series
    // ------------------------------------------------------------------------------------------------

    /// @inheritdoc IPerpetual
    function create(SeriesTerms calldata terms, bytes32 salt) external returns (uint256 series) {
        _checkTerms(terms);
        series = uint256(keccak256(abi.encode(msg.sender, terms, salt)));
        Series storage s = _all[series];
        if (s.turn != 0) revert Perpetual_SeriesExists(series);
        s.curator = msg.sender;
        s.turn = 1;
        s.terms = keccak256(abi.encode(terms));
        (s.startsAt, s.openedAt) = (terms.startsAt, terms.startsAt);
        s.epochSeconds = terms.epochSeconds;
        s.rounds = terms.rounds;
        emit SeriesCreated(series, msg.sender, terms);
    }

    /// @dev With these no contest and no market is ever refused but for want of governance's leave.
    function _checkTerms(SeriesTerms calldata t) private view {
        _require("evaluator", judge.isEvaluator(t.evaluator));
        _require("attester", t.attester != address(0));
        _require(
            "startsAt", t.startsAt >= block.timestamp && t.startsAt <= block.timestamp + 365 days
        );
        _require("minEntrants", t.minEntrants >= 2 && t.minEntrants <= t.maxEntrants);
        _require("maxEntrants", t.maxEntrants <= LMSR.MAX_OUTCOMES);
        uint256 rounds = t.rounds;
        _require("rounds", rounds != 0 && rounds <= 16 && rounds * t.maxEntrants <= 1_024);
        _require("entrySeconds", t.entrySeconds >= 2 && t.entrySeconds <= t.epochSeconds);
        _require("roundSeconds", t.roundSeconds >= 2);
        uint256 decidedAfter = rounds * t.roundSeconds + t.orderSeconds + t.solveSeconds;
        _require(
            "epochSeconds", decidedAfter <= t.epochSeconds && t.epochSeconds <= MAX_EPOCH_SECONDS
        );
        _require("workSeconds", t.workSeconds != 0 && t.workSeconds <= 365 days);
        _require("reward", t.reward != 0 && t.reward <= type(uint96).max / 16);
        _require("riskBps", t.riskBps != 0 && t.riskBps <= MAX_RISK_BPS);
        _require("feeBps", t.feeBps <= MAX_FEE_BPS);
        _require("creatorBps", uint256(t.creatorBps) + t.modelBps <= MAX_SHARED_BPS);
        _require("uri", bytes(t.uri).length <= 1_024);
    }

    function _require(string memory field, bool condition) private pure {
        if (!condition) revert Perpetual_BadTerms(field);
    }

    /// @inheritdoc IPerpetual
    function commitTestSets(uint256 series, uint256 epoch, bytes32[] calldata testSets) external {
        Series storage s = _running(series);
        if (msg.sender != s.curator) revert Perpetual_NotCurator(s.curator);
        if (testSets.length != s.rounds) revert Perpetual_BadTestSets(testSets.length, s.rounds);
        if (_testSets[series][epoch].length != 0) revert Perpetual_AlreadyCommitted(epoch);
        _testSets[series][epoch] = testSets;
        emit TestSetsCommitted(series, epoch, testSets);
    }

    /// @inheritdoc IPerpetual
    function windUp(uint256 series) external {
        Series storage s = _running(series);
        if (msg.sender != s.curator) {
            uint256 from = s.openedAt + LAPSE_EPOCHS * uint256(s.epochSeconds);
            if (block.timestamp <= from) revert Perpetual_TooEarly(from + 1);
        }
        s.isWoundUp = true;
        emit WoundUp(series, msg.sender);
    }

    function _isOf(Series storage s, SeriesTerms calldata terms) private view {
        if (keccak256(abi.encode(terms)) != s.terms) revert Perpetual_WrongTerms(s.terms);
    }

    // ------------------------------------------------------------------------------------------------
    // Contests
    // ------------------------------------------------------------------------------------------------

    /// @inheritdoc IPerpetual
    function openContest(uint256 series, SeriesTerms calldata t)
        external
        returns (uint256 contest)
    {
        Series storage s = _running(series);
        _isOf(s, t);
        uint256 epoch = epochAt(series);
        if (s.opened > epoch) revert Perpetual_AlreadyOpen(epoch);
        bytes32[] memory testSets = _testSets[series][epoch];
        if (testSets.length == 0) revert Perpetual_NoTestSets(epoch);
        uint256 closes = _entriesClose(t, epoch);
        uint256 until = closes - t.entrySeconds / 2;
        if (block.timestamp > until) revert Perpetual_TooLate(until);

        Round[] memory rounds = new Round[](testSets.length);
        uint256 opensAt = closes;
        for (uint256 r; r < rounds.length; ++r) {
            opensAt += t.roundSeconds;
            rounds[r] = Round(testSets[r], uint40(opensAt), uint40(opensAt + t.orderSeconds));
        }
        contest = judge.open(
            ContestTerms({
                evaluator: t.evaluator,
                attester: t.attester,
                maxEntrants: t.maxEntrants,
                entriesClose: uint40(closes),
                workSeconds: t.workSeconds,
                solveSeconds: t.solveSeconds,
                reward: t.reward,
                stake: t.stake,
                uri: t.uri,
                rounds: rounds
            }),
            keccak256(abi.encode(series, epoch))
        );
        s.opened = uint32(epoch + 1);
        s.openedAt = uint40(block.timestamp);
        _epochs[series][epoch].contest = contest;
        emit ContestOpened(series, epoch, contest);
    }

    /// @inheritdoc IPerpetual
    function carry(uint256 series, uint256 epoch, uint256 entrant) external returns (uint256) {
        (uint256 into, Epoch storage e) = _latest(_series(series), series);
        Entrant memory old = judge.entrantOf(_epochs[series][epoch].contest, entrant);
        emit EntrantCarried(series, into, epoch, entrant, msg.sender);
        token.safeTransferFrom(msg.sender, address(this), judge.entryFeeOf(e.contest));
        bytes32 provenance = keccak256(abi.encode(_epochs[series][epoch].contest, entrant));
        return judge.enter(e.contest, old.owner, old.commitment, provenance);
    }

    function _entriesClose(SeriesTerms calldata t, uint256 epoch) private pure returns (uint256) {
        return t.startsAt + epoch * t.epochSeconds + t.entrySeconds;
    }

    /// @dev The epoch whose contest was opened last.
    function _latest(Series storage s, uint256 series)
        private
        view
        returns (uint256 epoch, Epoch storage e)
    {
        if (s.opened == 0) revert Perpetual_NothingToDo();
        epoch = s.opened - 1;
        e = _epochs[series][epoch];
    }

    // ------------------------------------------------------------------------------------------------
    // Markets
    // ------------------------------------------------------------------------------------------------

    /// @inheritdoc IPerpetual
    function openMarket(uint256 series, SeriesTerms calldata t) external returns (uint256 market) {
        Series storage s = _running(series);
        _isOf(s, t);
        if (s.live != 0) revert Perpetual_IsLive(s.live - 1);
        (uint256 epoch, Epoch storage e) = _latest(s, series);
        if (e.market != 0) revert Perpetual_HasMarket(e.market);
        uint256 closes = _entriesClose(t, epoch);
        // Later the first scores, which come after a round, would be too near: liquidity at equal prices beside them.
        uint256 until = closes + t.roundSeconds / 2;
        if (block.timestamp > until) revert Perpetual_TooLate(until);
        uint256 entrants = judge.entrantsOf(e.contest);
        uint256 least = block.timestamp <= closes ? t.minEntrants : 2;
        if (entrants < least) revert Perpetual_TooFewEntrants(entrants, least);

        _takeTurn(s, series);
        uint256 risk = uint256(s.assets) * t.riskBps / ALL;
        (uint256 b, uint256 subsidy) = LMSR.affordable(risk, entrants);
        if (b < LMSR.MIN_LIQUIDITY) revert Perpetual_TooLittle(risk);
        s.assets -= subsidy.toUint96();
        s.live = uint32(epoch + 1);
        e.liquidityShares = uint96(subsidy);
        market = delphi.create(_marketTerms(t, e.contest, b), subsidy, 0);
        e.market = market;
        emit MarketOpened(series, epoch, market, b, subsidy);
    }

    function _marketTerms(SeriesTerms calldata t, uint256 contest, uint256 b)
        private
        view
        returns (MarketTerms memory terms)
    {
        terms.source = judge;
        terms.contest = contest;
        terms.b = uint96(b);
        terms.closesAt = judge.secretUntil(contest);
        terms.voidsAt = judge.decidedBy(contest); // from then on Judge holds it, if need be
        terms.feeBps = t.feeBps;
        terms.creatorBps = t.creatorBps;
        terms.modelBps = t.modelBps;
        terms.rules = t.rules;
        terms.metadata = t.metadata;
    }

    /// @inheritdoc IPerpetual
    function settle(uint256 series) external {
        Series storage s = _series(series);
        if (s.live == 0) {
            if (s.queuedAssets == 0 && s.queuedShares == 0) revert Perpetual_NothingToDo();
        } else {
            uint256 epoch = s.live - 1;
            Epoch storage e = _epochs[series][epoch];
            uint256 market = e.market;
            delphi.resolve(market);
            if (delphi.balanceOf(address(this), delphi.liquidityIdOf(market)) != 0) {
                delphi.redeemLiquidity(market, address(this));
            }
            uint256 back = delphi.liquidityPayoutOf(market, e.liquidityShares);
            s.assets = (s.assets + back).toUint96();
            s.live = 0;
            emit MarketClosed(series, epoch, back);
        }
        _takeTurn(s, series);
    }

    /// @inheritdoc IPerpetual
    function payCurator(uint256 series, uint256 epoch) external returns (uint256 paid) {
        Series storage s = _series(series);
        Epoch storage e = _epochs[series][epoch];
        // There may be nothing left to collect, as when somebody else had it collected.
        try delphi.collectCreatorFees(e.market) {} catch {}
        paid = delphi.creatorPaidOf(e.market) - e.curatorPaid;
        if (paid == 0) revert Perpetual_NothingToDo();
        e.curatorPaid += uint96(paid);
        emit CuratorPaid(series, epoch, paid);
        token.safeTransfer(s.curator, paid);
    }

    // ------------------------------------------------------------------------------------------------
    // Positions
    // ------------------------------------------------------------------------------------------------

    /// @inheritdoc IPerpetual
    function rollPosition(
        uint256 series,
        uint256 epoch,
        uint256 outcome,
        uint256 to,
        address owner,
        uint256 minShares,
        uint256 deadline
    ) external returns (uint256 shares, uint256 cost) {
        if (msg.sender != owner && !delphi.isOperator(owner, msg.sender)) {
            revert Perpetual_NotOperator(msg.sender);
        }
        Series storage s = _series(series);
        if (s.live == 0) revert Perpetual_NoLiveMarket();
        Epoch storage e = _epochs[series][epoch];
        Epoch storage next = _epochs[series][s.live - 1];
        _sameOwner(e.contest, outcome, next.contest, to);
        uint256 paid = _redeemFor(owner, e.market, outcome);
        uint256 market = next.market;
        (shares, cost) = delphi.buyFor(market, to, paid, minShares, deadline);
        emit PositionRolled(
            series,
            owner,
            delphi.idOf(e.market, outcome),
            delphi.idOf(market, to),
            paid,
            shares,
            cost
        );
        delphi.transfer(owner, delphi.idOf(market, to), shares);
        if (paid != cost) token.safeTransfer(owner, paid - cost);
    }

    function _sameOwner(uint256 contest, uint256 entrant, uint256 nextContest, uint256 to)
        private
        view
    {
        address from = judge.ownerOf(contest, entrant);
        address into = judge.ownerOf(nextContest, to);
        if (from != into) revert Perpetual_OtherOwner(from, into);
    }

    /// @dev The money comes here; what else there is of the outcome, sent by somebody, is not the owner's.
    function _redeemFor(address owner, uint256 market, uint256 outcome) private returns (uint256) {
        uint256 id = delphi.idOf(market, outcome);
        uint256 held = delphi.balanceOf(owner, id);
        if (held == 0) revert Perpetual_NothingToDo();
        delphi.transferFrom(owner, address(this), id, held);
        delphi.redeem(market, outcome, address(this));
        return delphi.payoutOf(market, outcome, held);
    }

    /// @inheritdoc IPerpetual
    function permit(uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external {
        try IERC20Permit(token).permit(msg.sender, address(this), amount, deadline, v, r, s) {}
            catch {}
    }

    // ------------------------------------------------------------------------------------------------
    // Views
    // ------------------------------------------------------------------------------------------------

    /// @inheritdoc IPerpetual
    function epochAt(uint256 series) public view returns (uint256) {
        Series storage s = _series(series);
        if (block.timestamp < s.startsAt) revert Perpetual_TooEarly(s.startsAt);
        return (block.timestamp - s.startsAt) / s.epochSeconds;
    }

    /// @inheritdoc IPerpetual
    function epochOf(uint256 series, uint256 epoch) external view returns (Epoch memory) {
        return _epochs[series][epoch];
    }

    /// @inheritdoc IPerpetual
    function testSetsOf(uint256 series, uint256 epoch) external view returns (bytes32[] memory) {
        return _testSets[series][epoch];
    }
}
