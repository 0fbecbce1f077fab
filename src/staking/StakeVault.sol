// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC4626} from "solady/tokens/ERC4626.sol";
import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";
import {LibClone} from "solady/utils/LibClone.sol";
import {LibString} from "solady/utils/LibString.sol";
import {SafeCastLib} from "solady/utils/SafeCastLib.sol";
import {SafeTransferLib} from "solady/utils/SafeTransferLib.sol";
import {Exit, ExitPool, Pool} from "./ExitPool.sol";
import {IERC7540Redeem} from "./IERC7540Redeem.sol";
import {IStakeVault} from "./IStakeVault.sol";
import {IStakeVaultFactory} from "./IStakeVaultFactory.sol";

/// @title StakeVault
/// @notice The stake behind one operator's work: its own bond, which loses first, and whatever anyone deposits.
/// @dev A minimal clone whose immutable argument is the operator. The asset is $AI, which calls nobody back.
contract StakeVault is ERC4626, IStakeVault, IERC7540Redeem {
    using ExitPool for Pool;
    using SafeCastLib for uint256;
    using SafeTransferLib for address;

    uint256 internal constant ALL = 10_000; // basis points

    /// @notice The highest commission, in basis points: income is mostly pay for work, but stake earns something.
    uint16 public constant MAX_COMMISSION_BPS = 9_000;

    /// @notice Beyond this many shares for a wei of assets, a millionth of what a share is worth at first, the vault
    /// closes. It bounds the shares, which a depositor after a loss would otherwise multiply.
    uint256 public constant MAX_SHARES_PER_ASSET = 1e9;

    uint8 internal constant DECIMALS_OFFSET = 3; // virtual shares; inflating a share costs 1,000 times the loot

    struct Lock {
        address locker;
        uint96 amount; // the supply of $AI is below 2^94 wei
    }

    IStakeVaultFactory public immutable factory;
    address internal immutable ASSET;

    uint128 public activeAssets;
    uint128 public lockedAssets;
    uint128 public selfBond;
    uint128 public commissionOwed;
    Pool internal pool;
    uint40 public selfBondHeldUntil;
    uint16 internal commission;
    uint16 internal nextCommission;
    uint40 internal nextCommissionFrom; // zero: no change is announced
    bool public closed;

    mapping(bytes32 lockId => Lock) internal locks;
    mapping(address controller => Exit) internal exits;
    /// @inheritdoc IERC7540Redeem
    mapping(address controller => mapping(address operator => bool)) public isOperator;

    /// @notice Only the factory may do this.
    error StakeVault_NotFactory(address caller);
    /// @notice Only the vault's operator may do this.
    error StakeVault_NotOperator(address caller);
    /// @notice The caller may make no locks, or did not make this one.
    error StakeVault_NotLocker(address caller);
    /// @notice The caller is not the slasher that the factory pairs with the locker of this lock.
    error StakeVault_NotSlasher(bytes32 lockId, address caller);
    /// @notice The caller is neither the controller of this exit nor approved by it.
    error StakeVault_NotController(address controller, address caller);
    /// @notice The vault lost so much that it takes neither deposits nor locks.
    error StakeVault_Closed();
    /// @notice The amount is zero, or rounds to zero.
    error StakeVault_ZeroAmount();
    /// @notice There is a lock of this id.
    error StakeVault_LockExists(bytes32 lockId);
    /// @notice There is no lock of this id, or no more.
    error StakeVault_NoLock(bytes32 lockId);
    /// @notice Less is free, to be locked or to be withdrawn from the self-bond, than is wanted. $AI wei.
    error StakeVault_NotEnoughFree(uint256 free, uint256 wanted);
    /// @notice A penalty is at most the lock's amount. $AI wei.
    error StakeVault_PenaltyAboveLock(uint256 locked, uint256 penalty);
    /// @notice The commission is at most MAX_COMMISSION_BPS.
    error StakeVault_CommissionTooHigh(uint16 bps);
    /// @notice Less of the controller's exit is payable than is wanted: shares in `redeem`, $AI wei in `withdraw`.
    error StakeVault_NotClaimable(uint256 claimable, uint256 wanted);
    /// @notice What an exit pays is not known before it is paid.
    error StakeVault_ExitIsAsynchronous();

    modifier onlyOperator() {
        if (msg.sender != operator()) revert StakeVault_NotOperator(msg.sender);
        _;
    }

    /// @dev Deployed by the factory, as what its vaults are clones of; itself takes no deposits.
    constructor(address asset_) {
        factory = IStakeVaultFactory(msg.sender);
        ASSET = asset_;
        closed = true;
    }

    /// @notice Sets the first commission of a fresh clone. Factory only, in the transaction that creates it.
    function initialize(uint16 bps) external {
        if (msg.sender != address(factory)) revert StakeVault_NotFactory(msg.sender);
        if (bps > MAX_COMMISSION_BPS) revert StakeVault_CommissionTooHigh(bps);
        commission = bps;
        emit CommissionSet(bps, uint40(block.timestamp));
    }

    // Deposits (ERC-4626)

    /// @notice Deposits `assets` for `to`. Shares are rounded down.
    function deposit(uint256 assets, address to) public override returns (uint256 shares) {
        shares = previewDeposit(assets);
        _deposit(msg.sender, to, assets, shares);
    }

    /// @notice Mints `shares` for `to`. Assets are rounded up.
    function mint(uint256 shares, address to) public override returns (uint256 assets) {
        assets = previewMint(shares);
        _deposit(msg.sender, to, assets, shares);
    }

    function _deposit(address by, address to, uint256 assets, uint256 shares) internal override {
        if (closed) revert StakeVault_Closed();
        if (assets == 0 || shares == 0) revert StakeVault_ZeroAmount();
        activeAssets = (activeAssets + assets).toUint128();
        _mint(to, shares);
        emit Deposit(by, to, assets, shares);
        ASSET.safeTransferFrom(by, address(this), assets);
    }

    // Self-bond

    /// @inheritdoc IStakeVault
    function depositSelfBond(uint256 assets) external onlyOperator {
        if (closed) revert StakeVault_Closed();
        if (assets == 0) revert StakeVault_ZeroAmount();
        selfBond = (selfBond + assets).toUint128();
        uint40 heldUntil = uint40(block.timestamp) + factory.unbondingSeconds();
        if (heldUntil > selfBondHeldUntil) selfBondHeldUntil = heldUntil;
        emit SelfBondDeposited(assets, selfBondHeldUntil);
        ASSET.safeTransferFrom(msg.sender, address(this), assets);
    }

    /// @inheritdoc IStakeVault
    function withdrawSelfBond(uint256 assets, address to) external onlyOperator {
        if (assets == 0) revert StakeVault_ZeroAmount();
        uint256 free = freeSelfBond();
        if (assets > free) revert StakeVault_NotEnoughFree(free, assets);
        selfBond -= assets.toUint128();
        emit SelfBondWithdrawn(to, assets);
        ASSET.safeTransfer(to, assets);
    }

    // Exit (ERC-7540)

    /// @inheritdoc IERC7540Redeem
    /// @dev The shares' assets, rounded down, move to the leaving class: they stop earning, and a slash still finds
    /// them. A controller has one request: adding to it lets the whole pending part wait anew.
    function requestRedeem(uint256 shares, address controller, address owner)
        external
        returns (uint256 requestId)
    {
        if (owner != msg.sender && !isOperator[owner][msg.sender]) {
            _spendAllowance(owner, msg.sender, shares);
        }
        // Nobody lets another's request wait anew.
        if (controller != owner) _checkController(controller);
        uint256 assets = convertToAssets(shares);
        if (assets == 0) revert StakeVault_ZeroAmount();

        _burn(owner, shares);
        activeAssets -= assets.toUint128();
        Exit memory exit = pool.asOf(exits[controller], block.timestamp);
        pool.join(exit, shares, assets, uint40(block.timestamp) + factory.unbondingSeconds());
        exits[controller] = exit;
        emit RedeemRequest(controller, owner, 0, msg.sender, shares);
        return 0;
    }

    /// @notice Pays `shares` of the controller's matured request to `to`. Assets are rounded down.
    function redeem(uint256 shares, address to, address controller)
        public
        override
        returns (uint256 assets)
    {
        _checkController(controller);
        Exit memory exit = pool.asOf(exits[controller], block.timestamp);
        uint256 claimable = _claimable(exit);
        if (shares == 0) revert StakeVault_ZeroAmount();
        if (shares > claimable) revert StakeVault_NotClaimable(claimable, shares);
        uint256 units = FixedPointMathLib.fullMulDiv(exit.maturedUnits, shares, exit.maturedShares);
        assets = pool.toAssetsDown(units);
        _pay(controller, exit, shares, units, assets, to);
    }

    /// @notice Pays `assets` of the controller's matured request to `to`. Shares are rounded up; what a share was worth
    /// beyond the assets stays withdrawable.
    function withdraw(uint256 assets, address to, address controller)
        public
        override
        returns (uint256 shares)
    {
        _checkController(controller);
        Exit memory exit = pool.asOf(exits[controller], block.timestamp);
        uint256 claimable = _payable(exit);
        if (assets == 0) revert StakeVault_ZeroAmount();
        if (assets > claimable) revert StakeVault_NotClaimable(claimable, assets);
        uint256 units = pool.toUnitsUp(assets);
        shares = FixedPointMathLib.fullMulDivUp(exit.maturedShares, units, exit.maturedUnits);
        _pay(controller, exit, shares, units, assets, to);
    }

    function _pay(
        address controller,
        Exit memory exit,
        uint256 shares,
        uint256 units,
        uint256 assets,
        address to
    ) internal {
        exit.maturedShares -= shares.toUint128();
        exit.maturedUnits -= units.toUint128();
        exits[controller] = exit;
        pool.remove(units, assets);
        emit Withdraw(msg.sender, to, controller, assets, shares);
        if (assets != 0) ASSET.safeTransfer(to, assets);
    }

    /// @dev Assets that the matured part of an exit is worth and no lock holds. Where locks hold a part of the
    /// leaving class, first come is first served.
    function _payable(Exit memory exit) internal view returns (uint256) {
        return FixedPointMathLib.min(
            pool.toAssetsDown(exit.maturedUnits),
            uint256(selfBond) + activeAssets + pool.assets - lockedAssets
        );
    }

    /// @dev Shares of an exit that are payable, rounded down.
    function _claimable(Exit memory exit) internal view returns (uint256) {
        uint256 assets = pool.toAssetsDown(exit.maturedUnits);
        uint256 allowed = _payable(exit);
        return allowed == assets
            ? exit.maturedShares
            : FixedPointMathLib.fullMulDiv(exit.maturedShares, allowed, assets);
    }

    /// @inheritdoc IERC7540Redeem
    function pendingRedeemRequest(uint256 requestId, address controller)
        external
        view
        returns (uint256)
    {
        if (requestId != 0) return 0;
        Exit memory exit = pool.asOf(exits[controller], block.timestamp);
        return uint256(exit.pendingShares) + exit.maturedShares - _claimable(exit);
    }

    /// @inheritdoc IERC7540Redeem
    function claimableRedeemRequest(uint256 requestId, address controller)
        external
        view
        returns (uint256)
    {
        return requestId == 0 ? maxRedeem(controller) : 0;
    }

    /// @notice A controller's exit as it stands: what waits, until when, what has matured. Matured shares are
    /// claimable as far as no lock holds their assets.
    function exitOf(address controller) external view returns (Exit memory) {
        return pool.asOf(exits[controller], block.timestamp);
    }

    /// @inheritdoc IERC7540Redeem
    function setOperator(address operator_, bool approved) external returns (bool) {
        isOperator[msg.sender][operator_] = approved;
        emit OperatorSet(msg.sender, operator_, approved);
        return true;
    }

    function _checkController(address controller) internal view {
        if (controller != msg.sender && !isOperator[controller][msg.sender]) {
            revert StakeVault_NotController(controller, msg.sender);
        }
    }

    // Locks

    /// @inheritdoc IStakeVault
    function lock(bytes32 lockId, uint256 amount) external {
        if (!factory.isLocker(msg.sender)) revert StakeVault_NotLocker(msg.sender);
        if (closed) revert StakeVault_Closed();
        if (amount == 0) revert StakeVault_ZeroAmount();
        if (locks[lockId].locker != address(0)) revert StakeVault_LockExists(lockId);
        uint256 free = freeAssets();
        if (amount > free) revert StakeVault_NotEnoughFree(free, amount);
        locks[lockId] = Lock(msg.sender, amount.toUint96());
        lockedAssets += amount.toUint128();
        emit Locked(lockId, msg.sender, amount);
    }

    /// @inheritdoc IStakeVault
    function unlock(bytes32 lockId) external {
        _releaseOwn(lockId);
        emit Unlocked(lockId, 0);
    }

    /// @inheritdoc IStakeVault
    function forfeit(bytes32 lockId, uint256 penalty, address to) external {
        uint256 locked = _releaseOwn(lockId);
        if (penalty > locked) revert StakeVault_PenaltyAboveLock(locked, penalty);
        emit Unlocked(lockId, locked - penalty);
        _take(lockId, penalty, to);
    }

    /// @inheritdoc IStakeVault
    function slash(bytes32 lockId, address to) external returns (uint256 amount) {
        Lock memory held = locks[lockId];
        if (held.locker == address(0)) revert StakeVault_NoLock(lockId);
        if (factory.slasherOf(held.locker) != msg.sender) {
            revert StakeVault_NotSlasher(lockId, msg.sender);
        }
        _release(lockId, held.amount);
        return _take(lockId, held.amount, to);
    }

    function _releaseOwn(bytes32 lockId) internal returns (uint256 amount) {
        Lock memory held = locks[lockId];
        if (held.locker == address(0)) revert StakeVault_NoLock(lockId);
        if (held.locker != msg.sender) revert StakeVault_NotLocker(msg.sender);
        _release(lockId, held.amount);
        return held.amount;
    }

    function _release(bytes32 lockId, uint256 amount) internal {
        delete locks[lockId];
        lockedAssets -= amount.toUint128();
    }

    /// @dev Takes `amount` from the self-bond as far as it goes, and what is left from both classes in proportion: the
    /// leaving part rounded up, the active part the rest, so that exactly `amount` leaves and no part exceeds its
    /// class.
    function _take(bytes32 lockId, uint256 amount, address to) internal returns (uint256) {
        uint256 delegated = uint256(activeAssets) + pool.assets;
        amount = FixedPointMathLib.min(amount, selfBond + delegated); // equal to `amount` by the invariant
        if (amount == 0) return 0;
        uint256 fromSelfBond = FixedPointMathLib.min(amount, selfBond);
        uint256 rest = amount - fromSelfBond;
        uint256 fromLeaving =
            rest == 0 ? 0 : FixedPointMathLib.fullMulDivUp(rest, pool.assets, delegated);
        uint256 fromActive = rest - fromLeaving;

        selfBond -= fromSelfBond.toUint128();
        (bool over, uint128 dust) = pool.slash(fromLeaving);
        activeAssets = activeAssets - fromActive.toUint128() + dust;
        emit Slashed(lockId, to, amount, fromSelfBond, fromActive, fromLeaving);
        if (over) emit ExitsVoided(pool.era, dust);
        // What the self-bond alone paid made no share cheaper.
        if (
            fromActive != 0 && !closed
                && totalSupply() > uint256(activeAssets) * MAX_SHARES_PER_ASSET
        ) {
            closed = true;
            emit Closed();
        }
        ASSET.safeTransfer(to, amount);
        return amount;
    }

    // Income

    /// @inheritdoc IStakeVault
    function reward(uint256 amount) external {
        if (amount == 0) revert StakeVault_ZeroAmount();
        (uint256 toOperator, uint256 toSelfBond) = _divide(amount);
        commissionOwed = (commissionOwed + toOperator).toUint128();
        selfBond = (selfBond + toSelfBond).toUint128();
        activeAssets = (activeAssets + amount - toOperator - toSelfBond).toUint128();
        emit Rewarded(msg.sender, amount, toOperator, toSelfBond);
        ASSET.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @dev Commission and the self-bond's part of an income, both rounded down; what is left belongs to the shares.
    /// Without shares nothing is left: what active assets there are then is dust that nobody owns.
    function _divide(uint256 amount)
        internal
        view
        returns (uint256 toOperator, uint256 toSelfBond)
    {
        uint256 own = selfBond;
        bool hasShares = totalSupply() != 0;
        if (own == 0 && !hasShares) return (amount, 0);
        toOperator = amount * commissionBps() / ALL;
        uint256 rest = amount - toOperator;
        if (!hasShares) toSelfBond = rest;
        else if (own != 0) toSelfBond = FixedPointMathLib.fullMulDiv(rest, own, own + activeAssets);
    }

    /// @inheritdoc IStakeVault
    function commissionBps() public view returns (uint16) {
        return nextCommissionFrom != 0 && block.timestamp >= nextCommissionFrom
            ? nextCommission
            : commission;
    }

    /// @inheritdoc IStakeVault
    function setCommission(uint16 bps) external onlyOperator {
        if (bps > MAX_COMMISSION_BPS) revert StakeVault_CommissionTooHigh(bps);
        commission = commissionBps();
        uint40 validFrom = uint40(block.timestamp);
        if (bps <= commission) {
            commission = bps;
            nextCommissionFrom = 0;
        } else {
            validFrom += factory.unbondingSeconds();
            nextCommission = bps;
            nextCommissionFrom = validFrom;
        }
        emit CommissionSet(bps, validFrom);
    }

    /// @inheritdoc IStakeVault
    function collectCommission(address to) external onlyOperator returns (uint256 amount) {
        amount = commissionOwed;
        if (amount == 0) revert StakeVault_ZeroAmount();
        commissionOwed = 0;
        emit CommissionCollected(to, amount);
        ASSET.safeTransfer(to, amount);
    }

    // Views

    /// @inheritdoc IStakeVault
    function operator() public view returns (address) {
        return address(bytes20(LibClone.argsOnClone(address(this), 0, 20)));
    }

    /// @inheritdoc IStakeVault
    function freeAssets() public view returns (uint256) {
        uint256 own = selfBond;
        return FixedPointMathLib.zeroFloorSub(
            own + FixedPointMathLib.min(own, activeAssets), lockedAssets
        );
    }

    /// @inheritdoc IStakeVault
    function freeSelfBond() public view returns (uint256) {
        if (block.timestamp < selfBondHeldUntil) return 0;
        uint256 locked = lockedAssets;
        // The least bond for which freeAssets() would still cover what is locked.
        uint256 held = FixedPointMathLib.max(
            (locked + 1) / 2, FixedPointMathLib.zeroFloorSub(locked, activeAssets)
        );
        return FixedPointMathLib.zeroFloorSub(selfBond, held);
    }

    /// @inheritdoc IStakeVault
    function leavingAssets() external view returns (uint128) {
        return pool.assets;
    }

    /// @inheritdoc IStakeVault
    function lockOf(bytes32 lockId) external view returns (address locker, uint256 amount) {
        Lock memory held = locks[lockId];
        return (held.locker, held.amount);
    }

    /// @notice $AI.
    function asset() public view override returns (address) {
        return ASSET;
    }

    /// @inheritdoc IERC7540Redeem
    function share() external view returns (address) {
        return address(this);
    }

    /// @notice What the shares own: the active class. What leaves has given up its shares.
    function totalAssets() public view override returns (uint256) {
        return activeAssets;
    }

    function maxDeposit(address) public view override returns (uint256) {
        return closed ? 0 : type(uint256).max;
    }

    function maxMint(address) public view override returns (uint256) {
        return closed ? 0 : type(uint256).max;
    }

    /// @notice Assets that `withdraw` pays the controller now.
    function maxWithdraw(address controller) public view override returns (uint256) {
        return _payable(pool.asOf(exits[controller], block.timestamp));
    }

    /// @notice Shares that `redeem` takes from the controller now.
    function maxRedeem(address controller) public view override returns (uint256) {
        return _claimable(pool.asOf(exits[controller], block.timestamp));
    }

    /// @notice Reverts, as ERC-7540 asks: what an exit pays is not known before it is paid.
    function previewRedeem(uint256) public pure override returns (uint256) {
        revert StakeVault_ExitIsAsynchronous();
    }

    /// @notice Reverts, as ERC-7540 asks: what an exit pays is not known before it is paid.
    function previewWithdraw(uint256) public pure override returns (uint256) {
        revert StakeVault_ExitIsAsynchronous();
    }

    function name() public view override returns (string memory) {
        return string.concat("Staked AI of ", LibString.toHexStringChecksummed(operator()));
    }

    function symbol() public pure override returns (string memory) {
        return "stAI";
    }

    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == 0x01ffc9a7 // ERC-165
            || id == 0xe3bc4e65 // ERC-7540 operators
            || id == 0x620ee8e4 // ERC-7540 redemption
            || id == 0x2f0a18c5; // ERC-7575
    }

    function _decimalsOffset() internal pure override returns (uint8) {
        return DECIMALS_OFFSET;
    }

    /// @dev Nobody has an allowance that its owner did not give.
    function _givePermit2InfiniteAllowance() internal pure override returns (bool) {
        return false;
    }
}
