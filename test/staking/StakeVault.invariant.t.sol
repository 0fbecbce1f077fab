// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CommonBase} from "forge-std/Base.sol";
import {StdCheats} from "forge-std/StdCheats.sol";
import {StdUtils} from "forge-std/StdUtils.sol";
import {Exit} from "../../src/staking/ExitPool.sol";
import {StakeVault} from "../../src/staking/StakeVault.sol";
import {StakeVaultFactory} from "../../src/staking/StakeVaultFactory.sol";
import {AIToken} from "../../src/token/AIToken.sol";
import {StakeVaultBase} from "./StakeVaultBase.t.sol";

/// @notice Does to an operator's vaults whatever their callers can do, after what has to come first; when a vault has
/// closed, the operator opens the next. An action is accepted unless the vault is in no state for it. Nothing that is
/// tried reverts.
contract StakeVaultHandler is CommonBase, StdCheats, StdUtils {
    StakeVaultFactory private immutable factory;
    AIToken private immutable token;
    address private immutable holder;
    address private immutable locker;
    address private immutable slasher;

    address[4] public stakers;
    StakeVault[] public vaults;
    StakeVault private vault; // the newest of them
    bytes32[] private locks; // its live ones
    uint256 private lockCount;

    uint256 public tried;
    uint256 public accepted;
    mapping(StakeVault => uint256) public taken; // by deposits and rewards
    mapping(StakeVault => uint256) public paid; // to leavers, the operator, and out of slashes
    mapping(StakeVault => uint256) public slashed; // forfeits included
    mapping(StakeVault => uint256) public ownSlashed; // the bond's part of it
    mapping(StakeVault => uint256) public donated;

    constructor(StakeVault vault_, address holder_, address locker_, address slasher_) {
        factory = StakeVaultFactory(address(vault_.factory()));
        vault = vault_;
        vaults.push(vault_);
        token = AIToken(vault_.asset());
        holder = holder_;
        locker = locker_;
        slasher = slasher_;
        for (uint256 i; i < 4; ++i) {
            stakers[i] = address(uint160(0x57a4e0 + i));
        }
    }

    modifier counted() {
        ++tried;
        if (vault.closed()) openNext();
        _;
    }

    function openNext() private {
        releaseAll();
        vm.prank(vault.operator());
        vault = StakeVault(factory.create(1_000));
        vaults.push(vault);
    }

    /// @dev Small and large amounts alike.
    function size(uint256 seed, uint256 max) private pure returns (uint256) {
        uint256 scaled = max >> (seed % 97);
        return scaled == 0 ? 1 : 1 + uint256(keccak256(abi.encode(seed))) % scaled;
    }

    function fund(address who, uint256 amount) private {
        vm.prank(holder);
        require(token.transfer(who, amount));
        vm.prank(who);
        token.approve(address(vault), amount);
    }

    function deposit(uint256 who, uint256 seed) external counted {
        if (_deposit(stakers[who % 4], size(seed, 1e26))) ++accepted;
    }

    function _deposit(address staker, uint256 assets) private returns (bool) {
        if (vault.previewDeposit(assets) == 0) return false;
        fund(staker, assets);
        vm.prank(staker);
        vault.deposit(assets, staker);
        taken[vault] += assets;
        return true;
    }

    function depositSelfBond(uint256 seed) external counted {
        _bond(size(seed, 1e26));
        ++accepted;
    }

    function _bond(uint256 assets) private {
        address operator = vault.operator();
        fund(operator, assets);
        vm.prank(operator);
        vault.depositSelfBond(assets);
        taken[vault] += assets;
    }

    function withdrawSelfBond(uint256 seed) external counted {
        if (vault.selfBond() == 0) _bond(size(seed, 1e26));
        if (block.timestamp < vault.selfBondHeldUntil()) vm.warp(vault.selfBondHeldUntil());
        uint256 free = vault.freeSelfBond();
        if (free == 0) return; // all of it is held by locks
        uint256 assets = seed % 2 == 0 ? free : seed % free + 1;
        address operator = vault.operator();
        vm.prank(operator);
        vault.withdrawSelfBond(assets, operator);
        paid[vault] += assets;
        ++accepted;
    }

    function mint(uint256 who, uint256 seed) external counted {
        uint256 shares = size(seed, vault.previewDeposit(1e26));
        uint256 assets = vault.previewMint(shares);
        if (assets > 1e27) return;
        address staker = stakers[who % 4];
        fund(staker, assets);
        vm.prank(staker);
        vault.mint(shares, staker);
        taken[vault] += assets;
        ++accepted;
    }

    function transferShares(uint256 from, uint256 to, uint256 seed) external counted {
        if (vault.balanceOf(stakers[from % 4]) == 0) _deposit(stakers[from % 4], size(seed, 1e26));
        uint256 balance = vault.balanceOf(stakers[from % 4]);
        if (balance == 0) return;
        vm.prank(stakers[from % 4]);
        require(vault.transfer(stakers[to % 4], seed % balance + 1));
        ++accepted;
    }

    function requestRedeem(uint256 who, uint256 seed) external counted {
        if (_requestRedeem(stakers[who % 4], seed)) ++accepted;
    }

    function _requestRedeem(address staker, uint256 seed) private returns (bool) {
        if (vault.balanceOf(staker) == 0) _deposit(staker, size(seed, 1e26));
        uint256 balance = vault.balanceOf(staker);
        uint256 shares = seed % 3 == 0 ? balance : seed % (balance + 1);
        if (vault.convertToAssets(shares) == 0) return false;
        vm.prank(staker);
        vault.requestRedeem(shares, staker, staker);
        return true;
    }

    /// @dev Waits until something has matured, after a request if there is none.
    function matured(address staker, uint256 seed) private {
        if (vault.maxWithdraw(staker) != 0) return;
        if (vault.pendingRedeemRequest(0, staker) == 0) _requestRedeem(staker, seed);
        vm.warp(vm.getBlockTimestamp() + 7 days);
    }

    function redeem(uint256 who, uint256 seed) external counted {
        address staker = stakers[who % 4];
        matured(staker, seed);
        uint256 most = vault.maxRedeem(staker);
        if (most == 0) return;
        uint256 shares = seed % 2 == 0 ? most : seed % most + 1;
        vm.prank(staker);
        paid[vault] += vault.redeem(shares, staker, staker);
        ++accepted;
    }

    function withdraw(uint256 who, uint256 seed) external counted {
        address staker = stakers[who % 4];
        matured(staker, seed);
        uint256 most = vault.maxWithdraw(staker);
        if (most == 0) return;
        uint256 assets = seed % 2 == 0 ? most : seed % most + 1;
        vm.prank(staker);
        vault.withdraw(assets, staker, staker);
        paid[vault] += assets;
        ++accepted;
    }

    function lock(uint256 seed) external counted {
        if (_lock(seed)) ++accepted;
    }

    function _lock(uint256 seed) private returns (bool) {
        if (vault.freeAssets() == 0) {
            _bond(size(seed, 1e26));
            _deposit(stakers[seed % 4], size(seed, 1e26));
        }
        uint256 free = vault.freeAssets();
        if (free == 0) return false;
        bytes32 id = bytes32(++lockCount);
        vm.prank(locker);
        vault.lock(id, seed % 16 == 0 ? free : seed % free + 1);
        locks.push(id);
        return true;
    }

    function unlock(uint256 seed) external counted {
        if (locks.length == 0 && !_lock(seed)) return;
        bytes32 id = remove(seed);
        vm.prank(locker);
        vault.unlock(id);
        ++accepted;
    }

    function forfeit(uint256 seed) external counted {
        if (locks.length == 0 && !_lock(seed)) return;
        bytes32 id = remove(seed);
        (, uint256 amount) = vault.lockOf(id);
        uint256 penalty = seed % (amount + 1);
        uint256 own = vault.selfBond();
        vm.prank(locker);
        vault.forfeit(id, penalty, address(0xdead));
        lost(penalty, own);
        ++accepted;
    }

    function slash(uint256 seed) external counted {
        if (locks.length == 0 && !_lock(seed)) return;
        bytes32 id = remove(seed);
        (, uint256 amount) = vault.lockOf(id);
        uint256 own = vault.selfBond();
        vm.prank(slasher);
        require(vault.slash(id, address(0xdead)) == amount, "a lock is worth what it says");
        lost(amount, own);
        ++accepted;
    }

    function lost(uint256 amount, uint256 ownBefore) private {
        paid[vault] += amount;
        slashed[vault] += amount;
        ownSlashed[vault] += ownBefore - vault.selfBond();
    }

    function remove(uint256 seed) private returns (bytes32 id) {
        uint256 index = seed % locks.length;
        id = locks[index];
        locks[index] = locks[locks.length - 1];
        locks.pop();
    }

    function reward(uint256 seed) external counted {
        _reward(size(seed, 1e25));
        ++accepted;
    }

    function _reward(uint256 amount) private {
        fund(locker, amount);
        vm.prank(locker);
        vault.reward(amount);
        taken[vault] += amount;
    }

    function collect(uint256 seed) external counted {
        if (vault.commissionOwed() == 0) _reward(1e4 + size(seed, 1e25));
        if (vault.commissionOwed() == 0) return; // the commission is zero
        address operator = vault.operator();
        vm.prank(operator);
        paid[vault] += vault.collectCommission(operator);
        ++accepted;
    }

    function setCommission(uint16 bps) external counted {
        address operator = vault.operator();
        vm.prank(operator);
        vault.setCommission(bps % 9_001);
        ++accepted;
    }

    function donate(uint256 seed) external counted {
        uint256 amount = size(seed, 1e24);
        vm.prank(holder);
        require(token.transfer(address(vault), amount));
        donated[vault] += amount;
        ++accepted;
    }

    function warp(uint256 seed) external counted {
        vm.warp(vm.getBlockTimestamp() + 1 + seed % 9 days);
        ++accepted;
    }

    function releaseAll() private {
        while (locks.length != 0) {
            bytes32 id = remove(0);
            vm.prank(locker);
            vault.unlock(id);
        }
    }

    function lockedIn(StakeVault which) external view returns (uint256 sum) {
        for (uint256 i; which == vault && i < locks.length; ++i) {
            (, uint256 amount) = vault.lockOf(locks[i]);
            sum += amount;
        }
    }

    function vaultCount() external view returns (uint256) {
        return vaults.length;
    }

    /// @dev Everybody leaves a vault: its locks are released, all shares and exits are paid.
    function leaveAll(StakeVault which) external {
        if (which == vault) releaseAll();
        for (uint256 i; i < 4; ++i) {
            uint256 shares = which.balanceOf(stakers[i]);
            if (which.convertToAssets(shares) == 0) continue;
            vm.prank(stakers[i]);
            which.requestRedeem(shares, stakers[i], stakers[i]);
        }
        vm.warp(vm.getBlockTimestamp() + 90 days);
        uint256 own = which.selfBond();
        require(which.freeSelfBond() == own, "without locks all of the bond is free");
        if (own != 0) {
            address operator = which.operator();
            vm.prank(operator);
            which.withdrawSelfBond(own, operator);
        }
        for (uint256 i; i < 4; ++i) {
            uint256 most = which.maxWithdraw(stakers[i]);
            if (most == 0) continue;
            vm.prank(stakers[i]);
            which.withdraw(most, stakers[i], stakers[i]);
        }
    }
}

/// forge-config: default.invariant.runs = 64
/// forge-config: default.invariant.depth = 128
/// forge-config: default.invariant.fail-on-revert = true
contract StakeVaultInvariants is StakeVaultBase {
    StakeVaultHandler private handler;

    function setUp() public override {
        super.setUp();
        handler = new StakeVaultHandler(vault, holder, locker, slasher);
        targetContract(address(handler));
        bytes4[] memory excluded = new bytes4[](1);
        excluded[0] = StakeVaultHandler.leaveAll.selector;
        excludeSelector(FuzzSelector(address(handler), excluded));
    }

    function invariant_everythingIsOwnedOnce() public view {
        for (uint256 i; i < handler.vaultCount(); ++i) {
            StakeVault v = handler.vaults(i);
            checkBalance(v);
            checkLocks(v);
            checkShares(v);
            checkExits(v);
        }
    }

    /// @dev The balance is what is owed.
    function checkBalance(StakeVault v) private view {
        uint256 owed =
            uint256(v.selfBond()) + v.activeAssets() + v.leavingAssets() + v.commissionOwed();
        assertEq(token.balanceOf(address(v)), owed + handler.donated(v));
        assertEq(owed, handler.taken(v) - handler.paid(v));
    }

    /// @dev Locks are covered. Of what was slashed so far, and of what the locks could still lose, the operator pays at
    /// least half.
    function checkLocks(StakeVault v) private view {
        uint256 locked = v.lockedAssets();
        uint256 own = v.selfBond();
        assertEq(locked, handler.lockedIn(v));
        assertLe(locked, own + v.activeAssets() + v.leavingAssets());
        uint256 beyond = locked > 2 * own ? locked - 2 * own : 0;
        assertGe(2 * handler.ownSlashed(v), handler.slashed(v) + beyond);
    }

    /// @dev Shares own the active class at most.
    function checkShares(StakeVault v) private view {
        uint256 shares;
        uint256 assets;
        for (uint256 i; i < 4; ++i) {
            uint256 balance = v.balanceOf(handler.stakers(i));
            shares += balance;
            assets += v.convertToAssets(balance);
        }
        assertEq(shares, v.totalSupply());
        assertLe(assets, v.activeAssets());
        assertLe(shares, type(uint128).max);
    }

    /// @dev A unit of the leaving class is worth a wei at most.
    function checkExits(StakeVault v) private view {
        uint256 units;
        for (uint256 i; i < 4; ++i) {
            Exit memory exit = v.exitOf(handler.stakers(i));
            units += uint256(exit.pendingUnits) + exit.maturedUnits;
        }
        assertGe(units, v.leavingAssets());
        if (units == 0) assertEq(v.leavingAssets(), 0);
    }

    /// @dev Nothing is stuck: when everybody has left, only what virtual shares own and dust are there.
    function afterInvariant() public {
        assertGt(handler.accepted() * 10, handler.tried() * 7, "most actions are possible");
        for (uint256 i; i < handler.vaultCount(); ++i) {
            StakeVault v = handler.vaults(i);
            uint256 virtualAssets =
                1000 * (uint256(v.activeAssets()) + 1) / (v.totalSupply() + 1000);
            handler.leaveAll(v);
            assertEq(v.lockedAssets(), 0);
            assertLe(v.leavingAssets(), 4);
            assertLe(v.activeAssets(), virtualAssets + 16);
        }
    }
}
