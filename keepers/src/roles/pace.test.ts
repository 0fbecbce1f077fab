import { expect, test } from 'vitest'
import type { Clocks } from '../chain/clocks.ts'
import type { Trace } from '../trace/trace.ts'
import { paceOf, Stopwatch, tooSlow } from './pace.ts'

const clocks: Clocks = { solverSeconds: 120, challengerSeconds: 60, disputes: 8 }
const job = { steps: 100, interval: 4 }

test('a run is all steps that are left, a replay one interval and a step', () => {
  expect(paceOf(2, job, 30)).toEqual({ stepSeconds: 2, runSeconds: 140, replaySeconds: 10 })
  expect(paceOf(2, { steps: 3, interval: 50 })).toMatchObject({ runSeconds: 6, replaySeconds: 8 })
})

test.each([
  // a second a step: 100 s of run, replays of 5 s of which 8 make 40
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
  expect(tooSlow(paceOf(stepSeconds, job), others, workSeconds, clocks)).toBe(problem)
})

test('a computation is measured once, for two seconds at most, and for less where little time is left', async () => {
  const caps: number[] = []
  const computed = {
    work: { id: '0x01' },
    backendName: 'gpu',
    job,
    stepsDone: 0,
    measureStepSeconds: (cap: number) => (caps.push(cap), Promise.resolve(2 + cap)),
  }
  const trace = computed as unknown as Trace
  const stopwatch = new Stopwatch()
  expect((await stopwatch.pace(trace, 10)).stepSeconds).toBe(4.5)
  expect((await stopwatch.pace(trace, 0)).stepSeconds).toBeCloseTo(3.3)
  expect((await stopwatch.pace(trace, 300)).stepSeconds).toBe(6)
  expect((await stopwatch.pace(trace, 10)).stepSeconds).toBe(6)
  expect((await stopwatch.pace(trace)).stepSeconds).toBe(6)
  expect(caps).toEqual([1, 0.2, 2])
  // What a lost device would have taken says nothing.
  computed.backendName = 'wasm'
  await stopwatch.pace(trace)
  await stopwatch.pace(trace)
  expect(caps).toEqual([1, 0.2, 2, 2])
})
