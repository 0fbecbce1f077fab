// Vaults as StakeVault.sol keeps them, in the fake world.
import { type Address, type Hash, keccak256, zeroAddress, numberToHex } from 'viem'
import { account, ACCOUNTS, AI, FAKE_DEPLOYMENT, pick, type Writer } from './world.ts'

export interface Vault {
  readonly address: Address
  readonly operator: Address
  selfBond: bigint
  active: bigint
  leaving: bigint
  units: bigint
  locked: bigint
  shares: bigint
  readonly owners: Map<Address, bigint>
  readonly exits: Map<Address, { shares: bigint; units: bigint }>
  readonly locks: Map<Hash, bigint>
}

export const free = ({ selfBond, active, locked }: Vault): bigint =>
  selfBond + (selfBond < active ? selfBond : active) - locked

export function openVault(w: Writer, vaults: Vault[]): void {
  if (vaults.length >= ACCOUNTS / 4) {
    bond(w, vaults)
    return
  }
  const operator = account(vaults.length)
  const address = numberToHex(BigInt(keccak256(w.fresh())) >> 96n, { size: 20 })
  const commissionBps = w.random.below(9_000)
  w.emit('stakeVaultFactory', 'VaultCreated', { operator, vault: address, commissionBps })
  w.emit('vault', 'CommissionSet', { bps: commissionBps, validFrom: w.now }, address)
  w.send(operator, FAKE_DEPLOYMENT.contracts.stakeVaultFactory)
  vaults.push({
    ...{
      address,
      operator,
      selfBond: 0n,
      active: 0n,
      leaving: 0n,
      units: 0n,
      locked: 0n,
      shares: 0n,
    },
    ...{ owners: new Map(), exits: new Map(), locks: new Map() },
  })
  bond(w, vaults.slice(-1))
}

export function bond(w: Writer, vaults: readonly Vault[]): void {
  const vault = pick(w.random, vaults)
  if (vault === undefined) return
  const assets = BigInt(1 + w.random.below(50_000)) * AI
  vault.selfBond += assets
  const heldUntil = w.now + 86_400
  w.emit('vault', 'SelfBondDeposited', { assets, heldUntil }, vault.address)
  w.pay(vault.operator, vault.address, assets)
  w.send(vault.operator, vault.address)
}

export function deposit(w: Writer, vaults: readonly Vault[]): void {
  const vault = pick(w.random, vaults)
  if (vault === undefined) return
  const owner = account(w.random.below(ACCOUNTS))
  const assets = w.random.magnitude(10_000n * AI)
  const shares = (assets * (vault.shares + 1_000n)) / (vault.active + 1n)
  if (shares === 0n) return
  vault.active += assets
  moveShares(vault, owner, shares)
  w.emit('vault', 'Transfer', { from: zeroAddress, to: owner, amount: shares }, vault.address)
  w.emit('vault', 'Deposit', { by: owner, owner, assets, shares }, vault.address)
  w.pay(owner, vault.address, assets)
  w.send(owner, vault.address)
}

function moveShares(vault: Vault, owner: Address, shares: bigint): void {
  vault.shares += shares
  vault.owners.set(owner, (vault.owners.get(owner) ?? 0n) + shares)
}

export function leave(w: Writer, vaults: readonly Vault[]): void {
  const vault = pick(w.random, vaults)
  const owner = vault && pick(w.random, [...vault.owners.keys()])
  if (vault === undefined || owner === undefined) return
  const shares = w.random.upTo(vault.owners.get(owner)!)
  const assets = (shares * (vault.active + 1n)) / (vault.shares + 1_000n)
  if (assets === 0n) return
  moveShares(vault, owner, -shares)
  const units = vault.units === 0n ? assets : (assets * vault.units) / vault.leaving
  vault.active -= assets
  vault.leaving += assets
  vault.units += units
  const exit = vault.exits.get(owner) ?? { shares: 0n, units: 0n }
  vault.exits.set(owner, { shares: exit.shares + shares, units: exit.units + units })
  w.emit('vault', 'Transfer', { from: owner, to: zeroAddress, amount: shares }, vault.address)
  const request = { controller: owner, owner, requestId: 0n, sender: owner, shares }
  w.emit('vault', 'RedeemRequest', request, vault.address)
  w.send(owner, vault.address)
}

export function withdraw(w: Writer, vaults: readonly Vault[]): void {
  const vault = pick(w.random, vaults)
  const owner = vault && pick(w.random, [...vault.exits.keys()])
  if (vault === undefined || owner === undefined) return
  const { shares, units } = vault.exits.get(owner)!
  const assets = (units * vault.leaving) / (vault.units === 0n ? 1n : vault.units)
  if (assets === 0n || assets > vault.selfBond + vault.active + vault.leaving - vault.locked) return
  vault.exits.delete(owner)
  vault.leaving -= assets
  vault.units -= units
  w.emit('vault', 'Withdraw', { by: owner, to: owner, owner, assets, shares }, vault.address)
  w.pay(vault.address, owner, assets)
  w.send(owner, vault.address)
}

export function take(w: Writer, vault: Vault, lock: Hash, to: Address, all: bigint): void {
  const delegated = vault.active + vault.leaving
  const fromSelfBond = all < vault.selfBond ? all : vault.selfBond
  const rest = all - fromSelfBond
  const fromLeaving = rest === 0n ? 0n : (rest * vault.leaving + delegated - 1n) / delegated
  const fromActive = rest - fromLeaving
  vault.selfBond -= fromSelfBond
  vault.active -= fromActive
  vault.leaving -= fromLeaving
  const parts = { fromSelfBond, fromActive, fromLeaving }
  w.emit('vault', 'Slashed', { lockId: lock, to, amount: all, ...parts }, vault.address)
  if (vault.units > vault.leaving * 10n ** 9n) {
    w.emit('vault', 'ExitsVoided', { era: 1, dust: vault.leaving }, vault.address)
    vault.active += vault.leaving
    vault.leaving = 0n
    vault.units = 0n
    vault.exits.clear()
  }
  w.pay(vault.address, to, all)
}

export function reward(w: Writer, vault: Vault, from: Address, amount: bigint): void {
  const commission = vault.selfBond === 0n && vault.shares === 0n ? amount : amount / 10n
  const rest = amount - commission
  const toSelfBond =
    vault.shares === 0n ? rest : (rest * vault.selfBond) / (vault.selfBond + vault.active || 1n)
  vault.selfBond += toSelfBond
  vault.active += rest - toSelfBond
  w.emit('vault', 'Rewarded', { from, amount, commission, toSelfBond }, vault.address)
  w.pay(from, vault.address, amount)
}
