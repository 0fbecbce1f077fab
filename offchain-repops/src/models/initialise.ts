import { philox } from '../numbers/philox.ts'
import { Tensor } from '../tensor.ts'

/** Counter word where a program has the step number; no step number is this large. */
const INITIALISATION = 0xffffffff

/** Stream of random tokens; parameters have the streams from 0. */
const TOKENS = 0xffffffff

/**
 * Values spread evenly over (−reach, reach), from Philox words as programs draw them. `stream` tells tensors of one
 * job apart. Every operation rounds to f32 at most once, so all machines agree on the bits.
 */
export function uniform(count: number, reach: number, seed: bigint, stream: number): Tensor {
  const tensor = Tensor.zeros('f32', count)
  const words = new Int32Array(4)
  const [low, high] = [Number(seed & 0xffffffffn), Number(seed >> 32n)]
  for (let i = 0; i < count; i++) {
    if (i % 4 === 0) philox(i / 4, 0, INITIALISATION, stream, low, high, words, 0)
    const unit = (words[i % 4] >>> 8) * 2 ** -23 - 1
    tensor.floats[i] = unit * Math.fround(reach)
  }
  return tensor
}

export function filled(count: number, value: number): Tensor {
  const tensor = Tensor.zeros('f32', count)
  tensor.floats.fill(value)
  return tensor
}

/** Whole numbers in [0, vocabulary), each as likely as the others (but for 2^-32 of it). */
export function randomTokens(count: number, vocabulary: number, seed: bigint): Tensor {
  const tensor = Tensor.zeros('i32', count)
  const words = new Int32Array(4)
  const [low, high] = [Number(seed & 0xffffffffn), Number(seed >> 32n)]
  for (let i = 0; i < count; i++) {
    if (i % 4 === 0) philox(i / 4, 0, INITIALISATION, TOKENS, low, high, words, 0)
    tensor.words[i] = Math.floor(((words[i % 4] >>> 0) * vocabulary) / 2 ** 32)
  }
  return tensor
}
