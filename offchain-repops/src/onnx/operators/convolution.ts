import type { Value } from '../../build/Value.ts'
import { along } from '../../build/Value.ts'
import { product } from '../../program/wants.ts'
import type { MoveAxis } from '../../program/types.ts'
import type { Call, Lowering } from '../Call.ts'
import { AUTO_PADS, perAxis, windowIndex, windowsOf } from '../windows.ts'

interface Layout {
  readonly N: number
  readonly groups: number
  /** Input channels of a group. */
  readonly channels: number
  readonly spatial: readonly number[]
  readonly kernel: readonly number[]
}

function layoutOf(call: Call, channelsOfWeights: number): Layout {
  const [shape, weights] = [call.shape(0), call.shape(1)]
  const groups = call.int('group', 1)
  const kernel = weights.slice(2)
  const stated = call.ints('kernel_shape')
  const [N, C, ...spatial] = shape
  if (
    shape.length < 3 ||
    weights.length !== shape.length ||
    !(groups >= 1) ||
    channelsOfWeights !== C
  )
    call.malformed(`weights [${weights.join(', ')}] in ${groups} groups for [${shape.join(', ')}]`)
  if (stated?.some((n, i) => n !== kernel[i]))
    call.malformed(`kernel_shape [${stated.join(', ')}] of weights [${weights.join(', ')}]`)
  return { N, groups, channels: C / groups, spatial, kernel }
}

/**
 * Convolution as a matrix product: the windows of the input as rows [N, g, places, channels · kernel] by one move,
 * weights [g, M/g, channels · kernel], so that the result [N, M, places] lies as it should.
 */
function convolution(call: Call): Value {
  const weights = call.floatValue(1)
  const layout = layoutOf(call, (weights.shape[1] ?? 0) * call.int('group', 1))
  const windows = windowsOf(call, layout.spatial, layout.kernel)
  const rank = windows.length
  const out = windows.map(({ count }) => count)
  const places = windows.map((window, i) => windowIndex(window, 2 + i, 3 + rank + i))
  const M = weights.shape[0]
  return windowProduct(
    call,
    call.floatValue(0),
    weights.reshape([layout.groups, M / layout.groups, -1]),
    layout,
    out,
    places,
  )
}

/**
 * The transpose of a convolution: place o of the result takes what place (o + before − dilation · k) / stride of the
 * input, where that is whole, contributes by place k of the kernel.
 */
function convolutionTransposed(call: Call): Value {
  const weights = call.floatValue(1)
  const layout = layoutOf(call, weights.shape[0])
  const { groups, channels, spatial, kernel } = layout
  const rank = spatial.length
  const strides = perAxis(call, 'strides', rank, 1)
  const dilations = perAxis(call, 'dilations', rank, 1)
  const extra = perAxis(call, 'output_padding', rank, 0, 0)
  const pads = perAxis(call, 'pads', 2 * rank, 0, 0)
  const auto = call.choice('auto_pad', AUTO_PADS)
  const wanted = call.ints('output_shape')
  const reach = spatial.map(
    (length, i) => strides[i] * (length - 1) + extra[i] + (kernel[i] - 1) * dilations[i] + 1,
  )
  const out = spatial.map((length, i) => {
    if (wanted && wanted.length > 0) return wanted[wanted.length - rank + i]
    return auto === 'SAME_UPPER' || auto === 'SAME_LOWER'
      ? length * strides[i]
      : reach[i] - pads[i] - pads[i + rank]
  })
  const before = spatial.map((_, i) => {
    if (!(wanted && wanted.length > 0) && auto !== 'SAME_UPPER' && auto !== 'SAME_LOWER')
      return pads[i]
    const total = Math.max(0, reach[i] - out[i])
    return auto === 'SAME_UPPER' ? Math.floor(total / 2) : total - Math.floor(total / 2)
  })
  const places = spatial.map(
    (_, i): MoveAxis => ({
      offset: before[i],
      divisor: strides[i],
      terms: [
        { axis: 2 + i, coefficient: 1 },
        { axis: 3 + rank + i, coefficient: -dilations[i] },
      ],
    }),
  )
  // [C, M/g, kernel] → [g, M/g, channels · kernel].
  const columns = weights.shape[1]
  const turned = weights.reshape([groups, channels, columns, -1]).transpose([0, 2, 1, 3])
  return windowProduct(
    call,
    call.floatValue(0),
    turned.reshape([groups, columns, -1]),
    layout,
    out,
    places,
  )
}

/** Windows [N, g, out.., channels, kernel..] of x by `places`, times weights [g, M/g, channels · kernel], plus the bias. */
function windowProduct(
  call: Call,
  x: Value,
  weights: Value,
  { N, groups, channels, spatial, kernel }: Layout,
  out: readonly number[],
  places: readonly MoveAxis[],
): Value {
  const rank = spatial.length
  const rows = x
    .reshape([N, groups, channels, ...spatial])
    .move(
      [N, groups, ...out, channels, ...kernel],
      [along(0), along(1), along(2 + rank), ...places],
    )
  const [M, K] = [weights.shape[1], weights.shape[2]]
  const count = product(out)
  const result =
    groups === 1
      ? weights.reshape([M, K]).matmulT(rows.reshape([N, count, K]))
      : (N === 1 ? weights.reshape([1, groups, M, K]) : weights.expand([N, groups, M, K])).matmulT(
          rows.reshape([N, groups, count, K]),
        )
  const shaped = result.reshape([N, groups * M, ...out])
  const bias = call.has(2) ? call.floatValue(2) : undefined
  return bias ? shaped.add(bias.reshape([-1, ...out.map(() => 1)])) : shaped
}

/** Convolutions. */
export const convolutions: Readonly<Record<string, Lowering>> = {
  Conv: convolution,
  ConvTranspose: convolutionTransposed,
}
