import { describe, expect, test } from 'vitest'
import { reference } from '../backends/reference/index.ts'
import { Execution } from '../execute/Execution.ts'
import type { MoveForm } from '../program/types.ts'
import { moveSource } from '../execute/operandRuns.ts'
import { product } from '../program/wants.ts'
import { Random } from '../testing/Random.ts'
import { randomForm } from '../testing/randomNode.ts'
import { operatorOf } from '../ops/index.ts'
import { Tensor } from '../tensor.ts'
import { canonicalMove } from './canonicalMove.ts'
import { Graph } from './Graph.ts'
import { BuildError } from './shapes.ts'
import { along, Value } from './Value.ts'

/** What a function of one f32 tensor yields on the reference backend. */
async function run(
  shape: number[],
  build: (x: Value) => Value,
): Promise<{ shape: readonly number[]; values: number[] }> {
  const graph = new Graph()
  const x = graph.state('x', 'f32', shape)
  const y = build(x)
  const result = graph.state('y', y.type, y.shape)
  graph.setNext(result, y)
  const state = [
    Tensor.f32(Array.from({ length: x.count }, (_, i) => i)),
    Tensor.zeros(y.type, y.count),
  ]
  const execution = new Execution(graph.program(), reference, { state, constants: [], seed: 0n })
  await execution.advance()
  const out = await execution.stateTensor(1)
  return { shape: y.shape, values: [...(y.type === 'f32' ? out.floats : out.words)] }
}

describe('values', () => {
  test('broadcast as NumPy does', async () => {
    expect(await run([2, 3], (x) => x.add(x.sum([0]).mul(10)))).toEqual({
      shape: [2, 3],
      values: [30, 51, 72, 33, 54, 75],
    })
    expect(await run([2, 1, 2], (x) => x.sub(x.reshape([2, 2])))).toEqual({
      shape: [2, 2, 2],
      values: [0, 0, -2, -2, 2, 2, 0, 0],
    })
  })
  test('reduce over any axes', async () => {
    expect((await run([2, 3, 2], (x) => x.sum([1]))).values).toEqual([6, 9, 24, 27])
    expect(await run([2, 3, 2], (x) => x.sum([0, -1], true))).toEqual({
      shape: [1, 3, 1],
      values: [14, 22, 30],
    })
    expect((await run([2, 3, 2], (x) => x.reduceMax())).values).toEqual([11])
  })
  test('multiply matrices', async () => {
    expect((await run([2, 3], (x) => x.matmulT(x))).values).toEqual([5, 14, 14, 50])
    expect((await run([2, 2, 2], (x) => x.matmulT(x.at(0, 0)))).shape).toEqual([2, 2, 2])
    expect(await run([2, 1, 2], (x) => x.at(0, 1).matmulT(x))).toEqual({
      shape: [2, 1, 1],
      values: [3, 13],
    })
  })
  test('move elements', async () => {
    expect((await run([2, 3], (x) => x.transpose([1, 0]))).values).toEqual([0, 3, 1, 4, 2, 5])
    expect((await run([2, 3], (x) => x.slice(1, 0, 3, 2))).values).toEqual([0, 2, 3, 5])
    expect((await run([3], (x) => x.pad(0, 1, 2, 9))).values).toEqual([9, 0, 1, 2, 9, 9])
    expect((await run([2, 2], (x) => x.flip(0))).values).toEqual([2, 3, 0, 1])
    expect((await run([2, 1], (x) => x.expand([2, 2, 2]))).values).toEqual([0, 0, 1, 1, 0, 0, 1, 1])
    expect((await run([2, 2], (x) => Value.concat([x, x.neg()], 1))).values).toEqual([
      0, 1, -0, -1, 2, 3, -2, -3,
    ])
    expect(
      (
        await run([2], (x) =>
          Value.concat(
            Array.from({ length: 19 }, () => x),
            0,
          ),
        )
      ).shape,
    ).toEqual([38])
  })
  test('gather rows, also within a batch', async () => {
    expect((await run([3, 2], (x) => x.gather(x.graph.iota(2).add(1)))).values).toEqual([
      2, 3, 4, 5,
    ])
    expect(await run([2, 3], (x) => x.gather(x.graph.iota(2).reshape([2, 1]).add(1), 1))).toEqual({
      shape: [2, 1],
      values: [1, 5],
    })
    expect((await run([3], (x) => x.gather(x.graph.i32(7).reshape([1])))).values).toEqual([NaN])
  })
  test('are states and scalars as well as nodes', async () => {
    const graph = new Graph()
    const [a, b, c] = ['a', 'b', 'c'].map((name) => graph.state(name, 'f32', [1]))
    graph.setNext(a, b)
    graph.setNext(b, graph.f32(7).reshape([1]))
    graph.setNext(c, c)
    const program = graph.program()
    const state = [1, 2, 3].map((v) => Tensor.f32([v]))
    const execution = new Execution(program, reference, { state, constants: [], seed: 0n })
    await execution.advance()
    expect((await execution.state()).map((t) => t.floats[0])).toEqual([2, 7, 3])
    expect(program.states[2].next).toBeUndefined()
  })
})

describe('the program', () => {
  test('has each node once, and none that nothing needs', () => {
    const graph = new Graph()
    const x = graph.state('x', 'f32', [2, 3])
    x.exp().log()
    graph.setNext(
      x,
      x
        .reshape([6])
        .mul(x.reshape([6]))
        .reshape([2, 3])
        .add(x.mul(x)),
    )
    expect(graph.program().nodes.map(({ op }) => op)).toEqual(['Mul', 'Add'])
  })
  test('has equal moves once, whatever shapes they were made under', () => {
    const graph = new Graph()
    const x = graph.state('x', 'f32', [2, 3, 4])
    const a = x.transpose([2, 0, 1]).reshape([4, 6])
    const b = x.reshape([1, 6, 4]).transposeLast().reshape([4, 6])
    expect(a.input).toEqual(b.input)
    expect(x.reshape([2, 1, 12]).transpose([1, 0, 2]).input).toEqual(x.input)
  })
})

test('sums of more elements than one node takes are made in pieces', () => {
  const graph = new Graph()
  const x = graph.state('x', 'f32', [3, 2 ** 24])
  const total = graph.state('total', 'f32', [])
  graph.setNext(total, x.sum())
  expect(graph.program().nodes.map(({ form }) => form)).toEqual([
    { family: 'reduce', R: 3, K: 2 ** 24 },
    { family: 'reduce', R: 1, K: 3 },
  ])
})

test('what cannot be built is refused with its shapes', () => {
  const graph = new Graph()
  const x = graph.state('x', 'f32', [2, 3])
  const i = graph.state('i', 'i32', [2])
  const wrong: [() => unknown, string][] = [
    [() => x.add(x.reshape([3, 2])), '[2, 3], [3, 2] do not broadcast'],
    [() => x.add(i.reshape([2, 1])), 'operand 1 of Add on f32 is i32'],
    [() => x.where(x, x), 'operand 0 of Where on f32 is f32'],
    [() => x.reshape([4, -1]), '6 elements do not have the shape [4, -1]'],
    [() => x.matmulT(x.transposeLast()), 'no product of [2, 3] and [3, 2]'],
    [() => x.slice(1, 2, 4), 'no slice 2 to 4'],
    [() => x.sum([2]), 'no axis 2'],
    [() => x.expand([2, 4]), '[2, 3] does not broadcast to [2, 4]'],
    [() => x.transpose([0, 0]), 'no order of the axes'],
    [() => i.add(0.5), '0.5 is no whole number'],
    [
      () => {
        graph.setNext(x, i)
      },
      'state x is 6 elements of f32, its next value 2 of i32',
    ],
    [
      () => {
        graph.setNext(x.add(1), x)
      },
      'a node has no next value',
    ],
    [() => x.add(new Graph().f32(1)), 'another graph'],
  ]
  for (const [build, message] of wrong) {
    expect(build).toThrow(BuildError)
    expect(build).toThrow(message)
  }
})

/** A move of the kinds that builders make, in which many axes could be merged and some only almost. */
function regularMove(random: Random): MoveForm {
  const outDims = Array.from({ length: random.between(1, 5) }, () => random.between(1, 4))
  const sources = outDims.flatMap((_, axis) => (random.chance(0.85) ? axis : []))
  if (random.chance(0.2)) sources.reverse()
  const axes = sources.map((axis) => ({
    ...along(axis, 1, random.pick([0, 0, 0, 0, 1, -1])),
    divisor: random.pick([1, 1, 1, 1, 1, 1, 2]),
  }))
  const inDims = sources.map((axis) => outDims[axis] + random.pick([0, 0, 0, 0, 1, -1]))
  return { family: 'move', inDims: inDims.map((d) => Math.max(1, d)), outDims, fill: 0, axes }
}

test('a canonical move moves the same', () => {
  const random = new Random(11)
  const anyMove = (): MoveForm =>
    randomForm(random, operatorOf('Move'), 1, (r) => r.pick([1, 1, 2, 3, 4])) as MoveForm
  let merged = 0
  for (let i = 0; i < 3000; i++) {
    const form = random.chance(0.2) ? anyMove() : regularMove(random)
    const canonical = canonicalMove(form)
    const count = product(form.outDims)
    expect(product(canonical.outDims)).toBe(count)
    expect(product(canonical.inDims)).toBe(product(form.inDims))
    for (let e = 0; e < count; e++) expect(moveSource(canonical, e)).toBe(moveSource(form, e))
    if (canonical.outDims.length < form.outDims.filter((dim) => dim > 1).length) merged++
  }
  expect(merged).toBeGreaterThan(500)
})
