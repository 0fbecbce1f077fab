import { fromHex, keccak, type Hash } from '../commit/hash.ts'
import { MerkleTree, rootOfList } from '../commit/merkle.ts'
import { decodeConstant, decodeState, encodeConstant, encodeState } from './entryCodec.ts'
import { MAX_CONSTANTS, MAX_NODES, MAX_STATES } from './limits.ts'
import { decodeNode, encodeNode } from './nodeCodec.ts'
import { ProgramError, type Where } from './ProgramError.ts'
import { atOnce } from '../inSlices.ts'
import type { Input, Node, Program } from './types.ts'
import { inputWants, outputOf, type TensorType } from './wants.ts'

/** The version of docs/spec/repops.md that this package implements; every program root contains it. */
export const REPOPS_VERSION = 1

/** A program as its committed entries, which may be malformed. Names are not committed. */
export interface EncodedProgram {
  readonly nodes: readonly Uint8Array[]
  readonly states: readonly Uint8Array[]
  readonly constants: readonly Uint8Array[]
  readonly names: { readonly states: readonly string[]; readonly constants: readonly string[] }
}

/** Encodes a program after checking all of it. */
export function encodeProgram(program: Program): EncodedProgram {
  checkProgram(program)
  const { states, constants } = program
  return {
    nodes: program.nodes.map((node, index) => encodeNode(node, boundsOf(program, index))),
    states: states.map((state, index) => encodeState(state, index, program.nodes.length)),
    constants: constants.map(encodeConstant),
    names: { states: states.map(({ name }) => name), constants: constants.map(({ name }) => name) },
  }
}

/**
 * Decodes a program and checks every rule of docs/spec/repops.md, section 4. The ProgramError says which
 * entry is at fault: with it a challenger shows on chain that the program is malformed.
 */
export const decodeProgram = (encoded: EncodedProgram): Program => atOnce(decoding(encoded))

/** `decodeProgram`, for `inSlices`. */
export function* decoding(encoded: EncodedProgram): Generator<void, Program> {
  checkCounts(encoded)
  const { names } = encoded
  const nodes: Node[] = []
  for (const [node, bytes] of encoded.nodes.entries()) {
    nodes.push(decodeNode(bytes, boundsOf(encoded, node)))
    yield
  }
  const program: Program = {
    nodes,
    states: encoded.states.map((bytes, i) =>
      decodeState(bytes, i, encoded.nodes.length, names.states[i]),
    ),
    constants: encoded.constants.map((bytes, i) => decodeConstant(bytes, i, names.constants[i])),
  }
  yield* agreeing(program)
  return program
}

/** Throws a ProgramError unless the program obeys every rule of the specification. */
export function checkProgram(program: Program): void {
  checkCounts(program)
  program.nodes.forEach((node, index) => encodeNode(node, boundsOf(program, index)))
  program.states.forEach((state, index) => encodeState(state, index, program.nodes.length))
  program.constants.forEach(encodeConstant)
  atOnce(agreeing(program))
}

/** The three trees of a program, and its root (section 4.3). */
export interface ProgramCommitment {
  readonly root: Hash
  readonly nodes: MerkleTree
  readonly states: MerkleTree
  /** Absent where the program has no constants. */
  readonly constants: MerkleTree | undefined
}

/** Commits to the entries as they are, malformed ones included. */
export const commitProgram = (encoded: EncodedProgram): ProgramCommitment =>
  atOnce(committing(encoded))

/** `commitProgram`, for `inSlices`. */
export function* committing(encoded: EncodedProgram): Generator<void, ProgramCommitment> {
  checkCounts(encoded)
  const nodes = yield* treeOf(encoded.nodes)
  const states = yield* treeOf(encoded.states)
  const constants = encoded.constants.length > 0 ? yield* treeOf(encoded.constants) : undefined
  const root = programRoot(
    { nodes: nodes.count, states: states.count, constants: constants?.count ?? 0 },
    [nodes.root, states.root, constants?.root ?? rootOfList([])],
  )
  return { root, nodes, states, constants }
}

function* treeOf(entries: readonly Uint8Array[]): Generator<void, MerkleTree> {
  const hashes = new Uint8Array(32 * entries.length)
  for (const [i, entry] of entries.entries()) {
    hashes.set(fromHex(keccak(entry)), 32 * i)
    yield
  }
  return new MerkleTree(hashes)
}

/** keccak256(abi.encode(uint256 REPOPS_VERSION, nodes, states, constants, nodesRoot, statesRoot, constantsRoot)). */
export function programRoot(
  counts: { readonly nodes: number; readonly states: number; readonly constants: number },
  roots: readonly [nodes: Hash, states: Hash, constants: Hash],
): Hash {
  const words = [REPOPS_VERSION, counts.nodes, counts.states, counts.constants].map((value) =>
    value.toString(16).padStart(64, '0'),
  )
  return keccak(fromHex(`0x${words.join('')}${roots.map((root) => root.slice(2)).join('')}`))
}

interface Counts {
  readonly nodes: { readonly length: number }
  readonly states: { readonly length: number }
  readonly constants: { readonly length: number }
}

function boundsOf(program: Counts, node: number) {
  return { node, states: program.states.length, constants: program.constants.length }
}

function checkCounts(program: Counts): void {
  const limits = [
    ['nodes', 1, MAX_NODES],
    ['states', 1, MAX_STATES],
    ['constants', 0, MAX_CONSTANTS],
  ] as const
  for (const [what, least, most] of limits) {
    const count = program[what].length
    if (count < least || count > most)
      throw new ProgramError(
        'limits',
        { entry: 'program' },
        `it has ${count} ${what}, ${least} to ${most} are allowed`,
      )
  }
}

/** Producers give the types and counts that their consumers want. */
function* agreeing(program: Program): Generator<void, void> {
  for (const [index, node] of program.nodes.entries()) {
    for (const [k, input] of node.inputs.entries()) {
      const given = producerOf(program, input)
      if (given === undefined) continue
      const where = { entry: 'node', index, input: k } as const
      agree(given, inputWants(node, k), where, `input ${k} (${describe(input)})`)
    }
    yield
  }
  program.states.forEach((state, index) => {
    if (state.next === undefined) return
    const given = outputOf(program.nodes[state.next])
    agree(given, state, { entry: 'state', index }, `its source, node ${state.next},`)
  })
}

function producerOf(program: Program, input: Input): TensorType | undefined {
  switch (input.kind) {
    case 'node':
      return outputOf(program.nodes[input.ref])
    case 'state':
      return program.states[input.ref]
    case 'constant':
      return program.constants[input.ref]
    default:
      return undefined
  }
}

function agree(given: TensorType, wanted: TensorType, where: Where, what: string): void {
  if (given.type === wanted.type && given.count === wanted.count) return
  throw new ProgramError(
    'producer',
    where,
    `${what} has ${given.count} elements of ${given.type}, ${wanted.count} of ${wanted.type} are wanted`,
  )
}

const describe = (input: Input): string =>
  'ref' in input ? `${input.kind} ${input.ref}` : input.kind
