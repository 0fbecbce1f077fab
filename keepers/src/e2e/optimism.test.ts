import { jobRegistryAbi, verdeAbi } from '@lockstep/deployments'
import { Random } from '@lockstep/repops/testing'
import { type Address, encodeFunctionData, type Hash, type Hex, numberToHex } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { disputeAt, readClaim } from '../chain/claims.ts'
import { reportDispute } from '../chain/dispute-report.ts'
import { readDispute } from '../chain/disputes.ts'
import { readJob } from '../chain/jobs.ts'
import { Network } from '../demo/network.ts'
import { randomCheat } from '../testing/cheats.ts'
import { randomJob } from '../testing/jobs.ts'
import { type Actor, TestNetwork } from '../testing/network.ts'
import { LockstepProcess } from '../testing/processes.ts'

// The portable build on anvil's OP Stack mode: the L1 data fee is charged, and deposits come from L1.
let network: TestNetwork
const running: LockstepProcess[] = []

beforeAll(async () => {
  network = await TestNetwork.start({ kind: 'optimism' })
}, 900_000)

afterAll(async () => {
  await Promise.all(running.map((process) => process.stop('SIGKILL')))
  await network.stop()
})

const job = (id: bigint) => readJob(network.contracts, id)
const claimOf = async (id: bigint) => readClaim(network.contracts, (await job(id)).claim)
const client = () => network.contracts.chain.client

async function cheatedJob(seed: number) {
  for (const random = new Random(seed); ; ) {
    const candidate = { ...randomJob(random), steps: 4, interval: 2 }
    const corruption = await randomCheat(random, candidate)
    if (corruption !== undefined) return { order: candidate, corruption }
  }
}

/** A transaction that was sent on L1 and forced onto this chain. */
async function deposit(from: Address, to: Address, data: Hex, serial: number): Promise<Hash> {
  const hash = (await network.devnet.rpc.call('eth_sendTransaction', {
    type: '0x7e',
    from,
    to,
    data,
    value: '0x0',
    mint: '0x0',
    sourceHash: numberToHex(serial, { size: 32 }),
    isSystemTx: false,
    gas: '0x1e8480',
  })) as Hash
  await client().waitForTransactionReceipt({ hash, pollingInterval: 50 })
  expect(await network.devnet.rpc.call('eth_getTransactionReceipt', hash)).toMatchObject({
    type: expect.stringMatching(/^0x7e$/i) as string,
    status: '0x1',
  })
  return hash
}

/** What a mined transaction cost its sender beyond its gas and its value. */
async function chargedWei(hash: Hash): Promise<bigint> {
  const receipt = await client().getTransactionReceipt({ hash })
  const { value, from, transactionIndex } = await client().getTransaction({ hash })
  const { transactions } = await client().getBlock({ blockHash: receipt.blockHash })
  expect([transactionIndex, transactions.length]).toEqual([0, 1])
  const [before, after] = await Promise.all(
    [receipt.blockNumber - 1n, receipt.blockNumber].map((blockNumber) =>
      client().getBalance({ address: from, blockNumber }),
    ),
  )
  return before - after - value - receipt.gasUsed * receipt.effectiveGasPrice
}

/** Oracle and chain estimate how well the bytes compress, with and without the signature. */
function expectFee(reportedWei: bigint, charged: bigint): void {
  expect(charged).toBeGreaterThan(0n)
  expect(reportedWei).toBeGreaterThan((charged * 97n) / 100n)
  expect(reportedWei).toBeLessThan((charged * 103n) / 100n)
}

function start(role: string, actor: Actor, args: readonly string[]): LockstepProcess {
  const process = new LockstepProcess([role, ...args], {
    LOCKSTEP_PRIVATE_KEY: network.privateKey(actor),
    LOCKSTEP_RPC: network.devnet.rpcUrl,
    LOCKSTEP_DEPLOYMENT: network.devnet.deploymentFile,
    LOCKSTEP_HOME: network.home(actor),
    LOCKSTEP_POLL_SECONDS: '0.2',
  })
  running.push(process)
  return process
}

test('an honest job is settled, by a deposit, and read by everyone', async () => {
  expect(network.devnet.deployment.build).toBe('portable')
  const id = await network.post(randomJob(new Random(1)))
  const solver = network.solver(network.keeper('solver'), { jobs: [id] })
  const challenger = network.challenger(network.keeper('challenger'))
  await network.play(
    [solver.tick, challenger.tick],
    async () => (await job(id)).status === 'claimed',
  )
  await network.passDeadlines()
  const { jobRegistry } = network.contracts
  const data = encodeFunctionData({ abi: jobRegistryAbi, functionName: 'settle', args: [id] })
  const hash = await deposit(network.address('other'), jobRegistry, data, 1)
  await network.play(
    [solver.tick, challenger.tick],
    async () => (await job(id)).status === 'settled',
  )
  expect(await claimOf(id)).toMatchObject({ status: 'upheld', disputes: 0 })

  const reader = new Network(network.devnet.rpcUrl, network.devnet.deployment)
  const happenings = await reader.happenings()
  const settled = happenings.find((happening) => happening.hash === hash)
  expect(settled?.events.map(({ eventName }) => eventName)).toContain('JobSettled')
})

test('a cheat is slashed, and the L1 data fee of every transaction is reported', async () => {
  const { order, corruption } = await cheatedJob(2)
  const id = await network.post(order)
  const { step, node, element, bit } = corruption
  const lie = `step=${step},node=${node},element=${element},bit=${bit}`
  const cheat = start('solver', 'cheat', ['--jobs', String(id), '--cheat', lie])
  const challenger = start('challenger', 'challenger', [])
  const isVoid = async () => (await job(id)).claim !== 0n && (await claimOf(id)).status === 'void'
  await expect.poll(isVoid, { timeout: 120_000, interval: 300 }).toBe(true)
  // Nothing is mined from then on: the balance at a block is asked of a node that is no longer moving.
  const isWithdrawn = () =>
    challenger.lines.some(({ msg, move }) => msg === 'transaction mined' && move === 'withdraw')
  await expect.poll(isWithdrawn, { timeout: 60_000, interval: 300 }).toBe(true)

  const { claim } = await job(id)
  const report = await reportDispute(
    network.contracts,
    disputeAt(claim, 0),
    network.contracts.fromBlock,
  )
  expect(report.winner).toBe('challenger')
  expect(report.slashed).toBeGreaterThan(0n)
  expect(report.transactions.length).toBeGreaterThan(2)
  for (const { hash, l1FeeWei } of report.transactions) expectFee(l1FeeWei!, await chargedWei(hash))
  expect(report.l1FeeWei).toBe(
    report.transactions.reduce((sum, { l1FeeWei }) => sum + l1FeeWei!, 0n),
  )

  const mined = [...cheat.lines, ...challenger.lines].filter(
    ({ msg }) => msg === 'transaction mined',
  )
  expect(mined.length).toBeGreaterThan(3)
  for (const { hash, l1FeeWei, move } of mined) {
    if (move === 'withdraw') continue // which pays ether
    expectFee(BigInt(l1FeeWei as string), await chargedWei(hash as Hash))
  }
  await Promise.all([cheat.stop(), challenger.stop()])
}, 180_000)

test('a dispute that a deposit decides is read and paid like any other', async () => {
  const { order, corruption } = await cheatedJob(3)
  const id = await network.post(order)
  const solver = network.solver(network.keeper('cheat', { corruption }), { jobs: [id] })
  await network.play([solver.tick], async () => (await job(id)).status === 'claimed')
  const { claim } = await job(id)
  const { tick } = network.challenger(network.keeper('challenger'), [], [claim])
  await network.play([tick], async () => (await claimOf(id)).disputes === 1)

  await network.passDeadlines()
  const dispute = disputeAt(claim, 0)
  const { position, answer } = await readDispute(
    network.contracts,
    dispute,
    network.contracts.fromBlock,
  )
  const data = encodeFunctionData({
    abi: verdeAbi,
    functionName: 'timeout',
    args: [dispute, position.packed, answer],
  })
  await deposit(network.address('other'), network.contracts.verde, data, 2)
  await network.play([tick], async () => (await claimOf(id)).cursor === 1)
  const report = await reportDispute(network.contracts, dispute, network.contracts.fromBlock)
  expect(report.winner).toBe('challenger')
  expect(report.transactions.map(({ move }) => move)).toEqual(['challenge', 'timeout'])
  expect(report.transactions.map(({ l1FeeWei }) => l1FeeWei! > 0n)).toEqual([true, false])
}, 120_000)
