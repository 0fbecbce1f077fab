import type { Corruption, Hash } from '@lockstep/repops'
import { reference } from '@lockstep/repops'
import { Random } from '@lockstep/repops/testing'
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createLog } from '../log.ts'
import { Metrics } from '../metrics.ts'
import { storeOrder } from '../roles/submitter.ts'
import { FolderStore } from '../store/folder.ts'
import { Mirror } from '../store/mirror.ts'
import { asOrder, randomJob } from '../testing/jobs.ts'
import { Engine } from './engine.ts'
import type { Computation } from './work.ts'
import { Workshop } from './workshop.ts'

const log = createLog('silent', 'test')
const [A, B]: Hash[] = ['0xaa', '0xbb']
let folder: string
let computations: Record<Hash, Computation>
let there: FolderStore

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-workshop-'))
  there = new FolderStore(join(folder, 'there'))
  const computationOf = (seed: number) => {
    const job = { ...randomJob(new Random(seed)), steps: 6, interval: 2 }
    return storeOrder(asOrder(job), there).computation
  }
  computations = { [A]: computationOf(12), [B]: computationOf(13) }
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** A keeper's workshop in one home, with the chain's word for the computations. */
function workshop(user: string, corruption?: Corruption): Workshop {
  const readContract = ({ args }: { args: [Hash] }) => Promise.resolve(computations[args[0]])
  const contracts = { chain: { id: 31337, client: { readContract } } }
  return new Workshop({
    folder: join(folder, 'work'),
    contracts: contracts as never,
    mirror: new Mirror(new FolderStore(join(folder, 'store')), [there], 2 ** 30, log),
    engine: new Engine(reference),
    user,
    corruption,
    log,
    metrics: new Metrics(user),
  })
}

const kept = () => (existsSync(join(folder, 'work')) ? readdirSync(join(folder, 'work')) : [])
const isServed = async (keeper: Workshop, root: Hash) => {
  const opened = await keeper.artifacts.open({ kind: 'lists', root }, 2 ** 20)
  await opened?.file.close()
  return opened !== undefined
}

test('what a computation takes is in its folder, is served, and goes with it', async () => {
  const keeper = workshop('one')
  const [a, b] = [await keeper.complete(A), await keeper.complete(B)]
  expect(existsSync(join(folder, 'store'))).toBe(false)
  const [last, other] = [a, b].map(({ checkpoints }) => checkpoints.leaf(checkpoints.count - 1))
  expect([await isServed(keeper, last), await isServed(keeper, other)]).toEqual([true, true])

  await keeper.forget(A)
  expect(kept()).toEqual([B])
  expect([await isServed(keeper, last), await isServed(keeper, other)]).toEqual([false, true])
  expect(keeper.completed(A)).toBeUndefined()
  expect(keeper.completed(B)).toBe(b)
  // It can be had again.
  const again = await keeper.complete(A)
  expect(again).not.toBe(a)
  expect(again.checkpoints.root).toBe(a.checkpoints.root)
})

test('what another keeper of the home uses stays', async () => {
  const [one, two] = [workshop('one'), workshop('two')]
  await one.complete(A)
  await two.open(A)
  await one.forget(A)
  expect(kept()).toEqual([A])
  expect((await two.complete(A)).isComplete).toBe(true)
  await two.forget(A)
  expect(kept()).toEqual([])
})

test('a release leaves the files, so that nothing is run again', async () => {
  const keeper = workshop('one')
  const trace = await keeper.complete(A)
  expect(await keeper.release(A)).toBe(true)
  expect(keeper.completed(A)).toBeUndefined()
  const again = await keeper.open(A)
  expect(again).not.toBe(trace)
  expect(again.isComplete).toBe(true)
})

test('a run that is under way ends before its files go', async () => {
  const keeper = workshop('one')
  const running = keeper.complete(A)
  const forgotten = keeper.forget(A)
  expect((await running).isComplete).toBe(true)
  await forgotten
  expect(kept()).toEqual([])
})

test('a prospect takes the program alone, and knows what was run before', async () => {
  const tensors = join(there.folder, 'tensors')
  const away = join(there.folder, 'away')
  renameSync(tensors, away)
  const keeper = workshop('one')
  const prospect = await keeper.prospect(A)
  await prospect.checkMemory()
  const { stepSeconds, graphSeconds } = await prospect.estimateTimes(0.1)
  expect(Math.min(stepSeconds, graphSeconds)).toBeGreaterThan(0)
  expect(prospect.stepsDone).toBe(0)
  expect(readdirSync(join(folder, 'work', A, 'store'))).toEqual(['programs'])

  renameSync(away, tensors)
  let steps = 0
  const trace = await keeper.complete(A, undefined, () => Promise.resolve(++steps === 3))
  expect(trace.stepsDone).toBe(3)
  expect((await workshop('one').prospect(A)).stepsDone).toBe(3)
  // Where it is open, it is what was opened.
  expect(await keeper.prospect(A)).toBe(trace)
})

test('a prospect refuses a lie that hits nothing', async () => {
  const corruption = { step: 0, node: 1000, element: 0, bit: 0 }
  const prospect = await workshop('one', corruption).prospect(A)
  await expect(prospect.checkMemory()).rejects.toThrow('no node 1000 to corrupt')
})

test('what could not be fetched whole goes too', async () => {
  rmSync(join(there.folder, 'tensors'), { recursive: true })
  const keeper = workshop('one')
  await expect(keeper.open(A)).rejects.toMatchObject({ code: 'artifact-missing' })
  expect(readdirSync(join(folder, 'work', A, 'store'))).toContain('programs')
  await keeper.forget(A)
  expect(kept()).toEqual([])
})

test('artifacts that the home has already are not kept twice', async () => {
  const job = { ...randomJob(new Random(12)), steps: 6, interval: 2 }
  storeOrder(asOrder(job), new FolderStore(join(folder, 'store')))
  const keeper = workshop('one')
  await keeper.open(A)
  expect(existsSync(join(folder, 'work', A, 'store'))).toBe(false)
})

test('a result that was left stays for others until it is old', async () => {
  const keeper = workshop('one')
  const { checkpoints } = await keeper.complete(A)
  const last = checkpoints.leaf(checkpoints.count - 1)
  await keeper.complete(B)
  await keeper.leave(A)
  expect(keeper.completed(A)).toBeUndefined()
  await keeper.prune(3600)
  expect(await isServed(keeper, last)).toBe(true)
  // After a restart too; what is in use is never old.
  const again = workshop('one')
  await again.leave(A)
  await again.prune(0)
  expect(kept()).toEqual([B])
  expect(await isServed(again, last)).toBe(false)
})

test('what was left and is used again is not pruned, nor what another keeper uses', async () => {
  const [one, two] = [workshop('one'), workshop('two')]
  await one.complete(A)
  await one.leave(A)
  await one.open(A)
  await one.prune(0)
  expect(kept()).toEqual([A])
  await two.open(A)
  await one.leave(A)
  await one.prune(0)
  expect(kept()).toEqual([A])
})

test('a workshop that closes ends its runs after a step, and another goes on there', async () => {
  const keeper = workshop('one')
  const trace = await keeper.open(A)
  let closing: Promise<void> | undefined
  const stop = () => {
    closing ??= keeper.close()
    return Promise.resolve(false)
  }
  await keeper.complete(A, undefined, stop)
  await closing
  expect(trace.isComplete).toBe(false)
  expect(trace.stepsDone).toBe(2)
  await keeper.complete(B)
  expect((await keeper.open(B)).stepsDone).toBe(0)
  expect((await workshop('one').complete(A)).isComplete).toBe(true)
})
