import { beforeAll, describe, expect, test } from 'vitest'
import type { Backend } from '../backends/backend.ts'
import { openBackendByName } from '../backends/byName.ts'
import { reference } from '../backends/reference/index.ts'
import { fromHex } from '../commit/hash.ts'
import { readRun, stateRoot } from '../commit/tensor.ts'
import { Execution } from '../execute/Execution.ts'
import { operandRuns } from '../execute/operandRuns.ts'
import { StepReplay } from '../execute/StepReplay.ts'
import { inputWants, segments } from '../program/wants.ts'
import { foldBits, judge } from '../referee/judge.ts'
import type { Tensor } from '../tensor.ts'
import type { DecoderConfig } from './decoder.ts'
import {
  continuations,
  type GenerationJob,
  generationJob,
  type GenerationOptions,
  prefillJob,
} from './generation.ts'
import { forwardJob, gpt2, randomWeights } from './gpt2.ts'

const GPT = gpt2({ vocabulary: 37, context: 40, width: 24, layers: 2, heads: 3 })
const LLAMA: DecoderConfig = {
  vocabulary: 37,
  context: 64,
  width: 24,
  layers: 2,
  heads: 6,
  keyHeads: 2,
  inner: 20,
  norm: 'rms',
  epsilon: 1e-6,
  mlp: 'swiglu',
  biases: false,
  rotaryBase: 10000,
  tied: false,
}
const CONFIGS = [
  ['GPT-2', GPT],
  ['Llama', LLAMA],
] as const

const weightsOf = (config: DecoderConfig): Map<string, Tensor> => randomWeights(config, 77n)

const options = (more: Partial<GenerationOptions> = {}): GenerationOptions => {
  const config = more.config ?? GPT
  return {
    config,
    weights: weightsOf(config),
    prompts: [[3, 14, 15, 9, 26]],
    newTokens: 12,
    seed: 4n,
    ...more,
  }
}

const start = (
  { program, constants, seed, initialState: state }: GenerationJob,
  backend: Backend = reference,
): Execution => new Execution(program, backend, { state, constants, seed })

/** The final state. */
async function run(job: GenerationJob, backend?: Backend): Promise<readonly Tensor[]> {
  const execution = start(job, backend)
  while (execution.step < job.steps) await execution.advance()
  const state = await execution.state()
  await execution.close()
  return state
}

/** The node with the logits. */
const logitsNode = ({ program, options: { config } }: GenerationJob): number =>
  program.nodes.findLastIndex(
    ({ op, form }) => op === 'MatMul' && form.family === 'matmul' && form.N === config.vocabulary,
  )

const words = (state: readonly Tensor[]): number[][] => state.map((tensor) => [...tensor.words])

describe.each(CONFIGS)('%s, generated step by step', (_, config) => {
  const prompts = [
    [3, 14, 15, 9, 26],
    [5, 35, 8],
  ]
  const job = generationJob(options({ config, prompts }))

  test('has at every position the logits of the whole sequence at once, bit for bit', async () => {
    const node = logitsNode(job)
    const execution = start(job)
    const seen: Int32Array[] = []
    while (execution.step < job.steps) {
      seen.push((await execution.outputs([node])).get(node)!.words)
      await execution.advance()
    }
    const state = await execution.state()
    const [tokens] = state
    const length = tokens.count / 2
    expect(job.steps).toBe(length - 1)

    const whole = forwardJob({ config, batch: 2, length, seed: 77n })
    const forward = new Execution(whole.program, reference, {
      state: whole.initialState,
      constants: [tokens, ...whole.constants.slice(1)],
      seed: 0n,
    })
    await forward.advance()
    const logits = (await forward.stateTensor(0)).words
    seen.forEach((row, position) => {
      for (const b of [0, 1]) {
        const at = (b * length + position) * config.vocabulary
        expect([...row.subarray(b * config.vocabulary, (b + 1) * config.vocabulary)]).toEqual([
          ...logits.subarray(at, at + config.vocabulary),
        ])
      }
    })
    expect(continuations(job, state).map((it) => it.tokens.length)).toEqual([12, 14])
  })

  test('does what a step that reads the prompt at once does, bit for bit', async () => {
    const slow = start(job)
    while (slow.step < 3) await slow.advance()
    const prefill = await run(prefillJob(job.options))
    expect(words(prefill)).toEqual(words(await slow.state()))
    const rest = generationJob(job.options, prefill)
    expect(rest.steps).toBe(job.steps - 3)
    expect(words(await run(rest))).toEqual(words(await run(job)))
  })

  test.each(['auto', 'wasm'])('has the bits of the reference on %s', async (name) => {
    const sampled = generationJob({
      ...options({ config, prompts }),
      sampling: { temperature: 1, topK: 9 },
      stop: [36],
    })
    const backend = await openBackendByName(name, { threads: 2 })
    expect(words(await run(sampled, backend))).toEqual(words(await run(sampled)))
  })

  test('does in a batch what it does alone', async () => {
    const alone = prompts.map(async (prompt, b) => {
      const one = generationJob(options({ config, prompts: [prompt], newTokens: 12 + 2 * b }))
      return continuations(one, await run(one))[0]
    })
    expect(continuations(job, await run(job))).toEqual(await Promise.all(alone))
  })
})

describe('what is chosen', () => {
  const tokensOf = async (more: Partial<GenerationOptions>): Promise<readonly number[]> => {
    const job = generationJob(options({ newTokens: 24, ...more }))
    return continuations(job, await run(job))[0].tokens
  }
  const sampling = { temperature: 2, topK: 20 }

  test('is the same from the same seed only', async () => {
    const tokens = await tokensOf({ sampling })
    expect(await tokensOf({ sampling })).toEqual(tokens)
    expect(await tokensOf({ sampling, seed: 5n })).not.toEqual(tokens)
    expect(new Set(tokens).size).toBeGreaterThan(4)
  })

  test('is the most likely where only one is kept', async () => {
    expect(await tokensOf({ sampling: { temperature: 5, topK: 1 } })).toEqual(await tokensOf({}))
  })

  test('stays the stop token, and is cut there', async () => {
    const free = await tokensOf({ sampling })
    const stop = free[6]
    const at = free.indexOf(stop)
    const unseen = [...Array(37).keys()].find((token) => !free.includes(token))!
    const job = generationJob(options({ newTokens: 24, sampling, stop: [unseen, stop] }))
    const state = await run(job)
    expect(continuations(job, state)).toEqual([{ tokens: free.slice(0, at), stop }])
    const chosen = [...state[0].words.subarray(5)]
    expect(chosen).toEqual([...free.slice(0, at), ...Array<number>(24 - at).fill(stop)])
  })

  test('does not end with the prompt, though that ends with a stop token', async () => {
    const free = await tokensOf({ sampling })
    expect(free[0]).not.toBe(26)
    const end = free.indexOf(26)
    expect(await tokensOf({ sampling, stop: [26] })).toEqual(end < 0 ? free : free.slice(0, end))
  })
})

test('a token that is no token says so', async () => {
  const broken = options({ weights: weightsOf(GPT) })
  broken.weights.get('norm.bias')!.floats.fill(NaN)
  const job = generationJob(broken)
  const state = await run(job)
  expect(() => continuations(job, state)).toThrow("the model's logits are not numbers")
})

describe('refused', () => {
  const without = weightsOf(GPT)
  without.delete('block1.up.bias')
  const cases: [what: string, more: Partial<GenerationOptions>, reason: string][] = [
    ['no prompt', { prompts: [] }, 'no prompt'],
    ['an empty prompt', { prompts: [[1], []] }, 'prompt 1 is empty'],
    ['a token outside the vocabulary', { prompts: [[1, 37]] }, 'prompt 0 has token 37'],
    ['a stop token outside the vocabulary', { stop: [3, 37] }, 'stop token 37 is never chosen'],
    ['a stop token below it', { stop: [-1] }, 'stop token -1 is never chosen'],
    ...[0, 38, 1.5].map((topK): [string, Partial<GenerationOptions>, string] => [
      `${topK} tokens to draw from`,
      { sampling: { temperature: 1, topK } },
      `a topK of ${topK}; whole numbers from 1 to the vocabulary's 37`,
    ]),
    ['no new tokens', { newTokens: 0 }, '0 new tokens'],
    ['more than fits', { newTokens: 36 }, '41 positions, the model has 40'],
    ['a missing weight', { weights: without }, 'no block1.up.bias'],
    ['weights of another model', { weights: weightsOf({ ...GPT, inner: 95 }) }, 'block0.up.weight'],
    ['heads that do not divide', { config: { ...GPT, heads: 5 } }, 'no attention with 5 heads'],
    ['odd rotations', { config: { ...LLAMA, heads: 8 } }, 'heads of 3 channels'],
    ['a fraction of a layer', { config: { ...GPT, layers: 1.5 } }, 'layers of a decoder is 1.5'],
  ]
  test.each(cases)('%s', (_, more, reason) => {
    const weights = more.weights ?? weightsOf(GPT)
    expect(() => generationJob({ ...options(), weights, ...more })).toThrow(reason)
  })
})

describe('a disputed token', () => {
  const job = generationJob(options({ config: LLAMA, sampling: { temperature: 1, topK: 5 } }))
  const step = 9
  let before: readonly Tensor[]
  let honest: StepReplay
  beforeAll(async () => {
    const execution = start(job)
    while (execution.step < step) await execution.advance()
    before = await execution.state()
    honest = await StepReplay.create(job, { backend: reference }, step, before)
  })
  const kinds = ['MatMul', 'ReduceSum', 'Where', 'Move', 'Philox', 'Log', 'Gather', 'Cos']

  test.each(kinds)('with a flipped bit of a %s is traced to it and judged', async (op) => {
    const candidates = job.program.nodes.flatMap((node, index) => (node.op === op ? index : []))
    const node = candidates[candidates.length >> 1]
    const corruption = { step, node, element: 0, bit: 22 }
    const cheat = await StepReplay.create(job, { backend: reference, corruption }, step, before)
    expect(cheat.graph.root).not.toBe(honest.graph.root)
    const differs = job.program.nodes.findIndex(
      (_, i) => cheat.graph.leaf(i) !== honest.graph.leaf(i),
    )
    expect(differs).toBe(node)
    const { words: claimed } = await cheat.output(node)
    const { words: right } = await honest.output(node)
    const element = claimed.findIndex((word, i) => word !== right[i])
    expect(element).toBe(0)

    // What the contract does: the operands of the claim, opened against its roots, give another value.
    const it = job.program.nodes[node]
    const operands = await cheat.operands(node)
    const partials = new Int32Array(segments(it))
    for (let segment = 0; segment < partials.length; segment++) {
      const opened = await cheat.openOperands(node, element, segment)
      const runs = operandRuns(it, element, segment, (k, at) => {
        const input = it.inputs[k]
        if (input.kind === 'immediate') return input.bits
        return input.kind === 'step' ? step : operands[k]!.words[at]
      })
      const source = (k: number): Int32Array => {
        const { from, length } = runs[k]!
        const bytes = { data: fromHex(opened[k].data), proof: opened[k].proof }
        return readRun(opened[k].root, inputWants(it, k).count, from, length, bytes)
      }
      partials[segment] = judge(it, element, segment, source, { step, seed: job.seed })
    }
    const value = foldBits(it, partials) | 0
    expect(value).toBe(right[element])
    expect(value).not.toBe(claimed[element])
  })

  test('changes the state that follows', async () => {
    const [chosen] = continuations(job, honest.after)
    const corruption = { step, node: logitsNode(job), element: chosen.tokens.at(-1)!, bit: 31 }
    const cheat = await StepReplay.create(job, { backend: reference, corruption }, step, before)
    expect(stateRoot(cheat.after)).not.toBe(stateRoot(honest.after))
  })
})
