import { philox } from '../../numbers/philox.ts'
import type { Tensor } from '../../tensor.ts'
import type { StepContext } from '../backend.ts'

/** output[e] = the low word of e. */
export function iota({ words }: Tensor): void {
  for (let e = 0; e < words.length; e++) words[e] = e
}

/** output[e] = word e mod 4 of block ⌊e / 4⌋ of the stream. */
export function philoxWords(stream: number, { step, seed }: StepContext, { words }: Tensor): void {
  const key0 = Number(seed & 0xffffffffn)
  const key1 = Number(seed >> 32n)
  const block = new Int32Array(4)
  for (let e = 0; e < words.length; e += 4) {
    const number = e / 4
    philox(number | 0, Math.floor(number / 2 ** 32), step, stream, key0, key1, block, 0)
    for (let i = 0; i < 4 && e + i < words.length; i++) words[e + i] = block[i]
  }
}
