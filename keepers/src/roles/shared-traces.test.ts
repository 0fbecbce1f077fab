import type { Hash } from '@lockstep/repops'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Claim } from '../chain/claims.ts'
import { BusyError } from '../store/queue.ts'
import type { Place } from '../trace/place.ts'
import type { Trace } from '../trace/trace.ts'
import { SharedTraces } from './shared-traces.ts'

const ROOT: Hash = '0xaa'
const ours = { id: 1n, checkpointRoot: ROOT } as Claim
const root = { height: 6, index: 0 }

/** What was committed on the chain, by claim: `step 4`, `interval 2`. */
let committed: Map<bigint, string[]>
let asked: string[]
let replays: (() => void)[]
let shared: SharedTraces

beforeEach(() => {
  committed = new Map()
  asked = []
  replays = []
  const events = (_: string, args: { claim: bigint; interval?: number; step?: number }) => {
    const at = args.interval === undefined ? `step ${args.step}` : `interval ${args.interval}`
    asked.push(at)
    return Promise.resolve(committed.get(args.claim)?.includes(at) === true ? [{}] : [])
  }
  const client = { getBlockNumber: () => Promise.resolve(1n) }
  shared = new SharedTraces({ chain: { client }, history: { events } } as never)
})

/** A trace whose rows below the checkpoints come when the test says so. */
const trace = {
  row: (place: Place) =>
    place.tree === 'checkpoints'
      ? Promise.resolve(['0xcc'])
      : new Promise((resolve) =>
          replays.push(() => {
            resolve(['0xdd'])
          }),
        ),
} as unknown as Trace

const turn = () => new Promise((resolve) => setTimeout(resolve, 5))

describe('what is answered', () => {
  test('nothing of a run that backs no claim of this keeper', async () => {
    expect(await shared.row(ROOT, { tree: 'checkpoints' }, root)).toBeUndefined()
    shared.offer(ours, trace)
    expect(await shared.row(ROOT, { tree: 'checkpoints' }, root)).toEqual(['0xcc'])
    shared.withdraw(ours)
    expect(await shared.row(ROOT, { tree: 'checkpoints' }, root)).toBeUndefined()
  })

  test('below the checkpoints only what a dispute of this keeper’s claim has opened', async () => {
    shared.offer(ours, trace)
    // Somebody else's claim with the same root: whoever opened that one put no bond at risk against us.
    committed.set(2n, ['step 4'])
    expect(await shared.row(ROOT, { tree: 'graph', step: 4 }, root)).toBeUndefined()
    committed.set(1n, ['step 5'])
    expect(await shared.row(ROOT, { tree: 'graph', step: 6 }, root)).toBeUndefined()
    const row = shared.row(ROOT, { tree: 'graph', step: 5 }, root)
    await turn()
    replays[0]()
    expect(await row).toEqual(['0xdd'])
  })

  test('leaves of tensors only', async () => {
    shared.offer(ours, trace)
    expect(await shared.leaf(ROOT, { tree: 'checkpoints' }, 0)).toBeUndefined()
  })
})

test('a flood gets one replay at a time and a short queue; checkpoints never wait', async () => {
  shared.offer(ours, trace)
  committed.set(1n, ['step 4'])
  const flood = Array.from({ length: 40 }, () =>
    shared.row(ROOT, { tree: 'graph', step: 4 }, root).catch((error: unknown) => error),
  )
  await turn()
  expect(replays.length).toBe(1)
  expect(await shared.row(ROOT, { tree: 'checkpoints' }, root)).toEqual(['0xcc'])
  const finish = setInterval(() => replays.pop()?.(), 1)
  const answers = await Promise.all(flood)
  clearInterval(finish)
  expect(answers.filter((answer) => answer instanceof BusyError).length).toBe(24)
  expect(answers.filter((answer) => Array.isArray(answer)).length).toBe(16)
  // That the place is open was asked once.
  expect(asked).toEqual(['step 4'])
})
