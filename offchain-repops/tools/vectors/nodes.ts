import { toHex } from '../../src/commit/hash.ts'
import { decodeConstant, decodeState } from '../../src/program/entryCodec.ts'
import { decodeNode, INPUT_KINDS, writeNode } from '../../src/program/nodeCodec.ts'
import { ProgramError } from '../../src/program/ProgramError.ts'
import { signatureOf, SIGNATURES } from '../../src/program/signatures.ts'
import type { ElementwiseForm, Form, Input, MoveForm, Node } from '../../src/program/types.ts'
import { inputWants, outputOf, segments } from '../../src/program/wants.ts'
import { Random } from '../../src/testing/Random.ts'
import { randomNode, type Size } from '../../src/testing/randomNode.ts'
import { vectorFile, type VectorFile } from './abi.ts'

interface NodeVector {
  /** Index of the node, and counts of the tables that it may name. */
  readonly node: number
  readonly states: number
  readonly constants: number
  readonly encoding: `0x${string}`
  readonly ok: boolean
  /** The first broken rule; empty where ok. Informative: on chain only `ok` is asked for. */
  readonly rule: string
  readonly inputs: readonly {
    readonly kind: number
    readonly ref: number
    readonly isInt32: boolean
    readonly count: bigint
  }[]
  readonly isInt32: boolean
  readonly count: bigint
  readonly segments: number
}

const NODE_FIELDS = {
  node: 'uint32',
  states: 'uint32',
  constants: 'uint32',
  encoding: 'bytes',
  ok: 'bool',
  rule: 'string',
  inputs: {
    list: true,
    fields: { kind: 'uint8', ref: 'uint32', isInt32: 'bool', count: 'uint64' },
  },
  isInt32: 'bool',
  count: 'uint64',
  segments: 'uint32',
}

const BOUNDS = { node: 40, states: 7, constants: 3 }

/** Node encodings: every operator, sizes small and huge; each rule broken alone; random damage. */
export function nodeVectors(): VectorFile<NodeVector> {
  const random = new Random(41)
  const valid = validEncodings(random)
  const broken = brokenEncodings()
  const damaged = Array.from({ length: 300 }, () => damage(random, random.pick(valid)))
  const vectors = [...valid, ...damaged].map((bytes) => judge(bytes, BOUNDS))
  for (const { bytes, rule, bounds = BOUNDS } of broken) {
    const vector = judge(bytes, bounds)
    if (vector.rule !== rule)
      throw new Error(`expected ${rule}, got ${JSON.stringify(vector.rule)}`)
    vectors.push(vector)
  }
  return vectorFile(NODE_FIELDS, vectors)
}

/** What the decoder says of some bytes. */
function judge(bytes: Uint8Array, bounds: typeof BOUNDS): NodeVector {
  const head = { ...bounds, encoding: toHex(bytes) }
  try {
    const node = decodeNode(bytes, bounds)
    const { type, count } = outputOf(node)
    return {
      ...head,
      ok: true,
      rule: '',
      inputs: node.inputs.map((input, k) => {
        const want = inputWants(node, k)
        const ref = 'ref' in input ? input.ref : input.kind === 'immediate' ? input.bits : 0
        return {
          kind: INPUT_KINDS.indexOf(input.kind),
          ref,
          isInt32: want.type === 'i32',
          count: BigInt(want.count),
        }
      }),
      isInt32: type === 'i32',
      count: BigInt(count),
      segments: segments(node),
    }
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error
    return {
      ...head,
      ok: false,
      rule: error.rule,
      inputs: [],
      isInt32: false,
      count: 0n,
      segments: 0,
    }
  }
}

function validEncodings(random: Random): Uint8Array[] {
  const small: Size = (r) => r.pick([1, 2, 3, 5, 8, 31, 255, 256, 257, 1000])
  const huge: Size = (r) => (r.chance(0.5) ? r.between(1, 9) : r.below(2 ** r.between(3, 40)) + 1)
  const source = (): Input =>
    random.pick<Input>([
      { kind: 'node', ref: random.below(BOUNDS.node) },
      { kind: 'state', ref: random.below(BOUNDS.states) },
      { kind: 'constant', ref: random.below(BOUNDS.constants) },
    ])
  const each = SIGNATURES.flatMap((signature) =>
    [small, small, small, huge, huge].map((size) =>
      writeNode(randomNode(random, signature, BOUNDS, size, source)),
    ),
  )
  return [...each, ...extremes().map(writeNode)]
}

/** Nodes at the very edge of a rule, on its right side. */
function extremes(): Node[] {
  const at = (op: string, form: Form, type: Node['type'] = 'f32', inputs?: Input[]): Node => ({
    op,
    type,
    inputs: inputs ?? signatureOf(op).inputs.map(() => ({ kind: 'node', ref: 39 })),
    form,
  })
  const move = (change: Partial<MoveForm>): Node => at('Move', { ...MOVE, ...change })
  return [
    at('ReduceSum', { family: 'reduce', R: 1, K: 2 ** 24 }),
    at('ReduceSum', { family: 'reduce', R: 2 ** 16 - 1, K: 2 ** 24 }),
    at('ReduceMax', { family: 'reduce', R: 2 ** 40 - 1, K: 1 }, 'i32'),
    at('MatMul', { ...MATMUL, B: 1, M: 1, N: 1, K: 2 ** 24 }),
    at('MatMul', { ...MATMUL, B: 2, M: 1, N: 2 ** 15, K: 2 ** 24, yShared: true }),
    at('ScatterAdd', { family: 'indexed', B: 1, V: 2 ** 30, R: 3, Q: 2 ** 24 }),
    at('Gather', { family: 'indexed', B: 1, V: 1, R: 1, Q: 2 ** 40 - 1 }, 'i32'),
    at('Gather', { family: 'indexed', B: 1, V: 1, R: 1, Q: 1 }, 'f32', [
      immediate(7),
      { kind: 'step' },
    ]),
    at('Iota', { family: 'generate', N: 2 ** 40 - 1, stream: 0 }, 'i32'),
    at('Philox', { family: 'generate', N: 1, stream: 2 ** 32 - 1 }, 'i32'),
    at('Add', { family: 'elementwise', dims: [2 ** 40 - 1], masks: [1, 0] }),
    at('Neg', { family: 'elementwise', dims: [], masks: [0] }, 'f32', [immediate(0xffffffff)]),
    at('Neg', { family: 'elementwise', dims: [9], masks: [0] }, 'f32', [immediate(5)]),
    at('Where', { family: 'elementwise', dims: [], masks: [0, 0, 0] }, 'f32', [
      { kind: 'step' },
      immediate(1),
      immediate(2),
    ]),
    at('Add', { family: 'elementwise', dims: [2, 2, 2, 2, 2, 2, 2, 2], masks: [0x55, 0xaa] }),
    move({ inDims: [], axes: [], outDims: [] }),
    move({ inDims: [], axes: [], outDims: [3, 4] }),
    move({
      axes: [
        {
          offset: -(2 ** 39),
          divisor: 2 ** 40 - 1,
          terms: [{ axis: 1, coefficient: 2 ** 39 - 1 }],
        },
      ],
    }),
    move({
      outDims: [2 ** 39],
      axes: [{ offset: 0, divisor: 1, terms: [{ axis: 0, coefficient: 512 }] }],
    }),
    move({
      outDims: [2, 2 ** 30],
      axes: [
        {
          offset: -(2 ** 18) + 1,
          divisor: 1,
          terms: [
            { axis: 0, coefficient: -1 },
            { axis: 1, coefficient: 2 ** 18 },
          ],
        },
      ],
    }),
    at('Concat', { family: 'concat', O: 1, I: 1, sizes: [1] }, 'i32', [{ kind: 'step' }]),
    at(
      'Concat',
      { family: 'concat', O: 1, I: 1, sizes: Array.from({ length: 8 }, () => 2 ** 37 - 1) },
      'i32',
      Array.from({ length: 8 }, () => ({ kind: 'state', ref: 6 })),
    ),
  ]
}

const immediate = (bits: number): Input => ({ kind: 'immediate', bits })

const MATMUL: Form & { family: 'matmul' } = {
  family: 'matmul',
  B: 2,
  M: 3,
  N: 4,
  K: 5,
  xShared: false,
  yShared: false,
}

const MOVE: MoveForm = {
  family: 'move',
  inDims: [6],
  outDims: [3, 2],
  fill: 0x7fc00000,
  axes: [{ offset: 1, divisor: 1, terms: [{ axis: 0, coefficient: 1 }] }],
}

/** Node encodings in each of which one rule is broken. */
function brokenEncodings(): { bytes: Uint8Array; rule: string; bounds?: typeof BOUNDS }[] {
  const node = (ref = 0): Input => ({ kind: 'node', ref })
  const base = (op: string, form: Form, inputs?: Input[], type: Node['type'] = 'f32'): Node => ({
    op,
    type,
    inputs: inputs ?? signatureOf(op).inputs.map(() => node()),
    form,
  })
  const elementwise = (dims: number[], masks: number[]): ElementwiseForm => ({
    family: 'elementwise',
    dims,
    masks,
  })
  const add = writeNode(base('Add', elementwise([6], [1, 1])))
  const matmul = (change: object): Node => base('MatMul', { ...MATMUL, ...change })
  const move = (change: Partial<MoveForm>): Node => base('Move', { ...MOVE, ...change })
  const axis = (change: object): Node => move({ axes: [{ ...MOVE.axes[0], ...change }] })
  const patch = (bytes: Uint8Array, at: number, value: number): Uint8Array => {
    const copy = bytes.slice()
    copy[at] = value
    return copy
  }
  const broken: [rule: string, broken: Uint8Array | Node][] = [
    ['length', new Uint8Array(0)],
    ['length', add.slice(0, 2)],
    ['length', add.slice(0, 9)],
    ['length', add.slice(0, -1)],
    ['trailing', Uint8Array.of(...add, 0)],
    ['operator', patch(add, 0, 0x00)],
    ['operator', patch(add, 0, 0x14)],
    ['operator', patch(add, 0, 0x38)],
    ['operator', patch(add, 0, 0x55)],
    ['operator', patch(add, 0, 0xff)],
    ['type', patch(add, 1, 2)],
    ['type', patch(add, 1, 0xff)],
    ['kind', patch(add, 3, 5)],
    ['kind', patch(add, 8, 0xff)],
    ['type', base('And', elementwise([6], [1, 1]))],
    ['type', base('Sqrt', elementwise([6], [1]), undefined, 'i32')],
    ['type', base('MatMul', MATMUL, undefined, 'i32')],
    ['type', base('ScatterAdd', { family: 'indexed', B: 1, V: 1, R: 1, Q: 1 }, undefined, 'i32')],
    ['type', base('Iota', { family: 'generate', N: 3, stream: 0 })],
    ['type', base('Philox', { family: 'generate', N: 3, stream: 0 })],
    ['inputs', base('Add', elementwise([6], [1]), [node()])],
    ['inputs', base('Add', elementwise([6], [1, 1, 1]), [node(), node(), node()])],
    ['inputs', base('Neg', elementwise([6], []), [])],
    ['inputs', base('MatMul', MATMUL, [node()])],
    ['inputs', base('Iota', { family: 'generate', N: 3, stream: 0 }, [node()], 'i32')],
    ['inputs', base('Concat', { family: 'concat', O: 1, I: 1, sizes: [] }, [])],
    [
      'inputs',
      base(
        'Concat',
        { family: 'concat', O: 1, I: 1, sizes: Array.from({ length: 9 }, () => 1) },
        Array.from({ length: 9 }, () => node()),
      ),
    ],
    ['ref', base('Neg', elementwise([6], [1]), [node(40)])],
    ['ref', base('Neg', elementwise([6], [1]), [node(41)])],
    ['ref', base('Neg', elementwise([6], [1]), [node(2 ** 32 - 1)])],
    ['ref', base('Neg', elementwise([6], [1]), [{ kind: 'state', ref: 7 }])],
    ['ref', base('Neg', elementwise([6], [1]), [{ kind: 'constant', ref: 3 }])],
    ['ref', patch(writeNode(base('I2F', elementwise([], [0]), [{ kind: 'step' }], 'i32')), 4, 1)],
    ['step', base('Neg', elementwise([], [0]), [{ kind: 'step' }])],
    ['step', base('Where', elementwise([], [0, 0, 0]), [node(), { kind: 'step' }, node()])],
    ['step', base('ReduceSum', { family: 'reduce', R: 1, K: 1 }, [{ kind: 'step' }])],
    ['immediate', base('Add', elementwise([6], [1, 1]), [node(), immediate(1)])],
    ['immediate', base('I2F', elementwise([6], [1]), [{ kind: 'step' }], 'i32')],
    ['immediate', base('ReduceSum', { family: 'reduce', R: 1, K: 2 }, [immediate(0)])],
    ['immediate', base('ReduceSum', { family: 'reduce', R: 2, K: 1 }, [immediate(0)])],
    ['immediate', base('MatMul', { ...MATMUL, B: 1, M: 1, K: 2 }, [immediate(0), node()])],
    ['immediate', base('MatMul', { ...MATMUL, N: 1, K: 1 }, [node(), immediate(0)])],
    [
      'immediate',
      base('Gather', { family: 'indexed', B: 1, V: 2, R: 1, Q: 1 }, [immediate(0), node()]),
    ],
    [
      'immediate',
      base('Gather', { family: 'indexed', B: 1, V: 1, R: 1, Q: 2 }, [node(), { kind: 'step' }]),
    ],
    ['immediate', base('Move', { ...MOVE }, [immediate(0)])],
    [
      'immediate',
      base('Concat', { family: 'concat', O: 1, I: 1, sizes: [1, 2] }, [node(), immediate(0)]),
    ],
    ['rank', base('Neg', elementwise([2, 3, 4, 5, 6, 7, 8, 9, 10], [0]))],
    ['rank', move({ inDims: Array.from({ length: 9 }, () => 1) })],
    ['rank', move({ outDims: Array.from({ length: 9 }, () => 1) })],
    ['dim', base('Neg', elementwise([0], [1]))],
    ['dim', matmul({ B: 0 })],
    ['dim', matmul({ M: 0 })],
    ['dim', matmul({ N: 0 })],
    ['dim', matmul({ K: 0 })],
    ['dim', base('ReduceSum', { family: 'reduce', R: 0, K: 1 })],
    ['dim', base('ReduceSum', { family: 'reduce', R: 1, K: 0 })],
    ['dim', base('Gather', { family: 'indexed', B: 0, V: 1, R: 1, Q: 1 })],
    ['dim', base('Gather', { family: 'indexed', B: 1, V: 0, R: 1, Q: 1 })],
    ['dim', base('Gather', { family: 'indexed', B: 1, V: 1, R: 0, Q: 1 })],
    ['dim', base('ScatterAdd', { family: 'indexed', B: 1, V: 1, R: 1, Q: 0 })],
    ['dim', move({ inDims: [0] })],
    ['dim', move({ outDims: [3, 0] })],
    ['dim', base('Concat', { family: 'concat', O: 0, I: 1, sizes: [1] }, [node()])],
    ['dim', base('Concat', { family: 'concat', O: 1, I: 0, sizes: [1] }, [node()])],
    ['dim', base('Concat', { family: 'concat', O: 1, I: 1, sizes: [2, 0] }, [node(), node()])],
    ['dim', base('Iota', { family: 'generate', N: 0, stream: 0 }, [], 'i32')],
    ['count', base('Mul', elementwise([2 ** 20, 2 ** 20], [1, 3]))],
    ['count', base('Mul', elementwise([2 ** 39, 2], [1, 2]))],
    ['count', base('Mul', elementwise([2 ** 39, 2 ** 39, 2 ** 39, 2 ** 39], [5, 10]))],
    ['count', matmul({ B: 2 ** 20, M: 2 ** 20, N: 1, K: 1, xShared: true })],
    ['count', matmul({ B: 2 ** 20, M: 2, N: 1, K: 2 ** 20 })],
    ['count', matmul({ B: 2 ** 20, N: 2, M: 1, K: 2 ** 20 })],
    ['count', matmul({ B: 2, M: 2 ** 16, N: 1, K: 2 ** 24, xShared: true })],
    ['count', matmul({ B: 2, N: 2 ** 16, M: 1, K: 2 ** 24, yShared: true })],
    ['count', base('ReduceSum', { family: 'reduce', R: 2 ** 17, K: 2 ** 23 })],
    ['count', base('Gather', { family: 'indexed', B: 2 ** 14, V: 2 ** 13, R: 2 ** 13, Q: 1 })],
    ['count', base('Gather', { family: 'indexed', B: 2 ** 14, Q: 2 ** 13, R: 2 ** 13, V: 1 })],
    ['count', base('ScatterAdd', { family: 'indexed', B: 2 ** 20, Q: 2 ** 20, R: 1, V: 1 })],
    ['count', move({ inDims: [2 ** 39, 2], axes: [...MOVE.axes, ...MOVE.axes] })],
    ['count', move({ outDims: [2 ** 39, 2] })],
    ['count', base('Concat', { family: 'concat', O: 2 ** 20, I: 2 ** 20, sizes: [1] }, [node()])],
    [
      'count',
      base('Concat', { family: 'concat', O: 1, I: 2, sizes: [2 ** 38, 2 ** 38] }, [node(), node()]),
    ],
    ['reduction', base('ReduceSum', { family: 'reduce', R: 1, K: 2 ** 24 + 1 })],
    ['reduction', base('ReduceMax', { family: 'reduce', R: 1, K: 2 ** 24 + 1 }, undefined, 'i32')],
    ['reduction', matmul({ K: 2 ** 24 + 1 })],
    ['reduction', base('ScatterAdd', { family: 'indexed', B: 1, V: 1, R: 1, Q: 2 ** 24 + 1 })],
    ['canonical', base('Add', elementwise([1], [1, 1]))],
    ['canonical', base('Add', elementwise([6, 1], [3, 1]))],
    ['canonical', base('Add', elementwise([2, 3], [3, 3]))],
    ['canonical', base('Add', elementwise([2, 3], [3, 0]))],
    ['canonical', base('Neg', elementwise([2, 3], [0]))],
    ['canonical', base('Add', elementwise([4, 2, 3], [7, 6]))],
    ['mask', base('Add', elementwise([6], [1, 3]))],
    ['mask', base('Add', elementwise([], [0, 1]))],
    ['mask', base('Add', elementwise([2, 3], [0x81, 2]))],
    ['flags', matmul({ B: 1, xShared: true })],
    ['flags', matmul({ B: 1, yShared: true })],
    ['flags', patch(writeNode(matmul({})), 33, 4)],
    ['flags', patch(writeNode(matmul({})), 33, 0x83)],
    ['divisor', axis({ divisor: 0 })],
    ['terms', axis({ terms: [{ axis: 2, coefficient: 1 }] })],
    ['terms', axis({ terms: [{ axis: 255, coefficient: 1 }] })],
    ['terms', axis({ terms: [{ axis: 0, coefficient: 0 }] })],
    [
      'terms',
      axis({
        terms: [
          { axis: 0, coefficient: 1 },
          { axis: 0, coefficient: 1 },
        ],
      }),
    ],
    [
      'terms',
      axis({
        terms: [
          { axis: 1, coefficient: 1 },
          { axis: 0, coefficient: 1 },
        ],
      }),
    ],
    [
      'range',
      move({
        outDims: [2 ** 39],
        axes: [{ offset: 512, divisor: 1, terms: [{ axis: 0, coefficient: 512 }] }],
      }),
    ],
    [
      'range',
      move({
        outDims: [2 ** 39],
        axes: [{ offset: -512, divisor: 1, terms: [{ axis: 0, coefficient: 512 }] }],
      }),
    ],
    [
      'range',
      move({
        outDims: [2 ** 39],
        axes: [{ offset: -512, divisor: 1, terms: [{ axis: 0, coefficient: -512 }] }],
      }),
    ],
    [
      'range',
      move({
        outDims: [2 ** 39],
        axes: [{ offset: 0, divisor: 1, terms: [{ axis: 0, coefficient: 2 ** 39 - 1 }] }],
      }),
    ],
    [
      'range',
      move({
        outDims: [2 ** 39],
        axes: [{ offset: 0, divisor: 1, terms: [{ axis: 0, coefficient: -(2 ** 39) }] }],
      }),
    ],
    [
      'range',
      move({
        outDims: [2, 2 ** 30],
        axes: [
          {
            offset: -(2 ** 18),
            divisor: 1,
            terms: [
              { axis: 0, coefficient: -(2 ** 18) },
              { axis: 1, coefficient: 2 ** 18 },
            ],
          },
        ],
      }),
    ],
    ['stream', base('Iota', { family: 'generate', N: 3, stream: 1 }, [], 'i32')],
    [
      'length',
      move({
        inDims: Array.from({ length: 8 }, () => 2),
        outDims: Array.from({ length: 8 }, () => 2),
        axes: Array.from({ length: 8 }, () => ({
          offset: 0,
          divisor: 1,
          terms: Array.from({ length: 8 }, (_, axis) => ({ axis, coefficient: 1 })),
        })),
      }),
    ],
  ]
  return [
    ...broken.map(([rule, it]) => ({ rule, bytes: it instanceof Uint8Array ? it : writeNode(it) })),
    { rule: 'ref', bytes: add, bounds: { node: 0, states: 7, constants: 3 } },
  ]
}

/** One to three bytes changed, or the end cut or extended. */
function damage(random: Random, bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice()
  if (random.chance(0.1)) return copy.slice(0, random.below(copy.length))
  if (random.chance(0.05)) return Uint8Array.of(...copy, random.below(256))
  for (let i = random.between(1, 3); i > 0; i--)
    copy[random.below(copy.length)] = random.chance(0.5) ? random.below(4) : random.below(256)
  return copy
}

interface EntryVector {
  readonly isState: boolean
  readonly nodes: number
  readonly encoding: `0x${string}`
  readonly ok: boolean
  readonly isInt32: boolean
  readonly count: bigint
  readonly unchanged: boolean
  readonly ref: number
}

/** State and constant entries, right and wrong. */
export function entryVectors(): VectorFile<EntryVector> {
  const random = new Random(42)
  const nodes = 12
  const vectors: EntryVector[] = []
  for (let i = 0; i < 120; i++) {
    const isState = random.chance(0.6)
    const length = (isState ? 11 : 6) + (random.chance(0.08) ? random.pick([-1, 1, -6, 5]) : 0)
    const bytes = new Uint8Array(Math.max(0, length))
    const fields = [
      random.chance(0.9) ? random.below(2) : random.below(256),
      ...[0, 1, 2, 3, 4].map(() => (random.chance(0.4) ? random.below(256) : 0)),
      random.chance(0.9) ? random.below(2) : random.below(256),
      ...[random.below(14), 0, 0, random.chance(0.9) ? 0 : 1],
    ]
    if (fields[6] === 1 && random.chance(0.8)) fields[7] = 0
    bytes.set(fields.slice(0, bytes.length))
    vectors.push(judgeEntry(bytes, isState, nodes))
  }
  return vectorFile(
    {
      isState: 'bool',
      nodes: 'uint32',
      encoding: 'bytes',
      ok: 'bool',
      isInt32: 'bool',
      count: 'uint64',
      unchanged: 'bool',
      ref: 'uint32',
    },
    vectors,
  )
}

function judgeEntry(bytes: Uint8Array, isState: boolean, nodes: number): EntryVector {
  const head = { isState, nodes, encoding: toHex(bytes) }
  try {
    const state = isState ? decodeState(bytes, 0, nodes) : undefined
    const entry = state ?? decodeConstant(bytes, 0)
    return {
      ...head,
      ok: true,
      isInt32: entry.type === 'i32',
      count: BigInt(entry.count),
      unchanged: state !== undefined && state.next === undefined,
      ref: state?.next ?? 0,
    }
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error
    return { ...head, ok: false, isInt32: false, count: 0n, unchanged: false, ref: 0 }
  }
}
