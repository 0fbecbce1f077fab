import { type Backend, type Job, type Node, Tensor } from '@lockstep/repops'
import { computeNode, nodeByNode } from '@lockstep/repops/testing'
import { expect, test } from 'vitest'
import { measureStepSeconds } from './measure.ts'

const generate = (op: string, N: number): Node => ({
  op,
  type: 'i32',
  inputs: [],
  form: { family: 'generate', N, stream: 0 },
})

const jobOf = (...nodes: Node[]): Job => ({
  program: {
    nodes,
    states: [{ name: 's', type: 'i32', count: 1, next: undefined }],
    constants: [],
  },
  initialState: [Tensor.zeros('i32', 1)],
  constants: [],
  seed: 1n,
  steps: 1,
  interval: 1,
})

/** A backend on which an element takes so long, and the sizes of what it was given. */
function counting(secondsPerElement = 0): { backend: Backend; sizes: number[] } {
  const sizes: number[] = []
  const backend = nodeByNode('counting', (node, inputs, output, context) => {
    sizes.push(output.count)
    const end = performance.now() + output.count * secondsPerElement * 1000
    computeNode(node, inputs, output, context)
    while (performance.now() < end);
  })
  return { backend, sizes }
}

test('a huge node is not run: its cost is its time', async () => {
  const { backend, sizes } = counting()
  const started = performance.now()
  const seconds = await measureStepSeconds(jobOf(generate('Philox', 2 ** 25)), backend, 0.5)
  expect(seconds).toBeGreaterThan(2 ** 25 * 500e-9)
  expect(sizes).toEqual([])
  expect(performance.now() - started).toBeLessThan(2000)
})

test('what is not run is as slow as what was', async () => {
  const { backend, sizes } = counting(1e-4)
  const nodes = [1000, 2000, 100_000, 500].map((N) => generate('Iota', N))
  const seconds = await measureStepSeconds(jobOf(...nodes), backend, 0.6)
  // 100 ms, 200 ms, then 10 s that are not spent, and 50 ms.
  expect(sizes.slice(0, 3)).toEqual([1000, 2000, 500])
  expect(seconds).toBeGreaterThan(9)
  expect(seconds).toBeLessThan(20)
})
