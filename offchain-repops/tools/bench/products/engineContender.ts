import { encodeTask } from '../../../src/backends/engine/encodeTask.ts'
import { loadAddon } from '../../../src/backends/native/addon.ts'
import type { MatrixStrides } from '../../../src/execute/plan/types.ts'
import type { Contender } from './contender.ts'
import type { Shape } from './shapes.ts'

/** Tasks in a session, so that one call runs many. */
const TASKS = 256

/** The native backend. Throws an AddonError where there is none. */
export function engineContender(threads: number): Contender {
  const addon = loadAddon()
  return {
    name: `native (${addon.instructionSets[0]})`,
    prepare(shape, x, y) {
      const session = addon.open('', threads)
      const { B, M, N, K, constant = false } = shape
      const counts = [x.length, y.length, B * M * N]
      addon.addMemory(session, 1, 0)
      counts.forEach((count, slot) => {
        addon.addMemory(session, count, slot === 1 && constant ? 1 : 0)
        addon.addSlot(session, 1 + slot, 0, count)
      })
      const words = (floats: Float32Array) =>
        new Int32Array(floats.buffer, floats.byteOffset, floats.length)
      addon.write(session, 0, words(x))
      addon.write(session, 1, words(y))
      const kernel = {
        kind: 'matmul' as const,
        batch: B > 1 ? [B] : [],
        M,
        N,
        K,
        ...strides(shape),
      }
      const task = encodeTask({ nodes: [], kernel, inputs: [0, 1], outputs: [2], commit: false })
      for (let i = 0; i < TASKS; i++) addon.addTask(session, task)
      return Promise.resolve({
        async run(times) {
          const start = performance.now()
          for (let left = times; left > 0; left -= TASKS) {
            await addon.run(session, 0, Math.min(left, TASKS), 0, 0n)
          }
          return (performance.now() - start) / times
        },
        result() {
          const out = new Float32Array(counts[2])
          addon.read(session, 2, words(out))
          return out
        },
        close() {
          addon.close(session)
          return Promise.resolve()
        },
      })
    },
  }
}

function strides({ B, M, N, K, xTransposed, yTransposed }: Shape) {
  const matrix = (rows: number, columns: number, transposed = false): MatrixStrides => ({
    batch: B > 1 ? [rows * columns] : [],
    row: transposed ? 1 : columns,
    column: transposed ? rows : 1,
  })
  return { x: matrix(M, K, xTransposed), y: matrix(N, K, yTransposed), out: matrix(M, N) }
}
