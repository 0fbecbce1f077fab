import {
  type Backend,
  commitProgram,
  DeviceLost,
  encodeProgram,
  type Executable,
  Execution,
  type Job,
  MerkleTree,
  packHashes,
  reference,
  stateRoot,
  tensorRoot,
} from '@lockstep/repops'
import { computeNode, nodeByNode, Random } from '@lockstep/repops/testing'
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLog } from '../log.ts'
import { FolderStore } from '../store/folder.ts'
import { Mirror } from '../store/mirror.ts'
import { asOrder, randomJob } from '../testing/jobs.ts'
import { Engine } from './engine.ts'
import type { Place } from './place.ts'
import { parsePlace, placePath } from './place.ts'
import { Trace } from './trace.ts'
import type { Work } from './work.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-trace-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

// No two states of this run are equal.
const job: Job = { ...randomJob(new Random(12)), steps: 11, interval: 3 }
const order = asOrder(job)
const work = {
  id: '0x00',
  job,
  encoded: order.encoded,
  commitment: commitProgram(encodeProgram(job.program)),
} as unknown as Work
const path = () => join(folder, 'checkpoints')

function flip(path: string, at: number): void {
  const bytes = readFileSync(path)
  bytes[at] ^= 1
  writeFileSync(path, bytes)
}

const open = (backend: Backend = reference): Trace => openOn(new Engine(backend))

/** The reference whose runs of tasks go through `around`. */
const around = (
  name: string,
  around: (run: () => Promise<Uint8Array>) => Promise<Uint8Array>,
): Backend => ({
  ...reference,
  name,
  compile: async (plan): Promise<Executable> => {
    const it = await reference.compile(plan)
    return {
      run: (...range) => around(() => it.run(...range)),
      read: (slot) => it.read(slot),
      write: (slot, words) => it.write(slot, words),
      roots: (slots) => it.roots(slots),
      close: () => it.close(),
    }
  },
})

function openOn(engine: Engine): Trace {
  const mirror = new Mirror(
    new FolderStore(join(folder, 'store')),
    [],
    2 ** 30,
    createLog('silent', 'test'),
  )
  return new Trace(work, mirror, { engine }, folder)
}

/** State roots before every step and after the last one, by plain execution. */
const roots = await (async () => {
  const { program, initialState: state, constants, seed } = job
  const execution = new Execution(program, reference, { state, constants, seed })
  const found = [await execution.stateRoot()]
  for (let step = 0; step < job.steps; step++) {
    await execution.advance()
    found.push(await execution.stateRoot())
  }
  return found
})()

/** Root of the tree over the states inside an interval. */
const stepsRoot = (interval: number) =>
  new MerkleTree(roots.slice(3 * interval + 1, 3 * interval + 4)).root

test('checkpoints are the states after every interval, the last one shorter', async () => {
  const trace = open()
  await trace.run()
  const { checkpoints } = trace
  expect(Array.from({ length: 5 }, (_, i) => checkpoints.leaf(i))).toEqual(
    [0, 3, 6, 9, 11].map((step) => roots[step]),
  )
  // Hashed once: whoever asks for a row of it costs no hash.
  expect(await trace.tree({ tree: 'checkpoints' })).toBe(checkpoints)
})

test('trees below the checkpoints are recomputed as they were', async () => {
  const trace = open()
  await trace.run()
  for (const [interval, steps] of [
    [0, [1, 2, 3]],
    [3, [10, 11]],
  ] as const) {
    const tree = await trace.tree({ tree: 'steps', interval })
    expect(Array.from({ length: tree.count }, (_, i) => tree.leaf(i))).toEqual(
      steps.map((s) => roots[s]),
    )
  }
  // Steps in any order: each is replayed from its checkpoint.
  for (const step of [10, 2, 7, 0]) {
    expect((await trace.tree({ tree: 'state', step })).root).toBe(roots[step + 1])
    const graph = await trace.tree({ tree: 'graph', step })
    expect(graph.count).toBe(job.program.nodes.length)
    const node = graph.count - 1
    const output = await trace.output(step, node)
    expect(graph.leaf(node)).toBe(tensorRoot(output))
    expect((await trace.tree({ tree: 'tensor', step, node })).root).toBe(tensorRoot(output))
  }
})

describe('what is answered costs as little as possible', () => {
  /** How many nodes a trace runs while it answers. */
  async function nodesRunBy(ask: (trace: Trace) => Promise<unknown>): Promise<number> {
    let count = 0
    const backend = nodeByNode('counting', (...args) => {
      count++
      computeNode(...args)
    })
    await ask(open(backend))
    return count
  }

  const nodes = job.program.nodes.length
  const steps = (interval: number) => (trace: Trace) => trace.tree({ tree: 'steps', interval })
  const leavesOf = async (tree: Promise<MerkleTree>) => {
    const { count, leaf } = await tree.then((it) => ({ count: it.count, leaf: it.leaf.bind(it) }))
    return Array.from({ length: count }, (_, i) => leaf(i))
  }

  test('the steps of an interval were kept when they were run', async () => {
    await open().run()
    expect(await nodesRunBy(steps(0))).toBe(0)
    expect(await nodesRunBy(steps(3))).toBe(0)
    expect(await leavesOf(open().tree({ tree: 'steps', interval: 3 }))).toEqual(roots.slice(10, 12))
  })

  test.each([
    [
      'gone',
      () => {
        rmSync(join(folder, 'steps'))
      },
    ],
    [
      'cut off',
      () => {
        truncateSync(join(folder, 'steps'), 4 * 32 + 70)
      },
    ],
    [
      'changed',
      () => {
        flip(join(folder, 'steps'), 4 * 32 + 40)
      },
    ],
  ])('where they are %s they are run again, once', async (_, damage) => {
    await open().run()
    damage()
    const tree = open().tree({ tree: 'steps', interval: 1 })
    expect(await leavesOf(tree)).toEqual(roots.slice(4, 7))
    expect(await nodesRunBy(steps(1))).toBe(0)
  })

  test('a step is run from its checkpoint, and later from its own beginning', async () => {
    await open().run()
    const last = (trace: Trace) => trace.step(8)
    expect(await nodesRunBy(last)).toBeGreaterThan(nodes)
    // Another process finds the state before the step where the first one left it.
    expect(await nodesRunBy(last)).toBe(nodes)
    expect(stateRoot((await open().step(8)).after)).toBe(roots[9])
  })

  test('a run lets a replay go first', async () => {
    const trace = open()
    await trace.run(undefined, () => Promise.resolve(true))
    const order: string[] = []
    const run = trace.run(() => {
      order.push('step')
      if (order.length === 1) void trace.step(0).then(() => order.push('replay'))
    })
    await run
    expect(order.indexOf('replay')).toBe(1)
  })
})

describe('a device that is lost', () => {
  /** The reference on a device that is lost in its `last` run of some tasks, for good. */
  function losing(last: number) {
    let runs = 0
    const gpu = around('gpu', (run) =>
      ++runs < last
        ? run()
        : Promise.reject(new DeviceLost('cuGraphLaunch', 719, 'LAUNCH_FAILED', 'a GPU')),
    )
    let replaced = 0
    const engine = new Engine(gpu, () => (replaced++, Promise.resolve(reference)))
    return { engine, replaced: () => replaced }
  }

  test.each([1, 2, 3, 4, 5, 8, 11])('in step %i of a run: the same checkpoints', async (last) => {
    const { engine, replaced } = losing(last)
    const trace = openOn(engine)
    const steps: number[] = []
    await trace.run(({ step }) => steps.push(step))
    expect(replaced()).toBe(1)
    expect(trace.backendName).toBe('reference')
    expect(readFileSync(path(), 'utf8')).toBe([0, 3, 6, 9, 11].map((s) => `${roots[s]}\n`).join(''))
    expect(Array.from({ length: 3 }, (_, i) => trace.checkpoints.leaf(i + 1))).toEqual(
      [3, 6, 9].map((step) => roots[step]),
    )
    // Nothing before the last checkpoint is run again.
    const done = last - 1
    const from = done - (done % 3)
    const count = (length: number, first: number) => Array.from({ length }, (_, i) => first + i)
    expect(steps).toEqual([...count(done, 1), ...count(11 - from, from + 1)])
    expect(await trace.tree({ tree: 'steps', interval: 1 })).toMatchObject({ root: stepsRoot(1) })
  })

  test('in a replay, and in an output that is asked for later', async () => {
    await open().run()
    const whole = await open().step(7)
    for (const last of [1, 2, 3]) {
      const { engine, replaced } = losing(last)
      const trace = openOn(engine)
      const { graph } = await trace.step(7)
      expect(graph.root).toBe(whole.graph.root)
      const node = graph.count - 1
      expect(tensorRoot(await trace.output(7, node))).toBe(graph.leaf(node))
      expect(replaced()).toBe(1)
      rmSync(join(folder, 'store'), { recursive: true })
      rmSync(join(folder, 'checkpoints'))
      await open().run()
    }
  })

  test('where nothing takes its place the run ends with the reason, and what was done is kept', async () => {
    const { engine } = losing(5)
    const alone = openOn(new Engine(await engine.run((gpu) => Promise.resolve(gpu))))
    await expect(alone.run()).rejects.toThrow(DeviceLost)
    expect(open().stepsDone).toBe(3)
  })
})

test('whatever is replayed is computed one after the other', async () => {
  let running = 0
  let most = 0
  const counting = around('counting', async (run) => {
    most = Math.max(most, ++running)
    await new Promise((resolve) => setTimeout(resolve, 2))
    running--
    return run()
  })
  const trace = open(counting)
  await trace.run()
  most = 0
  const [a, b] = [await trace.step(1), await trace.step(7)]
  const node = job.program.nodes.length - 1
  await Promise.all([a.output(node), b.output(node - 1), trace.step(4), trace.output(10, node)])
  expect(most).toBe(1)
})

test('what a job takes is estimated without running it', async () => {
  let count = 0
  const slow = nodeByNode('slow', (...args) => {
    count += args[2].count
    for (const end = performance.now() + 1; performance.now() < end; );
    computeNode(...args)
  })
  const { nodes } = job.program
  const { stepSeconds, graphSeconds } = await open(slow).estimateTimes(60)
  expect(stepSeconds).toBeGreaterThan(0.001)
  expect(graphSeconds).toBeGreaterThan(0.0009 * nodes.length)
  expect(graphSeconds).toBeLessThan(0.02 * nodes.length)
  expect(count).toBeGreaterThan(0)
  expect(existsSync(path())).toBe(false)
})

test.each([
  { tree: 'steps', interval: 4 },
  { tree: 'graph', step: 11 },
  { tree: 'state', step: 11 },
  { tree: 'tensor', step: 0, node: 1000 },
] as Place[])('there is no place %j', async (place) => {
  const trace = open()
  await trace.run()
  await expect(trace.tree(place)).rejects.toThrow(RangeError)
})

test('a run that was stopped goes on at its last checkpoint', async () => {
  const first = open()
  let steps = 0
  await first.run(
    () => steps++,
    () => Promise.resolve(first.checkpointsDone === 3),
  )
  expect([steps, first.stepsDone, first.isComplete]).toEqual([6, 6, false])
  expect(() => first.checkpoints).toThrow('not complete')
  const soFar = first.checkpointsSoFar
  expect([0, 1, 2, 3, 4].map((i) => soFar.leaf(i) === roots[i * 3])).toEqual([
    true,
    true,
    true,
    false,
    false,
  ])

  const second = open()
  expect(second.stepsDone).toBe(6)
  await second.run(() => steps++)
  expect(steps).toBe(11)
  expect(second.checkpoints.leaf(4)).toBe(roots[11])
  // A complete run is not run again.
  await open().run(() => steps++)
  expect(steps).toBe(11)
})

describe('a run that is stopped inside an interval', () => {
  /** Runs until so many steps are done; returns how many it has run for it. */
  async function runTo(step: number): Promise<number> {
    const trace = open()
    let ran = 0
    let done = 0
    await trace.run(
      ({ step }) => {
        ran++
        done = step
      },
      () => Promise.resolve(done === step),
    )
    expect(trace.stepsDone).toBe(step)
    return ran
  }

  async function expectRest(ran: number): Promise<void> {
    const trace = open()
    let count = 0
    await trace.run(() => count++)
    expect(count).toBe(ran)
    expect([0, 1, 2, 3, 4].map((i) => trace.checkpoints.leaf(i))).toEqual(
      [0, 3, 6, 9, 11].map((step) => roots[step]),
    )
    for (const [interval, from, to] of [
      [1, 4, 7],
      [2, 7, 10],
    ] as const) {
      const tree = await open().tree({ tree: 'steps', interval })
      expect(Array.from({ length: tree.count }, (_, i) => tree.leaf(i))).toEqual(
        roots.slice(from, to),
      )
    }
  }

  test('goes on at its last step, in another process too', async () => {
    expect([await runTo(1), await runTo(2), await runTo(5), await runTo(8)]).toEqual([1, 1, 3, 3])
    await expectRest(3)
  })

  const lists = `store/lists/${roots[8]}`
  test.each([
    ['paused', undefined],
    ['paused', '8'],
    ['paused', '7\n'],
    ['paused', '10\n'],
    [lists, undefined],
    ['steps', undefined],
  ])('where %s has become %j, it goes on at the checkpoint', async (name, content) => {
    await runTo(8)
    if (content === undefined) rmSync(join(folder, name))
    else writeFileSync(join(folder, name), content)
    await expectRest(5)
  })

  test('where a root is damaged, it goes on at the checkpoint', async () => {
    await runTo(8)
    flip(join(folder, 'steps'), 8 * 32 + 3)
    await expectRest(5)
  })
})

test.each([1, 30, 66])('a line of which a kill left %i bytes is written anew', async (left) => {
  const first = open()
  await first.run(undefined, () => Promise.resolve(first.checkpointsDone === 3))
  truncateSync(path(), 2 * 67 + left)
  const second = open()
  expect(second.stepsDone).toBe(3)
  await second.run()
  expect(second.checkpoints.leaf(4)).toBe(roots[11])
  expect(readFileSync(path(), 'utf8').length).toBe(5 * 67)
})

test('a damaged list of checkpoints is an error that says what to do', async () => {
  await open().run()
  appendFileSync(path(), 'rubbish\n')
  expect(() => open()).toThrow(/list of checkpoints is damaged.*remove it/)
})

test('a damaged checkpoint is noticed before it is used', async () => {
  const first = open()
  await first.run(undefined, () => Promise.resolve(first.checkpointsDone === 3))
  writeFileSync(join(folder, 'store', 'lists', roots[6]), packHashes([roots[0], roots[0]]))
  await expect(open().run()).rejects.toMatchObject({ exit: 4 })
})

test('places are paths and back', () => {
  const places: Place[] = [
    { tree: 'checkpoints' },
    { tree: 'steps', interval: 3 },
    { tree: 'graph', step: 0 },
    { tree: 'state', step: 7 },
    { tree: 'tensor', step: 2 ** 31, node: 5 },
  ]
  for (const place of places) {
    const segments = [...placePath(place).split('/'), 'row', '4']
    expect(parsePlace(segments)).toEqual({ place, rest: ['row', '4'] })
  }
  for (const bad of [
    '',
    'steps',
    'steps/x',
    'steps/-1',
    'steps/01',
    'steps/1e3',
    'tensor/1',
    'constructor/1',
    `steps/${2 ** 41}`,
  ]) {
    expect(parsePlace(bad.split('/'))).toBeUndefined()
  }
})
