// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CommonBase} from "forge-std/Base.sol";
import {StdCheats} from "forge-std/StdCheats.sol";
import {StdUtils} from "forge-std/StdUtils.sol";

import {Book} from "../../src/delphi/Book.sol";
import {IDelphi, Market, MarketTerms} from "../../src/delphi/IDelphi.sol";
import {Curve, LMSR} from "../../src/delphi/LMSR.sol";
import {Verdict} from "../../src/judge/IContest.sol";
import {AIToken} from "../../src/token/AIToken.sol";
import {MockContest} from "../mocks/MockContest.sol";
import {DelphiBase} from "./DelphiBase.t.sol";

/// @dev What was paid into a market beyond the curve, sets and joining: fees, and rounding in its favour.
function surplusOf(Market memory m) pure returns (int256) {
    uint256 in_ = uint256(m.pot) + m.creatorPaid + m.protocolPaid + m.modelsPaid;
    int256 owed = LMSR.worth(Curve(m.b, m.offset, m.sum));
    return int256(in_) - owed - int256(uint256(m.sets) * 1e9 + m.boughtIn);
}

/// @notice Does to markets whatever their callers can do, after what has to come first. An action is accepted unless
/// the market is in no state for it. Nothing that is tried reverts.
contract DelphiHandler is CommonBase, StdCheats, StdUtils {
    uint256 private constant MOST_OUTCOMES = 7;

    IDelphi private immutable delphi;
    AIToken private immutable token;
    MockContest[3] private contests;
    uint256[3] public markets;
    address[3] public traders;

    uint256 public tried;
    uint256 public accepted;
    uint256 public donated;
    uint256 public touched; // the market of the latest action
    mapping(uint256 market => int256) public highest; // its largest surplus before that

    constructor(
        IDelphi delphi_,
        AIToken token_,
        MockContest[3] memory contests_,
        uint256[3] memory markets_
    ) {
        (delphi, token, contests, markets) = (delphi_, token_, contests_, markets_);
        for (uint256 i; i < 3; ++i) {
            traders[i] = address(uint160(0xde1f1 + i));
            vm.prank(traders[i]);
            token.approve(address(delphi), type(uint256).max);
        }
        pick(0);
    }

    modifier counted() {
        ++tried;
        _;
    }

    function pick(uint256 at) private returns (uint256 market) {
        touched = market = markets[at % 3];
        int256 surplus = surplusOf(delphi.marketOf(market));
        if (surplus > highest[market]) highest[market] = surplus;
    }

    /// @dev Small and large alike.
    function size(uint256 seed, uint256 max) private pure returns (uint256) {
        uint256 scaled = max >> (seed % 97);
        return scaled == 0 ? 1 : 1 + uint256(keccak256(abi.encode(seed))) % scaled;
    }

    function depth(uint256 market) private view returns (uint256) {
        return delphi.marketOf(market).b / LMSR.WEI_PER_SHARE;
    }

    function held(address who, uint256 market, uint256 outcome) private view returns (uint256) {
        return delphi.balanceOf(who, delphi.idOf(market, outcome));
    }

    function _buy(address who, uint256 market, uint256 outcome, uint256 shares)
        private
        returns (bool)
    {
        (uint256 cost,) = delphi.quoteBuy(market, outcome, shares);
        if (cost > token.balanceOf(who)) return false;
        vm.prank(who);
        require(delphi.buy(market, outcome, shares, cost, block.timestamp) == cost, "as quoted");
        return true;
    }

    function buy(uint256 at, uint256 who, uint256 outcome, uint256 seed) external counted {
        uint256 market = pick(at);
        outcome %= delphi.marketOf(market).outcomes;
        if (_buy(traders[who % 3], market, outcome, size(seed, 40 * depth(market)))) ++accepted;
    }

    function buyFor(uint256 at, uint256 who, uint256 outcome, uint256 seed) external counted {
        uint256 market = pick(at);
        outcome %= delphi.marketOf(market).outcomes;
        uint256 budget = size(seed, 1e10 * depth(market));
        budget += 10 * depth(market);
        (uint256 shares, uint256 cost) = delphi.quoteBuyFor(market, outcome, budget);
        if (shares == 0 || cost > token.balanceOf(traders[who % 3])) return;
        vm.prank(traders[who % 3]);
        delphi.buyFor(market, outcome, budget, shares, block.timestamp);
        ++accepted;
    }

    /// @dev Some outcome that the trader has shares of, bought if there is none.
    function holding(address who, uint256 market, uint256 outcome, uint256 seed)
        private
        returns (uint256)
    {
        uint256 n = delphi.marketOf(market).outcomes;
        for (uint256 i; i < n; ++i) {
            if (held(who, market, (outcome + i) % n) != 0) return (outcome + i) % n;
        }
        _buy(who, market, outcome % n, size(seed, depth(market)));
        return outcome % n;
    }

    function sell(uint256 at, uint256 who, uint256 outcome, uint256 seed) external counted {
        uint256 market = pick(at);
        address trader = traders[who % 3];
        outcome = holding(trader, market, outcome % 8, seed);
        uint256 shares = held(trader, market, outcome);
        if (shares == 0) return;
        if (seed % 3 != 0) shares = seed % shares + 1;
        vm.prank(trader);
        delphi.sell(market, outcome, shares, 0, block.timestamp);
        ++accepted;
    }

    function sellFor(uint256 at, uint256 who, uint256 outcome, uint256 seed) external counted {
        uint256 market = pick(at);
        address trader = traders[who % 3];
        outcome = holding(trader, market, outcome % 8, seed);
        uint256 shares = held(trader, market, outcome);
        if (shares == 0) return;
        (uint256 most,) = delphi.quoteSell(market, outcome, shares);
        uint256 amount = most == 0 ? 0 : seed % most;
        (uint256 sold,) = delphi.quoteSellFor(market, outcome, amount);
        if (sold > shares || sold == 0) return; // by rounding
        vm.prank(trader);
        delphi.sellFor(market, outcome, amount, sold, block.timestamp);
        ++accepted;
    }

    function _mint(address who, uint256 market, uint256 sets) private returns (bool) {
        if (sets * LMSR.WEI_PER_SHARE > token.balanceOf(who)) return false;
        vm.prank(who);
        delphi.mintSets(market, sets);
        return true;
    }

    function mintSets(uint256 at, uint256 who, uint256 seed) external counted {
        uint256 market = pick(at);
        if (_mint(traders[who % 3], market, size(seed, 30 * depth(market)))) ++accepted;
    }

    function burnSets(uint256 at, uint256 who, uint256 seed) external counted {
        uint256 market = pick(at);
        address trader = traders[who % 3];
        uint256 most = burnable(trader, market);
        if (most == 0) {
            if (!_mint(trader, market, size(seed, depth(market)))) return;
            most = burnable(trader, market);
        }
        vm.prank(trader);
        delphi.burnSets(market, seed % 2 == 0 ? most : seed % most + 1);
        ++accepted;
    }

    function burnable(address who, uint256 market) private view returns (uint256 most) {
        Market memory m = delphi.marketOf(market);
        most = m.sets;
        for (uint256 i; i < m.outcomes; ++i) {
            uint256 some = held(who, market, i);
            if (some < most) most = some;
        }
    }

    function addLiquidity(uint256 at, uint256 who, uint256 seed) external counted {
        uint256 market = pick(at);
        uint256 b = delphi.marketOf(market).b;
        uint96 more = uint96(b + size(seed, b / 20));
        if (more > LMSR.MAX_LIQUIDITY) return;
        uint256 funds = token.balanceOf(traders[who % 3]);
        vm.prank(traders[who % 3]);
        try delphi.addLiquidity(market, more, funds, block.timestamp) {
            ++accepted;
        } catch (bytes memory error_) {
            require(bytes4(error_) == Book.Delphi_TooDear.selector, "only for want of money");
        }
    }

    function list(uint256 at, uint256 who) external counted {
        uint256 market = pick(at);
        uint256 n = delphi.marketOf(market).outcomes;
        if (n == MOST_OUTCOMES) return this.remake(at);
        contests[at % 3].setCount(n + 1);
        vm.prank(traders[who % 3]);
        delphi.list(market, type(uint96).max, block.timestamp);
        ++accepted;
    }

    function remake(uint256 at) external {
        if (msg.sender != address(this)) ++tried;
        delphi.remake(pick(at));
        ++accepted;
    }

    function collect(uint256 at, uint256 kind, uint256 seed) external counted {
        uint256 market = pick(at);
        if (_collect(market, kind)) {
            ++accepted;
            return;
        }
        uint256 outcome = (kind / 3) % delphi.marketOf(market).outcomes;
        bool bought =
            _buy(traders[seed % 3], market, outcome, depth(market) / 8 + size(seed, depth(market)));
        if (bought && _collect(market, kind)) ++accepted;
    }

    function _collect(uint256 market, uint256 kind) private returns (bool done) {
        uint256 outcome = (kind / 3) % delphi.marketOf(market).outcomes;
        bytes memory call = abi.encodeCall(delphi.collectModelFees, (market, outcome));
        if (kind % 3 == 0) call = abi.encodeCall(delphi.collectCreatorFees, (market));
        if (kind % 3 == 1) call = abi.encodeCall(delphi.collectProtocolFees, (market));
        (done,) = address(delphi).call(call);
    }

    function transferShares(uint256 at, uint256 from, uint256 to, uint256 seed) external counted {
        uint256 market = pick(at);
        uint256 outcome = holding(traders[from % 3], market, seed % 8, seed);
        uint256 shares = held(traders[from % 3], market, outcome);
        if (shares == 0) return;
        uint256 id = delphi.idOf(market, outcome);
        vm.prank(traders[from % 3]);
        delphi.transfer(traders[to % 3], id, seed % shares + 1);
        ++accepted;
    }

    function donate(uint256 who, uint256 seed) external counted {
        uint256 amount = size(seed, 1e21);
        vm.prank(traders[who % 3]);
        if (!token.transfer(address(delphi), amount)) return;
        donated += amount;
        ++accepted;
    }

    function warp(uint256 seed) external counted {
        pick(seed >> 64);
        vm.warp(vm.getBlockTimestamp() + 1 + seed % 8 hours);
        ++accepted;
    }

    function contestOf(uint256 at) external view returns (MockContest) {
        return contests[at];
    }
}

/// forge-config: default.invariant.runs = 3
/// forge-config: default.invariant.depth = 1000
/// forge-config: default.invariant.fail-on-revert = true
contract DelphiInvariants is DelphiBase {
    uint256 private constant ALL = 10_000;

    DelphiHandler private handler;

    function setUp() public override {
        super.setUp();
        MockContest[3] memory contests;
        uint256[3] memory markets;
        uint96[3] memory liquidity = [uint96(1e18), 1_000e18 + 7, 1_000_000e18];
        uint16[3] memory fees = [uint16(0), 100, 1_000];
        for (uint256 i; i < 3; ++i) {
            contests[i] = new MockContest();
            contests[i].setCount(2 + i);
            MarketTerms memory t = terms();
            (t.source, t.b, t.feeBps) = (contests[i], liquidity[i], fees[i]);
            if (i == 2) (t.creatorBps, t.modelBps) = (3_000, 4_500); // nothing for the liquidity
            (t.closesAt, t.voidsAt) =
            (uint40(vm.getBlockTimestamp() + 365 days), uint40(vm.getBlockTimestamp() + 365 days));
            vm.prank(creator);
            markets[i] = delphi.create(t, type(uint256).max, bytes32(i));
        }
        handler = new DelphiHandler(delphi, token, contests, markets);
        for (uint256 i; i < 3; ++i) {
            require(token.transfer(handler.traders(i), 3_000_000_000e18));
        }
        targetContract(address(handler));
    }

    function invariant_everyMarketCoversWhatItOwes() public view {
        uint256 held;
        for (uint256 i; i < 3; ++i) {
            held += potOf(handler.markets(i));
        }
        assertEq(token.balanceOf(address(delphi)), held + handler.donated());
        uint256 touched = handler.touched();
        Market memory m = delphi.marketOf(touched);
        checkMarket(touched, m);
        checkSurplus(touched, m);
    }

    /// @dev After every prefix the pot covers the dearest winner, and the refunds of a void market, besides all fees.
    function checkMarket(uint256 market, Market memory m) private view {
        uint256[] memory refunds = delphi.refundsOf(market);
        uint256 refunded;
        uint256 dearest;
        for (uint256 i; i < m.outcomes; ++i) {
            uint256 supply = uint256(delphi.outcomeOf(market, i).quantity + int256(uint256(m.sets)));
            uint256 circulating;
            for (uint256 k; k < 3; ++k) {
                circulating += sharesOf(handler.traders(k), market, i);
            }
            assertEq(supply, circulating, "shares are those of the curve and of sets");
            if (supply > dearest) dearest = supply;
            refunded += supply * refunds[i] / 1e9;
        }
        int256 surplus = surplusOf(m);
        uint256 fees = surplus > 0 ? uint256(surplus) : 0;
        uint256 claimed = due(fees, m.creatorBps, m.creatorPaid)
            + due(fees, m.protocolBps, m.protocolPaid) + due(fees, m.modelBps, m.modelsPaid);
        assertGe(m.pot, dearest * 1e9 + claimed, "every outcome can win");
        assertGe(m.pot, refunded + claimed, "it can be void");
    }

    function due(uint256 fees, uint256 bps, uint256 paid) private pure returns (uint256) {
        return fees * bps / ALL > paid ? fees * bps / ALL - paid : 0;
    }

    /// @dev It never falls: no cycle of trades pays. As computed the curve may rise by three units when it is made
    /// anew.
    function checkSurplus(uint256 market, Market memory m) private view {
        int256 units = int256(uint256(m.b) / 1e18 + 1);
        assertGe(surplusOf(m), handler.highest(market) - 3 * units, "no cycle pays");
    }

    /// @dev However it ends and in whatever order everybody is paid, all get the same, and dust is left.
    function afterInvariant() public {
        assertGt(handler.accepted() * 10, handler.tried() * 8, "most actions are possible");
        for (uint256 at; at < 3; ++at) {
            uint256 market = handler.markets(at);
            close(market);
            for (uint256 ending; ending < 3; ++ending) {
                MockContest judge = handler.contestOf(at);
                judge.set(ending == 2 ? Verdict.Void : Verdict.Decided, ending == 0 ? 1 : 3);
                uint256 state = vm.snapshotState();
                bytes32 forwards = payAll(at, market, false);
                vm.revertToState(state);
                bytes32 backwards = payAll(at, market, true);
                vm.revertToState(state);
                assertEq(forwards, backwards, "the order does not matter");
            }
        }
    }

    function payAll(uint256 at, uint256 market, bool backwards) private returns (bytes32 paid) {
        Market memory m = delphi.marketOf(market);
        uint256 before = token.balanceOf(address(delphi));
        uint256 steps = uint256(m.outcomes) * 4 + 3;
        for (uint256 i; i < steps; ++i) {
            uint256 step = backwards ? steps - 1 - i : i;
            if (step < uint256(m.outcomes) * 3) {
                address who = handler.traders(step % 3);
                if (sharesOf(who, market, step / 3) != 0) delphi.redeem(market, step / 3, who);
            } else if (step < uint256(m.outcomes) * 4) {
                collect(abi.encodeCall(delphi.collectModelFees, (market, step % m.outcomes)));
            } else if (step % 4 == 0) {
                collect(abi.encodeCall(delphi.collectCreatorFees, (market)));
            } else if (step % 4 == 1) {
                collect(abi.encodeCall(delphi.collectProtocolFees, (market)));
            }
        }
        for (uint256 k; k < 4; ++k) {
            address who = k == 3 ? creator : handler.traders(backwards ? 2 - k : k);
            if (delphi.balanceOf(who, delphi.liquidityIdOf(market)) != 0) {
                delphi.redeemLiquidity(market, who);
            }
        }
        uint256 left = potOf(market);
        assertEq(before - token.balanceOf(address(delphi)), m.pot - left);
        // Of each trade a model's fee is rounded to 1e9 wei, and of what the margin brings nobody traded anything.
        uint256 dust = handler.tried() * (1e9 + 8 * (uint256(m.b) / 1e18 + 1));
        assertLe(left, dust, "nothing is stuck");
        bytes memory all;
        for (uint256 k; k < 3; ++k) {
            all = abi.encode(all, token.balanceOf(handler.traders(k)));
        }
        return keccak256(abi.encode(all, at));
    }

    function collect(bytes memory call) private {
        (bool done, bytes memory error_) = address(delphi).call(call);
        if (!done) assertEq(bytes4(error_), bytes4(keccak256("Delphi_NothingToPay(uint256)")));
    }
}
