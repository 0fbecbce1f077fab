import type { InferenceSession, Tensor as RuntimeTensor } from 'onnxruntime-node'
import type { ElementType } from './elementTypes.ts'
import { KnownTensor } from './KnownTensor.ts'
import { OnnxError } from './OnnxError.ts'
import { halfToNumber } from './readTensor.ts'
import { clampInt64, numberToHalf } from './writeOnnx.ts'

/** A model in ONNX Runtime, an executor that is no part of RepOps: to compare with. */
export interface RuntimeModel {
  /** Runs the model; tensors by the names of inputs and outputs. */
  run(inputs: ReadonlyMap<string, KnownTensor>): Promise<Map<string, KnownTensor>>
  /** Makes inputs ready for runs whose results are not looked at: what a run itself takes. */
  repeat(inputs: ReadonlyMap<string, KnownTensor>): () => Promise<void>
  close(): Promise<void>
}

export interface RuntimeOptions {
  /** Threads it computes on; as many as the machine has cores by default. */
  readonly threads?: number
  /** Whether it may rewrite the graph; true by default. */
  readonly optimise?: boolean
}

/** Opens a model, by its bytes or its path, on the CPU. Throws an OnnxError where ONNX Runtime is not installed or refuses it. */
export async function openRuntime(
  model: Uint8Array | string,
  { threads, optimise = true }: RuntimeOptions = {},
): Promise<RuntimeModel> {
  const runtime = await load()
  const options: InferenceSession.SessionOptions = {
    executionProviders: ['cpu'],
    logSeverityLevel: 4,
    graphOptimizationLevel: optimise ? 'all' : 'disabled',
    ...(threads === undefined ? {} : { intraOpNumThreads: threads, interOpNumThreads: 1 }),
  }
  const session = await refusing(
    typeof model === 'string'
      ? runtime.InferenceSession.create(model, options)
      : runtime.InferenceSession.create(model, options),
  )
  const feedsOf = (inputs: ReadonlyMap<string, KnownTensor>): Record<string, RuntimeTensor> =>
    Object.fromEntries(
      [...inputs].map(([name, tensor]) => [name, toRuntime(runtime.Tensor, tensor)]),
    )
  return {
    repeat(inputs) {
      const feeds = feedsOf(inputs)
      return async () => {
        await refusing(session.run(feeds))
      }
    },
    async run(inputs) {
      const results = await refusing(session.run(feedsOf(inputs)))
      return new Map(
        Object.entries(results).map(([name, tensor]) => [name, fromRuntime(name, tensor)]),
      )
    },
    close: () => session.release(),
  }
}

async function load(): Promise<typeof import('onnxruntime-node')> {
  try {
    return await import('onnxruntime-node')
  } catch (cause) {
    throw new OnnxError(
      'runtime',
      'ONNX Runtime is not installed, and it is what is compared with: ONNXRUNTIME_NODE_INSTALL=skip npm install --no-save onnxruntime-node@1.30.0',
      { cause },
    )
  }
}

async function refusing<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise
  } catch (cause) {
    const message = (cause as Error).message.replaceAll(/\s+/g, ' ').trim()
    throw new OnnxError('runtime', `ONNX Runtime refuses the model: ${message}`, { cause })
  }
}

type RuntimeType = RuntimeTensor.Type

const NAMES: Readonly<Record<ElementType, RuntimeType>> = {
  float: 'float32',
  double: 'float64',
  float16: 'float16',
  bfloat16: 'uint16',
  uint8: 'uint8',
  int8: 'int8',
  uint16: 'uint16',
  int16: 'int16',
  uint32: 'uint32',
  int32: 'int32',
  uint64: 'uint64',
  int64: 'int64',
  bool: 'bool',
}

function toRuntime(
  make: typeof import('onnxruntime-node').Tensor,
  { type, dims, data }: KnownTensor,
): RuntimeTensor {
  switch (type) {
    case 'float':
      return new make('float32', Float32Array.from(data), dims)
    case 'float16':
      return new make('float16', Uint16Array.from(data, numberToHalf), dims)
    case 'int64':
      return new make('int64', BigInt64Array.from([...data].map(clampInt64)), dims)
    case 'int32':
      return new make('int32', Int32Array.from(data), dims)
    case 'bool':
      return new make('bool', Uint8Array.from(data), dims)
    case 'uint8':
      return new make('uint8', Uint8Array.from(data), dims)
    case 'int8':
      return new make('int8', Int8Array.from(data), dims)
    case 'double':
      return new make('float64', Float64Array.from(data), dims)
    default:
      throw new OnnxError('unsupported', `inputs of type ${type} cannot be given to ONNX Runtime`)
  }
}

function fromRuntime(name: string, { type, dims, data }: RuntimeTensor): KnownTensor {
  const known = Object.entries(NAMES).find(([, theirs]) => theirs === type)?.[0] as
    | ElementType
    | undefined
  if (known === undefined || type === 'string')
    throw new OnnxError(
      'unsupported',
      `output ${JSON.stringify(name)} has elements of type ${type}`,
    )
  const numbers = Float64Array.from(data as ArrayLike<number | bigint>, (value) => Number(value))
  const values =
    type === 'float32'
      ? Float32Array.from(numbers)
      : type === 'float16'
        ? Float32Array.from(numbers, halfToNumber)
        : numbers
  return new KnownTensor(known, dims, values, { name })
}
