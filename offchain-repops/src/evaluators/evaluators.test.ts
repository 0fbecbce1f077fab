import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { native } from '../backends/native/native.ts'
import { type Job, runJob } from '../execute/Job.ts'
import { flatten, MODEL } from '../models/flat.ts'
import { forwardJob, gpt2, LOGITS, randomWeights } from '../models/gpt2.ts'
import { randomTokens } from '../models/initialise.ts'
import { tokenise } from '../models/text.ts'
import { transformerJob } from '../models/transformer.ts'
import { tensorRoot } from '../commit/tensor.ts'
import { readSafetensors } from '../safetensors/safetensors.ts'
import type { Program } from '../program/types.ts'
import { Tensor } from '../tensor.ts'
import { accuracyEvaluator } from './accuracy.ts'
import { evaluationJob, type Evaluator } from './Evaluator.ts'
import { judgeTrainingJob, learnedJudge } from './learnedJudge.ts'
import { perplexityEvaluator } from './perplexity.ts'
import { divideTexts, SHIPPED_JUDGE_ROOT, shippedJudge, shippedJudgeJob } from './shippedJudge.ts'
import { NO_SCORE } from './score.ts'

const backend = native({ threads: 1 })
const text = readFileSync(new URL('../../data/licences.txt', import.meta.url))
const CONFIG = gpt2({ vocabulary: 40, context: 12, width: 16, layers: 1, heads: 2 })

const placeOf = (program: Program, name: string): number =>
  program.states.findIndex((state) => state.name === name)

/** What a job's states are in the end. */
async function finalState(job: Job): Promise<Tensor[]> {
  let last: readonly Tensor[] = []
  for await (const { state } of runJob(job, { backend })) last = state
  return last.map(({ type, words }) => new Tensor(type, words.slice()))
}

async function scoreOf(evaluator: Evaluator, entry: Tensor, testSet: Tensor): Promise<number> {
  const state = await finalState(evaluationJob(evaluator, entry, testSet))
  return state[evaluator.scoreState].words[0]
}

describe('perplexity', () => {
  const evaluator = perplexityEvaluator({ config: CONFIG, batch: 2, length: 8, batches: 3 })
  const testSet = randomTokens(3 * 2 * 9, 40, 7n)

  test('is that of the model’s own logits, in double precision', async () => {
    const weights = randomWeights(CONFIG, 5n)
    const score = await scoreOf(evaluator, flatten([...weights.values()]), testSet)
    // Every sequence by itself, through the forward pass.
    let nats = 0
    for (let sequence = 0; sequence < 6; sequence++) {
      const tokens = testSet.words.subarray(9 * sequence, 9 * sequence + 9)
      const job = forwardJob({ config: CONFIG, batch: 1, length: 8, seed: 5n })
      const constants = [new Tensor('i32', tokens.slice(0, 8)), ...job.constants.slice(1)]
      const { floats } = (await finalState({ ...job, constants }))[placeOf(job.program, LOGITS)]
      for (let t = 0; t < 8; t++) {
        const row = floats.subarray(40 * t, 40 * t + 40)
        const total = row.reduce((sum, logit) => sum + Math.exp(logit), 0)
        nats += (Math.log(total) - row[tokens[t + 1]]) / 48
      }
    }
    expect(Math.abs(score + 1e6 * nats)).toBeLessThan(10)
  })

  test('is best where the model was trained, and no score where it has no numbers', async () => {
    const { tokens, alphabet } = tokenise(text)
    const job = transformerJob({ text, steps: 60, interval: 60, seed: 1n, flat: true })
    const config = job.model
    const judge = perplexityEvaluator({ config, batch: 4, length: 32, batches: 2 })
    const held = new Tensor('i32', tokens.slice(tokens.length - 4 * 33 * 2))
    const place = placeOf(job.program, MODEL)
    const entry = (await finalState(job))[place]
    const trained = await scoreOf(judge, entry, held)
    const untrained = await scoreOf(judge, flatten([...randomWeights(config, 1n).values()]), held)
    expect(trained).toBeGreaterThan(untrained + 500_000)
    expect(untrained).toBeLessThan(-1e6 * Math.log(alphabet.length) + 200_000)
    for (const poison of [NaN, Infinity, -Infinity, 3e38]) {
      const broken = new Tensor('f32', entry.words.slice())
      broken.floats.fill(poison, 100, 5000)
      expect(await scoreOf(judge, broken, held)).toBe(NO_SCORE)
    }
  })

  test('the state MODEL is the parameters in their order', async () => {
    const job = transformerJob({ text, steps: 2, interval: 2, seed: 1n, flat: true })
    const state = await finalState(job)
    const named = [...randomWeights(job.model, 1n).keys()].map(
      (name) => state[placeOf(job.program, name)],
    )
    expect(state[placeOf(job.program, MODEL)].words).toEqual(flatten(named).words)
  })

  test('an entry of another size is refused', () => {
    expect(() => evaluationJob(evaluator, Tensor.zeros('f32', 7), testSet)).toThrow(
      /the entry has 7 elements of f32, the evaluator takes \d+ of f32/,
    )
  })
})

test('accuracy counts right answers', async () => {
  const [answers, right] = [randomTokens(1000, 4, 1n), randomTokens(1000, 4, 2n)]
  const count = answers.words.filter((answer, i) => answer === right.words[i]).length
  expect(count).toBeGreaterThan(100)
  expect(await scoreOf(accuracyEvaluator(1000), answers, right)).toBe(count)
})

test('a trained judge prefers genuine texts', async () => {
  const { tokens, alphabet } = tokenise(text)
  const length = 24
  const config = gpt2({
    vocabulary: alphabet.length,
    context: length,
    width: 32,
    layers: 1,
    heads: 4,
  })
  const held = tokens.slice(tokens.length - 64 * length)
  const job = judgeTrainingJob({
    config,
    length,
    tokens: tokens.slice(0, tokens.length - 64 * length),
    batch: 64,
    learningRate: 4e-3,
    steps: 500,
    interval: 500,
    seed: 1n,
  })
  const weights = (await finalState(job))[placeOf(job.program, MODEL)]
  const prompt = 8
  const judge = learnedJudge({ config, length, weights, texts: 64, batch: 32, prompt })
  const texts = (from: number, to: number, of: Int32Array): Tensor =>
    new Tensor(
      'i32',
      Int32Array.from({ length: 64 * (to - from) }, (_, i) => {
        const [row, column] = [Math.floor(i / (to - from)), i % (to - from)]
        return of[row * length + from + column]
      }),
    )
  const prompts = texts(0, prompt, held)
  const genuine = await scoreOf(judge, texts(prompt, length, held), prompts)
  const noise = randomTokens(64 * length, tokens.length, 3n).words.map((place) => tokens[place])
  const random = await scoreOf(judge, texts(prompt, length, noise), prompts)
  expect(genuine).toBeGreaterThan(random + 300_000)
})

describe('the judge that ships', () => {
  const file = readFileSync(new URL('../../data/judge.safetensors', import.meta.url))
  const weights = readSafetensors(file).tensors.get('weights')!.tensor
  const { config, length, heldOut, learned } = shippedJudge(text)
  const [texts, prompt] = [heldOut.length / length, 8]
  const judge = learnedJudge({ config, length, weights, texts, batch: 32, prompt })
  const score = (tokens: Int32Array): Promise<number> => {
    const { prompts, answers } = divideTexts(tokens, length, prompt)
    return scoreOf(judge, answers, prompts)
  }

  test('has the weights that its job gives', () => {
    expect(tensorRoot(weights)).toBe(SHIPPED_JUDGE_ROOT)
    expect(shippedJudgeJob(text).program.states.map(({ name }) => name)).toContain(MODEL)
  })

  test('tells unseen text from text with other words in it, and from noise', async () => {
    const places = randomTokens(heldOut.length, learned.length, 3n).words
    const noise = places.map((place) => learned[place])
    // Every fourth token of an answer is another one.
    const spoiled = heldOut.map((token, i) => (i % 4 === 3 ? noise[i] : token))
    const [genuine, worse, worst] = [await score(heldOut), await score(spoiled), await score(noise)]
    expect(genuine).toBeGreaterThan(worse + 500_000)
    expect(worse).toBeGreaterThan(worst)
    expect(genuine).toBeGreaterThan(0)
    expect(worst).toBeLessThan(0)
  })
})
