import { describe, expect, test } from 'vitest'
import type { Backend } from '../backends/backend.ts'
import { computeNode } from '../backends/reference/computeNode.ts'
import { reference } from '../backends/reference/index.ts'
import { Graph } from '../build/Graph.ts'
import { toHex } from '../commit/hash.ts'
import { packHashes } from '../commit/merkle.ts'
import { stateRoot, tensorRoot } from '../commit/tensor.ts'
import type { Input, Program } from '../program/types.ts'
import { inputWants, outputOf } from '../program/wants.ts'
import { Tensor } from '../tensor.ts'
import { Random } from '../testing/Random.ts'
import { randomProgram, type RandomProgram } from '../testing/randomProgram.ts'
import { TensorMismatchError } from './agreeWithEntries.ts'
import { Execution, type Corruption } from './Execution.ts'

/** The definition of a step, with a fresh tensor for everything. */
function plainStep(
  { program, constants, seed }: RandomProgram,
  state: readonly Tensor[],
  step: number,
): { outputs: Tensor[]; next: Tensor[] } {
  const outputs: Tensor[] = []
  program.nodes.forEach((node) => {
    const inputs = node.inputs.map((input: Input, k) => {
      if (input.kind === 'node') return outputs[input.ref]
      if (input.kind === 'state') return state[input.ref]
      if (input.kind === 'constant') return constants[input.ref]
      const word = input.kind === 'step' ? step : input.bits
      return new Tensor(inputWants(node, k).type, Int32Array.of(word))
    })
    const { type, count } = outputOf(node)
    const output = Tensor.zeros(type, count)
    computeNode(node, inputs, output, { step, seed })
    outputs.push(output)
  })
  const next = program.states.map(({ next: node }, i) =>
    node === undefined ? state[i] : outputs[node],
  )
  return { outputs, next }
}

const words = (tensors: readonly Tensor[]): number[][] => tensors.map((t) => [...t.words])

const execution = (it: RandomProgram, more: object = {}): Execution =>
  new Execution(it.program, reference, {
    state: it.initialState,
    constants: it.constants,
    seed: it.seed,
    ...more,
  })

describe.each(Array.from({ length: 25 }, (_, seed) => seed))('random program %i', (seed) => {
  const it = randomProgram(new Random(seed), { nodes: 14 })

  test('runs as defined, committed to or not', async () => {
    const [committing, quiet] = [execution(it), execution(it)]
    let state: readonly Tensor[] = it.initialState
    for (let step = 0; step < 3; step++) {
      const { outputs, next } = plainStep(it, state, step)
      const wanted = [0, it.program.nodes.length >> 1, it.program.nodes.length - 1]
      const some = await quiet.outputs(wanted)
      const roots = await committing.advanceCommitting()
      await quiet.advance()
      expect(toHex(roots)).toBe(toHex(packHashes(outputs.map(tensorRoot))))
      for (const node of wanted)
        expect([...some.get(node)!.words]).toEqual([...outputs[node].words])
      expect(words(await committing.state())).toEqual(words(next))
      expect(words(await quiet.state())).toEqual(words(next))
      expect(await quiet.stateRoot()).toBe(stateRoot(next))
      state = next
    }
  })
})

describe('a small program', () => {
  const graph = new Graph()
  const a = graph.state('a', 'f32', [3])
  const b = graph.state('b', 'f32', [3])
  graph.setNext(a, b)
  graph.setNext(b, a.add(graph.step().i2f()))
  const program: Program = graph.program()
  const state = [Tensor.f32([1, 2, 3]), Tensor.f32([10, 20, 30])]

  test('all states change at once', async () => {
    const run = new Execution(program, reference, { state, constants: [], seed: 0n, step: 4 })
    await run.advance()
    expect((await run.state()).map((t) => [...t.floats])).toEqual([
      [10, 20, 30],
      [5, 6, 7],
    ])
    expect(run.step).toBe(5)
    expect([...state[0].floats]).toEqual([1, 2, 3])
  })

  test('a corruption changes one bit of one output, once', async () => {
    const node = program.states[1].next!
    const corruption = { step: 1, node, element: 2, bit: 31 }
    const cheat = new Execution(program, reference, { state, constants: [], seed: 0n, corruption })
    const honest = new Execution(program, reference, { state, constants: [], seed: 0n })
    await cheat.advance()
    await honest.advance()
    expect(words(await cheat.state())).toEqual(words(await honest.state()))
    expect((await cheat.outputs([node])).get(node)!.floats[2]).toBe(-31)
    await cheat.advance()
    await honest.advance()
    expect([...(await honest.stateTensor(1)).floats]).toEqual([11, 21, 31])
    expect([...(await cheat.stateTensor(1)).floats]).toEqual([11, 21, -31])
    await cheat.advance()
    expect([...(await cheat.stateTensor(0)).floats]).toEqual([11, 21, -31])
  })

  test('a corruption that hits nothing is refused', () => {
    const start = (corruption: Corruption) => () =>
      new Execution(program, reference, { state, constants: [], seed: 0n, corruption })
    expect(start({ step: 0, node: 9, element: 0, bit: 0 })).toThrow('no node 9')
    expect(start({ step: 0, node: 0, element: 3, bit: 0 })).toThrow('no element 3')
    expect(start({ step: 0, node: 0, element: 0, bit: 32 })).toThrow('no bit 32')
  })

  test('tensors that do not fit are refused', () => {
    const start = (tensors: Tensor[]) => () =>
      new Execution(program, reference, { state: tensors, constants: [], seed: 0n })
    expect(start([state[0]])).toThrow(TensorMismatchError)
    expect(start([state[0], Tensor.f32([1, 2])])).toThrow('state 1 (b) is 3 elements of f32, got 2')
    expect(start([state[0], Tensor.i32([1, 2, 3])])).toThrow(TensorMismatchError)
  })

  test('what does not fit into memory is refused before it starts, with the figures', async () => {
    const none: Backend = {
      ...reference,
      compile: () => Promise.reject(new Error('was started')),
    }
    const big = new Graph()
    const x = big.state('x', 'f32', [2 ** 20])
    big.setNext(
      x,
      x.transpose([0]).add(
        x
          .reshape([2 ** 10, 2 ** 10])
          .transpose([1, 0])
          .reshape([-1]),
      ),
    )
    const start = (memoryBytes: number): Execution =>
      new Execution(big.program(), none, {
        state: [Tensor.zeros('f32', 2 ** 20)],
        constants: [],
        seed: 0n,
        memoryBytes,
      })
    await expect(start(2 ** 23 - 1).advance()).rejects.toThrow(
      'the program takes 8 MiB: 4 MiB of state, 0 MiB of constants, 4 MiB within a step; there are 7 MiB',
    )
    await expect(start(2 ** 23).advance()).rejects.toThrow('was started')
  })
})
