import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { forwardJob, gpt2, GPT2_SMALL, type ModelRun } from '../../../src/models/gpt2.ts'
import { bestSeconds } from '../measure.ts'
import { against, type Part } from '../part.ts'
import { type AttentionStyle, gpt2Onnx } from '../peers/gpt2Onnx.ts'
import { Step } from '../step.ts'
import { threadsNote } from '../threads.ts'

const QUICK = gpt2({ vocabulary: 512, context: 64, width: 64, layers: 2, heads: 2 })

/** Tokens a second of a forward pass, and how far its logits are from ONNX Runtime's. */
export const part: Part = async function* ({ quick, threads: counts, open }) {
  const sizes = quick ? [[2, 32]] : [[1, 1024]]
  const times = quick ? 2 : 3
  for (const [batch, length] of sizes) {
    const run: ModelRun = { config: quick ? QUICK : GPT2_SMALL, batch, length, seed: 1n }
    const job = forwardJob(run)
    const ort = { standard: gpt2Onnx(job, run, 'standard'), fused: gpt2Onnx(job, run, 'fused') }
    const input = BigInt64Array.from(job.constants[0].words, BigInt)
    const logits = new OrtTensor('float32', new Float32Array(job.initialState[0].count), [
      batch * length,
      run.config.vocabulary,
    ])
    for (const threads of counts) {
      const peers = new Map<string, number>()
      for (const style of ['standard', 'fused'] as AttentionStyle[]) {
        const session = await InferenceSession.create(ort[style], {
          intraOpNumThreads: threads,
          interOpNumThreads: 1,
        })
        const feeds = { input: new OrtTensor('int64', input, [batch, length]) }
        peers.set(style, await bestSeconds(times, () => session.run(feeds, { logits })))
        await session.release()
      }
      const step = await Step.compile(job, await open(threads))
      const seconds = await step.seconds(times)
      const [[peer, peerSeconds]] = [...peers].sort(([, a], [, b]) => a - b)
      const tokens = batch * length
      yield against(
        {
          name: `${batch} x ${length} tokens, ${threadsNote(threads)}`,
          value: tokens / seconds,
          unit: 'tokens/s',
          goal: { least: 1 },
        },
        'more',
        `ONNX Runtime, ${peer} attention`,
        tokens / peerSeconds,
      )
      if (threads === counts[0]) {
        const own = new Float32Array((await step.read(0)).buffer)
        const theirs = logits.data
        const furthest = own.reduce((far, x, i) => Math.max(far, Math.abs(x - theirs[i])), 0)
        yield {
          name: `${batch} x ${length} tokens, largest difference of a logit`,
          value: furthest,
          unit: '',
          goal: { most: 1e-3 },
        }
      }
      await step.close()
    }
  }
}
