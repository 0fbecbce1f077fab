import { ByteReader, ByteWriter } from './bytes.ts'
import { checkNode, type NodeBounds } from './checkNode.ts'
import { MAX_INPUTS, MAX_NODE_BYTES, MAX_RANK } from './limits.ts'
import { ProgramError, type Rule } from './ProgramError.ts'
import { signatureOf, signatureOfCode, type Signature } from './signatures.ts'
import type { DType, Form, Input, MoveAxis, Node } from './types.ts'

/** Input kinds and types by their code in encodings. */
export const INPUT_KINDS = ['node', 'state', 'constant', 'immediate', 'step'] as const
export const DTYPES: readonly DType[] = ['f32', 'i32']

/** The canonical encoding of a node. Throws a ProgramError where the node breaks a rule. */
export function encodeNode(node: Node, bounds: NodeBounds): Uint8Array {
  checkNode(node, bounds)
  const bytes = writeNode(node)
  if (bytes.length > MAX_NODE_BYTES)
    throw new ProgramError(
      'length',
      { entry: 'node', index: bounds.node },
      `its encoding has ${bytes.length} bytes, at most ${MAX_NODE_BYTES} are allowed`,
    )
  return bytes
}

/** The encoding without its checks: what a malformed node looks like. */
export function writeNode(node: Node): Uint8Array {
  const writer = new ByteWriter()
    .u8(signatureOf(node.op).code)
    .u8(DTYPES.indexOf(node.type))
    .u8(node.inputs.length)
  for (const input of node.inputs) {
    const ref = input.kind === 'immediate' ? input.bits : input.kind === 'step' ? 0 : input.ref
    writer.u8(INPUT_KINDS.indexOf(input.kind)).u32(ref)
  }
  writeForm(writer, node.form)
  return writer.finish()
}

function writeForm(writer: ByteWriter, form: Form): void {
  switch (form.family) {
    case 'elementwise':
      writeDims(writer, form.dims)
      for (const mask of form.masks) writer.u8(mask)
      return
    case 'matmul':
      writer.u40(form.B).u40(form.M).u40(form.N).u40(form.K)
      writer.u8((form.xShared ? 1 : 0) | (form.yShared ? 2 : 0))
      return
    case 'reduce':
      writer.u40(form.R).u40(form.K)
      return
    case 'indexed':
      writer.u40(form.B).u40(form.V).u40(form.R).u40(form.Q)
      return
    case 'move':
      writeDims(writer, form.inDims)
      writeDims(writer, form.outDims)
      writer.u32(form.fill)
      for (const { offset, divisor, terms } of form.axes) {
        writer.i40(offset).u40(divisor).u8(terms.length)
        for (const { axis, coefficient } of terms) writer.u8(axis).i40(coefficient)
      }
      return
    case 'concat':
      writer.u40(form.O).u40(form.I)
      for (const size of form.sizes) writer.u40(size)
      return
    case 'generate':
      writer.u40(form.N).u32(form.stream)
  }
}

function writeDims(writer: ByteWriter, dims: readonly number[]): void {
  writer.u8(dims.length)
  for (const dim of dims) writer.u40(dim)
}

/**
 * Reads a node that obeys every rule of section 4.1; throws a ProgramError for any other bytes.
 * `bounds` says which node of the program it is and how many states and constants there are.
 */
export function decodeNode(bytes: Uint8Array, bounds: NodeBounds): Node {
  const fail = (rule: Rule, what: string): never => {
    throw new ProgramError(rule, { entry: 'node', index: bounds.node }, what)
  }
  if (bytes.length > MAX_NODE_BYTES)
    fail('length', `its encoding has ${bytes.length} bytes, at most ${MAX_NODE_BYTES} are allowed`)
  const reader = new ByteReader(bytes, (what) => fail('length', `its encoding ${what}`))
  const code = reader.u8()
  const signature =
    signatureOfCode(code) ?? fail('operator', `there is no operator 0x${code.toString(16)}`)
  const typeCode = reader.u8()
  const type = DTYPES[typeCode] ?? fail('type', `there is no type ${typeCode}`)
  const inputs = readInputs(reader, fail)
  const form = readForm(reader, signature, inputs.length, fail)
  if (reader.left > 0) fail('trailing', `${reader.left} bytes follow the form`)
  const node = { op: signature.name, type, inputs, form }
  checkNode(node, bounds)
  return node
}

type Fail = (rule: Rule, what: string) => never

function readInputs(reader: ByteReader, fail: Fail): Input[] {
  const count = reader.u8()
  if (count > MAX_INPUTS) fail('inputs', `${count} inputs, at most ${MAX_INPUTS} are allowed`)
  return Array.from({ length: count }, (_, k): Input => {
    const kindCode = reader.u8()
    const ref = reader.u32()
    const kind = INPUT_KINDS[kindCode] ?? fail('kind', `input ${k} is of unknown kind ${kindCode}`)
    if (kind === 'immediate') return { kind, bits: ref }
    if (kind !== 'step') return { kind, ref }
    if (ref !== 0) fail('ref', `input ${k}, the step number, has ref ${ref}`)
    return { kind }
  })
}

function readForm(reader: ByteReader, signature: Signature, inputs: number, fail: Fail): Form {
  const family = signature.family
  switch (family) {
    case 'elementwise': {
      const dims = readDims(reader, fail)
      return { family, dims, masks: Array.from({ length: inputs }, () => reader.u8()) }
    }
    case 'matmul': {
      const [B, M, N, K] = [reader.u40(), reader.u40(), reader.u40(), reader.u40()]
      const flags = reader.u8()
      if (flags > 3) fail('flags', `unknown flags ${flags}`)
      return { family, B, M, N, K, xShared: (flags & 1) !== 0, yShared: (flags & 2) !== 0 }
    }
    case 'reduce':
      return { family, R: reader.u40(), K: reader.u40() }
    case 'indexed':
      return { family, B: reader.u40(), V: reader.u40(), R: reader.u40(), Q: reader.u40() }
    case 'move': {
      const inDims = readDims(reader, fail)
      const outDims = readDims(reader, fail)
      const fill = reader.u32()
      return { family, inDims, outDims, fill, axes: inDims.map(() => readAxis(reader)) }
    }
    case 'concat': {
      const [O, I] = [reader.u40(), reader.u40()]
      return { family, O, I, sizes: Array.from({ length: inputs }, () => reader.u40()) }
    }
    case 'generate':
      return { family, N: reader.u40(), stream: reader.u32() }
  }
}

function readDims(reader: ByteReader, fail: Fail): number[] {
  const rank = reader.u8()
  if (rank > MAX_RANK) fail('rank', `rank ${rank} is above ${MAX_RANK}`)
  return Array.from({ length: rank }, () => reader.u40())
}

function readAxis(reader: ByteReader): MoveAxis {
  const [offset, divisor, count] = [reader.i40(), reader.u40(), reader.u8()]
  const terms = Array.from({ length: count }, () => ({
    axis: reader.u8(),
    coefficient: reader.i40(),
  }))
  return { offset, divisor, terms }
}
