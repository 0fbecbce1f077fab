import type { DType } from './program/types.ts'

/**
 * A flat tensor: element type and words. `words` holds the bit patterns and is what is copied,
 * hashed and compared; `floats` views the same memory for arithmetic on f32.
 * Shapes belong to the nodes that read a tensor, never to the tensor.
 */
export class Tensor {
  readonly type: DType
  readonly words: Int32Array
  readonly floats: Float32Array

  constructor(type: DType, words: Int32Array) {
    this.type = type
    this.words = words
    this.floats = new Float32Array(words.buffer, words.byteOffset, words.length)
  }

  static zeros(type: DType, count: number): Tensor {
    return new Tensor(type, new Int32Array(count))
  }

  static f32(values: ArrayLike<number>): Tensor {
    const tensor = Tensor.zeros('f32', values.length)
    tensor.floats.set(values)
    return tensor
  }

  static i32(values: ArrayLike<number>): Tensor {
    return new Tensor('i32', Int32Array.from(values))
  }

  get count(): number {
    return this.words.length
  }

  /** The little-endian bytes that commitments hash. */
  get bytes(): Uint8Array {
    return new Uint8Array(this.words.buffer, this.words.byteOffset, this.words.byteLength)
  }
}
