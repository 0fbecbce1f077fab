import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { disputeAt, readClaim } from '../chain/claims.ts'
import { connect } from '../chain/connect.ts'
import type { Contracts } from '../chain/contracts.ts'
import { findContracts } from '../chain/deployment.ts'
import { readDispute } from '../chain/disputes.ts'
import { readJob } from '../chain/jobs.ts'
import { Defender } from '../roles/defender.ts'
import type { Keeper, Tick } from '../roles/keeper.ts'
import { startLiar } from '../testing/chain.ts'
import { cheatedJob } from '../testing/cheats.ts'
import { randomJob } from '../testing/jobs.ts'
import { TestNetwork } from '../testing/network.ts'
import { RandomChallenger } from '../testing/random-challenger.ts'
import { Random } from '@lockstep/repops/testing'

let network: TestNetwork
const closing: (() => unknown)[] = []

beforeAll(async () => {
  network = await TestNetwork.start()
}, 900_000)

afterAll(async () => {
  for (const close of closing) await close()
  await network.stop()
})

const head = () => network.contracts.chain.head()
const job = (id: bigint) => readJob(network.contracts, id)
const firstDispute = (claim: bigint) =>
  readDispute(network.contracts, disputeAt(claim, 0), network.contracts.fromBlock)
const movesOf = async (claim: bigint) => (await firstDispute(claim)).moves.map(({ name }) => name)

/** A job, claimed by a solver that flipped a bit. */
async function wrongClaim(seed: number, terms: { answers?: 'late' } = {}) {
  const { job: order, corruption } = await cheatedJob(seed, { steps: 6, interval: 3 })
  const id = await network.post(order)
  const keeper = network.keeper('cheat', { corruption })
  const solver = network.solver(keeper, { jobs: [id], ...terms })
  await network.play([solver.tick], async () => (await job(id)).status === 'claimed')
  const { claim } = await job(id)
  const isVoid = async () => (await readClaim(network.contracts, claim)).status === 'void'
  return { id, claim, keeper, solver, isVoid }
}

describe('data that comes late', () => {
  test('a cheat that answers at the last moment loses all the same', async () => {
    const { claim, solver, isVoid } = await wrongClaim(5, { answers: 'late' })
    const { tick } = network.challenger(network.keeper('challenger'), [], [claim])
    let waits = 0
    /** Lets the solver's clock run down to its last seconds. */
    const runDown: Tick = async ({ time }) => {
      const { disputes } = await readClaim(network.contracts, claim)
      const turn = disputes === 0 ? undefined : (await firstDispute(claim)).turn
      const seconds = (turn?.deadline ?? 0) - Number(time) - 10
      if (turn?.solver !== true || seconds <= 0) return true
      await network.devnet.rpc.call('evm_increaseTime', seconds)
      await network.devnet.rpc.call('evm_mine')
      waits++
      return true
    }
    await network.play([tick, runDown, solver.tick], isVoid)
    expect((await firstDispute(claim)).status).toBe('won')
    expect(await movesOf(claim)).toContain('reveal')
    expect(waits).toBeGreaterThan(0)
  })

  test('a peer that has it only after a while is asked again', async () => {
    const { claim, keeper, solver, isVoid } = await wrongClaim(6)
    const honest = await network.share(keeper)
    let asked = 0
    const server = createServer((request, response) => {
      void (async () => {
        if (asked++ < 2) return response.writeHead(404).end()
        const answer = await fetch(honest + (request.url ?? ''))
        return response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer()))
      })()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closing.push(() => server.close())
    const peer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { tick } = network.challenger(network.keeper('challenger'), [peer], [claim])
    await network.play([tick, solver.tick], isVoid)
    // What was missing came over the chain, the rest over HTTP.
    expect(await movesOf(claim)).toContain('reveal')
    expect(asked).toBeGreaterThan(2)
  })

  test('a peer that never finishes an answer does not eat the turn', async () => {
    const { claim, solver, isVoid } = await wrongClaim(7)
    let asked = 0
    const server = createServer((_, response) => {
      asked++
      response.writeHead(200)
      const drip = setInterval(() => response.write('x'), 200)
      response.on('close', () => {
        clearInterval(drip)
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closing.push(() => {
      server.closeAllConnections()
      server.close()
    })
    const peer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    // So little time is left that waiting for the whole answer would be too long.
    const { windowEnd } = await readClaim(network.contracts, claim)
    const seconds = Number(windowEnd - (await head()).time) - 40
    await network.devnet.rpc.call('evm_increaseTime', seconds)
    await network.devnet.rpc.call('evm_mine')
    const { tick } = network.challenger(network.keeper('challenger'), [peer], [claim])
    await network.play([tick, solver.tick], isVoid, 2000)
    expect(asked).toBe(1)
    expect((await firstDispute(claim)).status).toBe('won')
  })
})

describe('an endpoint that hides events', () => {
  /** What the endpoint shows of events: all of them, or those up to a block. */
  let upTo: bigint | undefined

  async function seenThrough(): Promise<Contracts> {
    const liar = await startLiar(network.devnet.rpcUrl, (method, _, truth) => {
      if (method !== 'eth_getLogs' || upTo === undefined) return undefined
      const logs = truth as { blockNumber: string }[]
      return { result: logs.filter(({ blockNumber }) => BigInt(blockNumber) <= upTo!) }
    })
    closing.push(liar.stop)
    return findContracts(await connect(liar.url), network.devnet.deploymentFile)
  }

  /** What a keeper complains of. */
  function listen(keeper: Keeper): string[] {
    const heard: string[] = []
    const hear = (({ code, problem }: { code?: string; problem?: string }) =>
      heard.push(`${code}: ${problem}`)) as typeof keeper.log.warn
    keeper.log.warn = hear
    keeper.log.error = hear
    return heard
  }

  const HIDDEN = /^chain-contradicts-itself: job \d+ holds claim \d+, of which there is no event/

  test.each([
    ['nothing at all', () => Promise.resolve(0n)],
    ['only old blocks', async () => (await head()).number],
  ])('that shows %s: a challenger says so, and goes on when it ends', async (_, block) => {
    upTo = undefined
    const before = await block()
    const { claim, solver, isVoid } = await wrongClaim(before === 0n ? 8 : 9)
    upTo = before
    const keeper = network.keeper('challenger', { contracts: await seenThrough() })
    const heard = listen(keeper)
    const { tick } = network.challenger(keeper, [], [claim])
    for (let i = 0; i < 3; i++) await tick(await head())
    expect(heard).toEqual([expect.stringMatching(HIDDEN)])
    expect((await readClaim(network.contracts, claim)).disputes).toBe(0)
    upTo = undefined
    await network.play([tick, solver.tick], isVoid)
    expect((await firstDispute(claim)).status).toBe('won')
  })

  test('a solver says so, and answers when it ends', async () => {
    upTo = undefined
    const random = new Random(10)
    const id = await network.post({ ...randomJob(random), steps: 6, interval: 3 })
    const keeper = network.keeper('solver', { contracts: await seenThrough() })
    const heard = listen(keeper)
    const solver = network.solver(keeper, { jobs: [id] })
    await network.play([solver.tick], async () => (await job(id)).status === 'claimed')
    const { claim, computation } = await job(id)
    const trace = await keeper.workshop.complete(computation)
    const stranger = new RandomChallenger(network.keeper('other'), trace, random, claim)
    const { number } = await head()
    await stranger.tick(await head())
    upTo = number
    for (let i = 0; i < 3; i++) await solver.tick(await head())
    expect(heard.length).toBe(1)
    expect(heard[0]).toMatch(/^chain-contradicts-itself: the events put it at no position/)
    expect(await movesOf(claim)).toEqual(['challenge'])
    upTo = undefined
    await network.play([stranger.tick, solver.tick], () => Promise.resolve(stranger.refused > 0))
    await network.passDeadlines()
    await network.play([solver.tick], async () => (await job(id)).status === 'settled')
    expect((await firstDispute(claim)).status).toBe('lost')
  })

  test('a defender says so, and answers when it ends', async () => {
    upTo = undefined
    const random = new Random(11)
    const { number } = await head()
    const id = await network.post({ ...randomJob(random), steps: 6, interval: 3 })
    const ran = network.keeper('solver')
    const solver = network.solver(ran, { jobs: [id], delegate: network.address('defender') })
    await network.play([solver.tick], async () => (await job(id)).status === 'claimed')
    const { claim, computation } = await job(id)
    const trace = await ran.workshop.complete(computation)
    const stranger = new RandomChallenger(network.keeper('other'), trace, random, claim)
    await stranger.tick(await head())
    upTo = number
    const keeper = network.keeper('defender', { contracts: await seenThrough() })
    const heard = listen(keeper)
    const defender = new Defender(keeper, [claim])
    for (let i = 0; i < 3; i++) await defender.tick(await head())
    expect(heard).toEqual([expect.stringMatching(HIDDEN)])
    upTo = undefined
    await network.play([stranger.tick, defender.tick], () => Promise.resolve(stranger.refused > 0))
  })
})
