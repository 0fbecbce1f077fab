import { describe, expect, test } from 'vitest'
import { fromHex, keccak, ZERO_HASH } from '../commit/hash.ts'
import { MerkleTree } from '../commit/merkle.ts'
import { commitProgram, checkProgram, decodeProgram, encodeProgram } from './program.ts'
import { readProgramFile, writeProgramFile } from './programFile.ts'
import { ProgramError, type Rule, type Where } from './ProgramError.ts'
import type { Node, Program } from './types.ts'
import { Random } from '../testing/Random.ts'

const double: Node = {
  op: 'Add',
  type: 'f32',
  inputs: [
    { kind: 'state', ref: 0 },
    { kind: 'constant', ref: 0 },
  ],
  form: { family: 'elementwise', dims: [300], masks: [1, 1] },
}
const sum: Node = {
  op: 'ReduceSum',
  type: 'f32',
  inputs: [{ kind: 'node', ref: 0 }],
  form: { family: 'reduce', R: 1, K: 300 },
}
const program: Program = {
  nodes: [double, sum],
  states: [
    { name: 'x', type: 'f32', count: 300, next: 0 },
    { name: 'total', type: 'f32', count: 1, next: 1 },
    { name: 'kept', type: 'i32', count: 7, next: undefined },
  ],
  constants: [{ name: 'step size', type: 'f32', count: 300 }],
}

function failure(run: () => unknown): { rule: Rule; where: Where } {
  try {
    run()
  } catch (error) {
    if (error instanceof ProgramError) return { rule: error.rule, where: error.where }
    throw error
  }
  throw new Error('nothing was refused')
}

describe('a program', () => {
  test('survives its entries and its file', () => {
    const encoded = encodeProgram(program)
    expect(decodeProgram(encoded)).toEqual(program)
    expect(decodeProgram(readProgramFile(writeProgramFile(encoded)))).toEqual(program)
  })

  test('has the root of the specification', () => {
    const encoded = encodeProgram(program)
    const { root, nodes, states, constants } = commitProgram(encoded)
    expect(nodes.root).toBe(new MerkleTree(encoded.nodes.map(keccak)).root)
    const word = (n: number): string => n.toString(16).padStart(64, '0')
    const roots = [nodes.root, states.root, constants?.root ?? ''].map((r) => r.slice(2))
    expect(root).toBe(keccak(fromHex(`0x${[1, 2, 3, 1].map(word).join('')}${roots.join('')}`)))
  })

  test('without constants has a zero constants root', () => {
    const bare: Program = {
      nodes: [{ ...double, inputs: [double.inputs[0], double.inputs[0]] }],
      states: [program.states[0]],
      constants: [],
    }
    const { root, nodes, states, constants } = commitProgram(encodeProgram(bare))
    expect(constants).toBeUndefined()
    const word = (n: number): string => n.toString(16).padStart(64, '0')
    const roots = [nodes.root, states.root, ZERO_HASH].map((r) => r.slice(2))
    expect(root).toBe(keccak(fromHex(`0x${[1, 1, 1, 0].map(word).join('')}${roots.join('')}`)))
  })
})

describe('contradictions are found and placed', () => {
  const cases: [what: string, program: Program, rule: Rule, where: Where][] = [
    [
      'a state of another count',
      { ...program, states: [{ ...program.states[0], count: 299 }, ...program.states.slice(1)] },
      'producer',
      { entry: 'node', index: 0, input: 0 },
    ],
    [
      'a constant of another type',
      { ...program, constants: [{ ...program.constants[0], type: 'i32' }] },
      'producer',
      { entry: 'node', index: 0, input: 1 },
    ],
    [
      'a node of another count',
      { ...program, nodes: [double, { ...sum, form: { family: 'reduce', R: 1, K: 299 } }] },
      'producer',
      { entry: 'node', index: 1, input: 0 },
    ],
    [
      'a source of another count',
      { ...program, states: [program.states[0], { ...program.states[1], next: 0 }] },
      'producer',
      { entry: 'state', index: 1 },
    ],
    [
      'a source that is no node',
      { ...program, states: [program.states[0], { ...program.states[1], next: 2 }] },
      'ref',
      { entry: 'state', index: 1 },
    ],
    [
      'an empty constant',
      { ...program, constants: [{ ...program.constants[0], count: 0 }] },
      'dim',
      { entry: 'constant', index: 0 },
    ],
    ['no nodes', { ...program, nodes: [] }, 'limits', { entry: 'program' }],
    ['no states', { ...program, states: [] }, 'limits', { entry: 'program' }],
  ]
  test.each(cases)('%s', (_, bad, rule, where) => {
    expect(
      failure(() => {
        checkProgram(bad)
      }),
    ).toEqual({ rule, where })
  })
})

describe('a program file', () => {
  const file = writeProgramFile(encodeProgram(program))

  test('cut anywhere is refused', () => {
    for (let length = 0; length < file.length; length++)
      expect(failure(() => readProgramFile(file.subarray(0, length))).where.entry).toBe('program')
  })

  test('with more behind it is refused', () => {
    expect(failure(() => readProgramFile(Uint8Array.of(...file, 0))).rule).toBe('container')
  })

  test('with any byte changed is refused, malformed, or another well-formed program', () => {
    const random = new Random(3)
    for (let i = 0; i < 2000; i++) {
      const copy = file.slice()
      copy[random.below(copy.length)] = random.below(256)
      try {
        checkProgram(decodeProgram(readProgramFile(copy)))
      } catch (error) {
        expect(error).toBeInstanceOf(ProgramError)
      }
    }
  })

  test('with absurd counts is refused before anything is made of them', () => {
    const copy = file.slice()
    copy.fill(255, 8, 12)
    expect(failure(() => readProgramFile(copy)).rule).toBe('limits')
    copy.set([0, 0, 8, 0], 8)
    expect(failure(() => readProgramFile(copy)).rule).toBe('container')
  })

  test('names that could disturb a terminal are refused', () => {
    const named = (name: string): Program => ({
      ...program,
      constants: [{ ...program.constants[0], name }],
    })
    for (const name of ['\u001b[2J', 'a\nb', '\u202e', 'x'.repeat(65)])
      expect(failure(() => writeProgramFile(encodeProgram(named(name)))).rule).toBe('name')
    expect(writeProgramFile(encodeProgram(named('größe µ 3'))).length).toBeGreaterThan(0)
  })
})
