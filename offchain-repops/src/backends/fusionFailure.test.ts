import { expect, test } from 'vitest'
import type { Backend } from './backend.ts'
import { fusionFailure } from './fusionFailure.ts'
import { committedEngine } from './wasm/committedEngine.ts'
import { wasm } from './wasm/wasm.ts'

const engine = await wasm(committedEngine())

test('the engine computes tasks of several nodes as their nodes', async () => {
  expect(engine.fuses).toBe(true)
  expect(await fusionFailure(engine)).toBeUndefined()
})

test('a backend that is wrong about fused rows only is seen', async () => {
  const careless: Backend = {
    ...engine,
    // Takes the operands of an Fma in another order where it is not alone.
    compile: (plan) =>
      engine.compile({
        ...plan,
        tasks: plan.tasks.map((task) =>
          task.kernel.kind === 'rows' && task.nodes.length > 4
            ? {
                ...task,
                kernel: {
                  ...task.kernel,
                  instructions: task.kernel.instructions.map((it) =>
                    it.op === 'Fma' ? { ...it, operands: it.operands.toReversed() } : it,
                  ),
                },
              }
            : task,
        ),
      }),
  }
  expect(await fusionFailure(careless)).toMatch(/^a small GPT-2 is trained wrongly: /)
})

test('a backend that gives up says why', async () => {
  const broken: Backend = { ...engine, compile: () => Promise.reject(new Error('no memory')) }
  expect(await fusionFailure(broken)).toBe('a small GPT-2 is not trained: no memory')
})
