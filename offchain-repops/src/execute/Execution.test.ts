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
import { Execution } from './Execution.ts'
import type { Corruption } from './fittingPlan.ts'
import type { Plan } from './plan/types.ts'

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
    await expect(start(2 ** 24 - 1).advance()).rejects.toThrow(
      'the program takes 16 MiB: 4 MiB of tensors that it is given, 4 MiB of a copy of the state, 4 MiB of state, ' +
        '4 MiB of values within a step; there are 15 MiB',
    )
    await expect(start(2 ** 24).advance()).rejects.toThrow('was started')
  })

  test('outputs take what they depend on, and no more', async () => {
    const graph = new Graph()
    const [x, y] = ['x', 'y'].map((name) => graph.state(name, 'f32', [1000]))
    const [a, b] = ['a', 'b'].map((name) => graph.constant(name, 'f32', [500]))
    graph.setNext(x, x.neg())
    graph.setNext(y, y.add(graph.f32(1)))
    const sum = a.add(b)
    const product = b.exp().sum()
    graph.setNext(y, y.add(sum.sum()).add(product))
    const program = graph.program()
    const plans: Plan[] = []
    const spy: Backend = {
      ...reference,
      compile: (plan) => {
        plans.push(plan)
        return reference.compile(plan)
      },
    }
    const random = [1000, 1000, 500, 500].map((count, k) =>
      Tensor.f32(Float32Array.from({ length: count }, (_, i) => Math.fround(i / 300 - k))),
    )
    const inputs = { state: random.slice(0, 2), constants: random.slice(2), seed: 0n }
    const exp = program.nodes.findIndex(({ op }) => op === 'Exp')
    const neg = program.nodes.findIndex(({ op }) => op === 'Neg')
    const execution = new Execution(program, spy, inputs)
    const names = (entries: readonly { readonly name: string }[]): string[] =>
      entries.map(({ name }) => name)
    for (let step = 0; step < 2; step++) {
      for (const node of [exp, neg]) {
        const outputs = await execution.outputs([node])
        const plain = new Execution(program, reference, {
          ...inputs,
          state: await execution.state(),
        })
        const expected = await plain.outputs(program.nodes.map((_, i) => i))
        expect([...outputs]).toEqual([[node, expected.get(node)]])
      }
      const [ofExp, ofNeg] = plans.splice(0).map((plan) => plan.program)
      expect([names(ofExp.states), names(ofExp.constants)]).toEqual([[], ['b']])
      expect([names(ofNeg.states), names(ofNeg.constants)]).toEqual([['x'], []])
      await execution.advance()
      expect(names(plans.splice(0)[0]?.program.states ?? [])).toEqual(step === 0 ? ['x', 'y'] : [])
    }
  })
})
