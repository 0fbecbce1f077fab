import { verdeAbi } from '@lockstep/deployments'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { zeroAddress } from 'viem'
import { disputeAt, readClaim } from '../chain/claims.ts'
import { readDispute } from '../chain/disputes.ts'
import { readJob } from '../chain/jobs.ts'
import { move } from '../roles/keeper.ts'
import { cheatedJob } from '../testing/cheats.ts'
import { type Actor, TestNetwork } from '../testing/network.ts'

let network: TestNetwork

beforeAll(async () => {
  network = await TestNetwork.start()
}, 900_000)

afterAll(() => network.stop())

const client = () => network.contracts.chain.client
const creditOf = (actor: Actor) =>
  client().readContract({
    abi: verdeAbi,
    address: network.contracts.verde,
    functionName: 'creditOf',
    args: [network.address(actor)],
  })
const balanceOf = (actor: Actor) => client().getBalance({ address: network.address(actor) })
const sentBy = (actor: Actor) => client().getTransactionCount({ address: network.address(actor) })
const dispute = (claim: bigint, place: number) =>
  readDispute(network.contracts, disputeAt(claim, place), network.contracts.fromBlock)

/** A wrong claim, and the solver that made it and answers for it. */
async function wrongClaim(seed: number) {
  const { job, corruption } = await cheatedJob(seed, { steps: 6, interval: 3 })
  const id = await network.post(job)
  const keeper = network.keeper('cheat', { corruption })
  const solver = network.solver(keeper, { jobs: [id] })
  await network.play(
    [solver.tick],
    async () => (await readJob(network.contracts, id)).status === 'claimed',
  )
  const { claim } = await readJob(network.contracts, id)
  return { claim, solver, peers: [await network.share(keeper)] }
}

/** Disputes the claim and does nothing more. */
async function disputeIdly(claim: bigint, actor: Actor, times = 1): Promise<void> {
  const { bondWei: valueWei } = await readClaim(network.contracts, claim)
  for (let i = 0; i < times; i++) {
    await move(network.keeper(actor), `${claim}:idle ${i}`, {
      functionName: 'challengeByDemand',
      args: [claim, zeroAddress],
      valueWei,
    })
  }
}

test('a reward that an idle dispute holds up is set free, and a closed dispute’s bond comes back', async () => {
  const { claim, solver, peers } = await wrongClaim(2)
  const read = () => readClaim(network.contracts, claim)
  await disputeIdly(claim, 'other')
  const challenger = network.challenger(network.keeper('challenger'), peers, [claim])
  await network.play([challenger.tick], async () => (await read()).disputes === 2)
  await disputeIdly(claim, 'defender')
  await network.play([challenger.tick, solver.tick], async () => (await read()).status === 'void')

  expect((await dispute(claim, 1)).status).toBe('won')
  expect((await dispute(claim, 2)).status).toBe('closed')
  expect(await read()).toMatchObject({ cursor: 0 })
  // While the idle one's clock runs there is nothing to be done, and nothing is sent.
  await challenger.tick(await network.contracts.chain.head())
  const sent = await sentBy('challenger')
  for (let i = 0; i < 3; i++) await challenger.tick(await network.contracts.chain.head())
  expect(await sentBy('challenger')).toBe(sent)
  const aiBefore = await network.balanceAi('challenger')

  await network.passDeadlines()
  let isBusy = true
  const tick: typeof challenger.tick = async (head) => (isBusy = await challenger.tick(head))
  await network.play([tick], () => Promise.resolve(!isBusy))
  expect((await dispute(claim, 0)).status).toBe('lost')
  expect((await read()).cursor).toBe(2)
  expect(await creditOf('challenger')).toEqual([0n, 0n])
  expect(await network.balanceAi('challenger')).toBeGreaterThan(aiBefore)

  // Both others get their bonds: one was closed, the other lost when the claim was void already.
  const { bondWei } = await read()
  for (const actor of ['defender', 'other'] as const) {
    const before = await balanceOf(actor)
    let waits = true
    const late = network.challenger(network.keeper(actor), [], [claim])
    await network.play([async (head) => (waits = await late.tick(head))], () =>
      Promise.resolve(!waits),
    )
    expect(Number((await balanceOf(actor)) - before)).toBeGreaterThan(0.9 * Number(bondWei))
    expect(await creditOf(actor)).toEqual([0n, 0n])
  }
})

test('a dispute that waits behind idle ones gets its turn', async () => {
  const { claim, solver, peers } = await wrongClaim(3)
  const read = () => readClaim(network.contracts, claim)
  const { liveLimit } = network.devnet.deployment.parameters['verde'] as { liveLimit: number }
  await disputeIdly(claim, 'other', liveLimit)
  const challenger = network.challenger(network.keeper('challenger'), peers, [claim])
  await network.play(
    [challenger.tick, solver.tick],
    async () => (await read()).disputes > liveLimit,
  )
  expect((await dispute(claim, liveLimit)).status).toBe('queued')
  // All demands are answered, and then those who made them are silent.
  const idle = () => Promise.all(Array.from({ length: liveLimit }, (_, i) => dispute(claim, i)))
  await network.play([solver.tick], async () =>
    (await idle()).every(({ turn }) => turn?.solver === false),
  )
  await network.devnet.rpc.call('evm_increaseTime', 200)
  await network.devnet.rpc.call('evm_mine')
  await network.play([challenger.tick, solver.tick], async () => (await read()).status === 'void')
  expect((await dispute(claim, liveLimit)).status).toBe('won')
})
