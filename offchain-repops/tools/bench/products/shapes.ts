/** A batch of products x [M, K] · y [N, K] transposed, with the operands stored as somebody has them. */
export interface Shape {
  readonly name: string
  readonly B: number
  readonly M: number
  readonly N: number
  readonly K: number
  /** x is stored as [K, M]. */
  readonly xTransposed?: boolean
  /** y is stored as [K, N]. */
  readonly yTransposed?: boolean
  /** y never changes: whoever can may prepare it once. */
  readonly constant?: boolean
}

const square = (n: number): Shape => ({ name: `${n}³`, B: 1, M: n, N: n, K: n })

const layer = (name: string, N: number, K: number): Shape[] => [
  { name: `${name}, constant weights`, B: 1, M: 1024, N, K, constant: true },
  { name, B: 1, M: 1024, N, K },
]

const gradient = (name: string, M: number, N: number): Shape =>
  ({ name: `${name}, weights' gradient`, B: 1, M, N, K: 8192, xTransposed: true, yTransposed: true }) // prettier-ignore

/** Squares, and what a layer of GPT-2 small asks for with 1,024 tokens (gradients: 8 × 1,024). */
export const MATRICES: readonly Shape[] = [
  ...[512, 1024, 2048, 4096].map(square),
  ...layer('q, k, v', 2304, 768),
  ...layer('projection', 768, 768),
  ...layer('up', 3072, 768),
  ...layer('down', 768, 3072),
  { name: 'up, inputs’ gradient', B: 1, M: 1024, N: 768, K: 3072, yTransposed: true },
  gradient('projection', 768, 768),
  gradient('up', 3072, 768),
  { name: 'logits', B: 1, M: 1024, N: 50257, K: 768, constant: true },
  { name: 'attention scores', B: 12, M: 1024, N: 1024, K: 64 },
  { name: 'attention values', B: 12, M: 1024, N: 64, K: 1024, yTransposed: true },
  { name: 'small', B: 32, M: 32, N: 32, K: 32 },
  { name: 'small', B: 32, M: 64, N: 64, K: 64 },
]

/** Decoding: a few rows times constant weights, as fast as these can be read. */
export const THIN: readonly Shape[] = [1, 2, 4, 8, 16].flatMap((M) =>
  [[3072, 768], [768, 3072], [50257, 768], [4096, 4096]].map(([N, K]) => ({
    name: `${M} row${M > 1 ? 's' : ''}`, B: 1, M, N, K, constant: true,
  })),
) // prettier-ignore

export const operations = ({ B, M, N, K }: Shape): number => 2 * B * M * N * K

export const title = ({ name, B, M, N, K }: Shape): string =>
  `${name} ${B > 1 ? `${B}×` : ''}${M}×${N}×${K}`
