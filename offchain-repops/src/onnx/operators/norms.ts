import { layerNorm, rmsNorm } from '../../build/layers/norms.ts'
import { along, type Value } from '../../build/Value.ts'
import { product } from '../../program/wants.ts'
import type { Call, Lowering, Result } from '../Call.ts'

const EPSILON = 1e-5

/** Mean and deviation over the last axis: x − mean, √(variance + epsilon). */
function centred(x: Value, epsilon: number): { mean: Value; rest: Value; deviation: Value } {
  const share = 1 / x.dim(-1)
  const sum = x.sum([-1], true)
  const rest = sum.fma(-share, x)
  return {
    mean: sum.mul(share),
    rest,
    deviation: rest.mul(rest).sum([-1], true).fma(share, epsilon).sqrt(),
  }
}

/** The axes from `axis` on as one, and gain and bias of its length. */
function lastAxes(call: Call): { axis: number; rows: Value; weight: (index: number) => Value } {
  const x = call.floatValue(0)
  const axis = call.axis(call.int('axis', -1), x.rank)
  call.ignore('stash_type') // everything is float
  const inner = x.shape.slice(axis)
  const weight = (index: number): Value => call.floatValue(index).expand(inner).reshape([-1])
  return { axis, rows: x.reshape([...x.shape.slice(0, axis), product(inner)]), weight }
}

function layerNormalisation(call: Call): readonly Result[] {
  const { axis, rows, weight } = lastAxes(call)
  const epsilon = call.float('epsilon', EPSILON)
  const shape = call.shape(0)
  const y = layerNorm(rows, weight(1), call.has(2) ? weight(2) : rows.scalar(0), epsilon)
  const result = y.reshape(shape)
  if (call.node.outputs.length === 1) return [result]
  const reduced = shape.map((dim, a) => (a < axis ? dim : 1))
  const { mean, deviation } = centred(rows, epsilon)
  return [result, mean.reshape(reduced), deviation.scalar(1).div(deviation).reshape(reduced)]
}

function rmsNormalisation(call: Call): readonly Result[] {
  const { rows, weight } = lastAxes(call)
  return [rmsNorm(rows, weight(1), call.float('epsilon', EPSILON)).reshape(call.shape(0))]
}

/**
 * (x − mean) / √(variance + epsilon) · scale + bias by the statistics given, which training does not change either:
 * one node, where factor and shift are constants.
 */
function batchNormalisation(call: Call): readonly Result[] {
  call.ignore('momentum', 'spatial')
  if (call.flag('training_mode')) call.refuse('training_mode 1')
  call.wantFloat(0, 1, 2, 3, 4)
  const x = call.floatValue(0)
  const epsilon = call.float('epsilon', EPSILON)
  const frozen = call.frozen([3, 4])
  const factor = frozen.folded([1, 4], ([scale, variance]) =>
    scale.div(variance.add(epsilon).sqrt()),
  )
  const shift = frozen.folded([1, 2, 3, 4], ([scale, bias, mean, variance]) =>
    mean.neg().fma(scale.div(variance.add(epsilon).sqrt()), bias),
  )
  const perChannel = (value: Value): Value => value.reshape([-1, ...x.shape.slice(2).map(() => 1)])
  return [x.fma(perChannel(factor), perChannel(shift))]
}

/** Each channel of each sample by its own mean and deviation. */
function instanceNormalisation(call: Call): Value {
  const x = call.floatValue(0)
  const [N, C] = x.shape
  const [gain, bias] = [call.floatValue(1), call.floatValue(2)].map((it) => it.reshape([-1, 1]))
  return layerNorm(x.reshape([N, C, -1]), gain, bias, call.float('epsilon', EPSILON)).reshape(
    x.shape,
  )
}

/** Each group of channels of each sample; gain and bias are one for each channel, before opset 21 for each group. */
function groupNormalisation(call: Call): Value {
  call.ignore('stash_type')
  const x = call.floatValue(0)
  const groups = call.int('num_groups')
  const [N, C] = x.shape
  const { rest, deviation } = centred(x.reshape([N, groups, -1]), call.float('epsilon', EPSILON))
  const rows = call.opset >= 21 ? C : groups
  const [gain, bias] = [call.floatValue(1), call.floatValue(2)].map((it) => it.reshape([rows, 1]))
  return rest.div(deviation).reshape([N, rows, -1]).fma(gain, bias).reshape(x.shape)
}

function meanVarianceNormalisation(call: Call): Value {
  const x = call.floatValue(0)
  const axes = (call.ints('axes') ?? [0, 2, 3]).map((axis) => call.axis(axis, x.rank))
  const share = 1 / product(axes.map((axis) => x.shape[axis]))
  const rest = x.sum(axes, true).fma(-share, x)
  return rest.div(rest.mul(rest).sum(axes, true).mul(share).sqrt().add(1e-9))
}

function lpNormalisation(call: Call): Value {
  const x = call.floatValue(0)
  const axis = call.axis(call.int('axis', -1), x.rank)
  const p = call.int('p', 2)
  if (p !== 1 && p !== 2) call.refuse(`p ${p}; 1 and 2 are supported`)
  const size = p === 1 ? x.abs().sum([axis], true) : x.mul(x).sum([axis], true).sqrt()
  // The smallest f32 above 0 in the place of 0: where there is nothing, nothing is left.
  return x.div(size.max(2 ** -149))
}

/** x / (bias + alpha / size · Σ x² over neighbouring channels)^beta (Krizhevsky et al. 2012). */
function localResponse(call: Call): Value {
  const x = call.floatValue(0)
  const size = call.int('size')
  const [alpha, beta, bias] = [
    call.float('alpha', 1e-4),
    call.float('beta', 0.75),
    call.float('bias', 1),
  ]
  const [N, C] = x.shape
  const places = product(x.shape.slice(2))
  const before = Math.floor((size - 1) / 2)
  const window = {
    offset: before === 0 ? 0 : -before,
    divisor: 1,
    terms: [
      { axis: 1, coefficient: 1 },
      { axis: 3, coefficient: 1 },
    ],
  }
  const squares = x.mul(x).reshape([N, C, places])
  const sums = squares.move([N, C, places, size], [along(0), window, along(2)]).sum([-1])
  return x.div(
    sums
      .fma(alpha / size, bias)
      .pow(beta)
      .reshape(x.shape),
  )
}

/** Normalisations. */
export const norms: Readonly<Record<string, Lowering>> = {
  BatchNormalization: batchNormalisation,
  GroupNormalization: groupNormalisation,
  InstanceNormalization: instanceNormalisation,
  LRN: localResponse,
  LayerNormalization: layerNormalisation,
  LpNormalization: lpNormalisation,
  MeanVarianceNormalization: meanVarianceNormalisation,
  RMSNormalization: rmsNormalisation,
  SimplifiedLayerNormalization: rmsNormalisation,
}
