import { along, type Value } from '../../build/Value.ts'
import { product } from '../../program/wants.ts'
import type { Call, Lowering } from '../Call.ts'
import { KnownTensor } from '../KnownTensor.ts'
import { windowIndex, windowsOf, type WindowAxis } from '../windows.ts'

/** The windows of x [N, C, ..] as [N, C, out.., elements of a window]; `fill` is what padding holds. */
function windowed(x: Value, windows: readonly WindowAxis[], fill: number): Value {
  const [N, C, ...spatial] = x.shape
  const rank = windows.length
  const out = windows.map(({ count }) => count)
  const kernel = windows.map((window) => window.kernel)
  return x
    .reshape([N * C, ...spatial])
    .move(
      [N * C, ...out, ...kernel],
      [along(0), ...windows.map((it, i) => windowIndex(it, 1 + i, 1 + rank + i))],
      fill,
    )
    .reshape([N, C, ...out, product(kernel)])
}

function pooled(call: Call): { x: Value; windows: WindowAxis[] } {
  const x = call.floatValue(0)
  const kernel = call.ints('kernel_shape') ?? call.malformed('attribute kernel_shape is missing')
  if (kernel.some((n) => !(n >= 1))) call.malformed(`kernel_shape [${kernel.join(', ')}]`)
  return { x, windows: windowsOf(call, x.shape.slice(2), kernel) }
}

function largest(call: Call): Value {
  call.ignore('storage_order') // of the indices, which are not supported
  const { x, windows } = pooled(call)
  return windowed(x, windows, -Infinity).reduceMax([-1])
}

function average(call: Call): Value {
  const padding = call.flag('count_include_pad')
  const { x, windows } = pooled(call)
  const sums = windowed(x, windows, 0).sum([-1])
  const counts = windows.map((window) => covered(window, padding))
  if (counts.every((list) => list.every((n) => n === list[0])))
    return sums.div(product(counts.map(([n]) => n)))
  const shape = counts.map(({ length }) => length)
  let all: number[] = [1]
  for (const list of counts) all = all.flatMap((n) => list.map((m) => n * m))
  return sums.div(
    call.constant(KnownTensor.floats(all, shape).with({ name: `${call.node.name}.counts` })),
  )
}

/** How many elements each window covers, those of the padding among them or not. */
function covered(window: WindowAxis, padding: boolean): number[] {
  const { length, kernel, stride, dilation, before, after, count } = window
  const [least, most] = padding ? [-before, length + after] : [0, length]
  return Array.from({ length: count }, (_, o) => {
    const places = Array.from({ length: kernel }, (_, k) => o * stride + k * dilation - before)
    return places.filter((place) => place >= least && place < most).length
  })
}

function powerMean(call: Call): Value {
  const p = call.int('p', 2)
  const { x, windows } = pooled(call)
  const sums = windowed(p === 2 ? x.mul(x) : x.abs().pow(p), windows, 0).sum([-1])
  return p === 2 ? sums.sqrt() : p === 1 ? sums : sums.pow(1 / p)
}

const spatialAxes = (x: Value): number[] => x.shape.flatMap((_, axis) => (axis < 2 ? [] : axis))

/** Pools over windows, and over all places. */
export const pooling: Readonly<Record<string, Lowering>> = {
  AveragePool: average,
  GlobalAveragePool: (call) => {
    const x = call.floatValue(0)
    return x.sum(spatialAxes(x), true).div(product(x.shape.slice(2)))
  },
  GlobalMaxPool: (call) => {
    const x = call.floatValue(0)
    return x.reduceMax(spatialAxes(x), true)
  },
  LpPool: powerMean,
  MaxPool: largest,
}
