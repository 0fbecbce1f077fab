// A devnet with the real contracts, everything of it indexed, and the rows held against what the contracts say.
import { join } from 'node:path'
import {
  aiTokenAbi,
  delphiAbi,
  jobRegistryAbi,
  stakeVaultAbi,
  stakeVaultFactoryAbi,
  verdeAbi,
} from '@lockstep/deployments'
import { type PackedPosition, turnOf, unpackPosition } from '@lockstep/deployments/protocol'
import { type Abi, type Address, parseEther } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { disputeAt, readClaim } from '../keepers/src/chain/claims.ts'
import { reportDispute } from '../keepers/src/chain/dispute-report.ts'
import { NO_ANSWER } from '../keepers/src/chain/disputes.ts'
import { readJob } from '../keepers/src/chain/jobs.ts'
import { transact } from '../keepers/src/chain/transact.ts'
import { cheatedJob } from '../keepers/src/testing/cheats.ts'
import { newMarket, spend, traderOf, unload } from '../keepers/src/testing/markets.ts'
import { TestNetwork } from '../keepers/src/testing/network.ts'
import { startIndexer } from './start.ts'
import { dumpOf, reached, type Rows } from './testing/run.ts'

let network: TestNetwork
let rows: Rows
let won: bigint
let live: bigint

const read = async <T>(abi: Abi, address: Address, functionName: string, ...args: unknown[]) =>
  (await network.contracts.chain.client.readContract({ abi, address, functionName, args })) as T
const all = (table: string): Record<string, unknown>[] => rows.get(table)!
const big = (value: unknown): bigint => BigInt(value as string)

/** A job that a cheat claims; its only challenge is played until `done`. */
async function dispute(seed: number, done: (claim: bigint) => Promise<boolean>): Promise<bigint> {
  const { job, corruption } = await cheatedJob(seed, { steps: 6, interval: 3 })
  const id = await network.post(job)
  const solver = network.solver(network.keeper('cheat', { corruption }), { jobs: [id] })
  const claimed = async () => (await readJob(network.contracts, id)).status === 'claimed'
  await network.play([solver.tick], claimed)
  const { claim } = await readJob(network.contracts, id)
  const { tick } = network.challenger(network.keeper('challenger'), [], [claim])
  await network.play([tick, solver.tick], () => done(claim))
  return disputeAt(claim, 0)
}

beforeAll(async () => {
  network = await TestNetwork.start()
  const { contracts } = network
  // Somebody trusts the cheat, and has second thoughts.
  const vault = await read<Address>(
    stakeVaultFactoryAbi,
    contracts.stakeVaultFactory,
    'vaultOf',
    network.address('cheat'),
  )
  const other = network.sender('other')
  const assets = parseEther('777')
  const token = { abi: aiTokenAbi, address: contracts.token } as const
  await transact(other, 'approve', { ...token, functionName: 'approve', args: [vault, assets] })
  const at = { abi: stakeVaultAbi, address: vault } as const
  const to = network.address('other')
  await transact(other, 'deposit', { ...at, functionName: 'deposit', args: [assets, to] })
  const shares = 1_000n * parseEther('111')
  await transact(other, 'leave', { ...at, functionName: 'requestRedeem', args: [shares, to, to] })

  won = await dispute(2, async (claim) => (await readClaim(contracts, claim)).status === 'void')
  live = await dispute(3, async (claim) => (await readClaim(contracts, claim)).disputes === 1)

  const trader = traderOf(network, 'submitter')
  const { id } = await newMarket(network, trader, { entrants: 3 })
  const bought = await spend(trader, id, 0, '50')
  await spend(traderOf(network, 'other'), id, 2, '20')
  await unload(trader, id, 0, bought / 3n)

  const indexer = await startIndexer({
    rpcUrl: network.devnet.rpcUrl,
    deploymentFile: network.devnet.deploymentFile,
    home: join(network.folder, 'indexer'),
    pollingInterval: 200,
  })
  await reached(indexer, Number((await contracts.chain.head()).number), 120)
  await indexer.stop()
  rows = await dumpOf(join(network.folder, 'indexer'), indexer.schema)
}, 900_000)

afterAll(() => network.stop())

test('vaults hold what their contracts say', async () => {
  expect(all('vault').length).toBeGreaterThanOrEqual(2)
  for (const row of all('vault')) {
    const ask = (name: string) => read<bigint>(stakeVaultAbi, row.id as Address, name)
    expect(big(row.self_bond)).toBe(await ask('selfBond'))
    expect(big(row.delegated)).toBe(await ask('activeAssets'))
    expect(big(row.leaving)).toBe(await ask('leavingAssets'))
    expect(big(row.locked)).toBe(await ask('lockedAssets'))
    expect(big(row.shares)).toBe(await ask('totalSupply'))
    expect(Number(row.commission_bps)).toBe(await ask('commissionBps'))
  }
  expect(all('slash')).toHaveLength(1)
})

test('accounts have what the token says', async () => {
  for (const row of all('account')) {
    const balance = await read<bigint>(aiTokenAbi, network.contracts.token, 'balanceOf', row.id)
    expect(big(row.balance), String(row.id)).toBe(balance)
  }
})

test('jobs and claims stand where the contracts have them', async () => {
  expect(all('job')).toHaveLength(2)
  for (const row of all('job')) {
    const job = await readJob(network.contracts, big(row.id))
    expect(String(row.status).toLowerCase()).toBe(job.status)
    expect(big(row.claim_id)).toBe(job.claim)
    const claim = await readClaim(network.contracts, job.claim)
    const stored = all('claim').find(({ id }) => big(id) === job.claim)!
    expect(Number(stored.dispute_count)).toBe(claim.disputes)
    expect(stored.is_void).toBe(claim.status === 'void')
    expect(big(stored.job_id)).toBe(big(row.id))
  }
})

test('a dispute that was won has its walk, its gas and both values', async () => {
  const row = all('dispute').find(({ id }) => big(id) === won)!
  const report = await reportDispute(network.contracts, won, network.contracts.fromBlock)
  expect(row.status).toBe('WON')
  expect(big(row.gas)).toBe(report.gas)
  expect(big(row.reward)).toBe(report.reward)
  const { checkpoint, step, node, element, segment } = report.path
  const walk = [row.interval, row.step, row.node, row.element, row.segment].map(Number)
  expect(walk).toEqual([checkpoint, step, node, element, segment])
  expect(row.operator).toMatch(/^[A-Z]/)
  expect(row.claimed_bits).toMatch(/^0x[0-9a-f]{8}$/)
  expect(row.right_bits).toMatch(/^0x[0-9a-f]{8}$/)
  expect(row.right_bits).not.toBe(row.claimed_bits)
  const moves = all('move').filter(({ dispute_id }) => big(dispute_id) === won)
  expect(moves).toHaveLength(Number(row.move_count))
})

test('whose turn it is in a live dispute', async () => {
  const row = all('dispute').find(({ id }) => big(id) === live)!
  expect(row.status).toBe('LIVE')
  const moves = all('move').filter(({ dispute_id }) => big(dispute_id) === live)
  const packed = moves[moves.length - 1].position as PackedPosition
  const position = unpackPosition(packed)
  const claim = all('claim').find(({ id }) => big(id) === big(row.claim_id))!
  const terms = all('verde_parameters_version').find(({ id }) => id === claim.parameters_id)!
  const given = all('answer').find(
    ({ claim_id, kind, index }) =>
      big(claim_id) === big(claim.id) &&
      ((kind === 'STEPS' && position.phase === 'steps' && Number(index) === position.interval) ||
        (kind === 'GRAPH' && position.phase === 'graph' && Number(index) === position.step)),
  )
  const turn = turnOf(
    {
      phase: position.phase,
      tree: row.demand_tree as typeof position.tree,
      open: row.is_demand_open as boolean,
      turnStart: Number(row.turn_start ?? 0),
      solverLeft: Number(row.solver_left),
      challengerLeft: Number(row.challenger_left),
    },
    {
      admittedAt: Number(row.admitted_at),
      answeredAt: Number(given?.answered_at ?? 0),
      extension: Number(terms.extension),
      heavyExtension: Number(terms.heavy_extension),
    },
  )
  const answer =
    given === undefined ? NO_ANSWER : { root: given.root, time: Number(given.answered_at) }
  const owed = await read<[boolean, number]>(
    verdeAbi,
    network.contracts.verde,
    'owedBy',
    live,
    packed,
    answer,
  )
  expect([turn.solver, turn.deadline]).toEqual(owed)
})

test('markets have the curve, the prices and the holders that the contract has', async () => {
  const { delphi } = network.contracts
  const [row] = all('market')
  const outcomes = all('outcome').sort((a, b) => Number(a.number) - Number(b.number))
  const stored = await read<{ sum: bigint; offset: number }>(
    delphiAbi,
    delphi,
    'marketOf',
    big(row.id),
  )
  expect(big(row.sum)).toBe(stored.sum)
  expect(Number(row.offset)).toBe(stored.offset)
  const prices = await read<bigint[]>(delphiAbi, delphi, 'pricesOf', big(row.id))
  const trades = all('trade')
  expect(trades).toHaveLength(3)
  expect(big(trades[2].price_after)).toBe(prices[0])
  for (const outcome of outcomes) {
    const held = await read<{ quantity: bigint }>(
      delphiAbi,
      delphi,
      'outcomeOf',
      big(row.id),
      BigInt(outcome.number as number),
    )
    expect(big(outcome.quantity)).toBe(held.quantity)
  }
  for (const position of all('position')) {
    const number = (position.outcome_id as string).split('-')[1]
    const id = (big(position.market_id) << 16n) | BigInt(number)
    expect(big(position.shares)).toBe(
      await read<bigint>(delphiAbi, delphi, 'balanceOf', position.owner_id, id),
    )
  }
})

test('the registry is indexed from its first event on', async () => {
  const count = await read<bigint>(jobRegistryAbi, network.contracts.jobRegistry, 'jobCount')
  expect(BigInt(all('job').length)).toBe(count)
  const [totals] = all('network')
  expect(totals.events).toBe(all('event').length)
})
