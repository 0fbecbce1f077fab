import { jobRegistryAbi } from '@lockstep/deployments'
import { Random } from '@lockstep/repops/testing'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseEther } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readClaim } from '../chain/claims.ts'
import { readJob } from '../chain/jobs.ts'
import { transact } from '../chain/transact.ts'
import { Defender } from '../roles/defender.ts'
import { type Keeper, loop, type Tick } from '../roles/keeper.ts'
import { lockstep } from '../testing/command-line.ts'
import { randomJob } from '../testing/jobs.ts'
import { TestNetwork } from '../testing/network.ts'

let network: TestNetwork

beforeAll(async () => {
  network = await TestNetwork.start()
}, 900_000)

afterAll(() => network.stop())

const status = async (id: bigint) => (await readJob(network.contracts, id)).status

async function cancel(id: bigint): Promise<void> {
  await transact(network.sender('submitter'), `cancel:${id}`, {
    abi: jobRegistryAbi,
    address: network.contracts.jobRegistry,
    functionName: 'cancel',
    args: [id],
  })
}

test('what is kept of a job that ends while it is prepared goes', async () => {
  const id = await network.post(randomJob(new Random(21)))
  const { computation } = await readJob(network.contracts, id)
  const keeper = network.keeper('solver')
  const { workshop } = keeper
  const open = workshop.open.bind(workshop)
  let begin = (): void => undefined
  const gate = new Promise<void>((resolve) => (begin = resolve))
  let opened = false
  workshop.open = async (...args) => {
    await gate
    const trace = await open(...args)
    opened = true
    return trace
  }
  const solver = network.solver(keeper, { jobs: [id] })
  await network.look(solver.tick, 3)
  await cancel(id)
  await network.look(solver.tick, 3)
  begin()
  await expect.poll(() => opened, { timeout: 10_000 }).toBe(true)
  await expect
    .poll(() => existsSync(workshop.folderOf(computation)), { timeout: 10_000 })
    .toBe(false)
  // Neither is it in memory: whoever wants it again fetches it again.
  expect(await open(computation).catch(() => 'nobody has it')).toBe('nobody has it')
})

test('a job that takes more memory than there is for it is refused with the figure, for good', async () => {
  const id = await network.post(randomJob(new Random(22)))
  const { computation } = await readJob(network.contracts, id)
  const keeper = network.keeper('solver', { maxJobBytes: 5000 })
  const warnings: { problem?: string }[] = []
  keeper.log.warn = ((fields: object) => warnings.push(fields)) as typeof keeper.log.warn
  let looks = 0
  const { workshop } = keeper
  const prospect = workshop.prospect.bind(workshop)
  workshop.prospect = (...args) => (looks++, prospect(...args))
  const solver = network.solver(keeper, { jobs: [id] })
  await network.look(solver.tick)
  expect(await status(id)).toBe('open')
  expect(warnings.map(({ problem }) => problem)).toContainEqual(
    expect.stringMatching(/takes \d+ MiB/),
  )
  expect(looks).toBe(1)
  expect(existsSync(workshop.folderOf(computation))).toBe(false)
  await cancel(id)
})

describe('a solver that is to end', () => {
  /** Until it ends by itself. */
  const once = async (keeper: Keeper, tick: Tick) => {
    const signal = AbortSignal.timeout(20_000)
    const { rpcUrl: rpc } = network.devnet
    await loop(keeper, tick, { once: true, pollSeconds: 0.05, rpc, signal })
    expect(signal.aborted, 'it went on until it was told to end').toBe(false)
  }

  test('without a vault', async () => {
    const env = {
      LOCKSTEP_RPC: network.devnet.rpcUrl,
      LOCKSTEP_DEPLOYMENT: network.devnet.deploymentFile,
      LOCKSTEP_HOME: join(network.folder, 'no-vault'),
      LOCKSTEP_PRIVATE_KEY: network.privateKey('other'),
    }
    expect(await lockstep(['solver', '--once', '--backend', 'wasm'], env)).toMatchObject({
      exit: 5,
      err: expect.stringMatching(/there is no staking vault .*lockstep stake/) as string,
    })
  })

  test('with too little stake', async () => {
    const id = await network.post(randomJob(new Random(23)))
    await network.stake('defender', parseEther('10'))
    const keeper = network.keeper('defender')
    const solver = network.solver(keeper, { jobs: [id], once: true })
    await expect(once(keeper, solver.tick)).rejects.toMatchObject({ code: 'too-little-stake' })
    await cancel(id)
  })

  test('where an artifact is missing', async () => {
    const store = join(network.home('submitter'), 'store', 'tensors')
    const id = await network.post(randomJob(new Random(24)))
    rmSync(store, { recursive: true })
    const keeper = network.keeper('solver')
    const solver = network.solver(keeper, { jobs: [id], once: true })
    await expect(once(keeper, solver.tick)).rejects.toMatchObject({ code: 'artifact-missing' })
    // Others may be taken all the same.
    const other = await network.post(randomJob(new Random(25)))
    const both = network.solver(keeper, { jobs: [id, other], once: true })
    const ending = once(keeper, both.tick)
    await expect.poll(() => status(other), { timeout: 15_000 }).toBe('claimed')
    await network.passDeadlines()
    await expect(ending).rejects.toMatchObject({ code: 'artifact-missing' })
    expect(await status(other)).toBe('settled')
  })

  test('where nothing pays enough', async () => {
    const id = await network.post(randomJob(new Random(26)))
    const keeper = network.keeper('solver')
    const solver = network.solver(keeper, { jobs: [id], once: true, minReward: '1000000' })
    await once(keeper, solver.tick)
    expect(await status(id)).toBe('open')
  })
})

test('a defender keeps nothing of a claim that is decided', async () => {
  const id = await network.post(randomJob(new Random(27)))
  const delegate = network.address('defender')
  const solver = network.solver(network.keeper('solver'), { jobs: [id], delegate })
  await network.play([solver.tick], async () => (await status(id)) === 'claimed')
  const { claim, computation } = await readJob(network.contracts, id)
  const keeper = network.keeper('defender')
  const defender = new Defender(keeper, [claim])
  const folder = keeper.workshop.folderOf(computation)
  await network.play([defender.tick], () =>
    Promise.resolve(keeper.workshop.completed(computation) !== undefined),
  )
  await network.passDeadlines()
  await network.play([solver.tick, defender.tick], async () => (await status(id)) === 'settled')
  expect((await readClaim(network.contracts, claim)).status).toBe('upheld')
  await network.play([defender.tick], () => Promise.resolve(!existsSync(folder)), 40)
  expect(keeper.workshop.completed(computation)).toBeUndefined()
})
