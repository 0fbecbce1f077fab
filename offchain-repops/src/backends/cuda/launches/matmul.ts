import type { MatMulKernel, MatrixStrides } from '../../../execute/plan/types.ts'
import type { Address } from '../driver.ts'
import { divider, parameters } from '../parameters.ts'
import { perItem, type DeviceLimits, type KernelLaunch, type Workspace } from './launch.ts'

const SEGMENT = 256
const GROUP = 16
const THIN = 8 // rows of x up to which the product is bound by reading y
const THIN_ROWS = 128

/** `Load` of cuda/kernels/matmul.cuh. */
const Load = { alongK: 0, alongRows: 1, four: 2 } as const

/** The kernels matmul_<m>x<n>: blocks of them that one processor holds, and what share of its speed they reach (estimated). */
const TILES = [
  { m: 128, n: 128, blocks: 2, speed: 1 },
  { m: 128, n: 64, blocks: 4, speed: 0.92 },
  { m: 64, n: 64, blocks: 8, speed: 0.85 },
] as const
type TileShape = (typeof TILES)[number]

/** Fused multiply-adds and words that a processor does in the same time, of an H200: only to choose between ways. */
const FMAS_PER_WORD = 128 / 5

export function matmulLaunches(
  kernel: MatMulKernel,
  [x, y]: readonly Address[],
  [out]: readonly Address[],
  workspace: Workspace,
): KernelLaunch[] {
  const { M, N, K } = kernel
  if (N < M && N <= THIN) return matmulLaunches(transposed(kernel), [y, x], [out], workspace)
  if (M <= THIN) {
    const segments = Math.ceil(K / SEGMENT)
    const tile = { kernel: `thin_${M === 1 ? 1 : THIN}`, m: M, n: THIN_ROWS, threads: THIN_ROWS }
    return product(kernel, { ...tile, unit: 1, units: segments, blocks: 16, rounds: 0 }, x, y, out, workspace)
  } // prettier-ignore
  return product(kernel, fastestWay(kernel, workspace), x, y, out, workspace)
}

/** The same results, with the operands in each other's place: a fused multiply-add does not mind. */
const transposed = ({ M, N, x, y, out, ...rest }: MatMulKernel): MatMulKernel => ({
  ...rest,
  M: N,
  N: M,
  x: y,
  y: x,
  out: { ...out, row: out.column, column: out.row },
})

/** How a product is cut: `units` runs of `unit` segments, folded afterwards where there are several. */
interface Way {
  readonly kernel: string
  /** Rows and columns of a tile. */
  readonly m: number
  readonly n: number
  readonly threads: number
  readonly unit: number
  readonly units: number
  /** Of one processor. */
  readonly blocks: number
  /** Rounds of groups in which sums of a unit wait. */
  readonly rounds: number
}

/** Few results do not keep a device busy unless the sum is cut too, which costs the reading and writing of parts. */
function fastestWay(kernel: MatMulKernel, limits: DeviceLimits): Way {
  const segments = Math.ceil(kernel.K / SEGMENT)
  const ways = TILES.flatMap((tile) =>
    [segments, GROUP, 1].flatMap((unit) => {
      if (unit !== segments && unit > segments) return []
      return { tile, unit, units: Math.ceil(segments / unit) }
    }),
  )
  const cost = ({ tile, unit, units }: (typeof ways)[number]): number => {
    const { M, N } = kernel
    const tiles = batchCount(kernel) * Math.ceil(M / tile.m) * Math.ceil(N / tile.n) * units
    const turns = Math.ceil(tiles / limits.processors)
    const compute = (turns * tile.m * tile.n * Math.min(unit, segments) * SEGMENT) / tile.speed
    const words = units === 1 ? 0 : 2 * batchCount(kernel) * M * N * units
    return compute + (words * FMAS_PER_WORD) / limits.processors
  }
  const { tile, unit, units } = ways.reduce((best, way) => (cost(way) < cost(best) ? way : best))
  return { ...wayOf(tile), unit, units, rounds: roundsOf(unit) }
}

const wayOf = ({ m, n, blocks }: TileShape) =>
  ({ kernel: `matmul_${m}x${n}`, m, n, threads: (m * n) / 64, blocks }) as const

/** Rounds in which unfinished groups of `segments` values wait: ⌈log16 segments⌉. */
function roundsOf(segments: number): number {
  let rounds = 0
  for (let left = segments; left > 1; left = Math.ceil(left / GROUP)) rounds++
  return rounds
}

const batchCount = ({ batch }: MatMulKernel): number => batch.reduce((a, b) => a * b, 1)

function product(
  kernel: MatMulKernel,
  way: Way,
  x: Address,
  y: Address,
  out: Address,
  workspace: Workspace,
): KernelLaunch[] {
  const { M, N, K } = kernel
  const { m, n, unit, units, threads, rounds } = way
  const B = batchCount(kernel)
  const tilesM = Math.ceil(M / m)
  const tilesN = Math.ceil(N / n)
  const items = B * units * tilesM * tilesN
  const blocks = Math.min(items, workspace.processors * way.blocks)
  const partBytes = units === 1 ? 0 : B * units * M * N * 4
  const waitingBytes = rounds * blocks * m * n * 4
  const scratch = partBytes + waitingBytes > 0 ? workspace.scratch(partBytes + waitingBytes) : 0n
  const target = units === 1 ? kernel.out : partStrides(kernel, units)
  const to = units === 1 ? out : scratch + BigInt(waitingBytes)
  const axes = workspace.table(
    kernel.batch.flatMap((extent, axis) =>
      parameters(divider(extent), kernel.x.batch[axis], kernel.y.batch[axis], target.batch[axis]),
    ),
  )
  const multiply: KernelLaunch = {
    kind: 'kernel',
    kernel: way.kernel,
    blocks,
    threads,
    sharedBytes: 0,
    // struct MatMulParameters
    parameters: parameters(
      [x, kernel.x.row, kernel.x.column, loadOf(x, kernel.x)],
      [y, kernel.y.row, kernel.y.column, loadOf(y, kernel.y)],
      [to, target.row, target.column, isAligned(to, target, 'row') && target.column === 1 ? Load.four : Load.alongRows],
      [axes, kernel.batch.length, M, N, K],
      [unit, units === 1 ? 0 : M * N],
      [divider(units), divider(tilesM), divider(tilesN)].flat(),
      [items, scratch],
    ), // prettier-ignore
  }
  if (units === 1) return [multiply]
  const outAxes = workspace.table(
    kernel.batch.flatMap((extent, axis) =>
      parameters(divider(extent), 0, 0, kernel.out.batch[axis]),
    ),
  )
  const fold = perItem(
    'matmul_fold',
    B * M * N,
    // struct MatMulFoldParameters
    parameters([to, out, B * M * N], [divider(M), divider(N)].flat(), [
      units,
      outAxes,
      kernel.batch.length,
      kernel.out.row,
      kernel.out.column,
    ]),
    workspace,
  )
  return [multiply, fold]
}

/** Strides of the results of units: [batch, units, M, N], dense. */
function partStrides({ batch, M, N }: MatMulKernel, units: number): MatrixStrides {
  const strides = new Array<number>(batch.length)
  let size = units * M * N
  for (let axis = batch.length - 1; axis >= 0; axis--) {
    strides[axis] = size
    size *= batch[axis]
  }
  return { batch: strides, row: N, column: 1 }
}

/** Along whichever axis is dense; four words at once where every run of four is aligned. */
function loadOf(address: Address, strides: MatrixStrides): number {
  if (strides.column === 1)
    return Load.alongK | (isAligned(address, strides, 'row') ? Load.four : 0)
  if (strides.row === 1)
    return Load.alongRows | (isAligned(address, strides, 'column') ? Load.four : 0)
  return Load.alongK
}

const isAligned = (address: Address, strides: MatrixStrides, across: 'row' | 'column'): boolean =>
  address % 16n === 0n && [strides[across], ...strides.batch].every((words) => words % 4 === 0)
