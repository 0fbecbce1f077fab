import { add } from '../../numbers/arithmetic.ts'
import { roundHalfway } from '../../numbers/fma.ts'
import { dotSegment, fold, SEGMENT } from '../../numbers/reduction.ts'
import type { MatMulForm } from '../../program/types.ts'
import type { Tensor } from '../../tensor.ts'

const SPLIT = 268435457 // 2^28 + 1, see numbers/fma.ts
const BLOCK = 4 // independent chains at a time: one alone waits for its own additions
const sums = new Float32Array(BLOCK)

/** x [B or 1, M, K] · y [B or 1, N, K] → output [B, M, N]; every element by R_dot over K. */
export function matmul(form: MatMulForm, x: Tensor, y: Tensor, output: Tensor): void {
  const { B, M, N, K } = form
  for (let b = 0; b < B; b++) {
    const xAt = form.xShared ? 0 : b * M * K
    const yAt = form.yShared ? 0 : b * N * K
    const outAt = b * M * N
    const blocked = N - (N % BLOCK)
    for (let n = 0; n < blocked; n += BLOCK) {
      for (let m = 0; m < M; m++) {
        dots(x.floats, xAt + m * K, y.floats, yAt + n * K, K)
        for (let j = 0; j < BLOCK; j++) output.floats[outAt + m * N + n + j] = sums[j]
      }
    }
    // What is left of N: columns one by one, with the roles of x and y exchanged.
    for (let n = blocked; n < N; n++) {
      for (let m = 0; m + BLOCK <= M; m += BLOCK) {
        dots(y.floats, yAt + n * K, x.floats, xAt + m * K, K)
        for (let j = 0; j < BLOCK; j++) output.floats[outAt + (m + j) * N + n] = sums[j]
      }
      for (let m = M - (M % BLOCK); m < M; m++) {
        output.floats[outAt + m * N + n] = dot(x.floats, xAt + m * K, y.floats, yAt + n * K, K)
      }
    }
  }
}

function dot(x: Float32Array, i: number, y: Float32Array, j: number, K: number): number {
  const parts: number[] = []
  for (let k = 0; k < K; k += SEGMENT) {
    parts.push(dotSegment(x, i + k, y, j + k, Math.min(SEGMENT, K - k)))
  }
  return fold(parts, add)
}

/** sums[j] = R_dot of the run at `one` with the j-th of four neighbouring runs of length K. */
function dots(one: Float32Array, i: number, four: Float32Array, j: number, K: number): void {
  if (K <= SEGMENT) {
    dotSegments(one, i, four, j, K, K)
    return
  }
  const parts: number[][] = [[], [], [], []]
  for (let k = 0; k < K; k += SEGMENT) {
    dotSegments(one, i + k, four, j + k, K, Math.min(SEGMENT, K - k))
    for (let column = 0; column < BLOCK; column++) parts[column].push(sums[column])
  }
  for (let column = 0; column < BLOCK; column++) sums[column] = fold(parts[column], add)
}

/**
 * Four segments at once: sums[c] = chain of fma of one[i + k] and four[j + c·stride + k]. This is
 * numbers/fma.ts written out, with one test for the four chains.
 */
function dotSegments(
  one: Float32Array,
  i: number,
  four: Float32Array,
  j: number,
  stride: number,
  length: number,
): void {
  let a0 = 0
  let a1 = 0
  let a2 = 0
  let a3 = 0
  const j1 = j + stride
  const j2 = j1 + stride
  const j3 = j2 + stride
  for (let k = 0; k < length; k++) {
    const x = one[i + k]
    const p0 = x * four[j + k]
    const p1 = x * four[j1 + k]
    const p2 = x * four[j2 + k]
    const p3 = x * four[j3 + k]
    const s0 = p0 + a0
    const s1 = p1 + a1
    const s2 = p2 + a2
    const s3 = p3 + a3
    const v0 = s0 * SPLIT
    const v1 = s1 * SPLIT
    const v2 = s2 * SPLIT
    const v3 = s3 * SPLIT
    if (
      v0 - (v0 - s0) === s0 ||
      v1 - (v1 - s1) === s1 ||
      v2 - (v2 - s2) === s2 ||
      v3 - (v3 - s3) === s3
    ) {
      roundAll(p0, p1, p2, p3, a0, a1, a2, a3)
      a0 = sums[0]
      a1 = sums[1]
      a2 = sums[2]
      a3 = sums[3]
    } else {
      a0 = Math.fround(s0)
      a1 = Math.fround(s1)
      a2 = Math.fround(s2)
      a3 = Math.fround(s3)
    }
  }
  sums[0] = a0
  sums[1] = a1
  sums[2] = a2
  sums[3] = a3
}

/** sums[c] = p_c + a_c with one rounding. Through memory, so that the fast loop stays in registers. */
function roundAll(
  p0: number,
  p1: number,
  p2: number,
  p3: number,
  a0: number,
  a1: number,
  a2: number,
  a3: number,
): void {
  sums[0] = roundHalfway(p0, a0, p0 + a0)
  sums[1] = roundHalfway(p1, a1, p1 + a1)
  sums[2] = roundHalfway(p2, a2, p2 + a2)
  sums[3] = roundHalfway(p3, a3, p3 + a3)
}
