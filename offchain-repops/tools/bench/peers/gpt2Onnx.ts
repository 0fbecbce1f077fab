import { encodeMessage } from '../../../src/onnx/protobuf.ts'
import type { Draft } from '../../../src/onnx/schema.ts'
import type { Job } from '../../../src/execute/Job.ts'
import type { ModelRun } from '../../../src/models/gpt2.ts'

/** How attention is written: by operators of ONNX, or by ONNX Runtime's own fused one. */
export type AttentionStyle = 'standard' | 'fused'

const ATTRIBUTE_TYPE = { f: 1, i: 2, s: 3, ints: 7 } as const
const ELEMENT_TYPE = { f32: 1, i64: 7, bool: 9 } as const

/**
 * The model of `forwardJob` of a GPT-2 configuration in ONNX (opset 20), `input` [batch, length] i64 → `logits` [batch · length, vocabulary],
 * in the form that ONNX Runtime is fastest with: rows of tokens throughout, Gemm with biases, one product for
 * queries, keys and values.
 */
export function gpt2Onnx(
  job: Job,
  { config, batch: B, length: T }: ModelRun,
  style: AttentionStyle,
): Uint8Array {
  const { width: C, heads: H, layers, epsilon } = config
  const D = C / H
  const graph = new OnnxGraph()
  const parameters = new Map(
    job.program.constants.map(({ name }, i) => [name, job.constants[i].floats]),
  )
  const get = (name: string): Float32Array => {
    const floats = parameters.get(name)
    if (floats === undefined) throw new Error(`the model has no parameter ${name}`)
    return floats
  }
  const weight = (name: string, dims: readonly number[]): string => graph.f32(name, dims, get(name))
  const norm = (x: string, name: string): string =>
    graph.node(
      'LayerNormalization',
      [x, weight(`${name}.gain`, [C]), weight(`${name}.bias`, [C])],
      { axis: { i: -1 }, epsilon: { f: epsilon } },
    )
  const dense = (x: string, name: string, from: number, to: number): string =>
    graph.node('Gemm', [x, weight(`${name}.weight`, [to, from]), weight(`${name}.bias`, [to])], {
      transB: { i: 1 },
    })
  const joined = (at: string, part: 'weight' | 'bias'): Float32Array => {
    const parts = ['query', 'key', 'value'].map((name) => get(`${at}.${name}.${part}`))
    const all = new Float32Array(3 * parts[0].length)
    parts.forEach((floats, i) => {
      all.set(floats, i * floats.length)
    })
    return all
  }

  const heads = graph.i64('heads', [4], [B, T, H, D])
  const rows = graph.i64('rows', [2], [B * T, C])
  const mask = graph.bool('visible', [T, T], (i) => i % T <= Math.floor(i / T))
  const hidden = graph.f32('hidden', [], Float32Array.of(-Infinity))
  const scale = graph.f32('scale', [], Float32Array.of(1 / Math.sqrt(D)))

  const standard = (x: string, at: string): string => {
    const weights = graph.f32(`${at}.qkv.weight`, [3 * C, C], joined(at, 'weight'))
    const bias = graph.f32(`${at}.qkv.bias`, [3 * C], joined(at, 'bias'))
    const qkv = graph.node('Gemm', [x, weights, bias], { transB: { i: 1 } })
    const parts = graph.nodes('Split', [qkv], 3, { axis: { i: -1 }, num_outputs: { i: 3 } })
    const [q, k, v] = parts.map((part, i) =>
      graph.node('Transpose', [graph.node('Reshape', [part, heads])], {
        perm: { ints: i === 1 ? [0, 2, 3, 1] : [0, 2, 1, 3] },
      }),
    )
    const scores = graph.node('Mul', [graph.node('MatMul', [q, k]), scale])
    const weightsOf = graph.node('Softmax', [graph.node('Where', [mask, scores, hidden])], {
      axis: { i: -1 },
    })
    const mixed = graph.node('Transpose', [graph.node('MatMul', [weightsOf, v])], {
      perm: { ints: [0, 2, 1, 3] },
    })
    return graph.node('Reshape', [mixed, rows])
  }
  const batched = graph.i64('batched', [3], [B, T, C])
  const fused = (x: string, at: string): string => {
    const weights = graph.f32(`${at}.qkv.weight`, [C, 3 * C], transposed(joined(at, 'weight'), C))
    const bias = graph.f32(`${at}.qkv.bias`, [3 * C], joined(at, 'bias'))
    const mixed = graph.node(
      'Attention',
      [graph.node('Reshape', [x, batched]), weights, bias],
      { num_heads: { i: H }, unidirectional: { i: 1 } },
      'com.microsoft',
    )
    return graph.node('Reshape', [mixed, rows])
  }

  const table = weight('tokens', [config.vocabulary, C])
  const places = graph.f32('places', [T, C], get('positions').subarray(0, T * C))
  let x = graph.node('Reshape', [
    graph.node('Add', [graph.node('Gather', [table, 'input']), places]),
    rows,
  ])
  for (let layer = 0; layer < layers; layer++) {
    const at = `block${layer}`
    const mixed = (style === 'fused' ? fused : standard)(norm(x, `${at}.norm1`), at)
    x = graph.node('Add', [x, dense(mixed, `${at}.out`, C, C)])
    const up = dense(norm(x, `${at}.norm2`), `${at}.up`, C, config.inner)
    const active = graph.node('Gelu', [up], { approximate: { s: Buffer.from('tanh') } })
    x = graph.node('Add', [x, dense(active, `${at}.down`, config.inner, C)])
  }
  const logits = graph.node('Gemm', [norm(x, 'norm'), table], { transB: { i: 1 } })
  return graph.model([B, T], logits, [B * T, config.vocabulary])
}

/** [rows, columns] → [columns, rows]. */
function transposed(matrix: Float32Array, columns: number): Float32Array {
  const rows = matrix.length / columns
  const result = new Float32Array(matrix.length)
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      result[column * rows + row] = matrix[row * columns + column]
  return result
}

type AttributeValue = Pick<Draft<'Attribute'>, 'f' | 'i' | 's' | 'ints'>

class OnnxGraph {
  readonly #nodes: Draft<'Node'>[] = []
  readonly #initializers: Draft<'Tensor'>[] = []

  f32(name: string, dims: readonly number[], floats: Float32Array): string {
    return this.#tensor(name, dims, 'f32', floats)
  }

  i64(name: string, dims: readonly number[], values: readonly number[]): string {
    return this.#tensor(name, dims, 'i64', BigInt64Array.from(values.map(BigInt)))
  }

  bool(name: string, dims: readonly number[], value: (index: number) => boolean): string {
    const count = dims.reduce((a, b) => a * b, 1)
    return this.#tensor(
      name,
      dims,
      'bool',
      Uint8Array.from({ length: count }, (_, i) => Number(value(i))),
    )
  }

  node(
    opType: string,
    input: readonly string[],
    attributes: Record<string, AttributeValue> = {},
    domain = '',
  ): string {
    return this.nodes(opType, input, 1, attributes, domain)[0]
  }

  nodes(
    opType: string,
    input: readonly string[],
    outputs: number,
    attributes: Record<string, AttributeValue> = {},
    domain = '',
  ): string[] {
    const name = `${opType}${this.#nodes.length}`
    const output = Array.from({ length: outputs }, (_, i) => `${name}.${i}`)
    const attribute = Object.entries(attributes).map(([key, value]) => ({
      name: key,
      type: ATTRIBUTE_TYPE[Object.keys(value)[0] as keyof typeof ATTRIBUTE_TYPE],
      ...value,
    }))
    this.#nodes.push({ name, opType, input, output, attribute, domain })
    return output
  }

  model(inputDims: readonly number[], output: string, outputDims: readonly number[]): Uint8Array {
    const read = new Set(this.#nodes.flatMap(({ input = [] }) => input))
    return encodeMessage('Model', {
      irVersion: 9,
      opsetImport: [
        { domain: '', version: 20 },
        { domain: 'com.microsoft', version: 1 },
      ],
      graph: {
        name: 'gpt2',
        node: [...this.#nodes, { opType: 'Identity', input: [output], output: ['logits'] }],
        initializer: this.#initializers.filter(({ name }) => name !== undefined && read.has(name)),
        input: [valueInfo('input', 'i64', inputDims)],
        output: [valueInfo('logits', 'f32', outputDims)],
      },
    })
  }

  #tensor(
    name: string,
    dims: readonly number[],
    type: keyof typeof ELEMENT_TYPE,
    { buffer, byteOffset, byteLength }: ArrayBufferView,
  ): string {
    const rawData = new Uint8Array(buffer, byteOffset, byteLength)
    if (!this.#initializers.some((one) => one.name === name))
      this.#initializers.push({ name, dims, dataType: ELEMENT_TYPE[type], rawData })
    return name
  }
}

const valueInfo = (
  name: string,
  type: keyof typeof ELEMENT_TYPE,
  dims: readonly number[],
): Draft<'ValueInfo'> => ({
  name,
  type: {
    tensorType: {
      elemType: ELEMENT_TYPE[type],
      shape: { dim: dims.map((dimValue) => ({ dimValue })) },
    },
  },
})
