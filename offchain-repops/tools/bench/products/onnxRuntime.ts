import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import type { InferenceSession, Tensor } from 'onnxruntime-node'
import type { Contender } from './contender.ts'
import type { Shape } from './shapes.ts'

/** ONNX Runtime on the CPU, or undefined where it is not installed. */
export async function onnxRuntime(threads: number): Promise<Contender | undefined> {
  let runtime: typeof import('onnxruntime-node')
  try {
    runtime = await import('onnxruntime-node')
  } catch {
    return undefined
  }
  const options: InferenceSession.SessionOptions = {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  }
  return {
    name: 'ONNX Runtime',
    async prepare(shape, x, y) {
      const { B, M, N, constant = false } = shape
      const session = await runtime.InferenceSession.create(model(shape, y), options)
      const [xDims, yDims] = dims(shape)
      const feeds: Record<string, Tensor> = { x: new runtime.Tensor('float32', x, xDims) }
      if (!constant) feeds.y = new runtime.Tensor('float32', y, yDims)
      const words = new Float32Array(B * M * N)
      const out = new runtime.Tensor('float32', words, B > 1 ? [B, M, N] : [M, N])
      return {
        async run(times) {
          const start = performance.now()
          for (let i = 0; i < times; i++) await session.run(feeds, { out })
          return (performance.now() - start) / times
        },
        result: () => words,
        close: () => session.release(),
      }
    },
  }
}

const FLOAT = 1
const OPSET = 17
const IR_VERSION = 8

function dims({ B, M, N, K, xTransposed, yTransposed }: Shape): [number[], number[]] {
  const batch = B > 1 ? [B] : []
  return [
    [...batch, ...(xTransposed ? [K, M] : [M, K])],
    [...batch, ...(yTransposed ? [K, N] : [N, K])],
  ]
}

/** One FusedMatMul, the operator into which ONNX Runtime makes a product of transposed operands (onnx.proto3, fields by number). */
function model(shape: Shape, y: Float32Array): Uint8Array {
  const { B, M, N, xTransposed = false, yTransposed = false, constant = false } = shape
  const [xDims, yDims] = dims(shape)
  const attribute = (name: string, value: boolean) =>
    message((w) => w.tag(1, VARLEN).string(name).tag(3, VARINT).int64(value ? 1 : 0).tag(20, VARINT).int32(2)) // prettier-ignore
  const node = message((w) =>
    w
      .tag(1, VARLEN).string('x').tag(1, VARLEN).string('y').tag(2, VARLEN).string('out')
      .tag(4, VARLEN).string('FusedMatMul').tag(7, VARLEN).string('com.microsoft')
      .tag(5, VARLEN).bytes(attribute('transA', xTransposed))
      .tag(5, VARLEN).bytes(attribute('transB', !yTransposed)),
  ) // prettier-ignore
  const initializer = () =>
    message((w) => {
      for (const dim of yDims) w.tag(1, VARINT).int64(dim)
      w.tag(2, VARINT).int32(FLOAT).tag(8, VARLEN).string('y')
      return w.tag(9, VARLEN).bytes(new Uint8Array(y.buffer, y.byteOffset, y.byteLength))
    })
  const graph = message((w) => {
    w.tag(1, VARLEN).bytes(node).tag(2, VARLEN).string('product')
    if (constant) w.tag(5, VARLEN).bytes(initializer())
    w.tag(11, VARLEN).bytes(port('x', xDims))
    if (!constant) w.tag(11, VARLEN).bytes(port('y', yDims))
    return w.tag(12, VARLEN).bytes(port('out', B > 1 ? [B, M, N] : [M, N]))
  })
  const opset = (domain: string, version: number) =>
    message((w) => w.tag(1, VARLEN).string(domain).tag(2, VARINT).int64(version))
  return message((w) =>
    w
      .tag(1, VARINT).int64(IR_VERSION).tag(7, VARLEN).bytes(graph)
      .tag(8, VARLEN).bytes(opset('', OPSET)).tag(8, VARLEN).bytes(opset('com.microsoft', 1)),
  ) // prettier-ignore
}

const VARINT = WireType.Varint
const VARLEN = WireType.LengthDelimited

const message = (write: (writer: BinaryWriter) => BinaryWriter): Uint8Array =>
  write(new BinaryWriter()).finish()

/** A ValueInfo: name, and its type with element type and dimensions. */
function port(name: string, dims: readonly number[]): Uint8Array {
  const shape = message((w) => {
    for (const dim of dims) w.tag(1, VARLEN).bytes(message((d) => d.tag(1, VARINT).int64(dim)))
    return w
  })
  const tensor = message((w) => w.tag(1, VARINT).int32(FLOAT).tag(2, VARLEN).bytes(shape))
  return message((w) =>
    w.tag(1, VARLEN).string(name).tag(2, VARLEN).bytes(message((t) => t.tag(1, VARLEN).bytes(tensor))),
  ) // prettier-ignore
}
