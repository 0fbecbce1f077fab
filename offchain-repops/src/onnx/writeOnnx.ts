import { ELEMENT_TYPES } from './elementTypes.ts'
import type { KnownTensor } from './KnownTensor.ts'
import type { Attribute, OnnxFunction, OnnxGraph, OnnxModel, OnnxNode, Port } from './OnnxModel.ts'
import { encodeMessage } from './protobuf.ts'
import { ATTRIBUTE_TYPES, type Draft } from './schema.ts'

/** IR version of the files that are written: the oldest that has everything written here. */
const IR_VERSION = 8

/** The bytes of a model, which `readOnnx` reads as the same model. */
export function writeOnnx(model: OnnxModel): Uint8Array {
  return encodeMessage('Model', {
    irVersion: IR_VERSION,
    producerName: model.producer,
    graph: graphDraft(model.graph),
    opsetImport: opsetDrafts(model.opsets),
    functions: [...model.functions].map(([key, it]) => functionDraft(key, it)),
  })
}

const opsetDrafts = (opsets: ReadonlyMap<string, number>): Draft<'OperatorSet'>[] =>
  [...opsets].map(([domain, version]) => ({ domain, version }))

function graphDraft(graph: OnnxGraph): Draft<'Graph'> {
  return {
    name: 'graph',
    node: graph.nodes.map(nodeDraft),
    initializer: [...graph.initialisers].map(([name, tensor]) => tensorDraft(tensor, name)),
    input: graph.inputs.map(portDraft),
    output: graph.outputs.map(portDraft),
  }
}

function functionDraft(key: string, it: OnnxFunction): Draft<'Function'> {
  const [domain, name] = key.split('::')
  return {
    domain,
    name,
    input: it.inputs,
    output: it.outputs,
    node: it.nodes.map(nodeDraft),
    opsetImport: opsetDrafts(it.opsets),
    attributeProto: [...it.defaults].map(attributeDraft),
  }
}

function portDraft({ name, type, dims }: Port): Draft<'ValueInfo'> {
  const shape = dims && {
    dim: dims.map((dim) =>
      typeof dim === 'string' ? { dimParam: dim } : dim === undefined ? {} : { dimValue: dim },
    ),
  }
  const tensorType = { elemType: ELEMENT_TYPES[type].code, ...(shape ? { shape } : {}) }
  return { name, type: { tensorType } }
}

function nodeDraft(node: OnnxNode): Draft<'Node'> {
  return {
    input: node.inputs,
    output: node.outputs,
    name: node.name,
    opType: node.op,
    domain: node.domain,
    attribute: [...node.attributes].map(attributeDraft),
  }
}

function attributeDraft([name, attribute]: readonly [string, Attribute]): Draft<'Attribute'> {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
  switch (attribute.kind) {
    case 'float':
      return { name, type: ATTRIBUTE_TYPES.float, f: attribute.value }
    case 'int':
      return { name, type: ATTRIBUTE_TYPES.int, i: attribute.value }
    case 'string':
      return { name, type: ATTRIBUTE_TYPES.string, s: bytes(attribute.value) }
    case 'floats':
      return { name, type: ATTRIBUTE_TYPES.floats, floats: attribute.value }
    case 'ints':
      return { name, type: ATTRIBUTE_TYPES.ints, ints: attribute.value }
    case 'strings':
      return { name, type: ATTRIBUTE_TYPES.strings, strings: attribute.value.map(bytes) }
    case 'tensor':
      return { name, type: ATTRIBUTE_TYPES.tensor, t: tensorDraft(attribute.value) }
    case 'graph':
      return { name, type: ATTRIBUTE_TYPES.graph, g: graphDraft(attribute.value) }
    case 'reference':
      return { name, refAttrName: attribute.value }
  }
}

/** A TensorProto with raw data. */
export function tensorDraft(tensor: KnownTensor, name = tensor.name): Draft<'Tensor'> {
  const { type, dims } = tensor
  return { name, dims, dataType: ELEMENT_TYPES[type].code, rawData: rawData(tensor) }
}

const INT64 = [-(2n ** 63n), 2n ** 63n - 1n] as const

function rawData({ type, data }: KnownTensor): Uint8Array {
  if (type === 'float' && data instanceof Float32Array)
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  const size = ELEMENT_TYPES[type].bytes
  const bytes = new Uint8Array(size * data.length)
  const view = new DataView(bytes.buffer)
  data.forEach((value, i) => {
    const at = i * size
    switch (type) {
      case 'float':
        view.setFloat32(at, value, true)
        break
      case 'double':
        view.setFloat64(at, value, true)
        break
      case 'float16':
        view.setUint16(at, numberToHalf(value), true)
        break
      case 'bfloat16':
        view.setUint16(at, new Uint32Array(Float32Array.of(value).buffer)[0] >>> 16, true)
        break
      case 'int64':
        view.setBigInt64(at, clampInt64(value), true)
        break
      case 'uint64':
        view.setBigUint64(at, BigInt(value), true)
        break
      default:
        for (let k = 0, rest = value; k < size; k++, rest = Math.floor(rest / 256))
          bytes[at + k] = rest
    }
  })
  return bytes
}

/** The extremes of int64 are kept as numbers just beyond it. */
export function clampInt64(value: number): bigint {
  const [least, most] = INT64
  const whole = BigInt(value)
  return whole > most ? most : whole < least ? least : whole
}

/** IEEE-754 binary16, to nearest, ties to even. */
export function numberToHalf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0
  const size = Math.abs(value)
  if (Number.isNaN(size)) return 0x7e00
  if (size >= 65520) return sign | 0x7c00
  // Below 2^-14 halves are subnormal and have the last bit of the smallest normal ones.
  let exponent = 1
  while (exponent < 30 && size >= 2 ** (exponent - 14)) exponent++
  return sign | (((exponent - 1) << 10) + roundTiesToEven(size / 2 ** (exponent - 25)))
}

function roundTiesToEven(x: number): number {
  const down = Math.floor(x)
  const rest = x - down
  return rest > 0.5 || (rest === 0.5 && down % 2 === 1) ? down + 1 : down
}
