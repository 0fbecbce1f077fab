import { bytesOf } from '../../../src/execute/bytesOf.ts'
import type { Plan, Task } from '../../../src/execute/plan/types.ts'
import { generationJob } from '../../../src/models/generation.ts'
import { gpt2, GPT2_SMALL, randomWeights } from '../../../src/models/gpt2.ts'
import { against, type Part, type Row } from '../part.ts'
import { readBandwidth } from '../products/readBandwidth.ts'
import { Step } from '../step.ts'
import { threadsNote } from '../threads.ts'

const QUICK = gpt2({ vocabulary: 512, context: 64, width: 64, layers: 2, heads: 2 })

/** Tokens a second of one sequence, and what its products read of weights, against what memory gives. */
export const part: Part = async function* ({ quick, threads: counts, open }) {
  const config = quick ? QUICK : GPT2_SMALL
  const length = quick ? 16 : 256
  const job = generationJob({
    config,
    weights: randomWeights(config, 1n),
    prompts: [[1]],
    newTokens: length - 1,
    sampling: { temperature: 1, topK: 50 },
    seed: 1n,
  })
  for (const threads of counts) {
    const readBytes = quick ? 2 ** 26 : 2 ** 29
    const plain = readBandwidth(readBytes, threads)
    let bandwidth: number | undefined
    const step = await Step.compile(job, await open(threads), { alone: isWeightProduct })
    const seconds = await step.seconds(quick ? 4 : 40)
    const { plan } = step
    let best = Infinity
    for (let i = 0; i < (quick ? 2 : 20); i++) {
      best = Math.min(best, await step.secondsAlone())
      // In turns, so that what else the machine does at the time slows both.
      const ms = await plain?.run(1)
      if (ms !== undefined) bandwidth = Math.max(bandwidth ?? 0, readBytes / ms / 1e6)
    }
    plain?.close()
    const weightBytes = plan.tasks
      .filter((task) => isWeightProduct(task, plan))
      .flatMap((task) => constantsOf(task, plan))
      .reduce((sum, slot) => sum + 4 * plan.slots[slot].count, 0)
    const caches = job.program.states.filter(({ name }) => /keys|values/.test(name))
    const cacheBytes = bytesOf(caches)
    const row = (what: string, bytes: number, seconds: number, least?: number): Row => {
      const name = `  ${what}, ${threadsNote(threads)}`
      const row = { name, value: bytes / seconds / 1e9, unit: 'GB/s' }
      if (bandwidth === undefined) return row
      const goal = least === undefined ? {} : { goal: { least } }
      return against({ ...row, ...goal }, 'more', 'a plain read', bandwidth)
    }
    yield {
      name: `decoding into ${length} places, ${threadsNote(threads)}`,
      value: 1 / seconds,
      unit: 'tokens/s',
    }
    yield row('weights and cache read', weightBytes + cacheBytes, seconds)
    yield row('one-row products alone', weightBytes, best, 0.9)
    await step.close()
  }
}

const constantsOf = ({ inputs }: Task, { slots }: Plan): number[] =>
  inputs.filter((slot) => slots[slot].place.kind === 'constant')

const isWeightProduct = (task: Task, plan: Plan): boolean =>
  task.kernel.kind === 'matmul' && constantsOf(task, plan).length > 0
