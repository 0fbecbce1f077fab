import type { MatMulKernel, Plan } from '../../execute/plan/types.ts'
import type { MemoryNeed } from '../backend.ts'
import { tensorNeeds } from '../tensorNeeds.ts'

/** What a session of the C++ engine takes for a plan (native/engine/session.cc). */
export function engineNeeds(plan: Plan): readonly MemoryNeed[] {
  return [
    ...tensorNeeds(plan),
    { what: 'constants packed for matrix products', bytes: 4 * packedWords(plan) },
  ]
}

// Rows of y are packed in panels; no instruction set has wider ones.
const WIDEST_PANEL = 64

/** Words of packed constants, at most: it depends on the instruction set whether and how one is packed. */
function packedWords({ program, slots, tasks }: Plan): number {
  const packed = new Map<string, number>()
  for (const { kernel, inputs } of tasks) {
    if (kernel.kind !== 'matmul') continue
    const { place, count } = slots[inputs[1]]
    if (place.kind !== 'constant') continue
    const { batch, N, K, y } = kernel
    const key = JSON.stringify([place.ref, batch, N, K, y])
    const words = distinctMatrices(kernel) * (N + WIDEST_PANEL - 1) * K
    packed.set(key, Math.min(words, 2 * count))
  }
  const all = [...packed.values()].reduce((sum, words) => sum + words, 0)
  return Math.min(all, 2 * program.constants.reduce((sum, { count }) => sum + count, 0))
}

/** How many matrices a product over a batch reads on its right. */
const distinctMatrices = ({ batch, y }: MatMulKernel): number =>
  batch.reduce((count, extent, axis) => (y.batch[axis] === 0 ? count : count * extent), 1)
