import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { elementTypeOf } from './elementTypes.ts'
import { OnnxError } from './OnnxError.ts'
import type { Attribute, OnnxFunction, OnnxGraph, OnnxModel, OnnxNode, Port } from './OnnxModel.ts'
import { decodeMessage } from './protobuf.ts'
import { readTensor, type ReadExternal } from './readTensor.ts'
import { ATTRIBUTE_TYPES, type Message } from './schema.ts'

/** Reads a model and the files of weights beside it. Throws an OnnxError, or what the file system says. */
export function readOnnxFile(path: string): OnnxModel {
  const folder = dirname(path)
  return readOnnx(readFileSync(path), (location, offset, length) =>
    readRange(join(folder, location), location, offset, length),
  )
}

/**
 * Reads the bytes of a model: a ModelProto of opset 13 or later. `readExternal` supplies weights that
 * lie in files of their own.
 */
export function readOnnx(bytes: Uint8Array, readExternal?: ReadExternal): OnnxModel {
  const message = decodeMessage('Model', bytes)
  if (message.graph === undefined)
    throw new OnnxError('malformed', `there is no graph in the model (${bytes.length} bytes)`)
  const opsets = opsetsOf(message.opsetImport)
  if (opsets.size === 0) throw new OnnxError('malformed', 'the model does not say its opset')
  return {
    producer: `${message.producerName ?? ''} ${message.producerVersion ?? ''}`.trim(),
    opsets,
    graph: readGraph(message.graph, readExternal),
    functions: new Map(
      message.functions.map((it) => [
        `${domainOf(it.domain)}::${it.name ?? ''}`,
        readFunction(it, readExternal),
      ]),
    ),
  }
}

/** The standard operators have two names for their domain. */
const domainOf = (domain = ''): string => (domain === 'ai.onnx' ? '' : domain)

function opsetsOf(list: readonly Message<'OperatorSet'>[]): ReadonlyMap<string, number> {
  return new Map(list.map(({ domain, version = 0 }) => [domainOf(domain), version]))
}

function readGraph(message: Message<'Graph'>, readExternal: ReadExternal | undefined): OnnxGraph {
  if (message.sparseInitializer.length > 0)
    throw new OnnxError('unsupported', 'the graph has sparse initialisers, which are not supported')
  const initialisers = new Map(
    message.initializer.map((tensor) => [tensor.name ?? '', readTensor(tensor, readExternal)]),
  )
  return {
    nodes: readNodes(message.node, readExternal),
    inputs: message.input
      .filter(({ name = '' }) => !initialisers.has(name))
      .map((port) => readPort(port, true)),
    outputs: message.output.map((port) => readPort(port, false)),
    initialisers,
  }
}

function readFunction(
  message: Message<'Function'>,
  readExternal: ReadExternal | undefined,
): OnnxFunction {
  return {
    inputs: message.input,
    outputs: message.output,
    nodes: readNodes(message.node, readExternal),
    defaults: readAttributes(message.attributeProto, message.name ?? '', readExternal),
    opsets: opsetsOf(message.opsetImport),
  }
}

function readPort({ name = '', type }: Message<'ValueInfo'>, typed: boolean): Port {
  const tensor = type?.tensorType
  // Outputs of branches are often given without a type; what computes them says it.
  if (tensor === undefined && !typed) return { name, type: 'float', dims: undefined }
  if (tensor === undefined)
    throw new OnnxError(
      'unsupported',
      `${JSON.stringify(name)} is no tensor (a sequence, map or optional)`,
    )
  return {
    name,
    type: elementTypeOf(tensor.elemType ?? 0, JSON.stringify(name)),
    dims: tensor.shape?.dim.map(({ dimValue, dimParam }) =>
      dimParam !== undefined && dimParam !== '' ? dimParam : dimValue,
    ),
  }
}

function readNodes(
  messages: readonly Message<'Node'>[],
  readExternal: ReadExternal | undefined,
): OnnxNode[] {
  return messages.map((message, index) => {
    const op = message.opType ?? ''
    const name = message.name === undefined || message.name === '' ? `#${index}` : message.name
    return {
      name,
      domain: domainOf(message.domain),
      op,
      inputs: message.input,
      outputs: message.output,
      attributes: readAttributes(message.attribute, `${op} ${name}`, readExternal),
    }
  })
}

function readAttributes(
  messages: readonly Message<'Attribute'>[],
  owner: string,
  readExternal: ReadExternal | undefined,
): ReadonlyMap<string, Attribute> {
  return new Map(
    messages.map((message) => [message.name ?? '', readAttribute(message, owner, readExternal)]),
  )
}

function readAttribute(
  message: Message<'Attribute'>,
  owner: string,
  readExternal: ReadExternal | undefined,
): Attribute {
  const { name = '', refAttrName, type } = message
  if (refAttrName !== undefined && refAttrName !== '')
    return { kind: 'reference', value: refAttrName }
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
  switch (type) {
    case ATTRIBUTE_TYPES.float:
      return { kind: 'float', value: message.f ?? 0 }
    case ATTRIBUTE_TYPES.int:
      return { kind: 'int', value: message.i ?? 0 }
    case ATTRIBUTE_TYPES.string:
      return { kind: 'string', value: text(message.s ?? new Uint8Array()) }
    case ATTRIBUTE_TYPES.floats:
      return { kind: 'floats', value: message.floats }
    case ATTRIBUTE_TYPES.ints:
      return { kind: 'ints', value: message.ints }
    case ATTRIBUTE_TYPES.strings:
      return { kind: 'strings', value: message.strings.map(text) }
    case ATTRIBUTE_TYPES.tensor:
      if (message.t === undefined) break
      return { kind: 'tensor', value: readTensor(message.t, readExternal) }
    case ATTRIBUTE_TYPES.graph:
      if (message.g === undefined) break
      return { kind: 'graph', value: readGraph(message.g, readExternal) }
  }
  throw new OnnxError(
    type !== undefined && type > 8 && type <= 14 ? 'unsupported' : 'malformed',
    `attribute ${name} of ${owner} has type ${type ?? 0}, which cannot be read`,
  )
}

function readRange(path: string, location: string, offset: number, length?: number): Uint8Array {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (cause) {
    throw new OnnxError(
      'weights',
      `the file of weights ${JSON.stringify(location)} cannot be read: ${(cause as Error).message}`,
      { cause },
    )
  }
  try {
    const { size } = fstatSync(file)
    const wanted = length ?? Math.max(0, size - offset)
    if (offset + wanted > size)
      throw new OnnxError(
        'weights',
        `the file of weights ${JSON.stringify(location)} is truncated: it has ${size} bytes, ${offset + wanted} are wanted`,
      )
    const bytes = new Uint8Array(wanted)
    for (let done = 0; done < wanted; ) {
      const count = readSync(file, bytes, done, wanted - done, offset + done)
      if (count === 0)
        throw new OnnxError('weights', `the file of weights ${JSON.stringify(location)} shrinks`)
      done += count
    }
    return bytes
  } finally {
    closeSync(file)
  }
}
