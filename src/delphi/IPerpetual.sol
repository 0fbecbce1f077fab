// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What fixes a series. Durations are seconds, amounts $AI wei, `bps` ten-thousandths. Epoch k begins
/// `epochSeconds` · k after `startsAt` with a contest like those before it: entries close after `entrySeconds`, round r
/// opens (r + 1) · `roundSeconds` later and can be ordered for `orderSeconds`.
/// @param evaluator,attester,maxEntrants,workSeconds,solveSeconds,reward,stake,uri as in a contest's terms
/// @param minEntrants from how many entrants on a market is made before entries close; then two are enough
/// @param rounds of each epoch, 1 to 16; the last one is decided no later than entries of the next epoch close
/// @param riskBps part of the series' assets that an epoch's market may lose at most, 1 to 5,000
/// @param feeBps,creatorBps,modelBps,rules,metadata as in a market's terms; the curator is paid the creator's part
struct SeriesTerms {
    bytes32 evaluator;
    bytes32 rules;
    bytes32 metadata;
    address attester;
    uint40 startsAt;
    uint16 minEntrants;
    uint16 maxEntrants;
    uint8 rounds;
    uint32 epochSeconds;
    uint32 entrySeconds;
    uint32 roundSeconds;
    uint32 orderSeconds;
    uint32 solveSeconds;
    uint32 workSeconds;
    uint16 riskBps;
    uint16 feeBps;
    uint16 creatorBps;
    uint16 modelBps;
    uint96 reward;
    uint128 stake;
    string uri;
}

/// @notice A series as it is stored.
/// @param terms `keccak256(abi.encode(SeriesTerms))`; whoever takes a step brings them along
/// @param startsAt,epochSeconds,rounds of the terms
/// @param assets $AI wei that belong to the shares and are in no market
/// @param shares supply, those that are queued for withdrawal included
/// @param opened epoch whose contest was opened last, plus one; zero before the first
/// @param live epoch whose market has the series' liquidity, plus one; zero if none has
/// @param turn number of the turn that requests wait for, from 1
/// @param openedAt when a contest was last opened, or the series begins
/// @param queuedAssets,queuedShares deposits and withdrawals that wait for the turn
struct Series {
    bytes32 terms;
    uint40 startsAt;
    uint32 epochSeconds;
    uint8 rounds;
    address curator;
    uint96 assets;
    uint128 shares;
    uint32 opened;
    uint32 live;
    uint32 turn;
    bool isWoundUp;
    uint40 openedAt;
    uint96 queuedAssets;
    uint128 queuedShares;
}

/// @notice An epoch as it is stored.
/// @param contest of Judge; zero if it was never opened
/// @param market of Delphi; zero if none was made
/// @param liquidityShares that the series got of it
/// @param curatorPaid what the curator was paid of its fees, $AI wei
struct Epoch {
    uint256 contest;
    uint256 market;
    uint96 liquidityShares;
    uint96 curatorPaid;
}

/// @notice What an owner asked for, to be done at a turn.
struct Request {
    uint32 turn;
    uint96 assets;
    uint128 shares;
}

/// @notice What was done at a turn: all deposits and withdrawals, each kind at one rate.
/// @param deposited,minted assets that came and the shares made of them; none if the deposits are given back
/// @param withdrawn,paid shares that left and the assets paid for them
struct Turn {
    uint96 deposited;
    uint128 minted;
    uint128 withdrawn;
    uint96 paid;
}

/// @title IPerpetual
/// @notice Markets that go on: a series of epochs, each with a contest of Judge and a market of Delphi on it, all with
/// the same terms. Its liquidity is pooled in shares (ERC-6909, id: the series, 24 decimals) and goes from each market
/// to the next; positions go along on their owners' word. Anyone takes every step, and every epoch ends by itself.
/// @dev INVARIANT: the balance is at least the assets of all series, what is queued, and what turns left to be claimed.
/// Nothing depends on it, so whatever the contract is sent changes nothing.
interface IPerpetual {
    event SeriesCreated(uint256 indexed series, address indexed curator, SeriesTerms terms);
    event TestSetsCommitted(uint256 indexed series, uint256 indexed epoch, bytes32[] testSets);
    event ContestOpened(uint256 indexed series, uint256 indexed epoch, uint256 contest);
    event EntrantCarried(
        uint256 indexed series, uint256 indexed epoch, uint256 from, uint256 entrant, address payer
    );
    event MarketOpened(
        uint256 indexed series, uint256 indexed epoch, uint256 market, uint256 b, uint256 subsidy
    );
    event MarketClosed(uint256 indexed series, uint256 indexed epoch, uint256 back);
    event DepositRequested(uint256 indexed series, address indexed owner, uint256 assets);
    event WithdrawalRequested(uint256 indexed series, address indexed owner, uint256 shares);
    event RequestCancelled(
        uint256 indexed series, address indexed owner, uint256 assets, uint256 shares
    );
    event TurnTaken(uint256 indexed series, uint256 indexed turn, Turn done);
    event Claimed(uint256 indexed series, address indexed owner, uint256 assets, uint256 shares);
    event CuratorPaid(uint256 indexed series, uint256 indexed epoch, uint256 amount);
    event PositionRolled(
        uint256 indexed series,
        address indexed owner,
        uint256 from,
        uint256 to,
        uint256 paid,
        uint256 shares,
        uint256 cost
    );
    event WoundUp(uint256 indexed series, address by);

    /// @notice Creates a series, whose curator the caller is.
    /// @return series `keccak256(abi.encode(curator, terms, salt))`
    function create(SeriesTerms calldata terms, bytes32 salt) external returns (uint256 series);

    /// @notice Fixes the test sets of an epoch by their commitments (`IJudge.Round`), one for each round, for good.
    /// Curator only. An epoch without is skipped.
    function commitTestSets(uint256 series, uint256 epoch, bytes32[] calldata testSets) external;

    // Steps. Anyone. ------------------------------------------------------------------------------------

    /// @notice Opens the contest of the epoch that it is now, in the first half of its time for entries.
    function openContest(uint256 series, SeriesTerms calldata terms)
        external
        returns (uint256 contest);

    /// @notice Enters an entrant of an earlier epoch in the contest that was opened last, with the same owner and
    /// commitment. The caller pays the entry fee, of which the owner gets back what is not used.
    function carry(uint256 series, uint256 epoch, uint256 entrant) external returns (uint256);

    /// @notice Makes the market of the contest that was opened last, with `riskBps` of the series' assets, after
    /// taking the turn. Not while the one before is live, and no later than half a round after entries close.
    function openMarket(uint256 series, SeriesTerms calldata terms)
        external
        returns (uint256 market);

    /// @notice Takes the series' liquidity out of its market, which must be resolved or ready for it, and takes the
    /// turn: what was asked for is done at what a share is then worth. Without a market it only does the latter.
    function settle(uint256 series) external;

    /// @notice Pays the curator what an epoch's market has brought of the creator's part of its fees.
    function payCurator(uint256 series, uint256 epoch) external returns (uint256 paid);

    // Liquidity ------------------------------------------------------------------------------------------

    /// @notice Asks for shares at the next turn, and pays for them.
    function requestDeposit(uint256 series, uint96 assets) external;
    /// @notice Asks for what shares are worth at the next turn, and gives them away.
    function requestWithdrawal(uint256 series, uint128 shares) external;
    /// @notice Takes back all that the caller asked for and did not get yet.
    function cancel(uint256 series) external;
    /// @notice Gives an owner what a turn that was taken left for it. Anyone.
    function claim(uint256 series, address owner) external returns (uint256 assets, uint256 shares);

    // Positions ------------------------------------------------------------------------------------------

    /// @notice Redeems what an owner has of an outcome of an earlier epoch and buys for that money, in the live market,
    /// the outcome of an entrant of the same owner. For the owner or one of its operators at Delphi, of whom this
    /// contract must be one.
    /// @return shares bought, cost what they cost; the rest is paid to the owner
    function rollPosition(
        uint256 series,
        uint256 epoch,
        uint256 outcome,
        uint256 to,
        address owner,
        uint256 minShares,
        uint256 deadline
    ) external returns (uint256 shares, uint256 cost);

    // The end --------------------------------------------------------------------------------------------

    /// @notice Ends a series: no contest, no market and no deposit any more; all else goes on. The curator at any time,
    /// anyone once four epochs have gone by without a contest.
    function windUp(uint256 series) external;

    /// @notice The caller's ERC-2612 permit for what the following calls of a `multicall` take. One that somebody
    /// else has already sent does no harm.
    function permit(uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;

    function seriesOf(uint256 series) external view returns (Series memory);
    function epochOf(uint256 series, uint256 epoch) external view returns (Epoch memory);
    function testSetsOf(uint256 series, uint256 epoch) external view returns (bytes32[] memory);
    function requestOf(uint256 series, address owner) external view returns (Request memory);
    function turnOf(uint256 series, uint256 turn) external view returns (Turn memory);
    /// @notice The epoch that it is now.
    function epochAt(uint256 series) external view returns (uint256);
}
