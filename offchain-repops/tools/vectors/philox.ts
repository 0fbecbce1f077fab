import { philox } from '../../src/numbers/philox.ts'
import { Random } from '../../src/testing/Random.ts'
import { blobs, type Blobs } from './abi.ts'
import { pack } from './scalars.ts'

/** One block: four counter words, two key words, four output words. */
interface Block {
  readonly counter: `0x${string}`
  readonly key: `0x${string}`
  readonly output: `0x${string}`
}

export function philoxVectors(): Blobs {
  const random = new Random(0xa11)
  const inputs = [
    [0, 0, 0, 0, 0, 0],
    [-1, -1, -1, -1, -1, -1],
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0],
  ]
  for (let i = 0; i < 60; i++) inputs.push(Array.from({ length: 6 }, () => random.u32()))
  const cases = inputs.map(([c0, c1, c2, c3, k0, k1]): Block => {
    const out = new Int32Array(4)
    philox(c0, c1, c2, c3, k0, k1, out, 0)
    return { counter: pack([c0, c1, c2, c3]), key: pack([k0, k1]), output: pack(out) }
  })
  return blobs({ counter: 'bytes16', key: 'bytes8', output: 'bytes16' }, cases)
}
