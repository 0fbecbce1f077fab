import type { KnownTensor } from './KnownTensor.ts'

/** How far two tensors are apart, at the worst element of each measure. */
export interface Differences {
  /** Units in the last place of f32: how many f32 lie between. Infinite where just one is NaN. */
  readonly ulp: number
  readonly absolute: number
  /** The largest magnitude of what is compared with, infinities aside: what `absolute` is to be seen beside. */
  readonly largest: number
  /** |a − b| / |b|, b being what is compared with; where b is 0, infinite unless a is too. */
  readonly relative: number
  /** Elements whose bits differ; −0 and +0 are the same, and so are all NaN. */
  readonly different: number
}

/** Compares tensors of equal counts; whole numbers in units of one. */
export function differences(ours: KnownTensor, theirs: KnownTensor): Differences {
  let [ulp, absolute, largest, relative, different] = [0, 0, 0, 0, 0]
  const floats = theirs.data instanceof Float32Array
  ours.data.forEach((a, i) => {
    const b = theirs.data[i]
    if (Number.isFinite(b)) largest = Math.max(largest, Math.abs(b))
    if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return
    different++
    const apart = Math.abs(a - b)
    const distance = Number.isNaN(apart) ? Infinity : apart
    absolute = Math.max(absolute, distance)
    relative = Math.max(relative, b === 0 ? Infinity : distance / Math.abs(b))
    ulp = Math.max(
      ulp,
      floats && Number.isFinite(distance) ? Math.abs(ordinal(a) - ordinal(b)) : distance,
    )
  })
  return { ulp, absolute, largest, relative, different }
}

const float = new Float32Array(1)
const word = new Int32Array(float.buffer)

/** The place of an f32 among all of them in order; both zeros are at 0. */
function ordinal(x: number): number {
  float[0] = x
  return word[0] < 0 ? -(word[0] & 0x7fffffff) : word[0]
}
