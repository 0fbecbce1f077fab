import { describe, expect, test } from 'vitest'
import { reference } from '../backends/reference/index.ts'
import { Graph } from '../build/Graph.ts'
import { Execution } from '../execute/Execution.ts'
import { readSafetensors, writeSafetensors, type NamedTensor } from '../safetensors/safetensors.ts'
import { Tensor } from '../tensor.ts'
import { decoder } from './decoder.ts'
import { type PretrainedModel, PretrainedError, readPretrained } from './pretrained.ts'
import { uniform } from './initialise.ts'
import { Parameters } from './parameters.ts'

const GPT2 = {
  model_type: 'gpt2',
  activation_function: 'gelu_new',
  vocab_size: 19,
  n_positions: 12,
  n_embd: 12,
  n_layer: 2,
  n_head: 3,
  n_inner: null,
  layer_norm_epsilon: 1e-5,
}
const LLAMA = {
  model_type: 'llama',
  hidden_act: 'silu',
  vocab_size: 19,
  max_position_embeddings: 12,
  hidden_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 6,
  num_key_value_heads: 2,
  intermediate_size: 20,
  rms_norm_eps: 1e-6,
  rope_theta: 500,
  rope_scaling: null,
  tie_word_embeddings: false,
}

/** Names and shapes of a layer's tensors in a file. */
const gpt2Shapes = (C: number): Record<string, number[]> => ({
  'wte.weight': [19, C],
  'wpe.weight': [12, C],
  'ln_f.weight': [C],
  'ln_f.bias': [C],
  ...Object.fromEntries(
    [0, 1].flatMap((i) =>
      Object.entries({
        'ln_1.weight': [C],
        'ln_1.bias': [C],
        'attn.bias': [1, 1, 12, 12],
        'attn.c_attn.weight': [C, 3 * C],
        'attn.c_attn.bias': [3 * C],
        'attn.c_proj.weight': [C, C],
        'attn.c_proj.bias': [C],
        'ln_2.weight': [C],
        'ln_2.bias': [C],
        'mlp.c_fc.weight': [C, 4 * C],
        'mlp.c_fc.bias': [4 * C],
        'mlp.c_proj.weight': [4 * C, C],
        'mlp.c_proj.bias': [C],
      }).map(([name, shape]) => [`h.${i}.${name}`, shape]),
    ),
  ),
})
const llamaShapes: Record<string, number[]> = {
  'model.embed_tokens.weight': [19, 24],
  'model.norm.weight': [24],
  'lm_head.weight': [19, 24],
  ...Object.fromEntries(
    [0, 1].flatMap((i) =>
      Object.entries({
        input_layernorm: [24],
        'self_attn.q_proj': [24, 24],
        'self_attn.k_proj': [8, 24],
        'self_attn.v_proj': [8, 24],
        'self_attn.o_proj': [24, 24],
        post_attention_layernorm: [24],
        'mlp.gate_proj': [20, 24],
        'mlp.up_proj': [20, 24],
        'mlp.down_proj': [24, 20],
      }).map(([name, shape]) => [`model.layers.${i}.${name}.weight`, shape]),
    ),
  ),
}

const count = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

function file(shapes: Record<string, number[]>): Map<string, NamedTensor> {
  return new Map(
    Object.entries(shapes).map(([name, shape], stream) => [
      name,
      { shape, tensor: uniform(count(shape), 0.7, 3n, stream) },
    ]),
  )
}

const INPUT = [7, 3, 18, 0, 3]

/** Logits of INPUT by the decoder. */
async function logits({ config, weights }: PretrainedModel): Promise<Float32Array> {
  const graph = new Graph()
  const input = graph.constant('input', 'i32', [1, INPUT.length])
  const parameters = new Parameters(graph, 'constant')
  const output = decoder(parameters, input, config)
  graph.setNext(graph.state('logits', 'f32', output.shape), output)
  const run = new Execution(graph.program(), reference, {
    state: [Tensor.zeros('f32', output.count)],
    constants: [Tensor.i32(INPUT), ...parameters.list.map(({ name }) => weights.get(name)!)],
    seed: 0n,
  })
  await run.advance()
  return (await run.stateTensor(0)).floats
}

// The models as their papers and checkpoints define them, a token at a time, in double precision.
type Row = number[]
const add = (a: Row, b: Row): Row => a.map((x, i) => x + b[i])
const dot = (a: Row, b: Row): number => a.reduce((sum, x, i) => sum + x * b[i], 0)
const rows = (tensors: Map<string, NamedTensor>, name: string): Row[] => {
  const { shape, tensor } = tensors.get(name)!
  const width = shape.at(-1)!
  return Array.from({ length: count(shape) / width }, (_, i) => [
    ...tensor.floats.subarray(i * width, (i + 1) * width),
  ])
}

/** Causal attention of heads of D channels; each head of keys serves `share` of queries. */
function attend(q: Row[], k: Row[], v: Row[], D: number, share: number): Row[] {
  const head = (row: Row, h: number): Row => row.slice(h * D, (h + 1) * D)
  return q.map((row, t) =>
    Array.from({ length: row.length / D }, (_, h) => {
      const kv = Math.floor(h / share)
      const powers = k
        .slice(0, t + 1)
        .map((key) => Math.exp(dot(head(row, h), head(key, kv)) / Math.sqrt(D)))
      const total = powers.reduce((a, b) => a + b)
      return powers
        .map((p, s) => head(v[s], kv).map((x) => (x * p) / total))
        .reduce((a, b) => add(a, b))
    }).flat(),
  )
}

function gpt2Logits(tensors: Map<string, NamedTensor>): Row[] {
  const get = (name: string): Row[] => rows(tensors, name)
  const conv1d = (x: Row, name: string): Row =>
    get(`${name}.weight`).reduce(
      (sum, weights, i) => sum.map((s, j) => s + x[i] * weights[j]),
      get(`${name}.bias`)[0],
    )
  const norm = (x: Row, name: string): Row => {
    const mean = x.reduce((a, b) => a + b) / x.length
    const variance = x.reduce((a, b) => a + (b - mean) ** 2, 0) / x.length
    const [gain, bias] = [get(`${name}.weight`)[0], get(`${name}.bias`)[0]]
    return x.map((y, i) => ((y - mean) / Math.sqrt(variance + 1e-5)) * gain[i] + bias[i])
  }
  const gelu = (x: number): number =>
    0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))
  let x = INPUT.map((token, t) => add(get('wte.weight')[token], get('wpe.weight')[t]))
  for (const i of [0, 1]) {
    const joint = x.map((row) => conv1d(norm(row, `h.${i}.ln_1`), `h.${i}.attn.c_attn`))
    const [q, k, v] = [0, 1, 2].map((part) =>
      joint.map((row) => row.slice(part * 12, (part + 1) * 12)),
    )
    const mixed = attend(q, k, v, 4, 1)
    x = x.map((row, t) => add(row, conv1d(mixed[t], `h.${i}.attn.c_proj`)))
    x = x.map((row) => {
      const hidden = conv1d(norm(row, `h.${i}.ln_2`), `h.${i}.mlp.c_fc`).map(gelu)
      return add(row, conv1d(hidden, `h.${i}.mlp.c_proj`))
    })
  }
  return x.map((row) => get('wte.weight').map((token) => dot(norm(row, 'ln_f'), token)))
}

function llamaLogits(tensors: Map<string, NamedTensor>): Row[] {
  const get = (name: string): Row[] => rows(tensors, `${name}.weight`)
  const linear = (x: Row, name: string): Row => get(name).map((weights) => dot(weights, x))
  const norm = (x: Row, name: string): Row => {
    const size = Math.sqrt(dot(x, x) / x.length + 1e-6)
    return x.map((y, i) => (y / size) * get(name)[0][i])
  }
  const rotate = (x: Row, t: number): Row =>
    x.map((y, i) => {
      const [h, c] = [Math.floor(i / 4) * 4, i % 4]
      const angle = t * 500 ** (-(2 * (c % 2)) / 4)
      const other = c < 2 ? -x[h + c + 2] : x[h + c - 2]
      return y * Math.cos(angle) + other * Math.sin(angle)
    })
  let x = INPUT.map((token) => get('model.embed_tokens')[token])
  for (const i of [0, 1]) {
    const at = `model.layers.${i}`
    const input = x.map((row) => norm(row, `${at}.input_layernorm`))
    const part = (name: string): Row[] => input.map((row) => linear(row, `${at}.self_attn.${name}`))
    const mixed = attend(
      part('q_proj').map(rotate),
      part('k_proj').map(rotate),
      part('v_proj'),
      4,
      3,
    )
    x = x.map((row, t) => add(row, linear(mixed[t], `${at}.self_attn.o_proj`)))
    x = x.map((row) => {
      const y = norm(row, `${at}.post_attention_layernorm`)
      const up = linear(y, `${at}.mlp.up_proj`)
      const hidden = linear(y, `${at}.mlp.gate_proj`).map(
        (g, j) => (g / (1 + Math.exp(-g))) * up[j],
      )
      return add(row, linear(hidden, `${at}.mlp.down_proj`))
    })
  }
  return x.map((row) => linear(norm(row, 'model.norm'), 'lm_head'))
}

/** Largest difference, relative to the largest value. */
function distance(actual: Float32Array, expected: Row[]): number {
  const flat = expected.flat()
  expect(actual.length).toBe(flat.length)
  const size = Math.max(...flat.map(Math.abs))
  return Math.max(...flat.map((x, i) => Math.abs(x - actual[i]))) / size
}

test.each([
  ['GPT-2', GPT2, file(gpt2Shapes(12)), gpt2Logits],
  ['Llama', LLAMA, file(llamaShapes), llamaLogits],
] as const)('%s computes what its definition says', async (_, json, tensors, definition) => {
  const stored = readSafetensors(writeSafetensors(tensors)).tensors
  expect(distance(await logits(readPretrained(json, stored)), definition(tensors))).toBeLessThan(
    1e-5,
  )
})

test('tensors of the whole GPT-2 model may have its prefix', async () => {
  const tensors = file(gpt2Shapes(12))
  const named = new Map([...tensors].map(([name, tensor]) => [`transformer.${name}`, tensor]))
  named.set('lm_head.weight', tensors.get('wte.weight')!)
  expect(await logits(readPretrained(GPT2, named))).toEqual(
    await logits(readPretrained(GPT2, tensors)),
  )
})

describe('refused, with a reason', () => {
  const gpt = (): Map<string, NamedTensor> => file(gpt2Shapes(12))
  const without = (name: string): Map<string, NamedTensor> => {
    const tensors = gpt()
    tensors.delete(name)
    return tensors
  }
  const extra = gpt().set('h.0.attn.q_norm.weight', {
    shape: [4],
    tensor: Tensor.f32([1, 1, 1, 1]),
  })
  const integer = gpt().set('ln_f.bias', { shape: [12], tensor: Tensor.zeros('i32', 12) })
  const cases: [what: string, json: unknown, tensors: Map<string, NamedTensor>, reason: string][] =
    [
      ['no object', [GPT2], gpt(), 'not a JSON object'],
      ['another model', { ...GPT2, model_type: 'mamba' }, gpt(), 'mamba; gpt2, llama can be read'],
      [
        'a built-in name',
        { ...GPT2, model_type: 'constructor' },
        gpt(),
        'model_type is constructor',
      ],
      ['no model type', {}, gpt(), 'model_type of the configuration is undefined'],
      ['another activation', { ...GPT2, activation_function: 'relu' }, gpt(), 'is "relu"'],
      ['a missing entry', { ...GPT2, n_embd: undefined }, gpt(), 'n_embd of the configuration'],
      ['a wrong entry', { ...GPT2, n_layer: '2' }, gpt(), 'n_layer of the configuration is "2"'],
      ['heads that do not divide', { ...GPT2, n_head: 5 }, gpt(), 'no attention with 5 heads'],
      ['scaled rotations', { ...LLAMA, rope_scaling: { factor: 8 } }, gpt(), 'rope_scaling is {'],
      ['a missing tensor', GPT2, without('h.1.mlp.c_fc.bias'), 'no tensor h.1.mlp.c_fc.bias'],
      ['another shape', { ...GPT2, vocab_size: 20 }, gpt(), 'wte.weight is [19, 12]'],
      ['another type', GPT2, integer, 'ln_f.bias is [12] of i32'],
      ['a tensor that is not known', GPT2, extra, 'h.0.attn.q_norm.weight first'],
    ]
  test.each(cases)('%s', (_, json, tensors, reason) => {
    const read = (): unknown => readPretrained(json, tensors)
    expect(read).toThrow(reason)
    if (!reason.includes('attention')) expect(read).toThrow(PretrainedError)
  })
})
