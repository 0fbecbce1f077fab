import { sameShape } from '../../build/shapes.ts'
import type { Value } from '../../build/Value.ts'
import { product } from '../../program/wants.ts'
import type { Call, Lowering, Result } from '../Call.ts'
import { KnownTensor } from '../KnownTensor.ts'
import { moveAxis, take } from '../places.ts'

/** How one axis is resized. */
interface Axis {
  readonly from: number
  readonly to: number
  readonly scale: number
}

const COORDINATES = [
  'half_pixel',
  'half_pixel_symmetric',
  'pytorch_half_pixel',
  'align_corners',
  'asymmetric',
] as const
const ROUNDINGS = ['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'] as const
const POLICIES = ['stretch', 'not_larger', 'not_smaller'] as const

const f32 = Math.fround

/** Which place of the input each place of the output shows; in f32, as runtimes do it, since ties decide. */
function coordinates({ from, to, scale }: Axis, mode: (typeof COORDINATES)[number]): number[] {
  const centre = (o: number, offset = 0): number =>
    f32(f32(offset + f32(f32(o + 0.5) / scale)) - 0.5)
  const at: Record<typeof mode, (o: number) => number> = {
    half_pixel: (o) => centre(o),
    half_pixel_symmetric: (o) => centre(o, f32((from / 2) * f32(1 - f32(to / f32(scale * from))))),
    pytorch_half_pixel: (o) => (to > 1 ? centre(o) : 0),
    align_corners: (o) => (to === 1 ? 0 : f32(f32(o * (from - 1)) / (to - 1))),
    asymmetric: (o) => f32(o / scale),
  }
  return Array.from({ length: to }, (_, o) => at[mode](o))
}

/** The nearest place of each coordinate, inside the axis. */
function nearest(call: Call, axis: Axis, places: readonly number[]): number[] {
  const mode = call.choice('nearest_mode', ROUNDINGS)
  const round: Record<typeof mode, (x: number) => number> = {
    round_prefer_floor: (x) => Math.ceil(x - 0.5),
    round_prefer_ceil: (x) => Math.floor(x + 0.5),
    floor: Math.floor,
    ceil: Math.ceil,
  }
  return places.map((x) => Math.min(axis.from - 1, Math.max(0, round[mode](x))))
}

/** Weights of the places around a coordinate, from the first of them on. */
type Kernel = (fraction: number) => { readonly first: number; readonly weights: readonly number[] }

const linearKernel: Kernel = (t) => ({ first: 0, weights: [1 - t, t] })

/** Keys 1981, equation (4). */
const cubicKernel =
  (a: number): Kernel =>
  (t) => {
    const outer = (s: number): number => ((a * s - 5 * a) * s + 8 * a) * s - 4 * a
    const inner = (s: number): number => ((a + 2) * s - (a + 3)) * s * s + 1
    return { first: -1, weights: [outer(1 + t), inner(t), inner(1 - t), outer(2 - t)] }
  }

/** The matrix [to, from] that interpolates along an axis; places outside it count for the nearest inside, or not. */
function interpolation(
  axis: Axis,
  places: readonly number[],
  kernel: Kernel,
  exclude: boolean,
): KnownTensor {
  const { from, to } = axis
  const matrix = new Float64Array(to * from)
  places.forEach((x, o) => {
    const whole = Math.floor(x)
    const { first, weights } = kernel(x - whole)
    const inside = weights.map((_, k) => whole + first + k >= 0 && whole + first + k < from)
    const total = exclude ? weights.reduce((sum, w, k) => sum + (inside[k] ? w : 0), 0) : 1
    weights.forEach((weight, k) => {
      if (exclude && !inside[k]) return
      const place = Math.min(from - 1, Math.max(0, whole + first + k))
      matrix[o * from + place] += weight / total
    })
  })
  return KnownTensor.floats(matrix, [to, from])
}

/** Which axes change, and how, from scales or sizes. */
function axesOf(call: Call, shape: readonly number[]): Axis[] {
  const axes = (call.ints('axes') ?? shape.map((_, axis) => axis)).map((axis) =>
    call.axis(axis, shape.length),
  )
  const policy = call.choice('keep_aspect_ratio_policy', POLICIES)
  const scales = call.has(2) ? call.numbers(2, 'the scales') : []
  const sizes = call.has(3) ? call.numbers(3, 'the sizes') : []
  const given = scales.length > 0 ? scales : sizes
  if (given.length !== axes.length || given.some((n) => !(n > 0)))
    call.malformed(`${scales.length} scales and ${sizes.length} sizes for ${axes.length} axes`)
  const ratios = sizes.map((size, i) => size / shape[axes[i]])
  const common = policy === 'not_larger' ? Math.min(...ratios) : Math.max(...ratios)
  return shape.map((from, axis) => {
    const i = axes.indexOf(axis)
    if (i < 0) return { from, to: from, scale: 1 }
    if (scales.length > 0) return { from, to: Math.floor(from * scales[i]), scale: scales[i] }
    if (policy === 'stretch') return { from, to: sizes[i], scale: f32(ratios[i]) }
    return { from, to: Math.floor(common * from + 0.5), scale: f32(common) }
  })
}

/** Nearest by copying places; linear and cubic by a matrix product along every axis that changes. */
function resize(call: Call): Result {
  const x = call.value(0)
  const type = call.type(0)
  call.ignore('extrapolation_value') // of a mode that is not supported
  if (call.flag('antialias')) call.refuse('antialias 1')
  const mode = call.choice('mode', ['nearest', 'linear', 'cubic'])
  const coordinate = call.choice('coordinate_transformation_mode', COORDINATES)
  const axes = axesOf(call, x.shape)
  const [cubic, exclude] = [call.float('cubic_coeff_a', -0.75), call.flag('exclude_outside')]
  if (axes.some(({ to }) => to < 1)) call.refuse('a size of 0')
  const changed = axes.flatMap((axis, a) => (axis.from === axis.to && axis.scale === 1 ? [] : a))
  if (mode === 'nearest') {
    const value = changed.reduce(
      (y, a) => take(call, y, a, nearest(call, axes[a], coordinates(axes[a], coordinate))),
      x,
    )
    call.ignore('nearest_mode')
    return { type, value }
  }
  call.ignore('nearest_mode')
  const kernel = mode === 'linear' ? linearKernel : cubicKernel(cubic)
  const matrixOf = (a: number): Value =>
    call.constant(
      interpolation(axes[a], coordinates(axes[a], coordinate), kernel, exclude).with({
        name: `${call.node.name}.axis${a}`,
      }),
    )
  const last = x.rank - 1
  // Two products in a row leave images as they were: each puts its axis in the other's place.
  if (sameShape(changed, [last - 1, last])) {
    const [H, W] = x.shape.slice(-2)
    const images = x.reshape([product(x.shape.slice(0, -2)), H, W])
    const value = matrixOf(last - 1).matmulT(matrixOf(last).matmulT(images))
    return {
      type,
      value: value.reshape([...x.shape.slice(0, -2), axes[last - 1].to, axes[last].to]),
    }
  }
  const value = changed.reduce(
    (y, a) => moveAxis(alongLast(moveAxis(y, a, last), matrixOf(a)), last, a),
    x,
  )
  return { type, value }
}

function alongLast(x: Value, matrix: Value): Value {
  const rows = x.reshape([-1, x.dim(-1)]).matmulT(matrix)
  return rows.reshape([...x.shape.slice(0, -1), matrix.dim(0)])
}

/** Resizing of images. */
export const resizing: Readonly<Record<string, Lowering>> = { Resize: resize }
