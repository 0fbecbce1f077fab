// A devnet with the real contracts, everything of it indexed, and the rows held against what the contracts say.
import { join } from 'node:path'
import {
  aiTokenAbi,
  basketAbi,
  delphiAbi,
  jobRegistryAbi,
  perpetualAbi,
  stakeVaultAbi,
  verdeAbi,
} from '@lockstep/deployments'
import { type PackedPosition, turnOf, unpackPosition } from '@lockstep/deployments/protocol'
import type { Abi, Address } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readClaim } from '../keepers/src/chain/claims.ts'
import { reportDispute } from '../keepers/src/chain/dispute-report.ts'
import { NO_ANSWER } from '../keepers/src/chain/disputes.ts'
import { readJob } from '../keepers/src/chain/jobs.ts'
import { TestNetwork } from '../keepers/src/testing/network.ts'
import { startIndexer } from './start.ts'
import { type Played, playDevnet } from './testing/devnet/play.ts'
import { dumpOf, reached, type Rows } from './testing/run.ts'

let network: TestNetwork
let played: Played
let rows: Rows

const read = async <T>(abi: Abi, address: Address, functionName: string, ...args: unknown[]) =>
  (await network.contracts.chain.client.readContract({ abi, address, functionName, args })) as T
const all = (table: string): Record<string, unknown>[] => rows.get(table)!
const big = (value: unknown): bigint => BigInt(value as string)
const rowOf = (table: string, id: bigint): Record<string, unknown> =>
  all(table).find((row) => big(row.id) === id)!

beforeAll(async () => {
  network = await TestNetwork.start()
  played = await playDevnet(network)
  const indexer = await startIndexer({
    rpcUrl: network.devnet.rpcUrl,
    deploymentFile: network.devnet.deploymentFile,
    home: join(network.folder, 'indexer'),
    pollingInterval: 200,
  })
  await reached(indexer, Number((await network.contracts.chain.head()).number), 120)
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
  expect(all('slash')).toHaveLength(3)
})

test('accounts have what the token says', async () => {
  for (const row of all('account')) {
    const balance = await read<bigint>(aiTokenAbi, network.contracts.token, 'balanceOf', row.id)
    expect(big(row.balance), String(row.id)).toBe(balance)
  }
})

test('jobs and claims stand where the contracts have them', async () => {
  expect(all('job')).toHaveLength(4)
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

test.each(['won', 'partial'] as const)(
  'a dispute that was %s has its walk, its gas and both values',
  async (which) => {
    const id = played[which]
    const row = rowOf('dispute', id)
    const report = await reportDispute(network.contracts, id, network.contracts.fromBlock)
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
    const moves = all('move').filter(({ dispute_id }) => big(dispute_id) === id)
    expect(moves).toHaveLength(Number(row.move_count))
    if (which === 'partial') {
      expect(row.decided_by).toBe('provePartial')
      expect(segment).toBe(269)
      // 512 of 1,024 as the solver's part of it has them.
      expect([row.claimed_bits, row.right_bits]).toEqual(['0x44000000', '0x44800000'])
      expect(moves.filter(({ partials }) => partials !== null)).toHaveLength(2)
    }
  },
)

test('moves that a contract passed on are those of a dispute, without what only their arguments show', async () => {
  const row = rowOf('dispute', played.relayed)
  const report = await reportDispute(network.contracts, played.relayed, network.contracts.fromBlock)
  expect(row.status).toBe('WON')
  expect(big(row.gas)).toBe(report.gas)
  expect(row.decided_by).toMatch(/^prove/)
  expect([row.interval, row.step].map(Number)).toEqual([report.path.checkpoint, report.path.step])
  expect([row.operator, row.right_bits]).toEqual([null, null])
  const moves = all('move').filter(({ dispute_id }) => big(dispute_id) === played.relayed)
  expect(moves.map(({ name }) => name)).toContain(row.decided_by)
})

test('a transaction that makes several moves is counted once', () => {
  for (const id of played.twins) expect(big(rowOf('dispute', id).gas)).toBe(played.twinGas)
  const gas = new Map(
    [...all('move'), ...all('answer')].map((one) => [one.transaction, big(one.gas)]),
  )
  const [totals] = all('network')
  expect(big(totals.dispute_gas)).toBe([...gas.values()].reduce((a, b) => a + b))
})

test('exits stand as their vaults have them, those that a slash made void too', async () => {
  const ended = all('vault').find(({ era }) => Number(era) > 0)!
  expect(all('exit')).toHaveLength(2)
  for (const row of all('exit')) {
    const exit = await read<{ pendingShares: bigint; maturedShares: bigint; era: number }>(
      stakeVaultAbi,
      row.vault_id as Address,
      'exitOf',
      row.controller_id,
    )
    expect(row.era).toBe(exit.era)
    expect(big(row.shares) - big(row.withdrawn_shares)).toBe(
      exit.pendingShares + exit.maturedShares,
    )
    if (row.vault_id === ended.id) {
      expect(row.controller_id).toBe(played.leaver.toLowerCase())
      expect(exit.era).toBe(Number(ended.era))
    }
  }
})

test('whose turn it is in a live dispute', async () => {
  const row = rowOf('dispute', played.live)
  expect(row.status).toBe('LIVE')
  const moves = all('move').filter(({ dispute_id }) => big(dispute_id) === played.live)
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
    played.live,
    packed,
    answer,
  )
  expect([turn.solver, turn.deadline]).toEqual(owed)
})

interface StoredMarket {
  readonly sum: bigint
  readonly offset: number
  readonly b: bigint
  readonly sets: bigint
  readonly outcomes: number
  readonly liquidityShares: bigint
  readonly isHalted: boolean
  readonly status: number
}
interface StoredOutcome {
  readonly quantity: bigint
  readonly since: number
  readonly weighted: bigint
}

test('markets have the curve, the prices and the holders that the contract has', async () => {
  const ask = async <T>(name: string, ...args: unknown[]) =>
    read<T>(delphiAbi, network.contracts.delphi, name, ...args)
  expect(all('market')).toHaveLength(4)
  for (const row of all('market')) {
    const id = big(row.id)
    const stored = await ask<StoredMarket>('marketOf', id)
    expect([big(row.sum), big(row.b), big(row.sets)]).toEqual([stored.sum, stored.b, stored.sets])
    expect([row.offset, row.outcome_count]).toEqual([stored.offset, stored.outcomes])
    expect(row.status).toBe(['NONE', 'OPEN', 'SETTLED', 'VOID'][stored.status])
    expect(row.is_halted).toBe(stored.isHalted)
    if (row.status === 'OPEN') expect(big(row.liquidity_shares)).toBe(stored.liquidityShares)
    const outcomes = all('outcome').filter(({ market_id }) => big(market_id) === id)
    expect(outcomes).toHaveLength(stored.outcomes)
    for (const outcome of outcomes) {
      const number = BigInt(outcome.number as number)
      const held = await ask<StoredOutcome>('outcomeOf', id, number)
      expect(big(outcome.quantity)).toBe(held.quantity)
      expect([Number(outcome.since), big(outcome.weighted)]).toEqual([held.since, held.weighted])
      if (row.status !== 'OPEN') {
        expect(big(outcome.payout)).toBe(await ask('payoutOf', id, number, 10n ** 9n))
      }
    }
    const last = all('trade').findLast(({ market_id }) => big(market_id) === id)!
    const prices = await ask<bigint[]>('pricesOf', id)
    const traded = Number((last.outcome_id as string).split('-')[1])
    if (id === played.halted) expect(big(last.price_after)).toBe(prices[traded])
  }
  expect(rowOf('market', played.halted).is_halted).toBe(true)
  expect(rowOf('market', played.settled)).toMatchObject({ status: 'SETTLED', winners: [1, 2] })
})

test('positions and liquidity are what their owners have', async () => {
  const balance = async (owner: unknown, id: bigint) =>
    read<bigint>(delphiAbi, network.contracts.delphi, 'balanceOf', owner, id)
  for (const position of all('position')) {
    const number = (position.outcome_id as string).split('-')[1]
    const id = (big(position.market_id) << 16n) | BigInt(number)
    expect(big(position.shares)).toBe(await balance(position.owner_id, id))
  }
  for (const row of all('liquidity_position')) {
    const id = (big(row.market_id) << 16n) | 0xffffn
    expect(big(row.shares)).toBe(await balance(row.owner_id, id))
  }
  const redeemed = all('liquidity_position').filter((row) => big(row.redeemed) > 0n)
  expect(redeemed).toHaveLength(2)
})

test('a series has its pool and its epochs', async () => {
  const { series } = played
  const ask = async <T>(name: string, ...args: unknown[]) =>
    read<T>(perpetualAbi, network.contracts.perpetual, name, series, ...args)
  const stored =
    await ask<Record<'shares' | 'opened' | 'live' | 'isWoundUp' | 'curator', unknown>>('seriesOf')
  const row = rowOf('series', series)
  expect(big(row.shares)).toBe(stored.shares)
  expect(row.epoch_count).toBe(stored.opened)
  expect([row.is_wound_up, stored.isWoundUp]).toEqual([true, true])
  expect(row.curator_id).toBe((stored.curator as string).toLowerCase())
  let curatorPaid = 0n
  for (const epoch of all('epoch')) {
    const number = BigInt(epoch.number as number)
    const held = await ask<
      Record<'contest' | 'market' | 'liquidityShares' | 'curatorPaid', bigint>
    >('epochOf', number)
    expect([big(epoch.contest_id), big(epoch.market_id)]).toEqual([held.contest, held.market])
    expect(big(epoch.subsidy)).toBe(held.liquidityShares)
    expect(big(rowOf('market', held.market).series_id)).toBe(series)
    expect(big(rowOf('contest', held.contest).series_id)).toBe(series)
    if (number === 0n) {
      const shares = held.liquidityShares
      const { delphi } = network.contracts
      const back = await read(delphiAbi, delphi, 'liquidityPayoutOf', held.market, shares)
      expect(big(epoch.returned)).toBe(back)
    } else expect(epoch.returned).toBeNull()
    curatorPaid += held.curatorPaid
  }
  expect(all('epoch')).toHaveLength(2)
  expect(big(row.curator_paid)).toBe(curatorPaid)
})

test('what is rolled to the next epoch was paid to its owner, and paid by it', () => {
  const { args } = all('event').find(({ name }) => name === 'PositionRolled')! as {
    args: Record<string, string>
  }
  const at = (share: string, owner: string) => {
    const [market, outcome] = [big(share) >> 16n, big(share) & 0xffffn]
    return all('position').find(({ id }) => id === `${market}-${outcome}-${owner.toLowerCase()}`)!
  }
  expect(big(at(args.from, args.owner).redeemed)).toBe(big(args.paid))
  const { shares, bought, paid } = at(args.to, args.owner)
  expect([shares, bought, paid].map(big)).toEqual([args.shares, args.shares, args.cost].map(big))
  const through = network.contracts.perpetual
  expect(big(at(args.from, through).redeemed)).toBe(0n)
  expect([at(args.to, through).bought, at(args.to, through).paid].map(big)).toEqual([0n, 0n])
})

test('a basket has its legs and its supply', async () => {
  const [row, ...more] = all('basket')
  expect(more).toEqual([])
  const { basket } = network.devnet.deployment.contracts
  expect(big(row.id)).toBe(await read(basketAbi, basket, 'idOf', played.legs))
  expect(row.legs).toEqual(
    played.legs.map((leg) => ({
      market: String(leg.market),
      outcome: String(leg.outcome),
      weight: String(leg.weight),
    })),
  )
  expect(big(row.supply)).toBe(await read(basketAbi, basket, 'supplyOf', big(row.id)))
})

test('the registry is indexed from its first event on', async () => {
  const count = await read<bigint>(jobRegistryAbi, network.contracts.jobRegistry, 'jobCount')
  expect(BigInt(all('job').length)).toBe(count)
  const [totals] = all('network')
  expect(totals.events).toBe(all('event').length)
})
