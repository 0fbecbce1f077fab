// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC6909Metadata} from "@openzeppelin/contracts/interfaces/IERC6909.sol";

import {IContest} from "../judge/IContest.sol";

/// @notice What fixes a market. Times are unix seconds; `bps` are ten-thousandths.
/// @param source,contest what it settles from: outcome i is the contest's entrant i
/// @param b liquidity, $AI wei: the most that the market can lose is b · ln(outcomes at the creation)
/// @param closesAt last second of trading; no later than the contest's `secretUntil`
/// @param voidsAt from then on the market is void unless its contest is decided or held; not before `decidedBy`
/// @param feeBps of what a buy costs and of what a sell pays, at most 1,000
/// @param creatorBps,modelBps parts of the fee that the creator and the owner of the traded entrant get. The protocol
/// gets its own part, and those who provide liquidity the rest
/// @param rules,metadata content hashes: what is asked, and what people are shown
struct MarketTerms {
    IContest source;
    uint256 contest;
    uint96 b;
    uint40 closesAt;
    uint40 voidsAt;
    uint16 feeBps;
    uint16 creatorBps;
    uint16 modelBps;
    bytes32 rules;
    bytes32 metadata;
}

/// @notice Open: not resolved yet, trading or waiting for the contest. Settled: shares of `winners` are paid. Void:
/// every share is paid its outcome's average price.
enum MarketStatus {
    None,
    Open,
    Settled,
    Void
}

/// @notice A market as it is stored. Amounts are $AI wei unless said otherwise.
/// @param outcomes how many can be traded, up to 256; the contest may have more entrants
/// @param opensAt when it was created
/// @param isHalted whether governance stopped buying
/// @param winner once it is settled: the winner, or the first of several
/// @param winners how many won
/// @param offset,sum state of the curve (docs/spec/delphi.md, section 1)
/// @param pot what the market holds for holders, liquidity and fees
/// @param protocolBps the protocol's part of the fee, fixed at the creation
/// @param liquidityShares liquidity shares that were ever made: their supply, until some are redeemed
/// @param liquidity what belongs to them, once it is resolved
/// @param sets complete sets that were minted and not burned, in 1e-9 share of each outcome
/// @param setsSince when `sets` last changed, unix seconds
/// @param boughtIn what later providers of liquidity paid for a part of the fees until then
/// @param creatorPaid,protocolPaid,modelsPaid what was collected of the fees
/// @param fees once it is resolved: all fees there were
/// @param setsWeighted sum of sets times seconds up to `setsSince`
/// @param tied bits of the outcomes that won, if there are several
/// @param voidTop,voidScale once it is void: the largest average quantity, and the sum of the outcomes' weights
struct Market {
    // read by every trade
    uint96 b;
    uint16 outcomes;
    uint16 feeBps;
    uint40 opensAt;
    uint40 closesAt;
    MarketStatus status;
    bool isHalted;
    uint8 winner;
    uint16 winners;
    // written by every trade
    int16 offset;
    uint96 pot;
    uint144 sum;
    // the rest
    IContest source;
    uint40 voidsAt;
    uint16 creatorBps;
    uint16 modelBps;
    uint16 protocolBps;
    uint256 contest;
    uint96 liquidityShares;
    uint96 liquidity;
    uint64 sets;
    address creator;
    uint96 fees;
    uint96 boughtIn;
    uint96 creatorPaid;
    uint40 setsSince;
    uint96 protocolPaid;
    uint96 modelsPaid;
    int64 voidTop;
    uint96 setsWeighted;
    uint96 voidScale;
    uint256 tied;
}

/// @notice An outcome of a market as it is stored, in one word.
/// @param quantity 1e-9 shares that the curve sold, less those it bought
/// @param fees from trades of it, in 1e-9 $AI, each rounded down
/// @param since when `quantity` last changed, unix seconds
/// @param weighted sum of quantity times seconds up to then: what the refund of a void market is made of
struct Outcome {
    int64 quantity;
    uint64 fees;
    uint32 since;
    int96 weighted;
}

/// @title IBook
/// @notice What both parts of Delphi have: events, and ids of shares.
interface IBook {
    event MarketCreated(
        uint256 indexed market,
        address indexed creator,
        MarketTerms terms,
        uint256 outcomes,
        uint256 subsidy,
        uint16 protocolBps
    );
    /// @param shares bought; negative: sold
    /// @param cost what the trader paid, the fee included; negative: what it received, the fee taken off
    event Traded(
        uint256 indexed market,
        address indexed trader,
        uint256 indexed outcome,
        int256 shares,
        int256 cost,
        uint256 fee
    );
    event OutcomeListed(
        uint256 indexed market, uint256 indexed outcome, address payer, uint256 cost
    );
    event SetsMinted(uint256 indexed market, address indexed owner, uint256 sets);
    event SetsBurned(uint256 indexed market, address indexed owner, uint256 sets);
    event LiquidityAdded(
        uint256 indexed market, address indexed provider, uint256 b, uint256 cost, uint256 shares
    );
    event MarketSettled(uint256 indexed market, uint256 winners, uint256 liquidity);
    event MarketVoided(uint256 indexed market, uint256 liquidity);
    event Redeemed(
        uint256 indexed market,
        address indexed owner,
        uint256 indexed outcome,
        uint256 shares,
        uint256 paid
    );
    event LiquidityRedeemed(
        uint256 indexed market, address indexed owner, uint256 shares, uint256 paid
    );
    event FeesCollected(uint256 indexed market, address indexed to, uint256 amount);
    event ProtocolSet(address indexed treasury, uint16 protocolBps);
    event PausedSet(bool paused);
    event HaltedSet(uint256 indexed market, bool halted);

    /// @notice ERC-6909 id of an outcome's shares.
    function idOf(uint256 market, uint256 outcome) external pure returns (uint256);
    /// @notice ERC-6909 id of a market's liquidity shares.
    function liquidityIdOf(uint256 market) external pure returns (uint256);
}

/// @title IMarkets
/// @notice How markets begin and grow (`Markets`).
interface IMarkets is IBook {
    /// @notice Creates a market of all entrants that its contest has now, at equal prices, and takes the subsidy,
    /// b · ln(entrants) rounded up, from the caller, who gets the first liquidity shares.
    /// @param maxSubsidy what the caller pays at most, should somebody have entered since it looked
    /// @param salt lets one creator create equal markets
    /// @return market upper 240 bits of `keccak256(abi.encode(creator, terms, salt))`: no reorganisation gives it to
    /// another
    function create(MarketTerms calldata terms, uint256 maxSubsidy, bytes32 salt)
        external
        returns (uint256 market);

    /// @notice Lists the contest's next entrant as an outcome, as if it had been there and nobody had bought it.
    /// Anyone. The caller pays what that adds to what the market can lose, rounded up.
    function list(uint256 market, uint256 maxCost, uint256 deadline)
        external
        returns (uint256 outcome, uint256 cost);

    /// @notice Buys 1e-9 share of every outcome for 1e9 wei each, without a fee: exactly what such a set pays.
    function mintSets(uint256 market, uint256 sets) external;
    /// @notice Sells complete sets back for what they cost: as many as were minted and not burned, whoever minted them.
    /// Until the market is resolved.
    function burnSets(uint256 market, uint256 sets) external;

    /// @notice Raises the market's liquidity to `b`, at unchanged prices. The caller pays in proportion to what
    /// liquidity has at risk and has earned, and gets liquidity shares and the shares of outcomes that this is worth.
    function addLiquidity(uint256 market, uint96 b, uint256 maxCost, uint256 deadline)
        external
        returns (uint256 cost, uint256 liquidityShares);

    /// @notice Makes the curve's sum anew, so that the next trade need not. Anyone, at any time.
    function remake(uint256 market) external;

    /// @notice Prices of all outcomes in 1e-18 $AI a share, rounded down.
    function pricesOf(uint256 market) external view returns (uint256[] memory);
    /// @notice What one share of each outcome would be refunded if the market were void, in 1e-18 $AI: from the
    /// average quantities so far.
    function refundsOf(uint256 market) external view returns (uint256[] memory);
}

/// @title IExchange
/// @notice What those who hold shares do, and governance (`Delphi`).
interface IExchange is IBook {
    /// @notice Buys shares. Slippage is checked after the fee; a move in the second of a deadline is in time.
    /// @return cost rounded up, the fee included
    function buy(uint256 market, uint256 outcome, uint256 shares, uint256 maxCost, uint256 deadline)
        external
        returns (uint256 cost);

    /// @notice Buys as many shares as a budget, the fee included, pays.
    function buyFor(
        uint256 market,
        uint256 outcome,
        uint256 budget,
        uint256 minShares,
        uint256 deadline
    ) external returns (uint256 shares, uint256 cost);

    /// @notice Sells shares.
    /// @return proceeds rounded down, the fee taken off
    function sell(
        uint256 market,
        uint256 outcome,
        uint256 shares,
        uint256 minProceeds,
        uint256 deadline
    ) external returns (uint256 proceeds);

    /// @notice Sells as few shares as bring an amount after the fee.
    function sellFor(
        uint256 market,
        uint256 outcome,
        uint256 amount,
        uint256 maxShares,
        uint256 deadline
    ) external returns (uint256 shares, uint256 proceeds);

    /// @notice Settles or voids a market whose time has come; does nothing to one that is resolved. Anyone.
    function resolve(uint256 market) external returns (MarketStatus);

    /// @notice Pays all that an owner holds of an outcome, which is nothing for one that lost. Resolves the market if
    /// it has to. Anyone, for any owner.
    function redeem(uint256 market, uint256 outcome, address owner) external returns (uint256 paid);
    /// @notice `redeem` of several outcomes, of at least one of which the owner has shares.
    function redeemMany(uint256 market, uint256[] calldata outcomes, address owner)
        external
        returns (uint256 paid);
    /// @notice Pays an owner's liquidity shares of a resolved market. Anyone, for any owner.
    function redeemLiquidity(uint256 market, address owner) external returns (uint256 paid);

    /// @notice Where a market stands; None for one that does not exist.
    function statusOf(uint256 market) external view returns (MarketStatus);
    /// @notice What `redeem` pays or paid for shares of an outcome of a resolved market. It depends on nothing but the
    /// resolution, so whoever keeps shares for others knows what they brought, also when a stranger redeemed them.
    function payoutOf(uint256 market, uint256 outcome, uint256 shares)
        external
        view
        returns (uint256);
    /// @notice Likewise what `redeemLiquidity` pays or paid for liquidity shares.
    function liquidityPayoutOf(uint256 market, uint256 shares) external view returns (uint256);

    /// @notice Pays the creator its part of the fees so far. Anyone.
    function collectCreatorFees(uint256 market) external returns (uint256 paid);
    /// @notice What the creator was paid of its part until now.
    function creatorPaidOf(uint256 market) external view returns (uint256);
    /// @notice Pays the treasury the protocol's part of the fees so far. Anyone.
    function collectProtocolFees(uint256 market) external returns (uint256 paid);
    /// @notice Pays an entrant's owner its part of the fees of the trades of its outcome so far; the creator, where the
    /// contest names nobody. Anyone.
    function collectModelFees(uint256 market, uint256 outcome) external returns (uint256 paid);

    /// @notice The caller's ERC-2612 permit for what the following calls of a `multicall` take. One that somebody
    /// else has already sent does no harm.
    function permit(uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;

    /// @notice What fixes the protocol's part for markets created from now on. Owner only.
    function setProtocol(address treasury, uint16 protocolBps) external;
    /// @notice Stops the creation of markets, or allows it again. Owner only.
    function setPaused(bool paused) external;
    /// @notice Stops listing, buying and adding liquidity in a market, or allows it again. Selling, redeeming and
    /// collecting are always possible. Owner only.
    function setHalted(uint256 market, bool halted) external;

    /// @notice Who gets the protocol's part of fees, and how much of them in markets created from now on.
    function protocol() external view returns (address treasury, uint16 protocolBps);
    function marketOf(uint256 market) external view returns (Market memory);
    function outcomeOf(uint256 market, uint256 outcome) external view returns (Outcome memory);
    /// @notice What `buy` would cost, and the fee in it.
    function quoteBuy(uint256 market, uint256 outcome, uint256 shares)
        external
        view
        returns (uint256 cost, uint256 fee);
    /// @notice What `sell` would pay, and the fee taken off.
    function quoteSell(uint256 market, uint256 outcome, uint256 shares)
        external
        view
        returns (uint256 proceeds, uint256 fee);
    function quoteBuyFor(uint256 market, uint256 outcome, uint256 budget)
        external
        view
        returns (uint256 shares, uint256 cost);
    function quoteSellFor(uint256 market, uint256 outcome, uint256 amount)
        external
        view
        returns (uint256 shares, uint256 proceeds);
}

/// @title IDelphi
/// @notice Markets on who wins a contest: a logarithmic market maker for each, shares as ERC-6909, settlement from
/// verified evaluations. Amounts of $AI are wei. Shares are integers of 1e-9 share: a share, 1e9, pays 1 $AI if its
/// outcome wins, and tied winners divide it.
/// @dev INVARIANT: the balance is at least the pots of all markets. INVARIANT: after every call the pot of an open
/// market covers what it would owe, whatever outcomes win, and when it is void.
interface IDelphi is IExchange, IMarkets, IERC6909Metadata {
    /// @notice $AI.
    function token() external view returns (address);
    /// @notice Several calls in one, each by the caller: all or none. Any of the above can be among them.
    function multicall(bytes[] calldata data) external payable returns (bytes[] memory results);
}
