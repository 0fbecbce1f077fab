import { broadcastShapes } from '../../build/shapes.ts'
import { along, Value } from '../../build/Value.ts'
import { product } from '../../program/wants.ts'
import type { Call, Lowering, Result } from '../Call.ts'
import { KnownTensor } from '../KnownTensor.ts'
import { dimsOf, isKnown, type Operand } from '../operand.ts'
import { atOrAfterDiagonal, take, transpose } from '../places.ts'

function permuted(call: Call): Result {
  const x = call.value(0)
  const order = call.ints('perm') ?? x.shape.map((_, axis) => x.rank - 1 - axis)
  return { type: call.type(0), value: transpose(x, order) }
}

function expanded(call: Call): Result {
  const dims = call.numbers(1, 'the shape')
  const x = call.value(0)
  return { type: call.type(0), value: x.expand(broadcastShapes([x.shape, dims])) }
}

/** Repeats the whole tensor: each axis of d elements becomes one of r times d. */
function tiled(call: Call): Result {
  const x = call.value(0)
  const repeats = call.numbers(1, 'the repeats')
  if (repeats.length !== x.rank) call.malformed(`${repeats.length} repeats for ${x.rank} axes`)
  const split = x.shape.flatMap((dim, axis) => [repeats[axis], dim])
  const spread = x.reshape(x.shape.flatMap((dim) => [1, dim])).expand(split)
  return {
    type: call.type(0),
    value: spread.reshape(x.shape.map((dim, axis) => dim * repeats[axis])),
  }
}

const empty = (call: Call, dims: readonly number[]): KnownTensor =>
  new KnownTensor(call.type(0), dims, new Float32Array(0))

/** Slices of any axes with any steps are one move. */
function sliced(call: Call): Result {
  const shape = call.shape(0)
  const [starts, ends] = [call.numbers(1, 'the starts'), call.numbers(2, 'the ends')]
  const axes = call.has(3) ? call.numbers(3, 'the axes') : starts.map((_, i) => i)
  const steps = call.has(4) ? call.numbers(4, 'the steps') : starts.map(() => 1)
  const out = [...shape]
  const from = shape.map((_, axis) => along(axis))
  axes.forEach((given, i) => {
    const axis = call.axis(given, shape.length)
    const [dim, step] = [shape[axis], steps[i]]
    if (step === 0 || !Number.isInteger(step)) call.malformed(`a step of ${step}`)
    const place = (at: number, least: number, most: number): number =>
      Math.min(most, Math.max(least, at < 0 ? at + dim : at))
    const back = step < 0
    const start = back ? place(starts[i], 0, dim - 1) : place(starts[i], 0, dim)
    const end = back ? place(ends[i], -1, dim - 1) : place(ends[i], 0, dim)
    out[axis] = Math.max(0, Math.ceil((end - start) / step))
    // A single element needs no step, and no step that exceeds what indices may be.
    from[axis] = along(axis, out[axis] > 1 ? step : 1, start)
  })
  if (product(out) === 0) return empty(call, out)
  return { type: call.type(0), value: call.value(0).move(out, from) }
}

function splitUp(call: Call): readonly Result[] {
  const shape = call.shape(0)
  const axis = call.axis(call.int('axis', 0), shape.length)
  const count = call.int('num_outputs', call.node.outputs.length)
  if (!(count >= 1 && count <= shape[axis]) && !call.has(1))
    call.malformed(`${shape[axis]} elements in ${count} parts`)
  const size = Math.ceil(shape[axis] / count)
  const sizes = call.has(1)
    ? call.numbers(1, 'the sizes')
    : Array.from({ length: count }, (_, i) => Math.max(0, Math.min(size, shape[axis] - i * size)))
  const total = sizes.reduce((a, b) => a + b, 0)
  if (total !== shape[axis] || sizes.some((n) => n < 0))
    call.malformed(`parts of ${sizes.join(', ')} of an axis of ${shape[axis]}`)
  let start = 0
  return sizes.map((n) => {
    const begin = start
    start += n
    if (n === 0)
      return empty(
        call,
        shape.map((dim, a) => (a === axis ? 0 : dim)),
      )
    return { type: call.type(0), value: call.value(0).slice(axis, begin, begin + n) }
  })
}

function joined(call: Call): Result {
  const operands = call.operands.map((_, i) => call.operand(i))
  const axis = call.axis(call.int('axis'), dimsOf(operands[0]).length)
  const filled = operands.filter((operand) => product(dimsOf(operand)) > 0)
  if (filled.length === 0) {
    const along = operands.reduce((n, operand) => n + dimsOf(operand)[axis], 0)
    return empty(
      call,
      dimsOf(operands[0]).map((dim, a) => (a === axis ? along : dim)),
    )
  }
  return (
    exact(filled, axis) ?? {
      type: call.type(0),
      value: Value.concat(
        filled.map((it) => call.valueOf(it)),
        axis,
      ),
    }
  )
}

/** Known whole numbers in a row, such as shapes: int64 stays int64. */
function exact(operands: readonly Operand[], axis: number): KnownTensor | undefined {
  const known = operands.filter(isKnown)
  const [first] = known
  if (
    known.length < operands.length ||
    known.some(({ type, dims }) => type !== 'int64' || dims.length !== 1)
  )
    return undefined
  return KnownTensor.ints(known.flatMap(({ data }) => [...data])).with({
    name: first.name,
    dims: [known.reduce((n, { dims }) => n + dims[axis], 0)],
  })
}

function padded(call: Call): Result {
  const mode = call.choice('mode', ['constant', 'reflect', 'edge', 'wrap'])
  const x = call.value(0)
  const axes = call.has(3)
    ? call.numbers(3, 'the axes').map((axis) => call.axis(axis, x.rank))
    : x.shape.map((_, axis) => axis)
  const pads = call.numbers(1, 'the pads')
  if (pads.length !== 2 * axes.length) call.malformed(`${pads.length} pads for ${axes.length} axes`)
  const [before, after] = [x.shape.map(() => 0), x.shape.map(() => 0)]
  axes.forEach((axis, i) => {
    before[axis] = pads[i]
    after[axis] = pads[i + axes.length]
  })
  const out = x.shape.map((dim, axis) => before[axis] + dim + after[axis])
  if (out.some((dim) => dim < 1)) call.refuse(`pads that leave the shape [${out.join(', ')}]`)
  const type = call.type(0)
  if (mode === 'constant') {
    const fill = call.has(2) ? call.number(2, 'the constant') : 0
    const from = x.shape.map((_, axis) => along(axis, 1, before[axis] === 0 ? 0 : -before[axis]))
    return { type, value: x.move(out, from, fill) }
  }
  call.ignore('value')
  const value = out.reduce((y, length, axis) => {
    const dim = x.shape[axis]
    if (length === dim && before[axis] === 0) return y
    const places = Array.from({ length }, (_, i) => SOURCES[mode](i - before[axis], dim))
    return take(call, y, axis, places)
  }, x)
  return { type, value }
}

const mod = (a: number, n: number): number => ((a % n) + n) % n

/** Where an element outside 0 … n − 1 comes from. */
const SOURCES = {
  edge: (i: number, n: number): number => Math.min(n - 1, Math.max(0, i)),
  wrap: mod,
  reflect: (i: number, n: number): number => {
    const place = mod(i, Math.max(1, 2 * n - 2))
    return place < n ? place : 2 * n - 2 - place
  },
} as const

function triangle(call: Call): Result {
  const x = call.value(0)
  const offset = call.has(1) ? call.number(1, 'the diagonal') : 0
  const [rows, columns] = [x.dim(-2), x.dim(-1)]
  const bounded = Math.max(-rows - 1, Math.min(columns + 1, offset))
  // Upper: column ≥ row + offset; lower: not column ≥ row + offset + 1.
  const value = call.flag('upper', true)
    ? atOrAfterDiagonal(call, rows, columns, bounded).where(x, 0)
    : atOrAfterDiagonal(call, rows, columns, bounded + 1).where(x.scalar(0), x)
  return { type: call.type(0), value }
}

/** Blocks of channels and places of an image [N, C, H, W] exchanged: a transposition between two views. */
function depthToSpace(call: Call): Value {
  const [x, block] = [call.value(0), call.int('blocksize')]
  const [N, C, H, W] = x.shape
  const depth = C / (block * block)
  const columnsFirst = call.choice('mode', ['DCR', 'CRD']) === 'DCR'
  const split = columnsFirst
    ? transpose(x.reshape([N, block, block, depth, H, W]), [0, 3, 4, 1, 5, 2])
    : transpose(x.reshape([N, depth, block, block, H, W]), [0, 1, 4, 2, 5, 3])
  return split.reshape([N, depth, H * block, W * block])
}

function spaceToDepth(call: Call): Value {
  const [x, block] = [call.value(0), call.int('blocksize')]
  const [N, C, H, W] = x.shape
  const split = x.reshape([N, C, H / block, block, W / block, block])
  const columnsFirst = call.choice('mode', ['DCR', 'CRD']) === 'DCR'
  const order = columnsFirst ? [0, 3, 5, 1, 2, 4] : [0, 1, 3, 5, 2, 4]
  return transpose(split, order).reshape([N, C * block * block, H / block, W / block])
}

/** Operators that copy elements to other places. */
export const moves: Readonly<Record<string, Lowering>> = {
  Concat: joined,
  DepthToSpace: depthToSpace,
  Expand: expanded,
  Pad: padded,
  Slice: sliced,
  SpaceToDepth: spaceToDepth,
  Split: splitUp,
  Tile: tiled,
  Transpose: permuted,
  Trilu: triangle,
}
