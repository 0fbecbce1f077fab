import { Random } from '@lockstep/repops/testing'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { parseEther } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readClaim } from '../chain/claims.ts'
import type { Head } from '../chain/connect.ts'
import { readJob } from '../chain/jobs.ts'
import type { estimateTimes, JobTimes } from '../estimate/estimateTimes.ts'
import { createLog } from '../log.ts'
import type { Keeper } from '../roles/keeper.ts'
import type { Kind } from '../store/artifact.ts'
import { type ArtifactFiles, FolderStore } from '../store/folder.ts'
import { serve } from '../store/server.ts'
import { cheatedJob } from '../testing/cheats.ts'
import { randomJob } from '../testing/jobs.ts'
import { TestNetwork } from '../testing/network.ts'
import { RandomChallenger } from '../testing/random-challenger.ts'
import { Trace } from '../trace/trace.ts'

let network: TestNetwork

beforeAll(async () => {
  network = await TestNetwork.start()
}, 900_000)

afterAll(() => network.stop())

/** A job whose steps and graph roots take so long. */
const evenTimes = (seconds: number): JobTimes => ({
  setUpSeconds: 0,
  stepSeconds: seconds,
  graphSeconds: seconds,
  isSettled: true,
})

const status = async (id: bigint) => (await readJob(network.contracts, id)).status

/** What a keeper warns of from now on. */
function listen(keeper: Keeper): { code?: string; problem?: string; what?: string }[] {
  const heard: { code?: string; problem?: string; what?: string }[] = []
  const hear = ((fields: object) => heard.push(fields)) as typeof keeper.log.warn
  keeper.log.warn = hear
  keeper.log.error = hear
  return heard
}

/** A machine on which every step takes so many seconds. */
const slow = (stepSeconds: number): { estimate: typeof estimateTimes } => ({
  estimate: () => Promise.resolve(evenTimes(stepSeconds)),
})

/** One on which every step takes four seconds, and no run ends before `release`. */
function stuck(): {
  estimate: typeof estimateTimes
  traceClass: typeof Trace
  release: () => void
} {
  let release = (): void => undefined
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  class Stuck extends Trace {
    override async run(...[onStep, stop]: Parameters<Trace['run']>): Promise<void> {
      await released
      await super.run(onStep, stop)
    }
  }
  return { ...slow(4), traceClass: Stuck, release }
}

/** A machine on which every step takes so many seconds, and how often a job was looked at that seemed too slow. */
function slowMachine(stepSeconds: (looks: number) => number): {
  estimate: typeof estimateTimes
  looks: () => number
} {
  let looks = 0
  const estimate = (...[, , , , anew]: Parameters<typeof estimateTimes>): Promise<JobTimes> => {
    const seconds = stepSeconds(looks)
    if (anew === true) looks++
    return Promise.resolve(evenTimes(seconds))
  }
  return { estimate, looks: () => looks }
}

/** The submitter's store at an address of its own, and of what kinds the artifacts were that were asked for there. */
async function watchedStore(): Promise<{
  uri: string
  asked: Kind[]
  close: () => Promise<void>
}> {
  const there = new FolderStore(join(network.home('submitter'), 'store'))
  const asked: Kind[] = []
  const folder: ArtifactFiles = {
    open: (address, limit) => {
      asked.push(address.kind)
      return there.open(address, limit)
    },
  }
  const log = createLog('silent', 'store')
  const options = { port: 0, host: '127.0.0.1', folder, maxBytes: 2 ** 30, log }
  const { url: uri, close } = await serve(options)
  return { uri, asked, close }
}

test('a job whose replays would not fit the clocks is left, with the figures', async () => {
  const id = await network.post({ ...randomJob(new Random(1)), steps: 8, interval: 8 })
  const keeper = network.keeper('solver', slow(4))
  const heard = listen(keeper)
  const isHeard = () => Promise.resolve(heard.length > 0)
  await network.play([network.solver(keeper, { jobs: [id] }).tick], isHeard)
  expect(heard).toMatchObject([{ code: 'too-slow' }])
  expect(heard[0].problem).toContain('a replay takes about 54 s, and 8 at once have 300 s')
  expect(await status(id)).toBe('open')
  // Nothing is kept of it.
  const { computation } = await readJob(network.contracts, id)
  const kept = () => existsSync(keeper.workshop.folderOf(computation))
  await expect.poll(kept).toBe(false)
  // Shorter intervals make the same run possible.
  const other = await network.post({ ...randomJob(new Random(1)), steps: 8, interval: 1 })
  const isTaken = async () => (await status(other)) === 'taken'
  await network.play([network.solver(keeper, { jobs: [other] }).tick], isTaken)
})

test('a machine that something else made slow takes the job when that is over', async () => {
  const id = await network.post({ ...randomJob(new Random(3)), steps: 8, interval: 8 })
  const { estimate, looks } = slowMachine((before) => (before < 3 ? 4 : 0.001))
  const keeper = network.keeper('solver', { estimate })
  const heard = listen(keeper)
  const isTaken = async () => (await status(id)) === 'taken'
  await network.play([network.solver(keeper, { jobs: [id], once: true }).tick], isTaken)
  expect(heard).toMatchObject([{ code: 'too-slow' }])
  expect(looks()).toBe(4)
})

test.each([
  ['a little too slow for is refused after six looks', 4, 6],
  ['far too slow for is refused after two', 100, 2],
])('a job that a machine is %s', async (_, stepSeconds, most) => {
  const id = await network.post({ ...randomJob(new Random(4)), steps: 8, interval: 8 })
  const { estimate, looks } = slowMachine(() => stepSeconds)
  const keeper = network.keeper('solver', { estimate })
  const solver = network.solver(keeper, { jobs: [id] })
  const isRefused = () => Promise.resolve(solver.refusal(id) !== undefined)
  await network.play([solver.tick], isRefused)
  // And not looked at again.
  await network.look(solver.tick)
  expect(looks()).toBe(most)
  const { computation } = await readJob(network.contracts, id)
  expect(existsSync(keeper.workshop.folderOf(computation))).toBe(false)
})

test('a look that stands against a job has fetched none of its tensors', async () => {
  const { uri, asked, close } = await watchedStore()
  try {
    const id = await network.post({ ...randomJob(new Random(5)), steps: 8, interval: 8 }, { uri })
    const { computation } = await readJob(network.contracts, id)
    const { estimate, looks } = slowMachine((before) => (before < 3 ? 4 : 0.001))
    const keeper = network.keeper('solver', { estimate })
    const { tick } = network.solver(keeper, { jobs: [id] })
    const kept = () => existsSync(keeper.workshop.folderOf(computation))
    await network.play([tick], () => Promise.resolve(looks() === 3))
    expect(asked).toEqual(['programs', 'programs', 'programs'])
    await expect.poll(kept).toBe(false)
    // One that stands for it fetches the rest.
    await network.play([tick], async () => (await status(id)) === 'claimed')
    const [first, ...rest] = asked.slice(3)
    expect(first).toBe('programs')
    expect(new Set(rest)).toEqual(new Set(['lists', 'tensors']))
  } finally {
    await close()
  }
})

test('a job that cannot be run in its time is refused, with the figures', async () => {
  const job = { ...randomJob(new Random(2)), steps: 7, interval: 1 }
  const id = await network.post(job, { workSeconds: 40 })
  const keeper = network.keeper('solver', slow(4))
  const heard = listen(keeper)
  const isHeard = () => Promise.resolve(heard.length > 0)
  await network.play([network.solver(keeper, { jobs: [id] }).tick], isHeard)
  expect(heard[0].problem).toContain('the run takes about 42 s of 40')
  expect(await status(id)).toBe('open')
})

test('of many open jobs one is taken at a time, more only if asked for', async () => {
  const ids: bigint[] = []
  for (let i = 0; i < 4; i++) ids.push(await network.post(randomJob(new Random(30 + i))))
  const taken = async () => {
    const all = await Promise.all(ids.map(status))
    return all.filter((one) => one !== 'open').length
  }
  const solver = (parallelJobs: number, machine = stuck()) =>
    network.solver(network.keeper('solver', machine), { jobs: ids, parallelJobs })
  const first = stuck()
  const { tick } = solver(1, first)
  await network.look(tick)
  expect(await taken()).toBe(1)
  // A new process counts what an earlier one took.
  await network.look(solver(1).tick)
  expect(await taken()).toBe(1)
  await network.look(solver(3).tick)
  expect(await taken()).toBe(3)
  first.release()
  await network.play([tick], async () =>
    (await Promise.all(ids.map(status))).every((s) => s === 'claimed'),
  )
})

test('jobs beside others are taken while stake is free and the times fit', async () => {
  const job = (seed: number) => ({ ...randomJob(new Random(seed)), steps: 10, interval: 1 })
  const ids: bigint[] = []
  // 60 s each: two of them fit 170 s, three do not.
  for (let i = 0; i < 3; i++) ids.push(await network.post(job(40 + i), { workSeconds: 170 }))
  const keeper = network.keeper('solver', stuck())
  const heard = listen(keeper)
  const solver = network.solver(keeper, { jobs: ids, parallelJobs: 10 })
  await network.play([solver.tick], () => Promise.resolve(heard.length > 0))
  expect(await Promise.all(ids.map(status))).toEqual(['taken', 'taken', 'open'])
  expect(heard[0].problem).toMatch(/the run beside 2 other\(s\) takes about 180 s of 1\d\d/)

  const poor = network.keeper('defender', stuck())
  await network.stake('defender', parseEther('1500'))
  const rich: bigint[] = []
  for (let i = 0; i < 2; i++) rich.push(await network.post(randomJob(new Random(50 + i))))
  const warned = listen(poor)
  const { tick } = network.solver(poor, { jobs: rich, parallelJobs: 10 })
  await network.play([tick], () => Promise.resolve(warned.length > 0))
  expect(await Promise.all(rich.map(status))).toEqual(['taken', 'open'])
  expect(warned).toMatchObject([{ code: 'too-little-stake' }])
})

test('a store that drips holds up no dispute', async () => {
  let asked = 0
  const dripping = createServer((_, response) => {
    asked++
    response.writeHead(200)
    const drip = setInterval(() => response.write('.'), 200)
    response.once('close', () => {
      clearInterval(drip)
    })
  })
  dripping.listen(0, '127.0.0.1')
  await once(dripping, 'listening')
  const uri = `http://127.0.0.1:${(dripping.address() as AddressInfo).port}`
  try {
    const random = new Random(55)
    const good = await network.post(randomJob(random))
    const keeper = network.keeper('solver')
    const jobs = [good]
    const solver = network.solver(keeper, { jobs })
    await network.play([solver.tick], async () => (await status(good)) === 'claimed')
    const { claim, computation } = await readJob(network.contracts, good)
    jobs.unshift(await network.post(randomJob(new Random(56)), { uri }))
    await network.play([solver.tick], () => Promise.resolve(asked > 0))

    const trace = await keeper.workshop.complete(computation)
    const stranger = new RandomChallenger(network.keeper('other'), trace, random, claim)
    let longestMs = 0
    const timed = async (at: Head) => {
      const started = performance.now()
      const busy = await solver.tick(at)
      longestMs = Math.max(longestMs, performance.now() - started)
      return busy
    }
    await network.play([stranger.tick, timed], () => Promise.resolve(stranger.refused > 0))
    expect(longestMs).toBeLessThan(10_000)
    expect(await status(jobs[0])).toBe('open')
    // It was asked once, and is still being waited for.
    expect(asked).toBe(1)
  } finally {
    dripping.closeAllConnections()
    dripping.close()
  }
})

test('a challenger says which claims it is too slow for, and risks no bond on them', async () => {
  const { job, corruption } = await cheatedJob(60, { steps: 60, interval: 60 })
  const id = await network.post(job, { workSeconds: 200 })
  const cheat = network.solver(network.keeper('cheat', { corruption }), { jobs: [id] })
  await network.play([cheat.tick], async () => (await status(id)) === 'claimed')
  const { claim } = await readJob(network.contracts, id)
  // 60 steps of 15 s: neither the run fits the window of 800 s nor a replay the budget of 120 s.
  const keeper = network.keeper('challenger', slow(15))
  const heard = listen(keeper)
  const { tick } = network.challenger(keeper, [], [claim])
  await network.play([tick], () => Promise.resolve(heard.some(({ code }) => code === 'too-slow')))
  expect(heard.map(({ what }) => what)).toEqual(['run', 'replay', undefined])
  expect(heard[2].problem).toContain('a replay takes about 1373 s, a dispute leaves 120')
  const metrics = await keeper.metrics.registry.metrics()
  expect(metrics).toContain('lockstep_claims_too_slow_total{what="run",role="challenger"} 1')
  expect(metrics).toContain('lockstep_claims_too_slow_total{what="replay",role="challenger"} 1')
  expect((await readClaim(network.contracts, claim)).disputes).toBe(0)
})

test('a claim that cannot be checked in time comes after those that can', async () => {
  const lengths = [
    { steps: 60, interval: 2 },
    { steps: 6, interval: 2 },
  ]
  const ids: bigint[] = []
  for (const [i, length] of lengths.entries())
    ids.push(
      await network.post({ ...randomJob(new Random(70 + i)), ...length }, { workSeconds: 300 }),
    )
  const solver = network.solver(network.keeper('solver'), { jobs: ids })
  const all = async () => Promise.all(ids.map(status))
  await network.play([solver.tick], async () => (await all()).every((one) => one === 'claimed'))
  // Of 15 s a step, 60 do not fit the window and 6 do.
  const keeper = network.keeper('challenger', slow(15))
  const checked: string[] = []
  keeper.log.info = ((fields: { claim?: string; verdict?: string }) => {
    if (fields.verdict !== undefined) checked.push(`${fields.claim} ${fields.verdict}`)
  }) as typeof keeper.log.info
  const claims = await Promise.all(
    ids.map(async (id) => (await readJob(network.contracts, id)).claim),
  )
  const { tick } = network.challenger(keeper, [], claims)
  await network.play([tick], () => Promise.resolve(checked.length === 2))
  expect(checked).toEqual([`${claims[1]} right`, `${claims[0]} right`])
})

test('of many claims the one whose window ends first is checked first', async () => {
  const ids: bigint[] = []
  for (const [i, workSeconds] of [4000, 3000, 2000, 1000].entries())
    ids.push(await network.post(randomJob(new Random(80 + i)), { workSeconds }))
  const solver = network.solver(network.keeper('solver'), { jobs: ids })
  const all = async () => Promise.all(ids.map(status))
  await network.play([solver.tick], async () => (await all()).every((one) => one === 'claimed'))
  const claims = await Promise.all(
    ids.map(async (id) => (await readJob(network.contracts, id)).claim),
  )
  const keeper = network.keeper('challenger')
  const checked: unknown[] = []
  keeper.log.info = ((fields: { claim?: string; verdict?: string }) => {
    if (fields.verdict !== undefined) checked.push(fields.claim)
  }) as typeof keeper.log.info
  const { tick } = network.challenger(keeper, [], claims)
  await network.play([tick], () => Promise.resolve(checked.length === 4))
  expect(checked).toEqual(claims.map(String).reverse())
})
