import { BuildError } from '../build/shapes.ts'
import type { Job } from '../execute/Job.ts'
import { gpt2 } from '../models/gpt2.ts'
import { tokenise } from '../models/text.ts'
import { Tensor } from '../tensor.ts'
import type { Hash } from '../commit/hash.ts'
import { type JudgeOptions, judgeTrainingJob } from './learnedJudge.ts'

/** Texts of the end of the shipped text that the shipped judge was not trained on. */
export const HELD_OUT_TEXTS = 128

const LENGTH = 32
const SHAPE = { context: LENGTH, width: 48, layers: 2, heads: 4 } as const
const TRAINING = { batch: 64, learningRate: 3e-3 } as const
/** What fixes the run that trained the shipped judge. */
export const SHIPPED_JUDGE_RUN = { steps: 2000, interval: 200, seed: 1n } as const

/**
 * Root of the shipped judge's weights, data/judge.safetensors: state MODEL after the last step of `shippedJudgeJob` on
 * data/licences.txt. `npm run train:judge -w offchain-repops -- --check` runs that job again.
 */
export const SHIPPED_JUDGE_ROOT: Hash =
  '0x97b81f39ae88e466fb80d5f378bea28c78f1f3f7f62675882ee457e9bb5745ac'

/** The shipped judge's shape, the text that it was trained on, and the end of that text, which it has not seen. */
export function shippedJudge(
  text: Uint8Array,
): JudgeOptions & { readonly learned: Int32Array; readonly heldOut: Int32Array } {
  const { tokens, alphabet } = tokenise(text)
  if (tokens.length <= (HELD_OUT_TEXTS + 1) * LENGTH)
    throw new BuildError(
      `a text of ${tokens.length} bytes leaves nothing to learn from beside ${HELD_OUT_TEXTS * LENGTH} that are held out`,
    )
  const cut = tokens.length - HELD_OUT_TEXTS * LENGTH
  return {
    config: gpt2({ vocabulary: alphabet.length, ...SHAPE }),
    length: LENGTH,
    learned: tokens.slice(0, cut),
    heldOut: tokens.slice(cut),
  }
}

/** The job that trained the shipped judge; by another run, another judge of its shape. */
export function shippedJudgeJob(
  text: Uint8Array,
  run: Pick<Job, 'steps' | 'interval' | 'seed'> = SHIPPED_JUDGE_RUN,
): Job {
  const { config, length, learned } = shippedJudge(text)
  const { steps, interval, seed } = run
  return judgeTrainingJob({ config, length, tokens: learned, ...TRAINING, steps, interval, seed })
}

/** Of texts of `length` tokens, one after another: what is asked, the first `prompt` tokens, and what is answered. */
export function divideTexts(
  tokens: Int32Array,
  length: number,
  prompt: number,
): { prompts: Tensor; answers: Tensor } {
  const part = (from: number, to: number): Tensor => {
    const words = new Int32Array((tokens.length / length) * (to - from))
    for (let at = 0; at < words.length; at++)
      words[at] = tokens[Math.floor(at / (to - from)) * length + from + (at % (to - from))]
    return new Tensor('i32', words)
  }
  return { prompts: part(0, prompt), answers: part(prompt, length) }
}
