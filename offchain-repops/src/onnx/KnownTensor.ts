import { toInteger } from '../numbers/convert.ts'
import { product } from '../program/wants.ts'
import { Tensor } from '../tensor.ts'
import { ELEMENT_TYPES, isFloat, runningType, type ElementType } from './elementTypes.ts'
import { OnnxError } from './OnnxError.ts'

/** Whole numbers this large stand for "no end" where they occur (the extremes of int64). */
export const ENDLESS = 2 ** 62
const [INT32_LEAST, INT32_MOST] = [-(2 ** 31), 2 ** 31 - 1]

/**
 * A tensor whose contents are known when a model is read: an initialiser, a shape, and whatever follows from such.
 * float, float16 and bfloat16 are kept as f32; double, truth values (0, 1) and whole numbers as
 * f64, int64 beyond 2^53 rounded. Any dim may be 0.
 */
export class KnownTensor {
  readonly type: ElementType
  readonly dims: readonly number[]
  readonly data: Float32Array | Float64Array
  /** What messages and constants of the program call it. */
  readonly name: string
  /** Whether it is a weight that is to be trained, and so changes from step to step. */
  readonly trained: boolean

  constructor(
    type: ElementType,
    dims: readonly number[],
    data: Float32Array | Float64Array,
    { name = 'constant', trained = false }: { name?: string; trained?: boolean } = {},
  ) {
    if (product(dims) !== data.length)
      throw new OnnxError(
        'malformed',
        `${name} has ${data.length} elements, not shape [${dims.join(', ')}]`,
      )
    this.type = type
    this.dims = dims
    this.data = data
    this.name = name
    this.trained = trained
  }

  static ints(values: readonly number[], dims: readonly number[] = [values.length]): KnownTensor {
    return new KnownTensor('int64', dims, Float64Array.from(values))
  }

  static floats(values: ArrayLike<number>, dims: readonly number[] = [values.length]): KnownTensor {
    return new KnownTensor('float', dims, Float32Array.from(values))
  }

  get count(): number {
    return this.data.length
  }

  with(changes: { dims?: readonly number[]; name?: string; trained?: boolean }): KnownTensor {
    const { dims = this.dims, name = this.name, trained = this.trained } = changes
    return new KnownTensor(this.type, dims, this.data, { name, trained })
  }

  /** The elements as another type: whole numbers are truncated, truth values are whether it is not 0. */
  cast(type: ElementType): KnownTensor {
    const { dims, name, data } = this
    if (type === this.type) return this
    const of = (convert: (x: number) => number): Float64Array => Float64Array.from(data, convert)
    if (type === 'bool')
      return new KnownTensor(
        type,
        dims,
        of((x) => Number(x !== 0)),
        { name },
      )
    if (type === 'double')
      return new KnownTensor(
        type,
        dims,
        of((x) => x),
        { name },
      )
    if (isFloat(type)) {
      const floats = data instanceof Float32Array ? data : Float32Array.from(data)
      return new KnownTensor(type, dims, floats, { name, trained: this.trained })
    }
    // As programs do it: F2I.
    if (type === 'int32' && isFloat(this.type))
      return new KnownTensor(type, dims, of(toInteger), { name })
    const bits = 8 * ELEMENT_TYPES[type].bytes
    const signed = !type.startsWith('u')
    return new KnownTensor(
      type,
      dims,
      of((x) => wrap(Math.trunc(x), bits, signed)),
      { name },
    )
  }

  /** The words that a program holds for it, of floats the same memory. Throws where a whole number does not fit. */
  toTensor(): Tensor {
    const dtype = runningType(this.type === 'double' ? 'float' : this.type, this.name)
    const { data } = this
    if (data instanceof Float32Array)
      return new Tensor('f32', new Int32Array(data.buffer, data.byteOffset, data.length))
    if (dtype === 'f32') return Tensor.f32(data)
    const tensor = Tensor.zeros('i32', this.count)
    this.data.forEach((value, i) => {
      tensor.words[i] = toInt32(value, this.name)
    })
    return tensor
  }
}

/** A whole number as i32; the extremes of int64 become those of int32. */
function toInt32(value: number, name: string): number {
  if (value >= ENDLESS) return INT32_MOST
  if (value <= -ENDLESS) return INT32_LEAST
  if (!(value >= INT32_LEAST && value <= INT32_MOST))
    throw new OnnxError(
      'unsupported',
      `${name} holds ${value}, which does not fit the 32 bits that whole numbers have at run time`,
    )
  return value
}

/** A whole number mod 2^bits; 64 bits are kept as they are, NaN becomes 0. */
function wrap(value: number, bits: number, signed: boolean): number {
  if (Number.isNaN(value)) return 0
  if (bits === 64 || !Number.isFinite(value)) return value
  const unsigned = ((value % 2 ** bits) + 2 ** bits) % 2 ** bits
  return signed && unsigned >= 2 ** (bits - 1) ? unsigned - 2 ** bits : unsigned
}
