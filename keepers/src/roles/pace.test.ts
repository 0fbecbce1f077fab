import { expect, test } from 'vitest'
import type { Clocks } from '../chain/clocks.ts'
import type { Trace } from '../trace/trace.ts'
import { MOST_KNOWN, paceOf, Stopwatch, tooSlow, undisturbed } from './pace.ts'

const clocks: Clocks = { solverSeconds: 120, challengerSeconds: 60, disputes: 8 }
const job = { steps: 100, interval: 4 }

const times = (stepSeconds: number, graphSeconds = stepSeconds, setUpSeconds = 0) => ({
  setUpSeconds,
  stepSeconds,
  graphSeconds,
  isSettled: true,
})

test('a run is all steps that are left, a replay one interval and a graph root, with a half more', () => {
  const isSettled = true
  expect(paceOf(times(2, 6), job, 30)).toEqual({
    runSeconds: 210,
    replaySeconds: 1.5 * (8 + 6),
    isSettled,
  })
  expect(paceOf(times(2), { steps: 3, interval: 50 })).toEqual({
    runSeconds: 9,
    replaySeconds: 12,
    isSettled,
  })
  // A run is set up once, the interval and the graph root of a replay each once.
  expect(paceOf(times(2, 6, 10), job)).toEqual({ runSeconds: 315, replaySeconds: 51, isSettled })
})

test('where a graph root takes longer than an interval, it is made and one of its outputs again', () => {
  expect(paceOf(times(1, 20), job).replaySeconds).toBe(60)
})

test.each([
  // a second a step, with the half: 100 s of run, replays of 5 s of which 8 make 40
  [1, [], 100, undefined],
  [1, [], 99, 'the run takes about 100 s of 99'],
  [3, [], 1000, undefined],
  [3.1, [], 1000, 'a replay takes about 16 s, and 8 at once have 120 s'],
  [0.1, [], 9, 'the run takes about 10 s of 9'],
  // beside others: all runs together in the time of the one that has least
  [1, [{ runSeconds: 50, timeLeftSeconds: 200 }], 150, undefined],
  [
    1,
    [{ runSeconds: 50, timeLeftSeconds: 140 }],
    1000,
    'the run beside 1 other(s) takes about 150 s of 140',
  ],
] as const)('%d s a step beside %j in %d s: %s', (stepSeconds, others, workSeconds, problem) => {
  expect(tooSlow(paceOf(times(stepSeconds / 1.5), job), others, workSeconds, clocks)).toBe(problem)
})

test('a computation is estimated for two seconds at most, for less where little time is left, until it is settled', async () => {
  const caps: number[] = []
  let settled = false
  const computed = {
    work: { id: '0x01' },
    backendName: 'gpu',
    job,
    stepsDone: 0,
    estimateTimes: (cap: number) => {
      caps.push(cap)
      return Promise.resolve({ ...times(2 + cap), isSettled: settled })
    },
  }
  const trace = computed as unknown as Trace
  const stopwatch = new Stopwatch()
  expect((await stopwatch.pace(trace, 10)).runSeconds).toBe(450)
  expect((await stopwatch.pace(trace, 0)).runSeconds).toBeCloseTo(330)
  expect((await stopwatch.pace(trace, 300)).runSeconds).toBe(600)
  settled = true
  expect((await stopwatch.pace(trace, 10)).runSeconds).toBe(450)
  expect((await stopwatch.pace(trace)).runSeconds).toBe(450)
  expect(caps).toEqual([1, 0.2, 2, 1])
  // What a lost device would have taken says nothing.
  computed.backendName = 'wasm'
  await stopwatch.pace(trace)
  await stopwatch.pace(trace)
  expect(caps).toEqual([1, 0.2, 2, 1, 2])
})

test('what strangers make too long to estimate is not estimated for ever', async () => {
  let estimates = 0
  const trace = {
    work: { id: '0x02' },
    backendName: 'gpu',
    job,
    stepsDone: 0,
    estimateTimes: () => {
      estimates++
      return Promise.resolve({ ...times(1), isSettled: false })
    },
  } as unknown as Trace
  const stopwatch = new Stopwatch()
  for (let i = 0; i < 10; i++) await stopwatch.pace(trace)
  expect(estimates).toBe(4)
})

test('before a refusal all kernels are timed anew, and that is what is known then', async () => {
  const asked: unknown[] = []
  const trace = {
    work: { id: '0x03' },
    backendName: 'gpu',
    job,
    stepsDone: 0,
    // The first time something computes beside it.
    estimateTimes: (cap: number, anew?: boolean) => {
      asked.push([cap, anew === true])
      return Promise.resolve({ ...times(asked.length === 1 ? 5 : 1), isSettled: true })
    },
  } as unknown as Trace
  const stopwatch = new Stopwatch()
  expect((await stopwatch.pace(trace)).runSeconds).toBe(750)
  expect((await stopwatch.again(trace)).runSeconds).toBe(150)
  expect((await stopwatch.pace(trace)).runSeconds).toBe(150)
  expect(asked).toEqual([
    [2, false],
    [2, true],
  ])
})

test('what was not timed in its time is never far too slow, and is timed the next time', async () => {
  const asked: boolean[] = []
  const trace = {
    work: { id: '0x05' },
    backendName: 'gpu',
    job,
    stepsDone: 0,
    estimateTimes: (_: number, anew?: boolean) => {
      asked.push(anew === true)
      const isSettled = asked.length > 5
      return Promise.resolve({ ...times(1000), isSettled })
    },
  } as unknown as Trace
  const stopwatch = new Stopwatch()
  expect(undisturbed(await stopwatch.again(trace)).runSeconds).toBe(0)
  expect(undisturbed(await stopwatch.again(trace)).runSeconds).toBe(150_000 / 16)
  await stopwatch.again(trace)
  expect(asked).toEqual([true, false, false, false, false, false, true])
})

test('before a refusal an estimate that was not settled goes on', async () => {
  const asked: unknown[] = []
  const trace = {
    work: { id: '0x04' },
    backendName: 'gpu',
    job,
    stepsDone: 0,
    // Where hardly anything was timed, the rest is taken to be slow.
    estimateTimes: (_: number, anew?: boolean) => {
      asked.push(anew === true)
      const isSettled = asked.length === 3
      return Promise.resolve({ ...times(isSettled ? 1 : 1000), isSettled })
    },
  } as unknown as Trace
  expect((await new Stopwatch().again(trace)).runSeconds).toBe(150)
  expect(asked).toEqual([true, false, false])
})

test('of computations without end those asked for last are known', async () => {
  let estimates = 0
  const traceOf = (id: number) =>
    ({
      work: { id: `0x${id}` },
      backendName: 'gpu',
      job,
      stepsDone: 0,
      estimateTimes: () => (estimates++, Promise.resolve({ ...times(1), isSettled: true })),
    }) as unknown as Trace
  const stopwatch = new Stopwatch()
  for (let id = 0; id <= MOST_KNOWN; id++) await stopwatch.pace(traceOf(id))
  expect(estimates).toBe(MOST_KNOWN + 1)
  await stopwatch.pace(traceOf(MOST_KNOWN))
  expect(estimates).toBe(MOST_KNOWN + 1)
  await stopwatch.pace(traceOf(0))
  expect(estimates).toBe(MOST_KNOWN + 2)
})
