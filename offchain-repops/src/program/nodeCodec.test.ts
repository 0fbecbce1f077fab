import { expect, test } from 'vitest'
import { fromHex } from '../commit/hash.ts'
import { Random } from '../testing/Random.ts'
import { randomNode } from '../testing/randomNode.ts'
import { nodeVectors } from '../../tools/vectors/nodes.ts'
import { decodeNode, encodeNode } from './nodeCodec.ts'
import { ProgramError } from './ProgramError.ts'
import { SIGNATURES } from './signatures.ts'
import type { Input, Node } from './types.ts'

const BOUNDS = { node: 9, states: 2, constants: 2 }

test.each(SIGNATURES.map((s) => [s.name, s] as const))('%s survives encoding', (_, signature) => {
  const random = new Random(signature.code)
  const source = (): Input => ({ kind: 'node', ref: random.below(9) })
  for (let i = 0; i < 30; i++) {
    const node = randomNode(random, signature, BOUNDS, (r) => r.between(1, 300), source)
    const bytes = encodeNode(node, BOUNDS)
    expect(decodeNode(bytes, BOUNDS)).toEqual(node)
  }
})

test('the layout is the one of the specification', () => {
  const add: Node = {
    op: 'Add',
    type: 'f32',
    inputs: [
      { kind: 'state', ref: 1 },
      { kind: 'immediate', bits: 0x3f800000 },
    ],
    form: { family: 'elementwise', dims: [258], masks: [1, 0] },
  }
  expect(Buffer.from(encodeNode(add, BOUNDS)).toString('hex')).toBe(
    '010002' + '0101000000' + '030000803f' + '01' + '0201000000' + '01' + '00',
  )
})

test('the same bytes come out of every accepted encoding', () => {
  for (const { ok, encoding, node, states, constants } of nodeVectors().cases) {
    const bounds = { node, states, constants }
    if (ok)
      expect(encodeNode(decodeNode(fromHex(encoding), bounds), bounds)).toEqual(fromHex(encoding))
  }
})

test('hostile bytes give a ProgramError and nothing else', () => {
  const random = new Random(5)
  for (let i = 0; i < 3000; i++) {
    const bytes = Uint8Array.from({ length: random.below(80) }, () => random.below(256))
    if (bytes.length > 1) bytes[0] = random.pick(SIGNATURES).code
    if (bytes.length > 2) bytes[1] = random.below(2)
    if (bytes.length > 3) bytes[2] = random.below(4)
    try {
      decodeNode(bytes, BOUNDS)
    } catch (error) {
      expect(error).toBeInstanceOf(ProgramError)
    }
  }
})

test('an error says which node and which rule', () => {
  const node: Node = {
    op: 'Neg',
    type: 'f32',
    inputs: [{ kind: 'node', ref: 9 }],
    form: { family: 'elementwise', dims: [], masks: [0] },
  }
  expect(() => encodeNode(node, BOUNDS)).toThrow(
    'node 9: input 0 names node 9, only 9 may be named (rule: ref)',
  )
})
