// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CommonBase} from "forge-std/Base.sol";
import {StdCheats} from "forge-std/StdCheats.sol";
import {StdUtils} from "forge-std/StdUtils.sol";

import {IDelphi, Market, MarketStatus} from "../../src/delphi/IDelphi.sol";
import {Request, Series, SeriesTerms, Turn} from "../../src/delphi/IPerpetual.sol";
import {Perpetual} from "../../src/delphi/Perpetual.sol";
import {Verdict} from "../../src/judge/IContest.sol";
import {Judge} from "../../src/judge/Judge.sol";
import {AIToken} from "../../src/token/AIToken.sol";
import {PerpetualBase} from "./PerpetualBase.t.sol";

/// @notice Does to two series whatever can be done to them, after what has to come first.
contract PerpetualHandler is CommonBase, StdCheats, StdUtils {
    uint256 private constant EPOCH = 7 days;

    Perpetual private immutable perpetual;
    IDelphi private immutable delphi;
    Judge private immutable judge;
    AIToken private immutable token;
    address private immutable curator;
    uint256[2] public all;
    SeriesTerms[2] private terms;
    address[3] public people;

    uint256 public tried;
    uint256 public accepted;
    uint256 public donated;
    uint256 public epochs;

    constructor(
        Perpetual perpetual_,
        Judge judge_,
        AIToken token_,
        address curator_,
        uint256[2] memory series,
        SeriesTerms[2] memory terms_
    ) {
        (perpetual, judge, token, curator, all) = (perpetual_, judge_, token_, curator_, series);
        delphi = perpetual_.delphi();
        (terms[0], terms[1]) = (terms_[0], terms_[1]);
        token.approve(address(judge), type(uint256).max);
        for (uint256 i; i < 3; ++i) {
            people[i] = address(uint160(0xbe0b1e + i));
            vm.startPrank(people[i]);
            token.approve(address(delphi), type(uint256).max);
            token.approve(address(perpetual), type(uint256).max);
            delphi.setOperator(address(perpetual), true);
            vm.stopPrank();
        }
    }

    /// @dev What the function says it did.
    modifier counted() {
        ++tried;
        _;
    }

    function size(uint256 seed, uint256 max) private pure returns (uint256) {
        uint256 scaled = max >> (seed % 61);
        return scaled == 0 ? 1 : 1 + uint256(keccak256(abi.encode(seed))) % scaled;
    }

    function live(uint256 series) private view returns (uint256 market) {
        uint256 epoch = perpetual.seriesOf(series).live;
        return epoch == 0 ? 0 : perpetual.epochOf(series, epoch - 1).market;
    }

    function trading(uint256 series) private view returns (uint256 market) {
        market = live(series);
        if (market != 0 && block.timestamp > delphi.marketOf(market).closesAt) market = 0;
    }

    // Liquidity ------------------------------------------------------------------------------------------

    function deposit(uint256 which, uint256 who, uint256 seed) public counted {
        vm.prank(people[who % 3]);
        perpetual.requestDeposit(all[which % 2], uint96(size(seed, 1e24)));
        ++accepted;
    }

    function withdraw(uint256 which, uint256 who, uint256 seed) external counted {
        uint256 held = perpetual.balanceOf(people[who % 3], all[which % 2]);
        if (held == 0) return claim(which, who);
        vm.prank(people[who % 3]);
        perpetual.requestWithdrawal(all[which % 2], uint128(seed % 4 == 0 ? held : seed % held + 1));
        ++accepted;
    }

    function cancel(uint256 which, uint256 who) external counted {
        uint256 series = all[which % 2];
        Request memory r = perpetual.requestOf(series, people[who % 3]);
        if (r.turn != perpetual.seriesOf(series).turn || (r.assets == 0 && r.shares == 0)) return;
        vm.prank(people[who % 3]);
        perpetual.cancel(series);
        ++accepted;
    }

    function claim(uint256 which, uint256 who) public counted {
        uint256 series = all[which % 2];
        Request memory r = perpetual.requestOf(series, people[who % 3]);
        if (r.turn == perpetual.seriesOf(series).turn || (r.assets == 0 && r.shares == 0)) return;
        perpetual.claim(series, people[who % 3]);
        ++accepted;
    }

    // Epochs ---------------------------------------------------------------------------------------------

    /// @dev The next thing that is due: a market ends, or an epoch begins with its market.
    function step(uint256 which, uint256 seed) external counted {
        uint256 series = all[which % 2];
        if (live(series) != 0) finish(series, seed);
        else begin(which, series, seed);
        ++accepted;
    }

    function finish(uint256 series, uint256 seed) private {
        uint256 epoch = perpetual.seriesOf(series).live - 1;
        uint256 market = live(series);
        Market memory m = delphi.marketOf(market);
        if (block.timestamp <= m.closesAt) vm.warp(uint256(m.closesAt) + 1);
        uint256 winners = seed >> 8 & ((1 << m.outcomes) - 1);
        Verdict verdict = winners == 0 || seed % 8 == 0 ? Verdict.Void : Verdict.Decided;
        vm.mockCall(
            address(judge),
            abi.encodeCall(judge.conclude, (perpetual.epochOf(series, epoch).contest)),
            abi.encode(verdict, verdict == Verdict.Void ? 0 : winners)
        );
        if (seed % 3 == 0) {
            delphi.resolve(market); // strangers do what they can, in whatever order
            delphi.redeemLiquidity(market, address(perpetual));
        }
        perpetual.settle(series);
    }

    function begin(uint256 which, uint256 series, uint256 seed) private {
        uint256 epoch = perpetual.seriesOf(series).opened;
        uint256 startsAt = perpetual.seriesOf(series).startsAt;
        if (block.timestamp >= startsAt) {
            uint256 now_ = (block.timestamp - startsAt) / EPOCH;
            if (now_ >= epoch) epoch = now_ + 1; // the one that it is may be too far gone
        }
        vm.warp(startsAt + epoch * EPOCH);
        bytes32[] memory testSets = new bytes32[](2);
        testSets[1] = "1";
        vm.prank(curator);
        perpetual.commitTestSets(series, epoch, testSets);
        uint256 contest = perpetual.openContest(series, terms[which % 2]);
        for (uint256 i; i < 3 + seed % 4; ++i) {
            judge.enter(contest, address(uint160(0xabc + i)), keccak256(abi.encode(i)), "");
        }
        Series memory s = perpetual.seriesOf(series);
        if (s.assets < 1e19 && s.queuedAssets < 1e23) deposit(which, seed, 0);
        if (perpetual.seriesOf(series).queuedShares > s.shares / 2) return; // too little may be left
        try perpetual.openMarket(series, terms[which % 2]) {
            ++epochs;
        } catch (bytes memory error_) {
            require(bytes4(error_) == Perpetual.Perpetual_TooLittle.selector, "nothing else");
        }
    }

    // Markets --------------------------------------------------------------------------------------------

    function buy(uint256 which, uint256 who, uint256 outcome, uint256 seed) external counted {
        uint256 market = trading(all[which % 2]);
        if (market == 0) return;
        Market memory m = delphi.marketOf(market);
        uint256 shares = size(seed, 10 * uint256(m.b) / 1e9);
        (uint256 cost,) = delphi.quoteBuy(market, outcome % m.outcomes, shares);
        if (cost > token.balanceOf(people[who % 3])) return;
        vm.prank(people[who % 3]);
        delphi.buy(market, outcome % m.outcomes, shares, cost, block.timestamp);
        ++accepted;
    }

    function join(uint256 which, uint256 who) external counted {
        uint256 market = trading(all[which % 2]);
        if (market == 0) return;
        uint96 b = delphi.marketOf(market).b;
        vm.prank(people[who % 3]);
        try delphi.addLiquidity(market, b + b / 10, type(uint96).max, block.timestamp) {
            ++accepted;
        } catch {}
    }

    function roll(uint256 which, uint256 who, uint256 outcome) external counted {
        uint256 series = all[which % 2];
        uint256 epoch = perpetual.seriesOf(series).live;
        if (epoch < 2) return;
        uint256 from = perpetual.epochOf(series, epoch - 2).market;
        if (from == 0) return;
        vm.prank(people[who % 3]);
        try perpetual.rollPosition(
            series, epoch - 2, outcome % 3, outcome % 3, people[who % 3], 0, block.timestamp
        ) {
            ++accepted;
        } catch {} // nothing held, or it lost
    }

    function payCurator(uint256 which) external counted {
        uint256 series = all[which % 2];
        uint256 epoch = perpetual.seriesOf(series).opened;
        if (epoch == 0 || perpetual.epochOf(series, epoch - 1).market == 0) return;
        try perpetual.payCurator(series, epoch - 1) {
            ++accepted;
        } catch {}
    }

    function donate(uint256 who, uint256 seed) external counted {
        uint256 amount = size(seed, 1e21);
        vm.prank(people[who % 3]);
        require(token.transfer(address(perpetual), amount));
        donated += amount;
        ++accepted;
    }

    function warp(uint256 seed) external counted {
        vm.warp(block.timestamp + 1 + seed % 12 hours);
        ++accepted;
    }
}

/// forge-config: default.invariant.runs = 2
/// forge-config: default.invariant.depth = 500
/// forge-config: default.invariant.fail-on-revert = true
contract PerpetualInvariants is PerpetualBase {
    PerpetualHandler private handler;
    uint256[2] private both;

    function setUp() public override {
        super.setUp();
        SeriesTerms[2] memory two;
        for (uint256 i; i < 2; ++i) {
            SeriesTerms memory t = two[i] = seriesTerms();
            (t.riskBps, t.feeBps, t.minEntrants) = i == 0 ? (5_000, 0, 2) : (900, 300, 3);
            vm.prank(curator);
            both[i] = perpetual.create(t, bytes32(i));
        }
        handler = new PerpetualHandler(perpetual, judge, token, curator, both, two);
        for (uint256 i; i < 3; ++i) {
            require(token.transfer(handler.people(i), 2_000_000_000e18));
        }
        require(token.transfer(address(handler), 1_000_000e18));
        targetContract(address(handler));
    }

    /// @dev What a turn that was taken left for somebody.
    function left(uint256 of_, address who) private view returns (uint256 assets, uint256 shares) {
        Request memory r = perpetual.requestOf(of_, who);
        if (r.turn == perpetual.seriesOf(of_).turn || r.turn == 0) return (0, 0);
        Turn memory t = perpetual.turnOf(of_, r.turn);
        if (t.minted == 0) assets = r.assets;
        else shares = uint256(r.assets) * t.minted / t.deposited;
        if (r.shares != 0) assets += uint256(r.shares) * t.paid / t.withdrawn;
    }

    function invariant_whatIsOwedIsThere() public view {
        uint256 owed = handler.donated();
        for (uint256 i; i < 2; ++i) {
            Series memory s = perpetual.seriesOf(both[i]);
            owed += s.assets + s.queuedAssets;
            uint256 shares = s.queuedShares;
            uint256 queuedAssets;
            uint256 queuedShares;
            for (uint256 k; k < 3; ++k) {
                address who = handler.people(k);
                (uint256 someAssets, uint256 someShares) = left(both[i], who);
                owed += someAssets;
                shares += someShares + perpetual.balanceOf(who, both[i]);
                Request memory r = perpetual.requestOf(both[i], who);
                if (r.turn == s.turn) {
                    (queuedAssets, queuedShares) =
                    (queuedAssets + r.assets, queuedShares + r.shares);
                }
            }
            assertEq(queuedAssets, s.queuedAssets);
            assertEq(queuedShares, s.queuedShares);
            assertLe(shares, s.shares, "nobody has shares that are not counted");
            assertLe(s.shares - shares, 3 * uint256(s.turn), "nor are many that nobody has");
            if (s.live == 0) assertEq(s.shares == 0, s.assets == 0, "all or nothing");
        }
        assertGe(token.balanceOf(address(perpetual)), owed);
    }

    /// @dev Wound up, everybody gets everything, and dust is left.
    function afterInvariant() public {
        assertGt(handler.epochs(), 8, "epochs went by");
        uint256 dust = handler.donated();
        for (uint256 i; i < 2; ++i) {
            vm.prank(curator);
            perpetual.windUp(both[i]);
            Series memory s = perpetual.seriesOf(both[i]);
            if (s.live != 0) {
                vm.warp(vm.getBlockTimestamp() + 3 * 365 days);
                perpetual.settle(both[i]);
            } else if (s.queuedAssets != 0 || s.queuedShares != 0) {
                perpetual.settle(both[i]);
            }
            finish(both[i]);
            for (uint256 k; k < s.opened; ++k) {
                uint256 market = perpetual.epochOf(both[i], k).market;
                if (market == 0) continue;
                assertTrue(delphi.statusOf(market) != MarketStatus.Open);
                try perpetual.payCurator(both[i], k) {} catch {}
            }
            s = perpetual.seriesOf(both[i]);
            dust += 10 * uint256(s.turn) + s.assets;
            assertLe(s.assets, s.shares + 1, "of shares that nobody has");
        }
        assertLe(token.balanceOf(address(perpetual)), dust, "nothing is stuck");
    }

    function finish(uint256 of_) private {
        bool any;
        for (uint256 k; k < 3; ++k) {
            address who = handler.people(k);
            Request memory r = perpetual.requestOf(of_, who);
            if (r.assets != 0 || r.shares != 0) perpetual.claim(of_, who);
            uint256 held = perpetual.balanceOf(who, of_);
            if (held == 0) continue;
            any = true;
            vm.prank(who);
            perpetual.requestWithdrawal(of_, uint128(held));
        }
        if (any) perpetual.settle(of_);
        for (uint256 k; k < 3; ++k) {
            Request memory r = perpetual.requestOf(of_, handler.people(k));
            if (r.assets != 0 || r.shares != 0) perpetual.claim(of_, handler.people(k));
        }
    }
}
