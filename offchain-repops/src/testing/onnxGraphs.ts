import { KnownTensor } from '../onnx/KnownTensor.ts'
import type { OnnxModel } from '../onnx/OnnxModel.ts'
import { f } from './onnxModel.ts'
import { OnnxWriter } from './OnnxWriter.ts'

const FURTHEST = -3.4028234663852886e38
const END = 2 ** 63

/** Images to classes by three layers. */
export function mlpGraph(): OnnxModel {
  const w = new OnnxWriter()
  const flat = w.op('Flatten', ['image'], { axis: 1 })
  const layer = (x: string, name: string, from: number, to: number): string =>
    w.op('Gemm', [x, w.weight(`${name}.weight`, [to, from]), w.weight(`${name}.bias`, [to], 0.1)], {
      transB: 1,
    })
  const hidden = w.op('Relu', [layer(flat, 'fc1', 48, 32)])
  const deep = w.op('Tanh', [layer(hidden, 'fc2', 32, 16)])
  return w.model({ image: ['float', 'batch', 3, 4, 4] }, [layer(deep, 'fc3', 16, 10)], 13)
}

/** An encoder as PyTorch's tracing exporter writes BERT: norms, GELU and masks in pieces, shapes computed. */
export function encoderGraph(): OnnxModel {
  const [C, H, layers, vocabulary] = [24, 3, 2, 50]
  const w = new OnnxWriter()
  const [B, T] = [w.length('input_ids', 0), w.length('input_ids', 1)]
  const positions = w.initialiser(
    'position_ids',
    KnownTensor.ints(
      Array.from({ length: 32 }, (_, i) => i),
      [1, 32],
    ),
  )
  const places = w.op('Slice', [positions, w.ints([0]), T, w.ints([1]), w.ints([1])])
  const kinds = w.op('ConstantOfShape', [w.op('Shape', ['input_ids'])], {
    value: KnownTensor.ints([0]),
  })
  const embedded = [
    w.op('Gather', [w.weight('word', [vocabulary, C], 0.5), 'input_ids']),
    w.op('Gather', [w.weight('kind', [2, C], 0.5), kinds]),
    w.op('Gather', [w.weight('position', [32, C], 0.5), places]),
  ]
  let x = w.layerNorm(
    embedded.reduce((a, b) => w.op('Add', [a, b])),
    'norm',
    C,
  )
  const rows = w.op('Unsqueeze', [w.op('Unsqueeze', ['attention_mask', w.ints([1])]), w.ints([2])])
  const hidden = w.op('Sub', [w.float(1), w.op('Cast', [rows], { to: 1 })])
  const mask = w.op('Mul', [hidden, w.float(FURTHEST)])
  for (let layer = 0; layer < layers; layer++) {
    const at = `layer.${layer}`
    const part = (name: string, order: number[]): string => {
      const y = w.dense(x, `${at}.${name}`, C, C)
      return w.op('Transpose', [w.reshape(y, [w.length(y, 0), w.length(y, 1), H, C / H])], {
        perm: order,
      })
    }
    const scores = w.op('MatMul', [part('query', [0, 2, 1, 3]), part('key', [0, 2, 3, 1])])
    const scaled = w.op('Div', [scores, w.float(Math.sqrt(C / H))])
    const weights = w.op('Softmax', [w.op('Add', [scaled, mask])], { axis: -1 })
    const mixed = w.op('Transpose', [w.op('MatMul', [weights, part('value', [0, 2, 1, 3])])], {
      perm: [0, 2, 1, 3],
    })
    const merged = w.reshape(mixed, [B, T, C])
    x = w.layerNorm(w.op('Add', [w.dense(merged, `${at}.out`, C, C), x]), `${at}.norm1`, C)
    const inner = w.gelu(w.dense(x, `${at}.up`, C, 4 * C))
    x = w.layerNorm(w.op('Add', [w.dense(inner, `${at}.down`, 4 * C, C), x]), `${at}.norm2`, C)
  }
  const first = w.op('Gather', [x, w.ints(0)], { axis: 1 })
  const pooled = w.op('Tanh', [w.dense(first, 'pooler', C, C)])
  const ports = {
    input_ids: ['int64', 'batch', 'sequence'],
    attention_mask: ['int64', 'batch', 'sequence'],
  } as const
  return w.model(ports, [x, w.dense(pooled, 'classifier', C, 4)], 14)
}

/** A decoder as GPT-2 is exported: joined projections split, a mask sliced by computed lengths, tied embeddings. */
export function decoderGraph(): OnnxModel {
  const [C, H, layers, vocabulary] = [24, 3, 2, 40]
  const w = new OnnxWriter()
  const T = w.length('input_ids', 1)
  const steps = w.op('Range', [w.ints(0), w.op('Squeeze', [T]), w.ints(1)])
  const table = w.weight('wte', [vocabulary, C], 0.5)
  let x = w.op('Add', [
    w.op('Gather', [table, 'input_ids']),
    w.op('Gather', [w.weight('wpe', [32, C], 0.3), w.op('Unsqueeze', [steps, w.ints([0])])]),
  ])
  const triangle = Array.from({ length: 32 * 32 }, (_, i) => Number(i % 32 <= Math.floor(i / 32)))
  const seen = w.initialiser('bias', KnownTensor.ints(triangle, [1, 1, 32, 32]).cast('bool'))
  const norm = (name: string): string =>
    w.op(
      'LayerNormalization',
      [x, w.gain(`${name}.weight`, C), w.weight(`${name}.bias`, [C], 0.1)],
      { axis: -1 },
    )
  const projected = (y: string, name: string, from: number, to: number): string => {
    const flat = w.op('Reshape', [y, w.ints([-1, from])])
    const out = w.op('Gemm', [
      flat,
      w.weight(`${name}.weight`, [from, to], Math.sqrt(3 / from)),
      w.weight(`${name}.bias`, [to], 0.1),
    ])
    return w.reshape(out, [w.length(y, 0), w.length(y, 1), to])
  }
  for (let layer = 0; layer < layers; layer++) {
    const at = `h.${layer}`
    const parts = w.ops(
      'Split',
      [projected(norm(`${at}.ln_1`), `${at}.attn`, C, 3 * C), w.ints([C, C, C])],
      3,
      { axis: 2 },
    )
    const [q, k, v] = parts.map((part, i) =>
      w.op('Transpose', [w.reshape(part, [w.length(part, 0), w.length(part, 1), H, C / H])], {
        perm: i === 1 ? [0, 2, 3, 1] : [0, 2, 1, 3],
      }),
    )
    const size = w.op('Sqrt', [
      w.op('Cast', [w.op('Slice', [w.op('Shape', [v]), w.ints([-1]), w.ints([END])])], { to: 1 }),
    ])
    const scores = w.op('Div', [w.op('MatMul', [q, k]), size])
    const [from, to] = [w.length(q, 2), w.length(k, 3)]
    const rows = w.op('Slice', [seen, w.op('Sub', [to, from]), to, w.ints([2]), w.ints([1])])
    const visible = w.op('Slice', [rows, w.ints([0]), to, w.ints([3]), w.ints([1])])
    const masked = w.op('Where', [visible, scores, w.float(FURTHEST)])
    const mixed = w.op('Transpose', [w.op('MatMul', [w.op('Softmax', [masked]), v])], {
      perm: [0, 2, 1, 3],
    })
    const merged = w.reshape(mixed, [w.length(mixed, 0), w.length(mixed, 1), C])
    x = w.op('Add', [projected(merged, `${at}.proj`, C, C), x])
    const up = projected(norm(`${at}.ln_2`), `${at}.up`, C, 4 * C)
    const cubic = w.op('Mul', [w.op('Pow', [up, w.float(3)]), w.float(0.044715)])
    const angle = w.op('Tanh', [
      w.op('Mul', [w.op('Add', [up, cubic]), w.float(Math.sqrt(2 / Math.PI))]),
    ])
    const active = w.op('Mul', [w.op('Mul', [up, w.float(0.5)]), w.op('Add', [angle, w.float(1)])])
    x = w.op('Add', [x, projected(active, `${at}.down`, 4 * C, C)])
  }
  const logits = w.op('MatMul', [norm('ln_f'), w.op('Transpose', [table], { perm: [1, 0] })])
  return w.model({ input_ids: ['int64', 'batch', 'sequence'] }, [logits], 17)
}

/** A decoder with the operators of opset 23: RMS norms, rotary embeddings, grouped attention with a cache, Swish. */
export function modernDecoderGraph(): OnnxModel {
  const [C, H, G, D, past] = [24, 4, 2, 6, 3]
  const w = new OnnxWriter()
  const linear = (y: string, name: string, from: number, to: number): string =>
    w.op('MatMul', [y, w.weight(name, [from, to], Math.sqrt(3 / from))])
  const norm = (y: string, name: string): string =>
    w.op('RMSNormalization', [y, w.gain(name, C)], { epsilon: f(1e-6) })
  const x = w.op('Gather', [w.weight('embed', [40, C], 0.5), 'input_ids'])
  const y = norm(x, 'norm1')
  const angles = Array.from(
    { length: 16 * (D / 2) },
    (_, i) => Math.floor(i / (D / 2)) / 10 ** (i % (D / 2)),
  )
  const table = (of: (x: number) => number): KnownTensor =>
    KnownTensor.floats(angles.map(of), [16, D / 2])
  const [cos, sin] = [w.initialiser('cos', table(Math.cos)), w.initialiser('sin', table(Math.sin))]
  const turned = (name: string, heads: number): string =>
    w.op('RotaryEmbedding', [linear(y, name, C, heads * D), cos, sin, 'position_ids'], {
      num_heads: heads,
    })
  const [mixed, key, value] = w.ops(
    'Attention',
    [turned('q', H), turned('k', G), linear(y, 'v', C, G * D), '', 'past_key', 'past_value'],
    3,
    { q_num_heads: H, kv_num_heads: G, is_causal: 1 },
  )
  const attended = w.op('Add', [x, linear(mixed, 'o', H * D, C)])
  const z = norm(attended, 'norm2')
  const gate = linear(z, 'gate', C, 2 * C)
  const inner = w.op('Mul', [
    w.op('Mul', [gate, w.op('Sigmoid', [gate])]),
    linear(z, 'up', C, 2 * C),
  ])
  const out = w.op('Add', [attended, linear(inner, 'down', 2 * C, C)])
  const cache = ['float', 'batch', G, past, D] as const
  return w.model(
    {
      input_ids: ['int64', 'batch', 'sequence'],
      position_ids: ['int64', 'batch', 'sequence'],
      past_key: cache,
      past_value: cache,
    },
    [linear(norm(out, 'norm3'), 'head', C, 40), key, value],
    23,
  )
}

/** A residual network: batch norms as they are, two blocks, the second with a stride. */
export function residualGraph(): OnnxModel {
  const w = new OnnxWriter()
  const conv = (
    x: string,
    name: string,
    from: number,
    to: number,
    kernel: number,
    stride: number,
  ): string => {
    const pad = (kernel - 1) / 2
    const weight = w.weight(
      `${name}.weight`,
      [to, from, kernel, kernel],
      Math.sqrt(6 / (from * kernel * kernel)),
    )
    const y = w.op('Conv', [x, weight], {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: [pad, pad, pad, pad],
    })
    return w.batchNorm(y, `${name}.bn`, to)
  }
  const block = (x: string, name: string, from: number, to: number, stride: number): string => {
    const inner = conv(
      w.op('Relu', [conv(x, `${name}.1`, from, to, 3, stride)]),
      `${name}.2`,
      to,
      to,
      3,
      1,
    )
    const skip = from === to ? x : conv(x, `${name}.skip`, from, to, 1, stride)
    return w.op('Relu', [w.op('Add', [inner, skip])])
  }
  const stem = w.op('Relu', [conv('image', 'stem', 3, 8, 7, 2)])
  const pooled = w.op('MaxPool', [stem], {
    kernel_shape: [3, 3],
    strides: [2, 2],
    pads: [1, 1, 1, 1],
  })
  const features = block(block(pooled, 'a', 8, 8, 1), 'b', 8, 12, 2)
  const flat = w.op('Flatten', [w.op('GlobalAveragePool', [features])])
  const logits = w.op(
    'Gemm',
    [flat, w.weight('fc.weight', [10, 12]), w.weight('fc.bias', [10], 0.1)],
    { transB: 1 },
  )
  return w.model({ image: ['float', 'batch', 3, 32, 32] }, [logits], 13)
}

/** A mobile network: depthwise convolutions, hard activations, squeeze and excitation, an upsampled side output. */
export function mobileGraph(): OnnxModel {
  const w = new OnnxWriter()
  const hardSwish = (x: string): string =>
    w.op('Mul', [x, w.op('HardSigmoid', [x], { alpha: f(1 / 6), beta: f(0.5) })])
  const stem = hardSwish(
    w.convolution('image', 'stem', [8, 3, 3, 3], { strides: [2, 2], pads: [1, 1, 1, 1] }),
  )
  const wide = w.op('Clip', [
    w.convolution(stem, 'expand', [16, 8, 1, 1], {}),
    w.float(0),
    w.float(6),
  ])
  const deep = hardSwish(
    w.convolution(wide, 'depthwise', [16, 1, 5, 5], {
      group: 16,
      strides: [2, 2],
      pads: [2, 2, 2, 2],
    }),
  )
  const squeezed = w.op('ReduceMean', [deep], { axes: [2, 3] })
  const excited = w.convolution(
    w.op('Relu', [w.convolution(squeezed, 'squeeze', [4, 16, 1, 1], {})]),
    'excite',
    [16, 4, 1, 1],
    {},
  )
  const scaled = w.op('Mul', [deep, w.op('HardSigmoid', [excited])])
  const narrow = w.convolution(scaled, 'project', [8, 16, 1, 1], {})
  const size = w.op('Slice', [w.op('Shape', [stem]), w.ints([2]), w.ints([4])])
  const target = w.op(
    'Concat',
    [w.op('Slice', [w.op('Shape', [narrow]), w.ints([0]), w.ints([2])]), size],
    { axis: 0 },
  )
  const upsampled = w.op('Resize', [narrow, '', '', target], {
    mode: 'linear',
    coordinate_transformation_mode: 'pytorch_half_pixel',
  })
  const side = w.op('Concat', [upsampled, stem], { axis: 1 })
  const pooled = w.op('GlobalAveragePool', [narrow])
  const flat = w.reshape(pooled, [w.length(pooled, 0), -1])
  return w.model(
    { image: ['float', 'batch', 3, 20, 20] },
    [w.dense(flat, 'classifier', 8, 5), side],
    13,
  )
}
