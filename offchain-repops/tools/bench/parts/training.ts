import { readFileSync, writeFileSync } from 'node:fs'
import { gpt2, GPT2_SMALL, randomTrainingJob } from '../../../src/models/gpt2.ts'
import type { Plan } from '../../../src/execute/plan/types.ts'
import { bestSeconds } from '../measure.ts'
import type { Part, Row } from '../part.ts'
import { Step } from '../step.ts'
import { threadCounts, threadsNote } from '../threads.ts'

const QUICK = gpt2({ vocabulary: 512, context: 64, width: 64, layers: 2, heads: 2 })
const STEPS_BETWEEN_CHECKPOINTS = 100

/** Speed of a training step, where its time goes, what commitments add, and the memory it takes. */
export const part: Part = async ({ quick, open }) => {
  const [batch, length] = quick ? [2, 32] : [4, 512]
  const config = quick ? QUICK : GPT2_SMALL
  const job = randomTrainingJob(
    { config, batch, length, seed: 1n },
    1000,
    STEPS_BETWEEN_CHECKPOINTS,
  )
  const states = job.initialState.reduce((sum, { count }) => sum + 4 * count, 0)
  const rows: Row[] = []
  const times = quick ? 2 : 3
  for (const threads of threadCounts()) {
    const name = `${batch} x ${length} tokens, ${threadsNote(threads)}`
    const step = await Step.compile(job, await open(threads))
    const seconds = await step.seconds(times)
    rows.push({ name, value: (batch * length) / seconds, unit: 'tokens/s' })

    let share = Infinity
    for (let i = 0; i < times; i++) {
      const spent = await step.secondsByKind(({ kernel }) => kernel.kind)
      const all = [...spent.values()].reduce((a, b) => a + b)
      share = Math.min(share, 1 - (spent.get('matmul') ?? 0) / all)
    }
    rows.push({
      name: '  outside matrix products',
      value: 100 * share,
      unit: '% of a step',
      goal: { most: 15 },
    })

    const hashing = await bestSeconds(2 * times, () => step.hashState())
    rows.push(
      { name: '  state hashed', value: states / hashing / 1e9, unit: 'GB/s' },
      {
        name: `  a checkpoint every ${STEPS_BETWEEN_CHECKPOINTS} steps adds`,
        value: (100 * hashing) / (STEPS_BETWEEN_CHECKPOINTS * seconds),
        unit: '% of training',
        goal: { most: 0.2 },
      },
    )
    if (threads === 1) {
      const need = bytesNeeded(step.plan)
      rows.push(...memoryRows(step.plan, need))
      const peak = await peakBytes(() => step.run())
      if (peak !== undefined)
        rows.push({
          name: '  peak resident memory of the process, against what tensors need',
          value: peak / need,
          unit: 'times',
          goal: { most: 1.3 },
        })
    }
    await step.close()

    const committing = await Step.compile(job, await open(threads), true)
    const graph = await committing.seconds(1)
    await committing.close()
    rows.push({
      name: '  a step with its graph root, against one without',
      value: graph / seconds,
      unit: 'times',
      goal: { most: 4 },
    })
  }
  return rows
}

function memoryRows(plan: Plan, need: number): Row[] {
  const planned = 4 * plan.arenaWords + bytesOutside(plan)
  return [
    { name: '  what tensors need', value: need / 2 ** 30, unit: 'GiB' },
    {
      name: '  what the plan takes, against that',
      value: planned / need,
      unit: 'times',
      goal: { most: 1.3 },
    },
  ]
}

/** States and constants. */
function bytesOutside({ program }: Plan): number {
  return [...program.states, ...program.constants].reduce((sum, { count }) => sum + 4 * count, 0)
}

/** What is live at the worst moment of a step, states and constants included. */
function bytesNeeded(plan: Plan): number {
  const first = new Map<number, number>()
  const last = new Map<number, number>()
  plan.tasks.forEach(({ inputs, outputs }, at) => {
    for (const slot of [...inputs, ...outputs]) {
      if (plan.slots[slot].place.kind !== 'arena') continue
      if (!first.has(slot)) first.set(slot, at)
      last.set(slot, at)
    }
  })
  const change = new Float64Array(plan.tasks.length + 1)
  for (const [slot, at] of first) {
    const bytes = 4 * plan.slots[slot].count
    change[at] += bytes
    change[(last.get(slot) ?? at) + 1] -= bytes
  }
  // A result that is computed in the place of an operand is live with it at one moment, and needs no words of its own.
  const shared = plan.tasks.map(({ inputs, outputs }, at) =>
    outputs.reduce(
      (sum, output) =>
        sum + (takesOver(plan, inputs, output, last, at) ? 4 * plan.slots[output].count : 0),
      0,
    ),
  )
  let [live, most] = [0, 0]
  plan.tasks.forEach((_, at) => {
    live += change[at]
    most = Math.max(most, live - shared[at])
  })
  return most + bytesOutside(plan)
}

function takesOver(
  { slots }: Plan,
  inputs: readonly number[],
  output: number,
  last: ReadonlyMap<number, number>,
  at: number,
): boolean {
  const { place } = slots[output]
  return inputs.some((input) => {
    const other = slots[input].place
    return (
      place.kind === 'arena' &&
      other.kind === 'arena' &&
      place.offset === other.offset &&
      last.get(input) === at
    )
  })
}

/** The largest resident set while something runs; Linux tells. */
async function peakBytes(run: () => Promise<void>): Promise<number | undefined> {
  if (process.platform !== 'linux') return undefined
  globalThis.gc?.()
  writeFileSync('/proc/self/clear_refs', '5')
  await run()
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))
  return peak === null ? undefined : Number(peak[1]) * 1024
}
