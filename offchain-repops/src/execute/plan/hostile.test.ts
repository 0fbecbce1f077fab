import { expect, test } from 'vitest'
import type { Form, Input, Node, Program } from '../../program/types.ts'
import { planStep } from './planStep.ts'

const COUNT = 8_000
const LIMIT_SECONDS = 5

const identity: Form = {
  family: 'move',
  inDims: [2, 2],
  outDims: [2, 2],
  fill: 0,
  axes: [0, 1].map((axis) => ({ offset: 0, divisor: 1, terms: [{ axis, coefficient: 1 }] })),
}
const product: Form = {
  family: 'matmul',
  B: 1,
  M: 2,
  N: 2,
  K: 2,
  xShared: false,
  yShared: false,
}
const each: Form = { family: 'elementwise', dims: [4], masks: [1, 1] }
const from = (ref: number): Input => ({ kind: 'node', ref })
const state: Input = { kind: 'state', ref: 0 }
const node = (op: string, form: Form, ...inputs: Input[]): Node => ({
  op,
  type: 'f32',
  inputs,
  form,
})

const programs: Record<string, Node[]> = {
  'many moves of one product': [
    node('MatMul', product, state, state),
    ...Array.from({ length: COUNT }, () => node('Move', identity, from(0))),
    ...Array.from({ length: COUNT }, (_, i) =>
      node('Add', each, from(i + 1), from(i === 0 ? 0 : COUNT + i)),
    ),
  ],
  'many moves of one sum': [
    node('Add', each, state, state),
    ...Array.from({ length: COUNT }, () => node('Move', identity, from(0))),
    ...Array.from({ length: COUNT }, (_, i) =>
      node('Add', each, from(i + 1), from(i === 0 ? 0 : COUNT + i)),
    ),
  ],
  'a chain of moves into a product': [
    node('Move', identity, state),
    ...Array.from({ length: COUNT }, (_, i) => node('Move', identity, from(i))),
    node('MatMul', product, from(COUNT), from(COUNT)),
  ],
  'a product behind a chain of moves': [
    node('MatMul', product, state, state),
    ...Array.from({ length: COUNT }, (_, i) => node('Move', identity, from(i))),
  ],
  'a chain of sums': [
    node('Add', each, state, state),
    ...Array.from({ length: COUNT }, (_, i) => node('Add', each, from(i), state)),
  ],
}

test.each(Object.entries(programs))('%s is planned in time that grows with it', (_, nodes) => {
  const next = nodes.length - 1
  const program: Program = {
    nodes,
    states: [{ name: 'state', type: 'f32', count: 4, next }],
    constants: [],
  }
  const before = process.cpuUsage()
  planStep(program, { advance: true, fuse: true })
  const { user, system } = process.cpuUsage(before)
  expect((user + system) / 1e6).toBeLessThan(LIMIT_SECONDS)
})
