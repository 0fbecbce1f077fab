// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {JobVerdeBase} from "./JobVerdeBase.t.sol";

/// @notice What each transaction of jobs and vaults costs, each run as its own (isolate), with the real Verde.
/// forge-config: default.isolate = true
contract JobsGasTest is JobVerdeBase {
    string private json;

    function row(string memory name) private {
        json = string.concat(
            json,
            bytes(json).length == 0 ? "{" : ",",
            '\n  "',
            name,
            '": ',
            vm.toString(uint256(vm.lastCallGas().gasTotalUsed))
        );
    }

    function test_gas_everyTransaction() public {
        post(); // the computation is new
        row("jobs.post");
        take(honest, honestVault);
        row("jobs.take");
        uint256 claim = commit(honest, RIGHT);
        row("jobs.commit");
        vm.warp(verde.claimOf(claim).windowEnd + 1);
        registry.settle(job);
        row("jobs.settle");

        post();
        uint256 wrong = solve(honest, honestVault, WRONG);
        challengeAndWin(wrong, WRONG);
        row("verde.timeout.void");
        registry.reopen(job);
        row("jobs.reopen");
        take(solver, vault);
        vm.warp(vm.getBlockTimestamp() + 1 hours + 1);
        registry.abandon(job);
        row("jobs.abandon");
        vm.prank(submitter);
        registry.cancel(job);
        row("jobs.cancel");
        post();
        vm.warp(vm.getBlockTimestamp() + 3 days);
        registry.expire(job);
        row("jobs.expire");

        vm.prank(stranger);
        factory.create(1_000);
        row("vaults.create");
        token.approve(address(vault), STAKE);
        vault.deposit(STAKE, stranger);
        row("vaults.deposit");
        uint256 shares = vault.balanceOf(stranger);
        vm.prank(stranger);
        vault.requestRedeem(shares, stranger, stranger);
        row("vaults.requestRedeem");
        vm.warp(vm.getBlockTimestamp() + 30 days);
        vm.prank(stranger);
        vault.redeem(shares, stranger, stranger);
        row("vaults.redeem");
        vm.prank(honest);
        honestVault.collectCommission(honest);
        row("vaults.collectCommission");

        require(token.transfer(solver, STAKE));
        vm.startPrank(solver);
        token.approve(address(vault), STAKE);
        vault.depositSelfBond(STAKE);
        row("vaults.depositSelfBond");
        vm.warp(vault.selfBondHeldUntil());
        vault.withdrawSelfBond(STAKE, solver);
        row("vaults.withdrawSelfBond");
        vm.stopPrank();

        vm.writeFile("snapshots/gas/jobs.json", string.concat(json, "\n}\n"));
    }
}
