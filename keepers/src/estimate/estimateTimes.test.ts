import {
  type Backend,
  DEMO_TRANSFORMER,
  Execution,
  type Form,
  type Node,
  openBackendByName,
  type Program,
  reference,
  transformerJob,
} from '@lockstep/repops'
import { Random } from '@lockstep/repops/testing'
import { expect, test, vi } from 'vitest'
import {
  each,
  randomSlowProgram,
  SideBySide,
  type SlowProgram,
  slowPrograms,
} from '../testing/slow-programs.ts'
import { threadMs } from '../testing/thread-ms.ts'
import { estimateTimes } from './estimateTimes.ts'

// Of one thread, so that the time of the processor is the time that it takes alone on a machine.
const fast = await openBackendByName('auto', { threads: 1 })

/** Milliseconds that all threads of this process have computed. */
function processMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Milliseconds that something else made this process wait, as a test says. */
let waitedMs = 0

// Estimates and truth by the time of the processor, so that what else runs on the machine makes neither larger.
vi.spyOn(performance, 'now').mockImplementation(() => processMs() + waitedMs)

/** Fastest milliseconds of a step and of a graph root. */
async function measured(
  { program, initialState }: SlowProgram,
  backend: Backend,
): Promise<{ step: number; graph: number }> {
  const inputs = { state: initialState, constants: [], seed: 1n }
  const execution = new Execution(program, backend, inputs)
  const time = async (task: () => Promise<unknown>): Promise<number> => {
    let best = Infinity
    for (let times = 0; times < 4; times++) {
      const started = processMs()
      await task()
      best = Math.min(best, processMs() - started)
    }
    return best
  }
  try {
    await execution.stateRoot()
    const step = await time(async () => {
      await execution.advance()
      await execution.stateRoot()
    })
    await execution.advanceCommitting()
    return { step, graph: await time(() => execution.advanceCommitting()) }
  } finally {
    await execution.close()
  }
}

/** Estimate over truth, of a step and of a graph root. */
async function ratios(program: SlowProgram, backend: Backend): Promise<number[]> {
  const { stepSeconds, graphSeconds } = await estimateTimes(program.program, backend, 5)
  const { step, graph } = await measured(program, backend)
  return [(1000 * stepSeconds) / step, (1000 * graphSeconds) / graph]
}

const all = new Map<Backend, number[]>()

/**
 * No estimate below half of the truth or above `most` times of it. Other tests use the machine, so a program has
 * several tries, with nothing known of the backend after the first; what is wrong by itself is wrong each time.
 */
async function expectTrue(program: SlowProgram, backend: Backend, most = 4): Promise<void> {
  const tries: number[][] = []
  const isTrue = (ratio: number): boolean => ratio > 0.5 && ratio < most
  for (let i = 0; i < 4 && !(tries.at(-1)?.every(isTrue) ?? false); i++)
    tries.push(await ratios(program, i === 0 ? backend : { ...backend }))
  const last = tries[tries.length - 1]
  all.set(backend, [...(all.get(backend) ?? []), ...last])
  expect(last.every(isTrue), `${program.name}: ${JSON.stringify(tries)}`).toBe(true)
}

test.each(slowPrograms(4))('$name is estimated on the processor', async (program) => {
  await expectTrue(program, fast)
})

// How fast the reference is with a function depends on the numbers; it is taken to be slow.
test.each(slowPrograms(256))('$name is estimated on the reference', async (program) => {
  await expectTrue(program, reference, program.name.startsWith('functions') ? 40 : 4)
})

test('random programs are estimated, and the middle of all programs is near the truth', async () => {
  for (let seed = 0; seed < 3; seed++) {
    await expectTrue(randomSlowProgram(new Random(seed), 2 ** 19), fast)
    await expectTrue(randomSlowProgram(new Random(seed), 2 ** 14), reference, 8)
  }
  for (const [backend, most] of [
    [fast, 3],
    [reference, 4],
  ] as const) {
    const { name } = backend
    const unsorted = all.get(backend) ?? []
    const sorted = unsorted.toSorted((a, b) => a - b)
    const median = sorted[Math.floor(sorted.length / 2)]
    expect(median, `${name}: ${JSON.stringify(sorted)}`).toBeGreaterThan(0.7)
    expect(median, `${name}: ${JSON.stringify(sorted)}`).toBeLessThan(most)
  }
})

test('a step is estimated as it is run: fused where the backend fuses', async () => {
  const count = 2 ** 18
  const program = new SideBySide().add('Add', 'f32', each(count, 2), 2)
  const { program: start, initialState } = program.named('')
  const nodes: Node[] = [...start.nodes]
  for (let i = 0; i < 24; i++)
    nodes.push({
      op: i % 2 === 0 ? 'Mul' : 'Add',
      type: 'f32',
      form: each(count, 2),
      inputs: [
        { kind: 'node', ref: i },
        { kind: 'state', ref: 0 },
      ],
    })
  const states = start.states.map((state) => (state.next === 0 ? { ...state, next: 24 } : state))
  const chain: SlowProgram = { name: 'a chain', program: { ...start, nodes, states }, initialState }
  await expectTrue(chain, fast)
})

/** A program of nodes that need no tensors to exist. */
const generating = (...forms: Form[]): Program => ({
  nodes: forms.map((form) => ({ op: 'Philox', type: 'i32', inputs: [], form })),
  states: [{ name: 's', type: 'i32', count: 1, next: undefined }],
  constants: [],
})
const words = (N: number): Form => ({ family: 'generate', N, stream: 0 })

test('what would take hours is estimated in a moment, and in proportion', async () => {
  const started = processMs()
  const hours = await estimateTimes(generating(words(2 ** 39)), fast, 2)
  const moment = await estimateTimes(generating(words(2 ** 24)), fast, 2)
  expect(processMs() - started).toBeLessThan(10_000)
  expect(hours.graphSeconds / moment.graphSeconds).toBeGreaterThan(2 ** 13)
  expect(hours.graphSeconds / moment.graphSeconds).toBeLessThan(2 ** 17)
})

test('many kinds of nodes take no more than the time that there is, and let others have their turn', async () => {
  const program = generating(...Array.from({ length: 20_000 }, (_, i) => words(5000 + 7 * i)))
  let [last, longest] = [threadMs(), 0]
  const clock = setInterval(() => {
    const now = threadMs()
    longest = Math.max(longest, now - last)
    last = now
  }, 1)
  const plan = await estimateTimes(program, { ...reference }, 0)
  expect(plan.isSettled).toBe(false)
  const started = threadMs()
  const backend = { ...reference }
  const first = await estimateTimes(program, backend, 0.3)
  clearInterval(clock)
  expect(threadMs() - started).toBeLessThan(5000)
  expect(longest).toBeLessThan(500)
  // What was not timed takes as long as what was: left out, it would be a hundredth. Both are single times.
  const truth = (await estimateTimes(generating(words(2 ** 16)), backend, 1)).graphSeconds
  const mean = 5000 + (7 * 20_000) / 2
  expect((first.graphSeconds / truth) * (2 ** 16 / mean)).toBeGreaterThan(20_000 / 8)
  expect((first.graphSeconds / truth) * (2 ** 16 / mean)).toBeLessThan(20_000 * 16)
})

const text = new TextEncoder().encode('to be or not to be, that is the question; '.repeat(200))

/** A backend of a machine that is made to wait, in one of four runs, for longer than what is timed takes. */
function interrupted(backend: Backend): Backend {
  const random = new Random(4)
  return {
    ...backend,
    compile: async (plan) => {
      const executable = await backend.compile(plan)
      const run: typeof executable.run = async (...args) => {
        const result = await executable.run(...args)
        if (random.below(4) === 0) waitedMs += 20
        return result
      }
      return new Proxy(executable, {
        get: (of, name) => {
          if (name === 'run') return run
          const value: unknown = Reflect.get(of, name)
          return typeof value === 'function' ? (value as () => unknown).bind(of) : value
        },
      })
    },
  }
}

test('runs that were interrupted are not taken for slow, nor what was not timed for as slow as they', async () => {
  const { program } = transformerJob({
    text,
    steps: 2,
    interval: 2,
    seed: 3n,
    config: DEMO_TRANSFORMER,
  })
  const truth = await estimateTimes(program, { ...fast }, 5)
  const backend = interrupted(fast)
  // A run of 1.5 ms waits for 5 ms on average: so will those of the job.
  const ratios: number[] = []
  for (let round = 0, isSettled = false; round < 200 && !isSettled; round++) {
    const times = await estimateTimes(program, backend, 0.25)
    ratios.push(times.graphSeconds / truth.graphSeconds)
    isSettled = times.isSettled
  }
  // The first have timed a few kernels only. An hour for 0.3 s would be 10,000.
  expect(Math.max(...ratios), String(ratios)).toBeLessThan(100)
  expect(ratios.at(-1), String(ratios)).toBeGreaterThan(0.5)
  expect(ratios.at(-1), String(ratios)).toBeLessThan(24)
})
