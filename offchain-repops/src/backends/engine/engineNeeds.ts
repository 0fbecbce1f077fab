import { bytesOf } from '../../execute/bytesOf.ts'
import type { MatMulKernel, Plan, Task } from '../../execute/plan/types.ts'
import type { MemoryNeed } from '../backend.ts'
import { tensorNeeds } from '../tensorNeeds.ts'

/** What a session of the C++ engine takes for a plan, at most (native/engine/session.cc), on so many threads. */
export function engineNeeds(plan: Plan, threads = 1): readonly MemoryNeed[] {
  const { states, constants } = plan.program
  const entries = [...states, ...constants].map(({ count }) => 4 * count)
  const tensors = [4, 4 * plan.arenaWords, ...entries]
  const packed = packedBytes(plan)
  const rests = blockBytes(tensors) - sum(tensors) + blockBytes(packed) - sum(packed)
  const packedAtMost = Math.min(sum(packed), 2 * bytesOf(constants))
  const scratch = Math.max(0, ...plan.tasks.map(scratchBytes))
  return [
    ...tensorNeeds(plan),
    { what: 'constants packed for matrix products', bytes: packedAtMost },
    { what: 'scratch memory of kernels', bytes: threads * scratch },
    { what: 'rests of blocks', bytes: rests },
  ]
}

const sum = (all: readonly number[]): number => all.reduce((a, b) => a + b, 0)

const LINE = 64
const LARGE_PAGE = 2 ** 21
const FIRST_BLOCK = 2 ** 18
const LAST_BLOCK = 2 ** 25

/** Bytes of the blocks in which tensors of these sizes lie (native/engine/storage.cc), and of what aligns them. */
function blockBytes(sizes: readonly number[]): number {
  let [all, left, pages] = [0, 0, 0]
  for (const size of sizes) {
    const bytes = Math.ceil(size / LINE) * LINE
    if (bytes <= left) {
      left -= bytes
      continue
    }
    const least = Math.max(bytes, Math.min(Math.max(all, FIRST_BLOCK), LAST_BLOCK))
    const isLarge = least >= LARGE_PAGE
    const block = isLarge ? Math.ceil(least / LARGE_PAGE) * LARGE_PAGE : least
    if (isLarge) pages++
    all += block
    left = Math.max(left, block - bytes)
  }
  return all + pages * LARGE_PAGE
}

const MOST_PACKED_AT_ONCE = 2 ** 24
const LEAST_SCRATCH = 2 ** 18
/** Columns that are computed at once, where no row has to be kept as a whole. */
const ROW_CHUNK = 16_384
/** Positions of a ScatterAdd that are turned to lines of 64 bytes. */
const MOST_TURNED = 65_536

/** What a kernel takes in each thread, at most: it depends on the instruction set and the other threads how much. */
function scratchBytes({ kernel, inputs }: Task): number {
  switch (kernel.kind) {
    case 'matmul': {
      const { M, N, K } = kernel
      const [rows, columns, longest] = [M, N, Math.max(M, N)].map((side) => side + WIDEST_PANEL)
      const words = rows * columns + 2 * longest * (K + WIDEST_PANEL)
      return LEAST_SCRATCH + Math.min(4 * words, MOST_PACKED_AT_ONCE)
    }
    case 'rows': {
      const { dims, instructions } = kernel
      const keepsRows = instructions.some(({ perRow }) => perRow) // while they are reduced
      const length = Math.max(keepsRows ? (dims.at(-1) ?? 1) : 0, ROW_CHUNK)
      return 4 * (instructions.length + inputs.length) * length
    }
    case 'indexed':
      return LEAST_SCRATCH + kernel.Q * (8 + (kernel.Q <= MOST_TURNED ? 64 : 0))
    default:
      return 0
  }
}

// Rows of y are packed in panels; no instruction set has wider ones.
const WIDEST_PANEL = 64

/** Bytes of each packed constant, at most: it depends on the instruction set whether and how one is packed. */
function packedBytes({ slots, tasks }: Plan): number[] {
  const packed = new Map<string, number>()
  for (const { kernel, inputs } of tasks) {
    if (kernel.kind !== 'matmul') continue
    const { place, count } = slots[inputs[1]]
    if (place.kind !== 'constant') continue
    const { batch, N, K, y } = kernel
    const key = JSON.stringify([place.ref, batch, N, K, y])
    const words = distinctMatrices(kernel) * (N + WIDEST_PANEL - 1) * K
    packed.set(key, 4 * Math.min(words, 2 * count))
  }
  return [...packed.values()]
}

/** How many matrices a product over a batch reads on its right. */
const distinctMatrices = ({ batch, y }: MatMulKernel): number =>
  batch.reduce((count, extent, axis) => (y.batch[axis] === 0 ? count : count * extent), 1)
