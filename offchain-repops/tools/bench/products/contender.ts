import type { Shape } from './shapes.ts'

/** Somebody who multiplies, on a given number of threads. */
export interface Contender {
  readonly name: string
  /** Prepares a product; x [B, M, K] and y [B, N, K], stored as the shape says. */
  prepare(shape: Shape, x: Float32Array, y: Float32Array): Promise<Product>
}

export interface Product {
  /** Computes it `times` times. Milliseconds for one, without the waking of threads where that can be told apart. */
  run(times: number): Promise<number>
  /** What was computed last, [B, M, N]. */
  result(): Float32Array
  close(): Promise<void>
}
