import { bytesOf } from '../../../src/execute/bytesOf.ts'
import type { Plan } from '../../../src/execute/plan/types.ts'
import { gpt2, GPT2_SMALL, randomTrainingJob } from '../../../src/models/gpt2.ts'
import { bestSeconds } from '../measure.ts'
import { bytesNeeded, bytesOutside, peakBytes } from '../memory.ts'
import type { Part, Row } from '../part.ts'
import { Step } from '../step.ts'
import { threadsNote } from '../threads.ts'

const QUICK = gpt2({ vocabulary: 512, context: 64, width: 64, layers: 2, heads: 2 })
const STEPS_BETWEEN_CHECKPOINTS = 100
/** Steps of which the best counts; one more is run before them. */
const STEPS = 2
/** Percent of a step from which on a kind of kernel has a row. */
const LEAST_SHARE = 0.1

/** Speed of a training step, where its time goes, the memory it takes, and what commitments add. */
export const part: Part = async function* ({ quick, threads: counts, open }) {
  const [batch, length] = quick ? [2, 32] : [2, 512]
  const config = quick ? QUICK : GPT2_SMALL
  const run = { config, batch, length, seed: 1n }
  for (const threads of counts) {
    const name = `${batch} x ${length} tokens, ${threadsNote(threads)}`
    const backend = await open(threads)
    // Made anew each time, so that nobody but the backend holds the tensors while memory is measured.
    const newJob = () => randomTrainingJob(run, 1000, STEPS_BETWEEN_CHECKPOINTS)
    const step = await Step.compile(newJob(), backend)
    const peak = await peakBytes(() => step.run())
    let best = await step.profile(({ kernel }) => kernel.kind)
    for (let i = 1; i < STEPS; i++) {
      const other = await step.profile(({ kernel }) => kernel.kind)
      if (other.seconds < best.seconds) best = other
    }
    const { seconds, byKind } = best
    yield { name, value: (batch * length) / seconds, unit: 'tokens/s' }
    const share = (kind: string): number => (100 * (byKind.get(kind) ?? 0)) / seconds
    yield {
      name: '  outside matrix products',
      value: 100 - share('matmul'),
      unit: '% of a step',
      goal: { most: 15 },
    }
    for (const kind of byKind.keys())
      if (kind !== 'matmul' && share(kind) >= LEAST_SHARE)
        yield { name: `    ${kind}`, value: share(kind), unit: '% of a step' }
    if (threads === counts[0]) yield* memoryRows(step.plan, peak)

    const states = bytesOf(step.plan.program.states)
    const hashing = await bestSeconds(2, () => step.hashState())
    yield { name: '  state hashed', value: states / hashing / 1e9, unit: 'GB/s' }
    yield {
      name: `  a checkpoint every ${STEPS_BETWEEN_CHECKPOINTS} steps adds`,
      value: (100 * hashing) / (STEPS_BETWEEN_CHECKPOINTS * seconds),
      unit: '% of training',
      goal: { most: 0.2 },
    }
    // What a solver of a job keeps so that it need not replay an interval (docs/decisions/0012).
    yield {
      name: '  a state root after every step adds',
      value: (100 * hashing) / seconds,
      unit: '% of training',
    }
    await step.close()

    const committing = await Step.compile(newJob(), backend, { commit: true })
    const { seconds: graph } = await committing.profile(() => 'all')
    await committing.close()
    yield {
      name: '  a step with its graph root, against one without',
      value: graph / seconds,
      unit: 'times',
      goal: { most: 4 },
    }
  }
}

function* memoryRows(plan: Plan, peak: number | undefined): Iterable<Row> {
  const need = bytesNeeded(plan)
  const planned = 4 * plan.arenaWords + bytesOutside(plan)
  yield { name: '  what tensors need', value: need / 2 ** 30, unit: 'GiB' }
  yield {
    name: '  what the plan takes, against that',
    value: planned / need,
    unit: 'times',
    goal: { most: 1.3 },
  }
  if (peak !== undefined)
    yield {
      name: '  peak resident memory of the process, against that',
      value: peak / need,
      unit: 'times',
      goal: { most: 1.3 },
    }
}
